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
# # 8 · Self-attention
#
# *100 minutes · PyTorch · 10 points · builds on lessons 6, Weighted sum, and 7, Learning to align*
#
# In lesson 7 a decoder looked at another sequence to find what it had to write next. In "she ate an apple and an orange"
# nothing is translated, and still "apple" has a question: which of my two meanings? The answer stands three words away, in
# the same sentence. What if a sequence looks at itself?
#
# You will build `pool`, `SelfAttention`, `attention_flops` and `path_length`, and be able to
#
# - make queries, keys and values from the same words, and say why three views are needed;
# - say what self-attention cannot know about a sentence;
# - say what it costs, and from which length on;
# - train it to tell the two meanings of "apple" apart, and see where it looks.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from attention_course import check, data, measure, plots

# %% [markdown]
# ## One vector for a sentence
#
# The least that "apple" can take from its sentence is the average of all words. Lesson 2 tried it, and it moved to the
# right side. Real batches hold sentences of unequal length, filled up with padding, which must not count.
#
# **Predict first.** Below are the words of "she ate an apple and an orange", each with four numbers: is it a fruit, is it a
# device, has it two meanings, is it a word. Seven words, padded to nine. What is their average, with the padding and
# without?

# %%
kinds = {"orange": [1.0, 0, 0, 1], "smartphone": [0, 1.0, 0, 1], "apple": [0, 0, 1.0, 1]}  # all other words: [0, 0, 0, 1]


def describe(words):
    return torch.tensor([kinds.get(word, [0.0, 0, 0, 1]) for word in words])  # (n, 4)


fruit_words, device_words = "she ate an apple and an orange".split(), "apple announced a new smartphone".split()
padded = F.pad(describe(fruit_words), (0, 0, 0, 2))  # (9, 4), the last two rows zeros
print("average of nine rows: ", padded.mean(dim=0))
print("average of seven words:", padded[:7].mean(dim=0))

# %% [markdown]
# ### Exercise 1 · `pool` · 2 points · 15 minutes · easy
#
# The padding has turned the last number, which is 1 for every word, into 0.78. So average a sentence's vectors over the
# tokens that are there:
#
# $$\text{pool}(x, m) = \frac{\sum_{i:\, m_i} x_i}{\text{number of } i \text{ with } m_i}$$
#
# What stands at a hidden token has no influence, not even `nan` (lesson 5: 0 times `nan` is `nan`). With no token left
# the result is zeros.
#
# <details><summary>Hint</summary>
#
# The mask has one dimension less than `x`; `mask[..., None]` gives it a last one. `masked_fill` or `torch.where` puts a zero
# where a token is hidden. The count may be 0: divide by at least 1.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The numbers are too small:* the sum was divided by n, not by the number of tokens that are there.
# - *One sentence is right, a batch is not:* sum over the tokens, dimension −2, and count each sentence's own.
# - *`nan` where a hidden token is `nan`:* a product with the mask keeps it; fill in zeros.
# - *`nan` for a sentence of padding only:* this is 0 / 0.
# </details>

# %% nbgrader={"grade": false, "grade_id": "pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool(x, mask):
    """The mean of the tokens at which `mask` is True: `(..., n, d)` to `(..., d)`; zeros where it is True nowhere.

    x: floats, left as they were. mask: boolean (..., n), with the dimensions in front that x has.
    What stands at a hidden token, be it nan or infinite, has no influence. The result has the dtype and device of x, and
    gradients flow to the tokens that count.
    """
    ### BEGIN SOLUTION
    total = x.masked_fill(~mask[..., None], 0.0).sum(dim=-2)  # (..., d)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pool_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[[1.0, 10.0], [3.0, 30.0], [8.0, 80.0]], [[2.0, 0.0], [4.0, 8.0], [6.0, 1.0]]])  # two sentences of three tokens
mask = torch.tensor([[True, True, False], [True, True, True]])
pooled = check.unchanged(pool, x, mask)
check.shape(pooled, (2, 2), "there is one vector for each sentence")
check.close(pooled[0], [2.0, 20.0], "a hidden token does not count, neither in the sum nor in the number of tokens")
check.close(pooled, [[2.0, 20.0], [4.0, 3.0]], "each sentence is averaged over its own tokens")
check.close(pool(x[0], mask[0]), [2.0, 20.0], "a single sentence, without a batch, is averaged in the same way")
### BEGIN HIDDEN TESTS
rng = check.rng("pool_values")
for size in [(5, 3), (1, 4), (2, 5, 3), (3, 3, 3), (7, 4, 1), (2, 3, 5, 4), (2, 2, 1, 3, 2)]:
    for dtype in (torch.float32, torch.float64):
        x = torch.from_numpy(rng.normal(size=size)).to(dtype)
        mask = torch.from_numpy(rng.random(size[:-1]) < 0.6)
        mask[..., 0] = True
        pooled, expected = check.unchanged(pool, x, mask), np.zeros((*size[:-2], size[-1]))
        for place in np.ndindex(size[:-2]):
            expected[place] = np.mean([row.numpy() for row, there in zip(x[place], mask[place]) if there], axis=0)
        check.shape(pooled, expected.shape, "the dimension of the tokens is gone and the others stay")
        check.close(pooled.double(), expected, "each sentence is averaged over its own tokens, in any size", tolerance=1e-6)
        check.equal(str(pooled.dtype), str(dtype), "the result has the dtype of x")
check.close(pool(x + 1e6, mask), expected + 1e6, "it is as exact as float64 can be", tolerance=1e-14)
x, mask = torch.from_numpy(rng.normal(size=(3, 5, 2))).permute(2, 1, 0), torch.from_numpy(rng.random((5, 2)) < 0.6).T
mask = mask | (torch.arange(5) == 2)
expected = torch.stack([x[i][mask[i]].mean(dim=0) for i in range(2)])
check.close(pool(x, mask), expected, "it does not matter how x and mask lie in memory")
gradient = torch.from_numpy(rng.normal(size=(2, 3)))
arrived = check.gradient(pool, x, mask, output_gradient=gradient).arguments[0]
shares = (mask.double() / mask.sum(dim=1, keepdim=True))[..., None] * gradient[:, None]
check.close(arrived, shares, "gradients come through to the tokens that count, and to no other")
half = pool(x.to(torch.float16), mask)
check.equal(str(half.dtype), "torch.float16", "the result has the dtype of x, half precision too")
check.close(half, expected, "it works in half precision, too", tolerance=0.005)
check.same_device(pool, x, mask, property="the result is on the device of x")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "pool_hidden_tokens", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.tensor([[1.0, 10.0], [float("nan"), 2.0], [3.0, 30.0]])
pooled = check.unchanged(pool, x, torch.tensor([True, False, True]))
check.close(pooled, [2.0, 20.0], "what stands at a hidden token has no influence, not even nan")
nothing = check.unchanged(pool, x[::2], torch.tensor([False, False]))
check.close(nothing, [0.0, 0.0], "a sentence without any token gives zeros, not nan")
both = pool(torch.stack([x[::2], x[::2]]), torch.tensor([[True, True], [False, False]]))
check.close(both, [[2.0, 20.0], [0.0, 0.0]], "beside a sentence without any token the others are averaged as ever")
### BEGIN HIDDEN TESTS
rng = check.rng("pool_hidden_tokens")
for dtype in (torch.float32, torch.float64, torch.float16):
    x = torch.from_numpy(rng.normal(size=(3, 5, 4))).to(dtype)
    mask = torch.from_numpy(rng.random((3, 5)) < 0.5)
    mask[0], mask[1, 2], mask[2] = False, True, torch.tensor([True, False, True, False, False])
    expected = [np.zeros(4), *(np.mean(x[place][mask[place]].double().numpy(), axis=0) for place in (1, 2))]
    pooled, exact = pool(x, mask), 0.005 if dtype == torch.float16 else 1e-6
    check.equal(pooled[0], torch.zeros(4).to(dtype), "an empty sentence gives exactly 0")
    check.close(pooled.double(), np.array(expected), "an empty sentence leaves its neighbours alone", tolerance=exact)
    for odd in (float("nan"), float("inf"), -float("inf"), torch.finfo(dtype).max):
        spoilt = torch.where(mask[..., None], x, torch.tensor(odd, dtype=dtype))
        found = check.unchanged(pool, spoilt, mask)
        check.equal(found, pooled, "hidden tokens have no influence, whatever stands there")
