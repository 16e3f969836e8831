"""A lesson whose hidden tests hold a canary and numbers that nobody outside should come to see."""

from conftest import CANARY
from small_lessons import header

HIDDEN_NUMBERS = ("777.25", "97.15625")  # what hidden tests ask for and expect, as it would be printed

SCALE = f'''# %% [markdown]
# # 1 · Scaling

# %%
import numpy as np

from attention_course import check

# %% {header("scale", False, True)}
def scale(x, factor=2.0):
    ### BEGIN SOLUTION
    return np.asarray(x) * factor
    ### END SOLUTION

# %% {header("scale_visible", True, False, 1)}
check.close(scale(np.array([1.0, 2.0])), [2.0, 4.0], "every number is doubled")

# %% {header("scale_hidden", True, False, 2)}
check.close(scale(np.array([3.0])), [6.0], "three becomes six")
### BEGIN HIDDEN TESTS
secret = "{CANARY}"
numbers = 1000 * check.rng("scale_hidden").normal(size=(3, 5))
check.close(check.unchanged(scale, numbers), numbers * 2, "random numbers are doubled")
check.close(scale(np.array([0.125]), factor=777.25), [97.15625], "the factor is taken as given")
### END HIDDEN TESTS

# %% {header("scale_again", True, False, 1)}
check.close(scale(np.array([5.0])), [10.0], "five becomes ten")
### BEGIN HIDDEN TESTS
for count in range(int(scale(np.array([4.0]))[0])):
    pass
check.equal(count, 7, "it can be counted up to")
### END HIDDEN TESTS
'''
