"""A record as Gradescope's `results.json`; `results.schema.json` beside this file is the published format.

What could not be judged, and what a person grades, is listed without a score: Gradescope adds up what is there.
"""

from autograder.records import FAILED, PASSED, UNGRADED, Record, TestResult
from autograder.templates.safe import visible

SHOWN = 10_000  # characters of one text


def results(record: Record) -> dict:
    """The data of `results.json`. At least one test of the record has been judged."""
    return {
        "score": record.points,
        "execution_time": record.seconds,
        "output": _text("\n".join(_remarks(record))),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": _tests(record),
        "extra_data": {"record": record.key, "seeds": record.key_id, "sandbox": record.sandbox},
    }


def _remarks(record: Record) -> list[str]:
    """What there is to say of the notebook as a whole."""
    ungraded = sum(result.max_points for result in record.ungraded)
    by_hand = sum(result.max_points for result in record.tests if result.points is None) - ungraded
    said = [f"{record.points:g} of {record.max_points:g} points."]
    if ungraded:
        said.append(f"{ungraded:g} points could not be graded. This is not a grade of 0: tell your instructor.")
    if by_hand:
        said.append(f"{by_hand:g} points are graded by hand.")
    return said + record.remarks


def _tests(record: Record) -> list[dict]:
    numbers: dict[str, int] = {}
    found, exercises = [], list(dict.fromkeys(result.exercise for result in record.tests))
    for result in record.tests:
        numbers[result.exercise] = numbers.get(result.exercise, 0) + 1
        found.append(_test(result, f"{exercises.index(result.exercise) + 1}.{numbers[result.exercise]}"))
    return found


def _test(result: TestResult, number: str) -> dict:
    about = {"name": result.name, "number": number, "output": _text(result.message), "visibility": "visible"}
    if result.points is None:
        why = "not graded" if result.outcome == UNGRADED else "graded by hand"
        return about | {"name": f"{result.name} ({why}, {result.max_points:g} points)"}
    about |= {"score": result.points, "max_score": result.max_points}
    return about | ({"status": result.outcome} if result.outcome in (PASSED, FAILED) else {})


def _text(text: str) -> str:
    text = visible(text)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."
