# Ends its process in the middle of every call.
# points: 0

# %% scale
import os


def scale(x, factor=2.0):
    os._exit(0)
