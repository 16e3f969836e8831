"""One submission on Gradescope: `python -m autograder.exports.gradescope.run HOME LESSON`, from `run_autograder`.

The student's code runs in the sandbox where the container allows one; else as another user, in reach of neither the hidden
tests, nor the class secret, nor the results. Without a single test that could be judged no results are written, which is how
Gradescope knows that there is no grade; the reason is printed.
"""

import json
import os
import stat
import sys
from pathlib import Path

from autograder.class_secret import class_key
from autograder.exports.gradescope.results import results
from autograder.grading import Grader
from autograder.lessons import load
from autograder.one_submission import NoGrade, grade_folder
from autograder.sandbox import bubblewrap
from autograder.trouble import Trouble


def run(home: Path, name: str) -> Path:
    """Grade what lies in HOME/submission and write HOME/results/results.json; the file. Raises NoGrade."""
    _close(home)
    walls = os.environ.get("AUTOGRADER_SANDBOX") or ("container" if bubblewrap.reason() else "bubblewrap")
    lesson = load(name)
    with Grader(walls, class_key(home / "source" / "class")) as grader:
        record = grade_folder(home / "submission", lesson, grader)
    if all(result.points is None for result in record.tests):
        reasons = dict.fromkeys(result.message for result in record.ungraded)
        raise NoGrade(record.error or f"Nothing could be graded: {'; '.join(reasons)}")
    file = home / "results" / "results.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results(record), indent=1), encoding="utf-8")
    return file


def _close(home: Path) -> None:
    """Take from all other users what they must not read or write, whatever the archive was unpacked with."""
    for place in (home / "source" / "class", home / "source" / "course" / "solutions", home / "submission", home / "results"):
        if place.is_dir():
            place.chmod(stat.S_IRWXU)
    for file in home.glob("*.json"):  # what Gradescope tells of the submission
        file.chmod(stat.S_IRUSR | stat.S_IWUSR)


if __name__ == "__main__":
    try:
        print(f"Wrote {run(Path(sys.argv[1]), sys.argv[2])}.")
    except Trouble as trouble:
        print(trouble)
        sys.exit(trouble.status)
