"""Grading on a Dask cluster whose scheduler and workers are processes of their own."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograder import classroom, submissions
from autograder.class_secret import class_key
from autograder.cluster import Cluster, ClusterTrouble
from autograder.gradebook import ClassGradebook
from autograder.lessons import ROOT
from autograder.sample_class import START, Sample, hand_in
from autograder.trouble import Trouble

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Processes:
    """A scheduler and workers on this machine."""

    def __init__(self, folder: Path):
        self.folder, self.workers, self.port = folder, [], None
        self.start_scheduler()

    def start_scheduler(self) -> None:
        """A new one at the address of the last."""
        if self.port is None:
            import socket

            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def start_worker(self, root: Path = ROOT) -> subprocess.Popen:
        here = ("--local-directory", str(self.folder), "--host", "127.0.0.1")
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", *here)
        self.workers.append(self._start("dask_worker", self.address, *options, root=root))
        return self.workers[-1]

    def _start(self, program: str, *arguments: str, root: Path = ROOT) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
        return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(root)}, cwd=self.folder, **QUIET)

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    there = Processes(tmp_path)
    yield there
    there.stop()


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> Path:
    """Twelve small submissions, every third of them blank."""
    folder = tmp_path_factory.mktemp("handed_in")
    blank = {"answers": lambda lesson: {}}
    hand_in([Sample(f"student{n:02}", START, "", 0, **(blank if n % 3 == 0 else {})) for n in range(12)], folder)
    return folder


def grade(handed_in: Path, folder: Path, executor, seen=lambda count: None) -> dict:
    settings = classroom.Settings(folder, class_key(folder))
    records = {}
    for submission, record in classroom.grade(submissions.find(handed_in), settings, ClassGradebook(folder), executor, 8):
        records[submission.student] = record
        seen(len(records))
    return records


def points(records: dict) -> dict:
    return {student: (record.points, [result.outcome for result in record.tests]) for student, record in records.items()}


EXPECTED = {f"student{n:02}": (0 if n % 3 == 0 else 1) for n in range(12)}


def check_all(records: dict) -> None:
    assert {student: record.points for student, record in records.items()} == EXPECTED
    assert not any(record.ungraded for record in records.values())


def test_a_cluster_gives_the_grades_of_one_machine(cluster, handed_in, tmp_path):
    for _ in range(2):
        cluster.start_worker()
    there = grade(handed_in, tmp_path / "there", lambda: Cluster(cluster.address))
    shutil.copytree(tmp_path / "there", tmp_path / "here", ignore=lambda folder, names: set(names) - {"secret.key"})
    here = grade(handed_in, tmp_path / "here", lambda: classroom.processes(2))
    check_all(there)
    assert points(there) == points(here)
    assert {student: record.key for student, record in there.items()} == {student: record.key for student, record in here.items()}


def test_workers_may_die_and_others_join(cluster, handed_in, tmp_path):
    first = cluster.start_worker()
    joined = threading.Event()

    def disturb(count):
        if count == 2:
            cluster.start_worker()
            joined.set()
        if count == 4:
            first.send_signal(signal.SIGKILL)

    check_all(grade(handed_in, tmp_path / "class", lambda: Cluster(cluster.address), disturb))
    assert joined.is_set() and first.poll() is not None


def test_a_scheduler_may_be_started_again(cluster, handed_in, tmp_path):
    cluster.start_worker()

    def disturb(count):
        if count == 3:
            cluster.scheduler.kill()
            cluster.scheduler.wait()
            cluster.start_scheduler()
            cluster.start_worker()

    check_all(grade(handed_in, tmp_path / "class", lambda: Cluster(cluster.address), disturb))


def test_a_worker_with_another_lesson_is_refused(cluster, handed_in, tmp_path):
    other = tmp_path / "other"
    for folder in ("autograder", "attention_course", "solutions"):
        shutil.copytree(ROOT / folder, other / folder)
    shutil.copy(ROOT / "pyproject.toml", other)
    source = other / "solutions" / f"{START}.py"
    source.write_text(source.read_text().replace("### BEGIN HIDDEN TESTS\n", "### BEGIN HIDDEN TESTS\nanother_version = 1\n"))
    cluster.start_worker(other)
    with pytest.raises(Trouble, match=f"No worker can grade this.*another version of lesson {START}"):
        grade(handed_in, tmp_path / "class", lambda: Cluster(cluster.address))
    cluster.start_worker()
    with Cluster(cluster.address) as there:
        there.client.wait_for_workers(2, timeout=60)
    check_all(grade(handed_in, tmp_path / "class", lambda: Cluster(cluster.address)))


def test_without_a_scheduler_or_workers_it_says_what_to_start(cluster):
    with pytest.raises(ClusterTrouble, match="dask worker"):
        Cluster(cluster.address, patience=2)
    with pytest.raises(ClusterTrouble, match="dask scheduler"):
        Cluster("tcp://127.0.0.1:1", patience=1)
    with pytest.raises(ClusterTrouble, match="No Dask scheduler answers at nonsense"):
        Cluster("nonsense://", patience=1)
