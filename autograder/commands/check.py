"""`check`: single notebooks, a line per test."""

import json
import sys
from pathlib import Path

from rich.text import Text

from attention_course.check import words
from autograder import class_files, repair
from autograder.class_secret import PUBLIC, class_key
from autograder.grading import Grader
from autograder.lessons import Lesson, grade_ids, lesson_names, load
from autograder.records import PASSED, Record, TestResult
from autograder.terminal import console, errors
from autograder.trouble import Trouble

COLOURS = {"passed": "green", "failed": "red", "ungraded": "yellow", "manual": "cyan"}


def check_notebooks(paths: list[Path], as_json: bool, lesson: str | None, walls: str) -> None:
    """Grade notebooks and print what came out; exit status 1 if one could not be graded."""
    key = class_key(class_files.FOLDER) if (class_files.FOLDER / "secret.key").exists() else PUBLIC
    found, status = [], 0
    with Grader(walls, key) as grader:
        for path in paths:
            record = _check(path, lesson, grader)
            found.append(as_data(path, record))
            status = max(status, 1 if record.error or record.ungraded else 0)
            if not as_json:
                _print(path, record)
    if as_json:
        print(json.dumps(found, indent=1))
    sys.exit(status)


def as_data(path: Path | str, record: Record) -> dict:
    """A record as `--json` prints it."""
    return {
        "notebook": str(path),
        "lesson": record.lesson,
        "points": record.points,
        "max_points": record.max_points,
        "seconds": record.seconds,
        "error": record.error,
        "tests": [_test(result) for result in record.tests],
    }


def _test(result: TestResult) -> dict:
    about = {"name": result.name, "points": result.points, "max_points": result.max_points}
    about |= {"passed": result.outcome == PASSED, "message": result.message}
    return about | ({"needs_manual": True} if result.points is None else {})


def _check(path: Path, name: str | None, grader: Grader) -> Record:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise Trouble(f"{path} cannot be read ({problem.strerror}); name a notebook, such as work/05_softmax.ipynb.") from None
    try:
        lesson = _lesson(path, data, name)
    except repair.Unreadable as problem:
        return Record("", notebook=path.name, sandbox=grader.walls, error=str(problem))
    return grader.grade(data, lesson, notebook=path.name)


def _lesson(path: Path, data: bytes, name: str | None) -> Lesson:
    """The lesson that was named, else the one the notebook's cells belong to, else the one it is called after."""
    if name:
        return load(name)
    name = repair.recognise(repair.read(data), grade_ids()) or path.stem
    if name not in lesson_names():
        raise repair.Unreadable(
            f"{path.name} looks like no lesson of this course; say which it is with --lesson, such as 05_softmax."
        )
    return load(name)


def _print(path: Path, record: Record) -> None:
    if record.error:
        errors.print(f"{path}: {record.error}", markup=False)
        return
    for note in record.remarks:
        console.print(f"  note: {note}", markup=False)
    for result in record.tests:
        first, *more = words.lines(result.name, result.points, result.max_points, result.outcome, result.message)
        console.print(_coloured(first, result.outcome))
        for line in more:
            console.print(line, markup=False)
    walls = "" if record.sandbox == "bubblewrap" else f" (without the sandbox: {record.sandbox})"
    total = words.total(path.name, record.points, record.max_points, record.needs_manual)
    console.print(f"{total}{walls}", markup=False)


def _coloured(line: str, outcome: str) -> Text:
    text = Text(line)
    text.highlight_words([words.MARKS[outcome]], COLOURS[outcome])
    return text
