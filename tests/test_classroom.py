"""Many submissions: nothing is lost when a process dies, and nobody is blamed for a neighbour."""

import concurrent.futures as futures
import os
from pathlib import Path

import pytest

from autograder import classroom
from autograder.class_secret import PUBLIC
from autograder.gradebook import ClassGradebook
from autograder.grading import unreadable
from autograder.lessons import load
from autograder.submissions import Submission

LESSON = "05_softmax"


def submission(folder: Path, student: str) -> Submission:
    path = folder / f"{student}.ipynb"
    path.write_text(f'{{"student": "{student}", "cells": [], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}')
    return Submission(student, LESSON, path)


class Harmless:
    """Stands in for the worker's task: no kernel, the record of a blank; `broken` kills the worker's process."""

    def __call__(self, data, lesson, student, notebook, sandbox, key):
        if student == "broken":
            os._exit(1)
        if student == "faulty":
            raise OSError("the disk is full")

        class NoGrader:
            key, walls = PUBLIC, "bubblewrap"

        return unreadable(load(lesson), f"seen {student}", student, notebook, NoGrader).to_json()


@pytest.fixture
def graded(tmp_path, monkeypatch):
    monkeypatch.setattr(classroom, "grade_one", Harmless())

    def grade(students, executor=lambda: classroom.processes(2)):
        found = [submission(tmp_path, student) for student in students]
        settings = classroom.Settings(tmp_path / "class", PUBLIC)
        pairs = classroom.grade(found, settings, ClassGradebook(tmp_path / "class"), executor, 4)
        return {one.student: record for one, record in pairs}

    return grade


def test_a_submission_that_kills_its_process_is_reported_and_the_others_are_graded(graded):
    records = graded(["ada", "ben", "broken", "cleo", "dora", "emil"])
    assert len(records) == 6
    assert "3 times" in records["broken"].error
    assert all(record.error == f"seen {student}" for student, record in records.items() if student != "broken")
    assert {result.reason for result in records["broken"].tests} == {"fault"}


def test_a_fault_of_the_grader_is_told_and_stops_nobody(graded):
    records = graded(["ada", "faulty", "ben"])
    assert "the disk is full" in records["faulty"].error
    assert records["ben"].error == "seen ben"


def test_any_executor_will_do(graded):
    assert len(graded(["ada", "ben"], lambda: futures.ThreadPoolExecutor(1))) == 2
