"""What can go wrong on the student's side of a call, as exceptions on the grader's side."""

import builtins

from autograder.sandbox.plain_text import plain

TEXT = 400
# Built-in exceptions that take one argument; a proxy raises the student's exception as one of these: `except ValueError` works.
PLAIN = """
    NotImplementedError RecursionError RuntimeError ZeroDivisionError OverflowError FloatingPointError ArithmeticError IndexError
    KeyError LookupError UnboundLocalError NameError AttributeError TypeError ValueError StopIteration MemoryError BufferError
""".split()


class StudentError(Exception):
    """The student's code raised an exception.

    kind: the name of the built-in exception it is, or descends from; text: what it said, which may be anything;
    place: (number of the executed cell, line in it) where it was raised, or None.
    """

    kind = "Exception"
    place: tuple[int, int] | None = None
    text = ""


class Ungradable(Exception):
    """A test cannot be judged. reason: timeout, memory, crash or malformed."""

    def __init__(self, reason: str, text: str):
        self.reason = reason
        super().__init__(text)


def student_error(error) -> StudentError:
    """The exception that a reply tells of; nothing in it is taken at its word but names of built-in exceptions.

    Raises `Ungradable` where it tells of something that no verdict can be drawn from.
    """
    if not isinstance(error, dict) or not isinstance(error.get("kinds"), list):
        raise Ungradable("malformed", "The answer sent something that is no reply.")
    if error.get("malformed") is True:
        raise Ungradable("malformed", "The answer's result is no data that could be judged: it is nested too deep, or too large.")
    kinds = [kind for kind in error["kinds"] if isinstance(kind, str)]
    if "KeyboardInterrupt" in kinds:
        raise Ungradable("timeout", "The answer stopped itself.")
    if "MemoryError" in kinds:
        raise Ungradable("memory", "The answer used more memory than it may.")
    known = [kind for kind in kinds if _is_exception(getattr(builtins, kind, None))]
    base = next((kind for kind in kinds if kind in PLAIN), None)
    bases = (StudentError, getattr(builtins, base)) if base else (StudentError,)
    raised = type("StudentError", bases, {})()
    raised.kind, raised.place = (known or ["Exception"])[0], _place(error.get("place"))
    raised.text = plain(error.get("text"), TEXT)
    return raised


def _is_exception(thing) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseException)


def _place(place) -> tuple[int, int] | None:
    try:
        file, line = place
        return int(file.removeprefix("cell ")), int(line)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return None
