"""What the student wrote in a repaired notebook, to be read."""

import re

from nbformat import NotebookNode

from autograder.lesson_source import grade_id
from autograder.lessons import Lesson
from autograder.outer_cells import Repository, front_cells
from autograder.repair.code import as_python
from autograder.repair.plan import FIXED, Plan, plan_of


def _anywhere(lines: list[str]) -> str:
    """A pattern for these lines of a set-up cell, whatever address the course was installed from."""
    return re.escape("\n".join(lines)).replace("ADDRESS@BRANCH", r"\S+").replace("ADDRESS", r"\S+")


_LINES = front_cells("", Repository("ADDRESS", "BRANCH", ""))[1].source.splitlines()
_INSTALLS = next(number for number, line in enumerate(_LINES, start=1) if "%pip" in line)
# Notebooks that were handed out before the cell said why it failed end with the installation.
SETUP = re.compile(f"{_anywhere(_LINES[:_INSTALLS])}(\n{_anywhere(_LINES[_INSTALLS:])})?")
LAST = re.compile(r'check\.lesson\("\w+"\)')  # the cell that ends every released notebook


def student_code(repaired: NotebookNode, lesson: Lesson) -> str:
    """The code cells that the student wrote or changed, in order, as one text that is valid Python.

    Left out are tests, given cells and every cell that still is as it was released. IPython's commands become `pass`,
    and a cell that is no Python even so becomes a comment.
    """
    plan = plan_of(lesson)
    return "\n\n".join(as_python(cell.source) for cell in repaired.cells if cell.cell_type == "code" and _is_own(plan, cell))


def _is_own(plan: Plan, cell: NotebookNode) -> bool:
    name = grade_id(cell) or plan.name_by_id(cell.id)
    if plan.roles.get(name) in ("test", FIXED) or plan.is_released("code", cell.source):
        return False
    source = cell.source.strip()
    return bool(source) and not SETUP.fullmatch(source) and not LAST.fullmatch(source)
