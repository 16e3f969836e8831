"""Folders and zip archives of handed-in notebooks to (student, lesson, notebook)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from unicodedata import normalize

from autograder.hand_in_time import hand_in_time
from autograder.lessons import grade_ids
from autograder.repair import Unreadable, read, recognise, wrong_lesson
from autograder.submission_files import CANNOT_READ, NotebookFile, SubmissionError, notebook_files
from autograder.submission_names import Guess, guess, is_released, safe_id, without_wrapper

__all__ = ["Submission", "SubmissionError", "find"]

LOOKED_FOR = "STUDENT/LESSON/LESSON.ipynb, STUDENT_LESSON.ipynb or STUDENT.ipynb"
Lessons = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Submission:
    """A notebook that somebody handed in.

    student: the id, safe as a folder's name; lesson: the lesson's name; either is "" where it is not known.
    path: where it lies; in an archive as if that were a folder. problem: why it cannot be graded, in one sentence, or "".
    note: what else an instructor should know of it, in one sentence, or "". said: what its path says.
    """

    student: str
    lesson: str
    path: Path
    problem: str = ""
    note: str = ""
    file: NotebookFile | None = None
    said: Guess | None = None

    @property
    def handed_in(self) -> datetime | None:
        """When it was handed in, as far as that is known; without a time zone where none is named."""
        return hand_in_time(self.file, self.said) if self.file and self.said else None

    def data(self) -> bytes:
        """The bytes of the file, which need not be a notebook."""
        return self.file.data() if self.file else self.path.read_bytes()


@dataclass(frozen=True)
class _Found:
    """A file, what its path says, and what is wrong with it."""

    file: NotebookFile
    guess: Guess
    lesson: str
    problem: str

    @property
    def rank(self) -> tuple:
        return not self.problem, self.guess.exact, self.guess.attempt, self.file.modified


def find(place: Path | str, lesson: str | None = None, lessons: Lessons | None = None) -> list[Submission]:
    """One submission per student and lesson, by lesson and student; of several the newest. Raises SubmissionError.

    place: a folder or a zip archive, in one of the layouts of `submission_names`.
    lesson: only this one; a file that does not say what it is belongs to it.
    lessons: each lesson's name to its grade ids; the course's by default.
    What cannot be graded is there too, with its problem.
    """
    place = Path(place)
    _refuse_our_own(place)
    lessons = grade_ids() if lessons is None else lessons
    if lesson is not None and lesson not in lessons:
        raise SubmissionError(f"There is no lesson {lesson}: the lessons are {', '.join(lessons)}.")
    files = [file for file in notebook_files(place) if not is_released(file.parts, lessons)]
    paths = without_wrapper([file.parts for file in files], lessons)
    found = [_look(file, guess(parts, lessons), lesson, lessons) for file, parts in zip(files, paths, strict=True)]
    found = [item for item in found if lesson in (None, item.lesson)]
    if not found:
        what = f"no notebook of lesson {lesson}" if lesson and files else "no notebook"
        raise SubmissionError(f"There is {what} in {place}: looked for {LOOKED_FOR}.")
    submissions = [_submission(group) for group in _by_student_and_lesson(found)]
    order = {name: number for number, name in enumerate(lessons)}
    return sorted(_without_collisions(submissions, found), key=lambda item: (order.get(item.lesson, -1), item.student, item.path))


def _refuse_our_own(place: Path) -> None:
    """The course's folder and a class's folder hold notebooks that nobody handed in."""
    whose = "the course's" if (place / "solutions").is_dir() and (place / "autograder").is_dir() else ""
    whose = whose or ("a class's" if (place / "secret.key").is_file() else "")
    if whose:
        raise SubmissionError(f"{place} is {whose} own folder: name the one that the submissions lie in, such as submissions/.")


def _look(file: NotebookFile, said: Guess, wanted: str | None, lessons: Lessons) -> _Found:
    """The file with its lesson: as its path says, else the wanted one, else by its content."""
    name = said.lesson or wanted or ""
    if file.problem or wanted not in (None, name):
        return _Found(file, said, name, file.problem)
    notebook = None
    try:
        notebook, problem = read(file.data()), ""
    except Unreadable as reason:  # where the lesson is known, this is for the grader to report
        problem = "" if name else f"{file.name}: {reason}"
    except CANNOT_READ as error:
        problem = f"{file.name} cannot be read ({type(error).__name__}: {error})."
    if notebook is not None:
        name = name or recognise(notebook, lessons) or ""
        problem = wrong_lesson(notebook, name, lessons) if name else _what_lesson(file)
    if not safe_id(said.student):
        problem = f"{file.name} does not say whose it is: call it STUDENT_{name or 'LESSON'}.ipynb."
    return _Found(file, said, name, problem)


def _what_lesson(file: NotebookFile) -> str:
    return f"{file.name} does not say which lesson it is, nor does what stands in it: name the lesson with --lesson."


def _by_student_and_lesson(found: Iterable[_Found]) -> Iterable[list[_Found]]:
    """Those of one student and one lesson together; a file of no lesson counts only if it is all that a student has."""
    groups = defaultdict(list)
    for item in found:
        groups[normalize("NFC", item.guess.student).strip(), item.lesson].append(item)
    students = {student for student, lesson in groups if lesson}
    for (student, lesson), group in groups.items():
        if not student:
            yield from ([item] for item in group)
        elif lesson or student not in students:
            yield group


def _submission(group: list[_Found]) -> Submission:
    """The best of several: one that can be graded, called as it should be, the newest."""
    *others, best = sorted(group, key=lambda item: item.rank)
    rivals = [item for item in others if item.guess.exact == best.guess.exact and not item.problem]
    note = ""
    if rivals:
        left = ", ".join(item.file.name for item in rivals)
        note = f"There are {len(rivals) + 1} notebooks for {best.lesson}: the newest, {best.file.name}, is taken, not {left}."
    return Submission(safe_id(best.guess.student), best.lesson, best.file.path, best.problem, note, best.file, best.guess)


def _without_collisions(submissions: list[Submission], found: Iterable[_Found]) -> list[Submission]:
    """Two students whose ids become the same folder's name are told apart by a person, not merged."""
    written = defaultdict(set)
    for item in found:
        written[safe_id(item.guess.student).casefold()].add(normalize("NFC", item.guess.student).strip())
    return [
        replace(item, problem=f"The names {' and '.join(sorted(names))} become the same student id, {item.student}: rename one.")
        if item.student and len(names := written[item.student.casefold()]) > 1
        else item
        for item in submissions
    ]
