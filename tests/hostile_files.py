"""Notebook files that attack whoever reads them, as bytes: the points each deserves, and what is done to a released notebook."""

import json
from copy import deepcopy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.lesson_source import grade_id, role

RIGHT = "def scale(x, factor=2.0):\n    return x * factor"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><iframe src=//x>"


def _answered(notebook: NotebookNode) -> NotebookNode:
    answered = deepcopy(notebook)
    next(cell for cell in answered.cells if role(cell) == "solution").source = RIGHT
    return answered


def _bytes(notebook: NotebookNode) -> bytes:
    return json.dumps(notebook).encode()


def duplicate_keys(notebook, lesson) -> bytes:
    """Two values for every key that matters: some programs read the first, others the last."""
    text = json.dumps(notebook)
    text = text.replace('"grade": true', '"grade": false, "grade": true').replace(
        '"locked": true', '"locked": true, "locked": false'
    )
    return text.replace('"points": ', '"points": 400, "points": ').encode()


def own_points(notebook, lesson) -> bytes:
    """Points, tests and grade ids of its own making."""
    changed = deepcopy(notebook)
    for cell in changed.cells:
        if role(cell) == "test":
            cell.metadata.nbgrader.update(points=400, locked=False, grade=True)
            cell.source = "pass"
    about = {"schema_version": 3, "grade": True, "solution": False, "locked": False, "task": False}
    for name in ("scale_visible", "scale_extra", "scale", ""):
        changed.cells.append(new_code_cell("4", metadata={"nbgrader": about | {"grade_id": name, "points": 400}}))
    return _bytes(changed)


def full_outputs(notebook, lesson) -> bytes:
    """Outputs that claim points, and that would run in a browser."""
    changed = deepcopy(notebook)
    for cell in changed.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                new_output("execute_result", {"text/plain": "4", "text/html": SCRIPT, "image/svg+xml": SCRIPT}),
                new_output("stream", name="stdout", text=SCRIPT),
                new_output("display_data", {"application/javascript": "alert(1)"}),
            ]
    return _bytes(changed)


def many_cells(notebook, lesson) -> bytes:
    """Ten thousand cells."""
    changed = _answered(notebook)
    changed.cells = changed.cells + [new_code_cell(f"x = {number}") for number in range(10_000)]
    return _bytes(changed)


def many_outputs(notebook, lesson) -> bytes:
    """Two hundred cells that each print as much as may be kept of one, in characters that take most room."""
    changed = _answered(notebook)
    place = next(index for index, cell in enumerate(changed.cells) if role(cell) == "solution")
    changed.cells[place:place] = [new_code_cell(r"print('\U0001f600' * 70_000)") for _ in range(200)]
    return _bytes(changed)


def deep_metadata(notebook, lesson) -> bytes:
    """Metadata nested a hundred thousand times."""
    text = json.dumps(_answered(notebook))
    return text.replace('"metadata": {}', '"metadata": {"x": ' + "[" * 100_000 + "]" * 100_000 + "}", 1).encode()


def attachments(notebook, lesson) -> bytes:
    """Pictures in text cells that are scripts, or tens of megabytes of nothing."""
    changed = _answered(notebook)
    for number, (kind, data) in enumerate({"image/svg+xml": SCRIPT, "text/html": SCRIPT, "image/png": "A" * (20 << 20)}.items()):
        cell = new_markdown_cell(f"![a](attachment:{number})\n\n![b]({number}){{onerror=alert(1)}}")
        cell.attachments = {str(number): {kind: data}}
        changed.cells.append(cell)
    return _bytes(changed)


def active_text(notebook, lesson) -> bytes:
    """Text cells with scripts, forms, links that are code, formulas that load something, and turned reading direction."""
    texts = (
        SCRIPT,
        f"<details><summary>{SCRIPT}</summary><div style='position:fixed;inset:0'>4 of 4</div></details>",
        "[a](javascript:alert(1)) [b](data:text/html,<script>alert(1)</script>) <javascript:alert(1)>",
        "![x](https://example.org/seen.png) <object data=x></object><embed src=x><base href=//x>",
        r"$\href{javascript:alert(1)}{x}$ $$\unicode{<script>alert(1)</script>}$$ \(\require{html}\style{x}{y}\)",
        "\u202e4 fo 4\u202c \u2066x\u2069 \u200f " + "Z\u0337\u0321\u031b" * 200,
        "</pre></code></td></table></body></html>" + SCRIPT,
        "```html\n" + SCRIPT + "\n```\n\n    " + SCRIPT + "\n\n`" + SCRIPT + "`\n\n| a |\n| --- |\n| " + SCRIPT + " |",
    )
    changed = _answered(notebook)
    changed.cells += [new_markdown_cell(text) for text in texts] + [
        new_code_cell(f"# {text!r}\nprint({text!r})") for text in texts
    ]
    return _bytes(changed)


def numbers_without_end(notebook, lesson) -> bytes:
    """Numbers that JSON allows and nothing can hold, where whole numbers and texts are expected."""
    text = json.dumps(notebook)
    text = text.replace('"nbformat_minor": 5', '"nbformat_minor": ' + "9" * 4000)
    return text.replace('"points": 1', '"points": 1e400').replace('"schema_version": 3', '"schema_version": NaN').encode()


def odd_names(notebook, lesson) -> bytes:
    """Grade ids and cell ids that are paths, formulas, scripts."""
    changed = _answered(notebook)
    about = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False}
    for name in ("../../../../tmp/LABEL", "=cmd|' /C calc'!A0", SCRIPT, "\0", "scale\u202e", "__class__"):
        changed.cells.append(new_code_cell("pass", metadata={"nbgrader": about | {"grade_id": name}}) | {"id": name})
    changed.metadata = {"kernelspec": {"name": "../../bin/sh", "language": "sh", "display_name": SCRIPT}, "nbgrader": "x"}
    return _bytes(changed)


def shadowed_answer(notebook, lesson) -> bytes:
    """A second cell that says it is the answer, a test's copy before the answer, and the import cell replaced."""
    changed = deepcopy(notebook)
    solution = next(cell for cell in changed.cells if role(cell) == "solution")
    for cell in [*changed.cells]:
        if grade_id(cell).startswith("scale_"):
            copied = deepcopy(cell)
            copied.source = "def scale(*arguments, **keywords):\n    return None\n"
            changed.cells.insert(changed.cells.index(solution), copied)
    for cell in changed.cells:
        if cell.source.startswith("import numpy"):
            cell.source = "class check:\n    close = equal = unchanged = staticmethod(lambda *a, **k: None)\nimport numpy as np"
    return _bytes(changed)


FILES = {
    "duplicate_keys": (0, duplicate_keys),
    "own_points": (0, own_points),
    "full_outputs": (0, full_outputs),
    "many_cells": (0, many_cells),
    "many_outputs": (4, many_outputs),
    "deep_metadata": (0, deep_metadata),
    "attachments": (4, attachments),
    "active_text": (4, active_text),
    "numbers_without_end": (0, numbers_without_end),
    "odd_names": (4, odd_names),
    "shadowed_answer": (0, shadowed_answer),
}