check.equal(pool(torch.full((4, 3), float("nan")), torch.zeros(4) > 0), torch.zeros(3), "an empty sentence of nan gives zeros")
tiny = torch.tensor([[1e-30, 1.0], [3e-30, 2.0]])
check.close(pool(tiny, torch.tensor([True, True])) * 1e30, [2.0, 1.5e30], "small numbers count with their own size")
x = torch.from_numpy(rng.normal(size=(2, 3, 4)))
mask = torch.tensor([[False, False, False], [True, False, True]])
arrived = check.gradient(pool, x, mask).arguments[0]
expected = (mask / torch.tensor([[1.0], [2.0]]).double())[..., None].expand(2, 3, 4)
check.close(arrived, expected, "a sentence without any token makes no gradient nan")
### END HIDDEN TESTS

# %%
for words in (fruit_words, device_words):
    print(pool(describe(words), torch.ones(len(words), dtype=torch.bool)).numpy().round(2), " ".join(words))

# %% [markdown]
# The average knows that there is a fruit in the one sentence and a device in the other. But it is *one* vector for the whole
# sentence: "she", "ate" and "apple" would all get the same, and in a longer sentence a clue is a smaller part of it. Each
# word needs an average of its own, with weights that fit its own question.

# %% [markdown]
# ## Three views of the same words
#
# Lesson 6 has what is needed, attention with queries, keys and values. The nearest thing to try: let the words themselves be
# all three.
#
# **Predict first.** With the words' own vectors as queries and keys, which score of "apple" is the largest? And is
# there a difference between how much "apple" asks "orange" and how much "orange" asks "apple"?

# %%
X = describe(fruit_words)  # (7, 4)
plots.heatmap(X @ X.T, fruit_words, fruit_words, "Dot products of the words themselves", label="score")

# %% [markdown]
# "apple" scores highest with itself, and with "orange" no higher than with "she". The matrix is symmetrical, too: its
# score for "orange" is that of "orange" for "apple". Yet "apple" needs "orange", while "orange" has no need of "apple".
#
# So three matrices, to be learned, make three views of each word (Vaswani et al., 2017):
#
# $$Q = X W_Q^\top \qquad K = X W_K^\top \qquad V = X W_V^\top \qquad
# \text{out} = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V$$
#
# A *query* says what a word looks for, a *key* what it can be found by, a *value* what it hands over. All come from the
# same $X$; that is the "self".

# %% [markdown]
# Attention within one text was used before: by Cheng, Dong and Lapata (2016, *Long short-term memory-networks for
# machine reading*), inside a recurrent network, and by Lin et al. (2017, *A structured self-attentive sentence embedding*),
# on top of one. Vaswani et al. did without one.

# %% [markdown]
# ### Exercise 2 · `SelfAttention` · 5 points · 25 minutes · medium
#
# Three layers `nn.Linear` without bias, named `q_proj`, `k_proj` (both from width `d_model` to `d_k`) and `v_proj` (to
# `d_v`): their three weights are the whole `state_dict`. There is no layer after the sum, and no dropout. Write the
# attention itself from simpler operations; a library's softmax is allowed, its attention is not.
#
# The mask is boolean, `True` = *may look*, and broadcasts to the weights `(..., n, n)`. Two shapes you will use:
# `(batch, 1, n)` hides padding from all queries, `(n, n)` says for all sentences who may look at whom. Scores may be large;
# what is hidden here holds numbers, not `nan`.
#
# **Three steps make a safe mask.** Hidden scores become the lowest number of their dtype, `torch.finfo(scores.dtype).min`;
# then the softmax; then hidden weights become 0 once more, for the rows in which nothing was left.
#
# <details><summary>Hint</summary>
#
# In `__init__`, `self.q_proj = nn.Linear(d_model, d_k, bias=False)`. For any dimensions in front, `k.transpose(-2, -1)`
# swaps the last two. `scores.masked_fill(~mask, number)` writes a number where the mask is False.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The `state_dict` is not as it should be:* `bias=False`; `d_k` for queries and keys, `d_v` for values; no other layer.
# - *The weights are too even or too sharp:* the scale is the root of `d_k`, not of `d_model` or `d_v`, nor `d_k` itself.
# - *The weights are right, the result is not:* the values are summed, not the words, and with `weights`, not their transpose.
# - *Each query's weights do not sum to one:* the softmax runs over the keys, the last dimension.
# - *Right for a batch, wrong for one sentence:* count dimensions from the end.
# - *Hidden keys share what is not theirs, or a row sums to less than 1:* mask before the softmax.
# - *"... empty":* the third step is missing.
# </details>

