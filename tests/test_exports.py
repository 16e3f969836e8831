"""Exports hold grades where there are grades, and never a 0 where there is none."""

import csv
import io

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from traitlets.config import Config

from autograder import exports
from autograder.exports import ExportError, Row
from autograder.exports.rows import rows
from autograder.records import Record
from tests.sample_records import LESSON, STUDENTS, give_by_hand, hand_grades, passed, put_gradebook, record, ungraded


@pytest.fixture
def gradebook(tmp_path):
    """Six students: ada is half graded, bob in full, cyd by hand, dan without a record, eve not at all, fay wrongly."""
    for student, kept in {
        "ada": record("ada"),
        "bob": record("bob", [], [passed("softmax_values", "softmax", 2)]),
        "cyd": record("cyd"),
        "fay": record("fay", [], [ungraded("softmax_values", "softmax", 2, "crash", "")]),
    }.items():
        path = tmp_path / "records" / LESSON / f"{student}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(kept.to_json(), encoding="utf-8")
    with Gradebook(put_gradebook(tmp_path)) as gradebook:
        gradebook.remove_submission(LESSON, "eve")
        for name, points in hand_grades().manual.items():
            give_by_hand(gradebook, "cyd", name, points)
        gradebook.find_submission_notebook(LESSON, LESSON, "cyd").late_submission_penalty = 1.0
        gradebook.db.commit()
        yield gradebook


def by_student(gradebook, tmp_path, **chosen) -> dict[str, Row]:
    return {row.student: row for row in rows(gradebook, tmp_path / "records", **chosen)}


def test_every_student_has_a_row_with_names(gradebook, tmp_path):
    found = by_student(gradebook, tmp_path)
    assert tuple(found) == STUDENTS
    ada = found["ada"]
    assert (ada.lesson, ada.first_name, ada.last_name, ada.email) == (LESSON, "Ada", "Lovelace", "ada@example.org")


def test_work_graded_in_full_has_its_points(gradebook, tmp_path):
    bob = by_student(gradebook, tmp_path)["bob"]
    assert (bob.points, bob.points_so_far, bob.max_points, bob.status, bob.hand_grades) == (2, 2, 2, "graded", 0)


def test_what_is_not_decided_is_no_grade(gradebook, tmp_path):
    found = by_student(gradebook, tmp_path)
    ada, fay = found["ada"], found["fay"]
    assert (ada.points, ada.points_so_far, ada.status) == (None, 4, "ungraded: memory, timeout; needs grading by hand")
    assert (fay.points, fay.points_so_far, fay.status) == (None, None, "ungraded: crash")


def test_hand_grades_and_penalties_count(gradebook, tmp_path):
    cyd = by_student(gradebook, tmp_path)["cyd"]
    assert (cyd.points, cyd.late_penalty, cyd.hand_grades, cyd.status) == (8.0, 1.0, 4, "graded")


def test_nothing_handed_in_is_no_grade_either(gradebook, tmp_path):
    found = by_student(gradebook, tmp_path)
    assert (found["eve"].points, found["eve"].max_points, found["eve"].status) == (None, 12, "nothing handed in")
    assert (found["dan"].points, found["dan"].status) == (None, "ungraded: no record")


def test_a_hand_grade_for_earlier_work_is_no_grade(gradebook, tmp_path):
    give_by_hand(gradebook, "cyd", "why_before", 2, look_again=True)
    cyd = by_student(gradebook, tmp_path)["cyd"]
    assert (cyd.points, cyd.status) == (None, "needs grading by hand")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lesson": "x"}', '{"cells": [], "tests": [], "strange": 1}'])
def test_a_record_that_cannot_be_read_stops_nobody(gradebook, tmp_path, text):
    (tmp_path / "records" / LESSON / "ada.json").write_text(text, encoding="utf-8")
    found = by_student(gradebook, tmp_path)
    assert found["ada"].status == "ungraded: the record cannot be read"
    assert found["bob"].status == "graded"


