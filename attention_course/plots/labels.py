"""Tokens as labels: readable whatever they hold, turned or thinned out where they would touch."""

from itertools import pairwise

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from attention_course.plots.style import INK, TEXT

LINE = 1.1 * TEXT / 72  # inches from one line of type to the next
GAP = 0.05  # inches between neighbours in one line
SMALLEST = 7  # points; a sentence in small type says more than every second word of it
UNSEEN = {"\n": "↵", "\t": "⇥", "\r": "␍"}


def words(tokens, size: int, what: str) -> list[str]:
    """One label for each of `size` rows or columns: the tokens as text, or their numbers where `tokens` is None.

    White space at the edges is made visible. ValueError where the count is another.
    """
    if tokens is None:
        return [str(number) for number in range(size)]
    tokens = list(tokens)
    if len(tokens) != size:
        raise ValueError(f"There are {len(tokens)} labels for {size} {what}: give one label for each.")
    return [_visible(token) for token in tokens]


def widest(texts) -> float:
    """Inches that the longest of these takes, written in one line."""
    return max(_widths(texts), default=0.0)


def put_below(panel, texts: list[str], places, width: float, thin: bool = False) -> None:
    """Label the horizontal axis, `width` inches long.

    Labels that would touch are turned and made smaller; where that is not enough, or where they are numbers in a row (`thin`),
    some are left out at regular steps.
    """
    step, widths = width / max(len(texts), 1), _widths(texts)
    pairs = [(one + other) / 2 for one, other in pairwise(widths)] or widths
    needed = max(pairs, default=0.0) + GAP
    look = {"rotation": 0}
    if needed > step and not thin and max(map(len, texts)) > 2:
        # a slanted line of type needs more room than an upright one
        look = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if step > 1.6 * LINE else {"rotation": 90}
        needed = LINE
    points, every = _fit(len(texts), needed, step, thin)
    panel.set_xticks(list(places)[::every], texts[::every], fontsize=points, color=INK, parse_math=False, **look)


def put_beside(panel, texts: list[str], places, height: float, thin: bool = False) -> None:
    """Label the vertical axis, `height` inches long; labels that would touch are made smaller or left out at regular steps."""
    points, every = _fit(len(texts), LINE, height / max(len(texts), 1), thin)
    panel.set_yticks(list(places)[::every], texts[::every], fontsize=points, color=INK, parse_math=False)


def _fit(count: int, needed: float, step: float, thin: bool) -> tuple[float, int]:
    """The size of type, and every how many labels one is shown, so that each has the inches it needs."""
    points = TEXT if thin else min(TEXT, max(SMALLEST, TEXT * step / needed))
    needed *= points / TEXT
    every = next(
        every for every in (1, 2, 5, 10, 20, 50, 100, 200, 500, count + 501) if every * step > 0.999 * needed or every > count
    )
    return points, every


def _widths(texts) -> list[float]:
    font = FontProperties(size=TEXT)
    return [text_to_path.get_text_width_height_descent(str(text), font, False)[0] / 72 for text in texts]


def _visible(token) -> str:
    text = token.decode("utf-8", "backslashreplace") if isinstance(token, bytes) else str(token)
    for sign, shown in UNSEEN.items():
        text = text.replace(sign, shown)
    if not text:
        return '""'
    inner = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    return "␣" * before + inner + "␣" * (len(text) - before - len(inner))
