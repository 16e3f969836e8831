"""A lesson as a page: its text, solutions folded, figures as they were drawn, hidden tests left out."""

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.lesson_regions import without_markers
from autograder.lesson_source import grade_id, role
from autograder.lessons import Lesson
from autograder.outer_cells import COLAB, Repository

FOLDED = {
    "solution": "A solution",
    "test": "The tests that you see",
    "given": "Given: what an earlier lesson built",
}


def to_run(lesson: Lesson) -> NotebookNode:
    """The lesson with its solutions and what students see of its tests: what is run for the page."""
    notebook = copy.deepcopy(lesson.notebook)
    visible = {test.name: test.visible for test in lesson.tests}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = visible.get(grade_id(cell)) or without_markers(cell.source)
    return notebook


def page(run: NotebookNode, lesson: Lesson, source: Repository) -> NotebookNode:
    """The page of a lesson that was run: links at its top, alternative texts at its figures, folded cells."""
    notebook = copy.deepcopy(run)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _fold(cell)
            _describe_figures(cell)
    notebook.cells.insert(1, new_markdown_cell(_links(lesson.name, source)))
    return notebook


def _fold(cell: NotebookNode) -> None:
    kind = "given" if "given" in cell.metadata.get("tags", []) else role(cell)
    if kind not in FOLDED:
        return
    cell.metadata.tags = [*cell.metadata.get("tags", []), "hide-input"]
    cell.metadata.mystnb = {"code_prompt_show": FOLDED[kind], "code_prompt_hide": FOLDED[kind]}


def _describe_figures(cell: NotebookNode) -> None:
    texts = [output.metadata["alt"] for output in cell.outputs if "alt" in output.get("metadata", {})]
    if texts:
        cell.metadata.setdefault("mystnb", {})["image"] = {"alt": "; ".join(texts)}


def _links(name: str, source: Repository) -> str:
    links = [f'<a href="../notebooks/{name}.ipynb" download>Download the notebook</a>']
    if source.github:
        address = f"{COLAB}/github/{source.github}/blob/{source.branch}/notebooks/{name}.ipynb"
        links.insert(0, f'<a href="{address}">Open in Colab</a>')
    return f'<p class="lesson-links">{"".join(links)}</p>'
