"""A whole lesson, hidden tests included, on the work in this notebook: for whoever learns alone and is honest.

The tests run beside the answers, without walls and without a limit on time; grades are made by the autograder.
"""

import builtins
import contextlib
import io
import linecache
import os
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from attention_course.check import words
from attention_course.check.failure import CheckFailed
from attention_course.check.lesson_text import LessonText, Test, read
from attention_course.check.published import NotToBeHad, source

TEXT = 400  # characters of an exception


def lesson(name: str) -> None:
    """Run all tests of a lesson, such as "05_softmax", on the answers as they stand now, and print a line for each.

    The hidden tests are fetched from the course's repository, in the version that is installed. Under nbgrader, which runs
    tests itself, nothing is done.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return
    try:
        text = read(source(name))
    except NotToBeHad as problem:
        print(problem)
        return
    print_verdicts(name, text, sys._getframe(1).f_globals)


def print_verdicts(name: str, text: LessonText, answers: dict) -> None:
    """Print what the tests make of the names in `answers`, in the lines of `autograder check`."""
    got = 0.0
    for verdict in verdicts(text, answers):
        got += verdict.points or 0.0
        test = verdict.test
        print(*words.lines(test.name, verdict.points, test.points, verdict.outcome, verdict.message), sep="\n")
    print(words.total(name, got, sum(test.points for test in text.tests), any(not test.source for test in text.tests)))


@dataclass(frozen=True)
class Verdict:
    """How a test went. points: None where they are given by hand, or where it was interrupted."""

    test: Test
    points: float | None
    outcome: str
    message: str = ""


def verdicts(text: LessonText, answers: dict) -> Iterator[Verdict]:
    """The verdict on each test, as it comes in. Each test has names of its own, and the lesson's imports as they are meant."""
    imports: dict = {}
    exec(text.imports, imports)
    exercises = {test.exercise for test in text.tests}
    for test in text.tests:
        yield (
            _verdict(test, answers, answers | imports, exercises) if test.source else Verdict(test, None, "manual", words.BY_HAND)
        )


def _verdict(test: Test, answers: dict, names: dict, exercises: set[str]) -> Verdict:
    """First what students see, whose messages show numbers; then all of it, whose messages do not."""
    for part, hidden in ((test.visible, False), (test.source, True)):
        try:
            _run(part, test.name, dict(names))
        except KeyboardInterrupt:
            return Verdict(test, None, "ungraded", "It was interrupted.")
        except CheckFailed as failure:
            return Verdict(test, 0.0, "failed", failure.without_numbers() if hidden else str(failure))
        except BaseException as error:  # an answer may even raise SystemExit
            return Verdict(test, 0.0, "failed", _told(error, test, answers, exercises, hidden))
    return Verdict(test, test.points, "passed")


def _run(part: str, name: str, names: dict) -> None:
    quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with quiet[0], quiet[1], warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(part, f"<test {name}>", "exec"), names)


def _told(error: BaseException, test: Test, answers: dict, exercises: set[str], hidden: bool) -> str:
    """An exception in the grader's words. Where no line of an answer raised it, the test did, unless it was the call itself."""
    text, line = str(error)[:TEXT], _line(error, answers)
    if isinstance(error, NameError) and not line:
        return words.not_defined(test.exercise)
    if isinstance(error, NotImplementedError):
        return words.no_answer(test.exercise)
    if line or _of_the_call(error, text, exercises):
        return words.raised(_kind(error), "" if hidden else text, line)
    return words.unusable("" if hidden else f"{type(error).__name__}: {error}")


def _line(error: BaseException, answers: dict) -> tuple[int, str] | None:
    """The innermost line of the notebook's own code that the exception came through."""
    found = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is answers and (line := linecache.getline(frame.f_code.co_filename, number)):
            found = number, line
    return found


def _of_the_call(error: BaseException, text: str, exercises: set[str]) -> bool:
    """Whether an answer was called with arguments that it does not take: `softmax() got an unexpected keyword argument`."""
    called = re.match(r"(\w+)[\w.]*\(\)", text)
    return isinstance(error, TypeError) and called is not None and called[1] in exercises


def _kind(error: BaseException) -> str:
    """The built-in exception that it is, or comes from."""
    return next(kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)
