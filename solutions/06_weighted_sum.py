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
# # 6 · Weighted sum: what a query takes home
#
# *80 minutes · NumPy · 10 points · builds on lesson 5, Softmax: from scores to weights*
#
# In "The cat sat on the mat", "sat" looks at "cat" with weight 0.4. And then? A weight is no word and no vector,
# nothing that a model could go on with. What does "sat" take home from looking?
#
# You will build `weighted_sum`, `attention`, `padding_mask`, `kernel_regression` and `attentional_state`, and be
# able to say
#
# - how attention is a dictionary that has an answer to every question;
# - why padding leaks into a context, and what shape of mask stops it;
# - which statistician's formula of 1964 is attention;
# - how a context enters the model, and why somebody must *learn* where to look.

# %%
import matplotlib.pyplot as plt
import numpy as np

from attention_course import check, data, plots

# %% [markdown]
# `softmax` and `masked_softmax` are yours, from lesson 5.

# %% tags=["given"]
# given: softmax, masked_softmax from 05_softmax
def softmax(scores, axis=-1):
    """Weights that are positive and sum to one along `axis`, larger where the score is larger.

    scores: float array of any shape.
    Returns a new array of the same shape; `scores` itself is left as it was.
    """
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def masked_softmax(scores, mask, axis=-1):
    """Softmax over the positions where `mask` is True.

    scores: float array; mask: boolean array that broadcasts to its shape. Both are left as they were.
    Returns a new array of the shape of `scores`: exactly 0 where masked, and all 0 in a row with nothing left.
    """
    seen = np.where(mask, scores, -np.inf)
    highest = seen.max(axis=axis, keepdims=True)
    exponentials = np.exp(seen - np.where(np.isfinite(highest), highest, 0.0))
    total = exponentials.sum(axis=axis, keepdims=True)
    return exponentials / np.where(total > 0, total, 1.0)


# %% [markdown]
# ## A dictionary with an answer to everything
#
# A Python dictionary maps keys to values: which wind brings how many millimetres of rain? A query that equals a key
# gets that key's value. Any other query gets a `KeyError`.
#
# **Predict first.** The wind comes from the north-north-east, a quarter of the way from north to east. There is no such key.
# Which shares of the four values would you take, and how many millimetres do they make?

# %%
rain = {"north": 1.0, "east": 2.0, "south": 6.0, "west": 11.0}
for wind in ["south", "north-north-east"]:
    print(f"{wind}:", rain.get(wind, "KeyError"))
shares_taken = {"north": 0.75, "east": 0.25, "south": 0, "west": 0}
print("three quarters north, one quarter east:", sum(share * rain[wind] for wind, share in shares_taken.items()))

# %% [markdown]
# A *soft* dictionary compares the query with every key, makes weights of the scores, and mixes the values. Graves,
# Wayne and Danihelka (2014, *Neural Turing machines*) read a memory in this way.

# %% [markdown]
# ### Exercise 1 · `weighted_sum` · 1 point · 5 minutes · easy
#
# Query $i$ has weight $w_{ij}$ on key $j$, whose value is the vector $v_j$. What it takes home is its *context*:
#
# $$c_i = \sum_j w_{ij}\, v_j$$
#
# Arrays may have batch dimensions in front, which broadcast as NumPy's do. The weights are used as they come,
# whatever they add up to.
#
# <details><summary>Hint</summary>
#
# Row $i$ of the weights meets column after column of the values, and products are summed over $j$. Which product of
# linear algebra does this? Its operator in Python takes batch dimensions along.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for one matrix, wrong for a batch:* `np.dot` and `.T` mix batch dimensions; `@` does not.
# - *Right shape, wrong numbers:* the weights are transposed; row $i$ belongs to query $i$.
# - *A row of zero weights gives `nan`, a weight of 2 counts as 1:* the sum was divided by the sum of the weights.
# </details>

