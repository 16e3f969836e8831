"""`lessons`: every lesson from top to bottom, timed and weighed."""

import os
import subprocess
import sys
import time

from rich.table import Table

from autograder.lessons import SOLUTIONS, lesson_names
from autograder.terminal import console, progress
from autograder.trouble import Trouble


class LessonFailed(Trouble):
    """A lesson did not run to its end."""

    status = 1


def run_lessons(names: list[str] | None) -> None:
    """Run each lesson's source as a program, its tests included, with warnings as errors; print seconds and peak memory."""
    lines = Table(title="Lessons, run from top to bottom", title_justify="left")
    for heading, justify in (("lesson", "left"), ("seconds", "right"), ("peak memory, MB", "right")):
        lines.add_column(heading, justify=justify)
    failed = []
    if not hasattr(os, "wait4"):
        raise Trouble("Windows does not tell what a process used: run a lesson by itself, as in python solutions/05_softmax.py.")
    with progress() as bar:
        task = bar.add_task("running", total=len(names or lesson_names()))
        for name in names or lesson_names():
            bar.update(task, description=f"running {name}")
            seconds, megabytes, said = _run(name)
            lines.add_row(name, f"{seconds:.1f}", f"{megabytes:.0f}")
            bar.update(task, advance=1)
            if said:
                failed.append(f"{name} ended in `{said}`")
    console.print(lines)
    if failed:
        raise LessonFailed("; ".join(failed) + ".")


def _run(name: str) -> tuple[float, float, str]:
    source = SOLUTIONS / f"{name}.py"
    if not source.exists():
        raise Trouble(f"There is no lesson {name}; the lessons are {', '.join(lesson_names())}.")
    began = time.monotonic()
    variables = os.environ | {"MPLBACKEND": "agg"}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", str(source)], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read().decode(errors="replace").strip().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    in_megabytes = 1 << 20 if sys.platform == "darwin" else 1 << 10
    failed = said[-1] if process.returncode and said else ("no message" if process.returncode else "")
    return time.monotonic() - began, usage.ru_maxrss / in_megabytes, failed
