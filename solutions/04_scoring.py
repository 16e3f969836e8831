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
# # 4 · Scoring: queries and keys
#
# *90 minutes · NumPy · 10 points · builds on lesson 3, The bottleneck*
#
# Lesson 3 kept the states of all words, and their average hid the one that was asked for among all the others. Which words
# should count more? That depends on who asks. The one that asks holds a *query*, each word offers a *key*, and a function of
# the two gives a number: the *score*.
#
# You will build `dot_scores`, `scaled_dot_scores`, `multiplicative_scores`, `additive_scores` and `score_cost`, and be able to
# say
#
# - which of the scoring functions see the length of a key, and which only its direction;
# - why scores spread out as the square root of the width;
# - what a matrix, or a small network, between query and key can do that a dot product cannot;
# - why counting multiplications does not tell which is fast.

# %%
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

from attention_course import check, plots

# %% [markdown]
# ## A word in three numbers
#
# Here is a vector for each word of our sentence, made by hand. How much is it a thing, an action, a place? "mat" is a
# thing, and a place to sit on. The articles are short and point nowhere in particular. In this lesson a word's vector is its key,
# and also its query when the word asks.
#
# Of two vectors $q$ and $k$ the dot product is $q \cdot k = \sum_a q_a k_a$. It is large when they agree, 0 when they have
# nothing in common, and negative when they are opposed.
#
# **Predict first.** The query is the vector of "cat". Whose key has the highest dot product with it?

# %%
words = ["The", "cat", "sat", "on", "the", "mat"]
word_vectors = np.array([
    # thing, action, place
    [0.1, 0.1, 0.1],  # The
    [1.0, 0.2, 0.0],  # cat
    [0.2, 1.0, 0.1],  # sat
    [0.0, 0.1, 1.0],  # on
    [0.1, 0.1, 0.1],  # the
    [1.6, 0.0, 0.9],  # mat
])  # (6, 3)
for word, key in zip(words, word_vectors):
    print(f"cat · {word:3} = {sum(a * b for a, b in zip(word_vectors[1], key)):.2f}")

# %% [markdown]
# Not the key of "cat" (1.04): that of "mat" scores 1.60. It agrees less, and it is longer.

# %% [markdown]
# ### Exercise 1 · `dot_scores` · 2 points · 10 minutes · easy
#
# Give every key a score from every query. Queries are the rows of `Q`, keys the rows of `K`. The score of key $j$ for query $i$
# stands in row $i$, column $j$:
#
# $$S_{ij} = \sum_a Q_{ia} K_{ja}, \qquad S = Q K^\top$$
#
# Any number of batch dimensions may stand in front, and those of `Q` and `K` need not be the same: they broadcast, as in
# `np.matmul`. Keys without a batch dimension serve all batches of queries.
#
# <details><summary>Hint</summary>
#
# `@` multiplies the last two dimensions and broadcasts those before them. `K` has to come with its last two dimensions
# exchanged, and no others: `np.swapaxes`.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for one sentence, wrong or an error for a batch:* `K.T` turns all dimensions round, not only the last two.
# - *The shape is (5, 3), not (3, 5):* rows belong to queries, columns to keys.
# - *An error when only one of the two has a batch:* count dimensions from the end (`-1`, `-2`), not from the front.
# </details>

