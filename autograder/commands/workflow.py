"""`workflow`: the file that has GitHub Classroom grade a lesson."""

from pathlib import Path

from autograder.exports.github import workflow
from autograder.lessons import load
from autograder.terminal import console
from autograder.trouble import Trouble


def write_workflow(lesson: str, course: str, ref: str, output: Path | None) -> None:
    """Print the file, or write it to a place."""
    text = workflow(load(lesson), course, ref)
    if output is None:
        print(text, end="")
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise Trouble(f"{output} cannot be written ({problem.strerror}); name another file.") from None
    console.print(f"{output}", markup=False)
