"""`demo`: the whole cycle on a sample class, from release to report."""

import shutil

from rich.table import Table

from autograder import release, submissions
from autograder.commands.grade import grade_all, remark
from autograder.commands.results import export_grades, write_feedback, write_report
from autograder.lessons import ROOT, lesson_names
from autograder.records import Record
from autograder.sample_class import Sample, hand_in, sample_class
from autograder.terminal import console
from autograder.trouble import Trouble

FOLDER = ROOT / "build" / "demo"


class DemoFailed(Trouble):
    """A submission of the sample class did not get what it deserves."""

    status = 1


def run(jobs: int) -> None:
    """Release, hand in, grade, give feedback, export, report; print the table and where the files are. Raises `DemoFailed`.

    The sample class has a folder of its own; a real class's data are left alone.
    """
    samples, folder, handed_in = sample_class(), FOLDER / "class", FOLDER / "handed_in"
    shutil.rmtree(handed_in, ignore_errors=True)
    console.print(f"Releasing {len(lesson_names())} lessons to notebooks/.")
    release.release()
    console.print(f"Handing in {len(samples)} submissions.")
    hand_in(samples, handed_in)
    console.print(f"Grading them in sandboxes, {jobs} at a time.")
    records = grade_all(submissions.find(handed_in), jobs, False, folder, None, "bubblewrap")
    write_feedback(None, folder, None)
    export_grades(None, "csv", None, folder, None)
    write_report(None, folder, None)
    found = {(record.student, record.lesson): record for record in records}
    console.print(_table(samples, found))
    console.print(f"Everything is in {folder}: gradebook.db, feedback/STUDENT/LESSON/, grades-csv.csv, report.html.")
    wrong = [sample.student for sample in samples if not _deserved(sample, found.get((sample.student, sample.lesson)))]
    if wrong:
        raise DemoFailed(f"Not graded as they deserve: {', '.join(wrong)}.")


def _table(samples: list[Sample], found: dict[tuple[str, str], Record]) -> Table:
    table = Table(title="The sample class", title_justify="left")
    for heading, justify in (
        ("student", "left"),
        ("lesson", "left"),
        ("handed in", "left"),
        ("deserves", "right"),
        ("got", "right"),
        ("remark", "left"),
    ):
        table.add_column(heading, justify=justify, overflow="fold")
    for sample in samples:
        record = found.get((sample.student, sample.lesson))
        deserves = f"{sample.points:g}{' + ?' if sample.ungraded else ''}"
        got = f"{record.points:g}{' + ?' if record.needs_manual else ''} of {record.max_points:g}" if record else "nothing"
        table.add_row(sample.student, sample.lesson, sample.about, deserves, got, remark(record) if record else "")
    return table


def _deserved(sample: Sample, record: Record | None) -> bool:
    return record is not None and record.points == sample.points and bool(record.ungraded) == sample.ungraded
