# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 0 · Start here
#
# *20 minutes · NumPy · 1 point · builds on some Python: functions, lists, arrays*
#
# "The cat sat on the mat." Who sat, and where? To answer, you look from "sat" to "cat" and to "on", and hardly
# at the rest. A program can do the same: each word looks at the others and takes most from those that matter
# to it. That is attention, and this course builds it, step by step, up to a transformer.
#
# You will build `average_rows`, the plainest attention there is, and be able to
#
# - read a picture of who looks at whom;
# - answer an exercise, test the answer and hand it in;
# - say what the shapes and masks in this course mean.

# %%
import platform
from importlib import metadata

import numpy as np

from attention_course import check, plots

# %% [markdown]
# ## Who looks at whom
#
# Here are a word's two sides, made by hand: what it *offers* to the others and what it *seeks* in them. "sat"
# is an action. It seeks a thing (who sat?) and a place word (where?). What the others offer and seek stands in the next
# cell: read it before you run it.
#
# **Predict first.** Only matching words are looked at, near ones more than far ones. Which two words does "sat"
# look at most? And "on", which seeks one thing: is it "cat" or "mat"?

# %%
words = ["The", "cat", "sat", "on", "the", "mat"]
article, thing, action, place = np.eye(4)  # four rows, each with its 1 in another column
offers = np.array([article, thing, action, place, article, thing])  # (6, 4)
seeks = np.array([thing, action, thing + place, thing, thing, place])  # (6, 4)

position = np.arange(len(words))
closeness = 1 / (1 + np.abs(position[:, None] - position))  # (6, 6): 1 at the word itself, 1/2 beside it, then 1/3, ...
weights = (seeks @ offers.T) * closeness  # (6, 6): 0 where nothing matches
weights = weights / weights.sum(axis=1, keepdims=True)  # each row adds up to 1
plots.links(weights, words, words, title="Who looks at whom")

# %% [markdown]
# A thick line is a large weight; its colour tells which word looks. "sat" looks at "cat" and "on" alike, and half as much at
# "mat", which is farther away. "on" cannot choose: "cat" and "mat" are equally near, and our rule does not know that "on" asks
# for what comes *after* it.
#
# No hand-written list of rules is long enough. In the lessons nobody writes them: queries (what is sought),
# keys (what is offered) and positions are learned from examples.

# %% [markdown]
# ## The same as a table
#
# Six words looking at six are 36 weights. As a heat map they are the picture of every lesson: a row for each
# word that looks, a column for each word that is looked at. Find the row of "sat", then the row of "on".

# %%
plots.heatmap(weights, words, words, title="The same 36 weights")

# %% [markdown]
# ## How a lesson works
#
# - Run the cells in order, each with Shift+Enter. When something looks wrong, choose *Restart Kernel and Run All Cells* first.
# - *Predict first* means: decide before you run the next cell. A wrong guess teaches more than none.
# - An exercise is a cell with `raise NotImplementedError()`. Put your answer in its place; keep the function's name.
# - The cell below it is its test, worth the points in the exercise's heading. It is silent when all is well: the number in
#   brackets in the margin shows that it ran.
# - Hints are folded. Open one after you have tried.
#
# A test that fails says which property your answer lacks, then how far off it is, like this:

# %%
try:
    check.close([0.5, 0.6], [0.5, 0.5], "equal scores get equal shares")
except check.CheckFailed as failure:
    print(failure)

# %% [markdown]
# ### Exercise 1 · `average_rows` · 1 point · 5 minutes · easy
#
# What if a word looked at all words alike? With $n$ words every weight is $1/n$, and what it collects is the average of
# their vectors $x_1, \dots, x_n$:
#
# $$\bar{x} = \frac{1}{n} \sum_{i=1}^{n} x_i$$
#
# Each row of `x` is the vector of one word. NumPy's own functions are welcome.
#
# <details><summary>Hint</summary>
#
# `x.sum(axis=0)` adds the rows up and has a number for each column. By what is it divided?
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The shape is (3,), not (2,):* the columns were averaged; the rows lie along `axis=0`.
# - *The shape is (), not (2,):* all numbers went into one average; give it the `axis`.
# - *It is None:* `return` is missing.
# - *The function wrote into its argument:* `x /= 3` changes it; `x / 3` makes a new array.
# </details>

# %% nbgrader={"grade": false, "grade_id": "average_rows", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_rows(x):
    """The average of the rows of `x`: attention with all weights equal.

    x: array (n, d), n at least 1.
    Returns a new float64 array (d,); `x` itself is left as it was.
    """
    ### BEGIN SOLUTION
    return x.mean(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "average_rows_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
average = check.unchanged(average_rows, np.array([[1.0, 10.0], [2.0, 20.0], [6.0, 60.0]]))
check.close(average, [3.0, 30.0], "each column has an average of its own, over all rows")
check.equal(isinstance(average, np.ndarray), True, "the average is a NumPy array")
check.equal(str(average.dtype), "float64", "the average is a float64 array")
check.close(average_rows(np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 5.0]])), [1.5, 2.0, 4.5], "every row counts the same, however many there are")
### BEGIN HIDDEN TESTS
rng = check.rng("average_rows_values")
for size in [(3, 5), (5, 3), (1, 4), (7, 1), (40, 6)]:
    table = rng.normal(size=size)
    average = check.unchanged(average_rows, table)
    check.shape(average, size[1:], "the average has one dimension, with a number for each column")
    expected = [sum(column) / len(column) for column in table.T.tolist()]
    check.close(average, expected, "every row counts the same, however many there are")
