"""The same walls where the grader is an ordinary user, who has user namespaces in place of root's privileges."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534
NEEDED = ("autograder", "attention_course", "datasets", "solutions", "pyproject.toml")
PACKAGES = os.pathsep.join(place for place in sys.path if place.endswith("-packages"))


def as_nobody(command: list[str], folder: Path, **options) -> subprocess.CompletedProcess:
    variables = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": f"{folder}{os.pathsep}{PACKAGES}", "OMP_NUM_THREADS": "1"}
    settings = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": folder, "env": variables}
    return subprocess.run(command, capture_output=True, text=True, **settings, **options)


@pytest.fixture(scope="module")
def folder():
    """A copy of what is needed, where everybody may read it."""
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        for name in NEEDED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, Path(place, name), ignore=shutil.ignore_patterns("__pycache__"))
            elif (ROOT / name).exists():
                shutil.copy(ROOT / name, place)
        shutil.copytree(ROOT / "tests", Path(place, "tests"), ignore=shutil.ignore_patterns("__pycache__", "*_answers"))
        yield Path(place)


@pytest.fixture(scope="module")
def python(folder):
    """An interpreter of this version, with these packages, that everybody may run."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        if os.path.exists(candidate):
            try:
                tried = as_nobody([candidate, "-c", "import numpy, torch, ipykernel, pytest"], folder)
            except PermissionError:
                continue
            if tried.returncode == 0:
                return candidate
    pytest.skip(f"no {version} here that an ordinary user may run")


@pytest.fixture(scope="module")
def sandboxed(python, folder):
    """Skips where an ordinary user has no sandbox, and says why."""
    said = as_nobody([python, "-c", "from autograder.sandbox import bubblewrap; print(bubblewrap.reason())"], folder)
    if said.stdout.strip():
        pytest.skip(f"an ordinary user has no sandbox here: {said.stdout.strip()}")


def assert_pass(python, folder, *arguments):
    done = as_nobody([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments], folder, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_walls_stand_where_an_ordinary_user_grades(sandboxed, python, folder):
    assert_pass(python, folder, *[f"tests/test_{name}.py" for name in ("sandbox", "sandbox_limits", "sandbox_life")])


# Those whose harm depends on what the operating system allows an ordinary user.
REACHING_OUT = """
    closed_descriptors crowd endless_message every_name fork_bomb full_disk greedy inherited_descriptors inodes left_on_disk
    namespaces neighbours own_memory process_memory shared_memory signals sockets thawed_objects
""".split()


def test_hostile_work_reaches_nothing_where_an_ordinary_user_grades(sandboxed, python, folder):
    assert_pass(python, folder, "tests/test_hostile.py", "-k", " or ".join(REACHING_OUT))
