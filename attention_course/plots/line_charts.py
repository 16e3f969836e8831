"""Lines: how something grows."""

import numpy as np
from matplotlib.ticker import NullLocator

from attention_course.plots.numbers import as_array
from attention_course.plots.style import COLOURS, TEXT, dress, legend, new_panel

STROKES = ["-", "--", ":", "-."]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
FEW = 25  # points that are marked one by one
ROOMY = 5  # lines that leave room for their names inside the panel


def lines(xs, ys: dict, x: str = "", y: str = "", log_x: bool = False, log_y: bool = False, panel=None, title: str = "") -> None:
    """Draw one line per entry of `ys`, named in a legend.

    xs: the numbers along the horizontal axis, or a dictionary of them with the names of `ys`.
    ys: {name: numbers}; ValueError where there are not as many as in `xs`.
    x, y: what the axes show, with units.
    """
    if not isinstance(ys, dict):
        raise ValueError("The lines need names: pass a dictionary {name: numbers}.")
    drawn = {name: (_numbers_of(xs, name), as_array(numbers).ravel()) for name, numbers in ys.items()}
    for name, (across, up) in drawn.items():
        if len(across) != len(up):
            raise ValueError(f"The line {name!r} has {len(up)} values for {len(across)} places: give one value for each place.")
    panel = new_panel(7.5 if len(drawn) <= ROOMY else 9.5, 4.2) if panel is None else panel
    dress(panel, title, x, y, grid="both")
    for number, (name, (across, up)) in enumerate(drawn.items()):
        look = {"color": COLOURS[number % len(COLOURS)], "linestyle": STROKES[number // len(COLOURS) % len(STROKES)]}
        if len(across) <= FEW:
            look |= {"marker": MARKERS[number % len(MARKERS)], "markersize": 7}
        panel.plot(across, up, linewidth=2.2, label=name, **look)
    if log_x:
        panel.set_xscale("log")
    _mark_the_places(panel, drawn, np.log if log_x else np.asarray)
    if log_y:
        panel.set_yscale("log")
    if drawn:
        legend(panel, outside=len(drawn) > ROOMY)


def _numbers_of(xs, name) -> np.ndarray:
    if isinstance(xs, dict):
        if name not in xs:
            raise ValueError(f"The line {name!r} has no places: give `xs` an entry of that name.")
        xs = xs[name]
    return as_array(xs).ravel()


def _mark_the_places(panel, drawn: dict, scale) -> None:
    """Where there are few places, well apart on this scale, label these and not round numbers."""
    places = np.unique(np.concatenate([across for across, _ in drawn.values()] or [[]]))
    if not 2 <= len(places) <= 8 or (scale is np.log and places[0] <= 0):
        return
    spread = scale(places)
    if np.diff(spread).min() > (spread[-1] - spread[0]) / 12:
        panel.set_xticks(places, [f"{place:,g}".replace("-", "−") for place in places], fontsize=TEXT)
        panel.xaxis.set_minor_locator(NullLocator())
