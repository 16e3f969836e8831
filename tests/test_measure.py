"""attention_course.measure and check.peak_memory: beside the function, and from outside the sandbox it lives in."""

import os
import time

import numpy as np
import pytest

from attention_course import check, measure
from autograder.sandbox import Limits, SandboxedKernel, memory_use
from autograder.student import Student

ANSWERS = """
import contextlib
import ctypes
import gc
import mmap
import multiprocessing
import os
import time
import numpy as np
import torch


def fill(megabytes):
    return int(np.ones(megabytes * 10**6, dtype=np.uint8)[-1])


def fill_with_torch(megabytes):
    return int(torch.ones(megabytes * 10**6, dtype=torch.uint8)[-1])


def fill_in_a_child(megabytes):
    child = multiprocessing.get_context("fork").Process(target=fill, args=(megabytes,))
    child.start()
    child.join()
    return 1


def fail(megabytes):
    raise ValueError(megabytes)


taken = np.ones(40 * 10**6, dtype=np.uint8)
with open("/dev/shm/taken", "w+b") as file:
    file.truncate(40 * 10**6)
    shared = mmap.mmap(file.fileno(), 40 * 10**6)
data = np.ones(60 * 10**6, dtype=np.uint8)  # something of the student's own, beside the answers


ballast = [np.ones(10**6, dtype=np.uint8) for _ in range(150)]


def use_again(megabytes):
    taken[: megabytes * 10**6] = 2
    return 1


def use_shared(megabytes):
    shared[: megabytes * 10**6] = bytes(10**6) * megabytes
    return 1


def make_room(megabytes):
    pieces = [ballast.pop() for _ in range(megabytes)]
    del pieces
    ballast.extend([None] * megabytes)
    return fill(megabytes)


def fill_in_a_short_child(megabytes):
    child = os.fork()
    if child == 0:
        filled = np.ones(megabytes * 10**6, dtype=np.uint8)
        time.sleep(0.05)
        os._exit(0)
    os.waitpid(child, 0)
    return 1


def keep_small_results(megabytes):
    kept = []
    for start in range(0, 400 * megabytes, 100):
        tile = torch.ones(400, 1) * torch.ones(100 + start % 77)
        kept.append((tile.max(-1).values, tile.sum(-1), tile @ torch.ones(tile.shape[1], 8)))
    return 1


def collect(megabytes):
    gc.collect()
    return fill(megabytes)


def cover_up(megabytes):
    done = fill(megabytes)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: a process may write into its own files in /proc
    for what in "51":
        with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
            file.write(what)
    return done
"""
PROPERTY = "no large array is made"


def fill(megabytes, value=1):
    return int(np.full(megabytes * 10**6, value, dtype=np.uint8)[-1])


@pytest.fixture(params=["kept by the system", "looked at"])
def way(request, monkeypatch, tmp_path):
    if request.param == "looked at":
        monkeypatch.setattr(measure, "RESET", tmp_path / "missing" / "file")
    elif not measure._reset():
        pytest.skip("this system does not keep a process's highest use of memory")


def test_memory_is_what_a_call_needs_at_most(way):
    assert measure.peak_memory(fill, 300) == pytest.approx(300, abs=40)
    assert measure.peak_memory(fill, 1) < 30


def test_memory_of_an_earlier_call_is_not_counted(way):
    kept = np.ones(200 * 10**6, dtype=np.uint8)
    assert measure.peak_memory(fill, 100) == pytest.approx(100, abs=40) and kept[-1] == 1


def test_seconds_are_those_of_the_fastest_call():
    times = iter([0.3, 0.05, 0.2])
    assert measure.seconds(lambda: time.sleep(next(times))) == pytest.approx(0.05, abs=0.04)
    assert measure.seconds(lambda pause: time.sleep(pause), repeat=1, pause=0.1) >= 0.1


def test_a_call_within_its_memory_gives_its_result():
    assert check.peak_memory(400, fill, 200, property=PROPERTY, value=7) == 7


