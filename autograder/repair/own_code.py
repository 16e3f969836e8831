"""What the student wrote in a repaired notebook, to be read."""

import re

from nbformat import NotebookNode

from attention_course.check.reach import TEST
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

    Left out are given cells and every cell that still is as it was released; where tests stand between two cells, there is a
    statement that says so. IPython's commands become `pass`, and a cell that is no Python even so becomes a comment.
    """
    plan, parts, tested = plan_of(lesson), [], False
    for cell in (cell for cell in repaired.cells if cell.cell_type == "code"):
        role = plan.roles.get(grade_id(cell) or plan.name_by_id(cell.id))
        if role not in ("test", FIXED) and _is_own(plan, cell):
            parts += [repr(TEST)] * (tested and bool(parts)) + [as_python(cell.source)]
            tested = False
        tested = tested or role == "test"
    return "\n\n".join(parts)


def _is_own(plan: Plan, cell: NotebookNode) -> bool:
    if plan.is_released("code", cell.source):
        return False
    source = cell.source.strip()
    return bool(source) and not SETUP.fullmatch(source) and not LAST.fullmatch(source)
