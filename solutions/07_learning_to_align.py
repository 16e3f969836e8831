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
# # 7 · Learning to align
#
# *110 minutes · PyTorch · 10 points · builds on lessons 4, Scoring, and 6, Weighted sum*
#
# In lesson 6 "apple" looked at "ben", and nobody had asked it to: likeness decided, and likeness is not relevance. What
# should a query ask for, and what should a key answer to? Can a model find that out by itself, from nothing but
# examples of questions and answers?
#
# You will build `AdditiveAttention`, `DecoderStep`, `sequence_loss` and `greedy_decode`, the parts of a translator, and
# be able to
#
# - write a module in PyTorch, and train it;
# - train a model that writes one character after another, and let it write;
# - say what attention is worth when the input grows, from a measurement;
# - read in a map what was looked at for each character, before training and after.
#
# The model is from Bahdanau, Cho and Bengio (2014, *Neural machine translation by jointly learning to align and
# translate*): the paper with which attention in translation began.

# %%
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from attention_course import check, data, plots

# %% [markdown]
# ## A task with known places
#
# To see whether a model looks at the right place, we need a task where we know it. The `dates` data set has 8000 dates
# as people write them in ten languages, and in the form of ISO 8601: year, month, day. A *line* holds one to three of
# them. All are to be translated, in their order.
#
# **Predict first.** The last line below is long. Cover it after one look: how many of its dates can you still write?
# That is how a translator without attention works.

# %%
rows = data.load("dates")
train_dates, held_out_dates = (
    [(row["written"], row["iso"]) for row in rows if row["split"] == split] for split in ("train", "held-out")
)


def make_line(dates, n, chance):
    """A line of `n` different dates: as they are written, and in ISO 8601."""
    drawn = chance.sample(dates, n)
    return "; ".join(written for written, _ in drawn), " ".join(iso for _, iso in drawn)


for n_dates in (1, 2, 3):
    print("\n  ".join(make_line(train_dates, n_dates, random.Random(n_dates + 4))))

# %% [markdown]
# The model reads characters and writes characters. Each gets a number, its *id*. Lines differ in length, and a tensor
# has rows of one length, so short lines are filled up at the end with the id 0: *padding*. What is to be written begins
# with a *start* token and closes with an *end* token.

# %%
PAD, START, END = 0, 1, 2
read_tokens = ["<pad>", *sorted({character for written, _ in train_dates for character in written + ";"})]
write_tokens = ["<pad>", "<start>", "<end>", *"0123456789- "]
read_ids, write_ids = ({token: number for number, token in enumerate(tokens)} for tokens in (read_tokens, write_tokens))


def as_ids(lines):
    """The ids of what is read (batch, n_k) and of what is to be written (batch, n + 1), padded with 0."""
    read = [torch.tensor([read_ids[character] for character in written]) for written, _ in lines]
    write = [torch.tensor([START, *(write_ids[character] for character in iso), END]) for _, iso in lines]
    return tuple(nn.utils.rnn.pad_sequence(ids, batch_first=True) for ids in (read, write))


two_lines = [("5. März 2024", "2024-03-05"), ("1 May 1999; 5 mars 2024", "1999-05-01 2024-03-05")]
their_reading, their_writing = as_ids(two_lines)
print(len(read_tokens), "tokens to read,", len(write_tokens), "to write")
print(their_reading)
print(their_writing)

# %% [markdown]
# ## From NumPy to PyTorch
#
# A *tensor* is PyTorch's array. Shapes, broadcasting, slices and `@` are as in NumPy. Three things differ at once:
# numbers with a point are float32, not float64; an axis is called `dim`; `.T` is for matrices, and `transpose(-2, -1)`
# swaps two dimensions of a batch.
#
# | NumPy | PyTorch |
# | --- | --- |
# | `np.array([1.0])` | `torch.tensor([1.0])` |
# | `np.concatenate([a, b], axis=-1)` | `torch.cat([a, b], dim=-1)` |
# | `np.stack([a, b], axis=1)` | `torch.stack([a, b], dim=1)` |
# | `np.swapaxes(a, -1, -2)` | `a.transpose(-2, -1)` |
# | `a[:, None]`, `a[:, 0]` | the same, or `a.unsqueeze(1)`, `a.squeeze(1)` |
# | `np.where(mask, a, low)` | `a.masked_fill(~mask, low)` |
# | `softmax(a)`, of lesson 5 | `a.softmax(dim=-1)` |

# %% tags=["given"]
# given: softmax, softmax_backward from 05_softmax
def softmax(scores, axis=-1):
    """Weights that are positive and sum to one along `axis`, larger where the score is larger.

    scores: float array of any shape.
    Returns a new array of the same shape; `scores` itself is left as it was.
    """
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def softmax_backward(weights, weights_gradient, axis=-1):
    """Gradient of a loss with respect to the scores, from its gradient with respect to the weights.

    weights, weights_gradient: float arrays of one shape, left as they were; the weights sum to one along `axis`.
    Returns a new array of that shape.
    """
    average = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return weights * (weights_gradient - average)


# %% [markdown]
# The great difference is *autograd*. A tensor with `requires_grad=True` has its computations recorded, and
# `.backward()`, called on a result that is one number, walks the record back: afterwards `.grad` holds the gradient.
#
# **Predict first.** In lesson 5 you derived `softmax_backward` by hand. How many lines does it take here?

# %%
scores = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
importance = torch.tensor([1.0, 0.0, -1.0])
loss = (scores.softmax(dim=-1) * importance).sum()
loss.backward()
print("autograd:        ", scores.grad.numpy())
print("softmax_backward:", softmax_backward(softmax(np.array([1.0, 2.0, 4.0])), importance.numpy()).astype(np.float32))
print(f"float32 keeps {torch.finfo(torch.float32).eps:.0e} of a number, float64 {torch.finfo(torch.float64).eps:.0e}")

# %% [markdown]
# One line, and the numbers agree as far as float32 goes, seven digits.
#
# A *module* is a function with *parameters*, the numbers that training changes. The layer `nn.Linear(3, 1)` is one: it
# computes $x W^\top + b$. **Its weight is stored as (out, in)**, the transpose of the matrices in lesson 4. A module of
# your own is a class: `__init__` makes its parts, `forward` computes, and calling the module runs `forward`. What
# `__init__` assigns to `self` is found by `parameters()`, and by its name in `state_dict()`.

# %%
class Judge(nn.Module):
    """A number for each row of `x`: a layer of two, a tanh, a layer of one."""

    def __init__(self, d):
        super().__init__()  # always first: it prepares the register of the parts
        self.inner = nn.Linear(d, 2)
        self.outer = nn.Linear(2, 1, bias=False)

    def forward(self, x):
        return self.outer(torch.tanh(self.inner(x))).squeeze(-1)  # (n, d) to (n,)


torch.manual_seed(0)
judge = Judge(3)
print({name: tuple(tensor.shape) for name, tensor in judge.state_dict().items()})
print(judge(torch.ones(4, 3)))

# %% [markdown]
# A *training step* is always the same five lines: compute the output, compute a loss, clear the old gradients
# (`backward` adds to them), compute new ones, let the optimizer move every parameter a little against its gradient.
# Adam (Kingma and Ba, 2014, *Adam: a method for stochastic optimization*) is the usual optimizer; `lr` sets the size of
# the steps.
#
# **Predict first.** The judge has to learn whether the first number of a row is larger than the second. Which loss does
# it begin with, if it says nearly 0 at first, and the right answers are 1 and −1?

