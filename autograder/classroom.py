"""Many submissions: an executor grades them, one writer, the caller, keeps what comes back.

Each result is on disk before the gradebook has it, under a key of everything it depends on, so that a run that was stopped
goes on where it stopped. A process that dies takes no other submission with it.
"""

import concurrent.futures as futures
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import class_files, lessons, repair
from autograder.class_secret import Key
from autograder.cluster import ClusterTrouble, KilledWorkers, Lost
from autograder.gradebook import ClassGradebook
from autograder.grading import Grader, unreadable
from autograder.lessons import Lesson
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

    for submission, record, data, fresh in _results(submissions, settings, grader, executor, in_flight, given):
        lesson = lessons.load(submission.lesson)
        if fresh:
            class_files.write_journal(settings.folder, record)
        gradebook.add_lesson(lesson)
        gradebook.handed_in(submission.student, lesson, submission.handed_in)
        before = class_files.read_record(settings.folder, lesson.name, submission.student)
        same_work = before is not None and before.key == record.key != ""
        if settings.again or not same_work or not gradebook.has_grades(submission.student, lesson):
            gradebook.enter(submission.student, lesson, data, record, same_work)
            class_files.write_record(settings.folder, record)
        yield submission, record


def _results(submissions, settings, grader, executor, in_flight, begun) -> Iterator[tuple[Submission, Record, bytes, bool]]:
    """Records in the order in which they are ready, and whether they are new; those in the journal come at once."""
    waiting, pool = _Pool(executor, settings), deque(submissions)
    with waiting:
        while pool or waiting.running or waiting.suspects:
            while pool and not waiting.suspects and len(waiting.running) < in_flight:
                submission = pool.popleft()
                data, lesson = submission.data(), lessons.load(submission.lesson)
                known = _known(submission, data, lesson, settings, grader)
                if known is not None:
                    yield submission, known, data, False
                else:
                    waiting.add(submission, data)
                    begun(submission)
            if waiting.running or waiting.suspects:
                for submission, data, record in waiting.finished():
                    yield submission, record, data, True


def _known(submission: Submission, data: bytes, lesson: Lesson, settings: Settings, grader: Grader) -> Record | None:
    """The record of a submission for which nothing has to be run: it cannot be graded, or it has been."""
    about = submission.student, submission.path.name
    if submission.problem:
        return unreadable(lesson, submission.problem, *about, grader)
    try:
        fitted, repairs = repair.repair(repair.read(data), lesson)
    except repair.Unreadable as problem:
        return unreadable(lesson, str(problem), *about, grader)
    found = None if settings.again else class_files.read_journal(settings.folder, grader.record_key(fitted, lesson))
    if found is not None:
        found.student, found.notebook, found.repairs = *about, repairs
    return found


class _Pool:
    """The submissions that are being graded. When the executor breaks, those that were in it are tried one by one, so that the
    one that breaks it is found and the others are not blamed."""

    def __init__(self, executor: Callable[[], futures.Executor], settings: Settings):
        self.make, self.settings = executor, settings
        self.executor: futures.Executor | None = None
        self.running: dict[futures.Future, tuple[Submission, bytes]] = {}
        self.suspects: deque[tuple[Submission, bytes]] = deque()
        self.broken: Counter = Counter()
        self.lost: Counter = Counter()

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *exception) -> None:
        if self.executor is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)

    def add(self, submission: Submission, data: bytes) -> None:
        self.executor = self.executor or self.make()
        try:
            self.running[self._submit(submission, data)] = submission, data
        except futures.BrokenExecutor:
            self.suspects.append((submission, data))

    def finished(self) -> Iterator[tuple[Submission, bytes, Record]]:
        """Wait until at least one is done; yields those that are."""
        if self.suspects:
            self.suspects.extend(self.running.values())
            self.running.clear()
            yield from self._one_by_one()
            return
        done, _ = futures.wait(self.running, return_when=futures.FIRST_COMPLETED)
        lost = []
        for future in done:
            submission, data = self.running.pop(future)
            try:
                yield submission, data, Record.from_json(future.result())
            except Lost:
                lost.append((submission, data))
            except futures.BrokenExecutor:
                self.suspects.append((submission, data))
            except KilledWorkers:
                yield submission, data, self._fault(submission, DEADLY)
            except Trouble:
                raise
            except Exception as fault:
                yield submission, data, self._fault(submission, f"The grader itself failed ({type(fault).__name__}: {fault}).")
        if lost:
            self._begin_again(lost)

    def _begin_again(self, lost: list[tuple[Submission, bytes]]) -> None:
        """Give a new executor all that the last one had."""
        again = [*lost, *self.running.values()]
        self.running.clear()
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = None
        for submission, data in again:
            self.lost[submission] += 1
            if self.lost[submission] == TRIES:
                raise ClusterTrouble(f"The scheduler was lost {TRIES} times: look at its log; what was graded is kept.")
            self.add(submission, data)

    def _one_by_one(self) -> Iterator[tuple[Submission, bytes, Record]]:
        while self.suspects:
            submission, data = self.suspects.popleft()
            record = None
            while record is None:
                self.executor = self.make()
                try:
                    record = Record.from_json(self._submit(submission, data).result())
                except futures.BrokenExecutor:
                    self.broken[submission] += 1
                    if self.broken[submission] == TRIES:
                        record = self._fault(submission, DEADLY)
                except KilledWorkers:
                    record = self._fault(submission, DEADLY)
                finally:
                    self.executor.shutdown(wait=False, cancel_futures=True)
                    self.executor = None
            yield submission, data, record

    def _submit(self, submission: Submission, data: bytes) -> futures.Future:
        about = submission.lesson, submission.student, submission.path.name
        return self.executor.submit(grade_one, data, *about, self.settings.sandbox, self.settings.key)

    def _fault(self, submission: Submission, text: str) -> Record:
        lesson = lessons.load(submission.lesson)
        return unreadable(
            lesson, text, submission.student, submission.path.name, Grader(self.settings.sandbox, self.settings.key), "fault"
        )
