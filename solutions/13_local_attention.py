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
# # 13 · Local attention
#
# *110 minutes · PyTorch · 10 points · builds on lessons 8, Self-attention, 10, Multi-head attention, and 12, Cross-attention*
#
# In lesson 12 every word that was written looked at the whole of another sequence. That is fine for a sentence or an image.
# A book has 100,000 words: one head's weights over it would take 40 GB, as lesson 8 counted. Must "sat" in the first chapter
# look at every word of the last?
#
# You will build `local_mask`, `local_attention`, `local_p_weights`, `receptive_field`, `dilated_mask`, `global_local_mask`,
# `attended_pairs` and `choose`, and be able to
#
# - compute attention in a window without ever making the full matrix, and measure what that saves;
# - predict what a window loses, before you train;
# - let far words through again: by layers, by gaps, by global tokens, by a mixed stack;
# - choose the cheapest of them from measurements.

# %%
import random

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from attention_course import check, measure, plots

# %% [markdown]
# ## Global and local
#
# Luong et al. (2015, *Effective approaches to attention-based neural machine translation*) named two kinds. *Global*
# attention looks at all positions; *local* attention looks at a few of them at a time, in a **window**.
#
# In self-attention the window lies around the query. The course fixes its size so: `window` is the number of positions seen
# **to each side**. A query sees itself and `window` keys on either side, $2 \cdot \text{window} + 1$ in all; with a causal mask
# (lesson 11) only itself and those before it, $\text{window} + 1$. At the ends there are fewer, since nothing stands there.
#
# ### Exercise 1 · `local_mask` · 1 point · 10 minutes · easy
#
# The mask of all this: boolean, `True` means *may look*. Query $i$ may look at key $j$ where $|i - j| \le \text{window}$; if
# `causal` is true, $j \le i$ must hold, too. A window may be 0, and it may be larger than the sequence.
#
# <details><summary>Hint</summary>
#
# `torch.arange(n)[:, None] - torch.arange(n)` has, in row $i$ and column $j$, the number $i - j$.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The first and the last query see each other:* the window wraps around. A slice that starts at −1 does so, too, or is empty.
# - *Too few keys:* `window` counts one side, and the key at exactly that distance is seen.
# - *Causal sees the wrong side:* row $i$ is the query; it may look at columns $j$ up to $i$.
# - *"is a boolean tensor":* compare, and do not fill in ones and zeros.
# </details>

# %% nbgrader={"grade": false, "grade_id": "local_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def local_mask(n, window, causal=False):
    """Boolean tensor (n, n), True where query i may look at key j: at most `window` positions away, and not after i if causal.

    window: positions seen to each side, 0 or more; it may be larger than n.
    """
    ### BEGIN SOLUTION
    before = torch.arange(n)[:, None] - torch.arange(n)  # how far the key stands before the query
    near = before.abs() <= window
    return near & (before >= 0) if causal else near
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "local_mask_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
mask = local_mask(5, 1)
check.equal(isinstance(mask, torch.Tensor) and str(mask.dtype), "torch.bool", "the mask is a boolean tensor")
seen = [[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1]]
check.equal(mask.int(), torch.tensor(seen), "each query sees `window` keys on each side, fewer at the ends")
seen = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1]]
check.equal(local_mask(5, 2, causal=True).int(), torch.tensor(seen), "causal: itself and `window` keys before it, none after it")
check.equal(local_mask(3, 0).int(), torch.eye(3).int(), "with a window of 0 each query sees itself alone")
check.equal(local_mask(2, 9).int(), torch.ones(2, 2).int(), "a window larger than the sequence sees all of it")
### BEGIN HIDDEN TESTS
for n in (1, 2, 5, 8, 13):
    for window in (0, 1, 2, 3, 5, 7, 12, 13, 40):
        both = [[abs(query - key) <= window for key in range(n)] for query in range(n)]
        check.equal(local_mask(n, window), torch.tensor(both), "a key is seen up to a distance of `window`, in any size")
        past = [[0 <= query - key <= window for key in range(n)] for query in range(n)]
        check.equal(local_mask(n, window, True), torch.tensor(past), "causal: no key after the query is seen, in any size")
check.equal(str(local_mask(4, 1, causal=True).dtype), "torch.bool", "the mask is a boolean tensor")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Draw the mask of "The cat sat on the mat" for a window of 2, on both sides and causal. How many keys does
# "cat" see in each? How many cells of the 36 are bright?

# %%
sentence = "The cat sat on the mat".split()
both_sides, backwards = local_mask(6, 2), local_mask(6, 2, causal=True)
plots.heatmaps([both_sides, backwards], ["window 2", "window 2, causal"], rows=sentence, columns=sentence)
print("bright cells:", int(both_sides.sum()), "and", int(backwards.sum()))
print("cat sees", int(both_sides[1].sum()), "keys on both sides and", int(backwards[1].sum()), "if causal")

# %% [markdown]
# ## A mask saves nothing
#
# Most of a long sequence is hidden by such a mask. Does a masked computation get cheaper? The next cell times attention over
# 2000 tokens, once without a mask and once in a window of 32.
#
# **Predict first.** The mask leaves 65 of 2000 keys to each query. Will the second line be shorter than the first, the same,
# or longer?

# %%
def full_attention(q, k, v, mask=None):
    """Attention of lesson 6 over q, k and v (..., n, d), in a full n × n matrix; no row of the mask may be empty."""
    scores = q @ k.mT / q.shape[-1] ** 0.5  # (..., n, n)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(dim=-1) @ v


# %% tags=["skip-execution"]
tokens = torch.randn(3, 2000, 16)
window_of_32 = local_mask(2000, 32)
print(f"without a mask  {1000 * measure.seconds(full_attention, *tokens, repeat=10):6.1f} ms")
print(f"window of 32    {1000 * measure.seconds(full_attention, *tokens, window_of_32, repeat=10):6.1f} ms")

# %% [markdown]
# Nothing is saved, and the mask takes time of its own: all 4,000,000 scores are computed, then 97 % of them are thrown away. To
# save something they must never be computed.
#
# ### Exercise 2 · `local_attention` · 3 points · 30 minutes · hard
#
# The same numbers as full attention with `local_mask(n, window)`, scaled by $\sqrt{d}$ as always:
#
# $$\text{out}_i = \sum_{|i - j| \le \text{window}} w_{ij}\, v_j \qquad
# w_{ij} = \underset{|i - j| \le \text{window}}{\text{softmax}} \frac{q_i \cdot k_j}{\sqrt{d}}$$
#
# in time and memory of order $n \cdot \text{window}$, for queries and keys `(..., n, d)` and values `(..., n, d_v)`. At
# $n = 20{,}000$ with a window of 32 a single full matrix has 1.6 GB. A test allows 800 MB and ten seconds. It also puts
# `nan` far away, where it reaches whoever multiplies a far value by a weight of 0.
#
# <details><summary>Hint: windows</summary>
#
# `F.pad(k, (0, 0, window, window))` puts rows of zeros before and after the keys; `.unfold(-2, 2 * window + 1, 1)` then gives
# each position the rows of its window, `(..., n, d, 2 * window + 1)`. `torch.einsum("...nd,...ndw->...nw", q, windows)` is
# one score for each. Which of them stand outside the sequence?
# </details>
#
# <details><summary>Hint: blocks, or one query at a time</summary>
#
# Any way is right. A block of queries needs the keys from `window` before its first to `window` after its last, and a mask
# within; the last block may be short. A loop over all queries with slices is slow, and passes. `local_mask` for the whole
# sequence does not.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The ends are too small:* a row of padding has a score of 0, and $e^0$ is 1. Hide it before the softmax.
# - *The first queries see the last keys:* `torch.roll` and negative indices wrap around.
# - *The first queries get nothing, or an error:* a slice must not start below 0; `max(0, i - window)`.
# - *Wrong for some lengths only:* a last block that is not full; a window larger than the sequence.
# - *Out of memory:* something has the shape `(n, n)`; a mask counts, too.
# </details>

