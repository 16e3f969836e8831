"""The processes that grade have imported what they need before they are there, and nothing that they do not need."""

import json
import os
import subprocess
import sys

import pytest

from autograder.lessons import ROOT

PROGRAM = """
import json, sys
from autograder import workers

if __name__ == "__main__":
    workers.get_ready(["05_softmax"])
    with workers.processes(2) as pool:
        print(json.dumps(pool.submit(eval, "sorted(__import__('sys').modules)").result()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are not forked, and each imports for itself")
def test_a_process_that_grades_begins_with_what_its_lessons_import_and_without_nbgrader(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    modules = set(json.loads(done.stdout))
    assert {"numpy", "attention_course.check", "autograder.grading"} <= modules
    assert not {"nbgrader", "sqlalchemy", "torch"} & modules
