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
# # 5 · Softmax: from scores to weights
#
# *75 minutes · NumPy · 10 points · builds on lesson 4, Scoring*
#
# In lesson 4 every query gave every key a score: −3, 0, 250, any number. How does a query divide its
# attention by such numbers? It needs shares: none negative, all together one, and larger where the score is
# larger. Softmax deals them out. The field calls them *weights*.
#
# You will build `softmax`, `entropy`, `masked_softmax` and `softmax_backward`, and be able to say
#
# - why the formula breaks at a score of 710, and which subtraction mends it;
# - how temperature turns an average into a choice;
# - why a mask acts *before* the shares are dealt;
# - why attention divides its scores by $\sqrt{d}$.

# %%
import matplotlib.pyplot as plt
import numpy as np

from attention_course import check, plots

# %% [markdown]
# ## Shares
#
# For one row of scores $s_1, \dots, s_n$ the softmax is
#
# $$w_i = \frac{e^{s_i}}{\sum_j e^{s_j}}$$
#
# The exponential makes every share positive (in a float one below $10^{-323}$ becomes 0: it *underflows*); the sum in the
# denominator makes them add up to one. The name is Bridle's (1990, *Probabilistic interpretation of feedforward classification
# network outputs*), the formula Boltzmann's, from 1868.
#
# **Predict first.** What are the shares for the scores `[2, 2, 2, 2]`? For `[12, 12, 12, 12]`?
# For `[0, 1]`, is the second share twice the first, or more? Decide, then run the next cell, which
# applies the formula as it stands and rounds to four digits.

# %%
def textbook(scores):
    return np.exp(scores) / np.exp(scores).sum()


with np.errstate(over="ignore", invalid="ignore"):
    for scores in ([2, 2, 2, 2], [12, 12, 12, 12], [0, 1], [0, 709], [0, 710]):
        print(scores, "->", textbook(np.array(scores, dtype=float)).round(4))
print("largest number that fits into a float: e to the", np.log(np.finfo(float).max).round(2))

# %% [markdown]
# Equal scores get equal shares, at 2 as at 12: only *differences* between scores count. A score higher by 1 gets
# $e \approx 2.7$ times the share. And for the scores 0 and 710 the formula fails: $e^{710}$ does not fit into a float and becomes
# infinity; 1 divided by infinity is 0, and infinity divided by infinity is `nan`, "not a number".
#
# Since only differences count, any number $c$ may be subtracted from all the scores of a row,
#
# $$w_i = \frac{e^{s_i - c}}{\sum_j e^{s_j - c}},$$
#
# because the factor $e^{-c}$ is in the numerator and in the whole denominator, and cancels.

# %% [markdown]
# ### Exercise 1 · `softmax` · 4 points · 10 minutes · easy
#
# Write softmax along any axis of an array of any shape, for scores of any size: give each row the $c$ that makes all
# its exponents safe. With `axis=-1` the shares are dealt within each row, with `axis=0` within each column. Start
# from `np.exp`, not from a library's softmax. Here and later a warning from NumPy costs nothing; only results count.
#
# <details><summary>Hint</summary>
#
# No exponent may be above 0, and at least one in each row should be 0. With `keepdims=True`,
# `scores.max(axis=axis, keepdims=True)` keeps the shape that the subtraction needs.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"every row is dealt shares of its own":* a sum or a maximum was taken over the whole array; give it `axis`.
# - *"could not be broadcast together":* `keepdims=True` is missing.
# - *`nan` when rows differ much:* one maximum for all rows makes only the largest row safe.
# </details>

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax(scores, axis=-1):
    """Weights that are positive and sum to one along `axis`, larger where the score is larger.

    scores: float array of any shape.
    Returns a new array of the same shape; `scores` itself is left as it was.
    """
    ### BEGIN SOLUTION
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "softmax_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.close(softmax(np.array([2.0, 2.0, 2.0, 2.0])), [0.25] * 4, "equal scores get equal shares")
check.close(softmax(np.array([0.0, 1.0])), [0.2689414213699951, 0.7310585786300049], "a score higher by 1 gets e times the share")
scores = np.array([[0.0, np.log(3), np.log(4)], [0.0, 0.0, 0.0]])
check.close(check.unchanged(softmax, scores), [[1 / 8, 3 / 8, 1 / 2], [1 / 3] * 3], "every row is dealt shares of its own")
columns = [[0.5, 0.75, 0.8], [0.5, 0.25, 0.2]]
check.close(softmax(scores, axis=0), columns, "with axis=0 every column is dealt shares of its own")
scores = np.log(np.arange(1.0, 25.0)).reshape(2, 3, 4)  # e to the score is 1, 2, 3 and so on
shares = np.exp(scores)
for axis in (0, 1, 2, -3, -2, -1):
    weights = check.unchanged(softmax, scores, axis=axis)
    check.close(weights, shares / shares.sum(axis=axis, keepdims=True), "the shares are dealt along `axis`, in three dimensions, too")