# %% nbgrader={"grade": false, "grade_id": "dot_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dot_scores(Q, K):
    """The dot product of every query with every key.

    Q: float64 array (..., n_q, d); K: (..., n_k, d). Batch dimensions broadcast; both are left as they were.
    Returns a new array (..., n_q, n_k).
    """
    ### BEGIN SOLUTION
    return Q @ np.swapaxes(K, -1, -2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dot_scores_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
Q, K = np.array([[1.0, 0.0], [2.0, 3.0]]), np.array([[5.0, 7.0], [1.0, -1.0]])
check.close(check.unchanged(dot_scores, Q, K), [[5.0, 1.0], [31.0, -1.0]], "row i holds the dot products of query i with each key")
check.close(dot_scores(Q[:1], K), [[5.0, 1.0]], "a single query has a row of its own, with a score for each key")
### BEGIN HIDDEN TESTS
rng = check.rng("dot_scores_values")
for n_q, n_k, d in [(3, 5, 4), (5, 3, 4), (3, 5, 4), (1, 5, 3), (4, 1, 3), (2, 3, 1), (4, 4, 4), (6, 2, 33)]:
    Q, K = rng.normal(size=(n_q, d)), rng.normal(size=(n_k, d))
    scores = check.unchanged(dot_scores, Q, K)
    expected = [[sum(q * k for q, k in zip(query, key)) for key in K.tolist()] for query in Q.tolist()]
    check.equal(isinstance(scores, np.ndarray), True, "the scores are a NumPy array")
    check.shape(scores, (n_q, n_k), "there is a row for each query and a column for each key")
    check.close(scores, expected, "every score is the sum of products, whatever the numbers of queries and keys")
    check.equal(scores.dtype, np.dtype(float), "float64 vectors give float64 scores")
Q, K = rng.normal(size=(4, 3)).T, rng.normal(size=(8, 10)).T[::-2, ::2]
expected = [[sum(q * k for q, k in zip(query, key)) for key in K.tolist()] for query in Q.tolist()]
check.close(dot_scores(Q, K), expected, "it does not matter how the vectors lie in memory")
check.close(dot_scores(1e4 * Q, K), 1e4 * np.array(expected), "a longer query gives larger scores, of any size")
check.close(dot_scores(Q, 1e4 * K), 1e4 * np.array(expected), "a longer key gets larger scores, of any size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "dot_scores_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
Q, K = np.array([[[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]]), np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
check.close(dot_scores(Q[0], K[0]), [[1.0, 3.0], [2.0, 4.0]], "row i holds the dot products of query i with each key")
check.close(check.unchanged(dot_scores, Q, K), [[[1.0, 3.0], [2.0, 4.0]], [[10.0, 14.0], [12.0, 16.0]]],
            "queries meet the keys of their own batch")
check.close(dot_scores(Q, K[0]), [[[1.0, 3.0], [2.0, 4.0]], [[2.0, 6.0], [4.0, 8.0]]], "keys without a batch serve all batches of queries")
### BEGIN HIDDEN TESTS
rng = check.rng("dot_scores_batch")
for q_size, k_size in [((2, 3, 4), (2, 5, 4)), ((7, 2, 3, 4), (7, 2, 5, 4)), ((2, 3, 4), (5, 4)), ((3, 4), (2, 5, 4)),
                       ((7, 1, 3, 4), (2, 5, 4)), ((2, 3, 4), (7, 1, 5, 4)), ((1, 3, 4), (6, 5, 4)), ((3, 3, 5), (3, 2, 5)),
                       ((3, 4), (1, 5, 4)), ((7, 2, 3, 4), (5, 4)), ((3, 4), (7, 2, 5, 4)), ((3, 3, 3), (3, 3, 3))]:
    Q, K = rng.normal(size=q_size), rng.normal(size=k_size)
    scores = check.unchanged(dot_scores, Q, K)
    batch = np.broadcast_shapes(q_size[:-2], k_size[:-2])
    queries, keys = np.broadcast_to(Q, batch + q_size[-2:]), np.broadcast_to(K, batch + k_size[-2:])
    expected = np.empty((*batch, q_size[-2], k_size[-2]))
    for *b, i, j in np.ndindex(expected.shape):
        expected[(*b, i, j)] = sum(q * k for q, k in zip(queries[(*b, i)], keys[(*b, j)]))
    check.shape(scores, expected.shape, "batch dimensions broadcast and stay in front")
    check.close(scores, expected, "each batch has the scores that it would have alone")
Q, K = rng.normal(size=(2, 4, 3)).swapaxes(1, 2), rng.normal(size=(4, 5, 2)).T
expected = [[[sum(q * k for q, k in zip(query, key)) for key in K[b]] for query in Q[b]] for b in range(2)]
check.close(dot_scores(Q, K), expected, "it does not matter how the batches lie in memory")
### END HIDDEN TESTS

# %% [markdown]
# ## Length or direction
#
# The cosine is the dot product of the *directions*: both vectors are brought to length 1 first. Graves, Wayne and Danihelka (2014,
# *Neural Turing machines*) looked up their memory with it. It is the `cosine_similarity` of lesson 2.

# %% tags=["given"]
# given: cosine_similarity from 02_embeddings
def cosine_similarity(a, b):
    """Cosines, an array (n, m): of the angle between each row of `a` and each row of `b`; 0 where a row is all zeros.

    a: float array (n, d); b: float array (m, d).
    """
    lengths_a = np.linalg.norm(a, axis=1, keepdims=True)  # (n, 1)
    lengths_b = np.linalg.norm(b, axis=1, keepdims=True)  # (m, 1)
    return (a / np.where(lengths_a > 0, lengths_a, 1.0)) @ (b / np.where(lengths_b > 0, lengths_b, 1.0)).T


# %% [markdown]
# **Predict first.** In each row, which key wins? With the dot product, and with the cosine? What stands on the diagonal of
# each map?

# %%
dots, cosines = dot_scores(word_vectors, word_vectors), cosine_similarity(word_vectors, word_vectors)
for name, word_scores in [("dot product", dots), ("cosine", cosines)]:
    first = [" and ".join(words[place] for place in np.flatnonzero(np.isclose(row, row.max()))) for row in word_scores]
    print(f"{name:11} wins:", ", ".join(f"{word} → {winner}" for word, winner in zip(words, first)))
figure, panels = plt.subplots(1, 2, figsize=(11.5, 4.6), layout="constrained")
plots.heatmap(dots, words, words, "dot product", panels[0], label="score")
plots.heatmap(cosines, words, words, "cosine", panels[1], label="score")

# %% [markdown]
# With the dot product "mat" wins four rows of six, because it is long: a loud key is heard even by those who look elsewhere.
# Apart from "mat" itself, only "sat" and "on" find themselves. With the cosine every word does. (The articles find each other,
# too: their vectors are equal, and so are their scores.) And the articles, which have next to no length, are heard as well as
# the rest: "sat" gives "The" 0.73 and "cat" 0.38.
#
# Neither is wrong. Length can say how much a key matters, and a model that learns its vectors can learn that as well. The
# dot product lets it, and is the cheapest.

# %% [markdown]
# ## How large is a score?
#
# A dot product has $d$ terms. Say that all components are independent, with mean 0 and variance 1. Then each term $q_a k_a$ has
# mean 0, and variance $1 \cdot 1 = 1$. Variances of independent terms add up, so the dot product has variance $d$ and standard
# deviation $\sqrt{d}$ (Vaswani et al., 2017, *Attention is all you need*, footnote 4).
#
# **Predict first.** From $d = 16$ to $d = 64$, by what factor does the spread grow? Does it matter whether the components
# are normal, uniform, or only ever +1 and −1?

# %%
rng = np.random.default_rng(0)
draws = {
    "normal": lambda size: rng.normal(size=size),
    "uniform": lambda size: rng.uniform(-np.sqrt(3), np.sqrt(3), size=size),  # variance 1
    "+1 or −1": lambda size: rng.choice([-1.0, 1.0], size=size),
}
widths = np.array([1, 4, 16, 64, 256, 1024])
figure, panel = plt.subplots(figsize=(7.5, 4.2))
predictions = {"if it grew as d": widths, "prediction: √d": np.sqrt(widths)}
plots.lines(widths, predictions, x="width d", y="standard deviation of scores", log_x=True, log_y=True, panel=panel)
for (name, draw), marker, size in zip(draws.items(), "osx", (15, 10, 6)):
    spread = np.array([dot_scores(draw((800, d)), draw((800, d))).std() for d in widths])
    panel.plot(widths, spread, "k" + marker, markersize=size, fillstyle="none", label=f"measured: {name}")
    exponent = np.polyfit(np.log(widths), np.log(spread), 1)[0]
    off = np.abs(spread / np.sqrt(widths) - 1).max()
    print(f"{name:8}: spread at d = 16, 64, 1024: {spread[[2, 3, 5]].round(1)}, exponent {exponent:.3f}, at most {off:.0%} off")
_ = panel.legend(fontsize=12)

# %% [markdown]
# Expect an exponent between 0.49 and 0.51 and points within 5 % of the prediction: four times the width, twice the spread. Only
# mean and variance of the components matter; the three kinds lie on one line.
#
# So a score of 16 is a clear match at $d = 16$, four spreads above 0, and noise at $d = 1024$, half a spread. Lesson 5 turns scores
# into shares, and shares that hang on differences of 32 are all or nothing. The mend is to measure scores in units of their spread.

# %% [markdown]
# ### Exercise 2 · `scaled_dot_scores` · 1 point · 5 minutes · easy
#
# Divide the dot products by the square root of the width $d$ of queries and keys:
#
# $$S = \frac{Q K^\top}{\sqrt{d}}$$
#
# You may call your own `dot_scores`.
#
# <details><summary>Hint</summary>
#
# `Q.shape[-1]` is $d$: the number of terms in each sum, not the number of queries or keys.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Too small, the more so the wider the vectors:* they were divided by $d$, or by $\sqrt{d}$ twice.
# - *Right in the example, wrong in a batch:* a dimension was counted from the front; $d$ is the last.
# - *The arguments are left as they were:* `Q /= ...` writes into the caller's array; `Q / ...` makes a new one.
# </details>

# %% nbgrader={"grade": false, "grade_id": "scaled_dot_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scaled_dot_scores(Q, K):
    """The dot product of every query with every key, divided by the square root of their width.

    Q: float64 array (..., n_q, d); K: (..., n_k, d). Batch dimensions broadcast; both are left as they were.
    Returns a new array (..., n_q, n_k).
    """
    ### BEGIN SOLUTION
    return dot_scores(Q, K) / np.sqrt(Q.shape[-1])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "scaled_dot_scores_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
Q, K = np.ones((1, 9)), np.array([[1.0] * 9, [2.0] * 9])
check.close(check.unchanged(scaled_dot_scores, Q, K), [[3.0, 6.0]], "nine products of 1 and 1 add up to 9 and are divided by 3")
Q, K = np.ones((2, 1, 9)), np.stack([K, 3 * K])
check.close(scaled_dot_scores(Q, K), [[[3.0, 6.0]], [[9.0, 18.0]]], "in a batch, too, the root is that of the width")
### BEGIN HIDDEN TESTS
rng = check.rng("scaled_dot_scores_values")
for q_size, k_size in [((3, 2), (5, 2)), ((5, 7), (3, 7)), ((3, 1), (2, 1)), ((3, 130), (5, 130)), ((2, 3, 11), (2, 5, 11)),
                       ((2, 3, 6), (5, 6)), ((3, 6), (2, 5, 6)), ((3, 6), (2, 5, 6)), ((3, 6), (1, 5, 6)),
                       ((7, 1, 3, 5), (2, 4, 5)), ((7, 2, 3, 5), (7, 2, 4, 5))]:
    Q, K = rng.normal(size=q_size), rng.normal(size=k_size)
    scores = check.unchanged(scaled_dot_scores, Q, K)
    batch = np.broadcast_shapes(q_size[:-2], k_size[:-2])
    queries, keys = np.broadcast_to(Q, batch + q_size[-2:]), np.broadcast_to(K, batch + k_size[-2:])
    expected = np.empty((*batch, q_size[-2], k_size[-2]))
    for *b, i, j in np.ndindex(expected.shape):
        expected[(*b, i, j)] = sum(q * k for q, k in zip(queries[(*b, i)], keys[(*b, j)])) / len(keys[(*b, j)]) ** 0.5
    check.equal(isinstance(scores, np.ndarray), True, "the scores are a NumPy array")
    check.shape(scores, expected.shape, "there is a row for each query and a column for each key, in every batch")
    check.close(scores, expected, "dot products are divided by the root of the width, whatever the other sizes")
check.equal(scores.dtype, np.dtype(float), "float64 vectors give float64 scores")
Q, K = rng.normal(size=(4, 3)).T, rng.normal(size=(8, 10)).T[::-2, ::2]
expected = [[sum(q * k for q, k in zip(query, key)) / 2 for key in K.tolist()] for query in Q.tolist()]
check.close(scaled_dot_scores(Q, K), expected, "it does not matter how the vectors lie in memory")
check.close(scaled_dot_scores(Q, 1e4 * K), 1e4 * np.array(expected), "a longer key gets larger scores, of any size")
### END HIDDEN TESTS

# %% [markdown]
# Does the division cure the spread, and does it hide a good key? The next cell gives each of 800 queries one key that matches
# it exactly: the query itself. The other keys are random. Then query and key are not independent, and the
# rule for the spread does not hold for their score.
#
# **Predict first.** About how large is the dot product of a vector with itself, at $d = 64$? How many spreads above the others
# is that, before and after the division?

# %%
rng = np.random.default_rng(0)
for d in (4, 64, 1024):
    searching, others = rng.normal(size=(2, 800, d))
    for name, function in [("dot product", dot_scores), ("scaled", scaled_dot_scores)]:
        crowd = function(searching, others).std()
        match = function(searching, searching).diagonal().mean()
        print(f"d = {d:4}, {name:11}: match {match:7.2f}, spread of the others {crowd:5.2f}: {match / crowd:4.1f} spreads above")

# %% [markdown]
# The match has a score of about $d$, and the others spread by about $\sqrt{d}$. After the division the match has about $\sqrt{d}$,
# and the spread of the others is about 1 at every width. All scores shrink alike, so their order stays, and so does the distance
# counted in spreads: the match stands about $\sqrt{d}$ of them above the crowd, with the division and without it. Only the unit
# changes: it no longer depends on the width.
#
# It is the random vectors before training that have a spread of $\sqrt{d}$. Trained ones are not independent, and their scores
# may become as large as they have to.

# %% [markdown]
# ## A matrix between query and key
#
# What a word *is* and what it *looks for* are two things. "sat" is an action, and looks for who did it and where. With
# vectors that say what a word is, the dot product finds more of the same.
#
# Luong, Pham and Manning (2015, *Effective approaches to attention-based neural machine translation*) put a learned matrix
# between the two and called this score *general*; the field says *multiplicative*, or bilinear. Queries and keys may then have
# different widths.
#
# **Predict first.** In the maps above the score of "cat" for "sat" is that of "sat" for "cat". Why? Must that be so with a
# matrix in between?

# %% [markdown]
# ### Exercise 3 · `multiplicative_scores` · 2 points · 10 minutes · medium
#
# $$S_{ij} = \sum_a \sum_b Q_{ia} W_{ab} K_{jb}, \qquad S = Q W K^\top$$
#
# The *rows* of $W$ belong to the components of the query, its *columns* to those of the key: $W$ is (d_q, d_k). It is one
# matrix for all batches, and nothing is divided by a root.
#
# <details><summary>Hint</summary>
#
# $Q W$ has the shape of queries as wide as the keys. What is left is a dot product that you have already.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right when $W$ is symmetric only:* $W$ is transposed, or multiplies the keys from the side that belongs to the queries.
# - *Right for square $W$ only:* the same; with $d_q \neq d_k$ it becomes an error.
# - *Right for one sentence only:* again `K.T`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "multiplicative_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multiplicative_scores(Q, K, W):
    """The score q W k of every query with every key (Luong, Pham and Manning, 2015, "general").

    Q: float64 array (..., n_q, d_q); K: (..., n_k, d_k); W: (d_q, d_k). Batch dimensions of Q and K broadcast; all three are
    left as they were.
    Returns a new array (..., n_q, n_k).
    """
    ### BEGIN SOLUTION
    return dot_scores(Q @ W, K)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multiplicative_scores_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
Q, K = np.array([[1.0, 2.0]]), np.array([[5.0, 7.0], [3.0, 4.0]])
check.close(check.unchanged(multiplicative_scores, Q, K, np.eye(2)), [[19.0, 11.0]], "with the identity between them it is the dot product")
check.close(multiplicative_scores(Q, K, np.array([[0.0, 10.0], [0.0, 0.0]])), [[70.0, 40.0]],
            "a 10 in the first row, second column ties the query's first number to the key's second")
check.shape(multiplicative_scores(Q, np.ones((5, 3)), np.ones((2, 3))), (1, 5), "queries and keys may have different widths")
### BEGIN HIDDEN TESTS
rng = check.rng("multiplicative_scores_values")
for n_q, n_k, d_q, d_k in [(4, 4, 4, 4), (3, 5, 4, 7), (5, 3, 7, 4), (3, 5, 4, 7), (1, 5, 3, 2), (4, 1, 3, 2), (2, 3, 1, 4), (2, 3, 4, 1)]:
    Q, K, W = rng.normal(size=(n_q, d_q)), rng.normal(size=(n_k, d_k)), rng.normal(size=(d_q, d_k))
    scores = check.unchanged(multiplicative_scores, Q, K, W)
    expected = np.zeros((n_q, n_k))
    for i, j, a, b in np.ndindex(n_q, n_k, d_q, d_k):
        expected[i, j] += Q[i, a] * W[a, b] * K[j, b]
    check.equal(isinstance(scores, np.ndarray), True, "the scores are a NumPy array")
    check.shape(scores, (n_q, n_k), "there is a row for each query and a column for each key")
    check.close(scores, expected, "the rows of W belong to the query and its columns to the key, of any widths")
    check.equal(scores.dtype, np.dtype(float), "float64 vectors give float64 scores")
Q, K, W = rng.normal(size=(4, 3)).T, rng.normal(size=(6, 10)).T[::-2, ::2], rng.normal(size=(3, 4)).T
expected = [[sum(q * w * k for q, row in zip(query, W) for w, k in zip(row, key)) for key in K] for query in Q]
check.close(multiplicative_scores(Q, K, W), expected, "it does not matter how the vectors and the matrix lie in memory")
check.close(multiplicative_scores(Q, 1e4 * K, W), 1e4 * np.array(expected), "a longer key gets larger scores, of any size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "multiplicative_scores_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
Q, K = np.array([[[1.0, 0.0]], [[0.0, 1.0]]]), np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
W = np.array([[1.0, 2.0], [0.0, 10.0]])
check.close(multiplicative_scores(Q[1], K[1], W), [[60.0, 80.0]], "each batch alone has the scores q W k")
check.close(check.unchanged(multiplicative_scores, Q, K, W), [[[5.0, 11.0]], [[60.0, 80.0]]], "queries meet the keys of their own batch")
check.close(multiplicative_scores(Q, K[0], W), [[[5.0, 11.0]], [[20.0, 40.0]]], "keys without a batch serve all batches of queries")
### BEGIN HIDDEN TESTS
rng = check.rng("multiplicative_scores_batch")
for q_size, k_size in [((2, 3, 4), (2, 5, 6)), ((7, 2, 3, 4), (7, 2, 5, 6)), ((2, 3, 4), (5, 6)), ((3, 4), (2, 5, 6)),
                       ((7, 1, 3, 4), (2, 5, 6)), ((2, 3, 4), (7, 1, 5, 6)), ((1, 3, 6), (7, 5, 4)), ((3, 3, 5), (3, 2, 5)),
                       ((3, 4), (1, 5, 6)), ((7, 2, 3, 4), (5, 6)), ((3, 4), (7, 2, 5, 6)), ((3, 3, 3), (3, 3, 3))]:
    Q, K, W = rng.normal(size=q_size), rng.normal(size=k_size), rng.normal(size=(q_size[-1], k_size[-1]))
    scores = check.unchanged(multiplicative_scores, Q, K, W)
    batch = np.broadcast_shapes(q_size[:-2], k_size[:-2])
    queries, keys = np.broadcast_to(Q, batch + q_size[-2:]), np.broadcast_to(K, batch + k_size[-2:])
    expected = np.zeros((*batch, q_size[-2], k_size[-2]))
    for *b, i, j in np.ndindex(expected.shape):
        expected[(*b, i, j)] = (queries[(*b, i)][:, None] * W * keys[(*b, j)]).sum()
    check.shape(scores, expected.shape, "batch dimensions broadcast and stay in front")
    check.close(scores, expected, "each batch has the scores that it would have alone, with the same W")
### END HIDDEN TESTS

# %% [markdown]
# Here $W$ is made by hand: its row says what a word is, its column what such a word looks for. In lesson 8 it is learned.
#
# **Predict first.** Whom will "sat" score highest now? And will "mat" give "on" as much as "on" gives "mat"?

# %%
looks_for = np.array([
    # thing, action, place
    [0.0, 1.0, 0.0],  # a thing looks for an action
    [1.0, 0.0, 0.5],  # an action looks for a thing and, half as much, for a place
    [1.0, 0.0, 0.0],  # a place word looks for a thing
])
tied = multiplicative_scores(word_vectors, word_vectors, looks_for)
plots.heatmaps([dots, tied], ["dot product", "multiplicative"], rows=words, columns=words, label="score")
for name, word_scores in [("dot product", dots), ("multiplicative", tied)]:
    print(f"{name:14}: on → mat {word_scores[3, 5]:.2f}, mat → on {word_scores[5, 3]:.2f}")

# %% [markdown]
# "sat" now looks to "mat" and "cat" and no longer to itself, while "cat" and "mat" look to "sat". And the map is no longer symmetric:
# "on" gives "mat" 1.81, "mat" gives "on" 0.16. $q \cdot k$ is $k \cdot q$, but $q W k$ is not $k W q$ unless $W$ is symmetric.

# %% [markdown]
# ## A small network between query and key
#
# The first attention trained together with a model scored otherwise. Bahdanau, Cho and Bengio (2014, *Neural machine translation
# by jointly learning to align and translate*) add query and key, each after a matrix of its own, and send the sum through a
# network with one hidden layer. The field calls it *additive*.
#
# What is it good for? A multiplicative score is a straight line in the key: as the key gets longer in one direction, its score
# only ever rises, or only falls. A tanh bends the line, but one alone still only rises, or only falls. It takes two hidden numbers
# with opposite signs in $v$: where one has risen and the other not yet, the score has a bump, high for keys in the middle and
# low on both sides. You will see one after the exercise.

# %% [markdown]
# ### Exercise 4 · `additive_scores` · 3 points · 15 minutes · hard
#
# Every pair of a query and a key has a hidden vector of $d_h$ numbers, and $v$ turns it into a score:
#
# $$H_{ijh} = \tanh\Big(\sum_a Q_{ia} (W_q)_{ah} + \sum_b K_{jb} (W_k)_{bh}\Big), \qquad S_{ij} = \sum_h H_{ijh} v_h$$
#
# $W_q$ is (d_q, d_h), $W_k$ is (d_k, d_h) and $v$ is (d_h,), so queries and keys are *rows* that meet their matrix from the left.
# The components may be of any size: what goes into tanh can be in the thousands.
#
# <details><summary>Hint</summary>
#
# $Q W_q$ is (..., n_q, d_h) and $K W_k$ is (..., n_k, d_h). Each needs a dimension of size 1 where the other has its own, so
# that their sum is (..., n_q, n_k, d_h). `array[..., None, :]` puts one before the last.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for $n_q = n_k$ only:* row was added to row; every query has to meet every key.
# - *Right for one sentence, not for a batch:* `[:, None]` counts from the front; write `[..., :, None, :]`.
# - *`nan`:* the tanh was put together from exponentials, which overflow; `np.tanh` does not.
# - *Scores grow without bound:* the tanh is missing, or stands around the wrong sum.
# </details>

# %% nbgrader={"grade": false, "grade_id": "additive_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def additive_scores(Q, K, W_q, W_k, v):
    """The score tanh(q W_q + k W_k) · v of every query with every key (Bahdanau, Cho and Bengio, 2014).

    Q: float64 array (..., n_q, d_q); K: (..., n_k, d_k); W_q: (d_q, d_h); W_k: (d_k, d_h); v: (d_h,). Batch dimensions of Q and K
    broadcast; all five are left as they were.
    Returns a new array (..., n_q, n_k).
    """
    ### BEGIN SOLUTION
    hidden = np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :])  # (..., n_q, n_k, d_h)
    return hidden @ v
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "additive_scores_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
Q, K, one = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]), np.array([[1.0]])
half, full = 10 * np.tanh(1.0), 10 * np.tanh(2.0)
scores = check.unchanged(additive_scores, Q[:1], K[1:], one, one, np.array([10.0]))
check.close(scores, [[full]], "query and key are added, then comes tanh, then v: 10 tanh(1 + 1)")
scores = additive_scores(Q, K, one, one, np.array([10.0]))
check.close(scores, [[half, full], [0.0, half]], "row i holds the scores of query i with each key")
mixing, v = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([1.0, 10.0])
scores = additive_scores(np.array([[1.0, 0.0], [0.0, 5.0]]), np.zeros((2, 2)), mixing, np.eye(2), v)
check.close(scores, [[half, half], [0.0, 0.0]],
            "a 1 in the first row, second column of W_q ties the query's first number to hidden number 2")