def test_a_record_without_tests_is_no_grade(gradebook, tmp_path):
    (tmp_path / "records" / LESSON / "ada.json").write_text(Record(LESSON, student="ada").to_json(), encoding="utf-8")
    assert by_student(gradebook, tmp_path)["ada"].status == "ungraded: no tests"


def test_records_of_students_whom_the_gradebook_does_not_know_are_rows(gradebook, tmp_path):
    (tmp_path / "records" / LESSON / "zoe.json").write_text(record("zoe").to_json(), encoding="utf-8")
    assert by_student(gradebook, tmp_path)["zoe"].points_so_far == 4


def test_lessons_and_students_can_be_chosen(gradebook, tmp_path):
    assert list(by_student(gradebook, tmp_path, lessons=[LESSON], students=["eve", "ada"])) == ["eve", "ada"]
    with pytest.raises(ExportError, match="There is no lesson '06_values' in this class; there is: 05_softmax."):
        rows(gradebook, tmp_path / "records", lessons=["06_values"])
    with pytest.raises(ExportError, match="There is no student 'zoe'"):
        rows(gradebook, tmp_path / "records", students=["zoe"])


def read(path) -> list[dict]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_csv_file_has_empty_fields_where_there_is_no_grade(gradebook, tmp_path):
    path = exports.write("csv", gradebook, tmp_path / "records", tmp_path / "grades.csv")
    found = {line["student"]: line for line in read(path)}
    assert (found["bob"]["points"], found["bob"]["max_points"]) == ("2", "2")
    assert (found["ada"]["points"], found["ada"]["points_so_far"]) == ("", "4")
    assert (found["eve"]["points"], found["eve"]["points_so_far"], found["eve"]["status"]) == ("", "", "nothing handed in")


@pytest.mark.parametrize(
    "name, cell",
    [
        ("Zoë Müller-Łuczak, 王", "Zoë Müller-Łuczak, 王"),
        ('=HYPERLINK("http://example.org")', '\'=HYPERLINK("http://example.org")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1", "a;'=1"),
        ("a\r\n=1", "a\n'=1"),
        ("a+b@example.org", "a+b@example.org"),
        ("\ud800", "\ufffd"),
        ('"', '"'),
    ],
)
def test_no_cell_is_a_formula(tmp_path, name, cell):
    path = exports.csv.write([Row("05_softmax", "ada", last_name=name, points=1 / 3)], tmp_path / "grades.csv")
    assert read(path)[0]["last_name"] == cell
    assert read(path)[0]["points"] == "0.3333333333"


def test_an_unknown_format_is_refused_with_a_list(gradebook, tmp_path):
    with pytest.raises(ExportError, match="There is no export to 'xls'; there is: canvas, csv, gradescope, moodle"):
        exports.write("xls", gradebook, tmp_path / "records", tmp_path / "grades.xls")


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(gradebook, tmp_path):
    with pytest.raises(ExportError, match="cannot be written"):
        exports.write("csv", gradebook, tmp_path / "records", tmp_path)


def export_app(tmp_path, **plugin) -> ExportApp:
    config = Config()
    config.ExportApp.plugin_class = "autograder.exports.nbgrader_plugin.CsvExport"
    config.CsvExport.folder = str(tmp_path)
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    config.ExportPlugin.merge(plugin)
    app = ExportApp(config=config)
    app.init_plugin()
    return app


def test_nbgraders_export_writes_the_same_file(gradebook, tmp_path):
    ours = exports.write("csv", gradebook, tmp_path / "records", tmp_path / "ours.csv", [LESSON], ["ada", "bob"])
    app = export_app(tmp_path, to=str(tmp_path / "theirs.csv"), assignment=[LESSON], student=["ada", "bob"])
    app.plugin_inst.export(gradebook)
    assert (tmp_path / "theirs.csv").read_bytes() == ours.read_bytes()


def test_nbgraders_export_ends_with_a_sentence_where_it_cannot(gradebook, tmp_path):
    with pytest.raises(SystemExit, match="There is no lesson"):
        export_app(tmp_path, to=str(tmp_path / "x.csv"), assignment=["06_values"]).plugin_inst.export(gradebook)
