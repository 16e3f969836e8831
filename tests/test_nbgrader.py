"""nbgrader's own commands, with this course's steps plugged in, give what our commands give."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import classroom, submissions
from autograder.class_files import read_record
from autograder.class_secret import class_key
from autograder.gradebook import ClassGradebook, GradebookError
from autograder.lessons import ROOT, load
from autograder.sample_class import SOFTMAX, hand_in, sample_class

STUDENTS = {"amara", "chloe", "elif", "grace", "hana", "ivan"}
CONFIG = """
from pathlib import Path
from autograder.nbgrader_settings import settings
c = get_config()
c.merge(settings(Path({folder!r})))
"""


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("handed_in")
    hand_in([sample for sample in sample_class() if sample.student in STUDENTS], folder)
    return folder


@pytest.fixture(scope="module")
def ours(handed_in, tmp_path_factory) -> Path:
    """The class graded by `grade`'s machinery, in this process."""
    folder = tmp_path_factory.mktemp("ours")
    settings = classroom.Settings(folder, class_key(folder))
    found = submissions.find(handed_in)
    graded = list(classroom.grade(found, settings, ClassGradebook(folder), lambda: classroom.processes(1), 2))
    assert len(graded) == len(STUDENTS)
    return folder


@pytest.fixture(scope="module")
def theirs(handed_in, ours, tmp_path_factory) -> Path:
    """The same class, with the same secret, graded by `nbgrader autograde` on the command line."""
    folder = tmp_path_factory.mktemp("theirs")
    shutil.copy(ours / "secret.key", folder)
    ClassGradebook(folder).add_lesson(load(SOFTMAX))
    shutil.copytree(handed_in, folder / "submitted")
    run_nbgrader(folder, "autograde", SOFTMAX)
    return folder


def run_nbgrader(folder: Path, *arguments: str) -> None:
    (folder / "nbgrader_config.py").write_text(CONFIG.format(folder=str(folder)))
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(folder / "jupyter")}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]


def grades(folder: Path) -> dict:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {
            (student, grade.name): (grade.auto_score, grade.needs_manual_grade, grade.max_score)
            for student in STUDENTS
            for notebook in gradebook.find_submission(SOFTMAX, student).notebooks
            for grade in notebook.grades
        }


def test_nbgrader_autograde_and_our_grade_give_the_same_points(ours, theirs):
    assert grades(theirs) == grades(ours)
    assert len(grades(ours)) == len(STUDENTS) * len(load(SOFTMAX).tests)


def comments(folder: Path) -> dict:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {
            (student, comment.name): comment.auto_comment
            for student in STUDENTS
            for notebook in gradebook.find_submission(SOFTMAX, student).notebooks
            for comment in notebook.comments
        }


def test_both_comment_on_the_answers_that_were_left_as_released(ours, theirs):
    assert comments(theirs) == comments(ours)
    blank = {student for (student, _), comment in comments(ours).items() if comment == "No response."}
    assert blank and "amara" not in blank


def test_both_write_the_same_notebook_for_formgrader(ours, theirs):
    def written(folder: Path) -> dict:
        return {file.relative_to(folder): json.loads(file.read_text()) for file in sorted(folder.rglob("*.ipynb"))}

    here, there = written(ours / "autograded"), written(theirs / "autograded")
    assert len(here) == len(STUDENTS) and here.keys() == there.keys()
    for file, notebook in here.items():
        assert notebook["cells"] == [_joined(cell) for cell in there[file]["cells"]], file


def _joined(cell: dict) -> dict:
    """A cell as it is, not as it is written: nbformat writes texts as lists of lines."""
    joined = cell | {"source": "".join(cell["source"])}
    if "outputs" in cell:
        joined["outputs"] = [
            output | ({"text": "".join(output["text"])} if "text" in output else {}) for output in cell["outputs"]
        ]
    return joined


def test_what_could_not_be_judged_is_no_zero_in_the_gradebook(ours):
    assert {grade[:2] for (student, _), grade in grades(ours).items() if student == "grace"} == {(None, True)}


def test_formgrader_is_shown_no_html_of_a_student(ours):
    for notebook in (ours / "autograded").rglob("*.ipynb"):
        assert "text/html" not in notebook.read_text()


def test_a_grade_given_by_hand_stays_when_the_class_is_graded_again(ours, handed_in, tmp_path):
    folder = tmp_path / "class"
    shutil.copytree(ours, folder)
    book = ClassGradebook(folder)
    with book.open() as gradebook:
        grade = gradebook.find_grade("entropy_values", SOFTMAX, SOFTMAX, "grace")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    settings = classroom.Settings(folder, class_key(folder), again=True)
    found = [one for one in submissions.find(handed_in) if one.student == "grace"]
    list(classroom.grade(found, settings, book, lambda: classroom.processes(1), 2))
    with book.open() as gradebook:
        grade = gradebook.find_grade("entropy_values", SOFTMAX, SOFTMAX, "grace")
        assert (grade.manual_score, grade.auto_score, grade.score) == (1.0, None, 1.0)


def test_what_is_graded_is_not_graded_again(ours, handed_in):
    def nobody():
        raise AssertionError("a submission was run again")

    settings = classroom.Settings(ours, class_key(ours))
    records = [record for _, record in classroom.grade(submissions.find(handed_in), settings, ClassGradebook(ours), nobody, 2)]
    assert {record.student: record.points for record in records}["chloe"] == 8


def test_records_are_kept_beside_the_gradebook(ours):
    assert read_record(ours, SOFTMAX, "amara").points == 10
    assert read_record(ours, SOFTMAX, "amara").key_id == class_key(ours).id


def test_a_lesson_that_lost_a_test_after_grading_is_refused_in_one_sentence(ours, monkeypatch):
    import dataclasses

    lesson = load(SOFTMAX)
    notebook = type(lesson.notebook)(lesson.notebook)
    notebook.cells = [cell for cell in lesson.notebook.cells if cell.id != "entropy_values"]
    changed = dataclasses.replace(lesson, notebook=notebook, digest="another")
    with pytest.raises(GradebookError, match="new class folder"):
        ClassGradebook(ours).add_lesson(changed)
