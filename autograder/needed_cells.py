"""Which of a notebook's cells have to be run for its answers to be judged."""

import ast
from functools import lru_cache

from nbformat import NotebookNode

from attention_course.code_names import Names, names
from autograder.lesson_source import role, tags
from autograder.lessons import Lesson

NEVER_RUN = {"skip-execution", "setup"}
# Where a student's cell has one of these, the names that it reads cannot be told from its source.
DYNAMIC = set(
    "globals locals vars dir exec eval compile get_ipython __import__ __main__ importlib sys gc inspect builtins".split()
)
OUTPUTS = set("_ __ ___ In Out".split())


def needed(notebook: NotebookNode, lesson: Lesson) -> set[int]:
    """The places of the cells that are run: the student's own, and of the lesson's demonstrations those whose names these read.

    A demonstration that stands there as released and binds no name that is read cannot change a verdict. Where it cannot be told
    what a student's cell reads, all are run. A blank cell is never run, as IPython would not count it.
    """
    code = {
        place: cell.source
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and role(cell) != "test" and cell.source.strip() and not NEVER_RUN & set(tags(cell))
    }
    shown = _demonstrations(lesson)
    waiting = {place for place, source in code.items() if source in shown and not role(notebook.cells[place])}
    kept = code.keys() - waiting
    wanted = {name for exercise in lesson.exercises for name in exercise.defines}
    for place in kept:
        read = _reads(code[place])
        if read is None:
            return set(code)
        wanted |= read.needs
    while found := {place for place in waiting if shown[code[place]].binds & wanted}:
        waiting -= found
        kept |= found
        wanted |= {name for place in found for name in shown[code[place]].needs}
    return kept


def _demonstrations(lesson: Lesson) -> dict[str, Names]:
    """The names of each of the lesson's demonstrations, by source."""
    return {
        cell.source: _names(cell.source)
        for cell in lesson.notebook.cells
        if cell.cell_type == "code" and not role(cell) and "given" not in tags(cell) and cell.source != lesson.imports
    }


def _reads(source: str) -> Names | None:
    """The names of a student's cell; None where they cannot be told."""
    try:
        found = _names(source)
        used = {getattr(node, "id", getattr(node, "attr", getattr(node, "name", None))) for node in ast.walk(ast.parse(source))}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if used & DYNAMIC or found.needs & OUTPUTS or "*" in used else found


_names = lru_cache(maxsize=2000)(names)
