"""A small lesson to build, break and grade: its source, and folders that hold it."""

from pathlib import Path


def header(name: str, grade: bool, solution: bool, points: float | None = None) -> str:
    """nbgrader's metadata as they stand in a cell's header."""
    words = {True: "true", False: "false"}
    worth = "" if points is None else f'"points": {points}, '
    return (
        f'nbgrader={{"grade": {words[grade]}, "grade_id": "{name}", "locked": {words[grade and not solution]}, '
        f'{worth}"schema_version": 3, "solution": {words[solution]}, "task": false}}'
    )


DOUBLE = f'''# %% [markdown]
# # 1 · Doubling
#
# *5 minutes · NumPy · 5 points*

# %%
import numpy as np

from attention_course import check

# %% [markdown]
# ### Exercise 1 · `double` · 3 points

# %% {header("double", False, True)}
def double(x):
    """Twice `x`, as a new array."""
    ### BEGIN SOLUTION
    twice_as_much = np.asarray(x) * 2
    return twice_as_much
    ### END SOLUTION


# %% {header("double_values", True, False, 2)}
check.equal(double(3), 6, "twice three is six")
### BEGIN HIDDEN TESTS
large_number = 12345
check.equal(double(large_number), 24690, "large numbers are doubled too")
### END HIDDEN TESTS

# %% {header("double_shape", True, False, 1)}
check.shape(double(np.ones((2, 3))), (2, 3), "the shape is kept")

# %%
number = 21
print(double(number))

# %% [markdown] {header("report", True, True, 2)}
# What is doubling good for?
#
# ### BEGIN SOLUTION
# It makes two out of one.
# ### END SOLUTION
'''

FOUR_TIMES = f"""# %% [markdown]
# # 2 · Four times

# %%
import numpy as np

from attention_course import check

# %% tags=["given"]
# given: double from 01_double

# %% {header("four_times", False, True)}
def four_times(x):
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION


# %% {header("four_times_values", True, False, 1)}
check.equal(four_times(np.array([1, 2])), np.array([4, 8]), "four times one is four")
"""


def write_lessons(root: Path, **sources: str) -> Path:
    """A repository in `root` with these lessons: write_lessons(root, double=DOUBLE) makes solutions/01_double.py."""
    (root / "solutions").mkdir(exist_ok=True)
    for number, (name, source) in enumerate(sources.items(), start=1):
        (root / "solutions" / f"{number:02}_{name}.py").write_text(source, encoding="utf-8")
    return root
