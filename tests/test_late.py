"""Late work loses what the policy says, in gradebook, table, feedback and exports; without a due date nothing is late."""

import concurrent.futures as futures
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from autograder import class_files, classroom, exports, grading, records, repair
from autograder.class_secret import class_key
from autograder.commands import grade, results
from autograder.commands.due import show_dates
from autograder.commands.lateness import in_the_dark, lateness
from autograder.gradebook import ClassGradebook
from autograder.lessons import load
from autograder.nbgrader_settings import settings
from autograder.release import build
from autograder.submissions import find
from autograder.trouble import Trouble

LESSON = "05_softmax"
DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DATES = f"[due]\n{LESSON} = 2026-11-20T12:00:00Z\n"


def full_marks(data, lesson, student, notebook, sandbox, key):
    """Stands in for the worker's task: every test passed, nothing run."""
    tests = [
        records.TestResult(test.name, test.exercise, test.points, test.points, records.PASSED) for test in load(lesson).tests
    ]
    return records.Record(lesson, "", student, notebook, f"key of {student}", tests=tests).to_json()


@pytest.fixture
def class_of(tmp_path, monkeypatch):
    """Hands in at so many hours after the due date, by student, and grades; returns the class's folder."""
    monkeypatch.setattr(classroom, "grade_one", full_marks)
    monkeypatch.setattr(classroom, "processes", lambda jobs: futures.ThreadPoolExecutor(1))
    monkeypatch.setattr(grade.bubblewrap, "reason", lambda walls: "")

    def run(hours: dict[str, float], dates: str | None = None):
        folder, there = tmp_path / "class", tmp_path / "in"
        folder.mkdir(exist_ok=True)
        if dates is not None:
            (folder / "due.toml").write_text(dates)
        for student, late in hours.items():
            file = there / student / LESSON / f"{LESSON}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(build(load(LESSON)), file)
            os.utime(file, ((DUE + timedelta(hours=late)).timestamp(),) * 2)
        grade.grade_all(find(there), 1, False, folder, None, "bubblewrap")
        return folder

    return run


def penalties(folder):
    gradebook = ClassGradebook(folder)
    gradebook.settle()
    with gradebook.open() as book:
        return {row.student: row.late_penalty for row in exports.rows(book, folder / "records")}


def test_without_a_due_date_nothing_is_late(class_of):
    assert penalties(class_of({"ada": 1000})) == {"ada": 0}


def test_each_day_begun_costs_a_tenth(class_of):
    assert penalties(class_of({"ada": -1, "ben": 0.2, "cleo": 5, "dora": 30}, DATES)) == {
        "ada": 0,
        "ben": 0,
        "cleo": 1,
        "dora": 2,
    }


def test_an_extension_is_for_one_student(class_of):
    folder = class_of({"ada": 30, "ben": 30}, DATES + f"[extensions.{LESSON}]\nada = 2026-11-22\n")
    assert penalties(folder) == {"ada": 0, "ben": 2}


def test_a_time_given_by_a_person_counts(class_of):
    folder = class_of({"ada": 30, "ben": 0}, DATES + f"[handed_in.{LESSON}]\nada = 2026-11-20\nben = 2026-11-22\n")
    assert penalties(folder) == {"ada": 1, "ben": 3}


def test_a_change_of_the_dates_counts_without_grading_again(class_of):
    folder = class_of({"ada": 30}, DATES)
    assert penalties(folder) == {"ada": 2}
    (folder / "due.toml").write_text(DATES + "[late]\npercent_per_day = 25\n")
    assert penalties(folder) == {"ada": 5}
    (folder / "due.toml").write_text("")
    assert penalties(folder) == {"ada": 0}


def test_a_date_of_formgrader_counts_where_there_is_no_file(class_of):
    folder = class_of({"ada": 5})
    with ClassGradebook(folder).open() as book:
        book.update_or_create_assignment(LESSON, duedate="2026-11-20 12:00:00 UTC")
    assert penalties(folder) == {"ada": 1}


def test_the_same_work_handed_in_again_later_is_late(class_of):
    class_of({"ada": -5}, DATES)
    assert penalties(class_of({"ada": 5})) == {"ada": 1}


def test_hand_grades_change_what_a_share_of_the_points_is(class_of):
    folder = class_of({"ada": 5}, DATES)
    with ClassGradebook(folder).open() as book:
        grade = book.find_submission(LESSON, "ada").notebooks[0].grades[0]
        grade.manual_score = grade.auto_score - 1
        book.db.commit()
    assert penalties(folder) == {"ada": 0.9}


