# Closes everything that its process has open.
# points: 4

# %% first
import os

os.closerange(0, 1000)

# %% scale
def scale(x, factor=2.0):
    return x * factor
