"""Near copies are found under other names; right answers of several people are none; a large class costs no more per student."""

import ast
import time
from itertools import combinations
from pathlib import Path

import pytest

from autograder import lessons, report
from autograder.answers import read_answers
from autograder.records import Cell, Record
from autograder.report.near_copies import ALIKE, SHORTEST, NearCopies, fingerprints
from autograder.report.normal_form import normal_form
from autograder.report.released import released_code
from tests.sample_records import LESSON, passed
from tests.test_feedback import text_of

RIGHT = Path(__file__).parent / "right_answers"
ANSWER = '''
def read_out(states, mask, size=3, rate=0.5):
    """What the states say where the mask is open."""
    total = np.zeros(size)  # begins at nothing
    for position, state in enumerate(states):
        if mask[position] and state.sum() > rate:
            total += np.exp(state - state.max()) * rate
        elif position % 2 == 0:
            total -= state.clip(0, 1).mean(axis=-1)
    scale = np.sqrt((total**2).sum()) + 1e-9
    return total / scale if scale > rate else [total, scale]
'''
DISGUISED = """
def read_out(h, m, n: int = 99, r=0.125) -> list:
    import math

    "Found by myself."
    out = np.zeros(n)
    print("begin")
    for i, row in enumerate(h):
        # look
        if m[i] and row.sum() > r:
            out += np.exp(row - row.max()) * r
        elif i % 7 == 1:
            out -= row.clip(-8, 8).mean(axis=3)
    length = np.sqrt((out**3).sum()) + 0.001
    return (out / length
            if length > r else [out, length])
"""
OTHER = """
def read_out(states, mask, size=3, rate=0.5):
    chosen = states[mask & (states.sum(-1) > rate)]
    weights = np.exp(chosen - chosen.max(axis=-1, keepdims=True)) * rate
    rest = np.stack([s for i, s in enumerate(states) if i % 2 == 0 and not mask[i]])
    total = weights.sum(axis=0) - rest.clip(0, 1).mean(axis=-1).reshape(size)
    norm = np.linalg.norm(total, ord=2, axis=0)
    return np.where(norm > rate, np.divide(total, norm), total)
"""


def handed_in(student: str, code: str, exercise: str = "read_out") -> Record:
    return Record(LESSON, "", student, cells=[Cell(code, "code", exercise, "solution")], tests=[passed("t", exercise, 1)])


def found(*codes: str, gives=()) -> list:
    copies = NearCopies(lambda lesson: gives)
    for number, code in enumerate(codes):
        copies.add(handed_in(f"s{number}", code))
    return copies.found()


def test_a_disguised_copy_is_found():
    (pair,) = found(ANSWER, OTHER, DISGUISED)
    assert (pair.first, pair.second, pair.share) == (("s0", "s2"), (), 1.0)


def test_a_copy_with_changes_of_its_own_is_found():
    changed = ANSWER.replace("    scale =", "    mask = mask[::-1]\n    scale =")
    (pair,) = found(ANSWER, OTHER, changed)
    assert (pair.first, pair.second) == (("s0",), ("s2",)) and ALIKE <= pair.share < 1


def test_answers_written_apart_are_no_copies():
    assert found(ANSWER, OTHER) == []


@pytest.mark.parametrize(
    "one, other",
    [
        ("x = np.exp(a)", "y = np.exp(b)"),
        ("def f(a):\n    'Say.'\n    return a", "def f(b: int) -> int:\n    return b  # so"),
        ("self.w = g(1)\nreturned = self.w", "me.v = h('2')\nq = me.v"),
        ("a: int = 1", "b = 2"),
        ("import math\nx = 1\nprint(x)\npass", "x = 1"),
        ("%matplotlib inline\nx = 1", "x = 1"),
    ],
)
def test_what_is_easily_disguised_does_not_count(one, other):
    assert normal_form(one) == normal_form(other) != ()