# %%
examples = torch.randn(200, 3)
wanted = (examples[:, 0] - examples[:, 1]).sign()
optimizer = torch.optim.Adam(judge.parameters(), lr=0.05)
for step in range(301):
    output = judge(examples)
    loss = ((output - wanted) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(f"step {step:3}: loss {loss.item():.2f}, right {(output.sign() == wanted).float().mean():.0%}")

# %% [markdown]
# The mean square of 1 and −1 is 1, and so the loss begins near it, a little more for what the judge says by chance.
# Expect less than 0.1 at the end, and all signs right, or all but a few.
#
# That is all the PyTorch this lesson needs. Now the translator, part by part.

# %% [markdown]
# ## Where to look: additive attention
#
# An *encoder* reads the line and leaves a vector for each character: the *memory*, $h_1, \dots, h_{n_k}$. A *decoder*
# writes, and holds a *state* $s$ of what it has written. Before each character it asks the memory. Bahdanau's score is
# lesson 4's `additive_scores`, with the state as query and the memory as keys; the memory is also the values:
#
# $$e_{ij} = v^\top \tanh(W_q s_i + W_k h_j), \qquad \alpha_{ij} = \frac{\exp e_{ij}}{\sum_m \exp e_{im}}, \qquad
# c_i = \sum_j \alpha_{ij} h_j$$
#
# What is new is not the formula. $W_q$, $W_k$ and $v$ are parameters now, and the loss will move them: every wrong
# character says, through the gradient, where it would have been better to look.

# %% [markdown]
# ### Exercise 1 · `AdditiveAttention` · 3 points · 25 minutes · medium
#
# Three layers without bias: `q_proj` from `d_query` to `d_hidden`, `k_proj` from `d_memory` to `d_hidden`, and `v` from
# `d_hidden` to 1. Their three weights are the whole `state_dict`; leave them as PyTorch initializes them.
#
# `forward` returns `(context, weights)`. The mask is boolean, `True` means *may look*, and it broadcasts to the
# weights: padding comes as `(batch, 1, n_k)`. Without a mask every position may be looked at. A row with nothing to
# look at has weights of 0.
#
# <details><summary>Hint</summary>
#
# As in lesson 4, every query has to meet every key: the projected queries get a dimension for the keys, by `[:, :, None]`, the
# projected keys one for the queries, by `[:, None]`. After `self.v` the scores have a last dimension of 1; `squeeze(-1)` takes it
# away. Before the softmax, mask the scores with `torch.finfo(scores.dtype).min`, the lowest number there is; after it, mask
# the weights with 0.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The weights of a row do not sum to one:* softmax over the keys, the last dimension, and not over the queries.
# - *The shape is (1, 3, 2), not (1, 2, 3):* queries come first: the sum inside tanh is (batch, n_q, n_k, d_hidden).
# - *A second query has the weights of the first, or all its weights are even:* every query needs its own sum with every key.
# - *`nan` in an empty row:* minus infinity everywhere has no softmax; the lowest finite number has one, which is then masked.
# - *A hidden position is seen, or the others get nothing:* −1e9 is not low enough where scores are lower, and a score set
#   to 0 is not hidden.
# </details>

# %% nbgrader={"grade": false, "grade_id": "AdditiveAttention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class AdditiveAttention(nn.Module):
    """Attention with the score v · tanh(W_q q + W_k h) (Bahdanau, Cho and Bengio, 2014)."""

    def __init__(self, d_query, d_memory, d_hidden):
        """Layers without bias: `q_proj` (d_query to d_hidden), `k_proj` (d_memory to d_hidden), `v` (d_hidden to 1)."""
        super().__init__()
        ### BEGIN SOLUTION
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)
        ### END SOLUTION

    def forward(self, query, memory, mask=None):
        """`(context, weights)`: context (batch, n_q, d_memory), weights (batch, n_q, n_k).

        query: (batch, n_q, d_query); memory: (batch, n_k, d_memory), keys and values in one; dtype and device as the module's.
        mask: boolean, True = may look, broadcasts to the weights; what is masked gets a weight of exactly 0.
        A row with everything masked has weights and a context of 0. Gradients flow through both results.
        """
        ### BEGIN SOLUTION
        hidden = torch.tanh(self.q_proj(query)[:, :, None] + self.k_proj(memory)[:, None])  # (batch, n_q, n_k, d_hidden)
        scores = self.v(hidden).squeeze(-1)  # (batch, n_q, n_k)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "AdditiveAttention_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = AdditiveAttention(1, 2, 1)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
fixed = {"q_proj.weight": (1, 1), "k_proj.weight": (1, 2), "v.weight": (1, 1)}
check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes")
first_number, two = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0]])
model.load_state_dict({"q_proj.weight": torch.ones(1, 1), "k_proj.weight": first_number, "v.weight": two})
keys = (torch.tensor([1.0, 2.0, 5.0]).log() / 2).atanh()  # so that twice their tanh is log 1, log 2, log 5
memory = torch.stack([keys, torch.tensor([8.0, 0.0, 16.0])], dim=-1)[None]  # one line of three
query = torch.tensor([[[0.0], [9.0]]])  # two queries
result = model(query, memory)
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, context and weights")
check.shape(result[1], (1, 2, 3), "the weights have the shape (batch, n_q, n_k)")
shares = torch.tensor([1.0, 2.0, 5.0]) / 8
check.close(result[1][0, 0], shares, "the weights are the softmax, over the keys, of v · tanh(W_q q + W_k h)")
check.close(result[1][0, 1], torch.full((3,), 1 / 3), "a query that is far off saturates the tanh, and all keys look alike")
check.shape(result[0], (1, 2, 2), "the context has the shape (batch, n_q, d_memory)")
averages = torch.tensor([11.0, 8.0])
check.close(result[0][0, :, 1], averages, "the context is the average of the memory, with these weights", tolerance=1e-5)
context, weights = check.unchanged(model, torch.cat([query, query.flip(1)]), torch.cat([memory, memory.flip(1)]))
check.close(weights[1, 1], shares.flip(0), "each line of a batch has queries and keys of its own")
wide = AdditiveAttention(3, 2, 4)  # four hidden numbers that are alike and count half each; every query is mapped to 0
alike = {"q_proj.weight": torch.zeros(4, 3), "k_proj.weight": first_number.repeat(4, 1), "v.weight": torch.full((1, 4), 0.5)}
wide.load_state_dict(alike)
weights = [wide(torch.ones(1, 5, 3), line)[1] for line in (memory, memory.flip(1))]
check.close(weights[0], shares.expand(1, 5, 3), "a score is the sum over the hidden numbers, divided by nothing")
check.close(weights[1], shares.flip(0).expand(1, 5, 3), "another query and memory have weights of their own")
### BEGIN HIDDEN TESTS
rng = check.rng("AdditiveAttention_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)  # in float32 the order of a sum shows
for batch, n_q, n_k, d_query, d_memory, d_hidden, (dtype, tolerance) in [
    (2, 3, 5, 4, 6, 7, double),
    (3, 5, 3, 7, 4, 2, single),
    (1, 1, 4, 3, 5, 6, double),
    (5, 1, 2, 2, 3, 1, double),
    (1, 4, 1, 3, 2, 5, single),
    (3, 3, 3, 3, 3, 3, double),
]:
    model = AdditiveAttention(d_query, d_memory, d_hidden)
    model.to(dtype)
    sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    fixed = {"q_proj.weight": (d_hidden, d_query), "k_proj.weight": (d_hidden, d_memory), "v.weight": (1, d_hidden)}
    check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes, in any size")
    arrays = [rng.normal(size=size) for size in (*fixed.values(), (batch, n_q, d_query), (batch, n_k, d_memory))]
    W_q, W_k, v, query, memory = (torch.from_numpy(array).to(dtype) for array in arrays)
    model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": v})
    context, weights = check.unchanged(model, query, memory)
    check.equal([str(context.dtype), str(weights.dtype)], [str(dtype)] * 2, "context and weights have the dtype of the input")
    check.shape(weights, (batch, n_q, n_k), "the weights have the shape (batch, n_q, n_k), in any size")
    powers, expected = torch.zeros(batch, n_q, n_k).to(dtype), torch.zeros(batch, n_q, d_memory).to(dtype)
    for b, i, j in np.ndindex(batch, n_q, n_k):
        powers[b, i, j] = (v[0] * torch.tanh(W_q @ query[b, i] + W_k @ memory[b, j])).sum().exp()
    shares = powers / powers.sum(-1, keepdim=True)
    for b, i, j in np.ndindex(batch, n_q, n_k):
        expected[b, i] += shares[b, i, j] * memory[b, j]
    check.close(weights, shares, "every query of a line has a score of its own with every key of that line", tolerance)
    check.close(context, expected, "each context is the average of its line's memory, with its query's weights", tolerance)
for factor in (1e3, 1e8):
    model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": factor * v})
    weights = model(query, memory)[1]
    check.close(weights.sum(-1), torch.ones(3, 3).double(), "weights sum to one however large the scores are")
    if factor == 1e3:
        check.close(weights, (factor * powers.log()).softmax(-1), "large scores are taken as they are", tolerance=1e-8)
model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": v})
turned = model(query.flip(1), memory.flip(1))[1]
check.close(turned, shares.flip(1, 2), "another query and memory have weights of their own")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "AdditiveAttention_mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = AdditiveAttention(1, 2, 1)
first_number, two = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0]])
model.load_state_dict({"q_proj.weight": torch.ones(1, 1), "k_proj.weight": first_number, "v.weight": two})
keys = (torch.tensor([1.0, 2.0, 5.0]).log() / 2).atanh()
memory = torch.stack([keys, torch.tensor([6.0, 0.0, 16.0])], dim=-1).repeat(2, 1, 1)  # two lines that are alike
query = torch.zeros(2, 2, 1)
padding = torch.tensor([[True, True, False], [True, True, True]])[:, None]  # (batch, 1, n_k): the first line has two characters
context, weights = check.unchanged(model, query, memory, padding)
shares = torch.tensor([[[1.0, 2.0, 0.0]] * 2, [[1.0, 2.0, 5.0]] * 2]) / torch.tensor([3.0, 8.0])[:, None, None]
check.close(weights[0], shares[0], "True means may look: what is masked gets 0, the others share the whole")
check.close(weights[1], shares[1], "each line has a mask of its own")
check.close(context[0, :, 1], torch.tensor([2.0, 2.0]), "what is masked is not in the context")
weights = model(query, memory, torch.tensor([[[True, True, True], [False, False, False]]]))[1]
check.close(weights[:, 1], torch.zeros(2, 3), "a query that may look at nothing has weights of 0, not nan")
model.load_state_dict({"q_proj.weight": torch.ones(1, 1), "k_proj.weight": first_number, "v.weight": torch.tensor([[-1e12]])})
weights = model(query + 1, memory, padding)[1]
check.close(weights[0], torch.tensor([[1.0, 0.0, 0.0]] * 2), "what is not masked shares the whole however low its scores are")
### BEGIN HIDDEN TESTS
rng = check.rng("AdditiveAttention_mask")
W_q, W_k, v = (torch.from_numpy(rng.normal(size=size)) for size in ((7, 4), (7, 6), (1, 7)))
model = AdditiveAttention(4, 6, 7)
model.to(torch.float64)
model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": v})
query, memory = torch.from_numpy(rng.normal(size=(2, 3, 4))), torch.from_numpy(rng.normal(size=(2, 5, 6)))
powers = (torch.tanh((query @ W_q.T).unsqueeze(2) + (memory @ W_k.T).unsqueeze(1)) @ v[0]).exp()
for shape in [(2, 1, 5), (1, 1, 5), (3, 5), (1, 3, 5), (2, 3, 5)]:
    mask = torch.from_numpy(rng.random(shape) < 0.5)
    mask[..., 0], mask[..., 3] = True, False
    seen = mask.expand(2, 3, 5)
    expected = powers * seen / (powers * seen).sum(-1, keepdim=True)
    context, weights = check.unchanged(model, query, memory, mask=mask)
    check.close(weights, expected, f"a mask of shape {shape} hides what it should from each query of each line")
    check.close(context, expected @ memory, f"with a mask of shape {shape} the context follows the weights")
    check.equal(weights.masked_fill(seen, 0.0), torch.zeros_like(weights), "what is masked gets exactly 0")
