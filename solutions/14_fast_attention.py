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
# # 14 · Fast attention
#
# *100 minutes · PyTorch · 10 points · builds on lessons 5, Softmax, 11, Causal attention, and 13, Local attention*
#
# Lesson 13 saved time and memory by leaving pairs out, and what lay outside the window was lost. Can attention keep *every*
# pair, give the very same numbers, and still need little memory? And when it is slow, what is it waiting for?
#
# You will build `online_softmax`, `tiled_attention`, `arithmetic_intensity`, `kv_cache_bytes` and `linear_attention`, and be
# able to
#
# - compute attention exactly without ever holding its weights;
# - say whether a step waits for arithmetic or for memory, from a measurement;
# - say what a language model keeps in memory for each token, and what that costs;
# - say what attention loses when its softmax is taken away.
#
# All functions here are forward passes: the tests ask for values, not for gradients.

# %%
import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from attention_course import check, measure, plots

# %% [markdown]
# ## What the weights cost
#
# Attention as built so far makes the scores, an $n_q \times n_k$ array, and from them the weights, a second one. Neither is
# asked for: what goes on is `weights @ v`, one row per query.
#
# **Predict first.** The next cell measures how much memory a call needs beyond its arguments. From 1000 tokens to 2000, by
# what factor does it grow? How many MB are two arrays of 4000 × 4000 numbers of four bytes?

# %%
def plain_attention(q, k, v):
    """Attention with all its weights at once: q (..., n_q, d_k), k (..., n_k, d_k), v (..., n_k, d_v)."""
    scores = q @ k.mT / q.shape[-1] ** 0.5  # (..., n_q, n_k)
    return scores.softmax(dim=-1) @ v


# %% tags=["skip-execution"]
torch.manual_seed(0)
plain_attention(*(torch.randn(100, 64) for _ in "qkv"))  # the first call ever makes room for the library itself
for n_tokens in (1000, 2000, 4000):
    print(f"{n_tokens} tokens: {measure.peak_memory(plain_attention, *(torch.randn(n_tokens, 64) for _ in 'qkv')):4.0f} MB")

# %% [markdown]
# Expect about 8, 32 and 130 MB: twice the tokens, four times the memory. It is one head of one layer, and 100 000 tokens
# would take 80 GB.
#
# The way out is to look at a few keys at a time. Sums can be added up piece by piece, and `weights @ v` is a sum over keys.
# The softmax is what stands in the way. It divides by a sum over the *whole* row, and before that it subtracts the largest
# score of the *whole* row (lesson 5).

# %% [markdown]
# ## A softmax that reads once
#
# Read the row a block at a time and keep two numbers: $m$, the largest score so far, and $\ell$, the sum of
# $e^{s_j - m}$ over the scores so far. When a block brings a larger score, all that was summed up was measured against the
# wrong maximum. One factor corrects it, since $e^{s_j - m'} = e^{s_j - m} \cdot e^{m - m'}$:
#
# $$m' = \max\Big(m,\ \max_{j \in \text{block}} s_j\Big) \qquad
# \ell' = \ell \cdot e^{m - m'} + \sum_{j \in \text{block}} e^{s_j - m'}$$
#
# At the end the weight of any key is $e^{s_j - m} / \ell$. This is the *online* softmax (Milakov and Gimelshein, 2018,
# *Online normalizer calculation for softmax*).
#
# **Predict first.** The scores 0 and 1 come first, then 3. What is $\ell$ after the first two? By what factor is it corrected?

# %%
first_two, factor = np.exp([0 - 1, 1 - 1]).sum(), np.exp(1 - 3)
print(f"after 0 and 1: maximum 1, total {first_two:.4f}")
print(f"after 3: maximum 3, total {first_two:.4f} · {factor:.4f} + 1 = {first_two * factor + 1:.4f}")
print(f"all at once: {np.exp(np.array([0, 1, 3]) - 3).sum():.4f}")

# %% [markdown]
# ### Exercise 1 · `online_softmax` · 2 points · 20 minutes · medium
#
# Take the scores to be too many to be held: you get no array of them, but a function. `read(b)` returns block number `b` as a new
# tensor `(..., m)`, the next $m$ scores of every row; blocks may differ in $m$.
# Reading is slow: read every block **once**, and keep none. Return `(maximum, total)`, one number each for every row.
#
# - A score may be minus infinity: masked. A row with nothing else has maximum −∞ and total 0.
# - Half precision (float16, bfloat16) is added up in float32, and so are `maximum` and `total` then. Other dtypes stay.
#
# <details><summary>Hint</summary>
#
# Start from a maximum of −∞ and a total of 0, in the shape of a block without its last dimension. As long as a row has
# only −∞ its $m'$ is −∞, and −∞ − (−∞) is `nan`. Subtract 0 in its place: `m.masked_fill(m == float("-inf"), 0.0)`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"when the maximum rises":* the old total is multiplied by $e^{m - m'}$; mind the sign.
# - *"later blocks are measured against it":* each block has its own maximum subtracted; it must be the one of all so far.
# - *`nan` with a masked block:* see the hint. It happens in the first block, and in any other before the first finite score.
# - *"added up in float32":* convert each block, `block.float()`, before anything else.
# </details>

# %% nbgrader={"grade": false, "grade_id": "online_softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def online_softmax(read, n_blocks):
    """`(maximum, total)` of every row: its largest score, and the sum of e to the (score − maximum), each block read once.

    read: a function; read(b), for b from 0 to n_blocks − 1, returns block b: scores (..., m), masked ones minus infinity.
    The width m may differ between blocks. Only one block is kept at a time.
    Returns two tensors (...), in float32 for scores in half precision, else in the dtype of the scores.
    A row with nothing but minus infinity has maximum minus infinity and total 0 (Milakov and Gimelshein, 2018).
    """
    ### BEGIN SOLUTION
    maximum = total = None
    for number in range(n_blocks):
        block = read(number)
        block = block.float() if block.dtype.itemsize < 4 else block
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        larger = torch.maximum(maximum, block.amax(dim=-1))
        finite = larger.masked_fill(larger == float("-inf"), 0.0)  # minus infinity less minus infinity would be nan
        total = total * (maximum - finite).exp() + (block - finite[..., None]).exp().sum(dim=-1)
        maximum = larger
    return maximum, total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "online_softmax_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
rising_and_falling = torch.tensor([[[1.0, 2, 4, 8, 16]], [[16, 8, 4, 2, 1]]]).double().log()  # (2, 1, 5)
reads = []


def read(number):
    reads.append(number)
    return rising_and_falling[..., 2 * number : 2 * number + 2].clone()  # two scores of each row, in the last block one


result = online_softmax(read, 3)
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, maximum and total")
maximum, total = result
check.equal(sorted(reads), [0, 1, 2], "each block is read once")
check.shape(total, (2, 1), "there is one total for each row")
check.equal([str(each.dtype) for each in result], ["torch.float64"] * 2, "maximum and total have the dtype of the scores")
largest = torch.tensor([[16.0], [16.0]]).double().log()
check.close(maximum, largest, "the maximum is the largest score of the row, in whatever block it stands")
check.close(total[0], [31 / 16], "when the maximum rises the total so far is corrected")
check.close(total[1], [31 / 16], "where the first block holds the maximum, later blocks are measured against it")
half = online_softmax(lambda number: torch.zeros(2, 301, dtype=torch.bfloat16), 3)
check.equal([str(each.dtype) for each in half], ["torch.float32"] * 2, "half precision is added up in float32")
check.close(half[1], torch.tensor([903.0, 903.0]), "half precision is added up in float32")
low = torch.tensor([[-3e38, -2e38], [-1e38, -2e38]])  # a column is a block
maximum, total = online_softmax(lambda number: low[:, number, None].clone(), 2)
check.close(maximum / 1e38, torch.tensor([-2.0, -1.0]), "there is no size of score at which the maximum is wrong")
check.close(total, torch.ones(2), "there is no size of score at which the total is wrong")
one_at_a_time = "no block is kept: a row may be longer than memory"
check.peak_memory(20, online_softmax, lambda number: torch.zeros(250, 1000 - 9 * number), 100, property=one_at_a_time)  # 55 MB in all
on_scores = "everything is computed on the device of the scores"
check.same_device(online_softmax, lambda number: low.to("meta"), 2, property=on_scores)
### BEGIN HIDDEN TESTS
rng = check.rng("online_softmax_values")


def reader(blocks, asked):
    return lambda number: asked.append(number) or blocks[number].clone()


