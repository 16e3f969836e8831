"""Grades in Moodle's offline grading worksheet (the assignment's settings, Feedback types; View all submissions, Download grading
worksheet; and Upload grading worksheet takes it back).

One worksheet is one assignment. Its columns: Identifier (`Participant 1234`), Full name, Email address, Status, Grade, ...
"""

import re
from pathlib import Path

from autograder.exports.filled import Sheet, plain
from autograder.exports.rows import ExportError, Row


def write(rows: list[Row], destination: Path, into: Path | None) -> Sheet:
    """Fill in the grades of the one lesson that the worksheet is for; the file as it is then. Raises ExportError."""
    sheet = Sheet.read(into, "Moodle")
    lessons = sorted({row.lesson for row in rows})
    if len(lessons) != 1:
        raise ExportError(
            f"A grading worksheet of Moodle is for one lesson: name it, such as {lessons[0] if lessons else '05_softmax'}."
        )
    identifier, grade = sheet.column("Identifier"), sheet.column("Grade")
    emails = [place for place, heading in enumerate(sheet.lines[0]) if heading.strip().lower() == "email address"]

    def keys(line: list[str]) -> set[str]:
        number = re.search(r"(\d+)\s*$", line[identifier])
        names = {plain(line[place]) for place in emails if place < len(line)} | ({f"#{number[1]}"} if number else set())
        return {name for name in names if name}

    sheet.fill(rows, grade, keys)
    sheet.write(destination)
    return sheet