everything = torch.ones(2, 1, 5, dtype=torch.bool)
check.close(model(query, memory)[1], model(query, memory, everything)[1], "no mask is the same as True everywhere")
mask = torch.arange(5) < torch.tensor([[[4]], [[2]]])
context, weights = model(query, memory, mask)
noise = torch.where(mask.transpose(1, 2), memory, torch.from_numpy(1e6 * rng.normal(size=(2, 5, 6))))
check.close(model(query, noise, mask)[0], context, "what stands at a masked position changes nothing", tolerance=1e-9)
check.close(model(query, memory[:, :2])[1][1], weights[1, :, :2], "a padded line is looked at as if it had no padding")
mask[1] = False
found, weights = check.unchanged(model, query, memory, mask)
check.close(found[0], context[0], "an empty row leaves the other lines alone")
nothing = torch.cat([weights[1], found[1]], dim=-1)
check.close(nothing, torch.zeros_like(nothing), "where everything is masked, weights and context are 0")
model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": -1e12 * v.abs()})
query, memory = query.abs() * W_q.sum(0).sign(), memory * 1e-3
mask = torch.arange(5) < torch.tensor([[[4]], [[2]]])
weights = model(query, memory, mask)[1]
hidden = weights.masked_fill(mask, 0.0)
check.equal(hidden, torch.zeros_like(weights), "what is masked stays hidden however low the scores of the others are")
check.close(weights.sum(-1), torch.ones(2, 3).double(), "what is not masked shares the whole however low its scores are")
model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": v})
expected = model(query, memory, mask)[1]
model.to(torch.float16)
context, weights = model(query.to(torch.float16), memory.to(torch.float16), mask)
check.equal([str(context.dtype), str(weights.dtype)], ["torch.float16"] * 2, "with a mask, too, they have the dtype of the input")
check.close(weights, expected, "masks work in half precision, too", tolerance=0.02)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "AdditiveAttention_training", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, AdditiveAttention, 2, 3, 4)
query, memory = torch.tensor([[[1.0, -2.0], [0.5, 3.0]]]), torch.tensor([[[1.0, 0.0, 2.0], [0.0, -1.0, 1.0], [2.0, 2.0, 0.0]]])
found = check.gradient(model, query, memory)
reached = [gradient is not None and bool(gradient.any()) for gradient in found.parameters.values()]
check.equal(reached, [True] * 3, "gradients reach every parameter of a new module")
weights = model(query, memory)[1]
check.equal(weights.requires_grad, True, "gradients flow through the weights that are returned, too")
check.equal(bool((weights[0, 0] - weights[0, 1]).abs().max() > 1e-4), True, "the queries of a new module look differently")
model.load_state_dict({name: torch.zeros_like(tensor) for name, tensor in model.state_dict().items()})
found = check.gradient(model, query, memory).arguments[1]
even = torch.full((1, 3, 3), 2 / 3)  # two queries whose weights are even look at three vectors
check.close(found, even, "the memory gets the right gradient, as key and as value")
### BEGIN HIDDEN TESTS
rng = check.rng("AdditiveAttention_training")
W_q, W_k, v = (torch.from_numpy(rng.normal(size=size)) for size in ((7, 4), (7, 6), (1, 7)))
model = AdditiveAttention(4, 6, 7)
model.to(torch.float64)
model.load_state_dict({"q_proj.weight": W_q, "k_proj.weight": W_k, "v.weight": v})
query, memory = (torch.from_numpy(rng.normal(size=size)).permute(2, 1, 0) for size in ((4, 3, 2), (6, 5, 2)))  # not contiguous
for mask in (None, torch.arange(5) < torch.tensor([[[4]], [[2]]])):
    gradient = torch.from_numpy(rng.normal(size=(2, 3, 6)))
    leaves = [x.clone().requires_grad_() for x in (query, memory, W_q, W_k, v)]
    q, h, W_q_leaf, W_k_leaf, v_leaf = leaves
    e = torch.stack([torch.tanh((q @ W_q_leaf.T) + (h[:, j : j + 1] @ W_k_leaf.T)) @ v_leaf[0] for j in range(5)], dim=-1)
    powers = e.exp() if mask is None else e.exp() * mask
    expected = powers / powers.sum(-1, keepdim=True) @ h
    true = torch.autograd.grad((expected * gradient).sum(), leaves)
    found = check.gradient(model, query, memory, mask=mask, output_gradient=gradient)
    check.close(found.output, expected.detach(), "it does not matter how the input lies in memory")
    model.eval()
    check.close(model(query, memory, mask)[0], expected.detach(), "evaluation gives what training gives")
    model.train()
    check.close(found.arguments[0], true[0], "the query gets the right gradient")
    check.close(found.arguments[1], true[1], "the memory gets the right gradient, as key and as value")
    for name, right in zip(("q_proj", "k_proj", "v"), true[2:]):
        check.close(found.parameters[f"{name}.weight"], right, f"{name} gets the right gradient")
found = check.gradient(model, query, memory, mask=torch.tensor([[[False]], [[True]]]).expand(2, 1, 5))
arrived = [gradient for gradient in (*found.arguments, *found.parameters.values()) if gradient is not None]
check.equal(all(bool(gradient.isfinite().all()) for gradient in arrived), True, "an empty row makes no gradient nan")
before = model(query, memory)[0]
another = AdditiveAttention(4, 6, 7)
another.load_state_dict({name: torch.zeros_like(tensor) for name, tensor in another.state_dict().items()})
check.equal(model(query, memory)[0], before, "two modules have parameters of their own")
silent = torch.cat([memory[:, :2], torch.zeros(2, 1, 6).double()], dim=1)
seen = bool((model(query, silent)[1][..., 2] > 0).all())
check.equal(seen, True, "without a mask every place is looked at, one whose vector is 0 too")
model.to("meta")
for mask in (None, torch.ones(2, 1, 5, dtype=torch.bool)):
    check.same_device(model, query, memory, mask)
### END HIDDEN TESTS

# %% [markdown]
# Is it the score of lesson 4? The next cell hands the module's three weights to the NumPy function, transposed.

# %% tags=["given"]
# given: additive_scores from 04_scoring
def additive_scores(Q, K, W_q, W_k, v):
    """The score tanh(q W_q + k W_k) · v of every query with every key (Bahdanau, Cho and Bengio, 2014).

    Q: float64 array (..., n_q, d_q); K: (..., n_k, d_k); W_q: (d_q, d_h); W_k: (d_k, d_h); v: (d_h,). Batch dimensions of Q and K
    broadcast; all five are left as they were.
    Returns a new array (..., n_q, n_k).
    """
    hidden = np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :])  # (..., n_q, n_k, d_h)
    return hidden @ v


# %%
torch.manual_seed(0)
small_attention = AdditiveAttention(4, 6, 7)
some_queries, some_memory = torch.randn(2, 3, 4), torch.randn(2, 5, 6)
W_q, W_k, v = (tensor.numpy().T for tensor in small_attention.state_dict().values())
by_numpy = softmax(additive_scores(some_queries.numpy(), some_memory.numpy(), W_q, W_k, v[:, 0]))
by_torch = small_attention(some_queries, some_memory)[1].detach().numpy()  # detach: without the record that autograd keeps
print("largest difference:", np.abs(by_numpy - by_torch).max())
print("weights of the first query:", by_torch[0, 0].round(2))

# %% [markdown]
# The same to the last digits of float32. A new module looks nearly evenly: its parameters are small and random, and so
# are its scores. What it has to look for, training must find.

# %% [markdown]
# ## One step of writing
#
# To write one character, the decoder takes the one before it and its state. Lesson 3 had a recurrent cell of its own,
# `rnn_step`. Here the library's `nn.GRUCell(d_in, d_state)` does that job: `cell(x, state)` gives the new state. (A GRU
# is a lighter relative of the LSTM, from Cho et al., 2014, *Learning phrase representations using RNN
# encoder-decoder*.)
#
# 1. The **old** state $s$ asks the memory: $c$ = context of $s$.
# 2. The cell reads the last token $y$ together with the context: $s' = \text{cell}([\text{embedding}(y); c],\, s)$.
# 3. The **new** state and the context give a number for each token that could come next, its *logit*: $W_o [s'; c] + b_o$.
#
# Logits become probabilities by a softmax, and that is left to the loss.

