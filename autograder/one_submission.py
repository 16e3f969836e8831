"""The one submission that lies in a folder: what Gradescope and GitHub grade at a time."""

from pathlib import Path

from autograder import repair
from autograder.grading import Grader
from autograder.lessons import Lesson
from autograder.records import Record
from autograder.submission_files import CANNOT_READ, NotebookFile, notebook_files
from autograder.trouble import Trouble


class NoGrade(Trouble):
    """There is no grade to tell, and the text says why."""

    status = 1


def grade_folder(folder: Path, lesson: Lesson, grader: Grader) -> Record:
    """The record of the notebook in a folder, the lesson's if there are several. Raises NoGrade where there is none."""
    files = [file for file in notebook_files(folder) if not file.problem]
    if not files:
        raise NoGrade(f"No notebook was handed in: hand in {lesson.name}.ipynb.")
    best = max(files, key=lambda file: _rank(file, lesson))
    try:
        record = grader.grade(best.data(), lesson, notebook=best.name)
    except CANNOT_READ as problem:
        raise NoGrade(f"{best.name} cannot be read ({type(problem).__name__}).") from None
    if len(files) > 1:
        record.notes.insert(0, f"There are {len(files)} notebooks: {best.name} was graded.")
    return record


def _rank(file: NotebookFile, lesson: Lesson) -> tuple:
    """First what holds the lesson's cells, then what is called like it, then the newest."""
    try:
        names = {lesson.name: [exercise.name for exercise in lesson.exercises] + [test.name for test in lesson.tests]}
        known = repair.recognise(repair.read(file.data()), names) == lesson.name
    except (repair.Unreadable, *CANNOT_READ):
        known = False
    return known, file.name == f"{lesson.name}.ipynb", file.modified