# %% nbgrader={"grade": false, "grade_id": "weighted_sum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_sum(weights, values):
    """What each query collects: the values, each in proportion to the query's weight on it.

    weights: float array (..., n_q, n_k); values: float array (..., n_k, d_v). Batch dimensions broadcast; both stay as they were.
    Returns a new array (..., n_q, d_v).
    """
    ### BEGIN SOLUTION
    return weights @ values
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "weighted_sum_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
shares = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25]])
offered = np.array([[1.0, 10.0], [3.0, 30.0], [7.0, 71.0]])
collected = check.unchanged(weighted_sum, shares, offered)
expected = [[2.0, 20.0], [7.0, 71.0], [3.5, 35.25]]
check.close(collected, expected, "every query collects each value in proportion to its weight on it")
collected = check.unchanged(weighted_sum, np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), offered)
check.close(collected, [[2.0, 20.0], [0.0, 0.0]], "the weights are used as they come, whatever they add up to")
collected = weighted_sum(np.array([[[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]]), np.stack([offered, 5 * offered]))  # a batch of two
expected = [[[1.0, 10.0]], [[15.0, 150.0]]]
check.close(collected, expected, "each query collects from the values of its own batch entry, all of them")
### BEGIN HIDDEN TESTS
collected = check.unchanged(weighted_sum, np.array([[2.0, -0.5, 0.0], [1.0, -1.0, 0.0]]), offered)
check.close(collected, [[0.5, 5.0], [-2.0, -20.0]], "the weights are used as they come, whatever they add up to")
collected = weighted_sum(np.array([[1.0, 1e-12, 1e-9]]), np.array([[0.0], [1e12], [-3e9]]))
check.close(collected, [[-2.0]], "a small weight on a large value counts")
rng = check.rng("weighted_sum_values")
plain = [((), 3, 5, 7), ((), 5, 3, 1), ((), 1, 6, 4)]
batches = [((3,), 3, 3, 3), ((2,), 3, 5, 7), ((5,), 4, 3, 2), ((2, 5), 4, 3, 7)]
for lead, n_q, n_k, d_v in plain + batches:
    shares, offered = rng.random((*lead, n_q, n_k)), rng.normal(size=(*lead, n_k, d_v))
    collected, expected = check.unchanged(weighted_sum, shares, offered), np.zeros((*lead, n_q, d_v))
    for place in np.ndindex(shares.shape):
        expected[place[:-1]] += shares[place] * offered[place[:-2] + place[-1:]]
    check.equal(isinstance(collected, np.ndarray), True, "the context is a NumPy array")
    check.shape(collected, expected.shape, "the context has a row for each query and a column for each dimension of the values")
    check.close(collected, expected, "each query collects from the values of its own batch entry, all of them")
check.equal(str(collected.dtype), "float64", "float64 weights and values give a float64 context")
turned = weighted_sum(np.asfortranarray(shares), np.ascontiguousarray(offered.swapaxes(-1, -2)).swapaxes(-1, -2))
check.close(turned, expected, "it does not matter how weights and values lie in memory")
serves = "a batch dimension that is missing or of length one serves every batch entry"
for few, many in [(shares[0, 0], offered), (shares, offered[1, 2]), (shares, offered[:1]), (shares[:, :1], offered)]:
    collected = check.unchanged(weighted_sum, few, many)
    check.shape(collected, (2, 5, 4, 7), serves)
    check.close(collected, (few[..., None] * many[..., None, :, :]).sum(axis=-2), serves)
### END HIDDEN TESTS

# %% [markdown]
# Now the soft dictionary of winds. A key is the unit vector of its direction, a score is the dot product, and the
# temperature of lesson 5 divides it.
#
# **Predict first.** Two winds ask: one from 30° (north is 0°, east 90°) and one from 45°. What does each get as the
# temperature $T$ grows? And as it falls towards 0?

# %%
def direction(degrees):
    return np.stack([np.sin(np.radians(degrees)), np.cos(np.radians(degrees))], axis=-1)


wind_keys, wind_values = direction(np.array([0, 90, 180, 270])), np.array(list(rain.values()))[:, None]  # (4, 2), (4, 1)
wind_scores = direction(np.array([30, 45])) @ wind_keys.T  # (2 queries, 4 keys)
temperatures = np.geomspace(0.01, 100, 60)
answers = np.stack([weighted_sum(softmax(wind_scores / t), wind_values)[:, 0] for t in temperatures])  # (60, 2)
chosen = [100, 1, 0.3, 0.1, 0.01]
from_30 = np.stack([softmax(wind_scores[0] / t) for t in chosen])
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
at_each = [f"T = {t}" for t in chosen]
plots.heatmap(from_30, at_each, list(rain), "Weights of the wind from 30°", left, x="key", y="", colorbar=False)
curves = {"from 30°": answers[:, 0], "from 45°": answers[:, 1]}
plots.lines(temperatures, curves, x="temperature T", y="rain in mm", log_x=True, panel=right, title="Answers")
print("T = 0.01:", answers[0].round(3), "  T = 100:", answers[-1].round(3), "  mean of the values:", wind_values.mean())

# %% [markdown]
# At $T = 100$ both hear nearly the mean of all values, 5 mm. As $T$ falls the first answer becomes that of the nearest
# key, north, 1 mm: the soft dictionary has become Python's. The second query is equally near to two keys. No
# temperature makes it choose; it gets their average, 1.5 mm. Where $T$ is above about 0.65, the wind from 30° gets *more* rain
# than the one from 45°: it is nearer to west, and west has 11 mm.
#
# Between the two ends the answer is smooth, so a gradient can say which way to move queries and keys. A Python
# dictionary cannot be trained.

# %% [markdown]
# ## All of attention
#
# Score, softmax, weighted sum: with the scaled dot product of lesson 4 this is (Vaswani et al., 2017, *Attention is
# all you need*)
#
# $$\operatorname{attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^{\mathsf T}}{\sqrt{d_k}}\right) V$$
#
# Keys decide *where* the weight goes, values *what* is brought home. The two may differ, even in width.

# %% [markdown]
# ### Exercise 2 · `attention` · 4 points · 20 minutes · medium
#
# Return the context *and* the weights, as a pair. With a mask, queries look only where it is `True`; one that may
# look nowhere gets zeros. Call `softmax`, `masked_softmax` and your `weighted_sum`, not a library's attention.
#
# <details><summary>Hint</summary>
#
# For a batch, `np.swapaxes(K, -1, -2)` is what `K.T` is for one matrix. `Q.shape[-1]` is $d_k$. Weights are made
# first, with the mask or without; both results come from the same weights.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"it returns a pair" fails:* return context and weights, in this order.
# - *Right for one matrix, wrong or "could not be broadcast" for a batch:* `K.T` turns the batch's axes, too.
# - *`nan` for large dot products:* a softmax of your own overflows.
# - *The weights are too flat or too sharp:* the scale is the root of the width of the *keys*, not of the values,
#   and not the width itself.
# - *The context has the wrong width:* the keys were summed, not the values.
# - *The weights are right, the context is not:* it was made with the weights from before the mask.
# - *`nan` or 1/3 where all is masked:* −inf or −1e9 went into `softmax`; `masked_softmax` knows that row.
# - *Under a mask a row adds up to less than 1:* the mask came after the softmax; the weights were not renormalised.
# - *"The truth value of an array ... is ambiguous":* ask `mask is None`, not `if mask`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention(Q, K, V, mask=None):
    """Scaled dot-product attention: what each query collects, and the weights with which it does.

    Q: (..., n_q, d_k); K: (..., n_k, d_k); V: (..., n_k, d_v): float arrays, dot products of any size. Batch dimensions broadcast.
    mask: None, or a boolean array that broadcasts to (..., n_q, n_k); True where the query may look. All stay as they were.
    Returns (context, weights): new arrays (..., n_q, d_v) and (..., n_q, n_k). A masked weight is exactly 0; with everything
    masked, a query's weights and context are all 0.
    """
    ### BEGIN SOLUTION
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])  # (..., n_q, n_k)
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
queries = 2 * np.log(3) * np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
keys, values = np.eye(4)[:3], np.array([[1.0, 10.0], [2.0, 0.0], [6.0, 50.0]])
result = check.unchanged(attention, queries, keys, values)
is_pair = [len(result), np.shape(result[-1])]  # how many, and the shape of the last
check.equal(is_pair, [2, (3, 3)], "it returns a pair, context and weights")
context, weights = result
in_thirds = [[0.6, 0.2, 0.2], [1 / 3, 1 / 3, 1 / 3], [0.2, 0.6, 0.2]]
check.close(weights, in_thirds, "a query's weights are the softmax of its dot products over the root of d_k")
check.close(context, [[2.2, 16.0], [3.0, 20.0], [2.6, 12.0]], "the context is the sum of the values with these weights")
check.library("scaled_dot_product_attention", "MultiheadAttention", "multi_head_attention_forward", used_by=attention)
### BEGIN HIDDEN TESTS
check.equal(isinstance(result, (tuple, list)), True, "it returns a pair, context and weights")
rng = check.rng("attention_values")
for n_q, n_k, d_k, d_v in [(3, 5, 7, 2), (5, 3, 1, 7), (1, 6, 3, 1), (4, 1, 5, 3)]:
    queries, keys, values = rng.normal(size=(n_q, d_k)), rng.normal(size=(n_k, d_k)), rng.normal(size=(n_k, d_v))
    context, weights = check.unchanged(attention, queries, keys, values)
    parts = np.exp((queries[:, None] * keys).sum(axis=-1) / d_k**0.5)
    expected = parts / parts.sum(axis=1, keepdims=True)
    check.shape(weights, (n_q, n_k), "the weights have a row for each query and a column for each key")
    check.close(weights, expected, "the scale is the root of d_k, whatever d_k is")
    expected = (expected[..., None] * values).sum(axis=1)
    check.close(context, expected, "the context is the sum of the values with these weights, whatever their width")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
