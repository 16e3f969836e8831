"""Many submissions: an executor grades them, one writer, the caller, keeps what comes back.

Each result is on disk before the gradebook has it, under a key of everything it depends on, so that a run that was stopped
goes on where it stopped. A process that dies takes no other submission with it.
"""

import concurrent.futures as futures
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder import class_files, lessons, repair
from autograder.class_secret import Key
from autograder.cluster import ClusterTrouble, KilledWorkers, Lost
from autograder.gradebook import ClassGradebook
from autograder.grading import Grader, unreadable
from autograder.records import Record
from autograder.submissions import Submission
from autograder.trouble import Trouble
from autograder.worker import grade_one
from autograder.workers import processes

__all__ = ["Settings", "grade", "processes"]

TRIES = 3
DEADLY = f"It ended the grader's process {TRIES} times; look at it by hand."


@dataclass(frozen=True)
class Settings:
    """How a class is graded. again: also what has been graded before."""

    folder: Path
    key: Key
    sandbox: str = "bubblewrap"
    again: bool = False


def grade(
    submissions: Iterable[Submission],
    settings: Settings,
    gradebook: ClassGradebook,
    executor: Callable[[], futures.Executor],
    in_flight: int,
    begun: Callable[[Submission], None] = lambda submission: None,
) -> Iterator[tuple[Submission, Record]]:
    """Grade submissions and yield each with its record once it is on disk and in the gradebook.

    executor: makes the executor, and makes it again if its processes died; in_flight: how many submissions it is given at once.
    begun: told of each submission that is given to it.
    """
    grader = Grader(settings.sandbox, settings.key)  # it only computes keys here, and never starts a kernel

    def given(submission: Submission) -> None:
        begun(submission)
        gradebook.add_lesson(lessons.load(submission.lesson))  # while the workers make themselves ready

    for task, record, fresh in _results(submissions, settings, grader, executor, in_flight, given):
        submission, lesson = task.submission, lessons.load(task.submission.lesson)
        if fresh:
            class_files.write_journal(settings.folder, record)
        gradebook.add_lesson(lesson)
        gradebook.handed_in(submission.student, lesson, submission.handed_in)
        before = class_files.read_record(settings.folder, lesson.name, submission.student)
        same_work = before is not None and before.key == record.key != ""
        if settings.again or not same_work or not gradebook.has_grades(submission.student, lesson):
            gradebook.enter(submission.student, lesson, task.data, task.notebook, record, same_work)
            class_files.write_record(settings.folder, record)
        yield submission, record


@dataclass(frozen=True, eq=False)
class _Task:
    """A submission, the bytes of its file, and the notebook in it, made to fit its lesson; None where it cannot be read."""

    submission: Submission
    data: bytes
    notebook: NotebookNode | None = None


def _results(submissions, settings, grader, executor, in_flight, begun) -> Iterator[tuple[_Task, Record, bool]]:
    """Records in the order in which they are ready, and whether they are new; those in the journal come at once."""
    waiting, pool = _Pool(executor, settings), deque(submissions)
    with waiting:
        while pool or waiting.running or waiting.suspects:
            begun_now = []
            while pool and not waiting.suspects and len(waiting.running) < in_flight:
                task, known = _known(pool.popleft(), settings, grader)
                if known is not None:
                    yield task, known, False
                else:
                    waiting.add(task)
                    begun_now.append(task.submission)
            for submission in begun_now:  # once all of them are on their way
                begun(submission)
            if waiting.running or waiting.suspects:
                for task, record in waiting.finished():
                    yield task, record, True


def _known(submission: Submission, settings: Settings, grader: Grader) -> tuple[_Task, Record | None]:
    """A task, and the record of it if nothing has to be run: it cannot be graded, or it has been."""
    data, lesson = submission.data(), lessons.load(submission.lesson)
    about = submission.student, submission.path.name
    try:
        if submission.problem:
            raise repair.Unreadable(submission.problem)
        notebook, repairs = repair.fitted(data, lesson)
    except repair.Unreadable as problem:
        return _Task(submission, data), unreadable(lesson, str(problem), *about, grader)
    found = None if settings.again else class_files.read_journal(settings.folder, grader.record_key(notebook, lesson))
    if found is not None:
        found.student, found.notebook, found.repairs = *about, repairs
    return _Task(submission, data, notebook), found


class _Pool:
    """The submissions that are being graded. When the executor breaks, those that were in it are tried one by one, so that the
    one that breaks it is found and the others are not blamed."""

    def __init__(self, executor: Callable[[], futures.Executor], settings: Settings):
        self.make, self.settings = executor, settings
        self.executor: futures.Executor | None = None
        self.running: dict[futures.Future, _Task] = {}
        self.suspects: deque[_Task] = deque()
        self.broken: Counter[_Task] = Counter()
        self.lost: Counter[_Task] = Counter()

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *exception) -> None:
        if self.executor is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)

    def add(self, task: _Task) -> None:
        self.executor = self.executor or self.make()
        try:
            self.running[self._submit(task)] = task
        except futures.BrokenExecutor:
            self.suspects.append(task)

    def finished(self) -> Iterator[tuple[_Task, Record]]:
        """Wait until at least one is done; yields those that are."""
        if self.suspects:
            self.suspects.extend(self.running.values())
            self.running.clear()
            yield from self._one_by_one()
            return
        done, _ = futures.wait(self.running, return_when=futures.FIRST_COMPLETED)
        lost = []
        for future in done:
            task = self.running.pop(future)
            try:
                yield task, Record.from_json(future.result())
            except Lost:
                lost.append(task)
            except futures.BrokenExecutor:
                self.suspects.append(task)
            except KilledWorkers:
                yield task, self._fault(task, DEADLY)
            except Trouble:
                raise
            except Exception as fault:
                yield task, self._fault(task, f"The grader itself failed ({type(fault).__name__}: {fault}).")
        if lost:
            self._begin_again(lost)

    def _begin_again(self, lost: list[_Task]) -> None:
        """Give a new executor all that the last one had."""
        again = [*lost, *self.running.values()]
        self.running.clear()
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = None
        for task in again:
            self.lost[task] += 1
            if self.lost[task] == TRIES:
                raise ClusterTrouble(f"The scheduler was lost {TRIES} times: look at its log; what was graded is kept.")
            self.add(task)

    def _one_by_one(self) -> Iterator[tuple[_Task, Record]]:
        while self.suspects:
            task = self.suspects.popleft()
            record = None
            while record is None:
                self.executor = self.make()
                try:
                    record = Record.from_json(self._submit(task).result())
                except futures.BrokenExecutor:
                    self.broken[task] += 1
                    if self.broken[task] == TRIES:
                        record = self._fault(task, DEADLY)
                except KilledWorkers:
                    record = self._fault(task, DEADLY)
                finally:
                    self.executor.shutdown(wait=False, cancel_futures=True)
                    self.executor = None
            yield task, record

    def _submit(self, task: _Task) -> futures.Future:
        about = task.submission.lesson, task.submission.student, task.submission.path.name
        return self.executor.submit(grade_one, task.data, *about, self.settings.sandbox, self.settings.key)

    def _fault(self, task: _Task, text: str) -> Record:
        submission, grader = task.submission, Grader(self.settings.sandbox, self.settings.key)
        return unreadable(lessons.load(submission.lesson), text, submission.student, submission.path.name, grader, "fault")
