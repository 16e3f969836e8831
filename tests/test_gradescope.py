"""The archive for Gradescope grades a lesson by itself, in the published format, and keeps its secrets from what it grades."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from nbformat import writes
from nbformat.v4 import new_code_cell
from test_as_user import PACKAGES, as_nobody
from test_grading import as_bytes, filled_in

from autograder.class_secret import PUBLIC, class_key
from autograder.commands.results import write_archives
from autograder.exports.gradescope import archive, results, write
from autograder.lessons import ROOT, load
from autograder.records import Record
from autograder.release import build
from autograder.trouble import Trouble
from tests.sample_records import hostile_record, record

LESSON = "05_softmax"
SCHEMA = json.loads((ROOT / "autograder" / "exports" / "gradescope" / "results.schema.json").read_text())
SPY = """
import json, os, pathlib, signal, socket, subprocess
def tried(what):
    try:
        return str(what())[:200]
    except Exception as error:
        return type(error).__name__
home = pathlib.Path({home!r})
grader = os.getppid()
found = dict(
    user=os.getuid(),
    solution=tried(lambda: (home / "source/course/solutions/05_softmax.py").read_text()),
    secret=tried(lambda: (home / "source/class/secret.key").read_text()),
    listing=tried(lambda: os.listdir(home / "source/course/solutions")),
    results=tried(lambda: (home / "results/results.json").write_text("{{}}")),
    planted=tried(lambda: (home / "source/course/attention_course/planted.py").write_text("")),
    metadata=tried(lambda: (home / "submission_metadata.json").read_text()),
    memory=tried(lambda: open(f"/proc/{{grader}}/mem", "rb").read(1)),
    environ=tried(lambda: open(f"/proc/{{grader}}/environ", "rb").read()),
    killed=tried(lambda: os.kill(grader, signal.SIGTERM)),
    root=tried(lambda: os.setuid(0)),
    network=tried(lambda: socket.socket(socket.AF_INET)),
    daemon=tried(lambda: subprocess.Popen(["sleep", "{seconds}"], start_new_session=True).pid),
)
pathlib.Path({told!r}, "told.json").write_text(json.dumps(found))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return write(load(LESSON), PUBLIC, tmp_path_factory.mktemp("archive") / "05.zip")


@pytest.fixture
def home(built):
    """Gradescope's folders, with the archive unpacked as `unzip` does it, in a place that every user can get to."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        for name in ("source", "submission", "results"):
            Path(place, name).mkdir()
        with zipfile.ZipFile(built) as packed:
            for member in packed.infolist():
                Path(packed.extract(member, Path(place, "source"))).chmod(member.external_attr >> 16 & 0o777)
        Path(place, "submission_metadata.json").write_text('{"email": "ada@example.org"}')
        yield Path(place)


@pytest.fixture(scope="module")
def everybodys_python():
    """A Python of this version, with these packages, that every user may run."""
    if os.geteuid() != 0:
        pytest.skip("only root can give each submission a user id of its own")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        if os.path.exists(candidate):
            try:
                if as_nobody([candidate, "-c", "import numpy, torch, ipykernel"], Path("/")).returncode == 0:
                    return candidate
            except PermissionError:
                continue
    pytest.skip(f"no {version} here that every user may run")


def grade(home: Path, python=sys.executable, walls="") -> tuple[subprocess.CompletedProcess, dict | None]:
    variables = os.environ | {"AUTOGRADER_HOME": str(home), "AUTOGRADER_PYTHON": python, "AUTOGRADER_SANDBOX": walls}
    command = [home / "source" / "run_autograder"]
    done = subprocess.run(command, env=variables | {"PYTHONPATH": PACKAGES}, capture_output=True, text=True, timeout=300)
    file = home / "results" / "results.json"
    found = json.loads(file.read_text()) if file.exists() else None
    if found is not None:
        jsonschema.validate(found, SCHEMA)
    return done, found


def solved() -> bytes:
    return as_bytes(filled_in(load(LESSON)))


def test_a_right_notebook_gets_all_points(home, sandboxed):
    (home / "submission" / "anything.ipynb").write_bytes(solved())
    done, found = grade(home)
    assert done.returncode == 0, done.stderr
    assert (found["score"], found["extra_data"]["sandbox"], found["extra_data"]["seeds"]) == (10, "bubblewrap", PUBLIC.id)
    assert sum(test["max_score"] for test in found["tests"]) == 10
    assert {test["status"] for test in found["tests"]} == {"passed"}


def test_without_walls_a_submission_is_another_user_who_reaches_nothing(home, everybodys_python):
    told = home / "told"
    told.mkdir()
    told.chmod(0o777)
    seconds = f"5{os.getpid()}"  # tells this run's process from any other
    notebook = filled_in(load(LESSON))
    notebook.cells.insert(1, new_code_cell(SPY.format(home=str(home), told=str(told), seconds=seconds)))
    (home / "submission" / f"{LESSON}.ipynb").write_text(writes(notebook))
    done, found = grade(home, everybodys_python, "container")
    assert (found["score"], found["extra_data"]["sandbox"]) == (10, "container"), done.stdout + done.stderr
    said = json.loads((told / "told.json").read_text())
    assert said.pop("user") > 1000 and said.pop("daemon").isdigit() and said.pop("network") == "OSError"
    assert set(said.values()) == {"PermissionError"}, said
    time.sleep(0.2)
    assert not any(seconds in command for command in _commands())


def _commands() -> list[str]:
    """The command lines of all processes."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_text(errors="replace"))
    return found


