"""What a lesson is: its cells, exercises, points and hidden parts, read from `solutions/`."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from attention_course.code_names import imports, names
from autograder import lesson_given, lesson_rules
from autograder.lesson_regions import inside, released, without_markers
from autograder.lesson_source import LessonError, grade_id, read_cells, role, tags

__all__ = ["ROOT", "SOLUTIONS", "Exercise", "Lesson", "LessonError", "TestCell", "grade_ids", "lesson_names", "load"]

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
NAME = re.compile(r"\d\d_[a-z0-9_]+")
GRADE_ID = re.compile(r'^# %%.*"grade_id": "([A-Za-z0-9_-]+)"', re.M)
Placed = tuple[NotebookNode, str]  # a cell and where it stands, for messages
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class TestCell:
    """A test cell. source: with hidden tests and markers; visible: as released; hidden_lines: 1-based, of `source`."""

    __test__ = False  # it is no test of pytest's

    name: str
    points: float
    exercise: str
    source: str
    visible: str
    hidden_lines: frozenset[int]


@dataclass(frozen=True)
class Exercise:
    """A solution cell and its tests. solution: without markers; stub: as released; manual: graded by hand, no tests.

    defines: the names that the solution binds at its top level; points: the sum over its tests, or its own if manual.
    """

    name: str
    defines: tuple[str, ...]
    solution: str
    stub: str
    points: float
    tests: tuple[TestCell, ...]
    manual: bool


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson, told apart by identity. notebook: with solutions and given code, to be copied before it is changed.

    digest: SHA-256, in hexadecimal, of all code and of all that is graded; text alone does not change it.
    """

    name: str
    title: str
    path: Path
    digest: str
    notebook: NotebookNode
    imports: str
    exercises: tuple[Exercise, ...]

    @property
    def tests(self) -> tuple[TestCell, ...]:
        return tuple(test for exercise in self.exercises for test in exercise.tests)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    def test(self, name: str) -> TestCell:
        """The test cell of that name. Raises KeyError."""
        return {test.name: test for test in self.tests}[name]


def lesson_names(root: Path | None = None) -> list[str]:
    """The lessons' names, in order."""
    return sorted(path.stem for path in _solutions(root).glob("*.py") if NAME.fullmatch(path.stem))


def grade_ids(root: Path | None = None) -> dict[str, list[str]]:
    """Each lesson's grade ids, found without reading the lessons in full: enough to tell which lesson a notebook is."""
    folder = _solutions(root)
    return {name: GRADE_ID.findall((folder / f"{name}.py").read_text(encoding="utf-8")) for name in lesson_names(root)}


def load(name: str, root: Path | None = None) -> Lesson:
    """The lesson of that name, checked; kept until a source changes. Raises LessonError."""
    folder = _solutions(root)
    stamps = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.glob("*.py")))
    if not NAME.fullmatch(name) or not (folder / f"{name}.py").is_file():
        known = ", ".join(lesson_names(root)) or "none"
        raise LessonError(f"There is no lesson {name!r}; the lessons in {folder.name}/ are: {known}.")
    return _load(name, folder, stamps)


def _solutions(root: Path | None) -> Path:
    return Path(root) / "solutions" if root is not None else SOLUTIONS


@lru_cache(maxsize=256)
def _load(name: str, folder: Path, stamps: tuple) -> Lesson:
    """`stamps` are the sources' times and sizes: given code comes from other lessons, so all of them count."""

    def find(earlier: str) -> Lesson:
        return load(earlier, folder.parent)

    path = folder / f"{name}.py"
    placed = read_cells(path)
    cells = [cell for cell, _ in placed]
    title, lesson_imports = _title(cells, path), _imports(placed, path)
    _fill_given(placed, name, lesson_imports, find)
    for cell, place in placed:
        lesson_rules.check_tags(cell, place)
        lesson_rules.check_regions(cell, place)
    exercises = _exercises(placed)
    lesson_rules.check_names(placed, lesson_imports)
    _name_cells(cells)
    notebook = new_notebook(cells=cells, metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}})
    return Lesson(name, title, path, _digest(cells), notebook, lesson_imports, exercises)


