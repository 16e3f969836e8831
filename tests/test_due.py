"""`due.toml` says when lessons are due, for whom later, and what lateness costs; what cannot be meant is told in a sentence."""

from datetime import UTC, datetime, timedelta

import pytest

from autograder import due
from autograder.due import DueError, Policy, lateness, seconds_late

SOFTMAX = "05_softmax"


def written(folder, text):
    (folder / "due.toml").write_text(text, encoding="utf-8")
    return due.read(folder)


def test_without_a_file_there_are_no_dates(tmp_path):
    dates = due.read(tmp_path)
    assert not dates.is_file and not dates.due


@pytest.mark.parametrize(
    "value, moment",
    [
        ("2026-11-20", datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)),
        ('"2026-11-20"', datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)),
        ("2026-07-20 18:00:00", datetime(2026, 7, 20, 16, 0, tzinfo=UTC)),
        ('"2026-07-20 18:00"', datetime(2026, 7, 20, 16, 0, tzinfo=UTC)),
        ("2026-11-20T18:00:00-05:00", datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_day_lasts_until_its_end_and_a_time_is_in_the_classs_zone(tmp_path, value, moment):
    assert written(tmp_path, f'timezone = "Europe/Berlin"\n[due]\n{SOFTMAX} = {value}').due == {SOFTMAX: moment}


def test_extensions_and_times_of_handing_in_are_by_lesson_and_student(tmp_path):
    dates = written(
        tmp_path,
        f"[due]\n{SOFTMAX} = 2026-11-20\n[extensions.{SOFTMAX}]\nada = 2026-11-24\n"
        f'[handed_in.{SOFTMAX}]\n"j.doe-1" = 2026-11-20 23:10:00',
    )
    assert dates.extensions[SOFTMAX]["ada"] - dates.due[SOFTMAX] == timedelta(days=4)
    assert dates.handed_in[SOFTMAX] == {"j.doe-1": datetime(2026, 11, 20, 23, 10, tzinfo=UTC)}


@pytest.mark.parametrize(
    "text, said",
    [
        ("due", "is not TOML"),
        (f"[due]\n{SOFTMAX} = 2026-11-20 18:00", "with its seconds"),
        ("[due]\n5_softmax = 2026-11-20", "'5_softmax' is not known under \\[due\\].*05_softmax"),
        (f"[due]\n{SOFTMAX} = 3", "05_softmax under \\[due\\] is 3, and has to be a day"),
        (f'[due]\n{SOFTMAX} = "soon"', "is 'soon'"),
        (f"[due]\n{SOFTMAX} = 18:00:00", "has to be a day"),
        ("due = 3", "has to be a table"),
        ('timezone = "Moon/Sea"', "no time zone 'Moon/Sea'"),
        ("timezone = 3", "no time zone 3"),
        ("[dates]", "'dates' is not known at the top"),
        (f"[extensions.{SOFTMAX}]\nada = 2026-11-20", "ada has an extension for 05_softmax, which has no due date"),
        (f"[due]\n{SOFTMAX} = 2026-11-20\n[extensions.{SOFTMAX}]\nada = 2026-11-19", "ends before"),
        (f"[extensions]\n{SOFTMAX} = 2026-11-20", "has to be a table"),
        ("[late]\nper_day = 3", "'per_day' is not known under \\[late\\]"),
        ("[late]\nmost = -1", "not negative"),
        ("[late]\nmost = true", "not negative"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path, text, said):
    with pytest.raises(DueError, match=f"(?s)due.toml.*{said}"):
        written(tmp_path, text)


def test_the_file_to_begin_with_can_be_read_and_keeps_the_dates_there_are(tmp_path):
    due.begin(tmp_path / "new", {})
    assert due.read(tmp_path / "new") == due.Dates(True, due.read(tmp_path / "new").zone)
    known = {SOFTMAX: datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)}
    due.begin(tmp_path, known)
    assert due.read(tmp_path).due == known


def test_the_examples_in_the_file_can_be_read_too(tmp_path):
    lines = due.BEGIN.format(due=due.EXAMPLES).splitlines()
    text = "\n".join(line.removeprefix("# ") if " = " in line or line.startswith("# [") else line for line in lines)
    dates = written(tmp_path, text)
    assert set(dates.due) == {SOFTMAX, "06_weighted_sum"} and dates.extensions and dates.handed_in


@pytest.mark.parametrize(
    "seconds, penalty", [(900, 0), (901, 0.9), (86400, 0.9), (86401, 1.8), (4 * 86400, 3.6), (30 * 86400, 4.5)]
)
def test_each_day_begun_costs_a_tenth_after_a_grace_and_at_most_half(seconds, penalty):
    assert Policy().penalty(9, seconds) == penalty


def test_the_policy_can_be_set(tmp_path):
    policy = written(tmp_path, "[late]\ngrace = 0\npercent_per_day = 100\nmost = 100").policy
    assert (policy.penalty(7, 0), policy.penalty(7, 1)) == (0, 7)


def test_nothing_is_late_without_a_due_date_or_a_time():
    moment = datetime(2026, 11, 20)
    assert seconds_late(moment, None, None) == seconds_late(None, moment, None) == 0
    assert seconds_late(moment, moment - timedelta(hours=3), timedelta(hours=1)) == 7200


@pytest.mark.parametrize(
    "seconds, words", [(20, "1 minute"), (3600, "1 hour"), (93780, "1 day 2 hours"), (172860, "2 days 1 minute")]
)
def test_lateness_is_told_in_words(seconds, words):
    assert lateness(seconds) == words
