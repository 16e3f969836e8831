"""A lesson's source as its tests, read without anything that a notebook on Colab does not have."""

import json
import re
from dataclasses import dataclass

HEADER = re.compile(r"^# %%(.*)\n", re.M)
HIDDEN = re.compile(r"^ *### BEGIN HIDDEN TESTS$.*?^ *### END HIDDEN TESTS$\n?", re.M | re.S)


@dataclass(frozen=True)
class Test:
    """A test cell, or a written answer, which has no source. exercise: the answer it tests; visible: as students see it."""

    __test__ = False  # it is no test of pytest's

    name: str
    exercise: str
    points: float
    source: str = ""
    visible: str = ""


@dataclass(frozen=True)
class LessonText:
    """What is graded of a lesson, in its order, and its import cell."""

    imports: str
    tests: tuple[Test, ...]


def read(text: str) -> LessonText:
    """The tests of a lesson's source, which has the percent format of jupytext with nbgrader's metadata in the headers."""
    imports, exercise, tests = "", "", []
    for header, source in _cells(text):
        about = _nbgrader(header)
        if not imports and "[markdown]" not in header:
            imports = source
        if about.get("solution"):
            exercise = about["grade_id"]
            if about["grade"]:  # a written answer
                tests.append(Test(exercise, exercise, about["points"]))
        elif about.get("grade"):
            tests.append(Test(about["grade_id"], exercise, about["points"], source, HIDDEN.sub("", source).rstrip("\n")))
    return LessonText(imports, tuple(tests))


def _cells(text: str) -> list[tuple[str, str]]:
    """Each cell's header and its source without empty lines around it."""
    parts = HEADER.split(text)[1:]
    return [(header, source.strip("\n")) for header, source in zip(parts[::2], parts[1::2], strict=True)]


def _nbgrader(header: str) -> dict:
    _, found, metadata = header.partition("nbgrader=")
    return json.JSONDecoder().raw_decode(metadata)[0] if found else {}
