"""An end to what the grader itself does with a result: a test may count up to a number that a student's code made up."""

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OutOfPatience(BaseException):
    """The time was over. It is no `Exception`, so that a test's own `except` does not swallow it."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise `OutOfPatience` in this block after so many seconds.

    In a main thread, by a signal; in others, such as those of Dask's workers, before Python's next step.
    """
    with _by_signal(seconds) if _can_have_signals() else _from_a_thread(seconds):
        yield


def _can_have_signals() -> bool:
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


@contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    previous = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _stop(signum, frame):
    raise OutOfPatience


@contextmanager
def _from_a_thread(seconds: float) -> Iterator[None]:
    here, lock, over = threading.get_ident(), threading.Lock(), False

    def stop():
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(here), ctypes.py_object(OutOfPatience))

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()
