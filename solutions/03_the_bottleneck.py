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
# # 3 · The bottleneck
#
# *90 minutes · NumPy · 10 points · builds on lesson 2, Embeddings*
#
# In lesson 2 every word got a vector. A sentence is a list of vectors, as long as the sentence. How does a machine
# that works with one vector read it? From 1990 on the answer was: word by word, with a memory of fixed size. This
# lesson builds that reader, measures what it forgets, and shows the way out that became attention.
#
# You will build `rnn_step`, `rnn`, `influence`, `uniform_context` and `lstm_step`, and be able to say
#
# - why a word's trace in the memory shrinks, or grows, by about the same factor with every further word;
# - what gates change about that, and what they leave as it is;
# - why keeping all states helps where a larger memory buys a few words only;
# - why a recurrent reader leaves a fast machine waiting.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

from attention_course import check, plots

# %% [markdown]
# ## A sentence in one vector
#
# Eight words are enough here. Their vectors are random: nothing in this lesson depends on what they mean.
#
# The shortest way from many vectors to one is their average, as in lesson 0.
#
# **Predict first.** "the cat sat on the mat" and "the mat sat on the cat": how far apart are the two averages?

# %%
vocabulary = ["the", "cat", "dog", "sat", "on", "mat", "apple", "phone"]
table = np.random.default_rng(0).normal(size=(8, 16))  # a row for each word, as in lesson 2


def vectors(sentence):
    return table[[vocabulary.index(word) for word in sentence.split()]]  # (n, 16)


cat_on_mat, mat_on_cat = vectors("the cat sat on the mat"), vectors("the mat sat on the cat")
difference = cat_on_mat.mean(axis=0) - mat_on_cat.mean(axis=0)
print("distance of the averages:", np.linalg.norm(difference).round(12))

# %% [markdown]
# It is 0. An average does not know who sat on whom. A reader has to take the words in order.
#
# ## Reading word by word
#
# Elman (1990, *Finding structure in time*) gave a network a memory: a *state* $h$, one vector of $d$ numbers. With
# each word $x$ it makes the next state from the word and the last state:
#
# $$h' = \tanh(x W_x + h W_h + b)$$
#
# Vectors are rows, so a matrix stands to the right of what it multiplies: $W_x$ has the shape $(d_{in}, d)$ and $W_h$
# the shape $(d, d)$. The tanh keeps every number between −1 and 1.

# %% [markdown]
# ### Exercise 1 · `rnn_step` · 2 points · 5 minutes · easy
#
# Write the step. `x` and `h` may carry leading dimensions, the same for both: a batch of words, each with a state of
# its own.
#
# <details><summary>Hint</summary>
#
# `x @ W_x` multiplies the last dimension of `x` by the matrix and leaves all leading dimensions alone.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"the tanh of the bias" fails:* the tanh or the bias is missing, or the bias was added behind the tanh.
# - *"mismatch in its core dimension":* a matrix stands on the wrong side (which may do for one word and fails for a
#   batch), or `W_x` and `W_h` have changed places.
# - *Right with a symmetric `W_h` only:* it was transposed. `W_h[i, j]` leads from component $i$ of the old state to
#   component $j$ of the new.
# </details>

# %% nbgrader={"grade": false, "grade_id": "rnn_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn_step(x, h, W_x, W_h, b):
    """The next state, tanh(x W_x + h W_h + b) (Elman, 1990).

    x: (..., d_in), h: (..., d), with the same leading dimensions; W_x: (d_in, d); W_h: (d, d); b: (d,).
    Numbers may have any size. Returns a new float64 array (..., d); the arguments are left as they were.
    """
    ### BEGIN SOLUTION
    return np.tanh(x @ W_x + h @ W_h + b)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_step_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
W_x, W_h, b = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0], [0.0, 0.0]]), np.zeros(2)
state = rnn_step(np.zeros(1), np.zeros(2), W_x, W_h, np.array([0.5, -0.2]))
check.close(state, np.tanh([0.5, -0.2]), "without word and memory the new state is the tanh of the bias")
state = check.unchanged(rnn_step, np.array([0.5]), np.array([0.3, 0.0]), W_x, W_h, b)
check.close(state, np.tanh([0.5, 1.3]), "W_h[i, j] leads from component i of the old state to component j of the new")
states = rnn_step(np.array([[0.5], [0.0], [-0.5]]), np.array([[0.3, 0.0], [0.0, 0.3], [0.2, 0.0]]), W_x, W_h, b)
check.close(states, np.tanh([[0.5, 1.3], [0.0, 0.0], [-0.5, -0.8]]), "every row of a batch takes a step of its own")
check.library("RNNCell", "RNN", "rnn_tanh_cell", "rnn_tanh", used_by=rnn_step)
### BEGIN HIDDEN TESTS
rng = check.rng("rnn_step_values")
d_in, d = 3, 4
W_x, W_h, b = rng.normal(size=(d_in, d)), rng.normal(size=(d, d)), rng.normal(size=d)
for size in [(), (5,), (2, 5), (2, 1, 3), (1,)]:
    x, h = 0.5 * rng.normal(size=(*size, d_in)), 0.5 * rng.normal(size=(*size, d))
    state = check.unchanged(rnn_step, x, h, W_x, W_h, b)
    expected = np.empty((*size, d))
    for place in np.ndindex(size):
        for j in range(d):
            total = b[j] + sum(x[place][i] * W_x[i, j] for i in range(d_in)) + sum(h[place][i] * W_h[i, j] for i in range(d))
            expected[(*place, j)] = 1 - 2 / (np.exp(2 * total) + 1)
    check.equal(isinstance(state, np.ndarray), True, "the new state is a NumPy array")
    check.shape(state, (*size, d), "the new state has the shape of the old one")
    check.close(state, expected, "each number is the tanh of what word, memory and bias add up to, in every row of a batch")
