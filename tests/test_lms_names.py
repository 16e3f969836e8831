"""Downloads of Canvas, Moodle and Brightspace are told apart by student, lesson and attempt."""

import zipfile
from datetime import datetime

import pytest
from test_submissions import SOFTMAX, WEIGHTED_SUM, folder, told  # noqa: F401 (a fixture)

from autograder.submission_names import guess
from autograder.submissions import find

LESSONS = {"05_softmax": ["softmax", "softmax_values"], "06_weighted_sum": ["weighted_sum", "weighted_sum_values"]}
CANVAS = {
    "doejane_1234_567890_05_softmax.ipynb": ("doejane-1234", "05_softmax", (567890, 0)),
    "doejane_LATE_1234_567890_05_softmax.ipynb": ("doejane-1234", "05_softmax", (567890, 0)),
    "doejane_1234_567891_05_softmax-2.ipynb": ("doejane-1234", "05_softmax", (567891, 2)),
    "doejane_1234_567890_my work.ipynb": ("doejane-1234", "", (567890, 0)),
    "van der b\u00e9k_99_5678901_05_Softmax (1).ipynb": ("van der b\u00e9k-99", "05_softmax", (5678901, 1)),
    "anon_x1Y2z_567890_05_softmax.ipynb": ("anon_x1Y2z", "05_softmax", (567890, 0)),
    "LATE_anon_x1Y2z_567890_05_softmax-1.ipynb": ("anon_x1Y2z", "05_softmax", (567890, 1)),
}
MOODLE = {
    "Jane Doe_1234_assignsubmission_file_/05_softmax.ipynb": ("Jane Doe-1234", "05_softmax", (0, 0)),
    "Jane Doe_1234_assignsubmission_file/05_softmax.ipynb": ("Jane Doe-1234", "05_softmax", (0, 0)),
    "Jane Doe_1234_assignsubmission_file/sub/05_softmax-Copy1.ipynb": ("Jane Doe-1234", "05_softmax", (0, 1)),
    "Jane Doe_1234_assignsubmission_file_05_softmax.ipynb": ("Jane Doe-1234", "05_softmax", (0, 0)),
    "Jean_Luc P._7_assignsubmission_file_/notes.ipynb": ("Jean_Luc P.-7", "", (0, 0)),
    "Participant_71_assignsubmission_file/05_softmax.ipynb": ("Participant-71", "05_softmax", (0, 0)),
    "Default group_assignsubmission_file/05_softmax.ipynb": ("Default group", "05_softmax", (0, 0)),
}
BRIGHTSPACE = {
    "1234-5678 - Jane Doe - Nov 21, 2026 1015 AM/05_softmax.ipynb": "Jane Doe-1234",
    "1234-5678 - Jane - Doe - Nov 3, 2026 115 PM/05_softmax.ipynb": "Jane - Doe-1234",
    "1234-5678 - Mary-Ann O'Neil - Sept. 3, 2026 115 PM/05_softmax.ipynb": "Mary-Ann O'Neil-1234",
    "1234-5678 - Jane Doe - Nov 21, 2026 1015 AM - 05_softmax.ipynb": "Jane Doe-1234",
    "1234-5678 - Jane Doe - 21 November, 2026 1015/05_softmax.ipynb": "Jane Doe-1234",
    "1234-5678 - Jane Doe - 2026-11-21 1015/05_softmax.ipynb": "Jane Doe-1234",
}


@pytest.mark.parametrize("path", CANVAS | MOODLE)
def test_names_of_canvas_and_moodle_are_read(path):
    said = guess(tuple(path.split("/")), LESSONS)
    assert (said.student, said.lesson, said.attempt) == (CANVAS | MOODLE)[path]


@pytest.mark.parametrize("path", BRIGHTSPACE)
def test_names_of_brightspace_are_read(path):
    said = guess(tuple(path.split("/")), LESSONS)
    assert (said.student, said.lesson) == (BRIGHTSPACE[path], "05_softmax") and said.attempt[0] > 0


@pytest.mark.parametrize(
    "path",
    [
        "ada_05_softmax.ipynb",
        "ada_2_05_softmax.ipynb",
        "2026_12345_05_softmax.ipynb",
        "ada/05_softmax/05_softmax.ipynb",
        "ada/1_2345_x.ipynb",
    ],
)
def test_other_names_are_not_taken_for_them(path):
    assert "-" not in guess(tuple(path.split("/")), LESSONS).student


