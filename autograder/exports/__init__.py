"""Grades for other programs. A format is a function from rows to a file, under its name in `FORMATS`.

Those in `PLATFORMS` fill in a file that was downloaded from there, and also tell who is not in it, and which lines fit nobody.
"""

from collections.abc import Callable
from pathlib import Path

from autograder.exports import canvas, csv, moodle
from autograder.exports.filled import Sheet
from autograder.exports.rows import ExportError, Names, Row, rows

__all__ = ["FORMATS", "PLATFORMS", "ExportError", "Row", "fill", "rows", "write"]

FORMATS: dict[str, Callable[[list[Row], Path], Path]] = {"csv": csv.write}
PLATFORMS: dict[str, Callable[[list[Row], Path, Path | None], Sheet]] = {
    "canvas": canvas.write,
    "moodle": moodle.write,
}


def write(to: str, gradebook, records_folder: Path, destination: Path, lessons: Names = None, students: Names = None) -> Path:
    """Write the grades of these lessons and students, by default of all, in the format `to`; the file. Raises ExportError."""
    if to not in FORMATS:
        raise ExportError(f"There is no export to {to!r}; there is: {', '.join(sorted([*FORMATS, *PLATFORMS, 'gradescope']))}.")
    try:
        return FORMATS[to](rows(gradebook, records_folder, lessons, students), Path(destination))
    except OSError as problem:
        raise ExportError(f"{destination} cannot be written ({problem.strerror}); name another file.") from None


def fill(to: str, gradebook, records_folder: Path, destination: Path, into: Path | None, lessons: Names = None) -> Sheet:
    """Fill the grades into a platform's own file; the file as it is then. Raises ExportError."""
    try:
        return PLATFORMS[to](rows(gradebook, records_folder, lessons), Path(destination), into)
    except OSError as problem:
        raise ExportError(f"{destination} cannot be written ({problem.strerror}); name another file.") from None
