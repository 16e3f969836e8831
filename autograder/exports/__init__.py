"""Grades for other programs. A format is a function from rows to a file, under its name in `FORMATS`."""

from collections.abc import Callable
from pathlib import Path

from autograder.exports import csv
from autograder.exports.rows import ExportError, Names, Row, rows

__all__ = ["FORMATS", "ExportError", "Row", "rows", "write"]

FORMATS: dict[str, Callable[[list[Row], Path], Path]] = {"csv": csv.write}


def write(to: str, gradebook, records_folder: Path, destination: Path, lessons: Names = None, students: Names = None) -> Path:
    """Write the grades of these lessons and students, by default of all, in the format `to`; the file. Raises ExportError."""
    if to not in FORMATS:
        raise ExportError(f"There is no export to {to!r}; there is: {', '.join(sorted(FORMATS))}.")
    try:
        return FORMATS[to](rows(gradebook, records_folder, lessons, students), Path(destination))
    except OSError as problem:
        raise ExportError(f"{destination} cannot be written ({problem.strerror}); name another file.") from None