keys = 20 * np.eye(3)[[[0, 1, 2], [1, 2, 0], [0, 2, 1]]]  # a batch of three sentences
queries = 20 * np.eye(3)[[[0], [0], [1]]]  # a query for each, equal to its key 0, its key 2 and its key 2
result = check.unchanged(attention, queries, keys, np.arange(9.0).reshape(3, 3, 1))
check.equal(len(result), 2, "it returns a pair, context and weights")
context, weights = result
one_hot, own = np.eye(3)[[[0], [2], [2]]], "in any shape, each query's weights come from the keys of its own batch entry"
check.close(weights, one_hot, own)
check.close(context, [[[0.0]], [[5.0]], [[8.0]]], "in any shape, the context collects the values of its own batch entry")
context, weights = attention(1000 * queries, keys, keys)
check.close(weights, one_hot, "large dot products neither overflow nor underflow")
### BEGIN HIDDEN TESTS
rng = check.rng("attention_batch")
plain = [((), 3, 5, 4, 7), ((), 5, 3, 7, 2), ((), 1, 6, 3, 1), ((), 4, 1, 5, 3)]
batches = [((3,), 3, 3, 3, 3), ((2,), 3, 5, 4, 7), ((5,), 4, 3, 1, 6), ((2, 5), 4, 3, 6, 7)]
for lead, n_q, n_k, d_k, d_v in plain + batches:
    queries, keys = rng.normal(size=(*lead, n_q, d_k)), rng.normal(size=(*lead, n_k, d_k))
    values = rng.normal(size=(*lead, n_k, d_v))
    context, weights = check.unchanged(attention, queries, keys, values)
    expected_weights, expected_context = np.zeros((*lead, n_q, n_k)), np.zeros((*lead, n_q, d_v))
    for place in np.ndindex(*lead, n_q):
        batch, query = place[:-1], queries[place]
        parts = [np.exp(sum(a * b for a, b in zip(query, key)) / d_k**0.5) for key in keys[batch]]
        expected_weights[place] = [part / sum(parts) for part in parts]
        for weight, value in zip(expected_weights[place], values[batch]):
            expected_context[place] += weight * value
    check.equal(isinstance(context, np.ndarray) and isinstance(weights, np.ndarray), True, "context and weights are NumPy arrays")
    check.shape(weights, expected_weights.shape, "the weights have a row for each query and a column for each key")
    check.shape(context, expected_context.shape, "the context has a row for each query and the width of the values")
    check.close(weights, expected_weights, own)
    check.close(context, expected_context, "in any shape, the context collects the values of its own batch entry")
check.equal([str(context.dtype), str(weights.dtype)], ["float64", "float64"], "float64 inputs give float64 results")
turned = [np.ascontiguousarray(array.swapaxes(-1, -2)).swapaxes(-1, -2) for array in (queries, keys, values)]
for found, expected in zip(attention(*turned), (expected_context, expected_weights)):
    check.close(found, expected, "it does not matter how the inputs lie in memory")
serves = "a batch dimension that is missing or of length one serves every batch entry"
for one in [queries[1, 3], queries[1:, 3:4]]:
    context, weights = check.unchanged(attention, one, keys[1:], values[1:])
    check.close(weights[0, 3], expected_weights[1, 3], serves)
    check.close(context[0, 3], expected_context[1, 3], serves)
context, weights = check.unchanged(attention, queries, keys[1, 3], values[1, 3])
check.close(weights[1, 3], expected_weights[1, 3], serves)
check.close(context[1, 3], expected_context[1, 3], serves)
queries = 300 * np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, -1.0, 0.0]])
keys, values = 300 * np.eye(3)[[0, 0, 1]], rng.normal(size=(3, 5))
context, weights = check.unchanged(attention, queries, keys, values)
in_halves = [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [1 / 3, 1 / 3, 1 / 3]]
check.close(weights, in_halves, "large dot products neither overflow nor underflow")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention_mask", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
queries, keys = np.zeros((3, 4)), np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0]])
values = np.array([[1.0, 10.0], [3.0, 20.0], [8.0, 60.0]])
may_look = np.array([[True, True, False], [False, False, False], [False, True, False]])
result = check.unchanged(attention, queries, keys, values, mask=may_look)
check.equal([len(result), np.shape(result[-1])], [2, (3, 3)], "it returns a pair, context and weights")
context, weights = result
expected = [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]
check.close(weights[[0, 2]], expected, "masked keys get no weight, and a query's other keys share the whole")
check.close(weights[1], [0.0, 0.0, 0.0], "a query that may look nowhere gets weights of 0")
check.close(context, [[2.0, 15.0], [0.0, 0.0], [3.0, 20.0]], "the context is made with the masked weights")
### BEGIN HIDDEN TESTS
rng = check.rng("attention_mask")
sizes = [((3, 5), (3, 5)), ((3, 5), (5,)), ((3, 5), (3, 1)), ((2, 3, 5), (2, 1, 5)), ((2, 3, 5), (3, 5)), ((2, 3, 5), (2, 3, 5)),
         ((3, 3, 3), (3, 1, 3)), ((3, 3, 3), (3, 3, 3)), ((2, 5, 4, 3), (2, 1, 1, 3)), ((2, 5, 4, 3), (5, 4, 3))]
