"""User ids for submissions: where the grader runs as root, each submission gets one that belongs to nobody."""

import itertools
import os
from pathlib import Path

MAP = Path("/proc/self/uid_map")
FIRST, MANY = 1_900_000_000, 1000  # from here on systemd's table of ids has nobody, up to 2 ** 31
_COUNTER = itertools.count()


def many() -> bool:
    """Whether there are ids to give away: a container that an ordinary user has started may have one alone."""
    return sum(count for _, _, count in _mapped()) > 10 * MANY


def open_to_all(places: list[str]) -> bool:
    """Whether every user may read these files and folders, and get there."""
    for place in map(Path, places):
        real = place.resolve()
        if any(parent.stat().st_mode & 0o001 == 0 for parent in real.parents) or real.stat().st_mode & 0o004 == 0:
            return False
    return True


def fresh_user() -> int:
    """An id that none of this grader's last submissions had, nor any that is being graded beside it."""
    first = FIRST + os.getpid() % 100_000 * MANY
    if any(start <= first and first + MANY <= start + count for start, _, count in _mapped()):
        return first + next(_COUNTER) % MANY
    # in a container with few ids of its own, those at the upper end, below "nobody"
    start, _, count = max(_mapped(), key=lambda line: line[0] + line[2])
    return start + count - 10 - (os.getpid() * 53 + next(_COUNTER)) % min(count // 2, 20 * MANY)


def _mapped() -> list[tuple[int, ...]]:
    """The ranges of ids that exist here: the first, what it is outside, how many."""
    return [tuple(int(number) for number in line.split()) for line in MAP.read_text().splitlines()]