# %% nbgrader={"grade": false, "grade_id": "local_attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def local_attention(q, k, v, window):
    """What full attention with `local_mask(n, window)` gives, (..., n, d_v), in time and memory of order n · window.

    q, k: (..., n, d); v: (..., n, d_v), of one dtype and on one device, which the result keeps. Gradients flow to all three.
    window: positions seen to each side, 0 or more; it may be larger than n.
    """
    ### BEGIN SOLUTION
    n, d = q.shape[-2:]
    window = min(window, n - 1)
    seen = torch.arange(n, device=q.device)[:, None] + torch.arange(-window, window + 1, device=q.device)  # positions
    outside = (seen < 0) | (seen >= n)  # (n, 2 window + 1)
    k_windows, v_windows = (F.pad(x, (0, 0, window, window)).unfold(-2, 2 * window + 1, 1) for x in (k, v))
    scores = torch.einsum("...nd,...ndw->...nw", q, k_windows) / d**0.5
    weights = scores.masked_fill(outside, float("-inf")).softmax(dim=-1)
    return torch.einsum("...nw,...ndw->...nd", weights, v_windows)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "local_attention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q, k = torch.tensor([[2.0, 0, 0, 0]] * 4), torch.zeros(4, 4)  # the root of d is 2
k[:, 0] = torch.tensor([1.0, 3.0, 4.0, 1.0]).log()  # shares in proportion to 1, 3, 4 and 1
v = torch.tensor([[0.0, 1.0, 5.0], [8.0, 1.0, 5.0], [16.0, 1.0, 5.0], [24.0, 1.0, 5.0]])
out = check.unchanged(local_attention, q, k, v, 1)
check.shape(out, (4, 3), "the result has the shape (..., n, d_v)")
by_softmax = "a query shares the whole among its window, by the softmax of its scores by the root of d"
check.close(out[1:3, 0], [11.0, 14.0], by_softmax, tolerance=1e-5)
check.close(out[:, 0], [6.0, 11.0, 14.0, 17.6], "at the ends the whole is shared among the fewer keys there", tolerance=1e-5)
q = torch.linspace(0, 90, 2 * 3 * 7 * 5).double().sin().view(2, 3, 7, 5)  # two sequences, three heads
k, v, near = q + 1, q.cos(), (torch.arange(7)[:, None] - torch.arange(7)).abs() <= 2
found = local_attention(q, k, v, 2)
check.equal(str(found.dtype), "torch.float64", "the result has the dtype of the input")
check.close(found, F.scaled_dot_product_attention(q, k, v, near), "PyTorch's attention with the same mask gives the same numbers")
true = check.gradient(F.scaled_dot_product_attention, q, k, v, near).arguments
check.close(check.gradient(local_attention, q, k, v, 2).arguments[0], true[0], "q gets the right gradient")
check.same_device(local_attention, q, k, v, 2)
### BEGIN HIDDEN TESTS
rng = check.rng("local_attention_values")
double, single, names = (torch.float64, 1e-10), (torch.float32, 1e-5), ("q", "k", "v")
for front, n, d, d_v, window, (dtype, tolerance) in [
    ((), 11, 4, 7, 2, double),
    ((2,), 13, 3, 3, 3, single),
    ((2, 3), 7, 5, 2, 1, double),
    ((3, 1, 2), 17, 2, 4, 5, double),
]:
    q, k, v = (torch.from_numpy(rng.normal(size=(*front, n, width))).to(dtype) for width in (d, d, d_v))
    apart = (torch.arange(n)[:, None] - torch.arange(n)).abs() > window
    expected = (q @ k.mT / d**0.5).masked_fill(apart, float("-inf")).softmax(-1) @ v
    out = check.unchanged(local_attention, q, k, v, window)
    check.shape(out, (*front, n, d_v), "the result has the shape (..., n, d_v), whatever stands in front")
    check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
    check.close(out, expected, "full attention with local_mask gives the same numbers, in any size", tolerance)
q, k, v = (torch.from_numpy(rng.normal(size=(width, 13, 2))).permute(2, 1, 0) for width in (5, 5, 3))  # not contiguous
near = (torch.arange(13)[:, None] - torch.arange(13)).abs() <= 3
expected = (q @ k.mT / 5**0.5).masked_fill(~near, float("-inf")).softmax(-1) @ v
check.close(local_attention(q, k, v, 3), expected, "it does not matter how the input lies in memory")
heads = [x[:, None].expand(2, 3, 13, x.shape[-1]).transpose(1, 2).contiguous().transpose(1, 2) for x in (q, k, v)]  # as split_heads gives them
found = local_attention(*heads, 3)
check.close(found, expected[:, None].expand(2, 3, 13, 3), "it does not matter how the input lies in memory, heads that were split too")
half = local_attention(q.half(), k.half(), v.half(), 3)
check.equal(str(half.dtype), "torch.float16", "the result has the dtype of the input")
check.close(half, expected, "it works in half precision, too", tolerance=0.02)
gradient = torch.from_numpy(rng.normal(size=(2, 13, 3)))
leaves = [x.clone().requires_grad_() for x in (q, k, v)]
true = torch.autograd.grad(F.scaled_dot_product_attention(*leaves, attn_mask=near), leaves, gradient)
arrived = check.gradient(local_attention, q, k, v, 3, output_gradient=gradient).arguments
for name, mine, right in zip(names, arrived, true):
    check.close(mine, right, f"{name} gets the right gradient")
