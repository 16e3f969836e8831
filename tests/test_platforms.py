"""Grades go into the files of Canvas and Moodle, in the right lines, and nothing else changes."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.exports import ExportError, Row, canvas, moodle

ROWS = [
    Row("05_softmax", "doejane-1234", points=7.5, max_points=10, status="graded"),
    Row("05_softmax", "roejohn-77", points=None, max_points=10, status="ungraded: crash"),
    Row("05_softmax", "lw14", points=0.0, max_points=10, status="graded"),
    Row("05_softmax", "nobody-5", points=3.0, max_points=10, status="graded"),
    Row("06_weighted_sum", "doejane-1234", points=9.0, max_points=10, status="graded"),
]
CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Softmax (4711),Lesson 06: Weighted sum (4712),Final Score
    Points Possible,,,,,10,10,(read only)
"Doe, Jane",1234,u1,jane@x.org,A,,,50
"Roe, John",77,u2,john@x.org,A,4,,60
"=Li, Wei",14,u3,LW14,A,,8,70
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 1234,Jane Doe,jane@x.org,Submitted,,10.00,
Participant 77,John Roe,john@x.org,Submitted,4.00,10.00,fine
Participant 14,Li Wei,lw14,Submitted,,10.00,
"""


def put(tmp_path, text: str) -> Path:
    path = tmp_path / "download.csv"
    path.write_text(text, encoding="utf-8")
    return path


def lines(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_canvass_gradebook_is_filled_by_user_number_and_login(tmp_path):
    sheet = canvas.write(ROWS, tmp_path / "out.csv", put(tmp_path, CANVAS))
    before, after = lines(tmp_path / "download.csv"), lines(tmp_path / "out.csv")
    assert sheet.missing == {"nobody-5"}
    assert [line[5] for line in after[2:]] == ["7.5", "4", "0"]
    assert [line[6] for line in after[2:]] == ["9", "", "8"]
    for line in (*before, *after):
        del line[5:7]
    assert before == after


@pytest.mark.parametrize("name", ["05_softmax", "5 Softmax", "SOFTMAX", "Lesson 5: Softmax", "Lesson 05 - softmax"])
def test_canvass_assignment_may_be_called_in_several_ways(tmp_path, name):
    canvas.write(ROWS, tmp_path / "out.csv", put(tmp_path, CANVAS.replace("Softmax (4711)", f"{name} (4711)")))
    assert lines(tmp_path / "out.csv")[2][5] == "7.5"


def test_assignments_that_are_missing_or_there_twice_are_told(tmp_path):
    with pytest.raises(ExportError, match="no assignment called like 09_positions"):
        canvas.write([Row("09_positions", "a", points=1.0)], tmp_path / "out.csv", put(tmp_path, CANVAS))
    with pytest.raises(ExportError, match="2 assignments"):
        canvas.write(ROWS, tmp_path / "out.csv", put(tmp_path, CANVAS.replace("Final Score", "05 softmax (9)")))


def test_moodles_worksheet_is_filled_by_participant_and_address(tmp_path):
    rows = [row for row in ROWS if row.lesson == "05_softmax"]
    sheet = moodle.write(rows, tmp_path / "out.csv", put(tmp_path, MOODLE))
    before, after = lines(tmp_path / "download.csv"), lines(tmp_path / "out.csv")
    assert sheet.missing == {"nobody-5"}
    assert [line[4] for line in after[1:]] == ["7.5", "4.00", "0"]
    for line in (*before, *after):
        del line[4]
    assert before == after


def test_lines_that_fit_nobody_are_told(tmp_path):
    rows = [row for row in ROWS if row.student != "nobody-5"][:1]
    sheet = canvas.write(rows, tmp_path / "out.csv", put(tmp_path, CANVAS))
    students = {line[0] for line in lines(tmp_path / "out.csv")[2:]}
    assert len(sheet.strange) == len(students) - 1 and sheet.strange < students
    ungraded = replace(rows[0], student="someone-99999", points=None, status="ungraded: time")
    assert canvas.write([*rows, ungraded], tmp_path / "out.csv", put(tmp_path, CANVAS)).missing == {"someone-99999"}


def test_moodle_wants_one_lesson(tmp_path):
    with pytest.raises(ExportError, match="for one lesson"):
        moodle.write(ROWS, tmp_path / "out.csv", put(tmp_path, MOODLE))


@pytest.mark.parametrize("write", [canvas.write, moodle.write])
@pytest.mark.parametrize("text", ["", "a,b\n", "a,b\n1,2\n", "\0"], ids=ascii)
def test_another_file_is_refused_in_a_sentence(tmp_path, write, text):
    with pytest.raises(ExportError, match="download"):
        write(ROWS[:1], tmp_path / "out.csv", put(tmp_path, text))


@pytest.mark.parametrize("write", [canvas.write, moodle.write])
def test_the_file_must_be_named(tmp_path, write):
    with pytest.raises(ExportError, match="--into"):
        write(ROWS[:1], tmp_path / "out.csv", None)