# %% [markdown]
# ### Exercise 2 · `DecoderStep` · 3 points · 20 minutes · medium
#
# Four parts, in these names: `embedding`, an `nn.Embedding(n_tokens, d_embed)`, which is lesson 2's `embed` with a
# table that learns; `attention`, an `AdditiveAttention(d_state, d_memory, d_hidden)`; `cell`, an `nn.GRUCell`; `out`,
# an `nn.Linear` with bias. Concatenate as above: `[embedding; context]` for the cell, `[new state; context]` for `out`.
#
# Here a line has one query at a time, and the mask is `(batch, n_k)`, `True` for real characters. `AdditiveAttention`
# wants a dimension for queries, in the state and in the mask; the results lose it again.
#
# <details><summary>Hint</summary>
#
# `state[:, None]` is (batch, 1, d_state). From a result (batch, 1, d), `[:, 0]` takes the dimension away again. A plain
# `squeeze()` would also take the batch away where it is 1. The cell's input is `d_embed + d_memory` wide.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The weights are those of the new state:* the context is needed to make the new state, so the old one asks.
# - *The logits are those of the state before:* the cell's result belongs into `out`, and is returned.
# - *Right for one line, wrong or an error for two with a mask:* a mask (batch, n_k) is taken for (n_q, n_k); give it its
#   dimension: `mask[:, None]`.
# - *Sizes do not fit in `cell` or `out`:* each reads two things side by side.
# </details>

# %% nbgrader={"grade": false, "grade_id": "DecoderStep", "locked": false, "schema_version": 3, "solution": true, "task": false}
class DecoderStep(nn.Module):
    """One step of a decoder with attention: the last token and the state in, logits for the next token out."""

    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        """Parts: `embedding`, `attention`, `cell` (reads d_embed + d_memory), `out` (reads d_state + d_memory)."""
        super().__init__()
        ### BEGIN SOLUTION
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)
        ### END SOLUTION

    def forward(self, token, state, memory, mask=None):
        """`(logits, new_state, weights)`: (batch, n_tokens), (batch, d_state), (batch, n_k).

        token: ids (batch,) of what was written last; state: (batch, d_state), before the step; memory: (batch, n_k, d_memory).
        mask: boolean (batch, n_k), True = may look. The weights are those with which the old state looked at the memory.
        """
        ### BEGIN SOLUTION
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([state, context], dim=-1)), state, weights
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "DecoderStep_values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
model = DecoderStep(4, 1, 1, 2, 1)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
fixed = {"attention.q_proj.weight": (1, 1), "attention.k_proj.weight": (1, 2), "attention.v.weight": (1, 1)}
fixed |= {"cell.weight_ih": (3, 3), "cell.weight_hh": (3, 1), "cell.bias_ih": (3,), "cell.bias_hh": (3,)}
fixed |= {"embedding.weight": (4, 1), "out.weight": (4, 3), "out.bias": (4,)}
check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes")
given = {name: torch.zeros(size) for name, size in fixed.items()}  # a cell of zeros halves the state
given |= {"attention.q_proj.weight": torch.ones(1, 1), "attention.k_proj.weight": torch.tensor([[1.0, 0.0]])}
given |= {"attention.v.weight": torch.tensor([[2.0]]), "out.weight": torch.eye(4, 3)}
given |= {"out.bias": torch.tensor([0.0, 0.0, 0.0, 7.0])}  # the logits are what `out` reads, and a 7
model.load_state_dict(given)
keys = (torch.tensor([1.0, 2.0, 5.0]).log() / 2).atanh() - 1  # as in exercise 1, for a query of 1
memory = torch.stack([keys, torch.tensor([8.0, 0.0, 16.0])], dim=-1)[None]
token, old = torch.tensor([3]), torch.ones(1, 1)
result = model(token, old, memory)
check.equal(isinstance(result, (tuple, list)) and len(result), 3, "the result is logits, new state and weights")
logits, new, weights = result
check.shape(weights, (1, 3), "the weights have the shape (batch, n_k)")
check.close(weights[0], torch.tensor([1.0, 2.0, 5.0]) / 8, "the state before the step is the query")
check.close(new, torch.tensor([[0.5]]), "the new state is what the cell makes of the old one")
check.shape(logits, (1, 4), "there is a logit for each token")
check.close(logits[0, [0, 2, 3]], torch.tensor([0.5, 11.0, 7.0]), "`out` reads the new state, then the context", tolerance=1e-5)
given["cell.weight_ih"] = torch.tensor([[0.0] * 3, [0.0] * 3, [1.0, 0.0, 0.25]])  # now the cell reads embedding and context
given["embedding.weight"] = torch.tensor([[9.0], [9.0], [9.0], [-3.0]])
model.load_state_dict(given)
new = check.unchanged(model, token, old, memory)[1]
expected = torch.tensor([[(1 + np.tanh(-3 + 11 / 4)) / 2]])
check.close(new, expected.float(), "the cell reads the last token's embedding, then the context", tolerance=1e-5)
logits, new, _ = model(token, old, memory)
check.equal([logits.requires_grad, new.requires_grad], [True, True], "gradients flow through the logits and the new state")
### BEGIN HIDDEN TESTS
rng = check.rng("DecoderStep_values")
double, single = (torch.float64, 1e-10), (torch.float32, 2e-5)  # in float32 the order of a sum shows
for batch, n_k, n_tokens, d_embed, d_state, d_memory, d_hidden, (dtype, tolerance) in [
    (2, 5, 9, 3, 4, 6, 7, double),
    (3, 4, 7, 5, 2, 3, 6, single),
    (1, 1, 5, 2, 3, 4, 1, double),
    (4, 2, 3, 1, 5, 1, 2, double),
    (3, 3, 3, 3, 3, 3, 3, double),
]:
    model = DecoderStep(n_tokens, d_embed, d_state, d_memory, d_hidden)
    model.to(dtype)
    fixed = {"attention.q_proj.weight": (d_hidden, d_state), "attention.k_proj.weight": (d_hidden, d_memory)}
    fixed |= {"attention.v.weight": (1, d_hidden), "embedding.weight": (n_tokens, d_embed)}
    fixed |= {"cell.weight_ih": (3 * d_state, d_embed + d_memory), "cell.weight_hh": (3 * d_state, d_state)}
    fixed |= {"cell.bias_ih": (3 * d_state,), "cell.bias_hh": (3 * d_state,)}
    fixed |= {"out.weight": (n_tokens, d_state + d_memory), "out.bias": (n_tokens,)}
    sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    check.equal(sizes, fixed, "the state_dict has the names and shapes that the text fixes, in any size")
    w = {name: torch.from_numpy(rng.normal(size=size)).to(dtype) for name, size in fixed.items()}
    model.load_state_dict(w)
    memory, state = (torch.from_numpy(rng.normal(size=size)).to(dtype) for size in ((batch, n_k, d_memory), (batch, d_state)))
    cell = nn.GRUCell(d_embed + d_memory, d_state, dtype=dtype)
    cell.load_state_dict({name[5:]: tensor for name, tensor in w.items() if name.startswith("cell.")})
    expected_state = state
    for _ in range(3):  # each step goes on from the state that the last one returned
        token = torch.from_numpy(rng.integers(n_tokens, size=batch))
        logits, new, weights = check.unchanged(model, token, state, memory)
        check.equal([str(x.dtype) for x in (logits, new, weights)], [str(dtype)] * 3, "all results have the dtype of the input")
        hidden = torch.tanh((expected_state @ w["attention.q_proj.weight"].T)[:, None] + memory @ w["attention.k_proj.weight"].T)
        powers = (hidden @ w["attention.v.weight"][0]).exp()
        shares = powers / powers.sum(-1, keepdim=True)
        context = torch.stack([shares[b] @ memory[b] for b in range(batch)])
        expected_state = cell(torch.cat([w["embedding.weight"][token], context], dim=-1), expected_state).detach()
        expected = torch.cat([expected_state, context], dim=-1) @ w["out.weight"].T + w["out.bias"]
        check.shape(weights, (batch, n_k), "the weights have the shape (batch, n_k), also where a size is 1")
        check.close(weights, shares, "the state before the step is the query, in any size", tolerance)
        check.shape(new, (batch, d_state), "the new state has the shape of the old one")
        check.close(new, expected_state, "the cell makes the new state of all it should read, in any size", tolerance)
        check.close(logits, expected, "the logits come from new state and context, in any size", tolerance)
        state = new
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "DecoderStep_mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, DecoderStep, 7, 3, 4, 2, 5)
memory, state, token = torch.tensor([[[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]]] * 2), torch.zeros(2, 4), torch.tensor([6, 6])
mask = torch.tensor([[True, False, False], [True, True, True]])
logits, new, weights = check.unchanged(model, token, state, memory, mask)
check.close(weights[0], torch.tensor([1.0, 0.0, 0.0]), "each line looks where its own mask is True")
check.equal(bool((weights[1] > 0).all()), True, "each line looks where its own mask is True")
alone = model(token[:1], state[:1], memory[:1, :1])
check.close(logits[0], alone[0][0], "a padded line gets the logits that it would get without padding")
check.close(logits[1:], model(token[1:], state[1:], memory[1:])[0], "each line gets the logits that it would get alone")
found = check.gradient(model, token, state, memory, mask).arguments
reached = [gradient is not None and bool(gradient.any()) for gradient in found[1:3]]
check.equal(reached, [True, True], "gradients reach state and memory")
### BEGIN HIDDEN TESTS
rng = check.rng("DecoderStep_mask")
model = DecoderStep(9, 3, 4, 6, 7)
model.to(torch.float64)
sizes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
model.load_state_dict({name: torch.from_numpy(rng.normal(size=size)) for name, size in sizes.items()})
for batch in (4, 5):  # in one of them there are as many lines as positions
    lengths = [5, 3, 1, 2, 4][:batch]
    memory, state = torch.from_numpy(rng.normal(size=(batch, 5, 6))), torch.from_numpy(rng.normal(size=(batch, 4)))
    token, mask = torch.from_numpy(rng.integers(9, size=batch)), torch.arange(5) < torch.tensor(lengths)[:, None]
    logits, new, weights = check.unchanged(model, token, state, memory, mask=mask)
    check.equal(weights.masked_fill(mask, 0.0), torch.zeros(batch, 5).double(), "padding gets a weight of exactly 0")
    for b, length in enumerate(lengths):
        own = slice(b, b + 1)
        alone = model(token[own], state[own], memory[own, :length])
        check.close(weights[own, :length], alone[2], "a padded line looks as it would look without padding")
        check.close(new[own], alone[1], "a padded line gets the state that it would get without padding")
        check.close(logits[own], alone[0], "a padded line gets the logits that it would get without padding")
