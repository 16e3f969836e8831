"""When work was handed in: by the path, else by nbgrader's file beside it, else by the file's own time."""

from datetime import UTC, datetime

import pytest
from test_submissions import LESSONS, SOFTMAX, folder, packed, put  # noqa: F401 (a fixture)

from autograder.hand_in_time import stamp
from autograder.submissions import find

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BRIGHTSPACE = "1-2 - Ada L - Nov 20, 2026 1015 AM/05_softmax.ipynb"


def only(place):
    (found,) = find(place, lessons=LESSONS)
    return found.handed_in


def test_a_files_own_time_counts_where_nothing_else_tells(folder):  # noqa: F811
    put(folder, "ada_05_softmax.ipynb", time=NOON.timestamp())
    assert only(folder) == NOON


def test_in_an_archive_it_names_no_zone(folder, tmp_path):  # noqa: F811
    put(folder, "ada_05_softmax.ipynb")
    found = only(packed(folder, tmp_path / "class.zip"))
    assert found.tzinfo is None and abs((found - datetime.now()).total_seconds()) < 60


@pytest.mark.parametrize("zipped", [False, True])
def test_nbgraders_file_goes_before_the_files_own_time(folder, tmp_path, zipped):  # noqa: F811
    put(folder, "ada/05_softmax/05_softmax.ipynb")
    put(folder, "ada/05_softmax/timestamp.txt", b"2026-11-20 23:30:00.5 America/New_York")
    place = packed(folder, tmp_path / "class.zip") if zipped else folder
    assert only(place) == datetime(2026, 11, 21, 4, 30, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-21 12:00:00", "2026-11-21 12:00:00 UTC", "2026-11-21 13:00:00 +0100\n", stamp(NOON)])
def test_nbgraders_file_is_read_in_each_of_its_forms(folder, text):  # noqa: F811
    put(folder, "ada/05_softmax/05_softmax.ipynb")
    put(folder, "ada/05_softmax/timestamp.txt", text.encode())
    assert only(folder) == NOON


@pytest.mark.parametrize("data", [b"", b"\xff", b"soon", b"9" * 2000, b"2026-13-45 99:00 UTC"])
def test_what_is_no_time_is_passed_over(folder, data):  # noqa: F811
    put(folder, "ada/05_softmax/05_softmax.ipynb", time=NOON.timestamp())
    put(folder, "ada/05_softmax/timestamp.txt", data)
    assert only(folder) == NOON


def test_a_link_in_its_place_is_not_followed(folder, tmp_path):  # noqa: F811
    put(folder, "ada/05_softmax/05_softmax.ipynb", time=NOON.timestamp())
    (tmp_path / "elsewhere").write_text("2020-01-01 00:00:00 UTC")
    (folder / "ada/05_softmax/timestamp.txt").symlink_to(tmp_path / "elsewhere")
    assert only(folder) == NOON


def test_a_time_in_the_path_goes_before_all(folder):  # noqa: F811
    put(folder, BRIGHTSPACE)
    put(folder, f"{BRIGHTSPACE.split('/')[0]}/timestamp.txt", b"2026-11-21 12:00:00 UTC")
    assert only(folder) == datetime(2026, 11, 20, 10, 15)


@pytest.mark.parametrize("path", ["doejane_LATE_12_5678_05_softmax.ipynb", "Jane Doe_12_assignsubmission_file_/05_softmax.ipynb"])
def test_canvas_and_moodle_do_not_tell(folder, path):  # noqa: F811
    put(folder, path, time=NOON.timestamp())
    assert only(folder) is None
