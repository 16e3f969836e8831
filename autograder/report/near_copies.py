"""Pairs of answers that are near copies: something to look at, not a verdict.

An answer is compared by what is left when names, constants, docstrings and comments are taken away (`normal_form`).
Every PASSAGE consecutive parts of that form are a passage, and of every WINDOW consecutive passages one is kept as a
fingerprint (winnowing: Schleimer, Wilkerson and Aiken, 2003), so that two answers that have PASSAGE + WINDOW - 1
consecutive parts in common always have a fingerprint in common. What counts for nothing:

- a passage that the release gives;
- a passage in more than a tenth of the answers to the exercise, if that is more than FEW, or in more than MANY;
- an answer with fewer than SHORTEST fingerprints left: two right answers of that length may well be alike. It takes
  about ten lines to have as many.

Answers in text are not compared. Answers are found by their fingerprints and never compared all with all.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations

from autograder.records import Record
from autograder.report.normal_form import normal_form
from autograder.report.released import released_code

PASSAGE, WINDOW = 12, 6
SHORTEST = 12
ALIKE = 0.8  # of the shorter answer's fingerprints
FEW, MANY = 5, 30
KEPT = 1_000  # fingerprints of one answer; of a longer one the smallest, which are the same ones in every copy


@dataclass(frozen=True)
class NearCopy:
    """Answers to one exercise that are alike. first, second: students; those on one side leave the very same fingerprints.

    second: () where all leave the same; share: of the shorter answer that is in the other; common: their fingerprints.
    """

    exercise: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    share: float
    common: int


@dataclass
class NearCopies:
    """The answers to a lesson's exercises, by what they look like. released: looks up the code that the release gives."""

    released: Callable[[str], Iterable[str]] = released_code
    _given: set[bytes] | None = None
    _answers: dict[str, dict[frozenset[bytes], list[str]]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take a record's answers; records of one lesson only."""
        if self._given is None:
            self._given = {passage for code in self.released(record.lesson) for passage in _passages(normal_form(code))}
        for cell in record.cells:
            if cell.role == "solution" and cell.kind == "code":
                marks = frozenset(sorted(fingerprints(cell.source) - self._given)[:KEPT])
                if len(marks) >= SHORTEST:
                    self._answers.setdefault(cell.grade_id, {}).setdefault(marks, []).append(record.student)

    def found(self) -> list[NearCopy]:
        """The near copies, those with most in common first."""
        pairs = [pair for exercise, answers in self._answers.items() for pair in _alike(exercise, answers)]
        return sorted(pairs, key=lambda pair: (-pair.common, -pair.share, pair.exercise, pair.first, pair.second))


@lru_cache(maxsize=256)
def fingerprints(code: str) -> frozenset[bytes]:
    """The smallest of every WINDOW consecutive passages."""
    passages = _passages(normal_form(code))
    starts = range(max(1, len(passages) - WINDOW + 1)) if passages else ()
    return frozenset(min(passages[start : start + WINDOW]) for start in starts)


def _passages(form: tuple[str, ...]) -> list[bytes]:
    """A digest of every PASSAGE consecutive parts, the same in every run."""
    texts = ("\0".join(form[start : start + PASSAGE]) for start in range(len(form) - PASSAGE + 1))
    return [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]


def _alike(exercise: str, answers: dict[frozenset[bytes], list[str]]) -> Iterator[NearCopy]:
    holders = defaultdict(list)
    for marks in answers:
        for mark in marks:
            holders[mark].append(marks)
    most = min(max(FEW, len(answers) // 10), MANY)
    rare = {mark: found for mark, found in holders.items() if len(found) <= most}
    left = {marks: sum(mark in rare for mark in marks) for marks in answers}
    for marks, students in answers.items():
        if len(students) > 1 and left[marks] >= SHORTEST:
            yield NearCopy(exercise, tuple(sorted(students)), (), 1.0, left[marks])
    common = Counter(pair for found in rare.values() for pair in combinations(found, 2))
    for (one, other), count in common.items():
        shorter = min(left[one], left[other])
        if shorter >= SHORTEST and count >= ALIKE * shorter:
            sides = sorted([tuple(sorted(answers[one])), tuple(sorted(answers[other]))])
            yield NearCopy(exercise, *sides, count / shorter, count)