check.equal(str(state.dtype), "float64", "float64 numbers make a float64 state")
x, h = rng.normal(size=(d_in, 7)), rng.normal(size=(d, 7))
expected = np.tanh(np.einsum("in,ij->nj", x, W_x) + np.einsum("in,ij->nj", h, W_h) + b)
state = rnn_step(x.T, h.T, np.asfortranarray(W_x), np.asfortranarray(W_h), b)
check.close(state, expected, "it does not matter how the numbers lie in memory")
state = rnn_step(np.array([1000.0]), np.array([-1000.0]), np.array([[1.0]]), np.array([[1.0]]), np.array([0.25]))
check.close(state, np.tanh([0.25]), "it is the sum that goes through the tanh, not its parts")
full = rnn_step(np.array([1000.0]), np.zeros(2), np.array([[1.0, -2.0]]), np.zeros((2, 2)), np.zeros(2))
check.close(full, [1.0, -1.0], "large sums give 1 or -1, never nan")
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 2 · `rnn` · 2 points · 10 minutes · easy
#
# Read a whole sequence. From the first state $h_0$ on, each word makes the next state out of the last,
#
# $$h_t = \tanh(x_t W_x + h_{t-1} W_h + b) \quad\text{for}\quad t = 1, \dots, n,$$
#
# and all of $h_1, \dots, h_n$ are returned, the last one at the end. $h_0$ is not among them.
#
# <details><summary>Hint</summary>
#
# `xs[..., t, :]` is word $t$ of every sequence in the batch. Collect the states in a list;
# `np.stack(states, axis=-2)` puts time where it belongs, second to last.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for one word, wrong for two:* the state is not carried on; each word met $h_0$.
# - *Right for one sequence, wrong for a batch:* time is axis −2, not axis 0.
# - *All rows are alike:* one array was changed in place and collected $n$ times.
# </details>

# %% nbgrader={"grade": false, "grade_id": "rnn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn(xs, h0, W_x, W_h, b):
    """All states h_1 ... h_n of a recurrent network that starts at h_0 and reads xs in order.

    xs: (..., n, d_in), n at least 1; h0: (..., d), with the same leading dimensions; W_x, W_h, b as for `rnn_step`.
    Returns a new float64 array (..., n, d), whose [..., t - 1, :] is h_t; the arguments are left as they were.
    """
    ### BEGIN SOLUTION
    states, h = [], h0
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=-2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rnn_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
one, first, second = np.ones((1, 1)), np.tanh(0.5), np.tanh(0.25 + np.tanh(0.5))
states = check.unchanged(rnn, np.array([[0.5], [0.25], [0.0]]), np.zeros(1), one, one, np.zeros(1))
check.close(states, [[first], [second], [np.tanh(second)]], "each state is made from the word and the state before it")
check.close(rnn(np.zeros((1, 1)), np.array([0.3]), one, one, np.zeros(1)), [[np.tanh(0.3)]], "reading starts at h0")
check.library("RNN", "RNNCell", "rnn_tanh", "rnn_tanh_cell", used_by=rnn)
### BEGIN HIDDEN TESTS
rng = check.rng("rnn_values")
d_in, d = 3, 4
W_x, W_h, b = rng.normal(size=(d_in, d)), rng.normal(size=(d, d)), rng.normal(size=d)
for n in (5, 1, 2, 11):
    xs, h0 = rng.normal(size=(n, d_in)), rng.normal(size=d)
    states, expected, h = check.unchanged(rnn, xs, h0, W_x, W_h, b), [], h0
    for x in xs:
        sums = [sum(x[i] * W_x[i, j] for i in range(d_in)) + sum(h[i] * W_h[i, j] for i in range(d)) for j in range(d)]
        h = np.tanh(b + sums)
        expected.append(h)
    check.equal(isinstance(states, np.ndarray), True, "the states are a NumPy array")
    check.shape(states, (n, d), "there is one state for each word")
    check.close(states[-1], expected[-1], "the last state stands at the end")
    check.close(states, expected, "all states are there, each made from the one before it")
check.equal(str(states.dtype), "float64", "float64 numbers make float64 states")
states = rnn(np.asfortranarray(xs), h0, W_x, W_h, b)
check.close(states, expected, "it does not matter how the words lie in memory")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "rnn_batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
one, xs = np.ones((1, 1)), np.array([[[0.5], [0.0], [0.0]], [[0.0], [0.0], [0.25]]])
states = rnn(xs, np.zeros((2, 1)), one, one, np.zeros(1))
alone = [[np.tanh(0.5), np.tanh(np.tanh(0.5)), np.tanh(np.tanh(np.tanh(0.5)))], [0.0, 0.0, np.tanh(0.25)]]
check.close(states, np.array(alone)[:, :, None], "every sequence of a batch is read by itself")
### BEGIN HIDDEN TESTS
rng = check.rng("rnn_batch")
d_in, d = 3, 4
W_x, W_h, b = rng.normal(size=(d_in, d)), rng.normal(size=(d, d)), rng.normal(size=d)
for size, n in [((2,), 5), ((5,), 2), ((2, 3), 5), ((3, 1, 2), 4), ((1,), 1), ((6,), 6)]:
    xs, h0 = rng.normal(size=(*size, n, d_in)), rng.normal(size=(*size, d))
    states = check.unchanged(rnn, xs, h0, W_x, W_h, b)
    check.shape(states, (*size, n, d), "time is the last dimension but one, behind the batch")
    expected = np.empty((*size, n, d))
    for place in np.ndindex(size):
        h = h0[place]
        for t in range(n):
            h = expected[(*place, t)] = np.tanh(np.einsum("i,ij->j", xs[place][t], W_x) + np.einsum("i,ij->j", h, W_h) + b)
    check.close(states, expected, "every sequence is read from its own h0, whatever else is in the batch")
xs, h0 = rng.normal(size=(5, 2, d_in)), rng.normal(size=(2, d))
expected, h = np.empty((2, 5, d)), h0
for t in range(5):
    h = expected[:, t] = np.tanh(np.einsum("ni,ij->nj", xs[t], W_x) + np.einsum("ni,ij->nj", h, W_h) + b)
check.close(rnn(np.swapaxes(xs, 0, 1), h0, W_x, W_h, b), expected, "it does not matter how the batch lies in memory")
### END HIDDEN TESTS

# %% [markdown]
# ## What the state knows
#
# The next cell lets a reader with random weights and twelve numbers of memory read two sentences that differ in one
# word. A row is the state after that word; the third picture is the difference of the first two.
#
# **Predict first.** In which rows do the first two pictures differ? In which most?

# %%
def random_reader(d, scale, seed=0):
    """Weights W_x, W_h, b of a reader with d numbers of memory.

    scale: about the factor, per time, by which a vector grows that is multiplied by W_h again and again.
    """
    rng = np.random.default_rng(seed)
    return 0.5 * rng.normal(size=(16, d)) / 4, scale * rng.normal(size=(d, d)) / np.sqrt(d), np.zeros(d)