def times(*texts):
    return [guess((f"1-2 - A - {text}", "05_softmax.ipynb"), LESSONS) for text in texts]


def test_attempts_on_brightspace_are_ordered_by_their_time():
    found = times("Dec 31, 2025 1159 PM", "Jan 1, 2026 1201 AM", "Jan 1, 2026 115 AM", "Jan 1, 2026 1201 PM", "1 Jan 2026 1315")
    ordered = [said.attempt[0] for said in found]
    assert ordered == sorted(ordered) and len(set(ordered)) == 5
    assert [(said.when.hour, said.when.minute) for said in found] == [(23, 59), (0, 1), (1, 15), (12, 1), (13, 15)]


@pytest.mark.parametrize("text", ["Feb 30, 2026 1015 AM", "Nov 3, 2026 1315 PM", "Nov 3, 2026 1075", "Nov 3, 2026 2515"])
def test_a_time_that_there_is_not_is_unknown_and_not_the_archives(text):
    (said,) = times(text)
    assert (said.student, said.attempt[0], said.when, said.stamped) == ("A-1", 0, None, True)


@pytest.mark.parametrize("path", CANVAS | MOODLE | BRIGHTSPACE)
def test_no_platform_gives_a_file_the_time_of_handing_in(path):
    said = guess(tuple(path.split("/")), LESSONS)
    assert said.stamped and said.late == ("LATE" in path) and (said.when is not None) == (path in BRIGHTSPACE)


def test_of_several_attempts_the_newest_counts(folder):  # noqa: F811
    for name in CANVAS:
        (folder / name).write_bytes(SOFTMAX)
    (folder / "roejohn_77_444555_06_weighted_sum.ipynb").write_bytes(WEIGHTED_SUM)
    found = find(folder, lessons=LESSONS)
    assert told(found) == [
        ("anon_x1Y2z", "05_softmax"),
        ("doejane-1234", "05_softmax"),
        ("van_der_b\u00e9k-99", "05_softmax"),
        ("roejohn-77", "06_weighted_sum"),
    ]
    assert found[1].path.name == "doejane_1234_567891_05_softmax-2.ipynb" and "3 notebooks" in found[1].note


def test_of_two_uploads_to_canvas_the_newer_counts_whatever_it_is_called(folder):  # noqa: F811
    for name in (
        "doejane_1234_567899_05_softmax.ipynb",
        "doejane_LATE_1234_1000001_05_softmax-1.ipynb",
        "doejane_1234_99999_05_softmax-7.ipynb",
    ):
        (folder / name).write_bytes(SOFTMAX)
    (found,) = find(folder, lessons=LESSONS)
    assert found.path.name == "doejane_LATE_1234_1000001_05_softmax-1.ipynb"


def test_of_several_attempts_on_brightspace_the_newest_counts(folder):  # noqa: F811
    for when in ("Nov 9, 2026 1159 PM", "Nov 21, 2026 1259 AM", "Nov 21, 2026 115 AM", "Nov 3, 2026 1115 PM"):
        place = folder / f"1234-5678 - Jane Doe - {when}"
        place.mkdir()
        (place / "05_softmax.ipynb").write_bytes(SOFTMAX)
    (found,) = find(folder, lessons=LESSONS)
    assert found.path.parent.name.endswith("Nov 21, 2026 115 AM") and found.handed_in == datetime(2026, 11, 21, 1, 15)


def test_a_download_of_moodle_is_read_as_it_is(tmp_path):
    archive = tmp_path / "Course-Attention-1234.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("Jane Doe_12_assignsubmission_file_/05_softmax.ipynb", SOFTMAX)
        out.writestr("Jane Doe_13_assignsubmission_file_/mine.ipynb", SOFTMAX)
        out.writestr("Li Wei_14_assignsubmission_file_/05_softmax.ipynb", SOFTMAX)
    assert told(find(archive, lessons=LESSONS)) == [
        (f"{name}", "05_softmax") for name in ("Jane_Doe-12", "Jane_Doe-13", "Li_Wei-14")
    ]
