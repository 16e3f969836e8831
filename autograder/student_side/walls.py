"""The walls that a forked process puts around itself before it runs a student's code.

Namespaces of its own (processes, mounts, network, IPC, host name), a private, read-only /proc, bounded scratch space in
/scratch and /dev/shm, no capabilities, no way to get any, resource limits, and a filter of system calls. They cover what a
process may reach. They do not cover:

- what the processors' caches give away by their timing, and the operating system's own bugs;
- reading what is bound read-only into the sandbox: Python, its packages, the course's own package, the system's libraries;
- what a submission does to itself: it may patch, forge and end everything in its own process, so nothing that comes out of it is
  more than a claim;
- the time of the processors and of the disk, where the grader can make no control group: then as many processes as are allowed
  compete with the neighbours', and the memory of all processes together is only looked at four times a second
  (`memory_watch`), so that more can be in use for a moment. A group of version 1 or 2 needs root or systemd's delegation.
"""

import ctypes
import os
import platform
import re
import resource
import signal
import struct
import sys
from contextlib import suppress

from .system_calls import FAMILIES, NO_NETWORK, seccomp_program

SCRATCH = b"/scratch"
START_FAILED = 70  # exit status of what never became a kernel
SIGNALLED = 128  # exit statuses above it stand for signals, as in a shell
libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 28, 38, 47


def new_process_namespace() -> tuple[int, int]:
    """Fork into a new process namespace; returns (0, 0) in the child, which is the first process there.

    In the parent: the id of a process that waits for the child, to be waited for in its place, and the child's own id.
    """
    hear, tell = os.pipe()
    waiter = os.fork()
    if waiter:
        os.close(tell)
        said = os.read(hear, 32)
        os.close(hear)
        return waiter, int(said or 0)
    code = START_FAILED
    try:
        signal.set_wakeup_fd(-1)
        _call("unshare", CLONE_NEWPID)
        child = os.fork()
        if child == 0:
            return 0, 0
        os.write(tell, str(child).encode())
        close_all_but([])
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except OSError as error:
        print(f"a kernel could not be forked: {error}", file=sys.__stderr__, flush=True)
    os._exit(code if code >= 0 else SIGNALLED - code)


def close_all_but(descriptors: list[int]) -> None:
    """Close what the process has open beside these, the null input and the two outputs."""
    for descriptor in {int(name) for name in os.listdir("/dev/fd")} - {0, 1, 2, *descriptors}:
        with suppress(OSError):
            os.close(descriptor)


def raise_walls(limits: dict, user: int | None) -> None:
    """Shut the calling process in. It must be the first of a new process namespace, and still privileged.

    limits: memory, scratch, file (bytes), cpu (seconds), processes, files (numbers).
    user: the id to become when started by root; None inside a user namespace.
    """
    _call("unshare", CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    _mount(b"proc", b"/proc", b"proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
    owner = f",uid={user},gid={user}" if user else ""
    for place, size in ((SCRATCH, limits["scratch"]), (b"/dev/shm", limits["scratch"])):
        options = f"size={size},nr_inodes=4096,mode=0700{owner}"
        _mount(b"tmpfs", place, b"tmpfs", MS_NOSUID | MS_NODEV, options.encode())
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
    _lose_privileges(user)
    _limit(limits)
    _filter_system_calls()
    os.chdir(SCRATCH)


def become_another(user: int, limits: dict) -> None:
    """What root can do without walls, in a container that forbids them: another user, the same limits, no network of any kind.

    Files that only root may read, root's processes and their memory are out of reach then; what everybody may read or write,
    /tmp and /dev/shm among them, is not.
    """
    os.setgroups([])
    os.setresgid(user, user, user)
    _lose_privileges(user)
    _limit(limits)
    _filter_system_calls(NO_NETWORK)


def end_all_of(user: int) -> None:
    """Kill every process of a user; for root."""
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(user, user, user)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _lose_privileges(user: int | None) -> None:
    libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    libc.prctl(PR_SET_SECUREBITS, 0x2F, 0, 0, 0)  # being user 0 gives no capabilities, and this stays so
    if user:
        os.setresuid(user, user, user)
    header = struct.pack("=Ii", 0x20080522, 0)  # version 3, this process
    if libc.capset(header, bytes(24)):
        raise OSError(ctypes.get_errno(), "capabilities could not be dropped")
    libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # no crash is handed to the machine's own crash reporter
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "new privileges could not be ruled out")


def limit_process(limits: dict) -> None:
    """The limits that need no privilege; also all there is where the sandbox was turned off."""
    in_use = _data_in_use()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (in_use + limits["memory"],) * 2)
    resource.setrlimit(
        resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1)
    )  # the first process of a namespace hears only the second
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file"],) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits["files"],) * 2)


def _limit(limits: dict) -> None:
    limit_process(limits)
    if _release() >= (5, 14):  # an older kernel counts all processes of the grader's user, here and outside
        resource.setrlimit(resource.RLIMIT_NPROC, (limits["processes"],) * 2)
    resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
    if hasattr(resource, "RLIMIT_SIGPENDING"):
        resource.setrlimit(resource.RLIMIT_SIGPENDING, (1000, 1000))  # each timer counts too
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (1 << 16,) * 2)


def _data_in_use() -> int:
    with suppress(FileNotFoundError), open("/proc/self/status") as status:  # macOS has none
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def _release() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", platform.release())[:2])


def _mount(source, target, kind, flags, options) -> None:
    if libc.mount(source, target, kind, ctypes.c_ulong(flags), options):
        raise OSError(ctypes.get_errno(), f"mounting {target.decode()} failed")


def _call(name: str, *arguments) -> None:
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name} failed: {os.strerror(ctypes.get_errno())}")


def _filter_system_calls(families: tuple[int, ...] = FAMILIES) -> None:
    program = seccomp_program(platform.machine(), families)
    memory = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(memory))
    if libc.prctl(PR_SET_SECCOMP, 2, header, 0, 0):
        raise OSError(ctypes.get_errno(), "the system call filter was refused")