logits, new, weights = model(token, state, memory)
full = model(token, state, memory, torch.ones(5, 5, dtype=torch.bool))
check.close(logits, full[0], "no mask is the same as True everywhere")
model.eval()
check.close(model(token, state, memory)[0], logits, "evaluation gives what training gives")
model.train()
order = torch.tensor([3, 0, 4, 1, 2])
moved = model(token[order], state[order], memory[order], mask[order])[0]
check.close(moved, model(token, state, memory, mask)[0][order], "each line is computed by itself")
turned = memory.permute(2, 1, 0).contiguous().permute(2, 1, 0)
check.close(model(token, state.T.contiguous().T, turned)[0], logits, "it does not matter how the input lies in memory")
found = check.gradient(model, token, state, memory, mask=mask)
reached = [gradient is not None and bool(gradient.any()) for gradient in found.arguments[1:]]
check.equal(reached, [True, True], "gradients reach state and memory")
reached = {name: gradient is not None and bool(gradient.any()) for name, gradient in found.parameters.items()}
check.equal(reached, dict.fromkeys(reached, True), "gradients reach every parameter")
check.equal(found.arguments[2].masked_fill(mask[..., None], 0.0), torch.zeros_like(memory), "padding gets no gradient")
step, direction = 1e-6, torch.from_numpy(rng.normal(size=(5, 4)))
before, after = (model(token, state + sign * step * direction, memory, mask)[0].sum() for sign in (-1, 1))
slope, along = (after - before) / (2 * step), (found.arguments[1] * direction).sum()
check.close(along, slope, "the old state gets the right gradient, as query and through the cell", tolerance=1e-5)
for result, what in zip(model(token, state, memory, mask)[1:], ("the new state", "the weights")):
    check.equal(result.requires_grad, True, f"gradients flow through {what}, too")
found = check.gradient(model, torch.zeros_like(token), state, memory).parameters["embedding.weight"]
check.equal(found is not None and bool(found[0].any()), True, "the vector of every token learns, that of id 0 too")
another = DecoderStep(9, 3, 4, 6, 7)
another.load_state_dict({name: torch.zeros_like(tensor) for name, tensor in another.state_dict().items()})
check.equal(model(token, state, memory)[0], logits, "two modules have parameters of their own")
model.to("meta")
for here in (None, mask.to("meta")):
    check.same_device(model, token, state, memory, here)
### END HIDDEN TESTS

# %% [markdown]
# ## What is a good translation?
#
# The decoder writes character by character. In training, it is not fed what it wrote itself, which at first is
# nonsense, but what it *should* have written: *teacher forcing* (Williams and Zipser, 1989, *A learning algorithm for
# continually running fully recurrent neural networks*). After each right beginning it says, by its logits, what comes
# next.
#
# The targets of a line are `<start> 2 0 2 4 - ... <end>`. Step 0 is fed `<start>` and should say `2`; step 1 is fed `2`
# and should say `0`. So logits and targets are **shifted** by one:
#
# | step $t$ | 0 | 1 | 2 | ... | $n-1$ |
# | --- | --- | --- | --- | --- | --- |
# | is fed `targets[:, t]` | `<start>` | `2` | `0` | ... | `5` |
# | should say `targets[:, t + 1]` | `2` | `0` | `2` | ... | `<end>` |
#
# The loss is the *cross-entropy*: the average, over all tokens that should be said, of $-\ln p$, with $p$ the
# probability that the step gave to the right one. It is 0 for a model that is certain and right, and $\ln V$ for one
# that spreads evenly over $V$ tokens.

# %% [markdown]
# ### Exercise 3 · `sequence_loss` · 2 points · 15 minutes · medium
#
# Short lines end in padding. Nobody has to say `<pad>`: such targets count neither in the sum nor in the number that it
# is divided by. Every other token of the batch counts the same, `<end>` included.
#
# The library has the softmax, the logarithm and the average in one, safe from overflow: `F.cross_entropy`. You may use
# it. Look up `ignore_index`, and where it wants the dimension of the tokens.
#
# <details><summary>Hint</summary>
#
# `F.cross_entropy` takes logits (m, n_tokens) and targets (m,): `flatten(0, 1)` makes one row of batch and steps, in
# both.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *"Expected input batch_size ... to match target":* targets have one column more than the logits: the start token, which
#   nobody has to say.
# - *A model that repeats what it is fed gets a loss of 0:* the last column was cut off in place of the first.
# - *More padding makes the loss smaller:* the sum is right and is divided by all positions, not by the tokens that count.
# - *A long line counts as much as a short one:* an average of the lines' averages; take one over all tokens.
# - *`inf` or `nan`:* the logarithm of a probability that has become 0; `log_softmax` does not take that way.
# </details>

# %% nbgrader={"grade": false, "grade_id": "sequence_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_loss(logits, targets, pad_id):
    """The average of −ln p over all tokens that should be said, a tensor of one number; p is the right token's probability.

    logits: (batch, n, n_tokens). targets: ids (batch, n + 1), the start token first; step t, fed `targets[:, t]`, should say
    `targets[:, t + 1]`. A token to be said that is `pad_id` does not count; at least one counts.
    """
    ### BEGIN SOLUTION
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sequence_loss_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
targets = torch.tensor([[1, 3, 4, 2]])  # start, two tokens, end; 0 is padding
loss = sequence_loss(torch.zeros(1, 3, 5), targets, 0)
check.equal(torch.is_tensor(loss), True, "the loss is a tensor, through which gradients can flow")
check.shape(loss, (), "the loss is one number")
check.close(loss, torch.tensor(5.0).log(), "equal logits for V tokens give ln V")
right = 50 * F.one_hot(torch.tensor([[3, 4, 2]]), 5).float()
check.close(sequence_loss(right, targets, 0), 0.0, "a model that is sure of the next token has no loss")
repeating = 500 * F.one_hot(torch.tensor([[1, 3, 4]]), 5).float()
check.close(sequence_loss(repeating, targets, 0), 500.0, "a model that says what it was fed has a high loss, and a finite one")
halves = torch.tensor([[[0.1, 0.1, 0.1, 0.5, 0.2], [0.1, 0.1, 0.1, 0.2, 0.5], [0.1, 0.2, 0.5, 0.1, 0.1]]]).log()
loss = check.unchanged(sequence_loss, halves, targets, 0)
check.close(loss, torch.tensor(2.0).log(), "the loss is −ln p of the token to be said, averaged")
### BEGIN HIDDEN TESTS
rng = check.rng("sequence_loss_values")
double, single = (torch.float64, 1e-10), (torch.float32, 1e-5)
for batch, n, n_tokens, (dtype, tolerance) in [
    (2, 5, 7, double),
    (3, 4, 9, single),
    (1, 6, 3, double),
    (4, 1, 5, double),
    (1, 1, 2, single),
    (5, 5, 6, double),
]:
    logits = torch.from_numpy(3 * rng.normal(size=(batch, n, n_tokens))).to(dtype)
    targets = torch.from_numpy(rng.integers(1, n_tokens, size=(batch, n + 1)))
    losses = []
    for b, t in np.ndindex(batch, n):
        numbers = logits[b, t].tolist()
        losses.append(np.log(sum(np.exp(number) for number in numbers)) - numbers[int(targets[b, t + 1])])
    loss = check.unchanged(sequence_loss, logits, targets, 0)
    check.shape(loss, (), "the loss is one number, in any size")
    expected = torch.tensor(sum(losses) / len(losses)).to(dtype)
    check.close(loss, expected, "step t is judged by the token after the one it was fed, in any size", tolerance)
    check.equal(str(loss.dtype), str(dtype), "the loss has the dtype of the logits")
