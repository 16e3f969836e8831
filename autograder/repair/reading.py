"""A file that may be a notebook to a clean notebook."""

import json
import re
from collections.abc import Iterable, Mapping

from nbformat import NotebookNode, from_dict

MEGABYTE = 1_000_000
LARGEST_FILE = 50 * MEGABYTE
LARGEST_CODE = 1 * MEGABYTE  # in all code cells together; lessons have 0.02
MOST_CELLS = 2000
MOST_BRACKETS = 1_000_000  # each costs up to 200 bytes once it is parsed
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SETTINGS = {
    "grade_id": str,
    "grade": bool,
    "solution": bool,
    "locked": bool,
    "task": bool,
    "points": (int, float),
    "checksum": str,
}
KINDS = {"code": "code", "markdown": "markdown", "heading": "markdown", "html": "markdown"}
NOT_A_NOTEBOOK = "hand in the .ipynb file itself (in JupyterLab: File, Download)"
SAVE_AGAIN = "save it and hand it in again"
CLEAR = f"clear the outputs of all cells, {SAVE_AGAIN}"
OTHER_FILES = {
    b"%PDF": f"The file is a PDF, not a notebook: {NOT_A_NOTEBOOK}.",
    b"PK\x03\x04": f"The file is a zip archive, not a notebook: {NOT_A_NOTEBOOK}.",
    b"\x1f\x8b": f"The file is a compressed archive, not a notebook: {NOT_A_NOTEBOOK}.",
    b"<": f"The file is a web page, not a notebook: {NOT_A_NOTEBOOK}.",
}


class Unreadable(Exception):
    """Why a file cannot be graded as a notebook, in one sentence for the student."""


def read(data: bytes) -> NotebookNode:
    """The notebook in a file: nbformat 4, outputs and unknown metadata dropped. Raises Unreadable."""
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(f"The file is empty: open the notebook, {SAVE_AGAIN}.")
    if len(data) > LARGEST_FILE:
        size = f"{len(data) / MEGABYTE:.0f} MB, more than the {LARGEST_FILE // MEGABYTE} MB that are read"
        raise Unreadable(f"The file has {size}: {CLEAR}.")
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        raise Unreadable(f"The file holds far more data than a notebook should: {CLEAR}.")
    content = _parsed(data.decode(json.detect_encoding(data), errors="replace").lstrip("\ufeff"), data)
    version = content.get("nbformat")
    if isinstance(version, int) and version > 4:
        raise Unreadable(f"The notebook is in format {version}, newer than the 4 that is read: {SAVE_AGAIN} with JupyterLab.")
    if _cells(content) is None:
        raise Unreadable(f"The file is JSON but no notebook, it has no cells: {NOT_A_NOTEBOOK}.")
    notebook = tidy(content)
    if len(notebook.cells) > MOST_CELLS:
        number = f"{len(notebook.cells)} cells, more than the {MOST_CELLS} that are read"
        raise Unreadable(f"The notebook has {number}: remove those that do not belong to the lesson.")
    if sum(len(cell.source) for cell in notebook.cells if cell.cell_type != "markdown") > LARGEST_CODE:
        size = f"more than {LARGEST_CODE // MEGABYTE} MB of code"
        raise Unreadable(f"The cells hold {size}: remove what does not belong to the lesson.")
    return notebook


def tidy(content: Mapping) -> NotebookNode:
    """A notebook with nothing but cells, each with kind, id, source, and of its metadata only what repairing needs.

    content: a notebook of nbformat 2 to 4, however broken. Outputs are dropped: what a file says was printed counts for nothing.
    """
    cells = [_cell(cell, number) for number, cell in enumerate(_cells(content) or [], start=1) if isinstance(cell, Mapping)]
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def _parsed(text: str, data: bytes) -> dict:
    try:
        content = json.loads(text)
    except RecursionError:
        raise Unreadable(f"The file is nested deeper than any notebook: open the notebook, {SAVE_AGAIN}.") from None
    except ValueError as error:
        raise Unreadable(_why_not_json(text, data, error)) from None
    if not isinstance(content, dict):
        raise Unreadable(f"The file is JSON but no notebook: {NOT_A_NOTEBOOK}.")
    return content


