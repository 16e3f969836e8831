"""Whose notebook a file is, in what Canvas, Moodle and Brightspace let an instructor download.

Each has its own way to name files. A student's id here is the name as it stands there and the system's own number, which tells
two of the same name apart and leads back when grades are exported. None of them gives a file the time of handing in: what is in
the archive has the time of the download, or none.

- Canvas: `doejane_LATE_1234_567890_05_softmax-2.ipynb`: the name in small letters without what is no letter, `LATE` if Canvas
  says so, user 1234 or `anon_` and a random word where students are anonymous, the number of the upload, which grows from
  one to the next, and the file's own name. Source: `lib/content_zipper.rb` in Canvas's public repository, instructure/canvas-lms.
- Moodle: `Jane Doe_1234_assignsubmission_file/05_softmax.ipynb`, before version 4 with `_` at the folder's end, or everything in
  one name without folders. 1234 is the participant's number; the name is `Participant` where marking is blind, and the group's
  where groups hand in. Only the newest attempt is there. Source: `mod/assign/classes/downloader.php` in moodle/moodle.
- Brightspace: `1234-5678 - Jane Doe - Nov 21, 2026 1015 AM/05_softmax.ipynb`, or ` - 05_softmax.ipynb` behind it: user 1234, the
  assignment's folder 5678, and the time of handing in, as the site's language and clock write it. Every attempt is there. Source:
  its code is not public; names of downloads in instructors' scripts on GitHub.
"""

import re
from collections.abc import Collection
from datetime import datetime

from dateutil import parser

from autograder.submission_guess import Guess

CANVAS = re.compile(
    r"(?:(?P<name>.+?)_(?P<late>late_)?(?P<user>\d+)|(?P<late_one>late_)?(?P<anonymous>anon_[a-z0-9]+))"
    r"_(?P<upload>\d{4,})_(?P<file>.+)",
    re.I,
)
MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<user>\d+))?_assignsubmission_file(?:_(?P<file>.*))?", re.I)
DAY = r"[A-Z][a-z]+\.? \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]+\.?,? \d{4}|\d{4}-\d\d-\d\d"
BRIGHTSPACE = re.compile(
    rf"(?P<user>\d+)-\d+ - (?P<name>.+?) - (?P<day>{DAY}) (?P<clock>\d{{3,4}})(?: ?(?P<half>[AP])M)?(?: - (?P<file>.+))?"
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
    when = _time(said["day"], int(said["clock"]), said["half"]) if "day" in said else None
    order = int((when - datetime.min).total_seconds() // 60) if when else int(said.get("upload") or 0)
    student = "-".join(filter(None, ((said["name"] or "").strip(), said["user"]))) or said["anonymous"]
    late = bool(said.get("late") or said.get("late_one"))
    return Guess(student, lesson, bool(lesson), (order, number), when, late, stamped=True)


def _time(day: str, clock: int, half: str | None) -> datetime | None:
    """The time in a name, in the zone of the platform; None for one that there is not. half: A or P, where hours go to 12."""
    hour, minute = divmod(clock, 100)
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "P") if half else hour
    try:
        return parser.parse(day).replace(hour=hour, minute=minute, second=0, microsecond=0)
    except (ValueError, OverflowError):
        return None


def _stem(name: str) -> str:
    return name[: -len(".ipynb")]
