"""An executor on a Dask cluster that exists already: `grade --scheduler ADDRESS`.

A task is a submission. A worker that dies gives its submissions to others; one that has another version of the lesson, or of
what the grade depends on, is refused and gets no more.
"""

import concurrent.futures as futures
import logging
from collections.abc import Callable
from contextlib import suppress

from autograder import lessons
from autograder.grading import versions
from autograder.trouble import Trouble

PATIENCE = 60  # seconds to wait for a scheduler or for a first worker
IN_FLIGHT = 256  # submissions on the cluster at once: enough for a hundred workers


class ClusterTrouble(Trouble):
    """The cluster cannot grade."""

    status = 1


class KilledWorkers(Exception):
    """A submission ended the workers that it was given to."""


class Lost(futures.BrokenExecutor):
    """The scheduler is gone, and no submission is to blame."""


class OtherVersion(Exception):
    """Raised on a worker that has not what the caller has: its address, and what differs."""


class Cluster(futures.Executor):
    """Runs `function(data, lesson, ...)` on the workers of the scheduler at an address such as tcp://10.0.0.1:8786."""

    def __init__(self, address: str, patience: float = PATIENCE):
        try:
            from distributed import Client
        except ImportError:
            raise ClusterTrouble("Grading on a cluster needs Dask: pip install distributed, here and on the workers.") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says of lost connections is told here in a sentence
        self.address, self.refused = address, {}
        try:
            self.client = Client(address, timeout=patience, set_as_default=False)
        except (OSError, ValueError, TimeoutError):
            raise ClusterTrouble(
                f"No Dask scheduler answers at {address}: start one with `dask scheduler`; what was graded is kept."
            ) from None
        try:
            self.client.wait_for_workers(1, timeout=patience)
        except TimeoutError:
            self.client.close()
            raise ClusterTrouble(
                f"The scheduler at {address} has no workers: start some with `dask worker {address} --nthreads 1`."
            ) from None

    def submit(self, function: Callable, data: bytes, lesson: str, *arguments) -> futures.Future:
        """The future of `function(data, lesson, *arguments)` on one of the workers."""
        future = futures.Future()
        future.set_running_or_notify_cancel()
        self._send(future, _needed(lesson), (function, data, lesson, *arguments))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster; it goes on without us."""
        with suppress(Exception):
            self.client.close(timeout=5)

    def _send(self, future: futures.Future, needed: dict, work: tuple) -> None:
        try:
            sent = self.client.submit(_work, needed, *work, pure=False, **self._only())
        except ClusterTrouble as trouble:
            future.set_exception(trouble)
        except Exception as error:
            future.set_exception(Lost(f"the cluster is gone ({error})"))
        else:
            sent.add_done_callback(lambda done: self._done(done, future, needed, work))

    def _done(self, done, future: futures.Future, needed: dict, work: tuple) -> None:
        from distributed import KilledWorker

        try:
            error = done.exception() if done.status == "error" else None
            if done.status == "finished":
                future.set_result(done.result())
            elif isinstance(error, OtherVersion):
                address, reason = error.args
                self.refused[address] = reason
                self._send(future, needed, work)
            elif isinstance(error, KilledWorker):
                future.set_exception(KilledWorkers("it ended the workers that it was given to"))
            elif error is not None:
                future.set_exception(error)
            else:
                future.set_exception(Lost("the scheduler was lost"))
        except futures.InvalidStateError:
            pass
        except Exception as lost:
            future.set_exception(Lost(f"the cluster is gone ({lost})"))

    def _only(self) -> dict:
        """Where the next submission may go; the scheduler is asked only if some of its workers were refused."""
        if not self.refused:
            return {}
        there = self.client.scheduler_info(n_workers=-1)["workers"]
        left = [address for address in there if address not in self.refused]
        if there and not left:
            raise ClusterTrouble(f"No worker can grade this: {'; '.join(sorted(set(self.refused.values())))}.")
        return {"workers": left}


def _needed(lesson: str) -> dict[str, str]:
    """What must be the same here and on a worker."""
    return {f"lesson {lesson}": lessons.load(lesson).digest} | versions()


def _work(needed: dict[str, str], function: Callable, data: bytes, lesson: str, *arguments):
    """On the worker: the task itself, if this worker has what the caller has."""
    from distributed import get_worker

    address = get_worker().address
    try:
        here = _needed(lesson)
    except Trouble as trouble:
        raise OtherVersion(address, f"the worker at {address} says: {trouble}") from None
    other = [name for name, version in needed.items() if here.get(name) != version]
    if other:
        raise OtherVersion(address, f"the worker at {address} has another version of {', '.join(other)}: install the same there")
    return function(data, lesson, *arguments)
