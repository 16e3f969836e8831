"""From the start of a kernel to its end: what it leaves behind, what it cannot harm, and what is said of how it ended."""

import os
import socket
import time
from copy import deepcopy
from pathlib import Path

import pytest
from probes import ask, daemon, processes_below, random_numbers, resident
from small_lessons import DOUBLE, write_lessons

from autograder.grading import Grader
from autograder.lessons import load
from autograder.sandbox import KernelGone, Limits, SandboxedKernel, TimeOver, WarmProcess, groups, user_ids
from autograder.sandbox.groups import Group
from autograder.student_side.codec import Name, decode, encode

QUICK = Limits(cell=10, total=60)


def called(kernel, name: str, *arguments, seconds: float = 20):
    request = {"do": "call", "target": Name(name), "arguments": arguments, "keywords": {}}
    return decode(kernel.call(encode(request), seconds))


def test_nothing_outlives_its_submission(warm):
    marker = f"echo-{os.getpid()}-{time.monotonic_ns()}"
    before = processes_below(warm.process.pid)
    with SandboxedKernel(warm) as kernel:
        assert ask(kernel, daemon, marker) == marker
        assert any(marker in line for line in processes_below(warm.process.pid).values())
        folder, group = Path(kernel.provisioner.folder), kernel.provisioner.group
    assert processes_below(warm.process.pid) == before
    assert not folder.exists()
    assert group is None or not any(place.exists() for place in group.folders.values())


ENDS = {
    "os._exit(77)": "status 77",
    "os.kill(os.getpid(), 11); ctypes.string_at(0)": "SIGSEGV",
    "os.closerange(0, 10_000)": "",
    "os.abort()": "SIG",
}


@pytest.mark.parametrize("source", ENDS)
def test_a_kernel_that_ends_is_told_as_a_crash_and_the_warm_process_survives(warm, source):
    process, before = warm.process.pid, processes_below(warm.process.pid)
    with SandboxedKernel(warm, QUICK) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run(f"import os, ctypes\n{source}")
        kernel.run("1")
    assert gone.value.reason in ("crash", "timeout") and ENDS[source] in str(gone.value)
    assert processes_below(warm.process.pid) == before
    with SandboxedKernel(warm) as kernel:
        assert kernel.run("print('fine')").text == "fine\n"
    assert warm.process.pid == process and warm.process.poll() is None


def test_a_kernel_that_ends_in_a_call_is_told(warm):
    with SandboxedKernel(warm, QUICK) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run("import os\ndef leave(): os._exit(0)")
        called(kernel, "leave")
    assert gone.value.reason == "crash"


def test_a_warm_process_that_dies_is_told_and_blames_nobody(sandboxed):
    with WarmProcess(["json"]) as warm:
        with SandboxedKernel(warm, QUICK) as kernel:
            warm.process.kill()
            warm.process.wait()
            with pytest.raises(KernelGone):
                kernel.run("1")


def test_unseeded_random_numbers_are_the_same_in_every_kernel(warm):
    found = []
    for _ in range(2):
        with SandboxedKernel(warm) as kernel:
            found.append(ask(kernel, random_numbers))
    assert found[0] == found[1] and len(found[0]) == 4


def test_many_submissions_leave_no_descriptors_memory_or_zombies_behind(warm):
    def used():
        return len(os.listdir("/proc/self/fd")), len(processes_below(warm.process.pid))

    def one():
        with SandboxedKernel(warm) as kernel:
            kernel.run("def f(x): return x")
            called(kernel, "f", 1)

    for _ in range(3):
        one()
    before, memory = used(), resident()
    for _ in range(25):
        one()
    assert used() == before
    assert resident() - memory < 10 << 20


# The student's end of the stream for calls: the one socket in the process that is neither the kernel's nor a listening one.
STREAM = """
import gc, socket, struct, threading, time
agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent")
stream = agent.stream
"""


def test_replies_written_ahead_of_time_are_not_taken_for_the_next_calls(warm):
    with SandboxedKernel(warm, QUICK) as kernel:
        kernel.run(f"{STREAM}\ndef right(): return 'right'")
        forged = encode({"result": "forged"})
        kernel.run(f"for number in range(1000, 1100): stream.sendall(struct.pack('!QQ', {len(forged)}, number) + {forged!r})")
        assert [called(kernel, "right")["result"] for _ in range(5)] == ["right"] * 5


def test_a_reply_that_trickles_in_is_held_to_the_calls_time(warm):
    trickle = """
def slow():
    stream.sendall(struct.pack("!QQ", 1 << 20, 1))
    while True:
        stream.sendall(b"x")
        time.sleep(0.01)
"""
    with SandboxedKernel(warm, QUICK) as kernel:
        kernel.run(STREAM + trickle)
        began = time.monotonic()
        with pytest.raises((KernelGone, TimeOver)):
            called(kernel, "slow", seconds=0.5)
        assert time.monotonic() - began < 12


def test_an_endless_stream_of_forged_replies_is_held_to_the_calls_time(warm):
    flood = """
def flood():
    message = struct.pack("!QQ", 100_000, 10**6) + bytes(100_000)
    while True:
        stream.sendall(message)
"""
    with SandboxedKernel(warm, QUICK) as kernel:
        kernel.run(STREAM + flood)
        began, before = time.monotonic(), resident()
        with pytest.raises((KernelGone, TimeOver)):
            called(kernel, "flood", seconds=0.5)
        assert time.monotonic() - began < 12 and resident() - before < 50 << 20


