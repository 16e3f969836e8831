"""Lessons to notebooks: built from `solutions/` by nbgrader, searched for leaks, written to `notebooks/`."""

import copy
import logging
from collections.abc import Callable, Iterable
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.leaks import refuse_leaks
from autograder.lesson_regions import CODE_STUB
from autograder.lessons import ROOT, Lesson, LessonError, lesson_names, load
from autograder.outer_cells import Repository, end_cells, front_cells
from autograder.outer_cells import repository as find_repository


def release(
    names: Iterable[str] | None = None,
    root: Path | None = None,
    repository: str | None = None,
    say: Callable[[str], None] = lambda sentence: None,
) -> list[Path]:
    """Build the named lessons, all by default, into `notebooks/` and the class's folders; the notebooks' paths.

    All are built and searched before the first is written. A notebook in `notebooks/` that somebody has worked in is moved to
    `work/` first, and `say` is told. Raises LessonError.
    """
    folder = _root(root)
    lessons = [load(name, folder) for name in (names or lesson_names(folder))]
    source = find_repository(folder, repository)
    built = {lesson.name: build(lesson, repository, folder) for lesson in lessons}
    for lesson in lessons:
        _write(folder / "build/class/source" / lesson.name / f"{lesson.name}.ipynb", _source_notebook(lesson, source))
        _write(folder / "build/class/release" / lesson.name / f"{lesson.name}.ipynb", built[lesson.name])
    paths = [folder / "notebooks" / f"{name}.ipynb" for name in built]
    for path in paths:
        if _is_worked_in(path):
            kept = _free(folder / "work", path.stem)
            path.replace(kept)
            say(f"Somebody has worked in {path}, which is built anew: that copy is now {kept}.")
    return [_write(path, notebook) for path, notebook in zip(paths, built.values(), strict=True)]


def build(lesson: Lesson, repository: str | None = None, root: Path | None = None) -> NotebookNode:
    """The notebook that students get of a lesson; nothing is written. Raises LessonError."""
    with TemporaryDirectory() as course:
        path = Path(course, "source", lesson.name, f"{lesson.name}.ipynb")
        _write(path, _source_notebook(lesson, find_repository(_root(root), repository)))
        _generate_assignment(Path(course), lesson.name)
        notebook = nbformat.read(Path(course, "release", lesson.name, path.name), as_version=4)
    notebook.metadata = copy.deepcopy(lesson.notebook.metadata)
    refuse_leaks(lesson, notebook)
    return notebook


def out_of_step(root: Path | None = None, repository: str | None = None, names: Iterable[str] | None = None) -> list[str]:
    """The names of lessons whose notebook is missing or not what would be built, and of notebooks without a lesson.

    names: only these lessons; by default all.
    """
    folder = _root(root)
    names = list(names or [])
    built = {name: as_text(build(load(name, folder), repository, folder)) for name in names or lesson_names(folder)}
    there = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "notebooks").glob("*.ipynb")}
    asked = names or built.keys() | there.keys()
    return sorted(name for name in asked if built.get(name) != there.get(name))


def as_text(notebook: NotebookNode) -> str:
    """The notebook as it stands in its file: the same notebook gives the same characters."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def _is_worked_in(path: Path) -> bool:
    """Whether cells of a notebook have been run, as none that is built has; or it is no notebook any more: a merge's conflict."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except OSError:
        return False
    except Exception:  # no JSON, or JSON that is no notebook
        return True
    return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def _free(folder: Path, stem: str) -> Path:
    """A file in a folder that is not there yet: `05_softmax.ipynb`, or `05_softmax (2).ipynb`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = chain([stem], (f"{stem} ({number})" for number in count(2)))
    return next(path for path in (folder / f"{name}.ipynb" for name in names) if not path.exists())


def _root(root: Path | None) -> Path:
    return Path(root) if root is not None else ROOT


def _source_notebook(lesson: Lesson, source: Repository) -> NotebookNode:
    notebook = copy.deepcopy(lesson.notebook)
    notebook.cells = front_cells(lesson.name, source) + notebook.cells + end_cells(lesson.name)
    return notebook


def _write(path: Path, notebook: NotebookNode) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text(notebook), encoding="utf-8", newline="\n")
    return path


def _generate_assignment(course: Path, name: str) -> None:
    """nbgrader's `generate_assignment NAME --force --no-db` in a course folder, without its log."""
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.assignment_id = name
    config.GenerateAssignment.force = True
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    config.ClearSolutions.code_stub = {"python": "\n".join(CODE_STUB)}
    said = _Said()
    log = logging.Logger("generate_assignment")
    log.addHandler(said)
    try:
        GenerateAssignment(coursedir=CourseDirectory(config=config, log=log), config=config, log=log).start()
    except NbGraderException:
        raise LessonError(f"{name}: nbgrader does not release it ({said.reason}); mend that cell.") from None


class _Said(logging.Handler):
    """Keeps the last line of nbgrader's first error that has a traceback, in place of printing it all."""

    reason = "no reason given"

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Traceback"):
            self.reason = message.strip().split("\n")[-1]
