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
# # 10 · Multi-head attention
#
# *100 minutes · PyTorch · 10 points · builds on lessons 6, Weighted sum, 8, Self-attention, and 9, Positions*
#
# "I enjoy eating apples, and I also love using Apple products." To understand "eating" you look at "I" and at "apples":
# who does it, and to what? Can one attention pattern look for two things at once and keep them apart?
#
# You will build `split_heads`, `merge_heads`, `MultiHeadAttention` and `GroupedQueryAttention`, and be able to
#
# - run many heads in one matrix product, without a loop;
# - load the weights of `nn.MultiheadAttention` and get its outputs;
# - say what many heads cost, from a measurement, and what one head cannot do;
# - say why large language models share keys and values between heads.
#
# Multi-head attention is from Vaswani et al. (2017, *Attention is all you need*).

# %%
import random
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from attention_course import check, plots

# %% [markdown]
# ## One head, one average
#
# A head returns, for each query, one weighted average of the values. Below, "thanks" looks at both names, and each name's
# value is a vector of its own. The share that goes to the one who thanks varies; the other one gets the rest.
#
# **Predict first.** With equal shares, what distinguishes "Anna thanks Ben" from "Ben thanks Anna"? And with 0.7 and 0.3?

# %%
value_of = {"Anna": torch.tensor([1.0, 0.0]), "Ben": torch.tensor([0.0, 1.0])}
for share in (0.5, 0.7, 1.0):
    for doer, receiver in (("Anna", "Ben"), ("Ben", "Anna")):
        average = share * value_of[doer] + (1 - share) * value_of[receiver]
        print(f"{doer:>4} thanks {receiver:<4} with shares {share:.1f} and {1 - share:.1f}: {average.numpy().round(1)}")

# %% [markdown]
# Equal shares give the same vector for both sentences: the average has forgotten who gave what. Unequal shares tell the
# sentences apart, and drown the name with the smaller share. A share of 1 loses it. The paper wants to attend to several
# places at once, each for a reason of its own: "With a single attention head, averaging inhibits this."
#
# So let several heads look, each with queries, keys and values of its own, and write their averages side by side. A model
# of width $d_\text{model}$ with $h$ heads gives each head a width of $d_\text{head} = d_\text{model} / h$:
#
# $$\text{head}_i = \text{softmax}\!\left(\frac{Q_i K_i^\top}{\sqrt{d_\text{head}}}\right) V_i
# \qquad \text{out} = [\text{head}_1; \dots; \text{head}_h]\, W_O^\top + b_O$$
#
# $W_O$ and $b_O$ are weight and bias of a last linear layer, which mixes the heads.

# %% [markdown]
# ## Many heads without a loop
#
# One linear layer computes the queries of all heads at once: its output has $d_\text{model}$ columns, of which head 0
# owns the first $d_\text{head}$, head 1 the next, and so on. If the heads become a dimension of their own, in front of
# the tokens, matrix products treat each head as one more example of the batch.
#
# ### Exercise 1 · `split_heads` · 1 point · 5 minutes · easy
#
# Cut the columns into heads: from `(..., n, d_model)` to `(..., n_heads, n, d_head)`.
#
# <details><summary>Hint</summary>
#
# Two steps: cut the last dimension into `(n_heads, d_head)` (`unflatten` or `reshape`), then swap the dimension of the
# heads with that of the tokens. Count dimensions from the end, so that any number may stand in front.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The shape is right and the numbers are not:* `view` straight to `(n_heads, n, d_head)` deals out tokens, not columns.
# - *Right with one batch dimension, wrong with none or two:* count dimensions from the end: −3, −2, −1.
# </details>

# %% nbgrader={"grade": false, "grade_id": "split_heads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_heads(x, n_heads):
    """The heads' columns apart: `(..., n, d_model)` to `(..., n_heads, n, d_head)`, for any dimensions in front.

    Head h owns the columns from h · d_head up to (h + 1) · d_head, with d_head = d_model / n_heads.
    """
    ### BEGIN SOLUTION
    return x.unflatten(-1, (n_heads, -1)).transpose(-3, -2)  # (..., n, n_heads, d_head) to (..., n_heads, n, d_head)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "split_heads_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[[0.0, 0.1, 0.2, 0.3], [1.0, 1.1, 1.2, 1.3], [2.0, 2.1, 2.2, 2.3]]])  # three tokens of four columns
heads = check.unchanged(split_heads, x, 2)
check.shape(heads, (1, 2, 3, 2), "the heads have the shape (..., n_heads, n, d_head)")
check.equal(heads[0, 0], x[0, :, :2], "the first head has the first columns of every token")
check.equal(heads[0, 1], x[0, :, 2:], "the last head has the last columns of every token")
for x in (torch.arange(30.0).view(5, 6), torch.arange(120.0).double().view(2, 2, 5, 6)):  # nothing in front, and two dimensions
    heads = split_heads(x, 3)
    check.shape(heads, (*x.shape[:-2], 3, 5, 2), "the heads have the shape (..., n_heads, n, d_head), whatever stands in front")
    check.equal(heads[..., 1, :, :], x[..., 2:4], "each head has its own columns of every token, in any number of dimensions")
check.equal(str(heads.dtype), "torch.float64", "the heads have the dtype of the input")
check.equal(check.gradient(split_heads, x, 3).arguments[0], torch.ones_like(x), "gradients come through to the input")
### BEGIN HIDDEN TESTS
rng = check.rng("split_heads_values")
for front, n_heads, n, d_head in [((), 3, 4, 5), ((2,), 3, 7, 5), ((7, 2), 5, 4, 3), ((2,), 1, 4, 3), ((3,), 6, 1, 1)]:
    for dtype in (torch.float32, torch.float64):
        x = torch.from_numpy(rng.normal(size=(*front, n, n_heads * d_head))).to(dtype)
        heads, expected = check.unchanged(split_heads, x, n_heads), (*front, n_heads, n, d_head)
        check.shape(heads, expected, "the heads have the shape (..., n_heads, n, d_head), whatever stands in front")
        check.equal(str(heads.dtype), str(dtype), "the heads have the dtype of the input")
        for head in range(n_heads):
            own = x[..., head * d_head : (head + 1) * d_head]
            check.equal(heads[..., head, :, :], own, "each head has its own columns of every token, in any number of dimensions")
x = torch.from_numpy(rng.normal(size=(12, 5, 2))).permute(2, 1, 0)  # (2, 5, 12), not contiguous
check.equal(split_heads(x, 3)[:, 1], x[..., 4:8], "it does not matter how the input lies in memory")
gradient = torch.from_numpy(rng.normal(size=(2, 3, 5, 4)))
arrived = check.gradient(split_heads, x, 3, output_gradient=gradient).arguments[0]
check.close(arrived, torch.cat(gradient.unbind(1), dim=-1), "gradients come through to the input")
check.same_device(split_heads, x, 3, property="the heads are on the device of the input")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** `x.view(1, 2, 3, 2)` gives the same shape as `split_heads(x, 2)`. Below, each number is
# *token.column*. Which tokens does the first head get by `view`?

# %%
numbered = torch.arange(3.0)[:, None] + torch.arange(4) / 10  # token.column
print("split_heads, first head:\n", split_heads(numbered[None], 2)[0, 0])
print("view, first head:\n", numbered[None].view(1, 2, 3, 2)[0, 0])

# %% [markdown]
# `view` keeps the numbers in their order in memory. The first head gets all of token 0 and half of token 1, in three rows
# that are no tokens. Nothing raises an error: only the numbers tell.
#
# ### Exercise 2 · `merge_heads` · 1 point · 5 minutes · easy
#
# The way back, for the end of the computation: the heads' columns side by side again, head 0 first.
#
# <details><summary>Hint</summary>
#
# The two steps of `split_heads` undone in the opposite order: swap back, then join the last two dimensions with
# `flatten(-2)` or `reshape`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"view size is not compatible":* after a swap the numbers no longer lie in order; `reshape` and `flatten` copy them.
# - *The shape is right and the numbers are not:* `reshape` alone joins each head's tokens; swap back first.
# </details>

