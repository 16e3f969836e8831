"""What a lesson expects of a notebook: its cells by name, as the grader wants them."""

from copy import deepcopy
from functools import lru_cache

from nbformat import NotebookNode

from autograder.lesson_given import LINE
from autograder.lesson_source import grade_id, role, tags
from autograder.lessons import Exercise, Lesson
from autograder.repair.code import fingerprint

FIXED = "fixed"  # the role of given and read-only cells


class Plan:
    """A lesson's cells by name: the grade id where there is one, else the cell id.

    order: the names, as they stand in the lesson.
    cells: name to cell: tests with their hidden parts, solutions as released, nbgrader's metadata complete.
    roles: name to "solution", "test", "manual", "fixed" or "" (text and demonstrations).
    """

    def __init__(self, lesson: Lesson):
        self.lesson = lesson
        self.exercises: dict[str, Exercise] = {exercise.name: exercise for exercise in lesson.exercises}
        self.tests = {test.name: test for test in lesson.tests}
        self.cells: dict[str, NotebookNode] = {}
        self.roles: dict[str, str] = {}
        self._by_id: dict[str, str] = {}
        self._by_text: dict[tuple[str, str], set[str]] = {}
        self._by_line: dict[str, str] = {}
        for cell in lesson.notebook.cells:
            self._add(grade_id(cell) or cell.id, cell)
        self.order = list(self.cells)

    def name_by_text(self, kind: str, source: str) -> str:
        """The cell that was released with this text, or "" if none was or several were."""
        names = self._by_text.get((kind, fingerprint(source, kind)), ())
        return next(iter(names)) if len(names) == 1 else ""

    def is_released(self, kind: str, source: str) -> bool:
        """Whether any cell was released with this text."""
        return (kind, fingerprint(source, kind)) in self._by_text

    def name_by_id(self, cell_id: str) -> str:
        """The cell with this id, or ""."""
        return self._by_id.get(cell_id, "")

    def name_by_line(self, source: str) -> str:
        """The given cell with one of this text's `# given:` lines, or ""."""
        return next((self._by_line[line[0]] for line in LINE.finditer(source) if line[0] in self._by_line), "")

    def is_stub(self, exercise: str, source: str) -> bool:
        """Whether an answer still is as it was released."""
        kind = self.cells[exercise].cell_type
        return fingerprint(source, kind) == fingerprint(self.exercises[exercise].stub, kind)

    def targets(self, exercise: str) -> set[str]:
        """The names of which an answer defines at least one."""
        defines = set(self.exercises[exercise].defines)
        return {exercise} if exercise in defines or not defines else defines

    def _add(self, name: str, source_cell: NotebookNode) -> None:
        cell = deepcopy(source_cell)
        self.cells[name], self._by_id[cell.id] = cell, name
        self.roles[name] = FIXED if "given" in tags(cell) or role(cell) == "readonly" else role(cell)
        if name in self.exercises:
            cell.source = self.exercises[name].stub
        texts = [cell.source, self.tests[name].visible] if name in self.tests else [cell.source]
        for text in texts:
            self._by_text.setdefault((cell.cell_type, fingerprint(text, cell.cell_type)), set()).add(name)
        self._by_line |= {line[0]: name for line in LINE.finditer(cell.source) if "given" in tags(cell)}
        _complete(cell, self.roles[name])


@lru_cache(maxsize=64)
def plan_of(lesson: Lesson) -> Plan:
    """A lesson's plan, to be read and not to be changed."""
    return Plan(lesson)


def _complete(cell: NotebookNode, kind: str) -> None:
    """The metadata that nbgrader gives to a released cell, but for checksums, which the gradebook alone needs."""
    if "nbgrader" in cell.metadata:
        cell.metadata.nbgrader.cell_type = cell.cell_type
    if kind:
        cell.metadata.deletable = False
    if kind in ("test", FIXED):
        cell.metadata.editable = False
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