scores = additive_scores(np.zeros((2, 2)), np.array([[1.0, 0.0], [0.0, 5.0]]), np.eye(2), mixing, v)
check.close(scores, [[half, 0.0], [half, 0.0]],
            "a 1 in the first row, second column of W_k ties the key's first number to hidden number 2")
scores = additive_scores(1000 * Q, K, one, one, np.array([10.0]))
check.close(scores, [[10.0, 10.0], [0.0, half]], "sums in the thousands saturate, and do not overflow")
### BEGIN HIDDEN TESTS
rng = check.rng("additive_scores_values")
for n_q, n_k, d_q, d_k, d_h in [(4, 4, 4, 4, 4), (3, 5, 4, 6, 7), (5, 3, 7, 4, 2), (3, 5, 4, 6, 7), (1, 5, 3, 2, 4), (4, 1, 3, 2, 5),
                                (2, 3, 1, 4, 1), (2, 3, 4, 1, 3), (3, 2, 5, 5, 3)]:
    Q, K = rng.normal(size=(n_q, d_q)), rng.normal(size=(n_k, d_k))
    W_q, W_k, v = rng.normal(size=(d_q, d_h)), rng.normal(size=(d_k, d_h)), rng.normal(size=d_h)
    scores = check.unchanged(additive_scores, Q, K, W_q, W_k, v)
    expected = np.zeros((n_q, n_k))
    for i, j, h in np.ndindex(n_q, n_k, d_h):
        e = np.exp(-2 * (sum(Q[i, a] * W_q[a, h] for a in range(d_q)) + sum(K[j, b] * W_k[b, h] for b in range(d_k))))
        expected[i, j] += v[h] * (1 - e) / (1 + e)
    check.equal(isinstance(scores, np.ndarray), True, "the scores are a NumPy array")
    check.shape(scores, (n_q, n_k), "there is a row for each query and a column for each key")
    check.close(scores, expected, "every query meets every key in a hidden vector of their own, of any widths")
    check.equal(scores.dtype, np.dtype(float), "float64 vectors give float64 scores")
