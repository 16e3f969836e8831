"""Bars: one number per word."""

import numpy as np

from attention_course.plots import labels as ticks
from attention_course.plots.numbers import as_array
from attention_course.plots.style import COLOURS, INK, WIDEST, dress, inches, legend, new_panel


def bars(panel, labels, values, title: str = "", y: str = "") -> None:
    """Draw one bar per label.

    panel: axes to draw into, or None for a figure of its own.
    values: as many numbers as labels, or a dictionary of such series, drawn side by side with a legend.
    ValueError where the counts differ.
    """
    series = values if isinstance(values, dict) else {"": values}
    heights = {name: as_array(numbers).ravel() for name, numbers in series.items()}
    labels = list(labels)
    for name, numbers in heights.items():
        if len(numbers) != len(labels):
            of = f" of {name!r}" if name else ""
            raise ValueError(f"There are {len(labels)} labels for {len(numbers)} values{of}: give one label for each value.")
    beside = ticks.widest(heights) + 0.9 if isinstance(values, dict) else 0.0  # the legend
    if panel is None:
        panel = new_panel(min(WIDEST, _width(labels, len(heights)) + beside), 3.2)
    dress(panel, title, y=y, grid="y")
    panel.tick_params(axis="x", length=0)
    places, width = np.arange(len(labels)), 0.8 / len(heights)
    for number, (name, numbers) in enumerate(heights.items()):
        aside = (number - (len(heights) - 1) / 2) * width
        panel.bar(places + aside, numbers, width * 0.95, color=COLOURS[number % len(COLOURS)], label=name)
    if min(numbers.min(initial=0) for numbers in heights.values()) < 0:
        panel.axhline(0, color=INK, linewidth=0.8)
    ticks.put_below(panel, ticks.words(labels, len(labels), "bars"), places, inches(panel)[0] - beside)
    if isinstance(values, dict):
        legend(panel, outside=True)


def _width(labels, series: int) -> float:
    """Inches that let the labels stand side by side."""
    return max(4.5, 1.2 + len(labels) * max(0.6, 0.3 * series, ticks.widest(labels) + 0.15))
