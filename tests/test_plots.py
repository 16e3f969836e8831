"""attention_course.plots: pictures that can be read, whatever is drawn, and that change nothing but themselves."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb

from attention_course import plots
from attention_course.plots.style import COLOURS, PAPER

WORDS = ["The", "cat", "sat", "on", "the", "mat"]
LONG = "the agreement on the European Economic Area was signed in August 1992".split()
ODD = ["$x$", "two\nlines", " before", "", "after ", "_^{}"]


@pytest.fixture(autouse=True)
def one_figure_at_a_time():
    """Every test begins without figures, and must leave matplotlib's settings alone."""
    plt.close("all")
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
    plt.close("all")


def weights(*shape, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(shape[-1], 0.5), size=shape[:-1])


def grey(height=20, width=30):
    image = np.zeros((height, width))
    image[5:12, 8:20] = 1
    return image


PICTURES = {
    "bars": lambda: plots.bars(None, WORDS, weights(6), title="Shares", y="weight"),
    "bars with long names": lambda: plots.bars(None, LONG, weights(12)),
    "bars side by side": lambda: plots.bars(None, ["one", "two"], {"with": [0.9, 0.1], "without": [0.5, -0.2]}, y="exact match"),
    "lines": lambda: plots.lines(
        [4, 16, 64, 1024], {"a": [1, 2, 3, 4], "b": [4, 3, 2, 1]}, x="n", y="seconds", log_x=True, log_y=True
    ),
    "many lines": lambda: plots.lines(
        range(300), {f"head {i}": weights(300, seed=i) for i in range(9)}, x="step", y="loss (nats)"
    ),
    "lines with places of their own": lambda: plots.lines(
        {"a": [1, 2], "b": [5, 6, 7]}, {"a": [1, 2], "b": [3, 2, 1]}, x="x", y="y"
    ),
    "heat map": lambda: plots.heatmap(weights(6, 6), WORDS, WORDS, title="Who looks at whom"),
    "heat map of long words": lambda: plots.heatmap(weights(12, 12), LONG, LONG),
    "heat map of odd tokens": lambda: plots.heatmap(weights(6, 6), ODD, ODD),
    "heat map of many letters": lambda: plots.heatmap(
        weights(30, 70), "2026-11-21 " * 2 + "2026-11-", "Samstag, 21. November 26, " * 2 + "m" * 18
    ),
    "heat map of many words": lambda: plots.heatmap(weights(36, 36), LONG * 3, LONG * 3),
    "heat map of many positions": lambda: plots.heatmap(weights(150, 150)),
    "heat map with three rows": lambda: plots.heatmap(weights(3, 40), ["a", "b", "c"]),
    "heat map of one number": lambda: plots.heatmap([[1.0]], ["a"], ["b"]),
    "scores": lambda: plots.heatmap(np.linspace(-3, 20, 12).reshape(3, 4), label="score"),
    "masked scores": lambda: plots.heatmap(np.where(np.tri(4) > 0, 1.5, -np.inf), label="score"),
    "nothing but zeros": lambda: plots.heatmap(np.zeros((3, 4))),
    "mask": lambda: plots.heatmap(np.tri(7, dtype=bool), title="Nobody looks ahead"),
    "two heat maps": lambda: plots.heatmaps(weights(2, 6, 6), ["before", "after"], WORDS, WORDS, title="Training"),
    "four heat maps": lambda: plots.heatmaps(weights(4, 6, 6), ["1", "2", "3", "4"], WORDS, WORDS),
    "eight heat maps": lambda: plots.heatmaps(weights(8, 12, 12), [f"head {i}" for i in range(8)], LONG, LONG),
    "five heat maps": lambda: plots.heatmaps(weights(5, 9, 9), [f"head {i}" for i in range(5)]),
    "masks": lambda: plots.heatmaps([np.tri(16, dtype=bool)] * 3, ["encoder", "decoder", "both"]),
    "overlay": lambda: plots.overlay(grey(), weights(2, 3), title="square"),
    "overlay of flat weights": lambda: plots.overlay(grey()[..., None].repeat(3, 2) * 255, weights(24)),
    "overlays": lambda: plots.overlays(grey(), weights(7, 24), "a square on the left side .".split(), title="Caption"),
    "links": lambda: plots.links(weights(6, 6), WORDS, WORDS, title="Who looks at whom"),
    "links of two words": lambda: plots.links(weights(2, 6), ["cat", "mat"], WORDS),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_cell_that_ends_with_the_call_shows_one_figure_and_prints_nothing(name):
    assert PICTURES[name]() is None
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_is_cut_off_or_touches_its_neighbour(name):
    PICTURES[name]()
    figure = drawn()
    whole = figure.bbox
    for text in shown_texts(figure):
        box = text.get_window_extent()
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= whole.x1 + 1 and box.y1 <= whole.y1 + 1
        assert inside, f"{text.get_text()!r} is cut off"
    for panel in figure.axes:
        if panel.get_visible():
            for axis in (panel.xaxis, panel.yaxis):
                assert_apart([label for label in axis.get_ticklabels() if is_shown(label)])


@pytest.mark.parametrize("name", PICTURES)
def test_type_can_be_read_when_projected_and_a_page_is_not_exceeded(name):
    PICTURES[name]()
    figure = drawn()
    small, least = {text for panel in figure.axes for text in panel.texts}, 9
    if "many letters" in name or "many words" in name:
        small |= {label for axis in (figure.axes[0].xaxis, figure.axes[0].yaxis) for label in axis.get_ticklabels()}
        least = 7
    assert all(text.get_fontsize() >= (least if text in small else 12) for text in shown_texts(figure))
    assert figure.get_size_inches()[0] <= 13.5


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_brings_its_own_paper_and_ink_into_a_dark_page(name):
    with plt.style.context("dark_background"):
        PICTURES[name]()
        figure = drawn()
    assert to_rgb(figure.get_facecolor()) == to_rgb(PAPER)
    in_cells = {text for panel in figure.axes for text in panel.texts}
    for text in shown_texts(figure) - in_cells:
        assert contrast(to_rgb(text.get_color()), to_rgb(PAPER)) > 7, f"{text.get_text()!r} is pale"


def test_the_numbers_in_the_cells_stand_out_from_their_colour():
    for matrix in (np.linspace(0, 1, 100).reshape(10, 10), np.linspace(-5, 5, 100).reshape(10, 10)):
        plots.heatmap(matrix, values=True)
        image = plt.gcf().axes[0].images[0]
        for text, value in zip(plt.gcf().axes[0].texts, matrix.ravel(), strict=True):
            assert contrast(to_rgb(text.get_color()), image.to_rgba(value)[:3]) > 3, f"{value} cannot be read"


def test_the_colours_of_lines_stand_out_from_the_paper():
    assert all(contrast(to_rgb(colour), to_rgb(PAPER)) > 1.9 for colour in COLOURS)
    assert len(set(COLOURS)) == len(COLOURS)


def test_rows_are_those_who_look_and_columns_those_who_are_looked_at():
    plots.heatmap(weights(2, 3), ["he", "she"], ["a", "b", "c"])
    panel = drawn().axes[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["he", "she"]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["a", "b", "c"]
    assert "who looks" in panel.get_ylabel() and "looked at" in panel.get_xlabel()
    assert panel.yaxis_inverted()


def test_few_numbers_are_written_and_many_are_not():
    plots.heatmap([[0.0, 0.004, 0.25, -0.5, 12.3, np.nan, -np.inf]])
    assert [text.get_text() for text in plt.gcf().axes[0].texts] == ["0", "0.00", "0.25", "−0.50", "12", "nan", "−∞"]
    plots.heatmap(weights(30, 30))
    assert not plt.gcf().axes[0].texts
    plots.heatmap(weights(3, 3), values=False)
    assert not plt.gcf().axes[0].texts


def test_no_word_of_a_sentence_is_left_out():
    for name, count in (("heat map of many letters", 70), ("heat map of many words", 36), ("eight heat maps", 12)):
        PICTURES[name]()
        assert len(drawn().axes[0].get_xticks()) == count


def test_maps_side_by_side_share_one_scale_of_colours():
    plots.heatmaps([[[0.1, 0.2]], [[0.3, 0.9]]], ["a", "b"])
    *panels, bar = plt.gcf().axes
    assert [panel.images[0].get_clim() for panel in panels] == [(0, 0.9), (0, 0.9)]
    assert bar.get_ylabel() == "weight"


def test_the_scale_begins_at_zero_and_is_symmetrical_where_there_are_negative_numbers():
    for matrix, limits in (([[0.4, 0.5]], (0, 0.5)), ([[-1.0, 3.0]], (-3, 3)), ([[True, False]], (0, 1))):
        plots.heatmap(matrix)
        assert plt.gcf().axes[0].images[0].get_clim() == limits
    plots.heatmap([[0.4]], limits=(0, 1))
    assert plt.gcf().axes[0].images[0].get_clim() == (0, 1)


def test_a_mask_says_which_colour_may_look():
    plots.heatmap(np.tri(3, dtype=bool))
    assert [label.get_text() for label in drawn().axes[1].get_yticklabels()] == ["hidden", "may look"]


def test_tensors_of_every_kind_are_drawn_like_arrays():
    numbers = weights(3, 4)
    for tensor in (
        torch.tensor(numbers, requires_grad=True),
        torch.tensor(numbers, dtype=torch.bfloat16),
        torch.tensor(numbers)[None, None],
        [torch.tensor(row) for row in numbers],
    ):
        plots.heatmap(tensor)
        assert np.allclose(plt.gcf().axes[0].images[0].get_array(), numbers, atol=0.01)
    losses = [torch.tensor(2.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)]
    plots.lines(torch.arange(2), {"loss": losses}, x="step", y="loss")
    assert list(plt.gcf().axes[0].lines[0].get_ydata()) == [2.0, 1.0]
    plots.bars(None, ["a", "b"], torch.tensor([1, 2]))
    assert [bar.get_height() for bar in plt.gcf().axes[0].patches] == [1, 2]


def test_a_panel_of_the_students_own_is_drawn_into():
    figure, panels = plt.subplots(1, 2, figsize=(12, 4))
    plots.heatmap(weights(6, 6), WORDS, WORDS, title="Before", panel=panels[0], colorbar=False)
    plots.bars(panels[1], WORDS, weights(6), title="One row")
    assert plt.get_fignums() == [figure.number]
    assert [panel.get_title() for panel in panels] == ["Before", "One row"]
    for text in shown_texts(drawn()):
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.y0 >= -1


def test_tokens_keep_their_dollars_and_show_their_spaces():
    plots.heatmap(weights(6, 6), ODD, [b"by", 7, None, "a", "b", "c"])
    panel = drawn().axes[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["$x$", "two↵lines", "␣before", '""', "after␣", "_^{}"]
    assert [label.get_text() for label in panel.get_xticklabels()][:3] == ["by", "7", "None"]


def test_overlays_put_each_weight_over_its_patch():
    plots.overlay(np.zeros((4, 6)), [[0, 0, 1], [0, 0, 0]])
    veil = plt.gcf().axes[0].images[1]
    assert veil.get_array()[..., 3].argmax() == 2
    assert tuple(veil.get_extent()) == (-0.5, 5.5, 3.5, -0.5)


MISTAKES = {
    "five labels for six rows": (lambda: plots.heatmap(weights(6, 6), WORDS[:5], WORDS), "5 labels for 6 rows"),
    "rows and columns swapped": (lambda: plots.heatmap(weights(2, 3), ["a", "b", "c"], ["a", "b"]), "3 labels for 2 rows"),
    "all heads at once": (lambda: plots.heatmap(weights(4, 6, 6), WORDS, WORDS), "pick one head"),
    "a vector": (lambda: plots.heatmap([0.1, 0.9]), "(queries, keys)"),
    "an empty matrix": (lambda: plots.heatmap(np.zeros((0, 3))), "(queries, keys)"),
    "words for numbers": (lambda: plots.heatmap([["a"]]), "needs numbers"),
    "ragged rows": (lambda: plots.heatmap([[1, 2], [3]]), "equal length"),
    "a title too few": (lambda: plots.heatmaps(weights(2, 3, 3), ["one"]), "1 titles for 2 heat maps"),
    "no heat maps": (lambda: plots.heatmaps([], []), "0 titles for 0 heat maps"),
    "labels without bars": (lambda: plots.bars(None, WORDS, [1, 2]), "6 labels for 2 values"),
    "a series too short": (lambda: plots.bars(None, ["a", "b"], {"one": [1, 2], "two": [1]}), "'two'"),
    "lines without names": (lambda: plots.lines([1, 2], [3, 4]), "need names"),
    "a line too short": (lambda: plots.lines([1, 2, 3], {"loss": [3, 4]}), "'loss' has 2 values for 3 places"),
    "a line without places": (lambda: plots.lines({"a": [1]}, {"b": [1]}), "'b' has no places"),
    "channels first": (lambda: plots.overlay(np.zeros((3, 20, 20)), weights(2, 2)), "move its axes"),
    "weights that are no grid": (lambda: plots.overlay(grey(), weights(7)), "(rows, columns)"),
    "scores for weights": (lambda: plots.links([[-1.0]], ["a"], ["b"]), "not scores"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_in_one_sentence_with_its_mend(name):
    call, words = MISTAKES[name]
    with pytest.raises(ValueError) as caught:
        call()
    message = str(caught.value)
    assert words in message
    assert message.endswith(".") and "\n" not in message and ":" in message


def test_importing_the_course_does_not_load_pytorch():
    code = "import sys; from attention_course import check, data, plots; plots.heatmap([[1.0]]); sys.exit('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={"MPLBACKEND": "agg", "PYTHONPATH": ":".join(sys.path)}).returncode == 0
    )


def drawn():
    figure = plt.gcf()
    figure.canvas.draw()
    return figure


def is_shown(text) -> bool:
    return text.get_visible() and bool(text.get_text().strip())


def shown_texts(figure) -> set:
    """All text that can be seen; labels of ticks outside an axis are made but not drawn."""
    found = {text for text in figure.findobj(matplotlib.text.Text) if is_shown(text)}
    for panel in figure.axes:
        hidden = not panel.get_visible()
        for axis in (panel.xaxis, panel.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if hidden or not low <= tick.get_loc() <= high:
                    found -= {tick.label1, tick.label2}
                found -= {label for label, on in ((tick.label1, tick.label1.get_visible()), (tick.label2, False)) if not on}
        if hidden:
            found -= set(panel.findobj(matplotlib.text.Text))
    return found


def assert_apart(labels) -> None:
    """No two neighbours overlap, as lines of type: those turned by 45 degrees are apart along the line across them."""
    boxes = [label.get_window_extent() for label in labels]
    for one, other, label in zip(boxes, boxes[1:], labels, strict=False):
        if label.get_rotation() == 45:
            height = label.get_fontsize() * label.figure.dpi / 72
            assert abs(one.x1 - other.x1) / 2**0.5 >= 0.9 * height, f"{label.get_text()!r} touches the next label"
        else:
            overlap = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(overlap) <= 1.5, f"{label.get_text()!r} touches the next label"


def contrast(one, other) -> float:
    """Contrast between two colours as the Web Content Accessibility Guidelines measure it: 1 to 21."""

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
