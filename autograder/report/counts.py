"""What a report counts. Nothing in it grows with the class but the set of names of those who handed in."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

from autograder.feedback.scores import Standing
from autograder.records import FAILED

MOST = 1_000  # different texts that a counter keeps; what comes after is counted together
LISTED = 100  # students that are named for one thing
OTHER = "something else"
SECONDS = (1, 2, 5, 10, 20, 60, 120)  # where one bar of the times ends and the next begins
ALIKE = [  # messages that say the same of different notebooks, and the words for it
    (re.compile(r"This does not hold: (.*?)\.?$"), "{}"),
    (re.compile(r"(?:`.*` has no answer yet|There is no answer)\b"), "there is no answer"),
    (re.compile(r"`.*` is not defined\b"), "its name is not defined"),
    (re.compile(r"It raised ([A-Za-z_]\w{0,39})\b"), "it raised {}"),
    (re.compile(r"The result is not what the test can use\b"), "the result is not what the test can use"),
]
PLACES = re.compile(r"\d+")


def property_missed(message: str) -> str:
    """What a failed test's message says was missed: the property in words, or the kind of failure."""
    first = message.partition("\n")[0].strip() or "no message"
    for pattern, words in ALIKE:
        found = pattern.match(first)
        if found:
            return words.format(*found.groups())[:300]
    return first[:120]


@dataclass
class ExerciseCounts:
    """How many had an exercise in full, in part, not at all, or not yet decided; and the mean of those decided."""

    max_points: float = 0.0
    full: int = 0
    part: int = 0
    none: int = 0
    open: int = 0
    points: float = 0.0

    def add(self, verdicts: list) -> None:
        self.max_points = sum(verdict.result.max_points for verdict in verdicts)
        if any(verdict.points is None for verdict in verdicts):
            self.open += 1
            return
        points = sum(verdict.points for verdict in verdicts)
        self.points += points
        if points >= self.max_points:
            self.full += 1
        elif points > 0:
            self.part += 1
        else:
            self.none += 1

    @property
    def decided(self) -> int:
        return self.full + self.part + self.none

    @property
    def mean(self) -> float | None:
        return self.points / self.decided if self.decided else None


@dataclass
class LessonCounts:
    """What is counted of one lesson's records."""

    name: str
    title: str = ""
    students: set[str] = field(default_factory=set)
    finished: int = 0
    points: float = 0.0
    max_points: float = 0.0
    tenths: Counter = field(default_factory=Counter)  # of the points that can be had, for those finished
    exercises: dict[str, ExerciseCounts] = field(default_factory=dict)
    missed: Counter = field(default_factory=Counter)  # students by (exercise, property)
    times: Counter = field(default_factory=Counter)  # notebooks by place in SECONDS
    seconds: float = 0.0
    longest: tuple[float, str] = (0.0, "")
    by_hand: int = 0
    ungraded: int = 0
    reasons: Counter = field(default_factory=Counter)
    ungraded_list: list[tuple[str, str]] = field(default_factory=list)
    repaired: int = 0  # notebooks with a repair or a note
    repairs: Counter = field(default_factory=Counter)  # notebooks by repair or note
    sandboxes: Counter = field(default_factory=Counter)

    def add(self, standing: Standing) -> None:
        record = standing.record
        self.title = record.title or self.title
        self.students.add(record.student)
        self.sandboxes[record.sandbox] += 1
        self._add_points(standing)
        for name, verdicts in standing.exercises.items():
            self.exercises.setdefault(name, ExerciseCounts()).add(verdicts)
        for key in {_missed(verdict) for verdict in standing.verdicts if verdict.outcome == FAILED}:
            _count(self.missed, key, ("", OTHER))
        self.times[bisect_right(SECONDS, record.seconds)] += 1
        self.seconds += record.seconds
        self.longest = max(self.longest, (record.seconds, record.student))
        self._add_ungraded(standing)
        remarks = record.remarks
        self.repaired += bool(remarks)
        for text in {PLACES.sub("N", remark)[:300] for remark in remarks}:
            _count(self.repairs, text, OTHER)

    def _add_points(self, standing: Standing) -> None:
        self.max_points = max(self.max_points, standing.record.max_points)
        self.by_hand += bool(standing.waiting)
        if standing.finished:
            self.finished += 1
            self.points += standing.points
            share = standing.points / standing.record.max_points if standing.record.max_points else 0.0
            self.tenths[min(int(10 * share + 1e-9), 10)] += 1

    def _add_ungraded(self, standing: Standing) -> None:
        verdicts = standing.ungraded
        if not verdicts:
            return
        self.ungraded += 1
        for reason in {verdict.reason for verdict in verdicts}:
            self.reasons[reason] += 1
        if len(self.ungraded_list) < LISTED:
            whole = standing.record.error or f"{', '.join(f'`{verdict.result.name}`: {verdict.reason}' for verdict in verdicts)}."
            self.ungraded_list.append((standing.record.student, whole[:300]))

    @property
    def handed_in(self) -> int:
        return len(self.students)

    @property
    def mean(self) -> float | None:
        return self.points / self.finished if self.finished else None


def _missed(verdict) -> tuple[str, str]:
    return verdict.result.exercise, property_missed(verdict.result.message)


def _count(counter: Counter, key, other) -> None:
    """Count a text; a class that brings ever new ones fills no memory with them."""
    counter[key if key in counter or len(counter) < MOST else other] += 1