check.equal(isinstance(weights, np.ndarray), True, "the weights are a NumPy array")
check.equal(str(weights.dtype), "float64", "float64 scores give float64 weights")
check.close(softmax(np.array([[5.0], [-2.0]])), np.ones((2, 1)), "a key that is alone gets all, to the last digit", tolerance=1e-13)
check.library("softmax", "Softmax", "log_softmax", "LogSoftmax", "softmin", "Softmin", "logsumexp", used_by=softmax)
### BEGIN HIDDEN TESTS
rng = check.rng("softmax_values")
for size in [(6,), (4, 5), (4, 1, 3), (3, 5, 4), (3, 4, 2, 5)]:
    for axis in range(-len(size), len(size)):
        scores = rng.normal(size=size)
        weights = check.unchanged(softmax, scores, axis=axis)
        expected = np.apply_along_axis(lambda row: [1 / np.exp(row - score).sum() for score in row], axis, scores)
        check.equal(isinstance(weights, np.ndarray), True, "the weights are a NumPy array")
        check.shape(weights, size, "the weights have the shape of the scores")
        check.close(weights.sum(axis=axis), np.ones_like(expected.sum(axis=axis)), "the weights sum to one along `axis`")
        check.close(weights, expected, "the weights are in proportion to e to the score, in any shape")
check.equal(str(weights.dtype), "float64", "float64 scores give float64 weights")
check.separate(softmax, (rng.normal(size=(3, 4)),), (rng.normal(size=(3, 4)),))
low = np.array([0.0, -30.0, -40.0, -300.0, -700.0])
check.close(softmax(low) / np.exp(low), np.ones(5), "small shares are small, not zero, and in proportion")
scores = rng.normal(size=(3, 10, 4))
expected = np.exp(scores) / np.exp(scores).sum(axis=0)
check.close(softmax(scores.T[:, ::2]), expected.T[:, ::2], "it does not matter how the scores lie in memory")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "softmax_stability", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.close(softmax(np.array([1000.0, 1000.0])), [0.5, 0.5], "large scores do not overflow")
check.close(softmax(np.array([[0.0, 0.0], [2000.0, 2000.0]])), np.full((2, 2), 0.5), "each row is made safe by its own maximum")
apart = np.array([[-30000.0, 0.0, 0.0], [0.0, 20000.0, 20000.0], [-30000.0, -10000.0, -10000.0]])
halves = [[0.0, 0.5, 0.5]] * 3
check.close(check.unchanged(softmax, apart), halves, "each row is made safe by its own maximum")
check.close(softmax(apart.T, axis=0), np.transpose(halves), "each column is made safe by its own maximum with axis=0")
### BEGIN HIDDEN TESTS
expected = np.array([1.0, 1.0, np.exp(-1)]) / (2 + np.exp(-1))
check.close(softmax(np.array([-1000.0, -1000.0, -1001.0])), expected, "very negative scores do not underflow to 0/0")
apart, all_to = np.array([[1e4, 0.0, -5e3, 3e3], [-3e4, -1e4, -2e4, -4e4], [0.0, 9.0, 99.0, 4e3]]), np.eye(4)[[0, 1, 3]]
check.close(check.unchanged(softmax, apart), all_to, "each row is made safe by its own maximum")
check.close(softmax(apart.T, axis=0), all_to.T, "each column is made safe by its own maximum with axis=0")
check.close(softmax(apart * 1e290), all_to, "there is no size of score at which it breaks")
rng = check.rng("softmax_stability")
for axis in (0, 1, 2, -1):
    scores, levels = rng.normal(size=(3, 4, 5)), 4000 * rng.normal(size=(3, 4, 5)).max(axis=axis, keepdims=True)
    expected = np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)
    weights = check.unchanged(softmax, scores + levels, axis=axis)
    check.close(weights, expected, "a number added to all scores of a row changes nothing")
    check.close(softmax(scores - 9000, axis=axis), expected, "a number taken from all scores of a row changes nothing")
### END HIDDEN TESTS

# %% [markdown]
# ## Temperature
#
# Divide the scores by a temperature $T$ before the softmax. Boltzmann's formula divides energies by the temperature
# of a gas, hence the name. The next cell has made-up scores for lesson 0's words: "cat" 2, "mat" 1.6, the rest 0.5 or less.
#
# **Predict first.** Which word gains as $T$ falls towards 0? What do the shares become as $T$ grows? Then run the cell.

# %%
words = ["The", "cat", "sat", "on", "the", "mat"]
word_scores = np.array([0.1, 2.0, 0.5, 0.3, 0.1, 1.6])
figure, panels = plt.subplots(1, 4, figsize=(13, 2.8), sharey=True, layout="constrained")
figure.supylabel("weight", fontsize=12)
for panel, temperature in zip(panels, [0.1, 0.5, 1, 10]):
    weights = softmax(word_scores / temperature)
    plots.bars(panel, words, weights, title=f"T = {temperature}")
    print(f"T = {temperature:<4} largest weight {weights.max():.2f}, smallest {weights.min():.2f}")

