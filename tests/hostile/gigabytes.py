# Returns gigabytes: as an array, as a list of tiny things, as a text.
# points: 0

# %% scale
import itertools

import numpy as np

turn = itertools.count()


def scale(x, factor=2.0):
    return [lambda: np.zeros(3 << 27), lambda: [[] for _ in range(10**7)], lambda: "x" * (1 << 30)][next(turn) % 3]()