for size, mask_size in sizes:
    lead, n_q, n_k = size[:-2], size[-2], size[-1]
    queries, keys, values = rng.normal(size=(*lead, n_q, 4)), rng.normal(size=(*lead, n_k, 4)), rng.normal(size=(*lead, n_k, 7))
    may_look = rng.random(mask_size) < 0.6
    may_look.flat[:2] = True, False
    shares = np.exp(np.einsum("...id,...jd->...ij", queries, keys) / 2) * may_look
    totals = shares.sum(axis=-1, keepdims=True)
    expected_weights = shares / np.where(totals == 0, 1.0, totals)
    expected_context = (expected_weights[..., None] * values[..., None, :, :]).sum(axis=-2)
    context, weights = check.unchanged(attention, queries, keys, values, mask=may_look)
    check.shape(weights, size, "the weights have a row for each query and a column for each key")
    check.close(weights, expected_weights, "a mask holds for the queries and batch entries it broadcasts to, and for no others")
    check.equal(np.where(may_look, 0.0, weights), np.zeros(size), "a masked weight is exactly 0")
    check.close(context, expected_context, "the context is made with the masked weights, in any shape")
    everything = np.ones(mask_size, dtype=bool)
    shares = np.exp(np.einsum("...id,...jd->...ij", queries, keys) / 2)
    context, weights = attention(queries, keys, values, everything)
    check.close(weights, shares / shares.sum(axis=-1, keepdims=True), "a mask that hides nothing changes nothing")
    context, weights = check.unchanged(attention, queries, keys, values, mask=~everything)
    check.equal(weights, np.zeros(size), "with everything masked all weights are exactly 0")
    check.equal(context, np.zeros((*lead, n_q, 7)), "with everything masked the context is exactly 0")
queries, keys, values = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 5, 7))
may_look = np.array([[[True, True, True, False, False]], [[True, False, False, False, False]]])
context, weights = attention(queries, keys, values, may_look)
shares = np.exp(np.einsum("bid,bjd->bij", queries, keys) / 2) * may_look
expected = (shares / shares.sum(axis=-1, keepdims=True)) @ values
hidden = ~may_look.swapaxes(-1, -2)
context, weights = check.unchanged(attention, queries, np.where(hidden, 1e9, keys), np.where(hidden, -1e9, values), mask=may_look)
check.close(context, expected, "whatever stands at masked keys and values, the context is the same")
keys, values = np.array([[-1e5] * 4, [1.0] * 4]), np.array([[3.0], [5.0]])
context, weights = attention(np.full((1, 4), 1e5), keys, values, np.array([True, False]))
check.close(weights, [[1.0, 0.0]], "a key left alone gets everything, however low its score", tolerance=1e-13)
keys, may_look = np.arange(12.0).reshape(3, 4), np.array([[True, True, False], [True, False, False]])
context, weights = attention(np.full((2, 4), 900.0), keys, np.eye(3), may_look)
check.close(context, np.eye(3)[[1, 0]], "large dot products do not overflow under a mask")
### END HIDDEN TESTS

# %% [markdown]
# ## A sentence as a dictionary
#
# The words of a sentence can be keys and values at once. For that they need vectors. They come from counts, with
# what you built in lesson 2. The window is two words wide here: vectors are alike if the words have the same
# *neighbours*, which gives nouns, verbs and prepositions directions of their own.

# %% tags=["given"]
# given: embed, cosine_similarity, cooccurrence, ppmi, word_vectors from 02_embeddings
def embed(ids, table):
    """The rows of `table` that belong to the ids, a new array (..., d).

    ids: integer array of any shape (...); table: float array (size, d), row i for the id i.
    """
    return table[np.asarray(ids)]


def cosine_similarity(a, b):
    """Cosines, an array (n, m): of the angle between each row of `a` and each row of `b`; 0 where a row is all zeros.

    a: float array (n, d); b: float array (m, d).
    """
    lengths_a = np.linalg.norm(a, axis=1, keepdims=True)  # (n, 1)
    lengths_b = np.linalg.norm(b, axis=1, keepdims=True)  # (m, 1)
    return (a / np.where(lengths_a > 0, lengths_a, 1.0)) @ (b / np.where(lengths_b > 0, lengths_b, 1.0)).T


def cooccurrence(ids, size, window):
    """Counts, an array (size, size): how often word j stands at most `window` places before or after word i.

    ids: integer array (n,), n at least 1, of numbers from 0 to size - 1; window: at least 1, and it may be longer than the text.
    """
    counts = np.zeros((size, size))
    for distance in range(1, min(window, len(ids) - 1) + 1):
        before, after = ids[:-distance], ids[distance:]
        np.add.at(counts, (before, after), 1)
        np.add.at(counts, (after, before), 1)
    return counts


def ppmi(counts):
    """Positive pointwise mutual information, in nats: a new array of the shape of `counts`, nowhere negative.

    counts: array (n, m) of numbers that are 0 or more, some of them more; integer or float.
    """
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    expected = rows * columns / counts.sum()  # (n, m)
    ratio = counts / np.where(expected > 0, expected, 1.0)
    return np.log(np.maximum(ratio, 1.0))


def word_vectors(matrix, dim):
    """The first `dim` columns of U S, an array (n, dim), from the singular value decomposition of `matrix`; largest first.

    matrix: float array (n, m); dim: from 1 to the smaller of n and m.
    """
    U, S, _ = np.linalg.svd(matrix, full_matrices=False)
    return U[:, :dim] * S[:dim]


# %%
lines = data.load("senses")
texts = [line["text"].split() for line in lines if line["split"] == "train"]
names = sorted({word for text in texts for word in text})
vocabulary = {name: number for number, name in enumerate(names)}


def ids_of(words):
    return np.array([vocabulary[word] for word in words])


table = word_vectors(ppmi(sum(cooccurrence(ids_of(text), len(names), 2) for text in texts)), 32)
print(len(texts), "sentences,", len(names), "words; vectors of", table.shape[1], "numbers")

# %% [markdown]
# Five words that are not in it ask "the cat sat on the mat": dog, slept, under, sofa, guitar. Luong, Pham and
# Manning (2015, *Effective approaches to attention-based neural machine translation*) call it *global* attention
# when a query looks at every word of the sentence.
#
# **Predict first.** At which word does each look most? Which of the five finds nothing, and what does it do with
# its weight?

# %%
sentence, askers = "the cat sat on the mat".split(), "dog slept under sofa guitar".split()
sentence_vectors = embed(ids_of(sentence), table)  # (6, 32)
brought, looks = attention(embed(ids_of(askers), table), sentence_vectors, sentence_vectors)
plots.heatmap(looks, askers, sentence, title="Five words ask a sentence")
nearest_names = [names[number] for number in cosine_similarity(brought, table).argmax(axis=1)]
for asker, look, name in zip(askers, looks, nearest_names):
    print(f"{asker:6} looks most at {sentence[look.argmax()]!r} ({look.max():.2f}); the word most like its context: {name!r}")
