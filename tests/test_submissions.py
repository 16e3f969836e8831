"""Folders and archives of handed-in notebooks are told apart by student and lesson."""

import json
import os
import pickle
import stat
import zipfile
from datetime import UTC, datetime

import pytest

from autograder.lessons import ROOT
from autograder.submission_files import notebook_files
from autograder.submission_names import SCHEMES, Guess, guess, safe_id
from autograder.submissions import SubmissionError, find

LESSONS = {
    "05_softmax": ["softmax", "softmax_values", "entropy", "entropy_values"],
    "06_weighted_sum": ["weighted_sum", "weighted_sum_values"],
}


def notebook(*grade_ids, note=""):
    """The bytes of a notebook with cells of these grade ids."""
    cells = [
        {"cell_type": "code", "id": f"c{number}", "source": note, "metadata": {"nbgrader": {"grade_id": name, "solution": True}}}
        for number, name in enumerate(grade_ids)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


SOFTMAX, WEIGHTED_SUM = notebook("softmax", "softmax_values"), notebook("weighted_sum")


def put(folder, path, data=SOFTMAX, time=None):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    if time is not None:
        os.utime(file, (time, time))
    return file


def packed(folder, archive):
    """The folder as a zip archive."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(folder.rglob("*")):
            out.write(file, file.relative_to(folder))
    return archive


def told(submissions):
    return [(item.student, item.lesson) for item in submissions]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "class"
    path.mkdir()
    return path


@pytest.fixture(params=["folder", "archive"])
def handed_in(request, folder, tmp_path):
    """Where to look, once everything has been put into `folder`."""
    return lambda: folder if request.param == "folder" else packed(folder, tmp_path / "class.zip")


# Layouts


def test_nbgraders_layout_is_read(folder, handed_in):
    put(folder, "ann/05_softmax/05_softmax.ipynb")
    put(folder, "ann/06_weighted_sum/06_weighted_sum.ipynb", WEIGHTED_SUM)
    put(folder, "bob/05_softmax/05_softmax.ipynb", notebook("softmax", note="bob's"))
    found = find(handed_in(), lessons=LESSONS)
    assert told(found) == [("ann", "05_softmax"), ("bob", "05_softmax"), ("ann", "06_weighted_sum")]
    assert b"bob's" in found[1].data() and found[1].path.name == "05_softmax.ipynb"
    assert not any(item.problem or item.note for item in found)


def test_a_flat_folder_is_read_and_lessons_are_recognised(folder, handed_in):
    put(folder, "ann_05_softmax.ipynb")
    put(folder, "06_weighted_sum-bob.ipynb", WEIGHTED_SUM)
    put(folder, "carol.ipynb", WEIGHTED_SUM)
    put(folder, "dan_05_Softmax (1).ipynb")
    assert told(find(handed_in(), lessons=LESSONS)) == [
        ("ann", "05_softmax"),
        ("dan", "05_softmax"),
        ("bob", "06_weighted_sum"),
        ("carol", "06_weighted_sum"),
    ]


def test_a_folder_per_student_is_read(folder, handed_in):
    put(folder, "ann/my work.ipynb")
    put(folder, "bob/deep/down/06_weighted_sum.ipynb", WEIGHTED_SUM)
    assert told(find(handed_in(), lessons=LESSONS)) == [("ann", "05_softmax"), ("bob", "06_weighted_sum")]


@pytest.mark.parametrize("inner", ["{}.ipynb", "{}/05_softmax.ipynb", "{}/05_softmax/05_softmax.ipynb"])
def test_a_folder_around_everything_is_no_student(inner, folder, handed_in):
    for student in ("ann", "bob"):
        put(folder, "export/submitted/" + inner.format(student))
    assert told(find(handed_in(), lessons=LESSONS)) == [("ann", "05_softmax"), ("bob", "05_softmax")]


@pytest.mark.parametrize("inner", [["05_softmax/05_softmax.ipynb"], ["05_softmax.ipynb", "06_weighted_sum.ipynb"], ["x.ipynb"]])
def test_the_folder_of_the_only_student_is_the_student(inner, folder, handed_in):
    for path in inner:
        put(folder, f"ann/{path}", WEIGHTED_SUM if "06" in path else SOFTMAX)
    assert {item.student for item in find(handed_in(), lessons=LESSONS)} == {"ann"}


def test_hidden_files_checkpoints_and_resource_forks_are_skipped(folder, handed_in):
    put(folder, "ann/05_softmax/05_softmax.ipynb")
    put(folder, "ann/05_softmax/.ipynb_checkpoints/05_softmax-checkpoint.ipynb")
    put(folder, "__MACOSX/ann/05_softmax/._05_softmax.ipynb")
    put(folder, ".trash/bob/05_softmax/05_softmax.ipynb")
    put(folder, "ann/05_softmax/plot.png")
    assert told(find(handed_in(), lessons=LESSONS)) == [("ann", "05_softmax")]


# The lesson


def test_one_lesson_can_be_asked_for(folder, handed_in):
    put(folder, "ann/05_softmax/05_softmax.ipynb")
    put(folder, "ann/06_weighted_sum/06_weighted_sum.ipynb", WEIGHTED_SUM)
    assert told(find(handed_in(), "06_weighted_sum", LESSONS)) == [("ann", "06_weighted_sum")]


def test_a_file_that_does_not_say_its_lesson_belongs_to_the_one_asked_for(folder, handed_in):
    put(folder, "ann.ipynb", notebook("softmax"))
    put(folder, "bob.ipynb", b"%PDF-1.7")
    found = find(handed_in(), "05_softmax", LESSONS)
    assert told(found) == [("ann", "05_softmax"), ("bob", "05_softmax")] and not found[1].problem


def test_the_wrong_lesson_is_told(folder, handed_in):
    put(folder, "ann/05_softmax/05_softmax.ipynb", WEIGHTED_SUM)
    put(folder, "bob/05_softmax/05_softmax.ipynb")
    wrong, right = find(handed_in(), lessons=LESSONS)
    assert "lesson 06_weighted_sum, handed in as 05_softmax" in wrong.problem and not right.problem


def test_a_notebook_of_no_lesson_is_told(folder, handed_in):
    put(folder, "ann.ipynb", notebook("something"))
    put(folder, "bob.ipynb", b"<html>")
    ann, bob = find(handed_in(), lessons=LESSONS)
    assert (ann.student, ann.lesson) == ("ann", "") and "--lesson" in ann.problem
    assert "bob.ipynb: The file is a web page" in bob.problem


def test_a_students_other_notebooks_do_not_count(folder, handed_in):
    put(folder, "ann/05_softmax/05_softmax.ipynb")
    put(folder, "ann/scratch.ipynb", notebook("something"))
    put(folder, "bob/scratch.ipynb", notebook("something"))
    assert told(find(handed_in(), lessons=LESSONS)) == [("bob", ""), ("ann", "05_softmax")]


# The student


def test_a_file_called_like_the_lesson_does_not_say_whose_it_is(folder, handed_in):
    put(folder, "05_softmax.ipynb")
    put(folder, "ann_05_softmax.ipynb")
    nobody, ann = find(handed_in(), lessons=LESSONS)
    assert nobody.student == "" and nobody.problem.endswith("call it STUDENT_05_softmax.ipynb.")
    assert ann.student == "ann" and not ann.problem


@pytest.mark.parametrize(
    ("written", "safe"),
    {
        "Ann Lee": "Ann_Lee",
        "ann@uni.edu": "ann@uni.edu",
        "Zoë": "Zoë",
        "李雷": "李雷",
        "../../etc": "_.._etc",
        "a/b": "a_b",
        "a+b*c": "a_b_c",
        "...": "",
        "___": "",
        " ": "",
        ".hidden": "hidden",
    }.items(),
)
def test_a_students_id_is_safe_as_a_folders_name(written, safe):
    assert safe_id(written) == safe


def test_long_ids_stay_different():
    one, other = safe_id("a" * 300), safe_id("a" * 301)
    assert one != other and len(one) == len(other) == 100


def test_the_same_name_written_in_two_ways_of_unicode_is_one_student(folder):
    put(folder, "zoe\u0308_05_softmax.ipynb", time=1)
    put(folder, "zoë_05_softmax.ipynb", time=2)
    (found,) = find(folder, lessons=LESSONS)
    assert found.student == "zoë" and not found.problem


def test_two_students_are_never_merged(folder, handed_in):
    for name in ("ann lee", "ann_lee", "bob", "BOB", "carol"):
        put(folder, f"{name}/05_softmax/05_softmax.ipynb")
    found = find(handed_in(), lessons=LESSONS)
    assert [item.student for item in found if not item.problem] == ["carol"]
    assert {item.problem for item in found if item.problem} == {
        "The names ann lee and ann_lee become the same student id, ann_lee: rename one.",
        "The names BOB and bob become the same student id, BOB: rename one.",
        "The names BOB and bob become the same student id, bob: rename one.",
    }


# Several notebooks of one student


def test_of_two_notebooks_the_newer_is_taken_and_it_is_said(folder, handed_in):
    put(folder, "ann_05_softmax.ipynb", notebook("softmax", note="old"), time=1_700_000_000)
    put(folder, "ann-05_softmax.ipynb", notebook("softmax", note="new"), time=1_700_000_100)
    (found,) = find(handed_in(), lessons=LESSONS)
    assert b"new" in found.data() and not found.problem
    assert found.note == (
        "There are 2 notebooks for 05_softmax: the newest, ann-05_softmax.ipynb, is taken, not ann_05_softmax.ipynb."
    )


def test_the_notebook_with_the_lessons_name_goes_before_a_newer_copy(folder, handed_in):
    put(folder, "ann/05_softmax/05_softmax.ipynb", notebook("softmax", note="right"), time=1_700_000_000)
    put(folder, "ann/05_softmax/05_softmax-Copy1.ipynb", notebook("softmax", note="copy"), time=1_700_000_100)
    put(folder, "bob/05_softmax/renamed.ipynb", notebook("softmax", note="renamed"))
    ann, bob = find(handed_in(), lessons=LESSONS)
    assert b"right" in ann.data() and b"renamed" in bob.data() and not ann.note


def test_the_right_lesson_goes_before_a_newer_wrong_one(folder, handed_in):
    put(folder, "ann_05_softmax.ipynb", SOFTMAX, time=1_700_000_000)
    put(folder, "05_softmax_ann.ipynb", WEIGHTED_SUM, time=1_700_000_100)
    (found,) = find(handed_in(), lessons=LESSONS)
    assert not found.problem and found.path.name == "ann_05_softmax.ipynb"


# What cannot be read


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere", "is not there"),
        ("empty", "no notebook in"),
        ("one.ipynb", "python -m autograder check"),
        ("text.zip", "neither a folder nor a zip archive"),
    ],
)
def test_what_holds_no_submissions_is_refused_in_a_sentence(place, said, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "one.ipynb").write_bytes(SOFTMAX)
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(SubmissionError, match=said) as refused:
        find(tmp_path / place, lessons=LESSONS)
    assert str(refused.value).endswith(".")


def test_what_was_looked_for_is_said(folder):
    put(folder, "ann/05_softmax/05_softmax.ipynb")
    with pytest.raises(SubmissionError, match="no notebook of lesson 06_weighted_sum .*STUDENT/LESSON/LESSON.ipynb"):
        find(folder, "06_weighted_sum", LESSONS)
    with pytest.raises(SubmissionError, match="There is no lesson 99_none: the lessons are 05_softmax, 06_weighted_sum"):
        find(folder, "99_none", LESSONS)


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    secret = put(tmp_path, "elsewhere/secret.ipynb")
    put(folder, "ann_05_softmax.ipynb")
    (folder / "bob_05_softmax.ipynb").symlink_to(secret)
    (folder / "carol_05_softmax.ipynb").symlink_to(folder / "ann_05_softmax.ipynb")
    (folder / "dan_05_softmax.ipynb").symlink_to(folder / "dan_05_softmax.ipynb")
    (folder / "eve").symlink_to(secret.parent)
    found = {item.student: item for item in find(folder, lessons=LESSONS)}
    assert set(found) == {"ann", "bob", "carol", "dan"}
    assert "leaves the folder" in found["bob"].problem and "leads nowhere" in found["dan"].problem
    assert not found["carol"].problem


def test_a_named_pipe_does_not_stop_the_search(folder):
    put(folder, "ann_05_softmax.ipynb")
    os.mkfifo(folder / "bob_05_softmax.ipynb")
    (folder / "carol_05_softmax.ipynb").mkdir()
    found = {item.student: item.problem for item in find(folder, lessons=LESSONS)}
    assert found == {"ann": "", "bob": "bob_05_softmax.ipynb is no file."}


def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(folder, monkeypatch):
    put(folder, "ann_05_softmax.ipynb")
    put(folder, "bob_05_softmax.ipynb")
    real = open

    def refuse(path, *arguments, **keywords):
        if "bob" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **keywords)

    monkeypatch.setattr("builtins.open", refuse)
    ann, bob = find(folder, lessons=LESSONS)
    assert not ann.problem and "bob_05_softmax.ipynb cannot be read (PermissionError" in bob.problem


def test_an_archive_is_read_in_place_and_nothing_in_it_leads_out(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("../../up_05_softmax.ipynb", SOFTMAX)
        out.writestr("/root_05_softmax.ipynb", SOFTMAX)
        out.writestr("windows\\05_softmax\\05_softmax.ipynb", SOFTMAX)
        link = zipfile.ZipInfo("link/05_softmax/05_softmax.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    before = sorted(tmp_path.rglob("*"))
    found = {item.student: item.problem for item in find(archive, lessons=LESSONS)}
    assert found == {"windows": "", "link": "05_softmax.ipynb is a link and is not followed."}
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_in_an_archive_is_read_only_in_part(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("ann_05_softmax.ipynb", SOFTMAX)
        with out.open("bomb_05_softmax.ipynb", "w") as member:
            for _ in range(60):
                member.write(b" " * 1_000_000)
    ann, bomb = find(archive, lessons=LESSONS)
    assert not ann.problem and "has 60 MB, more than the 50 MB" in bomb.problem
    assert len(bomb.data()) <= 50_000_001


def test_a_damaged_member_is_told_and_the_others_go_on(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("ann_05_softmax.ipynb", SOFTMAX)
        out.writestr("bob_05_softmax.ipynb", notebook("softmax", note="damaged"))
    archive.write_bytes(archive.read_bytes().replace(b"damaged", b"changed"))
    ann, bob = find(archive, lessons=LESSONS)
    assert not ann.problem and "bob_05_softmax.ipynb cannot be read (BadZipFile" in bob.problem


def test_an_encrypted_member_is_told(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("ann_05_softmax.ipynb", SOFTMAX)
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    (ann,) = find(archive, lessons=LESSONS)
    assert ann.problem == "ann_05_softmax.ipynb is encrypted; make the archive without a password."


def test_names_that_would_steer_a_terminal_are_not_printed(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("\x1b[2Jann.ipynb", notebook("something"))
    (found,) = find(archive, lessons=LESSONS)
    assert "\x1b" not in found.problem and "\x1b" not in found.student


# For those who use it


def test_a_submission_can_be_sent_to_another_process(folder, handed_in):
    put(folder, "ann_05_softmax.ipynb")
    (found,) = find(handed_in(), lessons=LESSONS)
    assert pickle.loads(pickle.dumps(found)).data() == SOFTMAX and len({found, found}) == 1


def test_files_come_in_the_same_order_each_time(folder):
    for name in ("b", "a", "c"):
        put(folder, f"{name}/05_softmax/05_softmax.ipynb")
    assert [file.parts[0] for file in notebook_files(folder)] == ["a", "b", "c"]


def test_a_naming_scheme_is_a_function_in_a_list(monkeypatch):
    def numbered(parts, lessons):
        return Guess(parts[-1][:4], "05_softmax") if parts[-1][:4].isdigit() else None

    monkeypatch.setattr("autograder.submission_names.SCHEMES", [numbered, *SCHEMES])
    assert guess(("0042_x.ipynb",), LESSONS) == Guess("0042", "05_softmax")
    assert guess(("ann_05_softmax.ipynb",), LESSONS).student == "ann"


def test_the_courses_own_lessons_are_the_default(folder):
    put(folder, "ann.ipynb", notebook("average_rows", "average_rows_values"))
    assert told(find(folder)) == [("ann", "00_start_here")]


def test_of_several_attempts_in_nbgraders_exchange_the_newest_counts(folder):
    for when in ("2026-11-20 10:15:00.5 UTC+a1b2", "2026-11-20 13:00:00 UTC", "2026-11-20 13:30:00.0 CET+zz"):
        put(folder, f"inbound/ada+05_softmax+{when}/05_softmax.ipynb", time=0)
    put(folder, "inbound/ben+06_weighted_sum+2026-11-20 12:30:00 UTC+x/06_weighted_sum.ipynb", WEIGHTED_SUM)
    found = find(folder, lessons=LESSONS)
    assert told(found) == [("ada", "05_softmax"), ("ben", "06_weighted_sum")]
    assert found[0].handed_in == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def test_repositories_cloned_from_github_classroom_are_read_and_tell_no_time(folder):
    for place in ("05-softmax-submissions/05-softmax-ada-l", "05-softmax-submissions/05-softmax-ben"):
        put(folder, f"{place}/05_softmax.ipynb")
    put(folder, "06-weighted-sum-submissions/06-weighted-sum-ben/work.ipynb", WEIGHTED_SUM)
    found = find(folder, lessons=LESSONS)
    assert told(found) == [("ada-l", "05_softmax"), ("ben", "05_softmax"), ("ben", "06_weighted_sum")]
    assert [one.handed_in for one in found] == [None] * 3


def test_the_courses_own_folder_and_a_classs_are_refused(tmp_path):
    with pytest.raises(SubmissionError, match="is the course's own folder"):
        find(ROOT)
    (tmp_path / "secret.key").write_text("00")
    with pytest.raises(SubmissionError, match="is a class's own folder"):
        find(tmp_path)
