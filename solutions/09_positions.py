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
# # 9 · Positions
#
# *100 minutes · PyTorch · 10 points · builds on lessons 6, Weighted sum, and 8, Self-attention*
#
# "The cat chased the dog." "The dog chased the cat." Lesson 8 ended here: to self-attention the two are one bag of words.
# Put the words in another order, and the results come out in that other order, each the same as before. How can a word be
# told where it stands, and how far away the others are?
#
# You will build `sinusoidal_positions`, `LearnedPositions`, `rotate`, `rotary_attention` and `alibi_bias`, and be able to
#
# - add positions to the words, turn queries and keys by them, or subtract distance from the scores;
# - say which of these know absolute places and which know distances;
# - say what half precision does to a position, and how to be safe from it;
# - train on short texts, test on long ones, and say which scheme survives that.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from attention_course import check, plots

# %% [markdown]
# ## Who chased whom?
#
# The next cell gives each word a random vector and lets the sentence look at itself. For simplicity queries, keys and values
# are the words themselves.
#
# **Predict first.** What "cat" collects from the first sentence and what it collects from the second: by how much do the
# two vectors differ?

# %%
chance = torch.Generator().manual_seed(0)
dictionary = {word: torch.randn(64, generator=chance) for word in "the cat chased dog".split()}
cat_first, dog_first = "the cat chased the dog".split(), "the dog chased the cat".split()


def embedded(words):
    return torch.stack([dictionary[word] for word in words])  # (n, 64)


def collected(x, place):
    """What the word at a place collects from its sentence."""
    return F.scaled_dot_product_attention(x[None], x[None], x[None])[0, place]


chasing = collected(embedded(cat_first), cat_first.index("cat"))
chased = collected(embedded(dog_first), dog_first.index("cat"))
print(f"the same word in two orders: largest difference {(chasing - chased).abs().max():.0e}")

# %% [markdown]
# A rounding error at most. Scores come from pairs of vectors, and a sum has no order: nothing in attention knows a place.
# A cat that hunts and a cat that flees are the same cat.
#
# So the place must be *put in*. There are three spots to put it: into the words before they are projected (exercises 1 and
# 2), into queries and keys (exercises 3 and 4), or into the scores (exercise 5).

# %% [markdown]
# ## Waves
#
# The number of the place itself, added to every column, would soon drown the words: place 500 is a large number. Vaswani et
# al. (2017, *Attention is all you need*) add sines and cosines. These stay between −1 and 1, however long the text is.
#
# A clock tells the time of day with three hands. The second hand tells two neighbouring moments apart but repeats every
# minute; the hour hand is slow and does not repeat for half a day. Here $d/2$ hands turn, the first by 1 radian per place,
# the last by nearly 1/10000 where $d$ is large. A hand's state is the pair of its sine and its cosine.

# %% [markdown]
# ### Exercise 1 · `sinusoidal_positions` · 2 points · 10 minutes · easy
#
# Hand $i$, for $i = 0, \dots, d/2 - 1$, turns by $\theta_i$ per place $p$, and has two neighbouring columns:
#
# $$\theta_i = 10000^{-2i/d} \qquad P_{p,\,2i} = \sin(p\,\theta_i) \qquad P_{p,\,2i+1} = \cos(p\,\theta_i)$$
#
# Places count from 0. The result is a float32 tensor `(n, d)`, for any even `d`.
#
# <details><summary>Hint</summary>
#
# `torch.arange(0, d, 2)` holds the numbers $2i$. Places `(n, 1)` times the angles per place `(d/2,)` are all the angles,
# `(n, d/2)`. To put sines and cosines in turn, assign to `[:, 0::2]` and `[:, 1::2]`, or stack along a new last dimension
# and flatten.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"position 0 is 0, 1, 0, 1, ...":* all sines and then all cosines is another order; some programs use it, here the two of a
#   hand are neighbours.
# - *"hand i turns by ...":* the exponent is $2i/d$ for hand $i$: the number of its even column, divided by $d$. The
#   column's number doubled, or $i/d$, is another clock.
# - *It is a float64 tensor:* NumPy computes in float64; convert the result.
# </details>

# %% nbgrader={"grade": false, "grade_id": "sinusoidal_positions", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sinusoidal_positions(n, d):
    """Encodings of the positions 0 to n − 1 as sines and cosines: float32 tensor (n, d) (Vaswani et al., 2017, section 3.5).

    Column 2i holds sin(p · 10000^(−2i/d)) of position p, column 2i + 1 the cosine of the same angle. d is even.
    """
    ### BEGIN SOLUTION
    angles = torch.arange(n)[:, None] * 10000.0 ** (-torch.arange(0, d, 2) / d)  # (n, d/2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)  # (n, d/2, 2) to (n, d)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sinusoidal_positions_layout", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
