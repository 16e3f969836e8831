"""The filter of system calls, run through a small interpreter for both kinds of processor it is written for."""

import errno
import struct

import pytest

from autograder.student_side import system_calls
from autograder.student_side.system_calls import ALLOW, ERROR, KILL, seccomp_program

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "x86_64": {"read": 0, "mmap": 9, "socket": 41, "socketpair": 53, "clone": 56, "fork": 57, "execve": 59, "futex": 202,
               "openat": 257},
    "aarch64": {"read": 63, "mmap": 222, "socket": 198, "socketpair": 199, "clone": 220, "execve": 221, "futex": 98,
                "openat": 56},
}  # fmt: skip
UNIX, INET, INET6, NETLINK, PACKET, BLUETOOTH, ALGORITHMS, VSOCK = 1, 2, 10, 16, 17, 31, 38, 40
THREAD = 0x3D0F00  # the flags with which the C library starts a thread
FORK = 0x1200011  # and forks
NAMESPACES = {
    "mount": 0x20000,
    "cgroup": 0x2000000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}


def outcome(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter answers to a system call: the value that the operating system would act on."""
    data = struct.pack(
        "=iIQ6Q", number, MACHINES[machine] if architecture is None else architecture, 0, *(*arguments, *[0] * 6)[:6]
    )
    program = seccomp_program(machine)
    lines = [struct.unpack_from("=HBBI", program, place) for place in range(0, len(program), 8)]
    accumulator = place = 0
    for _ in range(len(lines)):
        code, yes, no, operand = lines[place]
        place += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: accumulator == operand, 0x45: accumulator & operand != 0, 0x35: accumulator >= operand}[code]
            place += yes if holds else no
    raise AssertionError("the program runs past its end")


@pytest.fixture(params=MACHINES)
def machine(request):
    return request.param


def test_everyday_calls_are_allowed(machine):
    everyday = {name: number for name, number in NUMBERS[machine].items() if name not in ("socket", "socketpair")}
    assert {name: outcome(machine, number) for name, number in everyday.items()} == dict.fromkeys(everyday, ALLOW)


def test_listed_calls_are_refused(machine):
    for name, number in system_calls._REFUSED[machine].items():
        assert outcome(machine, number) == ERROR | errno.EPERM, name


def test_the_lists_for_both_processors_name_the_same_calls():
    assert set(system_calls._REFUSED["x86_64"]) == set(system_calls._REFUSED["aarch64"])


@pytest.mark.parametrize("name", NAMESPACES)
def test_clone_with_a_new_namespace_is_refused(machine, name):
    assert outcome(machine, NUMBERS[machine]["clone"], NAMESPACES[name] | 17) == ERROR | errno.EPERM


def test_threads_and_forks_are_allowed(machine):
    assert outcome(machine, NUMBERS[machine]["clone"], THREAD) == ALLOW
    assert outcome(machine, NUMBERS[machine]["clone"], FORK) == ALLOW


def test_clone3_seems_not_to_exist(machine):
    assert outcome(machine, 435) == ERROR | errno.ENOSYS


@pytest.mark.parametrize("call", ["socket", "socketpair"])
def test_socket_families_that_end_at_the_walls_are_allowed_and_others_are_not(machine, call):
    number = NUMBERS[machine][call]
    for family in (UNIX, INET, INET6, NETLINK):
        assert outcome(machine, number, family) == ALLOW
    for family in (PACKET, VSOCK, ALGORITHMS, BLUETOOTH, 0, 255):
        assert outcome(machine, number, family) == ERROR | errno.EAFNOSUPPORT


def test_shared_memory_that_no_limit_counts_is_refused(machine):
    shared, private, anonymous = 1, 2, 0x20
    number = NUMBERS[machine]["mmap"]
    assert outcome(machine, number, 0, 4096, 3, shared | anonymous) == ERROR | errno.ENOMEM
    assert outcome(machine, number, 0, 4096, 3, shared) == ALLOW
    assert outcome(machine, number, 0, 4096, 3, private | anonymous) == ALLOW


def test_another_processors_calls_end_the_process(machine):
    assert outcome(machine, 0, architecture=0x40000003) == KILL


def test_x32_calls_do_not_go_round_the_list():
    assert outcome("x86_64", 0x40000000 | 101) == ERROR | errno.ENOSYS


def test_the_program_is_short_enough_for_the_operating_system(machine):
    assert len(seccomp_program(machine)) // 8 < 4096
