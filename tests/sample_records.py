"""Records of a small class: every outcome, and text that attacks the page it is shown on."""

import random
import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.feedback import Scores
from autograder.gradebook import ClassGradebook
from autograder.records import FAILED, MANUAL, PASSED, UNGRADED, Cell, Record, TestResult

LESSON, TITLE = "05_softmax", "5 · Softmax: from scores to weights"
STUDENTS = ("ada", "bob", "cyd", "dan", "eve", "fay")
HIDDEN = "forty_two_is_hidden"
HOSTILE = [
    "<script>alert(1)</script>",
    "</pre></details></table></body><h1>out</h1>",
    "<img src=x onerror=alert(1)><svg onload=alert(1)><style>body{display:none}</style>",
    '"><iframe src="https://example.org/"></iframe>',
    "{{ 7 * 7 }}{% for x in y %}",
    "\x1b[31mred\x1b[0m \x00 \x07 \x9b bell",
    "\u202egnp.exe \u2066turned\u2069",
    "\ud800 half a pair, 🧑\u200d🚀 a whole one",
    "x" * 10_000,
    "Z̷̧̢̛̪͔̤̞͍̺̻͕͖͇̝̯̠̙̗͙͍̥̪̙͖̹̲̟̦̩̱̯̬̙̘̬͑̀̌̐̽̈́̿a̶̘̙͒͗̈͑̏̓̊͒̍̕l",
]
SOLUTION = '''def softmax(scores, axis=-1):
    """Weights that are positive and sum to one along `axis`, larger where the score is larger."""
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum()  # the axis is missing here
'''
ENTROPY = '''def entropy(weights, axis=-1):
    """Entropy in bits."""
    return -(weights * np.log2(weights)).sum(axis=axis)
'''
ANSWER = """A mask that acts *after* the division leaves rows that no longer sum to **one**, so that

- the query gives away less attention than it has,
- $\\sum_i w_i < 1$ wherever a key was hidden.

| mask | sum of a row |
| --- | --- |
| before | 1 |
| after | 0.4 |

```python
weights = softmax(np.where(mask, scores, -np.inf))
```

See [the lesson](https://example.org/lesson) and ![a picture](https://example.org/picture.png).
"""
RAISED = "It raised ValueError: bad\nshape, in line 3 of its cell: `return -(weights * x)`."
NUMBERS = "3 of 4 numbers are off, by up to 5e-01.\nExpected at [0, 1]: 0.75\nActual at [0, 1]:   0.375"


def passed(name: str, exercise: str, points: float) -> TestResult:
    return TestResult(name, exercise, points, points, PASSED)


def failed(name: str, exercise: str, points: float, message: str) -> TestResult:
    return TestResult(name, exercise, 0.0, points, FAILED, message)


def ungraded(name: str, exercise: str, points: float, reason: str, message: str) -> TestResult:
    return TestResult(name, exercise, None, points, UNGRADED, message, reason)


def record(student: str = "ada", cells: list[Cell] | None = None, tests: list[TestResult] | None = None, **about) -> Record:
    """A record with a verdict of every kind: 4 points certain, 2 by hand, 3 not graded, of 12."""
    about = {"notebook": f"{LESSON}.ipynb", "key": "3f2a" * 16, "key_id": "public", "seconds": 1.2} | about
    cells = usual_cells() if cells is None else cells
    return Record(LESSON, TITLE, student, cells=cells, tests=tests or every_outcome(), **about)


def every_outcome() -> list[TestResult]:
    return [
        passed("softmax_values", "softmax", 2),
        failed("softmax_rows", "softmax", 1, f"This does not hold: every row is dealt shares of its own.\n{NUMBERS}"),
        ungraded("softmax_extreme", "softmax", 2, "timeout", "The answer did not come to an end within 20 seconds."),
        passed("entropy_values", "entropy", 2),
        failed("entropy_certain", "entropy", 1, RAISED),
        ungraded("entropy_size", "entropy", 1, "memory", "The answer used more memory than it may."),
        failed("masked_softmax_sum", "masked_softmax", 1, "`masked_softmax` has no answer yet."),
        TestResult("why_before", "why_before", None, 2, MANUAL, "This answer is graded by hand."),
    ]


