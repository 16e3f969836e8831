"""Heat maps: who looks at whom."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap

from attention_course.plots.labels import LINE, put_below, put_beside, widest, words
from attention_course.plots.numbers import as_weights
from attention_course.plots.style import (
    INK,
    MISSING,
    PAPER,
    SMALL,
    TEXT,
    TITLE,
    WIDEST,
    colour_bar,
    dress,
    inches,
    new_panel,
    unframe,
)

FEW = 144  # cells whose numbers are written
DIGITS = 2.6  # width of a number of two decimals, in units of the type size
CELL = 0.62  # inches; room for a number of two decimals
GAP = 0.05  # inches between maps side by side
SLENDER = 4  # a matrix longer than so many times its width does not keep its cells square
QUERY, KEY = "query: who looks", "key: who is looked at"


def heatmap(
    weights,
    rows=None,
    columns=None,
    title: str = "",
    panel=None,
    values: bool | None = None,
    *,
    x: str = KEY,
    y: str = QUERY,
    label: str = "weight",
    limits=None,
    colorbar: bool = True,
) -> None:
    """Draw a matrix of weights: a row per query (who looks), a column per key (who is looked at).

    weights: (n_q, n_k) numbers, or a boolean mask whose True means *may look*.
    rows, columns: tokens for the queries and the keys; their positions where None. ValueError where the counts differ.
    panel: axes to draw into, or None for a figure of its own.
    values: write the numbers into the cells; where None, when the cells are few and large enough.
    limits: (lowest, highest) of the colour scale; 0 to the largest weight where None, symmetrical where some are negative.
    x, y, label: what the axes and the colours show.
    """
    matrix = as_weights(weights)
    names = words(rows, matrix.shape[0], "rows"), words(columns, matrix.shape[1], "columns")
    if panel is None:
        size = _cells(matrix)
        panel = new_panel(size[0] + _beside(names) + 1.5, size[1] + _below(names, size[0]) + 0.8, layout="compressed")
    else:
        size = _room(panel, matrix, names, colorbar)
    image = _draw(panel, matrix, _limits([matrix]) if limits is None else limits, values, size)
    dress(panel, title, x, y)
    unframe(panel)
    _label(panel, names, (rows is None, columns is None), size)
    if colorbar:
        _explain_colours(image, [panel], matrix, label)


def heatmaps(
    maps,
    titles,
    rows=None,
    columns=None,
    title: str = "",
    values: bool | None = None,
    *,
    x: str = KEY,
    y: str = QUERY,
    label: str = "weight",
    limits=None,
) -> None:
    """Draw several matrices of weights beside each other, in one colour scale.

    maps: a list of (n_q, n_k) matrices or an array (n, n_q, n_k). titles: a title for each.
    rows, columns: tokens for all of them, or None. The rest as for `heatmap`.
    """
    matrices, titles = [as_weights(matrix) for matrix in maps], [str(text) for text in titles]
    if not matrices or len(titles) != len(matrices):
        raise ValueError(f"There are {len(titles)} titles for {len(matrices)} heat maps: give one title for each.")
    names = [(words(rows, matrix.shape[0], "rows"), words(columns, matrix.shape[1], "columns")) for matrix in matrices]
    down, across, size = _arrange(matrices, values, WIDEST - _beside(names[0]) - 1.5)
    figure, panels = plt.subplots(
        down,
        across,
        squeeze=False,
        layout="compressed",
        figsize=(
            across * (size[0] + GAP) + _beside(names[0]) + 1.5,
            down * (size[1] + 0.4) + _below(names[0], size[0]) + (0.8 if title else 0.4),
        ),
    )
    alike = len({matrix.shape for matrix in matrices}) == 1
    limits = _limits(matrices) if limits is None else limits
    for number, panel in enumerate(panels.flat):
        if number >= len(matrices):
            panel.set_visible(False)
            continue
        image = _draw(panel, matrices[number], limits, values, size)
        first, last = number % across == 0, number // across == down - 1
        dress(panel, titles[number], x if last else "", y if first else "")
        unframe(panel)
        _label(panel, names[number], (rows is None, columns is None), size)
        panel.tick_params(labelleft=first or not alike, labelbottom=last or not alike)
    _explain_colours(image, list(panels.flat), matrices[0], label)
    if title:
        figure.suptitle(title, color=INK, fontsize=TITLE + 1)


def _draw(panel, matrix, limits, values, size):
    """The coloured cells, with their numbers where these fit into a panel of this size in inches."""
    low, high = limits
    if matrix.dtype.kind == "b":
        colours, low, high = ListedColormap([colormaps["viridis"](0.1), colormaps["viridis"](0.9)]), 0, 1
    else:
        colours = colormaps["PuOr" if low < 0 else "viridis"].with_extremes(bad=MISSING)
    aspect = "equal" if max(matrix.shape) <= SLENDER * min(matrix.shape) else "auto"
    image = panel.imshow(_finite(matrix), cmap=colours, vmin=low, vmax=high, aspect=aspect, interpolation="nearest")
    if max(matrix.shape) <= 24:
        _draw_edges(panel, matrix.shape)
    wide, high = size[0] / matrix.shape[1], size[1] / matrix.shape[0]
    points = min(TEXT, 72 * 0.92 * wide / DIGITS, 72 * 0.7 * high)
    few = matrix.size <= FEW and points >= SMALL and matrix.dtype.kind != "b"
    if few if values is None else values:
        _write_values(panel, image, matrix, max(points, 6))
    return image


def _draw_edges(panel, shape) -> None:
    """Hairlines between the cells, so that equal neighbours can be told apart."""
    rows, columns = shape
    panel.hlines(np.arange(1, rows) - 0.5, -0.5, columns - 0.5, color=PAPER, linewidth=0.7)
    panel.vlines(np.arange(1, columns) - 0.5, -0.5, rows - 0.5, color=PAPER, linewidth=0.7)


def _write_values(panel, image, matrix, points: float) -> None:
    for ((row, column), value), colour in zip(np.ndenumerate(matrix), image.to_rgba(_finite(matrix)).reshape(-1, 4), strict=True):
        luminance = (0.2126, 0.7152, 0.0722) @ colour[:3] ** 2.2
        dark = luminance < 0.2  # where paper and ink contrast alike
        panel.text(column, row, _number(value), ha="center", va="center", fontsize=points, color=PAPER if dark else INK)


def _finite(matrix) -> np.ndarray:
    """The matrix as floats, with nan, which has a colour of its own, for infinities too: a masked score is minus infinity."""
    return np.where(np.isfinite(matrix), matrix, np.nan).astype(float)


def _number(value) -> str:
    """Two decimals; "0" is exactly zero, "0.00" a little more."""
    if np.isfinite(value):
        return "0" if value == 0 else f"{value:.{2 if abs(value) < 9.995 else 0}f}".replace("-", "−")
    return "nan" if np.isnan(value) else "∞" if value > 0 else "−∞"


def _label(panel, names, numbered: tuple[bool, bool], size) -> None:
    rows, columns = names
    put_beside(panel, rows, range(len(rows)), size[1], thin=numbered[0])
    put_below(panel, columns, range(len(columns)), size[0], thin=numbered[1])


def _limits(matrices) -> tuple[float, float]:
    numbers = np.concatenate([matrix[np.isfinite(matrix)].ravel().astype(float) for matrix in matrices])
    high = float(np.abs(numbers).max(initial=0)) or 1.0
    return (-high if (numbers < 0).any() else 0.0), high


def _cells(matrix, cell: float = CELL, most: float | None = None, highest: float = 6.0) -> tuple[float, float]:
    """Inches for the cells of one matrix; square ones where it is not slender."""
    n_q, n_k = matrix.shape
    most = most or min(max(7.5, 0.13 * n_k), WIDEST - 2.5)
    if max(matrix.shape) > SLENDER * min(matrix.shape):
        return min(max(cell * n_k, 2.4), most), min(max(cell * n_q, 1.2), highest)
    cell = min(max(cell, 2.2 / n_k), most / n_k, highest / n_q)
    return cell * n_k, cell * n_q


def _room(panel, matrix, names, colorbar: bool) -> tuple[float, float]:
    """About how many inches the cells will have in a panel that is there already."""
    wide, high = inches(panel)
    wide = max(0.5, wide - widest(names[0]) - (1.0 if colorbar else 0.0))
    if max(matrix.shape) > SLENDER * min(matrix.shape):
        return wide, high
    cell = min(wide / matrix.shape[1], high / matrix.shape[0])
    return cell * matrix.shape[1], cell * matrix.shape[0]


def _arrange(matrices, values, page: float) -> tuple[int, int, tuple[float, float]]:
    """(down, across, inches of each): as many beside each other as the page, in inches, takes while all can be read."""
    n_k = max(matrix.shape[1] for matrix in matrices)
    written = values or (values is None and len(matrices) <= 4 and n_k <= 8 and matrices[0].dtype.kind != "b")
    least = max(0.5 * n_k, 1.8) if written else min(max(1.02 * LINE * n_k, 2.0), 3.2)
    across = min(len(matrices), max(1, int(page / (least + GAP))))
    down = -(-len(matrices) // across)
    across = -(-len(matrices) // down)
    largest = max(matrices, key=lambda matrix: matrix.size)
    return down, across, _cells(largest, CELL if written else 0.35, max(page / across - GAP, least), 6.0)


def _beside(names) -> float:
    """Inches that the labels of the rows take."""
    return 0.4 + widest(names[0])


def _below(names, wide: float) -> float:
    """Inches that the labels of the columns take."""
    longest = widest(names[1])
    return 0.5 if longest < wide / len(names[1]) else 0.4 + longest


def _explain_colours(image, panels, matrix, label: str) -> None:
    made = colour_bar(image, panels, "" if matrix.dtype.kind == "b" else label)
    if matrix.dtype.kind == "b":
        made.set_ticks([0.25, 0.75], labels=["hidden", "may look"])
