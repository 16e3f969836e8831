"""The warm process as seen from outside: start it, have it fork, signal what it forked, hear what ended."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

from autograder.sandbox import bubblewrap, groups
from autograder.sandbox.limits import Limits
from autograder.sandbox.user_ids import fresh_user

START = 60.0
FORK = 20.0
SIGNAL = 2.0
# macOS has no packets that come in order and with an end; its datagrams between two ends of a pair do.
PACKETS = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM


class WarmProcess:
    """A process that has imported what lessons need and forks kernels from there.

    modules: what it imports, such as numpy and torch.
    walls: "bubblewrap", or "container" and "none", where it runs with limits but without walls; in a container that root grades
    in, as another user.
    Starting returns at once; the first fork waits until the imports are done.
    """

    def __init__(self, modules: list[str], walls: str = "bubblewrap"):
        self.modules, self.walls = sorted(modules), walls
        inside = walls == "bubblewrap"
        wrapper = bubblewrap.command(walls)
        self.apart = bubblewrap.by_root() if inside else walls == "container" and bubblewrap.can_be_apart()
        if inside:
            groups.remove_left_over()
        self.stream, theirs = socket.socketpair(socket.AF_UNIX, PACKETS)
        self.errors = tempfile.TemporaryFile()
        self.folder = None if inside else tempfile.TemporaryDirectory(prefix="submission-")
        variables = bubblewrap.environment() | {"PYTHONPATH": bubblewrap.python_path(inside)}
        if not inside:
            variables |= bubblewrap.home(self.folder.name)
        module = "student_side.warm" if inside else "autograder.student_side.warm"
        program = [sys.executable, "-P", "-m", module, str(theirs.fileno()), "walls" if inside else "none"]
        with theirs:
            self.process = subprocess.Popen(
                [*wrapper, *program, *self.modules],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=self.errors,
                stderr=self.errors,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.ready = False
        self.numbers = itertools.count(1)
        self.started: set[int] = set()
        self.signalled: set[int] = set()
        self.greedy: set[int] = set()  # kernels that were ended because they used too much memory
        self.ended: dict[int, int] = {}

    def fork(self, sockets: list[int], key: str, limits: Limits, doors: list[int], folder: str) -> int:
        """Fork a kernel onto these sockets (four channels, then the calls); returns its number.

        doors: the control group's, if there is one; folder: where it works where there are no walls.
        """
        self._wait_until_ready()
        number = next(self.numbers)
        request = {"do": "fork", "id": number, "key": key, "limits": limits.inside(), "folder": folder}
        request["user"] = fresh_user() if self.apart else None
        socket.send_fds(self.stream, [json.dumps(request).encode()], [*sockets, *doors])
        self._hear(FORK, until=lambda: number in self.started)
        return number

    def signal(self, number: int, signum: int) -> None:
        """Send a signal to a kernel and wait until it is sent; one that has ended is left in peace."""
        with suppress(OSError, bubblewrap.SandboxUnavailable):
            self.signalled.discard(number)
            self.stream.send(json.dumps({"do": "signal", "id": number, "signal": int(signum)}).encode())
            self._hear(SIGNAL, until=lambda: number in self.signalled)

    def exit_code(self, number: int) -> int | None:
        """The exit code of a kernel, negative for a signal; None while it runs."""
        with suppress(OSError, bubblewrap.SandboxUnavailable):
            self._hear(0.0, until=lambda: number in self.ended)
        if number not in self.ended and self.process.poll() is not None:
            return -signal.SIGKILL
        return self.ended.get(number)

    def end(self, number: int | None, seconds: float) -> None:
        """Kill a kernel, with all its processes, and wait at most so long until they are gone."""
        if number is None or number in self.ended:
            return
        self.signal(number, signal.SIGKILL)
        with suppress(OSError, bubblewrap.SandboxUnavailable):
            self._hear(seconds, until=lambda: number in self.ended)

    def complaint(self) -> str:
        """The last line that the warm process, or a kernel that could not start, wrote to its error output."""
        size = os.fstat(self.errors.fileno()).st_size
        lines = os.pread(self.errors.fileno(), 4000, max(size - 4000, 0)).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """End the process and every kernel it forked."""
        self.stream.close()
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.errors.close()
        if self.folder:
            self.folder.cleanup()

    def __enter__(self) -> "WarmProcess":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def _wait_until_ready(self) -> None:
        if not self.ready:
            self._hear(START, until=lambda: self.ready)

    def _hear(self, seconds: float, until) -> None:
        """Read what the process tells until a condition holds; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not until():
            self.stream.settimeout(max(deadline - time.monotonic(), 1e-4))
            packet = self.stream.recv(65536)
            if not packet:
                raise bubblewrap.SandboxUnavailable(f"The sandbox's process ended ({self.complaint() or 'it said nothing'}).")
            self._note(json.loads(packet))

    def _note(self, message: dict) -> None:
        if "ready" in message:
            self.ready = True
        elif "started" in message:
            self.started.add(message["started"])
        elif "signalled" in message:
            self.signalled.add(message["signalled"])
        elif "greedy" in message:
            self.greedy.add(message["greedy"])
        elif "ended" in message:
            self.ended[message["ended"]] = message["code"]
            self.started.discard(message["ended"])
            self.signalled.discard(message["ended"])