# %% nbgrader={"grade": false, "grade_id": "merge_heads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge_heads(x):
    """The heads' columns side by side: `(..., n_heads, n, d_head)` to `(..., n, n_heads · d_head)`; undoes `split_heads`."""
    ### BEGIN SOLUTION
    return x.transpose(-3, -2).flatten(-2)  # (..., n, n_heads, d_head) to (..., n, d_model)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "merge_heads_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
heads = torch.tensor([[[[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]], [[0.2, 0.3], [1.2, 1.3], [2.2, 2.3]]]])  # two heads of three tokens
merged = check.unchanged(merge_heads, heads)
check.shape(merged, (1, 3, 4), "the result has the shape (..., n, n_heads · d_head)")
check.equal(merged[0, 1], torch.tensor([1.0, 1.1, 1.2, 1.3]), "a token has its columns from all heads, the first head's first")
for heads in (torch.arange(30.0).view(3, 5, 2), torch.arange(120.0).double().view(2, 2, 3, 5, 2)):
    merged = merge_heads(heads)
    check.shape(merged, (*heads.shape[:-3], 5, 6), "the result has the shape (..., n, n_heads · d_head), whatever stands in front")
    check.equal(merged[..., 2:4], heads[..., 1, :, :], "the heads' columns stand side by side, in any number of dimensions")
check.equal(str(merged.dtype), "torch.float64", "the result has the dtype of the input")
check.equal(check.gradient(merge_heads, heads).arguments[0], torch.ones_like(heads), "gradients come through to the input")
### BEGIN HIDDEN TESTS
rng = check.rng("merge_heads_values")
for front, n_heads, n, d_head in [((), 3, 4, 5), ((2,), 3, 7, 5), ((7, 2), 5, 4, 3), ((2,), 1, 4, 3), ((3,), 6, 1, 1)]:
    for dtype in (torch.float32, torch.float64):
        heads = torch.from_numpy(rng.normal(size=(*front, n_heads, n, d_head))).to(dtype)
        merged, expected = check.unchanged(merge_heads, heads), (*front, n, n_heads * d_head)
        check.shape(merged, expected, "the result has the shape (..., n, n_heads · d_head), whatever stands in front")
        check.equal(str(merged.dtype), str(dtype), "the result has the dtype of the input")
        beside = torch.cat([heads[..., head, :, :] for head in range(n_heads)], dim=-1)
        check.equal(merged, beside, "the heads' columns stand side by side, in any number of dimensions")
heads = torch.from_numpy(rng.normal(size=(4, 5, 3, 2))).permute(3, 2, 1, 0)  # (2, 3, 5, 4), not contiguous
check.equal(merge_heads(heads), torch.cat(heads.unbind(1), dim=-1), "it does not matter how the input lies in memory")
gradient = torch.from_numpy(rng.normal(size=(2, 5, 12)))
arrived = check.gradient(merge_heads, heads, output_gradient=gradient).arguments[0]
check.close(arrived, torch.stack(gradient.split(4, dim=-1), dim=1), "gradients come through to the input")
check.same_device(merge_heads, heads, property="the result is on the device of the input")
### END HIDDEN TESTS

# %% [markdown]
# ## Masks in PyTorch
#
# Lesson 5's `masked_softmax` takes three steps here. Masked scores become the lowest number that the dtype has, so that
# the softmax gives them 0. After it the masked weights are set to 0 once more.
#
# **Predict first.** The second row below has nothing left. What would it be without the last `masked_fill`? And without
# it and with minus infinity in place of the lowest number?

# %%
def masked_softmax(scores, mask):
    """Softmax of the last dimension over the keys where `mask` is True; all 0 in a row with nothing left."""
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~mask, lowest).softmax(dim=-1)
    return weights.masked_fill(~mask, 0.0)


may_look = torch.tensor([[True, True, False], [False, False, False]])
some_scores = torch.tensor([[1.0, 1.0, 5.0], [1.0, 2.0, 3.0]])
print(masked_softmax(some_scores, may_look))
for low in (torch.finfo(some_scores.dtype).min, float("-inf")):
    print(f"without the last step, {low:.0e}:\n", some_scores.masked_fill(~may_look, low).softmax(dim=-1))

# %% [markdown]
# All scores of an empty row are equally low: without the last step it shares equally among keys it may not see. With
# minus infinity, too, the last step would write 0 over the `nan`. In every other row it changes nothing.
#
# The scores of all heads have the shape `(batch, n_heads, n_q, n_k)`, and a mask is whatever **broadcasts** to it:
#
# | shape | hides keys |
# | --- | --- |
# | `(n_q, n_k)` | the same in every example and head |
# | `(batch, 1, 1, n_k)` | per example: padding |
# | `(batch, 1, n_q, n_k)` | per example and query |
# | `(1, n_heads, n_q, n_k)` | per head |
# | `(batch, n_heads, n_q, n_k)` | each its own |
#
# `True` means *may look*, as in `F.scaled_dot_product_attention`. Beware: `nn.MultiheadAttention` uses the **opposite
# sign**. There `True` means *must not look*.

# %% [markdown]
# ### Exercise 3 · `MultiHeadAttention` · 5 points · 25 minutes · medium
#
# Project, split, attend in every head, merge, project. There are four layers `nn.Linear(d_model, d_model)`, all with a
# bias, named `q_proj`, `k_proj`, `v_proj` and `out_proj`: their eight tensors are the whole `state_dict`. Raise
# `ValueError` in `__init__` if `n_heads` does not divide `d_model`. Write the attention itself from simpler operations,
# not with `F.scaled_dot_product_attention` or `F.multi_head_attention_forward`; use `split_heads` and `merge_heads`.
# Without a mask every query may look at every key.
#
# With the weights of `nn.MultiheadAttention` in your module the outputs must be the same. It keeps three layers in one:
# of the rows of its `in_proj_weight` and `in_proj_bias` the first $d_\text{model}$ are those of `q_proj`, the next of
# `k_proj`, the last of `v_proj`. Its `out_proj` is yours.
#
# <details><summary>Hint</summary>
#
# After splitting, `q @ k.transpose(-2, -1)` holds the scores of all heads: `(batch, n_heads, n_q, n_k)`. The cell above
# has the masked softmax. Keys and values may come from another sequence than the queries: take no length from the wrong
# one.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The weights agree and the output does not:* merge before the last projection; is the last projection there?
# - *The weights are too even or too sharp:* the width that counts is that of a head, not $d_\text{model}$.
# - *They agree for one sequence, not for two:* queries are made from `query`, keys from `key`, values from `value`.
# - *"... must match the size ..." with a mask:* let PyTorch broadcast it; do not add dimensions to it.
# - *An error at a fixed −1e30, or masked keys that are seen with −1e9:* the one is too low for half precision, the other not
#   low enough for large scores; `torch.finfo(scores.dtype).min` fits everywhere.
# </details>

