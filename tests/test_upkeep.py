"""What keeps the course in order: the hooks that look at a commit, the workflows that test on GitHub."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograder.lessons import ROOT
from tests.workflow_files import complaints, is_read_by_the_shell, missing, read, scripts

CONFIG = ROOT / ".pre-commit-config.yaml"
HOOKS = {hook["id"]: hook for repository in read(CONFIG.read_text())["repos"] for hook in repository["hooks"]}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TESTS, NEWEST = (read((ROOT / ".github" / "workflows" / name).read_text()) for name in ("tests.yml", "newest.yml"))
NOTEBOOK = ROOT / "notebooks" / "00_start_here.ipynb"


def ran(notebook: str) -> str:
    """The notebook with one code cell as if it had been run."""
    data = json.loads(notebook)
    cell = next(cell for cell in data["cells"] if cell["cell_type"] == "code")
    cell["execution_count"] = 3
    return json.dumps(data, indent=1) + "\n"


# What each hook must stop, and what it must let through: a file's name and its text.
BAD = {
    "ruff-check": ("lint.py", "import os\n"),
    "ruff-format": ("layout.py", "x = [1,2]\n"),
    "no-outputs": ("ran.ipynb", ran(NOTEBOOK.read_text(encoding="utf-8"))),
    "no-large-files": ("large.bin", "x" * 1_600_000),
    "ends-of-files": ("end.txt", "no line end"),
    "no-conflict-markers": ("conflict.txt", f"{'<' * 7} HEAD\na\n{'=' * 7}\nb\n{'>' * 7} other\n"),
}
GOOD = {"lint.py": 'X = "a"\n', "blank.ipynb": NOTEBOOK.read_text(encoding="utf-8"), "end.txt": "a line\n", "small.bin": "x\n"}


@pytest.fixture(scope="module")
def pre_commit(tmp_path_factory):
    """Runs hooks on files in a repository of their own; nothing but the environment's programs is there to be had."""
    home = tmp_path_factory.mktemp("home")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    offline = {"PIP_NO_INDEX": "1", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    variables = os.environ | offline | {"PRE_COMMIT_HOME": str(home / "store"), "PATH": path, "SKIP": "release"}

    def run(files: dict[str, str], *hook: str) -> subprocess.CompletedProcess:
        folder = tmp_path_factory.mktemp("repository")
        for name in (CONFIG.name, "pyproject.toml"):
            (folder / name).write_bytes((ROOT / name).read_bytes())
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for command in (["git", "init", "-q"], ["git", "add", "."]):
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
        if "no-conflict-markers" in hook:  # looked for while a merge goes on
            (folder / ".git" / "MERGE_MSG").write_text("Conflicts:\n")
            (folder / ".git" / "MERGE_HEAD").write_text("0" * 40 + "\n")
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", *hook]
        return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120)

    return run


def test_the_hooks_let_good_files_through(pre_commit):
    done = pre_commit(GOOD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == len(HOOKS) - 1 and "Skipped" in done.stdout


@pytest.mark.parametrize("hook", BAD)
def test_each_hook_stops_what_it_is_for(pre_commit, hook):
    name, text = BAD[hook]
    done = pre_commit({name: text}, hook)
    assert done.returncode == 1 and "Failed" in done.stdout and "not found" not in done.stdout, done.stdout + done.stderr


def test_every_hook_is_tried_above_or_is_the_release():
    assert set(HOOKS) == set(BAD) | {"release"}


def test_hooks_are_programs_of_the_environment_and_download_nothing():
    assert {repository["repo"] for repository in read(CONFIG.read_text())["repos"]} == {"local"}
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}
    assert not [problem for hook in HOOKS.values() for problem in missing(hook["entry"])]


def test_the_release_is_checked_when_anything_changes_that_it_is_made_of():
    (pattern,) = (hook["files"] for hook in HOOKS.values() if hook["id"] == "release")
    for name in ("solutions/05_softmax.py", "notebooks/05_softmax.ipynb", "pyproject.toml", "autograder/release.py"):
        assert re.search(pattern, name)
    assert not HOOKS["release"]["pass_filenames"] and not re.search(pattern, "README.md")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_workflows_are_workflows(path):
    assert not complaints(path)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_of_their_steps_is_there(path):
    for script in scripts(path.read_text()):
        assert is_read_by_the_shell(script) and not missing(script), script


@pytest.mark.parametrize(
    "script, what",
    [
        ("make nothing", "make nothing"),
        ("python -m no_such_module", "python -m no_such_module"),
        ("python -m autograder nothing", "python -m autograder nothing"),
        ("python -m autograder release --nothing", "python -m autograder release --nothing"),
        ("if [ -e x ]; then\n  no-such-program x\nfi", "no-such-program"),
    ],
)
def test_what_is_not_there_is_noticed(script, what):
    assert missing(script) == [what]


def test_all_pythons_are_tested_on_all_systems():
    spoken = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert spoken == ">=3.11,<3.14"
    matrices = [job["strategy"]["matrix"] for job in TESTS["jobs"].values()]
    assert [matrix["python"] for matrix in matrices] == [["3.11", "3.12", "3.13"]] * 2
    machines = {TESTS["jobs"]["linux"]["runs-on"]} | {
        one["machine"] for one in TESTS["jobs"]["elsewhere"]["strategy"]["matrix"]["include"]
    }
    assert {machine.split("-")[0] for machine in machines} == {"ubuntu", "macos", "windows"}


def test_the_newest_versions_are_installed_without_a_pin_and_with_all_that_is_pinned(tmp_path):
    """The weekly run unpins requirements.txt by its first line, which is run here."""
    (script,) = (step["run"] for step in NEWEST["jobs"]["newest"]["steps"] if "newest.txt" in step.get("run", ""))
    first, second, *_ = script.splitlines()
    (tmp_path / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    subprocess.run(["bash", "-e", "-c", first], cwd=tmp_path, check=True)
    names = (tmp_path / "newest.txt").read_text().split()
    assert {"numpy", "torch", "jupyterlab", "nbgrader", "pytest", "psycopg[binary]"} <= set(names)
    assert not [name for name in names if "=" in name] and "-e" not in names
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f".[{','.join(project['optional-dependencies'])}]" in shlex.split(second)


def test_the_newest_versions_are_tried_every_week():
    (when,) = NEWEST[True if True in NEWEST else "on"]["schedule"]
    minute, hour, day, month, weekday = when["cron"].split()
    assert (day, month) == ("*", "*") and weekday != "*" and minute.isdigit() and hour.isdigit()
