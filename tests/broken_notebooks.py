"""A lesson with every kind of cell, a student's notebook of it, and the ways in which notebooks get damaged."""

import copy
import random
import re

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.lessons import Lesson
from tests.small_lessons import header

STEPS = f'''# %% [markdown]
# # 2 · Steps

# %%
import math

import numpy as np

from attention_course import check

# %% tags=["given"]
# given: double from 01_double

# %% [markdown]
# ### Exercise 1

# %% {header("four_times", False, True)}
def four_times(x):
    """Four times `x`."""
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION


# %% {header("four_times_values", True, False, 2)}
check.equal(four_times(1), 4, "four times one is four")
### BEGIN HIDDEN TESTS
hidden_number = 250
check.equal(four_times(hidden_number), 1000, "large numbers too")
### END HIDDEN TESTS

# %% {header("four_times_shape", True, False, 1)}
ones = np.ones((2, 3))
check.shape(four_times(ones), (2, 3), "the shape is kept")

# %%
print(four_times(21))

# %% tags=["skip-execution"]
for _ in range(3):
    four_times(1)

# %% [markdown] {header("rules", False, False).replace('"locked": false', '"locked": true')}
# Count from zero.

# %% {header("Counter", False, True)}
class Counter:
    def __init__(self, start):
        ### BEGIN SOLUTION
        self.value = start
        ### END SOLUTION

    def step(self):
        ### BEGIN SOLUTION
        self.value += 1
        return self.value
        ### END SOLUTION


# %% {header("Counter_steps", True, False, 3)}
counter = Counter(1)
check.equal([counter.step(), counter.step()], [2, 3], "it counts")

# %% [markdown] {header("report", True, True, 2)}
# What did you see?
#
# ### BEGIN SOLUTION
# Numbers.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
'''


def answered(released: NotebookNode, lesson: Lesson) -> NotebookNode:
    """The released notebook with the lesson's solutions; every cell that a student wrote holds a mark of its own."""
    notebook = copy.deepcopy(released)
    for exercise in lesson.exercises:
        cell = cell_of(notebook, exercise.name)
        mark = f"\n<!-- mine: {exercise.name} -->" if exercise.manual else f"  # mine: {exercise.name}"
        cell.source = exercise.solution.rstrip() + mark
    return notebook


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if label(cell) == grade_id)


def label(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def marks(notebook: NotebookNode) -> list[str]:
    """The marks in a notebook's cells, in order."""
    return [mark for cell in notebook.cells for mark in re.findall(r"mine: \w+(?: \w+)*", cell.source)]


def damage(notebook: NotebookNode, seed: int) -> NotebookNode:
    """A copy with one to eight kinds of damage, the same for the same seed."""
    dice = random.Random(seed)
    notebook = copy.deepcopy(notebook)
    for _ in range(dice.randint(1, 8)):
        dice.choice(DAMAGES)(notebook, dice)
    return notebook


def _copy(notebook, dice):
    twin = copy.deepcopy(dice.choice(notebook.cells))
    twin.id = dice.choice([twin.id, f"twin-{dice.randint(0, 999)}"])
    notebook.cells.insert(dice.randint(0, len(notebook.cells)), twin)


def _delete(notebook, dice):
    if len(notebook.cells) > 1:
        notebook.cells.pop(dice.randrange(len(notebook.cells)))


def _move(notebook, dice):
    cell = notebook.cells.pop(dice.randrange(len(notebook.cells)))
    notebook.cells.insert(dice.randint(0, len(notebook.cells)), cell)


def _retype(notebook, dice):
    cell = dice.choice(notebook.cells)
    cell.cell_type = dice.choice(["code", "markdown", "raw"])


def _relabel(notebook, dice):
    """Labels swapped or made up."""
    labelled = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    if labelled:
        one, other = dice.choice(labelled), dice.choice(labelled)
        wanted = dice.choice([label(other), "cell-5d2c", "", "four_times_values"])
        one.metadata.nbgrader["grade_id"] = wanted


def _settings(notebook, dice):
    labelled = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    if labelled:
        settings = dice.choice(labelled).metadata.nbgrader
        settings |= dice.choice(
            [{"points": 99}, {"locked": True}, {"grade": False}, {"solution": True}, {"points": "many"}, {"x": {}}]
        )


def _strip_one(notebook, dice):
    dice.choice(notebook.cells).metadata = NotebookNode()


def _strip_all(notebook, dice):
    for number, cell in enumerate(notebook.cells):
        cell.metadata = NotebookNode()
        cell.id = f"new-{number}"


def _strip_ids(notebook, dice):
    for number, cell in enumerate(notebook.cells):
        cell.id = f"new-{number}"


def _edit(notebook, dice):
    cell = dice.choice(notebook.cells)
    cell.source += dice.choice(["\nprint(1)", "\nx = 3", "\n)", "\n%time 1", "\n# a note", "  "])


def _add_helper(notebook, dice):
    number = dice.randint(0, 999)
    cell = dice.choice([cell for cell in notebook.cells if cell.cell_type == "code"] or notebook.cells)
    cell.source += f'\n\n\ndef helper_{number}(x):\n    """mine: helper {number}"""\n    return x'


def _own_cell(notebook, dice):
    number = dice.randint(0, 999)
    new = dice.choice([new_code_cell, new_markdown_cell])(f"note = 'mine: note {number}'")
    new.id = dice.choice([new.id, "four_times", "own-1"])
    notebook.cells.insert(dice.randint(0, len(notebook.cells)), new)


def _answer_in_new_cell(notebook, dice):
    number = dice.randint(0, 999)
    text = f"def four_times(x):  # mine: other answer {number}\n    return 4 * x"
    notebook.cells.insert(dice.randint(0, len(notebook.cells)), new_code_cell(text, id=f"answer-{number}"))


def _merge(notebook, dice):
    if len(notebook.cells) > 1:
        place = dice.randrange(len(notebook.cells) - 1)
        notebook.cells[place].source += "\n" + notebook.cells.pop(place + 1).source


def _split(notebook, dice):
    cell = dice.choice(notebook.cells)
    lines = cell.source.split("\n")
    cut = dice.randint(0, len(lines))
    rest = copy.deepcopy(cell)
    cell.source, rest.source, rest.id = "\n".join(lines[:cut]), "\n".join(lines[cut:]), f"rest-{dice.randint(0, 999)}"
    notebook.cells.insert(notebook.cells.index(cell) + 1, rest)


DAMAGES = [
    *(_copy, _delete, _move, _retype, _relabel, _settings, _strip_one, _strip_all, _strip_ids),
    *(_edit, _add_helper, _own_cell, _answer_in_new_cell, _merge, _split),
]
