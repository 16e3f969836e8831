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
# # 11 · Causal attention
#
# *100 minutes · PyTorch · 10 points · builds on lesson 10, Multi-head attention*
#
# "The cat sat on the ..." Which word comes next? A model that can answer can also write: it adds its answer to the text
# and asks itself again. But the attention of lesson 10 sees the whole text, and so the very word that it should guess.
# What does a model learn that can look up the answer?
#
# You will build `causal_mask`, `CausalSelfAttention`, `generate` and `CachedAttention`, and be able to
#
# - train all the next words of a text in one run, without showing any of them;
# - find out with gradients whether a model peeks, where a picture of its weights hides it;
# - write text one token at a time, and forecast a series;
# - keep the keys and values of earlier tokens, and say what that saves.
#
# The mask is from Vaswani et al. (2017, *Attention is all you need*, section 3.2.3).

# %%
import random

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from attention_course import check, data, measure, plots

# %% [markdown]
# From lesson 10 come the heads and the attention. Of the mask: `True` means *may look*, and what is masked gets a
# weight of exactly 0.

# %% tags=["given"]
# given: split_heads, merge_heads, MultiHeadAttention from 10_multi_head_attention
def split_heads(x, n_heads):
    """The heads' columns apart: `(..., n, d_model)` to `(..., n_heads, n, d_head)`, for any dimensions in front.

    Head h owns the columns from h · d_head up to (h + 1) · d_head, with d_head = d_model / n_heads.
    """
    return x.unflatten(-1, (n_heads, -1)).transpose(-3, -2)  # (..., n, n_heads, d_head) to (..., n_heads, n, d_head)


def merge_heads(x):
    """The heads' columns side by side: `(..., n_heads, n, d_head)` to `(..., n, n_heads · d_head)`; undoes `split_heads`."""
    return x.transpose(-3, -2).flatten(-2)  # (..., n, n_heads, d_head) to (..., n, d_model)


class MultiHeadAttention(nn.Module):
    """Attention in `n_heads` heads of width d_model / n_heads (Vaswani et al., 2017, section 3.2.2)."""

    def __init__(self, d_model, n_heads):
        """Layers `q_proj`, `k_proj`, `v_proj`, `out_proj`. ValueError where `n_heads` does not divide `d_model`."""
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"{n_heads} heads do not divide a width of {d_model}")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        """`(out, weights)`: out (batch, n_q, d_model), weights (batch, n_heads, n_q, n_k).

        query: (batch, n_q, d_model); key, value: (batch, n_k, d_model), of the module's dtype and on its device.
        mask: boolean, True = may look, broadcasts to the weights; masked keys get a weight of exactly 0.
        A row with everything masked has weights of 0, so that its output is the bias of `out_proj`.
        Gradients flow through both results.
        """
        q = split_heads(self.q_proj(query), self.n_heads)  # (batch, n_heads, n_q, d_head)
        k = split_heads(self.k_proj(key), self.n_heads)  # (batch, n_heads, n_k, d_head)
        v = split_heads(self.v_proj(value), self.n_heads)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (batch, n_heads, n_q, n_k)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% [markdown]
# ## All beginnings at once
#
# A *language model* reads the words so far and gives every word that it knows a score, the *logit*, for coming next.
# "the cat sat on the mat" holds five questions: what comes after "the", after "the cat", ..., after "the cat sat on
# the"? Asked one by one they take five runs.
#
# Attention reads all places in one run. Row $t$ of its output can answer for the beginning that ends at word $t$,
# **if** nothing behind word $t$ went into it. So each word may look at itself and at what stands before it: the
# attention is *causal*, what comes later has no effect on what came before.
#
# **Predict first.** Draw the mask of a text of six words, a row per query. How many of its 36 cells are `True`?

# %% [markdown]
# ### Exercise 1 · `causal_mask` · 2 points · 10 minutes · easy
#
# Make the mask. When all `n_k` words are queries, query $i$ may look at the keys $0, \dots, i$.
#
# Later in this lesson the first words have been dealt with and only the `n_q` *last* words of the text ask, while all
# `n_k` words are keys. Then the first query is not the first word: it stands at place `n_k - n_q`.
#
# <details><summary>Hint</summary>
#
# At which place $p$ does query $i$ stand? It may look at the keys $j \le p$. Compare two `torch.arange`, one of them as
# a column; or look up what the second argument of `torch.tril` does.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"a word may look at itself":* the comparison is $\le$, not $<$.
# - *"no word may look at a later one":* rows are queries and columns are keys; yours may be the other way round.
# - *Right for 3 and 3, wrong for 2 and 5:* your triangle begins in the top left corner. The last query is the last word
#   and sees everything, so the triangle ends in the bottom right corner.
# </details>

# %% nbgrader={"grade": false, "grade_id": "causal_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def causal_mask(n_q, n_k):
    """A boolean tensor (n_q, n_k), True where a query may look: at its own place and at all before it.

    The queries are the last `n_q` of `n_k` tokens, `n_q` ≤ `n_k`: query i stands at the place n_k − n_q + i.
    """
    ### BEGIN SOLUTION
    return torch.ones(n_q, n_k, dtype=torch.bool).tril(n_k - n_q)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "causal_mask_triangle", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