def test_a_call_beyond_its_memory_fails_with_both_numbers():
    with pytest.raises(check.CheckFailed, match=f"(?s){PROPERTY}.*needed [34].. MB.*200 MB are enough"):
        check.peak_memory(200, fill, 400, property=PROPERTY)


def test_memory_that_did_not_suffice_fails_and_other_exceptions_pass():
    def greedy(kind, text):
        raise kind(text)

    for error in (MemoryError, "no"), (RuntimeError, "DefaultCPUAllocator: can't allocate memory: you tried"):
        with pytest.raises(check.CheckFailed, match="did not suffice"):
            check.peak_memory(200, greedy, *error, property=PROPERTY)
    with pytest.raises(ValueError):
        check.peak_memory(200, greedy, ValueError, "other", property=PROPERTY)


@pytest.fixture(scope="module")
def student(warm):
    with SandboxedKernel(warm, Limits(memory=1500 << 20)) as kernel:
        assert not kernel.run(ANSWERS).error
        yield Student(kernel, ANSWERS)


@pytest.fixture(params=["kept by the system", "looked at"])
def outside(request, monkeypatch):
    if request.param == "looked at":
        monkeypatch.setattr(memory_use, "_forget_highest", lambda process: False)
    elif os.geteuid() != 0:
        pytest.skip("only root may have the system forget a process's highest use of memory")


@pytest.mark.parametrize("name", ["fill", "fill_with_torch", "fill_in_a_child"])
def test_the_memory_of_an_answer_is_measured_from_outside(student, name, outside):
    student.begin_test()
    answer = student.name(name, "a test")
    assert check.peak_memory(700, answer, 300, property=PROPERTY) == 1
    least = "7" if name == "fill_in_a_child" else "8"  # a child is looked at now and then, and may end before the next look
    with pytest.raises(check.CheckFailed, match=rf"needed [{least}-9]\d\d MB|needed 1,\d\d\d MB"):
        check.peak_memory(700, answer, 900, property=PROPERTY)


def test_memory_that_is_needed_for_a_moment_is_seen(student, outside):
    student.begin_test()
    for name in ("fill", "fill_with_torch"):
        answer = student.name(name, "a test")
        answer(1)
        for _ in range(5):
            assert check.peak_memory(8, answer, 2, property=PROPERTY) == 1
            with pytest.raises(check.CheckFailed, match="The call needed [23]. MB"):
                check.peak_memory(8, answer, 25, property=PROPERTY)


@pytest.mark.parametrize("name", ["use_again", "use_shared", "make_room", "fill_in_a_short_child", "cover_up"])
def test_memory_that_was_taken_beforehand_counts(student, name):
    if os.geteuid() != 0:
        pytest.skip("only root may have the system forget which pages were touched")
    student.begin_test()
    answer = student.name(name, "a test")
    for _ in range(1 if name == "make_room" else 3):
        assert check.peak_memory(12, answer, 2, property=PROPERTY) == 1
        with pytest.raises(check.CheckFailed, match=r"The call needed [2-8]\d MB"):
            check.peak_memory(12, answer, 35, property=PROPERTY)


def test_what_lies_there_and_is_not_used_does_not_count(student, outside):
    student.begin_test()
    for name in ("fill", "collect", "keep_small_results"):
        for _ in range(3):
            assert check.peak_memory(8, student.name(name, "a test"), 2, property=PROPERTY) == 1


def test_an_answer_that_runs_out_of_memory_fails_the_check(student):
    for name in ("fill", "fill_with_torch"):
        student.begin_test()
        with pytest.raises(check.CheckFailed, match="did not suffice"):
            check.peak_memory(700, student.name(name, "a test"), 3000, property=PROPERTY)


def test_an_answers_own_exception_passes(student):
    student.begin_test()
    with pytest.raises(ValueError):
        check.peak_memory(700, student.name("fail", "a test"), 3, property=PROPERTY)
