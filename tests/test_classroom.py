"""Many submissions: nothing is lost when a process dies, and nobody is blamed for a neighbour."""

import concurrent.futures as futures
import os
from pathlib import Path

import pytest

from autograder import classroom
from autograder.class_secret import PUBLIC
from autograder.cluster import ClusterTrouble, Lost
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


class Losing(futures.ThreadPoolExecutor):
    """Stands in for a cluster whose scheduler dies after so many submissions."""

    def __init__(self, after: int):
        super().__init__(1)
        self.left = after

    def submit(self, *work):
        self.left -= 1
        if self.left >= 0:
            return super().submit(*work)
        lost = futures.Future()
        lost.set_exception(Lost("the scheduler was lost"))
        return lost


def test_a_scheduler_that_is_lost_costs_one_new_connection_and_nobody_is_blamed(graded):
    schedulers = iter([Losing(2), Losing(1_000)])
    students = [f"student{number:02}" for number in range(12)]
    records = graded(students, lambda: next(schedulers))
    assert {student: record.error for student, record in records.items()} == {name: f"seen {name}" for name in students}
    assert not list(schedulers)


def test_a_scheduler_that_is_lost_again_and_again_stops_the_run_in_one_sentence(graded):
    with pytest.raises(ClusterTrouble, match="lost 3 times"):
        graded(["ada", "ben"], lambda: Losing(0))
