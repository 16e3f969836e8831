"""What a worker's process does: one submission to a record. It imports nothing of the gradebook, and so is soon ready."""

import multiprocessing
import multiprocessing.connection
import os
import threading
from functools import cache

from autograder import lessons
from autograder.class_secret import Key
from autograder.grading import Grader


def grade_one(data: bytes, lesson: str, student: str, notebook: str, sandbox: str, key: Key) -> str:
    """The record, as JSON, of a submission given as the bytes of its file; the grader is kept for the next one."""
    return _grader(sandbox, key).grade(data, lessons.load(lesson), student, notebook).to_json()


def end_with_parent() -> None:
    """Have this process, and so its sandbox, end when the process that started it does, however that ends."""

    def wait() -> None:
        multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@cache
def _grader(sandbox: str, key: Key) -> Grader:
    return Grader(sandbox, key)
