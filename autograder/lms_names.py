"""Whose notebook a file is, in what Canvas, Moodle and Brightspace let an instructor download.

Each has its own way to name files. A student's id here is the name as it stands there and the system's own number, which tells
two of the same name apart and leads back when grades are exported.

- Canvas: `doejane_LATE_1234_567890_05_softmax-2.ipynb`: user 1234, submission 567890, the third upload.
- Moodle: `Jane Doe_1234_assignsubmission_file_/05_softmax.ipynb`, or the same without folders.
- Brightspace: `1234-5678 - Jane Doe - Nov 21, 2026 1015 AM/05_softmax.ipynb`, or ` - 05_softmax.ipynb` behind it.
"""

import re
from collections.abc import Collection
from datetime import datetime

from autograder.submission_guess import Guess

CANVAS = re.compile(r"(?P<name>.+?)_(?P<late>late_)?(?P<user>\d+)_(?P<submission>\d{4,})_(?P<file>.+)", re.I)
MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_file(?:_(?P<file>.*))?", re.I)
BRIGHTSPACE = re.compile(
    r"(?P<user>\d+)-\d+ - (?P<name>.+?) - (?P<when>[A-Z][a-z]{2} \d{1,2}, \d{4} \d{3,4} ?[AP]M)(?: - (?P<file>.+))?"
)
COPY = re.compile(r"[ _]?(?:\((\d+)\)|-Copy(\d+)|-(\d+))$")


def canvas(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """One file per submission, in one folder."""
    match = CANVAS.fullmatch(_stem(parts[-1])) if len(parts) == 1 else None
    return match and _guess(match, match["file"], lessons)


def moodle(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """A folder per student, or its name in front of the file's."""
    return _by_folder(MOODLE, parts, lessons)


def brightspace(parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    """A folder per submission, or its name in front of the file's; the newest counts."""
    return _by_folder(BRIGHTSPACE, parts, lessons)


def _by_folder(pattern: re.Pattern, parts: tuple[str, ...], lessons: Collection[str]) -> Guess | None:
    match = pattern.fullmatch(_stem(parts[-1]))
    if match and match["file"]:
        return _guess(match, match["file"], lessons)
    for folder in reversed(parts[:-1]):
        if match := pattern.fullmatch(folder):
            return _guess(match, _stem(parts[-1]), lessons)
    return None


def _guess(match: re.Match, file: str, lessons: Collection[str]) -> Guess:
    copy = COPY.search(file)
    number = int(next(filter(None, copy.groups()))[:9]) if copy else 0
    name = file[: copy.start()] if copy and file not in lessons else file
    lesson = next((lesson for lesson in lessons if lesson.lower() == name.lower()), "")
    said = match.groupdict()
    when = _time(said["when"]) if said.get("when") else None
    attempt = (int((when - datetime.min).total_seconds() // 60) if when else 0, number)
    late, stamped = bool(said.get("late")), "when" not in said
    return Guess(f"{match['name'].strip()}-{match['user']}", lesson, bool(lesson), attempt, when, late, stamped)


def _time(text: str) -> datetime | None:
    """The time in a name, in the zone of the platform; None for one that there is not."""
    day, _, clock = text.replace(" AM", "AM").replace(" PM", "PM").rpartition(" ")
    try:
        return datetime.strptime(f"{day} {clock[:-2]:0>4}{clock[-2:]}", "%b %d, %Y %I%M%p")
    except ValueError:
        return None


def _stem(name: str) -> str:
    return name[: -len(".ipynb")]