def test_forged_lengths_are_told_as_too_large(warm):
    with SandboxedKernel(warm, QUICK) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run(STREAM + "\nstream.sendall(struct.pack('!QQ', 1 << 62, 1))")
        called(kernel, "anything")
    assert gone.value.reason == "malformed"


def test_garbage_on_every_socket_of_the_kernel_harms_only_itself(warm):
    garbage = """
import os, random
for name in os.listdir("/proc/self/fd"):
    try:
        if os.readlink(f"/proc/self/fd/{name}").startswith("socket"):
            os.write(int(name), bytes(random.randrange(256) for _ in range(4000)))
    except OSError:
        pass
"""
    with SandboxedKernel(warm, Limits(cell=2)) as kernel, pytest.raises(KernelGone):
        kernel.run(garbage)
        called(kernel, "anything")
        raise KernelGone("crash", "it may as well live")
    with SandboxedKernel(warm) as kernel:
        assert kernel.run("print('fine')").text == "fine\n"


def test_without_walls_each_submission_has_a_folder_of_its_own_that_is_gone_afterwards(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "x")
    with WarmProcess(["json"], "none") as warm:
        with SandboxedKernel(warm) as kernel:
            folder = kernel.run("import os; print(os.getcwd())").text.strip()
            assert kernel.run("open('note', 'w').write('x'); print(os.path.expanduser('~'), os.listdir('.'))").text.startswith(
                folder
            )
            assert kernel.run("print('SECRET_OF_THE_GRADER' in os.environ)").text == "False\n"
        with SandboxedKernel(warm) as kernel:
            assert kernel.run("import os; print(os.path.exists('note'), os.getcwd())").text.split()[0] == "False"
    assert folder.startswith("/") and not os.path.exists(folder)


def test_without_walls_the_limits_of_a_process_still_hold():
    with WarmProcess(["json"], "none") as warm, SandboxedKernel(warm, Limits(memory=100 << 20, cell=1)) as kernel:
        assert "MemoryError" in kernel.run("x = bytearray(200 << 20)").error
        assert kernel.run("while True: pass").timed_out


def test_grading_without_walls_works_and_is_recorded(tmp_path):
    lesson = load("01_double", write_lessons(tmp_path, double=DOUBLE))
    with Grader("none") as grader:
        record = grader.grade_notebook(deepcopy(lesson.notebook), lesson)
    assert (record.sandbox, [result.outcome for result in record.tests]) == ("none", ["passed", "passed", "manual"])


def test_groups_of_graders_that_were_killed_are_removed(monkeypatch):
    group = Group.make(100 << 20, 10)
    if group is None:
        pytest.skip("no control group can be made here")
    left = [folder.rename(folder.with_name(f"{groups.NAME}-999999999-test")) for folder in set(group.folders.values())]
    alive = Group.make(100 << 20, 10)
    groups.remove_left_over()
    assert not any(folder.exists() for folder in left)
    assert all(folder.exists() for folder in alive.folders.values())
    alive.remove()


def test_groups_of_version_2_are_made_beside_the_graders_own(monkeypatch, tmp_path):
    own = tmp_path / "user.slice" / "app.scope"
    own.mkdir(parents=True)
    for folder in (own, own.parent):
        (folder / "cgroup.procs").touch()
    (own.parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (own / "cgroup.subtree_control").write_text("\n")
    (tmp_path / "own").write_text("0::/user.slice/app.scope\n")
    monkeypatch.setattr(groups, "CGROUPS", tmp_path)
    monkeypatch.setattr(groups, "OWN", tmp_path / "own")
    group = Group.make(12345, 67)
    (folder,) = set(group.folders.values())
    assert folder.parent == own.parent
    assert ((folder / "memory.max").read_text(), (folder / "pids.max").read_text()) == ("12345", "67")
    (folder / "memory.events").write_text("low 0\noom 3\noom_kill 1\n")
    assert group.ran_out_of_memory()


@pytest.mark.parametrize(
    "mapped, many, least",
    [("0 0 4294967295", True, 1_900_000_000), ("0 100000 65536", True, 30_000), ("0 1000 1", False, None)],
)
def test_user_ids_are_taken_from_those_there_are(monkeypatch, tmp_path, mapped, many, least):
    (tmp_path / "map").write_text(mapped + "\n")
    monkeypatch.setattr(user_ids, "MAP", tmp_path / "map")
    assert user_ids.many() is many
    if many:
        found = {user_ids.fresh_user() for _ in range(200)}
        assert len(found) == 200 and min(found) >= least and 65534 not in found


def test_a_stream_to_the_agent_that_is_closed_is_told(warm):
    with SandboxedKernel(warm, QUICK) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run(STREAM + "\nstream.shutdown(socket.SHUT_RDWR)")
        called(kernel, "anything")
    assert gone.value.reason == "crash"


def test_sockets_between_grader_and_kernel_are_private(warm):
    with SandboxedKernel(warm) as kernel:
        assert os.stat(kernel.provisioner.folder).st_mode & 0o077 == 0
        assert all(Path(kernel.provisioner.folder, f"c-{number}").is_socket() for number in (1, 2, 3, 4))
        assert kernel.provisioner.calls.family == socket.AF_UNIX