# %% nbgrader={"grade": false, "grade_id": "SelfAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SelfAttention(nn.Module):
    """Scaled dot-product attention of a sequence to itself, with one head (Vaswani et al., 2017, section 3.2.1)."""

    def __init__(self, d_model, d_k, d_v):
        """Layers `q_proj`, `k_proj`, `v_proj`, without bias, and nothing else that is learned."""
        super().__init__()
        ### BEGIN SOLUTION
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        ### END SOLUTION

    def forward(self, x, mask=None):
        """`(out, weights)`: out (..., n, d_v), weights (..., n, n), a row for each query and a column for each key.

        x: (..., n, d_model), any dimensions in front, of the module's dtype and on its device; left as it was.
        mask: boolean, True = may look, broadcasts to the weights; hidden keys get a weight of exactly 0.
        A row in which everything is hidden has weights and output 0. Gradients flow through both results.
        """
        ### BEGIN SOLUTION
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)  # (..., n, d_k) twice, (..., n, d_v)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (..., n, n)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "SelfAttention_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
model = SelfAttention(3, 4, 2)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
fixed = {"q_proj.weight": (4, 3), "k_proj.weight": (4, 3), "v_proj.weight": (2, 3)}
check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes")
asks = F.pad(torch.eye(3)[[2, 0, 1]], (0, 0, 0, 1))  # each of three words asks for the next one
asks = {"q_proj.weight": 2 * np.log(3) * asks, "k_proj.weight": torch.eye(4, 3)}
model.load_state_dict(asks | {"v_proj.weight": torch.tensor([[1.0, 2.0, 6.0], [10.0, 0.0, 50.0]])})
x = F.one_hot(torch.tensor([[0, 1, 2], [0, 0, 1]])).float()  # two sentences of three words: 0 1 2 and 0 0 1
result = check.unchanged(model, x)
pair = "a pair" if isinstance(result, (tuple, list)) and len(result) == 2 else "no pair"
check.equal(pair, "a pair", "the result is a pair, out and weights")
out, weights = result
check.shape(weights, (2, 3, 3), "the weights have the shape (..., n, n)")
fifths = torch.tensor([[[1.0, 3, 1], [1, 1, 3], [3, 1, 1]], [[1, 1, 3], [1, 1, 3], [5 / 3, 5 / 3, 5 / 3]]]) / 5
softmaxed = "each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k"
check.close(weights, fifths, softmaxed)
averages = torch.tensor([[[2.6, 12.0], [4.2, 32.0], [2.2, 16.0]], [[1.6, 4.0], [1.6, 4.0], [4 / 3, 20 / 3]]])
check.close(out, averages, "each word's result is the sum of its sentence's values with these weights", tolerance=1e-5)
check.close(model(x[1])[0], averages[1], "a sentence alone gives what it gives in a batch", tolerance=1e-5)
ready_made = "scaled_dot_product_attention", "MultiheadAttention", "multi_head_attention_forward", "functional_call"
check.library(*ready_made, used_by=SelfAttention)
### BEGIN HIDDEN TESTS
rng = check.rng("SelfAttention_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)  # in float32 the order of a sum shows
for front, n, d_model, d_k, d_v, (dtype, exact) in [
    ((), 5, 6, 4, 7, double),
    ((2,), 5, 3, 7, 4, single),
    ((3,), 3, 3, 3, 3, double),
    ((5,), 1, 4, 3, 2, double),
    ((2, 3), 4, 7, 2, 5, double),
    ((4,), 7, 5, 1, 1, single),
    ((1,), 6, 1, 5, 3, double),
]:
    model, words = SelfAttention(d_model, d_k, d_v), {"q_proj": d_k, "k_proj": d_k, "v_proj": d_v}
    state = {f"{name}.weight": torch.from_numpy(rng.normal(size=(size, d_model))).to(dtype) for name, size in words.items()}
    model.to(dtype)
    model.load_state_dict(state)
    x = torch.from_numpy(rng.normal(size=(*front, n, d_model))).to(dtype)
    q, k, v = (np.einsum("...i,oi->...o", x.double().numpy(), weight.double().numpy()) for weight in state.values())
    shares = np.exp(np.einsum("...qd,...kd->...qk", q, k) / d_k**0.5)
    shares /= shares.sum(axis=-1, keepdims=True)
    sums = np.einsum("...qk,...kd->...qd", shares, v)
    out, weights = check.unchanged(model, x)
    check.shape(weights, (*front, n, n), "the weights have the shape (..., n, n), in any size")
    check.close(weights.double(), shares, "queries look through the keys of their own sentence, in any size", tolerance=exact)
    check.shape(out, (*front, n, d_v), "the result has the shape (..., n, d_v), in any size")
    check.close(out.double(), sums, "each word sums the values of its own sentence, in any size", tolerance=exact)
    check.equal([str(out.dtype), str(weights.dtype)], [str(dtype)] * 2, "out and weights have the dtype of the input")
    model.eval()
    check.equal(model(x)[0], out, "evaluation gives what training gives")
library = nn.MultiheadAttention(5, 1, bias=False, batch_first=True, dtype=torch.float64)
model = SelfAttention(5, 5, 5)
model.to(torch.float64)
state = {f"{layer}_proj.weight": torch.from_numpy(rng.normal(size=(5, 5))) for layer in "qkv"}
model.load_state_dict(state)
library.load_state_dict({"in_proj_weight": torch.cat(list(state.values())), "out_proj.weight": torch.eye(5).double()})
x = torch.from_numpy(rng.normal(size=(2, 7, 5)))
out, weights = model(x)
expected, shares = library(x, x, x)
check.close(weights, shares, "with the weights of nn.MultiheadAttention, of one head, it weighs as that does")
check.close(out, expected, "with the weights of nn.MultiheadAttention, of one head, it gives its output")
weights = model(1e4 * x)[1]
check.close(weights.sum(dim=-1), torch.ones(2, 7).double(), "large scores do not overflow")
check.close(weights.amax(dim=-1), torch.ones(2, 7).double(), "large scores make a choice", tolerance=1e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "SelfAttention_masks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = SelfAttention(3, 4, 2)
asks = F.pad(torch.eye(3)[[2, 0, 1]], (0, 0, 0, 1))  # each of three words asks for the next one
asks = {"q_proj.weight": 2 * np.log(3) * asks, "k_proj.weight": torch.eye(4, 3)}
model.load_state_dict(asks | {"v_proj.weight": torch.tensor([[1.0, 2.0, 6.0], [10.0, 0.0, 50.0]])})
x = torch.eye(3)
out, weights = check.unchanged(model, x, torch.tensor([True, True, False]))
quarters = torch.tensor([[1.0, 3.0, 0.0], [2.0, 2.0, 0.0], [3.0, 1.0, 0.0]]) / 4
check.close(weights, quarters, "True means may look, and the keys that are left share the whole")
averages = quarters @ torch.tensor([[1.0, 10.0], [2.0, 0.0], [6.0, 50.0]])
check.close(out, averages, "the output follows the masked weights", tolerance=1e-5)
padding = torch.tensor([[[True, True, False]], [[True, True, True]]])  # (batch, 1, n): the first sentence ends in padding
weights = check.unchanged(model, torch.stack([x, x]), padding)[1]
check.close(weights[0], quarters, "a mask of shape (batch, 1, n) hides each sentence's own padding")
check.close(weights[1], model(x)[1], "a mask of True everywhere changes nothing")
### BEGIN HIDDEN TESTS
rng = check.rng("SelfAttention_masks")
n, d_model, d_k, d_v = 7, 5, 3, 4
model = SelfAttention(d_model, d_k, d_v)
model.to(torch.float64)
sizes = {"q_proj.weight": d_k, "k_proj.weight": d_k, "v_proj.weight": d_v}
state = {name: torch.from_numpy(rng.normal(size=(size, d_model))) for name, size in sizes.items()}
model.load_state_dict(state)
for front, shape in [
    ((2,), (7,)),
    ((2,), (7, 7)),
    ((2,), (2, 1, 7)),
    ((2,), (2, 7, 7)),
    ((7,), (7, 1, 7)),
    ((), (7, 7)),
    ((3, 2), (3, 1, 1, 7)),
    ((3, 2), (2, 7, 7)),
]:
    x = torch.from_numpy(rng.normal(size=(*front, n, d_model)))
    mask = torch.from_numpy(rng.random(shape) < 0.5)
    mask[..., 0], mask[..., 3] = True, False
    seen = mask.expand(*front, n, n)
    q, k, v = (F.linear(x, weight) for weight in state.values())
    powers = (q @ k.mT / d_k**0.5).exp() * seen
    shares = powers / powers.sum(dim=-1, keepdim=True)
    out, weights = check.unchanged(model, x, mask=mask)
    check.shape(weights, (*front, n, n), "the weights keep their shape (..., n, n) under any mask")
    check.close(weights, shares, f"a mask of shape {shape} hides what it should from each query and sentence")
    check.close(out, shares @ v, f"with a mask of shape {shape} the output follows its weights")
    check.equal(weights.masked_fill(seen, 0.0), torch.zeros_like(weights), "hidden keys get exactly 0")
    weights = model(1e8 * x, mask=mask)[1]
    hidden = weights.masked_fill(seen, 0.0)
    check.equal(hidden, torch.zeros_like(weights), "hidden keys stay hidden however low the scores of the others are")
    whole = torch.ones(*front, n).double()
    check.close(weights.sum(dim=-1), whole, "the keys not hidden share the whole however low their scores are")
x = torch.from_numpy(rng.normal(size=(2, n, d_model)))
padding = torch.arange(n) < torch.tensor([[5], [3]])  # (batch, n)
out, weights = model(x, padding[:, None])
noise = torch.where(padding[..., None], x, torch.from_numpy(1e6 * rng.normal(size=x.shape)))
with_noise = model(noise, padding[:, None])[0]
check.close(with_noise[padding], out[padding], "what stands at a hidden token changes nothing for the others")
model.eval()
check.close(model(x, padding[:, None])[1], weights, "in evaluation, too, the mask hides what it hides in training")
model.train()
check.equal(model(x, padding[:, None])[1].requires_grad, True, "with a mask, too, gradients flow through the weights")
model.to(torch.float16)
half_out, half = model(x.to(torch.float16), padding[:, None])
check.equal([str(half_out.dtype), str(half.dtype)], ["torch.float16"] * 2, "with a mask, too, they have the dtype of the input")
check.close(half, weights, "masks work in half precision, too", tolerance=0.02)
model.to(torch.bfloat16)
half = model(x.to(torch.bfloat16), padding[:, None])[1]
check.close(half, weights, "masks work in bfloat16, too", tolerance=0.1)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "SelfAttention_empty_row", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = SelfAttention(3, 4, 2)
model.load_state_dict({"q_proj.weight": torch.eye(4, 3), "k_proj.weight": torch.eye(4, 3), "v_proj.weight": torch.ones(2, 3)})
out, weights = model(torch.eye(3), torch.tensor([[True, False, False], [False, False, False], [False, True, False]]))
check.close(weights[1], [0.0, 0.0, 0.0], "a row that is empty, nothing to look at, has weights of 0, not nan and not a third")
check.close(out, [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]], "a row that is empty gives zeros, and its neighbours are left alone")
### BEGIN HIDDEN TESTS
rng = check.rng("SelfAttention_empty_row")
model = SelfAttention(5, 3, 4)
model.to(torch.float64)
sizes = {"q_proj.weight": 3, "k_proj.weight": 3, "v_proj.weight": 4}
model.load_state_dict({name: torch.from_numpy(rng.normal(size=(size, 5))) for name, size in sizes.items()})
x = torch.from_numpy(rng.normal(size=(3, 7, 5)))
mask = torch.from_numpy(rng.random((3, 7, 7)) < 0.5)
mask[..., 2] = True
full = model(x, mask)
mask[1], mask[0, 4] = False, False  # a sentence, and one query
out, weights = check.unchanged(model, x, mask)
empty = ~mask.any(dim=-1)
check.equal(weights[empty], torch.zeros(8, 7).double(), "wherever everything is hidden the weights are 0")
check.equal(out[empty], torch.zeros(8, 4).double(), "wherever everything is hidden the output is 0")
check.close(weights[~empty], full[1][~empty], "an empty row leaves the weights of its neighbours alone")
check.close(out[~empty], full[0][~empty], "an empty row leaves the output of its neighbours alone")
out, weights = model(x, torch.zeros(3, 1, 7, dtype=torch.bool))
check.equal(weights, torch.zeros(3, 7, 7).double(), "a smaller mask that hides everything gives weights of 0, of full shape")
check.equal(out, torch.zeros(3, 7, 4).double(), "a smaller mask that hides everything gives an output of 0")
found = check.gradient(model, x, mask=mask)
arrived = [found.arguments[0], *found.parameters.values()]
finite = all(gradient is not None and bool(gradient.isfinite().all()) for gradient in arrived)
check.equal(finite, True, "an empty row makes no gradient nan")
check.close(found.arguments[0][1], torch.zeros(7, 5).double(), "a sentence that is hidden altogether gets no gradient")
model.to(torch.float16)
weights = model(x.to(torch.float16), mask)[1]
check.equal(weights[empty], torch.zeros(8, 7).to(torch.float16), "empty rows are zeros in half precision, too")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "SelfAttention_training", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, SelfAttention, 4, 4, 4)
layers = [model.state_dict()[f"{layer}_proj.weight"] for layer in "qkv"]
apart = [bool((one - other).abs().max() > 1e-3) for one, other in [layers[:2], layers[1:], layers[::2]]]
check.equal(apart, [True] * 3, "queries, keys and values of a new module have matrices of their own")
x = torch.tensor([[1.0, -2.0, 0.5, 0.0], [0.5, 1.0, -1.0, 2.0], [0.0, 1.0, 1.0, -1.0]])
check.equal(model(x)[1].requires_grad, True, "gradients flow through the weights that are returned, too")
found = check.gradient(model, x)
check.equal([gradient is not None for gradient in found.parameters.values()], [True] * 3, "gradients reach all three matrices")
### BEGIN HIDDEN TESTS
rng = check.rng("SelfAttention_training")
n, d_model, d_k, d_v = 7, 5, 3, 4
model = SelfAttention(d_model, d_k, d_v)
model.to(torch.float64)
sizes = {"q_proj.weight": d_k, "k_proj.weight": d_k, "v_proj.weight": d_v}
state = {name: torch.from_numpy(rng.normal(size=(size, d_model))) for name, size in sizes.items()}
model.load_state_dict(state)


