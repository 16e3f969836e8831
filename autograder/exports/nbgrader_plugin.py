"""The same CSV file from `nbgrader export`, whose own plugin writes what is not graded as 0."""

from pathlib import Path

from nbgrader.plugins import ExportPlugin
from traitlets import Unicode

from autograder import class_files, exports


class CsvExport(ExportPlugin):
    """`nbgrader export [--to FILE] [--assignment "['05_softmax']"] [--student "['ada']"]`; FILE is grades.csv by default."""

    folder = Unicode(str(class_files.FOLDER), help="The folder with the class's gradebook and records.").tag(config=True)

    def export(self, gradebook) -> None:
        lessons, students = [str(name) for name in self.assignment], [str(name) for name in self.student]
        try:
            path = exports.write(
                "csv", gradebook, Path(self.folder) / "records", Path(self.to or "grades.csv"), lessons or None, students or None
            )
        except exports.ExportError as problem:
            raise SystemExit(str(problem)) from None
        self.log.info("Grades written to %s", path)
