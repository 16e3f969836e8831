"""How much of everything a student's code can use, and what is said when it is too much."""

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from probes import ask, files_made, filled, forks, largest_file, open_files, processes_below, resident, threads, timers

from autograder.sandbox import KernelGone, Limits, SandboxedKernel, TimeOver, bubblewrap
from autograder.sandbox.groups import Group
from autograder.sandbox.limits import MB
from autograder.student_side.codec import Name, decode, encode

SMALL = Limits(memory=300 * MB, scratch=8 * MB, file=4 * MB, processes=30, files=100)
SHORT = replace(SMALL, cell=1, call=0.6, test=3)


@pytest.fixture
def small(warm):
    """A kernel that may use little, and has time for it."""
    with SandboxedKernel(warm, SMALL) as kernel:
        yield kernel


@pytest.fixture
def kernel(warm):
    """A kernel that has little time."""
    with SandboxedKernel(warm, SHORT) as kernel:
        yield kernel


def called(kernel, name: str, *arguments, seconds: float = 20):
    """The reply to a call of a function that the kernel knows by this name."""
    request = {"do": "call", "target": Name(name), "arguments": arguments, "keywords": {}}
    return decode(kernel.call(encode(request), seconds))


def test_memory_ends_in_a_polite_error(small):
    assert "MemoryError" in small.run("x = bytearray(400 << 20)").error
    assert "MemoryError" in small.run("import numpy; numpy.ones(400 << 17)").error
    assert "can't allocate memory" in small.run("import torch; torch.ones(400 << 18)").error
    assert small.run("print('lives')").text == "lives\n"


# The first process comes to use most, so it is the one that the operating system ends.
TOGETHER = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        held = b"x" * (36 << 20)
        time.sleep(60)