check.same_device(local_attention, q, k, v, 3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "local_attention_edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.linspace(0, 30, 5 * 3).sin().view(5, 3)
check.close(local_attention(x, x, x.cos(), 0), x.cos(), "with a window of 0 each position gets its own value")
full = F.scaled_dot_product_attention(x, x + 1, x.cos())
check.close(local_attention(x, x + 1, x.cos(), 4), full, "a window that reaches everything is full attention", tolerance=1e-5)
check.close(local_attention(x, x + 1, x.cos(), 9), full, "a window larger than the sequence is full attention", tolerance=1e-5)
q, k, v = torch.ones(5, 1), torch.full((5, 1), -3000.0), torch.arange(5.0)[:, None]  # every score is -3000
low = local_attention(q, k, v, 1)
check.close(low[:, 0], [0.5, 1, 2, 3, 3.5], "padding stays hidden however low the scores of the others are")
### BEGIN HIDDEN TESTS
rng = check.rng("local_attention_edges")
for n in (1, 2, 3, 4, 6, 7, 12, 19, 23):
    for window in (0, 1, 2, 3, 4, 5, 6, 11, 12, 18, 30):
        q, k, v = (torch.from_numpy(rng.normal(size=(2, n, width))) for width in (3, 3, 2))
        apart = (torch.arange(n)[:, None] - torch.arange(n)).abs() > window
        expected = (q @ k.mT / 3**0.5).masked_fill(apart, float("-inf")).softmax(-1) @ v
        check.close(local_attention(q, k, v, window), expected, "any length goes with any window")
q = torch.from_numpy(rng.normal(size=(2, 12, 3)))
q, k, v = q.abs() + 0.1, q - 900, torch.from_numpy(rng.normal(size=(2, 12, 2)))  # all scores are far below 0
apart = (torch.arange(12)[:, None] - torch.arange(12)).abs() > 2
expected = (q @ k.mT / 3**0.5).masked_fill(apart, float("-inf")).softmax(-1) @ v
check.close(local_attention(q, k, v, 2), expected, "padding stays hidden however low the scores of the others are")
check.close(local_attention(1e5 * q, k, v, 0), v, "there is no size of score at which it breaks")
q, k, v = (torch.from_numpy(rng.normal(size=(1, 30, 4))) for _ in range(3))
expected = local_attention(q, k, v, 7)[:, :13]
far = [torch.cat([x[:, :20], 1e6 * x[:, 20:]], dim=1) for x in (k, v)]
check.close(local_attention(q, *far, 7)[:, :13], expected, "what stands outside the window changes nothing")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "local_attention_memory", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x = torch.linspace(0, 9000, 8000 * 16).sin().view(8000, 16)
property = "8000 tokens in a window of 8 need less memory than one full matrix"
out = check.peak_memory(250, local_attention, x, x, x, 8, property=property)
middle = F.scaled_dot_product_attention(x[4000:4001], x[3992:4009], x[3992:4009])
check.close(out[4000:4001], middle, "in a long sequence each query still sees its own window", tolerance=1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("local_attention_memory")
q, k, v = (torch.from_numpy(rng.normal(size=(20_000, 16))).float() for _ in range(3))
k[6000:6010], v[6000:6010] = float("nan"), float("nan")
out = check.peak_memory(800, local_attention, q, k, v, 32, property="20,000 tokens in a window of 32 stay under 800 MB")
check.equal(bool(out[12_000:].isfinite().all()), True, "a nan thousands of positions away does not reach a query")
some = rng.integers(12_000, 20_000, size=20).tolist()
for place in (0, 5, 31, 32, 1000, 12_000, 15_001, 19_967, 19_968, 19_999, *some):
    around = slice(max(0, place - 32), place + 33)
    expected = (k[around] @ q[place] / 4).softmax(0) @ v[around]
    check.close(out[place], expected, "20,000 tokens get the numbers that their windows give", tolerance=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# ## What it saves
#
# Now measure: time and memory of full attention and of yours at a window of 32, for growing lengths. A cost that grows as
# $n^p$ is a straight line of slope $p$ on log axes, so that a fitted slope *is* the exponent.
#
# **Predict first.** Which two exponents do you expect? At 8000 tokens, by what factor will yours need less memory?

# %% tags=["skip-execution"]
threads = torch.get_num_threads()
torch.set_num_threads(1)  # timings are steadier
attentions = {"full": (full_attention, [4000, 6000, 8000], []), "local": (local_attention, [8000, 16000, 32000, 64000], [32])}
costs, places = {}, {}
figure, panels = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
for panel, (what, cost_of) in zip(panels, {"seconds": measure.seconds, "MB": measure.peak_memory}.items()):
    curves = {}
    for kind, (attention, sizes, extra) in attentions.items():
        measured = [cost_of(attention, *torch.randn(3, n, 16), *extra) for n in sizes]
        costs[kind, what] = dict(zip(sizes, measured))
        slope, height = np.polyfit(np.log(sizes), np.log(measured), 1)
        name = f"{kind}, fitted: n to the {slope:.2f}"
        places[name], curves[name] = [n / 1000 for n in sizes], measured
        panel.plot(places[name], np.exp(height) * np.array(sizes) ** slope, color="black", linestyle="--", zorder=3)
    plots.lines(places, curves, x="thousands of tokens", y=what, log_x=True, log_y=True, panel=panel, title="measured, and fitted (dashed)")
    places = {}
    at_8000 = [costs[kind, what][8000] for kind in attentions]
    print(f"{what} at 8000 tokens: full {at_8000[0]:.3g}, local {at_8000[1]:.3g}, a factor of {at_8000[0] / at_8000[1]:.0f}")
torch.set_num_threads(threads)

# %% [markdown]
# Expect slopes near 2 for full attention and near 1 for local: within 0.1 in memory, and within 0.4 in time, which other
# programs disturb. The gap at 8000 tokens keeps growing. Full attention holds two matrices of 256 MB there.
#
# How large the gap is depends on how you wrote yours. With windows by `unfold` expect a factor from 30 to 150 in time and
# about 35 in memory; a loop over queries saves as much memory and less time.

# %% [markdown]
# ## A window that moves
#
# In cross-attention (lesson 12) queries and keys belong to different sequences: the fifth word of a French sentence has no
# "own place" in the English one. Where should its window be? Luong et al. (2015) let the network predict it: a small layer
# turns each query's state into a position $p$ among the keys, a real number such as 3.7. They call it *local-p*, p for
# predictive. The window goes from $p - D$ to $p + D$, and in it keys near $p$ count more:
#
# $$w_s = \underset{|s - p| \le D}{\text{softmax}}(\text{score}_s) \cdot \exp\!\left(-\frac{(s - p)^2}{2\sigma^2}\right)
# \qquad \sigma = \frac{D}{2}$$
#
# The paper leaves a little open; here it is fixed. Positions count from 0. The softmax is over the keys in the window, both
# ends included. After the bell curve **nothing is normalised again**: a row sums to 1 at most, and to less as
# soon as it has a key off the centre. Keys outside get 0.

# %% [markdown]
# ### Exercise 3 · `local_p_weights` · 1 point · 15 minutes · medium
#
# The formula above, for each query with a centre of its own. `width` is $D$, positive and perhaps no whole number. A centre may
# lie beyond the first or the last key; a window with no key in it gets all zeros.
#
# <details><summary>Hint</summary>
#
# `distance = torch.arange(n_k, device=scores.device) - centre[..., None]` has the shape of the scores. Use it twice: for the mask
# of the softmax and for the bell curve. For the empty window, as in lesson 10: put zeros in the weights where nothing may be seen.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *All weights are too small:* the softmax ran over all keys, not over those in the window.
# - *A row sums to 1:* it was normalised again, or the bell curve went into the scores.
# - *The bell is too wide or too narrow:* $\sigma$ is half of $D$, and $2\sigma^2 = D^2 / 2$.
# - *Wrong for a centre such as 1.4:* the centre is not rounded, neither for the window nor for the bell.
# </details>

# %% nbgrader={"grade": false, "grade_id": "local_p_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def local_p_weights(scores, centre, width):
    """Weights (..., n_q, n_k) of local-p attention (Luong et al., 2015, section 3.2): a softmax in a window, times a bell curve.

    scores: (..., n_q, n_k). centre: (..., n_q), for each query a real position among the keys 0, 1, ..., n_k − 1, or beyond them.
    width: D > 0; keys further than D from the centre get exactly 0, and so does a whole row without keys in its window.
    Computed on the device and in the dtype of the scores; gradients flow to scores and centre.
    """
    ### BEGIN SOLUTION
    distance = torch.arange(scores.shape[-1], device=scores.device) - centre[..., None]  # (..., n_q, n_k)
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, torch.finfo(scores.dtype).min).softmax(dim=-1)
    bell = torch.exp(-(distance**2) / (2 * (width / 2) ** 2))
    return (shares * bell).masked_fill(outside, 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "local_p_weights_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = torch.tensor([1.0, 3.0, 4.0, 1.0, 8.0, 2.0]).log().expand(2, 6)  # shares in proportion to these numbers
weights = check.unchanged(local_p_weights, scores, torch.tensor([1.0, 4.0]), 1.0)
check.shape(weights, (2, 6), "the weights have the shape of the scores")
in_reach = torch.tensor([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]])
check.equal((weights > 0).int(), in_reach, "the window holds the keys up to the distance D, and all others get exactly 0")
bell_counts = "the bell curve takes from the whole, and nothing is normalised again"
check.equal((weights.sum(dim=-1) < 0.99).tolist(), [True, True], bell_counts)
check.close(weights[:, [1, 4]], [[3 / 8, 0], [0, 8 / 11]], "at the centre the weight is the share among the keys in the window")
off = 1 / np.exp(2)  # exp(-1 / (2 · 0.5²))
row = [off * 1 / 8, 3 / 8, off * 4 / 8, 0, 0, 0]
check.close(weights[0], row, "off the centre the share is multiplied by the bell curve")
weights = local_p_weights(scores[:1], torch.tensor([1.5]), 0.75)
row = [0, 3 / 7 * np.exp(-8 / 9), 4 / 7 * np.exp(-8 / 9), 0, 0, 0]
check.close(weights[0], row, "the centre may lie between two keys, and the width may be a fraction")
empty = local_p_weights(scores[:1], torch.tensor([9.0]), 2.0)
check.equal(empty, torch.zeros(1, 6), "a window without keys gets zeros, not nan")
centre = torch.tensor([1.0, 1.0])
extreme = scores.double() + torch.tensor([[2000.0], [-2000.0]])  # within a row all are moved alike: its shares stay
extreme[1, 5] = 9000.0  # outside the window
weights = local_p_weights(extreme, centre, 1.0)
row = [off * 1 / 8, 3 / 8, off * 4 / 8, 0, 0, 0]
check.close(weights[0], row, "large scores do not overflow", tolerance=1e-5)
low = "low scores in the window do not underflow beside high ones outside, nor beside those of another query"
check.close(weights[1], row, low, tolerance=1e-5)
found = check.gradient(local_p_weights, scores, centre, 1.0).arguments[:2]
arrived = [gradient is not None and bool(gradient.any()) for gradient in found]
check.equal(arrived, [True, True], "gradients flow to the scores and to the centre, which can therefore be learned")
### BEGIN HIDDEN TESTS
rng = check.rng("local_p_weights_values")
for front, n_q, n_k, width, dtype in [
    ((), 4, 7, 2.0, torch.float64),
    ((2,), 5, 11, 3, torch.float32),
    ((2, 3), 3, 5, 1.5, torch.float64),
    ((3,), 1, 9, 0.6, torch.float64),
    ((2,), 6, 1, 2, torch.float64),
]:
    scores = torch.from_numpy(3 * rng.normal(size=(*front, n_q, n_k))).to(dtype)
    centre = torch.from_numpy(rng.uniform(-3, n_k + 2, size=(*front, n_q))).to(dtype)
    expected = np.zeros(scores.shape)
    for place in np.ndindex(*front, n_q):
        p = float(centre[place])
        within = [s for s in range(n_k) if p - width <= s <= p + width]
        total = sum(np.exp(float(scores[place][s])) for s in within)
        for s in within:
            expected[(*place, s)] = np.exp(float(scores[place][s]) - 2 * (s - p) ** 2 / width**2) / total
    weights = check.unchanged(local_p_weights, scores, centre, width)
    tolerance = 1e-10 if dtype is torch.float64 else 1e-5
    check.close(weights, expected, "each query has a window and a bell curve of its own, in any shape", tolerance)
    check.equal(str(weights.dtype), str(dtype), "the weights have the dtype of the scores")
whole = torch.arange(8.0).double()
weights = local_p_weights(torch.zeros(8, 8).double(), whole, 2)
bell = np.exp(-((whole[:, None] - whole).numpy() ** 2) / 2) * (np.abs((whole[:, None] - whole).numpy()) <= 2)
check.close(weights, bell / (bell > 0).sum(axis=1, keepdims=True), "keys at exactly the distance D belong to the window")
high, low = torch.tensor([[[0.0, 2000.0, 2000.0, 0.0, 0.0]], [[0.0, -2000.0, -2000.0, 0.0, 0.0]]]).double()
row, between = [0, np.exp(-0.5) / 2, np.exp(-0.5) / 2, 0, 0], torch.tensor([1.5]).double()
check.close(local_p_weights(high, between, 1.0)[0], row, "large scores do not overflow")
check.close(local_p_weights(low, between, 1.0)[0], row, "low scores in the window do not underflow beside high ones outside")
both = local_p_weights(torch.cat([high, low]), between.expand(2), 1.0)
check.close(both, [row, row], "low scores of one query do not underflow beside high ones of another")
scores = torch.from_numpy(rng.normal(size=(5, 3, 2))).permute(2, 1, 0)  # (2, 3, 5), not contiguous
centre = torch.from_numpy(rng.uniform(0, 4, size=(3, 2))).T
expected = local_p_weights(scores.contiguous(), centre.contiguous(), 1.7)
check.close(local_p_weights(scores, centre, 1.7), expected, "it does not matter how the scores lie in memory")
gradient = torch.from_numpy(rng.normal(size=(2, 3, 5)))
found = check.gradient(local_p_weights, scores, centre, 1.7, output_gradient=gradient).arguments
arrived = [gradient is not None and bool(gradient.isfinite().all()) and bool(gradient.abs().max() > 0) for gradient in found[:2]]
check.equal(arrived, [True, True], "gradients flow to the scores and to the centre, which can therefore be learned")
check.same_device(local_p_weights, scores, centre, 2.0, property="everything is computed on the device of the scores")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Twenty-four keys have equal scores, the centre is 6.3 and $D$ is 3. Draw three curves over the positions: the
# softmax over all keys, the softmax over the window, and your weights. Which two of them sum to 1?

# %%
equal_scores, predicted = torch.zeros(1, 24), torch.tensor([6.3])
in_window = ((torch.arange(24) - predicted).abs() <= 3).float()
curves = {
    "softmax over all keys": torch.full((24,), 1 / 24),
    "softmax over the window": in_window / in_window.sum(),
    "local-p": local_p_weights(equal_scores, predicted, 3)[0],
}
plots.lines(range(24), curves, x="position of the key", y="weight", title="Equal scores, centre 6.3, D = 3")
print({name: round(float(weights.sum()), 2) for name, weights in curves.items()})

# %% [markdown]
# The bell leaves 0.60 of the whole. It is there for training as much as for reading: a window's edge is a step, with no
# gradient that could move it. The bell has one, so that the centre is learned like any other number.

# %% [markdown]
# ## What a window loses
#
# Back to self-attention. A window answers for what is near. What about the rest? Let passages of 64 words ask two questions at
# every "it":
#
# - **near**: which animal is "it"? The animal stands one to four words before.
# - **far**: what is the passage about? The topic is named once, among its last six words.

# %%
animals, topics = "cat dog cow hen fox owl goat horse".split(), "music chess trains stars ships birds maps films".split()
others, length = "the on mat sat and then ran slept in a".split(), 64
vocabulary = ["<start>", *animals, *topics, *others, "it"]


def passage(chance):
    """64 words, drawn at random: seven times an animal and soon after it `it`, and at the end a topic."""
    spoken = ["<start>", *(chance.choice(others) for _ in range(length - 1))]
    for stretch in range(7):
        place = 6 + 8 * stretch + chance.randint(0, 3)
        spoken[place], spoken[place - chance.randint(1, 4)] = "it", chance.choice(animals)
    spoken[chance.randint(58, 63)] = chance.choice(topics)
    return spoken


def as_numbers(passages):
    """Word ids (batch, 64); the answers (batch, 64, 2), −1 where nothing is asked; and how far away each answer stands."""
    answers, distances = torch.full((2, len(passages), length, 2), -1)
    for row, spoken in enumerate(passages):
        topic = next(place for place, word in enumerate(spoken) if word in topics)
        for place, word in enumerate(spoken):
            if word in animals:
                animal = place  # the last one so far
            if word == "it":
                answers[row, place] = torch.tensor([animals.index(spoken[animal]), topics.index(spoken[topic])])
                distances[row, place] = torch.tensor([place - animal, topic - place])
    return torch.tensor([[vocabulary.index(word) for word in spoken] for spoken in passages]), answers, distances


print(" ".join(passage(random.Random(0))))

# %% [markdown]
# The model: word vectors, attention layers with a residual each, and a linear read-out for both questions. So that a layer can
# tell near from far inside its window, its scores have a learned bias for each distance up to 8, one for all beyond. This is
# lesson 9's ALiBi with learned numbers, as in T5 (Raffel et al., 2020). Heads come from lesson 10.
#
# Passages are short here, and masks do. For training on books `local_attention` would have to take the bias, too.

# %% tags=["given"]
# given: split_heads, merge_heads from 10_multi_head_attention
def split_heads(x, n_heads):
    """The heads' columns apart: `(..., n, d_model)` to `(..., n_heads, n, d_head)`, for any dimensions in front.

    Head h owns the columns from h · d_head up to (h + 1) · d_head, with d_head = d_model / n_heads.
    """
    return x.unflatten(-1, (n_heads, -1)).transpose(-3, -2)  # (..., n, n_heads, d_head) to (..., n_heads, n, d_head)


def merge_heads(x):
    """The heads' columns side by side: `(..., n_heads, n, d_head)` to `(..., n, n_heads · d_head)`; undoes `split_heads`."""
    return x.transpose(-3, -2).flatten(-2)  # (..., n, n_heads, d_head) to (..., n, d_model)


# %%
class Layer(nn.Module):
    """Attention under a mask (n, n), with a learned bias for each distance up to 8, and a residual."""

    def __init__(self, d_model=32, n_heads=2, furthest=8):
        super().__init__()
        self.n_heads, self.furthest = n_heads, furthest
        self.qkv_proj, self.out_proj = nn.Linear(d_model, 3 * d_model), nn.Linear(d_model, d_model)
        self.bias = nn.Parameter(torch.zeros(n_heads, 2 * furthest + 1))

    def forward(self, x, mask):
        q, k, v = (split_heads(part, self.n_heads) for part in self.qkv_proj(x).chunk(3, dim=-1))
        places = torch.arange(x.shape[-2])
        distance = (places - places[:, None]).clamp(-self.furthest, self.furthest)  # (n, n)
        scores = q @ k.mT / q.shape[-1] ** 0.5 + self.bias[:, distance + self.furthest]
        weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1)
        return x + self.out_proj(merge_heads(weights @ v))


class Reader(nn.Module):
    """Scores (batch, n, 2, 8) for both questions at every word, from a layer for each mask."""

    def __init__(self, masks, d_model=32):
        super().__init__()
        self.masks, self.words = masks, nn.Embedding(len(vocabulary), d_model)
        self.layers = nn.ModuleList(Layer(d_model) for _ in masks)
        self.read_out = nn.Linear(d_model, 2 * 8)

    def forward(self, ids):
        x = self.words(ids)
        for layer, mask in zip(self.layers, self.masks):
            x = layer(x, mask)
        return self.read_out(x).unflatten(-1, (2, 8))

# %%
training_ids, training_answers, _ = as_numbers([passage(random.Random(number)) for number in range(2000)])
new_ids, new_answers, new_distances = as_numbers([passage(random.Random(f"new {number}")) for number in range(500)])
asked = new_answers[..., 0] >= 0


def train(masks, seed=0, steps=300):
    """A reader trained on both questions; and its shares of right answers on new passages, near and far."""
    torch.manual_seed(seed)
    reader = Reader(masks)
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.006)
    for _ in range(steps):
        some = torch.randint(len(training_ids), (32,))
        logits, answers = reader(training_ids[some]), training_answers[some]
        loss = F.cross_entropy(logits.flatten(0, 2), answers.flatten(), ignore_index=-1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        right = (reader(new_ids).argmax(dim=-1) == new_answers)[asked].float()  # (asked, 2)
    return reader, right.mean(dim=0).tolist()

# %% [markdown]
# What a reader with one layer can know is counted, not guessed: if the answer stands within the window it can be right always,
# else in one case of eight.
#
# **Predict first.** Near answers are 1 to 4 words away, far ones 1 to 57. Draw the two curves of accuracy over the window, from
# 1 to 63. The next cell trains seven readers, one line as each is ready, and takes 10 to 60 seconds.

# %% tags=["skip-execution"]
windows, measured_near, measured_far, counted = [1, 2, 4, 8, 16, 32, 63], [], [], []
for window in windows:
    _, (near, far) = train([local_mask(length, window)])
    within = (new_distances[asked] <= window).double().mean(dim=0)  # the share of answers inside the window
    counted.append((within + (1 - within) / 8).tolist())
    measured_near.append(near)
    measured_far.append(far)
    print(f"window {window:2}: near {near:.2f}, counted {counted[-1][0]:.2f};   far {far:.2f}, counted {counted[-1][1]:.2f}")
figure, panel = plt.subplots(figsize=(7.5, 4.2))
expected_near, expected_far = zip(*counted)
panel.plot(windows, expected_near, color="black", linestyle="--", zorder=3, label="counted")
panel.plot(windows, expected_far, color="black", linestyle="--", zorder=3)
curves = {"near question": measured_near, "far question": measured_far}
plots.lines(windows, curves, x="window", y="right answers", log_x=True, panel=panel, title="One layer")

# %% [markdown]
# Expect the measured points within 0.05 of the counted ones. From a window of 4 on the near question is solved, and nothing
# is gained by more. The far question follows its distances, and is solved when the window is the whole passage. What lies
# outside is lost to the last bit: no training brings it back.

# %% [markdown]
# ## Layers carry it further
#
# In a stack, each layer looks `window` positions further: the second looks at positions which have themselves looked around.
# Two layers with a window of 3 let a position see 6 to each side, 13 positions in all. As in convolutional networks, this is
# called the *receptive field*. Lesson 8 asked how many layers a way takes; now the question is how far some layers go.
#
# ### Exercise 4 · `receptive_field` · 1 point · 5 minutes · easy
#
# The number of positions that the result at one position can depend on, itself included, after `n_layers` local layers of the
# same window, far from both ends. With no layer it is 1.
#
# <details><summary>A test fails</summary>
#
# - *Too large by one for each layer after the first:* windows overlap in the position between them.
# - *Half:* both sides count.
# </details>

# %% nbgrader={"grade": false, "grade_id": "receptive_field", "locked": false, "schema_version": 3, "solution": true, "task": false}
def receptive_field(n_layers, window):
    """How many positions, itself included, a position far from both ends can depend on after so many local layers: an integer.

    window: positions seen to each side in every layer.
    """
    ### BEGIN SOLUTION
    return 2 * n_layers * window + 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "receptive_field_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.equal(receptive_field(1, 3), 7, "one layer sees its window on both sides, and itself")
check.equal([receptive_field(2, 3), receptive_field(3, 3)], [13, 19], "each layer adds one window on each side")
check.equal(receptive_field(0, 3), 1, "without a layer a position is alone")
check.equal(receptive_field(5, 0), 1, "with windows of 0 a position stays alone")
check.equal(isinstance(receptive_field(3, 2), float), False, "the result is an integer")
### BEGIN HIDDEN TESTS
for n_layers, window in [(3, 1), (1, 1), (4, 5), (7, 2), (2, 9), (6, 6), (0, 0)]:
    n = 2 * n_layers * window + 7  # some room at both ends
    reached = {n // 2}
    for _ in range(n_layers):
        reached = {key for query in reached for key in range(query - window, query + window + 1)}
    step_by_step = "it is the number of positions that are reached step by step, in any size"
    check.equal(receptive_field(n_layers, window), len(reached), step_by_step)
check.equal(receptive_field(40, 25), 2001, "large stacks are counted exactly")
check.equal(isinstance(receptive_field(3, 2), float), False, "the result is an integer")
### END HIDDEN TESTS

# %% [markdown]
# Does your `local_attention` agree? The next cell stacks it, with small scores and nothing learned, and takes the gradient of
# the middle result with respect to every input: where it is not 0, the input was seen.
#
# **Predict first.** For a window of 3: how wide is the bright part after 1, 2, 3 and 4 layers? Is it equally bright everywhere?

# %%
torch.manual_seed(0)
inputs, rows = torch.randn(41, 8, dtype=torch.float64, requires_grad=True), []
state = inputs
for n_layers in range(1, 5):
    state = local_attention(0.2 * state, 0.2 * state, state, 3)
    (gradient,) = torch.autograd.grad(state[20].sum(), inputs, retain_graph=True)
    rows.append(gradient.norm(dim=-1) / gradient.norm(dim=-1).max())
    print(f"layers: {n_layers}; {int((rows[-1] > 0).sum())} positions measured, {receptive_field(n_layers, 3)} counted")
stacked = [f"{n_layers} layer{'s' if n_layers > 1 else ''}" for n_layers in range(1, 5)]
plots.heatmap(torch.stack(rows), stacked, x="position", y="", label="gradient, by its largest")

# %% [markdown]
# The number is exact, and the field is dim at its edge: what comes from there is averaged again in every layer. Mistral 7B
# (Jiang et al., 2023) has a window of 4096 in each of 32 layers, from which the paper computes a span of about 131,000
# tokens, to one side. That is what *can* arrive.
#
# ## Gaps
#
# A window can also be stretched. In a **dilated** window the keys stand `dilation` apart. With two keys to each side and a
# dilation of 3, query 10 sees keys 4, 7, 10, 13 and 16. The price is that of a window of 2, the reach that of a window of 6.
# Longformer (Beltagy et al., 2020) has dilated windows; the strided patterns of Sparse Transformers (Child et al., 2019) are
# close relatives.

# %% [markdown]
# ### Exercise 5 · `dilated_mask` · 1 point · 10 minutes · medium
#
# Query $i$ may look at the keys $i + m \cdot \text{dilation}$ for $m = -\text{window}, \dots, \text{window}$, as far as they
# lie in the sequence. So `window` still counts the **keys** seen to each side, and the reach is $\text{window} \cdot
# \text{dilation}$. A dilation of 1 is `local_mask`.
#
# <details><summary>Hint</summary>
#
# Two conditions on the distance $i - j$: it is divisible by the dilation, and not too large.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Too few keys:* `window` counts keys, not positions.
# - *All queries see the same columns:* the distance from the query is divisible, not the key's own position.
# </details>

# %% nbgrader={"grade": false, "grade_id": "dilated_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dilated_mask(n, window, dilation):
    """Boolean tensor (n, n), True where query i may look at key j: at i + m · dilation, for m from −window to window.

    window: keys seen to each side, 0 or more. dilation: the distance from one to the next, 1 or more.
    """
    ### BEGIN SOLUTION
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (before % dilation == 0) & (before.abs() <= window * dilation)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dilated_mask_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
mask = dilated_mask(13, 2, 2)
check.equal(isinstance(mask, torch.Tensor) and str(mask.dtype), "torch.bool", "the mask is a boolean tensor")
keys_seen = [key for key in range(13) if mask[6, key]]
check.equal(keys_seen, [2, 4, 6, 8, 10], "a query in the middle sees `window` keys on each side, and itself")
keys_seen = [key for key in range(13) if mask[11, key]]
check.equal(keys_seen, [7, 9, 11], "an odd query sees odd keys, and none beyond the end")
seen = [[1, 0, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 1]]
check.equal(dilated_mask(5, 1, 3).int(), torch.tensor(seen), "the keys stand `dilation` apart, counted from the query")
check.equal(dilated_mask(4, 1, 1).int(), torch.ones(4, 4).tril(1).triu(-1).int(), "a dilation of 1 is the local mask")
### BEGIN HIDDEN TESTS
for n in (1, 2, 5, 8, 13):
    for window in (0, 1, 2, 3, 7, 14):
        for dilation in (1, 2, 3, 5, 8, 20):
            seen = [{query + steps * dilation for steps in range(-window, window + 1)} for query in range(n)]
            rows = torch.tensor([[key in seen[query] for key in range(n)] for query in range(n)])
            check.equal(dilated_mask(n, window, dilation), rows, "just the keys that the text names are seen, in any size")
### END HIDDEN TESTS

# %% [markdown]
# ## Tokens that see everything
#
# Another way out: a few **global** tokens. They look at all positions, and all positions look at them; everybody else keeps
# to a window. Two far words are then two steps apart: one is read by the global token, the other reads the global token.
# Longformer has one at the start for the class of a document; Big Bird (Zaheer et al., 2020) adds some random pairs.
#
# ### Exercise 6 · `global_local_mask` · 1 point · 10 minutes · easy
#
# The local mask (not causal) with global tokens at `global_positions`: a list or tuple of positions, which may be empty.
#
# <details><summary>A test fails</summary>
#
# - *Only one direction:* row $g$ is what the global token sees, column $g$ is who sees it.
# - *Right for a list, wrong for a tuple:* `mask[(1, 4)]` is the single cell in row 1 and column 4.
# </details>

# %% nbgrader={"grade": false, "grade_id": "global_local_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def global_local_mask(n, window, global_positions):
    """Boolean tensor (n, n): the local mask, with tokens that see all and are seen by all.

    window: positions seen to each side by the others. global_positions: a list or tuple of positions from 0 to n − 1.
    """
    ### BEGIN SOLUTION
    mask = local_mask(n, window)
    for position in global_positions:
        mask[position, :] = True
        mask[:, position] = True
    return mask
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "global_local_mask_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
mask = global_local_mask(6, 1, [4])
check.equal(isinstance(mask, torch.Tensor) and str(mask.dtype), "torch.bool", "the mask is a boolean tensor")
check.equal(mask[4].int(), torch.ones(6).int(), "a global token sees all")
check.equal(mask[:, 4].int(), torch.ones(6).int(), "a global token is seen by all")
others = torch.tensor([[1, 1, 0, 0, 1, 0], [0, 0, 1, 1, 1, 0]])
check.equal(mask[[0, 3]].int(), others, "the others see their window and the global token, and no more")
two_global = global_local_mask(6, 1, (0, 4))
check.equal(two_global[2].int(), torch.tensor([1, 1, 1, 1, 1, 0]), "there may be several, in a list or a tuple")
first = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 0, 1]])
check.equal(global_local_mask(3, 0, [0]).int(), first, "position 0 may be the only global one")
check.equal(global_local_mask(3, 0, []).int(), torch.eye(3).int(), "without global tokens it is the local mask")
### BEGIN HIDDEN TESTS
rng = check.rng("global_local_mask_values")
for n, window, count in [(1, 0, 1), (7, 0, 2), (7, 2, 0), (13, 1, 3), (13, 4, 2), (9, 20, 2), (11, 0, 11), (10, 3, 1)]:
    chosen = [int(position) for position in rng.permutation(n)[:count]]
    for positions in (chosen, tuple(chosen)):
        rows = [[abs(i - j) <= window or i in chosen or j in chosen for j in range(n)] for i in range(n)]
        found = check.unchanged(global_local_mask, n, window, positions)
        check.equal(found, torch.tensor(rows), "a pair is seen in a window or if one of the two is global, in any size")
