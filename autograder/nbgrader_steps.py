"""This course's steps in nbgrader's pipeline, plugged in by `nbgrader_config.py`.

With them `nbgrader autograde` and formgrader's buttons do what `python -m autograder grade` does: a submission is repaired, run
in the sandbox and judged outside it, and the gradebook gets the verdicts and nothing that a notebook says of itself.
"""

import atexit
import functools
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum, Unicode

from autograder import class_files, entry, graded_notebook, grading, lessons, repair
from autograder.class_secret import class_key
from autograder.records import Record

NOTE = "attention_course"
SAME_WORK = "attention_course_same_work"  # whether what was graded before was the same, in all that a grade depends on


class ForgivingExporter(NotebookExporter):
    """Reads a submission as `repair` does; what is no notebook becomes an empty one with a note of the reason.

    Autograde reads each notebook twice: as handed in, and then as its first half wrote it, which is trusted with its notes.
    """

    def from_file(self, file_stream, resources=None, **keywords):
        if not getattr(self.parent, "_sanitizing", True):
            return super().from_file(file_stream, resources=resources, **keywords)
        data = getattr(file_stream, "buffer", file_stream).read()
        try:
            notebook = repair.read(data if isinstance(data, bytes) else data.encode())
        except repair.Unreadable as problem:
            notebook = new_notebook(metadata={NOTE: {"unreadable": str(problem)}})
        return self.from_notebook_node(notebook, resources=resources, **keywords)


class CourseStep(NbGraderPreprocessor):
    """A step that knows where the class's data are."""

    folder = Unicode(str(class_files.FOLDER), help="The folder with the class's gradebook, records and secret.").tag(config=True)

    def record(self, resources) -> Record | None:
        """What is kept of this student's work on this lesson."""
        return class_files.read_record(Path(self.folder), resources["nbgrader"]["assignment"], resources["nbgrader"]["student"])


class Repair(CourseStep):
    """First when sanitizing: makes the notebook fit its lesson, and notes down how."""

    def preprocess(self, notebook, resources):
        note = notebook.metadata.get(NOTE, {})
        if not notebook.cells and "unreadable" in note:
            return notebook, resources
        notebook, repairs = repair.repair(notebook, lessons.load(resources["nbgrader"]["assignment"]))
        notebook.metadata[NOTE] = {"repairs": repairs}
        return notebook, resources


class JudgeOutside(CourseStep):
    """In place of nbgrader's Execute: runs the notebook in the sandbox, judges it, keeps the record, writes the outputs.

    A submission that has been graded before, with the same tests and seeds, is not run again.
    """

    sandbox = Enum(["bubblewrap", "container", "none"], "bubblewrap", help="The walls around a student's code.").tag(config=True)

    def preprocess(self, notebook, resources):
        lesson, student = lessons.load(resources["nbgrader"]["assignment"]), resources["nbgrader"]["student"]
        folder, note = Path(self.folder), notebook.metadata.pop(NOTE, {})
        file = f"{resources['nbgrader']['notebook']}.ipynb"
        record = self._graded(notebook, lesson, note, file)
        record.student, record.notebook = student, record.notebook or file
        before = self.record(resources)
        resources[SAME_WORK] = before is not None and before.key == record.key != ""
        class_files.write_record(folder, record)
        graded_notebook.write_outputs(notebook, record)
        resources[NOTE] = record
        return notebook, resources

    def _graded(self, notebook, lesson, note: dict, file: str) -> Record:
        folder = Path(self.folder)
        grader = _grader(folder, self.sandbox)
        if "unreadable" in note:
            return grading.unreadable(lesson, note["unreadable"], "", file, grader)
        record = class_files.read_journal(folder, grader.record_key(notebook, lesson))
        if record is None:
            record = grader.grade_notebook(notebook, lesson, notebook=file)
            class_files.write_journal(folder, record)
        record.repairs = note.get("repairs", [])
        return record


class SaveVerdicts(CourseStep):
    """In place of nbgrader's SaveAutoGrades: what the grader decided goes into the gradebook, and a grade given by hand stays."""

    def preprocess(self, notebook, resources):
        about, record = resources["nbgrader"], resources[NOTE]
        with Gradebook(about["db_url"]) as gradebook:
            book = gradebook.db.connection()
            lesson = entry.LessonRows.of(about["assignment"], book)
            mine = entry.submit(book, lesson, about["student"], None)
            entry.save_verdicts(book, lesson, mine, record.tests, resources[SAME_WORK])
            entry.save_comments(book, lesson, mine, graded_notebook.comments(notebook))
            gradebook.db.commit()
        return notebook, resources


@functools.cache
def _grader(folder: Path, sandbox: str) -> grading.Grader:
    """One grader, and so one warm process, for all notebooks that this process grades."""
    grader = grading.Grader(sandbox, class_key(folder))
    atexit.register(grader.__exit__)
    return grader
