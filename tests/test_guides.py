"""The guides' commands work: those of the instructor's guide as one story, in a copy of the course, with a class of six."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.lessons import ROOT
from autograder.sample_class import SOFTMAX, hand_in, sample_class
from tests.colab import working_copy
from tests.shell_blocks import blocks

GUIDE = (ROOT / "docs" / "instructor_guide.md").read_text(encoding="utf-8")
BLOCKS = blocks(GUIDE)
CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,05_softmax (101)\n    Points Possible,,,,,10\n"
MOODLE = "Identifier,Full name,Email address,Status,Grade,Maximum grade\n"


def shell(command: str, folder: Path) -> subprocess.CompletedProcess:
    """A command line as it is typed in a folder, with the environment that the tests run in activated."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-e", "-c", command], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=600
    )


@pytest.fixture
def course(tmp_path) -> Path:
    """The instructor's copy, and what a class of six and two platforms have handed over."""
    folder = working_copy(tmp_path / "course")
    students = [sample for sample in sample_class() if sample.lesson == SOFTMAX][:6]
    hand_in(students, folder / "submissions")
    names = [sample.student for sample in students]
    rows = "".join(f"{name},{number},{name},{name},One,\n" for number, name in enumerate(names, 1))
    (folder / "gradebook.csv").write_text(CANVAS + rows)
    rows = "".join(f"Participant {number},{name},{name}@example.org,Submitted,,10\n" for number, name in enumerate(names, 1))
    (folder / "worksheet.csv").write_text(MOODLE + rows.replace("@example.org", ""))
    return folder


def test_the_instructors_story_goes_from_release_to_grades(course, sandboxed):
    told = {}
    for block in BLOCKS:
        if not block.reason:
            done = shell(block.text, course)
            expected = (0, 1) if " grade " in block.text else (0,)  # 1: one of the six has an answer that never ends
            assert done.returncode in expected, f"{block.text}{done.stdout[-1000:]}{done.stderr[-1000:]}"
            told[block.text.split("\n")[0]] = done.stdout + done.stderr
    assert (course / "exchange/attention/outbound/05_softmax/05_softmax.ipynb").exists()
    assert (course / "build/class/secret.key").exists() and (course / "build/class/due.toml").exists()
    assert "amara" in (course / "grades.csv").read_text()
    assert "10" in next(line for line in (course / "for_canvas.csv").read_text().splitlines() if line.startswith("amara"))
    assert "10" in next(line for line in (course / "for_moodle.csv").read_text().splitlines() if "amara" in line)
    assert list((course / "build/class").rglob("*.html")) and list((course / "build/class").rglob("*.zip"))
    assert "05_softmax" in (course / "classroom.yml").read_text()
    assert "0 of 10 points" in next(
        text for command, text in told.items() if command == "python -m autograder release 05_softmax"
    )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.text.split("\n")[0][:40])
def test_a_block_is_bash(block, tmp_path):
    done = subprocess.run(["bash", "-n", "-c", block.text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_is_not_run_says_why_and_names_a_test_that_exists():
    reasons = [block.reason for block in BLOCKS if block.reason]
    assert reasons and len(BLOCKS) > 2 * len(reasons)
    named = [word for reason in reasons for word in reason.split() if word.startswith("tests/")]
    assert named and all((ROOT / name).exists() for name in named)


def test_dasks_commands_are_there():
    for command in ("scheduler", "worker"):
        done = subprocess.run([sys.executable, "-m", "distributed.cli.dask_" + command, "--help"], capture_output=True, text=True)
        assert done.returncode == 0
        wanted = [line for block in BLOCKS for line in block.text.splitlines() if line.startswith(f"dask {command}")]
        flags = [word for line in wanted for word in line.split("#")[0].split() if word.startswith("--")]
        assert flags and all(flag in done.stdout for flag in flags)
