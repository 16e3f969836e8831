"""nbgrader's gradebook, as this course fills it: lessons, submissions, verdicts."""

import logging
import warnings
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path

import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import ComputeChecksums, LockCells, SaveCells
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from traitlets.log import get_logger

from autograder import backup, due, late, nbgrader_steps
from autograder.hand_in_time import NBGRADERS, stamp
from autograder.lessons import Lesson
from autograder.nbgrader_settings import database, settings
from autograder.records import Record
from autograder.trouble import Trouble


@cache
def _engine(address: str, **options):
    """One engine for each database: nbgrader makes nine for a submission, and each translates the same questions anew."""
    engine = create_engine(address, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
    else:
        engine.dispose = lambda: None  # nbgrader hangs up at every turn, and each new call costs what the work itself does
    return engine


@cache
def _newest_revision() -> str:
    """The revision of nbgrader's tables; nbgrader starts a process of two seconds to be told."""
    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


nbgrader.api.create_engine = _engine
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
        self.known: set[str] = set()
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
        about = {"notebook": lesson.name, "assignment": lesson.name, "student": ".", "db_url": self.url}
        try:
            for step in (LockCells, ComputeChecksums, SaveCells):
                notebook, _ = step(enabled=True).preprocess(notebook, {"nbgrader": about})
        except RuntimeError:
            raise GradebookError(
                f"Lesson {lesson.name} has tests that were added, renamed or removed since this class was graded; "
                f"grade with a new class folder, or put the tests back."
            ) from None
        self.known.add(lesson.digest)

    def has_grades(self, student: str, lesson: Lesson) -> bool:
        """Whether this student's work on the lesson is in the gradebook, whatever the grade."""
        with self.open() as gradebook:
            return any(found.student_id == student for found in gradebook.assignment_submissions(lesson.name))

    def handed_in(self, student: str, lesson: Lesson, time: datetime | None) -> None:
        """Keep when work was handed in: as nbgrader reads it, and in the gradebook where the work is there already."""
        file = self._staged(student, lesson) / NBGRADERS
        said = stamp(self.dates.in_utc(time)) if time else ""
        if said == (file.read_text() if file.exists() else ""):
            return
        with self.open() as gradebook, suppress(MissingEntry):
            gradebook.find_submission(lesson.name, student)
            gradebook.update_or_create_submission(lesson.name, student, timestamp=said or None)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said) if said else file.unlink()

    def back_up(self) -> str:
        """Copy the gradebook before it is written; why that could not be, in one sentence, or ""."""
        return backup.back_up(self.url, self.folder / "backups")

    def settle(self) -> None:
        """Bring due dates, extensions and late penalties up to date."""
        late.settle(self.url, self.folder, self.config)

    def enter(self, student: str, lesson: Lesson, data: bytes, record: Record) -> None:
        """Hand a submission and its record to nbgrader, which keeps both. Raises `GradebookError`."""
        staged = self._staged(student, lesson) / f"{lesson.name}.ipynb"
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(data)
        nbgrader_steps.hand_over(record)
        course = CourseDirectory(config=self.config, student_id=student, assignment_id=lesson.name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of cell ids that repair mends, and of nbgrader's own queries
                Autograde(coursedir=course, config=self.config, force=True).start()
        except NbGraderException as problem:
            raise GradebookError(f"nbgrader could not enter the work of {student} on {lesson.name}: {problem}") from None

    def _staged(self, student: str, lesson: Lesson) -> Path:
        return self.folder / "submitted" / student / lesson.name