def _title(cells: list[NotebookNode], path: Path) -> str:
    if cells and cells[0].cell_type == "markdown":
        heading = cells[0].source.split("\n")[0]
        if heading.startswith("# "):
            return heading.removeprefix("# ").strip()
    raise LessonError(f"{path.name}: the first cell is no title; begin with a markdown cell whose first line is `# Title`.")


def _imports(placed: list[Placed], path: Path) -> str:
    for cell, place in placed:
        if cell.cell_type == "code":
            lesson_rules.check_imports(cell.source, place)
            return cell.source
    raise LessonError(f"{path.name}: there is no code cell; begin with one that holds the imports.")


def _fill_given(placed: list[Placed], name: str, lesson_imports: str, find: Callable[[str], Lesson]) -> None:
    have = set()
    for cell, place in placed:
        if "given" in tags(cell):
            if cell.cell_type != "code" or role(cell):
                raise LessonError(f"{place}: a given cell is a plain code cell; leave nbgrader's metadata out.")
            cell.source = lesson_given.fill(cell.source, place, name, find)
            lesson_given.check_self_contained(cell.source, place, lesson_imports, have, find)
            have |= names(cell.source).binds


def _exercises(placed: list[Placed]) -> tuple[Exercise, ...]:
    """Each solution cell with the test cells below it."""
    groups, seen = [], set()
    for cell, place in placed:
        name = grade_id(cell)
        if name and name in seen:
            raise LessonError(f"{place}: the grade_id `{name}` is taken; give each cell a name of its own.")
        seen.add(name)
        if role(cell) in ("solution", "manual"):
            groups.append((cell, place, []))
        elif role(cell) == "test":
            owner = grade_id(groups[-1][0]) if groups and role(groups[-1][0]) == "solution" else None
            lesson_rules.check_test_name(name, owner, place)
            groups[-1][2].append(_test(cell, owner))
    return tuple(_exercise(cell, place, tuple(tests)) for cell, place, tests in groups)


def _exercise(cell: NotebookNode, place: str, tests: tuple[TestCell, ...]) -> Exercise:
    name, manual, code = grade_id(cell), role(cell) == "manual", cell.cell_type == "code"
    defines = tuple(sorted(names(cell.source).binds - set(imports(cell.source)))) if code else ()
    if not manual and name not in defines:
        raise LessonError(f"{place}: the solution does not define `{name}`; name the cell after its function or class.")
    if not manual and not tests:
        raise LessonError(f"{place}: the exercise has no test; put a test cell `{name}_PROPERTY` below it.")
    points = cell.metadata.nbgrader.points if manual else sum(test.points for test in tests)
    return Exercise(name, defines, without_markers(cell.source), released(cell.source, code), points, tests, manual)


def _test(cell: NotebookNode, exercise: str) -> TestCell:
    hidden = frozenset(line + 1 for line in inside(cell.source))
    return TestCell(grade_id(cell), cell.metadata.nbgrader.points, exercise, cell.source, released(cell.source), hidden)


def _name_cells(cells: list[NotebookNode]) -> None:
    """Cell ids from grade ids, and from the content of cells that have none, so that every build gives the same."""
    taken = {_short(grade_id(cell)) for cell in cells if grade_id(cell)}
    for cell in cells:
        if grade_id(cell):
            cell.id = _short(grade_id(cell))
            continue
        base = f"{cell.cell_type}-{_hash(cell.source)[:10]}"
        number = 1
        while (name := base if number == 1 else f"{base}-{number}") in taken:
            number += 1
        taken.add(name)
        cell.id = name


def _short(name: str) -> str:
    """At most the 64 characters that nbformat allows."""
    return name if len(name) <= 64 else f"{name[:53]}-{_hash(name)[:10]}"


def _digest(cells: list[NotebookNode]) -> str:
    graded = [[cell.cell_type, cell.source, cell.metadata] for cell in cells if cell.cell_type == "code" or grade_id(cell)]
    return _hash(json.dumps(graded, sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
