"""A lesson's source file as notebook cells, each with a role; what cannot be read as meant is refused."""

import ast
import re
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from autograder.trouble import Trouble

PERCENT = {"extension": ".py", "format_name": "percent"}
TAGS = ("given", "skip-execution")
ROLES = {  # what nbgrader's metadata say of a cell: (grade, solution, locked)
    (False, True, False): "solution",
    (True, False, True): "test",
    (True, True, False): "manual",
    (False, False, True): "readonly",
}


class LessonError(Trouble):
    """Something is wrong with a lesson's source."""


def read_cells(path: Path) -> list[tuple[NotebookNode, str]]:
    """The cells of a jupytext percent file, checked one by one, each with its place for messages. Raises LessonError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{path.name} cannot be read ({error}); save it as UTF-8 text.") from None
    try:
        cells = jupytext.reads(text, fmt=PERCENT).cells
    except Exception as error:  # jupytext passes on what YAML, nbformat and its own parts raise
        reason = " ".join(str(error).split())[:80]
        raise LessonError(f"{path.name}: jupytext cannot read it ({reason}); copy the first lines of another lesson.") from None
    placed = [(cell, _place(path, number, cell)) for number, cell in enumerate(cells, start=1)]
    for cell, place in placed:
        cell.metadata.pop("lines_to_next_cell", None)
        _check(cell, place)
    return placed


def role(cell: NotebookNode) -> str:
    """solution, test, manual (graded by hand), readonly, or nothing for a cell without nbgrader's metadata."""
    meta = _nbgrader(cell)
    return ROLES[meta["grade"], meta["solution"], meta["locked"]] if meta else ""


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name of the cell, or ""."""
    return _nbgrader(cell).get("grade_id", "")


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags."""
    return cell.metadata.get("tags", [])


def _place(path: Path, number: int, cell: NotebookNode) -> str:
    """File and cell: by grade id, else by number and first line."""
    if grade_id(cell):
        return f"{path.name}, cell `{grade_id(cell)}`"
    first = next((line.strip() for line in cell.source.split("\n") if line.strip()), "")
    return f"{path.name}, cell {number} ({first[:40]!r})"


def _nbgrader(cell: NotebookNode) -> dict:
    meta = cell.metadata.get("nbgrader", {})
    return meta if isinstance(meta, dict) else {}


def _check(cell: NotebookNode, place: str) -> None:
    _check_header(cell, place)
    if "nbgrader" in cell.metadata:
        _check_nbgrader(cell.metadata["nbgrader"], cell.cell_type, place)
    if cell.cell_type == "code":
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            raise LessonError(f"{place}: line {error.lineno} is not Python ({error.msg}); a source holds no magics.") from None


def _check_header(cell: NotebookNode, place: str) -> None:
    unread = cell.metadata.get("incorrectly_encoded_metadata")
    if unread is not None:
        raise LessonError(f"{place}: the cell's header could not be read from `{unread[:60]}` on; write it as valid JSON.")
    strange = sorted(set(cell.metadata) - {"nbgrader", "tags"})
    if strange:
        key, value = strange[0], cell.metadata[strange[0]]
        raise LessonError(f"{place}: the header holds the {key} {value!r}; only `tags` and `nbgrader` may stand there.")
    if not isinstance(tags(cell), list) or any(tag not in TAGS for tag in tags(cell)):
        raise LessonError(f"{place}: the tags are {tags(cell)!r}; use `given` and `skip-execution` alone.")
    for line in cell.source.split("\n"):
        if '"grade_id"' in line or (cell.cell_type == "code" and re.match(r"\s*#[#\s]*%%", line)):
            raise LessonError(
                f"{place}: `{line.strip()[:40]}` is meant as a header and was not read as one; begin it with `# %% `."
            )


def _check_nbgrader(meta: object, cell_type: str, place: str) -> None:
    """What nbgrader's MetadataValidator asks for, and the four roles that this course uses."""
    if not isinstance(meta, dict) or meta.get("schema_version") != 3:
        raise LessonError(f"{place}: nbgrader's metadata are not of schema version 3; copy a header from another lesson.")
    if meta.get("task"):
        raise LessonError(f"{place}: nbgrader's task cells are not used; set grade and solution to true to grade by hand.")
    flags = tuple(meta.get(flag) for flag in ("grade", "solution", "locked"))
    known = {"grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}
    if not all(isinstance(flag, bool) for flag in flags) or flags not in ROLES or set(meta) - known:
        raise LessonError(f"{place}: nbgrader's metadata fit no kind of cell this course has; copy a header from another lesson.")
    name = meta.get("grade_id")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise LessonError(f"{place}: the grade_id is {name!r}; give it a name of letters, digits, _ and -.")
    points = meta.get("points")
    if meta["grade"] and (isinstance(points, bool) or not isinstance(points, (int, float)) or points <= 0):
        raise LessonError(f"{place}: the points are {points!r}; give a number above 0.")
    wanted = {"test": ("code",), "solution": ("code",), "manual": ("code", "markdown")}.get(ROLES[flags], (cell_type,))
    if cell_type not in wanted:
        raise LessonError(f"{place}: a {ROLES[flags]} cell cannot be {cell_type}; make it {' or '.join(wanted)}.")
