"""How much memory a process and its descendants use at most, seen from outside."""

import threading
from contextlib import suppress
from pathlib import Path

import psutil

OFTEN, SELDOM = 0.001, 0.02  # seconds between two looks, where memory is looked at, and where only new processes are


class MemoryUse:
    """`needed`: bytes beyond what was in use when the block began.

    Where the system lets us (Linux, as root), it keeps the highest number itself, and nothing is too short to be seen. Elsewhere
    it is looked at a thousand times a second: filling ten megabytes takes longer than that.
    """

    def __init__(self, process: int):
        self.process, self.over = psutil.Process(process), threading.Event()
        self.before: dict[int, int] = {}
        self.most: dict[int, int] = {}

    @property
    def needed(self) -> int:
        forked_from = max(self.before.values(), default=0)  # what a process that was forked meanwhile shares with its parent
        return sum(max(most - self.before.get(process, forked_from), 0) for process, most in self.most.items())

    def __enter__(self) -> "MemoryUse":
        there = self._processes()
        self.exact = all(_forget_highest(process) for process in there)
        self.before = {process: _in_use(process) for process in there}
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        return self

    def __exit__(self, *exception) -> None:
        self.over.set()
        self.watcher.join()
        self._look(self._processes())

    def _watch(self) -> None:
        looks, there = 0, list(self.before)
        while not self.over.wait(SELDOM if self.exact else OFTEN):
            if self.exact or looks % 20 == 0:
                there = self._processes()
            self._look(there)
            looks += 1

    def _look(self, processes: list[int]) -> None:
        for process in processes:
            found = _highest(process) if self.exact else _in_use(process)
            self.most[process] = max(self.most.get(process, 0), found)

    def _processes(self) -> list[int]:
        with suppress(psutil.Error):
            return [self.process.pid, *(process.pid for process in self.process.children(recursive=True))]
        return []


def _forget_highest(process: int) -> bool:
    try:
        Path(f"/proc/{process}/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def _highest(process: int) -> int:
    with suppress(OSError, StopIteration):  # it has ended meanwhile
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    return 0


def _in_use(process: int) -> int:
    with suppress(psutil.Error):
        return psutil.Process(process).memory_info().rss
    return 0