for front, widths, dtype, tolerance in [
    ((), (3, 5, 1), torch.float64, 1e-10),
    ((4,), (7,), torch.float32, 1e-5),
    ((2, 3), (1, 4, 2, 6), torch.float64, 1e-10),
    ((3, 1, 2), (2, 2, 2, 2, 1), torch.float32, 1e-5),
    ((1,), (1, 1, 1), torch.float64, 1e-10),
    ((3, 5), (2, 3), torch.float64, 1e-10),
]:
    for spread, level in ((1, 0), (9, 0), (1, -4000), (1, 4000), (400, 0)):
        if dtype == torch.float32 and spread + abs(level) > 9:
            continue  # there such scores are rounded to a thousandth
        scores = torch.from_numpy(spread * rng.normal(size=(*front, sum(widths))) + level).to(dtype)
        asked = []
        maximum, total = online_softmax(reader(scores.split(widths, dim=-1), asked), len(widths))
        check.equal(sorted(asked), list(range(len(widths))), "each block is read once, however many there are")
        check.shape(maximum, front, "there is one maximum for each row, in any number of dimensions")
        check.shape(total, front, "there is one total for each row, in any number of dimensions")
        check.equal([str(maximum.dtype), str(total.dtype)], [str(dtype)] * 2, "maximum and total have the dtype of the scores")
        largest = scores.double().amax(dim=-1)
        check.close(maximum, largest, "the maximum is the largest score of the row, whatever its size", tolerance)
        expected = sum((scores[..., place].double() - largest).exp() for place in range(sum(widths)))
        check.close(total, expected, "the total is that of all blocks, measured against the maximum of all", tolerance)
for dtype in (torch.float16, torch.bfloat16):
    scores = torch.from_numpy(3 * rng.normal(size=(5, 3, 40))).to(dtype)
    maximum, total = online_softmax(reader(scores, []), 5)
    exact = scores.double().transpose(0, 1).flatten(1)  # (3, 200)
    check.close(maximum, exact.amax(dim=-1), "half precision is added up in float32")
    check.close(total, (exact - exact.amax(dim=-1)[:, None]).exp().sum(dim=-1), "half precision is added up in float32", 1e-5)
    total = online_softmax(reader(torch.full((3, 2, 30_000), 5.0, dtype=dtype), []), 3)[1]
    check.close(total, torch.full((2,), 90_000.0), "a total in half precision does not overflow")
