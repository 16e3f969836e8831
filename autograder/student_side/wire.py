"""Whole messages over a stream socket: their length, the number of the request they belong to, then the message."""

import socket
import struct
import time

CHANNELS = ("shell", "iopub", "stdin", "control")  # of a kernel
MOMENT = 1.0
ASK = 1 << 63  # marks, beside a request's number, that its answer asks something in the meantime, and what it is told
_HEAD = struct.Struct("!QQ")


class TooLarge(Exception):
    """A message announced itself larger than the limit; it was not read."""


class Torn(TimeoutError):
    """The deadline was over in the middle of a message: the stream cannot be read any further."""


def send(stream: socket.socket, number: int, message: bytes, deadline: float | None = None) -> None:
    """Write one message; raises OSError when the other side is gone, TimeoutError when the deadline is over.

    deadline: in the seconds of `time.monotonic()`, for the whole message; None waits for ever.
    """
    stream.settimeout(_left(deadline))
    stream.sendall(_HEAD.pack(len(message), number))
    stream.settimeout(_left(deadline))
    stream.sendall(message)


def receive(stream: socket.socket, limit: int, deadline: float | None = None) -> tuple[int, bytearray]:
    """The number and the text of the next message, of at most `limit` bytes.

    Raises EOFError at the end of the stream, `TooLarge`, and TimeoutError when the deadline is over before a message begins.
    One that has begun by then has a moment more; raises `Torn` when that is over too.
    """
    _await(stream, deadline)
    deadline = None if deadline is None else max(deadline, time.monotonic() + MOMENT)
    try:
        length, number = _HEAD.unpack(_exactly(stream, _HEAD.size, deadline))
        if length > limit:
            raise TooLarge(f"{length} bytes")
        return number, _exactly(stream, length, deadline)
    except TimeoutError:
        raise Torn from None


def _await(stream: socket.socket, deadline: float | None) -> None:
    """Wait until there is something to read."""
    stream.settimeout(_left(deadline))
    stream.recv(1, socket.MSG_PEEK)


def _exactly(stream: socket.socket, count: int, deadline: float | None) -> bytearray:
    data = bytearray(count)
    rest = memoryview(data)
    while rest:
        stream.settimeout(_left(deadline))
        got = stream.recv_into(rest)
        if not got:
            raise EOFError
        rest = rest[got:]
    return data


def _left(deadline: float | None) -> float | None:
    """Seconds that are left, as a socket's timeout."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
