"""Functions that are sent into a sandbox to find out what can be done there, each of which imports what it needs; and what
is to be seen from outside."""

import inspect
import json
import os
from contextlib import suppress
from pathlib import Path


def ask(kernel, probe, *arguments):
    """What a probe returns when it runs as a cell of a kernel; it goes through JSON."""
    values = ", ".join(repr(argument) for argument in arguments)
    run = kernel.run(f"{inspect.getsource(probe)}\nimport json\nprint('found', json.dumps({probe.__name__}({values})))")
    assert not run.error, run.error
    return json.loads(run.text.split("found ", 1)[1])


def resident() -> int:
    """Bytes of this process's memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processes_below(process: int) -> dict[int, str]:
    """The processes of this machine that descend from one, with their command lines. What has ended and is not yet
    forgotten counts too."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            lines[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    below, more = {process}, {process}
    while more:
        more = {child for child, parent in parents.items() if parent in more}
        below |= more
    return {child: lines[child] for child in below & set(lines)}


def interfaces():
    import socket

    return [name for _, name in socket.if_nameindex()]


def connection(family, address):
    """How an attempt to connect ends."""
    import errno
    import socket

    try:
        with socket.socket(family, socket.SOCK_STREAM) as stream:
            stream.settimeout(2)
            stream.connect(address)
        return "connected"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def processes():
    import os

    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def signalled(process):
    """How an attempt to signal a process ends."""
    import os

    try:
        os.kill(process, 0)
        return "signalled"
    except OSError as error:
        return error.strerror


def readable(paths):
    """Those of the paths that can be listed or read."""
    import os

    found = []
    for path in paths:
        try:
            os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)
            found.append(path)
        except OSError:
            pass
    return found


def writable_folders():
    """Every folder in which a file can be made, and every mount."""
    import os

    places = {line.split()[4] for line in open("/proc/self/mountinfo")}
    for folder, below, _ in os.walk("/"):
        below[:] = [name for name in below if os.path.join(folder, name) not in ("/proc", "/usr")]
        places.add(folder)
    found = []
    for place in sorted(places):
        try:
            with open(os.path.join(place, "written"), "w") as file:
                file.write("x")
            os.remove(os.path.join(place, "written"))
            found.append(place)
        except OSError:
            pass
    return found


def filled(folder, pieces):
    """Megabytes that fit into a folder, tried up to so many, and what is said then."""
    import errno
    import os

    written, said = 0, ""
    try:
        for number in range(pieces):
            with open(os.path.join(folder, f"piece-{number}"), "wb") as file:
                file.write(bytes(1 << 20))
            written += 1
    except OSError as error:
        said = errno.errorcode[error.errno]
    for number in range(pieces):
        try:
            os.remove(os.path.join(folder, f"piece-{number}"))
        except OSError:
            pass
    return [written, said]


def files_made():
    """How many empty files fit into the scratch folder, up to 100,000, and what is said then."""
    import errno
    import os

    made, said = 0, ""
    os.mkdir("/scratch/many")
    try:
        while made < 100_000:
            os.close(os.open(f"/scratch/many/{made}", os.O_CREAT))
            made += 1
    except OSError as error:
        said = errno.errorcode[error.errno]
    for number in range(made):
        os.remove(f"/scratch/many/{number}")
    return [made, said]


def timers():
    """How many timers there can be at once, up to 100,000."""
    import ctypes

    libc, place = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    made = 0
    while made < 100_000 and libc.timer_create(1, None, place) == 0:
        made += 1
    return made


def largest_file():
    """Megabytes of the largest file, up to 100."""
    import os

    size = 0
    try:
        with open("/dev/shm/large", "wb", buffering=0) as file:
            for _ in range(100):
                size += file.write(bytes(1 << 20))
    except OSError:
        pass
    os.remove("/dev/shm/large")
    return size >> 20


def open_files():
    """How many files can be open at once, and what is said then."""
    import errno
    import os

    opened, said = [], ""
    try:
        while len(opened) < 5000:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        said = errno.errorcode[error.errno]
    for descriptor in opened:
        os.close(descriptor)
    return [len(opened), said]


def threads():
    """How many threads can run at once."""
    import threading

    stop, started = threading.Event(), []
    try:
        while len(started) < 1000:
            started.append(threading.Thread(target=stop.wait, daemon=True))
            started[-1].start()
    except RuntimeError:
        started.pop()
    stop.set()
    return len(started)


def forks():
    """How many processes can run at once beside this one."""
    import os
    import signal

    children = []
    try:
        while len(children) < 1000:
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def environment():
    """The variables, and what the operating system says of those that the process began with, where it may be read."""
    import os

    try:
        return [dict(os.environ), open("/proc/self/environ").read()]
    except PermissionError:
        return [dict(os.environ), ""]


def status():
    """Privileges, as the operating system states them."""
    return dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)


def refusals():
    """How attempts to gain privileges end; every one of them should be refused."""
    import ctypes
    import errno
    import mmap
    import os

    libc = ctypes.CDLL(None, use_errno=True)

    def tried(name, *arguments):
        ctypes.set_errno(0)
        return "allowed" if getattr(libc, name)(*arguments) >= 0 else errno.errorcode[ctypes.get_errno()]

    found = {
        f"unshare {flag:#x}": tried("unshare", flag)
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    }
    found["mount"] = tried("mount", b"none", b"/scratch", b"tmpfs", 0, None)
    found["umount"] = tried("umount2", b"/proc", 2)
    found["chroot"] = tried("chroot", b"/scratch")
    found["ptrace"] = tried("ptrace", 0, 0, 0, 0)
    found["setuid"] = tried("setuid", 12345)
    found["setgid"] = tried("setgid", 12345)
    found["shared memory"] = tried("shmget", 0, 1 << 20, 0o1600)
    found["memory file"] = tried("memfd_create", b"x", 0)
    try:
        mmap.mmap(-1, 1 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS).close()
        found["shared memory without a name"] = "allowed"
    except OSError as error:
        found["shared memory without a name"] = errno.errorcode[error.errno]
    found["socket to the hypervisor"] = tried("socket", 40, 1, 0)
    found["raw socket"] = tried("socket", 17, 3, 0)
    try:
        os.mknod("/scratch/device", 0o20600, os.makedev(1, 1))
        found["device"] = "allowed"
    except OSError as error:
        found["device"] = errno.errorcode[error.errno]
    return found


def outputs():
    """Where the process's own inputs and outputs lead."""
    import os

    os.write(1, b"to the output\n")
    os.write(2, b"to the error output\n")
    return [os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)]


def daemon(marker):
    """Start a process that nobody waits for, and that writes for ever."""
    import os
    import subprocess
    import time

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sh", ["/bin/sh", "-c", f"while true; do echo {marker} >> /scratch/log; sleep 0.05; done"])
        os._exit(0)
    for _ in range(1000):
        if os.path.exists("/scratch/log") and os.path.getsize("/scratch/log"):
            break
        time.sleep(0.02)
    return subprocess.run(["cat", "/scratch/log"], capture_output=True, text=True).stdout.splitlines()[0]


def random_numbers():
    """Numbers from generators that nobody has seeded, and an order that depends on hashes."""
    import random
    import sys

    import numpy

    found = [random.random(), numpy.random.rand(3).tolist(), list({"a", "b", "c", "d"})]
    if "torch" in sys.modules:
        found.append(sys.modules["torch"].rand(3).tolist())
    return found
