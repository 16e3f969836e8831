"""A record as the results that GitHub Classroom's reporter adds up: one for each exercise, and a table for people."""

from autograder.records import MANUAL, PASSED, Record, TestResult
from autograder.templates.safe import visible

SHOWN = 2_000  # characters of one message


def results(record: Record) -> dict[str, dict]:
    """By exercise what the reporter reads. Every test of the record has been judged; what a person grades is left out."""
    exercises: dict[str, list[TestResult]] = {}
    for result in record.tests:
        if result.outcome != MANUAL:
            exercises.setdefault(result.exercise, []).append(result)
    return {name: _exercise(tests) for name, tests in exercises.items()}


def _exercise(tests: list[TestResult]) -> dict:
    return {
        "version": 1,
        "status": "pass" if all(test.outcome == PASSED for test in tests) else "fail",
        "max_score": sum(test.max_points for test in tests),
        "tests": [
            {
                "name": test.name,
                "status": "pass" if test.outcome == PASSED else "fail",
                "score": test.points,
                "message": visible(test.message)[:SHOWN] or None,
                "test_code": "",
                "filename": "",
                "line_no": 0,
                "execution_time": "",
            }
            for test in tests
        ],
    }


def summary(record: Record) -> str:
    """The points per test as a table in Markdown, for the page of the run."""
    lines = [
        f"**{record.points:g} of {record.max_points:g} points**",
        "",
        "| exercise | test | points | |",
        "| --- | --- | --- | --- |",
    ]
    for test in record.tests:
        points = "?" if test.points is None else f"{test.points:g}"
        message = _cell(test.message.partition("\n")[0])
        lines.append(f"| {test.exercise} | {test.name} | {points} of {test.max_points:g} | {message} |")
    return "\n".join([*lines, "", *(f"- {_cell(remark)}" for remark in record.remarks)]) + "\n"


def _cell(text: str) -> str:
    """Text that stays in its cell and marks nothing up."""
    safe = visible(text)[:SHOWN].replace("\n", " ").replace("\\", "\\\\")
    return "".join(f"\\{letter}" if letter in "|`*_[]<>#!@" else letter for letter in safe)
