"""A copy of the course with lessons of a test's own, and its commands, with patience of the test's choice."""

import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from autograder.lessons import ROOT
from autograder.sandbox import Limits

COPIED = ("autograder", "attention_course", "pyproject.toml")
# Workers import the program that started them, and so have the same limits.
PROGRAM = """
from autograder.sandbox import kernel, limits

limits.Limits.__init__.__defaults__ = {defaults!r}
kernel.GRACE = {grace!r}

if __name__ == "__main__":
    from autograder.__main__ import main

    main()
"""


def copy_course(root: Path, limits: Limits, grace: float) -> Path:
    """The course's code in a folder of its own, without lessons. limits, grace: in place of the grader's own."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root)
    (root / "grader.py").write_text(PROGRAM.format(defaults=tuple(asdict(limits).values()), grace=grace))
    return root


def autograder(root: Path, *arguments, seconds: float = 300, **variables) -> subprocess.CompletedProcess:
    """Run a command of the copy."""
    environment = os.environ | {"PYTHONPATH": str(root), "COLUMNS": "160", "OMP_NUM_THREADS": "1"} | variables
    command = [sys.executable, root / "grader.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=root, env=environment)
