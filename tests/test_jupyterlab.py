"""A student in JupyterLab, in a real browser: an answer typed, tested, mended, validated, fetched and submitted.

python tests/test_jupyterlab.py FOLDER     # the pictures of README and guides, taken on the same way
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import submissions
from autograder.lessons import ROOT, load
from tests.chromium import browser
from tests.jupyterlab import PATIENCE, OpenNotebook, lab

LESSON, COURSE, DESK = "05_softmax", "attention", {"width": 1400, "height": 900}
SOLUTION = {exercise.name: exercise.solution for exercise in load(LESSON).exercises}
RIGHT, WRONG = SOLUTION["softmax"], SOLUTION["softmax"].replace("axis=axis", "axis=None")
TEST, PROPERTY = "check.unchanged(softmax", "This does not hold: every row is dealt shares of its own."


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A student's folder with the lesson, and an exchange in which the lesson is released."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "work").mkdir()
    shutil.copy(ROOT / "notebooks" / f"{LESSON}.ipynb", folder / "work")
    _release(folder)
    return folder


def _release(folder: Path) -> None:
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)
    released = folder / "course" / "release" / LESSON / f"{LESSON}.ipynb"
    released.parent.mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / f"{LESSON}.ipynb", released)
    options = [f"--CourseDirectory.root={folder / 'course'}", f"--Exchange.root={folder / 'exchange'}", "--course", COURSE]
    command = [sys.executable, "-m", "nbgrader", "release_assignment", LESSON, *options]
    subprocess.run(command, cwd=folder / "course", check=True, capture_output=True)


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def address(place, chromium):
    with lab(place, place / "exchange") as at:
        yield at


def test_an_answer_is_typed_tested_mended_and_validated(chromium, address):
    page = chromium.new_context(viewport=DESK).new_page()
    opened = OpenNotebook(page, address, f"{LESSON}.ipynb")
    for setup in ("import attention_course", "import matplotlib.pyplot"):
        assert opened.run(setup) == ""
    opened.write("def softmax(", WRONG)
    assert opened.run("def softmax(") == ""
    said = opened.run(TEST)
    assert said.startswith(PROPERTY) and "Expected at [0, 0]: 0.125" in said and "Traceback" not in said
    opened.write("def softmax(", RIGHT)
    opened.run("def softmax(")
    assert opened.run(TEST) == ""
    assert "The following cell failed" in opened.validate() or "cells failed" in opened.validate()
    for name, solution in SOLUTION.items():
        opened.write(f"def {name}(", solution)
    assert "Success! Your notebook passes all the tests." in opened.validate()


def test_a_lesson_is_fetched_and_submitted_and_found_by_the_grader(chromium, address, place):
    page = chromium.new_context(viewport=DESK).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/lab?reset")
    page.wait_for_selector(".jp-Launcher")
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
    for name in ("Fetch", "Submit"):
        with page.expect_response(lambda response, name=name: f"assignments/{name.lower()}" in response.url) as answered:
            page.locator("button", has_text=name).first.click()
        assert answered.value.json()["success"]
    fetched = place / "work" / LESSON / f"{LESSON}.ipynb"
    assert fetched.read_bytes() == (ROOT / "notebooks" / f"{LESSON}.ipynb").read_bytes()
    (found,) = submissions.find(place / "exchange", None)  # not what is released there
    assert found.lesson == LESSON and found.data() == fetched.read_bytes() and not found.problem


def test_formgrader_and_the_other_tools_are_in_the_menu(chromium, address):
    page = chromium.new_context(viewport=DESK).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/lab?reset")
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    assert {"Assignment List", "Formgrader"} <= set(page.locator(".lm-Menu").inner_text().replace("\t", "").splitlines())