# %% nbgrader={"grade": false, "grade_id": "MultiHeadAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MultiHeadAttention(nn.Module):
    """Attention in `n_heads` heads of width d_model / n_heads (Vaswani et al., 2017, section 3.2.2)."""

    def __init__(self, d_model, n_heads):
        """Layers `q_proj`, `k_proj`, `v_proj`, `out_proj`. ValueError where `n_heads` does not divide `d_model`."""
        super().__init__()
        ### BEGIN SOLUTION
        if d_model % n_heads:
            raise ValueError(f"{n_heads} heads do not divide a width of {d_model}")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)
        ### END SOLUTION

    def forward(self, query, key, value, mask=None):
        """`(out, weights)`: out (batch, n_q, d_model), weights (batch, n_heads, n_q, n_k).

        query: (batch, n_q, d_model); key, value: (batch, n_k, d_model), of the module's dtype and on its device.
        mask: boolean, True = may look, broadcasts to the weights; masked keys get a weight of exactly 0.
        A row with everything masked has weights of 0, so that its output is the bias of `out_proj`.
        Gradients flow through both results.
        """
        ### BEGIN SOLUTION
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
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
model = MultiHeadAttention(6, 3)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
fixed = {f"{layer}_proj.{kind}": size for layer in ("q", "k", "v", "out") for kind, size in (("weight", (6, 6)), ("bias", (6,)))}
check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes")
model.load_state_dict({name: torch.eye(6) if len(size) == 2 else torch.zeros(6) for name, size in fixed.items()})
query = torch.tensor([[[2**0.5] * 6, [0.0] * 6]])  # the second query has scores of 0
key = torch.tensor([[[1.0, 1, 4, 1, 1, 1], [3, 1, 1, 1, 1, 1], [4, 1, 3, 1, 2, 1]]]).log()
value = torch.tensor([[[8.0, 0, 2, 4, 4, 8], [0, 8, 8, 8, 8, 4], [4, 4, 8, 0, 0, 6]]])
result = model(query, key, value)
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, out and weights")
check.shape(result[1], (1, 3, 2, 3), "the weights have the shape (batch, n_heads, n_q, n_k)")
shares = torch.tensor([[0.125, 0.375, 0.5], [0.5, 0.125, 0.375], [0.25, 0.25, 0.5]])
shares = torch.stack([shares, torch.full((3, 3), 1 / 3)], dim=1)  # of each head, for both queries
weights = result[1][0]
check.close(weights, shares, "each head's weights are the softmax, over the keys, of its own scores by the root of d_head")
averages = torch.tensor([[[3.0, 5, 5, 3, 3, 6], [4, 4, 6, 4, 4, 6]]])
check.close(result[0], averages, "each head averages its own columns of the values", tolerance=1e-5)
library = nn.MultiheadAttention(6, 3, batch_first=True, dtype=torch.float64)  # and now with other numbers in every layer
state = {name: torch.linspace(place, 9, 6 ** len(size)).double().sin().view(size) for place, (name, size) in enumerate(fixed.items())}
model.to(torch.float64)
model.load_state_dict(state)
query, key, value = (torch.cat([x, x.sin()]).double() for x in (query, key, value))  # two examples
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
expected, shares = library(query, key, value, average_attn_weights=False)
out, weights = check.unchanged(model, query, key, value)
check.close(weights, shares, "with the weights of nn.MultiheadAttention, cross-attention weighs as it does")
check.close(out, expected, "with the weights of nn.MultiheadAttention, cross-attention gives its output")
check.equal([str(out.dtype), str(weights.dtype)], ["torch.float64"] * 2, "out and weights have the dtype of the input")
another = MultiHeadAttention(6, 2)  # made last, with other heads
another.load_state_dict({name: torch.zeros(size) for name, size in fixed.items()})
check.equal(model(query, key, value)[0], out, "two modules have parameters and heads of their own")
found, true = (check.gradient(attention, query, key, value).arguments for attention in (model, library))
for name, mine, right in zip(("query", "key", "value"), found, true):
    check.close(mine, right, f"the {name} gets the right gradient")
check.library("scaled_dot_product_attention", "multi_head_attention_forward", "functional_call", used_by=MultiHeadAttention)
### BEGIN HIDDEN TESTS
rng = check.rng("MultiHeadAttention_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)  # in float32 the order of a sum shows
for batch, n_heads, d_head, n_q, n_k, (dtype, tolerance) in [
    (2, 3, 5, 4, 7, double),
    (3, 5, 2, 7, 4, single),
    (7, 1, 3, 2, 5, double),
    (1, 4, 1, 3, 2, single),
    (2, 2, 4, 1, 1, double),
]:
    state, width = {}, n_heads * d_head
    for name, size in fixed.items():
        state[name] = torch.from_numpy(rng.normal(size=(width,) * len(size)) / width**0.5).to(dtype)
    model = MultiHeadAttention(width, n_heads)
    model.to(dtype)
    model.load_state_dict(state)
    library = nn.MultiheadAttention(width, n_heads, batch_first=True, dtype=dtype)
    for kind in ("weight", "bias"):
        state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
    library.load_state_dict(state)
    query, key, value = (torch.from_numpy(rng.normal(size=(batch, n, width))).to(dtype) for n in (n_q, n_k, n_k))
    for inputs, which in (((query, key, value), "cross-attention"), ((query, query, query), "self-attention")):
        out, weights = check.unchanged(model, *inputs)
        expected, shares = library(*inputs, average_attn_weights=False)
        check.shape(weights, tuple(shares.shape), "the weights have the shape (batch, n_heads, n_q, n_k), in any size")
        check.close(weights, shares, f"with the weights of nn.MultiheadAttention, {which} weighs as it does", tolerance)
        check.close(out, expected, f"with the weights of nn.MultiheadAttention, {which} gives its output", tolerance)
        check.equal([str(out.dtype), str(weights.dtype)], [str(dtype)] * 2, "out and weights have the dtype of the input")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention_masks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = MultiHeadAttention(6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0]]])
alone = torch.tensor([[True, False], [False, True]])
out, weights = check.unchanged(model, x, x, x, alone)
check.close(weights[0], torch.eye(2).expand(3, 2, 2), "True means may look: a key that is alone gets everything, the others 0")
low = "masked keys stay hidden however low the scores of the others are"
for times in (1e12, -1e12):  # with one of the two the score is very low
    check.close(model(times * x, x, x, alone)[1][0], torch.eye(2).expand(3, 2, 2), low)
padding = torch.tensor([[True, False], [False, True]])[:, None, None]  # (batch, 1, 1, n_k): hides a key of each example
twice = torch.cat([x, x])
out, weights = check.unchanged(model, twice, twice, twice, padding)
check.close(weights, padding.float().expand(2, 3, 2, 2), "a mask of shape (batch, 1, 1, n_k) hides keys from all queries")
mask = (torch.arange(36) % 5 > 0).view(2, 3, 2, 3)  # every fifth is hidden: other keys for each example, head and query
key = torch.arange(36.0).sin().view(2, 3, 6)
weights = model(twice, key, key, mask)[1]
each = "a mask of shape (batch, n_heads, n_q, n_k) hides what it should from each head, query and example"
check.equal(weights.masked_fill(mask, 0.0), torch.zeros(2, 3, 2, 3), each)
check.close(weights.sum(-1), torch.ones(2, 3, 2), "the keys not masked share the whole")
### BEGIN HIDDEN TESTS
rng = check.rng("MultiHeadAttention_masks")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = MultiHeadAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
library = nn.MultiheadAttention(width, 3, batch_first=True, dtype=torch.float64)
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
query, key, value = (torch.from_numpy(rng.normal(size=(2, n, width))) for n in (4, 7, 7))
for shape, size in {
    "(n_q, n_k)": (4, 7),
    "(batch, 1, 1, n_k)": (2, 1, 1, 7),
    "(batch, 1, n_q, n_k)": (2, 1, 4, 7),
    "(1, n_heads, n_q, n_k)": (1, 3, 4, 7),
    "(batch, n_heads, n_q, n_k)": (2, 3, 4, 7),
}.items():
    mask = torch.from_numpy(rng.random(size) < 0.5)
    mask[..., 0], mask[..., 3] = True, False
    seen = mask.expand(2, 3, 4, 7)
    expected, shares = library(query, key, value, attn_mask=~seen.flatten(0, 1), average_attn_weights=False)
    out, weights = check.unchanged(model, query, key, value, mask=mask)
    check.close(weights, shares, f"a mask of shape {shape} hides what it should from each head, query and example")
    check.close(out, expected, f"with a mask of shape {shape} the output follows its weights")
    check.equal(weights.masked_fill(seen, 0.0), torch.zeros_like(weights), "masked keys get exactly 0")
    shares = library(query * 1e12, key, value, attn_mask=~seen.flatten(0, 1), average_attn_weights=False)[1]
    weights = model(query * 1e12, key, value, mask=mask)[1]
    check.close(weights, shares, low)
