"""Does a released notebook hold anything that students must not see?"""

from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.lesson_regions import inside, looks_like_marker, released
from autograder.lesson_source import LessonError
from autograder.lessons import Lesson

SHORTEST = 12  # characters: a shorter line, such as `return x`, gives nothing away and stands in many places


def refuse_leaks(lesson: Lesson, notebook: NotebookNode) -> None:
    """Raise LessonError unless the notebook holds each cell as it is to be released, and nothing else of its source.

    Every text in the notebook is searched, metadata and attachments included, for every line of every region.
    """
    cells = {cell.id: cell for cell in notebook.cells}
    for cell in lesson.notebook.cells:
        expected = released(cell.source, cell.cell_type == "code")
        if cell.id not in cells or cells[cell.id].source != expected:
            raise LessonError(
                f"{lesson.name}, cell `{cell.id}`: nbgrader released it otherwise than its markers say; look at these."
            )
    texts = list(_texts(notebook))
    for cell in notebook.cells:
        if cell.get("outputs") or cell.get("execution_count"):
            raise LessonError(f"{lesson.name}, cell `{cell.id}`: the release holds outputs; it must hold none.")
        if any(looks_like_marker(line, cell.cell_type == "code") for line in cell.source.split("\n")):
            raise LessonError(f"{lesson.name}, cell `{cell.id}`: a marker is left in the release; look at its spelling.")
    for secret, cell_id in secrets(lesson).items():
        if any(secret in text for text in texts):
            raise LessonError(f"{lesson.name}, cell `{cell_id}`: the release holds `{secret[:60]}`, which is to stay hidden.")


def secrets(lesson: Lesson) -> dict[str, str]:
    """Every line between markers that is not also in the lesson's visible text, and the id of its cell."""
    visible = "\n".join(released(cell.source, cell.cell_type == "code") for cell in lesson.notebook.cells)
    found = {}
    for cell in lesson.notebook.cells:
        lines = cell.source.split("\n")
        for number in inside(cell.source):
            line = lines[number].strip()
            if len(line) >= SHORTEST and line not in visible:
                found[line] = cell.id
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
