"""What pip installs is what is there, and what the lessons need on Colab comes with it."""

import subprocess
import sys
import tomllib
import zipfile

import pytest

from autograder.lessons import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_package_is_listed():
    listed = set(PROJECT["tool"]["setuptools"]["packages"]) - {"attention_course.datasets"}
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("attention_course", "autograder")
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".py", ".j2") and "__pycache__" not in path.parts
    }
    assert listed == found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_data_sets_and_templates_and_no_solution(wheel):
    names = wheel.namelist()
    assert "attention_course/check/compare.py" in names
    assert "autograder/templates/feedback.html.j2" in names
    data = {
        path.name for path in (ROOT / "datasets").glob("*") if path.suffix in (".jsonl", ".json", ".csv", ".npz", ".tsv", ".txt")
    }
    assert {f"attention_course/datasets/{name}" for name in data} <= set(names)
    assert not [name for name in names if "solutions" in name or "wrong_answers" in name]


def test_the_notebooks_dependencies_have_wide_ranges():
    """Colab keeps its own numpy and torch only if the ranges let it."""
    assert all(">=" in one and "==" not in one and "<" not in one for one in PROJECT["project"]["dependencies"])


def test_requirements_are_pinned_and_install_the_course():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "-e ."
    assert all("==" in line for line in lines[:-1])
    assert "torch==2.13.0" in lines