unmasked = model(query, key, value)[1]
padding = (torch.arange(7) < torch.tensor([[5], [3]]))[:, None, None]  # (batch, 1, 1, n_k)
out, weights = model(query, key, value, mask=padding)
noise = [torch.where(padding[:, 0, 0, :, None], x, torch.from_numpy(1e9 * rng.normal(size=(2, 7, width)))) for x in (key, value)]
check.close(model(query, *noise, mask=padding)[0], out, "what stands at a masked key changes nothing", tolerance=1e-9)
everything = model(query, key, value, mask=torch.ones(4, 7, dtype=torch.bool))[1]
check.close(unmasked, everything, "no mask is the same as True everywhere")
model.to(torch.float16)
half, shares = (x.to(torch.float16) for x in (query, key, value)), weights
out, weights = model(*half, mask=padding)
check.equal([str(out.dtype), str(weights.dtype)], ["torch.float16"] * 2, "with a mask, too, they have the dtype of the input")
check.close(weights, shares, "masks work in half precision, too", tolerance=0.02)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention_empty_row", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = MultiHeadAttention(6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0]]])
mask = torch.tensor([[False, False], [True, False]])
out, weights = model(x, x, x, mask)
check.close(weights[0, :, 0], torch.zeros(3, 2), "a query that may look at nothing has weights of 0, not nan")
check.close(weights[0, :, 1], torch.tensor([[1.0, 0.0]] * 3), "an empty row leaves the weights of its neighbours alone")
check.close(out[0, 0], model.state_dict()["out_proj.bias"], "a query with nothing to look at in any head gets the bias of out_proj")
found = check.gradient(model, x, x, x, mask=mask)
arrived = [gradient for gradient in (*found.arguments, *found.parameters.values()) if gradient is not None]
check.equal(all(bool(gradient.isfinite().all()) for gradient in arrived), True, "an empty row makes no gradient nan")
### BEGIN HIDDEN TESTS
rng = check.rng("MultiHeadAttention_empty_row")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = MultiHeadAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
query, key, value = (torch.from_numpy(rng.normal(size=(2, n, width))) for n in (4, 7, 7))
mask = torch.from_numpy(rng.random((2, 3, 4, 7)) < 0.5)
mask[..., 2] = True
full = model(query, key, value, mask=mask)
mask[1], mask[0, :, 1], mask[0, 2, 3] = False, False, False  # an example, a query in all heads, a query in one head
out, weights = check.unchanged(model, query, key, value, mask=mask)
empty = ~mask.any(-1)
check.close(weights[empty], torch.zeros_like(weights[empty]), "wherever everything is masked the weights are 0")
check.close(weights[~empty], full[1][~empty], "an empty row leaves the weights of its neighbours alone")
check.close(out[0, [0, 2]], full[0][0, [0, 2]], "an empty row leaves the output of its neighbours alone")
nothing, bias = torch.cat([out[1], out[0, 1:2]]), state["out_proj.bias"].expand(5, width)
check.close(nothing, bias, "a query with nothing to look at in any head gets the bias of out_proj")
v = F.linear(value, state["v_proj.weight"], state["v_proj.bias"])
averages = torch.cat([weights[:, head] @ v[..., head * 5 : (head + 1) * 5] for head in range(3)], dim=-1)
followed = F.linear(averages, state["out_proj.weight"], state["out_proj.bias"])
check.close(out, followed, "a head with nothing to look at adds nothing to the output")
found = check.gradient(model, query, key, value, mask=mask)
arrived = [gradient for gradient in (*found.arguments, *found.parameters.values()) if gradient is not None]
check.equal(all(bool(gradient.isfinite().all()) for gradient in arrived), True, "an empty row makes no gradient nan")
check.close(found.arguments[1][1], torch.zeros(7, width).double(), "a key that nobody may look at gets no gradient")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "MultiHeadAttention_training", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, MultiHeadAttention, 6, 3)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0]]])
weights = model(x, x, x)[1]
check.equal(bool((weights[:, 0] - weights[:, 1]).abs().max() > 1e-4), True, "the heads of a new module differ")
check.equal(weights.requires_grad, True, "gradients flow through the weights that are returned, too")
arrived = check.gradient(model, x, x, x).parameters.values()
check.equal([gradient is not None for gradient in arrived], [True] * 8, "gradients reach every parameter")
check.raises(ValueError, MultiHeadAttention, 10, 4, property="a width that the heads do not divide is a ValueError")
### BEGIN HIDDEN TESTS
check.raises(ValueError, MultiHeadAttention, 4, 8, property="a width that the heads do not divide is a ValueError")
rng = check.rng("MultiHeadAttention_training")
state, width = {}, 15
for layer in ("q", "k", "v", "out"):
    for kind, size in (("weight", (width, width)), ("bias", width)):
        state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=size) / 4)
model = MultiHeadAttention(width, 3)
model.to(torch.float64)
model.load_state_dict(state)
library = nn.MultiheadAttention(width, 3, batch_first=True, dtype=torch.float64)
for kind in ("weight", "bias"):
    state[f"in_proj_{kind}"] = torch.cat([state.pop(f"{layer}_proj.{kind}") for layer in "qkv"])
library.load_state_dict(state)
query, key, value = (torch.from_numpy(rng.normal(size=(width, n, 2))).permute(2, 1, 0) for n in (4, 7, 7))  # not contiguous
for mask in (None, torch.from_numpy(rng.random((4, 7)) < 0.5) | (torch.arange(7) == 2)):
    gradient = torch.from_numpy(rng.normal(size=(2, 4, width)))
    true = check.gradient(library, query, key, value, attn_mask=None if mask is None else ~mask, output_gradient=gradient)
    out = model(query.contiguous(), key.contiguous(), value.contiguous(), mask=mask)[0]
    check.close(out, true.output, "with the weights of nn.MultiheadAttention it gives its output")
    found = check.gradient(model, query, key, value, mask=mask, output_gradient=gradient)
    check.close(found.output, true.output, "it does not matter how the input lies in memory")
    model.eval()
    check.close(model(query, key, value, mask=mask)[0], true.output, "evaluation gives what training gives")
    model.train()
    for name, mine, right in zip(("query", "key", "value"), found.arguments, true.arguments):
        check.close(mine, right, f"the {name} gets the right gradient")
    check.equal([mine is not None for mine in found.parameters.values()], [True] * 8, "gradients reach every parameter")
    for kind in ("weight", "bias"):
        mine = torch.cat([found.parameters[f"{layer}_proj.{kind}"] for layer in "qkv"])
        check.close(mine, true.parameters[f"in_proj_{kind}"], "q_proj, k_proj and v_proj get the right gradients")
        check.close(found.parameters[f"out_proj.{kind}"], true.parameters[f"out_proj.{kind}"], "out_proj gets the right gradient")
before = model(query, key, value)[0]
another = MultiHeadAttention(width, 5)  # made last, with other heads
another.load_state_dict({name: torch.zeros_like(x) for name, x in another.state_dict().items()})
check.equal(model(query, key, value)[0], before, "two modules have parameters and heads of their own")
model.to("meta")
for mask in (None, torch.ones(4, 7, dtype=torch.bool)):
    check.same_device(model, query, key, value, mask=mask)
### END HIDDEN TESTS

# %% [markdown]
# ## The same as the library's, but for one sign
#
# The next cell moves the weights of `nn.MultiheadAttention` into your module and compares the outputs, for a mask that
# hides the last two keys.
#
# **Predict first.** Both modules get the very same mask. Which keys does the library look at? What has to be passed to it
# instead?

