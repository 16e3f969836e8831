"""What a file's path says of whose notebook it is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Guess:
    """What a path says. student: as written there, "" if it does not say; lesson: "" if it does not say.

    exact: the file is called what the lesson's notebook is called, so that it goes before others beside it.
    attempt: of several by one student the largest is the newest, where the path says so.
    when: the time of handing in, without a time zone where the path names none; None where it says no time.
    late: the platform marked it as late. stamped: the file's own time is the download's, and says nothing.
    """

    student: str
    lesson: str = ""
    exact: bool = False
    attempt: tuple[int, int] = (0, 0)
    when: datetime | None = None
    late: bool = False
    stamped: bool = False
