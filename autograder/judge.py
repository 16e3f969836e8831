"""A test cell to a verdict: the cell runs here, in the grader; the student's functions answer from the sandbox."""

import contextlib
import functools
import io
import warnings

from attention_course.check import CheckFailed, words
from attention_course.check.seeds import secret
from autograder.lessons import Lesson, TestCell
from autograder.patience import OutOfPatience, patience
from autograder.records import FAILED, PASSED, UNGRADED, TestResult
from autograder.sandbox import KernelGone, TimeOver
from autograder.sandbox.plain_text import plain
from autograder.student import Student, StudentError, Ungradable

GONE = {
    "memory": "The answer used more memory than it may.",
    "timeout": "The answer did not come to an end in time, and could not be stopped.",
    "malformed": "The answer's result was too large to be judged.",
    "crash": "The process that ran the answer ended during this test.",
}
OVERTIME = 10.0  # seconds beyond the test's own, before a test is stopped that is busy with a result
MESSAGE = 2000  # characters


class Judge:
    """Judges the tests of one submission.

    executed: the sources of the cells that were run, in order of their execution, to quote the student's own lines.
    key: the class secret that random inputs are drawn from.
    """

    def __init__(self, lesson: Lesson, student: Student, executed: list[str], key: bytes):
        self.lesson, self.student, self.executed, self.key = lesson, student, executed, key

    def first_look(self, test: TestCell) -> tuple[TestResult | None, bool]:
        """The verdict on what students see of a test; None if it holds and there is a hidden part.

        Its messages show numbers and an exception's text. So it comes before any hidden test: afterwards the answer could say in
        such a message what a hidden test has asked it.
        """
        result, alive = self._judged(test, test.visible, hidden=False)
        return (None if result.outcome == PASSED and test.hidden_lines else result), alive

    def verdict(self, test: TestCell) -> tuple[TestResult, bool]:
        """The verdict on a whole test, and whether the kernel is still there for the next. Its message shows no numbers."""
        return self._judged(test, test.source, hidden=True)

    def _judged(self, test: TestCell, source: str, hidden: bool) -> tuple[TestResult, bool]:
        try:
            with patience(self.student.kernel.limits.test + OVERTIME):
                self.student.begin_test()
                self._run(test, source)
        except (KernelGone, OutOfPatience) as gone:
            reason = getattr(gone, "reason", "timeout")
            return _ungraded(test, reason, GONE.get(reason, GONE["crash"])), False
        except TimeOver:
            seconds = self.student.kernel.limits.call
            return _ungraded(test, "timeout", f"The answer did not come to an end within {seconds:.0f} seconds."), True
        except Ungradable as problem:
            return _ungraded(test, problem.reason, str(problem)), True
        except CheckFailed as failure:
            return _failed(test, failure.without_numbers() if hidden else str(failure)), True
        except StudentError as error:
            return _failed(test, self._student_error(test, error, hidden)), True
        except (ImportError, OSError, SystemError) as fault:
            return _ungraded(
                test, "fault", f"The grader itself failed ({type(fault).__name__}); ask your instructor to grade again."
            ), True
        except Exception as error:
            return _failed(test, self._unusable(error, hidden)), True
        return TestResult(test.name, test.exercise, test.points, test.points, PASSED), True

    def _run(self, test: TestCell, source: str) -> None:
        names = dict(imported(self.lesson.imports))
        for exercise in self.lesson.exercises:
            names |= {name: self.student.name(name, test.name) for name in exercise.defines}
        quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
        with secret(self.key), quiet[0], quiet[1], warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(_compiled(source, test.name), names)

    def _student_error(self, test: TestCell, error: StudentError, hidden: bool) -> str:
        """What the student's code raised, and in which of the student's own lines. In a hidden test without the exception's text,
        which could repeat the test's numbers."""
        if error.kind == "NameError" and error.place is None:
            return words.not_defined(test.exercise)
        if error.kind == "NotImplementedError":
            return words.no_answer(test.exercise)
        return words.raised(error.kind, "" if hidden else error.text, self._line(error.place))

    def _line(self, place: tuple[int, int] | None) -> tuple[int, str] | None:
        if place is None or not 1 <= place[0] <= len(self.executed):
            return None
        lines = self.executed[place[0] - 1].splitlines()
        return (place[1], lines[place[1] - 1]) if 1 <= place[1] <= len(lines) else None

    def _unusable(self, error: Exception, hidden: bool) -> str:
        """The test itself stumbled over what the answer returned."""
        return words.unusable("" if hidden else f"{type(error).__name__}: {error}", self.student.last)


@functools.lru_cache(maxsize=128)
def _compiled(source: str, name: str):
    return compile(source, f"<test {name}>", "exec")


@functools.lru_cache(maxsize=32)
def imported(imports: str) -> dict:
    """What the lesson's import cell binds, in the grader's own process."""
    names: dict = {"__name__": "test"}
    exec(compile(imports, "<imports>", "exec"), names)
    return names


def _failed(test: TestCell, message: str) -> TestResult:
    return TestResult(test.name, test.exercise, 0.0, test.points, FAILED, plain(message, MESSAGE))


def _ungraded(test: TestCell, reason: str, message: str) -> TestResult:
    return TestResult(test.name, test.exercise, None, test.points, UNGRADED, plain(message, MESSAGE), reason)