print("largest difference between the weights on the two 'the':", np.abs(looks[:, 0] - looks[:, 4]).max())

# %% [markdown]
# Nobody told the vectors that dogs are like cats, or that one sits on a mat as on a sofa; the company that words
# keep did. "dog" finds "cat" and "slept" finds "sat", "under" finds "on", and "sofa" gives "mat" about two thirds.
# Its context is most like "stool": a mixture need not be any of its parts.
#
# "guitar" finds nothing like itself. Its weights must add up to one all the same. It spreads them almost evenly, each between
# 0.15 and 0.2, and brings home little more than an average, most like "the", which stands there twice. Lesson 18
# comes back to weight that has nowhere to go.
#
# The two "the" get the same weight from everybody. Attention sees *what* stands there and not *where*; lesson 9
# mends that.

# %% [markdown]
# ## Padding
#
# Sentences of different length stand in one array, filled up with padding. Padding has a vector, too, and so a
# score. The mask for it must be different for each sentence and the same for all queries.

# %% [markdown]
# ### Exercise 3 · `padding_mask` · 1 point · 5 minutes · easy
#
# Scores have the shape `(batch, n_q, n_k)`. Make the mask `(batch, 1, n)`: the 1 broadcasts over the queries. A
# mask of shape `(batch, n)` would be taken for `(n_q, n_k)`: an error if you are lucky, and if `batch` equals
# `n_q`, wrong without a word.
#
# <details><summary>Hint</summary>
#
# `np.arange(n)` numbers the places. Place $j$ holds a word if $j$ is less than the length. `lengths[:, None, None]`
# has the shape `(batch, 1, 1)`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *One place too many:* the places of a sentence of length 3 are 0, 1 and 2.
# - *The shape is (3, 4), not (3, 1, 4):* the dimension for the queries is missing.
# - *Right values, "True and False are needed":* return the comparison itself, not 0 and 1.
# </details>

# %% nbgrader={"grade": false, "grade_id": "padding_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def padding_mask(lengths, n):
    """Which places hold words: True before each sentence's end, False where there is padding.

    lengths: integer array (batch,), each from 0 to n, in any order; it stays as it was. n: the number of places.
    Returns a new boolean array (batch, 1, n), to be broadcast over the queries.
    """
    ### BEGIN SOLUTION
    return np.arange(n) < lengths[:, None, None]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "padding_mask_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
found_mask = check.unchanged(padding_mask, np.array([3, 0, 1]), 4)
check.shape(found_mask, (3, 1, 4), "the mask has a dimension of length one for the queries")
expected = [[[True, True, True, False]], [[False, False, False, False]], [[True, False, False, False]]]
check.equal(found_mask, expected, "a place is True if it is less than the length")
### BEGIN HIDDEN TESTS
rng = check.rng("padding_mask_values")
for batch, places in [(5, 7), (7, 5), (4, 4), (1, 6), (3, 1), (2, 40)]:
    lengths = rng.integers(0, places + 1, size=batch)
    found_mask = check.unchanged(padding_mask, lengths, places)
    expected = np.array([[[True] * length + [False] * (places - length)] for length in lengths.tolist()])
    check.equal(isinstance(found_mask, np.ndarray), True, "the mask is a NumPy array")
    check.shape(found_mask, expected.shape, "the mask has the shape (batch, 1, n)")
    check.equal(str(found_mask.dtype), "bool", "the mask is boolean")
    check.equal(found_mask, expected, "each sentence has its own number of places, from the first on")
check.equal(padding_mask(np.array([2, 1]), 5)[:, 0, 2:], np.zeros((2, 3), dtype=bool), "n may be larger than every length")
check.equal(padding_mask(np.array([3, 3, 3]), 3), np.ones((3, 1, 3), dtype=bool), "a sentence may fill all places")
found_mask = padding_mask(np.array([2, 9, 0, 9])[::2], 3)
check.equal(found_mask[:, 0], np.array([[True, True, False], [False] * 3]), "it does not matter how the lengths lie in memory")
### END HIDDEN TESTS

# %% [markdown]
# "dog" asks three sentences in one batch, padded to six places. The padding's vector is random, as it is in a model
# before training.
#
# **Predict first.** Only the second and the third sentence have padding. The second has an animal to find, the third
# has none. From which of the two does padding take more?

# %%
batch = [text.split() for text in ("the cat sat on the mat", "a horse slept", "she ate an apple")]
lengths_of = np.array([len(text) for text in batch])
padding = np.random.default_rng(0).normal(size=32)
padded = np.tile(padding, (3, 6, 1))
for number, text in enumerate(batch):
    padded[number, : len(text)] = embed(ids_of(text), table)
dog = embed(ids_of(["dog"]), table)  # (1, 32): one query, for all three
alone = np.stack([attention(dog, vectors[:length], vectors[:length])[0] for vectors, length in zip(padded, lengths_of)])
looks_at = {}
for name, mask in [("no mask", None), ("padding_mask", padding_mask(lengths_of, 6))]:
    contexts, looks = attention(dog, padded, padded, mask)  # (3, 1, 32), (3, 1, 6)
    looks_at[name] = looks[:, 0]
    on_padding = [round(float(row[length:].sum()), 2) for row, length in zip(looks[:, 0], lengths_of)]
    difference = np.abs(contexts - alone).max()
    print(f"{name:12}: on padding {on_padding}; contexts differ from each sentence alone by up to {difference:.0e}")
others = np.tile(padded[2], (1000, 1, 1))  # (1000, 6, 32): the third sentence, with other vectors for its padding
others[:, lengths_of[2] :] = np.random.default_rng(1).normal(size=(1000, 1, 32))
taken = attention(dog, others, others)[1][:, 0, lengths_of[2] :].sum(axis=1)  # (1000,)
low, high = np.quantile(taken, [0.1, 0.9])
print(f"third sentence, 1000 random vectors: on padding {taken.mean():.2f} on average, 8 in 10 from {low:.2f} to {high:.2f}")
plots.heatmaps(looks_at.values(), list(looks_at), rows=[" ".join(text) for text in batch], x="place", y="")

