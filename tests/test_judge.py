"""Verdicts: what a failing test says, what it never says, and when it says nothing at all."""

import contextlib
import signal
import threading
import time

import pytest
from conftest import CANARY
from nbformat.v4 import new_code_cell
from secret_lesson import HIDDEN_NUMBERS, SCALE
from small_lessons import write_lessons

from autograder.grading import Grader
from autograder.lesson_source import grade_id, role
from autograder.lessons import load
from autograder.patience import OutOfPatience, patience
from autograder.records import FAILED, PASSED, UNGRADED
from autograder.release import build
from autograder.sandbox import Limits


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    return load("01_scale", write_lessons(tmp_path_factory.mktemp("lessons"), scale=SCALE))


@pytest.fixture
def verdicts(grader, lesson):
    """The verdicts on an answer, by test."""

    def judged(answer: str, **limits: float):
        notebook = build(lesson)
        for cell in notebook.cells:
            if role(cell) == "solution":
                cell.source = answer
        other = Grader(grader.walls, grader.key, Limits(**limits))
        other._warm = grader._warm
        record = other.grade_notebook(notebook, lesson)
        assert [result.name for result in record.tests] == ["scale_visible", "scale_hidden", "scale_again"]
        return {result.name.removeprefix("scale_"): result for result in record.tests}

    return judged


def test_right_answers_pass_and_say_nothing(verdicts):
    found = verdicts("def scale(x, factor=2.0):\n    return np.asarray(x) * factor")
    assert {(result.outcome, result.message, result.reason) for result in found.values()} == {(PASSED, "", "")}
    assert [result.points for result in found.values()] == [1, 2, 1]


def test_a_visible_failure_shows_what_was_expected_and_what_came(verdicts):
    message = verdicts("def scale(x, factor=2.0):\n    return x * factor + 0.5")["visible"].message
    assert "every number is doubled" in message
    assert "2.0" in message and "2.5" in message


def test_a_hidden_failure_names_the_property_and_shows_no_number(verdicts):
    found = verdicts("def scale(x, factor=2.0):\n    return x * 2.0 if x.ndim == 1 else x * 2.0 + 123.456")["hidden"]
    assert found.outcome == FAILED and found.points == 0
    assert "random numbers are doubled" in found.message
    assert "123.4" not in found.message and "Expected" not in found.message and "Actual" not in found.message


def test_an_exceptions_text_is_shown_of_what_can_be_seen_and_never_of_what_is_hidden(verdicts):
    found = verdicts(
        "def scale(x, factor=2.0):\n    if factor != 2:\n        raise ValueError(f'I was given {x} {factor}')\n    return x * 2"
    )
    assert (
        found["hidden"].message == "It raised ValueError, in line 3 of its cell: `raise ValueError(f'I was given {x} {factor}')`."
    )
    found = verdicts("def scale(x, factor=2.0):\n    raise ValueError(f'I was given {x}')")
    assert "I was given [1. 2.]" in found["visible"].message


def test_what_a_hidden_test_handed_over_cannot_be_told_by_a_later_visible_one(verdicts):
    stash = """seen = []
def scale(x, factor=2.0):
    seen.append((x.tolist(), factor))
    if any(factor > 2 for _, factor in seen):
        raise ValueError(str(seen))
    return x * factor"""
    for result in verdicts(stash).values():
        assert not any(number in result.message for number in HIDDEN_NUMBERS)


@pytest.mark.parametrize(
    "disguise",
    [
        "type('n_' + str(x.sum()).replace('.', '_').replace('-', 'm'), (), {})()",
        "np.zeros((int(abs(x.sum() * 1e6)) % 10**12, 0))",
        "np.zeros(0, dtype=f'U{int(abs(x.sum() * 1e4)) + 10**8}')",
    ],
)
def test_hidden_numbers_do_not_leak_through_types_and_shapes(verdicts, disguise):
    answer = f"def scale(x, factor=2.0):\n    if x.size == 15:\n        return {disguise}\n    return x * factor"
    found = verdicts(answer)["hidden"]
    assert found.outcome in (FAILED, UNGRADED)
    digits = "".join(letter for letter in found.message if letter.isdigit())
    assert len(digits.replace("35", "")) <= 3, found.message


@pytest.mark.parametrize(
    "answer, sentence",
    [
        ("def other(): pass", "`scale` is not defined"),
        ("def scale(x, factor=2.0)\n    return x", "`scale` is not defined"),
        ("def scale(x, factor=2.0):\n    raise NotImplementedError()", "`scale` has no answer yet"),
        ("def scale(x, factor=2.0):\n    return helper(x)", "It raised NameError: name 'helper' is not defined, in line 2"),
        ("def scale(x, factor=2.0):\n    return [1] / 2", "It raised TypeError"),
        ("scale = 5", "It raised TypeError"),
        ("def scale(x, factor=2.0):\n    return None", "None"),
        ("def scale(x, factor=2.0):\n    return (n for n in x)", "a generator"),
        ("def scale(x, factor=2.0):\n    return input()", "nobody to answer"),
    ],
)
def test_failures_say_in_a_sentence_what_is_wrong(verdicts, answer, sentence):
    found = verdicts(answer)
    assert {result.outcome for result in found.values()} == {FAILED}
    assert sentence in found["visible"].message


