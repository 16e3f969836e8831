"""What students and authors need runs on systems without Linux's ways, and the rest says what to do, in a sentence."""

import json
import os
import pkgutil
import socket
import subprocess
import sys

import pytest

import attention_course
from autograder.lessons import ROOT
from autograder.sandbox import SandboxedKernel, WarmProcess, bubblewrap, warm

NOTEBOOK = str(ROOT / "notebooks" / "05_softmax.ipynb")
COURSE = sorted(module.name for module in pkgutil.iter_modules(attention_course.__path__, "attention_course."))
TESTS = sorted(path.stem for path in (ROOT / "tests").glob("test_*.py"))
# The command that is refused, and what its only line must say.
REFUSED = {
    "check": (["check", NOTEBOOK], "run check.lesson("),
    "check without the sandbox": (["check", "--no-sandbox", NOTEBOOK], "run check.lesson("),
    "check in a container": (["check", "--sandbox", "container", NOTEBOOK], "run check.lesson("),
    "lessons": (["lessons", "00_start_here"], "python solutions/05_softmax.py"),
}
RUNS = {
    "the course and its tests": ([*COURSE, *TESTS], []),
    "what only Linux has": (["autograder.student_side.walls"], []),
    "release": ([], ["release", "--check"]),
} | {name: ([], command) for name, (command, _) in REFUSED.items()}


@pytest.fixture(scope="module")
def on_windows():
    """Status, output and error output of each of the runs."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has nothing to take away")
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "as_on_windows.py"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        input=json.dumps(list(RUNS.values())),
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(RUNS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("run", ["the course and its tests", "release"])
def test_what_students_and_authors_need_runs_on_windows(on_windows, run):
    status, _, errors = on_windows[run]
    assert status == 0, errors


@pytest.mark.parametrize("run", REFUSED)
def test_what_windows_cannot_do_is_told_in_a_sentence_with_the_mend(on_windows, run):
    status, _, errors = on_windows[run]
    assert status in (1, 2) and REFUSED[run][1] in errors, errors
    assert len(errors.splitlines()) == 1


def test_what_is_missing_on_windows_is_missing_in_these_tests(on_windows):
    assert "No module named 'resource'" in on_windows["what only Linux has"][2]


def test_only_linux_has_the_sandbox_and_macos_may_do_without(monkeypatch):
    reason = bubblewrap.reason.__wrapped__
    monkeypatch.setattr(bubblewrap.sys, "platform", "darwin")
    assert "--no-sandbox" in reason() and not reason("none")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no sockets of Unix here")
def test_the_warm_process_hears_datagrams_as_on_macos(monkeypatch):
    """Linux's packets are not there on macOS."""
    monkeypatch.setattr(warm, "PACKETS", socket.SOCK_DGRAM)
    with WarmProcess(["numpy"], "none") as process:
        with SandboxedKernel(process) as kernel:
            assert kernel.run("1 + 1").text == "2\n"
    assert process.process.returncode is not None
