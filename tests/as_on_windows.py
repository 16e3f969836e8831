"""Runs code where everything is missing that Windows lacks: `python as_on_windows.py < runs.json`.

A run is a list of modules to import and the autograder's command to run after it, if any; the output is a list, as JSON, of
[status, output, error output]. The libraries underneath have versions of their own for Windows: they are imported once, as they
are here, and each run is a process forked from there.
"""

import builtins
import json
import os
import runpy
import signal
import socket
import sys
import traceback
from importlib import import_module
from tempfile import TemporaryFile

OURS = ("autograder", "attention_course", "tests.", "test_")
BENEATH = """
    asyncio concurrent.futures.process distributed ipykernel.kernelapp IPython jinja2 jupyter_client jupytext matplotlib.pyplot
    multiprocessing nbconvert nbformat nbgrader.api nbgrader.apps numpy psutil pytest rich.console rich.progress subprocess
    torch typer zmq
"""
NO_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
NO_NAMES = {
    os: """
        chown fork getegid geteuid getgid getpgid getuid killpg mkfifo pread sched_getaffinity setresuid setsid statvfs sysconf
        uname wait4 WNOHANG
    """,
    signal: "SIGALRM SIGCHLD SIGKILL setitimer",
    socket: "AF_UNIX recv_fds send_fds",
}


def run(modules: list[str], command: list[str]) -> tuple[int, str, str]:
    """Import modules and run a command in a process of its own."""
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        child = os.fork()
        if child == 0:
            for stream, number in ((output, 1), (errors, 2)):
                os.dup2(stream.fileno(), number)
            os._exit(_status(modules, command))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0), errors.seek(0)
        return status, output.read(), errors.read()


def _status(modules: list[str], command: list[str]) -> int:
    _take_away()
    try:
        for name in modules:
            import_module(name)
        if command:
            sys.argv = ["autograder", *command]
            runpy.run_module("autograder", run_name="__main__")
    except SystemExit as end:
        return end.code or 0
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush(), sys.stderr.flush()
    return 0


def _take_away() -> None:
    def imported(name, globals=None, locals=None, fromlist=(), level=0):
        if name.split(".")[0] in NO_MODULES and str((globals or {}).get("__name__", "")).startswith(OURS):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return everything(name, globals, locals, fromlist, level)

    everything, builtins.__import__ = builtins.__import__, imported
    for module, names in NO_NAMES.items():
        for name in filter(vars(module).__contains__, names.split()):
            delattr(module, name)
    sys.platform = "win32"


if __name__ == "__main__":
    for name in BENEATH.split():
        import_module(name)
    print(json.dumps([run(*each) for each in json.load(sys.stdin)]))