first = torch.tensor([[abs(i - j) <= 1 or 0 in (i, j) for j in range(7)] for i in range(7)])
check.equal(global_local_mask(7, 1, [0]), first, "position 0 may be the only global one")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Four masks over 16 positions: a window of 2, the same dilated by 3, with the first token global, and all.
# Which has most cells besides the last?

# %%
shapes = {
    "local": local_mask(16, 2),
    "dilated": dilated_mask(16, 2, 3),
    "first token global": global_local_mask(16, 2, [0]),
    "full": torch.ones(16, 16, dtype=torch.bool),
}
plots.heatmaps(list(shapes.values()), list(shapes), x="key", y="query")
print({name: int(mask.sum()) for name, mask in shapes.items()})

# %% [markdown]
# ## A hybrid stack
#
# Layers need not be alike. Gemma 2 (Gemma Team, 2024) alternates local and full layers; Gemma 3 (2025) has five local layers
# with a window of 1024 for each full one.
#
# The next cell trains six stacks of three layers, with a window of 4. In the fourth, the first token is seen by all and sees
# only its own window: a global token with one direction missing.
#
# **Predict first.** Which of the six answer the near question? Which the far one? One of them gets far answers right up to a
# distance of 36: about what share? The cell takes 20 to 90 seconds.