# %% [markdown]
# At $T = 0.1$ "cat" has 0.98 of the weight although its score is only 0.4 above that of "mat". At $T = 10$ all
# six are near 1/6. At $T = 1$ nothing changes. Lesson 16 lets a language model choose its words with this number.

# %% [markdown]
# ### Exercise 2 · `entropy` · 1 point · 5 minutes · easy
#
# One number tells how spread out a row of weights is, its entropy (Shannon, 1948, *A mathematical theory of communication*):
#
# $$H(w) = -\sum_i w_i \ln w_i$$
#
# It is 0 when a single key has all the weight and $\ln n$ when all $n$ keys share it equally.
# The unit, with the natural logarithm, is the *nat*. A weight of exactly 0 adds nothing, although $\ln 0$ alone is minus
# infinity. Start from `np.log`.
#
# <details><summary>Hint</summary>
#
# Take the logarithm of something harmless wherever the weight is 0: `np.where` chooses per element.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *`nan`:* NumPy computes `0 * log(0)` as 0 · (−∞), which is `nan`.
# - *Off by 1e-12 to 1e-6:* a small number added inside the logarithm changes every weight, not only the zeros.
# - *Four equal weights are off by 0.6 or 0.8:* this is `log2` or `log10`; nats need `np.log`.
# - *The shape is (2,), not (3,):* the sum runs along the last axis, whatever `axis` says.
# </details>

# %% nbgrader={"grade": false, "grade_id": "entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def entropy(weights, axis=-1):
    """Entropy, in nats, of weights that sum to one along `axis`; that axis is gone from the result.

    weights: float array of any shape, left as it was; a weight may be 0.
    """
    ### BEGIN SOLUTION
    logs = np.log(np.where(weights > 0, weights, 1.0))
    return -(weights * logs).sum(axis=axis)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "entropy_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.close(entropy(np.array([0.25] * 4)), np.log(4), "four equal weights have entropy ln 4")
check.close(entropy(np.array([0.0, 1.0])), 0.0, "a weight of exactly 0 adds nothing", tolerance=1e-13)
halves = check.unchanged(entropy, np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]))
check.close(halves, [np.log(2), 0.0], "a weight of 0 does not silence the others in its row")
columns = np.array([[0.5, 1.0, 0.0], [0.5, 0.0, 1.0]])
check.close(entropy(columns, axis=0), [np.log(2), 0.0, 0.0], "with axis=0 every column has an entropy of its own")
weights = np.array([[[0.5, 0.25, 0.25]], [[0.8, 0.1, 0.1]]])
found = entropy(weights)
check.shape(found, (2, 1), "`axis` is gone from the result and the others stay")
check.close(found, [[1.5 * np.log(2)], [np.log(10) - 2.4 * np.log(2)]], "each row along `axis` has its own entropy, in nats")
check.equal(str(np.asarray(found).dtype), "float64", "float64 weights give a float64 entropy")
check.close(entropy(np.array([1e-12, 1 - 1e-12])), 1e-12 * (1 + 12 * np.log(10)), "tiny weights count with their own size", tolerance=1e-13)
check.library("entropy", used_by=entropy)
### BEGIN HIDDEN TESTS
rng = check.rng("entropy_values")
for size in [(6,), (4, 5), (4, 1, 3), (3, 5, 4), (3, 4, 2, 5)]:
    for axis in range(-len(size), len(size)):
        parts = rng.exponential(size=size) * (rng.random(size) < 0.7)
        np.moveaxis(parts, axis, 0)[0] = 1.0  # no row without weight
        weights = parts / parts.sum(axis=axis, keepdims=True)
        found = check.unchanged(entropy, weights, axis=axis)
        expected = np.apply_along_axis(lambda row: sum(w * np.log(1 / w) for w in row if w > 0), axis, weights)
        check.shape(found, expected.shape, "`axis` is gone from the result and the others stay")
        check.close(found, expected, "each row along `axis` has its own entropy, in nats")
check.equal(str(np.asarray(found).dtype), "float64", "float64 weights give a float64 entropy")
check.close(entropy(np.eye(1, 10**6)), [0.0], "weights of 0 add nothing, however many they are", tolerance=1e-13)
few = np.logspace(-14, -3, 400)
few = np.append(few, 1 - few.sum())
check.close(entropy(few), sum(w * np.log(1 / w) for w in few), "tiny weights count with their own size", tolerance=1e-10)
check.close(entropy(weights.T, axis=0), expected.T, "it does not matter how the weights lie in memory")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Draw the entropy of the six words' weights against the temperature. Where does the curve start on the
# left, and which line does it approach on the right?