def library_attention(x, q, k, v, mask=None):
    return F.scaled_dot_product_attention(F.linear(x, q), F.linear(x, k), F.linear(x, v), mask)


x = torch.from_numpy(rng.normal(size=(d_model, n, 2))).permute(2, 1, 0)  # (2, n, d_model), not contiguous
for mask in (None, torch.from_numpy(rng.random((n, n)) < 0.5) | (torch.arange(n) == 2)):
    gradient = torch.from_numpy(rng.normal(size=(2, n, d_v)))
    true = check.gradient(library_attention, x, *state.values(), mask=mask, output_gradient=gradient)
    found = check.gradient(model, x, mask=mask, output_gradient=gradient)
    check.close(found.output, true.output, "it does not matter how the input lies in memory")
    check.close(found.arguments[0], true.arguments[0], "the words get the right gradient, from all three views")
    for name, right in zip(sizes, true.arguments[1:]):
        check.close(found.parameters[name], right, f"{name} gets the right gradient")
one, other = (SelfAttention(d_model, d_k, d_v).state_dict()["q_proj.weight"] for _ in range(2))
check.equal(bool((one - other).abs().max() > 1e-3), True, "two new modules begin with numbers of their own")
before = model(x)[0]
another = SelfAttention(d_model, d_k, d_v)  # made last
another.load_state_dict({name: torch.zeros_like(weight).float() for name, weight in state.items()})
check.equal(model(x)[0], before, "two modules have matrices of their own")
model.to("meta")
for mask in (None, torch.ones(n, n, dtype=torch.bool)):
    check.same_device(model, x, mask=mask)
