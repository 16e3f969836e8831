"""The workflows and the pre-commit hooks are valid, name what is there, and let a clean tree pass and a dirty one not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from autograder.__main__ import app
from autograder.lessons import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HOOKS = ROOT / ".pre-commit-config.yaml"


def read(path: Path) -> dict:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def commands(path: Path) -> list[str]:
    """The lines that a workflow's steps run."""
    steps = [step for job in read(path)["jobs"].values() for step in job["steps"]]
    return [line for step in steps for line in step.get("run", "").splitlines()]


def hooks(folder: Path, *names: str, home: Path) -> subprocess.CompletedProcess:
    """Runs these hooks, or all, on all files of the repository in a folder, without a network."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PRE_COMMIT_HOME": str(home), "http_proxy": "http://127.0.0.1:9", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--config", str(HOOKS), *names]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture
def repository(tmp_path):
    """A repository with the project's settings and one notebook."""
    (tmp_path / "notebooks").mkdir()
    for name in ("pyproject.toml", "notebooks/00_start_here.ipynb"):
        shutil.copy(ROOT / name, tmp_path / name)
    git(tmp_path, "init", "--quiet")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_fits_githubs_schema(path):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_is_there(path):
    lines = "\n".join(commands(path))
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    assert {target for line in re.findall(r"\bmake (.+)", lines) for target in line.split()} <= set(targets)
    assert set(re.findall(r"-m autograder (\w+)", lines)) <= set(get_command(app).commands)
    named = set(re.findall(r"(?:tests/[\w./]+|\w+\.txt)", lines)) - {"newest.txt"}  # which the step itself writes
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_python_that_the_project_allows_is_tested_on_every_system():
    matrix = read(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]["tests"]["strategy"]["matrix"]
    assert [system.split("-")[0] for system in matrix["system"]] == ["ubuntu", "macos", "windows"]
    assert 'requires-python = ">=3.11,<3.14"' in (ROOT / "pyproject.toml").read_text()
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_the_weekly_run_unpins_every_package(tmp_path):
    (line,) = [line for line in commands(ROOT / ".github" / "workflows" / "newest.yml") if line.startswith("sed")]
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    subprocess.run(["bash", "-c", line], cwd=tmp_path, check=True)
    pinned = re.findall(r"^([A-Za-z].*)==", (ROOT / "requirements.txt").read_text(), re.M)
    packages = [one for one in (tmp_path / "newest.txt").read_text().splitlines() if one and not one.startswith("#")]
    assert packages == pinned


def test_the_hooks_are_valid_and_need_no_network():
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(HOOKS)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stdout
    assert {repo["repo"] for repo in read(HOOKS)["repos"]} == {"local"}


def test_the_hooks_pass_on_what_is_here(tmp_path):
    if not (ROOT / ".git").exists():
        pytest.skip("pre-commit works in a git repository, and this folder is none")
    found = hooks(ROOT, home=tmp_path)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("name", "file", "before", "after"),
    [
        ("ruff-check", "new.py", "", "import os\n"),
        ("ruff-format", "new.py", "", "x = {'a' : 1}\n"),
        ("no-outputs", "notebooks/00_start_here.ipynb", '"execution_count": null', '"execution_count": 3'),
    ],
)
def test_a_hook_stops_what_it_is_there_for(repository, tmp_path_factory, name, file, before, after):
    git(repository, "add", ".")
    home = tmp_path_factory.mktemp("home")
    assert hooks(repository, name, home=home).returncode == 0
    path = repository / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(text.replace(before, after, 1) if before else after, encoding="utf-8")
    git(repository, "add", ".")
    found = hooks(repository, name, home=home)
    assert found.returncode == 1 and path.name in found.stdout
