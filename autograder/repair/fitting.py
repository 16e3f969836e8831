"""A submitted notebook to one that fits its lesson."""

from copy import deepcopy
from itertools import count

from nbformat import NotebookNode, from_dict

from autograder.lessons import Lesson
from autograder.repair.answers import settle_answers
from autograder.repair.draft import Draft, Piece
from autograder.repair.locked import restore_texts, settle_fixed
from autograder.repair.order import settle_imports, settle_tests
from autograder.repair.plan import Plan, plan_of
from autograder.repair.reading import read, tidy
from autograder.repair.words import called

KEPT_TAGS = {"skip-execution", "setup"}
GRADED = ("solution", "test", "manual")


def fitted(data: bytes, lesson: Lesson) -> tuple[NotebookNode, list[str]]:
    """The notebook in a file, repaired. Raises Unreadable."""
    return _repaired(read(data), lesson)


def repair(notebook: NotebookNode, lesson: Lesson) -> tuple[NotebookNode, list[str]]:
    """A new notebook that fits the lesson, and a sentence for the student for each repair.

    Every test is there once, hidden part included, below its answer; so it is for the grader only. Every cell that the
    student wrote is there, in the student's order. Repairing it again changes nothing and says nothing.
    """
    return _repaired(tidy(notebook), lesson)


def _repaired(clean: NotebookNode, lesson: Lesson) -> tuple[NotebookNode, list[str]]:
    draft = Draft(plan_of(lesson), clean)
    restore_texts(draft)
    settle_tests(draft, settle_answers(draft))
    settle_fixed(draft)
    settle_imports(draft)
    _report_labels(draft)
    _report_settings(draft)
    cells = [_cell(draft.plan, piece, cell_id) for piece, cell_id in zip(draft.pieces, _ids(draft), strict=True)]
    metadata = deepcopy(lesson.notebook.metadata)
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}), draft.messages


def _report_labels(draft: Draft) -> None:
    lost = [piece.name for piece in draft.pieces if draft.role(piece) in GRADED and not piece.added and piece.label != piece.name]
    if len(lost) > 3:
        draft.say(f"{len(lost)} cells had lost the labels that nbgrader gave them and were recognised by what they say.")
    elif lost:
        draft.say(f"{called(draft.plan, lost[0])} had lost its label{_and(lost[1:])}; recognised by what stands in it.")
    foreign = {piece.label for piece in draft.pieces if not piece.name and piece.label and any(piece.settings.values())}
    for label in sorted(foreign - set(draft.plan.cells)):
        draft.say(f"A cell carried the label {label[:60]}, which this lesson does not have; the label has been removed.")


def _and(names: list[str]) -> str:
    return f", and so had {' and '.join(names)}" if names else ""


def _report_settings(draft: Draft) -> None:
    for piece in draft.pieces:
        if piece.label and piece.label == piece.name and draft.role(piece):
            right = draft.plan.cells[piece.name].metadata.get("nbgrader", {})
            if any(right.get(key, value) != value for key, value in piece.settings.items()):
                draft.say(f"{called(draft.plan, piece.name)} had other points or settings; they have been restored.")


def _ids(draft: Draft) -> list[str]:
    """Unique cell ids: the lesson's for its own cells, the student's where they are free, else numbers."""
    reserved = {cell.id for cell in draft.plan.cells.values()}
    taken, used, ids = reserved | {piece.id for piece in draft.pieces}, set(), []
    numbers = (name for number in count(1) if (name := f"own-{number}") not in taken)
    for piece in draft.pieces:
        wanted = [draft.plan.cells[piece.name].id] if piece.name else []
        wanted += [piece.id] if piece.id and piece.id not in reserved else []
        ids.append(next((name for name in wanted if name not in used), None) or next(numbers))
        used.add(ids[-1])
    return ids


def _cell(plan: Plan, piece: Piece, cell_id: str) -> dict:
    template = plan.cells.get(piece.name, {})
    metadata = deepcopy(dict(template.get("metadata", {})))
    kept = [] if plan.roles.get(piece.name) else [tag for tag in piece.tags if tag in KEPT_TAGS]
    tags = sorted({*metadata.get("tags", []), *kept})
    if tags:
        metadata["tags"] = tags
    cell = {"cell_type": piece.kind, "id": cell_id, "metadata": metadata, "source": piece.source}
    if piece.kind == "code":
        return cell | {"execution_count": None, "outputs": []}
    return cell | ({"attachments": piece.attachments} if piece.attachments else {})
