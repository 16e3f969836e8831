"""A run that is killed at any moment goes on where it stopped: the same grades, and nothing is graded twice."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook

from autograder.class_files import records
from autograder.class_secret import class_key
from autograder.lessons import ROOT, load
from autograder.sample_class import START, Sample, hand_in

STUDENTS, KILLS = 16, 20


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("handed_in")
    right = load(START).exercises[0].solution

    def answer(number: int):
        return lambda lesson: {lesson.exercises[0].name: f"{right if number % 3 else 'pass'}\n# student {number}"}

    hand_in([Sample(f"student{number:02}", START, "", 0, answers=answer(number)) for number in range(STUDENTS)], folder)
    return folder


def start(handed_in: Path, folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "grade", str(handed_in), "--class", str(folder), "--jobs", "2"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True, **quiet)


def grades(folder: Path) -> dict:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        return {submission.student_id: submission.score for submission in gradebook.assignment_submissions(START)}


def kept(folder: Path) -> dict:
    return {
        record.student: (record.points, record.key, [result.message for result in record.tests]) for record in records(folder)
    }


def journal(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "journal").glob("*.json")}


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_grades(handed_in, tmp_path):
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    class_key(straight)
    shutil.copytree(straight, killed)
    began = time.monotonic()
    assert start(handed_in, straight).wait(300) == 0
    whole = time.monotonic() - began
    when, before = random.Random(0), {}
    for _ in range(KILLS):
        run = start(handed_in, killed)
        time.sleep(when.uniform(0.3, 1) * whole)
        run.send_signal(signal.SIGKILL)
        run.wait()
        now = journal(killed)
        assert {name: now.get(name) for name in before} == before, "a result that was on disk was written again"
        before = now
    assert start(handed_in, killed).wait(300) == 0
    assert len(grades(straight)) == STUDENTS and set(grades(straight).values()) == {0.0, 1.0}
    assert grades(killed) == grades(straight) and kept(killed) == kept(straight)


def test_no_process_outlives_a_run_that_is_killed(handed_in, tmp_path):
    run = start(handed_in, tmp_path / "class")
    main, seen = psutil.Process(run.pid), []
    deadline = time.monotonic() + 60
    while not any("warm" in " ".join(_command(process)) for process in seen) and time.monotonic() < deadline:
        time.sleep(0.2)
        seen = [process for process in main.children(recursive=True) if process.is_running() and process.status() != "zombie"]
    run.send_signal(signal.SIGKILL)
    run.wait()
    _, left = psutil.wait_procs(seen, timeout=20)
    assert seen and not left


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