# %%
temperatures = np.geomspace(0.03, 100, 50)
at_each = np.array([entropy(softmax(word_scores / temperature)) for temperature in temperatures])
figure, panel = plt.subplots(figsize=(7.5, 4.2))
panel.axhline(np.log(6), color="black", linestyle="--", zorder=3, label="ln 6")
curve = {"entropy of the six weights": at_each}
plots.lines(temperatures, curve, x="temperature T", y="entropy in nats", log_x=True, panel=panel)
print(f"at T = 0.03: {at_each[0]:.4f}   at T = 100: {at_each[-1]:.4f}   ln 6 = {np.log(6):.4f}")

# %% [markdown]
# The curve rises from 0, a hard choice, to $\ln 6 \approx 1.79$, no choice at all. Lesson 18 uses entropy to tell sharp
# heads from blurred ones.

# %% [markdown]
# ## Masks
#
# Some keys must get nothing: padding at the end of a short sentence or, from lesson 11 on, words that
# have not been said yet. A mask is a boolean array: `True` where the query *may* look.
#
# **Predict first.** Deal out the shares of the scores `[3, 2, 1]`, then set one of them to zero. What do the others add
# up to if the lowest was masked? If the highest was?

# %%
three_scores = np.array([3.0, 2.0, 1.0])
for may_look in ([True, True, False], [False, True, True]):
    too_late = softmax(three_scores) * may_look
    print(may_look, "->", too_late.round(3), "sum", too_late.sum().round(3))

# %% [markdown]
# What the masked key would have had is lost instead of shared out; masking the highest leaves a third. So the mask must
# act on the scores, before the sum is taken: a score of minus infinity gets a share of exactly 0.
#
# **Predict first.** And when everything in a row is masked, as in an empty sentence? What does the formula make of scores
# that are all minus infinity? And does a weight of 0 keep a `nan` out of a weighted sum?

# %%
with np.errstate(invalid="ignore"):
    print("everything masked:", textbook(np.array([-np.inf, -np.inf])))
print("0 times nan plus 1 times 2:", np.array([0.0, 1.0]) @ np.array([np.nan, 2.0]))

# %% [markdown]
# Zero divided by zero is `nan`, and whatever is computed with these weights is `nan` too. A later weight of 0 does not take it
# out: 0 times `nan` is `nan`.

# %% [markdown]
# ### Exercise 3 · `masked_softmax` · 3 points · 15 minutes · medium
#
# Give masked keys a weight of exactly 0 and let the others share the whole. A row in which everything is masked gets
# all zeros: there is nothing to look at. You may call your own `softmax`.
#
# <details><summary>Hint</summary>
#
# A score of minus infinity has an exponential of exactly 0. Which maximum do you subtract, and what happens
# to it in a row with nothing left?
# </details>
#
# <details><summary>A test fails</summary>
#
# - *`nan` in the empty row:* −∞ − (−∞) or 0 / 0; put a harmless number in place of the maximum, or of the sum, there.
# - *The empty row shares equally, or a key left alone is off by 1:* −1e9 is only a low score; −∞ is none. Or a
#   hidden key was the maximum.
# - *"boolean index did not match":* the mask may be smaller than the scores; `np.where` broadcasts it.
# - *A key left alone is off by 1e-12 or 1e-6:* a small number was added to the sum of every row, not only of empty ones.
# </details>

