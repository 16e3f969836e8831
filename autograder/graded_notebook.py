"""A graded submission as nbgrader and formgrader show it: the student's cells, and the grader's verdicts as their outputs."""

import json
from collections.abc import Mapping

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import LimitOutput

from autograder.lesson_source import grade_id
from autograder.records import FAILED, PASSED, Record


def text(notebook: NotebookNode, record: Record, checksums: Mapping[str, str]) -> str:
    """The file that `nbgrader autograde` writes, on one line. Changes the notebook, which has been made to fit its lesson.

    checksums: nbgrader's, of the cells as released, by grade id.
    """
    for cell in notebook.cells:
        if grade_id(cell) in checksums:
            cell.metadata.nbgrader["checksum"] = checksums[grade_id(cell)]
    write_outputs(notebook, record)
    notebook, _ = LimitOutput().preprocess(notebook, {})
    return json.dumps(notebook, sort_keys=True, ensure_ascii=False) + "\n"


def comments(notebook: NotebookNode) -> dict[str, str | None]:
    """The grader's comment on each answer, by grade id: on one that is as it was released, that there is none."""
    answers = [cell for cell in notebook.cells if utils.is_solution(cell)]
    return {grade_id(cell): "No response." if _is_untouched(cell) else None for cell in answers}


def _is_untouched(cell: NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def write_outputs(notebook: NotebookNode, record: Record) -> None:
    """The outputs that formgrader shows: what the student's cells printed, as plain text, and the grader's own verdicts."""
    verdicts = {result.name: result for result in record.tests}
    for cell, kept in zip(notebook.cells, record.cells, strict=False):
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        verdict = verdicts.get(kept.grade_id) if kept.role == "test" else None
        if verdict is not None and verdict.outcome == FAILED:
            message = verdict.message.splitlines()
            cell.outputs.append(new_output("error", ename="NotSo", evalue=message[0], traceback=message))
        elif verdict is not None and verdict.outcome != PASSED:
            cell.outputs.append(new_output("stream", name="stdout", text=f"Not graded: {verdict.message}\n"))
        if kept.output:
            cell.outputs.append(new_output("stream", name="stdout", text=kept.output))
        if kept.error:
            cell.outputs.append(new_output("error", ename=kept.error.split(":")[0], evalue=kept.error, traceback=[kept.error]))
