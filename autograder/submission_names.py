"""Whose notebook a file is, and of which lesson, as far as its path says so: one function per naming scheme.

A scheme takes the path's parts and the lessons' names and returns a Guess, or None where the path is not of its kind.
The first scheme in SCHEMES that knows the path is believed.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime

from autograder.hand_in_time import read_stamp
from autograder.lms_names import brightspace, canvas, moodle
from autograder.submission_guess import Guess

COPY = re.compile(r"( \(\d+\)|-Copy\d+)$")  # what browsers and JupyterLab add to the name of a second copy
LONGEST = 100


def nbgrader_layout(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """STUDENT/LESSON/LESSON.ipynb, as nbgrader collects them."""
    if len(parts) >= 3 and parts[-2] in lessons:
        return Guess(parts[-3], parts[-2], exact=_stem(parts) == parts[-2])
    return None


def nbgraders_exchange(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """STUDENT+LESSON+TIME+RANDOM/LESSON.ipynb, as students hand in to the exchange's `inbound` folder; all attempts are there."""
    for folder in parts[:-1]:
        student, lesson, when, *_ = [*folder.split("+"), "", ""]
        time = read_stamp(when) if lesson in lessons else None
        if student and time is not None:
            attempt = int((time - datetime.min.replace(tzinfo=UTC)).total_seconds() * 1000)
            return Guess(student, lesson, _stem(parts) == lesson, (attempt, 0), time)
    return None


def is_released(parts: tuple[str, ...], lessons: Collection[str]) -> bool:
    """Whether it is what an instructor handed out: outbound/LESSON/LESSON.ipynb, beside the exchange's `inbound` folder."""
    return len(parts) >= 3 and parts[-3] == "outbound" and parts[-2] in lessons


def cloned_repositories(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """LESSON-STUDENT/ANYTHING.ipynb, with `-` in place of `_`, as `gh classroom clone student-repos` lays them out."""
    for folder in reversed(parts[:-1]):
        for lesson in lessons:
            before, _, student = folder.partition(f"{lesson.replace('_', '-')}-")
            if not before and student not in ("", "submissions"):
                return Guess(student, lesson, exact=_stem(parts) == lesson, stamped=True)
    return None


def flat_folder(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """STUDENT_LESSON.ipynb or STUDENT.ipynb, all in one folder."""
    if len(parts) != 1:
        return None
    stem = _stem(parts)
    without_copy = COPY.sub("", stem)
    for lesson in sorted(lessons, key=len, reverse=True):
        if without_copy.lower() == lesson.lower():
            return Guess("", lesson, exact=True)
        match = re.fullmatch(
            rf"(?P<before>.+)[_ -]{re.escape(lesson)}|{re.escape(lesson)}[_ -](?P<after>.+)", without_copy, re.IGNORECASE
        )
        if match:
            return Guess(match["before"] or match["after"], lesson, exact=without_copy == stem)
    return Guess(stem)


def folder_per_student(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """STUDENT/ANYTHING.ipynb, at any depth."""
    if len(parts) < 2:
        return None
    stem = COPY.sub("", _stem(parts))
    student = "" if parts[0] in lessons else parts[0]
    return Guess(student, stem if stem in lessons else "", exact=_stem(parts) in lessons)


SCHEMES = [nbgrader_layout, nbgraders_exchange, cloned_repositories, moodle, brightspace, canvas, flat_folder, folder_per_student]


def guess(parts: tuple[str, ...], lessons: Collection[str]) -> Guess:
    """What the first scheme that knows the path says."""
    return next(found for scheme in SCHEMES if (found := scheme(parts, lessons)))


def without_wrapper(paths: list[tuple[str, ...]], lessons: Collection[str]) -> list[tuple[str, ...]]:
    """The paths without the folders around everything, which archives often have; a folder that is the only student's stays."""
    if not paths:
        return []
    shared = len(os.path.commonprefix([path[:-1] for path in paths]))
    if len(paths) == 1 and shared:
        shared -= 1
    while shared and any(_is_of_one_student(path[shared:], lessons) for path in paths):
        shared -= 1
    return [path[shared:] for path in paths]


def _is_of_one_student(path: tuple[str, ...], lessons: Collection[str]) -> bool:
    """LESSON/ANYTHING.ipynb or LESSON.ipynb: what stands around it is the student."""
    return (len(path) == 2 and path[0] in lessons) or (len(path) == 1 and COPY.sub("", _stem(path)) in lessons)


def safe_id(student: str) -> str:
    """The student's id as a folder's name: letters, digits and `._@-`, at most 100 characters; "" if nothing is left."""
    name = re.sub(r"[^\w.@-]", "_", unicodedata.normalize("NFC", student).strip()).strip(".")
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 9]}-{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return name if re.search(r"\w", name.replace("_", "")) else ""


def _stem(parts: tuple[str, ...]) -> str:
    return parts[-1][: -len(".ipynb")]
