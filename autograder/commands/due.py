"""`due`: when lessons are due, who has longer, who was late."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path

from nbgrader.api import Assignment
from rich.table import Table

from autograder import class_files, due
from autograder.commands.lateness import nobodys
from autograder.due import Dates, lateness
from autograder.feedback import lesson_scores
from autograder.gradebook import ClassGradebook
from autograder.terminal import console, errors


def show_dates(class_folder: Path | None, address: str | None) -> None:
    """Print the dates and who was late; where there is no `due.toml`, write one with the gradebook's dates."""
    folder = class_folder or class_files.FOLDER
    gradebook = ClassGradebook(folder, address)
    if not gradebook.dates.is_file:
        file = due.begin(folder, _in_gradebook(gradebook))
        console.print(f"{file} is new: fill in the dates, and run this again to see them.", markup=False)
        return
    gradebook.settle()
    console.print(_table(gradebook))
    if said := nobodys(gradebook):
        errors.print(said, markup=False)
    policy = gradebook.dates.policy
    console.print(
        f"Lateness of more than {policy.grace:g} minutes costs {policy.percent_per_day:g} % of the points earned "
        f"for every day begun, at most {policy.most:g} %."
    )


def _in_gradebook(gradebook: ClassGradebook) -> due.Times:
    with gradebook.open() as book:
        found = book.db.query(Assignment.name, Assignment.duedate).filter(Assignment.duedate != None)  # noqa: E711 (SQL)
        return {name: until.replace(tzinfo=UTC) for name, until in found}


def _table(gradebook: ClassGradebook) -> Table:
    """A line per lesson with a due date; a line below it for each student with an extension, and each who was late."""
    dates = gradebook.dates
    lines = Table(title="Due dates", title_justify="left")
    for heading in ("lesson", "student", "due", "late", "costs"):
        lines.add_column(heading, overflow="fold")
    with gradebook.open() as book:
        students = {student.id for student in book.students}
        for lesson, until in sorted(dates.due.items()):
            lines.add_row(lesson, "", _shown(until, dates.zone), "", "")
            scores = lesson_scores(book, lesson)
            late = {student for student, score in scores.items() if score.seconds_late}
            for student in sorted(late | set(dates.extensions.get(lesson, {}))):
                _add(lines, student, lesson, dates, scores.get(student), student in students)
    return lines


def _add(lines: Table, student: str, lesson: str, dates: Dates, score, known: bool) -> None:
    until = dates.extensions.get(lesson, {}).get(student)
    late = lateness(score.seconds_late) if score and score.seconds_late else "" if known else "nothing handed in yet"
    costs = f"{score.late_penalty:g}" if score and score.seconds_late else ""
    lines.add_row("", student, _shown(until, dates.zone) if until else "", late, costs)


def _shown(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
