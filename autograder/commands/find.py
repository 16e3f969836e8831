"""The first step of `grade`. It imports little: what takes time to import is soon under way in another process."""

from pathlib import Path

from autograder import submissions, workers


def find(folder: Path, lesson: str | None, here: bool) -> list[submissions.Submission]:
    """The submissions in a folder. here: whether they are graded on this machine, which begins to get ready."""
    found = submissions.find(folder, lesson)
    if here:
        workers.get_ready({submission.lesson for submission in found if submission.lesson})
    return found
