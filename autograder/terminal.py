"""The terminal: tables and progress in colour where there is a person, plain text where there is a file."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def progress() -> Progress:
    """A progress bar on standard error: what is being done, how many of how many, time gone and time left."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=errors, transient=True)


def points(value: float | None) -> str:
    """Points as people write them: 4, 2.5, or ? where a person must decide."""
    return "?" if value is None else f"{value:g}"
