"""Turns a forked process into a Jupyter kernel on sockets that were opened outside."""

import builtins
import os
import socket
from contextlib import nullcontext

import zmq
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from . import brief
from .agent import Agent
from .wire import CHANNELS


class SandboxKernelApp(IPKernelApp):
    """A kernel that takes its channels as listening sockets: it makes no file, no port and no heartbeat."""

    listeners: dict[int, int] = {}

    def parse_command_line(self, argv=None):
        """There is none."""

    def init_connection_file(self):
        """The connection is given; there is no file."""

    def write_connection_file(self, **ignored):
        """The grader knows the connection already."""

    def log_connection_info(self):
        """Nobody else may connect."""

    def init_heartbeat(self):
        """The grader watches the process itself."""
        self.heartbeat = None

    def _try_bind_socket(self, channel, port):
        channel.setsockopt(zmq.USE_FD, self.listeners[port])
        channel.bind(f"ipc://channel-{port}")
        return port


def run(listeners: dict[str, int], calls: socket.socket, key: bytes) -> None:
    """Serve as a kernel until told to stop.

    listeners: file descriptors of listening Unix sockets for the four channels.
    calls: the stream on which the grader calls the student's functions.
    key: signs the kernel's messages.
    """
    settings = Config()
    settings.HistoryManager.enabled = False  # nobody will scroll back; it would be a database and a thread
    settings.InteractiveShell.xmode = "Minimal"  # an exception's name and text are all that is read of a traceback
    app = SandboxKernelApp.instance(kernel_class=IPythonKernel, transport="ipc", ip="channel", config=settings)
    app.capture_fd_output = False
    app.listeners = {number: listeners[name] for number, name in enumerate(CHANNELS, 1)}
    for number, name in enumerate(CHANNELS, 1):
        setattr(app, f"{name}_port", number)
    app.outstream_class = f"{brief.__name__}.BriefStream"
    app.session.key, app.session.pack = key, brief.packed
    builtins.input = brief.no_input
    app.initialize([])
    app.shell._tee = lambda channel: nullcontext()  # it would keep everything that is printed, as a part of the history
    app.shell.compile.get_code_name = lambda raw, transformed, number: f"cell {number}"
    Agent(calls, app.shell.user_ns).start()
    _leave_the_outputs()
    app.start()


def _leave_the_outputs() -> None:
    """Until here they told the grader of trouble; all kernels of a warm process have them in common."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        os.dup2(nowhere, output)
    os.close(nowhere)
