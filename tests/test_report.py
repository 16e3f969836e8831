"""The report counts what an instructor asks, from a stream of records."""

import itertools
import tracemalloc

import pytest

from autograder import report
from autograder.records import Record
from autograder.report.counts import property_missed
from tests.sample_records import LESSON, a_class, failed, hand_grades, hostile_record, passed, record, ungraded
from tests.test_feedback import ALLOWED, ATTRIBUTES, Reading, text_of


def test_points_per_exercise_are_counted_and_averaged():
    tests = [[passed("f_a", "f", 2)], [failed("f_a", "f", 2, "This does not hold: x.")], [ungraded("f_a", "f", 2, "crash", "")]]
    text = text_of(report.page([record(f"student{n}", [], tests[n]) for n in range(3)]))
    assert "1 all points, 0 some, 1 none, 1 not yet decided" in text
    assert "1 of 2 (2)" in text


def test_a_property_counts_each_student_once():
    message = "This does not hold: rows sum to one."
    twice = [failed("f_a", "f", 1, f"{message}\n1 number is off."), failed("f_b", "f", 1, message)]
    once = [failed("f_a", "f", 1, message), passed("f_b", "f", 1)]
    text = text_of(report.page([record("ada", [], twice), record("bob", [], once), record("eve", [], [passed("f_a", "f", 1)])]))
    assert "rows sum to one f 2 of 3" in text


@pytest.mark.parametrize(
    "message, words",
    [
        ("This does not hold: weights sum to one along `axis`.\nThe number is off.", "weights sum to one along `axis`"),
        ("`softmax` has no answer yet.", "there is no answer"),
        ("There is no answer.", "there is no answer"),
        ("`softmax` is not defined: its cell is missing.", "its name is not defined"),
        ("It raised ValueError: 17 is wrong, in line 3 of its cell: `x`.", "it raised ValueError"),
        ("The result is not what the test can use (TypeError: x).", "the result is not what the test can use"),
        ("", "no message"),
    ],
)
def test_a_message_is_counted_by_its_property(message, words):
    assert property_missed(message) == words


def test_who_handed_in_nothing_is_named():
    text = text_of(report.page([record("ada")], ["ada", "bob", "eve"]))
    assert "1 student handed in, 2 did not." in text
    assert "Nothing handed in bob eve" in text
    assert "Nothing handed in" not in text_of(report.page([record("ada")], None))
    assert "Everybody has handed in something." in text_of(report.page([record("ada")], ["ada"]))


def test_what_was_not_graded_is_listed_with_its_reason():
    empty = record("bob", [], [ungraded("f_a", "f", 1, "malformed", "")], error="The file is empty.")
    text = text_of(report.page([record("ada"), empty]))
    assert "ada softmax_extreme: it took too long, entropy_size: it used too much memory." in text
    assert "bob The file is empty." in text
    assert "it could not be read: 1 student" in text


def test_hand_grades_count_where_they_are_looked_up():
    assert "1 waits for hand grading" in text_of(report.page([record()]))
    text = text_of(report.page([record()], scores=lambda found: hand_grades()))
    assert "1 is graded in full, with 8.5 of 12 points on average." in text
    assert "wait" not in text


def test_repairs_are_counted_by_kind():
    records = [record(f"student{n}", notes=[f"Cell {n} ended the kernel (timeout)."], repairs=["Mended."]) for n in range(3)]
    assert "Mended. 3 students" in text_of(report.page(records))
    assert "Cell N ended the kernel (timeout). 3 students" in text_of(report.page(records))


def test_times_are_counted():
    records = [record(f"student{n}", seconds=seconds) for n, seconds in enumerate([0.5, 1.5, 1.5, 300.0])]
    text = text_of(report.page(records))
    assert "75.88 on average, at most 300 (student3)" in text
    assert "1 0–1 2 1–2 2–5" in text and "1 120+" in text


def test_work_without_walls_is_said():
    assert "1 notebook ran without the sandbox (none)." in text_of(report.page([record(sandbox="none")]))


def test_lessons_have_chapters_in_order():
    page = report.page(itertools.chain(a_class(3, "06_values"), a_class(3, LESSON)))
    assert page.index('id="lesson-1"') < page.index('id="lesson-2"')
    assert page.count('<section class="chapter"') == 2


def test_hostile_text_stays_text():
    page = report.page([hostile_record("<b>")], ["</li><script>"], "<i>title</i>")
    reading = Reading(page)
    assert set(reading.tags) <= ALLOWED | {"nav"}
    assert {name for name, _ in reading.attributes} <= ATTRIBUTES | {"role", "aria-label", "y"}
    page.encode("utf-8")


def test_the_same_records_give_the_same_page():
    assert report.page(a_class(20)) == report.page(list(a_class(20)))


def test_a_class_without_records_has_a_report():
    assert "No work has been graded yet." in report.page([], ["ada"])
    assert "No work has been graded yet." in report.page([])


def test_a_record_without_tests_has_a_report():
    assert "1 student handed in" in text_of(report.page([Record(LESSON, student="ada", error="?")]))


def test_a_large_class_fills_no_memory():
    peaks = []
    report.page(a_class(5))
    for size in (200, 800):
        tracemalloc.start()
        report.page(_with_new_texts(a_class(size)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


def _with_new_texts(records):
    """Records that each bring texts nobody had before, and a long notebook."""
    for number, found in enumerate(records):
        words = "".join(chr(97 + int(digit)) for digit in str(number))
        found.tests += [failed(f"f_{part}", "f", 1, f"This does not hold: {words} {part}. {'x' * 5000}") for part in "abcdefgh"]
        found.repairs += [f"{words} {part}" for part in "abcdefgh"]
        found.cells = record().cells * 20
        yield found


def test_a_report_is_written(tmp_path):
    path = report.write(a_class(3), tmp_path / "new" / "report.html", None, "Three")
    assert "<title>Three</title>" in path.read_text(encoding="utf-8")