def read(sentence, d=12):
    return rnn(vectors(sentence), np.zeros(d), *random_reader(d, 0.9))  # (n, d)


of_cat, of_dog = read("the cat sat on the mat"), read("the dog sat on the mat")
rows = ["the", "cat / dog", "sat", "on", "the", "mat"]
plots.heatmaps([of_cat, of_dog, of_dog - of_cat], ["the cat sat …", "the dog sat …", "dog − cat"], rows=rows, values=False,
               title="One word differs", x="component of the state", y="after the word", label="state")

# %% [markdown]
# The first rows are equal, since nothing different was read; the second differ most; and by "mat" the difference is
# pale. Next come the distance in numbers, the two sentences from above, and "the apple sat on the mat" beside "the
# apple sat on the phone".
#
# **Predict first.** Do the *last states* tell "the cat sat on the mat" from "the mat sat on the cat"? And after which
# words do the states of the two apple sentences differ?

# %%
apart = np.linalg.norm(of_cat - of_dog, axis=-1)  # (6,)
print("cat or dog, distance after each word:", apart.round(2))
swapped = np.linalg.norm(of_cat[-1] - read("the mat sat on the cat")[-1])
print(f"cat on mat, mat on cat, distance of the last states: {swapped:.2f}")
on_mat, on_phone = read("the apple sat on the mat"), read("the apple sat on the phone")
print("an apple on the mat, on the phone:", np.linalg.norm(on_mat - on_phone, axis=-1).round(2))

# %% [markdown]
# The last states tell the swapped sentences apart, expect a distance of about 1.4: this reader knows the order. But
# "cat" against "dog" fades from about 2.3 to 0.4. Who sat is being forgotten while the sentence is read. What a single
# step takes away varies, from almost half to nearly nothing at the last word: it depends on the direction of the
# difference and on the state. The next section follows it over forty words.
#
# And the two states after "apple" are equal. Whether a fruit or a company was meant is often said later in a
# sentence, and a state that was made earlier cannot know it. Lesson 8 returns to that.

# %% [markdown]
# ## How fast does it fade
#
# A *nudge* is a small change of a state, while the words stay the same. Nudge $h_t$: how much does $h_n$ move? In one
# step, by the chain rule and $\tanh' = 1 - \tanh^2$,
#
# $$\frac{\partial h_{s,j}}{\partial h_{s-1,i}} = (1 - h_{s,j}^2)\, W_h[i, j].$$
#
# Collected in a matrix with a row for each $j$, which moves, and a column for each $i$, which is nudged, this is the
# step's *Jacobian*, the table of all its slopes,
#
# $$J_s = \mathrm{diag}(1 - h_s^2)\, W_h^\top.$$
#
# For example, with $h_s = (0, -0.5)$ the slopes of the tanh are 1 and 0.75, and
#
# $$W_h = \begin{pmatrix} 1 & 2 \\ 0 & 1 \end{pmatrix} \quad\text{gives}\quad
# J_s = \begin{pmatrix} 1 & 0 \\ 0 & 0.75 \end{pmatrix} \begin{pmatrix} 1 & 0 \\ 2 & 1 \end{pmatrix}
# = \begin{pmatrix} 1 & 0 \\ 1.5 & 0.75 \end{pmatrix}:$$
#
# nudge the first component by 0.01, and the second component of the new state moves by 0.015. Over several steps the
# Jacobians multiply, the latest on the left:
#
# $$\frac{\partial h_n}{\partial h_t} = J_n J_{n-1} \cdots J_{t+1}.$$
#
# The *spectral norm* of a matrix, $\lVert M \rVert_2 = \max_{\lVert v \rVert = 1} \lVert M v \rVert$, says how long a
# nudge of length 1 can become, in the direction that grows most. It is the largest *singular value* of $M$: a matrix
# makes an ellipse of the circle of all such nudges, and this is its longest half-axis.

# %% [markdown]
# ### Exercise 3 · `influence` · 3 points · 30 minutes · hard
#
# From the states that `rnn` returned and `W_h`, find the spectral norm of $\partial h_n / \partial h_t$ for every
# $t = 1, \dots, n$. For $t = n$ no step lies between: the matrix is the identity, which leaves a nudge as it is, and its
# norm is 1.
#
# <details><summary>Hint</summary>
#
# Start at the end with the identity matrix and walk back: the product for $t$ is the product for $t + 1$ times
# $J_{t+1}$ on its right. `np.linalg.norm(matrix, 2)` is the spectral norm; without the 2 it is another one.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for d = 1, wrong for d = 2 and one step:* `W_h` is not transposed, or $1 - h^2$ is on the wrong side of
#   $W_h^\top$. Compare with the example above.
# - *Right for one step, wrong for two:* the order of the Jacobians.
# - *The last number is not 1:* the list is backwards, or each product has one Jacobian too many.
# - *Too large, more so the longer the way:* norms were multiplied. The norm of a product is at most the product of the
#   norms, and mostly less.
# - *Too large, by less than the root of d:* `np.linalg.norm(matrix)` takes the root of the sum of squares, the
#   Frobenius norm.
# </details>

