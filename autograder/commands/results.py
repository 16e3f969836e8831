"""`feedback`, `export`, `report`: what was found, for students, for other programs, for the instructor."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from nbgrader.api import Gradebook

from autograder import class_files, exports, feedback, report
from autograder.class_secret import class_key
from autograder.exports import gradescope
from autograder.exports.rows import chosen
from autograder.feedback import Scores
from autograder.gradebook import ClassGradebook
from autograder.lessons import lesson_names, load
from autograder.records import Record
from autograder.terminal import console, errors, progress
from autograder.trouble import Trouble


def write_feedback(lessons: list[str] | None, class_folder: Path | None, address: str | None) -> list[Path]:
    """A page per record, with the hand grades and comments that the gradebook has by now."""
    folder = _class(class_folder)
    pages = []
    with _gradebook(folder, address) as gradebook, progress() as bar:
        task, scores = bar.add_task("writing", total=None), _scores(gradebook)
        for record in _records(folder, lessons):
            pages.append(feedback.write(record, folder / "feedback", scores(record)))
            bar.update(task, advance=1, description=f"wrote {record.student}, {record.lesson}")
    console.print(f"{len(pages)} pages in {folder / 'feedback'}")
    return pages


def export_grades(
    lessons: list[str] | None,
    to: str,
    output: Path | None,
    class_folder: Path | None,
    address: str | None,
    into: Path | None = None,
) -> Path:
    """The grades in a format of another program. into: the file of a platform that they are filled in.

    Gradescope grades by itself: it gets an archive for each lesson.
    """
    if to == "gradescope":
        return write_archives(lessons, output, class_folder or class_files.FOLDER)
    folder = _class(class_folder)
    output = output or folder / f"grades-{to}.csv"
    with _gradebook(folder, address) as gradebook:
        if to in exports.PLATFORMS:
            sheet = exports.fill(to, gradebook, folder / "records", output, into, lessons)
            for student in sorted(sheet.missing):
                errors.print(f"{student} handed something in and is not in {into}.", markup=False)
            if sheet.strange:
                errors.print(f"Nobody in the class fits these lines of {into}: {'; '.join(sorted(sheet.strange))}.", markup=False)
        else:
            exports.write(to, gradebook, folder / "records", output, lessons)
    console.print(f"{output}")
    return output


def write_archives(lessons: list[str] | None, output: Path | None, folder: Path) -> Path:
    """An autograder archive for each lesson; the folder that they are in, or the file, if one was named for one lesson."""
    names, output = lessons or lesson_names(), output or folder / "gradescope"
    if len(names) > 1 and output.suffix == ".zip":
        raise Trouble(f"{output} would be one archive for {len(names)} lessons: name a folder, or one lesson.")
    for name in names:
        path = output if output.suffix == ".zip" else output / f"{name}.zip"
        try:
            gradescope.write(load(name), class_key(folder), path)
        except OSError as problem:
            raise exports.ExportError(f"{path} cannot be written ({problem.strerror}); name another file.") from None
        console.print(f"{path}", markup=False)
    return output


def write_report(lessons: list[str] | None, class_folder: Path | None, address: str | None) -> Path:
    """The class report, of all lessons or of some."""
    folder = _class(class_folder)
    with _gradebook(folder, address) as gradebook:
        path = report.write(
            _records(folder, lessons),
            folder / "report.html",
            [student.id for student in gradebook.students],
            f"Class report: {', '.join(lessons or []) or 'all lessons'}",
            _scores(gradebook),
        )
    console.print(f"{path}")
    return path


def _scores(gradebook: Gradebook) -> Callable[[Record], Scores]:
    """Looks up what people have added to a record: a lesson's students at once, since they come one after another."""

    @lru_cache(maxsize=1)
    def of_lesson(lesson: str) -> dict[str, Scores]:
        return feedback.lesson_scores(gradebook, lesson)

    return lambda record: of_lesson(record.lesson).get(record.student) or Scores()


def _gradebook(folder: Path, address: str | None) -> Gradebook:
    """The class's gradebook, in which late penalties are as they are to be by now."""
    gradebook = ClassGradebook(folder, address)
    gradebook.settle()
    return gradebook.open()


def _class(class_folder: Path | None) -> Path:
    folder = class_folder or class_files.FOLDER
    if not (folder / "records").is_dir():
        raise Trouble(f"No class has been graded in {folder}; run `python -m autograder grade FOLDER` first.")
    return folder


def _records(folder: Path, lessons: list[str] | None):
    there = {path.name for path in (folder / "records").iterdir() if path.is_dir()}
    for lesson in chosen("lesson", lessons, there) if lessons else [None]:
        yield from class_files.records(folder, lesson)
