"""When lessons are due, who has longer, and what lateness costs: `due.toml` in the class's folder.

Where the file is, the whole truth stands in it: a lesson that it does not name is never late. Where it is not, the due dates are
those that nbgrader's gradebook has, from formgrader for instance.
"""

import math
import tomllib
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from dateutil import tz

from autograder.lessons import lesson_names
from autograder.trouble import Trouble

FILE = "due.toml"
BEGIN = """\
# When lessons are due, who has longer, and what handing in late costs. Every command reads it anew; nothing is graded again.
# A lesson without a date here is never late.

timezone = "UTC"             # of times that name none, those in names and archives included; such as "Europe/Berlin"

[due]
{due}
# [extensions.05_softmax]    # a student, called as in the table of grades, has until
# "doejane-1234" = 2026-11-24

# [handed_in.05_softmax]     # where no file tells the time of handing in, or tells it wrongly
# "doejane-1234" = 2026-11-20 23:10:00

[late]
grace = 15                   # minutes that do not count
percent_per_day = 10         # of the points earned, for every day begun
most = 50                    # percent of them that can be lost
"""
EXAMPLES = """\
# 05_softmax = 2026-11-20             # until the end of that day
# 06_weighted_sum = 2026-11-27 18:00:00
"""
Times = dict[str, datetime]


class DueError(Trouble):
    """Something in `due.toml` cannot be meant so."""


@dataclass(frozen=True)
class Policy:
    """What lateness costs: a share of the points earned for every day begun, after some minutes that do not count."""

    grace: float = 15
    percent_per_day: float = 10
    most: float = 50

    def penalty(self, score: float, seconds: float) -> float:
        """The points that so much lateness takes from a score."""
        if seconds <= 60 * self.grace:
            return 0.0
        return round(score * min(self.percent_per_day * math.ceil(seconds / 86400), self.most) / 100, 2)


@dataclass(frozen=True)
class Dates:
    """What the file says, all times in UTC. is_file: whether there is one; by lesson, and then by student.

    zone: the time zone of times that name none.
    """

    is_file: bool = False
    zone: tzinfo = UTC
    due: Times = field(default_factory=dict)
    extensions: dict[str, Times] = field(default_factory=dict)
    handed_in: dict[str, Times] = field(default_factory=dict)
    policy: Policy = Policy()

    def in_utc(self, moment: datetime) -> datetime:
        """A time in UTC; one that names no zone is in the class's."""
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)


def read(folder: Path) -> Dates:
    """The dates of the class whose data are in this folder. Raises DueError."""
    file = folder / FILE
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Dates()
    except OSError as problem:
        raise DueError(f"{file} cannot be read ({problem.strerror}).") from None
    except ValueError as problem:
        hint = "write a time with its seconds, 2026-11-20 18:00:00, and names with odd characters in quotation marks"
        raise DueError(f"{file} is not TOML ({problem}): {hint}.") from None
    try:
        return _dates(data)
    except DueError as problem:
        raise DueError(f"{file}: {problem}") from None


def begin(folder: Path, due: Times) -> Path:
    """Write a file to fill in, with the due dates that there are already; the file."""
    lines = [f"{lesson} = {moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n" for lesson, moment in sorted(due.items())]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(BEGIN.format(due="".join(lines) or EXAMPLES), encoding="utf-8")
    return folder / FILE


def seconds_late(handed_in: datetime | None, until: datetime | None, extension: timedelta | None) -> float:
    """How late something is, as nbgrader counts it; 0 where no due date or no time of handing in is known."""
    return max(0.0, (handed_in - until - (extension or timedelta())).total_seconds()) if handed_in and until else 0.0


def lateness(seconds: float) -> str:
    """So many seconds in words: "2 days 3 hours", "25 minutes"."""
    minutes = math.ceil(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    said = [f"{number} {unit}{'s' * (number != 1)}" for number, unit in parts if number]
    return " ".join(said[:2])


def _dates(data: dict) -> Dates:
    _known(data, {"timezone", "due", "extensions", "handed_in", "late"}, "at the top; there may be")
    zone = data.get("timezone", "UTC")
    found = tz.gettz(zone) if isinstance(zone, str) and zone else None
    if found is None:
        raise DueError(f'there is no time zone {zone!r}; write one such as "Europe/Berlin".')
    _known(_table(data.get("due", {}), "due"), set(lesson_names()), "under [due]; the lessons are")
    due = _times(data.get("due", {}), found, "due")
    extensions, handed_in = (_by_lesson(data.get(name, {}), found, name) for name in ("extensions", "handed_in"))
    for lesson, students in extensions.items():
        for student, until in students.items():
            if lesson not in due:
                raise DueError(f"{student} has an extension for {lesson}, which has no due date under [due].")
            if until < due[lesson]:
                raise DueError(f"the extension of {student} for {lesson} ends before the lesson is due.")
    return Dates(True, found, due, extensions, handed_in, _policy(data.get("late", {})))


def _by_lesson(table, zone: tzinfo, name: str) -> dict[str, Times]:
    table = _table(table, name)
    _known(table, set(lesson_names()), f"under [{name}]; the lessons are")
    return {lesson: _times(times, zone, f"{name}.{lesson}") for lesson, times in table.items()}


def _times(table, zone: tzinfo, name: str) -> Times:
    return {key: _time(value, zone, f"{key} under [{name}]") for key, value in _table(table, name).items()}


def _time(value, zone: tzinfo, where: str) -> datetime:
    """A moment in UTC; a day stands for its end."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == len("2026-11-20") else datetime.fromisoformat(value)
        except ValueError:
            pass
    if type(value) is date:
        value = datetime.combine(value, time(23, 59, 59))
    if not isinstance(value, datetime):
        raise DueError(f"{where} is {value!r}, and has to be a day, 2026-11-20, or a time, 2026-11-20 18:00:00.")
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _policy(table) -> Policy:
    table = _table(table, "late")
    _known(table, {field.name for field in fields(Policy)}, "under [late]; there may be")
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise DueError(f"{name} under [late] is {value!r}, and has to be a number that is not negative.")
    return Policy(**table)


def _table(value, name: str) -> dict:
    if not isinstance(value, dict):
        raise DueError(f"{name} is {value!r}, and has to be a table: write [{name}] on a line of its own.")
    return value


def _known(table: dict, names: set[str], where: str) -> None:
    for name in table:
        if name not in names:
            raise DueError(f"{name!r} is not known {where}: {', '.join(sorted(names))}.")
