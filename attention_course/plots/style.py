"""What all pictures share: colours, sizes of type, the look of a panel.

The style is put on the panel itself and never into matplotlib's settings, so that a student's own plots stay
as they were. Paper and ink are fixed: a picture carries its own background into a dark page.
"""

import matplotlib.pyplot as plt

PAPER = "#ffffff"
INK = "#1a1a1a"
FAINT = "#d9d9d9"
MISSING = "#bdbdbd"
# Okabe and Ito (2008), Color universal design; the yellow is left out, since it vanishes on paper.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
TEXT, TITLE, SMALL = 12, 14, 9  # points
WIDEST = 12.0  # inches; a notebook shrinks what is wider, and the type with it


def new_panel(width: float, height: float, layout: str = "constrained"):
    """An axes in a figure of its own, width × height inches."""
    return plt.figure(figsize=(width, height), layout=layout).add_subplot()


def dress(panel, title: str = "", x: str = "", y: str = "", grid: str = "") -> None:
    """Give a panel the course's look, its title and the names of its axes; grid: "", "x", "y" or "both"."""
    figure = panel.get_figure()
    figure.set_facecolor(PAPER)
    if figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")
    panel.set_facecolor(PAPER)
    panel.set_axisbelow(True)
    panel.grid(False)
    if grid:
        panel.grid(True, axis=grid, color=FAINT, linewidth=0.8, linestyle="-")
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)
    panel.tick_params(which="both", colors=INK, labelcolor=INK, labelsize=TEXT)
    panel.xaxis.get_offset_text().set(color=INK, fontsize=TEXT)
    panel.yaxis.get_offset_text().set(color=INK, fontsize=TEXT)
    if title:
        panel.set_title(title, color=INK, fontsize=TITLE)
    if x:
        panel.set_xlabel(x, color=INK, fontsize=TEXT)
    if y:
        panel.set_ylabel(y, color=INK, fontsize=TEXT)


def unframe(panel) -> None:
    """Take the frame and the tick marks away, and leave the labels."""
    for spine in panel.spines.values():
        spine.set_visible(False)
    panel.tick_params(length=0)


def legend(panel, outside: bool = False) -> None:
    """Name the panel's series: inside it where they leave room, or to its right."""
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if outside else {"loc": "best"}
    made = panel.legend(fontsize=TEXT, labelcolor=INK, facecolor=PAPER, edgecolor=FAINT, framealpha=0.9, **place)
    for text in made.get_texts():
        text.set_parse_math(False)


def colour_bar(mappable, panels, label: str):
    """One scale of colours for these panels, and what the colours show."""
    figure = panels[0].get_figure()
    shrink = min(0.85, 4.5 / figure.get_size_inches()[1])
    made = figure.colorbar(mappable, ax=panels, shrink=shrink, pad=0.02, aspect=18)
    made.outline.set_visible(False)
    made.ax.tick_params(labelsize=TEXT, colors=INK, labelcolor=INK)
    made.set_label(label, color=INK, fontsize=TEXT)
    return made


def inches(panel) -> tuple[float, float]:
    """About how wide and how high the inside of a panel will be, once its labels have taken their share."""
    figure, place = panel.get_figure(), panel.get_subplotspec()
    width, height = figure.get_size_inches()
    if place is None:
        box = panel.get_position(original=True)
        return box.width * width, box.height * height
    rows, columns = place.get_gridspec().get_geometry()
    return max(0.5, width * len(place.colspan) / columns - 0.6), max(0.5, height * len(place.rowspan) / rows - 0.8)