# %% [markdown]
# Where there is something to find, padding takes less than 0.01. Where there is not, it takes over a third here, 0.3 on
# average over random vectors, often anything from 0.05 to 0.7. The context of "she ate an apple" changes with
# what fills the empty places and with their number. With the mask it is what it is for the sentence alone, up to rounding errors
# of about $10^{-15}$ or less.

# %% [markdown]
# ## Attention in 1964
#
# Points $(x_i, y_i)$ are known, and a value is wanted at a new place $x$. Nadaraya (1964, *On estimating
# regression*) and Watson (1964, *Smooth regression analysis*) take a weighted average of all $y_i$, and near points
# weigh more:
#
# $$\hat y(x) = \frac{\sum_i k(x, x_i)\, y_i}{\sum_i k(x, x_i)} \quad\text{with}\quad k(x, x_i) = \exp\!\left(-\frac{(x - x_i)^2}{2 \sigma^2}\right)$$
#
# Other kernels $k$ will do, too; ours is a Gaussian, and $\sigma$ is its *width*. Look at it as attention: $x$ is the
# query, $x_i$ a key, $y_i$ its value, and the exponents are the scores. Their softmax gives the weights.

# %% [markdown]
# ### Exercise 4 · `kernel_regression` · 2 points · 15 minutes · medium
#
# Far from all points every $k$ is too small for a float and the formula divides 0 by 0. Your function gives the
# limit: the value of the nearest point (of several equally near, their average). If $y_i$ are vectors, so are the
# predictions.
#
# <details><summary>Hint</summary>
#
# `x[:, None] - x_train` has the shape `(m, n)`: a row for each query. Which function of lesson 5 turns scores into
# weights and is not troubled by scores like −5000?
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Too smooth or too rough:* the exponent is divided by $2\sigma^2$, not by $\sigma^2$, $2\sigma$ or $\sigma$.
# - *`nan` or 0 far away:* the kernels all became 0; take the softmax of the exponents.
# - *The numbers do not add up to a prediction per place:* the sum runs over the points, the last axis.
# </details>

# %% nbgrader={"grade": false, "grade_id": "kernel_regression", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kernel_regression(x, x_train, y_train, width):
    """Predictions at `x`: averages of `y_train`, weighted by a Gaussian kernel of the distance to `x_train`.

    x: float array (m,); x_train: (n,), in any order; y_train: (n,) or (n, d_v); width: standard deviation of the kernel, above 0.
    Returns a new array (m,) or (m, d_v). Far from all points it is the value of the nearest. The arguments stay as they were.
    """
    ### BEGIN SOLUTION
    scores = -((x[:, None] - x_train) ** 2) / (2 * width**2)  # (m, n)
    return softmax(scores) @ y_train
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "kernel_regression_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
known, measured = np.array([0.0, 2.0]), np.array([10.0, 20.0])
predicted, ratio = check.unchanged(kernel_regression, np.array([1.0]), known, measured, 1.0), np.exp(-0.5)
check.close(predicted, [15.0], "points at equal distance count alike")
expected = [(10 + 20 * ratio) / (1 + ratio), (20 + 10 * ratio) / (1 + ratio)]
check.close(kernel_regression(np.array([0.0, 2.0]), known, measured, 2.0), expected,
            "a point at a distance of one width counts e^(−1/2) times one at distance 0")
check.close(kernel_regression(np.array([1.0]), known, np.eye(2), 3.0), [[0.5, 0.5]], "values may be vectors")
### BEGIN HIDDEN TESTS
rng = check.rng("kernel_regression_values")
numbers = [(5, 7, ()), (7, 5, ()), (4, 4, ()), (1, 6, ()), (6, 1, ())]
for m, n, tail in numbers + [(5, 7, (3,)), (3, 5, (5,)), (4, 4, (4,)), (5, 3, (1,))]:
    for width in (0.4, 1.7):
        places, known, measured = rng.uniform(-2, 2, size=m), rng.uniform(-2, 2, size=n), rng.normal(size=(n, *tail))
        predicted = check.unchanged(kernel_regression, places, known, measured, width)
        expected = np.zeros((m, *tail))
        for row, place in enumerate(places):
            kernels = [np.exp(-((place - point) ** 2) / 2 / width**2) for point in known]
            expected[row] = sum(kernel * value for kernel, value in zip(kernels, measured)) / sum(kernels)
        check.equal(isinstance(predicted, np.ndarray), True, "the predictions are a NumPy array")
        check.shape(predicted, expected.shape, "there is a prediction for each place, of the shape of a single value")
        check.close(predicted, expected, "each place has its own weighted average of all points")
check.equal(str(predicted.dtype), "float64", "float64 points give float64 predictions")
predicted = kernel_regression(np.array([0.3]), np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0]), 0.8)
ratio = np.exp((0.3**2 - 0.7**2) / 2 / 0.8**2)
check.close(predicted, [2 * ratio / (1 + 2 * ratio)], "a point that comes twice counts twice")
places, known, measured = rng.normal(size=10), rng.normal(size=6), rng.normal(size=(4, 6))
predicted = kernel_regression(places[::2], known[::-1], measured.T, 0.9)
kernels = np.exp(-((places[::2, None, None] - known[::-1, None]) ** 2) / (2 * 0.9**2))
expected = (kernels * measured.T).sum(axis=1) / kernels.sum(axis=1)
check.close(predicted, expected, "it does not matter how the points lie in memory")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kernel_regression_far_away", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
known, measured = np.array([0.0, 1.0, -2.0]), np.array([10.0, 20.0, 30.0])
predicted = kernel_regression(np.array([100.0, -100.0]), known, measured, 0.5)
check.close(predicted, [20.0, 30.0], "far away the prediction is the value of the nearest point, not nan")
### BEGIN HIDDEN TESTS
rng = check.rng("kernel_regression_far_away")
known, measured = rng.permutation(11) + 0.0, rng.normal(size=(11, 3))
places = np.array([-1e4, 0.1, 5.4, 9.7, 1e4])
nearest = measured[np.argmin(np.abs(places[:, None] - known), axis=1)]
for width in (0.01, 0.005):
    predicted = check.unchanged(kernel_regression, places, known, measured, width)
    check.close(predicted, nearest, "with a narrow kernel each place takes the value of its own nearest point")
