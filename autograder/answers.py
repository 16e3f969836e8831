"""Answers kept as test data, and what a lesson's tests make of them.

A file of answers is Python text in cells; each cell is a whole answer to one exercise:

    # %% softmax | every row is dealt shares of its own
    # The whole array is summed.
    def softmax(scores, axis=-1):
        ...

For a wrong answer the text behind the bar is what the failure's message must say; for a right one it is the style.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.class_secret import PUBLIC, Key
from autograder.grading import Grader, Run
from autograder.judge import Judge
from autograder.lesson_source import grade_id, role, tags
from autograder.lessons import Lesson
from autograder.records import PASSED, Record
from autograder.sandbox import SandboxedKernel
from autograder.student import Student

HEADER = re.compile(r"^# %% *(?P<exercise>\w+) *\| *(?P<about>.+?) *$", re.M)


@dataclass(frozen=True)
class Answer:
    """One answer: its exercise, what is said about it, its source, and the line where it begins."""

    exercise: str
    about: str
    source: str
    line: int


def read_answers(file: Path) -> list[Answer]:
    """The answers in a file, in order. Raises ValueError for a cell whose header is not `# %% EXERCISE | TEXT`."""
    text = file.read_text(encoding="utf-8")
    headers = list(HEADER.finditer(text))
    strange = set(re.findall(r"^# *%%.*$", text, re.M)) - {header.group().rstrip() for header in headers}
    if strange:
        raise ValueError(f"{file.name}: {sorted(strange)[0]!r} is no header; write `# %% EXERCISE | TEXT`.")
    ends = [header.start() for header in headers[1:]] + [len(text)]
    return [
        Answer(header["exercise"], header["about"], text[header.end() : end].strip("\n"), text[: header.start()].count("\n") + 1)
        for header, end in zip(headers, ends, strict=True)
    ]


def graded(grader: Grader, lesson: Lesson, answers: dict[str, str], only: str | None = None) -> Record:
    """The record of the lesson with these answers in place of its solutions.

    answers: source by exercise; the other exercises keep their solutions. only: judge this exercise alone.
    The lesson's demonstrations are left out: they do not change the verdicts.
    """
    return grader.grade_notebook(_notebook(lesson, answers), lesson, only=only)


def lost_under(grader: Grader, lesson: Lesson, answers: dict[str, str], only: str, keys: Iterable[Key]) -> dict[str, str]:
    """The tests of one exercise that these answers lose under any of these class secrets, with the message.

    The notebook is run once; each secret gives the tests other numbers.
    """
    run, lost = Run(grader, _notebook(lesson, answers), lesson, only), {}
    with SandboxedKernel(grader.warm(lesson), grader.limits) as kernel:
        student = Student(kernel)
        executed = run.run_cells(kernel, student)
        for key in keys:
            judge = Judge(lesson, student, executed, key.secret)
            for test in (test for exercise in run.exercises for test in exercise.tests):
                result, _ = judge.verdict(test)
                if result.outcome != PASSED:
                    lost[test.name] = f"under key {key.id}: {result.message}"
    return lost


def lost_in_sight(grader: Grader, lesson: Lesson, answers: dict[str, str], only: str) -> dict[str, str]:
    """The tests of one exercise that these answers lose by what students see of the tests, with the message."""
    run = Run(grader, _notebook(lesson, answers), lesson, only)
    with SandboxedKernel(grader.warm(lesson), grader.limits) as kernel:
        student = Student(kernel)
        judge = Judge(lesson, student, run.run_cells(kernel, student), PUBLIC.secret)
        looks = [judge.first_look(test)[0] for exercise in run.exercises for test in exercise.tests]
    return {result.name: result.message for result in looks if result and result.outcome != PASSED}


def missed(record: Record, answer: Answer) -> str:
    """Why a wrong answer is not dealt with as it should be: it got full marks, or no failure names its property; else ""."""
    results = [result for result in record.tests if result.exercise == answer.exercise]
    lost = [result for result in results if result.outcome != PASSED]
    if not lost:
        return "it gets full marks"
    if any(_plain(answer.about) in _plain(result.message) for result in lost):
        return ""
    return "no failure names the property; instead: " + " / ".join(f"{result.name}: {result.message}" for result in lost)


def refused(record: Record, answer: Answer) -> str:
    """Why a right answer does not get full marks; "" if it does."""
    lost = [result for result in record.tests if result.exercise == answer.exercise and result.outcome != PASSED]
    return " / ".join(f"{result.name}: {result.message}" for result in lost)


def _notebook(lesson: Lesson, answers: dict[str, str]) -> NotebookNode:
    notebook = deepcopy(lesson.notebook)
    notebook.cells = [cell for cell in notebook.cells if _needed(cell, lesson)]
    for cell in notebook.cells:
        if role(cell) == "solution":
            cell.source = answers.get(grade_id(cell), cell.source)
    return notebook


def _needed(cell: NotebookNode, lesson: Lesson) -> bool:
    return bool(role(cell)) or "given" in tags(cell) or cell.source == lesson.imports


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