def _why_not_json(text: str, data: bytes, error: ValueError) -> str:
    for start, sentence in OTHER_FILES.items():
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(start) and not data.startswith(b"<<<<<<<"):
            return sentence
    if re.search(r"^<<<<<<< ", text, re.MULTILINE):
        return f"The file holds git's marks of a merge conflict (<<<<<<<): settle the conflict, {SAVE_AGAIN}."
    cut_off = "Unterminated string" in str(error) or getattr(error, "pos", 0) >= len(text.rstrip()) - 1
    if text.lstrip().startswith("{") and cut_off:
        return f"The file breaks off in the middle: open the notebook, {SAVE_AGAIN}."
    return f"The file is not a notebook, its text is not JSON: {NOT_A_NOTEBOOK}."


def _cells(content: Mapping) -> list | None:
    """The cells; nbformat 2 and 3 have them in worksheets."""
    if isinstance(content.get("cells"), list):
        return content["cells"]
    sheets = content.get("worksheets")
    if not isinstance(sheets, list):
        return None
    found = [sheet["cells"] for sheet in sheets if isinstance(sheet, Mapping) and isinstance(sheet.get("cells"), list)]
    return [cell for cells in found for cell in cells]


def _cell(cell: Mapping, number: int) -> dict:
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), Mapping) else {}
    kind = cell.get("cell_type")
    if not isinstance(kind, str):
        kind = "code" if {"outputs", "execution_count", "input"} & set(cell) else "markdown"
    kind = KINDS.get(kind, "raw")
    source = _text(cell.get("source", cell.get("input")))
    if cell.get("cell_type") == "heading" and isinstance(cell.get("level"), int):
        source = f"{'#' * max(1, min(cell['level'], 6))} {source}"
    ids = [name for name in (cell.get("id"), metadata.get("id")) if isinstance(name, str) and CELL_ID.fullmatch(name)]
    clean = {"cell_type": kind, "id": [*ids, f"cell-{number}"][0], "metadata": _metadata(metadata), "source": source}
    if kind == "code":
        return clean | {"execution_count": None, "outputs": []}
    attachments = _attachments(cell.get("attachments"))
    return clean | ({"attachments": attachments} if attachments else {})


def _text(source: object) -> str:
    """Text as a string or a list of lines, with Unix line ends and nothing that cannot be written as UTF-8."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", source.replace("\r\n", "\n").replace("\r", "\n"))


def _metadata(metadata: Mapping) -> dict:
    clean = {}
    tags = metadata.get("tags")
    if isinstance(tags, list):
        clean["tags"] = _strings(tags)
    settings = metadata.get("nbgrader")
    if isinstance(settings, Mapping):
        known = {key: settings[key] for key, kind in SETTINGS.items() if isinstance(settings.get(key), kind)}
        clean["nbgrader"] = known | ({"grade_id": _label(known["grade_id"])} if "grade_id" in known else {})
    return clean


def _label(grade_id: str) -> str:
    """A grade id that can be printed; those that lessons have are left as they are."""
    return re.sub(r"[^\w.-]", "_", grade_id)[:200]


def _strings(values: Iterable) -> list[str]:
    return [_text(value) for value in values if isinstance(value, str)]


def _attachments(attachments: object) -> dict:
    """Pictures pasted into a text cell: {name: {type: base64}}."""
    if not isinstance(attachments, Mapping):
        return {}
    return {
        _text(name): {_text(kind): _text(data) for kind, data in picture.items() if isinstance(data, str | list)}
        for name, picture in attachments.items()
        if isinstance(picture, Mapping)
    }