mask = causal_mask(3, 3)
check.shape(mask, (3, 3), "the mask has the shape (n_q, n_k)")
check.equal(str(mask.dtype), "torch.bool", "the mask is boolean")
check.equal(mask.diagonal(), torch.tensor([True] * 3), "a word may look at itself")
check.equal(mask[0], torch.tensor([True, False, False]), "no word may look at a later one")
check.equal(mask[2], torch.tensor([True, True, True]), "a word may look at all before it")
### BEGIN HIDDEN TESTS
for n in (1, 2, 4, 7, 300):
    expected = torch.tensor([[key <= query for key in range(n)] for query in range(n)])
    check.equal(causal_mask(n, n), expected, "each word may look at itself and at what stands before it, in any size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "causal_mask_corner", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.shape(causal_mask(2, 5), (2, 5), "the mask has a row for each query, also when there are fewer queries than keys")
expected = torch.tensor([[True, True, True, True, False], [True, True, True, True, True]])
check.equal(causal_mask(2, 5), expected, "the queries are the last words: the last one may look at everything")
check.equal(causal_mask(1, 4), torch.tensor([[True] * 4]), "a single query is the last word, and may look at everything")
### BEGIN HIDDEN TESTS
for n_q, n_k in [(1, 1), (1, 2), (2, 3), (3, 4), (3, 7), (4, 9), (6, 7), (5, 12), (1, 300), (40, 300)]:
    mask = causal_mask(n_q, n_k)
    expected = torch.tensor([[key <= n_k - n_q + query for key in range(n_k)] for query in range(n_q)])
    check.equal(str(mask.dtype), "torch.bool", "the mask is boolean, also when there are fewer queries than keys")
    check.equal(mask, expected, "query i stands at the place n_k − n_q + i, in any size")
### END HIDDEN TESTS

# %%
words = "the cat sat on the mat".split()
print(int(causal_mask(6, 6).sum()), "of 36 cells are True")
plots.heatmap(causal_mask(6, 6), words, words, title="Who may look at whom")

# %% [markdown]
# A triangle: 21 of 36 cells. With fewer queries than keys, libraries do not agree on the corner in which the triangle
# lies. Below, the last two words ask and all six are keys. All scores are equal, and the values are chosen so that the
# output shows the weights.
#
# **Predict first.** Which weights does "mat" have with your mask? And with `is_causal=True` in
# `F.scaled_dot_product_attention`, which starts its triangle in the top left corner?

# %%
asking, keys, one_hot = torch.zeros(1, 2, 3), torch.zeros(1, 6, 3), torch.eye(6)[None]
corners = {
    "with your mask": F.scaled_dot_product_attention(asking, keys, one_hot, attn_mask=causal_mask(2, 6)),
    "with is_causal=True": F.scaled_dot_product_attention(asking, keys, one_hot, is_causal=True),
}
plots.heatmaps(list(corners.values()), list(corners), rows=words[-2:], columns=words, limits=(0, 0.5), values=True)

# %% [markdown]
# With the library's own corner "mat" sees only "the cat", and no error is raised. Such a model has forgotten nearly all
# of its text. Where queries are fewer than keys, pass a mask.

# %% [markdown]
# ## Attention that cannot look ahead
#
# ### Exercise 2 · `CausalSelfAttention` · 3 points · 15 minutes · easy
#
# Self-attention in `n_heads` heads under a causal mask. It starts from `MultiHeadAttention` and so has its layers, its
# `n_heads` and its `ValueError`: `forward` is all that is missing. (You may write it all anew: then the names of the
# layers must be the same.) With the weights of `nn.MultiheadAttention` it must give the outputs of that module under a
# causal mask.
#
# <details><summary>Hint</summary>
#
# Queries, keys and values all come from `x`. `super().forward(query, key, value, mask)` calls the attention of lesson
# 10. The mask has to be on the device of `x`: `.to(x.device)`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The weights form a triangle and their rows do not add up to one:* the mask acted after the softmax. It belongs
#   before.
# - *The output at a place changes with a later word, and the weights above the diagonal are 0:* the same mistake; the
#   sum in the softmax still ran over all words.
# - *Right for the first text, wrong for a longer or shorter one:* a mask was kept from the first call.
# - *Large scores or half precision:* a number such as −1e9 is no minus infinity. Lesson 10's module uses the lowest
#   number of the dtype, then sets the weights to 0.
# </details>

# %% nbgrader={"grade": false, "grade_id": "CausalSelfAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CausalSelfAttention(MultiHeadAttention):
    """Self-attention in which every token looks at itself and at what stands before it."""

    def forward(self, x):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n), exactly 0 above the diagonal.

        x: (batch, n, d_model), of the module's dtype and on its device, n as large as you like.
        """
        ### BEGIN SOLUTION
        n = x.shape[-2]
        return super().forward(x, x, x, causal_mask(n, n).to(x.device))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "CausalSelfAttention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = CausalSelfAttention(6, 3)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
fixed = {f"{layer}_proj.{kind}": size for layer in ("q", "k", "v", "out") for kind, size in (("weight", (6, 6)), ("bias", (6,)))}
check.equal(sizes, fixed, "the state_dict has the names and shapes of lesson 10")
state = {name: torch.eye(6) if len(size) == 2 else torch.zeros(6) for name, size in fixed.items()}
model.load_state_dict(state | {"q_proj.weight": torch.zeros(6, 6)})  # queries of 0: all scores are equal
x = torch.tensor([[[6.0, 0, 1, 0, 0, 8], [2, 4, 1, 0, 0, 0], [1, 2, 1, 0, 3, 1]]])
result = check.unchanged(model, x)
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, out and weights")
check.shape(result[1], (1, 3, 3, 3), "the weights have the shape (batch, n_heads, n, n)")
shares = torch.tensor([[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]])
check.close(result[1][0], torch.stack([shares] * 3), "equal scores share equally among a word and those before it")
averages = torch.tensor([[[6.0, 0, 1, 0, 0, 8], [4, 2, 1, 0, 0, 4], [3, 2, 1, 0, 1, 3]]])
check.close(result[0], averages, "each word averages its own value and those before it", tolerance=1e-5)
library = nn.MultiheadAttention(6, 3, batch_first=True)  # and now with other numbers in every layer
state = {name: torch.linspace(place, 9, 6 ** len(size)).sin().view(size) for place, (name, size) in enumerate(fixed.items())}
model.load_state_dict(state)
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
later = torch.tensor([[False, True, True], [False, False, True], [False, False, False]])  # there True hides
x = torch.cat([x, x.flip(1)])  # a batch of two texts
expected, shares = library(x, x, x, attn_mask=later, average_attn_weights=False)
out, weights = model(x)
check.close(weights, shares, "with the weights of nn.MultiheadAttention it weighs as that does", tolerance=1e-5)
check.close(out, expected, "with the weights of nn.MultiheadAttention it gives the output of that", tolerance=1e-5)
check.close(model(x[:, :2])[0], expected[:, :2], "the same module takes texts of any length", tolerance=1e-5)
last = model(torch.zeros(1, 1100, 6))[1][0, :, -1]
check.close(last, torch.full((3, 1100), 1 / 1100), "a text may have any length")
### BEGIN HIDDEN TESTS
rng = check.rng("CausalSelfAttention_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)  # in float32 the order of a sum shows
for batch, n_heads, d_head, n, (dtype, tolerance) in [
    (2, 3, 5, 7, double),
    (3, 5, 2, 4, single),
    (4, 1, 3, 6, double),
    (1, 2, 3, 5, single),
    (3, 2, 4, 1, double),
]:
    state, width = {}, n_heads * d_head
    for name, size in fixed.items():
        state[name] = torch.from_numpy(rng.normal(size=(width,) * len(size)) / width**0.5).to(dtype)
    model = CausalSelfAttention(width, n_heads)
    model.to(dtype)
    model.load_state_dict(state)
    library = nn.MultiheadAttention(width, n_heads, batch_first=True, dtype=dtype)
    for kind in ("weight", "bias"):
        state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
    library.load_state_dict(state)
    for length, size in ((n, 1), (n + 2, 1), (2, 1), (n, 50)):  # one module, texts of several lengths; large scores
        x = torch.from_numpy(size * rng.normal(size=(batch, length, width))).to(dtype)
        later = torch.tensor([[key > query for key in range(length)] for query in range(length)])
        expected, shares = library(x, x, x, attn_mask=later, average_attn_weights=False)
        out, weights = check.unchanged(model, x)
        check.shape(weights, tuple(shares.shape), "the weights have the shape (batch, n_heads, n, n), in any size")
        rounding = tolerance * size**2  # that of the scores
        check.close(weights, shares, "with the weights of nn.MultiheadAttention it weighs as that does, in any size", rounding)
        same = "with the weights of nn.MultiheadAttention it gives its output, in any size"
        check.close(out / size, expected / size, same, rounding)
        check.equal([str(out.dtype), str(weights.dtype)], [str(dtype)] * 2, "out and weights have the dtype of the input")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "CausalSelfAttention_future", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, CausalSelfAttention, 6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0], [0.0, 3.0, 1.0, -1.0, 2.0, 0.5]]])
another_end = torch.cat([x[:, :2], torch.tensor([[[9.0, -7.0, 8.0, 5.0, -6.0, 4.0]]])], dim=1)  # only the last word differs
out, weights = model(x)
changed = model(another_end)[0]
check.close(changed[:, :2], out[:, :2], "a later word changes nothing in the outputs before it")
check.equal(bool((changed[:, 2] - out[:, 2]).abs().max() > 1e-3), True, "a word changes the output at its own place")
above = torch.tensor([[False, True, True], [False, False, True], [False, False, False]])
check.equal(weights[0, :, above], torch.zeros(3, 3), "the weights above the diagonal are exactly 0")
check.close(weights.sum(-1), torch.ones(1, 3, 3), "the weights of each word add up to one")
huge = model(1e8 * x)[1]
check.equal(huge[0, :, above], torch.zeros(3, 3), "the weights above the diagonal are exactly 0, however low the others")
model.to(torch.float16)
check.equal(str(model(x.to(torch.float16))[1].dtype), "torch.float16", "half precision works, and stays half precision")
### BEGIN HIDDEN TESTS
rng = check.rng("CausalSelfAttention_future")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = CausalSelfAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
x = torch.from_numpy(rng.normal(size=(2, 7, width)))
out = check.unchanged(model, x)[0]
for size in (1.0, 1e4, 1e9):
    noise = x.clone()
    noise[:, 4:] = size * torch.from_numpy(rng.normal(size=(2, 3, width)))
    check.close(model(noise)[0][:, :4], out[:, :4], "later words, however large, change nothing in the outputs before them", 1e-9)
check.close(model(x[:, :4])[0], out[:, :4], "the rows of one run are the answers for all beginnings of the text", 1e-9)
above = torch.tensor([[key > query for key in range(7)] for query in range(7)])
for size in (1e-3, 1.0, 1e7):
    weights = model(size * x)[1]
    later_ones = weights[..., above]
    check.equal(later_ones, torch.zeros(2, 3, 21), "the weights above the diagonal are exactly 0, however low the others")
    check.close(weights.sum(-1), torch.ones(2, 3, 7), "the weights of each word add up to one, however low its scores are")
gradient = torch.zeros(2, 7, width).double()
gradient[:, 2] = 1.0
arrived = check.gradient(model, x, output_gradient=gradient).arguments[0]
check.equal(arrived[:, 3:], torch.zeros(2, 4, width), "no gradient reaches a later word")
long = torch.from_numpy(rng.normal(size=(1, 1100, 2))).float()
weights = check.seeded(1, CausalSelfAttention, 2, 1)(long)[1][0, 0]
check.equal(weights > 0, torch.ones(1100, 1100).tril() > 0, "a text may have any length")
for dtype, name in ((torch.float16, "torch.float16"), (torch.bfloat16, "torch.bfloat16")):
    model.to(dtype)
    out, weights = model(x.to(dtype))
    check.equal([str(out.dtype), str(weights.dtype)], [name] * 2, "half precision works, and stays half precision")
    check.equal(weights[..., above], torch.zeros(2, 3, 21), "the weights above the diagonal are exactly 0 in half precision")
lowering = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
lowering["q_proj.bias"], lowering["k_proj.bias"] = torch.full((width,), 100.0), torch.full((width,), -100.0)
model.load_state_dict(lowering)
model.to(torch.float16)
weights = model(x.to(torch.float16))[1]  # every score is about −22,000
expected = torch.tensor([[1 / (query + 1) * (key <= query) for key in range(7)] for query in range(7)]).expand(2, 3, 7, 7)
check.close(weights, expected, "words that may be seen are seen in half precision, however low their scores", tolerance=2e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "CausalSelfAttention_training", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, CausalSelfAttention, 6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0], [0.0, 3.0, 1.0, -1.0, 2.0, 0.5]]])
weights = model(x)[1]
check.equal(bool((weights[:, 0] - weights[:, 1]).abs().max() > 1e-4), True, "the heads of a new module differ")
check.equal(weights.requires_grad, True, "gradients flow through the weights that are returned, too")
arrived = check.gradient(model, x, output_gradient=torch.tensor([0.0, 1.0, 0.0]).view(1, 3, 1).expand(1, 3, 6)).arguments[0]
check.close(arrived[0, 2], torch.zeros(6), "the output at the second word has no gradient at the third")
check.equal(bool(arrived[0, 0].any()), True, "the output at the second word has a gradient at the first")
check.raises(ValueError, CausalSelfAttention, 10, 4, property="a width that the heads do not divide is a ValueError")
### BEGIN HIDDEN TESTS
rng = check.rng("CausalSelfAttention_training")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = CausalSelfAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
library = nn.MultiheadAttention(width, 3, batch_first=True, dtype=torch.float64)
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
x = torch.from_numpy(rng.normal(size=(width, 7, 2))).permute(2, 1, 0)  # not contiguous
gradient = torch.from_numpy(rng.normal(size=(2, 7, width)))
later = torch.tensor([[key > query for key in range(7)] for query in range(7)])
true = check.gradient(library, x, x, x, attn_mask=later, output_gradient=gradient)
found = check.gradient(model, x, output_gradient=gradient)
check.close(found.output, true.output, "it does not matter how the input lies in memory")
model.eval()
check.close(model(x)[0], true.output, "evaluation gives what training gives")
model.train()
check.close(found.arguments[0], sum(true.arguments), "the input gets the right gradient")
check.equal([mine is not None for mine in found.parameters.values()], [True] * 8, "gradients reach every parameter")
for kind in ("weight", "bias"):
    mine = torch.cat([found.parameters[f"{layer}_proj.{kind}"] for layer in "qkv"])
    check.close(mine, true.parameters[f"in_proj_{kind}"], "q_proj, k_proj and v_proj get the right gradients")
    check.close(found.parameters[f"out_proj.{kind}"], true.parameters[f"out_proj.{kind}"], "out_proj gets the right gradient")
before = model(x)[0]
another = CausalSelfAttention(width, 5)  # made last, with other heads
another.load_state_dict({name: torch.zeros_like(tensor) for name, tensor in another.state_dict().items()})
check.equal(model(x)[0], before, "two modules have parameters and heads of their own")
model.to("meta")
check.same_device(model, x)
### END HIDDEN TESTS

# %% [markdown]
# ## Does it peek? Ask the gradient
#
# Which words of the input does the output at place $t$ depend on? The gradient tells: if output $t$ has a gradient at
# input $s$ that is not 0, then it looks at word $s$. An exact 0 at random inputs is strong evidence that it does not. The next
# cell takes, for all pairs, the size of $\partial\,\text{out}_t / \partial x_s$ (the root of the sum of its squared entries).
#
# Three modules with the same weights: one without a mask; one that deals out the shares and *then* sets those of later
# words to 0; and yours. For the last two, every weight above the diagonal is 0.
#
# **Predict first.** Which of the three gradients are triangles?

# %%
class Peeking(MultiHeadAttention):
    """Self-attention with no mask."""

    def forward(self, x):
        return super().forward(x, x, x)


class MaskAfterSoftmax(MultiHeadAttention):
    """A common mistake: the weights of later words are set to 0 once the softmax is done."""

    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(dim=-1)
        weights = weights.masked_fill(~causal_mask(x.shape[-2], x.shape[-2]), 0.0)
        return self.out_proj(merge_heads(weights @ v)), weights


# %%
def gradient_sizes(module, x):
    """(n, n): how large the gradient of the output at each place, a row, is at each place of the input, a column."""
    jacobian = torch.autograd.functional.jacobian(lambda inputs: module(inputs)[0], x)  # (1, n, d, 1, n, d)
    return jacobian.square().sum(dim=(0, 2, 3, 5)).sqrt()


kinds = {"no mask": Peeking, "mask after the softmax": MaskAfterSoftmax, "causal": CausalSelfAttention}
torch.manual_seed(0)
weights_of_all = CausalSelfAttention(16, 2).state_dict()
for layer in ("q_proj.weight", "k_proj.weight"):
    weights_of_all[layer] *= 3  # new weights give nearly equal scores, trained ones do not
modules = {name: kind(16, 2) for name, kind in kinds.items()}
for module in modules.values():
    module.load_state_dict(weights_of_all)
six_words = torch.randn(1, 6, 16)
maps = {name: gradient_sizes(module, six_words) for name, module in modules.items()}
for name, sizes_of_gradients in maps.items():
    looks_ahead = modules[name](six_words)[1].triu(1).max()
    print(f"{name:22} largest above the diagonal: weight {looks_ahead:.2f}, gradient {sizes_of_gradients.triu(1).max():.2f}")
plots.heatmaps(list(maps.values()), list(maps), words, words, x="input", y="output", label="size of the gradient")

# %% [markdown]
# Only two things are triangles: the last gradient and, in both masked modules, the weights. With the mask after the
# softmax the later words get no share, but they were in the sum by which all shares were divided. A large score of a
# later word makes the shares before it small: it can be seen by the shadow that it casts. The paper masks "all values
# in the input of the softmax which correspond to illegal connections": the *input*.
#
# So a triangle of weights proves nothing: ask the gradient, of whole models, too.

# %% [markdown]
# ## Writing
#
# A model that knows what comes next can write. From here on a **model** is a function from ids `(batch, n)` to logits
# `(batch, n, size)`: at each place a score for every id of the vocabulary, for coming next. To write is to take the
# logits at the *last* place, choose an id, append it, and ask again. Choosing the id with the highest logit is called
# *greedy*.

# %% [markdown]
# ### Exercise 3 · `generate` · 2 points · 12 minutes · easy
#
# Write greedily. The model is asked once for each new id, with all rows of the batch together, and it gets all ids so
# far, the new ones included. Some models cannot read longer texts than some limit, their *context*: with `context=24`
# hand over no more than the last 24 ids.
#
# <details><summary>Hint</summary>
#
# A loop of `n_new` steps, each of three: ask, take `argmax` of the logits at the last place, `torch.cat`. Keeping the
# last place as a dimension, `logits[:, -1:]`, gives the ids the shape `(batch, 1)`. `ids[:, -context:]` are the last
# ids; beware of `None`. With `torch.no_grad()` around it all, no gradients are kept.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The same id again and again:* is the new id handed back to the model?
# - *Right for one row, wrong for two:* each row has a last place of its own, and an `argmax` of its own.
# - *The result is too short with a context:* what the model sees is cut, what is returned is not.
# </details>

# %% nbgrader={"grade": false, "grade_id": "generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generate(model, ids, n_new, context=None):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each the one that the model scores highest.

    model: a function from ids (batch, n) to logits (batch, n, size); it is asked `n_new` times, each time with all
    ids so far, or with the last `context` of them.
    ids: (batch, n), integers, n at least 1.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        for _ in range(n_new):
            seen = ids if context is None else ids[:, -context:]
            newest = model(seen)[:, -1:].argmax(dim=-1)  # (batch, 1)
            ids = torch.cat([ids, newest], dim=1)
    return ids.clone() if n_new == 0 else ids
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "generate_ids", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def one_more(ids):
    """After 0 comes 1, after 1 comes 2, ..., after 6 comes 0."""
    return F.one_hot((ids + 1) % 7, 7).float()


def sum_of_all(ids):
    """Next comes the sum of all so far, modulo 7."""
    return F.one_hot(ids.cumsum(dim=1) % 7, 7).float()


written = check.unchanged(generate, one_more, torch.tensor([[2, 4]]), 4)
check.shape(written, (1, 6), "the result has the shape (batch, n + n_new)")
check.equal(str(written.dtype), "torch.int64", "the result holds integers")
check.equal(written[:, :2], torch.tensor([[2, 4]]), "the result begins with the ids that were given")
check.equal(written[:, 2:3], torch.tensor([[5]]), "the first new id is the best at the last place")
check.equal(written, torch.tensor([[2, 4, 5, 6, 0, 1]]), "each new id is asked about in its turn")
check.equal(generate(sum_of_all, torch.tensor([[1, 2]]), 3), torch.tensor([[1, 2, 3, 6, 5]]), "the model sees all ids so far")
expected = torch.tensor([[0, 3, 4, 5], [5, 1, 2, 3]])
check.equal(generate(one_more, torch.tensor([[0, 3], [5, 1]]), 2), expected, "each row of the batch is continued by itself")
### BEGIN HIDDEN TESTS
rng = check.rng("generate_ids")
for batch, n, n_new, size in [(2, 3, 5, 11), (3, 1, 4, 7), (1, 6, 1, 5), (5, 2, 9, 13), (4, 3, 2, 40)]:
    table = torch.from_numpy(rng.normal(size=(size, size)))
    steps = torch.arange(1, n + n_new + 1)[:, None]

    def model(ids, table=table, steps=steps):
        return (table[ids] * steps[: ids.shape[1]]).cumsum(dim=1) - 9  # what comes next depends on all ids and their order

    ids = torch.from_numpy(rng.integers(size, size=(batch, n)))
    expected = ids.tolist()
    for row in expected:
        for _ in range(n_new):
            scores = sum(table[one] * (place + 1) for place, one in enumerate(row))
            row.append(int(scores.argmax()))
    written = check.unchanged(generate, model, ids, n_new)
    check.shape(written, (batch, n + n_new), "the result has the shape (batch, n + n_new), in any size")
    check.equal(str(written.dtype), "torch.int64", "the result holds integers")
    check.equal(written, torch.tensor(expected), "each new id is the best after all ids so far, in any size")
check.equal(generate(one_more, torch.tensor([[3, 1]]), 0), torch.tensor([[3, 1]]), "no new ids leave the text as it is")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "generate_asks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
asked = []


def one_more_noted(ids):
    """As above, after 6 comes 0; what it was asked is noted."""
    asked.append(ids.tolist())
    return F.one_hot((ids + 1) % 7, 7).float()


written = check.unchanged(generate, one_more_noted, torch.tensor([[2, 4]]), 3)
check.equal(asked, [[[2, 4]], [[2, 4, 5]], [[2, 4, 5, 6]]], "the model is asked once for each new id, with all ids so far")
asked.clear()
written = generate(one_more_noted, torch.tensor([[2, 4], [6, 3]]), 2)
check.equal(asked, [[[2, 4], [6, 3]], [[2, 4, 5], [6, 3, 4]]], "the model is asked once for each new id, with the whole batch")
asked.clear()
written = generate(one_more_noted, torch.tensor([[2, 4]]), 0)
check.equal(asked, [], "for no new ids the model is not asked")
written = generate(one_more_noted, torch.tensor([[2, 4]]), 3, context=3)
check.equal(asked, [[[2, 4]], [[2, 4, 5]], [[4, 5, 6]]], "the model sees no more than the last `context` ids")
check.equal(written, torch.tensor([[2, 4, 5, 6, 0]]), "with a context, too, all ids are returned")
### BEGIN HIDDEN TESTS
rng = check.rng("generate_asks")
for batch, n, n_new, context in [(2, 3, 6, None), (3, 5, 4, 2), (1, 1, 5, 1), (2, 4, 3, 4), (2, 2, 3, 50)]:
    table, asked = torch.from_numpy(rng.normal(size=(9, 9))), []

    def noted(ids, table=table, asked=asked):
        asked.append(ids.tolist())
        return table[ids].cumsum(dim=1)

    ids = torch.from_numpy(rng.integers(9, size=(batch, n)))
    expected, to_ask = ids.tolist(), []
    for _ in range(n_new):
        to_ask.append([row[-(context or len(row)) :] for row in expected])
        for row in expected:
            row.append(int(sum(table[one] for one in row[-(context or len(row)) :]).argmax()))
    written = check.unchanged(generate, noted, ids, n_new, context=context)
    check.equal(len(asked), n_new, "the model is asked once for each new id, with the whole batch")
    check.equal(asked, to_ask, "the model sees all ids so far, or the last `context` of them, in any size")
    check.equal(written, torch.tensor(expected), "with a context, too, all ids are returned, in any size")
asked.clear()
generate(noted, ids, 0)
check.equal(asked, [], "for no new ids the model is not asked")
### END HIDDEN TESTS

# %% [markdown]
# ## A model that peeks
#
# Now train three small language models that differ in the mask alone: no mask, a mask after the softmax, your
# `CausalSelfAttention`. The text is made of the course's `senses` sentences, in random order, a full stop after each.
# Every word is a token; 24 words are a text for the model, and the word after each of them is what it should say.

# %%
text_length = 24


def running_text(split):
    """All sentences of this part, mixed, as one list of words."""
    sentences = [line["text"] for line in data.load("senses") if line["split"] == split]
    random.Random(0).shuffle(sentences)
    return " . ".join(sentences).split()


vocabulary = sorted(set(running_text("train")))
id_of = {word: number for number, word in enumerate(vocabulary)}
train_ids, held_out_ids = (torch.tensor([id_of[word] for word in running_text(split)]) for split in ("train", "held-out"))
held_out = held_out_ids[: len(held_out_ids) // (text_length + 1) * (text_length + 1)].view(-1, text_length + 1)  # (texts, 25)
print(len(vocabulary), "words;", len(train_ids), "tokens to learn from;", tuple(held_out.shape), "held out")
print(" ".join(running_text("train")[:25]))

# %% [markdown]
# The model has word vectors, learned positions, one attention layer and a linear read-out. The training draws 64 texts
# at each of 500 steps. Inputs are all words but the last; targets are all words but the first, so that the target at
# each place is the next word.

# %%
class Writer(nn.Module):
    """Logits (batch, n, words of the vocabulary) for the word after each place, n up to 24."""

    def __init__(self, attention, d_model=64):
        super().__init__()
        self.words = nn.Embedding(len(vocabulary), d_model)
        self.positions = nn.Parameter(torch.randn(text_length, d_model))
        self.attention = attention(d_model, 4)
        self.read_out = nn.Linear(d_model, len(vocabulary))

    def forward(self, ids):
        x = self.words(ids) + self.positions[: ids.shape[1]]
        return self.read_out(x + self.attention(x)[0])

# %%
def train_writer(attention, seed=0, steps=500):
    """A trained writer, and its loss at each step."""
    torch.manual_seed(seed)
    writer, losses = Writer(attention), []
    optimizer = torch.optim.Adam(writer.parameters(), lr=0.003)
    for step in range(steps):
        starts = torch.randint(len(train_ids) - text_length, (64, 1))
        texts = train_ids[starts + torch.arange(text_length + 1)]  # (64, 25)
        loss = F.cross_entropy(writer(texts[:, :-1]).flatten(0, 1), texts[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step % 100 == 99:
            print(f"step {step + 1}: loss {loss:.2f}", end="   ")
    print()
    return writer, losses

# %% [markdown]
# The loss is the mean of −log of the probability that the right word got. Two landmarks, printed below: a blind guess
# among all 211 words gives $\ln 211$, about 5.35; a guess from the word before alone, by counting pairs in the training
# text, gives about 2.15.
#
# **Predict first.** Which of the three gets below 2.15? How low? The cell takes 10 to 60 seconds.

# %% tags=["skip-execution"]
writers, curves = {}, {}
for name, kind in kinds.items():
    print(f"{name:22}", end="")
    writers[name], curves[name] = train_writer(kind)
plots.lines(range(1, 501), curves, x="step", y="loss on the training texts", log_y=True, title="Three masks")

# %% [markdown]
# Without a mask expect a loss of 0.1 or less. The mask after the softmax reaches 0.3 to 0.6: the shadow is enough to
# read the next word by. The causal model stops near 1.2. By this curve it is the worst of the three.
#
# When a model writes, nothing stands behind the last word. So ask each model about every *beginning* of the held-out
# texts, one by one, as `generate` does.
#
# **Predict first.** Which loss has each of the three then?

# %% tags=["skip-execution"]
@torch.no_grad()
def losses_of(writer):
    """Held-out loss at all places of whole texts, at all but the last, and after every beginning, asked one by one."""
    at_once = F.cross_entropy(writer(held_out[:, :-1]).mT, held_out[:, 1:], reduction="none")  # (texts, 24)
    each = [F.cross_entropy(writer(held_out[:, :n])[:, -1], held_out[:, n]) for n in range(1, text_length + 1)]
    return at_once.mean(), at_once[:, :-1].mean(), torch.stack(each).mean()


pairs = torch.full((len(vocabulary), len(vocabulary)), 0.1)
for first, second in zip(train_ids, train_ids[1:]):
    pairs[first, second] += 1
chances = pairs / pairs.sum(dim=1, keepdim=True)
by_pairs = -chances[held_out[:, :-1], held_out[:, 1:]].log().mean()
print(f"a blind guess: {torch.tensor(len(vocabulary)).log():.2f}   counting pairs of words: {by_pairs:.2f}\n")
print("held-out loss           whole texts   all places but the last   beginnings, one by one")
for name, writer in writers.items():
    whole, but_the_last, beginnings = losses_of(writer)
    print(f"{name:22} {whole:12.3f} {but_the_last:25.3f} {beginnings:24.3f}")

# %% [markdown]
# Without a mask the loss on whole texts is near 0 at all places but the last, where no next word stands. Asked about
# beginnings the same model is about as good as a blind guess, 5 to 6: it has learned to copy. The mask after the
# softmax fares no better, 4.5 to 7.
#
# The causal model has the *same* loss both times, about 1.4 and far below that of counting pairs. Here is a test for
# any training: a loss on whole texts that is lower than the loss on beginnings shows a leak.
#
# **Predict first.** What do the three write after "the cat"?

# %% tags=["skip-execution"]
def to_ids(text):
    return torch.tensor([[id_of[word] for word in text.split()]])


def to_text(ids):
    return " ".join(vocabulary[number] for number in ids[0].tolist())


for name, writer in writers.items():
    print(f"{name}:")
    for beginning in (". the cat", ". apple announced", ". because of the loan"):
        print("   ", to_text(generate(writer, to_ids(beginning), 14, text_length)))

# %% [markdown]
# Without a mask expect repeated words. The mask after the softmax gives pieces of sentences: some are whole, many break
# off. The causal model writes mostly sentences as the text has them; whether a loan leads it to the bank is a matter of
# luck with one layer and 500 steps. Asked for more it soon repeats itself: from the same words a greedy writer goes on
# in the same way. Lesson 16 draws words at random.
#
# Training by next words is how GPT is made (Radford et al., 2018, *Improving language understanding by generative
# pre-training*; 2019, *Language models are unsupervised multitask learners*): causal attention, and far more of
# everything else.

# %% [markdown]
# ## Nothing earlier ever changes
#
# To write word 101, `generate` runs the model on 100 words; for word 102 on 101, of which 100 are the same. What comes
# out at the earlier places is computed again and thrown away.
#
# What is needed of them? The new word has a query of its own and looks at the keys and values of all words. Those of
# earlier words were there before, and with causal attention no later word can change them, in any layer. So keep them:
# the *KV cache* of lesson 10. A step then takes the newest word alone.
#
# A text may also come in *chunks*: first a beginning of several words, then word by word. Whatever the chunks, the
# outputs must be those of the whole text.

# %% [markdown]
# ### Exercise 4 · `CachedAttention` · 3 points · 25 minutes · medium
#
# Causal self-attention for the next chunk of a text. The cache is `None` at the start of a text, later a pair `(keys,
# values)`: what `k_proj` and `v_proj` gave for the $n_\text{past}$ tokens before, split into heads, in the order of the
# text. Return the output for the new tokens and a new cache, of old and new. The old cache stays as it was: two texts
# may go on from it.
#
# Layers and weights are those of `MultiHeadAttention`, but its `forward` will not do: it would project the keys again.
#
# <details><summary>Hint</summary>
#
# Project `x` and split into heads; put the old keys and values in front (`torch.cat`, along the tokens); then lesson
# 10's attention, with a mask. How many queries are there now, how many keys, and at which place does the first query
# stand? You have a function for that.
#
# Masked scores get `torch.finfo(scores.dtype).min`. No row is empty here, so one `masked_fill` is enough. The library's
# `F.scaled_dot_product_attention(q, k, v, attn_mask=mask)` may be used, too.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Word by word it is right, in chunks it is not:* inside a chunk no word may look at a later one, and a mask of
#   `(n_new, n_new)` does not fit all keys. Is the first query at place $n_\text{past}$?
# - *Sizes do not match in `torch.cat`:* tokens are dimension −2, after splitting.
# - *Wrong from the second chunk on, and the first is right:* old ones first, then new ones. Is it the *projected* keys
#   that are kept?
# - *Two texts from one cache disturb each other:* nothing may be kept in `self`, and the old cache must not be written
#   into.
# </details>

# %% nbgrader={"grade": false, "grade_id": "CachedAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CachedAttention(MultiHeadAttention):
    """Causal self-attention that takes a text in chunks and keeps the keys and values of those before."""

    def forward(self, x, cache=None):
        """`(out, cache)`: out (batch, n_new, d_model), what the whole text would give at the places of the new tokens.

        x: (batch, n_new, d_model), the tokens that follow those of the cache, of the module's dtype and on its device.
        cache: None, or a pair (keys, values), each (batch, n_heads, n_past, d_head); it is left as it was.
        The returned cache is such a pair, with n_past + n_new tokens.
        """
        ### BEGIN SOLUTION
        q, keys, values = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            keys = torch.cat([cache[0], keys], dim=-2)  # (batch, n_heads, n_past + n_new, d_head)
            values = torch.cat([cache[1], values], dim=-2)
        mask = causal_mask(q.shape[-2], keys.shape[-2]).to(x.device)
        scores = q @ keys.transpose(-2, -1) / q.shape[-1] ** 0.5  # (batch, n_heads, n_new, n_past + n_new)
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ values)), (keys, values)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "CachedAttention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = CachedAttention(4, 2)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
fixed = {f"{layer}_proj.{kind}": size for layer in ("q", "k", "v", "out") for kind, size in (("weight", (4, 4)), ("bias", (4,)))}
check.equal(sizes, fixed, "the state_dict has the names and shapes of lesson 10")
state = {name: torch.eye(4) if len(size) == 2 else torch.zeros(4) for name, size in fixed.items()}
changes = {"q_proj.weight": torch.zeros(4, 4), "k_proj.weight": 2 * torch.eye(4), "out_proj.weight": 3 * torch.eye(4)}
model.load_state_dict(state | changes)  # queries of 0: all scores are equal
x = torch.tensor([[[6.0, 0, 1, 8], [2, 4, 1, 0], [1, 2, 1, 1]]])
result = check.unchanged(model, x, None)
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, out and cache")
averages = torch.tensor([[[6.0, 0, 1, 8], [4, 2, 1, 4], [3, 2, 1, 3]]])
check.close(result[0], 3 * averages, "without a cache each word averages its own value and those before it", tolerance=1e-5)
keys, values = result[1]
check.shape(keys, (1, 2, 3, 2), "the keys that are kept have the shape (batch, n_heads, n, d_head)")
check.close(values[0, 1], x[0, :, 2:], "the cache holds the values of each head, in the order of the text")
check.close(keys[0, 1], 2 * x[0, :, 2:], "the cache holds the keys of each head, in the order of the text")
out, (keys, values) = model(torch.tensor([[[7.0, 2, 1, 3]]]), (keys, values))
check.close(out, torch.tensor([[[12.0, 6, 3, 9]]]), "a new word averages its own value and those of the cache", tolerance=1e-5)
check.shape(keys, (1, 2, 4, 2), "the new cache holds old and new keys")
in_order = torch.tensor([[6.0, 0], [2, 4], [1, 2], [7, 2]])
check.close(values[0, 0], in_order, "the new cache holds the old values, then the new ones")
model.load_state_dict(state | {"q_proj.weight": torch.zeros(4, 4), "q_proj.bias": torch.tensor([2**0.5, 0, 0, 0])})
x = torch.stack([torch.tensor([1.0, 2, 5]).log(), torch.tensor([8.0, 0, 16])], dim=-1)[None]  # scores ln 1, ln 2, ln 5
averages = torch.tensor([8.0, 8 / 3, 11.0])
check.close(model(F.pad(x, (0, 2)))[0][0, :, 1], averages, "scores are divided by the root of d_head, and by nothing else", 1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("CachedAttention_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)  # in float32 the order of a sum shows
for batch, n_heads, d_head, n_past, n_new, (dtype, tolerance) in [
    (2, 3, 5, 4, 1, double),
    (3, 5, 2, 6, 3, single),
    (4, 1, 3, 1, 5, double),
    (1, 4, 1, 7, 2, double),
]:
    state, width = {}, n_heads * d_head
    for name, size in fixed.items():
        state[name] = torch.from_numpy(rng.normal(size=(width,) * len(size)) / width**0.5).to(dtype)
    model = CachedAttention(width, n_heads)
    model.to(dtype)
    model.load_state_dict(state)
    x = torch.from_numpy(rng.normal(size=(batch, n_past + n_new, width))).to(dtype)
    keys, values = (
        F.linear(x, state[f"{layer}_proj.weight"], state[f"{layer}_proj.bias"]).view(batch, -1, n_heads, d_head).transpose(1, 2)
        for layer in "kv"
    )
    library = nn.MultiheadAttention(width, n_heads, batch_first=True, dtype=dtype)
    for kind in ("weight", "bias"):
        state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
    library.load_state_dict(state)
    later = torch.tensor([[key > query for key in range(n_past + n_new)] for query in range(n_past + n_new)])
    expected = library(x, x, x, attn_mask=later)[0]
    out, cache = check.unchanged(model, x)
    check.close(out, expected, "with the weights of nn.MultiheadAttention it gives its output, without a cache", tolerance)
    check.close(cache[0], keys, "the cache holds what k_proj gave, in heads", tolerance)
    check.close(cache[1], values, "the cache holds what v_proj gave, in heads", tolerance)
    past = keys[:, :, :n_past], values[:, :, :n_past]
    out, cache = check.unchanged(model, x[:, n_past:], past)
    check.close(out, expected[:, n_past:], "after a cache it gives what the whole text gives at the new places", tolerance)
    check.close(cache[0], keys, "the new cache holds the old keys, then the new ones, in any size", tolerance)
    check.close(cache[1], values, "the new cache holds the old values, then the new ones, in any size", tolerance)
    kinds_of = [str(tensor.dtype) for tensor in (out, *cache)]
    check.equal(kinds_of, [str(dtype)] * 3, "out and cache have the dtype of the input")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "CachedAttention_chunks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, CachedAttention, 6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0], [0.0, 3.0, 1.0, -1.0, 2.0, 0.5]]])
x = torch.cat([x, x.flip(1) - 1, x / 2, 1 - x], dim=1)  # twelve tokens
x = torch.cat([x, x.flip(1)])  # in two texts
whole, cache = model(x)[0], None
for place in range(12):
    out, cache = model(x[:, place : place + 1], cache)
    check.close(out[:, 0], whole[:, place], "word by word the outputs are those of the whole text", tolerance=1e-5)
first, cache = model(x[:, :2])
check.close(first, whole[:, :2], "the first chunk has the outputs of the whole text", tolerance=1e-5)
second, cache = model(x[:, 2:], cache)
check.close(second, whole[:, 2:], "a chunk of several words after a cache has the outputs of the whole text", tolerance=1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("CachedAttention_chunks")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = CachedAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
library = nn.MultiheadAttention(width, 3, batch_first=True, dtype=torch.float64)
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
later = torch.tensor([[key > query for key in range(12)] for query in range(12)])
for scale in (1.0, 1e7):
    x = scale * torch.from_numpy(rng.normal(size=(2, 12, width)))
    expected = library(x, x, x, attn_mask=later)[0]
    for chunks in ([12], [1] * 12, [5, 7], [7, 5], [1, 11], [11, 1], [3, 1, 4, 1, 3], [2, 6, 4]):
        cache, place = None, 0
        for length in chunks:
            out, cache = model(x[:, place : place + length], cache)
            same = expected[:, place : place + length]
            check.close(out / scale, same / scale, "chunks of any size give the outputs of the whole text", tolerance=1e-9)
            place += length
past = tuple(torch.from_numpy(rng.normal(size=(2, 3, 4, 5))) for _ in range(2))
x = torch.from_numpy(rng.normal(size=(2, 5, width)))
out, noise = model(x, past)[0], x.clone()
noise[:, 3:] += 1e6
check.close(model(noise, past)[0][:, :3], out[:, :3], "a later word of the chunk changes nothing before it", tolerance=1e-9)
one_by_one = [torch.cat([model(x[row : row + 1], [part[row : row + 1] for part in past])[0]]) for row in range(2)]
check.close(torch.cat(one_by_one), out, "each text of the batch has a cache of its own")
for dtype in (torch.float16, torch.bfloat16):
    model.to(dtype)
    half = model(x.to(dtype), tuple(part.to(dtype) for part in past))
    kinds_of = [str(one.dtype) for one in (half[0], *half[1])]
    check.equal(kinds_of, [str(dtype)] * 3, "half precision works, and stays half precision")
    check.close(half[0], out, "half precision gives nearly the same", tolerance=0.05 if dtype is torch.float16 else 0.2)
lowering = {f"{layer}_proj.weight": torch.eye(width) * (layer in ("v", "out")) for layer in ("q", "k", "v", "out")}
biases = {"q": 100.0, "k": -100.0, "v": 0.0, "out": 0.0}
model.load_state_dict(lowering | {f"{layer}_proj.bias": torch.full((width,), size) for layer, size in biases.items()})
model.to(torch.float16)
low = torch.full((2, 3, 4, 5), -100.0, dtype=torch.float16)
out = model(x.to(torch.float16), (low, torch.zeros_like(low)))[0]  # all scores are about −22,000
averages = x.cumsum(dim=1) / torch.arange(5, 10)[:, None]
check.close(out, averages, "a word shares among those that it may see, in half precision, too", tolerance=0.02)
long, newest = torch.from_numpy(rng.normal(size=(1, 1, 1100, 2))), torch.from_numpy(rng.normal(size=(1, 3, 2)))
average = CachedAttention(2, 1)
average.to(torch.float64)
layers = [f"{layer}_proj" for layer in ("q", "k", "v", "out")]
zeros = {f"{layer}.weight": torch.zeros(2, 2) for layer in layers} | {f"{layer}.bias": torch.zeros(2) for layer in layers}
average.load_state_dict(zeros | {"v_proj.weight": torch.eye(2), "out_proj.weight": torch.eye(2)})
out, cache = average(newest, (long, long))  # all scores are 0
expected = (long[0].sum(dim=1, keepdim=True) + newest.cumsum(dim=1)) / torch.arange(1101, 1104)[:, None]
check.close(out, expected, "a text may have any length")
check.shape(cache[1], (1, 1, 1103, 2), "the cache may have any length")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "CachedAttention_cache", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, CachedAttention, 6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0], [0.0, 3.0, 1.0, -1.0, 2.0, 0.5]]])
cache = model(x[:, :2])[1]
one = check.unchanged(model, x[:, 2:], cache, property="the old cache is left as it was")[0]
model(x[:, :1], cache)  # another text goes on from the same cache
check.close(model(x[:, 2:], cache)[0], one, "two texts may go on from one cache", tolerance=1e-6)
alone = model(x[:, :1])[0]
check.close(alone, model(x)[0][:, :1], "without a cache a new text begins", tolerance=1e-5)
arrived = check.gradient(model, x, output_gradient=torch.tensor([0.0, 0.0, 1.0]).view(1, 3, 1).expand(1, 3, 6)).arguments[0]
check.equal(bool(arrived[0, 0].any()), True, "the output at the third word has a gradient at the first")
### BEGIN HIDDEN TESTS
rng = check.rng("CachedAttention_cache")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = CachedAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
library = nn.MultiheadAttention(width, 3, batch_first=True, dtype=torch.float64)
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
later = torch.tensor([[key > query for key in range(7)] for query in range(7)])
x, y = (torch.from_numpy(rng.normal(size=(width, 7, 2))).permute(2, 1, 0) for _ in range(2))  # not contiguous
expected = [library(text, text, text, attn_mask=later)[0] for text in (x, y)]
caches, outputs = [None, None], [[], []]
for start, end in ((0, 3), (3, 4), (4, 7)):  # two texts, taking turns
    for which, text in enumerate((x, y)):
        out, caches[which] = check.unchanged(model, text[:, start:end], caches[which], property="the old cache is left as it was")
        outputs[which].append(out)
for written, right in zip(outputs, expected):
    check.close(torch.cat(written, dim=1), right, "two texts that take turns do not disturb each other")
listed = [part[:, :, :4] for part in caches[0]]
out, longer = check.unchanged(model, x[:, 4:], listed, property="the old cache is left as it was, also when it is a list")
check.close(out, expected[0][:, 4:], "any part of a text may go on from its cache")
other_end = torch.cat([x[:, :4], y[:, 4:]], dim=1)
branch = library(other_end, other_end, other_end, attn_mask=later)[0][:, 4:]
check.close(model(y[:, 4:], listed)[0], branch, "two texts may go on from one cache, in any size")
gradient = torch.from_numpy(rng.normal(size=(2, 7, width)))
true = check.gradient(library, x, x, x, attn_mask=later, output_gradient=gradient)
found = check.gradient(model, x, output_gradient=gradient)
check.close(found.arguments[0], sum(true.arguments), "without a cache the input gets the right gradient")
for kind in ("weight", "bias"):
    mine = [found.parameters[f"{layer}_proj.{kind}"] for layer in "qkv"]
    check.equal([each is not None for each in mine], [True] * 3, "gradients reach every parameter")
    check.close(torch.cat(mine), true.parameters[f"in_proj_{kind}"], "q_proj, k_proj and v_proj get the right gradients")
    check.close(found.parameters[f"out_proj.{kind}"], true.parameters[f"out_proj.{kind}"], "out_proj gets the right gradient")
found = check.gradient(model, x[:, 4:], listed, output_gradient=gradient[:, 4:])
arrived = [mine is not None for mine in found.parameters.values()]
check.equal(arrived, [True] * 8, "after a cache, too, gradients reach every parameter")
model.eval()
check.close(model(x)[0], expected[0], "evaluation gives what training gives")
model.train()
another = CachedAttention(width, 5)  # made last, with other heads
check.close(model(x)[0], expected[0], "two modules have heads of their own")
cache = model(x[:, :4])[1]
model.to("meta")
check.same_device(model, x[:, :4])
check.same_device(model, x[:, 4:], cache)
### END HIDDEN TESTS

# %% [markdown]
# ## The same words, sooner
#
# The trained causal writer keeps its weights and gets your `CachedAttention`. Now the beginning is read in one chunk,
# and then each new word is handed over alone. One thing needs care: the positions. The new word stands at the place
# $n_\text{past}$, not at 0, although it is the first of its chunk.
#
# **Predict first.** What happens to the text if every new word gets the position 0, a *stale position*?

# %% tags=["skip-execution"]
def write_with_cache(writer, attention, ids, n_new, count_from_zero=False):
    """As `generate`, for a trained writer whose attention keeps keys and values."""
    cache, newest = None, ids
    with torch.no_grad():
        for _ in range(n_new):
            start = 0 if cache is None or count_from_zero else cache[0].shape[-2]
            x = writer.words(newest) + writer.positions[start : start + newest.shape[1]]
            out, cache = attention(x, cache)
            newest = writer.read_out(x + out)[:, -1:].argmax(dim=-1)
            ids = torch.cat([ids, newest], dim=1)
    return ids


cached_attention = CachedAttention(64, 4)
cached_attention.load_state_dict(writers["causal"].attention.state_dict())
beginning = to_ids(". the cat sat on the")
print("without a cache: ", to_text(generate(writers["causal"], beginning, 16)))
print("with a cache:    ", to_text(write_with_cache(writers["causal"], cached_attention, beginning, 16)))
print("stale positions: ", to_text(write_with_cache(writers["causal"], cached_attention, beginning, 16, True)))

# %% [markdown]
# With the cache the words are the same. With stale positions no error is raised, and the text falls apart or stalls.
#
# How much time does the cache save? The next model has two layers of width 256 and has learned nothing; for the time
# that does not matter. It writes 32 to 256 words after a first one. PyTorch counts the multiplications, too.
#
# **Predict first.** When the text is twice as long, by what factor does the time grow without the cache? With it?

# %%
class Deep(nn.Module):
    """Logits, and the layers' caches: two layers of CachedAttention, with weights as they come."""

    def __init__(self, size=500, d_model=256, n_layers=2, longest=1024):
        super().__init__()
        self.words, self.positions = nn.Embedding(size, d_model), nn.Embedding(longest, d_model)
        self.layers = nn.ModuleList(CachedAttention(d_model, 4) for _ in range(n_layers))
        self.read_out = nn.Linear(d_model, size)

    def forward(self, ids, caches=(None,) * 2):
        start = 0 if caches[0] is None else caches[0][0].shape[-2]
        x, kept = self.words(ids) + self.positions(start + torch.arange(ids.shape[1])), []
        for layer, cache in zip(self.layers, caches):
            out, cache = layer(x, cache)
            x, kept = x + out, [*kept, cache]
        return self.read_out(x), kept