other = targets.clone()
other[:, 0] = (other[:, 0] + 1) % n_tokens
check.close(sequence_loss(logits, other, 0), loss, "the start token is said by nobody")
higher = sequence_loss(logits + 1000.0, targets, 0)
check.close(higher, loss, "the same number added to all logits changes nothing", tolerance=1e-9)
targets = torch.from_numpy(rng.integers(1, 5, size=(3, 4)))
wrong = 1e4 * F.one_hot(targets[:, 1:] % 4 + 1, 5).double()
check.close(sequence_loss(wrong, targets, 0), 1e4, "a model that is sure and wrong has a large loss, and a finite one")
found = check.gradient(sequence_loss, logits, other, 0).arguments[0]
p = torch.from_numpy(np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(-1, keepdims=True))
true = (p - F.one_hot(other[:, 1:], n_tokens)) / other[:, 1:].numel()
check.close(found, true, "the gradient is the probabilities less the right answers, by the number of tokens")
turned = logits.permute(2, 1, 0).contiguous().permute(2, 1, 0)
check.close(sequence_loss(turned, other.T.contiguous().T, 0), loss, "it does not matter how the input lies in memory")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sequence_loss_padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
targets = torch.tensor([[1, 3, 4, 2], [1, 2, 0, 0]])  # the second line has only its end token to say
share = torch.tensor([[0.5, 0.5, 0.5], [0.125, 0.75, 0.25]])  # the probability that each step gives to its target
logits = torch.where(F.one_hot(targets[:, 1:], 5).bool(), share[..., None], (1 - share[..., None]) / 4).log()
loss = check.unchanged(sequence_loss, logits, targets, 0)
check.close(loss, 1.5 * torch.tensor(2.0).log(), "padding counts neither in the sum nor in the number of tokens")
more = torch.cat([targets, torch.zeros(2, 3, dtype=torch.int64)], dim=1)
longer = torch.cat([logits, torch.ones(2, 3, 5)], dim=1)
check.close(sequence_loss(longer, more, 0), loss, "more padding changes nothing")
renamed = targets.masked_fill(targets == 0, 7)  # the same with another id for padding
check.close(sequence_loss(F.pad(logits, (0, 3), value=-50.0), renamed, 7), loss, "padding is whatever `pad_id` says")
### BEGIN HIDDEN TESTS
rng = check.rng("sequence_loss_padding")
for batch, n, n_tokens, pad_id in [(3, 6, 7, 0), (4, 5, 8, 3), (2, 7, 5, 4), (5, 5, 9, 1), (3, 6, 7, 0)]:
    logits = torch.from_numpy(3 * rng.normal(size=(batch, n, n_tokens)))
    targets = torch.full((batch, n + 1), pad_id)
    others = [number for number in range(n_tokens) if number != pad_id]
    lengths = [n, *rng.integers(1, n, size=batch - 1).tolist()]
    losses, true = [], torch.zeros(batch, n, n_tokens).double()
    for b, length in enumerate(lengths):
        targets[b, : length + 1] = torch.from_numpy(rng.choice(others, size=length + 1))
        for t in range(length):
            powers, said = np.exp(logits[b, t].numpy()), int(targets[b, t + 1])
            losses.append(-np.log(powers[said] / powers.sum()))
            true[b, t] = torch.from_numpy(powers / powers.sum()) - F.one_hot(torch.tensor(said), n_tokens)
    loss = check.unchanged(sequence_loss, logits, targets, pad_id)
    check.close(loss, sum(losses) / len(losses), "every token that is no padding counts the same, in lines of any length")
    found = check.gradient(sequence_loss, logits, targets, pad_id).arguments[0]
    check.close(found, true / len(losses), "padding gets no gradient, and the others their share")
    noise = torch.where((targets[:, 1:] == pad_id)[..., None], torch.from_numpy(30 * rng.normal(size=logits.shape)), logits)
    check.close(sequence_loss(noise, targets, pad_id), loss, "what the model says at padding does not matter")
    wider = torch.cat([targets, torch.full((batch, 2), pad_id)], dim=1)
    longer = F.pad(logits, (0, 0, 0, 2))
    check.close(sequence_loss(longer, wider, pad_id), loss, "more padding changes nothing, in lines of any length")
    sure = torch.where(F.one_hot(torch.tensor(pad_id), n_tokens).bool(), 1e3, logits)  # the model wants to say padding everywhere
    places = [(b, t, int(targets[b, t + 1])) for b, length in enumerate(lengths) for t in range(length)]
    high = sum(1e3 - float(sure[place]) for place in places) / len(places)
    check.close(sequence_loss(sure, targets, pad_id), high, "a model that says padding too early pays for it")
targets[:, 0] = pad_id
check.close(sequence_loss(logits, targets, pad_id), loss, "the token to be said decides what counts, not the one that is fed")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** A new model knows nothing of the 15 tokens it can write. About which loss does training begin with?
# And a model that has learned only how often each token occurs?

# %%
_, all_targets = as_ids([make_line(train_dates, 1, random.Random(number)) for number in range(2000)])
said = all_targets[:, 1:].flatten()
how_often = torch.bincount(said, minlength=len(write_tokens)).float().clamp(min=1e-9)
nothing_known = torch.zeros(*all_targets[:, 1:].shape, len(write_tokens))
print(f"nothing known:  {sequence_loss(nothing_known, all_targets, PAD):.2f}, and ln 15 is {np.log(15):.2f}")
print(f"only frequency: {sequence_loss(nothing_known + how_often.log(), all_targets, PAD):.2f}")

# %% [markdown]
# ln 15 is 2.71, and frequency alone brings it to about 2.3. Two landmarks: a training loss above them has learned
# nothing that a table could not say.

# %% [markdown]
# ## Writing without a teacher
#
# Once trained, the decoder is on its own. It is fed what it wrote: *greedy* decoding takes the token with the highest
# logit at every step, and goes on until the end token. In a batch some lines end earlier than others.
#
# ### Exercise 4 · `greedy_decode` · 2 points · 20 minutes · medium
#
# `step` is a function that is called as your `DecoderStep` is: `step(token, state, memory, mask)`, all lines of the
# batch at once, gives `(logits, new_state, weights)`. Call it first with the start token and the `state` you are given,
# then with the tokens just chosen and the state it returned.
#
# Return `(ids, weights)`: the chosen tokens `(batch, n)`, the start token not among them, and for each of them where
# `step` looked, `(batch, n, n_k)`. A line that has written its end token writes `end_id` from then on. Stop as soon as
# every line has ended, or after `n_max` steps.
#
# <details><summary>Hint</summary>
#
# Before the loop: `token = torch.full((len(memory),), start_id, device=memory.device)`, and `ended`, a boolean for each
# line. In the loop: the highest logit's place is `logits.argmax(dim=-1)`. Collect tokens and weights in lists and
# `torch.stack` them along dimension 1.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The same token again and again:* token and state must both be those of the last step.
# - *A line goes on after its end:* `ended` is remembered from step to step, not looked up in the last token alone, which `step`
#   is free to follow with anything.
# - *The other lines are cut off:* stop when all have ended (`ended.all()`), not when one has.
# - *The weights have the shape (batch, n_k, n), or (n, batch, n_k):* stack along dimension 1.
# - *One step too many:* look whether all have ended right after the step, not before the next.
# </details>

