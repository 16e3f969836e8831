"""The warm process: imports once what lessons need, then forks a kernel for each submission.

    python -m student_side.warm SOCKET WALLS MODULE...

SOCKET is the descriptor of a packet socket to the grader, WALLS "walls" or "none". A request is a packet of JSON, with the
kernel's sockets sent along as descriptors; the process itself never runs a student's code.
"""

import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
from contextlib import suppress

from . import memory_watch, walls
from .kernel import run
from .preparation import prepare
from .walls import SIGNALLED
from .wire import CHANNELS


def main(arguments: list[str]) -> None:
    """Import the modules, say "ready", and serve requests until the grader hangs up."""
    stream = socket.socket(fileno=int(arguments[0]))
    shut_in, modules = arguments[1] == "walls", arguments[2:]
    for module in modules:
        importlib.import_module(module)
    prepare(modules)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # drawing makes many objects and little garbage; looking for it took a tenth of the time
    _tell(stream, {"ready": sorted(modules)})
    Server(stream, shut_in).serve()


class Server:
    """Forks, signals and reaps kernels at the grader's word."""

    def __init__(self, stream: socket.socket, shut_in: bool):
        self.stream, self.shut_in = stream, shut_in
        self.running: dict[int, tuple[int, int]] = {}  # the process to wait for: its kernel's process and number
        self.users: dict[int, int] = {}  # the process to wait for: the user that it alone runs as, where there are no walls
        self.watched: dict[int, int] = {}  # the numbers of kernels whose memory nobody else counts, and what they may use

    def serve(self) -> None:
        """Wait for requests and for kernels that end."""
        waker, wake = os.pipe()
        for end in (waker, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self.stream, selectors.EVENT_READ)
            selector.register(waker, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(memory_watch.PERIOD if self.watched else None):
                    if key.fileobj == waker:
                        os.read(waker, 4096)
                        self._reap()
                    elif not self._request():
                        return
                self._watch()

    def _request(self) -> bool:
        message, descriptors = b"", []
        with suppress(ConnectionResetError):  # how the end of a pair of datagrams is told
            message, descriptors, _, _ = socket.recv_fds(self.stream, 65536, 16)
        if not message:
            return False
        request = json.loads(message)
        if request["do"] == "fork":
            self._fork(request, descriptors)
        elif request["do"] == "signal":
            self._signal(request["id"], request["signal"])
            _tell(self.stream, {"signalled": request["id"]})
        return True

    def _watch(self) -> None:
        """End the kernels that use more memory than they may."""
        if self.watched and memory_watch.used_by_kernels() > max(self.watched.values()):
            for number in list(self.watched):
                _tell(self.stream, {"greedy": number})
                self._signal(number, signal.SIGKILL)

    def _signal(self, number: int, signum: int) -> None:
        for child, running in self.running.values():
            if running == number and child:
                with suppress(ProcessLookupError):
                    (os.kill if self.shut_in else os.killpg)(child, signum)

    def _fork(self, request: dict, descriptors: list[int]) -> None:
        waiter, child = walls.new_process_namespace() if self.shut_in else (os.fork(),) * 2
        if waiter == 0:
            self._become_kernel(request, descriptors)
        self.running[waiter] = child, request["id"]
        if request["user"] and not self.shut_in:
            self.users[waiter] = request["user"]
        if self.shut_in and not _joined(descriptors[len(CHANNELS) + 1 :], child):
            self.watched[request["id"]] = request["limits"]["memory"] + memory_watch.SLACK
        for descriptor in descriptors:
            os.close(descriptor)
        _tell(self.stream, {"started": request["id"]})

    def _become_kernel(self, request: dict, descriptors: list[int]) -> None:
        status = walls.START_FAILED
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            *channels, calls = descriptors[: len(CHANNELS) + 1]
            walls.close_all_but([*channels, calls])
            if self.shut_in:
                walls.raise_walls(request["limits"], request["user"])
            else:
                _move_to(request["folder"], request["user"])
                walls.become_another(request["user"], request["limits"]) if request["user"] else walls.limit_process(
                    request["limits"]
                )
            _same_numbers()
            run(dict(zip(CHANNELS, channels, strict=True)), socket.socket(fileno=calls), request["key"].encode())
            status = 0
        except BaseException as error:
            print(f"the kernel could not start: {type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.running:
                code = os.waitstatus_to_exitcode(status)
                code = code if code <= SIGNALLED else SIGNALLED - code
                _, number = self.running.pop(pid)
                if pid in self.users:
                    walls.end_all_of(self.users.pop(pid))
                self.watched.pop(number, None)
                _tell(self.stream, {"ended": number, "code": code})


def _joined(doors: list[int], process: int) -> bool:
    """Put a process into its control groups; whether there are any, and all took it."""
    with suppress(OSError):
        return bool(doors and process and all(os.write(door, str(process).encode()) for door in doors))
    return False


def _move_to(folder: str, user: int | None) -> None:
    """Work in this folder, where there are no walls to make one of the kernel's own."""
    if user:
        os.chown(folder, user, user)
    os.chdir(folder)
    os.environ |= {"HOME": folder, "IPYTHONDIR": f"{folder}/ipython", "TMPDIR": folder}


def _same_numbers() -> None:
    """Unseeded random numbers are the same in every kernel, so that a regrade sees what the first grading saw."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def _tell(stream: socket.socket, message: dict) -> None:
    stream.send(json.dumps(message).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