check.close(additive_scores(Q, K, W_q, W_k, 100 * v), 100 * expected, "v comes after tanh: a larger v gives larger scores")
Q, K = np.array([[900.0], [-900.0], [0.001]]), np.array([[1e5], [-1e6]])
scores = additive_scores(Q, K, one, one, np.array([3.0]))
check.close(scores, [[3.0, -3.0]] * 3, "sums in the thousands saturate, and do not overflow")
Q, K, W_q = rng.normal(size=(4, 3)).T, rng.normal(size=(6, 10)).T[::-2, ::2], rng.normal(size=(2, 4)).T
W_k, v = rng.normal(size=(3, 4))[:, ::-2], rng.normal(size=(2, 3))[:, 1]
expected = np.array([[sum(np.tanh(query.dot(W_q[:, h]) + key.dot(W_k[:, h])) * v[h] for h in (0, 1)) for key in K] for query in Q])
check.close(additive_scores(Q, K, W_q, W_k, v), expected, "it does not matter how the arguments lie in memory")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "additive_scores_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
Q, K, one = np.array([[[1.0], [0.0]], [[2.0], [3.0]]]), np.array([[[0.0], [1.0]], [[-2.0], [-3.0]]]), np.array([[1.0]])
t = np.tanh(np.arange(5.0))
check.close(additive_scores(Q[1], K[1], one, one, np.ones(1)), [[t[0], -t[1]], [t[1], t[0]]],
            "each batch alone has the scores tanh(q W_q + k W_k) · v")