### END HIDDEN TESTS

# %% [markdown]
# ## One set of matrices for every sentence
#
# Before anything is learned, let us set the three matrices by hand. A word of two meanings asks (its query is 6, all others
# are 0); fruits and devices answer (their key is 1); the value of a fruit is 1, that of a device −1, of all others 0.
#
# **Predict first.** With $d_k = 1$ nothing is scaled, and $e^6$ is about 403. About how much of its weight does "apple"
# give to "orange"? Which rows of the maps are even? Which number comes out at "apple" in each sentence?

# %%
by_hand = SelfAttention(4, 1, 1)
by_hand.load_state_dict({
    "q_proj.weight": torch.tensor([[0.0, 0, 6, 0]]),  # columns: fruit, device, two meanings, a word
    "k_proj.weight": torch.tensor([[1.0, 1, 0, 0]]),
    "v_proj.weight": torch.tensor([[1.0, -1, 0, 0]]),
})
figure, panels = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
for panel, words in zip(panels, [fruit_words, device_words]):
    with torch.no_grad():
        out, hand_weights = by_hand(describe(words))
    plots.heatmap(hand_weights, words, words, " ".join(words), panel, colorbar=False)
    print("comes out:", ", ".join(f"{word} {number:.2f}" for word, number in zip(words, out[:, 0])))

# %% [markdown]
# "apple" gives 0.99 to the word that can tell it what it is, and leaves as 0.99 in the one sentence and as −0.99 in the
# other, though the row that went in was the same. Words that ask nothing look everywhere alike: they get the average, 1/7
# and −1/5.
#
# "orange" and "smartphone" are found by the same key and hand over different values: what a word is found by is not what it
# has to say, and neither is what it asks. Hence three views.
#
# No weight is stored for a place or a sentence. The matrices say how to ask and how to answer; the words do the rest, and
# there may be any number of them. Later in this lesson such matrices are learned.

# %% [markdown]
# ## Order does not matter
#
# "the dog chased the cat" and "the cat chased the dog" hold the same words.
#
# **Predict first.** A new, untrained module reads both, each word with a random vector of its own. How do the vectors of
# "dog" in the two sentences differ? The averages of the two sentences?

# %%
torch.manual_seed(0)
first, second = "the dog chased the cat".split(), "the cat chased the dog".split()
random_vector = {word: torch.randn(16) for word in sorted(set(first))}
untrained, reads = SelfAttention(16, 8, 16), {}
with torch.no_grad():
    for words in (first, second):
        out, order_weights = untrained(torch.stack([random_vector[word] for word in words]))
        everyone = torch.ones(len(words), dtype=torch.bool)
        reads[" ".join(words)] = out[words.index("dog")], pool(out, everyone), order_weights
dog, average, maps = zip(*reads.values())
of_dog, of_average = ((one - other).abs().max() for one, other in (dog, average))
print(f"vectors of dog differ by up to {of_dog:.0e}, the averages by {of_average:.0e}")
figure, panels = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
for panel, words, weights_of in zip(panels, [first, second], maps):
    plots.heatmap(weights_of, words, words, " ".join(words), panel, colorbar=False)

# %% [markdown]
# Not at all, apart from the last digit of a float. The second map has the rows and columns of the first in another order.
#
# It holds for every sequence and every module, trained or not, as long as no mask tells places apart: if $P$ puts rows in
# another order, $\text{out}(PX) = P\,\text{out}(X)$. Nothing in the formula knows *where* a word stands. The next cell
# shuffles a hundred random sequences.

# %%
largest = 0.0
with torch.no_grad():
    for _ in range(100):
        sequence, shuffled = torch.randn(20, 16), torch.randperm(20)
        out, out_of_shuffled = untrained(sequence)[0], untrained(sequence[shuffled])[0]
        largest = max(largest, (out_of_shuffled - out[shuffled]).abs().max().item())
print(f"permuted in, permuted out: largest difference {largest:.0e}")

# %% [markdown]
# To self-attention without a mask a sentence is a *bag of words*. Who chased whom is lost, however many such layers are
# stacked. Order has to be put into the vectors; lesson 9 does that.

# %% [markdown]
# ## What it costs
#
# Every word looks at every word: $n$ tokens make $n^2$ pairs. How much work is that beside the rest?

# %% [markdown]
# ### Exercise 3 · `attention_flops` · 1 point · 10 minutes · easy
#
# Count floating-point operations for one sequence of $n$ tokens with $d_\text{model} = d_k = d_v = d$. Only matrix products
# count. A multiplication is one operation and an addition another, so that an $(a \times b)$ matrix times a $(b \times c)$
# matrix costs $2abc$. Return two numbers:
#
# - `projections`: the products of `q_proj`, `k_proj` and `v_proj`;
# - `pairs`: the products that make the scores and the output.
#
# <details><summary>Hint</summary>
#
# Write the shapes down first: $X$ is $(n \times d)$ and each $W$ is $(d \times d)$; $Q$ is $(n \times d)$ and $K^\top$ is
# $(d \times n)$; the weights are $(n \times n)$ and $V$ is $(n \times d)$.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Half of what it should be:* additions count, too.
# - *Two thirds, or four thirds:* there are three projections, and no layer after the sum.
# - *`pairs` is half:* the weighted sum costs as much as the scores.
# - *Both are wrong:* `projections` comes first.
# </details>

# %% nbgrader={"grade": false, "grade_id": "attention_flops", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_flops(n, d):
    """`(projections, pairs)`: operations in the matrix products of self-attention for n tokens of width d."""
    ### BEGIN SOLUTION
    projections = 3 * 2 * n * d * d
    pairs = 2 * n * d * n + 2 * n * n * d  # scores, then output
    return projections, pairs
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attention_flops_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.equal(np.size(attention_flops(3, 5)), 2, "the result is a pair, projections and pairs")
projections, pairs = attention_flops(3, 5)
check.equal(projections, 450, "three tokens of width 5: three products of 3 × 5 by 5 × 5, each of 150 operations")
check.equal(pairs, 180, "three tokens of width 5: products of 3 × 5 by 5 × 3 and of 3 × 3 by 3 × 5, each of 90 operations")
### BEGIN HIDDEN TESTS
rng = check.rng("attention_flops_values")
for n, d in [(1, 1), (1, 7), (6, 1), (5, 5), *(tuple(int(size) for size in rng.integers(2, 40, size=2)) for _ in range(6))]:
    X, W = torch.zeros(n, d), torch.zeros(d, d)
    with FlopCounterMode(display=False) as counter:
        Q, K, V = X @ W, X @ W, X @ W
    with FlopCounterMode(display=False) as pair_counter:
        (Q @ K.T) @ V
    found = attention_flops(n, d)
    check.equal(found[0], counter.get_total_flops(), "projections is what PyTorch counts for three products, in any size")
    check.equal(found[1], pair_counter.get_total_flops(), "pairs is what PyTorch counts for scores and weighted sum, in any size")
