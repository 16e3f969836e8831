"""When a submission was handed in, by the first of these that tells:

1. `[handed_in.LESSON]` in the class's `due.toml`: a person's word (`due` reads it);
2. the path, in downloads of Brightspace and in nbgrader's exchange;
3. `timestamp.txt` beside the notebook, where nbgrader keeps it;
4. the file's own time, in a folder or in an archive. In downloads of Canvas and Moodle, and in a
   clone, that is the time at which they were made, and so the time of handing in is not known there.

What is not known is never late.
"""

from datetime import UTC, datetime

from dateutil import parser, tz

from autograder.submission_files import NotebookFile
from autograder.submission_guess import Guess

NBGRADERS = "timestamp.txt"


def hand_in_time(file: NotebookFile, said: Guess) -> datetime | None:
    """The time by the path, by nbgrader, or of the file; None where none of them tells; without a zone where none is named."""
    beside = (file.beside(NBGRADERS) or b"").decode("utf-8", "replace")
    return said.when or read_stamp(beside) or (None if said.stamped else _own(file))


def stamp(time: datetime) -> str:
    """A time as nbgrader writes it into `timestamp.txt`."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def read_stamp(text: str) -> datetime | None:
    """A time as nbgrader writes it, in UTC where it names no zone; None for what is no time."""
    text = text.strip()
    time, _, zone = text.rpartition(" ")
    named = tz.gettz(zone) if zone[:1].isalpha() else None
    try:
        found = parser.parse(time if named else text)
        return found if found.tzinfo else found.replace(tzinfo=named or UTC)
    except (ValueError, OverflowError):
        return None


def _own(file: NotebookFile) -> datetime | None:
    """The time of a file of its own, or, without a zone, of one in an archive."""
    try:
        if file.member is None:
            return datetime.fromtimestamp(file.modified[0] // 1_000_000_000, UTC)
        return datetime(*file.modified)
    except (ValueError, OverflowError, OSError):
        return None
