"""The processes that grade on this machine. On Linux they are forked from one that has imported once what all of them need.

That process holds nothing of a class, and no submission runs in it or in them: each of them has a sandbox of its own.
"""

import concurrent.futures as futures
import multiprocessing
import sys
from collections.abc import Iterable

from autograder import lessons, worker
from autograder.grading import imported_modules

METHOD = "forkserver" if sys.platform == "linux" else "spawn"


def get_ready(names: Iterable[str] = ()) -> None:
    """Begin to import, in another process, what it takes to grade these lessons; this returns at once. The first call counts."""
    if METHOD == "forkserver":
        modules = {module for name in names for module in imported_modules(lessons.load(name))}
        multiprocessing.get_context(METHOD).set_forkserver_preload([worker.__name__, *sorted(modules)])
        from multiprocessing import forkserver

        forkserver.ensure_running()


def processes(jobs: int) -> futures.Executor:
    """The executor for one machine: so many processes, each with a warm process of its own."""
    get_ready()
    context = multiprocessing.get_context(METHOD)
    return futures.ProcessPoolExecutor(jobs, mp_context=context, initializer=worker.end_with_parent)