# %%
library_module, own_module = nn.MultiheadAttention(16, 4, batch_first=True), MultiHeadAttention(16, 4)
library_state = library_module.state_dict()
moved = {f"out_proj.{kind}": library_state[f"out_proj.{kind}"] for kind in ("weight", "bias")}
for kind in ("weight", "bias"):
    for layer, rows in zip("qkv", library_state[f"in_proj_{kind}"].chunk(3)):
        moved[f"{layer}_proj.{kind}"] = rows
own_module.load_state_dict(moved)

sequence, first_three = torch.randn(1, 5, 16), torch.tensor([True, True, True, False, False]).expand(5, 5)
own_output, own_weights = own_module(sequence, sequence, sequence, first_three)
for name, mask_there in (("the same mask", first_three), ("its opposite", ~first_three)):
    there, weights_there = library_module(sequence, sequence, sequence, attn_mask=mask_there)
    looked_at = [key for key, weight in enumerate(weights_there[0, 0]) if weight > 0]
    print(f"{name}: the library looks at keys {looked_at}; outputs differ by up to {(there - own_output).abs().max():.0e}")
nothing_there = library_module(sequence, sequence, sequence, attn_mask=torch.ones(5, 5, dtype=torch.bool))[0]
nothing_here = own_module(sequence, sequence, sequence, torch.zeros(5, 5, dtype=torch.bool))[0]
print("an empty row, first two numbers: library", nothing_there[0, 0, :2].tolist(), "yours", nothing_here[0, 0, :2].tolist())

# %% [markdown]
# With the same mask the library looks at exactly the keys it should not see. With the opposite one the outputs agree to
# $10^{-6}$ or less, single precision. Two more differences: the library returns the *average* of the heads' weights unless
# told `average_attn_weights=False`, and an empty row is `nan` there.

# %% [markdown]
# ## What heads cost
#
# It is sometimes said that heads save work, since each is narrow. Count: parameters, multiplications (counted by PyTorch
# while your module runs) and exponentials, for one head of width 256 up to 32 heads of width 8.
#
# **Predict first.** From 1 head to 32, by what factor do the parameters change? The multiplications? The exponentials of
# the softmax?

