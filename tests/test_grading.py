"""One submission to a record: full marks, no marks, and every fault with its sentence."""

import dataclasses
from copy import deepcopy

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.grading import Grader
from autograder.lesson_source import grade_id, role
from autograder.lessons import lesson_names, load
from autograder.records import FAILED, MANUAL, PASSED, UNGRADED, Record
from autograder.release import build
from autograder.sandbox import Limits

SOFTMAX = "05_softmax"


def filled_in(lesson, **answers) -> nbformat.NotebookNode:
    """The released notebook with the solutions in it, or other answers."""
    notebook = deepcopy(build(lesson))
    solutions = {exercise.name: exercise.solution for exercise in lesson.exercises} | answers
    for cell in notebook.cells:
        if role(cell) in ("solution", "manual"):
            cell.source = solutions[grade_id(cell)]
    return notebook


def as_bytes(notebook) -> bytes:
    return nbformat.writes(notebook).encode()


@pytest.fixture(scope="module")
def hasty(grader):
    """A grader with little patience, on the warm processes that are there."""
    limits = Limits(cell=2, call=1, test=4, total=60)
    other = Grader(grader.walls, grader.key, limits)
    other._warm = grader._warm
    return other


@pytest.mark.parametrize("name", lesson_names())
def test_the_solution_gets_full_marks(grader, name):
    lesson = load(name)
    record = grader.grade(as_bytes(filled_in(lesson)), lesson)
    assert [(result.name, result.message) for result in record.tests if result.outcome not in (PASSED, MANUAL)] == []
    assert record.max_points == lesson.points
    assert record.remarks == []


@pytest.mark.parametrize("name", lesson_names())
def test_the_blank_release_gets_nothing_and_does_not_crash(grader, name):
    lesson = load(name)
    record = grader.grade(as_bytes(build(lesson)), lesson)
    assert (record.points, record.error, record.ungraded) == (0, None, [])
    assert all("has no answer yet" in result.message or "no answer" in result.message for result in record.tests)


def test_partial_work_earns_partial_credit(grader):
    lesson = load(SOFTMAX)
    stub = lesson.exercises[0].stub
    record = grader.grade(as_bytes(filled_in(lesson, softmax=stub)), lesson)
    assert record.points == lesson.points - lesson.exercises[0].points


def test_a_record_goes_through_json_unchanged(grader):
    lesson = load(SOFTMAX)
    record = grader.grade(as_bytes(build(lesson)), lesson, "ada", "05.ipynb")
    assert Record.from_json(record.to_json()) == record


def test_the_key_follows_the_answers_and_the_secret(grader):
    lesson, other = load(SOFTMAX), Grader(grader.walls, dataclasses.replace(grader.key, secret=b"another"))
    notebook, changed = filled_in(lesson), filled_in(lesson, entropy="def entropy(weights, axis=-1): return 1")
    assert grader.record_key(notebook, lesson) == grader.record_key(deepcopy(notebook), lesson)
    assert len({grader.record_key(notebook, lesson), grader.record_key(changed, lesson), other.record_key(notebook, lesson)}) == 3


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b'{"not": "a notebook"}', "no notebook"),
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"PK\x03\x04zip", "zip"),
        (b'{"cells": [', "breaks off"),
    ],
)
def test_what_is_no_notebook_is_told_in_one_sentence_and_not_graded(grader, data, sentence):
    record = grader.grade(data, load(SOFTMAX))
    assert sentence.lower() in record.error.lower()
    assert record.error.count(". ") == 0 and record.error.endswith(".")
    assert {result.outcome for result in record.tests} == {UNGRADED}
    assert record.points == 0 and record.needs_manual


def damaged(change):
    def make(lesson):
        notebook = filled_in(lesson)
        change(notebook)
        return as_bytes(notebook)

    return make


def cell(notebook, name):
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def no_metadata(notebook):
    for one in notebook.cells:
        one.metadata = nbformat.NotebookNode()


def deleted(notebook):
    notebook.cells.remove(cell(notebook, "entropy_values"))


def doubled(notebook):
    notebook.cells.append(deepcopy(cell(notebook, "softmax_values")))


def moved(notebook):
    test = cell(notebook, "entropy_values")
    notebook.cells.remove(test)
    notebook.cells.insert(3, test)


def edited(notebook):
    cell(notebook, "entropy_values").source = "assert True"


@pytest.mark.parametrize("change", [no_metadata, deleted, doubled, moved, edited], ids=lambda change: change.__name__)
def test_a_damaged_notebook_keeps_its_points_and_is_told_what_was_mended(grader, change):
    lesson = load(SOFTMAX)
    record = grader.grade(damaged(change)(lesson), lesson)
    assert record.points == lesson.points
    assert record.remarks and all(remark.endswith(".") for remark in record.remarks)


def test_a_syntax_error_costs_the_exercise_it_is_in(grader):
    lesson = load(SOFTMAX)
    record = grader.grade(as_bytes(filled_in(lesson, entropy="def entropy(weights, axis=-1)\n    return 0")), lesson)
    assert record.points == lesson.points - 1
    (lost,) = [result for result in record.tests if result.outcome != PASSED]
    assert "`entropy` is not defined" in lost.message