n, d = 100_003, 513
check.equal(list(attention_flops(n, d)), [n * d * d * 6, n * n * d * 4], "large counts are exact")
### END HIDDEN TESTS

# %% [markdown]
# PyTorch can count while your module runs. Does it come to the same?
#
# **Predict first.** For which $n$ do the pairs cost as much as the projections? It depends on $d$.

# %%
for n, d in [(100, 64), (1000, 64), (1000, 512), (2000, 128)]:
    with FlopCounterMode(display=False) as counter:
        SelfAttention(d, d, d)(torch.zeros(n, d))
    projections, pairs = attention_flops(n, d)
    same = counter.get_total_flops() == projections + pairs
    share = pairs / (projections + pairs)
    print(f"n {n:5} d {d:4}: {projections:13,} + {pairs:13,}, of which pairs {share:4.0%}; counted the same: {same}")
lengths = [2**power for power in range(5, 15)]
counts = np.array([attention_flops(n, 128) for n in lengths])  # (10, 2)
figure, panel = plt.subplots(figsize=(7.5, 4.2))
panel.axvline(1.5 * 128, color="black", linestyle="--", label="n = 1.5 d")
work = {"projections": counts[:, 0], "pairs": counts[:, 1]}
plots.lines(lengths, work, x="tokens n", y="operations", log_x=True, log_y=True, panel=panel, title="Width 128")

# %% [markdown]
# $6nd^2$ and $4n^2d$ are equal at $n = 1.5\,d$. In a short sequence the projections are most of the work, and doubling $n$
# doubles it. In a long one the pairs are, and doubling $n$ makes four times the work. For a width of 128 the change comes at
# 192 tokens, on log axes where a line of slope 1 meets a line of slope 2.

# %% [markdown]
# Does a clock agree? The next cell times your module at a width of 128. Short sequences come in large batches, so that every
# measurement makes the same number of pairs, $2^{22}$, and uses memory alike. The time is for one sequence.
#
# **Predict first.** By what factor does the time grow from 32 to 64 tokens? From 1024 to 2048? What will be the slope of the
# line at its right end?

# %% tags=["skip-execution"]
timed_lengths, per_sequence = [32, 64, 128, 256, 512, 1024, 2048], []
timed_module = SelfAttention(128, 128, 128)
with torch.no_grad():
    for n in timed_lengths:
        batch = 2**22 // n**2
        per_sequence.append(measure.seconds(timed_module, torch.randn(batch, n, 128), repeat=3) / batch)
growth = [f"{later / earlier:.1f}" for earlier, later in zip(per_sequence, per_sequence[1:])]
print("from each length to the next the time grows by a factor of", ", ".join(growth))
long = slice(timed_lengths.index(512), None)
exponent, height = np.polyfit(np.log(timed_lengths[long]), np.log(per_sequence[long]), 1)
operations = [sum(attention_flops(n, 128)) for n in timed_lengths[long]]
expected_exponent = np.polyfit(np.log(timed_lengths[long]), np.log(operations), 1)[0]
print(f"from 512 tokens on the time grows as n to the power of {exponent:.2f}, the operations as {expected_exponent:.2f}")
fitted = np.exp(height) * np.array(timed_lengths) ** exponent
milliseconds = {"measured": 1000 * np.array(per_sequence), f"fit from 512 on: n to the {exponent:.2f}": 1000 * fitted}
plots.lines(timed_lengths, milliseconds, x="tokens n", y="ms for one sequence", log_x=True, log_y=True, title="Time, width 128")
print(f"weights of one sequence of 2048 tokens: {2048**2 * 4 / 1e6:.0f} MB; of 100,000 tokens: {100_000**2 * 4 / 1e9:.0f} GB")

# %% [markdown]
# On a quiet CPU expect an exponent between 1.8 and 2.1 from 512 tokens on, and factors of about 2 at the left end, where the
# projections rule. The operations alone make 1.83, since some are still projections; the clock also pays for the softmax
# and for memory. Other programs that run at the same time can bend the line.
#
# The weights take memory with $n^2$, too: at 100,000 tokens 40 GB for one sequence. Lessons 13 and 14 are about that.

# %% [markdown]
# ## What it buys
#
# The operations of a recurrent network grow as $n d^2$. It has no pairs. Why pay for them?
#
# Because of the *path*: through how many layers, or steps of a recurrence, must a message go from the first of $n$ tokens to
# the last? In lesson 3 every step took its toll, and the influence fell exponentially.

# %% [markdown]
# ### Exercise 4 · `path_length` · 2 points · 20 minutes · medium
#
# Return the smallest number of layers or steps after which the result at the last token can depend on the first token. A
# single token has no way to go: 0, whatever the kind.
#
# | kind | what a token sees in one layer or step |
# | --- | --- |
# | `"recurrent"` | itself and the token before it |
# | `"convolutional"` | itself and two tokens before it: 1 and 2 back in the first layer, 3 and 6 back in the second, 9 and 18 in the third; $3^i$ and $2 \cdot 3^i$ back after $i$ layers |
# | `"self-attention"` | all tokens |
# | `"local"` | itself and 4 tokens on each side |
#
# Convolutions that skip ever more tokens are called *dilated*. Any other kind is a `ValueError`.
#
# <details><summary>Hint</summary>
#
# The distance is $n - 1$. How far has a message come, at most, after one layer, two, three? For the convolutions: 2, 8, 26,
# and every place up to there can be reached. A loop over integers is safest: logarithms are floats, and `int(math.log(243,
# 3))` is 4, not 5.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *One too many for "recurrent":* from the first of five tokens to the last there are four steps.
# - *One too few or too many for some n:* try 3 and 4, 9 and 10, 27 and 28 for convolutions, and 5 and 6, 9 and 10 for "local".
# - *A single token:* the answer is 0 for "self-attention", too.
# </details>

