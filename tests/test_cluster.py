"""Grading on a Dask cluster whose scheduler and workers are processes of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hosts import QUIET, Hosts, missing

from autograder import classroom, submissions
from autograder.class_secret import class_key
from autograder.cluster import Cluster, ClusterTrouble
from autograder.gradebook import ClassGradebook
from autograder.lessons import ROOT
from autograder.sample_class import START, Sample, hand_in
from autograder.trouble import Trouble


class Processes:
    """A scheduler and workers, on this machine or on hosts of their own."""

    def __init__(self, folder: Path, hosts: Hosts | None = None):
        self.folder, self.hosts, self.workers, self.port = folder, hosts, [], None
        self.host = hosts.add() if hosts else "127.0.0.1"
        self.start_scheduler()

    def start_scheduler(self) -> None:
        """A new one at the address of the last."""
        if self.port is None:
            import socket

            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        self.address = f"tcp://{self.host}:{self.port}"
        self.scheduler = self._start(self.host, "dask_scheduler", "--port", str(self.port))

    def start_worker(self, root: Path = ROOT) -> subprocess.Popen:
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        host = self.hosts.add() if self.hosts else self.host
        self.workers.append(self._start(host, "dask_worker", self.address, *options, root=root))
        return self.workers[-1]

    def _start(self, host: str, program: str, *arguments: str, root: Path = ROOT) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--host", host, "--no-dashboard"]
        there = self.hosts.command(host) if self.hosts else []
        return subprocess.Popen([*there, *command], env=os.environ | {"PYTHONPATH": str(root)}, cwd=self.folder, **QUIET)

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
    hand_in(class_of(12), folder)
    return folder


def class_of(size: int) -> list[Sample]:
    blank = {"answers": lambda lesson: {}}
    return [Sample(f"student{n:02}", START, "", 0, **(blank if n % 3 == 0 else {})) for n in range(size)]


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


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Path:
    """The course with another version of the lesson."""
    root = tmp_path_factory.mktemp("other")
    for folder in ("autograder", "attention_course", "solutions"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "pyproject.toml", root)
    source = root / "solutions" / f"{START}.py"
    source.write_text(source.read_text().replace("### BEGIN HIDDEN TESTS\n", "### BEGIN HIDDEN TESTS\nanother_version = 1\n"))
    return root


def test_a_worker_with_another_lesson_is_refused(cluster, handed_in, other, tmp_path):
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


def kept(folder: Path) -> dict[str, bytes]:
    """All that is known of each student's work, but for how long it took."""
    found = {}
    for file in sorted((folder / "records").rglob("*.json")):
        record = json.loads(file.read_text())
        assert record.pop("seconds") > 0
        found[file.stem] = json.dumps(record, sort_keys=True).encode()
    return found


def wait_until(holds, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def command(before: list[str], handed_in: Path, folder: Path, scheduler: str, *more: str) -> subprocess.Popen:
    grading = [
        sys.executable,
        "-m",
        "autograder",
        "grade",
        str(handed_in),
        "--class",
        str(folder),
        "--scheduler",
        scheduler,
        *more,
    ]
    return subprocess.Popen([*before, *grading], env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, **QUIET)


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_separate_hosts_may_die_join_and_differ_and_every_run_gives_the_same_grades_to_the_byte(other, tmp_path):
    """One command on a host of its own; meanwhile workers join, one is killed, one is of another version, the scheduler dies."""
    there, here, handed_in = tmp_path / "there", tmp_path / "here", tmp_path / "handed_in"
    hand_in(class_of(24), handed_in)
    class_key(there)
    shutil.copytree(there, here)
    with Hosts() as hosts:
        cluster = Processes(tmp_path, hosts)
        first = cluster.start_worker()
        run = command(hosts.command(hosts.add()), handed_in, there, cluster.address)
        wait_until(lambda: len(kept(there)) >= 2)
        cluster.start_worker(other)
        cluster.start_worker()
        wait_until(lambda: len(kept(there)) >= 4)
        end(first)
        wait_until(lambda: len(kept(there)) >= 6)
        end(cluster.scheduler)
        assert run.poll() is None
        cluster.start_scheduler()
        cluster.start_worker()
        assert run.wait(300) == 0
        once = kept(there)
        again = command(hosts.command(hosts.add()), handed_in, there, cluster.address, "--again")
        assert again.wait(300) == 0
        assert kept(there) == once
    grade(handed_in, here, lambda: classroom.processes(2))
    assert kept(here) == once
    assert {json.loads(record)["student"]: points_in(record) for record in once.values()} == {
        f"student{n:02}": 0 if n % 3 == 0 else 1 for n in range(24)
    }


def points_in(record: bytes) -> float:
    return sum(test["points"] for test in json.loads(record)["tests"])