def test_a_broken_answer_keeps_the_points_of_the_others(home, sandboxed):
    notebook = filled_in(load(LESSON))
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "entropy":
            cell.source = "def entropy(weights, axis=-1):\n    import os\n    os._exit(3)"
    (home / "submission" / f"{LESSON}.ipynb").write_text(writes(notebook))
    _, found = grade(home)
    (left,) = [test for test in found["tests"] if "score" not in test]
    assert left["name"].startswith("entropy_values (not graded") and "status" not in left
    assert found["score"] == sum(test["score"] for test in found["tests"] if "score" in test) > 0
    assert "This is not a grade of 0" in found["output"]


@pytest.mark.parametrize("name, data, said", [("a.py", b"1", "No notebook"), ("a.ipynb", b"no notebook", "not")])
def test_without_a_notebook_there_is_no_grade(home, sandboxed, name, data, said):
    (home / "submission" / name).write_bytes(data)
    done, found = grade(home)
    assert done.returncode == 1 and found is None and said in done.stdout


def test_of_several_notebooks_the_lessons_is_graded_and_told(home, sandboxed):
    (home / "submission" / "notes.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    (home / "submission" / "work.ipynb").write_bytes(solved())
    _, found = grade(home)
    assert found["score"] == 10 and "There are 2 notebooks: work.ipynb was graded." in found["output"]


def test_the_archive_holds_the_lesson_and_what_it_takes_from_others_and_no_more(built):
    names = zipfile.ZipFile(built).namelist()
    assert {"setup.sh", "run_autograder", "class/secret.key", "course/requirements.txt"} <= set(names)
    assert [name for name in names if "solutions/" in name] == ["course/solutions/05_softmax.py"]
    assert {name.split("/")[1] for name in names if name.startswith("course/") and name.count("/") > 1} == {
        "attention_course",
        "autograder",
        "datasets",
        "solutions",
    }
    needed = archive.needed_lessons("11_causal_attention")
    assert "10_multi_head_attention" in needed and LESSON not in needed


def test_only_its_owner_reads_the_archive_and_the_secret_in_it(built):
    assert built.stat().st_mode & 0o777 == 0o600
    modes = {member.filename: member.external_attr >> 16 & 0o777 for member in zipfile.ZipFile(built).infolist()}
    assert modes["class/secret.key"] == modes["course/solutions/05_softmax.py"] == 0o600
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755


def test_the_same_lesson_gives_the_same_bytes(built, tmp_path):
    assert write(load(LESSON), PUBLIC, tmp_path / "again.zip").read_bytes() == built.read_bytes()


def test_the_archive_has_the_classs_secret(tmp_path):
    write_archives([LESSON], tmp_path / "one.zip", tmp_path / "class")
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        packed.extract("class/secret.key", tmp_path / "out")
    assert class_key(tmp_path / "out" / "class") == class_key(tmp_path / "class")


def test_many_lessons_go_into_a_folder(tmp_path):
    with pytest.raises(Trouble, match="one archive for 2 lessons"):
        write_archives([LESSON, "00_start_here"], tmp_path / "x.zip", tmp_path / "class")
    write_archives([LESSON, "00_start_here"], None, tmp_path / "class")
    assert {path.name for path in (tmp_path / "class" / "gradescope").iterdir()} == {f"{LESSON}.zip", "00_start_here.zip"}


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_read_by_the_shell(built, tmp_path, script):
    path = Path(zipfile.ZipFile(built).extract(script, tmp_path))
    assert subprocess.run([shutil.which("bash"), "-n", path]).returncode == 0


@pytest.mark.parametrize("kept", [record(), hostile_record(), Record(LESSON)], ids=["every outcome", "hostile", "empty"])
def test_every_record_makes_valid_results(kept):
    found = json.loads(json.dumps(results(kept)))
    jsonschema.validate(found, SCHEMA)
    assert found["score"] == kept.points


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"tests": []},
        {"tests": [{"name": "no score"}]},
        {"score": "10"},
        {"score": 1, "visibility": "shown"},
        {"score": 1, "tests": [{"score": 1, "status": "ungraded"}]},
        {"score": 1, "points": 1},
    ],
)
def test_the_schema_refuses_what_is_not_the_format(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_a_blank_notebook_gets_no_points_and_is_told_why(home, sandboxed):
    (home / "submission" / f"{LESSON}.ipynb").write_text(writes(build(load(LESSON))))
    _, found = grade(home)
    assert found["score"] == 0 and all("has no answer yet" in test["output"] for test in found["tests"])