# %% nbgrader={"grade": false, "grade_id": "influence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def influence(states, W_h):
    """How strongly each state acts on the last: the spectral norms of d h_n / d h_t for t = 1 ... n.

    states: (n, d), the states h_1 ... h_n of `rnn`, n at least 1; W_h: (d, d). Both are left as they were.
    Returns a new float64 array (n,), in the order of the states; the last number is 1.
    """
    ### BEGIN SOLUTION
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        jacobian = (1 - states[t + 1] ** 2)[:, None] * W_h.T  # (d, d): row j for the new state, column i for the old
        product = product @ jacobian
        norms[t] = np.linalg.norm(product, 2)
    return norms
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "influence_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
found = influence(np.array([[0.1], [0.5], [0.0]]), np.array([[2.0]]))
check.close(found, [3.0, 2.0, 1.0], "from the end backwards, each step multiplies by W_h and the slope of its tanh, 1 - h²")
found = influence(np.zeros((2, 2)), np.array([[0.0, 3.0], [4.0, 0.0]]))
check.close(found, [4.0, 1.0], "the norm is the largest singular value, not the root of a sum of squares, no eigenvalue")
states, W_h = np.array([[0.3, -0.1], [0.5, 0.0], [0.0, -0.5]]), np.array([[1.0, 2.0], [0.0, 1.0]])
J_2, J_3 = np.array([[0.75, 0.0], [2.0, 1.0]]), np.array([[1.0, 0.0], [1.5, 0.75]])
found = influence(states, W_h)
check.close(found[1:], [np.linalg.norm(J_3, 2), 1.0], "row j of a Jacobian is for component j of the new state")
check.close(found[0], np.linalg.norm(J_3 @ J_2, 2), "the norm is that of the product of the Jacobians, the latest on the left")
check.library("autograd", "jacobian", "jacrev", "jacfwd", "grad", "backward", used_by=influence)
### BEGIN HIDDEN TESTS
found = influence(np.zeros((2, 3)), np.diag([2.0, -5.0, 4.999]))
check.close(found, [5.0, 1.0], "the norm is exact, even where another singular value is close")
rng = check.rng("influence_values")
for n, d in [(3, 2), (5, 3), (4, 4), (2, 5), (7, 3)]:
    W_x, W_h, b = rng.normal(size=(2, d)), rng.normal(size=(d, d)), 0.5 * rng.normal(size=d)
    xs, states, h = rng.normal(size=(n, 2)), np.empty((n, d)), np.zeros(d)
    for t in range(n):
        h = states[t] = np.tanh(xs[t] @ W_x + h @ W_h + b)
    found, expected = check.unchanged(influence, states, W_h), []
    for t in range(n):
        nudged = states[t] + 1e-30j * np.eye(d)  # row i: component i nudged; imaginary, since that has no rounding error
        for s in range(t + 1, n):
            nudged = np.tanh(xs[s] @ W_x + nudged @ W_h + b)
        moved = nudged.imag / 1e-30
        expected.append(np.sqrt(np.linalg.eigvalsh(moved @ moved.T)[-1]))
    check.equal(isinstance(found, np.ndarray), True, "the influences are a NumPy array")
    check.shape(found, (n,), "there is one influence for each state")
    check.close(found[-1], 1.0, "the last state acts on itself with a norm of 1")
    check.close(found, expected, "the influence agrees with nudging each state and watching the last")
check.equal(str(found.dtype), "float64", "float64 states give float64 influences")
found = influence(states, np.asfortranarray(W_h))
check.close(found, expected, "it does not matter how the weights lie in memory")
found = influence(np.asfortranarray(states), W_h)
check.close(found, expected, "it does not matter how the states lie in memory")
check.close(influence(states[:1], W_h), [1.0], "a sequence of one word has one influence, 1")
check.close(influence(states, np.zeros((3, 3))), [0.0] * 6 + [1.0], "without W_h no state acts on a later one")
full = np.array([[0.1, 0.2], [1.0, -1.0], [0.0, 0.0]])
check.close(influence(full, np.array([[3.0, 0.0], [0.0, 4.0]])), [0.0, 4.0, 1.0], "a saturated state passes nothing on")
states[0] = rng.uniform(-1, 1, size=3)
check.close(influence(states, W_h), expected, "the slope is that of the step's new state")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "influence_long", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
halves = influence(np.zeros((5, 2)), 0.5 * np.eye(2))
check.close(halves, [0.0625, 0.125, 0.25, 0.5, 1.0], "with W_h half the identity and states of 0 every step halves the influence")
### BEGIN HIDDEN TESTS
rng = check.rng("influence_long")
for scale in (0.4, 1.0, 3.0):
    n, d = 30, 5
    W_h, xs = scale * rng.normal(size=(d, d)) / np.sqrt(d), rng.normal(size=(n, d))
    states, h = np.empty((n, d)), np.zeros(d)
    for t in range(n):
        h = states[t] = np.tanh(xs[t] + h @ W_h)
    found, expected = check.unchanged(influence, states, W_h), []
    for t in range(n):
        nudged = states[t] + 1e-60j * np.eye(d)
        for s in range(t + 1, n):
            nudged = np.tanh(xs[s] + nudged @ W_h)
        expected.append(np.linalg.svd(nudged.imag / 1e-60, compute_uv=False)[0])
    check.shape(found, (n,), "there is one influence for each state")
    check.close(found / expected, np.ones(n), "small influences are small, not zero, and in proportion", tolerance=1e-7)
found = influence(np.zeros((16, 2)), np.array([[0.0, -3.0], [3.0, 0.0]]))
check.close(found, [3.0 ** (15 - t) for t in range(16)], "an influence that grows is followed as far as it grows")
### END HIDDEN TESTS

# %% [markdown]
# Three readers with 64 numbers of memory read the same forty random words. They differ in the scale of $W_h$ only.
# The dotted lines are exponentials fitted to the influence: $\ln$ of it against the words read since, as a straight
# line.
#
# **Predict first.** The reader of scale 0.9: about how much of a nudge is left after ten words? Can influence also grow?

# %%
since = np.arange(39, -1, -1)  # words read after t
xs = table[np.random.default_rng(1).integers(8, size=40)]  # (40, 16)
curves = {}
panel = plt.figure(figsize=(8, 4.6), layout="constrained").add_subplot()
for scale in (0.5, 0.9, 2.0):
    weights = random_reader(64, scale)
    acting = influence(rnn(xs, np.zeros(64), *weights), weights[1])
    slope, start = np.polyfit(since, np.log(acting), 1)
    fit = np.exp(start + slope * since)
    panel.plot(since, fit, ":", color="black", linewidth=1.5, zorder=3, label=None if curves else "fitted exponentials")
    curves[f"W_h of scale {scale}: × {np.exp(slope):.2f} per word"] = acting
    explained = 1 - np.var(np.log(acting / fit)) / np.var(np.log(acting))
    print(f"scale {scale}: factor {np.exp(slope):.2f} per word, fit explains {explained:.1%}; after 10 words {acting[-11]:.1e}")
plots.lines(since, curves, x="words read since", y="influence on the last state", log_y=True, panel=panel,
            title="The same factor with every word, nearly")

