"""Grades the same class on a Dask cluster of one worker and of two, one core for each, and prints how much faster two are.

python benchmarks/cluster.py                    # lessons 05 and 10, a class of 60, three rounds
python benchmarks/cluster.py 05_softmax --size 20 --rounds 1

One worker and two take turns, so that a machine that is slower for a while is so for both; the seconds are each one's median.
The client and the scheduler have the cores that no worker has. Where there are none, they share the workers' cores: with one
worker they have its core, and never one that the worker does not have.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from grading import class_of

from autograder import classroom, submissions
from autograder.class_secret import class_key
from autograder.cluster import IN_FLIGHT, Cluster
from autograder.gradebook import ClassGradebook
from autograder.lessons import ROOT
from autograder.sample_class import hand_in

WARM_UP = 4  # submissions for each worker before the clock is started


def main() -> None:
    """Print a table: a line per lesson and number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", default=["05_softmax", "10_multi_head_attention"], metavar="LESSON")
    parser.add_argument("--size", type=int, default=60, help="students in the class (default 60)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed (default 3)")
    wanted = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("Two workers of one core each need two cores.")
    print("| lesson | workers | cores of the client | submissions | seconds | per second | ratio | client's CPU, ms each |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for lesson in wanted.lessons:
        clients = {workers: cores[2:] or cores[:workers] for workers in (1, 2)}
        times: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        for _ in range(wanted.rounds):
            for workers, measured in times.items():
                measured.append(_timed(lesson, wanted.size, cores[:workers], clients[workers]))
        alone = None
        for workers, measured in times.items():
            seconds, busy = (median(column) for column in zip(*measured, strict=True))
            alone = alone or seconds
            client = clients[workers]
            where = ", ".join(map(str, client)) if len(client) < 4 else f"{len(client)} others"
            numbers = f"{wanted.size} | {seconds:.1f} | {wanted.size / seconds:.2f} | {alone / seconds:.2f}"
            print(f"| {lesson} | {workers} | {where} | {numbers} | {1000 * busy / wanted.size:.0f} |", flush=True)


def _timed(lesson: str, size: int, cores: list[int], client: list[int]) -> tuple[float, float]:
    """Seconds from the first submission sent to the last in the gradebook, on workers that are warm, and the client's own."""
    os.sched_setaffinity(0, client)
    with tempfile.TemporaryDirectory() as folder, _cluster(Path(folder), cores, client) as address:
        key = class_key(Path(folder, "class"))  # a worker keeps its sandbox for as long as the class's secret is the same
        for name, students in (("warm_up", WARM_UP * len(cores)), ("class", size)):
            handed_in = Path(folder, f"in_{name}")
            hand_in(class_of(lesson, students), handed_in)
            found = submissions.find(handed_in)
            settings = classroom.Settings(Path(folder, name), key)
            book = ClassGradebook(settings.folder)
            with Cluster(address) as there:
                there.client.wait_for_workers(len(cores), timeout=60)
            began, busy = time.perf_counter(), time.process_time()
            graded = list(classroom.grade(found, settings, book, lambda: Cluster(address), IN_FLIGHT))
            seconds, busy = time.perf_counter() - began, time.process_time() - busy
            if len(graded) != students or any(record.ungraded for _, record in graded):
                sys.exit(f"Not all of {lesson} could be graded.")
    return seconds, busy


@contextmanager
def _cluster(folder: Path, cores: list[int], others: list[int]):
    """The address of a scheduler with a worker on each of these cores."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    started = [_start(others, folder, "dask_scheduler", "--port", str(port))]
    for core in cores:
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
        started.append(_start([core], folder, "dask_worker", address, *options))
    try:
        yield address
    finally:
        for process in started:
            process.kill()
            process.wait()


def _start(cores: list[int], folder: Path, program: str, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    there = {"cwd": folder, "env": os.environ | {"PYTHONPATH": str(ROOT)}, "preexec_fn": lambda: os.sched_setaffinity(0, cores)}
    return subprocess.Popen(command, **there, **quiet)


if __name__ == "__main__":
    main()
