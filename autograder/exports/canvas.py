"""Grades in Canvas's own gradebook file (Grades, Export; and Import takes it back).

Its columns: Student, ID, SIS User ID, SIS Login ID, Section, then one for each assignment, `Softmax (12345)`. A line of points
possible follows the headings. Columns that Canvas calls read only are left in; it passes over them.
"""

import re
from pathlib import Path

from autograder.exports.filled import Sheet, plain
from autograder.exports.rows import ExportError, Row

ASSIGNMENT = re.compile(r"(?P<name>.+) \(\d+\)")


def write(rows: list[Row], destination: Path, into: Path | None) -> Sheet:
    """Fill in the grades of every lesson that is an assignment there; the file as it is then. Raises ExportError."""
    sheet = Sheet.read(into, "Canvas")
    known = {name: sheet.column(name) for name in ("ID", "SIS Login ID")}
    if "SIS User ID" in sheet.lines[0]:
        known["SIS User ID"] = sheet.column("SIS User ID")

    def keys(line: list[str]) -> set[str]:
        names = {plain(line[place]) for place in known.values() if place < len(line)}
        number = line[known["ID"]].strip() if len(line) > known["ID"] else ""
        return {name for name in (*names, number and f"#{number}") if name}

    lessons = sorted({row.lesson for row in rows})
    columns = {lesson: _column(sheet, lesson) for lesson in lessons}
    if all(column is None for column in columns.values()):
        raise ExportError(f"{into} has no assignment called like {', '.join(lessons)}: call it so on Canvas, and export again.")
    for lesson, column in columns.items():
        if column is not None:
            sheet.fill([row for row in rows if row.lesson == lesson], column, keys)
    sheet.write(destination)
    return sheet


def _column(sheet: Sheet, lesson: str) -> int | None:
    """The column of the assignment called `05_softmax`, `05 Softmax`, `Lesson 5: Softmax` or `Softmax`."""
    number, _, title = lesson.partition("_")
    found = []
    for place, heading in enumerate(sheet.lines[0]):
        match = ASSIGNMENT.fullmatch(heading.strip())
        words = re.findall(r"[a-z0-9]+", match["name"].casefold()) if match else []
        words = [word.lstrip("0") or "0" if word.isdigit() else word for word in words if word != "lesson"]
        if words and "".join(words) in (title.replace("_", ""), f"{int(number)}{title.replace('_', '')}"):
            found.append(place)
    if len(found) > 1:
        raise ExportError(f"{sheet.path} has {len(found)} assignments called like {lesson}: rename all but one on Canvas.")
    return found[0] if found else None
