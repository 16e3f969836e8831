"""A written answer's whole way: graded by hand in formgrader, graded again by the machine, and told to the student."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from test_feedback import Reading

from autograder import classroom, exports, feedback, submissions
from autograder.class_files import read_record
from autograder.class_secret import class_key
from autograder.gradebook import ClassGradebook
from autograder.lessons import ROOT, load
from autograder.sample_class import Sample, hand_in
from tests.chromium import browser

LESSON = "16_train_a_transformer"
WRITTEN = next(exercise for exercise in load(LESSON).exercises if exercise.manual)
STUDENT, ANSWER, COMMENT = "noor", "The loss ended at 1.9, above the trigram landmark: the run was short.", "Which bend, and why?"
ATTACK = r"""

# Report

<script>stolen()</script><img src=x onerror=stolen()><svg onload=stolen()></svg><iframe srcdoc="stolen()"></iframe>
<form action="stolen()"><input></form><details ontoggle=stolen() open><a href="javascript:stolen()">here</a></details>

[a](javascript:stolen()) [b](data:text/html,stolen()) ![seen](https://example.org/stolen()) ![ok](data:image/png;base64,AAAA)
$\href{javascript:stolen()}{x}$ and $a_1 < b_2$
"""
CONFIG = """
from pathlib import Path
from autograder.nbgrader_settings import settings
c = get_config()
c.merge(settings(Path({folder!r})))
c.ServerApp.jpserver_extensions = {{"nbgrader.server_extensions.formgrader": True, "jupyterlab": False}}
"""


def grade_the_class(folder: Path, again: bool = False) -> None:
    settings = classroom.Settings(folder, class_key(folder), again=again)
    found = submissions.find(folder.parent / "handed_in")
    graded = list(classroom.grade(found, settings, ClassGradebook(folder), lambda: classroom.processes(1), 1))
    assert [submission.student for submission, _ in graded] == [STUDENT]


@pytest.fixture(scope="module")
def class_folder(sandboxed, tmp_path_factory) -> Path:
    """A class of one, who wrote a report and nothing else, graded once."""
    folder = tmp_path_factory.mktemp("by_hand")
    hand_in([Sample(STUDENT, LESSON, "", 0, answers=lambda lesson: {WRITTEN.name: ANSWER + ATTACK})], folder / "handed_in")
    (folder / "class").mkdir()
    grade_the_class(folder / "class")
    return folder / "class"


@pytest.fixture(scope="module")
def formgrader(class_folder):
    """The address of nbgrader's own formgrader, running on the class."""
    (class_folder / "jupyter_server_config.py").write_text(CONFIG.format(folder=str(class_folder)))
    (class_folder / "nbgrader_config.py").write_text(CONFIG.format(folder=str(class_folder)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(class_folder)}
    with open(class_folder / "server.txt", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options], cwd=class_folder, env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}/formgrader"
    try:
        wait_for(f"{address}/api/students", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(address: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(address, timeout=10).read()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer within 30 seconds")


def put(address: str, **what) -> dict:
    """What formgrader's page sends when a person has typed points or a comment."""
    request = urllib.request.Request(address, json.dumps(what).encode(), {"Content-Type": "application/json"}, method="PUT")
    return json.load(urllib.request.urlopen(request, timeout=30))


def the_grade(folder: Path):
    with ClassGradebook(folder).open() as gradebook:
        grade = gradebook.find_grade(WRITTEN.name, LESSON, LESSON, STUDENT)
        return grade.id, grade.auto_score, grade.manual_score, grade.needs_manual_grade


def exported(folder: Path):
    with ClassGradebook(folder).open() as gradebook:
        return exports.rows(gradebook, folder / "records", [LESSON])[0]


def page(folder: Path) -> str:
    record = read_record(folder, LESSON, STUDENT)
    with ClassGradebook(folder).open() as gradebook:
        return feedback.page(record, feedback.gradebook_scores(gradebook, STUDENT, LESSON))


def test_a_written_answer_waits_for_a_person_and_is_never_a_grade_of_0(class_folder):
    assert the_grade(class_folder)[1:] == (None, None, True)
    assert exported(class_folder).points is None and "by hand" in exported(class_folder).status


def test_a_students_text_does_nothing_on_formgraders_page(class_folder, formgrader):
    """The page is the instructor's, who may change grades there."""
    with ClassGradebook(class_folder).open() as gradebook:
        number = gradebook.find_submission_notebook(LESSON, LESSON, STUDENT).id
    shown = urllib.request.urlopen(f"{formgrader}/submissions/{number}/?index=0", timeout=30).read().decode()
    reading = Reading(shown)
    assert ANSWER in shown and "Report" in reading.text and "a_1 &lt; b_2" in shown
    assert ("src", "data:image/png;base64,AAAA") in reading.attributes
    assert [(name, value) for name, value in reading.attributes if "stolen" in (value or "")] == []
    assert not re.search(r"<script[^>]*>[^<]*stolen|\\\\href", shown)


def test_a_person_types_points_and_a_comment_in_a_browser(class_folder, formgrader):
    with ClassGradebook(class_folder).open() as gradebook:
        number = gradebook.find_submission_notebook(LESSON, LESSON, STUDENT).id
    with browser() as chromium:
        shown = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        dialogs = []
        shown.on("dialog", lambda dialog: dialogs.append(dialog.message))
        shown.goto(f"{formgrader}/submissions/{number}/?index=0")
        points = shown.locator(f"input.score[id='{WRITTEN.name}']")
        with shown.expect_response(lambda response: "/api/grade/" in response.url and response.request.method == "PUT"):
            points.fill(str(WRITTEN.points - 2))
            points.blur()
        shown.wait_for_timeout(300)  # what a student's text would do, it would have done by now
    assert not dialogs
    assert the_grade(class_folder)[1:] == (None, WRITTEN.points - 2, False)
    assert exported(class_folder).points == WRITTEN.points - 2


def test_what_formgrader_is_told_stays_when_the_class_is_graded_again_and_feedback_shows_both(class_folder, formgrader):
    number, *_ = the_grade(class_folder)
    assert put(f"{formgrader}/api/grade/{number}", manual_score=WRITTEN.points - 1)["needs_manual_grade"] is False
    with ClassGradebook(class_folder).open() as gradebook:
        comment = gradebook.find_comment(WRITTEN.name, LESSON, LESSON, STUDENT).id
    put(f"{formgrader}/api/comment/{comment}", manual_comment=COMMENT)
    grade_the_class(class_folder, again=True)
    assert the_grade(class_folder)[1:] == (None, WRITTEN.points - 1, False)
    row = exported(class_folder)
    assert (row.points, row.hand_grades) == (WRITTEN.points - 1, 1)
    shown = page(class_folder)
    assert ANSWER in shown and COMMENT in shown
    assert f"{WRITTEN.points - 1:g} of {WRITTEN.points:g}" in shown
    automatic = [test for test in read_record(class_folder, LESSON, STUDENT).tests if test.name != WRITTEN.name]
    assert automatic and all(test.name in shown for test in automatic)


def test_a_hand_grade_for_an_answer_that_was_changed_since_waits_for_another_look(class_folder, formgrader):
    number, *_ = the_grade(class_folder)
    put(f"{formgrader}/api/grade/{number}", manual_score=WRITTEN.points - 1)
    rewritten = Sample(STUDENT, LESSON, "", 0, answers=lambda lesson: {WRITTEN.name: f"{ANSWER} It was too short."})
    hand_in([rewritten], class_folder.parent / "handed_in")
    grade_the_class(class_folder)
    assert the_grade(class_folder)[1:] == (None, WRITTEN.points - 1, True)
    assert exported(class_folder).points is None
    assert "to be looked at again" in page(class_folder)
