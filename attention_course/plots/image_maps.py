"""Overlays: where on an image the weight lies."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from attention_course.plots.numbers import as_array
from attention_course.plots.style import INK, PAPER, TITLE, WIDEST, colour_bar, dress, new_panel, unframe

THINNEST, THICKEST = 0.15, 0.8  # how much of the image the least and the largest weight cover


def overlay(image, weights, title: str = "", panel=None, *, label: str = "weight", limits=None, colorbar: bool = True) -> None:
    """Draw an image with weights laid over it: the larger the weight, the brighter and the denser its patch.

    image: (height, width) grey or (height, width, 3) colour, 0 to 1 or 0 to 255.
    weights: (rows, columns), one per patch; or flat, when they make a grid in the proportions of the image.
    panel: axes to draw into, or None for a figure of its own. limits: (lowest, highest) of the colour scale.
    """
    picture = _picture(image)
    grid = _grid(weights, picture)
    panel = new_panel(4.6, 3.8, layout="compressed") if panel is None else panel
    scale = _scale(limits, [grid])
    _draw(panel, picture, grid, scale, title)
    if colorbar:
        colour_bar(scale, [panel], label)


def overlays(image, weights, titles, title: str = "", *, label: str = "weight", limits=None) -> None:
    """Draw the image once for each title, each time with weights of its own, in one colour scale.

    weights: one set for each title, as for `overlay`.
    """
    picture = _picture(image)
    grids, titles = [_grid(each, picture) for each in weights], [str(text) for text in titles]
    if not grids or len(grids) != len(titles):
        raise ValueError(f"There are {len(titles)} titles for {len(grids)} sets of weights: give one title for each.")
    across = min(len(grids), 5)
    down = -(-len(grids) // across)
    side = min(2.6, (WIDEST - 1) / across)
    figure, panels = plt.subplots(
        down,
        across,
        squeeze=False,
        layout="compressed",
        figsize=(side * across + 1.2, (side * picture.shape[0] / picture.shape[1] + 0.5) * down),
    )
    scale = _scale(limits, grids)
    for number, panel in enumerate(panels.flat):
        if number < len(grids):
            _draw(panel, picture, grids[number], scale, titles[number])
        else:
            panel.set_visible(False)
    colour_bar(scale, list(panels.flat), label)
    if title:
        figure.suptitle(title, color=INK, fontsize=TITLE + 1)


def _draw(panel, picture, grid, scale, title) -> None:
    height, width = picture.shape[:2]
    panel.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    veil = scale.to_rgba(grid)
    veil[..., 3] = THINNEST + (THICKEST - THINNEST) * np.clip(scale.norm(grid), 0, 1)
    panel.imshow(veil, interpolation="nearest", extent=(-0.5, width - 0.5, height - 0.5, -0.5))
    rows, columns = grid.shape
    panel.hlines(np.arange(1, rows) * height / rows - 0.5, -0.5, width - 0.5, color=PAPER, linewidth=0.6, alpha=0.5)
    panel.vlines(np.arange(1, columns) * width / columns - 0.5, -0.5, height - 0.5, color=PAPER, linewidth=0.6, alpha=0.5)
    dress(panel, title)
    unframe(panel)
    panel.set(xticks=[], yticks=[])


def _scale(limits, grids) -> ScalarMappable:
    low, high = (0.0, max(float(grid.max()) for grid in grids) or 1.0) if limits is None else limits
    return ScalarMappable(Normalize(low, high), colormaps["viridis"])


def _picture(image) -> np.ndarray:
    """The image as floats from 0 to 1."""
    picture = as_array(image).astype(float)
    while picture.ndim >= 3 and 1 in (picture.shape[0], picture.shape[-1]):
        picture = picture[0] if picture.shape[0] == 1 else picture[..., 0]
    if picture.size == 0 or not (picture.ndim == 2 or picture.ndim == 3 and picture.shape[-1] in (3, 4)):
        raise ValueError(f"An image needs the shape (height, width) or (height, width, 3), not {picture.shape}: move its axes.")
    return np.clip(picture / 255 if picture.max() > 1 else picture, 0, 1)


def _grid(weights, picture) -> np.ndarray:
    """The weights as rows and columns of patches."""
    grid = as_array(weights).astype(float)
    if grid.ndim == 2 and grid.size:
        return grid
    height, width = picture.shape[:2]
    rows = max(1, round(math.sqrt(grid.size * height / width)))
    columns = max(1, round(rows * width / height))
    if grid.ndim != 1 or rows * columns != grid.size:
        raise ValueError(f"Weights of shape {grid.shape} do not tile a {height} × {width} image: make them (rows, columns).")
    return grid.reshape(rows, columns)