encodings = sinusoidal_positions(3, 4)
check.shape(encodings, (3, 4), "the encodings have the shape (n, d)")
check.equal(str(encodings.dtype), "torch.float32", "the encodings are a float32 tensor")
check.close(encodings[0], [0.0, 1.0, 0.0, 1.0], "position 0 is 0, 1, 0, 1, ...: a hand's sine and then its cosine")
first_hand = [[0.0, 1.0], [0.841471, 0.540302], [0.909297, -0.416147]]  # sine and cosine of 0, 1 and 2 radians
check.close(encodings[:, :2], first_hand, "hand 0 turns by 1 radian per position", tolerance=1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("sinusoidal_positions_layout")
for n, d in [(7, 6), (5, 10), (2100, 2), (1, 8), (int(rng.integers(11, 40)), 2 * int(rng.integers(6, 20)))]:
    encodings = sinusoidal_positions(n, d)
    check.shape(encodings, (n, d), "the encodings have the shape (n, d), in any size")
    check.equal(str(encodings.dtype), "torch.float32", "the encodings are a float32 tensor, in any size")
    check.close(encodings[0], [0.0, 1.0] * (d // 2), "position 0 is 0, 1, 0, 1, ..., in any size")
    turned = np.stack([np.sin(np.arange(n)), np.cos(np.arange(n))], axis=-1)
    check.close(encodings[:, :2], turned, "hand 0 turns by 1 radian per position, in any size", tolerance=1e-5)
    pairs = encodings.reshape(n, d // 2, 2)
    lengths = (pairs**2).sum(-1)
    check.close(lengths, np.ones((n, d // 2)), "columns 2i and 2i + 1 are sine and cosine of one angle", tolerance=1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sinusoidal_positions_frequencies", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
encodings = sinusoidal_positions(101, 4)  # hand 1 of two turns by 10000^(−2/4) = 1/100 radian per position
check.close(encodings[100, 2:], [0.841471, 0.540302], "hand i turns by 10000^(−2i/d) radians per position", tolerance=1e-4)
encodings = sinusoidal_positions(6, 8)  # hands of 1, 1/10, 1/100 and 1/1000
angles = torch.tensor([5.0, 0.5, 0.05, 0.005])
check.close(encodings[5, 0::2], angles.sin(), "every hand is slower than the one before, by the same factor", tolerance=1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("sinusoidal_positions_frequencies")
for n, d in [(7, 6), (5, 10), (60, 12), (int(rng.integers(20, 60)), 2 * int(rng.integers(6, 30))), (9, 128)]:
    encodings, expected = sinusoidal_positions(n, d), np.empty((n, d))
    for p in range(n):
        for i in range(d // 2):
            expected[p, 2 * i], expected[p, 2 * i + 1] = np.sin(p / 1e4 ** (2 * i / d)), np.cos(p / 1e4 ** (2 * i / d))
    # an angle of 60 radians, computed in float32, is exact to about 3e-5
    check.close(encodings, expected, "hand i turns by 10000^(−2i/d) radians per position, in any size", tolerance=1e-4)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Below, a row is a position and a column one of 32. Which columns flicker from row to row, and which look
# the same in all rows? And what does the cat of the first sentence now have that the other has not?

# %%
look = {"x": "column", "y": "position", "label": "value", "limits": (-1, 1), "values": False}
plots.heatmap(sinusoidal_positions(40, 32), title="Sinusoidal positions", **look)

places = sinusoidal_positions(5, 64)
chasing = collected(embedded(cat_first) + places, cat_first.index("cat"))
chased = collected(embedded(dog_first) + places, dog_first.index("cat"))
print(f"the same word in two orders, positions added: largest difference {(chasing - chased).abs().max():.1f}")

# %% [markdown]
# The fast hands are on the left. On the right the slow ones have hardly moved after 40 places; they are for long texts. And
# the two cats are two: who hunts and who flees can be told apart.
#
# How alike are two positions? Attention compares by dot products.
#
# **Predict first.** The next cell takes the dot product of position 0 with the positions after it, and the same from 30 and
# from 60. Are the three curves different? Do they fall all the way?

# %%
waves = sinusoidal_positions(200, 64)
steps = np.arange(101)
similarity = {f"from position {start}": waves[start : start + 101] @ waves[start] for start in (0, 30, 60)}
plots.lines(steps, similarity, x="distance", y="dot product", title="How alike are two positions?")
from_zero, *others = similarity.values()
print(f"largest difference between the curves: {max((other - from_zero).abs().max() for other in others):.0e}")
print("at the distances 0, 1, 10, 40, 50:", from_zero[[0, 1, 10, 40, 50]].numpy().round(1))
print(f"40 places back and 40 ahead of position 60: {waves[20] @ waves[60]:.1f} and {waves[100] @ waves[60]:.1f}")

# %% [markdown]
# The three curves lie on top of each other: the dot product depends on the distance alone, since for each hand
# $\sin a \sin b + \cos a \cos b = \cos(a - b)$. It falls from $d/2 = 32$, with bumps: a position 50 places away is a little
# more alike than one 40 away.
#
# Back and ahead are alike, so by itself the dot product cannot tell "before" from "after". In a model the matrices of
# queries and keys stand between, and can learn to.

# %% [markdown]
# ## A table
#
# Why design what can be learned? A table with a row per position, trained like the word vectors, is all that BERT (512 rows)
# and GPT-2 (1024 rows) use. Vaswani et al. (2017) tried one too and "found that the two versions produced nearly identical
# results". They chose the waves because these "may allow the model to extrapolate" to longer texts than it was trained on.
# We shall measure that.
#
# A table has an end. What should happen to a word that stands behind it?
#
# **Predict first.** A table has 4 rows. Three words come, of which the first stands at position 3. What does the sum below
# give: an error, three right rows, or something else?

# %%
four_rows = torch.tensor([[0.0, 0.0], [0.1, 0.1], [0.2, 0.2], [0.3, 0.3]])
three_words = torch.ones(3, 2)
print(three_words + four_rows[3:6])

# %% [markdown]
# No error. The slice has what there is, one row, and broadcasting gives it to all three words. A wrong position is a mistake
# that nobody sees. So look at the length, and raise.

# %% [markdown]
# ### Exercise 2 · `LearnedPositions` · 2 points · 15 minutes · easy
#
# One parameter, named `table`, of shape `(max_length, d_model)`: an `nn.Parameter`, drawn from a normal distribution with
# mean 0 and standard deviation 0.02. `forward(x, offset=0)` adds row `offset` to the first vector of every sequence in `x`,
# the next row to the next, and so on. `x` is `(..., n, d_model)`, with any number of dimensions in front; `offset` is an
# integer, 0 or more. (Lesson 11 writes a text word by word, and passes how many there are already.)
#
# Raise `ValueError` if a row that is needed lies behind the end of the table.
#
# <details><summary>Hint</summary>
#
# The rows are `self.table[offset : offset + n]`, of shape `(n, d_model)`, and broadcasting brings them to every sequence.
# `n` is the last dimension but one of `x`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"every sequence of the batch gets the same rows":* `len(x)` is the size of the batch, and `table[: len(x), None]` gives each
#   *example* a row. Count dimensions from the end.
# - *"a full table is no error":* with 4 rows the last position is 3, and 4 words fit from offset 0.
# - *"behind the end of the table":* compare the last position with the length of the table, offset included.
# - *The state_dict differs:* a plain tensor is no parameter; `nn.Embedding` would be named `table.weight`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "LearnedPositions", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LearnedPositions(nn.Module):
    """Adds to each vector of a sequence a trained row for its position."""

    def __init__(self, max_length, d_model):
        """Parameter `table` (max_length, d_model), drawn from a normal distribution with standard deviation 0.02."""
        super().__init__()
        ### BEGIN SOLUTION
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))
        ### END SOLUTION

    def forward(self, x, offset=0):
        """`x` with the rows offset, offset + 1, ... of the table added along its last dimension but one; a new tensor.

        x: (..., n, d_model), of the module's dtype and on its device. offset: the position of its first vector.
        ValueError where the table has no row for the last position, offset + n − 1.
        """
        ### BEGIN SOLUTION
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError(f"position {end - 1} lies behind the end of a table of {len(self.table)} rows")
        return x + self.table[offset:end]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "LearnedPositions_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = LearnedPositions(4, 2)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
check.equal(sizes, {"table": (4, 2)}, "the state_dict has one tensor, table, of shape (max_length, d_model)")
table = torch.tensor([[0.0, 10.0], [1.0, 11.0], [2.0, 12.0], [3.0, 13.0]])
model.load_state_dict({"table": table})
placed = check.unchanged(model, torch.tensor([[100.0, 100.0], [200.0, 200.0], [300.0, 300.0]]))
check.close(placed, [[100.0, 110.0], [201.0, 211.0], [302.0, 312.0]], "the first vectors of x and the first rows are added")
check.close(model(torch.zeros(2, 3, 2)), torch.stack([table[:3]] * 2), "every sequence of the batch gets the same rows")
placed = model(torch.zeros(2, 3, 2), offset=1)
check.close(placed, torch.stack([table[1:]] * 2), "the first vector of x gets the row of the offset")
### BEGIN HIDDEN TESTS
rng = check.rng("LearnedPositions_values")
for front, length, n, d_model, offset in [
    ((), 9, 4, 5, 0),
    ((2,), 11, 3, 7, 5),
    ((3, 2), 8, 5, 4, 2),
    ((7,), 20, 3, 1, 17),
    ((2,), 6, 1, 3, 5),
    ((1,), 6, 2, 3, 1),
    ((2, 1, 3), 6, 1, 3, 1),
    ((2, 1, 3, 2), 6, 2, 3, 1),
]:
    for dtype in (torch.float32, torch.float64):
        model, table = LearnedPositions(length, d_model), torch.from_numpy(rng.normal(size=(length, d_model))).to(dtype)
        model.to(dtype)
        model.load_state_dict({"table": table})
        x = torch.from_numpy(rng.normal(size=(*front, n, d_model))).to(dtype)
        placed, rows = check.unchanged(model, x, offset=offset), table.numpy()[[offset + p for p in range(n)]]
        check.shape(placed, tuple(x.shape), "the result has the shape of x, whatever stands in front")
        check.close(placed, x.numpy() + rows, "vector p gets row offset + p, whatever stands in front")
        check.equal(str(placed.dtype), str(dtype), "the result has the dtype of x")
        check.close(check.unchanged(model, x), x.numpy() + table.numpy()[:n], "without an offset it begins at row 0")
x = torch.from_numpy(rng.normal(size=(3, 4, 2))).permute(2, 1, 0)  # (2, 4, 3), not contiguous
model = LearnedPositions(6, 3)
model.to(torch.float64)
table = torch.from_numpy(rng.normal(size=(6, 3)))
model.load_state_dict({"table": table})
gradient = torch.from_numpy(rng.normal(size=(2, 4, 3)))
found = check.gradient(model, x, offset=1, output_gradient=gradient)
check.close(found.output, x + table[1:5], "it does not matter how x lies in memory")
check.close(found.arguments[0], gradient, "gradients come through to x")
arrived = found.parameters.get("table")
check.equal(arrived is not None, True, "table is a parameter that learns")
used = torch.cat([torch.zeros(1, 3), gradient.sum(dim=0), torch.zeros(1, 3)])
check.close(arrived, used, "a row learns from all sequences that used it, and the other rows do not")
model.eval()
check.close(model(x, offset=1), found.output, "evaluation gives what training gives")
before, another = model(x), LearnedPositions(6, 3)
another.to(torch.float64)
another.load_state_dict({"table": table + 1})
check.equal(model(x), before, "two modules have tables of their own")
model.to("meta")
check.same_device(model, x, offset=1, property="the result is on the device of the input")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "LearnedPositions_limits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = LearnedPositions(4, 2)
check.shape(model(torch.zeros(4, 2)), (4, 2), "a full table is no error")
check.shape(model(torch.zeros(3, 2), offset=1), (3, 2), "a full table is no error, with an offset")
behind = "a position behind the end of the table is a ValueError"
check.raises(ValueError, model, torch.zeros(5, 2), property=behind)
check.raises(ValueError, model, torch.zeros(3, 2), offset=3, property=f"{behind}, also where one row is left for all")
check.raises(ValueError, model, torch.zeros(2, 1, 2), offset=4, property=f"{behind}, also where no row is left")
table = check.seeded(0, LearnedPositions, 60, 50).state_dict()["table"]
check.close(table.std(), 0.02, "the rows of a new table are drawn with a standard deviation of 0.02", tolerance=0.002)
### BEGIN HIDDEN TESTS
rng = check.rng("LearnedPositions_limits")
seed = int(rng.integers(1000, 10**6))
table = check.seeded(seed, LearnedPositions, 60, 50).state_dict()["table"]
check.close(table.mean(), 0.0, "the rows of a new table are drawn with a mean of 0", tolerance=0.003)
spread = "the rows of a new table are drawn with a standard deviation of 0.02"
check.close(table.std(), 0.02, f"{spread}, with any seed", tolerance=0.002)
check.equal(bool(table.abs().max() > 0.045), True, "the rows of a new table are drawn from a normal distribution, with its tails")
another = check.seeded(seed + 1, LearnedPositions, 60, 50).state_dict()["table"]
check.equal(bool((table - another).abs().max() > 0.02), True, "two new tables differ")
check.close(table.std(dim=0), np.full(50, 0.02), "the rows of a new table differ, in every column", tolerance=0.012)
check.close(table.std(dim=1), np.full(60, 0.02), "the columns of a new table differ, in every row", tolerance=0.012)
for length, n, offset in [(7, 8, 0), (7, 3, 5), (7, 5, 3), (12, 4, 9), (9, 40, 0), (5, 2, 4), (5, 1, 5), (5, 3, 90)]:
    model, x = LearnedPositions(length, 6), torch.from_numpy(rng.normal(size=(2, n, 6))).float()
    check.raises(ValueError, model, x, offset=offset, property=f"{behind}, in any size")
    fits = length - n if n < length else 0
    check.shape(model(x[:, :length], offset=fits), (2, min(n, length), 6), "a full table is no error, in any size")
check.shape(LearnedPositions(3, 4)(torch.zeros(7, 2, 4)), (7, 2, 4), "the batch may be larger than the table")
### END HIDDEN TESTS

# %% [markdown]
# ## Added positions mix
#
# With positions added, the score of a query $x + P_m$ and a key $y + P_n$ is a sum of four products:
#
# $$(x + P_m) \cdot (y + P_n) = x \cdot y + x \cdot P_n + P_m \cdot y + P_m \cdot P_n$$
#
# The middle two compare words with positions. They change when a sentence moves, although nothing between its words has
# changed. Shaw et al. (2018, *Self-attention with relative position representations*) therefore learn a vector for each
# *distance*. Su et al. (2021, *RoFormer: enhanced transformer with rotary position embedding*) found a way without any
# parameter, RoPE: what is to depend on a difference only, should be an *angle*.

# %% [markdown]
# ## Turning
#
# Take two columns of a query as a point in the plane and turn it by $m\theta$, and the same columns of a key by $n\theta$.
# Turning both by the same angle leaves their dot product as it is. So only the difference $(m - n)\theta$ counts, whatever
# the words are. Nothing is added: lengths stay, and position 0 is not turned at all.

# %% [markdown]
# As in exercise 1 there are $d/2$ pairs with angles from fast to slow. Pair $i$, at position $p$:
#
# $$\theta_i = 10000^{-2i/d} \qquad
# \begin{aligned} x'_{2i} &= x_{2i} \cos(p\,\theta_i) - x_{2i+1} \sin(p\,\theta_i) \\
# x'_{2i+1} &= x_{2i} \sin(p\,\theta_i) + x_{2i+1} \cos(p\,\theta_i) \end{aligned}$$
#
# Pairs are **neighbouring columns**, 0 and 1, 2 and 3, as in RoFormer. GPT-NeoX and Hugging Face's Llama pair column $i$
# with column $i + d/2$: as good, but weights trained with one pairing are useless with the other.

# %% [markdown]
# Models compute in half precision to save memory and time. A number then has 8 significant binary digits (bfloat16) or 11
# (float16).
#
# **Predict first.** What becomes of the positions below in bfloat16? How many degrees is one position, for the
# first pair?

# %%
some_places = torch.tensor([255, 256, 257, 301, 1001])
print("positions:  ", some_places.tolist())
print("in bfloat16:", some_places.to(torch.bfloat16).int().tolist())
print(f"one position turns the first pair by {np.degrees(1):.0f} degrees")

# %% [markdown]
# From 256 on neighbours get the same place, and 301 is off by one: 57 degrees. At 1001 the numbers lie 4 apart. So
# compute angles in float32 or better, whatever the dtype of `x` is, and convert the result back into it.

# %% [markdown]
# ### Exercise 3 · `rotate` · 3 points · 25 minutes · medium
#
# Turn the pairs of `x` by their positions. `positions` are integers, and not always 0, 1, 2, ...: their shape broadcasts to
# `x.shape[:-1]`. For `x` of shape `(batch, n_heads, n, d)` that is `(n,)`, the same for all, or `(batch, 1, n)`, where each
# example has its own. (Nothing else is done for you: positions of shape `(batch, n)` would be taken for one row per head.)
# The result has the shape and the dtype of `x`; `d` is even.
#
# <details><summary>Hint</summary>
#
# `positions[..., None]` times the $d/2$ angles per position are the angles, `(..., n, d/2)`. Take `x[..., 0::2]` and
# `x[..., 1::2]`, compute both formulas, and put the columns in turn with `torch.stack(..., dim=-1).flatten(-2)`. What you
# make with `torch.arange` goes to `device=x.device`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"moves only within its pair":* the pairs are 0 and 1, 2 and 3, not 0 and $d/2$. And does anything move?
# - *"turns counter-clockwise":* look at the signs. The minus stands in the even columns.
# - *"turned by its own position", "run along the tokens":* a counter 0, 1, 2, ... in place of `positions`, or one that runs
#   along heads or batch.
# - *"in half precision, too":* `positions`, angles or their powers were made in the dtype of `x`.
# - *The numbers are right and the dtype is not:* convert the result with `.to(x.dtype)`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "rotate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rotate(x, positions):
    """`x` with each pair of columns 2i and 2i + 1 turned by the angle position · 10000^(−2i/d) (RoPE; Su et al., 2021).

    x: (..., n, d), d even. positions: integer tensor that broadcasts to (..., n), such as (n,) or (batch, 1, n).
    Angles are computed in float32 or better; the result has shape, dtype and device of `x`.
    """
    ### BEGIN SOLUTION
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)  # (..., n, d/2), float32
    cos, sin = angles.cos(), angles.sin()
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rotate_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
turned = check.unchanged(rotate, x, torch.tensor([0, 1]))
check.shape(turned, (2, 4), "the result has the shape of x")
check.close(turned[0], x[0], "position 0 is not turned")
check.equal((turned[1] != 0).tolist(), [True, True, False, False], "a number moves only within its pair, columns 2i and 2i + 1")
by_one = [0.540302, 0.841471, 0.0, 0.0]
check.close(turned[1], by_one, "a pair turns counter-clockwise: (1, 0) goes to (cos, sin)", tolerance=1e-5)
turned = rotate(torch.tensor([[0.0, 0.0, 1.0, 2.0]]), torch.tensor([100]))  # pair 1 of two: 1/100 radian per position
expected = torch.tensor([[0.0, 0.0, 0.540302 - 2 * 0.841471, 0.841471 + 2 * 0.540302]])
check.close(turned, expected, "pair i turns by 10000^(−2i/d) radians per position", tolerance=1e-4)
### BEGIN HIDDEN TESTS
rng = check.rng("rotate_values")
for size in [(5, 6), (3, 2), (2, 7, 10), (2, 3, 5, 8), (1, 1, 1, 4), (3, 2, 9, 12)]:
    for dtype in (torch.float32, torch.float64):
        x = torch.from_numpy(rng.normal(size=size)).to(dtype)
        n, d = size[-2:]
        positions = torch.arange(n)
        turned = check.unchanged(rotate, x, positions)
        check.shape(turned, size, "the result has the shape of x, in any number of dimensions")
        check.equal(str(turned.dtype), str(dtype), "the result has the dtype of x")
        points = x.double().numpy()[..., 0::2] + 1j * x.double().numpy()[..., 1::2]  # a pair is a complex number
        points = points * np.exp(1j * np.arange(n)[:, None] * 1e4 ** (-2 * np.arange(d // 2) / d))
        expected = np.stack([points.real, points.imag], axis=-1).reshape(size)
        # angles of up to 8 radians in float32
        check.close(turned, expected, "every pair of every vector turns by its own angle, in any size", tolerance=1e-5)
        lengths = np.hypot(expected[..., 0::2], expected[..., 1::2])
        found = np.asarray(turned.double())
        found = np.hypot(found[..., 0::2], found[..., 1::2])
        check.close(found, lengths, "turning leaves lengths as they are", tolerance=1e-5)
x = torch.from_numpy(rng.normal(size=(5, 2, 18))).transpose(0, 1)[..., 6:12]  # (2, 5, 6), not contiguous
found = check.unchanged(rotate, x, torch.arange(5))
points = x.numpy()[..., 0::2] + 1j * x.numpy()[..., 1::2]
points = points * np.exp(1j * np.arange(5)[:, None] * 1e4 ** (-np.arange(3) / 3))
expected = np.stack([points.real, points.imag], axis=-1).reshape(2, 5, 6)
check.close(found, expected, "it does not matter how x lies in memory", tolerance=1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "rotate_positions", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[1.0, 0.0]]).expand(3, 2)
quarters = torch.tensor([[1.0, 0.0], [-0.990, 0.141], [0.0044, -1.0]])  # cosine and sine of 0, 3 and 11 radians
turned = check.unchanged(rotate, x, torch.tensor([0, 3, 11]))
check.close(turned, quarters, "every vector is turned by its own position, also where positions have gaps", tolerance=1e-3)
turned = rotate(x, torch.tensor([11, 0, 3]))
check.close(turned, quarters[[2, 0, 1]], "every vector is turned by its own position, in any order of positions", tolerance=1e-3)
batch = torch.stack([x, x])[:, None].expand(2, 4, 3, 2)  # (batch, n_heads, n, d)
turned = rotate(batch, torch.tensor([0, 3, 11]))
along = "positions of shape (n,) run along the tokens, the same in every head"
check.close(turned, quarters.expand(2, 4, 3, 2), along, tolerance=1e-3)
turned = check.unchanged(rotate, batch, torch.tensor([[[0, 3, 11]], [[3, 0, 11]]]))  # (batch, 1, n)
expected = torch.stack([quarters, quarters[[1, 0, 2]]])[:, None].expand(2, 4, 3, 2)
check.close(turned, expected, "positions of shape (batch, 1, n) turn each example by its own", tolerance=1e-3)
### BEGIN HIDDEN TESTS
rng = check.rng("rotate_positions")
for size, shape in [
    ((5, 6), (5,)),
    ((5, 6), (1,)),
    ((4, 7, 10), (7,)),
    ((4, 7, 10), (4, 7)),
    ((4, 7, 10), (4, 1)),
    ((2, 3, 5, 8), (5,)),
    ((2, 3, 5, 8), (2, 1, 5)),
    ((3, 3, 3, 4), (3, 1, 3)),
    ((2, 3, 5, 8), (2, 3, 5)),
    ((2, 3, 5, 8), (1, 1, 5)),
    ((2, 3, 5, 8), (3, 5)),
    ((2, 3, 5, 8), (3, 1)),
    ((2, 1, 2, 3, 4), (1, 2, 3)),
]:
    x, positions = torch.from_numpy(rng.normal(size=size)).float(), torch.from_numpy(rng.integers(0, 40, size=shape))
    d, turned = size[-1], check.unchanged(rotate, x, positions)
    points = x.double().numpy()[..., 0::2] + 1j * x.double().numpy()[..., 1::2]
    points = points * np.exp(1j * positions.numpy()[..., None] * 1e4 ** (-2 * np.arange(d // 2) / d))
    expected = np.stack([points.real, points.imag], axis=-1).reshape(size)
    # angles of up to 40 radians in float32
    check.close(turned, expected, f"positions of shape {shape} turn an x of shape {size} as they should", tolerance=1e-4)
far = rotate(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([5001, 100_001]))
expected = np.stack([np.cos([5001.0, 100_001.0]), np.sin([5001.0, 100_001.0])], axis=-1)
check.close(far, expected, "positions far away are exact, too", tolerance=0.02)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "rotate_precision", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
for dtype in (torch.bfloat16, torch.float16):
    x = torch.tensor([[1.0, 0.0, 1.0, 0.0]], dtype=dtype)
    turned = check.unchanged(rotate, x, torch.tensor([2051]))
    check.equal(str(turned.dtype), str(dtype), "the result has the dtype of x, in half precision, too")
    expected = torch.tensor([[2051.0, 2051.0, 20.51, 20.51]]).double()
    expected = torch.where(torch.tensor([True, False, True, False]), expected.cos(), expected.sin())
    check.close(turned, expected, "in half precision, too, the angle is that of the position", tolerance=0.01)
### BEGIN HIDDEN TESTS
rng = check.rng("rotate_precision")
for dtype, tolerance in [(torch.bfloat16, 0.05), (torch.float16, 0.01)]:
    for size, shape in [((5, 6), (5,)), ((2, 3, 7, 10), (2, 1, 7))]:
        x, positions = torch.from_numpy(rng.normal(size=size)).to(dtype), torch.from_numpy(rng.integers(257, 3000, size=shape))
        d, turned = size[-1], check.unchanged(rotate, x, positions)
        points = x.double().numpy()[..., 0::2] + 1j * x.double().numpy()[..., 1::2]
        points = points * np.exp(1j * positions.numpy()[..., None] * 1e4 ** (-2 * np.arange(d // 2) / d))
        expected = np.stack([points.real, points.imag], axis=-1).reshape(size)
        check.equal(str(turned.dtype), str(dtype), "the result has the dtype of x, in half precision, too")
        check.close(turned, expected, "in half precision, too, the angle is that of the position, in any size", tolerance)
size = (2, 3, 5, 8)
x, positions = torch.from_numpy(rng.normal(size=size)), torch.from_numpy(rng.integers(0, 30, size=(2, 1, 5)))
gradient = torch.from_numpy(rng.normal(size=size))
arrived = check.gradient(rotate, x, positions, output_gradient=gradient).arguments[0]
check.equal(arrived is not None, True, "gradients come through to x")
points = gradient.numpy()[..., 0::2] + 1j * gradient.numpy()[..., 1::2]
points = points * np.exp(-1j * positions.numpy()[..., None] * 1e4 ** (-np.arange(4) / 4))  # turned back
expected = np.stack([points.real, points.imag], axis=-1).reshape(size)
check.close(arrived, expected, "the gradient of x is the gradient of the result, turned back", tolerance=1e-4)
check.same_device(rotate, x, positions)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** A query and a key, two random vectors, are placed at all pairs of positions from 0 to 15: once with
# waves added, once turned. Along a diagonal the distance is the same. Which of the two maps has diagonals of one colour?

# %%
generator = torch.Generator().manual_seed(0)
one_query, one_key = torch.randn(2, 64, generator=generator)
sixteen = torch.arange(16)
added = (one_query + sinusoidal_positions(16, 64)) @ (one_key + sinusoidal_positions(16, 64)).T
rotary = rotate(one_query.expand(16, 64), sixteen) @ rotate(one_key.expand(16, 64), sixteen).T
score_maps = {"waves added": added - added.mean(), "turned": rotary - rotary.mean()}
look = {"x": "position of the key", "y": "position of the query", "label": "score − mean", "values": False}
plots.heatmaps(list(score_maps.values()), list(score_maps), **look)
for name, score_map in score_maps.items():
    diagonals = [score_map.diagonal(distance) for distance in range(-15, 16)]
    spread = max(diagonal.max() - diagonal.min() for diagonal in diagonals)
    everywhere = score_map.max() - score_map.min()
    print(f"{name}: along one diagonal scores differ by up to {spread:.0e}, over the whole map by {everywhere:.0f}")
back_at_0 = rotate(sinusoidal_positions(16, 64), sixteen)
print(f"each wave turned by its own position: {(back_at_0 - back_at_0[0]).abs().max():.0e} from wave 0 at most")

# %% [markdown]
# Turned, a score depends on query, key and distance, and on nothing else, to within rounding. With waves added the same
# distance gets very different scores.
#
# (From each map its mean is taken off, so that one scale of colours serves both.)
#
# The last line shows a kinship: each wave, turned by its own position, becomes the wave of position 0. Exercise 1 *adds* one
# fixed vector, turned back by the position; RoPE turns the words' own queries and keys.

# %% [markdown]
# ### Exercise 4 · `rotary_attention` · 1 point · 10 minutes · easy
#
# Where does the turning belong? Positions shall decide *where to look*; what is collected there should not depend on
# them. So turn queries and keys, each by its position, and leave the values as they are:
#
# $$\text{weights} = \text{softmax}\!\left(\frac{\text{rotate}(Q)\,\text{rotate}(K)^\top}{\sqrt{d_k}}\right)
# \qquad \text{out} = \text{weights} \cdot V$$
#
# A sequence looks at itself, so one `positions` serves both. There is no mask. Return `(out, weights)`.
#
# <details><summary>Hint</summary>
#
# Two calls of `rotate`, then attention as you know it. The values may be wider or narrower than the keys.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"only the distance counts":* queries *and* keys are turned, in the same direction.
# - *"the values are averaged as they are":* `v` is not turned, and nor is the result.
# - *The weights are too even or too sharp:* divide by the root of the width of a query, not of a value.
# </details>

# %% nbgrader={"grade": false, "grade_id": "rotary_attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rotary_attention(q, k, v, positions):
    """`(out, weights)` of attention whose queries and keys are turned by their positions (RoPE), without a mask.

    q, k: (..., n, d_k), d_k even. v: (..., n, d_v). positions: integers that broadcast to (..., n), of queries and keys alike.
    out: (..., n, d_v); weights: (..., n, n), each row sums to one.
    """
    ### BEGIN SOLUTION
    scores = rotate(q, positions) @ rotate(k, positions).transpose(-2, -1) / q.shape[-1] ** 0.5  # (..., n, n)
    weights = scores.softmax(dim=-1)
    return weights @ v, weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rotary_attention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q, k = torch.tensor([[2.0, 0.0], [1.0, 0.0], [3.0, 0.0]]), torch.tensor([[1.0, 0.0], [2.0, 0.0], [1.0, 0.0]])
v = torch.tensor([[8.0, 0.0, 1.0], [0.0, 4.0, 1.0], [4.0, 2.0, 1.0]])
result = check.unchanged(rotary_attention, q, k, v, torch.tensor([5, 6, 9]))
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, out and weights")
check.shape(result[1], (3, 3), "the weights have the shape (..., n, n)")
apart = torch.tensor([[0.0, 1.0, 4.0], [1.0, 0.0, 3.0], [4.0, 3.0, 0.0]])  # between the positions 5, 6 and 9
scores = torch.tensor([[2.0, 4.0, 2.0], [1.0, 2.0, 1.0], [3.0, 6.0, 3.0]]) * apart.cos() / 2**0.5
weights = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
check.close(result[1], weights, "a score is that of the query and the key, turned by their distance", tolerance=1e-5)
check.close(result[0], weights @ v, "the values are averaged as they are, not turned", tolerance=1e-5)
moved = rotary_attention(q, k, v, torch.tensor([25, 26, 29]))
check.close(moved[1], weights, "only the distance counts: moving all positions alike changes no weight", tolerance=1e-4)
batch = [torch.stack(pair) for pair in ((k, q), (q, k), (-v, v))]
out = rotary_attention(*batch, torch.tensor([5, 6, 9]))[0]
check.close(out[1], weights @ v, "every example of a batch is on its own", tolerance=1e-5)
q, k = torch.tensor([[0.0, 1.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
weights = rotary_attention(q, k, torch.eye(2), torch.tensor([0, 1]))[1]
scores = torch.tensor([[0.0, 0.841471], [-0.841471, 0.0]]) / 2**0.5  # sin(1) for a key one place after, −sin(1) before
shares = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
check.close(weights, shares, "a key before and a key after are told apart", tolerance=1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("rotary_attention_values")
for front, n, d_k, d_v, shape in [
    ((), 5, 6, 3, (5,)),
    ((2,), 7, 4, 5, (7,)),
    ((2, 3), 5, 8, 4, (2, 1, 5)),
    ((3,), 4, 2, 6, (3, 4)),
    ((3, 2), 1, 6, 2, (1,)),
    ((2, 3), 5, 4, 4, (5,)),
]:
    for dtype in (torch.float32, torch.float64):
        q, k, v = (torch.from_numpy(rng.normal(size=(*front, n, d))).to(dtype) for d in (d_k, d_k, d_v))
        positions = torch.from_numpy(rng.integers(0, 20, size=shape))
        out, weights = check.unchanged(rotary_attention, q, k, v, positions)
        turns = np.exp(1j * positions.numpy()[..., None] * 1e4 ** (-2 * np.arange(d_k // 2) / d_k))
        points = [(x.double().numpy()[..., 0::2] + 1j * x.double().numpy()[..., 1::2]) * turns for x in (q, k)]
        powers = np.exp(np.einsum("...qi,...ki->...qk", points[0], points[1].conj()).real / d_k**0.5)
        shares = powers / powers.sum(axis=-1, keepdims=True)
        check.shape(weights, (*front, n, n), "the weights have the shape (..., n, n), whatever stands in front")
        check.shape(out, (*front, n, d_v), "out has the shape (..., n, d_v), whatever stands in front")
        # angles of up to 20 radians in float32
        check.close(weights, shares, "each query weighs the keys by their distance from it, in any size", tolerance=1e-4)
        check.close(out, shares @ v.double().numpy(), "the values are averaged as they are, in any size", tolerance=1e-4)
        check.equal([str(out.dtype), str(weights.dtype)], [str(dtype)] * 2, "out and weights have the dtype of the input")
q, k, v = (torch.from_numpy(rng.normal(size=(4, 5, d))) for d in (6, 6, 3))
gradient, positions = torch.from_numpy(rng.normal(size=(4, 5, 3))), torch.from_numpy(rng.integers(0, 20, size=5))
found = check.gradient(rotary_attention, q, k, v, positions, output_gradient=gradient)
check.equal([arrived is not None for arrived in found.arguments[:3]], [True] * 3, "gradients come through to q, k and v")
turns = np.exp(1j * positions.numpy()[:, None] * 1e4 ** (-np.arange(3) / 3))
points = [(x.numpy()[..., 0::2] + 1j * x.numpy()[..., 1::2]) * turns for x in (q, k)]
shares = torch.from_numpy(np.einsum("bqi,bki->bqk", points[0], points[1].conj()).real / 6**0.5).softmax(dim=-1)
check.close(found.arguments[2], shares.mT @ gradient, "the values get gradients that are not turned", tolerance=1e-4)
check.equal([bool(arrived.abs().max() > 1e-6) for arrived in found.arguments[:2]], [True] * 2, "queries and keys learn")
large = rotary_attention(500 * torch.eye(4, 6), torch.eye(4, 6), v[0, :4].float(), torch.zeros(4, dtype=torch.int64))[1]
check.close(large, torch.eye(4), "large scores do not overflow")
half = [x.to(torch.float16) for x in (q, k, v)]
out, weights = rotary_attention(*half, positions)
check.equal([str(out.dtype), str(weights.dtype)], ["torch.float16"] * 2, "in half precision, too, they have the input's dtype")
check.close(weights, shares, "in half precision, too, the weights are right", tolerance=0.02)
check.same_device(rotary_attention, q, k, v, positions)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** A sentence stands at positions 0 to 5, then, with other text in front, at 100 to 105. Does what its
# words collect from each other change? And if the values, too, were turned?

# %%
sentence_q, sentence_k, sentence_v = torch.randn(3, 6, 64, generator=generator)
here, further_on = torch.arange(6), torch.arange(100, 106)
for name, put in (("values as they are", lambda v, places: v), ("values turned too", rotate)):
    first, later = (rotary_attention(sentence_q, sentence_k, put(sentence_v, places), places)[0] for places in (here, further_on))
    print(f"{name}: moved by 100, the results differ by up to {(first - later).abs().max():.0e}")

# %% [markdown]
# With values as they are: rounding. With values turned: by about 3, where the values themselves are numbers around 1. What
# a word collects would depend on how much text stands in front of it.

# %% [markdown]
# ## Distance as a handicap
#
# Press et al. (2021, *Train short, test long: attention with linear biases enables input length extrapolation*) leave the
# words alone and subtract from each score, after the division by $\sqrt{d}$, a number that grows with the distance. This is
# ALiBi. A head is one of several attentions that run side by side, each with scores of its own (lesson 10). Each gets a
# slope of its own:
#
# $$B_{h,i,j} = \begin{cases} -m_h\,(i - j) & j \le i \\ -\infty & j > i \end{cases}
# \qquad m_h = 2^{-8h/H}, \quad h = 1, \dots, H$$
#
# With $H = 8$ heads the slopes are 1/2, 1/4, ... 1/256. Nothing is learned. ALiBi is for models that write: a word may look
# at itself and at what came before, never ahead, hence the $-\infty$ (lesson 11).

# %% [markdown]
# ### Exercise 5 · `alibi_bias` · 2 points · 15 minutes · medium
#
# The biases of all heads, to be added to the scores: a float32 tensor `(n_heads, n, n)`, rows queries, columns keys.
# The diagonal is 0. The head with index 0 has the largest slope. Above the diagonal stands minus infinity itself,
# `float("-inf")`. The formula for slopes is meant for powers of two: raise `ValueError` for any other number of heads.
#
# <details><summary>Hint</summary>
#
# With `place = torch.arange(n)`, `place[:, None] - place` is the distance $i - j$. Slopes of shape `(n_heads, 1, 1)` times
# distances `(n, n)` have the right shape. `masked_fill` puts in minus infinity. Is there a test for a power of two? 1, 2,
# 4, 8 have a single 1 in binary: `n_heads & (n_heads - 1)` is 0 for them (and for 0, which is none).
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"the slopes are ...":* $h$ counts from 1, and the last slope is always $2^{-8}$, however many heads there are.
# - *`nan`:* 0 · (−∞) is `nan`; put infinities in place, do not multiply by them.
# - *"no query looks ahead":* the row is the query; what lies above the diagonal is the future.
# </details>

# %% nbgrader={"grade": false, "grade_id": "alibi_bias", "locked": false, "schema_version": 3, "solution": true, "task": false}
def alibi_bias(n_heads, n):
    """Biases to add to causal scores, float32 (n_heads, n, n): −slope · (i − j), minus infinity for keys j after query i.

    The slopes are 2^(−8/n_heads), its square, its cube, ..., 2^(−8) (ALiBi; Press et al., 2021).
    ValueError where `n_heads` is no power of two.
    """
    ### BEGIN SOLUTION
    if n_heads < 1 or n_heads & (n_heads - 1):
        raise ValueError(f"{n_heads} heads: the slopes are defined for a power of two")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)  # (n, n), negative for keys that come later
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "alibi_bias_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
bias = alibi_bias(8, 3)
check.shape(bias, (8, 3, 3), "the biases have the shape (n_heads, n, n)")
check.equal(str(bias.dtype), "torch.float32", "the biases are a float32 tensor")
ahead = torch.ones(3, 3).triu(1).bool()
check.equal(bias[:, ahead], torch.full((8, 3), float("-inf")), "no query looks ahead: above the diagonal is minus infinity")
check.close(bias[:, [0, 1, 2], [0, 1, 2]], torch.zeros(8, 3), "the diagonal is 0")
check.close(bias[0, 2], [-1.0, -0.5, 0.0], "the bias falls with the distance, by the slope per step")
### BEGIN HIDDEN TESTS
rng = check.rng("alibi_bias_values")
for n_heads, n in [(8, 6), (2, 7), (4, 1), (1, 5), (8, int(rng.integers(9, 30))), (1, 300)]:
    bias, expected = alibi_bias(n_heads, n), np.full((n_heads, n, n), -np.inf)
    for h in range(n_heads):
        for i in range(n):
            for j in range(i + 1):
                expected[h, i, j] = -(i - j) * 0.5 ** (8 * (h + 1) / n_heads)
    check.shape(bias, (n_heads, n, n), "the biases have the shape (n_heads, n, n), in any size")
    check.equal(str(bias.dtype), "torch.float32", "the biases are a float32 tensor, in any size")
    check.equal(np.isneginf(np.asarray(bias)), np.isneginf(expected), "only what lies above the diagonal is minus infinity")
    check.close(bias, expected, "each head's bias falls with the distance, by its slope per step, in any size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "alibi_bias_heads", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
of_eight, of_two = -alibi_bias(8, 2)[:, 1, 0], -alibi_bias(2, 2)[:, 1, 0]
halving = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]
check.close(of_eight, halving, "the slopes are 1/2, 1/4, ..., 1/256 with 8 heads")
check.close(of_two, [1 / 16, 1 / 256], "the slopes are 2^(−8h/n_heads), with h from 1: 1/16 and 1/256 with 2 heads")
for n_heads in (3, 6, 12):
    check.raises(ValueError, alibi_bias, n_heads, 4, property="a number of heads that is no power of two is a ValueError")
### BEGIN HIDDEN TESTS
for n_heads in (1, 2, 4, 8, 16, 32, 64, 128, 512):
    slopes = -alibi_bias(n_heads, 3)[:, 2]
    expected = [[2 ** (1 - 8 * (h + 1) / n_heads), 2 ** (-8 * (h + 1) / n_heads), 0.0] for h in range(n_heads)]
    check.close(slopes, expected, "the slopes are 2^(−8h/n_heads), for any power of two")
for n_heads in (5, 7, 9, 10, 24, 40, 48, 96):
    check.raises(ValueError, alibi_bias, n_heads, 2, property="any number of heads that is no power of two is a ValueError")
### END HIDDEN TESTS

# %% [markdown]
# A bias added to a score multiplies the weight, before the softmax divides, by $e^{\text{bias}}$. The next cell draws
# these factors for three of eight heads.
#
# **Predict first.** By what factor does one step back reduce a weight in the head with slope 1/2? After how many steps is
# half of it left, there and in the head with slope 1/256?

# %%
biases = alibi_bias(8, 24)
chosen = {"slope 1/2": biases[0].exp(), "slope 1/16": biases[3].exp(), "slope 1/256": biases[7].exp()}
plots.heatmaps(list(chosen.values()), list(chosen), title="What a weight is multiplied by", label="factor", values=False)
for head in range(8):
    one_step = biases[head, 1, 0].item()
    half_left = np.log(0.5) / one_step
    print(f"head {head}: one step back leaves {np.exp(one_step):.3f} of a weight; half is left after {half_left:.1f} steps")

# %% [markdown]
# The steepest head forgets within a few words; the flattest has half left after 177. A match that is good enough outweighs
# the distance.

# %% [markdown]
# ## Train short, test long
#
# A model is trained on texts of 32 words. What does it do with 64, or 256? The task: a stream of words, a quarter of them
# animals. At every word it is asked two questions:
#
# - *Which animal was named last?* ("it" would mean this one.) The order decides, the exact distance does not.
# - *Which word stood three places before?* The exact distance decides.

# %%
animals, fillers = "cat dog cow hen fox owl".split(), "sat ran on by and saw then mat log hill".split()
all_words = animals + fillers


def streams(count, n, seed):
    """Word ids (count, n), and the answers to both questions (count, n, 2): ids, −1 where there is no answer yet."""
    chance = torch.Generator().manual_seed(seed)
    is_animal = torch.rand(count, n, generator=chance) < 0.25
    some_animals = torch.randint(len(animals), (count, n), generator=chance)
    some_fillers = torch.randint(len(animals), len(all_words), (count, n), generator=chance)
    ids = torch.where(is_animal, some_animals, some_fillers)
    last_place = torch.where(is_animal, torch.arange(n), -1).cummax(dim=1).values  # of an animal, up to here
    last_animal = torch.where(last_place >= 0, ids.gather(1, last_place.clamp(min=0)), -1)
    three_before = torch.cat([torch.full((count, 3), -1), ids[:, :-3]], dim=1)
    return ids, torch.stack([last_animal, three_before], dim=-1)


shown_ids, shown_answers = streams(1, 12, seed=0)
or_none = [*all_words, "-"]  # −1 is the last item
for asked_word, (last_animal, three_before) in zip(shown_ids[0].tolist(), shown_answers[0].tolist()):
    print(f"{all_words[asked_word]:>4}: last animal {or_none[last_animal]:4} three before {or_none[three_before]}")

# %% [markdown]
# The model is one layer: word vectors, attention in eight heads, one linear read-out for both questions. Only the lines with
# `scheme` differ. As in a model that writes, no word looks ahead. The table has 256 rows, so that long texts are no error.

# %%
class Reader(nn.Module):
    """Answers both questions at each word: logits (batch, n, 2, words), and the weights (batch, 8, n, n)."""

    def __init__(self, scheme, d_model):
        super().__init__()
        self.scheme, self.words = scheme, nn.Embedding(len(all_words), d_model)
        self.table = LearnedPositions(256, d_model) if scheme == "learned" else None
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(d_model, d_model) for _ in range(3))
        self.read_out = nn.Linear(d_model, 2 * len(all_words))

    def forward(self, ids):
        n, x = ids.shape[1], self.words(ids)
        if self.scheme == "sinusoidal":
            x = x + sinusoidal_positions(n, x.shape[-1])
        if self.scheme == "learned":
            x = self.table(x)
        heads = (layer(x).unflatten(-1, (8, -1)).transpose(1, 2) for layer in (self.q_proj, self.k_proj, self.v_proj))
        q, k, v = heads  # each (batch, 8, n, d_model / 8)
        if self.scheme == "RoPE":
            q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        bias = alibi_bias(8, n) if self.scheme == "ALiBi" else torch.full((n, n), float("-inf")).triu(1)
        weights = (q @ k.mT / q.shape[-1] ** 0.5 + bias).softmax(dim=-1)
        out = (weights @ v).transpose(1, 2).flatten(-2)  # (batch, n, d_model)
        return self.read_out(out).unflatten(-1, (2, -1)), weights

# %%
def train(scheme, seed, d_model=64, steps=300):
    """A reader trained on texts of 32 words."""
    torch.manual_seed(seed)
    reader = Reader(scheme, d_model)
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.01)
    for step in range(steps):
        ids, answers = streams(32, 32, seed=seed * 10_000 + step)
        loss = F.cross_entropy(reader(ids)[0].flatten(0, 2), answers.flatten(), ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return reader


@torch.no_grad()
def accuracies(reader, n):
    """The share of right answers to the two questions, in the second half of texts of n words."""
    ids, answers = streams(4096 // n, n, seed=-1)
    right = reader(ids)[0].argmax(dim=-1) == answers  # (texts, n, 2)
    return right[:, n // 2 :].float().mean(dim=(0, 1))

# %% [markdown]
# **Predict first.** For each scheme, *none*, sinusoidal, learned, RoPE and ALiBi: does it learn the two questions at 32
# words? And what is left at 256? Write your ten guesses down. Fifteen trainings, three per scheme from different random
# starts, take from 20 to 60 seconds.

# %% tags=["skip-execution"]
torch.set_num_threads(1)  # steps this small gain nothing from a second thread
schemes, lengths = ["none", "sinusoidal", "learned", "RoPE", "ALiBi"], [32, 64, 128, 256]
trained, found_right = {}, {}
print(f"{'':17}which animal last?          which word three before?")
print(f"{'scheme':11}start " + "".join(f"{n:6}" for n in lengths) + "   " + "".join(f"{n:6}" for n in lengths))
for scheme in schemes:
    for seed in range(3):
        trained[scheme, seed] = train(scheme, seed)
        found_right[scheme, seed] = by_length = torch.stack([accuracies(trained[scheme, seed], n) for n in lengths])
        columns = ["".join(f"{share:6.0%}" for share in question) for question in by_length.T.tolist()]
        print(f"{scheme:11}{seed:5} {columns[0]}   {columns[1]}", flush=True)

# %% tags=["skip-execution"]
figure, panels = plt.subplots(1, 2, figsize=(13, 4.4), sharey=True, layout="constrained")
questions = ["Which animal was named last?", "Which word stood three places before?"]
for question, (panel, title) in enumerate(zip(panels, questions)):
    means = {scheme: sum(found_right[scheme, seed][:, question] for seed in range(3)) / 3 for scheme in schemes}
    plots.lines(lengths, means, x="words in the text (trained on 32)", y="right answers", log_x=True, panel=panel, title=title)

# %% [markdown]
# Read the first column of each question before the others.
#
# - **none** gets 50 to 60 % of the last animals: at a quarter of the words the answer is the word itself, and a bag of words
#   says which animals there are. Guessing among six gives 17 %, and the most frequent word is right three places before in
#   some 8 %.
# - **sinusoidal, learned, RoPE** learn both questions, to 95 % or more.
# - **ALiBi** learns the last animal and *not* the third word before: about 24 %. Its handicap can only grow with the
#   distance, and one layer of it does not leave out the two words between.

# %% [markdown]
# Now the longer texts. **Learned** collapses at once, as rows that were never trained must. **Sinusoidal** fares little
# better: its waves carry on, the model does not. **RoPE** falls at 64 words, on the last animal to 60 to 80 % and on three
# before to about a third, and is lost at 128. **ALiBi** alone does at 256 words what it does at 32, good or bad.

# %% [markdown]
# ## Why RoPE breaks, too
#
# Scores of RoPE depend on the distance only. Then why does a longer text do harm?
#
# **Predict first.** The last words of a text of 256 look back. What share of their weight goes to words more than 31 places
# back, farther than any seen in training? (Looking at all words alike would give 87 %.)

# %% tags=["skip-execution"]
last_words = slice(224, 256)
places_back = torch.arange(256)[last_words, None] - torch.arange(256)  # (32, 256)
long_ids, _ = streams(16, 256, seed=-1)
for scheme in schemes:
    beyond = []
    for seed in range(3):
        with torch.no_grad():
            looks = trained[scheme, seed](long_ids)[1][:, :, last_words]  # (texts, 8, 32, 256)
        beyond.append((looks * (places_back > 31)).sum(dim=-1).mean().item())
    print(f"{scheme:11} weight beyond 31 places: " + "  ".join(f"{share:.0%}" for share in beyond))

# %% [markdown]
# With learned positions and with RoPE nearly all the weight goes to distances that training never showed. Of all these
# readers only ALiBi's keep most of it within reach.
#
# A head of width 8 has four hands, which turn by 1, 1/10, 1/100 and 1/1000 per place. A head of width 4 has two, 1 and
# 1/100. The next cell trains three narrower readers with such heads and draws, for both widths, the score against the
# distance, averaged over heads and over all pairs of words.
#
# **Predict first.** After how many places is the hand of 1/10 back where it began? And that of 1/100? Where will the scores
# rise again?

# %% tags=["skip-execution"]
@torch.no_grad()
def score_by_distance(reader, farthest=400):
    """Scores of RoPE at the distances 0 to farthest, averaged over heads and pairs of words."""
    q, k = (layer(reader.words.weight).unflatten(-1, (8, -1)).mean(dim=0) for layer in (reader.q_proj, reader.k_proj))
    turned_queries = rotate(q[:, None].expand(-1, farthest + 1, -1), torch.arange(farthest + 1))  # (8, farthest + 1, d_head)
    return (turned_queries @ k[:, :, None]).squeeze(-1).mean(dim=0) / q.shape[-1] ** 0.5


narrow = [train("RoPE", seed, d_model=32) for seed in range(3)]
for seed, reader in enumerate(narrow):
    print(f"heads of width 4, start {seed}: last animal " + "".join(f"{accuracies(reader, n)[0]:6.0%}" for n in (*lengths, 512)))
figure, panel = plt.subplots(figsize=(8, 4.2))
panel.axvline(31, color="black", linestyle="--", zorder=3, label="farthest in training")
of_width = {"heads of width 8": trained["RoPE", 0], "heads of width 4": narrow[0]}
curves = {name: score_by_distance(reader) for name, reader in of_width.items()}
for name, curve in curves.items():
    highest = [f"{curve[first:last].max():.0f}" for first, last in ((0, 32), (32, 256), (256, 401))]
    print(f"{name}: highest mean score up to 31 places back, up to 255, up to 400:", *highest)
plots.lines(np.arange(401), curves, x="places back", y="mean score", panel=panel, title="RoPE: scores come back")

# %% [markdown]
# The hand of 1/10 is round after $2\pi \cdot 10 \approx 63$ places. Within 31 it makes half a turn, and training has
# pushed the scores down over that half. Then it comes up again, and at 50 to 55 places scores are higher than at the
# start. No text of 32 words could teach otherwise.
#
# The hand of 1/100 takes 628 places. With it as the slowest one, expect 95 % or more at 128 words, four times the training
# length, 65 to 99 % at 256, and 25 to 45 % at 512 (the last column), where scores rise higher than any seen in training. So
# RoPE does not break at a fixed length. This suggests that it breaks where a hand that the model leans on comes back.

# %% [markdown]
# ## Do positions have to be given at all?
#
# *None* did better than guessing among six animals, and there is a leak: no word looks ahead. Below, attention has equal
# scores, no positions, and values that are 1 at the first word and 0 elsewhere.
#
# **Predict first.** What does word 0 collect? Word 1? Word 9? Could a second layer tell from that where a word stands?

# %%
equal_scores = torch.full((10, 10), float("-inf")).triu(1)
mark_of_first = torch.eye(10)[:, :1]  # (10, 1)
print((equal_scores.softmax(dim=-1) @ mark_of_first).T.numpy().round(2))

# %% [markdown]
# $1/(p+1)$: the place, in another notation. A causal model can count how many words it averages over, and Haviv et al.
# (2022, *Transformer language models without positional encodings still learn positional information*) found that
# trained ones do. Kazemnejad et al. (2023, *The impact of positional encoding on length generalization in
# transformers*) compared such schemes on reasoning and mathematics in deeper models that write, and found no positions
# at all the best for longer inputs. Our *none* has one layer and no chance to use the count. Which scheme is best
# depends on task and depth: measure.

# %% [markdown]
# ## What you have now
#
# Three spots for a position: in the words (waves, a table), in queries and keys (RoPE), in the scores (ALiBi). The first
# know places, the others distances. Beyond the length it was trained on, ALiBi went on as before, and could not count to
# three; RoPE went on until one of its hands came back; the others stopped.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: positions along the batch; `offset` or
# `positions` ignored; the exponent $i/d$; another pairing; the wrong sign; values turned; positions in half precision;
# a table that ends without a word; slopes that start at 1; a bias that looks ahead.
#
# **Further:** Chen et al. (2023, *Extending context window of large language models via positional interpolation*) squeeze
# the positions of long texts into the trained range and train RoPE models a little more.
#
# The eight heads of this lesson's reader stood there unexplained. "I enjoy eating apples, and I also love using Apple
# products": who eats, and what? Lesson 10, Multi-head attention, is about looking for two things at once.