expected = [measured[(known == 3) | (known == 4)].mean(axis=0), measured[known == 8].mean(axis=0)]
predicted = kernel_regression(np.array([3.5, 8.0]), known, measured, 0.004)
check.close(predicted, expected, "points that are equally near share equally, however far away")
ratio = np.exp(-((9.0**2) - 8.0**2) / 2)
predicted = kernel_regression(np.array([9.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0]), 1.0)
check.close(predicted / ratio, [1 / (1 + ratio)], "at a distance of eight widths the weights keep their ratio")
predicted = kernel_regression(np.array([0.0]), np.array([0.0, 12.0]), np.array([0.0, 1.0]), 1.0)
check.close(predicted * np.exp(72), [1.0], "a small weight is small, not zero, and in proportion")
predicted = kernel_regression(places[1:4], known, measured, 1e7)
check.close(predicted, np.tile(measured.mean(axis=0), (3, 1)), "with a very wide kernel all points count alike")
### END HIDDEN TESTS

# %% [markdown]
# Forty noisy measurements of a curve. The width plays the part of the temperature.
#
# **Predict first.** What does the prediction look like with a width of 0.05? Of 0.4? Of 5? Which comes nearest to
# the true curve?

# %%
draw = np.random.default_rng(0)
x_known = np.sort(draw.uniform(0, 10, size=40))
y_known = np.sin(x_known) + 0.3 * x_known + 0.3 * draw.normal(size=40)
grid = np.linspace(0, 10, 201)
curves = {"true curve": np.sin(grid) + 0.3 * grid}
for width in [0.05, 0.4, 5]:
    curves[f"width {width}"] = kernel_regression(grid, x_known, y_known, width)
    error = np.sqrt(np.mean((curves[f"width {width}"] - curves["true curve"]) ** 2))
    print(f"width {width:4}: error {error:.2f}")
panel = plt.figure(figsize=(9, 4.2), layout="constrained").add_subplot()
panel.plot(x_known, y_known, "o", color="#1a1a1a", markersize=6, label="known points")
plots.lines(grid, curves, x="x", y="y", panel=panel, title="Forty points and three widths")
print("far away, at x = −50 and 60:", kernel_regression(np.array([-50.0, 60.0]), x_known, y_known, 0.4).round(3),
      "  first and last point:", y_known[[0, -1]].round(3))

# %% [markdown]
# Expect errors of 0.32, 0.17 and 0.88. The narrow kernel follows each point's noise in steps: nearly all weight is on the
# nearest point, until another is nearer. The wide one averages the curve away. Far from all points the nearest one
# speaks for all.
#
# How to see the weights themselves? Let the value of point $i$ be a vector with a 1 at place $i$ and zeros
# elsewhere. Then the predictions *are* the weights.
#
# **Predict first.** What will the three maps look like: a line, a band, a plain?

# %%
figure, panels = plt.subplots(1, 3, figsize=(12, 4.3), layout="constrained")
for panel, width in zip(panels, [0.05, 0.4, 5]):
    weights_at = kernel_regression(np.linspace(0, 10, 41), x_known, np.eye(40), width)  # (41 queries, 40 points)
    plots.heatmap(weights_at, title=f"width {width}", panel=panel, x="key: points in order of x", y="query: x", values=False)
    panel.set_aspect("auto")
    panel.set_yticks(range(0, 41, 8), range(0, 11, 2))
    print(f"width {width:4}: largest weight of a query, on average {weights_at.max(axis=1).mean():.2f}")

# %% [markdown]
# A row is a query, as always; each map has its own scale of colours. Columns count the points: where these lie close together
# in $x$ the band is flat, and at a gap it is steep. Expect largest weights of about 0.9, 0.3 and 0.03: one point
# speaks, a neighbourhood speaks, or all forty do, with hardly more than 1/40 each.
#
# The scores are dot products in disguise. In $-(x - x_i)^2 = -x^2 + 2 x x_i - x_i^2$ the first term is the same for
# all keys, and the softmax cancels it. What is left is a product of query and key, and a bias of the key. And $\sigma^2$
# stands where the temperature stood.
#
# One thing is missing from 1964. Queries, keys and values are the data themselves. In a model they are
# made from the data, by matrices that are learned.

# %% [markdown]
# ## Back into the model
#
# A decoder that writes a translation has a *state*, the vector of what it is about to say. The context joins it:
# Luong, Pham and Manning put the two end to end and learn a matrix $W_c$ that makes one vector of them again, the
# attentional state
#
# $$\tilde h = \tanh(W_c\, [c; h]),$$
#
# from which the next word is predicted.

# %% [markdown]
# ### Exercise 5 · `attentional_state` · 2 points · 10 minutes · medium
#
# Context first, state second. $W_c$ has a *row* for each number of the result, as in the formula, where it stands
# on the left of a column vector. Your arrays hold vectors as rows, with any batch dimensions in front.
#
# <details><summary>Hint</summary>
#
# `np.concatenate(..., axis=-1)` puts vectors end to end. For a column vector $v$, the row of $W v$ is `v @ W.T`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for one vector, wrong for a batch:* `W_c` stands on the left.
# - *"must match exactly":* `axis=-1` is missing in `np.concatenate`.
# - *"mismatch in its core dimension":* transpose `W_c`.
# - *Right shape, wrong numbers:* the state came first, or the `tanh` is missing.
# </details>

# %% nbgrader={"grade": false, "grade_id": "attentional_state", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attentional_state(context, state, W_c):
    """Context and state made into one vector, tanh(W_c [context; state]) (Luong, Pham and Manning, 2015).

    context: float array (..., d_v); state: (..., d), with the same batch dimensions; W_c: (d_out, d_v + d). All stay as they were.
    Returns a new array (..., d_out).
    """
    ### BEGIN SOLUTION
    return np.tanh(np.concatenate([context, state], axis=-1) @ W_c.T)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attentional_state_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
