"""nbgrader's gradebook, as this course fills it: lessons, submissions, verdicts."""

import logging
from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path

import nbformat
import nbgrader.api
from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import ComputeChecksums, LockCells, SaveCells
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from traitlets.log import get_logger

from autograder import backup, due, entry, graded_notebook, late
from autograder.hand_in_time import NBGRADERS, read_stamp, stamp
from autograder.late import naive
from autograder.lesson_source import grade_id
from autograder.lessons import Lesson
from autograder.nbgrader_settings import database, settings
from autograder.records import Record
from autograder.trouble import Trouble

READ_ONLY = 0o444


@cache
def _engine(address: str) -> Engine:
    """One engine for each database: nbgrader makes a new one at every turn, and each translates the same questions anew."""
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
    else:
        engine.dispose = lambda: None  # nbgrader hangs up at every turn, and each new call costs what the work itself does
    return engine


@cache
def _newest_revision() -> str:
    """The revision of nbgrader's tables; nbgrader starts a process of two seconds to be told."""
    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


nbgrader.api.create_engine = lambda address, **options: _engine(address)  # its options are what is the default by now
nbgrader.api.get_alembic_version = _newest_revision


class GradebookError(Trouble):
    """The gradebook could not take something."""

    status = 1


def _reach(url: str) -> None:
    """Raise GradebookError where there is no database of that address, or it does not let us in."""
    form = "postgresql://USER:PASSWORD@HOST/DATABASE"
    try:
        address = make_url(url)
        shown = address.render_as_string(hide_password=True).replace("+psycopg", "")
        _engine(url).connect().close()
    except (ImportError, NoSuchModuleError):
        raise GradebookError(f"There is no driver here for {shown}: name a PostgreSQL database, like {form}.") from None
    except ArgumentError:
        raise GradebookError(f"The gradebook's address is not one of a database; write it like {form}.") from None
    except SQLAlchemyError as problem:
        said = " ".join(str(getattr(problem, "orig", problem)).split())
        raise GradebookError(f"The gradebook {shown} cannot be reached ({said}).") from None


class ClassGradebook:
    """The gradebook of one class; one process at a time may write it.

    folder: the class's data; address: a database server's address, or None for the SQLite file in the folder.
    """

    def __init__(self, folder: Path, address: str | None = None, sandbox: str = "bubblewrap"):
        self.folder, self.url = folder, database(folder, address)
        self.config = settings(folder, address, sandbox)
        self.known: dict[str, tuple[entry.LessonRows, dict[str, str]]] = {}  # by digest; with the checksums of the cells
        self.dates = due.read(folder)
        if address:
            _reach(self.url)
        folder.mkdir(parents=True, exist_ok=True)
        get_logger().setLevel(logging.CRITICAL)  # nbgrader tells in its log what we tell in a table

    def open(self) -> Gradebook:
        """nbgrader's own interface to it; use it as a context manager."""
        return Gradebook(self.url)

    def add_lesson(self, lesson: Lesson) -> None:
        """Make the lesson's exercises and points known. Raises `GradebookError` if it has changed since it was graded."""
        if lesson.digest in self.known:
            return
        with self.open() as gradebook:
            gradebook.update_or_create_assignment(lesson.name)
        notebook = deepcopy(lesson.notebook)
        stubs = {exercise.name: exercise.stub for exercise in lesson.exercises}
        for cell in notebook.cells:
            cell.source = stubs.get(grade_id(cell), cell.source)
        about = {"notebook": lesson.name, "assignment": lesson.name, "student": ".", "db_url": self.url}
        try:
            for step in (LockCells, ComputeChecksums, SaveCells):
                notebook, _ = step(enabled=True).preprocess(notebook, {"nbgrader": about})
        except RuntimeError:
            raise GradebookError(
                f"Lesson {lesson.name} has tests that were added, renamed or removed since this class was graded; "
                f"grade with a new class folder, or put the tests back."
            ) from None
        checksums = {grade_id(cell): cell.metadata.nbgrader.checksum for cell in notebook.cells if grade_id(cell)}
        with self._transaction() as book:
            self.known[lesson.digest] = entry.LessonRows.of(lesson.name, book), checksums
        source = self.folder / "source" / lesson.name / f"{lesson.name}.ipynb"
        if not source.exists():  # formgrader lists no lesson without it
            _write(source, nbformat.writes(lesson.notebook).encode())

    def has_grades(self, student: str, lesson: Lesson) -> bool:
        """Whether this student's work on the lesson is in the gradebook, whatever the grade."""
        with self._transaction() as book:
            return entry.has_grades(book, self._rows(lesson), student)

    def students(self) -> set[str]:
        """The ids of all students."""
        with self.open() as book:
            return {student.id for student in book.students}

    def handed_in(self, student: str, lesson: Lesson, time: datetime | None) -> None:
        """Keep when work was handed in: as nbgrader reads it, and in the gradebook where the work is there already."""
        file = self._folder("submitted", student, lesson) / NBGRADERS
        said = stamp(self.dates.in_utc(time)) if time else ""
        if said == _said(file):
            return
        with self._transaction() as book:
            entry.handed_in(book, self._rows(lesson), student, naive(read_stamp(said)))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said) if said else file.unlink()

    def back_up(self) -> str:
        """Copy the gradebook before it is written; why that could not be, in one sentence, or ""."""
        return backup.back_up(self.url, self.folder / "backups")

    def settle(self) -> None:
        """Bring due dates, extensions and late penalties up to date."""
        late.settle(self.url, self.folder, self.config)

    def enter(
        self, student: str, lesson: Lesson, data: bytes, notebook: NotebookNode | None, record: Record, same_work: bool
    ) -> None:
        """Put a submission and its record where nbgrader keeps both, as `nbgrader autograde` does.

        data: the file that was handed in; notebook: what is in it, made to fit the lesson, or None; it is written into.
        same_work: whether what was graded before was the same, in all that a grade depends on.
        """
        self.add_lesson(lesson)
        rows, checksums = self.known[lesson.digest]
        notebook = notebook or new_notebook(metadata=deepcopy(lesson.notebook.metadata))
        submitted, graded = self._folder("submitted", student, lesson), self._folder("autograded", student, lesson)
        said = _said(submitted / NBGRADERS)
        _write(submitted / f"{lesson.name}.ipynb", data)
        _write(graded / f"{lesson.name}.ipynb", graded_notebook.text(notebook, record, checksums).encode(), READ_ONLY)
        if said:
            _write(graded / NBGRADERS, said.encode(), READ_ONLY)
        with self._transaction() as book:
            mine = entry.submit(book, rows, student, naive(read_stamp(said)))
            entry.save_verdicts(book, rows, mine, record.tests, same_work)
            entry.save_comments(book, rows, mine, graded_notebook.comments(notebook))

    def _rows(self, lesson: Lesson) -> entry.LessonRows:
        self.add_lesson(lesson)
        return self.known[lesson.digest][0]

    def _transaction(self) -> AbstractContextManager[Connection]:
        return _engine(self.url).begin()

    def _folder(self, stage: str, student: str, lesson: Lesson) -> Path:
        return self.folder / stage / student / lesson.name


def _said(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _write(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file, in place of one that may be read-only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_bytes(data)
    file.chmod(mode)
