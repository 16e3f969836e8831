"""Downloads of Canvas, Moodle and Brightspace are told apart by student, lesson and attempt."""

import zipfile

import pytest
from test_submissions import SOFTMAX, WEIGHTED_SUM, folder, told  # noqa: F401 (a fixture)

from autograder.submission_names import guess
from autograder.submissions import find

LESSONS = {"05_softmax": ["softmax", "softmax_values"], "06_weighted_sum": ["weighted_sum", "weighted_sum_values"]}
CANVAS = {
    "doejane_1234_567890_05_softmax.ipynb": ("doejane-1234", "05_softmax", (0, 0)),
    "doejane_LATE_1234_567890_05_softmax.ipynb": ("doejane-1234", "05_softmax", (0, 0)),
    "doejane_1234_567891_05_softmax-2.ipynb": ("doejane-1234", "05_softmax", (0, 2)),
    "doejane_1234_567890_my work.ipynb": ("doejane-1234", "", (0, 0)),
    "van der b\u00e9k_99_5678901_05_Softmax (1).ipynb": ("van der b\u00e9k-99", "05_softmax", (0, 1)),
}
MOODLE = {
    "Jane Doe_1234_assignsubmission_file_/05_softmax.ipynb": ("Jane Doe-1234", "05_softmax", (0, 0)),
    "Jane Doe_1234_assignsubmission_file/sub/05_softmax-Copy1.ipynb": ("Jane Doe-1234", "05_softmax", (0, 1)),
    "Jane Doe_1234_assignsubmission_file_05_softmax.ipynb": ("Jane Doe-1234", "05_softmax", (0, 0)),
    "Jean_Luc P._7_assignsubmission_file_/notes.ipynb": ("Jean_Luc P.-7", "", (0, 0)),
}
BRIGHTSPACE = {
    "1234-5678 - Jane Doe - Nov 21, 2026 1015 AM/05_softmax.ipynb": "Jane Doe-1234",
    "1234-5678 - Jane - Doe - Nov 3, 2026 115 PM/05_softmax.ipynb": "Jane - Doe-1234",
    "1234-5678 - Jane Doe - Nov 21, 2026 1015 AM - 05_softmax.ipynb": "Jane Doe-1234",
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
    "path", ["ada_05_softmax.ipynb", "ada_2_05_softmax.ipynb", "ada/05_softmax/05_softmax.ipynb", "ada/1_2345_x.ipynb"]
)
def test_other_names_are_not_taken_for_them(path):
    assert "-" not in guess(tuple(path.split("/")), LESSONS).student


def times(*texts):
    paths = [(f"1-2 - A - {text}", "05_softmax.ipynb") for text in texts]
    return [guess(path, LESSONS).attempt[0] for path in paths]


def test_attempts_on_brightspace_are_ordered_by_their_time():
    ordered = times(
        "Dec 31, 2025 1159 PM", "Jan 1, 2026 1201 AM", "Jan 1, 2026 115 AM", "Jan 1, 2026 1201 PM", "Jan 1, 2026 115 PM"
    )
    assert ordered == sorted(ordered) and len(set(ordered)) == 5
    assert times("Feb 30, 2026 1015 AM") == [0]


def test_of_several_attempts_the_newest_counts(folder):  # noqa: F811
    for name in CANVAS:
        (folder / name).write_bytes(SOFTMAX)
    (folder / "roejohn_77_444555_06_weighted_sum.ipynb").write_bytes(WEIGHTED_SUM)
    found = find(folder, lessons=LESSONS)
    assert told(found) == [
        ("doejane-1234", "05_softmax"),
        ("van_der_b\u00e9k-99", "05_softmax"),
        ("roejohn-77", "06_weighted_sum"),
    ]
    assert (
        found[0].path.name == "doejane_1234_567891_05_softmax-2.ipynb" and "4 notebooks" in found[0].note or "3" in found[0].note
    )


def test_a_download_of_moodle_is_read_as_it_is(tmp_path):
    archive = tmp_path / "Course-Attention-1234.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("Jane Doe_12_assignsubmission_file_/05_softmax.ipynb", SOFTMAX)
        out.writestr("Jane Doe_13_assignsubmission_file_/mine.ipynb", SOFTMAX)
        out.writestr("Li Wei_14_assignsubmission_file_/05_softmax.ipynb", SOFTMAX)
    assert told(find(archive, lessons=LESSONS)) == [
        (f"{name}", "05_softmax") for name in ("Jane_Doe-12", "Jane_Doe-13", "Li_Wei-14")
    ]