# %% tags=["skip-execution"]
torch.set_num_threads(1)  # tensors this small gain nothing from more, and timings are steadier
head_counts, tokens = [1, 2, 4, 8, 16, 32], torch.randn(2, 128, 256)
by_heads = {n_heads: MultiHeadAttention(256, n_heads) for n_heads in head_counts}
multiplications = []
print("heads  width  parameters  multiplications  exponentials")
for n_heads, module in by_heads.items():
    with FlopCounterMode(display=False) as counter:
        all_weights = module(tokens, tokens, tokens)[1]
    multiplications.append(counter.get_total_flops() // 2)  # the counter takes a multiplication and its addition for two
    parameters = sum(parameter.numel() for parameter in module.parameters())
    print(f"{n_heads:5} {256 // n_heads:6} {parameters:11,} {multiplications[-1]:16,} {all_weights.numel():13,}")

# %% [markdown]
# Parameters and multiplications stay the same to the last one: $h$ heads compute $h$ times as many scores, each from a
# product $h$ times as short. Vaswani et al. (2017) say so: "the total computational cost is similar". Only the softmax
# grows: every head has an $n_q \times n_k$ map of its own.
#
# **Predict first.** Then which is faster, one head of width 256 or 32 heads of width 8? The next cell times them.

# %% tags=["skip-execution"]
fastest = dict.fromkeys(head_counts, float("inf"))
with torch.no_grad():
    for _ in range(20):  # taking turns, so that a busy moment of the machine hits all alike
        for n_heads, module in by_heads.items():
            start = time.perf_counter()
            module(tokens, tokens, tokens)
            fastest[n_heads] = min(fastest[n_heads], time.perf_counter() - start)
of_one = {
    "multiplications": [count / multiplications[0] for count in multiplications],
    "exponentials": head_counts,
    "time": [fastest[n_heads] / fastest[1] for n_heads in head_counts],
}
what = "heads, together 256 wide"
plots.lines(head_counts, of_one, x=what, y="times that of one head", log_x=True, log_y=True, title="Heads do not save work")
print({n_heads: f"{1000 * seconds:.1f} ms" for n_heads, seconds in fastest.items()})

# %% [markdown]
# On a CPU expect up to 8 heads to be about as fast as one, and 32 heads to take from 2 to 20 times as long: there are
# more maps to write and read, and their products are too narrow to be efficient. Heads are not there to save work. What
# are they there for?

# %% [markdown]
# ## A task with two relations
#
# Sentences like the one at the top come from a small grammar. Each verb, and each word that describes a thing, is asked
# two questions: *who* acts in its clause, and *what thing* is meant?
#
# In "I enjoy eating apples, and I also love using Apple products" the right places are known beforehand: "eating" must
# look at "I" and "apples", "using" at the second "I" and "products". So must "Apple", which here is no fruit. Actors and
# things come from the same twelve words, so that a word itself does not tell its part (and some sentences are odd).

# %%
nouns = "I we cats dogs robots children apples products games songs phones trees".split()
verbs = "eating using drawing chasing finding painting".split()
feelings, adverbs, describing = "enjoy love like prefer".split(), "also really often".split(), "Apple red small old".split()
vocabulary = ["<pad>", ",", "and", *nouns, *verbs, *feelings, *adverbs, *describing]
longest = 14


def clause(chance):
    """Words such as `I also love using Apple products`, drawn at random."""
    actor, thing = chance.sample(nouns, 2)
    perhaps_adverb, perhaps_described = (chance.sample(some, chance.randint(0, 1)) for some in (adverbs, describing))
    return [actor, *perhaps_adverb, chance.choice(feelings), chance.choice(verbs), *perhaps_described, thing]


def sentence(chance):
    """Two clauses, as a list of words."""
    return [*clause(chance), ",", "and", *clause(chance)]


for number in range(3):
    print(" ".join(sentence(random.Random(number))))

# %%
def as_numbers(sentences):
    """Word ids (batch, longest), and (batch, longest, 2) the nouns to name and where they stand, −1 where nothing is asked."""
    ids, answers, places = [], [], []
    for spoken in sentences:
        comma, who_and_what = spoken.index(","), [(-1, -1)] * longest
        for first, last in ((0, comma - 1), (comma + 2, len(spoken) - 1)):  # from the actor of a clause to its thing
            for place in range(first, last):
                if spoken[place] in verbs + describing:
                    who_and_what[place] = first, last  # a verb or a description is asked; other words keep (−1, −1)
        padded = spoken + ["<pad>"] * (longest - len(spoken))
        ids.append([vocabulary.index(word) for word in padded])
        answers.append([[nouns.index(padded[place]) if place >= 0 else -1 for place in pair] for pair in who_and_what])
        places.append(who_and_what)
    return torch.tensor(ids), torch.tensor(answers), torch.tensor(places)


apples = "I enjoy eating apples , and I also love using Apple products".split()
_, _, its_places = as_numbers([apples])
for word, (who, what) in zip(apples, its_places[0].tolist()):
    if who >= 0:
        print(f"{word:>7}: who? {apples[who]}   what? {apples[what]}")

# %% [markdown]
# The model is as small as can be: word vectors, your `MultiHeadAttention` and one linear read-out per question. Positions
# are added to queries and keys and left out of the values: they say *where to look*, and an answer is *what stands
# there*.
#
# With any number of heads it has the same number of parameters.

# %%
class Reader(nn.Module):
    """Names, at every word, the actor and the thing: scores (batch, n, 2, nouns), and the attention weights."""

    def __init__(self, n_heads, d_model=32):
        super().__init__()
        self.words = nn.Embedding(len(vocabulary), d_model)
        self.positions = nn.Parameter(torch.randn(longest, d_model))
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.read_out = nn.Linear(d_model, 2 * len(nouns))

    def forward(self, ids):
        values = self.words(ids)
        placed = values + self.positions  # (batch, longest, d_model)
        out, weights = self.attention(placed, placed, values, (ids > 0)[:, None, None, :])
        return self.read_out(out).unflatten(-1, (2, -1)), weights

# %%
def train(n_heads, seed, steps=300):
    """A reader trained on sentences of its own."""
    torch.manual_seed(seed)
    ids, answers, _ = as_numbers([sentence(random.Random(seed * 10_000 + number)) for number in range(3000)])
    reader = Reader(n_heads)
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.01)
    for _ in range(steps):
        some = torch.randint(len(ids), (64,))
        logits = reader(ids[some])[0]
        loss = F.cross_entropy(logits.flatten(0, 2), answers[some].flatten(), ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return reader

# %% [markdown]
# **Predict first.** Readers with 1, 2 and 4 heads are trained, three of each from different random starts, and asked
# about 500 new sentences. How often does the reader with one head answer the first question rightly? The second? Both?
# The cell takes from 10 to 60 seconds.

# %% tags=["skip-execution"]
new_ids, new_answers, _ = as_numbers([sentence(random.Random(f"new {number}")) for number in range(500)])
asked = new_answers[..., 0] >= 0
readers = {}
print("heads  start   who?   what?   both")
for n_heads in (1, 2, 4):
    for seed in range(3):
        readers[n_heads, seed] = reader = train(n_heads, seed)
        with torch.no_grad():
            right = (reader(new_ids)[0].argmax(dim=-1) == new_answers)[asked]  # (asked words, 2)
        who, what, both = *right.float().mean(dim=0), right.all(dim=-1).float().mean()
        print(f"{n_heads:5} {seed:6} {who:7.0%} {what:7.0%} {both:6.0%}")

# %% [markdown]
# With two heads and with four expect both answers right at 95 % or more. With one head expect nearly 100 % for one
# question and 5 to 15 % for the other, a guess among the eleven other nouns, rarely 30 %. Which question wins differs
# between starts.
#
# **Predict first.** Draw the weights of "eating", "using" and "Apple" in the sentence at the top, for one head and for
# two. Where is each head dark, where bright?

# %% tags=["skip-execution"]
apple_ids, _, _ = as_numbers([apples])
asking = [place for place, word in enumerate(apples) if word in verbs + describing]
maps = {}
for n_heads in (1, 2):
    with torch.no_grad():
        looks = readers[n_heads, 0](apple_ids)[1][0, :, asking, : len(apples)]  # (n_heads, asking words, words)
    maps |= {"the only head" if n_heads == 1 else f"two heads: head {head}": looks[head] for head in range(n_heads)}
plots.heatmaps(list(maps.values()), list(maps), rows=[apples[place] for place in asking], columns=apples, limits=(0, 1))

# %% [markdown]
# Expect the only head to look at one of the two places and to leave the other dark. Of the two heads, one goes to who
# acts ("I" in each clause), the other to the thing: from "eating" to "apples", from "using" and "Apple" to "products".
# Nobody told them; the loss did. Which head does which depends on the random start.

# %% [markdown]
# How firm is the finding? Two choices of ours make the single head fail. The read-out is linear: a hidden layer in it
# could unpick shares of 0.7 and 0.3. And the values hold no positions: with `placed` as the value too, the order could
# pass through them. Try either: from how many starts does one head then answer both questions? Two heads need neither.
#
# In trained language models, too, some heads follow such relations: Clark et al. (2019, *What does BERT look at?*) found
# heads that link verbs and their direct objects. Not all are needed: Michel et al. (2019, *Are sixteen heads really
# better than one?*) removed many from trained models with little loss. Lesson 18 does the same.

# %% [markdown]
# ## Sharing keys and values
#
# When a language model writes, it keeps the keys and values of all earlier tokens, the *KV cache* (lesson 11), and loads
# all of it again for each new token. Shazeer (2019, *Fast transformer decoding: one write-head is all you need*) found
# that this loading, not arithmetic, often sets the pace, and gave all query heads one common head of keys and values:
# *multi-query attention*.
#
# Ainslie et al. (2023, *GQA: training generalized multi-query transformer models from multi-head checkpoints*) go
# half-way, with `n_kv_heads` of them. Each serves a group of $g$ = `n_heads / n_kv_heads` query heads, *in order*: the
# first $g$ query heads use key and value head 0, the next $g$ use head 1, and so on.

# %% [markdown]
# ### Exercise 4 · `GroupedQueryAttention` · 3 points · 20 minutes · harder
#
# Names, biases, mask and results as in exercise 3, but `k_proj` and `v_proj` map to `n_kv_heads · d_head` columns only.
# `d_head` is still `d_model / n_heads`, and the weights still have a map for each query head:
# `(batch, n_heads, n_q, n_k)`. Raise `ValueError` if `n_heads` does not divide `d_model`, or `n_kv_heads` does not divide
# `n_heads`.
#
# <details><summary>Hint</summary>
#
# Split keys and values into `n_kv_heads` heads. Then repeat each head $g$ times: which of `repeat` and
# `repeat_interleave` puts the copies next to each other? From there on all is as in exercise 3, masks included.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for one head of keys, or for as many as queries, and wrong between:* the copies lie in the order 0 1 0 1, and
#   should lie 0 0 1 1.
# - *Sizes do not fit in `k_proj`:* its width is the number of key heads times the width of a *query* head.
# </details>

# %% nbgrader={"grade": false, "grade_id": "GroupedQueryAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GroupedQueryAttention(nn.Module):
    """Attention whose query heads share keys and values in groups (Ainslie et al., 2023); a single group is multi-query."""

    def __init__(self, d_model, n_heads, n_kv_heads):
        """Layers `q_proj`, `k_proj`, `v_proj`, `out_proj`.

        ValueError where `n_heads` does not divide `d_model`, or `n_kv_heads` does not divide `n_heads`.
        """
        super().__init__()
        ### BEGIN SOLUTION
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError(f"{n_kv_heads} heads of keys, {n_heads} of queries and a width of {d_model} do not divide")
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads
        d_kv = n_kv_heads * (d_model // n_heads)
        self.q_proj, self.out_proj = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.k_proj, self.v_proj = nn.Linear(d_model, d_kv), nn.Linear(d_model, d_kv)
        ### END SOLUTION

    def forward(self, query, key, value, mask=None):
        """`(out, weights)`: out (batch, n_q, d_model), weights (batch, n_heads, n_q, n_k).

        The arguments are those of `MultiHeadAttention`, the mask's shapes and its empty rows included.
        """
        ### BEGIN SOLUTION
        group = self.n_heads // self.n_kv_heads
        q = split_heads(self.q_proj(query), self.n_heads)  # (batch, n_heads, n_q, d_head)
        k = split_heads(self.k_proj(key), self.n_kv_heads).repeat_interleave(group, dim=1)  # (batch, n_heads, n_k, d_head)
        v = split_heads(self.v_proj(value), self.n_kv_heads).repeat_interleave(group, dim=1)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (batch, n_heads, n_q, n_k)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return self.out_proj(merge_heads(weights @ v)), weights
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "GroupedQueryAttention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = GroupedQueryAttention(12, 6, 2)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
widths = {"q_proj": 12, "k_proj": 4, "v_proj": 4, "out_proj": 12}
fixed = {f"{layer}.{kind}": (width, *rest) for layer, width in widths.items() for kind, rest in (("weight", (12,)), ("bias", ()))}
check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes")
state = {name: torch.eye(*size) if len(size) == 2 else torch.zeros(size) for name, size in fixed.items()}
model.load_state_dict(state | {"out_proj.weight": 2 * torch.eye(12)})
query = torch.tensor([[[2**0.5] * 12, [0.0] * 12]])  # the second query has scores of 0
key = F.pad(torch.tensor([[[1.0, 1.0, 4.0, 1.0], [3.0, 1.0, 1.0, 1.0]]]).log(), (0, 8))  # eight zeros follow
value = F.pad(torch.tensor([[[4.0, 8.0, 5.0, 10.0], [0.0, 4.0, 0.0, 5.0]]]), (0, 8))
out, weights = model(query, key, value)
check.shape(weights, (1, 6, 2, 2), "the weights have the shape (batch, n_heads, n_q, n_k)")
shares = torch.tensor([[0.25, 0.75]] * 3 + [[0.8, 0.2]] * 3)
check.close(weights[0, 0, 0], shares[0], "a head's weights are the softmax, over the keys, of its scores by the root of d_head")
check.close(weights[0, :, 0], shares, "the query heads of a group, neighbours, share a head of keys")
averages = torch.tensor([[1.0, 5.0] * 3 + [4.0, 9.0] * 3, [2.0, 6.0] * 3 + [2.5, 7.5] * 3])
check.close(out[0], 2 * averages, "the query heads of a group, neighbours, share a head of values", tolerance=1e-5)
check.library("scaled_dot_product_attention", "multi_head_attention_forward", "functional_call", used_by=GroupedQueryAttention)
### BEGIN HIDDEN TESTS
rng = check.rng("GroupedQueryAttention_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)  # in float32 the order of a sum shows
for n_heads, n_kv_heads, d_head, (dtype, tolerance) in [
    (6, 2, 5, double),
    (6, 3, 4, single),
    (6, 1, 5, double),
    (6, 6, 3, single),
    (8, 2, 1, double),
    (1, 1, 5, double),
]:
    width, narrow, group, state, copies = n_heads * d_head, n_kv_heads * d_head, n_heads // n_kv_heads, {}, {}
    rows = torch.cat([torch.arange(d_head) + head // group * d_head for head in range(n_heads)])  # a copy for every query head
    for kind, front in (("weight", (width,)), ("bias", ())):
        for layer, size in (("q", width), ("k", narrow), ("v", narrow), ("out", width)):
            state[f"{layer}_proj.{kind}"] = torch.from_numpy(rng.normal(size=(size, *front)) / width**0.5).to(dtype)
        q, k, v, copies[f"out_proj.{kind}"] = (state[f"{layer}_proj.{kind}"] for layer in ("q", "k", "v", "out"))
        copies[f"in_proj_{kind}"] = torch.cat([q, k[rows], v[rows]])  # the library has no groups
    model = GroupedQueryAttention(width, n_heads, n_kv_heads)
    model.to(dtype)
    sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    fixed = {name: tuple(tensor.shape) for name, tensor in state.items()}
    check.equal(sizes, fixed, "there are keys and values for n_kv_heads heads, in any size")
    model.load_state_dict(state)
    library = nn.MultiheadAttention(width, n_heads, batch_first=True, dtype=dtype)
    library.load_state_dict(copies)
    query, key, value = (torch.from_numpy(rng.normal(size=(2, n, width))).to(dtype) for n in (4, 7, 7))
    for inputs in ((query, key, value), (query, query, query)):
        expected, shares = library(*inputs, average_attn_weights=False)
        out, weights = check.unchanged(model, *inputs)
        check.close(weights, shares, "each query head looks through the keys of its group, in any size", tolerance)
        check.close(out, expected, "each query head averages the values of its group, in any size", tolerance)
        check.equal([str(out.dtype), str(weights.dtype)], [str(dtype)] * 2, "out and weights have the dtype of the input")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "GroupedQueryAttention_masks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = GroupedQueryAttention(8, 4, 2)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0, 0.0, 2.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0, 1.0, -1.0]]])
mask = torch.tensor([[True, False], [False, False]])
out, weights = check.unchanged(model, x, x, x, mask)
alone = torch.tensor([[1.0, 0.0]] * 4)
check.close(weights[0, :, 0], alone, "True means may look: a key that is alone gets everything, the others 0")
check.close(weights[0, :, 1], torch.zeros(4, 2), "a query that may look at nothing has weights of 0, not nan")
low = "masked keys stay hidden however low the scores of the others are"
for times in (1e12, -1e12):  # with one of the two the score is very low
    check.close(model(times * x, x, x, mask)[1][0, :, 0], alone, low)
padding = torch.tensor([[True, False], [False, True]])[:, None, None]  # (batch, 1, 1, n_k): hides a key of each example
twice = torch.cat([x, x])
out, weights = check.unchanged(model, twice, twice, twice, padding)
check.close(weights, padding.float().expand(2, 4, 2, 2), "a mask of shape (batch, 1, 1, n_k) hides keys from all queries")
mask = (torch.arange(48) % 5 > 0).view(2, 4, 2, 3)  # every fifth is hidden: other keys for each example, head and query
key = torch.arange(48.0).sin().view(2, 3, 8)
weights = model(twice, key, key, mask)[1]
each = "a mask of shape (batch, n_heads, n_q, n_k) hides what it should from each head, query and example"
check.equal(weights.masked_fill(mask, 0.0), torch.zeros(2, 4, 2, 3), each)
check.close(weights.sum(-1), torch.ones(2, 4, 2), "the keys not masked share the whole")
### BEGIN HIDDEN TESTS
rng = check.rng("GroupedQueryAttention_masks")
n_heads, d_head, width = 6, 5, 30
state = {}
for layer, size in (("q", 30), ("k", 10), ("v", 10), ("out", 30)):
    state[f"{layer}_proj.weight"] = torch.from_numpy(rng.normal(size=(size, width)) / 5)
    state[f"{layer}_proj.bias"] = torch.from_numpy(rng.normal(size=size) / 5)
model = GroupedQueryAttention(width, n_heads, 2)
model.to(torch.float64)
model.load_state_dict(state)
query, key, value = (torch.from_numpy(rng.normal(size=(2, n, width))) for n in (4, 7, 7))
inputs = {"q": query, "k": key, "v": value}
q, k, v = (F.linear(x, state[f"{layer}_proj.weight"], state[f"{layer}_proj.bias"]) for layer, x in inputs.items())
for shape, size in {
    "(n_q, n_k)": (4, 7),
    "(batch, 1, 1, n_k)": (2, 1, 1, 7),
    "(batch, 1, n_q, n_k)": (2, 1, 4, 7),
    "(1, n_heads, n_q, n_k)": (1, 6, 4, 7),
    "(batch, n_heads, n_q, n_k)": (2, 6, 4, 7),
}.items():
    mask = torch.from_numpy(rng.random(size) < 0.5)
    mask[..., 0], mask[..., 3] = True, False
    mask.view(-1, 7)[-1] = False  # one row is empty: of one query, or of one example, or in one head only
    seen, shares, heads = mask.expand(2, 6, 4, 7), torch.zeros(2, 6, 4, 7).double(), []
    for head in range(n_heads):
        own, shared = slice(head * 5, (head + 1) * 5), slice(head // 3 * 5, (head // 3 + 1) * 5)
        powers = (q[..., own] @ k[..., shared].mT / 5**0.5).exp() * seen[:, head]
        shares[:, head] = powers / powers.sum(-1, keepdim=True).clamp(min=1e-300)
        heads.append(shares[:, head] @ v[..., shared])
    expected = F.linear(torch.cat(heads, dim=-1), state["out_proj.weight"], state["out_proj.bias"])
    out, weights = check.unchanged(model, query, key, value, mask=mask)
    check.close(weights, shares, f"a mask of shape {shape} hides what it should from each head, query and example")
    check.close(out, expected, f"with a mask of shape {shape} the output follows its weights")
    check.equal(weights.masked_fill(seen, 0.0), torch.zeros_like(weights), "masked keys get exactly 0")
    weights = model(query * 1e12, key, value, mask=mask)[1]
    hidden = weights.masked_fill(seen, 0.0)
    check.equal(hidden, torch.zeros_like(weights), low)
    check.close(weights.sum(-1), seen.any(-1).double(), "the keys not masked share the whole however low their scores are")
mask = torch.from_numpy(rng.random((2, 6, 4, 7)) < 0.5)
weights = model(query, key, value, mask=mask)[1]
model.to(torch.float16)
out, half = model(*(x.to(torch.float16) for x in (query, key, value)), mask=mask)
check.equal([str(out.dtype), str(half.dtype)], ["torch.float16"] * 2, "with a mask, too, they have the dtype of the input")
check.close(half, weights, "masks work in half precision, too", tolerance=0.02)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "GroupedQueryAttention_training", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, GroupedQueryAttention, 8, 4, 2)
x = torch.tensor([[[1.0, -2.0, 0.5, 0.0, 3.0, -1.0, 0.0, 2.0], [0.5, 1.0, -1.0, 2.0, 0.0, 1.0, 1.0, -1.0]]])
weights = model(x, x, x)[1]
check.equal(bool((weights[:, 0] - weights[:, 1]).abs().max() > 1e-4), True, "the heads of a new module differ")
check.equal(weights.requires_grad, True, "gradients flow through the weights that are returned, too")
found = check.gradient(model, x, x, x, mask=torch.tensor([[False, False], [True, True]]))
check.equal([gradient is not None for gradient in found.parameters.values()], [True] * 8, "gradients reach every parameter")
arrived = [gradient for gradient in (*found.arguments, *found.parameters.values()) if gradient is not None]
check.equal(all(bool(gradient.isfinite().all()) for gradient in arrived), True, "an empty row makes no gradient nan")
check.raises(ValueError, GroupedQueryAttention, 12, 6, 4, property="groups that do not come out even are a ValueError")
check.raises(ValueError, GroupedQueryAttention, 10, 4, 2, property="a width that the heads do not divide is a ValueError")
### BEGIN HIDDEN TESTS
check.raises(ValueError, GroupedQueryAttention, 24, 4, 8, property="groups that do not come out even are a ValueError")
rng = check.rng("GroupedQueryAttention_training")
n_heads, d_head, width = 6, 5, 30
state = {}
for layer, size in (("q", 30), ("k", 10), ("v", 10), ("out", 30)):
    state[f"{layer}_proj.weight"] = torch.from_numpy(rng.normal(size=(size, width)) / 5)
    state[f"{layer}_proj.bias"] = torch.from_numpy(rng.normal(size=size) / 5)
model = GroupedQueryAttention(width, n_heads, 2)
model.to(torch.float64)
model.load_state_dict(state)
library = nn.MultiheadAttention(width, n_heads, batch_first=True, dtype=torch.float64)
rows = torch.cat([torch.arange(5) + head // 3 * 5 for head in range(n_heads)])  # a copy of the shared rows for every query head
for kind in ("weight", "bias"):
    q, k, v = (state.pop(f"{layer}_proj.{kind}") for layer in "qkv")
    state[f"in_proj_{kind}"] = torch.cat([q, k[rows], v[rows]])
library.load_state_dict(state)
query, key, value = (torch.from_numpy(rng.normal(size=(width, n, 2))).permute(2, 1, 0) for n in (4, 7, 7))  # not contiguous
mask = torch.from_numpy(rng.random((4, 7)) < 0.5) | (torch.arange(7) == 2)
gradient = torch.from_numpy(rng.normal(size=(2, 4, width)))
true = check.gradient(library, query, key, value, attn_mask=~mask, output_gradient=gradient)
out = model(query.contiguous(), key.contiguous(), value.contiguous(), mask=mask)[0]
check.close(out, true.output, "with a copy of the shared weights for every head nn.MultiheadAttention gives the same output")
found = check.gradient(model, query, key, value, mask=mask, output_gradient=gradient)
check.close(found.output, true.output, "it does not matter how the input lies in memory")
model.eval()
check.close(model(query, key, value, mask=mask)[0], true.output, "evaluation gives what training gives")
model.train()
for name, mine, right in zip(("query", "key", "value"), found.arguments, true.arguments):
    check.close(mine, right, f"the {name} gets the right gradient")
check.equal([mine is not None for mine in found.parameters.values()], [True] * 8, "gradients reach every parameter")
for kind in ("weight", "bias"):
    for layer, right in zip("qkv", true.parameters[f"in_proj_{kind}"].chunk(3)):
        mine = found.parameters[f"{layer}_proj.{kind}"]
        right = right if layer == "q" else torch.zeros_like(mine).index_add(0, rows, right)
        check.close(mine, right, f"{layer}_proj gets the right gradient, from all heads that use it")
    check.close(found.parameters[f"out_proj.{kind}"], true.parameters[f"out_proj.{kind}"], "out_proj gets the right gradient")
arrived = check.gradient(model, query, key, value, mask=mask & (torch.arange(4) != 1)[:, None])
arrived = [gradient for gradient in (*arrived.arguments, *arrived.parameters.values()) if gradient is not None]
check.equal(all(bool(gradient.isfinite().all()) for gradient in arrived), True, "an empty row makes no gradient nan")
before = model(query, key, value)[0]
another = GroupedQueryAttention(width, 3, 1)  # made last, with other heads
another.load_state_dict({name: torch.zeros_like(x) for name, x in another.state_dict().items()})
check.equal(model(query, key, value)[0], before, "two modules have parameters and heads of their own")
model.to("meta")
for mask in (None, torch.ones(4, 7, dtype=torch.bool)):
    check.same_device(model, query, key, value, mask=mask)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** A cache holds what `k_proj` and `v_proj` give for 1000 tokens, in float32 and at a width of 512. With
# 8 query heads and 8, 4, 2 or 1 heads of keys and values: how many bytes does it have? And by what factor do the
# multiplications of the scores and averages fall, projections left out?

# %% tags=["skip-execution"]
cached_tokens, newest = torch.randn(1, 1000, 512), torch.randn(1, 1, 512)
kv_heads, cache_bytes = [8, 4, 2, 1], []
for n_kv_heads in kv_heads:
    grouped = GroupedQueryAttention(512, 8, n_kv_heads)
    cached_keys, cached_values = grouped.k_proj(cached_tokens), grouped.v_proj(cached_tokens)
    cache_bytes.append(cached_keys.nbytes + cached_values.nbytes)
    with FlopCounterMode(display=False) as counter:
        grouped(newest, cached_tokens, cached_tokens)
    products = sum(flops for kind, flops in counter.get_flop_counts()["Global"].items() if "bmm" in str(kind)) // 2
    print(f"heads of keys and values: {n_kv_heads}; {cache_bytes[-1]:9,} bytes kept, {products:9,} multiplications with them")
labels = ["8 heads: multi-head", "4 heads: grouped", "2 heads: grouped", "1 head: multi-query"]
megabytes = [kept / 1e6 for kept in cache_bytes]
plots.bars(None, labels, megabytes, title="Cache of one layer, by heads of keys and values", y="MB for 1000 tokens")

# %% [markdown]
# The cache falls from 4.1 MB to 0.5 MB, in proportion to `n_kv_heads`. The multiplications stay: every query head still
# has scores of its own. What is saved is memory, and the time to read it.
#
# At full size: Llama 2 70B (Touvron et al., 2023, *Llama 2: open foundation and fine-tuned chat models*) has 80 layers
# and 64 query heads of width 128, which share 8 heads of keys and values. Keys and values of 4096 tokens, in numbers of
# two bytes, take $2 \cdot 80 \cdot 8 \cdot 128 \cdot 4096 \cdot 2$ bytes: 1.3 GB for each conversation. With 64 heads of
# keys and values they would take 10.7 GB.

# %% [markdown]
# ## What you have now
#
# Heads look at different things and keep them apart, in one matrix product, for the multiplications of one wide head.
# Keys and values can be shared, and the cache shrinks.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: `view` where a transpose belongs, in
# splitting or in merging; scaling by $\sqrt{d_\text{model}}$; softmax over heads or queries; the last projection
# forgotten; key heads copied in the order 0 1 0 1; the library's sign of the mask; a mask of one shape only.
#
# **Further:** in lesson 11 a mask keeps each token from looking ahead and the cache is put to use. What heads learn in a
# trained model, and what removing them costs, is lesson 18.
