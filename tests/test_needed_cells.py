"""Demonstrations that cannot change a verdict are not run when grading; everything that could is."""

from copy import deepcopy

import pytest
from nbformat.v4 import new_code_cell

from autograder.lesson_source import grade_id
from autograder.lessons import load
from autograder.needed_cells import needed

LESSON = "05_softmax"


def sources(notebook, places) -> list[str]:
    return [notebook.cells[place].source for place in sorted(places)]


@pytest.fixture
def lesson():
    return load(LESSON)


def submitted(lesson, answers=None, own=()):
    """The lesson's notebook with these answers, and cells of the student's own at the end."""
    notebook = deepcopy(lesson.notebook)
    for cell in notebook.cells:
        cell.source = (answers or {}).get(grade_id(cell), cell.source)
    notebook.cells += [new_code_cell(source) for source in own]
    return notebook


def demonstrations(lesson, notebook, places) -> list[str]:
    answers = {cell.source for cell in notebook.cells if grade_id(cell)}
    return [source for source in sources(notebook, places) if source not in answers and source != lesson.imports]


def test_of_a_notebook_as_released_only_imports_and_answers_are_run(lesson):
    run = sources(lesson.notebook, needed(lesson.notebook, lesson))
    assert len(run) == 1 + len(lesson.exercises) and run[0] == lesson.imports


def test_a_students_own_cells_are_run_and_blank_ones_are_not(lesson):
    notebook = submitted(lesson, own=["mine = 1", "  ", "import sys"])
    notebook.cells[-1].source = "mine += 1"
    run = sources(notebook, needed(notebook, lesson))
    assert run[-2:] == ["mine = 1", "mine += 1"]


def test_a_demonstration_whose_names_an_answer_reads_is_run_with_what_it_needs_itself():
    lesson = load("06_weighted_sum")
    notebook = submitted(lesson, {"padding_mask": "def padding_mask(lengths, n):\n    return table[0, 0] + n\n"})
    shown = demonstrations(lesson, notebook, needed(notebook, lesson))
    assert any("table = word_vectors" in source for source in shown)
    assert not any("temperatures" in source for source in shown)


def test_a_demonstration_that_was_edited_is_a_cell_of_the_students_own(lesson):
    notebook = submitted(lesson)
    place = next(
        place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code" and place not in needed(notebook, lesson)
        and not grade_id(cell)
    )  # fmt: skip
    notebook.cells[place].source += "\nedited = True"
    assert place in needed(notebook, lesson)


UNFORESEEN = [
    "globals()['softmax'] = 1", "import sys", "from os import *", "exec('x = 1')", "get_ipython().run_cell('1')", "print(_)",
    "print(Out[3])", "def broken(:", "%time 1", "\0", "__import__('sys')", "f = eval",
]  # fmt: skip


@pytest.mark.parametrize("source", UNFORESEEN, ids=ascii)
def test_where_names_cannot_be_told_everything_is_run(lesson, source):
    notebook = submitted(lesson, own=[source])
    assert len(demonstrations(lesson, notebook, needed(notebook, lesson))) > 5


def test_a_name_that_is_only_called_like_an_output_is_harmless(lesson):
    notebook = submitted(lesson, own=["for _ in range(3):\n    pass"])
    assert len(demonstrations(lesson, notebook, needed(notebook, lesson))) == 1


def test_cells_that_train_are_never_run():
    lesson = load("10_multi_head_attention")
    notebook = submitted(lesson, own=["exec('everything')"])
    trained = [cell.source for cell in notebook.cells if "skip-execution" in cell.metadata.get("tags", [])]
    assert trained and not set(trained) & set(sources(notebook, needed(notebook, lesson)))
