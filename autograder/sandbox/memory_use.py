"""How much memory a process and its descendants use at most, seen from outside."""

import re
import threading
from contextlib import suppress
from pathlib import Path

import psutil

USUAL = 6_500_000  # bytes in use before that any call touches: Python's own objects, the libraries' state
OFTEN, SELDOM = 0.001, 0.005  # seconds between two looks, where memory is looked at, and where only new processes are

PAGES_TOUCHED, HIGHEST_USE = "1", "5"  # what the kernel's `clear_refs` makes it forget
ENTRY = re.compile(r"^[0-9a-f]+-[0-9a-f]+ (\S{4}) \S+ \S+ (\d+).*\n((?:\w+:.*\n)+)", re.MULTILINE)  # of /proc/*/smaps
FIELD = re.compile(r"^(Referenced|Anonymous): +(\d+) kB", re.MULTILINE)


class MemoryUse:
    """`needed`: bytes beyond what was in use when the block began, and of that what is used again, beyond what any call uses.

    Where the system lets us (Linux, as root), it keeps the highest number itself, nothing is too short to be seen, and it marks
    each page that is touched, so that memory taken beforehand counts, if it is used or given back to make room. Elsewhere,
    it is looked at a thousand times a second: filling ten megabytes takes longer than that; what was taken beforehand is not
    seen. At processes that begin meanwhile it looks two hundred times a second.
    """

    def __init__(self, process: int):
        self.process, self.over = process, threading.Event()
        self.before: dict[int, int] = {}
        self.most: dict[int, int] = {}
        self.used_again = 0
        self.exact = all(_forget_highest(process) for process in self._processes())

    @property
    def needed(self) -> int:
        new = sum(max(most - self.before.get(process, 0), 0) for process, most in self.most.items())
        return new + max(self.used_again - USUAL, 0)

    def __enter__(self) -> "MemoryUse":
        there = self._processes()
        self.before = {process: _in_use(process) for process in there}
        if self.exact:
            for process in there:
                _forget(process, PAGES_TOUCHED)
                _forget_highest(process)
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()
        return self

    def __exit__(self, *exception) -> None:
        self.over.set()
        self.watcher.join()
        there = self._processes()
        self._look(there)
        if self.exact:
            old = [process for process in there if process in self.before]
            grown = sum(_in_use(process) - self.before[process] for process in old)  # below 0 where room was made
            self.used_again = sum(map(_touched, old)) - grown

    def _watch(self) -> None:
        looks, there = 0, list(self.before)
        while not self.over.wait(SELDOM if self.exact else OFTEN):
            if self.exact or looks % 20 == 0:
                there = self._processes()
            self._look([process for process in there if not (self.exact and process in self.before)])
            looks += 1

    def _look(self, processes: list[int]) -> None:
        for process in processes:
            if process not in self.before:
                found = _field(process, "smaps_rollup", "Private_Dirty:")  # not what it shares with the one it was forked from
            else:
                found = _field(process, "status", "VmHWM:") if self.exact else _in_use(process)
            self.most[process] = max(self.most.get(process, 0), found)

    def _processes(self) -> list[int]:
        there = [self.process]
        for process in there:
            there += _children(process)
        return there


def _children(process: int) -> list[int]:
    with suppress(OSError, psutil.Error):  # it has ended meanwhile
        lists = list(Path(f"/proc/{process}/task").glob("*/children"))
        if lists:
            return [int(child) for one in lists for child in one.read_text().split()]
        return [child.pid for child in psutil.Process(process).children()]  # not every kernel has such lists
    return []


def _forget_highest(process: int) -> bool:
    return _forget(process, HIGHEST_USE)


def _forget(process: int, what: str) -> bool:
    try:
        Path(f"/proc/{process}/clear_refs").write_text(what)
    except OSError:
        return False
    return True


def _touched(process: int) -> int:
    """Bytes of a process's own memory that were read or written since its pages' marks were taken away."""
    with suppress(OSError):  # it has ended meanwhile
        return sum(_own_bytes(entry) for entry in ENTRY.findall(Path(f"/proc/{process}/smaps").read_text()))
    return 0


def _own_bytes(entry: tuple[str, ...]) -> int:
    """Touched bytes of one mapping; of a private one of a file, such as a library, what was written into at least once."""
    permissions, inode, fields = entry
    size = dict(FIELD.findall(fields))
    of_a_library = inode != "0" and permissions.endswith("p")
    return 1024 * min(int(size["Referenced"]), int(size["Anonymous"]) if of_a_library else 1 << 62)


def _field(process: int, file: str, name: str) -> int:
    """Bytes that a file of a process in /proc gives under a name."""
    with suppress(OSError, StopIteration):  # it has ended meanwhile
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024
    return 0


def _in_use(process: int) -> int:
    with suppress(psutil.Error):
        return psutil.Process(process).memory_info().rss
    return 0
