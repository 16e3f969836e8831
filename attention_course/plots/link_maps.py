"""Links: who looks at whom, as lines from word to word."""

import numpy as np

from attention_course.plots.labels import words
from attention_course.plots.numbers import as_weights
from attention_course.plots.style import COLOURS, INK, TEXT, dress, new_panel, unframe

FAINTEST = 0.02  # share of the largest weight below which a line is left out
THICKEST = 8  # points
LEFT, RIGHT = -0.04, 1.04


def links(weights, rows, columns, title: str = "", panel=None) -> None:
    """Draw the queries on the left, the keys on the right, and between them lines as thick as the weights.

    weights: (n_q, n_k), none negative; rows, columns: a token for each. ValueError where the counts differ.
    """
    matrix = as_weights(weights).astype(float)
    if not (matrix >= 0).all():
        raise ValueError("Lines between words need weights of 0 or more, and some are negative or nan: pass weights, not scores.")
    n_q, n_k = matrix.shape
    rows, columns = words(rows, n_q, "rows"), words(columns, n_k, "columns")
    tall = max(n_q, n_k)
    panel = new_panel(5.5, 0.42 * tall + 1.2) if panel is None else panel
    from_, to = [place + (tall - n_q) / 2 for place in range(n_q)], [place + (tall - n_k) / 2 for place in range(n_k)]
    shares = matrix / (matrix.max() or 1)
    for query, key in np.argwhere(shares >= FAINTEST):
        share = shares[query, key]
        panel.plot(
            [0, 1],
            [from_[query], to[key]],
            color=COLOURS[query % len(COLOURS)],
            linewidth=THICKEST * share,
            alpha=0.3 + 0.6 * share,
            solid_capstyle="butt",
        )
    _write(panel, rows, from_, LEFT, "right", "who looks")
    _write(panel, columns, to, RIGHT, "left", "who is looked at")
    dress(panel, title)
    unframe(panel)
    panel.set(xlim=(-0.7, 1.7), ylim=(tall - 0.4, -1.6), xticks=[], yticks=[])


def _write(panel, texts, places, side: float, align: str, heading: str) -> None:
    panel.text(side, -1, heading, ha=align, va="center", fontsize=TEXT, color=INK, style="italic")
    for text, place in zip(texts, places, strict=True):
        panel.text(side, place, text, ha=align, va="center", fontsize=TEXT + 1, color=INK, parse_math=False)
