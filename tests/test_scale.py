"""A large class costs for each student what a small one does: counted in statements, tasks at once and bytes, not in seconds."""

import concurrent.futures as futures
import gc
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event

from autograder import classroom, submissions
from autograder.class_secret import PUBLIC
from autograder.commands import grade, results
from autograder.gradebook import ClassGradebook
from autograder.lessons import load
from autograder.records import FAILED, PASSED, Cell, Record, TestResult
from autograder.release import build
from autograder.submissions import Submission

LESSON, SIZES = "05_softmax", (6, 12, 24)


def graded(data: bytes, lesson: str, student: str, notebook: str, sandbox: str, key) -> str:
    """Stands in for the worker's task: a record as large as a real one, and nothing run."""
    cells = [Cell(cell.source, cell.cell_type, output=student * 20) for cell in load(lesson).notebook.cells]
    tests = [
        TestResult(
            test.name, test.exercise, points := number % 2 and test.points, test.points, PASSED if points else FAILED, "No."
        )
        for number, test in enumerate(load(lesson).tests)
    ]
    return Record(lesson, "", student, notebook, f"key of {student}", cells=cells, tests=tests).to_json()


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> Path:
    """The submissions of a large class; a small one is its beginning."""
    folder, notebook = tmp_path_factory.mktemp("handed_in"), json.dumps(build(load(LESSON)))
    for number in range(SIZES[-1]):
        file = folder / f"student{number:03}" / LESSON / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(notebook)
    return folder


@pytest.fixture(scope="module")
def class_of(handed_in, tmp_path_factory):
    """Grades a class of so many, as the command does, in a folder of its own or again; returns the folder and the records."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classroom, "grade_one", graded)
        patch.setattr(classroom, "processes", lambda jobs: futures.ThreadPoolExecutor(1))
        patch.setattr(grade.bubblewrap, "reason", lambda walls: "")

        def run(size: int, folder: Path | None = None) -> Path:
            folder = folder or tmp_path_factory.mktemp(f"class_of_{size}")
            records = grade.grade_all(submissions.find(handed_in)[:size], 1, False, folder, None, "bubblewrap")
            assert len(records) == size
            return folder

        yield run


@pytest.fixture(scope="module")
def classes(class_of) -> dict[int, Path]:
    return {size: class_of(size) for size in SIZES}


@dataclass
class Asked:
    """What was asked of the gradebook: statements, and steps (five at a time) of the machine that SQLite is."""

    statements: int = 0
    steps: int = 0

    def step(self) -> None:
        self.steps += 1


def asked(folder: Path, work: Callable, *arguments) -> Asked:
    """What is asked of the gradebook in this folder while the work is done."""
    count = Asked()

    def new(connection, _) -> None:
        connection.set_progress_handler(count.step, 5)

    def statement(*_) -> None:
        count.statements += 1

    with ClassGradebook(folder).open() as gradebook:
        engine = gradebook.engine
    event.listen(engine, "connect", new)
    event.listen(engine, "before_cursor_execute", statement)
    work(*arguments)
    event.remove(engine, "connect", new)
    event.remove(engine, "before_cursor_execute", statement)
    return count


def check_linear(counts: dict[int, Asked], most: int) -> None:
    """Each student costs the same number of statements in the smaller and the larger half, and hardly more steps."""
    small, middle, large = (counts[size] for size in SIZES)
    lower, upper = SIZES[1] - SIZES[0], SIZES[2] - SIZES[1]
    assert small.statements > 0 and small.steps > 0
    assert (middle.statements - small.statements) / lower == (large.statements - middle.statements) / upper <= most, counts
    assert (large.steps - middle.steps) / upper <= 1.2 * (middle.steps - small.steps) / lower + 0.5, counts


def test_a_submission_is_entered_in_a_dozen_statements(class_of, tmp_path):
    check_linear({size: asked(tmp_path / f"{size}", class_of, size, tmp_path / f"{size}") for size in SIZES}, 20)


def rerun(class_of, size: int, folder: Path) -> None:
    class_of(size, folder)


def feedback(class_of, size: int, folder: Path) -> None:
    assert len(results.write_feedback(None, folder, None)) == size


def report(class_of, size: int, folder: Path) -> None:
    results.write_report(None, folder, None)


def export(class_of, size: int, folder: Path) -> None:
    results.export_grades(None, "csv", None, folder, None)


@pytest.mark.parametrize(("command", "most"), [(rerun, 2), (feedback, 0), (report, 0), (export, 0)])
def test_what_follows_asks_as_much_for_each_student_of_a_large_class(class_of, classes, command, most):
    check_linear({size: asked(folder, command, class_of, size, folder) for size, folder in classes.items()}, most)


def test_a_large_class_needs_no_more_memory_than_a_small_one(class_of, classes):
    """But for a line about each student in the table at the end."""
    gc.collect()
    tracemalloc.start()
    try:
        most = {}
        for size in (SIZES[0], SIZES[-1]):
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            class_of(size)
            most[size] = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    record = len(next((classes[SIZES[0]] / "records").rglob("*.json")).read_bytes())
    assert (most[SIZES[-1]] - most[SIZES[0]]) / (SIZES[-1] - SIZES[0]) < record / 3


class Counting(futures.ThreadPoolExecutor):
    """Knows how many tasks it had at once, at most."""

    def __init__(self):
        super().__init__(1)
        self.now = self.most = 0

    def submit(self, *work) -> futures.Future:
        self.now += 1
        self.most = max(self.most, self.now)
        future = super().submit(*work)
        future.add_done_callback(self._over)
        return future

    def _over(self, future: futures.Future) -> None:
        self.now -= 1


def test_submissions_are_read_and_given_away_a_few_at_a_time(class_of, handed_in, tmp_path):
    executor, read, done = Counting(), [], []
    found = [_Noting(submission, read) for submission in submissions.find(handed_in)]
    settings = classroom.Settings(tmp_path, PUBLIC)
    for pair in classroom.grade(found, settings, ClassGradebook(tmp_path), lambda: executor, 4):
        done.append(pair)
        assert len(read) - len(done) <= 4
    assert len(done) == len(read) == SIZES[-1] and executor.most <= 4


class _Noting:
    """A submission that notes down when its file is read."""

    def __init__(self, submission: Submission, read: list):
        self.submission, self.read = submission, read

    def __getattr__(self, name: str):
        return getattr(self.submission, name)

    def data(self) -> bytes:
        self.read.append(self.submission.student)
        return self.submission.data()
