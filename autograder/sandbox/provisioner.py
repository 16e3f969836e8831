"""Gives jupyter_client a kernel that a warm process forked, in place of a new one."""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from contextlib import ExitStack
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase

from autograder.sandbox.groups import Group
from autograder.sandbox.limits import MB, Limits
from autograder.sandbox.relay import Relay
from autograder.sandbox.warm import WarmProcess
from autograder.student_side.wire import CHANNELS


class SandboxProvisioner(KernelProvisionerBase):
    """The life of one forked kernel: launch, poll, signal, kill, clean up.

    Its channels are Unix sockets in a private folder. They are opened here and handed over as descriptors, so that the folder
    need not be seen from inside; the grader connects to them through `relay`. `calls` is the stream for the grader's calls.
    """

    def __init__(self, warm: WarmProcess, limits: Limits, **keywords: Any):
        super().__init__(**keywords)
        self.warm, self.limits = warm, limits
        self.number: int | None = None
        self.calls: socket.socket | None = None
        self.relay: Relay | None = None
        self.folder = tempfile.mkdtemp(prefix=f"k-{os.getpid()}-", dir="/tmp" if os.path.isdir("/tmp") else None)
        self.group = Group.make(limits.memory + 512 * MB, limits.processes) if warm.walls == "bubblewrap" else None

    @property
    def has_process(self) -> bool:
        return self.number is not None

    async def pre_launch(self, **keywords: Any) -> dict[str, Any]:
        """Choose the sockets' names; nothing is written to disk."""
        manager = self.parent
        manager.transport, manager.ip = "ipc", os.path.join(self.folder, "c")
        for number, name in enumerate(CHANNELS, 1):
            setattr(manager, f"{name}_port", number)
        manager.hb_port = len(CHANNELS) + 1
        self.connection_info = manager.get_connection_info()
        return await super().pre_launch(cmd=[], **keywords)

    async def launch_kernel(self, cmd: list[str], **keywords: Any) -> KernelConnectionInfo:
        """Open the sockets and have the warm process fork a kernel onto them."""
        with ExitStack() as here:
            theirs, channels = [], {}
            for number, _ in enumerate(CHANNELS, 1):
                theirs.append(here.enter_context(self._listen(f"{self.folder}/kernel-{number}")))
                channels[self._listen(f"{self.folder}/c-{number}")] = f"{self.folder}/kernel-{number}"
            self.relay = Relay(channels)
            self.relay.start()
            self.calls, calls = socket.socketpair()
            theirs.append(here.enter_context(calls))
            doors = self.group.doors() if self.group else []
            for door in doors:
                here.callback(os.close, door)
            os.mkdir(f"{self.folder}/work")
            if self.warm.apart and self.warm.walls == "container":
                os.chmod(self.folder, 0o711)  # the submission, as a user of its own, must get to its part
            key = self.connection_info["key"].decode()
            self.number = self.warm.fork([end.fileno() for end in theirs], key, self.limits, doors, f"{self.folder}/work")
        return self.connection_info

    async def poll(self) -> int | None:
        return None if self.number is None else self.warm.exit_code(self.number)

    async def wait(self) -> int | None:
        code = await self.poll()
        while code is None and self.has_process:
            await asyncio.sleep(0.005)
            code = await self.poll()
        self.number = None
        return code

    async def send_signal(self, signum: int) -> None:
        if self.has_process:
            self.warm.signal(self.number, signum)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def cleanup(self, restart: bool = False) -> None:
        """Close what is left on this side."""
        if self.relay:
            self.relay.close()
        if self.calls is not None:
            self.calls.close()
        if self.group:
            self.group.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self, path: str) -> socket.socket:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.bind(path)
        stream.listen(8)
        return stream