# %% nbgrader={"grade": false, "grade_id": "greedy_decode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    """`(ids, weights)`: the tokens written, (batch, n), n at most `n_max`, and where each was looked for, (batch, n, n_k).

    step: step(token, state, memory, mask), with int64 ids (batch,), gives (logits, new_state, weights), as `DecoderStep` does.
    state: before the first step; memory: (batch, n_k, d_memory); mask: boolean (batch, n_k). Memory and mask go to `step` as
    they are. After a line's end token its ids are `end_id`, and its weights do not matter. It stops when all lines have ended,
    or after n_max steps, at least 1.
    """
    ### BEGIN SOLUTION
    token = torch.full((len(memory),), start_id, device=memory.device)
    ended = torch.zeros_like(token, dtype=torch.bool)
    ids, all_weights = [], []
    while len(ids) < n_max and not ended.all():
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ended = ended | (token == end_id)
        ids.append(token)
        all_weights.append(weights)
    return torch.stack(ids, dim=1), torch.stack(all_weights, dim=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "greedy_decode_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def read_aloud(token, state, memory, mask):
    """Says what stands in the memory, place by place; the state counts the places."""
    looks = F.one_hot(state[:, 0].long(), memory.shape[1]).float()  # (batch, n_k)
    said = (looks[:, None] @ memory)[:, 0, 0].long()
    return F.one_hot(said, 7) - 9.0, state + 1, looks


memory, mask = torch.tensor([[[3.0], [5.0], [2.0]], [[6.0], [4.0], [2.0]]]), torch.ones(2, 3, dtype=torch.bool)
result = check.unchanged(greedy_decode, read_aloud, torch.zeros(2, 1), memory, mask, 1, 2, 3)  # start 1, end 2
check.equal(isinstance(result, (tuple, list)) and len(result), 2, "the result is a pair, ids and weights")
check.equal(result[0], torch.tensor([[3, 5, 2], [6, 4, 2]]), "each step goes on from the state that the last one returned, and the highest logit decides")
check.shape(result[1], (2, 3, 3), "the weights have the shape (batch, n, n_k)")
check.close(result[1], torch.eye(3).expand(2, 3, 3), "row t of the weights is where step t looked")


def count_up(token, state, memory, mask):
    """Says the number after the one it was fed; its weights tell what it was handed."""
    return F.one_hot(token + 1, 9).float(), state, memory[..., 0] + mask


mask = torch.tensor([[True, True, False], [True, False, True]])
ids, weights = greedy_decode(count_up, torch.zeros(2, 1), memory, mask, 3, 7, 9)  # start 3, end 7
counted = torch.tensor([[4, 5, 6, 7]] * 2)
check.equal(ids, counted, "each step is fed the token that the last one wrote, the first the start token")
check.shape(weights, (2, 4, 3), "the weights have the shape (batch, n, n_k)")
handed = torch.tensor([[4.0, 6.0, 2.0], [7.0, 4.0, 3.0]])[:, None].expand(2, 4, 3)
check.close(weights, handed, "memory and mask go to every step as they are")
### BEGIN HIDDEN TESTS
def low(token, state, memory, mask):
    """Logits of any size and sign: the highest is what counts."""
    return torch.tensor([[-900.0, -1000.0, -900.5], [5e4, 4e4, -6e4]]), state, mask.float()


ids = greedy_decode(low, torch.zeros(2, 1), memory, mask, 1, 2, 2)[0]
check.equal(ids, torch.zeros(2, 2).long(), "the highest logit decides, whatever its size and sign")
rng = check.rng("greedy_decode_values")
for batch, n_k, n_tokens, d_state, n_max, dtype in [
    (2, 5, 9, 3, 7, torch.float32),
    (3, 3, 5, 3, 4, torch.float64),
    (1, 4, 6, 2, 5, torch.float64),
    (5, 2, 7, 1, 1, torch.float32),
]:
    table = np.tile(np.arange(1.0, n_tokens + 1), (n_tokens, n_tokens, 1))
    table = torch.from_numpy(rng.permuted(table, axis=-1)).to(dtype)
    start, end = (int(number) for number in rng.choice(n_tokens, size=2, replace=False))
    table[..., end] = -10.0  # never chosen
    memory, mask = torch.from_numpy(rng.normal(size=(batch, n_k, 2))), torch.from_numpy(rng.random((batch, n_k)) < 0.5)
    asked, answered = [], []

    def wander(token, state, memory, mask, table=table, asked=asked, answered=answered, n_tokens=n_tokens, n_k=n_k):
        """The logits depend on the token and on the state, which all tokens so far have made."""
        new = (state * 3 + token[:, None] + 1) % 101
        logits = table[token, new[:, 0].long() % n_tokens]
        weights = torch.cos(new[:, :1] + torch.arange(n_k))
        asked.append((token, state, memory, mask))
        answered.append((logits.argmax(-1), new, weights))
        return logits, new, weights

    state = torch.from_numpy(rng.integers(100, size=(batch, d_state)).astype(float))
    ids, weights = check.unchanged(greedy_decode, wander, state, memory, mask, start, end, n_max)
    check.equal(len(asked), n_max, "without an end token there are n_max steps")
    check.equal(asked[0][0], torch.full((batch,), start), "the first step is fed the start token, for every line")
    check.equal([str(ids.dtype), *(str(one[0].dtype) for one in asked)], ["torch.int64"] * (n_max + 1), "tokens are int64 ids")
    check.equal(asked[0][1], state, "the first step gets the state that is given")
    for (token, _, _), (fed, before, _, _), after in zip(answered, asked[1:], answered):
        check.equal(fed, token, "each step is fed the token with the highest logit of the step before, line by line")
        check.equal(before, after[1], "each step gets the state of the step before, line by line")
    for _, _, memory_there, mask_there in asked:
        check.equal(memory_there, memory, "memory and mask go to every step as they are")
        check.equal(mask_there, mask, "memory and mask go to every step as they are")
    written, _, looked = zip(*answered)
    check.equal(ids, torch.stack(written, dim=1), "the ids are what was written, the start token not among them")
    check.close(weights, torch.stack(looked, dim=1), "row t of the weights is where step t looked, in any size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "greedy_decode_end", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
spoken = torch.tensor([[3, 2, 5, 6, 4, 4], [4, 6, 3, 2, 3, 5], [5, 3, 2, 5, 6, 3]])  # if nobody stops it; the end token is 2
calls = []


def speak(token, state, memory, mask):
    """Says its part word by word, end token or not; the state counts the words."""
    calls.append(mask)
    return F.one_hot(spoken[torch.arange(3), state[:, 0]], 7).float(), state + 1, torch.full((3, 5), 1 / 5)


places, memory, mask = torch.zeros(3, 1, dtype=torch.int64), torch.zeros(3, 5, 4), torch.ones(3, 5, dtype=torch.bool)
ids, weights = greedy_decode(speak, places, memory, mask, 1, 2, 6)
check.equal(ids[1, :3], torch.tensor([4, 6, 3]), "a line that has not ended goes on when another has")
check.equal(ids[0, :3], torch.tensor([3, 2, 2]), "after its end token a line writes end tokens only")
check.equal(ids, torch.tensor([[3, 2, 2, 2], [4, 6, 3, 2], [5, 3, 2, 2]]), "it stops as soon as every line has ended")
check.equal(len(calls), 4, "no step is made after every line has ended")
check.equal(all(bool(one.all()) for one in calls), True, "the mask goes to every step as it is, that of a line that has ended too")
check.shape(weights, (3, 4, 5), "there is a row of weights for each token")
ids = greedy_decode(speak, places, memory, mask, 1, 2, 3)[0]
check.equal(ids, torch.tensor([[3, 2, 2], [4, 6, 3], [5, 3, 2]]), "after n_max steps it stops, ended or not")
### BEGIN HIDDEN TESTS
rng = check.rng("greedy_decode_end")
for batch, n_tokens, n_max in [(3, 6, 9), (1, 5, 7), (5, 9, 8), (4, 4, 10), (2, 3, 6)]:
    start, end = (int(number) for number in rng.choice(n_tokens, size=2, replace=False))
    others = [number for number in range(n_tokens) if number != end]
    part = torch.from_numpy(rng.choice(others, size=(batch, n_max)))
    ends = [int(number) for number in rng.integers(0, n_max - 2, size=batch)]
    if batch in (3, 5):
        ends[0], ends[-1] = max(*ends, 1), 0  # the last line is the first to end
    for b, place in enumerate(ends):
        part[b, place], part[b, place + 1] = end, others[0]  # and then it would go on
    expected = torch.full((batch, max(ends) + 1), end)
    for b, place in enumerate(ends):
        expected[b, :place] = part[b, :place]
    asked = []

    def recite(token, state, memory, mask, asked=asked, part=part, n_tokens=n_tokens):
        asked.append(mask.clone())
        weights = part[torch.arange(len(part)), state[:, 0]][:, None] + torch.arange(4.0)
        return F.one_hot(part[torch.arange(len(part)), state[:, 0]], n_tokens).double(), state + 1, weights

    places, memory, mask = torch.zeros(batch, 1).long(), torch.zeros(batch, 4, 2), torch.ones(batch, 4, dtype=torch.bool)
    ids, weights = check.unchanged(greedy_decode, recite, places, memory, mask, start, end, n_max)
    check.equal(ids, expected, "each line is what was written up to its end token, and end tokens after it")
    check.equal(len(asked), max(ends) + 1, "there are as many steps as the longest line needs")
    check.equal(all(bool(one.all()) for one in asked), True, "the mask goes to every step as it is, that of a line that has ended too")
    for b, place in enumerate(ends):
        own = part[b, : place + 1, None] + torch.arange(4.0)
        check.close(weights[b, : place + 1], own, "each line keeps the weights of its own steps")
    short = max(ends)
    if short:
        ids, weights = greedy_decode(recite, places, memory, mask, start, end, short)
        check.equal(ids, expected[:, :short], "after n_max steps it stops, and the lines that had ended stay as they are")
        check.shape(weights, (batch, short, 4), "there is a row of weights for each token, also when it is stopped")


def at_once(token, state, memory, mask):
    return F.one_hot(torch.tensor([3, 3]), 5).float(), state, mask.float()


ids = greedy_decode(at_once, torch.zeros(2, 1), torch.zeros(2, 3, 1), torch.ones(2, 3, dtype=torch.bool), 3, 3, 5)[0]
check.equal(ids, torch.tensor([[3], [3]]), "a line may end with its first token, and the start token ends nothing")


def four_then_three(token, state, memory, mask):
    return F.one_hot(torch.where(state[:, 0] == 0, 4, 3), 5).float(), state + 1, mask.float()


ids = greedy_decode(four_then_three, torch.zeros(2, 1), torch.zeros(2, 3, 1), torch.ones(2, 3, dtype=torch.bool), 3, 3, 5)[0]
check.equal(ids, torch.tensor([[4, 3], [4, 3]]), "the start token ends nothing, even where it is the end token, too")
### END HIDDEN TESTS

# %% [markdown]
# ## The whole translator
#
# The encoder reads the line in both directions, with two GRUs: a character's vector in the memory holds what stands
# before it and what stands after it. Packing keeps them out of the padding. The states at the two ends, through one
# layer, give the decoder its first state.

# %%
class Encoder(nn.Module):
    """Reads a line: a memory (batch, n_k, d_memory), a vector for each character, and the decoder's first state."""

    def __init__(self, n_tokens, d_embed, d_memory, d_state):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.gru = nn.GRU(d_embed, d_memory // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(d_memory, d_state)

    def forward(self, ids):
        lengths = (ids != PAD).sum(dim=1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)
        states, (forwards, backwards) = self.gru(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        return memory, torch.tanh(self.bridge(torch.cat([forwards, backwards], dim=-1)))

# %% [markdown]
# What is it worth to look? The same translator *without* attention gets, at every step, the states at the two ends in
# place of the context, whatever it asks, much as the decoder of Cho et al. (2014, *Learning phrase representations using
# RNN encoder-decoder*) gets one vector at every step. That is lesson 3's bottleneck. Everything else stays.

# %%
class LastState(nn.Module):
    """In place of attention: what the encoder knew at its two ends, whatever the query."""

    def forward(self, query, memory, mask):
        at_end = F.one_hot(mask.sum(dim=-1) - 1, memory.shape[1]).to(memory.dtype)  # (batch, 1, n_k)
        forwards, backwards = memory.chunk(2, dim=-1)  # the one ends at the last character, the other at the first
        return torch.cat([at_end @ forwards, backwards[:, :1]], dim=-1), at_end

# %%
class Translator(nn.Module):
    """Encoder and decoder; `attention=False` leaves the looking out."""

    def __init__(self, attention=True):
        super().__init__()
        self.encoder = Encoder(len(read_tokens), d_embed=32, d_memory=128, d_state=96)
        self.step = DecoderStep(len(write_tokens), 16, 96, 128, 32)
        if not attention:
            self.step.attention = LastState()

    def forward(self, read, write):
        """Logits (batch, n, n_tokens), every step being fed the right token: for training."""
        (memory, state), all_logits = self.encoder(read), []
        for token in write[:, :-1].unbind(dim=1):
            logits, state, _ = self.step(token, state, memory, read != PAD)
            all_logits.append(logits)
        return torch.stack(all_logits, dim=1)

    @torch.no_grad()
    def translate(self, read, n_max):
        """What it writes by itself, and where it looked. No gradients are needed, so no record is kept."""
        memory, state = self.encoder(read)
        return greedy_decode(self.step, state, memory, read != PAD, START, END, n_max)

# %% [markdown]
# Training is the five lines from above, 300 times, with 64 fresh lines each. Two additions: the learning rate rises and
# falls (a *schedule*), and gradients that are too long are cut to length 1, since a long chain of steps may make them
# explode, as lesson 3 showed.

# %%
def train(translator, seed, n_steps=300):
    """Train on lines of one to three dates; the loss of every step is returned."""
    chance, losses, begun = random.Random(seed), [], time.perf_counter()
    optimizer = torch.optim.Adam(translator.parameters(), lr=0.015)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.015, total_steps=n_steps, pct_start=0.1)
    for step in range(1, n_steps + 1):
        read, write = as_ids([make_line(train_dates, chance.randint(1, 3), chance) for _ in range(64)])
        loss = sequence_loss(translator(read, write), write, PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(translator.parameters(), max_norm=1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 25 == 0:
            print(f"step {step}: loss {np.mean(losses[-25:]):.3f}, {time.perf_counter() - begun:.0f} s")
    return losses

# %% [markdown]
# **Predict first.** Do the two losses differ from the first step on? Does the one without attention come down to the
# other's within 300 steps? The cell takes one to two minutes on a quiet machine, and prints a line every few seconds.

# %% tags=["skip-execution"]
torch.manual_seed(0)
with_attention = Translator()
print("with attention")
losses_with = train(with_attention, seed=0)
torch.manual_seed(0)
without_attention = Translator(attention=False)
print("without attention")
losses_without = train(without_attention, seed=0)

# %% tags=["skip-execution"]
smooth = np.ones(10) / 10  # averages of ten steps
curves = {"with attention": losses_with, "without": losses_without}
curves = {name: np.convolve(losses, smooth, mode="valid") for name, losses in curves.items()}
curves["ln 15: nothing known"] = np.full(len(curves["without"]), np.log(15))
steps = np.arange(10, len(losses_with) + 1)
plots.lines(steps, curves, x="training step", y="loss", log_y=True, title="Learning to translate dates")

# %% [markdown]
# For about 40 steps both come down alike, to about 1: they learn what a date looks like, whichever it is. Then they part.
# With attention the loss falls slowly until about step 100, and in the next 100 steps by a factor of 20 or more: the
# decoder has found out where to look. Without, it comes down slowly, to about 0.5, the height that the other passed
# before step 100.

# %% [markdown]
# ## Accuracy as the input grows
#
# A loss is an average; what counts is a line without a mistake. The next cell translates held-out lines: none of their
# dates, and none of their spellings as a whole, occurs in training.
#
# **Predict first.** How many lines of one date does the model without attention get right? Of two? And with attention,
# of three? And what happens at four dates, which neither has ever seen?

# %%
def as_text(ids):
    """What the ids say, up to the end token."""
    said = [write_tokens[number] for number in ids]
    return "".join(said[: said.index("<end>")] if "<end>" in said else said)


def exact_match(translator, n_dates, n_lines=200):
    """The share of held-out lines of `n_dates` dates that are translated without a mistake."""
    chance = random.Random(f"{n_dates} held-out dates")
    lines = [make_line(held_out_dates, n_dates, chance) for _ in range(n_lines)]
    ids, _ = translator.translate(as_ids(lines)[0], n_max=11 * n_dates + 5)
    return np.mean([as_text(found) == iso for found, (_, iso) in zip(ids.tolist(), lines)])

# %% tags=["skip-execution"]
counts = [1, 2, 3, 4]
accuracy = {
    "with attention": [100 * exact_match(with_attention, n_dates) for n_dates in counts],
    "without": [100 * exact_match(without_attention, n_dates) for n_dates in counts],
}
for name, shares in accuracy.items():
    print(f"{name:14}:", ", ".join(f"{n_dates}: {share:.0f} %" for n_dates, share in zip(counts, shares)))
across, up = "dates in a line (training: 1 to 3)", "lines without a mistake, %"
plots.lines(counts, accuracy, x=across, y=up, title="Exact match, held-out lines")

# %% [markdown]
# With attention expect 95 % or more for one, two and three dates: longer lines cost next to nothing. Without, expect
# from 20 to 60 % for one date and at most a few per cent for two or three. What does not fit into one vector is lost, as
# in lesson 3. Would more training help it? Try `n_steps=900`: expect nearly all lines of one date to be right then, about
# half of two, and hardly any of three.
#
# Four dates are too many for both. What does the translator with attention make of them?

# %% tags=["skip-execution"]
four_dates = [make_line(held_out_dates, 4, random.Random(f"four {number}")) for number in range(2)]
for (written, iso), ids in zip(four_dates, with_attention.translate(as_ids(four_dates)[0], n_max=50)[0].tolist()):
    print(written, "\n  right:", iso, "\n  found:", as_text(ids))

# %% [markdown]
# Expect an end after three dates: one of the four is missing, or two have run into one. Attention takes the bottleneck away.
# It does not teach what training has never shown, a line that goes on.

# %% [markdown]
# ## What it learned to look at
#
# A line in three languages: German and Greek put the year last, Hungarian puts it first. Nobody has told the model what
# a month is, where a year begins, or that "; " separates dates. To compare, both maps are drawn while the decoder is
# fed what is right.
#
# **Predict first.** Rows are the characters written, columns those read. Which way does the bright line run within the
# Hungarian date? Within the German one? And what does the map look like before training?

# %%
def looks(translator, lines):
    """Where each step looks while it is fed what is right: (batch, n, n_k)."""
    read, write = as_ids(lines)
    with torch.no_grad():
        (memory, state), rows = translator.encoder(read), []
        for token in write[:, :-1].unbind(dim=1):
            _, state, weights = translator.step(token, state, memory, read != PAD)
            rows.append(weights)
    return torch.stack(rows, dim=1)

# %% tags=["skip-execution"]
torch.manual_seed(0)
untrained = Translator()  # the same seed: where the trained model began
trio = [("Dienstag, 5. März 2024; 2031. július 17.; 28 Νοεμβρίου 1996", "2024-03-05 2031-07-17 1996-11-28")]
read_characters, written_characters = (list(text.replace(" ", "␣")) for text in trio[0])
for name, translator in {"before training": untrained, "after training": with_attention}.items():
    path, labels = looks(translator, trio)[0], [*written_characters, "end"]
    plots.heatmap(path, labels, read_characters, name, x="read", y="written", values=False, limits=(0, 1))

# %% [markdown]
# Before training every character gets about its even share, one part in 59: the map is dark. After it, a path has
# appeared. In the Hungarian date it runs down to the right, as both forms begin with the year. In the German and the
# Greek date it jumps to the year at the end, then back to the left, to the month, then to the day. Digits are copied,
# so the path is sharp there. A month is known from several of its letters, and they share the weight.
#
# One line proves little. While the decoder writes a date, how much of the weight lies on that very date, over 200
# held-out lines of three?
#
# **Predict first.** Before training? After?

# %% tags=["skip-execution"]
chance = random.Random("alignment")
drawn = [chance.sample(held_out_dates, 3) for _ in range(200)]
lines_of_three = [("; ".join(written for written, _ in dates), " ".join(iso for _, iso in dates)) for dates in drawn]
for name, translator in {"before training": untrained, "after training": with_attention}.items():
    weights, on_own_date = looks(translator, lines_of_three), []
    for line, dates in enumerate(drawn):
        begin = 0
        for number, (written, _) in enumerate(dates):
            rows_of_date = weights[line, 11 * number : 11 * number + 10]  # ten characters, then a space or the end
            on_own_date.append(rows_of_date[:, begin : begin + len(written)].sum(dim=-1))
            begin += len(written) + 2
    on_own_date = torch.stack(on_own_date)  # (dates, 10)
    by_character = (100 * on_own_date.mean(dim=0)).round().int().tolist()
    print(f"{name:15}: {on_own_date.mean():.0%} on its own date; by character of the date, in %:", *by_character)

# %% [markdown]
# Before training expect about a third, an even share. After it expect 65 to 90 % over all characters, and 80 % or more
# for the last two digits of the year, the last of the month and the last of the day. Where nothing has to be found out it looks
# elsewhere more often: hyphens stand at fixed places, and the second digit follows from the first, as all years here are
# 19.. or 20... No look is needed there, so nothing taught the model a place for it.
#
# A map shows where the weight goes. Whether it matters there is another question, for lesson 18.

# %% [markdown]
# ## What you have now
#
# A model that found out where to look from pairs of question and answer alone. Nobody labelled an alignment; the
# gradient of the loss passes through the weights into $W_q$, $W_k$ and $v$, and moves them. And a measurement: with
# attention long lines are translated like short ones, without it they are not, and neither goes beyond what training
# has shown.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: softmax over the queries; weights
# transposed; padding looked at; asking with the new state; logits from the old one; targets not shifted; padding
# counted in the loss, or in the number that it is divided by; a state or token that is not fed back; an end token that
# is not heeded.
#
# **Further:** Bahdanau, Cho and Bengio (2014) drew the same maps for English and French, adjectives changing places.
# Luong, Pham and Manning (2015, *Effective approaches to attention-based neural machine translation*) ask with the new
# state and use products in place of the tanh. Here one sequence looked at another. In lesson 8 a sequence looks at
# itself, all positions at once, without a recurrent network, and "apple" gets queries and keys of its own.