# %% [markdown]
# Straight lines on a logarithmic scale: the influence is multiplied by about the same factor with every word. Expect
# factors near 0.43, 0.73 and 1.13. At scale 0.9 the slope of the tanh takes its share too, and after ten words a
# nudge has 0.1 to 0.3 of its size.
#
# At 2.0 it grows instead. That is no better memory: a small mistake grows as well.
#
# Training has the same trouble. It asks how the error at the end changes with what was computed at each step. The
# answer, the *gradient*, is carried back through the same product of Jacobians, so it fades (*vanishes*) or grows
# (*explodes*) by the same factors. Bengio, Simard and Frasconi (1994, *Learning long-term dependencies with gradient
# descent is difficult*) showed that one has to choose. A memory that noise cannot disturb has factors below 1. Then
# the gradient vanishes, and the network does not learn from words that are far back.

# %% [markdown]
# ## The bottleneck, measured
#
# Influence is about small nudges. The plain question is: can the first word still be read off the last state?
#
# To read it off takes a *readout*: a matrix that turns the state into eight scores, one for each word of the
# vocabulary. The highest score names the word. The next cell makes 3000 "sentences" of random words. On 2000 of them
# it fits the readout: the scores should be 1 for the right word and 0 for the other seven (this target is called
# *one-hot*), and *least squares* finds the matrix with the smallest sum of squared errors. On the other 1000 it counts
# how often the word is right, the *recall*. By chance that is one in eight.
#
# The reader itself keeps its random weights, as in the echo state networks of Jaeger (2001, *The "echo state" approach
# to analysing and training recurrent neural networks*).
#
# **Predict first.** At which length does a memory of 32 numbers lose the first word? How much longer does one of 128
# hold it?

# %%
def recall(features, ids):
    """Share of test sentences whose word at each position is read off the features by least squares: (n,).

    features: (3000, any); ids: (3000, n) the words. The first 2000 sentences are for fitting.
    """
    features = np.column_stack([features, np.ones(len(features))])  # the ones give every score a bias
    targets = np.eye(8)[ids].reshape(len(ids), -1)  # (3000, n · 8): one-hot, all positions side by side
    readout = np.linalg.lstsq(features[:2000], targets[:2000], rcond=None)[0]
    scores = (features[2000:] @ readout).reshape(1000, -1, 8)  # (1000, n, 8)
    return (scores.argmax(axis=-1) == ids[2000:]).mean(axis=0)


def draw_recall(recalls, title):
    """Draw the recall of the first word by length; the dotted line is chance."""
    panel = plt.figure(figsize=(8, 4.4), layout="constrained").add_subplot()
    panel.axhline(1 / 8, color="black", linestyle=":", label="chance")
    plots.lines(lengths, recalls, x="words in the sentence", y="recall of the first word", panel=panel, title=title)


lengths = [1, 2, 4, 6, 8, 12, 16, 24, 32]
sentences = {n: np.random.default_rng(n).integers(8, size=(3000, n)) for n in lengths}


def states_of(n, d=32):
    return rnn(table[sentences[n]], np.zeros((3000, d)), *random_reader(d, 0.9))  # (3000, n, d)


by_width = {f"memory of {d}": [recall(states_of(n, d)[:, -1], sentences[n])[0] for n in lengths] for d in (32, 64, 128)}
draw_recall(by_width, "The first word, read off the last state")
for name, values in by_width.items():
    print(name, dict(zip(lengths, np.round(values, 2).tolist())))

# %% [markdown]
# Expect at least 0.85 up to 4 words, and chance from 12 or 16 on. Four times the memory buys two or three words.
#
# The first encoder–decoders had this shape. Cho et al. (2014, *Learning phrase representations using RNN
# encoder–decoder for statistical machine translation*) and Sutskever, Vinyals and Le (2014, *Sequence to sequence
# learning with neural networks*) squeezed the source sentence into the last state. Sutskever and others gave it 8000
# numbers and read the source backwards, so that its first words are read last. Cho, van Merriënboer, Bahdanau and
# Bengio (2014, *On the properties of neural machine translation: encoder–decoder approaches*) measured how
# translations get worse with length.

# %% [markdown]
# ## Keep all the states
#
# The reader does know the first word, right after it has read it: $h_1$ holds nothing else, and is thrown away. So
# keep all of $h_1, \dots, h_n$. What comes next works with one vector, so they have to become one again. The plainest
# way is their average,
#
# $$\bar h = \frac{1}{n} \sum_{t=1}^{n} h_t,$$
#
# in which every state has the same weight: lesson 0's attention, over states.

# %% [markdown]
# ### Exercise 4 · `uniform_context` · 1 point · 5 minutes · easy
#
# Average the states over time, for any leading dimensions.
#
# <details><summary>Hint</summary>
#
# Time is the last dimension but one, whether there is a batch or not.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Right for one sequence, wrong for a batch:* axis 0 is time only where there is no batch.
# - *The shape has a 1 too many:* `keepdims` is not wanted here.
# </details>

# %% nbgrader={"grade": false, "grade_id": "uniform_context", "locked": false, "schema_version": 3, "solution": true, "task": false}
def uniform_context(states):
    """The average of all states of a sequence: attention with equal weights.

    states: (..., n, d), n at least 1, left as it was.
    Returns a new float64 array (..., d).
    """
    ### BEGIN SOLUTION
    return states.mean(axis=-2)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "uniform_context_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.close(uniform_context(np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 0.4]])), [0.5, -0.2], "all states count the same")
two = uniform_context(np.array([[[1.0], [0.0], [0.5]], [[-1.0], [0.4], [0.0]]]))
check.close(two, [[0.5], [-0.2]], "every sequence of a batch has an average of its own")
### BEGIN HIDDEN TESTS
rng = check.rng("uniform_context_values")
for size in [(5, 3), (2, 5, 3), (3, 2, 4, 7), (1, 4), (6, 1), (2, 3, 1, 2, 5), (4, 1, 3)]:
    states = rng.normal(size=size)
    context = check.unchanged(uniform_context, states)
    check.equal(isinstance(context, np.ndarray), True, "the context is a NumPy array")
    check.shape(context, (*size[:-2], size[-1]), "time is gone from the context and the other dimensions stay")
    expected = np.zeros((*size[:-2], size[-1]))
    for t in range(size[-2]):
        expected += states[..., t, :] / size[-2]
    check.close(context, expected, "every state has the weight 1/n, in every sequence of a batch")
