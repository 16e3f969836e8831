"""The commands as they are typed: what they print, and how they end."""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from test_grading import as_bytes, filled_in

from autograder import __main__ as commands
from autograder.lessons import ROOT, load
from autograder.release import build

SOFTMAX = "05_softmax"


def autograder(*arguments, cwd=ROOT) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd, env=environment)


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    path = tmp_path_factory.mktemp("work") / f"{SOFTMAX}.ipynb"
    path.write_bytes(as_bytes(filled_in(load(SOFTMAX))))
    return path


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("work") / f"{SOFTMAX}.ipynb"
    nbformat.write(build(load(SOFTMAX)), path)
    return path


def test_check_prints_a_line_per_test_and_the_sum(solved):
    done = autograder("check", solved)
    assert done.returncode == 0, done.stderr
    assert "10 of 10 points" in done.stdout
    assert all(test.name in done.stdout for test in load(SOFTMAX).tests)


def test_check_says_why_a_blank_notebook_has_no_points(blank):
    done = autograder("check", blank)
    assert done.returncode == 0
    assert "0 of 10 points" in done.stdout and "has no answer yet" in done.stdout


def test_check_json_has_the_promised_form(solved, blank):
    done = autograder("check", "--json", solved, blank)
    first, second = json.loads(done.stdout)
    assert set(first) == {"notebook", "lesson", "points", "max_points", "seconds", "error", "tests"}
    assert (first["lesson"], first["points"], first["max_points"], first["error"]) == (SOFTMAX, 10, 10, None)
    assert set(first["tests"][0]) == {"name", "points", "max_points", "passed", "message"}
    assert second["points"] == 0 and not any(test["passed"] for test in second["tests"])


def test_what_is_no_notebook_is_one_sentence_and_status_1(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text('{"not": "a notebook"}')
    done = autograder("check", path)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr
    (found,) = json.loads(autograder("check", "--json", path).stdout)
    assert found["error"] and found["tests"] == []


def test_a_bad_notebook_does_not_stop_the_next(tmp_path, solved):
    path = tmp_path / "x.ipynb"
    path.write_text("nothing")
    done = autograder("check", path, solved)
    assert done.returncode == 1 and "10 of 10 points" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "missing.ipynb"),
        ("check", "README.md", "--lesson", "99_nothing"),
        ("grade", "missing_folder"),
        ("release", "99_nothing"),
        ("feedback", "--class", "missing_folder"),
        ("report", "--class", "missing_folder"),
        ("export", "--class", "missing_folder"),
        ("grade",),
        ("check", "--no-such-option"),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(arguments):
    done = autograder(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr and done.stderr.strip()


@pytest.mark.parametrize("command", ["release", "check", "grade", "feedback", "export", "report", "lessons", "demo"])
def test_every_command_has_help_with_an_example(command):
    done = autograder(command, "--help")
    assert done.returncode == 0
    assert f"python -m autograder {command}" in " ".join(done.stdout.split())


def test_a_solved_notebook_is_checked_within_five_seconds(solved):
    """Processor time, of all its processes, with some room: other tests keep the machine busy."""
    resource = pytest.importorskip("resource", reason="Windows does not tell what a process used")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    autograder("check", solved)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10


def test_without_bubblewrap_grading_refuses_and_says_what_to_do(solved, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", str(solved)], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert done.returncode == 1
    assert "install it" in done.stderr and "Traceback" not in done.stderr


def test_without_the_sandbox_the_output_says_so(solved):
    done = autograder("check", "--no-sandbox", solved)
    assert done.returncode == 0, done.stderr
    assert "without the sandbox" in done.stdout


def test_lessons_runs_a_lesson_from_top_to_bottom_and_weighs_it():
    done = autograder("lessons", "00_start_here")
    assert done.returncode == 0, done.stderr
    assert "00_start_here" in done.stdout and "peak memory" in done.stdout


def test_grade_json_has_the_form_of_check_and_the_student(solved, blank, tmp_path):
    handed_in = tmp_path / "handed_in"
    handed_in.mkdir()
    for student, notebook in (("ada", solved), ("ben", blank)):
        shutil.copy(notebook, handed_in / f"{student}_{SOFTMAX}.ipynb")
    done = autograder("grade", handed_in, "--class", tmp_path / "class", "--jobs", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = {one["student"]: one for one in json.loads(done.stdout)}
    assert found["ada"]["points"] == found["ada"]["max_points"] == 10 and found["ben"]["points"] == 0
    form = {"student", "notebook", "lesson", "points", "max_points", "late_penalty", "seconds_late", "seconds", "error", "tests"}
    assert set(found["ada"]) == form


def test_ctrl_c_says_that_nothing_is_lost(monkeypatch, capsys):
    def stopped():
        raise SystemExit(130)  # what Typer makes of it

    monkeypatch.setattr(commands, "app", stopped)
    with pytest.raises(SystemExit) as end:
        commands.main()
    assert end.value.code == 130 and "the same command goes on from there" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(monkeypatch, capsys):
    def refused():
        raise OSError(30, "Read-only file system", "class/secret.key")

    monkeypatch.setattr(commands, "app", refused)
    with pytest.raises(SystemExit):
        commands.main()
    assert capsys.readouterr().err == "autograder: class/secret.key cannot be read or written (Read-only file system).\n"


@pytest.mark.parametrize("command", ["feedback", "report"])
def test_a_lesson_that_the_class_does_not_have_is_told(command, tmp_path):
    (tmp_path / "records" / SOFTMAX).mkdir(parents=True)
    done = autograder(command, "05_softmx", "--class", tmp_path)
    assert done.returncode == 2 and "There is no lesson '05_softmx' in this class; there is: 05_softmax." in done.stderr
