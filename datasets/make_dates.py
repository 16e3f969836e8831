"""Make dates.tsv: dates as people write them in ten languages, each beside its ISO 8601 form.

    python datasets/make_dates.py

The same bytes each time, on every system. It needs Babel, at the version in requirements.txt: its locale data says how dates
are written. The card beside it, dates.md, says what is in the file and what it is not good for.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from babel import Locale
from babel.dates import format_date

FILE = Path(__file__).with_name("dates.tsv")
HEADER = ("written", "iso", "language", "style", "split")
LOCALES = ["en_GB", "en_US", "de", "fr", "es", "fi", "pl", "hu", "tr", "ru", "el"]
STYLES = ["short", "medium", "long", "full"]  # as Babel names them
FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
DATES = 8000
HELD_OUT = 1000  # of these
SPACES = str.maketrans("\u00a0\u202f", "  ")  # spaces at which a line may not be broken


class Draw:
    """Random choices that are the same in every version of Python: of its generator, only `random()` promises that."""

    def __init__(self, seed: int):
        self.random = random.Random(seed).random

    def below(self, bound: int) -> int:
        return int(self.random() * bound)

    def one_of(self, items):
        return items[self.below(len(items))]


def styles(locale: str) -> list[str]:
    """The locale's styles that write all of the year: 05/03/24 does not say which century."""
    patterns = Locale.parse(locale).date_formats
    return [style for style in STYLES if "yy" not in patterns[style].pattern]


def dates(draw: Draw) -> Iterator[date]:
    """Different dates, in random order."""
    days, seen = (LAST - FIRST).days + 1, set()
    while len(seen) < DATES:
        day = draw.below(days)
        if day not in seen:
            seen.add(day)
            yield FIRST + timedelta(days=day)


def records() -> list[tuple[str, str, str, str, str]]:
    """The rows of the file: each date once, written in one style of one language, the held-out ones first."""
    draw, rows = Draw(1), []
    for number, day in enumerate(dates(draw)):
        locale = draw.one_of(LOCALES)
        style = draw.one_of(styles(locale))
        written = format_date(day, style, locale=locale).translate(SPACES)
        split = "held-out" if number < HELD_OUT else "train"
        rows.append((written, day.isoformat(), Locale.parse(locale).language, style, split))
    return rows


def content() -> bytes:
    return "".join("\t".join(row) + "\n" for row in [HEADER, *records()]).encode()


if __name__ == "__main__":
    FILE.write_bytes(content())
    print(f"{FILE.name}: {len(records())} dates, {FILE.stat().st_size:,} bytes")