check.close(check.unchanged(additive_scores, Q, K, one, one, np.ones(1)), [[[t[1], t[2]], [t[0], t[1]]], [[t[0], -t[1]], [t[1], t[0]]]],
            "queries meet the keys of their own batch")
check.close(additive_scores(Q, K[0], one, one, np.ones(1)), [[[t[1], t[2]], [t[0], t[1]]], [[t[2], t[3]], [t[3], t[4]]]],
            "keys without a batch serve all batches of queries")
### BEGIN HIDDEN TESTS
rng = check.rng("additive_scores_batch")
for q_size, k_size, d_h in [((2, 3, 4), (2, 5, 6), 7), ((7, 2, 3, 4), (7, 2, 5, 6), 3), ((2, 3, 4), (5, 6), 7), ((3, 4), (2, 5, 6), 7),
                            ((7, 1, 3, 4), (2, 5, 6), 3), ((2, 3, 4), (7, 1, 5, 6), 3), ((1, 3, 6), (7, 5, 4), 2), ((3, 3, 5), (3, 2, 5), 4),
                            ((3, 4), (1, 5, 6), 2), ((7, 2, 3, 4), (5, 6), 3), ((3, 4), (7, 2, 5, 6), 3), ((3, 3, 3), (3, 3, 3), 3)]:
    Q, K, v = rng.normal(size=q_size), rng.normal(size=k_size), rng.normal(size=d_h)
    W_q, W_k = rng.normal(size=(q_size[-1], d_h)), rng.normal(size=(k_size[-1], d_h))
    scores = check.unchanged(additive_scores, Q, K, W_q, W_k, v)
    batch = np.broadcast_shapes(q_size[:-2], k_size[:-2])
    queries, keys = np.broadcast_to(Q, batch + q_size[-2:]), np.broadcast_to(K, batch + k_size[-2:])
    expected = np.zeros((*batch, q_size[-2], k_size[-2]))
    for *b, i, j in np.ndindex(expected.shape):
        sums = (queries[(*b, i)][:, None] * W_q).sum(axis=0) + (keys[(*b, j)][:, None] * W_k).sum(axis=0)
        expected[(*b, i, j)] = (np.tanh(sums) * v).sum()
    check.shape(scores, expected.shape, "batch dimensions broadcast and stay in front")
    check.close(scores, expected, "each batch has the scores that it would have alone, with the same parameters")