# %% nbgrader={"grade": false, "grade_id": "path_length", "locked": false, "schema_version": 3, "solution": true, "task": false}
def path_length(kind, n):
    """Layers or steps from the first of n tokens to the last (Vaswani et al., 2017, table 1): a whole number, 0 for n = 1.

    kind: "recurrent", "convolutional" (kernel 3, dilated by 1, 3, 9, ...), "self-attention" or "local" (4 tokens on each side);
    ValueError for any other. n: at least 1.
    """
    ### BEGIN SOLUTION
    distance = n - 1
    if kind == "recurrent":
        return distance
    if kind == "self-attention":
        return min(distance, 1)
    if kind == "local":
        return -(-distance // 4)  # rounded up
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    raise ValueError(f"no path length is known for {kind!r}")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "path_length_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.equal([path_length("recurrent", n) for n in (2, 5)], [1, 4], "a recurrence takes one step for each token after the first")
found = [path_length("self-attention", n) for n in (2, 5, 1000)]
check.equal(found, [1, 1, 1], "self-attention takes one layer, however far it is")
found = [path_length("local", n) for n in (5, 6, 9, 10)]
check.equal(found, [1, 2, 2, 3], "local attention comes four tokens further with each layer")
found = [path_length("convolutional", n) for n in (3, 4, 9, 10)]
check.equal(found, [1, 2, 2, 3], "dilated convolutions see three times as many tokens with each layer")
four = ["recurrent", "convolutional", "self-attention", "local"]
check.equal([path_length(kind, 1) for kind in four], [0, 0, 0, 0], "a single token has no way to go, whatever the kind")
check.raises(ValueError, path_length, "pigeon", 5, property="a kind that is not known is a ValueError")
### BEGIN HIDDEN TESTS
rng = check.rng("path_length_values")
largest = 90
back = {
    "recurrent": lambda layer: [1],
    "convolutional": lambda layer: [3**layer, 2 * 3**layer],
    "self-attention": lambda layer: list(range(1, largest)),
    "local": lambda layer: [1, 2, 3, 4],
}
for kind, jumps in back.items():
    reached, first = {0}, {0: 0}
    for layer in range(largest):
        reached |= {place + jump for place in reached for jump in jumps(layer) if place + jump < largest}
        first |= {place: layer + 1 for place in reached if place not in first}
    found = [path_length(kind, n) for n in range(1, largest + 1)]
    expected = [first[place] for place in range(largest)]
    check.equal(found, expected, f"a message through {kind} layers is where the table says, for any n")
for power in range(1, 25):
    around = [path_length("convolutional", 3**power + more) for more in (-1, 0, 1)]
    check.equal(around, [power, power, power + 1], "powers of three are exact, however large")
n = int(rng.integers(10**5, 10**6))
lengths_found = [path_length("recurrent", n), path_length("self-attention", n), path_length("local", 4 * n + 2)]
check.equal(lengths_found, [n - 1, 1, n + 1], "long sequences are no exception")
for unknown in ("", "Recurrent", "attention", "localised"):
    check.raises(ValueError, path_length, unknown, 7, property="a kind that is not known is a ValueError, however it is spelt")
check.raises(ValueError, path_length, "pigeon", 1, property="a kind that is not known is a ValueError, for a single token, too")
### END HIDDEN TESTS

# %% [markdown]
# What a layer computes does not matter for the path, only who sees whom. So your module, with four masks, can play all four
# parts. The next cell stacks layers until a gradient gets from the last token's output to the first token.
#
# **Predict first.** For 28 tokens: how many layers of each kind?

# %%
def may_see(kind, layer, n):
    """Mask (n, n): what each token sees in this layer."""
    back = torch.arange(n)[:, None] - torch.arange(n)  # how many places the key stands before the query
    if kind == "convolutional":
        return (back == 0) | (back == 3**layer) | (back == 2 * 3**layer)
    return {"recurrent": (back == 0) | (back == 1), "self-attention": back < n, "local": back.abs() <= 4}[kind]


def layers_needed(kind, n):
    torch.manual_seed(0)
    module, words = SelfAttention(8, 8, 8).double(), torch.randn(n, 8, dtype=torch.float64, requires_grad=True)
    state = words
    for layer in range(n):
        state = module(state, may_see(kind, layer, n))[0]
        (gradient,) = torch.autograd.grad(state[-1].sum(), words, retain_graph=True)
        if gradient[0].abs().max() > 0:
            return layer + 1


for kind in ("recurrent", "convolutional", "self-attention", "local"):
    of_each = ", ".join(f"{n} tokens {layers_needed(kind, n)} ({path_length(kind, n)})" for n in (2, 9, 10, 28))
    print(f"{kind:15} measured (yours): {of_each}")

# %%
many = [2**power for power in range(1, 17)]
paths = {kind: [path_length(kind, n) for n in many] for kind in ("recurrent", "local", "convolutional", "self-attention")}
plots.lines(many, paths, x="tokens n", y="layers or steps", log_x=True, log_y=True, title="From the first token to the last")
print({kind: path_length(kind, 1000) for kind in paths})

# %% [markdown]
# For 1000 tokens: 999 steps, 250 layers, 7 layers, or one. This is table 1 of Vaswani et al. (2017): paths of order $n$,
# $n / r$ with a window of $r$ to each side (here 4), $\log_k n$ with a kernel of $k$ (here 3), and 1. Self-attention has
# the shortest path there is, between any two tokens, and all rows can be computed at once. The price is $n^2$.

# %% [markdown]
# ## The apple experiment
#
# Now to the question at the top. The data set `senses` has sentences with six words of two meanings, twelve senses in all.
# In each sentence one word decides, the *clue*; the model is not told which.
#
# The next cell makes tensors of them. 1,440 sentences are for training; 360 others, and the two about apples that we quote,
# are held out.

# %%
lines = [line for line in data.load("senses") if line["word"]]  # the plain sentences are left out
words_there = sorted({word for line in lines for word in line["text"].split()})
vocabulary = {word: number for number, word in enumerate(words_there, start=1)}
sense_names = sorted({(line["word"], line["sense"]) for line in lines})


def tensors(some):
    """Word ids (lines, n), padded with 0, and for each line the places of the ambiguous word and of the clue, and the sense."""
    rows = [torch.tensor([vocabulary[word] for word in line["text"].split()]) for line in some]
    places, clues = (torch.tensor([line[key] for line in some]) for key in ("position", "clue"))
    senses = torch.tensor([sense_names.index((line["word"], line["sense"])) for line in some])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), places, clues, senses


held_out_lines = [line for line in lines if line["split"] == "held-out"]
training, held_out = tensors([line for line in lines if line["split"] == "train"]), tensors(held_out_lines)
print(len(training[0]), "and", len(held_out[0]), "sentences,", len(vocabulary), "words,", len(sense_names), "senses")
print([" ".join(name) for name in sense_names])

# %% [markdown]
# The model: a table of vectors, your `SelfAttention`, and a linear layer that reads the sense from *one* row, that of
# the ambiguous word. It is compared with two others that have the very same parameters:
#
# - `"itself"`: a mask of ones on the diagonal, so that each word may look at itself only. No attention, in other words;
# - `"pool"`: the average of all values in place of the row, your `pool`. Equal weights, in other words.
#
# **Predict first.** How many of the held-out sentences will each of the three get right?

# %%
class SenseReader(nn.Module):
    def __init__(self, looks):
        super().__init__()
        self.looks = looks
        self.table = nn.Embedding(len(vocabulary) + 1, 32)
        nn.init.normal_(self.table.weight, std=0.1)  # small numbers: at first every word gets about the same weight
        self.attend = SelfAttention(32, 16, 32)
        self.read = nn.Linear(32, len(sense_names))

    def forward(self, ids, places):
        """Logits (lines, senses), and the weights (lines, n, n)."""
        x, is_word = self.table(ids), ids != 0
        mask = torch.eye(ids.shape[1], dtype=torch.bool) if self.looks == "itself" else is_word[:, None]
        out, weights = self.attend(x, mask)
        row = out[torch.arange(len(ids)), places]  # (lines, 32), of the ambiguous words
        if self.looks == "pool":
            row = pool(self.attend.v_proj(x), is_word)
        return self.read(row), weights