def usual_cells() -> list[Cell]:
    hidden = f"check.close(softmax(x), y, 'rows')\n### BEGIN HIDDEN TESTS\n{HIDDEN} = 42\n### END HIDDEN TESTS"
    return [
        Cell(f"# {TITLE}\n\n*60 minutes*\n\n<details><summary>Hint</summary>\n\nUse `keepdims`.\n</details>", "markdown"),
        Cell("import numpy as np\n\nfrom attention_course import check", "code"),
        Cell("## Shares\n\nFor one row of scores $s_1, \\dots, s_n$ the softmax is\n\n$$w_i = e^{s_i}$$", "markdown"),
        Cell("print(np.arange(3) / 0)", "code", output="[nan inf inf]\n", error="RuntimeWarning: divide by zero"),
        Cell(SOLUTION, "code", "softmax", "solution", output="tried: 0.25\n"),
        Cell(hidden, "code", "softmax_values", "test", output=HIDDEN, error=HIDDEN),
        Cell(hidden, "code", "softmax_rows", "test"),
        Cell(hidden, "code", "softmax_extreme"),
        Cell(ENTROPY, "code", "entropy", "solution", error="ValueError: bad shape"),
        Cell(hidden, "code", "entropy_values", "test"),
        Cell("", "code", "masked_softmax", "solution"),
        Cell("## What you have now\n\nScores go in, weights come out.", "markdown"),
        Cell(hidden.replace("softmax", "my_copy"), "code"),
        Cell(ANSWER, "markdown", "why_before", "manual"),
        Cell("raw text", "raw"),
    ]


def hostile_record(student: str = "mallory") -> Record:
    """A record in which every text that a student can choose attacks."""
    cells = [Cell(text, kind, text[:40], role, text, text) for text in HOSTILE for kind, role in WAYS_IN]
    messages = [f"It raised {text}\nExpected: {text}\n{text}" for text in HOSTILE]
    tests = [failed(f"softmax_{n}", "softmax", 1, message) for n, message in enumerate(messages)]
    return record(student, cells, tests, repairs=list(HOSTILE), notes=list(HOSTILE), notebook=HOSTILE[0], error=HOSTILE[1])


WAYS_IN = [("code", "solution"), ("markdown", "manual"), ("code", ""), ("markdown", ""), ("raw", ""), ("code", "test")]


def hand_grades() -> Scores:
    """What a person has added to `record`: everything is decided, 9.5 points less 1."""
    points = {"why_before": 1.5, "softmax_extreme": 2.0, "entropy_size": 1.0, "softmax_rows": 0.5}
    comments = {"why_before": "Clear.\nSay <b>which</b> rows.", "softmax": "Look at `keepdims`."}
    return Scores(points, {"entropy_values": 0.5}, comments, 1.0)


def a_class(size: int = 30, lesson: str = LESSON):
    """Records of a class, one at a time, the same ones for the same size."""
    chance = random.Random(size)
    for number in range(size):
        tests = [_drawn(result, chance) for result in every_outcome()]
        repairs, notes = [], []
        if chance.random() < 0.3:
            repairs.append("The test softmax_values of exercise softmax was changed and has been restored.")
        if number % 9 == 4:
            notes.append(f"Cell {chance.randrange(3, 9)} ended the kernel (timeout); everything else was run again without it.")
        seconds = round(chance.lognormvariate(0.5, 1), 3)
        about = {"seconds": seconds, "repairs": repairs, "notes": notes, "tests": tests}
        yield Record(lesson, TITLE, f"student{number:04}", f"{lesson}.ipynb", **about)


def _drawn(result: TestResult, chance: random.Random) -> TestResult:
    """A verdict as it might be: mostly passed, sometimes as in `every_outcome`."""
    if result.outcome == MANUAL and chance.random() < 0.5 or result.outcome != MANUAL and chance.random() < 0.75:
        return passed(result.name, result.exercise, result.max_points)
    if result.outcome == UNGRADED and chance.random() < 0.8:
        return failed(
            result.name,
            result.exercise,
            result.max_points,
            "This does not hold: scores of any size are safe.\nThe number is off.",
        )
    return result


def put_gradebook(folder: Path) -> str:
    """Put a gradebook into a folder: the lesson's graded cells and the submissions of `STUDENTS`; its address."""
    (folder / "gradebook.db").write_bytes(_gradebook())
    return f"sqlite:///{folder / 'gradebook.db'}"


@cache
def _gradebook() -> bytes:
    """nbgrader takes seconds to make one, so it is made once."""
    with TemporaryDirectory() as folder:
        with ClassGradebook(Path(folder)).open() as gradebook, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of nbgrader's own queries
            _fill(gradebook)
        return Path(folder, "gradebook.db").read_bytes()


def _fill(gradebook) -> None:
    gradebook.add_assignment(LESSON)
    gradebook.add_notebook(LESSON, LESSON)
    for result in every_outcome():
        gradebook.add_grade_cell(result.name, LESSON, LESSON, max_score=result.max_points, cell_type="code")
    for name in dict.fromkeys(result.exercise for result in every_outcome() if result.outcome != MANUAL):
        gradebook.add_solution_cell(name, LESSON, LESSON)
    for student in STUDENTS:
        gradebook.add_student(student, first_name=student.title(), last_name="Lovelace", email=f"{student}@example.org")
        gradebook.add_submission(LESSON, student)


def give_by_hand(gradebook, student: str, name: str, points: float, look_again: bool = False) -> None:
    """A hand grade as formgrader enters it; `look_again` as the next grading leaves it."""
    grade = gradebook.find_grade(name, LESSON, LESSON, student)
    grade.manual_score, grade.needs_manual_grade = points, look_again
    gradebook.db.commit()