scores = torch.from_numpy(rng.normal(size=(6, 4, 3))).permute(2, 1, 0)  # (3, 4, 6), not contiguous
total = online_softmax(lambda number: scores[..., 3 * number : 3 * number + 3], 2)[1]
expected = (scores - scores.amax(dim=-1, keepdim=True)).exp().sum(dim=-1)
check.close(total, expected, "it does not matter how the blocks lie in memory")
check.same_device(online_softmax, lambda number: scores.to("meta"), 2, property=on_scores)
total = online_softmax(lambda number: torch.full((5, 200 - number), float(number)), 100)[1]
expected = sum((200 - number) * np.exp(number - 99) for number in range(100))
check.close(total, torch.full((5,), expected).float(), "many blocks add up", tolerance=1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "online_softmax_masked", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
hidden = float("-inf")
masked_first = torch.tensor([[hidden, hidden, 0.0, 0.0, hidden], [hidden] * 5, [1.0, hidden, hidden, hidden, 1.0]])
maximum, total = online_softmax(lambda number: masked_first[:, 2 * number : 2 * number + 2].clone(), 3)
check.close(total[0], 2.0, "a first block with everything masked adds nothing")
check.close(total[2], 2.0, "a later block with everything masked adds nothing")
check.close(total[1], 0.0, "a row with everything masked has a total of 0")
check.close(maximum, torch.tensor([0.0, hidden, 1.0]), "a row with everything masked has a maximum of minus infinity")
blocks = [torch.tensor([[1.0], [2.0]]), torch.full((2, 3), hidden), torch.tensor([[1.0], [2.0]])]
total = online_softmax(lambda number: blocks[number].clone(), 3)[1]
check.close(total, torch.tensor([2.0, 2.0]), "after a block with everything masked the next ones count")
### BEGIN HIDDEN TESTS
rng = check.rng("online_softmax_masked")


def reader(blocks):
    return lambda number: blocks[number].clone()


for front, widths, dtype in [
    ((), (2, 3, 1), torch.float64),
    ((5,), (1, 1, 1, 1), torch.float32),
    ((3, 7), (4, 1, 2), torch.float64),
    ((2, 3, 5), (3, 3, 2), torch.float64),
]:
    for share, level in ((0.3, 0), (0.6, 0), (0.6, -3000), (0.9, 0)):
        if dtype == torch.float32 and level:
            continue
        scores = torch.from_numpy(rng.normal(size=(*front, sum(widths))) + level).to(dtype)
        scores[torch.from_numpy(rng.random(scores.shape) < share)] = hidden
        scores[..., : widths[0]] = hidden  # of every row the first block is masked
        maximum, total = online_softmax(reader(scores.split(widths, dim=-1)), len(widths))
        largest = scores.amax(dim=-1)
        shares = torch.where(scores == hidden, 0.0, (scores - largest[..., None]).exp())  # nan only where nothing is left
        check.close(maximum, largest, "the maximum is that of the scores that are not masked")
        check.close(total, shares.sum(dim=-1), "masked scores add nothing, in whatever block", tolerance=1e-5)
        scores[..., widths[0] :] = torch.from_numpy(rng.normal(size=(*front, sum(widths[1:]))))
        scores[..., -widths[-1] :] = hidden  # and now the first block and the last
        largest, total = scores.amax(dim=-1), online_softmax(reader(scores.split(widths, dim=-1)), len(widths))[1]
        check.close(total, (scores - largest[..., None]).exp().sum(dim=-1), "masked blocks at both ends add nothing", tolerance=1e-5)
for dtype in (torch.float16, torch.float32):
    maximum, total = online_softmax(reader(torch.full((4, 2, 3), hidden, dtype=dtype)), 4)
    check.close(total, torch.zeros(2), "where all blocks are masked the total is 0")
    check.equal(bool((maximum == hidden).all()), True, "where all blocks are masked the maximum is minus infinity")
between = [torch.tensor([[1.0, 2.0], [0.0, 3.0]]), torch.full((2, 2), hidden), torch.tensor([[5.0, 2.0], [0.0, 4.0]])]
maximum, total = online_softmax(reader(between), 3)
check.close(maximum, torch.tensor([5.0, 4.0]), "after a block with everything masked the next ones count")
exact = torch.cat(between, dim=-1) - torch.tensor([[5.0], [4.0]])
check.close(total, exact.exp().sum(dim=-1), "after a block with everything masked the next ones count", tolerance=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** The same 256 scores are read in blocks of eight in three orders: as drawn, rising, falling. The largest
# score comes last in one and first in another. Draw for yourself how the total goes, and where it ends.

# %%
drawn = torch.randn(256, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
orders = {"as drawn": drawn, "rising": drawn.sort().values, "falling": drawn.sort(descending=True).values}
totals = {}
for name, in_order in orders.items():
    totals[name] = [online_softmax(lambda b, row=in_order: row[8 * b : 8 * b + 8].clone(), so_far)[1].item() for so_far in range(1, 33)]
    print(f"{name:8}: after one block {totals[name][0]:.3f}, at the end {totals[name][-1]:.12f}")
plots.lines(list(range(1, 33)), totals, x="blocks read", y="running total", title="Three ways, one end")

# %% [markdown]
# The paths differ and end in the same number: the online softmax is exact, not an approximation. *Falling* starts with the
# largest score and never corrects. *As drawn* drops where a new maximum shrinks the
# total by more than its block adds. *Rising* corrects at every block: in the
# middle, where sorted scores lie close together, many are near the largest so far and the total grows to about 36; the last
# few lie far apart, and each shrinks all that came before it.

# %% [markdown]
# ## Attention, a tile at a time
#
# Attention wants $\sum_j w_j v_j$, and not the weights. So carry a third thing along: the sum of the *values*, each times
# $e^{s_j - m}$. It needs the same correction as $\ell$:
#
# $$o' = o \cdot e^{m - m'} + \sum_{j \in \text{block}} e^{s_j - m'}\, v_j \qquad\text{and at the end}\qquad
# \text{out} = o / \ell$$
#
# Every query has an $m$, an $\ell$ and an $o$ of its own. The scores exist for one block of keys at a time and are thrown
# away. Rabe and Staats (2021, *Self-attention does not need O(n²) memory*) noted that this suffices; Dao et al. (2022,
# *FlashAttention: fast and memory-efficient exact attention with IO-awareness*) made it fast on GPUs.
#
# **Predict first.** For 4000 queries and blocks of 64 keys, how many MB has the array of scores now?

# %%
print(f"a tile of 4000 × 64 numbers of 4 bytes: {4000 * 64 * 4 / 1e6:.1f} MB; all scores: {4000 * 4000 * 4 / 1e6:.1f} MB")

# %% [markdown]
# ### Exercise 2 · `tiled_attention` · 4 points · 30 minutes · hard
#
# The keys and values arrive `block` at a time; the last block may be shorter. Make no array of $n_q \times n_k$ numbers,
# the mask included: none larger than $n_q$ times `block`. (FlashAttention cuts the queries into blocks, too. You may, and need
# not.)
#
# - `causal=True` as in lesson 11: with $n_q \ne n_k$ the queries are the *last* ones, so that query $i$ sees the keys
#   $j \le i + n_k - n_q$. A query that sees nothing gets zeros.
# - Half precision comes in and goes out; in between everything is float32, the products `q @ k` too.
# - Scores of ±10 000 are no trouble.
#
# <details><summary>Hint</summary>
#
# Write exercise 1's step with scores `(..., n_q, m)`, `q @ k_block.mT / d_k ** 0.5`, and a third line for `out`. Numbers of keys
# for the mask: `torch.arange(start, stop, device=q.device)`. In an empty row $\ell$ is 0 and in any other it is at least 1: where
# the largest score is, $e^0$ is added. So `total.clamp(min=1)` is safe to divide by.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"those of the last short block too":* `n_k // block` blocks leave the rest out. Step with `range(0, n_k, block)`.
# - *Right with one block, wrong with two:* `out` must be corrected like the total; divide once, after the last block.
# - *"the queries are the last ones":* key $j$ of a block that begins at `start` is key `start + j`, and the queries begin at
#   $n_k - n_q$.
# - *`nan`:* a query has seen nothing yet, as in exercise 1, or 0 is divided by 0 at the end.
# - *"The call needed ... MB":* scores or mask are made whole somewhere, or tiles are kept in a list.
# - *In half precision:* convert first, multiply then.
# </details>

# %% nbgrader={"grade": false, "grade_id": "tiled_attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tiled_attention(q, k, v, block, causal=False):
    """Attention of q (..., n_q, d_k) to k (..., n_k, d_k) and v (..., n_k, d_v), with `block` keys at a time: (..., n_q, d_v).

    Exact: softmax(q k^T / √d_k) v, with no array of n_q × n_k numbers (Rabe and Staats, 2021; Dao et al., 2022).
    causal: query i sees the keys j <= i + n_k − n_q; a query that sees none gets zeros.
    The result has the dtype of q. Half precision is computed in float32.
    """
    ### BEGIN SOLUTION
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q = q / q.shape[-1] ** 0.5
    maximum = q.new_full(q.shape[:-1], float("-inf"))  # (..., n_q)
    total = torch.zeros_like(maximum)
    out = q.new_zeros(*q.shape[:-1], v.shape[-1])  # (..., n_q, d_v)
    last_seen = torch.arange(n_k - n_q, n_k, device=q.device)  # (n_q,)
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        scores = q @ keys.mT  # (..., n_q, up to block)
        if causal:
            places = torch.arange(start, start + keys.shape[-2], device=q.device)
            scores = scores.masked_fill(places > last_seen[:, None], float("-inf"))
        larger = torch.maximum(maximum, scores.amax(dim=-1))
        finite = larger.masked_fill(larger == float("-inf"), 0.0)
        shares, correction = (scores - finite[..., None]).exp(), (maximum - finite).exp()
        total = total * correction + shares.sum(dim=-1)
        out = out * correction[..., None] + shares @ values
        maximum = larger
    return (out / total.clamp(min=1)[..., None]).to(dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "tiled_attention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q = torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0], [-2, 0, 0, 0]])
k = F.pad(torch.tensor([[1.0], [2.0], [5.0]]).log(), (0, 3))  # scores ln 1, ln 2, ln 5; all 0; and the opposite of the first
v = torch.tensor([[8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])
averages = torch.tensor([[6.0, 7.0], [16 / 3, 16 / 3], [96 / 17, 56 / 17]])
out = check.unchanged(tiled_attention, q, k, v, 3)
check.close(out, averages, "with one block a query averages the values by the softmax of its scores by the root of d_k", 1e-5)
out = tiled_attention(q, k, v, 1)
check.close(out[0], averages[0], "when a later block brings a larger score, what came before is corrected", tolerance=1e-5)
check.close(out, averages, "the size of the block changes nothing", tolerance=1e-5)
check.close(tiled_attention(q, k, v, 2), averages, "all keys count, those of the last short block too", tolerance=1e-5)
check.close(tiled_attention(q, k, v, 10), averages, "a block may be larger than the number of keys", tolerance=1e-5)
library_names = "scaled_dot_product_attention", "multi_head_attention_forward", "MultiheadAttention", "flex_attention"
check.library(*library_names, used_by=tiled_attention)
sizes = (4, 5), (7, 5), (7, 2)  # of two sequences with three heads each
q, k, v = (torch.linspace(0, 90, 6 * n * d).double().sin().view(2, 3, n, d) for n, d in sizes)
expected = F.scaled_dot_product_attention(q, k, v)
check.close(tiled_attention(q, k, v, 3), expected, "for heads of batches in double precision, too, it is attention to all keys")
check.same_device(tiled_attention, q, k, v, 3)
### BEGIN HIDDEN TESTS
rng = check.rng("tiled_attention_values")
for front, n_q, n_k, d_k, d_v, block, dtype, tolerance in [
    ((), 3, 7, 5, 4, 2, torch.float64, 1e-10),
    ((2,), 7, 3, 4, 6, 2, torch.float32, 1e-5),
    ((2, 3), 4, 11, 2, 5, 3, torch.float64, 1e-10),
    ((2, 1, 3), 1, 9, 6, 1, 4, torch.float64, 1e-10),
    ((3,), 5, 1, 1, 2, 3, torch.float32, 1e-5),
    ((1, 5), 6, 12, 3, 7, 5, torch.float64, 1e-10),
    ((3, 2), 13, 10, 7, 3, 5, torch.float64, 1e-10),
]:
    q, k, v = (torch.from_numpy(rng.normal(size=(*front, *size))).to(dtype) for size in ((n_q, d_k), (n_k, d_k), (n_k, d_v)))
    for sharper in (1, 6):
        powers = torch.einsum("...id,...jd->...ij", sharper * q.double() / d_k**0.5, k.double()).exp()
        expected = torch.einsum("...ij,...jd->...id", powers, v.double()) / powers.sum(dim=-1)[..., None]
        out = check.unchanged(tiled_attention, sharper * q, k, v, block)
        check.shape(out, (*front, n_q, d_v), "the result has the shape (..., n_q, d_v)")
        check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
        check.close(out, expected, "it is attention to all keys, in any size and number of dimensions", tolerance)
    for another in (1, n_k - 1 or 1, n_k, n_k + 3):
        out = tiled_attention(sharper * q, k, v, another)
        check.close(out, expected, "no size of the block changes anything", tolerance)
q, k, v = (torch.from_numpy(rng.normal(size=(d, n, 2))).permute(2, 1, 0) for d, n in ((5, 4), (5, 7), (3, 7)))  # not contiguous
powers = (q @ k.mT / 5**0.5).exp()
check.close(tiled_attention(q, k, v, 3), powers @ v / powers.sum(-1, keepdim=True), "it does not matter how the input lies in memory")
check.separate(tiled_attention, (q, k, v, 3), (2 * q, k, v, 3))
check.same_device(tiled_attention, q, k, v, 3)
heads = [torch.from_numpy(rng.normal(size=(2, n, 3, d))).transpose(1, 2) for d, n in ((5, 4), (5, 7), (3, 7))]  # as split_heads gives them
expected = F.scaled_dot_product_attention(*(x.contiguous() for x in heads))
check.close(tiled_attention(*heads, 3), expected, "it does not matter how the input lies in memory, heads that were split too")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "tiled_attention_causal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q, k, v = torch.zeros(3, 2), torch.tensor([[1.0, 2.0]] * 5), torch.eye(5)  # all scores are 0, and out is the weights
weights = tiled_attention(q[:1].expand(5, 2), k, v, 2, causal=True)
even = torch.tril(torch.ones(5, 5)) / torch.arange(1.0, 6.0)[:, None]
check.close(weights, even, "a query sees the keys up to its own place, in every block")
weights = tiled_attention(q, k, v, 2, causal=True)
check.close(weights, even[2:], "with more keys than queries the queries are the last ones")
weights = tiled_attention(q, k[:2], v[:2], 2, causal=True)
check.close(weights[0], torch.zeros(5), "a query that sees nothing gets zeros, not nan")
check.close(weights[1:], even[:2], "with more queries than keys, too, the queries are the last ones")
k = torch.tensor([[-5e4], [-4e4], [-3e4]])  # with queries of 1 each key gets nothing beside the next
out = tiled_attention(torch.ones(3, 1), k, torch.eye(3), 2, causal=True)
check.close(out, torch.eye(3), "later keys stay hidden however low the scores of the others are, and change nothing")
### BEGIN HIDDEN TESTS
rng = check.rng("tiled_attention_causal")
for front, n_q, n_k, block, dtype, tolerance in [
    ((), 5, 5, 2, torch.float64, 1e-10),
    ((2,), 3, 8, 3, torch.float32, 1e-5),
    ((2, 3), 7, 4, 2, torch.float64, 1e-10),
    ((3,), 1, 6, 4, torch.float64, 1e-10),
    ((2, 1), 9, 2, 1, torch.float32, 1e-5),
    ((3, 2), 11, 11, 4, torch.float64, 1e-10),
    ((4,), 6, 13, 5, torch.float64, 1e-10),
]:
    q, k, v = (torch.from_numpy(rng.normal(size=(*front, *size))).to(dtype) for size in ((n_q, 3), (n_k, 3), (n_k, 4)))
    expected = torch.zeros(*front, n_q, 4).double()
    for query in range(n_q):
        seen = query + n_k - n_q + 1
        if seen > 0:
            powers = (k[..., :seen, :].double() @ q[..., query, :, None].double() / 3**0.5).exp()  # (..., seen, 1)
            expected[..., query, :] = (powers * v[..., :seen, :]).sum(dim=-2) / powers.sum(dim=-2)
    for another in (block, 1, n_k, n_k + 2):
        out = check.unchanged(tiled_attention, q, k, v, another, causal=True)
        check.close(out, expected, "each query sees its own and earlier keys, whatever the sizes and the block", tolerance)
    after = tiled_attention(q, k, v, block, causal=False)
    powers = (q.double() @ k.double().mT / 3**0.5).exp()
    check.close(after, powers @ v.double() / powers.sum(-1, keepdim=True), "without causal every query sees all keys", tolerance)
q, k, v = (torch.from_numpy(rng.normal(size=(2, 6, 4))) for _ in range(3))
loud = torch.cat([k[:, :4], 1e5 * k[:, 4:]], dim=1), torch.cat([v[:, :4], 1e9 * v[:, 4:]], dim=1)
out, quiet = tiled_attention(q, *loud, 3, causal=True)[:, :4], tiled_attention(q, k, v, 3, causal=True)[:, :4]
check.close(out, quiet, "what stands at a later key changes nothing, however large its score")
far = torch.tensor([[-3e4], [0.0], [5.0]]), torch.tensor([[1.0], [1.0], [1.0]])
out = tiled_attention(far[1] * 1e4, far[0] - 1e5, torch.eye(3), 2, causal=True)
check.close(out, torch.eye(3), "later keys stay hidden however low the scores of the others are")
half = [x.to(torch.float16) for x in (q, k, v)]
out = tiled_attention(*half, 4, causal=True)
exact = [x.double() for x in half]
powers = (exact[0] @ exact[1].mT / 2).exp().tril()
check.close(out, powers @ exact[2] / powers.sum(-1, keepdim=True), "causal works in half precision, too", tolerance=2e-3)
out = tiled_attention(*(x[:, :n] for x, n in zip(half, (6, 2, 2))), 2, causal=True)
check.equal(out[:, :4], torch.zeros_like(out[:, :4]), "in half precision, too, a query that sees nothing gets zeros")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "tiled_attention_precision", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q, k, v = torch.tensor([[100.0], [-100.0], [0.0]]), torch.tensor([[-100.0], [99.0], [100.0]]), torch.eye(3)
picked = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
out = tiled_attention(q, k, v, 1)
check.close(out[:2], picked[:2], "scores of 10 000 and of −10 000 do no harm")
check.close(out[2], picked[2], "every query has a maximum of its own")
check.close(tiled_attention(q[1:2], k[2:], v[2:], 1), picked[:1], "a key that is alone gets everything, however low its score")
ones = torch.ones(70_000, 1, dtype=torch.float16)
out = tiled_attention(300 * ones[:2], 300 * ones, ones, 10_000)
check.equal(str(out.dtype), "torch.float16", "half precision comes in and goes out")
check.close(out, ones[:2], "products and sums beyond 65 504 do not overflow in half precision")
### BEGIN HIDDEN TESTS
rng = check.rng("tiled_attention_precision")
for level in (0.0, 1e4, -1e4):
    q, k, v = (torch.from_numpy(rng.normal(size=size)) for size in ((2, 5, 3), (2, 9, 3), (2, 9, 4)))
    q, k = F.pad(q, (0, 1), value=2.0), F.pad(k, (0, 1), value=level)  # every score is moved by the level
    scores = q @ k.mT / 2
    powers = (scores - scores.amax(dim=-1, keepdim=True)).exp()
    expected = powers @ v / powers.sum(dim=-1, keepdim=True)
    check.close(tiled_attention(q, k, v, 4), expected, "a number added to all scores of a query changes nothing", tolerance=1e-9)
apart = 1e4 * torch.from_numpy(rng.permutation(7)).float()[:, None] - 3e4  # every score is at least 10 000 from the next
out = tiled_attention(torch.ones(2, 1), apart, torch.eye(7), 3)
check.close(out, F.one_hot(apart.argmax(), 7).float().expand(2, 7), "with scores far apart the best key gets everything")
for dtype, tolerance in ((torch.float16, 1.1e-3), (torch.bfloat16, 4e-3)):
    q, k, v = (torch.from_numpy(rng.normal(size=size)).to(dtype) for size in ((3, 6, 8), (3, 300, 8), (3, 300, 5)))
    scores = 4 * q.double() @ k.double().mT / 8**0.5
    powers = (scores - scores.amax(dim=-1, keepdim=True)).exp()
    expected = powers @ v.double() / powers.sum(dim=-1, keepdim=True)
    for block in (7, 300):
        out = tiled_attention(4 * q, k, v, block)
        check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
        check.close(out, expected, "half precision is computed in float32 and rounded once", tolerance)
q, k, v = (300 * torch.ones(2, 4)).half(), (300 * torch.ones(3, 4)).half(), torch.eye(3).half()
out = tiled_attention(q, k, v, 2)
check.close(out, torch.full((2, 3), 1 / 3), "products beyond 65 504 do not overflow in half precision", tolerance=1e-2)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "tiled_attention_memory", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q, k = torch.linspace(-1, 1, 200)[:, None], torch.linspace(-1, 1, 16_000)[:, None]  # all scores together have 13 MB
few = "the scores of all keys never exist at once: there are tiles, one after another"
out = check.peak_memory(12, tiled_attention, q, k, k, 250, property=few)
check.shape(out, (200, 1), "the result has the shape (..., n_q, d_v)")
q = torch.zeros(3600, 1)
no_mask = "with causal, too, there is no array of all pairs, not of scores nor of a mask"
check.peak_memory(13, tiled_attention, q, q, q, 40, causal=True, property=no_mask)  # a mask of all pairs has 13 MB
### BEGIN HIDDEN TESTS
rng = check.rng("tiled_attention_memory")
q, k, v = (torch.from_numpy(rng.normal(size=(n, 2))).float() for n in (300, 12_000, 12_000))
out = check.peak_memory(12, tiled_attention, q, k, v, 300, property=few)
powers = (q[3].double() @ k.double().mT / 2**0.5).exp()
check.close(out[3], powers @ v.double() / powers.sum(), "many keys add up", tolerance=1e-5)
q, k, v = (torch.from_numpy(rng.normal(size=(3600, 2))).float() for _ in range(3))
out = check.peak_memory(13, tiled_attention, q, k, v, 40, causal=True, property=no_mask)
powers = (q[2999].double() @ k[:3000].double().mT / 2**0.5).exp()
check.close(out[2999], powers @ v[:3000].double() / powers.sum(), "with causal, too, many keys add up", tolerance=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** The next cell compares your function with plain attention, for tiles of 1, 7, 64 and 1000 keys. Which of
# them will be the closest? The cell after it measures both functions' memory for 1000 to 8000 tokens. By what factor will each
# grow from 4000 to 8000?

# %%
rng = np.random.default_rng(0)
some_q, some_k, some_v = (torch.from_numpy(rng.normal(size=(1000, 64))).float() for _ in "qkv")
reference = plain_attention(some_q, some_k, some_v)
for size in (1, 7, 64, 1000):
    away = (tiled_attention(some_q, some_k, some_v, size) - reference).abs().max()
    print(f"tiles of {size:4} keys: largest difference {away:.0e}, of outputs up to {reference.abs().max():.1f}")

# %% tags=["skip-execution"]
lengths, needed = [1000, 2000, 4000, 8000], {"plain": [], "tiled, 64 keys": []}
for n_tokens in lengths:
    q_, k_, v_ = (torch.randn(n_tokens, 64) for _ in "qkv")
    needed["tiled, 64 keys"].append(measure.peak_memory(tiled_attention, q_, k_, v_, 64))
    needed["plain"].append(measure.peak_memory(plain_attention, q_, k_, v_))
for name, megabytes in needed.items():
    print(f"{name:14}: " + ", ".join(f"{each:.0f} MB" for each in megabytes), end="; ")
    print(f"from 4000 tokens to 8000 it grows {megabytes[-1] / megabytes[-2]:.1f} times")
title = "The same numbers, for less memory"
plots.lines(lengths, needed, x="tokens", y="peak memory (MB)", log_x=True, log_y=True, title=title)

# %% [markdown]
# All tiles give the same numbers but for rounding, $10^{-6}$ or less: the sizes differ only in the order in which a sum is
# added up. With twice the tokens plain attention needs four times the memory, some 500 MB at the end. Tiled needs about twice as
# much, 15 to 40 MB at the end: a few arrays of $n$ × 64, for tiles and output. (A few MB up or down are noise.)

# %% [markdown]
# ## Is it faster?
#
# Tiling saves memory. Saving time is another matter: your function does the multiplications of plain attention and a few more,
# in small steps from Python. PyTorch has several programs for the same function,
# `F.scaled_dot_product_attention`. `MATH` is plain attention; `FLASH_ATTENTION` is tiled, in one compiled loop.
# `EFFICIENT_ATTENTION` is tiled too and runs on GPUs only, where half precision is what `FLASH_ATTENTION` takes.
#
# **Predict first.** Put the four in order: plain, your tiled, `MATH`, `FLASH_ATTENTION`. The cell prints milliseconds and,
# on the CPU, memory. With a GPU it times that one, too.

# %% tags=["skip-execution"]
def library_attention(q, k, v, backend):
    with sdpa_kernel(backend):
        return F.scaled_dot_product_attention(q, k, v)


programs = {"plain": plain_attention, "your tiled": lambda q, k, v: tiled_attention(q, k, v, 128)}
for backend in (SDPBackend.MATH, SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION):
    programs[backend.name] = lambda q, k, v, backend=backend: library_attention(q, k, v, backend)
places = [("cpu", torch.float32, 1024)] + [("cuda", torch.float16, 4096)] * torch.cuda.is_available()
for device, dtype, n_tokens in places:
    q_, k_, v_ = (torch.randn(1, 4, n_tokens, 64, device=device, dtype=dtype) for _ in "qkv")
    print(f"{device}, {dtype}, four heads, {n_tokens} tokens")
    for name, program in programs.items():
        try:
            spent = 1000 * measure.seconds(program, q_, k_, v_, repeat=4)
        except RuntimeError:
            print(f"{name:20} does not run here")
            continue
        memory = f"{measure.peak_memory(program, q_, k_, v_):6.0f} MB" if device == "cpu" else ""
        print(f"{name:20} {spent:7.1f} ms {memory}")
if len(places) == 1:
    print("no GPU here: on one, the compiled tiled programs lead by more, since its arithmetic waits longer for memory")

# %% [markdown]
# On a CPU expect `FLASH_ATTENTION` to take half the time of `MATH` or less, with a few MB in place of about 40. Yours lies
# anywhere from well below the time of plain to several times it: a tile that stays in the processor's cache is a gain, and each
# of many small steps a loss, the more so where several threads or programs share the machine.

# %% [markdown]
# On one H100, with 4096 tokens in float16, plain took 0.5 ms, yours 11 ms, `MATH` 1.4, `FLASH_ATTENTION` 0.1 and
# `EFFICIENT_ATTENTION` 0.2. There each small step from Python costs more than its arithmetic.
#
# A GPU has a small, fast memory beside the arithmetic and a large, slow one apart. FlashAttention keeps each tile in the
# fast one, so that scores never travel. Dao et al. (2022) report training of GPT-2 up to three times as fast, with *more*
# arithmetic: in its backward pass the tiles are computed a second time, since that is cheaper than having kept them.

# %% [markdown]
# ## Waiting for arithmetic, or for memory?
#
# A machine does so many operations per second, and moves so many bytes per second. A program does $F$ operations with
# $B$ bytes moved. Their ratio is its **arithmetic intensity**, $I = F / B$. The program can reach at most
#
# $$\min(\text{peak operations per second},\ I \cdot \text{bytes per second}).$$
#
# Drawn over $I$ this is a slope and then a flat top: the *roofline* (Williams, Waterman and Patterson, 2009, *Roofline: an
# insightful visual performance model for multicore architectures*). Under the slope a program waits for memory, under the flat
# top for arithmetic.

# %% [markdown]
# ### Exercise 3 · `arithmetic_intensity` · 1 point · 10 minutes · easy
#
# For `group` query heads that share one head of keys and values (lesson 10), all of width `d`. Count so:
#
# - **Operations**: in each query head, `q @ k` and `weights @ v`; a multiplication and its addition are two. The softmax is left
#   out, and so is any mask.
# - **Numbers moved**, tiled: every query, key and value is read once and every output is written once.
# - **Numbers moved**, plain: those, and in each query head the scores are written and read, and the weights are written and
#   read.
#
# <details><summary>Hint</summary>
#
# The operations are $4 \cdot \text{group} \cdot n_q \cdot n_k \cdot d$. Queries and outputs exist per query head, keys and values
# once for the group. Numbers times `bytes_per_number` are bytes.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Half of what is expected:* two operations per multiplication, or one of the two products is missing.
# - *Wrong with a group only:* the keys and values are read once, not once for each query head.
# </details>

# %% nbgrader={"grade": false, "grade_id": "arithmetic_intensity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    """Operations per byte moved, of `group` query heads with one head of keys and values, all of width d.

    n_q, n_k: queries in each head, and keys. A multiplication and its addition are two operations; only the products count.
    tiled: queries, keys and values are read once and outputs written once. Otherwise, besides, the scores and the weights of
    every query head are each written once and read once.
    """
    ### BEGIN SOLUTION
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "arithmetic_intensity_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
tiled = "tiled: queries, keys and values are read once, outputs written once"
check.close(arithmetic_intensity(3, 5, 4, 1, 1), 240 / 64, tiled)
check.close(arithmetic_intensity(1, 6, 5, group=2, bytes_per_number=1), 240 / 80, "a group reads its keys and values once")
plain = "plain: scores and weights are written and read, too, of every query head"
check.close(arithmetic_intensity(3, 5, 4, 1, 1, tiled=False), 240 / 124, plain)
check.close(arithmetic_intensity(3, 5, 4, 2, 1, tiled=False), 480 / 208, plain)
check.close(arithmetic_intensity(3, 5, 4), 240 / 128, "a number has two bytes unless told otherwise")
### BEGIN HIDDEN TESTS
rng = check.rng("arithmetic_intensity_values")
for _ in range(6):
    n_q, n_k, d, group, size = (int(number) for number in rng.permutation([1, 2, 3, 4, 7, 9, 11, 100])[:5])
    q = out = group * n_q * d
    operations, moved = 2 * (2 * group * n_q * n_k * d), size * (q + n_k * d + n_k * d + out)
    check.close(arithmetic_intensity(n_q, n_k, d, group, size), operations / moved, tiled)
    moved += size * 4 * group * n_q * n_k
    found = arithmetic_intensity(n_q, n_k, d, group, size, False)
    check.close(found, operations / moved, plain)
    found = arithmetic_intensity(n_q=n_q, n_k=n_k, d=d, group=group)
    check.close(found, operations / (2 * 2 * (q + n_k * d)), "the default is tiled, with numbers of two bytes")
check.close(arithmetic_intensity(4096, 4096, 128), 2048.0, "reading a prompt of n tokens has n / 2 operations per byte")
check.close(arithmetic_intensity(1, 10**6, 128), 10**6 / (10**6 + 1), "writing has about one operation per byte")
### END HIDDEN TESTS

# %% [markdown]
# A language model attends in two ways. It reads the prompt at once, *prefill*, with $n_q = n_k$. Then it writes token by
# token, *decoding*, with $n_q = 1$ and the cache of lesson 11.
#
# **Predict first.** In numbers of two bytes, with $d = 128$ and tiled: does a longer prompt raise the intensity of prefill?
# Does a longer cache raise that of decoding? How many tokens of the same text could share what decoding reads?

# %%
print("   tokens   prefill, tiled   prefill, plain   decoding   decoding, 8 heads share")
for n_tokens in (128, 1024, 8192, 65_536):
    prefill = [arithmetic_intensity(n_tokens, n_tokens, 128, tiled=tiled_or_not) for tiled_or_not in (True, False)]
    decoding = [arithmetic_intensity(1, n_tokens, 128, group=heads) for heads in (1, 8)]
    print(f"{n_tokens:9,} {prefill[0]:16.0f} {prefill[1]:16.0f} {decoding[0]:10.1f} {decoding[1]:25.1f}")

# %% [markdown]
# Tiled prefill has $n/2$ operations for every byte: the longer, the more. Plain prefill never gets beyond $d/2 = 64$: the
# scores it moves grow as fast as the arithmetic. Decoding stays at **one** operation per byte, however long the cache.
# Eight query heads that share keys and values have eight. (Different texts share nothing: each has a cache of its own.)
#
# Now draw it for this machine. Its peak is taken from a matrix product, its bandwidth from a copy of 64 MB; then four steps of
# attention with eight heads, in float32, are timed and put where their intensity says.
#
# **Predict first.** Which of the four end up under the slope?

# %% tags=["skip-execution"]
square, long_row = torch.randn(1024, 1024), torch.randn(16_000_000)
peak = 2 * 1024**3 / measure.seconds(torch.mm, square, square, repeat=5)
bandwidth = 2 * long_row.nbytes / measure.seconds(torch.empty_like(long_row).copy_, long_row, repeat=5)  # read and written
flash, math = (programs[name] for name in ("FLASH_ATTENTION", "MATH"))
steps = {  # (program, n_q, n_k, query heads that share, tiled)
    "prefill, tiled": (flash, 1024, 1024, 1, True),
    "prefill, plain": (math, 1024, 1024, 1, False),
    "decoding": (flash, 1, 16_384, 1, True),
    "decoding, 8 heads share": (flash, 8, 16_384, 8, True),  # for the program eight queries in each of eight heads
}
intensities = np.logspace(-1, 3, 60)
across = {"roof": intensities}
reached = {"roof": np.minimum(peak, intensities * bandwidth) / 1e9}
print(f"peak {peak / 1e9:.1f} GFLOP/s, bandwidth {bandwidth / 1e9:.1f} GB/s, corner at {peak / bandwidth:.1f} operations per byte")
for name, (program, n_q, n_k, group, tiled_or_not) in steps.items():
    q_, k_, v_ = (torch.randn(1, 8, n, 64) for n in (n_q, n_k, n_k))
    spent = measure.seconds(program, q_, k_, v_, repeat=5)
    across[name] = [arithmetic_intensity(n_q // group, n_k, 64, group, 4, tiled_or_not)]
    reached[name] = [4 * 8 * n_q * n_k * 64 / spent / 1e9]
    bound = min(peak, across[name][0] * bandwidth) / 1e9
    print(f"{name:24} {across[name][0]:6.1f} operations per byte, {reached[name][0]:7.2f} GFLOP/s, {reached[name][0] / bound:4.0%} of the roof")
x, y = "operations per byte moved", "GFLOP/s"
plots.lines(across, reached, x=x, y=y, log_x=True, log_y=True, title="Attention under this machine's roof")

# %% [markdown]
# Expect decoding far down the slope: 0.5 operations per byte in float32, and a small part of the speed of prefill, at a sizeable
# part of what the memory can deliver. Sharing the keys and values raises it. Tiled prefill stands under the flat top, near it. Plain
# prefill stands to its left, and lower. A point may lie somewhat over the roof, on a busy machine or where the processor's
# cache holds what is read: the roof itself is measured.
#
# Tiling mends prefill. It cannot mend decoding, where the keys and values themselves are what has to be moved.

# %% [markdown]
# ## What a conversation takes
#
# Each token leaves a key and a value in every layer and every head of keys and values. All of it is kept as long as the
# conversation lasts, and all of it is read for every new token. Shazeer (2019, *Fast transformer decoding: one write-head is
# all you need*) made the query heads share for that reason; Pope et al. (2022, *Efficiently scaling transformer inference*)
# reckon it for large models.
#
# ### Exercise 4 · `kv_cache_bytes` · 1 point · 5 minutes · easy
#
# How many bytes are kept? The arguments are those that a model's configuration lists; some you need in order to find the width
# of a head.
#
# <details><summary>Hint</summary>
#
# A head has $d_\text{model} / n_\text{heads}$ numbers per token, counted with the *query* heads. Keys **and** values are kept.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Half, or twice, of what is expected:* keys and values are two; `bytes_per_number` are bytes, not bits.
# - *Wrong only where query heads share:* the width comes from `n_heads`, the number that is kept from `n_kv_heads`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "kv_cache_bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    """Bytes of the keys and values that a model keeps for `batch` sequences of `n_tokens` each.

    n_heads: query heads of width d_model / n_heads, which is also the width of the `n_kv_heads` heads of keys and values.
    """
    ### BEGIN SOLUTION
    d_head = d_model // n_heads
    return 2 * batch * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "kv_cache_bytes_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.equal(kv_cache_bytes(1, 1, 1, 1, 5, 1), 10, "a token leaves a key and a value")
check.equal(kv_cache_bytes(7, 3, 4, 4, 20), 1680, "every layer keeps all heads of all tokens, in numbers of two bytes")
check.equal(kv_cache_bytes(7, 3, 4, 2, 20), 840, "with shared keys and values there are fewer heads, of the same width")
check.equal(kv_cache_bytes(7, 3, 4, 2, 20, 4, batch=5), 8400, "every sequence of the batch has a cache of its own")
check.equal(kv_cache_bytes(999_999, 126, 128, 8, 16_384), 516_095_483_904, "a million tokens are counted to the last byte")
### BEGIN HIDDEN TESTS
rng = check.rng("kv_cache_bytes_values")
for _ in range(6):
    n_tokens, n_layers, n_kv_heads, group, width, size, batch = (int(number) for number in rng.permutation([2, 3, 5, 6, 7, 11, 13]))
    n_heads, one_token = n_kv_heads * group, 2 * n_layers * n_kv_heads * width  # numbers of keys and values
    found = kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, n_heads * width, size, batch)
    check.equal(found, one_token * n_tokens * size * batch, "it is the number of keys and values, times tokens, bytes and batch")
    found = kv_cache_bytes(n_tokens, n_layers, n_heads, 1, n_heads * width)
    check.equal(found, 4 * n_layers * width * n_tokens, "the default is one sequence in numbers of two bytes")
    names = {"n_tokens": 1, "n_layers": n_layers, "n_heads": n_heads, "n_kv_heads": n_kv_heads, "d_model": n_heads * width}
    found = kv_cache_bytes(bytes_per_number=size, batch=batch, **names)
    check.equal(found, one_token * size * batch, "the arguments have the names that the docstring gives them")
check.equal(kv_cache_bytes(4096, 80, 64, 8, 8192), 1_342_177_280, "Llama 2 70B keeps 1.3 GB for 4096 tokens")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Llama 2 (Touvron et al., 2023, *Llama 2: open foundation and fine-tuned chat models*) came with 7, 13 and 70
# billion parameters. Only the largest shares keys and values, eight heads of them for 64 of queries. Which keeps most for
# 4096 tokens?

# %%
llamas = {  # layers, query heads, heads of keys and values, width
    "7B": (32, 32, 32, 4096),
    "13B": (40, 40, 40, 5120),
    "70B": (80, 64, 8, 8192),
    "70B, if it did not share": (80, 64, 64, 8192),
}
kept = {name: kv_cache_bytes(4096, *sizes) / 1e9 for name, sizes in llamas.items()}
plots.bars(None, list(kept), list(kept.values()), title="Cache of one conversation of 4096 tokens, two bytes a number", y="GB")
for name, gigabytes in kept.items():
    at_most = 3350 / gigabytes
    print(f"{name:24} {gigabytes:5.2f} GB; read at 3350 GB/s, the cache alone allows {at_most:5.0f} tokens per second")

# %% [markdown]
# The largest model keeps the least, 1.34 GB: less than the 2.15 GB of the smallest. Without sharing it would keep 10.74 GB, and
# seven conversations would nearly fill a GPU of 80 GB without a single parameter. 3350 GB/s is what the maker states for one such GPU, an
# H100 SXM; the parameters, which have to be read as well, are not counted.

# %% [markdown]
# ## A memory that does not grow
#
# What if the cache had a fixed size? Softmax attention weighs key $j$ by $e^{q \cdot k_j / \sqrt{d}}$, which cannot be
# taken apart into something of $q$ and something of $k_j$. Katharopoulos et al. (2020, *Transformers are RNNs: fast
# autoregressive transformers with linear attention*) replace it by $\phi(q) \cdot \phi(k_j)$, which can, with
# $\phi(x) = \text{elu}(x) + 1$: that is $x + 1$ where $x > 0$, else $e^x$. It is positive, as weights must be.
#
# $$\text{out} = \frac{\sum_j \big(\phi(q) \cdot \phi(k_j)\big)\, v_j}{\sum_j \phi(q) \cdot \phi(k_j)}
# = \frac{\phi(q)^\top S}{\phi(q)^\top z} \qquad S = \sum_j \phi(k_j)\, v_j^\top \qquad z = \sum_j \phi(k_j)$$
#
# $S$ has $d_k \times d_v$ numbers and $z$ has $d_k$, for any number of keys: the sums are made once and serve all queries.
# Causal is a *running* sum: query $i$ uses what the keys up to $i$ have added, and the model is a recurrent network (lesson
# 3) with a matrix for its state.

# %% [markdown]
# ### Exercise 5 · `linear_attention` · 2 points · 20 minutes · medium
#
# There is no division by $\sqrt{d}$ here, and no small number in the denominator. Make no array of $n_q \times n_k$ numbers. For
# `causal=True` there are as many queries as keys; carry $S$ and $z$ from token to token in a loop, or sum them up with `cumsum`,
# as you like. Half precision comes in and goes out; in between everything is float32.
#
# <details><summary>Hint</summary>
#
# `F.elu(x) + 1` is $\phi$. Brackets decide: `phi_q @ (phi_k.mT @ v)` never makes the weights. In the loop, token $i$ adds
# `phi_k[..., i, :, None] * v[..., i, None, :]`, of shape `(..., d_k, d_v)`, *before* query $i$ looks.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"equal values":* the denominator is missing, has a number added, or belongs to other keys.
# - *"by products of features":* is $\phi$ applied to queries and keys, and not to values? Is anything scaled?
# - *"up to its own place":* a query also sees its own key; add first, then look.
# </details>

# %% nbgrader={"grade": false, "grade_id": "linear_attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_attention(q, k, v, causal=False):
    """Attention with the weights φ(q)·φ(k) / Σ φ(q)·φ(k), φ(x) = elu(x) + 1: (..., n_q, d_v) (Katharopoulos et al., 2020).

    q: (..., n_q, d_k), k: (..., n_k, d_k), v: (..., n_k, d_v). No array of n_q × n_k numbers is made.
    causal: n_q = n_k, and query i sees the keys up to i.
    The result has the dtype of q. Half precision is computed in float32.
    """
    ### BEGIN SOLUTION
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return ((q @ (k.mT @ v)) / (q @ k.sum(dim=-2)[..., None])).to(dtype)
    state, normalizer, rows = 0.0, 0.0, []
    for place in range(k.shape[-2]):
        state = state + k[..., place, :, None] * v[..., place, None, :]  # (..., d_k, d_v)
        normalizer = normalizer + k[..., place, :]  # (..., d_k)
        asked = q[..., place, None, :]  # (..., 1, d_k)
        rows.append((asked @ state / (asked @ normalizer[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "linear_attention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q = torch.tensor([[0.0, 1.0], [-0.6931472, 1.0]])  # features 1, 2 and 0.5, 2
k, v = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), torch.tensor([[12.0, 0.0, 3.0], [0.0, 12.0, 3.0], [12.0, 12.0, 3.0]])
out = check.unchanged(linear_attention, q, k, v)
check.shape(out, (2, 3), "the result has the shape (..., n_q, d_v)")
check.close(out[:, 2], torch.tensor([3.0, 3.0]), "equal values come out as they are: the weights sum to one")
expected = torch.tensor([[8.0, 9.0], [8.4, 9.0]])  # of weights 3, 4, 5 and 2.5, 3, 4.5
check.close(out[:, :2], expected, "values are weighed by products of features, not scaled", tolerance=1e-5)
small = "small weights sum to one as large ones do: nothing is added below"
check.close(linear_attention(q - 8, k - 8, v)[:, 2], torch.tensor([3.0, 3.0]), small)
ones = torch.ones(70_000, 1, dtype=torch.float16)
in_float32 = "half precision is computed in float32: no sum overflows, no feature is lost"
for level in (0, -9):
    out = linear_attention(level * ones[:2], level * ones, ones)
    check.close(out, ones[:2], in_float32)
check.equal(str(out.dtype), "torch.float16", "the result has the dtype of the input")
x = torch.zeros(6000, 1)
no_weights = "there is no array of all pairs: the sum over the keys is made first"
check.peak_memory(25, linear_attention, x, x, x, property=no_weights)  # all pairs have 144 MB
check.library("scaled_dot_product_attention", "multi_head_attention_forward", used_by=linear_attention)
### BEGIN HIDDEN TESTS
rng = check.rng("linear_attention_values")
for front, n_q, n_k, d_k, d_v, dtype, tolerance in [
    ((), 3, 7, 5, 4, torch.float64, 1e-10),
    ((2,), 7, 3, 4, 6, torch.float32, 1e-5),
    ((2, 3), 4, 11, 2, 5, torch.float64, 1e-10),
    ((3,), 1, 5, 1, 2, torch.float32, 1e-5),
    ((3, 1, 2), 5, 1, 4, 3, torch.float64, 1e-10),
]:
    for spread in (1, 4):
        q, k, v = (torch.from_numpy(rng.normal(size=(*front, *size))) for size in ((n_q, d_k), (n_k, d_k), (n_k, d_v)))
        q, k, v = (x.to(dtype) for x in (spread * q, spread * k, v))
        asked, features = (torch.where(x > 0, x.double() + 1, x.double().exp()) for x in (q, k))
        weights = torch.einsum("...id,...jd->...ij", asked, features)
        expected = torch.einsum("...ij,...jd->...id", weights, v.double()) / weights.sum(dim=-1)[..., None]
        out = check.unchanged(linear_attention, q, k, v)
        check.shape(out, (*front, n_q, d_v), "the result has the shape (..., n_q, d_v), in any number of dimensions")
        check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
        check.close(out, expected, "it is the average by products of features, in any size and number of dimensions", tolerance)
q, k, v = (torch.from_numpy(rng.normal(size=(d, n, 2))).permute(2, 1, 0) for d, n in ((5, 4), (5, 7), (3, 7)))  # not contiguous
weights = (F.relu(q) + q.clamp(max=0).exp()) @ (F.relu(k) + k.clamp(max=0).exp()).mT
check.close(linear_attention(q, k, v), weights @ v / weights.sum(-1, keepdim=True), "it does not matter how the input lies in memory")
out = linear_attention(q - 8, k - 8, torch.ones_like(v))
check.close(out, torch.ones(2, 4, 3).double(), small, tolerance=1e-6)
ones = torch.ones(70_000, 1, dtype=torch.float16)
check.close(linear_attention(0 * ones[:2], 0 * ones, ones), ones[:2], "a sum over 70 000 keys does not overflow in half precision")
out = linear_attention(-9 * ones[:2], -9 * ones[:4], torch.tensor([[1.0], [1.0], [2.0], [4.0]]).half())
check.close(out, 2 * ones[:2], "the features of half precision are made in float32")
for dtype, tolerance in ((torch.float16, 1.1e-3), (torch.bfloat16, 4e-3)):
    q, k, v = (torch.from_numpy(rng.normal(size=(3, n, 4))).to(dtype) for n in (5, 300, 300))
    exact = [x.double() for x in (q, k, v)]
    weights = (F.elu(exact[0]) + 1) @ (F.elu(exact[1]) + 1).mT
    expected, out = weights @ exact[2] / weights.sum(-1, keepdim=True), linear_attention(q, k, v)
    check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
    check.close(out, expected, "half precision is computed in float32 and rounded once", tolerance)
for causal in (False, True):
    check.same_device(linear_attention, q[:, :5], k[:, :5], v[:, :5], causal)
q, k, v = (torch.from_numpy(rng.normal(size=(6000, d))).float() for d in (4, 4, 3))
out = check.peak_memory(25, linear_attention, q, k, v, property=no_weights)
weights = (F.elu(q[7]) + 1).double() @ (F.elu(k) + 1).double().mT
check.close(out[7], weights @ v.double() / weights.sum(), "many keys add up", tolerance=1e-5)
heads = [torch.from_numpy(rng.normal(size=(2, n, 3, d))).transpose(1, 2) for d, n in ((5, 4), (5, 7), (3, 7))]  # as split_heads gives them
weights = (F.elu(heads[0]) + 1) @ (F.elu(heads[1]) + 1).mT
expected = weights @ heads[2] / weights.sum(-1, keepdim=True)
check.close(linear_attention(*heads), expected, "it does not matter how the input lies in memory, heads that were split too")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "linear_attention_causal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
q = torch.zeros(2, 3, 2)  # two sequences of three tokens
k = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
v = torch.eye(3).repeat(2, 1, 1)  # each value marks its key; weights in proportion to 2, 3, 3 and to 3, 3, 2
weights = check.unchanged(linear_attention, q, k, v, causal=True)
check.close(weights[:, 0], torch.tensor([[1.0, 0.0, 0.0]] * 2), "the first query sees its own key")
first = [[1.0, 0.0, 0.0], [0.4, 0.6, 0.0], [0.25, 0.375, 0.375]]
second = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.375, 0.375, 0.25]]
check.close(weights, torch.tensor([first, second]), "a query sees the keys of its sequence up to its own place, and its weights sum to one")
check.same_device(linear_attention, q, k, v, True)
x = torch.zeros(2500, 1)
no_weights = "with causal, too, there is no array of all pairs"
check.peak_memory(16, linear_attention, x, x, x, causal=True, property=no_weights)  # all pairs have 25 MB
### BEGIN HIDDEN TESTS
rng = check.rng("linear_attention_causal")
for front, n, d_k, d_v, dtype, tolerance in [
    ((), 6, 3, 4, torch.float64, 1e-10),
    ((2,), 9, 5, 3, torch.float32, 1e-5),
    ((2, 3), 5, 2, 7, torch.float64, 1e-10),
    ((3, 1), 1, 4, 2, torch.float32, 1e-5),
    ((3, 2), 13, 1, 5, torch.float64, 1e-10),
]:
    q, k, v = (torch.from_numpy(rng.normal(size=(*front, n, d))).to(dtype) for d in (d_k, d_k, d_v))
    expected = torch.zeros(*front, n, d_v).double()
    for place in range(n):
        asked, features = (torch.where(x > 0, x.double() + 1, x.double().exp()) for x in (q[..., place, :], k[..., : place + 1, :]))
        weights = (asked[..., None, :] * features).sum(dim=-1, keepdim=True)  # (..., seen keys, 1)
        expected[..., place, :] = (weights * v[..., : place + 1, :]).sum(dim=-2) / weights.sum(dim=-2)
    out = check.unchanged(linear_attention, q, k, v, causal=True)
    check.shape(out, (*front, n, d_v), "the result has the shape (..., n_q, d_v), in any number of dimensions")
    check.close(out, expected, "each query averages its own and earlier values, in any size", tolerance)
    check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
later = torch.cat([k[..., :7, :], k[..., 7:, :] + 1e6], dim=-2)
out = linear_attention(q, later, v, causal=True)
check.close(out[..., :7, :], expected[..., :7, :], "what comes later changes nothing")
for dtype, n, tolerance in ((torch.float16, 800, 1.1e-3), (torch.bfloat16, 200, 4e-3)):
    half = [torch.from_numpy(rng.normal(size=(n, 2)) + 1).to(dtype) for _ in range(3)]
    exact = [x.double() for x in half]
    weights = ((F.elu(exact[0]) + 1) @ (F.elu(exact[1]) + 1).mT).tril()
    expected, out = weights @ exact[2] / weights.sum(-1, keepdim=True), linear_attention(*half, causal=True)
    check.equal(str(out.dtype), str(dtype), "the result has the dtype of the input")
    check.close(out, expected, "with causal, too, half precision is computed in float32", tolerance)
q, k, v = (torch.from_numpy(rng.normal(size=(2500, d))).float() for d in (3, 3, 2))
out = check.peak_memory(16, linear_attention, q, k, v, causal=True, property=no_weights)
weights = (F.elu(q[2000]) + 1).double() @ (F.elu(k[:2001]) + 1).double().mT
check.close(out[2000], weights @ v[:2001].double() / weights.sum(), "with causal, too, many keys add up", tolerance=1e-5)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** From 2000 tokens to 8000, by what factor does the time of softmax attention grow, and by what factor that of
# linear attention?

# %% tags=["skip-execution"]
print("tokens   softmax (FLASH_ATTENTION)   linear")
for n_tokens in (2000, 4000, 8000):
    q_, k_, v_ = (torch.randn(1, 1, n_tokens, 64) for _ in "qkv")
    spent = [1000 * measure.seconds(program, q_, k_, v_, repeat=5) for program in (flash, linear_attention)]
    print(f"{n_tokens:6} {spent[0]:21.1f} ms {spent[1]:11.1f} ms")

# %% [markdown]
# On a quiet machine expect about 16 times for softmax and about 4 for linear attention, which takes a few milliseconds. What is
# the price?
#
# ## Where linear attention is wrong
#
# A softmax can be sharpened: a query twice as long doubles the scores and squares the ratio of two weights. $\phi$ is
# $x + 1$ for positive $x$: a query twice as long about doubles *all* its weights, and the division takes that away again.
#
# **Predict first.** Each of six words below has a random key and asks for itself: its query is its key, ten times as long.
# What do the weights look like, with softmax and with $\phi$? (The values are one-hot: what comes out is the weights.)

# %%
words = ["The", "cat", "sat", "on", "the", "mat"]
word_keys = F.normalize(torch.from_numpy(np.random.default_rng(0).normal(size=(6, 16))).float(), dim=-1) * 4
asks_itself = 10 * word_keys
maps = [attend(asks_itself, word_keys, torch.eye(6)) for attend in (plain_attention, linear_attention)]
plots.heatmaps(maps, ["softmax", "linear"], rows=words, columns=words, limits=(0, 1))
for name, weights in zip(("softmax", "linear"), maps):
    print(f"{name:8}: a word's own weight is {weights.diagonal().min():.2f} to {weights.diagonal().max():.2f}")

# %% [markdown]
# The softmax finds each word. The linear weights are spread over all six; the own word has only a little more than the rest.
# Now the same for outputs: 256 random queries, keys and values of width 16, with queries 0 to 8 times as long.
#
# **Predict first.** At which end do the two attentions agree?

# %%
sharpness, wrong_by = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0], {}
for seed in range(3):
    chance = np.random.default_rng(seed)
    q_, k_, v_ = (torch.from_numpy(chance.normal(size=(256, 16))).float() for _ in "qkv")
    wrong_by[f"seed {seed}"] = []
    for times in sharpness:
        exact = plain_attention(times * q_, k_, v_)
        wrong_by[f"seed {seed}"].append(((linear_attention(times * q_, k_, v_) - exact).norm() / exact.norm()).item())
    print(f"seed {seed}: " + "  ".join(f"{times:g}: {error:.2f}" for times, error in zip(sharpness, wrong_by[f"seed {seed}"])))
x, y = "length of the queries (times)", "relative error"
plots.lines(sharpness, wrong_by, x=x, y=y, title="Linear attention against softmax attention")

# %% [markdown]
# Where queries are 0 both average: softmax evenly, linear attention nearly so, with an error of about 0.15. As the queries
# grow the error rises to nearly 1, as large as the output itself: the softmax picks, and the linear weights go on averaging.
#
# Trained keys can be better than random ones. How good at best? $S$ has $d_k$ rows. If every key had a row to itself, each
# value could be found again; beyond $d_k$ keys that cannot be (Schlag et al., 2021, *Linear transformers are secretly fast
# weight programmers*).
#
# **Predict first.** From 2 to 128 pairs with keys of width 16: how large is the weight of the pair that is asked for, on average?
# With softmax, with $\phi$ and random keys, and with $\phi$ and keys that have a row to themselves as far as the rows suffice?

# %%
chance, pairs = np.random.default_rng(0), [2, 4, 8, 16, 32, 64, 128]
recalled = {"softmax, random keys": [], "linear, random keys": [], "linear, a row for each key": []}
for n_pairs in pairs:
    random_keys = F.normalize(torch.from_numpy(chance.normal(size=(50, n_pairs, 16))).float(), dim=-1) * 4
    row_keys = 20.0 * F.one_hot(torch.arange(n_pairs) % 16, 16) - 10  # 10 in one place, −10 in the others
    answers = torch.eye(n_pairs)  # what comes out are weights, and the diagonal is the weight of the pair asked for
    for name, attend, keys in zip(recalled, (plain_attention, linear_attention, linear_attention), (random_keys, random_keys, row_keys)):
        weights = attend(5 * keys, keys, answers.expand(*keys.shape[:-1], n_pairs))
        recalled[name].append(weights.diagonal(dim1=-2, dim2=-1).mean().item())
for name, shares in recalled.items():
    print(f"{name:26} " + "  ".join(f"{n_pairs}: {share:.2f}" for n_pairs, share in zip(pairs, shares)))
y = "weight of the pair asked for"
plots.lines(pairs, recalled, x="pairs of key and value", y=y, log_x=True, log_y=True, title="Finding one of many")

# %% [markdown]
# Softmax attention finds the pair among 128: its memory grows with the text. With random keys linear attention gives the pair
# asked for 0.64 of the weight among two and 0.01 among 128, less than twice an even share. With the best keys it is perfect up to 16 pairs and then halves with every
# doubling: a state of fixed size is full, like the single vector of lesson 3.
#
# That is why the two are mixed, as lesson 13 mixed windows with global layers: many layers with a fixed state, a few with
# all pairs.

# %% [markdown]
# ## What you have now
#
# | for $n$ tokens | numbers | memory beside q, k, v | operations | a new token reads |
# | --- | --- | --- | --- | --- |
# | plain | exact | $n^2$ | $n^2$ | all keys and values |
# | tiled | exact | $n \cdot$ block | $n^2$ | all keys and values |
# | local (lesson 13) | others left out | $n \cdot$ window | $n \cdot$ window | those in the window |
# | linear | another function | $d_k \cdot d_v$ | $n \cdot d_k \cdot d_v$ | a fixed state |
#
# **Common mistakes**, all of which the tests look for: −∞ − (−∞) in a first block with nothing in it; one maximum per block; a
# total or an output not corrected when the maximum rises; the last short block lost; a mask of $n \times n$; causal offsets
# counted from the wrong corner; sums in half precision.
#
# **Further:** the papers named above; Dao (2023, *FlashAttention-2: faster attention with better parallelism and work
# partitioning*).
#
# Attention is now complete, and fast. By itself it only averages. What stands around it in a transformer, and why, is Part 4:
# lesson 15, The transformer block.
