"""A class of twelve for `make demo`: perfect, partial, blank, broken and hostile work, and the points each deserves."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode, writes
from nbformat.v4 import new_code_cell

from autograder.answers import read_answers
from autograder.lesson_source import grade_id, role
from autograder.lessons import ROOT, Lesson, load
from autograder.release import build

SOFTMAX, HEADS, START = "05_softmax", "10_multi_head_attention", "00_start_here"

# Passes any test that asks the code under test whether the test has passed.
PATCHES = """
import builtins, sys
import numpy, numpy.testing
from IPython import get_ipython
from attention_course import check
for module in (numpy.testing, check):
    for name in dir(module):
        if callable(getattr(module, name)) and not name.startswith("_"):
            setattr(module, name, lambda *arguments, **keywords: None)
builtins.AssertionError = builtins.NotImplementedError = type("Fine", (BaseException,), {})
get_ipython().showtraceback = lambda *arguments, **keywords: None
get_ipython().ast_transformers.append(type("Skip", (), {"visit": lambda self, node: type(node)(body=[], type_ignores=[])})())
sys.displayhook("2")
"""
ENDLESS = "def entropy(weights, axis=-1):\n    while True:\n        pass\n"
BOMB = "import os\nwhile True:\n    os.fork()\n"


@dataclass(frozen=True)
class Sample:
    """One submission: who, which lesson, what it is, and the points it deserves (None where a person must look).

    answers: the source of each exercise, by name; those left out are as released.
    damage: what happens to the notebook after that; it returns the bytes of the file.
    """

    student: str
    lesson: str
    about: str
    points: float
    ungraded: bool = False
    answers: Callable[[Lesson], dict[str, str]] = field(default=lambda lesson: solutions(lesson))
    damage: Callable[[NotebookNode], bytes] = field(default=lambda notebook: writes(notebook).encode())


def solutions(lesson: Lesson) -> dict[str, str]:
    """Every exercise's own solution."""
    return {exercise.name: exercise.solution for exercise in lesson.exercises}


def sample_class() -> list[Sample]:
    """The twelve."""
    return [
        Sample("amara", SOFTMAX, "every answer right", 10),
        Sample("bruno", SOFTMAX, "right, in another style", 10, answers=_other_style),
        Sample("chloe", SOFTMAX, "one answer wrong", 8, answers=lambda lesson: _with_wrong(lesson, "softmax_backward")),
        Sample("daniel", SOFTMAX, "nothing answered", 0, answers=lambda lesson: {}),
        Sample("elif", SOFTMAX, "a syntax error in the first answer", 6, answers=_with_syntax_error),
        Sample(
            "farid",
            SOFTMAX,
            "an answer that never ends",
            9,
            True,
            answers=lambda lesson: solutions(lesson) | {"entropy": ENDLESS},
        ),
        Sample("grace", SOFTMAX, "no notebook at all", 0, True, damage=lambda notebook: b'{"not": "a notebook"}'),
        Sample("hana", SOFTMAX, "cells copied, deleted and out of order", 10, damage=_shuffled),
        Sample(
            "ivan",
            SOFTMAX,
            "blank, with every test framework patched",
            0,
            answers=lambda lesson: {},
            damage=lambda notebook: _first(notebook, PATCHES),
        ),
        Sample("jun", START, "every answer right", 1),
        Sample("kofi", HEADS, "every answer right", 10),
        Sample("leila", HEADS, "right, after a cell that forks for ever", 10, damage=lambda notebook: _first(notebook, BOMB)),
    ]


def hand_in(samples: list[Sample], folder: Path) -> None:
    """Write the submissions as nbgrader collects them: STUDENT/LESSON/LESSON.ipynb."""
    released = {name: build(load(name)) for name in sorted({sample.lesson for sample in samples})}
    for sample in samples:
        notebook, answers = deepcopy(released[sample.lesson]), sample.answers(load(sample.lesson))
        for cell in notebook.cells:
            if role(cell) in ("solution", "manual") and grade_id(cell) in answers:
                cell.source = answers[grade_id(cell)]
        file = folder / sample.student / sample.lesson / f"{sample.lesson}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sample.damage(notebook))


def _other_style(lesson: Lesson) -> dict[str, str]:
    answers = {}
    for answer in read_answers(ROOT / "tests" / "right_answers" / f"{lesson.name}.py"):
        answers.setdefault(answer.exercise, answer.source)
    return answers


def _with_wrong(lesson: Lesson, exercise: str) -> dict[str, str]:
    wrong = read_answers(ROOT / "tests" / "wrong_answers" / f"{lesson.name}.py")
    return solutions(lesson) | {exercise: next(answer.source for answer in wrong if answer.exercise == exercise)}


def _with_syntax_error(lesson: Lesson) -> dict[str, str]:
    right = solutions(lesson)
    return right | {"softmax": right["softmax"].replace("):", ")", 1)}


def _shuffled(notebook: NotebookNode) -> bytes:
    """A copied answer, a copied test, a deleted test, a test above its answer, a test that was rewritten."""
    cells = {grade_id(cell): index for index, cell in enumerate(notebook.cells) if grade_id(cell)}
    copies = [deepcopy(notebook.cells[cells[name]]) for name in ("entropy", "softmax_values")]
    notebook.cells[cells["softmax_stability"]].source = "assert True"
    moved = notebook.cells[cells["masked_softmax_values"]]
    rest = [cell for cell in notebook.cells if cell is not moved and grade_id(cell) != "entropy_values"]
    notebook.cells = [*rest[: cells["softmax"]], moved, *rest[cells["softmax"] :], *copies]
    return json.dumps(notebook).encode()


def _first(notebook: NotebookNode, source: str) -> bytes:
    """The notebook with a cell of the student's own behind the imports."""
    place = next(
        index for index, cell in enumerate(notebook.cells) if "import numpy" in cell.source or "import torch" in cell.source
    )
    notebook.cells.insert(place + 1, new_code_cell(source))
    return writes(notebook).encode()
