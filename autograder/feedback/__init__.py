"""What a student reads about their work: a page per lesson, made from the record and from what people have added to it."""

from pathlib import Path

from autograder.feedback.cells import blocks
from autograder.feedback.gradebook import gradebook_scores, lesson_scores
from autograder.feedback.scores import Scores, Standing, Verdict
from autograder.records import Record
from autograder.templates import render
from autograder.trouble import Trouble

__all__ = ["Scores", "Standing", "Verdict", "gradebook_scores", "lesson_scores", "page", "page_without_record", "write"]


def page(record: Record, scores: Scores | None = None) -> str:
    """The feedback as one HTML page that needs nothing beside it."""
    standing = Standing(record, scores)
    shown, left_out = blocks(standing)
    places = {cell.grade_id: number for block in shown if block.kind == "answer" for number, cell in block.cells}
    return render("feedback.html.j2", record=record, standing=standing, blocks=shown, left_out=left_out, places=places)


def page_without_record(student: str, lesson: str) -> str:
    """What stands in place of feedback on work that this grader has not graded: a sentence, and nothing of the notebook."""
    return render("no_feedback.html.j2", student=student, lesson=lesson)


def write(record: Record, folder: Path, scores: Scores | None = None) -> Path:
    """Put the page where nbgrader looks for it: FOLDER/STUDENT/LESSON/LESSON.html. Raises Trouble for an unsafe name."""
    for name in (record.student, record.lesson):
        if not name or name in (".", "..") or set(name) & set("/\\\0"):
            raise Trouble(f"{name!r} cannot be the name of a folder; grade the work under another name.")
    path = Path(folder) / record.student / record.lesson / f"{record.lesson}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(record, scores), encoding="utf-8", newline="\n")
    return path
