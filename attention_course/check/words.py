"""How a verdict is told: the same sentences and the same lines in a notebook and from the grader."""

MARKS = {"passed": "passed", "failed": "not yet", "ungraded": "not graded", "manual": "by hand"}
BY_HAND = "This answer is graded by hand."


def not_defined(name: str) -> str:
    return f"`{name}` is not defined: its cell is missing, or ended in an error before it got there."


def no_answer(name: str) -> str:
    return f"`{name}` has no answer yet."


def raised(kind: str, text: str = "", line: tuple[int, str] | None = None) -> str:
    """What the student's code raised. line: where in its cell, and what stands there."""
    where = f", in line {line[0]} of its cell: `{line[1].strip()}`" if line else ""
    return f"It raised {kind}{f': {text}' if text else ''}{where}."


def unusable(told: str = "", came: str = "") -> str:
    """The test itself stumbled over a result. told: the exception it ended in; came: what the last call returned."""
    last = f" The last call returned {came}." if came else ""
    return f"The result is not what the test can use{f' ({told})' if told else ''}.{last}"


def points(value: float | None) -> str:
    """Points as people write them: 4, 2.5, or ? where a person must decide."""
    return "?" if value is None else f"{value:g}"


def lines(name: str, got: float | None, most: float, outcome: str, message: str = "") -> list[str]:
    """The lines of one test: its points, how it went and its name; below them what failed."""
    first = f"  {points(got):>4} of {most:g}  {MARKS[outcome]:<10} {name}"
    return [first, *(f"             {line}" for line in message.splitlines())]


def total(name: str, got: float, most: float, waits: bool) -> str:
    """The last line: the points that are certain."""
    return f"{name}: {got:g} of {most:g} points{', and some points wait for a person' if waits else ''}"