### END HIDDEN TESTS

# %% [markdown]
# ## Who is nearest?
#
# A query is a whole number from −6 to 6, and looks for the key nearest to it. The additive score below has two hidden numbers:
# their difference, $\tanh(k - q + 1) - \tanh(k - q - 1)$, is a bump at $k = q$. Where do $+1$ and $-1$ come from? Every query
# has a second number, which is always 1, so its vector is $(q, 1)$, and the second row of $W_q$ is $(1, -1)$. The
# multiplicative score gets the same queries and keys and 1000 tries with random matrices.
#
# **Predict first.** For how many of the 13 queries can the multiplicative score put the right key first?

# %%
line = np.arange(-6.0, 7.0)[:, None]
number_queries, number_keys = np.hstack([line, np.ones_like(line)]), line  # (13, 2), (13, 1)
bump = additive_scores(number_queries, number_keys, np.array([[-1.0, -1.0], [1.0, -1.0]]), np.ones((1, 2)), np.array([1.0, -1.0]))
rng, found = np.random.default_rng(0), []
for _ in range(1000):
    tried = multiplicative_scores(number_queries, number_keys, rng.normal(size=(2, 1)))
    found.append((tried.argmax(axis=1) == np.arange(13)).sum())
with_squares = np.hstack([line, line**2])
squared = multiplicative_scores(number_queries, with_squares, np.array([[2.0, 0.0], [0.0, -1.0]]))
print("additive:", (bump.argmax(axis=1) == np.arange(13)).sum(), "of 13;   multiplicative: at most", max(found), "of 13")
print("multiplicative, with keys that bring their square along:", (squared.argmax(axis=1) == np.arange(13)).sum(), "of 13")
saddle = multiplicative_scores(number_queries, number_keys, np.array([[1 / 24], [0.0]]))
numbers = [f"{number:g}".replace("-", "−") for number in line[:, 0]]
titles = ["multiplicative: q k / 24", "additive"]
plots.heatmaps([saddle, bump], titles, rows=numbers, columns=numbers, x="key", y="query", label="score", values=False)

