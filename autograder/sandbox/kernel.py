"""Runs cells in a sandboxed kernel, collects what they show, and carries calls to the student's functions."""

import itertools
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import zmq
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpec

from autograder.sandbox import bubblewrap
from autograder.sandbox.bubblewrap import SandboxUnavailable
from autograder.sandbox.cell_run import CellRun
from autograder.sandbox.limits import MB, Limits
from autograder.sandbox.memory_use import MemoryUse
from autograder.sandbox.provisioner import SandboxProvisioner
from autograder.sandbox.warm import WarmProcess
from autograder.student_side import wire

GRACE = 2.0  # seconds in which to obey an interrupt
ENDED = 15.0  # in which to be gone, with all processes, once killed
STARTED = 30.0
MESSAGE = 4 * MB  # a larger one from the kernel, such as a cell's output at once, is lost
AT_ONCE = 16  # messages that wait on this side; more wait in the kernel


def _nothing(asked: bytearray | None) -> bytes:
    return b""


class KernelGone(Exception):
    """The kernel's process has ended. `reason` is "timeout", "memory", "malformed" or "crash"; the text says how it ended."""

    def __init__(self, reason: str, text: str):
        self.reason = reason
        super().__init__(text)


class TimeOver(Exception):
    """A call was stopped because its time was over; the kernel lives."""


