"""A lesson's source, hidden tests included, in the version of the course that is installed.

It is no part of what is installed: on a class's server everybody can read the installation, and it would hold all answers.
"""

import importlib.metadata
import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = Path(__file__).resolve().parents[1]
DISTRIBUTION = "attention-step-by-step"
SECONDS = 120  # for the repository to answer


class NotToBeHad(Exception):
    """A source that cannot be had, in one sentence that says what to do instead."""


@cache
def source(name: str) -> str:
    """The lesson's source: from the checkout that this package lies in, else from the commit that pip installed it from."""
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", name):
        raise NotToBeHad(f"{name!r} is no lesson: write its name as in check.lesson('05_softmax').")
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return _beside(PACKAGE.parent / "solutions" / f"{name}.py")
    address, commit = _origin()
    try:
        with TemporaryDirectory() as folder:
            _git(folder, "init", "--quiet", "--bare")
            _git(folder, "fetch", "--quiet", "--depth", "1", address, commit)
            return _git(folder, "show", f"FETCH_HEAD:solutions/{name}.py")
    except FileNotFoundError:
        reason = "git is not installed"
    except subprocess.TimeoutExpired:
        reason = "it does not answer"
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if said else "git gives no reason"
    raise NotToBeHad(f"{name} could not be fetched from {address} ({reason}); the tests under the exercises work without it.")


def _beside(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise NotToBeHad(f"There is no {path.stem} in this copy of the course; its lessons are in {path.parent}.") from None


def _origin() -> tuple[str, str]:
    """The repository and the commit that pip has noted."""
    try:
        noted = importlib.metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        noted = None
    origin = json.loads(noted or "{}")
    commit = origin.get("vcs_info", {}).get("commit_id")
    if not commit:
        raise NotToBeHad(
            "This installation of the course does not say which commit it is, so its hidden tests cannot be fetched; "
            "`python -m autograder check` runs them in a copy of the course's repository."
        )
    return origin["url"], commit


def _git(folder: str, *arguments: str) -> str:
    """What git prints. It never asks for a password."""
    variables = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-C", folder, *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=SECONDS, env=variables).stdout.decode()
