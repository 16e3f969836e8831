"""`release`: solutions to notebooks."""

from autograder import release
from autograder.lessons import lesson_names
from autograder.terminal import console
from autograder.trouble import Trouble


class OutOfStep(Trouble):
    """A notebook is not what its source would give."""

    status = 1


def release_lessons(names: list[str] | None, repository: str | None, check: bool) -> None:
    """Build these lessons, or all; with `check` only compare. Raises `OutOfStep`, or LessonError for a source that could leak."""
    if check:
        stale = release.out_of_step(repository=repository)
        if stale:
            raise OutOfStep(f"Not in step with solutions/: {', '.join(stale)}; run `make release` and commit the notebooks.")
        console.print(f"{len(lesson_names())} notebooks are in step with their sources.")
        return
    for path in release.release(names or None, repository=repository):
        console.print(f"{path}")