# %% tags=["skip-execution"]
local, dilated, full = local_mask(length, 4), dilated_mask(length, 4, 4), torch.ones(length, length, dtype=torch.bool)
one_global = global_local_mask(length, 4, [0])
only_seen = one_global.clone()
only_seen[0] = local[0]
stacks = {
    "3 local": [local] * 3,
    "local, 2 dilated": [local, dilated, dilated],
    "3 with a global token": [one_global] * 3,
    "3 with a token only seen": [only_seen] * 3,
    "2 local, 1 full": [local, local, full],
    "3 full": [full] * 3,
}
results = {}
for name, masks in stacks.items():
    _, (near, far) = train(masks)
    results[name] = {"near": near, "far": far, "pairs": sum(int(mask.sum()) for mask in masks)}
    print(f"{name:25} near {near:.2f}   far {far:.2f}   pairs {results[name]['pairs']:6,}")
for reach in ((receptive_field(3, 4) - 1) // 2, 4 + 16 + 16):
    within = float((new_distances[asked][:, 1] <= reach).double().mean())
    print(f"counted for a reach of {reach}: far {within + (1 - within) / 8:.2f}")

# %% [markdown]
# Expect near answers right in all six, and far answers, too, with a global token, with a full layer, and with full layers
# only. Three local layers could know 0.30 of the far answers, as counted for their reach of 12, and learn 0.15 to 0.3: what
# can arrive need not arrive. The dilated stack comes near its 0.67. A token that is seen and does not see has nothing to
# tell.
#
# So hybrids solve both. At what price? For 64 words the pairs are counted in the masks. For a book no mask fits into memory,
# and a formula must do.

# %% [markdown]
# ## What it costs
#
# ### Exercise 7 · `attended_pairs` · 1 point · 15 minutes · medium
#
# How many pairs of query and key a layer computes, **exactly**, ends included, without making the mask:
#
# | kind | pairs |
# | --- | --- |
# | `"full"` | all of them |
# | `"local"` | those of `local_mask(n, window)` |
# | `"causal local"` | those of `local_mask(n, window, causal=True)` |
# | `"global local"` | those of `global_local_mask(n, window, [0])` |
#
# Any other kind is a `ValueError`. `n` is at least 1 and may be in the hundred thousands; a window may be larger than `n`.
#
# <details><summary>Hint</summary>
#
# Count the diagonals. There are $n$ pairs at distance 0, and $n - m$ at distance $m$ before the query, for $m$ from 1 to
# `window`, but no further than $n - 1$. Which pairs does a global token at 0 add to the local ones?
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Too many for short sequences:* the ends have fewer keys, and a window is no larger than $n - 1$.
# - *Too many for "global local":* the cells near the corner are in the window already.
# - *Out of memory or time:* a mask for 100,003 positions has 10 GB.
# </details>

# %% nbgrader={"grade": false, "grade_id": "attended_pairs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attended_pairs(kind, n, window):
    """How many of the n² pairs of query and key are computed: an exact integer, without a mask of n × n.

    kind: "full", "local", "causal local" or "global local" (one global token, the first); ValueError for any other.
    n: 1 or more. window: positions seen to each side, 0 or more; "full" ignores it.
    """
    ### BEGIN SOLUTION
    window = min(window, n - 1)
    before = n * window - window * (window + 1) // 2  # keys before their query: n − 1, n − 2, ..., n − window
    pairs = {
        "full": n * n,
        "local": n + 2 * before,
        "causal local": n + before,
        "global local": n + 2 * before + 2 * (n - 1 - window),
    }
    if kind not in pairs:
        raise ValueError(f"no pairs are known for {kind!r}")
    return pairs[kind]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attended_pairs_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.equal(attended_pairs("full", 5, 0), 25, "full attention computes all pairs, whatever the window")
check.equal(attended_pairs("local", 5, 1), 13, "five queries with a neighbour on each side: 2, 3, 3, 3 and 2 keys")
check.equal(attended_pairs("causal local", 5, 2), 12, "five queries with two keys before them: 1, 2, 3, 3 and 3 keys")
check.equal(attended_pairs("global local", 5, 1), 19, "the first of five global: three more in its row and three in its column")
found = [attended_pairs("local", 3, 9), attended_pairs("global local", 3, 9)]
check.equal(found, [9, 9], "a large window sees all pairs, and no more")
check.equal(attended_pairs("local", 100_003, 0), 100_003, "with a window of 0 there are n pairs")
check.equal(attended_pairs("local", 100_003, 1), 300_007, "a long sequence is counted exactly, without a mask")
check.equal(isinstance(attended_pairs("local", 5, 1), float), False, "the results are integers")
check.raises(ValueError, attended_pairs, "pigeon", 5, 1, property="a kind that is not known is a ValueError")
looks_known = "a kind that is not known is a ValueError, even if it looks like one"
check.raises(ValueError, attended_pairs, "local causal", 5, 1, property=looks_known)
### BEGIN HIDDEN TESTS
rng = check.rng("attended_pairs_values")
for n in range(1, 10):
    for window in (0, 1, 2, 3, 5, 8, 9, 13):
        distances = [query - key for query in range(n) for key in range(n)]
        local = sum(abs(distance) <= window for distance in distances)
        causal = sum(0 <= distance <= window for distance in distances)
        extra = sum(abs(i - j) > window and 0 in (i, j) for i in range(n) for j in range(n))
        check.equal(attended_pairs("full", n, window), n * n, "full attention computes all pairs, whatever the window")
        check.equal(attended_pairs("local", n, window), local, "local pairs are those of the mask, in any size")
        check.equal(attended_pairs("causal local", n, window), causal, "causal local pairs are those of the mask, in any size")
        found = attended_pairs("global local", n, window)
        check.equal(found, local + extra, "global local pairs are those of the mask, in any size")
n, window = 100_000 + int(rng.integers(1, 999)), 200 + int(rng.integers(1, 99))
before = sum(n - distance for distance in range(1, window + 1))
found = [attended_pairs(kind, n, window) for kind in ("full", "local", "causal local", "global local")]
counted = [n**2, n + 2 * before, n + before, n + 2 * before + 2 * (n - 1 - window)]
check.equal(found, counted, "long sequences are counted exactly")
check.equal([isinstance(number, float) for number in found], [False] * 4, "the results are integers")
check.equal(attended_pairs("full", 3 * 10**8 + 1, 0), (3 * 10**8 + 1) ** 2, "very long sequences are counted exactly")
property = "a kind that is not known is a ValueError, even if it looks like one"
for unknown in ("", "Local", "causal", "global", "local causal"):
    check.raises(ValueError, attended_pairs, unknown, 5, 1, property=property)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** At 100,000 tokens and a window of 4, how many pairs has a local layer? By what factor is a stack of two
# local layers and a full one cheaper than three full ones? Could a hybrid of three layers ever be cheaper by more?

# %%
lengths = [10**power for power in range(1, 6)]
by_kind = {kind: [attended_pairs(kind, n, 4) for n in lengths] for kind in ("full", "global local", "local", "causal local")}
plots.lines(lengths, by_kind, x="tokens n", y="pairs of one layer", log_x=True, log_y=True, title="Window 4")
local_pairs, all_pairs = attended_pairs("local", 100_000, 4), attended_pairs("full", 100_000, 4)
print(f"100,000 tokens: local {local_pairs:,}, full {all_pairs:,}")
print(f"three full layers against two local and a full one: a factor of {3 * all_pairs / (2 * local_pairs + all_pairs):.4f}")

# %% [markdown]
# A local layer is nearly free beside a full one, so that a hybrid costs what its full layers cost: one in three saves a
# factor of 3, and no more, one in six, as in Gemma 3, a factor of 6. Only windows and global tokens grow with $n$ alone.
#
# ### Exercise 8 · `choose` · 1 point · 10 minutes · easy
#
# What is best depends on what is needed. `table` maps the name of each stack to what was measured, such as `{"near": 0.99,
# "far": 0.20, "pairs": 1668}`. `needs` maps some of the measured shares to the least that will do, such as `{"far": 0.95}`.
# Of the stacks that meet **all** needs, return the name of the one with the fewest pairs; among equals the one that stands
# first in the table; and `None` if there is none.
#
# <details><summary>Hint</summary>
#
# `all(...)` over the items of `needs` tells whether a row will do. `min` of several equals returns the first.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *A row that is exactly as good as needed:* it will do.
# - *An error when nothing will do:* `min` of nothing needs a `default`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "choose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose(table, needs):
    """The name of the row with the fewest pairs among those that meet every need, the first of equals; None if there is none.

    table: {name: {"pairs": number, task: share, ...}}. needs: {task: the least share that will do}; it may be empty.
    """
    ### BEGIN SOLUTION
    enough = [name for name, row in table.items() if all(row[task] >= least for task, least in needs.items())]
    return min(enough, key=lambda name: table[name]["pairs"], default=None)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "choose_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
table = {  # tasks may have any names
    "everything": {"near": 1.0, "copy": 1.0, "pairs": 900_000},
    "mixed": {"near": 0.9, "copy": 0.95, "pairs": 400},
    "narrow window": {"near": 1.0, "copy": 0.2, "pairs": 90},
    "a window": {"near": 1.0, "copy": 0.1, "pairs": 90},
}
check.equal(check.unchanged(choose, table, {"near": 0.95}), "narrow window", "the cheapest that will do is chosen, the first of equals")
check.equal(choose(table, {"copy": 0.95}), "mixed", "a row that is exactly as good as needed will do, in any task")
check.equal(choose(table, {"near": 0.95, "copy": 0.9}), "everything", "all needs are met, not one of them, however dear that is")
check.equal(choose(table, {"near": 1.1}), None, "where nothing will do the answer is None")
### BEGIN HIDDEN TESTS
rng = check.rng("choose_values")
check.equal(choose(table, {}), "narrow window", "without needs the cheapest of all is chosen")
check.equal(choose({}, {"near": 0.5}), None, "where nothing will do the answer is None")
for _ in range(60):
    shares = rng.integers(0, 5, size=(6, 3)) / 4
    pairs = rng.integers(1, 5, size=6)
    drawn = {f"stack {row}": {"pairs": int(pairs[row])} | dict(zip("abc", shares[row].tolist())) for row in range(6)}
    asked_for = {task: float(rng.integers(0, 5) / 4) for task in "abc" if rng.random() < 0.6}
    best = None
    for name, row in drawn.items():
        short = [task for task, least in asked_for.items() if row[task] < least]
        if not short and (best is None or row["pairs"] < drawn[best]["pairs"]):
            best = name
    check.equal(choose(drawn, asked_for), best, "fewest pairs among those that meet all needs, for any tasks")
dear = {"a long name": {"a": 0.5, "pairs": 10**9}, "short": {"a": 0.5, "pairs": 10**9}, "b": {"a": 1.0, "pairs": 3 * 10**9}}
check.equal(choose(dear, {"a": 0.5}), "a long name", "of equals the first in the table is chosen, however dear and whatever its name")
check.equal(choose(dear, {"a": 0.9}), "b", "the cheapest that will do is chosen, however dear")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Your table is filled: `results`, from the stacks above. Which stack will be chosen for near questions
# alone, for far ones, for both?

# %% tags=["skip-execution"]
for name, row in results.items():
    print(f"{name:25} near {row['near']:.2f}   far {row['far']:.2f}   pairs {row['pairs']:6,}")
for needs in ({"near": 0.95}, {"far": 0.95}, {"near": 0.95, "far": 0.95}, {"near": 0.95, "far": 0.6}):
    print(f"needed: {needs}; chosen: {choose(results, needs)}")

# %% [markdown]
# For near questions expect "local, 2 dilated": stretched windows lose more keys at the ends, and are cheaper by a few pairs
# than "3 local". For far questions, and for both, expect the global token: a sixth of the pairs of three full layers.
#
# Does it always win? It does here, where one topic is all there is to know from afar. A global token hands on one vector:
# lesson 3's bottleneck is back. And a writing model (lesson 11) cannot have one that sees the whole text, since it would hand
# on the future. There, full causal layers keep every word in reach, and the local ones between them save the rest.

# %% [markdown]
# ## What you have now
#
# A window makes attention linear in $n$, if the full matrix is never made. What it loses can be counted beforehand; layers,
# gaps, global tokens and full layers bring it back, each at a price that you can count, too.
#
# **Common mistakes**, all of which the tests look for: `window` taken for the whole width; windows that wrap around; padding
# that takes a share at the ends; a last block that is not full; a full matrix behind a mask; global tokens that do not see;
# local-p normalised twice, or over all keys.
#
# **Sources**: Luong et al. (2015); Child et al. (2019, *Generating long sequences with sparse transformers*); Beltagy et al.
# (2020, *Longformer: the long-document transformer*); Zaheer et al. (2020, *Big Bird: transformers for longer sequences*);
# Raffel et al. (2020, *Exploring the limits of transfer learning with a unified text-to-text transformer*); Jiang et al.
# (2023, *Mistral 7B*); Gemma Team (2024, *Gemma 2: improving open language models at a practical size*; 2025, *Gemma 3
# technical report*).
#
# **Further:** local attention is cheap because it leaves pairs out. Lesson 14 leaves none out, returns the same numbers as full
# attention, and still never holds the matrix.
