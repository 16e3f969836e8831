"""One submission to a record: repair, run, judge."""

import ast
import functools
import hashlib
import importlib.metadata
import json
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from nbformat import NotebookNode

from attention_course.check.words import BY_HAND
from autograder import repair
from autograder.class_secret import PUBLIC, Key
from autograder.judge import Judge, imported
from autograder.lesson_source import grade_id, role, tags
from autograder.lessons import Lesson
from autograder.needed_cells import needed
from autograder.records import FAILED, MANUAL, UNGRADED, Cell, Record, TestResult
from autograder.sandbox import KernelGone, Limits, SandboxedKernel, TimeOver, WarmProcess
from autograder.student import Student, StudentError, Ungradable

RESTARTS = 2
PACKAGES = ("numpy", "torch", "ipykernel")
# What PyTorch loads, for a second or more, when an optimizer is made or a tensor is first on the meta device.
LOADED_LATE = {"optim.": ("torch._dynamo",), "check.same_device": ("torch._meta_registrations", "torch._dynamo")}


class Grader:
    """Grades submissions one after another, in forks of a warm process that it keeps for as long as it lives.

    walls: "bubblewrap", or "container" or "none" without walls.
    key: the class secret for the tests' random inputs.
    Use it as a context manager.
    """

    def __init__(self, walls: str = "bubblewrap", key: Key = PUBLIC, limits: Limits | None = None):
        self.walls, self.key, self.limits = walls, key, limits or Limits()
        self._warm: dict[tuple[str, ...], WarmProcess] = {}
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> "Grader":
        return self

    def __exit__(self, *exception) -> None:
        for warm in self._warm.values():
            warm.close()
        self._warm.clear()

    def warm(self, lesson: Lesson) -> WarmProcess:
        """The warm process for a lesson. While it imports what the lesson needs, this process does the same for the tests."""
        modules = _modules(lesson)
        known = self._warm.get(modules)
        if known is None or known.process.poll() is not None:
            if known is not None:
                known.close()
            self._warm[modules] = WarmProcess(list(modules), self.walls)
            imported(lesson.imports)
            if "torch" in sys.modules:
                sys.modules["torch"].set_num_threads(1)  # as in the kernels: beside each other, more of them wait for cores
        return self._warm[modules]

    def grade(self, data: bytes, lesson: Lesson, student: str = "", notebook: str = "") -> Record:
        """The record of a submission given as the bytes of its file. Whatever the file is, a record comes back."""
        try:
            fitted, repairs = repair.fitted(data, lesson)
        except repair.Unreadable as problem:
            return unreadable(lesson, str(problem), student, notebook, self)
        return self.grade_notebook(fitted, lesson, repairs, student, notebook)

    def grade_notebook(
        self, fitted: NotebookNode, lesson: Lesson, repairs=(), student: str = "", notebook: str = "", only: str | None = None
    ) -> Record:
        """The record of a notebook that has been made to fit its lesson. only: an exercise, if no other is to be judged."""
        began = time.monotonic()
        with self._one_at_a_time:
            run = Run(self, fitted, lesson, only)
            tests = run.judged()
        record = Record(lesson.name, lesson.title, student, notebook, self.record_key(fitted, lesson), self.key.id, self.walls)
        record.repairs, record.notes = list(repairs), run.notes
        record.cells, record.tests = run.cells, tests
        record.seconds = round(time.monotonic() - began, 3)
        return record

    def record_key(self, fitted: NotebookNode, lesson: Lesson) -> str:
        """A digest of everything that the grade depends on."""
        cells = [(grade_id(cell), cell.cell_type, cell.source) for cell in fitted.cells]
        parts = [cells, lesson.digest, self.key.id, self.walls, asdict(self.limits), versions()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@functools.cache
def versions() -> dict[str, str]:
    """The packages that a grade depends on."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def _modules(lesson: Lesson) -> tuple[str, ...]:
    """What a lesson's kernels need and are slow to import: what its import cell names, and what its code makes PyTorch load."""
    modules = {"numpy", "matplotlib.pyplot", "attention_course.check", "attention_course.data", "attention_course.plots"}
    modules |= imported_modules(lesson)
    graded = [cell.source for cell in lesson.notebook.cells if cell.cell_type == "code" and "skip-execution" not in tags(cell)]
    for word, late in LOADED_LATE.items():
        if any(word in source for source in graded):
            modules.update(late)
    return tuple(sorted(modules))


def imported_modules(lesson: Lesson) -> set[str]:
    """What a lesson's import cell names, beside Python's own modules."""
    modules = set()
    for node in ast.walk(ast.parse(lesson.imports)):
        if isinstance(node, ast.ImportFrom):
            modules.add(node.module)
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
    return {module for module in modules if module.split(".")[0] not in sys.stdlib_module_names}


def unreadable(lesson: Lesson, problem: str, student: str, notebook: str, grader: Grader, reason: str = "malformed") -> Record:
    """The record of a file that is no notebook: nothing is judged, and the reason is kept."""
    record = Record(lesson.name, lesson.title, student, notebook, "", grader.key.id, grader.walls, error=problem)
    for exercise in lesson.exercises:
        for test in exercise.tests or (exercise,):
            record.tests.append(TestResult(test.name, exercise.name, None, test.points, UNGRADED, problem, reason))
    return record


@dataclass
class Run:
    """The run of one notebook: its cells, what they showed, and the verdicts as they come in."""

    grader: Grader
    notebook: NotebookNode
    lesson: Lesson
    only: str | None = None
    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    results: dict[str, TestResult] = field(default_factory=dict)
    deadly: set[int] = field(default_factory=set)

    def __post_init__(self):
        self.cells = [Cell(cell.source, cell.cell_type, grade_id(cell), _role(cell)) for cell in self.notebook.cells]
        self.exercises = [exercise for exercise in self.lesson.exercises if self.only in (None, exercise.name)]
        self.deadline = time.monotonic() + self.grader.limits.total

    def judged(self) -> list[TestResult]:
        """All verdicts, in the lesson's order. A kernel that dies is started again, without the cell that killed it."""
        for attempt in range(RESTARTS + 1):
            try:
                with SandboxedKernel(self.grader.warm(self.lesson), self.grader.limits) as kernel:
                    kernel.deadline = self.deadline
                    if self._run_and_judge(kernel):
                        break
            except KernelGone as gone:
                if attempt == RESTARTS or time.monotonic() > self.deadline:
                    self.notes.append(f"Not everything could be judged: the notebook ended its kernel again and again ({gone}).")
                    break
        return [self._result(exercise, test) for exercise in self.exercises for test in (exercise.tests or (exercise,))]

    def _run_and_judge(self, kernel: SandboxedKernel) -> bool:
        """Run the student's cells, then judge what is not judged yet; False if the kernel died on the way."""
        student = Student(kernel, repair.student_code(self.notebook, self.lesson))
        executed = self.run_cells(kernel, student)
        judge = Judge(self.lesson, student, executed, self.grader.key.secret)
        for judged in (judge.first_look, judge.verdict):
            for test in (test for exercise in self.exercises for test in exercise.tests):
                if test.name not in self.results:
                    result, alive = judged(test)
                    if result is not None:
                        self.results[test.name] = result
                    if not alive:
                        return False
        return True

    def run_cells(self, kernel: SandboxedKernel, student: Student) -> list[str]:
        """The sources that were run, in order. Before the next cell, each test's names are remembered as they stand there;
        no test is judged before all cells have run, so that no cell can print what a test handed to a function."""
        names = sorted({name for exercise in self.lesson.exercises for name in exercise.defines})
        executed, last, needed_here = [], 0, needed(self.notebook, self.lesson)
        self.room = kernel.limits.outputs
        for index, (cell, kept) in enumerate(zip(self.notebook.cells, self.cells, strict=True)):
            try:
                if kept.role == "test":
                    with suppress(TimeOver, Ungradable, StudentError):  # the test then finds the names as they stand in the end
                        student.snapshot(kept.grade_id, names)
                elif index in needed_here and index not in self.deadly:
                    executed.append(cell.source)
                    last = index
                    self._run_cell(kernel, kept)
            except KernelGone as gone:
                self._blame(last, gone)
                raise
        return executed

    def _blame(self, index: int, gone: KernelGone) -> None:
        """The last cell before the kernel's end is left out the next time, if there is one."""
        self.cells[index].error = f"This cell ended the kernel: {gone}."
        if time.monotonic() < self.deadline:
            self.deadly.add(index)
            self.notes.append(f"Cell {index + 1} ended the kernel ({gone}); everything else was run again without it.")

    def _run_cell(self, kernel: SandboxedKernel, kept: Cell) -> None:
        run = kernel.run(kept.source)
        kept.output = run.text[: self.room]
        self.room -= len(kept.output)
        if run.cut or len(kept.output) < len(run.text):
            kept.output += "\n... (cut here)"
        stopped = f"This cell was stopped after {kernel.limits.cell:.0f} seconds."
        kept.error = stopped if run.timed_out else run.error

    def _result(self, exercise, test) -> TestResult:
        if exercise.manual:
            return self._written(exercise)
        late = time.monotonic() > self.deadline
        why = "The time for the whole notebook was over before this test." if late else "The kernel ended before this test."
        missing = TestResult(test.name, exercise.name, None, test.points, UNGRADED, why, "timeout" if late else "crash")
        return self.results.get(test.name, missing)

    def _written(self, exercise) -> TestResult:
        """A written answer waits for a person, unless nothing was written."""
        source = next((cell.source for cell in self.cells if cell.grade_id == exercise.name), exercise.stub)
        if source.strip() == exercise.stub.strip():
            return TestResult(exercise.name, exercise.name, 0.0, exercise.points, FAILED, "There is no answer.")
        return TestResult(exercise.name, exercise.name, None, exercise.points, MANUAL, BY_HAND)


def _role(cell: NotebookNode) -> str:
    return role(cell) if role(cell) in ("solution", "test", "manual") else ""
