"""Answers the grader's calls inside the kernel: looks up a name, calls it, and sends back what came.

It runs in the kernel's main thread, between cells, so that a call can be interrupted like a cell. A reply is a claim;
the grader treats it as one.
"""

import asyncio
import builtins
import contextlib
import io
import itertools
import os
import signal
import socket
import traceback

from . import wire
from .callbacks import Callbacks
from .codec import Callback, Handle, Malformed, decode, encode

ITEMS = 10_000
REQUEST = 1 << 30
TEXT = 400
INTERRUPTED = encode({"error": {"kinds": ["KeyboardInterrupt"], "place": None}})


class Agent:
    """Serves one socket from the kernel's event loop."""

    def __init__(self, stream: socket.socket, namespace: dict):
        self.stream, self.namespace = stream, namespace
        self.snapshots: dict[str, dict] = {}
        self.objects: dict[int, object] = {}
        self.numbers = itertools.count(1)
        self.callbacks = Callbacks(stream, self._found, self._keep)

    def start(self) -> None:
        """Listen for calls; the kernel's loop must be running or about to."""
        asyncio.get_event_loop().add_reader(self.stream.fileno(), self._serve)
        os.register_at_fork(after_in_child=self.stream.close)  # a copy that a cell forks must not answer as well

    def _serve(self) -> None:
        try:
            number, request = wire.receive(self.stream, REQUEST)
            with self.callbacks.during(number):
                reply = self._interruptible(request)
            wire.send(self.stream, number, reply)
        except (EOFError, OSError):
            raise SystemExit from None

    def _interruptible(self, request: bytes) -> bytes:
        """The reply. An interrupt counts while it is made, and neither before nor after."""
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            reply = self._reply(request)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return reply
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return INTERRUPTED

    def _reply(self, message: bytes) -> bytes:
        try:
            request = decode(message, self._found)
            with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()):
                return encode(getattr(self, f"_do_{request.pop('do')}")(**request), self._keep)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return encode({"error": _describe(error)})

    def _found(self, reference):
        if isinstance(reference, Callback):
            return self.callbacks.function(reference)
        if isinstance(reference, Handle):
            return self.objects[reference.number]
        names = self.snapshots.get(reference.at, self.namespace)
        if reference.name not in names:
            raise NameError(f"name {reference.name!r} is not defined")
        return names[reference.name]

    def _keep(self, thing) -> Handle | Callback:
        if callback := self.callbacks.reference(thing):
            return callback
        number = next(self.numbers)
        self.objects[number] = thing
        torch_module = any(kind.__name__ == "Module" and kind.__module__.startswith("torch") for kind in type(thing).__mro__)
        return Handle(number, type(thing).__name__, callable(thing), torch_module)

    def _do_snapshot(self, at: str, names: list) -> dict:
        self.snapshots[at] = {name: self.namespace[name] for name in names if name in self.namespace}
        return {"result": sorted(self.snapshots[at])}

    def _do_forget(self) -> dict:
        self.objects.clear()
        return {"result": None}

    def _do_call(self, target, arguments: tuple, keywords: dict) -> dict:
        before = encode((arguments, keywords), self._same)
        result = target(*arguments, **keywords)
        after = encode((arguments, keywords), self._same)
        reply = {"result": result}
        return reply if after == before else reply | {"arguments": (arguments, keywords)}

    def _do_work(self, name: str, arguments: tuple) -> dict:
        from attention_course.check.calls import WORK

        return {"result": WORK[name](*arguments)}

    def _do_get(self, target, name: str) -> dict:
        return {"result": getattr(target, name)}

    def _do_set(self, target, name: str, value) -> dict:
        setattr(target, name, value)
        return {"result": None}

    def _do_item(self, target, key) -> dict:
        return {"result": target[key]}

    def _do_length(self, target) -> dict:
        return {"result": len(target)}

    def _do_items(self, target) -> dict:
        return {"result": list(itertools.islice(target, ITEMS))}

    def _same(self, thing) -> Handle:
        """Objects among the arguments are told apart by identity; only data can be seen to change."""
        return Handle(id(thing), type(thing).__name__)


class _Nowhere(io.TextIOBase):
    """Takes what a call prints and keeps nothing of it."""

    def write(self, text: str) -> int:
        return len(text)


def _describe(error: BaseException) -> dict:
    """Which built-in exceptions it is, its text, and the innermost line of a cell that it went through."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    place = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith("cell "):
            place = [frame.f_code.co_filename, line]
    try:
        text = str(error)[:TEXT]
    except Exception:
        text = ""
    if "can't allocate memory" in text:  # PyTorch says so in a RuntimeError
        kinds.append("MemoryError")
    return {"kinds": kinds, "text": text, "place": place, "malformed": isinstance(error, Malformed)}
