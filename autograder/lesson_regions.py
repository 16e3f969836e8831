"""The regions of a cell that students do not get: found, cut out, replaced; doubtful markers are refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from autograder.lesson_source import LessonError

MARKER = re.compile(r"\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\s*")
CODE_STUB = ("# YOUR CODE HERE", 'raise NotImplementedError("there is no answer here yet")')
TEXT_STUB = ("YOUR ANSWER HERE",)
TEXTS = [f"{edge} {kind}" for edge in ("BEGIN", "END") for kind in ("SOLUTION", "HIDDEN TESTS")]
OTHER_TOOLS = ("MARK SCHEME", "AUTOTEST")  # nbgrader's, which would act on them; not used in this course


@dataclass(frozen=True)
class Region:
    """A region between markers: its kind ("SOLUTION" or "HIDDEN TESTS") and its marker lines, 0-based."""

    kind: str
    begin: int
    end: int


def regions(source: str, place: str, code: bool = True) -> list[Region]:
    """The marked regions of a cell, in order. Raises LessonError for a marker misspelt, nested or unmatched."""
    found, opened = [], None
    for number, line in enumerate(source.split("\n")):
        marker = MARKER.fullmatch(line)
        if not marker:
            if looks_like_marker(line, code):
                near = line.strip().upper()
                wanted = max((f"### {text}" for text in TEXTS), key=lambda text: _likeness(text, near))
                raise LessonError(
                    f"{place}: `{line.strip()[:60]}` looks like a marker and is none; write `{wanted}` on its own line."
                )
            continue
        edge, kind = marker.groups()
        if edge == "BEGIN" and opened:
            raise LessonError(f"{place}: `BEGIN {kind}` stands inside a region; close that one with `### END {opened[0]}` first.")
        if edge == "END" and (not opened or opened[0] != kind):
            raise LessonError(f"{place}: `END {kind}` closes nothing; put `### BEGIN {kind}` before it.")
        if edge == "BEGIN":
            opened = (kind, number)
        else:
            found.append(Region(kind, opened[1], number))
            opened = None
    if opened:
        raise LessonError(f"{place}: `BEGIN {opened[0]}` is never closed; put `### END {opened[0]}` after it.")
    return found


def released(source: str, code: bool = True) -> str:
    """The cell as students get it: solutions replaced by nbgrader's stub, hidden tests left out."""
    kept = []
    for line, kind in _kinds(source):
        if kind == "":
            kept.append(line)
        elif kind == "BEGIN SOLUTION":
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + stub for stub in (CODE_STUB if code else TEXT_STUB)]
    return "\n".join(kept)


def without_markers(source: str) -> str:
    """The cell with its regions kept and the marker lines gone."""
    return "\n".join(line for line in source.split("\n") if not MARKER.fullmatch(line))


def inside(source: str) -> list[int]:
    """The 0-based numbers of the lines between markers."""
    return [number for number, (_, kind) in enumerate(_kinds(source)) if kind == "inside"]


def _kinds(source: str) -> Iterator[tuple[str, str]]:
    """Each line of a cell whose markers match, and what it is: a marker's text, "inside" a region, or ""."""
    kind = ""
    for line in source.split("\n"):
        marker = MARKER.fullmatch(line)
        if marker:
            yield line, f"{marker[1]} {marker[2]}"
            kind = "inside" if marker[1] == "BEGIN" else ""
        else:
            yield line, kind


def looks_like_marker(line: str, code: bool = True) -> bool:
    """Whether a line that is no marker was perhaps meant as one, or would be taken for one by nbgrader."""
    if any(text in line for text in (*TEXTS, *OTHER_TOOLS)):
        return True
    if code and "#" not in line:
        return False
    if code and (line.lstrip().startswith("##") or re.search(r"#.*\b(SOLUTION|HIDDEN)\b", line)):
        return True  # no comment in these sources is written so, unless it is to be a marker
    words = re.findall(r"[A-Z]+", (line.rpartition("#")[2] if code else line).upper())
    if not 1 <= len(words) <= 4:
        return False
    letters = "".join(words)
    return any(_likeness(letters, text.replace(" ", "")) > 0.8 and _likeness(letters[:3], text[:3]) > 0.6 for text in TEXTS)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
