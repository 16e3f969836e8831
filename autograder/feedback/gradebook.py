"""What people have entered in nbgrader's gradebook."""

from collections import defaultdict

from autograder.due import seconds_late
from autograder.feedback.scores import Scores


def gradebook_scores(gradebook, student: str, lesson: str) -> Scores:
    """Hand grades, comments and lateness of one student's work on a lesson; none, if it is not in the gradebook."""
    return lesson_scores(gradebook, lesson, student).get(student, Scores())


def lesson_scores(gradebook, lesson: str, student: str | None = None) -> dict[str, Scores]:
    """The same for all students of a lesson for whom anything was entered, in three queries."""
    found: dict[str, Scores] = defaultdict(Scores)
    for name, cell, points, extra, look_again in _grades(gradebook, lesson, student):
        if points is not None:
            found[name].manual[cell] = points
            if look_again:  # nbgrader asks for it when the work was graded anew after the hand grade
                found[name].to_review.add(cell)
        if extra is not None:
            found[name].extra[cell] = extra
    for name, cell, text in _comments(gradebook, lesson, student):
        found[name].comments[cell] = text
    for name, penalty, *times in _times(gradebook, lesson, student):
        late = seconds_late(*times)
        if penalty or late:
            found[name].late_penalty, found[name].seconds_late = penalty or 0.0, late
    return dict(found)


# nbgrader takes a second to import. Whoever holds a gradebook has paid for it; whoever only writes pages need not.


def _grades(gradebook, lesson: str, student: str | None):
    from nbgrader.api import BaseCell, Grade, SubmittedAssignment, SubmittedNotebook

    columns = Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
    query = gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, *columns).select_from(Grade)
    query = query.join(BaseCell, BaseCell.id == Grade.cell_id)
    query = query.join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
    return _of(query.filter((Grade.manual_score != None) | (Grade.extra_credit != None)), lesson, student)  # noqa: E711 (SQL)


def _comments(gradebook, lesson: str, student: str | None):
    from nbgrader.api import BaseCell, Comment, SubmittedAssignment, SubmittedNotebook

    query = gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, Comment.manual_comment).select_from(Comment)
    query = query.join(BaseCell, BaseCell.id == Comment.cell_id)
    query = query.join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
    return _of(query.filter(Comment.manual_comment != ""), lesson, student)


def _times(gradebook, lesson: str, student: str | None):
    from nbgrader.api import Assignment, SubmittedAssignment, SubmittedNotebook

    times = SubmittedAssignment.timestamp, Assignment.duedate, SubmittedAssignment.extension
    query = gradebook.db.query(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty, *times)
    return _of(query.select_from(SubmittedNotebook), lesson, student)


def _of(query, lesson: str, student: str | None):
    """What belongs to one lesson, and to one student if one is named."""
    from nbgrader.api import Assignment, SubmittedAssignment, SubmittedNotebook

    query = query.join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    query = query.join(Assignment, Assignment.id == SubmittedAssignment.assignment_id).filter(Assignment.name == lesson)
    return query.filter(SubmittedAssignment.student_id == student) if student is not None else query
