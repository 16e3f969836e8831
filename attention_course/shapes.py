"""Images of two coloured shapes, with captions: drawn on the fly, the same for the same seed.

    images, captions, owners = shapes.draw(1000, seed=0)

The card, datasets/shapes.md, says what is in them and what they are not good for.
"""

from typing import NamedTuple

import numpy as np

SIZE = 32  # pixels to a side
COLOURS = {
    "red": (0.86, 0.15, 0.15),
    "green": (0.13, 0.62, 0.25),
    "blue": (0.16, 0.33, 0.85),
    "yellow": (0.95, 0.85, 0.15),
    "purple": (0.55, 0.20, 0.70),
    "brown": (0.50, 0.32, 0.15),
}
FORMS = ("circle", "square", "triangle", "cross")
RADIUS = (4.5, 6.5)  # pixels from a shape's middle to its side
APART = 15  # pixels between the middles, at least, along the axis that the caption names
CLEARER = 4  # so many more than along the other axis
GROUND, NOISE = 0.9, 0.03  # of 1


class Drawn(NamedTuple):
    """What `draw` returns; row number i of each belongs to image i."""

    images: np.ndarray  # (n, 3, 32, 32), float32 from 0 to 1
    captions: list[str]  # such as "a red circle above a blue square"
    owners: np.ndarray  # (n, 32, 32), int8: 1 and 2 where the shape named first and second lies, 0 elsewhere


def draw(n: int, seed: int) -> Drawn:
    """n images of two shapes that differ in colour or form, on a light ground with a little noise.

    The caption names the one further left and says "left of", or the upper one and says "above", whichever
    distance between their middles is larger. Of the same seed, more images begin with the same ones.
    """
    rng = np.random.default_rng(seed)
    images, owners, captions = np.empty((n, 3, SIZE, SIZE), np.float32), np.zeros((n, SIZE, SIZE), np.int8), []
    for image, owner in zip(images, owners, strict=True):
        (first, second), relation = _middles(rng)
        names = _two_names(rng)
        image[:] = GROUND
        for number, (middle, (colour, form)) in enumerate(zip((first, second), names, strict=True), start=1):
            inside = _inside(form, middle, rng.uniform(*RADIUS))
            owner[inside], image[:, inside] = number, np.array(COLOURS[colour])[:, None]
        image += NOISE * rng.standard_normal(image.shape)
        captions.append("a {} {} {} a {} {}".format(*names[0], relation, *names[1]))
    return Drawn(images.clip(0, 1), captions, owners)


def _middles(rng) -> tuple[np.ndarray, str]:
    """((2, 2) the middles as (row, column), the one to be named first in front; how the two lie)."""
    while True:
        middles = rng.uniform(RADIUS[1], SIZE - 1 - RADIUS[1], size=(2, 2))
        down, across = np.abs(middles[0] - middles[1])
        if max(down, across) >= APART and abs(down - across) >= CLEARER:
            axis = int(across > down)
            return middles[np.argsort(middles[:, axis])], ("above", "left of")[axis]


def _two_names(rng) -> list[tuple[str, str]]:
    """Two different pairs of colour and form."""
    kinds = [(colour, form) for colour in COLOURS for form in FORMS]
    return [kinds[number] for number in rng.choice(len(kinds), size=2, replace=False)]


def _inside(form: str, middle: np.ndarray, radius: float) -> np.ndarray:
    """(32, 32), True where the shape lies."""
    down, across = np.indices((SIZE, SIZE)) - middle[:, None, None]
    if form == "circle":
        return down**2 + across**2 <= radius**2
    if form == "square":
        return np.maximum(np.abs(down), np.abs(across)) <= 0.88 * radius
    if form == "triangle":  # point up
        return (down <= 0.8 * radius) & (2 * np.abs(across) <= 1.15 * (down + radius))
    arm = 0.38 * radius
    return (np.minimum(np.abs(down), np.abs(across)) <= arm) & (np.maximum(np.abs(down), np.abs(across)) <= radius)
