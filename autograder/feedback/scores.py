"""Where a submission stands: the grader's verdicts, and what people have added to them."""

from dataclasses import dataclass, field
from functools import cached_property

from autograder.due import lateness
from autograder.records import UNGRADED, Record, TestResult

BY_HAND, LOOK_AGAIN = "by hand", "look again"
REASONS = {
    "timeout": "it took too long",
    "memory": "it used too much memory",
    "crash": "its process ended",
    "malformed": "it could not be read",
    "fault": "the grader failed, not the answer",
}


@dataclass
class Scores:
    """What the gradebook adds to a record; all by the name of a graded cell.

    manual: points given by hand, in place of the grader's own; extra: extra credit, on top of either.
    comments: what a person wrote; late_penalty: points taken off the sum, 0 or more; seconds_late: after it was due.
    to_review: hand grades that were given to an earlier version of the work.
    """

    manual: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0
    seconds_late: float = 0.0
    to_review: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Verdict:
    """What a test or a written answer earns.

    points: None while a person must decide; extra credit is not in it.
    outcome: one of the record's, or BY_HAND, or LOOK_AGAIN for a hand grade that a person must confirm.
    """

    result: TestResult
    points: float | None
    outcome: str
    extra: float = 0.0

    @property
    def reason(self) -> str:
        """Why it could not be graded, in words that go on from "because"."""
        return REASONS.get(self.result.reason, self.result.reason or "no reason is known")


class Standing:
    """The verdicts of a record with hand grades in them, and their sum."""

    def __init__(self, record: Record, scores: Scores | None = None):
        self.record, self.scores = record, scores or Scores()

    @cached_property
    def verdicts(self) -> list[Verdict]:
        return [self._verdict(result) for result in self.record.tests]

    def _verdict(self, result: TestResult) -> Verdict:
        name, given = result.name, self.scores.manual.get(result.name)
        extra = self.scores.extra.get(name, 0.0)
        if given is None:
            return Verdict(result, result.points, result.outcome, extra)
        if name in self.scores.to_review:
            return Verdict(result, None, LOOK_AGAIN, extra)
        return Verdict(result, given, BY_HAND, extra)

    @property
    def exercises(self) -> dict[str, list[Verdict]]:
        """The verdicts by exercise, in the lesson's order."""
        groups: dict[str, list[Verdict]] = {}
        for verdict in self.verdicts:
            groups.setdefault(verdict.result.exercise, []).append(verdict)
        return groups

    @property
    def ungraded(self) -> list[Verdict]:
        """Those that could not be judged, and that nobody has graded by hand since."""
        return [verdict for verdict in self.verdicts if verdict.outcome == UNGRADED]

    @property
    def waiting(self) -> list[Verdict]:
        """Those that a person has to grade, or to look at again."""
        return [verdict for verdict in self.verdicts if verdict.points is None and verdict.outcome != UNGRADED]

    @property
    def decided(self) -> list[Verdict]:
        """Those whose points are certain."""
        return [verdict for verdict in self.verdicts if verdict.points is not None]

    @property
    def finished(self) -> bool:
        """Whether every point has been decided."""
        return bool(self.verdicts) and len(self.decided) == len(self.verdicts)

    @property
    def earned(self) -> float:
        """The points that are certain, extra credit among them, before anything is taken off for lateness."""
        return sum((verdict.points or 0.0) + verdict.extra for verdict in self.verdicts)

    @property
    def points_so_far(self) -> float:
        return max(0.0, self.earned - self.scores.late_penalty)

    @property
    def points(self) -> float | None:
        """The grade, or None as long as it is not `finished`."""
        return self.points_so_far if self.finished else None

    @property
    def lateness(self) -> str:
        """How late the work came, in words, where that costs points; "late" where only the cost is known."""
        if not self.scores.late_penalty:
            return ""
        return f"{lateness(self.scores.seconds_late)} late" if self.scores.seconds_late else "late"

    @property
    def hand_grades(self) -> int:
        """How many points were given by a person."""
        return sum(verdict.outcome == BY_HAND for verdict in self.verdicts)
