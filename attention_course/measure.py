"""What a call costs: its time, and the memory it needs."""

import ctypes
import gc
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

MB = 1e6
M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1  # the numbers of these settings in glibc's malloc.h
PERIOD = 0.002  # seconds between two looks, where the system does not keep the highest number itself
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def seconds(function, /, *arguments, repeat: int = 3, **keywords) -> float:
    """Seconds that the fastest of some calls takes; other programs on the machine can only make a call slower.

    repeat: how many calls. Work on a GPU is waited for.
    """
    best = float("inf")
    for _ in range(repeat):
        _wait_for_gpu()
        start = time.perf_counter()
        function(*arguments, **keywords)
        _wait_for_gpu()
        best = min(best, time.perf_counter() - start)
    return best


def peak_memory(function, /, *arguments, **keywords) -> float:
    """Megabytes (10⁶ bytes) of main memory that a call needs at most, beyond what was in use before it.

    Linux keeps the highest number itself; elsewhere psutil looks every two milliseconds.
    """
    return watched(function, *arguments, **keywords)[1]


def watched(function, /, *arguments, **keywords) -> tuple:
    """The call's result, and what `peak_memory` returns."""
    if _reset():
        take_alone(True)
        try:
            give_back()
            before = _status("VmRSS:")
            _reset()
            result = function(*arguments, **keywords)
            return result, max(_status("VmHWM:") - before, 0) / MB
        finally:
            take_alone(False)
    give_back()
    with _Watch() as watch:
        result = function(*arguments, **keywords)
    return result, max(watch.most - watch.before, 0) / MB


class _Watch(threading.Thread):
    """Looks again and again how much memory the process has, until the block ends."""

    def __init__(self):
        super().__init__(daemon=True)
        import psutil

        self.process, self.over = psutil.Process(), threading.Event()
        self.before = self.most = self._now()

    def _now(self) -> int:
        return self.process.memory_info().rss

    def run(self):
        while not self.over.wait(PERIOD):
            self.most = max(self.most, self._now())

    def __enter__(self) -> "_Watch":
        self.start()
        return self

    def __exit__(self, *exception) -> None:
        self.most = max(self.most, self._now())
        self.over.set()
        self.join()


def _reset() -> bool:
    """Have the system forget how much memory was the most so far; False where it cannot."""
    try:
        RESET.write_text("5")
    except OSError:
        return False
    return True


def _status(field: str) -> int:
    """Bytes in a line of the process's status."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def take_alone(each: bool) -> None:
    """Whether the C library takes each array of 64 KB or more from the system by itself (glibc; elsewhere nothing is done).

    Such an array is returned when it is freed, and fills no gap that others have left. If not, it is left with what it comes to
    by itself once large arrays have been freed.
    """
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, 64 << 10 if each else 32 << 20)
        library.mallopt(M_TRIM_THRESHOLD, 128 << 10 if each else 64 << 20)


def give_back() -> None:
    """Return to the system what Python and the C library keep for later, so that its use again is seen."""
    gc.collect()
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _wait_for_gpu() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.synchronize()
