"""A released notebook, alone, with other versions than ours: it installs the course, reaches its data, and checks the answers."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from test_grading import filled_in

from attention_course import data
from autograder.lessons import ROOT, load
from autograder.release import build
from tests import colab
from tests.colab import last_words

LESSON = "05_softmax"
KEPT = ("numpy", "torch", "matplotlib", "ipython", "ipykernel", "ipywidgets")

pytestmark = [
    pytest.mark.skipif(not shutil.which("git"), reason="there is no git: the course is installed from a repository"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this folder is no repository: there is nothing to publish"),
    pytest.mark.skipif(sys.platform == "win32", reason="torch is lent by links, which Windows does not make for everybody"),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return colab.publish(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module", params=colab.KERNELS)
def place(request, published, tmp_path_factory):
    return colab.make(tmp_path_factory.mktemp(request.param), colab.packages(request.param), published)


def checked(notebook, tmp_path) -> list[str]:
    """The lines that `autograder check` prints of it."""
    nbformat.write(notebook, tmp_path / f"{LESSON}.ipynb")
    command = [sys.executable, "-m", "autograder", "check", str(tmp_path / f"{LESSON}.ipynb")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"COLUMNS": "400"})
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(f"{tmp_path}/", "").replace(".ipynb", "").splitlines()


def test_a_notebook_alone_installs_the_course_and_checks_all_of_it(place, tmp_path):
    lesson, before = load(LESSON), place.versions()
    assert "attention-step-by-step" not in before
    solved = place.run(filled_in(lesson), tmp_path / "solved")
    errors = [output.evalue for cell in solved.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert not errors
    after = place.versions()
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
    assert last_words(solved) == checked(filled_in(lesson), tmp_path)
    assert last_words(solved)[-1] == f"{LESSON}: 10 of 10 points"
    blank = place.run(build(lesson), tmp_path / "blank")
    assert last_words(blank) == checked(build(lesson), tmp_path)
    assert last_words(blank)[-1] == f"{LESSON}: 0 of 10 points"
    assert rows_of("dates", place, tmp_path / "data") == len(data.load("dates"))


def rows_of(dataset: str, place, folder) -> int:
    """How many rows a data set has there."""
    question = nbformat.v4.new_code_cell(f"from attention_course import data\nprint(len(data.load({dataset!r})))")
    return int(last_words(place.run(nbformat.v4.new_notebook(cells=[question]), folder))[0])