def test_the_line_that_is_quoted_is_the_one_that_raised_it_also_after_blank_cells_and_failures(grader, lesson):
    notebook = build(lesson)
    place = next(index for index, cell in enumerate(notebook.cells) if role(cell) == "solution")
    notebook.cells[place].source = "def scale(x, factor=2.0):\n    a = 1\n    return x @ 'y'"
    notebook.cells[place:place] = [
        new_code_cell(source) for source in ("", "  \n", "1 / 0", "def broken(:", "# nothing", "%time 1", "a = 2;")
    ]
    result = grader.grade_notebook(notebook, lesson).tests[0]
    assert result.message.endswith("in line 3 of its cell: `return x @ 'y'`.")


def test_a_test_that_stumbles_over_a_result_says_what_came(verdicts):
    found = verdicts("def scale(x, factor=2.0):\n    return x * factor if x[0] != 4 else 'eight'")["again"]
    assert found.outcome == FAILED
    assert found.message == "The result is not what the test can use. The last call returned a str."


@pytest.mark.parametrize(
    "body, reason",
    [
        ("while True: pass", "timeout"),
        ("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass", "timeout"),
        ("import os; os._exit(3)", "crash"),
        ("import os; os.kill(os.getpid(), 11); import ctypes; ctypes.string_at(0)", "crash"),
        ("return bytearray(1 << 40)", "memory"),
        ("x = []\n    x.append(x)\n    return x", "malformed"),
        ("return np.zeros(1 << 24, dtype=np.int8)", "malformed"),
        ("return range(10**15)", "malformed"),
    ],
)
def test_what_cannot_be_judged_is_ungraded_with_the_reason(verdicts, body, reason):
    indented = body.replace("\n", "\n    ")
    answer = f"def scale(x, factor=2.0):\n    if factor != 2.0:\n        {indented}\n    return x * factor"
    found = verdicts(answer, call=1 if reason == "timeout" else 20, result=1 << 22)
    assert (found["hidden"].outcome, found["hidden"].reason, found["hidden"].points) == (UNGRADED, reason, None)
    assert found["hidden"].message.endswith(".")
    assert found["visible"].outcome == found["again"].outcome == PASSED


def test_a_result_that_keeps_the_test_itself_busy_is_given_up(verdicts, monkeypatch):
    monkeypatch.setattr("autograder.judge.OVERTIME", 0.0)
    found = verdicts("def scale(x, factor=2.0):\n    return x * factor if x.sum() != 4 else np.array([10**15])", test=2)
    assert (found["again"].outcome, found["again"].reason) == (UNGRADED, "timeout")
    assert found["visible"].outcome == found["hidden"].outcome == PASSED


def test_an_answer_that_ends_the_kernel_loses_no_other_points(verdicts):
    found = verdicts("import os\ndef scale(x, factor=2.0):\n    return x * factor if len(x) != 2 else os._exit(0)")
    assert (found["visible"].outcome, found["visible"].reason) == (UNGRADED, "crash")
    assert found["hidden"].outcome == found["again"].outcome == PASSED


def test_text_of_an_answer_is_fit_to_be_shown(verdicts):
    message = verdicts("def scale(x, factor=2.0):\n    raise ValueError('\\x1b[2J\\x1b]0;t\\x07' + 'a' * 10_000 + '\\ud800')")[
        "visible"
    ].message
    assert message.isprintable() and len(message) < 600


def test_a_grader_fault_is_nobodys_failure(grader, lesson, monkeypatch):
    monkeypatch.setattr("autograder.judge.secret", lambda key: (_ for _ in ()).throw(OSError("disk")))
    record = grader.grade_notebook(build(lesson), lesson)
    assert {(result.outcome, result.reason, result.points) for result in record.tests} == {(UNGRADED, "fault", None)}


def test_patience_ends_in_the_main_thread_and_leaves_the_alarm_as_it_was():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OutOfPatience), patience(0.05):
        while True:
            pass
    assert signal.getsignal(signal.SIGALRM) == before and signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_patience_ends_in_other_threads_and_only_in_its_block():
    done = []

    def work():
        with patience(0.05):
            done.append("at once")
        time.sleep(0.1)
        with contextlib.suppress(OutOfPatience), patience(0.05):
            while True:
                pass
        done.append("stopped")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert done == ["at once", "stopped"]


def test_the_class_secret_is_in_no_record(grader, lesson):
    record = grader.grade_notebook(build(lesson), lesson)
    assert CANARY not in record.to_json() and record.key_id == grader.key.id


def test_grade_ids_of_the_release_are_those_of_the_lesson(lesson):
    assert [grade_id(cell) for cell in build(lesson).cells if role(cell) == "test"] == [test.name for test in lesson.tests]
