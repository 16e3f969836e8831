"""What an instructor asks about a class: points per exercise, properties missed most, near copies, time, who is missing."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from autograder.feedback.scores import Scores, Standing
from autograder.records import Record
from autograder.report.counts import LISTED, SECONDS, LessonCounts
from autograder.report.near_copies import NearCopies, NearCopy
from autograder.templates import render

__all__ = ["page", "write"]

MISSED_SHOWN, REPAIRS_SHOWN, COPIES_SHOWN, NAMES_SHOWN = 15, 10, 30, 8


def page(
    records: Iterable[Record],
    students: Iterable[str] | None = None,
    title: str = "Class report",
    scores: Callable[[Record], Scores | None] | None = None,
) -> str:
    """The report as one HTML page that needs nothing beside it. The records are read once, one after another.

    students: everybody who should have handed in, or None if that is not known.
    scores: looks up what people have added to a record, so that hand grades count.
    """
    lessons: dict[str, LessonCounts] = {}
    copies: dict[str, NearCopies] = {}
    for record in records:
        counts = lessons.setdefault(record.lesson, LessonCounts(record.lesson))
        counts.add(Standing(record, scores(record) if scores else None))
        copies.setdefault(record.lesson, NearCopies()).add(record)
    everyone = None if students is None else sorted(set(students))
    chapters = [_chapter(lessons[name], copies[name].found(), everyone) for name in sorted(lessons)]
    return render("report.html.j2", title=title, chapters=chapters, everyone=everyone, listed=LISTED)


def write(
    records: Iterable[Record],
    path: Path,
    students: Iterable[str] | None = None,
    title: str = "Class report",
    scores: Callable[[Record], Scores | None] | None = None,
) -> Path:
    """Write the report to a file; the file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(records, students, title, scores), encoding="utf-8", newline="\n")
    return path


def _chapter(counts: LessonCounts, copies: list[NearCopy], everyone: list[str] | None) -> dict:
    """A lesson's counts in the order in which the page shows them."""
    most_missed = sorted(counts.missed.items(), key=lambda item: (-item[1], item[0]))
    repairs = sorted(counts.repairs.items(), key=lambda item: (-item[1], item[0]))
    return {
        "counts": counts,
        "points": [(str(10 * tenth), counts.tenths[tenth]) for tenth in range(11)],
        "times": [(label, counts.times[place]) for place, label in enumerate(_time_labels())],
        "missed": most_missed[:MISSED_SHOWN],
        "missed_more": max(0, len(most_missed) - MISSED_SHOWN),
        "repairs": repairs[:REPAIRS_SHOWN],
        "repairs_more": max(0, len(repairs) - REPAIRS_SHOWN),
        "copies": copies[:COPIES_SHOWN],
        "copies_more": max(0, len(copies) - COPIES_SHOWN),
        "names_shown": NAMES_SHOWN,
        "absent": [] if everyone is None else [name for name in everyone if name not in counts.students],
        "walls": sorted((name, count) for name, count in counts.sandboxes.items() if name != "bubblewrap"),
    }


def _time_labels() -> list[str]:
    edges = [0, *SECONDS]
    return [f"{low}–{high}" for low, high in pairwise(edges)] + [f"{edges[-1]}+"]