# %% nbgrader={"grade": false, "grade_id": "masked_softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def masked_softmax(scores, mask, axis=-1):
    """Softmax over the positions where `mask` is True.

    scores: float array; mask: boolean array that broadcasts to its shape. Both are left as they were.
    Returns a new array of the shape of `scores`: exactly 0 where masked, and all 0 in a row with nothing left.
    """
    ### BEGIN SOLUTION
    seen = np.where(mask, scores, -np.inf)
    highest = seen.max(axis=axis, keepdims=True)
    exponentials = np.exp(seen - np.where(np.isfinite(highest), highest, 0.0))
    total = exponentials.sum(axis=axis, keepdims=True)
    return exponentials / np.where(total > 0, total, 1.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "masked_softmax_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
weights = masked_softmax(np.array([1.0, 1.0, 5.0]), np.array([True, True, False]))
check.close(weights, [0.5, 0.5, 0.0], "masked keys get nothing and the others share the whole")
scores = np.array([[0.0, np.log(3), 5.0], [0.0, 0.0, 5.0]])
weights = check.unchanged(masked_softmax, scores, np.array([True, True, False]))
check.close(weights, [[0.25, 0.75, 0.0], [0.5, 0.5, 0.0]], "a smaller mask holds for all rows it broadcasts to")
weights = masked_softmax(scores, np.array([[True, True, False], [True, False, True]]), axis=0)
check.close(weights, [[0.5, 1.0, 0.0], [0.5, 0.0, 1.0]], "with axis=0 the keys not masked share each column")
weights = masked_softmax(np.array([-1e30, 0.0]), np.array([True, False]))
check.close(weights, [1.0, 0.0], "a key left alone gets everything, however low its score", tolerance=1e-13)
apart, halves = np.array([[0.0, -2000.0, -2000.0], [9.0, 3000.0, 3000.0]]), [[0.0, 0.5, 0.5]] * 2
seen = np.array([False, True, True])
check.close(check.unchanged(masked_softmax, apart, seen), halves, "each row is made safe by its own unmasked maximum")
weights = masked_softmax(apart.T, seen[:, None], axis=0)
check.close(weights, np.transpose(halves), "each column is made safe by its own unmasked maximum with axis=0")
check.equal(isinstance(weights, np.ndarray), True, "the weights are a NumPy array")
check.equal(str(weights.dtype), "float64", "float64 scores give float64 weights")
scores = np.log(np.arange(1.0, 25.0)).reshape(2, 3, 4)  # e to the score is 1, 2, 3 and so on
mask = np.arange(24).reshape(2, 3, 4) % 5 > 0  # every fifth is masked
for seen, axis in [(mask, 1), (mask, 2), (mask, -2), (mask[0], -1), (mask[:, :1], -1)]:
    weights, shares = masked_softmax(scores, seen, axis=axis), np.exp(scores) * seen
    check.close(weights, shares / shares.sum(axis=axis, keepdims=True), "the keys not masked share the whole along `axis`, in any shape")
    check.equal(weights * ~seen, np.zeros((2, 3, 4)), "masked keys get exactly 0")
check.library("softmax", "Softmax", "log_softmax", "LogSoftmax", "softmin", "Softmin", "logsumexp", used_by=masked_softmax)
### BEGIN HIDDEN TESTS
rng = check.rng("masked_softmax_values")
for size in [(6,), (4, 5), (3, 5, 4), (3, 4, 2, 5)]:
    for axis in range(-len(size), len(size)):
        scores, mask = rng.normal(size=size), rng.random(size) < 0.6
        first = np.moveaxis(mask, axis, 0)
        first[0], first[1] = True, False
        weights, shares = check.unchanged(masked_softmax, scores, mask, axis=axis), np.exp(scores) * mask
        check.equal(isinstance(weights, np.ndarray), True, "the weights are a NumPy array")
        check.shape(weights, size, "the weights have the shape of the scores")
        check.equal(np.where(mask, 0.0, weights), np.zeros(size), "masked keys get exactly 0")
        expected = shares / shares.sum(axis=axis, keepdims=True)
        whole = "the keys not masked share the whole along `axis`, in any shape"
        check.close(weights, expected, whole, tolerance=1e-6)  # the last digits are judged below
check.equal(str(weights.dtype), "float64", "float64 scores give float64 weights")
check.separate(masked_softmax, (scores, mask), (-scores, mask))
check.close(weights, expected, "the weights are exact to ten digits", tolerance=1e-10)
scores = rng.normal(size=(3, 4, 6))
for size, axis in [((6,), -1), ((4, 6), -1), ((3, 1, 6), -1), ((4, 1), -2), ((4, 6), -2), ((3, 1, 1), -3)]:
    mask = rng.random(size) < 0.5
    first = np.moveaxis(mask, axis, 0)
    first[0], first[1] = True, False
    weights, shares = check.unchanged(masked_softmax, scores, mask, axis=axis), np.exp(scores) * mask
    check.close(weights, shares / shares.sum(axis=axis, keepdims=True), "a smaller mask holds for all rows it broadcasts to")
one = rng.integers(5)
only = np.arange(5) == one
check.close(masked_softmax(np.where(only, -1e300, [5.0, 0.0, 1e30, -7.0, 9.0]), only), 1.0 * only,
            "a key left alone gets everything, however low its score", tolerance=1e-13)
mask = np.array([True, False, True, True, False, True])
expected = np.exp(scores) * mask / (np.exp(scores) * mask).sum(axis=-1, keepdims=True)
check.close(masked_softmax(np.where(mask, scores, 1e30), mask), expected, "a masked score, however large, has no influence")
check.close(masked_softmax(scores - 2000, mask), expected, "very negative scores do not underflow to 0/0")
apart, all_to = np.array([[1e30, 1e4, 0.0, 3e3], [9.0, -2e5, -1e5, -4e5], [1e6, 9.0, 99.0, 4e3]]), np.eye(4)[1:]
seen = np.array([False, True, True, True])
check.close(check.unchanged(masked_softmax, apart, seen), all_to, "each row is made safe by its own unmasked maximum")
weights = masked_softmax(apart.T, seen[:, None], axis=0)
check.close(weights, all_to.T, "each column is made safe by its own unmasked maximum with axis=0")
low = np.array([0.0, -30.0, -40.0, -300.0, -700.0, 50.0])
check.close(masked_softmax(low, low < 1)[:5] / np.exp(low[:5]), np.ones(5), "small shares are small, not zero, and in proportion")
everything = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
check.close(masked_softmax(scores, scores < 99, axis=1), everything, "with nothing masked it is the softmax")
scores, mask = rng.normal(size=(6, 4, 3)), rng.random((6, 4, 3)) < 0.6
mask[0] = True
expected = np.exp(scores) * mask / (np.exp(scores) * mask).sum(axis=0)
weights = masked_softmax(scores.T[:, ::2], mask.T[:, ::2])
check.close(weights, expected.T[:, ::2], "it does not matter how scores and mask lie in memory")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "masked_softmax_empty_row", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = np.array([[1.0, 1.0, 5.0], [2000.0, 0.0, 1.0]])
mask = np.array([[True, True, False], [False, False, False]])
weights = check.unchanged(masked_softmax, scores, mask)
check.shape(weights, (2, 3), "the weights have the shape of the scores")
check.close(weights[1], [0.0, 0.0, 0.0], "a row with everything masked is all zeros, not nan")
check.close(weights[0], [0.5, 0.5, 0.0], "an empty row leaves its neighbours alone")
weights = masked_softmax(scores.T[None], mask.T[None], axis=1)
check.close(weights, [[[0.5, 0.0], [0.5, 0.0], [0.0, 0.0]]], "an empty row is all zeros, along any axis")
weights = masked_softmax(scores, np.zeros(3, dtype=bool))
check.equal(weights, np.zeros((2, 3)), "a smaller mask that hides everything gives zeros in the shape of the scores")
### BEGIN HIDDEN TESTS
rng = check.rng("masked_softmax_empty_row")
weights = masked_softmax(rng.normal(size=(3, 4)), np.zeros(4, dtype=bool))
check.equal(weights, np.zeros((3, 4)), "a smaller mask that hides everything gives zeros in the shape of the scores")
for size in [(6,), (4, 5), (4, 1, 3), (3, 5, 4), (3, 4, 2, 5)]:
    for axis in range(-len(size), len(size)):
        zeros = check.unchanged(masked_softmax, 1e4 * rng.normal(size=size), np.zeros(size, dtype=bool), axis=axis)
        check.equal(zeros, np.zeros(size), "with everything masked all weights are exactly 0")
        scores, mask = rng.normal(size=size), rng.random(size) < 0.6
        first = np.moveaxis(mask, axis, 0)  # the first of every row decides whether the row is empty
        first &= first[:1]
        weights, shares = check.unchanged(masked_softmax, scores, mask, axis=axis), np.exp(scores) * mask
        empty = np.broadcast_to(~mask.any(axis=axis, keepdims=True), size)
        check.shape(weights, size, "the weights have the shape of the scores")
        check.equal(np.where(empty, weights, 0.0), np.zeros(size), "an empty row is all zeros, along any axis")
        expected = np.where(empty, 0.0, shares) / np.where(empty, 1.0, shares.sum(axis=axis, keepdims=True))
        check.close(weights, expected, "an empty row leaves its neighbours alone")
scores = np.array([[1.0, 3.0, 2.0], [-1e9, -1e9, -1e300]])
weights, shares = check.unchanged(masked_softmax, scores, np.array([[True], [False]])), np.exp([1.0, 3.0, 2.0])
check.close(weights[0], shares / shares.sum(), "a mask with one column keeps or empties whole rows")
check.equal(weights[1], np.zeros(3), "an empty row of very low scores is all zeros")
weights = masked_softmax(np.array([[1.0, 3.0], [2.0, 5.0]]), np.array([True, False]), axis=0)
check.equal(weights[:, 1], np.zeros(2), "an empty column is all zeros with axis=0")
### END HIDDEN TESTS

# %% [markdown]
# Three sentences of six, two and no words stand in one array, padded to six places. The next cell gives every place a
# random score and deals the shares without the mask and with it.
#
# **Predict first.** In the second sentence four of six places are padding. About how much of the attention do they take
# without the mask?

# %%
lengths = np.array([6, 2, 0])
place_scores = np.random.default_rng(1).normal(size=(3, 6))
is_word = np.arange(6) < lengths[:, None]  # (3 sentences, 6 places)
unmasked, masked = softmax(place_scores), masked_softmax(place_scores, is_word)
names = [f"{length} words" for length in lengths]
plots.heatmaps([unmasked, masked], ["softmax", "masked_softmax"], rows=names, x="place", y="sentence")
for name, weights in [("softmax", unmasked), ("masked_softmax", masked)]:
    print(f"{name:14}: padding takes {weights[1, 2:].sum():.2f} of the second row; the rows sum to", weights.sum(axis=-1).round(6))

# %% [markdown]
# Without the mask padding takes 0.70 of the attention in the sentence of two words, near its four places of six, 0.67: random
# scores favour no place. With it the two words share the whole, and the empty sentence looks at nothing.

# %% [markdown]
# ## Why $\sqrt{d}$
#
# Attention divides the dot products of lesson 4 by $\sqrt{d}$ before the softmax. What for? To learn, a score must be able to
# move its weight. Three steps show when it can: the derivative, a gradient carried back through it, a measurement.
#
# From $\ln w_i = s_i - \ln \sum_k e^{s_k}$ follows
#
# $$\frac{\partial w_i}{\partial s_j} = w_i (\delta_{ij} - w_j),$$
#
# where $\delta_{ij}$ is 1 for $i = j$ and 0 otherwise. With two keys the second weight changes with its own score at the rate
# $w_2 (1 - w_2)$.
#
# **Predict first.** How does this number change as the second score moves ahead of the first by 1, 5, 20?

# %%
for ahead in (0, 1, 5, 20):
    second = softmax(np.array([0.0, ahead]))[1]
    print(f"ahead by {ahead:2}: weight {second:.6f}, changes with its score at a rate of {second * (1 - second):.1e}")

# %% [markdown]
# Once a weight is close to 1 and the rest close to 0, moving the scores changes almost nothing: the softmax is
# *saturated*, and what makes the scores no longer learns.

# %% [markdown]
# ### Exercise 4 · `softmax_backward` · 2 points · 15 minutes · hard
#
# Given the gradient of some loss with respect to the weights, return its gradient with respect to the scores, by the
# chain rule:
#
# $$\frac{\partial L}{\partial s_j} = \sum_i g_i\, w_i (\delta_{ij} - w_j) \quad\text{with}\quad g_i = \frac{\partial L}{\partial w_i}$$
#
# Multiply it out by hand first: the answer needs no $n \times n$ matrix, and no automatic differentiation.
#
# <details><summary>Hint</summary>
#
# The $\delta$ leaves a single term of the sum, $g_j w_j$. The rest is $w_j$ times one number per row, the average of the
# $g_i$ weighted by the $w_i$.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"reaches both scores":* the average is missing, or its sign.
# - *"weighted by the weights":* this is a plain mean; multiply by the $w_i$ and add up.
# - *"a gradient of 0", or "could not be broadcast together":* give the average `axis` and `keepdims=True`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "softmax_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_backward(weights, weights_gradient, axis=-1):
    """Gradient of a loss with respect to the scores, from its gradient with respect to the weights.

    weights, weights_gradient: float arrays of one shape, left as they were; the weights sum to one along `axis`.
    Returns a new array of that shape.
    """
    ### BEGIN SOLUTION
    average = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return weights * (weights_gradient - average)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "softmax_backward_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
found = check.unchanged(softmax_backward, np.array([0.5, 0.5]), np.array([1.0, 0.0]))
check.close(found, [0.25, -0.25], "a gradient on the first of two equal weights reaches both scores, with opposite signs")
found = softmax_backward(np.array([0.2, 0.8]), np.array([1.0, 0.0]))
check.close(found, [0.16, -0.16], "the average of the gradients is weighted by the weights", tolerance=1e-6)
two_rows, alike = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]]), np.array([[4.0, 4.0, 4.0], [1.0, 1.0, 1.0]])
zero = "the same gradient on all weights of a row is a gradient of 0 on its scores, since the weights always sum to one"
check.close(softmax_backward(two_rows, alike), np.zeros((2, 3)), zero)
check.close(softmax_backward(two_rows.T, alike.T, axis=0), np.zeros((3, 2)), "with axis=0 the average is taken along each column")
share, slope = np.array([[0.5, 0.2, 0.9], [0.6, 0.3, 0.4]]), np.array([[100.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
first = slope * share * (1 - share)
for axis in (0, 1, 2, -2, -1):  # two keys, of which the loss looks at the first
    weights, gradient = np.stack([share, 1 - share], axis=axis), np.stack([slope, 0 * slope], axis=axis)
    found = check.unchanged(softmax_backward, weights, gradient, axis=axis)
    check.close(found, np.stack([first, -first], axis=axis), "each row has its own gradient, along any axis, in three dimensions, too")
check.equal(isinstance(found, np.ndarray), True, "the gradient is a NumPy array")
check.equal(str(found.dtype), "float64", "float64 weights give a float64 gradient")
check.library("softmax", "log_softmax", "_softmax_backward_data", "autograd", "backward", "grad", "vjp", used_by=softmax_backward)
found = softmax_backward(np.array([0.5, 0.5, 0.0]), np.array([1.0, 0.0, 7.0]))
check.equal(found[2:], np.zeros(1), "a key with weight 0 gets no gradient at all")
### BEGIN HIDDEN TESTS
found = softmax_backward(np.array([0.25] * 4), np.array([1000.0, 0.0, 0.0, 0.0]))
check.close(found, [187.5, -62.5, -62.5, -62.5], "the result grows with the gradient that is given")
rng = check.rng("softmax_backward_values")
for size in [(6,), (4, 5), (4, 1, 3), (3, 5, 4), (3, 4, 2, 5)]:
    for axis in range(-len(size), len(size)):
        scores, gradient, expected = rng.normal(size=size), rng.normal(size=size), np.empty(size)
        for place in np.ndindex(size):  # an imaginary nudge has no rounding error (Squire and Trapp, 1998)
            nudged = scores.astype(complex)
            nudged[place] += 1e-30j
            shares = np.exp(nudged) / np.exp(nudged).sum(axis=axis, keepdims=True)
            expected[place] = (shares.imag * gradient).sum() / 1e-30
        found = check.unchanged(softmax_backward, shares.real.copy(), gradient, axis=axis)
        check.equal(isinstance(found, np.ndarray), True, "the gradient is a NumPy array")
        nudging = "the gradient agrees with nudging each score and watching the loss, along any axis"
        check.close(found, expected, nudging, tolerance=1e-6)  # the last digits are judged below
check.equal(str(found.dtype), "float64", "float64 weights give a float64 gradient")
check.close(found, expected, "the gradient is exact to twelve digits", tolerance=1e-12)
found = softmax_backward(shares.real.copy().T, gradient.T, axis=0)
check.close(found, expected.T, "it does not matter how the weights lie in memory")
found = softmax_backward(np.array([0.5, 0.5, 0.0]), np.array([1.0, 0.0, 7.0]))
check.close(found[:2], [0.25, -0.25], "a key with weight 0 changes no other's gradient")
check.equal(found[2:], np.zeros(1), "a key with weight 0 gets no gradient at all")
found = softmax_backward(np.array([1 - 1e-9, 1e-9]), np.array([0.0, 1.0]))
check.close(found * 1e9, [-1.0, 1.0], "a saturated row has a gradient that is small, not zero", tolerance=1e-6)
### END HIDDEN TESTS

# %% [markdown]
# The dot product of two vectors of $d$ independent numbers with mean 0 and variance 1 has a standard deviation of
# $\sqrt{d}$ (lesson 4). Vaswani et al. (2017, *Attention is all you need*) therefore divide it by $\sqrt{d}$.
#
# The next cell takes 400 queries with ten keys each. A random gradient on the weights stands for the loss. How much of it
# reaches the dot products? For each query the cell adds up the sizes of its ten gradients, and draws the median over
# the queries; the division of the gradient by `scale` is the chain rule.
#
# **Predict first.** At $d = 1024$, by how many powers of ten do the two curves differ?

# %%
rng = np.random.default_rng(0)
dimensions = [4, 16, 64, 256, 1024]
reaching = {"dot product": [], "dot product / √d": []}
weights_gradient = rng.normal(size=(400, 10))
print("   d  scores            median     mean   decided queries")
for d in dimensions:
    products = (rng.normal(size=(400, 10, d)) * rng.normal(size=(400, 1, d))).sum(-1)  # (queries, keys)
    for name, scale in zip(reaching, (1, np.sqrt(d))):
        weights = softmax(products / scale)
        sizes = np.abs(softmax_backward(weights, weights_gradient) / scale).sum(axis=-1)  # (queries,)
        reaching[name].append(np.median(sizes))
        decided = np.mean(weights.max(axis=-1) > 0.99)
        print(f"{d:4}  {name:16} {np.median(sizes):7.0e}  {sizes.mean():7.0e}  {decided:16.0%}")
plots.lines(dimensions, reaching, x="dimension d", y="Σ |gradient|, median of the queries", log_x=True, log_y=True)

# %% [markdown]
# At $d = 1024$ expect a median of about $4 \cdot 10^{-6}$ without the division and $2 \cdot 10^{-2}$ with it: nearly four powers
# of ten. Without it four queries of five are decided before training has begun, with one weight above 0.99, and almost nothing
# to learn from reaches them. With it none is decided: its curve falls by the $\sqrt{d}$ of the chain rule alone, which for
# small $d$, where little saturates, makes it the lower one.
#
# Look at the mean, too: at $d = 1024$ it is more than twice as large *without* the division. The few queries torn between
# two keys receive large gradients, and their mean hides the many that receive none.

# %% [markdown]
# ## What you have now
#
# Scores go in, weights come out: never negative, summing to one, exactly 0 where the mask hides, and, with $\sqrt{d}$, open
# to learning. In lesson 6 the weights meet the values.
#
# **Common mistakes**, for which the tests you see look: summing over the wrong axis; one maximum for all rows; masking
# after the division; −1e9 for minus infinity; −∞ in a whole row; a small number added against 0; writing into the
# caller's array. Only the hidden ones try four dimensions, the smallest shares, the largest numbers
# and every second row of an array.
#
# **Further:** maximum and sum can be found in one pass over the scores, a block at a time (Milakov and Gimelshein, 2018,
# *Online normalizer calculation for softmax*). Lesson 14 builds FlashAttention on that.