# %% [markdown]
# At most two of 13, the queries at the ends: a straight line has its maximum at an end. The map on the left is one of these scores,
# $q k / 24$; the 24 only brings it to the size of the other. The additive score has its ridge on the diagonal.
#
# This is no proof that additive is better. Give each key its square as a second number, so that its vector is $(k, k^2)$. A
# matrix makes $2qk - k^2$ of it: 2 times the query's $q$ times $k$, and $-1$ times the query's 1 times $k^2$. That is
# $q^2 - (q - k)^2$, and as $q^2$ is the same along a row, the nearest key wins: all 13 are right. What the score cannot do, the layers
# that make queries and keys can. Transformers leave the bending to them.

# %% [markdown]
# ## All of them on one sentence
#
# The query is "sat" and the vectors are those from above. The additive score uses `looks_for`, too. It has three hidden numbers
# for each component: one sees how much of it is sought, $a$, one how much is offered, $b$, and one sees both. In $v$ they have
# 1, 1 and −1, which makes $\tanh a + \tanh b - \tanh(a + b)$; for positive numbers that is large only where both are.
#
# **Predict first.** Which two of the five must put the words in the same order, whatever the vectors? Which one raises the
# articles?

# %%
same, none = np.eye(3), np.zeros((3, 3))
W_sought, W_offered = np.hstack([looks_for, none, looks_for]), np.hstack([none, same, same])  # (3, 9) each
v_both = np.repeat([1.0, 1.0, -1.0], 3)
sat = word_vectors[2:3]  # (1, 3)
ranked = {
    "dot product": dot_scores(sat, word_vectors),
    "scaled": scaled_dot_scores(sat, word_vectors),
    "cosine": cosine_similarity(sat, word_vectors),
    "multiplicative": multiplicative_scores(sat, word_vectors, looks_for),
    "additive": additive_scores(sat, word_vectors, W_sought, W_offered, v_both),
}
figure, panels = plt.subplot_mosaic("AABBCC;.DDEE.", figsize=(12, 5.4), layout="constrained")
figure.supylabel("score for “sat”, each panel in its own scale", fontsize=12)
for panel, (name, row) in zip(panels.values(), ranked.items()):
    plots.bars(panel, words, row[0], title=name)
    order = np.argsort(-row[0], kind="stable")
    print(f"{name:14}:", " > ".join(f"{words[place]} {row[0, place]:.2f}" for place in order))

# %% [markdown]
# Dot product and scaled dot product agree in order: all scores are divided by the same number. Both find "sat" itself, then "mat"
# before "cat". The cosine raises the articles from last to second. With what "sat" looks for, "mat" and "cat"
# lead, then the place word "on".
#
# **Predict first.** If the vector of "mat" were twice as long, what would become of its multiplicative score? Of its additive one?

# %%
louder = 2 * word_vectors[5:6]
print("multiplicative:", f"{ranked['multiplicative'][0, 5]:.2f} -> {multiplicative_scores(sat, louder, looks_for)[0, 0]:.2f}")
print("additive:      ", f"{ranked['additive'][0, 5]:.2f} -> {additive_scores(sat, louder, W_sought, W_offered, v_both)[0, 0]:.2f}")

# %% [markdown]
# The first doubles, the second gains a fifth. An additive score can never leave the band from $-\sum_h |v_h|$ to $+\sum_h |v_h|$,
# however loud the key.

# %% [markdown]
# ## What it costs
#
# Which function would you choose for a long text? Two numbers say what it costs: how many parameters
# have to be learned, and how many multiplications it takes.

# %% [markdown]
# ### Exercise 5 · `score_cost` · 2 points · 15 minutes · medium
#
# Count for one batch, with everything $d$ wide: $d_q = d_k = d_h = d$. Parameters are all the numbers in $W$, or in
# $W_q$, $W_k$ and $v$. For the multiplications:
#
# - A matrix product of (n, a) by (a, b) takes $n \cdot a \cdot b$. A vector of $d$ numbers counts as a matrix (d, 1).
# - Nothing else counts: no additions, no tanh, no division by $\sqrt{d}$.
# - Each query and each key meets its matrix once; the result serves for all pairs.
# - $Q W K^\top$ can be multiplied in two orders, $(QW)K^\top$ and $Q(WK^\top)$. Take the one that needs fewer.
#
# <details><summary>Hint</summary>
#
# Write down the shapes of every matrix product. The hidden vectors of the additive score are a matrix with a row for each
# *pair*, $n_q n_k$ rows, which meets $v$.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for more keys than queries only:* which of the two orders is shorter depends on which there are fewer of.
# - *Far too large:* a matrix was applied anew for every pair.
# - *Too small by $n_q n_k d$:* the product with $v$, or with $K^\top$, is missing.
# </details>

# %% nbgrader={"grade": false, "grade_id": "score_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def score_cost(kind, n_q, n_k, d):
    """A pair of whole numbers (parameters, multiplications): what it costs to score n_k keys for n_q queries, all d wide.

    kind: "dot", "scaled", "multiplicative" or "additive". Multiplications are those in matrix products.
    """
    ### BEGIN SOLUTION
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "score_cost_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
for kind in ["dot", "scaled", "multiplicative", "additive"]:
    check.shape(score_cost(kind, 2, 3, 5), (2,), "the result is a pair of numbers")
check.equal(score_cost("dot", 2, 3, 5)[0], 0, "the first of the pair are the parameters, and the dot product has none")
check.equal(score_cost("multiplicative", 2, 3, 5)[0], 25, "multiplicative scores learn one matrix, for any number of words")
check.equal(score_cost("additive", 2, 3, 5)[0], 55, "additive scores learn two matrices and a vector, for any number of words")
### BEGIN HIDDEN TESTS
rng = check.rng("score_cost_parameters")
for n_q, n_k, d in [(2, 3, 5), (3, 2, 5), (4, 4, 1), (1, 1, 7), *rng.integers(2, 900, size=(5, 3)).tolist()]:
    check.equal(score_cost("dot", n_q, n_k, d)[0], 0, "the dot product has nothing to learn")
    check.equal(score_cost("scaled", n_q, n_k, d)[0], 0, "the division by the root of d has nothing to learn")
    matrix = sum(d for _ in range(d))
    check.equal(score_cost("multiplicative", n_q, n_k, d)[0], matrix, "multiplicative scores learn one matrix, for any number of words")
    check.equal(score_cost("additive", n_q, n_k, d)[0], matrix + matrix + d,
                "additive scores learn two matrices and a vector, for any number of words")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "score_cost_multiplications", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.equal(score_cost("dot", 2, 3, 5)[1], 30, "2 queries, 3 keys and a width of 5 take 30 multiplications in a dot product")