# %% [markdown]
# Training is as in lesson 7: 300 steps, each on 128 sentences drawn at random. With every seed the model starts from other
# random numbers and sees other draws; six seeds tell what is the rule and what is luck. The twelve trainings take some
# 20 seconds together.

# %% tags=["skip-execution"]
def train(looks, seed):
    """A trained `SenseReader`."""
    torch.manual_seed(seed)
    reader = SenseReader(looks)
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.01)
    ids, places, _, senses = training
    for _ in range(300):
        some = torch.randint(len(ids), (128,))
        logits, _ = reader(ids[some], places[some])
        loss = F.cross_entropy(logits, senses[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return reader


# %% tags=["skip-execution"]
def accuracy(reader):
    ids, places, _, senses = held_out
    with torch.no_grad():
        return (reader(ids, places)[0].argmax(dim=-1) == senses).float().mean().item()


readers = {}
for looks, seeds in {"itself": 3, "pool": 3, "attention": 6}.items():
    readers[looks] = [train(looks, seed) for seed in range(seeds)]
    right = [f"{accuracy(reader):.1%}" for reader in readers[looks]]
    print(f"{looks:10} held-out accuracy with {seeds} seeds:", ", ".join(right), flush=True)

# %% [markdown]
# Expect 50 % for a word that looks at itself only: it knows that it is "apple" and has to guess. The other two reach 100 %,
# or nearly. That the average does, too, is a property of these sentences: each holds one clue and nothing to the contrary
# (its card, `datasets/senses.md` in the repository, says so). The average cannot say which word it was. Attention can be asked.
#
# **Predict first.** A sentence has about ten words. How much weight do you expect on the clue? In every sentence, with every
# seed?

# %% tags=["skip-execution"]
ids, places, clues, senses = held_out
each, quoted = torch.arange(len(ids)), {"smartphone": 1, "orange": 0}  # the two quoted sentences come first
rows_of, to_clue = [], {word: [] for word in quoted}
print("seed  accuracy  weight on clue, on itself  clue is first  apple → orange  apple → smartphone")
for seed, reader in enumerate(readers["attention"]):
    with torch.no_grad():
        row = reader(ids, places)[1][each, places]  # (lines, n): the weights of the ambiguous words
    on_clue, clue_first = row[each, clues], row.argmax(dim=-1) == clues
    rows_of.append(row)
    for word, line in quoted.items():
        to_clue[word].append(on_clue[line].item())
    shares = f"{on_clue.mean():15.2f} {row[each, places].mean():10.2f} {clue_first.float().mean():14.0%}"
    print(f"{seed:4} {accuracy(reader):9.1%} {shares} {to_clue['orange'][-1]:15.2f} {to_clue['smartphone'][-1]:19.2f}")
print(f"with equal weights the clue would get {(1 / (ids != 0).sum(dim=-1)).mean():.2f}")
plots.bars(None, [f"seed {seed}" for seed in range(6)], to_clue, title="“apple” looks at the word that decides", y="weight")

# %% [markdown]
# Expect an average weight on the clue of 0.6 to 1.0, where equal weights would give 0.1. Nearly all the rest goes to the
# ambiguous word itself. With most seeds "apple" looks at "orange" in the one sentence and at "smartphone" in the other: 0.9
# or more. The labels said only *which* sense; where to look was found.
#
# With most: now and then there is a seed with a low bar. Below, the seed whose lower bar is the highest, and the seed whose
# lower bar is the lowest.

# %% tags=["skip-execution"]
lower_bar = [min(pair) for pair in zip(*to_clue.values())]
figure, panels = plt.subplots(2, 2, figsize=(12, 6.4), sharey=True, layout="constrained")
for two_panels, seed in zip(panels, [int(np.argmax(lower_bar)), int(np.argmin(lower_bar))]):
    for panel, (clue, line) in zip(two_panels, quoted.items()):
        words = held_out_lines[line]["text"].split()
        plots.bars(panel, words, rows_of[seed][line, : len(words)], title=f"seed {seed}: weights of “apple”", y="weight")
        panel.patches[words.index(clue)].set_color("#D55E00")

# %% [markdown]
# Where a bar is low, "apple" looks at itself, and is right all the same. A reading: the model has a sense that it takes when
# it sees no clue, and needs to see the clues of the other sense only. Such a shortcut makes no mistake, so nothing corrects
# it.
#
# Two questions test this. Which sense has "apple" alone, as a sentence of one word? And what if the clue is replaced by
# one of the other sense?
#
# **Predict first.** What does the model make of "she ate an apple and an smartphone" (the article stays)?

# %% tags=["skip-execution"]
apple_lines = [line for line in held_out_lines if line["word"] == "apple"]
other_clue, swapped = {"fruit": "smartphone", "company": "orange"}, []
for line in apple_lines:
    words = line["text"].split()
    words[line["clue"]] = other_clue[line["sense"]]
    swapped.append(line | {"text": " ".join(words), "sense": "company" if line["sense"] == "fruit" else "fruit"})
alone = tensors([apple_lines[0] | {"text": "apple", "position": 0, "clue": 0}])
swapped_ids, swapped_places, _, swapped_senses = tensors(swapped)
company = sense_names.index(("apple", "company"))
for seed, reader in enumerate(readers["attention"]):
    with torch.no_grad():
        found = reader(swapped_ids, swapped_places)[0].argmax(dim=-1)
        chance = reader(*alone[:2])[0].softmax(dim=-1)[0, company].item()
    follow, first = (found == swapped_senses).float().mean(), sense_names[found[0]][1]
    print(f"seed {seed}: alone the company with {chance:.2f}; "
          f"“… an smartphone”: {first}; follows {follow:.0%} of swapped clues")

# %% [markdown]
# Alone, "apple" has the one sense with some seeds and the other with others: a confident guess. With a seed that has a low
# bar, the guess is the sense of that bar, which fits the reading. So a low weight does not mean that a word would be of no
# use. What weights tell and what they leave out is lesson 18.
#
# Expect the swapped clue to decide in nearly every sentence, whatever the seed: to this model an apple that is eaten with a
# smartphone is the company's. "ate" does not count. That is what the data set teaches, whose sentences come in pairs that
# differ in the clue.

# %% [markdown]
# ## What you have now
#
# A sequence that looks at itself: three views, one set of matrices, a result of its own for every word; the price in
# operations, and what it buys.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: one matrix for two views; a bias left in;
# the scale of another width; softmax over the queries; keys or words summed in place of values; a mask after the softmax, or
# of one shape only; a batch mixed up; additions not counted; a logarithm rounded.
#
# **Further:** Vaswani and others (2017, *Attention is all you need*), section 4, "Why self-attention".
#
# The cat that chased the dog and the dog that chased the cat are still the same to this module. Order has to be put in:
# lesson 9, Positions.