@pytest.mark.parametrize(
    "one, other", [("np.exp(a)", "np.log(a)"), ("a + b", "a - b"), ("f(a)[0]", "f(a[0])"), ("a < b", "a <= b")]
)
def test_what_an_answer_does_counts(one, other):
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    "code", ["", "def (", "x" * 60_000, "\0", "-" * 20_000 + "1", "(" * 500 + ")" * 500, "x = '\ud800'", "# no code"]
)
def test_what_cannot_be_read_is_no_copy(code):
    assert found(code, code) == []


def test_deep_nesting_is_no_trouble():
    deep = "x = " + "a" + ".b" * 2_000
    assert len(normal_form(deep)) > 1_000


def test_what_the_release_gives_is_subtracted():
    assert found(ANSWER, ANSWER, gives=[DISGUISED]) == []


def test_short_answers_are_left_out():
    short = "def f(x):\n    return np.exp(x - x.max()) / np.exp(x - x.max()).sum()"
    assert 0 < len(fingerprints(short)) < SHORTEST
    assert found(short, short) == []


def test_what_many_wrote_is_left_out():
    variants = [ANSWER + f"    out.a{number}(x)\n" + "    y = [q]\n" * number for number in range(12)]
    assert found(*variants) == []
    assert found(*variants[:3]) != []


def test_exercises_are_not_mixed():
    copies = NearCopies(lambda lesson: [])
    copies.add(handed_in("a", ANSWER, "one"))
    copies.add(handed_in("b", ANSWER, "two"))
    assert copies.found() == []


def test_a_release_holds_stubs_and_no_hidden_test():
    text = "\n".join(released_code(LESSON))
    lesson = lessons.load(LESSON)
    assert "HIDDEN" not in text and "def softmax" in text and "NotImplementedError" in text
    assert all(exercise.solution not in text for exercise in lesson.exercises if not exercise.manual)
    assert released_code("no_such_lesson") == []


def test_right_answers_in_other_styles_are_no_copies():
    """No two of all right answers that are kept as test data, the solutions among them, are called near copies."""
    compared, called = 0, []
    for name in lessons.lesson_names():
        file = RIGHT / f"{name}.py"
        if file.exists():
            lesson = lessons.load(name)
            answers = [(e.name, e.solution) for e in lesson.exercises if not e.manual]
            answers += [(a.exercise, a.source) for a in read_answers(file)]
            copies = NearCopies()
            for number, (exercise, code) in enumerate(answers):
                record = handed_in(f"s{number}", code, exercise)
                record.lesson = name
                copies.add(record)
            compared += sum(len(list(combinations(forms, 2))) for forms in copies._answers.values())
            called += [(name, pair) for pair in copies.found()]
    assert compared > 300 and called == []


def test_a_large_class_takes_no_longer_per_student():
    seconds = {size: _seconds(size) for size in (250, 1_000)}
    assert seconds[1_000] < 4 * 3 * seconds[250]
    assert seconds[1_000] < 20


def _seconds(size: int) -> float:
    lines = ast.unparse(ast.parse(ANSWER)).split("\n")
    began = time.process_time()
    copies = NearCopies(lambda lesson: [])
    for number in range(size):
        bits = [line for place, line in enumerate(OWN) if number >> place & 1]
        copies.add(handed_in(f"s{number}", "\n".join([*lines[:1], *bits, *lines[1:]])))
    copies.found()
    return time.process_time() - began


OWN = [f"    own.a{number}(x[{number}].b{number}, *y, k=z**{number})" for number in range(10)]


def test_the_page_names_them_as_something_to_look_at():
    records = [handed_in("ada", ANSWER), handed_in("bob<i>", DISGUISED), handed_in("eve", OTHER)]
    text = text_of(report.page(records))
    assert "Something to look at, not a verdict." in text
    assert "ada, bob<i> read_out all of it" in text
    assert "much alike" not in text_of(report.page(records[1:]))