check.equal(str(context.dtype), "float64", "float64 states give a float64 context")
states = rng.normal(size=(2, 3, 4))[:, [0, 1, 1, 2, 1]]
context = (states[:, 0] + 3 * states[:, 1] + states[:, 3]) / 5
check.close(uniform_context(states), context, "a state that comes several times counts several times")
states = rng.normal(size=(3, 5, 2, 4))
expected = np.einsum("ntbd->bnd", states) / 5
context = uniform_context(states.transpose(2, 0, 1, 3))
check.close(context, expected, "it does not matter how the states lie in memory")
### END HIDDEN TESTS

# %% [markdown]
# The first word again, with 32 numbers of memory, read off three things: the last state; the average of all states,
# which has 32 numbers as well; and all states side by side, $32 n$ numbers.
#
# **Predict first.** In the average the first state has the weight $1/n$. Does its recall fall as fast as that of the
# last state?

# %%
all_states = {n: states_of(n) for n in lengths}
features = {
    "last state": {n: states[:, -1] for n, states in all_states.items()},
    "uniform context": {n: uniform_context(states) for n, states in all_states.items()},
    "all states": {n: states.reshape(3000, -1) for n, states in all_states.items()},
}
by_position = {name: [recall(of[n], sentences[n]) for n in lengths] for name, of in features.items()}
first_word = {name: [values[0] for values in found] for name, found in by_position.items()}
for name, values in first_word.items():
    print(f"{name:16}", dict(zip(lengths, np.round(values, 2).tolist())))
draw_recall(first_word, "Read off one vector, or off all states")

# %% [markdown]
# The average forgets slowly: at 32 words expect about 0.3, where the last state is at chance, 0.12. From all states
# recall is 1 at every length.
#
# The average fails for another reason than the last state. Nothing in it faded. But the one state that was asked for
# is drowned among the others, because all weights are equal. What is missing is a choice.
#
# **Predict first.** The readout of all states was fitted to examples, and nobody told it where the first word is. On
# which states does it put its weights? The next cell draws their size for sentences of eight words.

# %%
flat = np.column_stack([features["all states"][8], np.ones(3000)])  # (3000, 8 · 32 + 1)
readout = np.linalg.lstsq(flat[:2000], np.eye(8)[sentences[8][:2000, 0]], rcond=None)[0]
sizes = np.linalg.norm(readout[:-1].reshape(8, 32 * 8), axis=1)  # (8,): one for each state
shares = sizes / sizes.sum()
plots.bars(None, [f"h{t}" for t in range(1, 9)], shares, y="share of the weights", title="Where the readout looks")
print("shares of the weights:", shares.round(3))

# %% [markdown]
# All of it is on $h_1$. Bahdanau, Cho and Bengio (2014, *Neural machine translation by jointly learning to align and
# translate*) gave a translator this freedom: it keeps all states and, for each word that it writes, chooses anew
# where to look. The weights above are fixed and ask for the first word only. In lessons 4 to 6 you build the choice,
# in lesson 7 it is learned.

# %% [markdown]
# ## Would a better memory do?
#
# Every step of `rnn` sends the whole memory through a matrix and a tanh. Hochreiter and Schmidhuber (1997, *Long
# short-term memory*) gave the reader a second memory, the *cell* $c$, to which each word is added. Gers, Schmidhuber
# and Cummins (2000, *Learning to forget: continual prediction with LSTM*) added the forget gate. With
# $a = x W_x + h W_h + b$, cut into four blocks of $d$ numbers in the order $a_i, a_f, a_g, a_o$,
#
# $$c' = \sigma(a_f) \odot c + \sigma(a_i) \odot \tanh(a_g), \qquad h' = \sigma(a_o) \odot \tanh(c'),$$
#
# where $\odot$ multiplies component by component and $\sigma(z) = 1 / (1 + e^{-z})$ lies between 0 (shut) and 1 (open).

# %% [markdown]
# ### Exercise 5 · `lstm_step` · 2 points · 10 minutes · medium
#
# Write the step. The columns of `W_x`, `W_h` and `b` are stacked in the order input gate, forget gate, candidate,
# output gate, as in PyTorch: of the $4d$ columns the first $d$ belong to the input gate.
#
# <details><summary>Hint</summary>
#
# `np.split(a, 4, axis=-1)` cuts the last dimension into four equal blocks. The new $h$ uses the *new* $c$. And
# $\sigma(z) = (1 + \tanh(z / 2)) / 2$ does not overflow.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"the result is a pair" fails:* return both, `h'` and `c'`.
# - *"input shut, forget and output gate open" fails:* the order of the gates, or of the pair: $h'$ comes first.
# - *Right for one word, wrong for a batch:* the blocks were cut along the batch; give `np.split` the last axis.
# - *$c'$ is right and $h'$ is not:* it was made from the old cell, or without the tanh.
# - *`nan`:* $e^z / (1 + e^z)$ is infinity by infinity for large $z$.
# </details>

