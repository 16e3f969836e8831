"""Grades as a CSV file that a spreadsheet opens as text and numbers, and never as formulas."""

import csv
import re
from dataclasses import astuple, fields
from pathlib import Path

from autograder.exports.rows import Row
from autograder.templates.safe import visible

# A spreadsheet calculates what starts with one of these: a cell, or what stands behind a character that it takes for a separator.
FORMULA = r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]"


def write(rows: list[Row], destination: Path) -> Path:
    """Write the rows under a line of headings. The byte-order mark tells Excel that names are in UTF-8."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    with open(destination, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(field.name for field in fields(Row))
        writer.writerows([_cell(value) for value in astuple(row)] for row in rows)
    return destination


def _cell(value: str | float | None) -> str:
    """A number as it is, nothing for nothing, and text that starts no formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return f"{value:.10g}"
    text = re.sub(rf"([;,\t\r\n])(?={FORMULA})", r"\1'", visible(value))
    return f"'{text}" if re.match(rf"{FORMULA}|[\t\n]", text) else text
