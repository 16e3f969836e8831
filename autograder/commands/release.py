"""`release`: solutions to notebooks."""

from autograder import release
from autograder.lessons import lesson_names
from autograder.terminal import console, errors
from autograder.trouble import Trouble


class OutOfStep(Trouble):
    """A notebook is not what its source would give."""

    status = 1


def release_lessons(names: list[str] | None, repository: str | None, check: bool) -> None:
    """Build these lessons, or all; with `check` only compare. Raises `OutOfStep`, or LessonError for a source that could leak."""
    if check:
        stale = release.out_of_step(repository=repository, names=names)
        if stale:
            command = f"python -m autograder release --repository {repository}" if repository else "make release"
            raise OutOfStep(f"Not in step with solutions/: {', '.join(stale)}; run `{command}` and commit the notebooks.")
        count = len(names or lesson_names())
        console.print(
            f"{count} notebook{'s are' if count > 1 else ' is'} in step with {'their sources' if count > 1 else 'its source'}."
        )
        return
    for path in release.release(names or None, repository=repository, say=lambda said: errors.print(said, markup=False)):
        console.print(f"{path}")