# %% nbgrader={"grade": false, "grade_id": "lstm_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lstm_step(x, h, c, W_x, W_h, b):
    """The next state and cell of a long short-term memory, as the pair (h', c').

    x: (..., d_in); h, c: (..., d), all with the same leading dimensions; W_x: (d_in, 4 d), W_h: (d, 4 d), b: (4 d,), in blocks
    of d columns: input gate, forget gate, candidate, output gate. Numbers may have any size.
    Returns two new float64 arrays (..., d), h' first; the arguments are left as they were.
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)  # each (..., d)
    gate_i, gate_f, gate_o = ((1 + np.tanh(a / 2)) / 2 for a in (a_i, a_f, a_o))
    new_c = gate_f * c + gate_i * np.tanh(a_g)
    return gate_o * np.tanh(new_c), new_c
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "lstm_step_gates", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
x, h, c, W_x, W_h = np.array([0.3]), np.array([0.6]), np.array([0.8]), np.zeros((1, 4)), np.zeros((1, 4))
pair = check.unchanged(lstm_step, x, h, c, W_x, W_h, np.array([-50.0, 50.0, 7.0, 50.0]))
check.shape(pair, (2, 1), "the result is a pair, the new state and the new cell")
new_h, new_c = pair
check.close(new_c, [0.8], "input shut, forget and output gate open: the cell is kept")
check.close(new_h, [np.tanh(0.8)], "input shut, forget and output gate open: the tanh of the cell is shown")
new_h, new_c = lstm_step(x, h, c, W_x, W_h, np.array([1000.0, -1000.0, 0.5, 1000.0]))
check.close(new_c, [np.tanh(0.5)], "input open, forget gate shut: the candidate, through its tanh, replaces the cell")
check.close(new_h, [np.tanh(np.tanh(0.5))], "what is shown is the new cell, not the old")
check.close(lstm_step(x, h, c, W_x, W_h, np.zeros(4))[1], [0.4], "a half-open forget gate halves the cell")
### BEGIN HIDDEN TESTS
rng = check.rng("lstm_step_gates")
d_in, d = 2, 3
for gates in ((40, 40, 40), (40, 40, -40), (40, -40, 40), (-40, 40, 40), (40, -40, -40), (-40, -40, 40)):
    i, f, o = (float(gate > 0) for gate in gates)
    g, c = rng.uniform(-2, 2, size=d), rng.uniform(-2, 2, size=d)
    b = np.concatenate([np.full(d, gates[0]), np.full(d, gates[1]), g, np.full(d, gates[2])]).astype(float)
    found = lstm_step(rng.normal(size=d_in), rng.normal(size=d), c, np.zeros((d_in, 4 * d)), np.zeros((d, 4 * d)), b)
    new_c = f * c + i * np.tanh(g)
    check.close(found, [o * np.tanh(new_c), new_c], "each gate does its own work, in blocks of d: input, forget, candidate, output")
b = np.concatenate([np.full(d, 3000.0), np.full(d, -3000.0), np.array([0.5, -4000.0, 4000.0]), np.full(d, 5000.0)])
found = lstm_step(np.zeros(d_in), np.zeros(d), np.full(d, 0.3), np.zeros((d_in, 4 * d)), np.zeros((d, 4 * d)), b)
new_c = np.array([np.tanh(0.5), -1.0, 1.0])
check.close(found, [np.tanh(new_c), new_c], "gates wide open or tightly shut are exact, never nan")
b = np.concatenate([np.full(d, -3000.0), np.full(d, 3000.0), np.zeros(d), np.full(d, 3000.0)])
found = lstm_step(np.zeros(d_in), np.zeros(d), np.array([30.0, -500.0, 2e4]), np.zeros((d_in, 4 * d)), np.zeros((d, 4 * d)), b)
check.close(found, [[1.0, -1.0, 1.0], [30.0, -500.0, 2e4]], "a cell may hold more than 1: no tanh bounds it")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "lstm_step_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
W_x, W_h = np.array([[50.0, 0.0, 1.0, 50.0]]), np.array([[0.0, -50.0, 2.0, 0.0]])
new_h, new_c = lstm_step(np.array([1.0]), np.array([0.5]), np.array([0.8]), 2 * W_x, 2 * W_h, np.zeros(4))
check.close(new_c, [np.tanh(4.0)], "word and old state decide together what the gates do")
check.close(new_h, [np.tanh(np.tanh(4.0))], "word and old state decide together what is shown")
cells = np.array([[0.2], [0.4], [0.6], [0.8]])
pair = check.unchanged(lstm_step, np.zeros((4, 1)), np.zeros((4, 1)), cells, W_x, W_h, np.zeros(4))
check.close(pair, [0.5 * np.tanh(0.5 * cells), 0.5 * cells], "in a batch every row takes a step of its own")
check.library("LSTM", "LSTMCell", "lstm", "lstm_cell", used_by=lstm_step)
### BEGIN HIDDEN TESTS
rng = check.rng("lstm_step_values")
d_in, d = 2, 3
W_x, W_h, b = rng.normal(size=(d_in, 4 * d)), rng.normal(size=(d, 4 * d)), rng.normal(size=4 * d)
for size in [(), (5,), (4,), (2, 5), (4, 1, 3), (1,)]:
    x, h, c = rng.normal(size=(*size, d_in)), rng.normal(size=(*size, d)), rng.normal(size=(*size, d))
    found = check.unchanged(lstm_step, x, h, c, W_x, W_h, b)
    new_h, new_c = np.empty((*size, d)), np.empty((*size, d))
    for place in np.ndindex(size):
        for j in range(d):
            columns = W_x.T[j::d], W_h.T[j::d], b[j::d]  # unit j of each of the four blocks
            i, f, g, o = ((x[place] * of_x).sum() + (h[place] * of_h).sum() + bias for of_x, of_h, bias in zip(*columns))
            cell = c[place][j] / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            new_h[(*place, j)], new_c[(*place, j)] = np.tanh(cell) / (1 + np.exp(-o)), cell
    check.shape(found, (2, *size, d), "there are a new state and a new cell, each of the shape of the old")
    check.close(found[1], new_c, "the new cell is what the forget gate keeps and the input gate adds")
    check.close(found[0], new_h, "the new state is the tanh of the new cell, as far as the output gate is open")
kinds = [str(np.asarray(part).dtype) for part in found]
check.equal(kinds, ["float64", "float64"], "float64 numbers make a float64 state and cell")
x, h, c = rng.normal(size=(d_in, 7)), rng.normal(size=(d, 7)), rng.normal(size=(d, 7))
i, f, g, o = np.split(np.einsum("mn,mk->nk", x, W_x) + np.einsum("mn,mk->nk", h, W_h) + b, 4, axis=1)
new_c = c.T / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
found = lstm_step(x.T, h.T, c.T, W_x, W_h, b)
check.close(found, [np.tanh(new_c) / (1 + np.exp(-o)), new_c], "it does not matter how the numbers lie in memory")
### END HIDDEN TESTS

# %% [markdown]
# On the direct path from cell to cell the slope of one step is $\sigma(a_f)$: no matrix, no tanh. (There is a second
# path: the cell is shown in $h$, and $h$ feeds the gates.) A half-open gate, $a_f = 0$, has the slope 0.5; a nearly open
# one, $a_f = 4$, has 0.98.
#
# An LSTM with 16 cells has 32 numbers of memory, 16 in $h$ and 16 in $c$: as many as the reader before. Its weights
# are random, too; only the bias of the forget gate is chosen, 0 (half open) or 4 (nearly open).
#
# **Predict first.** Does the LSTM with half-open gates remember longer than the plain network? The one with open
# gates? And does the plain network catch up with a better scale of $W_h$?

# %%
def lstm_last(n, forget_bias, d=16):
    """State and cell after the last word, side by side: (3000, 2 d)."""
    rng = np.random.default_rng(0)
    W_x, W_h = 0.5 * rng.normal(size=(16, 4 * d)) / 4, 0.5 * rng.normal(size=(d, 4 * d)) / np.sqrt(d)
    b = np.repeat([0.0, forget_bias, 0.0, 0.0], d)
    h = c = np.zeros((3000, d))
    for t in range(n):
        h, c = lstm_step(table[sentences[n][:, t]], h, c, W_x, W_h, b)
    return np.hstack([h, c])


print("slope along the cell, half open and open:", (1 / (1 + np.exp([-0.0, -4.0]))).round(2))
for name, forget_bias in [("LSTM, half open", 0.0), ("LSTM, open", 4.0)]:
    by_position[name] = [recall(lstm_last(n, forget_bias), sentences[n]) for n in lengths]
    first_word[name] = [values[0] for values in by_position[name]]
    print(f"{name:16}", dict(zip(lengths, np.round(first_word[name], 2).tolist())))
draw_recall({name: values for name, values in first_word.items() if name != "all states"}, "Gates lengthen the memory")
for scale in (0.9, 2.0, 4.0):
    last = {n: rnn(table[sentences[n]], np.zeros((3000, 32)), *random_reader(32, scale))[:, -1] for n in (8, 16, 32)}
    print(f"plain, scale {scale} ", {n: round(float(recall(last[n], sentences[n])[0]), 2) for n in last})

# %% [markdown]
# It is the open gate that lengthens the memory: at 16 words expect 0.4 to 0.5 with it and chance, 0.12, with
# half-open gates. In a trained LSTM the gates open and shut as the words ask for it.
#
# The plain network with a large $W_h$ does better than before, at 8 words it is as good as the LSTM or better. But at
# 16 it is near 0.3, and it lives where nudges grow and gradients explode.
#
# At 32 words the LSTM, too, has lost two thirds of the first words.

# %% [markdown]
# **Predict first.** Now ask for *every* word, not the first only. Count the words held: the sum over positions of
# recall above chance, where a word that is always right counts 1 and a guess counts 0. How many does each hold out of
# 32?

# %%
held = {
    name: [((values - 1 / 8) / (1 - 1 / 8)).sum() for values in by_position[name]]
    for name in ("last state", "uniform context", "all states", "LSTM, open")
}
left, right = plt.figure(figsize=(12, 4.6), layout="constrained").subplots(1, 2)
plots.lines(lengths, held, x="words in the sentence", y="words held", panel=left, title="How many words are held")
which = {name: by_position[name][-1] for name in held}
plots.lines(range(1, 33), which, x="position in the sentence", y="recall", panel=right, title="Which of 32 words are held")
for name, values in held.items():
    print(f"{name:16} holds", ", ".join(f"{values[lengths.index(n)]:.1f} of {n}" for n in (4, 8, 16, 32)))
    print(" " * 16, "recall of 32, by position:", {place: which[name][place - 1].round(2).item() for place in (1, 16, 28, 32)})

# %% [markdown]
# Of 32 words, 32 numbers hold about five, in all three ways. On the left the last state and the average even lie on top
# of each other. On the right they part: the last state holds the last few words and no other, the average
# and the LSTM a little of many. All states hold all 32.
#
# In short sentences the open LSTM holds fewer: about 3 words of 4 to 8, where the last state holds 4 to 5. Of 8 words
# it knows the first more often, 0.6 against 0.2, so it is the others that pay.
#
# (Other weights, or a readout that is not linear, may find some more. The size stays fixed, and sentences do not.)
#
# Gates change *which* words get through the bottleneck. They do not remove it.

# %% [markdown]
# ## Waiting
#
# There is a second cost. $h_t$ cannot be computed before $h_{t-1}$. So $n$ words need $n$ steps one after the other,
# on any machine.
#
# The next cell lets `rnn` read $n$ words of width 64, and does as many multiplications in one matrix product, which
# needs no waiting: all of its rows can be computed at once.
#
# (Half of the work of `rnn` need not wait either: $x_t W_x$ can be computed for all words at once. $h_{t-1} W_h$ cannot.)
#
# **Predict first.** As many multiplications: how many times as long do the dependent steps take?

# %% tags=["skip-execution"]
def fastest(function, *arguments, times=5):
    """Seconds of the fastest of several calls."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function(*arguments)
        taken.append(time.perf_counter() - start)
    return min(taken)


