"""What is kept of a graded submission. Feedback, reports and exports read this and nothing else.

A record is plain data and goes through JSON unchanged.
"""

import json
from dataclasses import dataclass, field
from sys import intern

SAME = ("name", "exercise", "outcome", "reason")  # what a test's results have in common: kept once for a whole class
PASSED, FAILED, UNGRADED, MANUAL = "passed", "failed", "ungraded", "manual"


@dataclass(slots=True)
class TestResult:
    """The verdict on one test cell or one written answer.

    points: None where a person must decide: an answer graded by hand, or a test that could not be judged.
    reason: why a test is ungraded: timeout, memory, crash, malformed or fault (the grader's own); "" otherwise.
    """

    __test__ = False  # it is no test of pytest's

    name: str
    exercise: str
    points: float | None
    max_points: float
    outcome: str
    message: str = ""
    reason: str = ""


@dataclass(slots=True)
class Cell:
    """One cell as handed in, and what it showed when it was run.

    role: "solution", "test", "manual" or "" (everything else); output: plain text; error: one line, if it ended in one.
    """

    source: str
    kind: str
    grade_id: str = ""
    role: str = ""
    output: str = ""
    error: str = ""


@dataclass
class Record:
    """A graded submission.

    key: what the grade depends on (the cells, the lesson, the seeds, the sandbox), as a digest.
    key_id: which class secret the tests' random numbers came from.
    sandbox: "bubblewrap", "container" or "none".
    repairs: what had to be mended in the notebook; notes: what happened when it was run, both in sentences for the student.
    error: why the notebook could not be graded at all, in one sentence; then every test is ungraded.
    """

    lesson: str
    title: str = ""
    student: str = ""
    notebook: str = ""
    key: str = ""
    key_id: str = ""
    sandbox: str = "bubblewrap"
    seconds: float = 0.0
    error: str | None = None
    repairs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    tests: list[TestResult] = field(default_factory=list)

    @property
    def points(self) -> float:
        """The points that are certain: those of all tests that have been judged."""
        return sum(test.points for test in self.tests if test.points is not None)

    @property
    def remarks(self) -> list[str]:
        """Everything that is to be said about the notebook as a whole."""
        return [*self.repairs, *self.notes]

    @property
    def max_points(self) -> float:
        return sum(test.max_points for test in self.tests)

    @property
    def needs_manual(self) -> bool:
        """Whether a person must still decide about some of the points."""
        return any(test.points is None for test in self.tests)

    @property
    def ungraded(self) -> list[TestResult]:
        """The tests that could not be judged."""
        return [test for test in self.tests if test.outcome == UNGRADED]

    def to_json(self) -> str:
        return json.dumps(vars(self), default=_fields, sort_keys=True, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> "Record":
        data = json.loads(text)
        data["cells"] = [Cell(**cell) for cell in data["cells"]]
        data["tests"] = [TestResult(**test | {key: intern(test[key]) for key in SAME}) for test in data["tests"]]
        return cls(**data)


def _fields(part: TestResult | Cell) -> dict:
    return {name: getattr(part, name) for name in part.__slots__}
