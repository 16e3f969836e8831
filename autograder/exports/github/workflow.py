"""The workflow file for a lesson's assignment on GitHub Classroom."""

import re
from pathlib import Path

import jinja2

from autograder.lessons import Lesson
from autograder.trouble import Trouble

HERE = Path(__file__).resolve().parent
PLACE = ".github/workflows/classroom.yml"
REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
REF = re.compile(r"[A-Za-z0-9._/-]+")


def workflow(lesson: Lesson, course: str, ref: str = "main") -> str:
    """The text of the file. course: OWNER/REPOSITORY of the course's private copy; ref: its branch or tag. Raises Trouble."""
    if not REPOSITORY.fullmatch(course):
        raise Trouble(f"{course!r} is no repository on GitHub: name the course's private copy as OWNER/REPOSITORY.")
    if not REF.fullmatch(ref):
        raise Trouble(f"{ref!r} is no branch or tag: name one of {course}, such as main.")
    # GitHub's own expressions are in double braces, so this template's are in double brackets.
    marks = {"variable_start_string": "[[", "variable_end_string": "]]", "block_start_string": "[%", "block_end_string": "%]"}
    text = (HERE / "workflow.yml.j2").read_text(encoding="utf-8")
    template = jinja2.Template(text, **marks, undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    names = [exercise.name for exercise in lesson.exercises if not exercise.manual]
    return template.render(lesson=lesson, course=course, ref=ref, names=names, place=PLACE)