check.close(average_rows(table.T[::2]), [sum(row) / 3 for row in table[:, ::2].tolist()], "it does not matter how the rows lie in memory")
table = rng.normal(size=(5, 3))
table[[0, 1, 3], [2, 0, 1]] = 0.0
check.close(average_rows(table), [sum(column) / 5 for column in table.T.tolist()], "a zero counts like any other number")
table = table[[0, 1, 1, 1, 2, 0]]
check.close(average_rows(table), [sum(column) / 6 for column in table.T.tolist()], "a row that comes twice counts twice")
whole = 2 * rng.integers(-9, 10, size=(2, 3)) + np.array([[0], [1]])  # the sum of an even and an odd number is odd
check.close(check.unchanged(average_rows, whole), [sum(column) / 2 for column in whole.T.tolist()], "whole numbers have averages with a fraction")
### END HIDDEN TESTS

# %% [markdown]
# ## What an average cannot do
#
# A word collects what the others offer, each in proportion to its weight: `weights @ offers`. With equal weights that is your
# average.
#
# **Predict first.** In the average of the six words, what is the share of *thing*? Of *place*? And in what "sat" collects with
# the weights from above?

# %%
alike = np.full((6, 6), 1 / 6)
print("equal weights against average_rows, largest difference:", np.abs(alike @ offers - average_rows(offers)).max())
collected = {"average": average_rows(offers), '"sat"': (weights @ offers)[2], '"mat"': (weights @ offers)[5]}
for name, shares in collected.items():
    print(f"{name:8}", shares.round(3))
plots.bars(None, ["article", "thing", "action", "place"], collected, y="share of what is collected", title="What a word collects")

# %% [markdown]
# Expect a difference of 0 or, from rounding, near $10^{-16}$; with more, `average_rows` is not the average yet. The average tells
# every word the same: a third is thing, a sixth place, and a third articles, which nobody asked for. "sat" collects 60 % thing
# and 40 % place, and no article at all. "mat", which asked where it belongs, collects only the place word.
#
# All that lies between `average_rows` and a transformer is where the weights come from.

# %% [markdown]
# ## Shapes and masks
#
# These hold in all lessons. Today needs none; come back to the list.
#
# - Shapes read `(..., n, d)`: `n` vectors of `d` numbers, and in front of them any number of batch dimensions.
# - There are `n_q` queries, `n_k` keys of width `d_k`, and values of width `d_v`. `d_model` is the width of the model,
#   `n_heads` the number of heads, `batch` the number of examples.
# - A mask is boolean, and `True` means *may look*. A row with everything masked gives zeros, never `nan`, "not a
#   number", which NumPy makes of 0 / 0.
#
# The next cell draws a mask under which no word may look ahead.

# %%
plots.heatmap(np.tril(np.ones((6, 6), dtype=bool)), words, words, title="A mask: nobody looks ahead")

# %% [markdown]
# ## Code
#
# - Functions return new arrays and leave their arguments alone. The tests look for that.
# - Lessons 1 to 6 use NumPy in float64. From lesson 7 on it is PyTorch in float32, and your code follows the device and dtype
#   of its inputs: it computes where they are, processor or GPU, and in their precision.
# - A cell marked *given* holds what an earlier lesson built. Each lesson runs without the others.
#
# The next cells print what is installed and whether there is a GPU. No lesson needs one; lesson 16 is faster with it.

# %%
print("Python", platform.python_version())
installed = {found.metadata["Name"]: found.version for found in metadata.distributions()}
for name in ["numpy", "matplotlib", "torch"]:
    print(name, installed.get(name, "is not installed: pip install " + name))

# %% tags=["skip-execution"]
try:
    import torch
except ModuleNotFoundError:
    print("PyTorch is missing; lessons 1 to 6 do without it.")
else:
    gpu = torch.cuda.is_available()
    print("GPU: " + torch.cuda.get_device_name() if gpu else "No GPU: the lessons run on the processor.")

# %% [markdown]
# ## Hand in
#
# Save the notebook. In a terminal in the course's folder (with `README.md` and `work`), grade it yourself:
#
#     python -m autograder check work/00_start_here.ipynb
#
# Besides the tests you see it runs the *hidden tests*, which try other shapes and numbers, in a sandbox. It prints a line
# per test: the points, and what failed. The grade is made in the same way with other random numbers, so it is not enough to fit
# those you see. Where there is only the notebook, as on Colab, its last cell prints the same lines.
#
# **On Colab** first choose *File › Save a copy in Drive*: the machine is taken back when you are idle, and what is not in Drive is gone
# with it. Your copy keeps your answers; run its cells again from the top.
#
# Then hand the file in as your course asks. Its content says which lesson it is, so a name like "Copy of ..." will do. Do not
# delete or rename exercise and test cells; add others where you like.

# %% [markdown]
# ## What you have now
#
# A picture of attention, an average that is its plainest case, and a point.
#
# **Common mistakes**, for which the test you see looks: averaging each row where each column is asked for; one number for the
# whole array; dividing by a fixed number of words; changing the caller's array. Only the hidden ones try whole numbers, or one row.
#
# **Further:** attention was first trained together with a model by Bahdanau, Cho and Bengio (2014, *Neural machine translation by jointly learning
# to align and translate*); lesson 7 rebuilds theirs. Vaswani et al. (2017, *Attention is all you need*) built the transformer on it,
# without recurrence; lesson 15 does. In lesson 1 text becomes tokens, whose vectors are the rows that all this works on.