rng, d = np.random.default_rng(0), 64
W_x, W_h, b = rng.normal(size=(d, d)) / 8, rng.normal(size=(d, d)) / 8, np.zeros(d)
words_read = [64, 256, 1024, 4096]
seconds = {"n dependent steps": [], "one matrix product": []}
for n in words_read:
    xs = rng.normal(size=(n, d))
    seconds["n dependent steps"].append(fastest(rnn, xs, np.zeros(d), W_x, W_h, b))
    seconds["one matrix product"].append(fastest(np.matmul, xs, np.hstack([W_x, W_h])))  # n · 2 d² multiplications, as in rnn
    steps, product = (times[-1] for times in seconds.values())
    print(f"n = {n:4}: the dependent steps take {steps / product:.0f} times as long")
plots.lines(words_read, seconds, x="words n", y="seconds", log_x=True, log_y=True, title="Steps that wait, and a product")

# %% [markdown]
# On one processor core expect a factor of 10 to 30; more cores, and other programs, move it. A part of it is Python's,
# which goes round a loop $n$ times. The rest is the machine's: it has many multipliers, a GPU thousands, and a single
# step has work for few of them. Keeping all states does not help here, as long as a recurrent network makes them.
# Vaswani et al. (2017, *Attention is all you need*) left the recurrence out and kept the attention; lesson 8 does so
# too.

# %% [markdown]
# ## What you have now
#
# A reader with a memory; a measure of how fast it forgets, exponentially; gates that slow this down; and a count of
# what fits into one vector. All states hold all words, and what is missing is a way to choose among them. Lesson 4
# begins there: a *query* says what is asked for, and each state gets a *score*.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: a state that is not carried on; the
# batch read in place of time; only the last state returned; Jacobians in the wrong order, or without the slope of the
# tanh; the Frobenius norm for the spectral norm; gates in another order; the old cell shown in place of the new.
#
# **Further:** Jaeger (2002, *Short term memory in echo state networks*) proved a limit. He measured memory by squared
# correlations, between what was read some steps ago and what a linear readout recovers of it. For independent inputs
# their sum over all steps back is at most the number of components of the state. (Our count goes by the highest score
# and is another measure.) Lesson 7 measures translation by length, without attention and with it.
