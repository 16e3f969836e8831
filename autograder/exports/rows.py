"""The grades of a class as rows, one per student and lesson: what every export is made from.

A grade is there only when every point of it has been decided. What is not decided, or was not handed in, is no grade of 0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.feedback.gradebook import lesson_scores
from autograder.feedback.scores import Scores, Standing
from autograder.records import Record
from autograder.trouble import Trouble

Names = Iterable[str] | None
GRADED, BY_HAND, NOTHING = "graded", "needs grading by hand", "nothing handed in"


class ExportError(Trouble):
    """Grades cannot be exported as asked."""


@dataclass(frozen=True)
class Row:
    """What is known of a student's work on a lesson.

    points: the grade, after extra credit and late penalty; None unless the status is "graded".
    points_so_far: the part of it that is certain; None where there is nothing to be certain of.
    status: "graded", "needs grading by hand", "ungraded: " and the reasons, "nothing handed in", or two of them with "; ".
    hours_late: how long after it was due, extension included, the work came in.
    hand_grades: how many tests and answers were given their points by a person.
    """

    lesson: str
    student: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    points: float | None = None
    max_points: float | None = None
    points_so_far: float | None = None
    status: str = NOTHING
    late_penalty: float = 0.0
    hours_late: float = 0.0
    hand_grades: int = 0


def rows(gradebook, records_folder: Path, lessons: Names = None, students: Names = None) -> list[Row]:
    """Rows by lesson, then by student: all that the gradebook or the records know, or those named. Raises ExportError.

    records_folder: holds LESSON/STUDENT.json.
    """
    folder = Path(records_folder)
    worth = {assignment.name: assignment.max_score for assignment in gradebook.assignments}
    names = {student.id: _names(student) for student in gradebook.students}
    known = set(worth) | {path.name for path in folder.glob("*") if path.is_dir()}
    asked = chosen("lesson", lessons, known)
    everyone = chosen("student", students, set(names) | {path.stem for path in folder.glob("*/*.json")})
    return [row for lesson in asked for row in _of_lesson(gradebook, folder, lesson, everyone, names, worth.get(lesson))]


def chosen(kind: str, wanted: Names, known: set[str]) -> list[str]:
    """The wanted names, or all that are known. Raises ExportError for one that is not."""
    wanted = sorted(known) if wanted is None else list(dict.fromkeys(wanted))
    strange = [name for name in wanted if name not in known]
    if strange:
        there = ", ".join(sorted(known)[:20]) + (", ..." if len(known) > 20 else "")
        raise ExportError(f"There is no {kind} {strange[0]!r} in this class; there is: {there or 'none'}.")
    return wanted


def _names(student) -> dict[str, str]:
    return {"last_name": student.last_name or "", "first_name": student.first_name or "", "email": student.email or ""}


def _of_lesson(gradebook, folder: Path, lesson: str, students: list[str], names: dict, worth: float | None) -> Iterator[Row]:
    scores = lesson_scores(gradebook, lesson)
    submitted = {submission.student_id for submission in gradebook.assignment_submissions(lesson)} if worth is not None else set()
    for student in students:
        about = {"lesson": lesson, "student": student, **names.get(student, {}), "max_points": worth}
        path = folder / lesson / f"{student}.json"
        if path.exists():
            yield _graded(path, scores.get(student, Scores()), about)
        elif student in submitted:
            yield Row(**about, status="ungraded: no record")
        else:
            yield Row(**about)


def _graded(path: Path, scores: Scores, about: dict) -> Row:
    try:
        standing = Standing(Record.from_json(path.read_text(encoding="utf-8")), scores)
    except (OSError, ValueError, TypeError, KeyError):
        return Row(**about, status="ungraded: the record cannot be read")
    about["max_points"] = standing.record.max_points if standing.verdicts else about["max_points"]
    return Row(
        **about,
        points=standing.points,
        points_so_far=standing.points_so_far if standing.decided else None,
        status=_status(standing),
        late_penalty=scores.late_penalty,
        hours_late=round(scores.seconds_late / 3600, 2),
        hand_grades=standing.hand_grades,
    )


def _status(standing: Standing) -> str:
    if standing.finished:
        return GRADED
    reasons = sorted({verdict.result.reason or "unknown" for verdict in standing.ungraded})
    parts = [f"ungraded: {', '.join(reasons or ['no tests'])}"] if reasons or not standing.verdicts else []
    return "; ".join(parts + [BY_HAND] * bool(standing.waiting))
