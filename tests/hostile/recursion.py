# Calls itself for ever, returns lists within lists within lists, and a list that holds itself.
# points: 0

# %% scale
import itertools
import sys

sys.setrecursionlimit(10**6)
turn = itertools.count()


def down(x):
    return down([x])


def deep(levels):
    found = []
    for _ in range(levels):
        found = [found]
    return found


def scale(x, factor=2.0):
    circle = []
    circle.append(circle)
    return [lambda: circle, lambda: deep(100_000), lambda: down(x)][next(turn) % 3]()
