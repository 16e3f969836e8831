"""Functions that a test hands to an answer: they run where the test runs, and only data goes there and comes back."""

import builtins
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType

from . import wire
from .codec import Callback, decode, encode

LARGEST = 1 << 30  # bytes of a result


class Callbacks:
    """The test's functions, as the answer to one request at a time sees them.

    found, keep: make of a reference an object here, and of an object here a reference.
    """

    def __init__(self, stream: socket.socket, found: Callable, keep: Callable):
        self.stream, self.found, self.keep = stream, found, keep
        self.request: int | None = None
        self.numbers: dict[Callable, int] = {}

    def function(self, reference: Callback) -> Callable:
        """A function that has the test's function called, as long as the request lasts that brought it."""
        request = self.request

        def of_the_test(*arguments, **keywords):
            if request != self.request or threading.current_thread() is not threading.main_thread():
                raise RuntimeError("a function of the test can be called only while the test waits, and in the main thread")
            return self._ask(reference.number, arguments, keywords)

        self.numbers[of_the_test] = reference.number
        return of_the_test

    def reference(self, thing) -> Callback | None:
        """The reference of a function that came from the test; None for anything else."""
        number = self.numbers.get(thing) if isinstance(thing, FunctionType) else None
        return None if number is None else Callback(number)

    @contextmanager
    def during(self, request: int) -> Iterator[None]:
        """Calls may be made while the answer to this request is worked out."""
        self.request = request
        try:
            yield
        finally:
            self.request = None
            self.numbers.clear()

    def _ask(self, number: int, arguments: tuple, keywords: dict):
        asked = encode({"function": number, "arguments": arguments, "keywords": keywords}, self.keep)
        with _interrupts_later():
            wire.send(self.stream, wire.ASK | self.request, asked)
            _, told = wire.receive(self.stream, LARGEST)
        told = decode(told, self.found)
        if "stop" in told:
            raise KeyboardInterrupt
        if "error" in told:
            raise getattr(builtins, told["error"])("the function that was handed in could not work with these arguments")
        return told["result"]


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """An interrupt that comes in this block counts at its end: half a message would make the stream unreadable."""
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
