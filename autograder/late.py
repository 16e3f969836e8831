"""Late penalties through nbgrader: its step and its plugin, with the dates and the policy of `due.toml`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbformat.v4 import new_notebook
from nbgrader.api import Assignment, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Unicode

from autograder import class_files, due
from autograder.nbgrader_steps import CourseStep


class PerDay(LateSubmissionPlugin):
    """Takes a share of the points for every day begun, as the class's `due.toml` says: 10 % a day and at most 50 % by default."""

    folder = Unicode(str(class_files.FOLDER), help="The folder with the class's due.toml.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        return due.read(Path(self.folder)).policy.penalty(score, total_seconds_late)


class LatePenalties(AssignLatePenalties, CourseStep):
    """In nbgrader's place: it does the same once the dates of `due.toml` are in the gradebook."""

    def preprocess(self, notebook, resources):
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            put_dates(gradebook, due.read(Path(self.folder)), about["assignment"], about["student"])
        return super().preprocess(notebook, resources)


def settle(url: str, folder: Path, config) -> None:
    """Bring the gradebook's dates and penalties up to date with `due.toml`, hand grades and the times of handing in."""
    with Gradebook(url) as gradebook:
        put_dates(gradebook, due.read(folder))
        concerned = _concerned(gradebook)
    step = AssignLatePenalties(config=config)  # nbgrader's own: the dates are there
    for lesson, student in concerned:
        about = {"notebook": lesson, "assignment": lesson, "student": student, "db_url": url}
        step.preprocess(new_notebook(), {"nbgrader": about})


def put_dates(gradebook: Gradebook, dates: due.Dates, lesson: str | None = None, student: str | None = None) -> None:
    """Write the dates of `due.toml` into the gradebook, of all lessons and students or of one; without a file its own stay."""
    if not dates.is_file:
        return
    lessons = gradebook.db.query(Assignment.id, Assignment.name, Assignment.duedate)
    for id_, name, was in lessons.filter(Assignment.name == lesson) if lesson else lessons.all():
        until = naive(dates.due.get(name))
        if was != until:
            gradebook.db.query(Assignment).filter(Assignment.id == id_).update({"duedate": until})
        longer = {who: naive(date) - until for who, date in dates.extensions.get(name, {}).items()}
        times = {who: naive(time) for who, time in dates.handed_in.get(name, {}).items()}
        _put_submissions(gradebook, id_, longer, times, student)
    gradebook.db.commit()


def _put_submissions(gradebook, lesson: str, longer: dict[str, timedelta], times: dict[str, datetime], student) -> None:
    table = SubmittedAssignment
    found = gradebook.db.query(table.id, table.student_id, table.extension, table.timestamp).filter(table.assignment_id == lesson)
    for id_, who, extension, time in found.filter(table.student_id == student) if student else found.all():
        wanted = {"extension": longer.get(who), "timestamp": times.get(who, time)}
        if wanted != {"extension": extension, "timestamp": time}:
            gradebook.db.query(table).filter(table.id == id_).update(wanted)


def _concerned(gradebook) -> list[tuple[str, str]]:
    """The lesson and student of every submission that is late, or that has a penalty."""
    table = SubmittedAssignment
    columns = Assignment.name, table.student_id, table.timestamp, Assignment.duedate, table.extension
    found = gradebook.db.query(*columns, SubmittedNotebook.late_submission_penalty).select_from(SubmittedNotebook)
    found = found.join(table, table.id == SubmittedNotebook.assignment_id).join(Assignment, Assignment.id == table.assignment_id)
    return [(lesson, who) for lesson, who, *times, penalty in found if penalty or due.seconds_late(*times)]


def naive(moment: datetime | None) -> datetime | None:
    """A time as the gradebook keeps it: in UTC, without saying so."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)
