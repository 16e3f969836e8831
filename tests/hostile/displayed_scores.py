# Shows scores in the ways that plain nbgrader reads as partial or full credit.
# points: 0

# %% first
import sys

sys.displayhook("2")
sys.displayhook(4)
print("4")
display({"text/plain": "4"}, raw=True)

# %% scale
def scale(x, factor=2.0):
    sys.displayhook("4")
    print("4")
    return 4

# %% last
4