for n_q, n_k in [(3, 2), (2, 3)]:
    check.equal(score_cost("multiplicative", n_q, n_k, 5)[1], 80, "multiplicative scores cost two matrix products, in the cheaper order")
check.equal(score_cost("additive", 2, 3, 5)[1], 155,
            "additive scores cost each query and each key a matrix, and each pair d multiplications more")
### BEGIN HIDDEN TESTS
rng = check.rng("score_cost_multiplications")
few, some, many = (int(size) for size in rng.integers([3, 20, 50], [20, 50, 90]))
orders = [(few, some, many), (some, few, many), (few, many, some), (many, some, few)]
for n_q, n_k, d in [*orders, (7, 7, 7), (1, 1, 7), (1, 3, 1), (3, 1, 4), (100_000, 90_000, 128)]:
    products = {
        "dot": [(n_q, d, n_k)],
        "scaled": [(n_q, d, n_k)],
        "queries first": [(n_q, d, d), (n_q, d, n_k)],
        "keys first": [(d, d, n_k), (n_q, d, n_k)],
        "additive": [(n_q, d, d), (n_k, d, d), (n_q * n_k, d, 1)],
    }
    counted = {name: sum(a * b * c for a, b, c in sizes) for name, sizes in products.items()}
    check.equal(score_cost("dot", n_q, n_k, d)[1], counted["dot"], "the dot product takes d multiplications for each pair")
    check.equal(score_cost("scaled", n_q, n_k, d)[1], counted["scaled"], "the division by the root of d is not counted")
    found = score_cost("multiplicative", n_q, n_k, d)[1]
    least = min(counted["queries first"], counted["keys first"])
    check.equal(found, least, "multiplicative scores cost two matrix products, in the cheaper order")
    found = score_cost("additive", n_q, n_k, d)[1]
    check.equal(found, counted["additive"], "additive scores cost each query and each key a matrix, and each pair d multiplications more")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Take $d = 64$ and as many queries as keys. Of 16 words, how many times the multiplications of the dot product
# does the additive score need? Of 4096? Does the dot product ever need as many?

# %%
lengths = [4, 16, 64, 256, 1024, 4096]
names = {"dot": "dot product", "multiplicative": "multiplicative", "additive": "additive"}
counts = {label: np.array([score_cost(kind, n, n, 64)[1] for n in lengths]) for kind, label in names.items()}
ratios = {label: counts[label] / counts["dot product"] for label in counts}
plots.lines(lengths, ratios, x="words n (queries and keys), d = 64", y="multiplications / dot product", log_x=True, log_y=True)
for kind, label in names.items():
    at_16, at_64, at_4096 = ratios[label][[1, 2, 5]]
    print(f"{label:14}: {score_cost(kind, 1, 1, 64)[0]:4} parameters; multiplications / dot product: "
          f"{at_16:.1f} at 16 words, {at_64:.1f} at 64, {at_4096:.2f} at 4096")

# %% [markdown]
# For short sentences the matrices cost most. At $n = d = 64$ a matrix costs as much as all the dot products, and at 4096 words
# the additive score needs 3 % more than the dot product: all pairs have to meet, and that is what grows with $n^2$. The curves
# come close and never meet: for any $n$ the additive score needs $2nd^2$ more, the multiplicative $nd^2$.
#
# So is the additive score as fast as the dot product?
#
# **Predict first.** 512 queries, 512 keys, $d = 64$: the additive score needs 1.25 times the multiplications. How many times as long
# does it take?

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
queries_512, keys_512, W_512, W_other, v_512 = (rng.normal(size=size) for size in [(512, 64), (512, 64), (64, 64), (64, 64), 64])
calls = {
    "dot": lambda: dot_scores(queries_512, keys_512),
    "scaled": lambda: scaled_dot_scores(queries_512, keys_512),
    "multiplicative": lambda: multiplicative_scores(queries_512, keys_512, W_512),
    "additive": lambda: additive_scores(queries_512, keys_512, W_512, W_other, v_512),
}
fastest = dict.fromkeys(calls, np.inf)
turns = [*["dot", "scaled", "multiplicative"] * 10, "additive"]
for kind in turns * 8:  # in turns, so that whatever else the machine does disturbs all alike
    start = perf_counter()
    calls[kind]()
    fastest[kind] = min(fastest[kind], perf_counter() - start)
for kind, seconds in fastest.items():
    more = score_cost(kind, 512, 512, 64)[1] / score_cost("dot", 512, 512, 64)[1]
    print(f"{kind:14}: {1000 * seconds:7.2f} ms; multiplications × {more:.2f}, time × {seconds / fastest['dot']:.1f}")
pairs = 512 * 512
print(f"scores: {pairs * 8 / 1e6:.0f} MB; hidden vectors: {pairs * 64 / 1e6:.0f} million numbers, {pairs * 64 * 8 / 1e6:.0f} MB")

# %% [markdown]
# Expect a hundred times as long or more; a busy machine, or one with a quick tanh, may stay below. The count leaves out 17
# million calls of tanh, and the array of hidden vectors, of $n_q n_k d$ numbers: 134 MB, written and read again, where the dot
# product keeps 2 MB. A matrix product reuses what it has read; lesson 14 is about that.
#
# Vaswani et al. (2017) give this as their reason for the dot product: similar in theory, much faster and smaller in practice. They add
# that for large $d$ additive scores did better than *unscaled* dot products. Hence the root.

# %% [markdown]
# ## What you have now
#
# Every query gives every key a score, in one of five ways. Scores may be negative, and of any size. They are not yet shares: in
# lesson 5 softmax makes them so.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: keys in rows and queries in columns; `.T` on a
# batch; dividing by $d$, by the root of the number of words, or by 8; $W$ transposed; row added to row, where every query meets
# every key; the tanh left out; counting a matrix once for every pair.
#
# **Further:** Graves, Wayne and Danihelka (2014) multiply the cosine by a *key strength*, a number that the model sets for each
# query, since a score that never exceeds 1 cannot choose sharply. Luong, Pham and Manning (2015) compare dot, general and a third
# score, *concat*. Lesson 7 trains Bahdanau's; from lesson 8 on the scaled dot product is the score.