time.sleep(0.5)
held = b"x" * (220 << 20)
time.sleep(60)
"""


@pytest.mark.parametrize("counted", ["by a control group", "from outside"])
def test_memory_that_all_processes_use_together_ends_the_kernel_and_is_told(warm, monkeypatch, counted):
    group = Group.make(100 * MB, 10)
    if group:
        group.remove()
    elif counted == "by a control group":
        pytest.skip("no control group can be made here")
    if counted == "from outside":
        monkeypatch.setattr(Group, "make", lambda *limits: None)
    with SandboxedKernel(warm, Limits(cell=20, memory=300 * MB)) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run(TOGETHER)
    assert gone.value.reason == "memory"


@pytest.mark.parametrize("folder", ["/scratch", "/dev/shm"])
def test_places_to_write_are_bounded(small, folder):
    written, said = ask(small, filled, folder, 20)
    assert 5 <= written <= 8 and said == "ENOSPC"


def test_the_number_of_files_is_bounded(small):
    made, said = ask(small, files_made)
    assert 1000 <= made <= 4096 and said == "ENOSPC"


def test_timers_are_bounded(small):
    assert 10 <= ask(small, timers) <= 1000


def test_files_are_bounded(small):
    assert ask(small, largest_file) == 4


def test_open_files_are_bounded(small):
    opened, said = ask(small, open_files)
    assert opened < 100 and said == "EMFILE"


def test_threads_are_bounded(small):
    assert 5 <= ask(small, threads) < 30


def test_processes_are_bounded(small):
    assert 5 <= ask(small, forks) < 30


def test_a_fork_bomb_ends_with_its_submission(warm):
    before = processes_below(warm.process.pid)
    with SandboxedKernel(warm, SHORT) as kernel, suppress(KernelGone):
        kernel.run("import os\nwhile True:\n    try:\n        os.fork()\n    except BaseException:\n        pass")
    assert processes_below(warm.process.pid) == before
    with SandboxedKernel(warm, SHORT) as kernel:
        assert kernel.run("print('fine')").text == "fine\n"


def processors_can_be_shared() -> bool:
    group = Group.make(100 * MB, 10)
    if group is None:
        return False
    group.remove()
    given = [folder.parent / "cgroup.subtree_control" for folder in group.folders.values()]
    in_version_2 = any("cpu" in file.read_text().split() for file in given if file.exists())
    return in_version_2 or os.access("/sys/fs/cgroup/cpu", os.W_OK)


BUSY = """
import os, signal
try:
    while os.fork() or os.setsid():
        pass
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True: pass
except OSError: pass
"""
WORK = "import time; began = time.perf_counter(); sum(range(4_000_000)); print(time.perf_counter() - began)"


def test_a_crowd_of_processes_leaves_its_neighbours_their_time(warm):
    if not processors_can_be_shared():
        pytest.skip("no control group for the processors' time can be made here")
    with SandboxedKernel(warm, SMALL) as neighbour, SandboxedKernel(warm, SMALL) as crowd:
        alone = min(float(neighbour.run(WORK).text) for _ in range(5))
        crowd.run(BUSY)
        assert len(processes_below(warm.process.pid)) > 20
        beside = min(float(neighbour.run(WORK).text) for _ in range(5))
    assert beside < 4 * alone


def test_output_without_end_is_cut_and_takes_little_of_the_graders_memory(kernel):
    before = resident()
    run = kernel.run("while True: print('again ' * 1000)")
    assert run.timed_out and run.cut and len(run.text) <= SHORT.output
    assert resident() - before < 60 * MB
    assert kernel.run("print('next')").text.endswith("next\n")


def test_outputs_that_come_one_by_one_without_end_are_cut(kernel):
    began = time.monotonic()
    run = kernel.run("while True: display('x' * 1000)")
    assert run.timed_out and run.cut and len(run.text) <= SHORT.output
    assert time.monotonic() - began < 20
    assert kernel.run("print('next')").text.endswith("next\n")


def test_a_message_in_parts_without_an_end_ends_the_kernel_and_takes_little_of_the_graders_memory(warm):
    source = (Path(__file__).parent / "hostile" / "endless_message.py").read_text().split("# %% first\n")[1].split("# %%")[0]
    before = resident()
    with SandboxedKernel(warm, SMALL) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run(source)
    assert gone.value.reason == "malformed" and "without an end" in str(gone.value)
    assert resident() - before < 100 * MB


@pytest.mark.parametrize("megabytes", [1, 30])
def test_a_huge_output_at_once_costs_neither_the_cell_nor_the_next(small, megabytes):
    began, before = time.monotonic(), resident()
    run = small.run(f"print('x' * ({megabytes} << 20)); y = 1")
    assert not run.timed_out and len(run.text) <= SHORT.output
    assert small.run("print(y)").text.endswith("1\n")
    assert time.monotonic() - began < 20 and resident() - before < 100 * MB


def test_a_huge_result_at_the_end_of_a_cell_is_cut(small):
    run = small.run("class Long:\n    def __repr__(self): return 'x' * 1_000_000\nLong()")
    assert run.cut and len(run.text) == SHORT.output


def test_pictures_do_not_count_as_text(small):
    run = small.run(
        "from IPython.display import Image\ndisplay(Image(data=b'\\x89PNG' + bytes(200_000), format='png'))\nprint('seen')"
    )
    assert not run.cut and run.text.endswith("seen\n")


def test_text_from_a_kernel_is_fit_to_be_shown(small):
    run = small.run("print('\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07\\x00\\u202e\\ud800 ok')")
    assert run.text == "red  ok\n"
    assert small.run("raise ValueError('a\\nb\\x1b[2J')").error == "ValueError: a b"


def test_a_cell_is_stopped_when_its_time_is_over(kernel):
    began = time.monotonic()
    run = kernel.run("print('before', flush=True)\nwhile True: pass")
    assert run.timed_out and "KeyboardInterrupt" in run.error and run.text == "before\n"
    assert time.monotonic() - began < 15
    assert kernel.run("print('after')").text == "after\n"


STUBBORN = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


def test_a_cell_that_cannot_be_stopped_ends_its_kernel(kernel):
    with pytest.raises(KernelGone) as gone:
        kernel.run(f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{STUBBORN}")
    assert gone.value.reason == "timeout"


def test_a_call_is_stopped_when_its_time_is_over_and_the_next_gets_its_own_result(kernel):
    kernel.run("def endless():\n    while True: pass\ndef one(x): return x + 1")
    with pytest.raises(TimeOver):
        called(kernel, "endless", seconds=0.5)
    assert [called(kernel, "one", number)["result"] for number in range(5)] == [1, 2, 3, 4, 5]


def test_calls_that_end_just_when_they_are_stopped_leave_the_next_ones_alone(kernel):
    kernel.run("import time\ndef nap(seconds):\n    time.sleep(seconds)\n    return 'slept'\ndef one(x): return x + 1")
    for offset in np.linspace(-0.004, 0.004, 30):
        try:
            assert called(kernel, "nap", 0.05 + float(offset), seconds=0.05)["result"] == "slept"
        except TimeOver:
            pass
        assert called(kernel, "one", 1) == {"result": 2}


def test_a_call_that_cannot_be_stopped_ends_its_kernel(kernel):
    kernel.run(
        "import signal\ndef endless():\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    " + STUBBORN.replace("\n", "\n    ")
    )
    with pytest.raises(KernelGone) as gone:
        called(kernel, "endless", seconds=0.5)
    assert gone.value.reason == "timeout"


def test_work_that_is_left_running_between_calls_ends_the_kernel_in_time(kernel):
    kernel.run(
        "import asyncio\ndef spin():\n    while True: pass\nasyncio.get_event_loop().call_later(0.01, spin)\ndef one(): return 1"
    )
    time.sleep(0.1)
    began = time.monotonic()
    with pytest.raises((KernelGone, TimeOver)):
        called(kernel, "one", seconds=0.5)
    assert time.monotonic() - began < 10


def test_the_time_for_everything_is_bounded(warm):
    with SandboxedKernel(warm, Limits(total=0.5)) as kernel:
        assert kernel.run("import time; time.sleep(60)").timed_out
        with pytest.raises(KernelGone) as gone:
            kernel.run("1")
    assert gone.value.reason == "timeout"


def test_the_processors_time_is_bounded(warm):
    with SandboxedKernel(warm, Limits(cpu=1, cell=100, total=200)) as kernel, pytest.raises(KernelGone) as gone:
        kernel.run("while True: pass")
    assert "SIGKILL" in str(gone.value) or "SIGXCPU" in str(gone.value)


def test_input_fails_at_once_with_a_sentence(small):
    began = time.monotonic()
    assert "input" in small.run("input('How many? ')").error
    small.run("def ask(): return input()")
    assert "input" in called(small, "ask")["error"]["text"]
    assert small.run("import sys; print(repr(sys.stdin.read()))").text == "''\n"
    assert time.monotonic() - began < SMALL.cell / 2


@pytest.mark.parametrize("result", ["bytes(200 << 20)", "numpy.zeros(200 << 20, dtype=numpy.int8)"])
def test_a_result_that_is_too_large_is_told(warm, result):
    with SandboxedKernel(warm) as kernel:
        kernel.run(f"import numpy\ndef large(): return {result}")
        before = resident()
        with pytest.raises(KernelGone) as gone:
            called(kernel, "large", seconds=60)
        assert gone.value.reason == "malformed" and resident() - before < 10 * MB


@pytest.mark.parametrize("result", ["deep(200)", "list(range(10**6))", "circle"])
def test_a_result_that_is_no_data_to_send_is_told(small, result):
    small.run("def deep(n): return [deep(n - 1)] if n else 1\ncircle = []\ncircle.append(circle)")
    small.run(f"def odd(): return {result}")
    assert called(small, "odd")["error"]["malformed"] is True


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no users here")
def test_root_or_not_is_told_by_the_user_and_the_ids_there_are():
    assert bubblewrap.by_root() is (os.geteuid() == 0 and Path("/proc/self/uid_map").read_text().split()[2] != "1")
