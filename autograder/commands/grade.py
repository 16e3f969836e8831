"""`grade`: a class into the gradebook."""

import json
import sys
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from attention_course.check.words import points
from autograder import class_files, classroom, due
from autograder.class_secret import class_key
from autograder.cluster import IN_FLIGHT, Cluster
from autograder.commands.check import as_data
from autograder.commands.lateness import in_the_dark, lateness, nobodys
from autograder.feedback import Scores, Standing
from autograder.gradebook import ClassGradebook
from autograder.records import Record
from autograder.sandbox import SandboxUnavailable, bubblewrap
from autograder.terminal import console, errors, progress

SHOWN = 4  # names of those that are being graded


def grade_class(
    found: list, jobs: int, again: bool, class_folder, address, walls: str, scheduler: str | None = None, as_json: bool = False
) -> None:
    """Grade submissions, print the table; exit status 1 if some could not be graded."""
    known = [submission for submission in found if submission.student and submission.lesson]
    for submission in found:
        is_known = submission.student and submission.lesson
        for said in filter(None, ("" if is_known else submission.problem, submission.note)):
            errors.print(f"{submission.path}: {said}", markup=False)
    said = in_the_dark(found, due.read(class_folder or class_files.FOLDER))
    if said:
        errors.print(said, markup=False)
    records = grade_all(
        known,
        jobs,
        again,
        class_folder or class_files.FOLDER,
        address,
        walls,
        scheduler,
    )
    gradebook = ClassGradebook(class_folder or class_files.FOLDER, address)
    late = lateness(records, gradebook)
    if said := nobodys(gradebook):
        errors.print(said, markup=False)
    if as_json:
        print(json.dumps([_as_data(record, late) for record in records], indent=1))
    else:
        console.print(table(records, late))
    unsure = [record for record in records if record.ungraded]
    if unsure:
        errors.print(
            f"{len(unsure)} of {len(records)} could not be graded in full; `?` marks them: have them handed in again, "
            "or give the points that are missing in formgrader."
        )
    sys.exit(1 if unsure or len(known) < len(found) else 0)


def grade_all(
    found: list, jobs: int, again: bool, folder: Path, address: str | None, walls: str, scheduler: str | None = None
) -> list[Record]:
    """Grade submissions with a progress bar; returns their records, without cells, in the order of students and lessons."""
    if not scheduler and bubblewrap.reason(walls):
        raise SandboxUnavailable(bubblewrap.reason(walls))
    settings = classroom.Settings(folder, class_key(folder), walls, again)
    gradebook, records = ClassGradebook(folder, address, walls), []
    not_safe = gradebook.back_up()
    if not_safe:
        errors.print(not_safe, markup=False)
    executor, in_flight = (lambda: Cluster(scheduler), IN_FLIGHT) if scheduler else (lambda: classroom.processes(jobs), 2 * jobs)
    with progress() as bar:
        task = bar.add_task("grading", total=len(found))
        busy: dict[tuple[str, str], None] = {}

        def begun(submission) -> None:
            busy[submission.student, submission.lesson] = None

        for submission, record in classroom.grade(found, settings, gradebook, executor, in_flight, begun):
            busy.pop((submission.student, submission.lesson), None)
            record.cells.clear()  # they are on disk, and a large class has many
            records.append(record)
            now = ", ".join(student for student, _ in list(busy)[: min(jobs, SHOWN)])
            bar.update(task, advance=1, description=f"grading {escape(now)}" if now else "writing")
    gradebook.settle()
    return sorted(records, key=lambda record: (record.lesson, record.student))


def _as_data(record: Record, late: dict[tuple[str, str], Standing]) -> dict:
    scores = late[record.student, record.lesson].scores if (record.student, record.lesson) in late else Scores()
    about = {"student": record.student} | as_data(record.notebook, record)
    return about | {"late_penalty": scores.late_penalty, "seconds_late": scores.seconds_late}


def table(records: list[Record], late: dict[tuple[str, str], Standing] | None = None) -> Table:
    """A line per submission: points per exercise, the sum, and what there is to say."""
    lines = Table(title="The class", title_justify="left")
    for heading, justify in (
        ("student", "left"),
        ("lesson", "left"),
        ("points", "right"),
        ("per exercise", "left"),
        ("remark", "left"),
    ):
        lines.add_column(heading, justify=justify, overflow="fold")
    for record in records:
        standing = (late or {}).get((record.student, record.lesson))
        less = f" - {standing.scores.late_penalty:g}" if standing else ""
        total = f"{record.points:g}{' + ?' if record.needs_manual else ''}{less} of {record.max_points:g}"
        said = "; ".join(filter(None, (standing.lateness if standing else "", remark(record))))
        lines.add_row(record.student, record.lesson, total, _exercises(record), said)
    return lines


def remark(record: Record) -> str:
    """The one thing to know about a record: why it is not graded, or what was mended."""
    if record.error:
        return record.error
    reasons = sorted({result.reason for result in record.ungraded})
    if reasons:
        return f"not graded: {', '.join(reasons)}"
    if len(record.remarks) > 1:
        return f"{record.remarks[0]} (and {len(record.remarks) - 1} more)"
    return "".join(record.remarks)


def _exercises(record: Record) -> str:
    sums: dict[str, float | None] = {}
    for result in record.tests:
        so_far = sums.get(result.exercise, 0.0)
        sums[result.exercise] = None if result.points is None or so_far is None else so_far + result.points
    return " + ".join(points(value) for value in sums.values())