class SandboxedKernel:
    """One kernel for one submission. Use it as a context manager: at its end nothing of the kernel is left.

    deadline: when the submission's time is over, by `time.monotonic()`.
    """

    def __init__(self, warm: WarmProcess, limits: Limits | None = None):
        self.limits = limits or Limits()
        self.warm = warm
        self.deadline = time.monotonic() + self.limits.total
        self.requests = itertools.count(1)

    def __enter__(self) -> "SandboxedKernel":
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, AT_ONCE)
        self.manager = KernelManager(context=self.context)
        self.manager._kernel_spec = KernelSpec(argv=[], display_name="sandbox", language="python")
        self.provisioner = SandboxProvisioner(self.warm, self.limits, parent=self.manager, kernel_spec=self.manager._kernel_spec)
        self.manager.provisioner = self.provisioner
        try:
            self.manager.start_kernel()
            self.client: BlockingKernelClient = self.manager.blocking_client()
            self.client.start_channels(stdin=False, hb=False, control=False)
            self._wait_for_welcome()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception) -> None:
        self.warm.end(self.provisioner.number, ENDED)
        if hasattr(self, "client"):
            self.client.stop_channels()
        self.manager.cleanup_resources()
        self.context.destroy(linger=0)

    def run(self, source: str) -> CellRun:
        """Run one cell within the limits; raises `KernelGone`."""
        deadline = self._until(self.limits.cell)
        message = self.client.execute(source, allow_stdin=False, stop_on_error=False)
        run, waiting = CellRun(), {"reply", "idle"}
        while waiting:
            if time.monotonic() > deadline and waiting == {"idle"}:
                break  # the message that says so was lost, as happens when output comes faster than it is read
            if time.monotonic() > deadline:
                if run.timed_out:
                    self._end("timeout", "it did not stop when its time was over")
                run.timed_out = True
                self.interrupt()
                deadline = time.monotonic() + GRACE
            replied = "reply" not in waiting
            self._listen(message, run, waiting, deadline)
            if not replied and "reply" not in waiting:
                deadline = time.monotonic() + GRACE
        return run

    def call(self, request: bytes, seconds: float, tell: Callable[[bytearray | None], bytes] = _nothing) -> bytearray:
        """Send one request to the agent and return its reply; raises `TimeOver` or `KernelGone`.

        tell: what to say to a question that the answer asks in the meantime; of None, what to say when its time is over.
        """
        number, deadline = next(self.requests), self._until(seconds)
        try:
            wire.send(self.provisioner.calls, number, request, deadline)
        except OSError as problem:
            late = isinstance(problem, TimeoutError)
            self._end("timeout" if late else "crash", "it takes no calls" if late else "its process ended")
        try:
            return self._reply(number, deadline, tell)
        except TimeOver:
            self._stop_call(number, tell)
            raise

    def memory(self) -> MemoryUse:
        """Watches, in a `with` block, how much memory the kernel's processes use."""
        return MemoryUse(self.warm.process.pid)

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self.warm.signal(self.provisioner.number, signal.SIGINT)

    def _stop_call(self, number: int, tell: Callable[[bytearray | None], bytes]) -> None:
        """Interrupt a call and wait for the reply that says so."""
        self.interrupt()
        try:
            self._reply(number, time.monotonic() + GRACE, lambda asked: tell(None))
        except TimeOver:
            self._end("timeout", "it did not stop when its time was over")

    def _reply(self, number: int, deadline: float, tell: Callable[[bytearray | None], bytes]) -> bytearray:
        """The reply to the request of that number. Others are left aside: late ones, and what a student wrote there."""
        try:
            while True:
                found, reply = wire.receive(self.provisioner.calls, self.limits.result, deadline)
                if found == number:
                    return reply
                if found == wire.ASK | number:
                    self._tell(found, tell(reply), tell(None), deadline)
        except wire.Torn:
            self._end("timeout", "it did not end what it began to say")
        except TimeoutError:
            raise TimeOver from None
        except wire.TooLarge:
            self._end("malformed", "its result was too large")
        except (EOFError, OSError):
            self._end("crash", "its process ended")

    def _tell(self, number: int, told: bytes, stop: bytes, deadline: float) -> None:
        """Say something to the answer while it is at work; it is waiting for that."""
        late = time.monotonic() > deadline
        wire.send(self.provisioner.calls, number, stop if late else told, max(deadline, time.monotonic() + GRACE))

    def _until(self, seconds: float) -> float:
        """When so many seconds will be over, or the submission's time."""
        if time.monotonic() > self.deadline:
            self._end("timeout", "the time for the whole notebook was over")
        return min(time.monotonic() + seconds, self.deadline)

    def _listen(self, message: str, run: CellRun, waiting: set[str], deadline: float) -> None:
        """Take in what has come on both channels, or find out that nothing will come any more."""
        output, replies = self.client.iopub_channel.socket, self.client.shell_channel.socket
        poller = zmq.Poller()
        poller.register(output, zmq.POLLIN)
        poller.register(replies, zmq.POLLIN)
        ready = dict(poller.poll(max(min(200, 1000 * (deadline - time.monotonic())), 1)))
        if self.provisioner.relay.endless:
            self._end("malformed", "it sent a message without an end")
        if not ready:
            code = self.warm.exit_code(self.provisioner.number)
            if code is not None:
                self._end("crash", _how_it_ended(code))
        for channel in ready:
            found = self._message(channel)
            if not found or found["parent_header"].get("msg_id") != message:
                continue
            if channel is replies:
                waiting.discard("reply")
            elif found["msg_type"] == "status" and found["content"].get("execution_state") == "idle":
                waiting.discard("idle")
            else:
                run.take(found["msg_type"], found["content"], self.limits.output)

    def _message(self, channel: zmq.Socket) -> dict | None:
        """The next message, or None if it was none: a student's code can send whatever it likes."""
        try:
            _, found = self.client.session.recv(channel, zmq.NOBLOCK)
            parts = (found["msg_type"], found["content"], found["parent_header"])
            return found if all(isinstance(part, kind) for part, kind in zip(parts, (str, dict, dict), strict=True)) else None
        except Exception:
            return None

    def _wait_for_welcome(self) -> None:
        """A subscription takes a moment; until the kernel has greeted it, output would be lost."""
        deadline = time.monotonic() + STARTED
        while time.monotonic() < deadline:
            if self.client.iopub_channel.socket.poll(100):
                found = self._message(self.client.iopub_channel.socket)
                if found and found["msg_type"] == "iopub_welcome":
                    return
            elif self.warm.exit_code(self.provisioner.number) is not None:
                break
        said = self.warm.complaint() or "it said nothing"
        raise SandboxUnavailable(f"The sandbox could not start a kernel ({said}); {bubblewrap.advice()}")

    def _end(self, reason: str, text: str) -> None:
        """Kill what is left of the kernel and say why it is gone."""
        self.warm.end(self.provisioner.number, ENDED)
        group = self.provisioner.group
        if self.provisioner.number in self.warm.greedy or group and group.ran_out_of_memory():
            reason, text = "memory", "it used more memory than it may"
        raise KernelGone(reason, text)


def _how_it_ended(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with status {code}"