context, state = np.array([0.1, 0.2]), np.array([0.4])
joined = check.unchanged(attentional_state, context, state, np.ones((3, 3)))
check.close(joined, np.tanh([0.7] * 3), "it is tanh of a weighted sum of context and state")
first_only = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
joined = attentional_state(context, state, first_only)
check.close(joined, np.tanh([0.1, 0.0, 0.0]), "the context comes first and the state second")
below = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 2.0, 0.0]])
check.close(attentional_state(context, state, below), np.tanh([0.0, 0.0, 0.5]), "row i of W_c makes number i of the result")
contexts, states = np.array([[0.1, 0.2], [0.3, 0.0], [0.0, 0.1]]), np.array([[0.4], [0.0], [0.5]])  # a batch of three
joined, expected = attentional_state(contexts, states, below[1:]), np.tanh([[0.0, 0.5], [0.0, 0.3], [0.0, 0.2]])
check.close(joined, expected, "each vector of a batch is made from its own context and state")
### BEGIN HIDDEN TESTS
rng = check.rng("attentional_state_values")
single = [((), 7, 4, 5), ((), 3, 3, 6), ((), 1, 5, 1)]
batches = [((3,), 7, 4, 5), ((3,), 3, 3, 3), ((5,), 2, 3, 5), ((2, 3), 4, 7, 5), ((2, 5, 3), 3, 3, 7)]
for lead, d_v, d, d_out in single + batches:
    context, state, W_c = rng.normal(size=(*lead, d_v)), rng.normal(size=(*lead, d)), rng.normal(size=(d_out, d_v + d)) / 2
    joined = check.unchanged(attentional_state, context, state, W_c)
    expected = np.zeros((*lead, d_out))
    for place in np.ndindex(expected.shape):
        numbers = [*context[place[:-1]], *state[place[:-1]]]
        twice = np.exp(2 * sum(weight * number for weight, number in zip(W_c[place[-1]], numbers)))
        expected[place] = (twice - 1) / (twice + 1)
    check.equal(isinstance(joined, np.ndarray), True, "the attentional state is a NumPy array")
    check.shape(joined, expected.shape, "the result has the batch dimensions and a number for each row of W_c")
    check.close(joined, expected, "each vector of a batch is made from its own context and state")
check.equal(str(joined.dtype), "float64", "float64 inputs give a float64 result")
turned = [np.asfortranarray(array) for array in (context, state, W_c)]
check.close(attentional_state(*turned), expected, "it does not matter how the inputs lie in memory")
### END HIDDEN TESTS

# %% [markdown]
# ## Who decides where to look
#
# Nothing has been learned yet about *looking*: the scores say how alike two words are. Is that what a query needs?
#
# Lesson 2 ended with a word of two meanings. As a meter of meaning we take a $W_c$ of one row: it measures how much more
# there is of fruit than of device, in context and state. It comes from the averages of the training sentences' clue words.

# %%
clues = {"fruit": set(), "company": set()}
for line in lines:
    if line["sense"] in clues and line["split"] == "train":
        clues[line["sense"]].add(line["text"].split()[line["clue"]])
fruit, device = (embed(ids_of(sorted(words)), table).mean(axis=0) for words in clues.values())
to_fruit = (fruit - device) / np.sum((fruit - device) ** 2)  # (32,): its product with `fruit` is 1 more than with `device`
W_meter = np.concatenate([to_fruit, to_fruit])[None]  # (1, 64): the context and the state are measured alike
apple = embed(ids_of(["apple"]), table)  # (1, 32)
state_alone = attentional_state(np.zeros((1, 32)), apple, W_meter)  # (1, 1): "apple" with an empty context
print("clues:", *(f"{sense}: {', '.join(sorted(words))};" for sense, words in clues.items()))

# %% [markdown]
# In the 62 held-out sentences with "apple", state and query are its vector; the context comes from the other
# words. It should move the attentional state to the right side of where it is without a context.
#
# **Predict first.** Which weights do better: attention's, or equal ones, the average of lesson 0?

# %%
apple_lines = [line for line in lines if line["word"] == "apple" and line["split"] == "held-out"]
right, on_clue, shown = {"attention": [], "equal weights": []}, {"attention": [], "equal weights": []}, {}
for line in apple_lines:
    words = line["text"].split()
    vectors = embed(ids_of(words), table)  # (n, 32)
    other_words = np.arange(len(words)) != line["position"]  # (n,): all but "apple" itself
    _, looks = attention(apple, vectors, vectors, other_words)  # (1, n)
    alike = other_words[None] / other_words.sum()  # (1, n)
    for kind, look in [("attention", looks), ("equal weights", alike)]:
        moved = attentional_state(weighted_sum(look, vectors), apple, W_meter) - state_alone  # (1, 1)
        right[kind].append((moved[0, 0] > 0) == (line["sense"] == "fruit"))
        on_clue[kind].append(look[0, line["clue"]])
    shown[line["text"]] = (looks[0], alike.max(), line["clue"], right["attention"][-1])

# %%
for kind in right:
    score, clue_weight = np.mean(right[kind]), np.mean(on_clue[kind])
    print(f"{kind:13}: right in {score:.0%} of {len(apple_lines)} sentences, weight on the clue {clue_weight:.2f}")
more = np.array(on_clue["attention"]) > np.array(on_clue["equal weights"])
print("attention gives the clue more than equal weights do in", more.sum(), "sentences")
figure, panels = plt.subplots(1, 2, figsize=(12, 3.2), sharey=True, layout="constrained")
figure.supylabel("weight", fontsize=12)
for panel, sense, text in zip(panels, clues, ["apple made ben think of the peach", "apple made ben think of the charger"]):
    look, equal_share, clue, is_right = shown[text]
    plots.bars(panel, text.split(), look, title=f"“apple” the {sense}: attention is {'right' if is_right else 'wrong'}")
    panel.patches[clue].set_color("#D55E00")
    panel.axhline(equal_share, color="#1a1a1a", linestyle="--", linewidth=1.2)
    panel.text(5.5, equal_share + 0.02, "equal weights", fontsize=12, ha="center")
    panel.text(clue, look[clue] + 0.02, "clue", fontsize=12, ha="center")

# %% [markdown]
# Equal weights are right every time. That is partly built in: the meter is made of clue words, a sentence holds one of
# them, and in an even sum it decides. Attention, on the same meter, is right in about two sentences of three. On average
# it gives the clue half as much as equal weights do, and more in only a few sentences. The two drawn here differ in the
# clue alone: both times "apple" looks mostly at "ben".
#
# So likeness is not relevance, and a look at the wrong words is worse than an even look at all. What should "apple"
# ask for, and what should "peach" answer to? Nobody can write that down for every word. It has to be learned.

# %% [markdown]
# ## What you have now
#
# Attention is whole: scores, softmax, weighted sum, a mask that fits a batch, and a way back into the model.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: weights transposed; keys summed in place of
# values; a batch mixed; a context from before the mask; a padding mask without the queries' dimension; scaling by the
# width of the values; a kernel that becomes 0 / 0; state before context.
#
# **Further:** Bahdanau, Cho and Bengio (2014, *Neural machine translation by jointly learning to align and
# translate*) let a model learn its scores, together with everything else. Lesson 7 builds theirs, in PyTorch, and
# watches an alignment being learned. In lesson 8 "apple" gets queries and keys of its own.
