"""Which lesson a notebook is, whatever its file is called."""

from collections.abc import Collection, Mapping

from nbformat import NotebookNode

from autograder.lesson_given import LINE
from autograder.repair.code import definitions
from autograder.repair.reading import tidy


def recognise(notebook: NotebookNode, lessons: Mapping[str, Collection[str]]) -> str | None:
    """The name of the lesson that a notebook is, or None if it looks like none or like two.

    lessons: each lesson's name to its grade ids, which are also its cell ids and the names of its functions.
    Labels and ids count before definitions: a lesson defines anew, as given, what earlier ones asked for.
    """
    labels, defined = _labels(notebook), _defined(notebook)
    scores = {}
    for name, ids in lessons.items():
        by_label, by_name = len(labels & set(ids)), len(defined & set(ids))
        if by_label or by_name >= min(2, len(ids) / 2):
            scores[name] = (by_label, by_name)
    best = max(scores.values(), default=None)
    found = [name for name, score in scores.items() if score == best]
    return found[0] if len(found) == 1 else None


def wrong_lesson(notebook: NotebookNode, lesson: str, lessons: Mapping[str, Collection[str]]) -> str:
    """Why a notebook handed in as a lesson is not that lesson, in a sentence for the student; "" if it may be."""
    found = recognise(notebook, lessons)
    if found == lesson:
        return ""
    if found:
        return f"This notebook is lesson {found}, handed in as {lesson}: hand in the notebook of {lesson}."
    if (_labels(notebook) | _defined(notebook)) & set(lessons[lesson]):
        return ""
    return f"Nothing in this notebook belongs to lesson {lesson}: hand in the notebook of {lesson}."


def _labels(notebook: NotebookNode) -> set[str]:
    cells = tidy(notebook).cells
    return {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells} | {cell.id for cell in cells}


def _defined(notebook: NotebookNode) -> set[str]:
    """What the code cells define, but for what they say is given."""
    cells = [cell for cell in tidy(notebook).cells if cell.cell_type == "code" and "given" not in cell.metadata.get("tags", [])]
    return set().union(*(definitions(cell.source) for cell in cells if not LINE.search(cell.source)))