def test_a_missing_name_is_told(grader):
    lesson = load(SOFTMAX)
    record = grader.grade(as_bytes(filled_in(lesson, entropy="pass")), lesson)
    assert "`entropy` is not defined" in next(result.message for result in record.tests if result.outcome == FAILED)


def test_an_endless_loop_in_a_cell_is_stopped_and_the_rest_is_graded(hasty):
    lesson = load(SOFTMAX)
    notebook = filled_in(lesson)
    notebook.cells.insert(4, new_code_cell("while True:\n    pass"))
    record = hasty.grade(as_bytes(notebook), lesson)
    assert record.points == lesson.points
    assert any("stopped after 2 seconds" in kept.error for kept in record.cells)


def test_an_endless_loop_in_a_call_leaves_the_test_ungraded_with_the_reason(hasty):
    lesson = load(SOFTMAX)
    record = hasty.grade(
        as_bytes(filled_in(lesson, softmax_backward="def softmax_backward(*a, **k):\n    while True: pass")), lesson
    )
    (lost,) = record.ungraded
    assert (lost.exercise, lost.reason, lost.points) == ("softmax_backward", "timeout", None)
    assert record.points == lesson.points - 2


def test_a_killed_kernel_is_started_again_without_the_cell_that_killed_it(grader):
    lesson = load(SOFTMAX)
    notebook = filled_in(lesson)
    notebook.cells.insert(4, new_code_cell("import os\nos._exit(1)"))
    record = grader.grade(as_bytes(notebook), lesson)
    assert record.points == lesson.points
    assert any("ended the kernel" in note for note in record.notes)


def test_an_answer_that_kills_the_kernel_leaves_its_test_ungraded_and_the_rest_graded(grader):
    lesson = load(SOFTMAX)
    answer = "import os\ndef softmax_backward(*a, **k):\n    os._exit(1)"
    record = grader.grade(as_bytes(filled_in(lesson, softmax_backward=answer)), lesson)
    assert [(result.name, result.reason) for result in record.ungraded] == [("softmax_backward_values", "crash")]
    assert record.points == lesson.points - 2


def test_memory_beyond_the_limit_is_told_as_memory(grader):
    lesson = load(SOFTMAX)
    answer = "def entropy(weights, axis=-1):\n    return np.ones(10**10).sum()"
    record = grader.grade(as_bytes(filled_in(lesson, entropy=answer)), lesson)
    assert [(result.exercise, result.reason) for result in record.ungraded] == [("entropy", "memory")]


def test_output_without_end_is_cut(hasty):
    lesson = load(SOFTMAX)
    notebook = filled_in(lesson)
    notebook.cells.insert(4, new_code_cell("while True:\n    print('again ' * 100)"))
    record = hasty.grade(as_bytes(notebook), lesson)
    assert record.points == lesson.points
    assert max(len(kept.output) for kept in record.cells) < 2 * hasty.limits.output


def test_a_result_that_is_no_data_fails_in_words(grader):
    lesson = load(SOFTMAX)
    record = grader.grade(
        as_bytes(filled_in(lesson, entropy="def entropy(weights, axis=-1):\n    return (w for w in weights)")), lesson
    )
    assert "generator" in next(result.message for result in record.tests if result.exercise == "entropy")


def test_the_output_of_all_cells_together_is_cut(grader):
    lesson = load(SOFTMAX)
    notebook = filled_in(lesson)
    notebook.cells[3:3] = [new_code_cell("print('x' * 40_000)") for _ in range(50)]
    limits = Limits(outputs=100_000)
    other = Grader(grader.walls, grader.key, limits)
    other._warm = grader._warm
    record = other.grade(as_bytes(notebook), lesson)
    shown = [cell.output for cell in record.cells if "xxx" in cell.output or "cut here" in cell.output]
    assert sum(len(output) for output in shown) < 100_000 + 60 * 20
    assert [len(output) for output in shown[:2]] == [40_001, 40_001] and shown[2].endswith("... (cut here)")
    assert record.points == lesson.points


def test_prints_and_warnings_cost_nothing(grader):
    lesson = load(SOFTMAX)
    noisy = "import sys, warnings\ndef entropy(weights, axis=-1):\n    print('hm', file=sys.stderr)\n    warnings.warn('hm')\n"
    body = "    weights = np.asarray(weights)\n    return -(weights * np.log(np.where(weights > 0, weights, 1.0))).sum(axis=axis)"
    record = grader.grade(as_bytes(filled_in(lesson, entropy=noisy + body)), lesson)
    assert record.points == lesson.points


def test_a_name_is_judged_as_it_stood_at_its_test(grader):
    lesson = load(SOFTMAX)
    notebook = filled_in(lesson)
    notebook.cells.append(new_code_cell("softmax = None"))
    assert grader.grade(as_bytes(notebook), lesson).points == lesson.points
