"""Grades the same class with stock `nbgrader autograde` and with this grader, and prints seconds, ratio and memory.

python benchmarks/grading.py                            # a class of 30, lessons 05 and 10, both graders
python benchmarks/grading.py --size 100 1000 --ours 05_softmax    # a small and a large class, this grader alone
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from itertools import cycle, product
from pathlib import Path

import nbformat
import psutil

from autograder.answers import read_answers
from autograder.lessons import ROOT, load
from autograder.sample_class import Sample, hand_in, solutions

CONFIG = """
c = get_config()
c.CourseDirectory.root = {folder!r}
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError()"}}
"""
MB = 1 << 20


def main() -> None:
    """Print a table: a line per lesson and grader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", default=["05_softmax", "10_multi_head_attention"], metavar="LESSON")
    parser.add_argument("--size", type=int, nargs="+", default=[30], help="students in the class, or in several (default 30)")
    parser.add_argument("--jobs", type=int, default=2, help="processes of this grader (default 2; the stock grader has one)")
    parser.add_argument("--ours", action="store_true", help="leave the stock grader out")
    wanted = parser.parse_args()
    print("| lesson | grader | submissions | seconds | seconds each | ratio | main process, MB | each worker alone, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for lesson, size in product(wanted.lessons, wanted.size):
        with tempfile.TemporaryDirectory() as folder:
            handed_in = Path(folder, "handed_in")
            hand_in(class_of(lesson, size), handed_in)
            stock = None if wanted.ours else _stock(Path(folder, "stock"), lesson, handed_in)
            if stock:
                _line(lesson, "nbgrader autograde", size, *stock, 1.0)
            ours = _ours(Path(folder, "ours"), lesson, handed_in, wanted.jobs)
            _line(lesson, f"this one, {wanted.jobs} jobs", size, *ours, stock[0] / ours[0] if stock else None)


def class_of(lesson: str, size: int) -> list[Sample]:
    """A third all right, the others with one wrong answer each, no two notebooks alike."""
    wrong = cycle(read_answers(ROOT / "tests" / "wrong_answers" / f"{lesson}.py"))

    def sample(number: int) -> Sample:
        answer = next(wrong)
        mine = {} if number % 3 == 0 else {answer.exercise: answer.source}
        signed = {name: f"{source}\n# student {number}" for name, source in (solutions(load(lesson)) | mine).items()}
        return Sample(f"student{number:04}", lesson, "", 0, answers=lambda lesson: signed)

    return [sample(number) for number in range(size)]


def _stock(folder: Path, lesson: str, handed_in: Path) -> tuple[float, float, float]:
    source = folder / "source" / lesson
    source.mkdir(parents=True)
    nbformat.write(load(lesson).notebook, source / f"{lesson}.ipynb")
    (folder / "nbgrader_config.py").write_text(CONFIG.format(folder=str(folder)))
    nbgrader = [sys.executable, "-m", "nbgrader"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "PATH": _path()}
    subprocess.run([*nbgrader, "generate_assignment", lesson], cwd=folder, env=environment, check=True, capture_output=True)
    shutil.copytree(handed_in, folder / "submitted")
    return _timed([*nbgrader, "autograde", lesson], folder, environment)


def _ours(folder: Path, lesson: str, handed_in: Path, jobs: int) -> tuple[float, float, float]:
    folder.mkdir()
    command = [sys.executable, "-m", "autograder", "grade", str(handed_in), "--jobs", str(jobs), "--class", str(folder / "class")]
    return _timed(command, folder, os.environ | {"PYTHONPATH": str(ROOT), "PATH": _path()})


def _path() -> str:
    return os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])


def _timed(command: list[str], folder: Path, environment: dict) -> tuple[float, float, float]:
    """Seconds, the most memory of the main process, and the most that one of the others has for itself (both in MB)."""
    with open(folder / "output.txt", "w") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
        most: dict[str, float] = defaultdict(float)
        watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), most), daemon=True)
        watcher.start()
        status = process.wait()
        seconds = time.perf_counter() - began
        watcher.join()
    if status not in (0, 1):
        sys.exit((folder / "output.txt").read_text()[-2000:])
    return seconds, most["main"], most["worker"]


def _watch(process: psutil.Process, most: dict[str, float]) -> None:
    """Look at the process and its descendants twice a second until it ends."""
    while True:
        try:
            most["main"] = max(most["main"], process.memory_info().rss / MB)
            descendants = process.children(recursive=True)
        except psutil.Error:
            return
        for other in descendants:
            try:
                most["worker"] = max(most["worker"], other.memory_full_info().uss / MB)
            except psutil.Error:
                continue
        time.sleep(0.5)


def _line(lesson: str, grader: str, size: int, seconds: float, main: float, worker: float, ratio: float | None) -> None:
    shown = f"{ratio:.1f}" if ratio else ""
    print(
        f"| {lesson} | {grader} | {size} | {seconds:.1f} | {seconds / size:.2f} | {shown} | {main:.0f} | {worker:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
