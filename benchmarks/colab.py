"""Runs every released lesson, solved, alone, as on Colab: with the oldest versions that the course allows, and the newest.

python benchmarks/colab.py                        # all lessons; trainings are left out
python benchmarks/colab.py 05_softmax --training --versions newest

Each notebook stands alone in an empty folder, installs the course from a local repository that stands in for GitHub, and checks
itself in its last cell. PyTorch is the one that is installed here. Exits with 1 if anything failed or warned.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from test_grading import filled_in  # noqa: E402

from autograder.lessons import lesson_names, load  # noqa: E402
from tests import colab  # noqa: E402

SHOWN = ("numpy", "matplotlib", "ipython", "ipykernel", "torch")
TRAINING = "skip-execution"  # the last cell has it, too, and is run all the same


def main() -> None:
    """Print a line per lesson and set of versions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", default=lesson_names(), metavar="LESSON", help="only these (default: all)")
    parser.add_argument("--versions", choices=[*colab.KERNELS], action="append", help="only these (default: both)")
    parser.add_argument("--training", action="store_true", help="run the cells that train and take times, too")
    wanted = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        published = colab.publish(Path(folder, "published"))
        for versions in wanted.versions or colab.KERNELS:
            place = colab.make(Path(folder, versions), colab.packages(versions), published)
            installed = place.versions()
            print(f"\n{versions}: {', '.join(f'{name} {installed[name]}' for name in SHOWN)}\n")
            print("| lesson | seconds | it says last | what went wrong |")
            print("| --- | --- | --- | --- |")
            for lesson in wanted.lessons:
                began = time.perf_counter()
                notebook = filled_in(load(lesson))
                notebook.cells[-1].metadata.tags = []
                notebook = place.run(notebook, Path(folder, f"{versions}_{lesson}"), "" if wanted.training else TRAINING)
                seconds = time.perf_counter() - began
                last = (colab.last_words(notebook) or ["nothing"])[-1]
                wrong = _wrong(notebook)
                points = sum(exercise.points for exercise in load(lesson).exercises if not exercise.manual)
                failed |= bool(wrong) or f": {points:g} of " not in last
                print(f"| {lesson} | {seconds:.0f} | {last} | {'; '.join(wrong) or 'nothing'} |", flush=True)
                place.leave()
    sys.exit(failed)


def _wrong(notebook) -> list[str]:
    """The exceptions, and the warnings, as their last lines."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    raised = [f"{one.ename}: {one.evalue.splitlines()[0] if one.evalue else ''}" for one in outputs if one.output_type == "error"]
    warned = [one.text for one in outputs if one.get("name") == "stderr" and "Warning" in one.text]
    return raised + [next(line for line in text.splitlines() if "Warning" in line) for text in warned]


if __name__ == "__main__":
    main()