def test_nbgraders_own_autograde_takes_off_the_same(class_of):
    folder = class_of({"ada": 30}, DATES)
    with ClassGradebook(folder).open() as book:
        book.find_submission_notebook(LESSON, LESSON, "ada").late_submission_penalty = None
        book.db.commit()
    fitted, _ = repair.repair(build(load(LESSON)), load(LESSON))
    key = grading.Grader(key=class_key(folder)).record_key(fitted, load(LESSON))
    class_files.write_journal(folder, replace(class_files.read_record(folder, LESSON, "ada"), key=key))  # so that nothing is run
    config = settings(folder)
    course = CourseDirectory(config=config, student_id="ada", assignment_id=LESSON)
    Autograde(coursedir=course, config=config, force=True).start()
    with ClassGradebook(folder).open() as book:
        assert book.find_submission(LESSON, "ada").late_submission_penalty == 2


def test_the_table_the_page_and_the_export_show_it(class_of, capsys):
    folder = class_of({"ada": 30}, DATES)
    graded = list(class_files.records(folder))
    late = lateness(graded, ClassGradebook(folder))
    columns = [list(column.cells) for column in grade.table(graded, late).columns]
    assert columns[2] == ["10 - 2 of 10"] and columns[4] == ["1 day 6 hours late"]
    (page,) = results.write_feedback(None, folder, None)
    assert "10 points less 2 for handing in 1 day 6 hours late." in page.read_text()
    text = results.export_grades(None, "csv", None, folder, None).read_text("utf-8-sig")
    heads, line = (line.split(",") for line in text.splitlines())
    row = dict(zip(heads, line, strict=True))
    assert (row["points"], row["late_penalty"], row["hours_late"]) == ("8", "2", "30")


def test_the_command_shows_dates_and_who_was_late(class_of, capsys):
    folder = class_of({"ada": 30, "ben": -3}, DATES + f"[extensions.{LESSON}]\nzoe = 2026-11-24\n")
    capsys.readouterr()
    show_dates(folder, None)
    said = capsys.readouterr().out
    assert "1 day 6 hours" in said and "nothing handed in yet" in said and "ben" not in said and "10 %" in said


def test_the_command_writes_a_file_to_begin_with_and_keeps_formgraders_dates(class_of, capsys):
    folder = class_of({"ada": 5})
    with ClassGradebook(folder).open() as book:
        book.update_or_create_assignment(LESSON, duedate="2026-11-20 12:00:00 UTC")
    show_dates(folder, None)
    assert f"{LESSON} = 2026-11-20T12:00:00Z" in (folder / "due.toml").read_text()
    assert penalties(folder) == {"ada": 1}


def test_work_of_no_known_time_is_in_time_and_told(class_of, tmp_path):
    folder = class_of({"ada": 5}, DATES)
    (tmp_path / "canvas").mkdir()
    for name in ("doejane_LATE_12_4567_05_softmax.ipynb", "roejohn_13_4568_05_softmax.ipynb"):
        (tmp_path / "canvas" / name).write_text(json.dumps(build(load(LESSON))))
    found = find(tmp_path / "canvas")
    said = in_the_dark(found, ClassGradebook(folder).dates)
    assert said.startswith("2 of 2 submissions") and "calls doejane-12 late" in said
    grade.grade_all(found, 1, False, folder, None, "bubblewrap")
    assert penalties(folder) == {"ada": 1, "doejane-12": 0, "roejohn-13": 0}


def test_a_file_of_dates_that_cannot_be_read_stops_before_anything_is_graded(tmp_path):
    (tmp_path / "due.toml").write_text("[due]\nsoftmax = 1\n")
    with pytest.raises(Trouble, match="'softmax' is not known"):
        ClassGradebook(tmp_path)


def test_a_name_that_is_nobodys_is_told(class_of, capsys):
    folder = class_of({"ada": 1}, DATES + f"[extensions.{LESSON}]\nnobody = 2030-01-01\n")
    show_dates(folder, None)
    said = " ".join(capsys.readouterr().err.split())
    assert "due.toml names nobody in this class with nobody" in said


def test_formgrader_finds_the_lessons_of_a_fresh_class(class_of):
    folder = class_of({"ada": 0})
    source = nbformat.read(folder / "source" / LESSON / f"{LESSON}.ipynb", as_version=4)
    assert any("BEGIN HIDDEN TESTS" in cell.source for cell in source.cells)
