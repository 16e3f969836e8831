"""Between a kernel's channels and the grader's: passes on what comes, but no message that does not end.

ZeroMQ limits the size of a message's parts and not their number, and keeps them until the last has come. A student's code can
write to the kernel's sockets itself, and would fill the grader's memory.
"""

import os
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

from autograder.sandbox.limits import MB

LARGEST = 16 * MB  # bytes of one message, all its parts together
PARTS = 100
CHUNK = 1 << 16
SIGNATURE, GREETING = 11, 64  # bytes: the beginning of ZeroMQ's greeting that tells its version, and the whole
MORE, LONG, COMMAND = 1, 2, 4  # flags of a part


class Endless(Exception):
    """A message is larger, or has more parts, than one that ends; or it is no message."""


class Meter:
    """Measures the messages in a stream of ZeroMQ's protocol, version 3: a greeting, then parts with flags and a length."""

    def __init__(self):
        self.head, self.awaited = bytearray(), SIGNATURE
        self.rest = 0  # bytes that are still to come of what the head announced
        self.greeted = False
        self.size = self.parts = 0

    def take(self, data: memoryview) -> None:
        """Read on; raises `Endless`."""
        place = 0
        while place < len(data):
            if self.rest:
                step = min(self.rest, len(data) - place)
                self.rest -= step
            else:
                step = min(self.awaited - len(self.head), len(data) - place)
                self.head += data[place : place + step]
                if len(self.head) == self.awaited:
                    self._read_head()
            place += step

    def _read_head(self) -> None:
        if not self.greeted:
            if self.head[0] != 0xFF or self.head[9] != 0x7F or self.head[10] < 3:
                raise Endless
            self.greeted, self.rest = True, GREETING - SIGNATURE
        else:
            flags = self.head[0]
            if flags & LONG and self.awaited == 2:
                self.awaited = 9
                return
            self._count(flags, int.from_bytes(self.head[1:], "big"))
        self.head.clear()
        self.awaited = 2

    def _count(self, flags: int, length: int) -> None:
        self.rest = length
        self.size, self.parts = self.size + length, self.parts + 1
        if flags > 7 or self.size > LARGEST or self.parts > PARTS:
            raise Endless
        if not flags & (MORE | COMMAND):
            self.size = self.parts = 0


class _Stream:
    """One direction of a connection: what was read from `source` and not yet written to `sink`."""

    def __init__(self, source: socket.socket, sink: socket.socket, meter: Meter | None):
        self.source, self.sink, self.meter = source, sink, meter
        self.waiting = memoryview(b"")

    def move(self) -> None:
        """Take what there is and pass it on; raises `Endless`, and EOFError at the end."""
        with suppress(BlockingIOError):
            if not self.waiting:
                self.waiting = memoryview(self.source.recv(CHUNK))
                if not self.waiting:
                    raise EOFError
                if self.meter:
                    self.meter.take(self.waiting)
            while self.waiting:
                self.waiting = self.waiting[self.sink.send(self.waiting) :]


class Relay(threading.Thread):
    """Serves listening sockets: whoever connects to one is connected to the socket at the path that belongs to it.

    endless: whether a message was cut off. Then nothing is passed on any more.
    """

    def __init__(self, channels: dict[socket.socket, str]):
        super().__init__(daemon=True)
        self.channels, self.endless = channels, False
        self.over, self.end = os.pipe()
        self.streams: dict[socket.socket, tuple[_Stream, _Stream]] = {}  # by each of a connection's two ends

    def close(self) -> None:
        """Hang up and wait until the thread has ended."""
        os.close(self.end)
        if self.is_alive():
            self.join()
        os.close(self.over)

    def run(self) -> None:
        with selectors.DefaultSelector() as selector:
            self.selector = selector
            for listener in (*self.channels, self.over):
                selector.register(listener, selectors.EVENT_READ)
            for ready in self._ready():
                self._connect(ready) if ready in self.channels else self._move(ready)
            for end in (*self.channels, *self.streams):
                end.close()

    def _ready(self) -> Iterator[socket.socket]:
        while not self.endless:
            for key, _ in self.selector.select():
                if key.fileobj == self.over:
                    return
                if key.fileobj in self.channels or key.fileobj in self.streams:
                    yield key.fileobj

    def _connect(self, listener: socket.socket) -> None:
        near, _ = listener.accept()
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            far.connect(self.channels[listener])
        except OSError:
            near.close()
            far.close()
            return
        streams = _Stream(near, far, None), _Stream(far, near, Meter())
        for end in (near, far):
            end.setblocking(False)
            self.streams[end] = streams
            self.selector.register(end, selectors.EVENT_READ)

    def _move(self, end: socket.socket) -> None:
        streams = self.streams[end]
        try:
            for stream in streams:
                stream.move()
        except Endless:
            self.endless = True
        except (EOFError, OSError):
            for stream in streams:
                del self.streams[stream.source]
                self._want(stream.source, 0)
                stream.source.close()
        else:
            for out, back in (streams, streams[::-1]):
                reads = 0 if out.waiting else selectors.EVENT_READ
                self._want(out.source, reads | (selectors.EVENT_WRITE if back.waiting else 0))

    def _want(self, end: socket.socket, events: int) -> None:
        known = end in self.selector.get_map()
        if events and known:
            self.selector.modify(end, events)
        elif events:
            self.selector.register(end, events)
        elif known:
            self.selector.unregister(end)
