"""A student's work in nbgrader's tables, as `nbgrader autograde` leaves it, in a dozen statements.

nbgrader opens the gradebook nine times for a submission and asks for each of its cells anew.
"""

from dataclasses import dataclass
from datetime import datetime

from nbgrader import api
from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update

from autograder.records import TestResult

STUDENT, WORK, NOTEBOOK, GRADE, COMMENT = (
    kind.__table__ for kind in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment)
)


@dataclass(frozen=True)
class LessonRows:
    """The ids of a lesson's own rows. graded: cells that earn points, answers: cells that get a comment, by grade id."""

    assignment: str
    notebook: str
    graded: dict[str, str]
    answers: dict[str, str]

    @classmethod
    def of(cls, lesson: str, book: Connection) -> "LessonRows":
        """Those of a lesson that is in the gradebook."""
        found = select(api.Assignment.id, api.Notebook.id).join(api.Notebook, api.Notebook.assignment_id == api.Assignment.id)
        assignment, notebook = book.execute(found.where(api.Assignment.name == lesson, api.Notebook.name == lesson)).one()
        cells = select(api.BaseCell.type, api.BaseCell.name, api.BaseCell.id).where(api.BaseCell.notebook_id == notebook)
        graded, answers = {}, {}
        for kind, name, cell in book.execute(cells):
            (answers if kind == "SolutionCell" else graded)[name] = cell
        return cls(assignment, notebook, graded, answers)


def handed_in(book: Connection, lesson: LessonRows, student: str, time: datetime | None) -> None:
    """Change when work was handed in, if the work is there."""
    mine = (WORK.c.assignment_id == lesson.assignment) & (WORK.c.student_id == student)
    book.execute(update(WORK).where(mine).values(timestamp=time))


def has_grades(book: Connection, lesson: LessonRows, student: str) -> bool:
    """Whether this student's work on the lesson is there, whatever the grade."""
    mine = (WORK.c.assignment_id == lesson.assignment) & (WORK.c.student_id == student)
    return book.execute(select(WORK.c.id).where(mine)).first() is not None


def submit(book: Connection, lesson: LessonRows, student: str, time: datetime | None) -> str:
    """The id of the student's notebook; where it is not there it is made, with a grade and a comment for each cell."""
    _found_or_made(book, STUDENT, id=student)
    work = _found_or_made(book, WORK, assignment_id=lesson.assignment, student_id=student)
    if time is not None:
        book.execute(update(WORK).where(WORK.c.id == work).values(timestamp=time))
    notebook = _found_or_made(book, NOTEBOOK, assignment_id=work, notebook_id=lesson.notebook)
    for table, cells in ((GRADE, lesson.graded), (COMMENT, lesson.answers)):
        there = set(book.scalars(select(table.c.cell_id).where(_mine(table, notebook, cells))))
        missing = [{"notebook_id": notebook, "cell_id": cell} for cell in cells.values() if cell not in there]
        if missing:
            book.execute(insert(table), missing)
    return notebook


def save_verdicts(book: Connection, lesson: LessonRows, notebook: str, results: list[TestResult], same_work: bool) -> None:
    """Write down what the grader decided; a grade given by hand stays.

    same_work: whether what was graded before was the same; a hand grade for other work, or other tests, waits for another look.
    """
    kept = select(GRADE.c.cell_id, GRADE.c.manual_score, GRADE.c.needs_manual_grade)
    kept = book.execute(kept.where(_mine(GRADE, notebook, lesson.graded)))
    by_hand = {cell: waits for cell, points, waits in kept if points is not None}
    rows = []
    for result in results:
        cell = lesson.graded[result.name]
        waits = result.points is None if cell not in by_hand else by_hand[cell] or not same_work
        rows.append({"cell": cell, "points": result.points, "waits": waits})
    change = {"auto_score": bindparam("points"), "needs_manual_grade": bindparam("waits")}
    _update_cells(book, GRADE, notebook, change, rows)


def save_comments(book: Connection, lesson: LessonRows, notebook: str, comments: dict[str, str | None]) -> None:
    """Write down the grader's own comments on answers, by grade id."""
    rows = [{"cell": lesson.answers[name], "comment": comment} for name, comment in comments.items()]
    _update_cells(book, COMMENT, notebook, {"auto_comment": bindparam("comment")}, rows)


def _mine(table: Table, notebook: str, cells: dict[str, str]) -> ColumnElement[bool]:
    """The rows of a student's notebook. They are asked for by cell: nbgrader's tables have no index by notebook."""
    return table.c.cell_id.in_(cells.values()) & (table.c.notebook_id == notebook)


def _update_cells(book: Connection, table: Table, notebook: str, change: dict, rows: list[dict]) -> None:
    if rows:
        mine = (table.c.notebook_id == notebook) & (table.c.cell_id == bindparam("cell"))
        book.execute(update(table).where(mine).values(change), rows)


def _found_or_made(book: Connection, table: Table, **columns: str) -> str:
    """The id of the row with these values."""
    found = book.scalar(select(table.c.id).filter_by(**columns))
    return book.execute(insert(table).values(columns)).inserted_primary_key[0] if found is None else found