@torch.no_grad()
def generate_with_cache(model, ids, n_new):
    """As `generate`, where model(ids, caches) gives logits and new caches."""
    caches, newest = (None,) * 2, ids
    for _ in range(n_new):
        logits, caches = model(newest, caches)
        newest = logits[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, newest], dim=1)
    return ids

# %% tags=["skip-execution"]
torch.set_num_threads(1)  # one word at a time gives a second thread nothing to do, and timings are steadier
torch.manual_seed(0)
deep, first_word, lengths = Deep(), torch.tensor([[7]]), [32, 64, 128, 256]
ways = {
    "without a cache": lambda n_new: generate(lambda ids: deep(ids)[0], first_word, n_new),
    "with a cache": lambda n_new: generate_with_cache(deep, first_word, n_new),
}
times, texts = {}, []
products = []
print("seconds for           ", *(f"{n_new:4} words" for n_new in lengths), "  last doubling   multiplications for", lengths[-1])
for name, write in ways.items():
    times[name] = [measure.seconds(write, n_new, repeat=2) for n_new in lengths]
    with FlopCounterMode(display=False) as counter:
        texts.append(write(lengths[-1]))
    products.append(counter.get_total_flops() // 2)  # the counter takes a multiplication and its addition for two
    factor = times[name][-1] / times[name][-2]
    print(f"{name:22}", *(f"{seconds:10.3f}" for seconds in times[name]), f"{factor:11.1f} times {products[-1]:24,}")
without, kept = (times[name][-1] for name in times)
print(f"{lengths[-1]} words: {without / kept:.0f} times faster, with 1 multiplication for {products[0] / products[1]:.0f}")
print("the same words:", torch.equal(*texts))
plots.lines(lengths, times, x="words written", y="seconds", log_x=True, log_y=True, title="Writing with and without a cache")

# %% [markdown]
# The words are the same. Without the cache the time for twice the words comes near four times as the text grows: twice
# as many steps, each with twice as many words. With it, expect about twice. At 256 words writing is about 5 to 12 times
# faster.
#
# But of 136 multiplications only one is left. Why not 136 times faster? A step with one word multiplies whole weight
# matrices, and the cache, with a single row: fetching them takes longer than multiplying, and so does calling each
# operation. Shazeer (2019, *Fast transformer decoding*) names the loading of keys and values as what often slows
# writing; Pope et al. (2022, *Efficiently scaling transformer inference*) work out both, weights and cache, for large
# models. What helps: many texts at once, and the smaller caches of lesson 10.

# %% [markdown]
# ## Forecasting
#
# A text is one series; sales per month are another. What comes next is now a number, and the same training works: read
# a series, predict the next value at every place, under a causal mask.
#
# The series are made here: a trend of its own for each, a season of 12 months with a shape of its own, and noise. The
# mean of the first year is subtracted, so that all begin near 0. (Of the *first* year: the mean of the whole series
# contains the future. A peek may hide in the preparation of data, too.)

# %%
season, known, ahead = 12, 36, 24  # months in a year, months known, months to forecast


def make_series(count, chance):
    """`count` series of 60 months: trend, season and noise, each with the mean of its first year subtracted."""
    months = torch.arange(known + ahead)
    waves = 2 * torch.pi * torch.arange(1, 4)[:, None] * months / season  # (3, 60): one, two and three waves a year
    heights = torch.randn(2, count, 3, generator=chance) / torch.arange(1, 4)
    shape = heights[0] @ waves.sin() + heights[1] @ waves.cos()
    trend = 0.05 * torch.randn(count, 1, generator=chance) * months
    series = trend + shape + 0.3 * torch.randn(count, known + ahead, generator=chance)
    return series - series[:, :season].mean(dim=1, keepdim=True)


examples = make_series(3, torch.Generator().manual_seed(0))
named = {f"series {number}": values for number, values in enumerate(examples)}
plots.lines(range(60), named, x="month", y="value", title="Trend, season, noise")

# %% [markdown]
# The model is the writer with numbers in place of words: a value becomes a vector by a linear layer, the month of the
# year and the place add theirs, then comes your `CausalSelfAttention`. The loss is the mean squared error from the
# second year on; the first has been used for its mean. Training takes 5 to 25 seconds.

# %%
class Forecaster(nn.Module):
    """The value after each place, (batch, n), from the values up to it; and the attention weights."""

    def __init__(self, d_model=32):
        super().__init__()
        self.value, self.month = nn.Linear(1, d_model), nn.Embedding(season, d_model)
        self.positions = nn.Parameter(torch.randn(known + ahead, d_model) / 2)
        self.attention = CausalSelfAttention(d_model, 4)
        self.read_out = nn.Linear(d_model, 1)

    def forward(self, series):
        place = torch.arange(series.shape[1])
        x = self.value(series[..., None]) + self.month(place % season) + self.positions[place]
        out, weights = self.attention(x)
        return self.read_out(x + out)[..., 0], weights

# %% tags=["skip-execution"]
def train_forecaster(seed=0, steps=500):
    torch.manual_seed(seed)
    forecaster, chance = Forecaster(), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(forecaster.parameters(), lr=0.003)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        series = make_series(32, chance)
        predicted = forecaster(series[:, :-1])[0]
        loss = F.mse_loss(predicted[:, season - 1 :], series[:, season:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
        if step % 100 == 99:
            print(f"step {step + 1}: loss {loss:.3f}", end="   ")
    print()
    return forecaster


forecaster = train_forecaster()

# %% [markdown]
# The forecast is made as text is written: predict one value, append it, ask again, 24 times. Against it stand three
# rules:
#
# - *as last year*: the same month of the last known year;
# - *last year and drift*: and the yearly change of the mean added;
# - *trend and months fitted*: a line and 12 monthly values fitted to the known months by least squares. This rule knows
#   how the series were made, as nobody does outside a course.
#
# **Predict first.** The series have noise of a mean size of 0.24 that nobody can forecast. Which of the four comes
# close? Does attention beat the fitted rule?

# %% tags=["skip-execution"]
new_series = make_series(1000, torch.Generator().manual_seed(999))
past, future = new_series[:, :known], new_series[:, known:]
last_year, year_before = past[:, -season:], past[:, -2 * season : -season]
drift = (last_year - year_before).mean(dim=1, keepdim=True)
months = torch.arange(known + ahead)
line_and_months = torch.cat([months[:, None] / season, F.one_hot(months % season)], dim=1)  # (60, 13)
fitted = torch.linalg.lstsq(line_and_months[:known], past.T).solution

written = past
with torch.no_grad():
    for _ in range(ahead):
        written = torch.cat([written, forecaster(written)[0][:, -1:]], dim=1)
forecasts = {
    "as last year": last_year.repeat(1, 2),
    "last year and drift": torch.cat([last_year + drift, last_year + 2 * drift], dim=1),
    "causal attention": written[:, known:],
    "trend and months fitted": (line_and_months[known:] @ fitted).T,
}
errors = {name: (forecast - future).abs().mean(dim=0) for name, forecast in forecasts.items()}  # by months ahead
print(f"noise alone              mean error {(0.3 * torch.randn(100_000)).abs().mean():.2f}")
for name, error in errors.items():
    print(f"{name:24} mean error {error.mean():.2f}   first year {error[:12].mean():.2f}   second year {error[12:].mean():.2f}")
plots.lines(range(1, ahead + 1), errors, x="months ahead", y="mean error", title="Forecasts of 1000 new series")

# %% [markdown]
# Expect a mean error of about 0.33 for attention: much less than "as last year" (0.82), less than with drift (0.39), a
# little more than the fitted rule (0.31), all of them above the 0.24 of the noise alone. Attention found trend and
# season by itself, but from 500 × 32 series of one kind; the first two rules have learned nothing, and the last was
# told the answer.
#
# Do not expect as much from real series: Zeng et al. (2023, *Are transformers effective for time series forecasting?*)
# found one-layer linear models ahead of several transformers on nine real data sets. Always draw the simple rule beside
# the model.
#
# **Predict first.** At which earlier months does the last known month look, when it has to predict the next?

# %% tags=["skip-execution"]
with torch.no_grad():
    looks = forecaster(past)[1].mean(dim=0)[:, -1]  # (heads, 36): the last known month's weights, mean of all series
before = [known - place for place in range(known)]  # months before the one that is predicted
for head, look in enumerate(looks):
    same_month = sum(weight for weight, distance in zip(look, before) if distance in (12, 24, 36))
    print(f"head {head}: share of the same month in earlier years {same_month:.2f} (even shares: {3 / 36:.2f})")
_, (above, below) = plt.subplots(2, 1, figsize=(11, 7), height_ratios=[1, 1.6], layout="constrained")
marks = [distance if distance % 6 == 0 else "·" for distance in before]
title = "What the last known month looks at"
plots.heatmap(looks, [f"head {head}" for head in range(4)], marks, title, above, x="months before the one predicted", y="")
drawn = {"known, and what came": new_series[9]} | {name: forecasts[name][9] for name in ("causal attention", "as last year")}
places = {name: range(known + ahead - len(values), known + ahead) for name, values in drawn.items()}
plots.lines(places, drawn, x="month", y="value", title="A new series with a strong trend", panel=below)

# %% [markdown]
# In every training expect a head that gives half of its weight or more to the same month of the three years before: the
# season, found. Others look at neighbouring months or spread out.

# %% [markdown]
# ## What you have now
#
# A mask makes one run answer for every beginning of a text, and nothing later gets in. The same property keeps the keys
# and values of earlier words valid, so that they are computed once.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: the wrong triangle; the diagonal
# masked; the top left corner with few queries; the mask after the softmax; a finite number for minus infinity; a mask
# kept from another text; writing from the first place, or without reading one's own words; chunks without a mask or
# with one of the wrong offset; new keys before the old ones; a cache that two texts share. Beside the tests: stale
# positions, and a preparation of data that looks ahead.
#
# **Further:** here a text continues itself. To translate it or to describe an image, the writer must look at something
# else, too: queries from one sequence, keys and values from another. Lesson 12 adds this *cross-attention*.
