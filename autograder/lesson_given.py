"""Given cells: what an earlier lesson built, filled in from its solutions or proved to be the same."""

import re
from collections.abc import Callable

from attention_course.code_names import imports, names
from autograder.lesson_source import LessonError

LINE = re.compile(r"# given: (\w+(?:, \w+)*) from (\w+)")


def fill(source: str, place: str, lesson: str, find: Callable) -> str:
    """The given cell with its code: each `# given: NAME, ... from LESSON` line followed by those solutions.

    lesson: the name of the lesson that the cell stands in.
    find: the name of an earlier lesson to the lesson itself.
    Raises LessonError for an unknown lesson or name, and for code that differs from the solution's.
    """
    lines = [match for line in source.split("\n") if (match := LINE.fullmatch(line.rstrip()))]
    if not lines:
        raise LessonError(f"{place}: the cell is tagged `given` and takes nothing; begin it with `# given: NAME from LESSON`.")
    filled = "\n\n\n".join(_answers(line, place, lesson, find) for line in lines)
    written = _without_blanks(source)
    if len(written) > len(lines) and written != _without_blanks(filled):
        raise LessonError(f"{place}: the code is not the solution it names; leave the `# given:` line alone and it is filled in.")
    return filled


def check_self_contained(filled: str, place: str, lesson_imports: str, given_before: set[str], find: Callable) -> None:
    """Refuse given code that needs a name this lesson does not have, or has as something else."""
    here = imports(lesson_imports)
    missing = names(filled).needs - given_before - set(here)
    if missing:
        name = min(missing)
        raise LessonError(f"{place}: the given code uses `{name}`; import it in the first code cell or take it as given too.")
    for line in LINE.finditer(filled):
        there = imports(find(line[2]).imports)
        other = {name for name in names(filled).needs & set(here) & set(there) if here[name] != there[name]}
        if other:
            name = min(other)
            raise LessonError(f"{place}: `{name}` is {here[name]} here and {there[name]} in {line[2]}; import the same in both.")


def _answers(line: re.Match, place: str, lesson: str, find: Callable) -> str:
    solutions = [_solution(name, line[2], place, lesson, find) for name in line[1].split(", ")]
    return f"{line[0]}\n" + "\n\n\n".join(solutions)


def _without_blanks(source: str) -> list[str]:
    return [line.rstrip() for line in source.split("\n") if line.strip()]


def _solution(name: str, origin: str, place: str, lesson: str, find: Callable) -> str:
    if origin >= lesson:
        raise LessonError(f"{place}: {origin} does not come before this lesson; take `{name}` from an earlier one.")
    for exercise in find(origin).exercises:
        if name == exercise.name and not exercise.manual:
            return exercise.solution.strip("\n")
    raise LessonError(f"{place}: {origin} has no exercise `{name}`; name one that it has.")
