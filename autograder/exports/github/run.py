"""One submission in a GitHub workflow: `python -m autograder.exports.github.run FOLDER LESSON`.

Tells the next step each exercise's results, as outputs called like the exercises. Where a test could not be judged there are no
results and the step fails: Classroom would count the missing points as lost. Random inputs are drawn from the public seed: the
class's secret has no place where students can get at it.
"""

import base64
import json
import os
import sys
from pathlib import Path

from autograder.exports.github.results import results, summary
from autograder.grading import Grader
from autograder.lessons import load
from autograder.one_submission import NoGrade, grade_folder
from autograder.trouble import Trouble


def run(folder: Path, name: str) -> None:
    """Grade what lies in the folder and tell GitHub. Raises NoGrade."""
    lesson = load(name)
    with Grader() as grader:
        record = grade_folder(folder, lesson, grader)
    text = summary(record)
    print(text)
    _append("GITHUB_STEP_SUMMARY", text)
    if record.error:
        raise NoGrade(record.error)
    if record.ungraded:
        reasons = "; ".join(f"{test.name}: {test.message}" for test in record.ungraded)
        raise NoGrade(f"Not everything could be graded, so no points are reported ({reasons})")
    for exercise, found in results(record).items():
        _append("GITHUB_OUTPUT", f"{exercise}={base64.b64encode(json.dumps(found).encode()).decode()}\n")


def _append(variable: str, text: str) -> None:
    """Add to a file that GitHub names; elsewhere there is none."""
    if variable in os.environ:
        with open(os.environ[variable], "a", encoding="utf-8") as stream:
            stream.write(text)


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]), sys.argv[2])
    except Trouble as trouble:
        print(f"::error::{' '.join(str(trouble).split())}")
        sys.exit(trouble.status)
