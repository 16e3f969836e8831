"""Each lesson runs from top to bottom without a warning; what trains or measures time is in `make lessons`."""

import os
import subprocess
import sys

import pytest

from autograder.lesson_source import tags
from autograder.lessons import ROOT, lesson_names, load


@pytest.mark.parametrize("lesson", lesson_names())
def test_a_lesson_runs_without_a_warning(lesson, tmp_path):
    cells = [cell for cell in load(lesson).notebook.cells if cell.cell_type == "code" and "skip-execution" not in tags(cell)]
    script = tmp_path / "lesson.py"
    script.write_text("\n\n".join(cell.source for cell in cells), encoding="utf-8")
    quiet = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}
    run = [sys.executable, "-W", "error", str(script)]
    done = subprocess.run(run, env=os.environ | quiet, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
