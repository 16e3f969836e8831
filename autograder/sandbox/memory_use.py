"""How much memory a process and its descendants use at most, seen from outside."""

import threading
from contextlib import suppress

import psutil

PERIOD = 0.01  # seconds between two looks: filling a gigabyte takes ten times as long


class MemoryUse:
    """Looks again and again until its block ends. `needed`: bytes beyond what was in use at its beginning."""

    def __init__(self, process: int):
        self.process = psutil.Process(process)
        self.over = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)

    @property
    def needed(self) -> int:
        return max(self.most - self.before, 0)

    def __enter__(self) -> "MemoryUse":
        self.before = self.most = self._in_use()
        self.watcher.start()
        return self

    def __exit__(self, *exception) -> None:
        self.most = max(self.most, self._in_use())
        self.over.set()
        self.watcher.join()

    def _watch(self) -> None:
        while not self.over.wait(PERIOD):
            self.most = max(self.most, self._in_use())

    def _in_use(self) -> int:
        total = 0
        with suppress(psutil.Error):
            for process in (self.process, *self.process.children(recursive=True)):
                with suppress(psutil.Error):  # it has ended meanwhile
                    total += process.memory_info().rss
        return total
