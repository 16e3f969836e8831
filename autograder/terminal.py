"""The terminal: tables and progress in colour where there is a person, plain text where there is a file."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def progress() -> Progress:
    """A progress bar on standard error: what is being done, how many of how many, seconds for each, time gone and time left."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), SecondsEach()
    return Progress(*columns, TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=errors, transient=True)


class SecondsEach(ProgressColumn):
    """How long one takes, on average so far."""

    def render(self, task: Task) -> str:
        return f"{task.elapsed / task.completed:.2f} s each" if task.completed and task.elapsed else ""
