"""Grades filled into the file that an instructor downloaded from a learning platform, and everything else in it as it was."""

import csv
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.exports.rows import NOTHING, ExportError, Row


@dataclass
class Sheet:
    """A platform's CSV file: its headings and lines.

    missing: students who handed something in and are not in it.
    strange: lines, by their first cell, that fit nobody in the class.
    """

    path: Path
    lines: list[list[str]]
    missing: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: Path | None, platform: str) -> "Sheet":
        """Raises ExportError."""
        if path is None:
            raise ExportError(f"{platform} takes its own file back: download it there and name it with --into FILE.csv.")
        try:
            with open(path, encoding="utf-8-sig", newline="") as stream:
                lines = [line for line in csv.reader(stream) if line]
        except FileNotFoundError:
            raise ExportError(f"There is no file {path}; name the one that you downloaded from {platform}.") from None
        except (OSError, UnicodeDecodeError, csv.Error) as problem:
            raise ExportError(f"{path} cannot be read as a CSV file ({problem}); download it again from {platform}.") from None
        if len(lines) < 2:
            raise ExportError(f"{path} holds no students; download it again from {platform}.")
        return cls(Path(path), lines)

    def column(self, name: str) -> int:
        """Where the column of this heading is; raises ExportError."""
        headings = [heading.strip().lower() for heading in self.lines[0]]
        if name.lower() not in headings:
            raise ExportError(f"{self.path} has no column {name!r}: it is not the file that is meant here.")
        return headings.index(name.lower())

    def fill(self, rows: list[Row], column: int, keys: Callable[[list[str]], set[str]]) -> None:
        """Write each grade into the line of its student. keys: the ids that a line may be known by."""
        grades = {name: row for row in rows for name in ids(row)}
        found = set()
        for line in self.lines[1:]:
            names = sorted(keys(line))
            row = next((grades[key] for key in names if key in grades), None)
            if row is None:
                self.strange |= {line[0].strip()} if names else set()
                continue
            found.add(row.student)
            if row.points is not None:
                line += [""] * (column + 1 - len(line))
                line[column] = f"{row.points:.10g}"
        self.missing |= {row.student for row in rows if row.points is not None or row.status != NOTHING} - found

    def write(self, destination: Path) -> None:
        """Write the filled file, in the encoding that spreadsheets understand."""
        destination.parent.mkdir(parents=True, exist_ok=True)
        with open(destination, "w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(self.lines)


def ids(row: Row) -> set[str]:
    """What a student may be called on a platform: the id, the number at its end (which a download adds), the e-mail address."""
    number = re.search(r"-(\d+)$", row.student)
    return {plain(name) for name in (row.student, number and f"#{number[1]}", row.email) if name}


def plain(name: str) -> str:
    """A name without what differs from file to file: case, surrounding space, ways to write an accent."""
    return unicodedata.normalize("NFC", name).strip().casefold()
