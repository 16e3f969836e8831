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
# # 17 · Applications
#
# *120 minutes · PyTorch · 10 points · builds on lessons 12, Cross-attention, 13, Local attention, and 15, The transformer block*
#
# One block, five jobs: tell whether a review is good, answer questions about a story, sum the story up, translate, and
# write down a telephone number from its tones. What has to be put around the block for each of them? And what would a
# simpler method have done?
#
# You will build `evaluate`, `classify`, `span_scores`, `best_span`, `summarize`, `beam_search` and `spectrogram`, and be able to
#
# - compare a model with what it has to beat, on data that it has not seen;
# - read a label, a place or a text out of the same encoder;
# - search for the most probable text, and say what that is good for;
# - turn sound into a sequence of vectors.
#
# Each model is trained here, in less than 30 seconds on two cores.

# %%
import math
from collections import Counter
from copy import deepcopy

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from attention_course import check, data, plots, tones

# %% [markdown]
# Given: attention in heads, both blocks, and how lesson 12 wrote and scored translations. Of a mask: `True` means *may look*.

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

# %% tags=["given"]
# given: causal_mask, CausalSelfAttention from 11_causal_attention
def causal_mask(n_q, n_k):
    """A boolean tensor (n_q, n_k), True where a query may look: at its own place and at all before it.

    The queries are the last `n_q` of `n_k` tokens, `n_q` ≤ `n_k`: query i stands at the place n_k − n_q + i.
    """
    return torch.ones(n_q, n_k, dtype=torch.bool).tril(n_k - n_q)


class CausalSelfAttention(MultiHeadAttention):
    """Self-attention in which every token looks at itself and at what stands before it."""

    def forward(self, x):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n), exactly 0 above the diagonal.

        x: (batch, n, d_model), of the module's dtype and on its device, n as large as you like.
        """
        n = x.shape[-2]
        return super().forward(x, x, x, causal_mask(n, n).to(x.device))

# %% tags=["given"]
# given: CrossAttention, DecoderBlock, translate, bleu from 12_cross_attention
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory, memory, mask)


class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; start and end differ; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))

# %% tags=["given"]
# given: LayerNorm, FeedForward, Block from 15_transformer_block
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights

# %% [markdown]
# ## What has to be beaten?
#
# A model that is right in 90 % of cases may be worth nothing: if nine of ten mails are honest, whoever says "honest"
# each time is right as often. So a number stands beside another one, that of the best rule without any learning, the
# *majority baseline*: always the answer that was most frequent in training. And both are taken on *held-out* data.

# %% [markdown]
# ### Exercise 1 · `evaluate` · 2 points · 12 minutes · easy
#
# Two shares, of the same targets: how often `predict` is right, and how often the majority baseline is. Targets may be
# one per example or many (a row of words), and then rows are filled up with `padding`, where nothing is asked and nothing
# is counted.
#
# <details><summary>Hint</summary>
#
# `asked = targets != padding` picks what counts, and `targets[asked]` is a flat list of it, whatever the shape was.
# `torch.bincount` or a `Counter` finds the most frequent one.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The accuracy is too high where rows are short:* padding was counted, and padding is easy to guess.
# - *The model is asked about examples of the training part:* a score on those says how well it remembers.
# - *The majority is another one:* it is that of the training targets, without padding; it is then tried on the held-out ones.
# </details>

# %% nbgrader={"grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    ### BEGIN SOLUTION
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "evaluate_accuracy", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
asked_about = []


def times_ten(inputs):
    """Ten times each input; what it was asked is noted."""
    asked_about.append(inputs.tolist())
    return 10 * inputs


train = (torch.tensor([7, 8, 9]), torch.tensor([70, 80, 90]))
held_out = (torch.tensor([1, 2, 3, 4]), torch.tensor([10, 20, 30, 70]))
scores = check.unchanged(evaluate, times_ten, train, held_out)
check.equal(sorted(scores), ["accuracy", "majority"], "the result is a dictionary with accuracy and majority")
check.close(float(scores["accuracy"]), 0.75, "the accuracy is the share of held-out targets that are predicted", 1e-6)
check.equal(asked_about, [[1, 2, 3, 4]], "the model is asked once, about the held-out inputs alone")
rows = (torch.tensor([[1, 2, 0], [3, 0, 0]]), torch.tensor([[10, 21, -100], [30, -100, -100]]))
check.close(float(evaluate(times_ten, train, rows)["accuracy"]), 2 / 3, "padding does not count in the accuracy", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("evaluate_accuracy")
for shape, size, padding in [((23,), 4, -100), ((7, 5), 3, -100), ((11, 3), 6, -1), ((5, 9), 4, 0), ((1, 1), 2, -100), ((40, 2), 5, 7)]:
    inputs, targets = (torch.from_numpy(rng.integers(1, size + 1, size=shape)) for _ in range(2))
    if len(shape) > 1:
        filled = torch.from_numpy(rng.random(shape) < 0.5)
        filled[:, 0] = False
        targets = torch.where(filled, torch.tensor(padding), targets)
        inputs = torch.where(filled, torch.tensor(padding), inputs)  # whoever counts padding finds it right
    asked_about.clear()

    def as_it_is(inputs):
        """The inputs; what it was asked is noted."""
        asked_about.append(inputs.tolist())
        return inputs.clone()

    hits, total = 0, 0
    for mine, wanted in zip(inputs.flatten().tolist(), targets.flatten().tolist()):
        if wanted != padding:
            hits, total = hits + (mine == wanted), total + 1
    train = (torch.from_numpy(rng.integers(1, size + 1, size=9)), torch.from_numpy(rng.integers(1, size + 1, size=9)))
    keywords = {} if padding == -100 else {"padding": padding}
    found = check.unchanged(evaluate, as_it_is, train, (inputs, targets), **keywords)
    check.close(float(found["accuracy"]), hits / total, "the accuracy is the share of targets that are predicted, padding apart, in any shape", 1e-6)
    check.equal(asked_about, [inputs.tolist()], "the model is asked once, about all held-out inputs, and never about training")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "evaluate_majority", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
train = (torch.zeros(5), torch.tensor([3, 8, 8, 8, 3]))
held_out = (torch.zeros(4), torch.tensor([3, 3, 3, 8]))
scores = check.unchanged(evaluate, lambda inputs: torch.full((4,), 5), train, held_out)
check.close(float(scores["majority"]), 0.25, "the baseline says what was most frequent in training, not in the held-out part", 1e-6)
check.close(float(scores["accuracy"]), 0.0, "the accuracy is that of the model", 1e-6)
train = (torch.zeros(2, 3), torch.tensor([[3, -100, -100], [3, -100, 8]]))
check.close(float(evaluate(lambda inputs: torch.full((4,), 5), train, held_out)["majority"]), 0.75, "padding is no answer of the baseline", 1e-6)
rows = (torch.zeros(2, 2), torch.tensor([[3, 8], [8, -100]]))
scores = evaluate(lambda inputs: torch.full((2, 2), 5), train, rows)
check.close(float(scores["majority"]), 1 / 3, "padding does not count for the baseline", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("evaluate_majority")
for n_train, shape, size, padding in [(30, (23,), 4, -100), (9, (7, 5), 3, -100), (31, (11, 3), 6, -1), (40, (5, 9), 4, 0), (2, (6,), 9, -100)]:
    answers, targets = torch.from_numpy(rng.integers(1, size + 1, size=n_train)), torch.from_numpy(rng.integers(1, size + 1, size=shape))
    if len(shape) > 1:
        targets[:, 1:] = torch.where(torch.from_numpy(rng.random((shape[0], shape[1] - 1)) < 0.6), padding, targets[:, 1:])
        answers = torch.cat([answers, torch.full((3 * n_train,), padding)])[torch.from_numpy(rng.permutation(4 * n_train))].view(-1, 2)
    seen = Counter(number for number in answers.flatten().tolist() if number != padding)
    most = min(seen, key=lambda number: (-seen[number], number))
    counted = [number for number in targets.flatten().tolist() if number != padding]
    keywords = {} if padding == -100 else {"padding": padding}
    train, held_out = (torch.zeros(answers.shape), answers), (torch.zeros(shape, dtype=torch.int64), targets)
    found = check.unchanged(evaluate, lambda inputs, never=size + 1: torch.full_like(inputs, never), train, held_out, **keywords)
    expected = sum(number == most for number in counted) / len(counted)
    check.close(float(found["majority"]), expected, "the baseline is the most frequent target of training, of equals the smallest, padding apart", 1e-6)
    check.close(float(found["accuracy"]), 0.0, "the accuracy is that of the model, not of the baseline", 1e-6)
held_out = (torch.zeros(4), torch.tensor([0, 0, 0, 2]))
for answers, expected, property in (
    ([2, 0, 2, 0], 0.75, "of equally frequent targets the baseline says the smallest, wherever it comes first"),
    ([0, 0, 0, 2, -100], 0.75, "0 is a target like any other"),
    ([-7, 2, -7, 2, 0], 0.0, "negative targets count, too"),
):
    found = evaluate(lambda inputs: torch.full((4,), 5), (torch.zeros(len(answers)), torch.tensor(answers)), held_out)
    check.close(float(found["majority"]), expected, property, 1e-6)
### END HIDDEN TESTS

# %% [markdown]
# ## One encoder for all
#
# All texts here come in sentences, and each is read in the same way. A token's vector is the sum of three: its word's,
# that of its place in the sentence, and that of its sentence, counted **from the end**, so that "the latest" is the same
# vector in every text. The first block looks within the token's own sentence (lesson 13 cut masks like this), the second
# one everywhere. So a token knows its sentence before it is asked about others.

# %%
def pad(rows):
    """(rows, longest): lists of ids as a tensor, filled up with 0."""
    return nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)


class Encoder(nn.Module):
    """States (batch, n, d_model) of ids (batch, n), 0 = padding; `full_stop` is the id that ends a sentence."""

    def __init__(self, size, full_stop, d_model=64, n_blocks=2):
        super().__init__()
        self.full_stop = full_stop
        self.words, self.places, self.sentences = nn.Embedding(size, d_model), nn.Embedding(32, d_model), nn.Embedding(12, d_model)
        for table in (self.words, self.places, self.sentences):
            nn.init.normal_(table.weight, std=0.3)
        self.blocks, self.norm = nn.ModuleList(Block(d_model, 4, 2 * d_model) for _ in range(n_blocks)), LayerNorm(d_model)

    def real(self, ids):
        """Boolean (batch, n), False at padding."""
        return ids > 0

    def embed(self, ids):
        """(x, own): vectors (batch, n, d_model), and a mask (batch, 1, n, n), True within a sentence."""
        ends = (ids == self.full_stop).long()
        before = ends.cumsum(dim=1) - ends  # sentences that ended before each token
        sentence = (ends.sum(dim=1, keepdim=True) - before).clamp(max=11)
        first = torch.cat([torch.ones_like(ends[:, :1]), ends[:, :-1]], dim=1) * torch.arange(ids.shape[1])
        place = torch.arange(ids.shape[1]) - first.cummax(dim=1).values
        own = (before[:, None, :, None] == before[:, None, None, :]) & (ids > 0)[:, None, None]
        return self.words(ids) + self.places(place.clamp(max=31)) + self.sentences(sentence), own

    def forward(self, ids):
        x, own = self.embed(ids)
        for number, block in enumerate(self.blocks):
            x, _ = block(x, own if number == 0 else self.real(ids)[:, None, None])
        return self.norm(x)


def train_model(model, loss_of, steps, seed, lr=0.004, note=lambda step: None):
    """Adam, its learning rate rising and falling (Smith and Topin, 2017); loss_of(chance) is the loss of a fresh batch.

    `note` is told the number of each step that has been done.
    """
    chance = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    for step in range(1, steps + 1):
        loss = loss_of(chance)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        note(step)
    return model.eval()

# %% [markdown]
# ## A label: is the review good?
#
# "The acting was not bad, but the plot was dull." Both opinion words are negative, one of them is negated, and the one after
# *but* counts. In the data set (`datasets/reviews.md` in the repository) no word gives the label away: each is as frequent
# in good reviews as in bad ones.
#
# To classify, read one vector from the whole text. BERT takes the state of a special first token (Devlin et al., 2018); here
# it is the mean of the states, $\bar h$, and a linear layer makes a *logit* for each class:
#
# $$\text{logits} = W \bar h + b, \qquad \bar h = \frac{1}{n} \sum_{i=1}^{n} h_i$$
#
# $n$ is the number of real tokens. Rows of a batch differ in length, and what fills them up is no part of the text.

# %% [markdown]
# ### Exercise 2 · `classify` · 1 point · 8 minutes · easy
#
# Write the formula for a batch. `real` says which states belong to tokens. The others count for nothing, whatever they hold, `nan`
# included; a text without any token has a mean of 0.
#
# <details><summary>Hint</summary>
#
# Put zeros in place of what is not real, with `masked_fill`; zero times `nan` is `nan`. Sum, and divide by the number of
# real ones, but by at least 1.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *A longer padding changes the logits:* `mean` divides by the length of the row, not by the number of tokens.
# - *nan:* multiplied by the mask, or a text without tokens was divided by 0.
# - *The shapes do not fit:* `real` needs a last dimension, `real[..., None]`, to meet the states.
# </details>

# %% nbgrader={"grade": false, "grade_id": "classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    ### BEGIN SOLUTION
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "classify_mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
states = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]], [[4.0, 0.0], [7.0, 7.0], [8.0, 8.0]]])
real = torch.tensor([[True, True, False], [True, False, False]])
weight, bias = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), torch.tensor([0.0, 10.0, 100.0])
logits = check.unchanged(classify, states, real, weight, bias)
check.shape(logits, (2, 3), "there is a logit for each class of each text")
check.close(logits, torch.tensor([[2.0, 14.0, 106.0], [4.0, 10.0, 104.0]]), "the mean is that of the real tokens, then come weight and bias")
check.close(classify(states[:, :2], real[:, :2], weight, bias), logits, "a longer padding changes nothing")
empty = classify(states, torch.zeros(2, 3, dtype=torch.bool), weight, bias)
check.close(empty, bias.expand(2, 3), "a text without any token has a mean of 0")
### BEGIN HIDDEN TESTS
rng = check.rng("classify_mean")
for batch, n, d, n_classes, (dtype, tolerance) in [
    (3, 7, 5, 2, (torch.float64, 1e-10)),
    (5, 4, 3, 7, (torch.float32, 1e-5)),
    (1, 1, 6, 3, (torch.float64, 1e-10)),
    (4, 4, 4, 4, (torch.float64, 1e-10)),
    (2, 9, 1, 1, (torch.float32, 1e-5)),
]:
    states = torch.from_numpy(rng.normal(size=(d, n, batch))).to(dtype).permute(2, 1, 0)
    weight, bias = (torch.from_numpy(rng.normal(size=size)).to(dtype) for size in ((n_classes, d), n_classes))
    real = torch.from_numpy(rng.random((batch, n)) < 0.6)
    expected = []
    for row in range(batch):
        kept = [states[row, place] for place in range(n) if real[row, place]]
        mean = sum(kept) / len(kept) if kept else torch.zeros(d, dtype=dtype)
        expected.append(torch.stack([(weight[number] * mean).sum() + bias[number] for number in range(n_classes)]))
    logits = check.unchanged(classify, states, real, weight, bias)
    check.close(logits, torch.stack(expected), "the mean is that of the real tokens, wherever they stand, in any size", tolerance)
    check.equal(str(logits.dtype), str(dtype), "the logits have the dtype of the states")
    for noise in (float("nan"), float("inf"), 1e30):
        noisy = torch.where(real[..., None], states, torch.tensor(noise, dtype=dtype))
        check.close(classify(noisy, real, weight, bias), torch.stack(expected), "whatever stands in the padding changes nothing", tolerance)
states, real = torch.from_numpy(rng.normal(size=(3, 5, 4))), torch.arange(5) < torch.tensor([[5], [2], [1]])
weight, bias, upstream = (torch.from_numpy(rng.normal(size=size)) for size in ((2, 4), 2, (3, 2)))
found = check.gradient(classify, states, real, weight, bias, output_gradient=upstream)
true = (upstream @ weight)[:, None] * real[..., None] / real.sum(dim=1)[:, None, None]
check.close(found.arguments[0], true, "every real state gets its share of the gradient, padding none", 1e-9)
mean = (states * real[..., None]).sum(dim=1) / real.sum(dim=1, keepdim=True)
check.close(found.arguments[2], upstream.T @ mean, "the weight gets the right gradient", 1e-9)
check.close(found.arguments[3], upstream.sum(dim=0), "the bias gets the right gradient", 1e-9)
check.same_device(classify, states, real, weight, bias)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Three readers learn from 4,000 reviews: one that counts words, pairs and triples of words; a recurrent
# network that reads in both directions; and the encoder. How many of 1,000 new reviews will each get right?

# %%
reviews = data.load("reviews")
review_words = ["<pad>", *sorted({word for review in reviews for word in review["tokens"]})]
review_ids = pad([[review_words.index(word) for word in review["tokens"]] for review in reviews])
good = torch.tensor([review["label"] == "positive" for review in reviews]).long()
is_new = torch.tensor([review["split"] == "held-out" for review in reviews])
review_train, review_test = (review_ids[~is_new], good[~is_new]), (review_ids[is_new], good[is_new])
print(" ".join(reviews[0]["tokens"]), "·", reviews[0]["label"])


# %% tags=["skip-execution"]
class Recurrent(Encoder):
    """The same vectors, read by a recurrent network in both directions, without attention."""

    def __init__(self, size, full_stop, d_model=64):
        super().__init__(size, full_stop, d_model, n_blocks=0)
        self.recurrent = nn.GRU(d_model, d_model // 2, bidirectional=True, batch_first=True)

    def forward(self, ids):
        return self.norm(self.recurrent(self.embed(ids)[0])[0])


class Classifier(nn.Module):
    """Logits (batch, 2) of ids, from the states of an encoder, by your `classify`."""

    def __init__(self, encoder, d_model=64):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(d_model, 2)

    def forward(self, ids):
        return classify(self.encoder(ids), ids > 0, self.head.weight, self.head.bias)


def train_classifier(make_encoder, seed=0, steps=600):
    torch.manual_seed(seed)
    model = Classifier(make_encoder(len(review_words), review_words.index(".")))

    def loss_of(chance):
        chosen = torch.randint(len(review_train[0]), (32,), generator=chance)
        return F.cross_entropy(model(review_train[0][chosen]), review_train[1][chosen])

    return train_model(model, loss_of, steps, seed)


def predict_with(model):
    """A function from inputs to the labels that a model finds most probable."""

    def predict(inputs):
        with torch.no_grad():
            return model(inputs).argmax(dim=-1)

    return predict


# %% tags=["skip-execution"]
def count_n_grams(longest=3):
    """A reader that counts n-grams of up to `longest` words, and a linear layer on the counts."""
    texts = [[review_words[number] for number in row if number] for row in review_ids.tolist()]
    grams = [[tuple(text[i : i + n]) for n in range(1, longest + 1) for i in range(len(text) - n + 1)] for text in texts]
    known = {gram: number for number, gram in enumerate(sorted({gram for row in grams for gram in row}))}
    counts = torch.zeros(len(texts), len(known))
    for row, found in enumerate(grams):
        for gram in found:
            counts[row, known[gram]] += 1
    layer = nn.Linear(len(known), 2)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.02, weight_decay=1e-4)
    for _ in range(60):
        loss = F.cross_entropy(layer(counts[~is_new]), review_train[1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lambda inputs: layer(counts[is_new]).argmax(dim=-1)  # of the held-out reviews, which `evaluate` hands over


sentiment = train_classifier(Encoder)
readers = {
    "n-grams": count_n_grams(),
    "recurrent": predict_with(train_classifier(Recurrent)),
    "attention": predict_with(sentiment),
}
kinds = [review["kind"] for review in reviews if review["split"] == "held-out"]
by_kind = {name: [] for name in readers}
for name, predict in readers.items():
    scores = evaluate(predict, review_train, review_test)
    print(f"{name:10} {scores['accuracy']:.1%} right   (majority {scores['majority']:.1%})")
    hits = predict(review_test[0]) == review_test[1]
    by_kind[name] = [hits[[one == kind for one in kinds]].float().mean().item() for kind in sorted(set(kinds))]
plots.bars(None, sorted(set(kinds)), by_kind, "Held-out reviews that are read rightly", "share")

# %% [markdown]
# Expect 81 or 82 % for the n-grams, 100 % for the recurrent network, and 95 to 99 % for attention. Counting triples finds
# *not bad*, but not which of two opinions stands after *but*. Both networks find it. And attention is not ahead: a dozen words
# are few enough for a recurrent network to carry along. That is worth knowing before one builds a transformer for short texts.

# %% [markdown]
# ## A place: where is the letter?
#
# Some questions are answered by words that stand in the text, and the answer is then two numbers: where it begins and
# where it ends. Attention already points at places. So let the weights themselves be the answer: that is a *pointer*
# (Vinyals, Fortunato and Jaitly, 2015, *Pointer networks*). One query asks for the first word, another one for the last:
#
# $$\log p_j = \log \text{softmax}_j \left( \frac{q \cdot h_j}{\sqrt d} \right)$$

# %% [markdown]
# ### Exercise 3 · `span_scores` · 1 point · 10 minutes · easy
#
# The logarithms of attention weights, for two queries per text, without any values. Places that are not allowed, such
# as padding or the question itself, get minus infinity. Where nothing is allowed all are minus infinity.
#
# <details><summary>Hint</summary>
#
# `log_softmax` is exact where `softmax(...).log()` is minus infinity. Mask before it with the lowest number of the dtype,
# and after it with minus infinity.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The probabilities of the allowed places do not add up to one:* mask before the softmax, too.
# - *nan where nothing is allowed:* a row of minus infinity has no softmax; mask with a finite number first.
# - *minus infinity for a place that is allowed:* the logarithm was taken of a probability that is 0 in floats.
# </details>

# %% nbgrader={"grade": false, "grade_id": "span_scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    ### BEGIN SOLUTION
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "span_scores_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
queries = torch.tensor([[[2.0, 0, 0, 0], [0, 2, 0, 0]], [[0, 2, 0, 0], [2, 2, 0, 0]]])  # the root of d is 2
states = F.pad(torch.tensor([[[1.0, 4.0], [3.0, 2.0], [7.0, 9.0], [4.0, 2.0], [5.0, 5.0]], [[6.0, 6.0], [1.0, 3.0], [2.0, 1.0], [8.0, 8.0], [9.0, 9.0]]]).log(), (0, 2))
allowed = torch.tensor([[True, True, False, True, False], [False, True, True, False, False]])
found = check.unchanged(span_scores, queries, states, allowed)
check.shape(found, (2, 2, 5), "there is a number for each query and place of each text")
shares = torch.tensor([[[1 / 8, 3 / 8, 0, 4 / 8, 0], [4 / 8, 2 / 8, 0, 2 / 8, 0]], [[0, 3 / 4, 1 / 4, 0, 0], [0, 3 / 5, 2 / 5, 0, 0]]])
check.close(found.exp(), shares, "their powers are the softmax of q · h by the root of d, among the places that are allowed")
check.equal(found.isneginf(), ~allowed[:, None].expand(2, 2, 5), "a place that is not allowed gets minus infinity, and no other one does")
nothing = span_scores(queries, states, torch.zeros(2, 5, dtype=torch.bool))
check.equal(nothing, torch.full((2, 2, 5), -math.inf), "where nothing is allowed all are minus infinity, not nan")
far = span_scores(400 * queries, states, allowed)
check.equal(far.isfinite(), allowed[:, None].expand(2, 2, 5), "a place that is allowed keeps its logarithm, however small its share is")
### BEGIN HIDDEN TESTS
rng = check.rng("span_scores_values")
for batch, n, d, (dtype, tolerance) in [
    (3, 7, 5, (torch.float64, 1e-10)),
    (2, 5, 3, (torch.float32, 1e-5)),
    (1, 1, 4, (torch.float64, 1e-10)),
    (5, 2, 2, (torch.float64, 1e-10)),
    (2, 2, 6, (torch.float64, 1e-10)),
]:
    queries, states = (torch.from_numpy(rng.normal(size=(d, size, batch))).to(dtype).permute(2, 1, 0) for size in (2, n))
    allowed = torch.from_numpy(rng.random((batch, n)) < 0.6)
    allowed[0, -1] = True
    expected = torch.full((batch, 2, n), -math.inf, dtype=dtype)
    for row in range(batch):
        kept = [place for place in range(n) if allowed[row, place]]
        for which in range(2):
            scores = [float((queries[row, which] * states[row, place]).sum()) / d**0.5 for place in kept]
            for place, score in zip(kept, scores):
                expected[row, which, place] = score - math.log(sum(math.exp(other) for other in scores))
    found = check.unchanged(span_scores, queries, states, allowed)
    check.equal(found.isfinite(), allowed[:, None].expand(batch, 2, n), "minus infinity stands where nothing is allowed, and there alone")
    there = found.isfinite()
    check.close(found[there], expected[there], "log-probabilities of each query among the places that are allowed, in any size", tolerance)
    check.equal(str(found.dtype), str(dtype), "the result has the dtype of the states")
queries, states = torch.zeros(1, 2, 4).double(), torch.zeros(1, 3, 4).double()
queries[..., 0], states[0, :, 0] = 2.0, torch.tensor([0.0, 1000.0, 5000.0]).double()
found = span_scores(queries, states, torch.tensor([[True, True, False]]))
check.close(found[0, 0, :2], torch.tensor([-1000.0, 0.0]), "small probabilities keep their logarithm, and large scores that are hidden do not count")
queries, states = torch.from_numpy(rng.normal(size=(2, 2, 3))), torch.from_numpy(rng.normal(size=(2, 5, 3)))
allowed, upstream = torch.arange(5) < torch.tensor([[5], [2]]), torch.from_numpy(rng.normal(size=(2, 2, 5)))
upstream = upstream * allowed[:, None]
leaves = [x.clone().requires_grad_() for x in (queries, states)]
scores = leaves[0] @ leaves[1].mT / 3**0.5
totals = (scores.exp() * allowed[:, None]).sum(dim=-1, keepdim=True).log()
true = torch.autograd.grad(((scores - totals) * upstream).sum(), leaves)
found = check.gradient(span_scores, queries, states, allowed, output_gradient=upstream).arguments
check.close(found[0], true[0], "the queries get the right gradient, and hidden places make none of it nan")
check.close(found[1], true[1], "the states get the right gradient, and hidden places make none of it nan")
some = torch.tensor([[True, False, True, True, False], [False] * 5])
found = span_scores(queries, states, some)
check.equal(found.isnan().any(), torch.tensor(False), "a row without an allowed place is minus infinity, not nan, beside others that have some")
low = span_scores(-1e6 * (1 + states[:, :2].abs()), 1 + states.abs(), some)
check.close(low[0, :, [0, 2, 3]].exp().sum(dim=-1), torch.ones(2).double(), "hidden places take nothing, however low the scores of the others", 1e-6)
half = span_scores(queries.half(), states.half(), allowed)
check.equal(str(half.dtype), "torch.float16", "half precision works, and stays half precision")
check.same_device(span_scores, queries, states, allowed)
### END HIDDEN TESTS

# %% [markdown]
# The most probable first word and the most probable last word need not fit together: each is chosen without the other, and
# the last may come before the first.

# %% [markdown]
# ### Exercise 4 · `best_span` · 1 point · 12 minutes · medium
#
# Among all pairs with first ≤ last < first + `longest`, the one with the highest sum of the two scores.
#
# <details><summary>Hint</summary>
#
# Add the two rows as a column and a row: an (n, n) array with a number for each pair. Put minus infinity where the pair is
# not allowed (`tril`, `triu`), take `argmax` of the flattened array, and split it by `//` and `%`. Two loops work as well.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The answer ends before it starts:* that pair is not allowed, however high its scores are.
# - *The first is the best one, and the last the best after it:* a pair with a lower first may have a higher sum.
# - *An answer is too long, or one word short:* `longest` counts words, both ends included.
# </details>

# %% nbgrader={"grade": false, "grade_id": "best_span", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest. The result lies on the device of the scores.
    """
    ### BEGIN SOLUTION
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "best_span_pairs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
easy = torch.tensor([[[0.0, 3.0, 0.0], [0.0, 0.0, 2.0]], [[3.0, 0.0, 0.0], [2.0, 0.0, 0.0]]])
check.equal(best_span(easy, 3), torch.tensor([[1, 2], [0, 0]]), "first and last are places, in this order, for each text; an answer of one word has one place twice")
scores = torch.tensor([[[0.0, 1.0, 5.0, 2.0, 0.0], [6.0, 4.0, 0.0, 1.0, 3.0]], [[9.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 9.0]]])
found = check.unchanged(best_span, scores, 5)
check.shape(found, (2, 2), "there is a pair for each text")
check.equal(found[0], torch.tensor([2, 4]), "the answer does not end before it starts")
check.equal(found[1], torch.tensor([0, 4]), "an answer may have `longest` words")
short = torch.tensor([[[9.0, 0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 1.0, 4.0, 9.0]]])
check.equal(best_span(short, 4)[0], torch.tensor([0, 3]), "an answer has at most `longest` words, both ends included")
check.equal(best_span(short, 1)[0], torch.tensor([0, 0]), "with a `longest` of 1 first and last are one place")
best_late = torch.tensor([[[4.0, 0.0, 5.0], [0.0, 9.0, 1.0]]])
check.equal(best_span(best_late, 3)[0], torch.tensor([0, 1]), "the sum of both counts, not the best first word alone")
check.equal(best_span(best_late - 20.0, 3)[0], torch.tensor([0, 1]), "scores are logarithms: all of them may be below 0")
hidden = torch.tensor([[[-math.inf, -9.0, -7.0, -math.inf], [-math.inf, -8.0, -9.0, -math.inf]]])
check.equal(best_span(hidden, 3)[0], torch.tensor([2, 2]), "places with minus infinity are not chosen")
### BEGIN HIDDEN TESTS
rng = check.rng("best_span_pairs")
for batch, n, longest, dtype in [
    (5, 7, 3, torch.float64),
    (4, 9, 9, torch.float32),
    (6, 11, 1, torch.float64),
    (3, 1, 2, torch.float64),
    (7, 6, 50, torch.float32),
    (2, 13, 4, torch.float64),
]:
    for low in (0.0, -1000.0):
        scores = torch.from_numpy(rng.permuted(np.arange(2 * batch * n) ** 1.1).reshape(batch, 2, n) + low).to(dtype)
        expected = []
        for row in scores.tolist():
            pairs = [(i, j) for i in range(n) for j in range(i, min(n, i + longest))]
            expected.append(max(pairs, key=lambda pair, row=row: row[0][pair[0]] + row[1][pair[1]]))
        found = check.unchanged(best_span, scores, longest)
        check.equal(found, torch.tensor(expected), "of all pairs that are allowed the one with the highest sum, in any size")
check.equal(str(found.dtype), "torch.int64", "places are integers")
hidden = torch.full((1, 2, 6), -math.inf)
hidden[0, 0, 3], hidden[0, 1, 4] = -2.0, -1.0
check.equal(best_span(hidden, 3), torch.tensor([[3, 4]]), "places that are not allowed are not chosen")
check.same_device(best_span, scores, 3)
### END HIDDEN TESTS

# %% [markdown]
# The stories (`datasets/stories.md`) ask two kinds of questions. "Where is anna?" needs the last sentence in which she goes
# somewhere. "Where is the letter?" needs two steps: who took it last, and where did that person go?
#
# **Predict first.** Naming the room that is named last is right in nearly half of the stories. Which kind will be harder for a
# recurrent network, and which for attention? The recurrent network may take twice as many steps.

# %%
START, END = 1, 2  # ids, after padding
stories = data.load("stories")
told = [" ".join(story["sentences"]).split() for story in stories]
asked = [["where", "is", story["question"].split()[-2], "?"] for story in stories]
story_words = ["<pad>", "<start>", "<end>", *sorted({word for text in (*told, *asked) for word in text} | {"has", "lies", "in"})]
story_ids = pad([[story_words.index(word) for word in (*question, *text)] for question, text in zip(asked, told)])
spans = torch.tensor([story["span"] for story in stories]) + 4  # the question stands in front
new_story = torch.tensor([story["split"] == "held-out" for story in stories])
of_person = torch.tensor([story["kind"] == "person" for story in stories])
print(" ".join(told[0]), "·", stories[0]["question"], "·", stories[0]["answer"])


# %% tags=["skip-execution"]
class Reader(nn.Module):
    """Log-probabilities (batch, 2, n) of where the answer begins and ends, by your `span_scores`."""

    def __init__(self, encoder, d_model=64):
        super().__init__()
        self.encoder, self.ask = encoder, nn.Linear(d_model, 2 * d_model)

    def forward(self, ids):
        states = self.encoder(ids)
        queries = self.ask(states[:, 2]).unflatten(1, (2, -1))  # made from the word that is asked for
        story = (ids > 0) & (torch.arange(ids.shape[1]) >= 4)
        return span_scores(queries, states, story)


def train_reader(make_encoder, curve, seed=0, steps=600):
    """A reader; every 100 steps its share of held-out questions about things goes into `curve`."""
    torch.manual_seed(seed)
    model = Reader(make_encoder(len(story_words), story_words.index(".")))
    ids, wanted = story_ids[~new_story], spans[~new_story]
    asks_for_things = new_story & ~of_person

    def loss_of(chance):
        chosen = torch.randint(len(ids), (32,), generator=chance)
        return F.cross_entropy(model(ids[chosen]).flatten(0, 1), wanted[chosen].flatten())

    def note(step):
        if step % 100 == 0:
            with torch.no_grad():
                found = best_span(model(story_ids[asks_for_things]), 5)
            curve[step] = (found == spans[asks_for_things]).all(dim=1).float().mean().item()

    return train_model(model, loss_of, steps, seed, note=note)


def right_spans(found):
    """Shares of held-out stories whose span is right: {"person": ..., "thing": ...}."""
    right = (found == spans[new_story]).all(dim=1)
    person = of_person[new_story]
    return {"person": right[person].float().mean().item(), "thing": right[~person].float().mean().item()}


def last_room():
    """The span of the room that is named last in each held-out story."""
    ends = [max(place for place, word in enumerate(text) if word == "to") for text, new in zip(told, new_story) if new]
    texts = [text for text, new in zip(told, new_story) if new]
    return torch.tensor([[end + 5, text.index(".", end) + 3] for end, text in zip(ends, texts)])


curves = {"recurrent": {}, "attention": {}}
reader = train_reader(Encoder, curves["attention"])
recurrent_reader = train_reader(Recurrent, curves["recurrent"], steps=1200)
with torch.no_grad():
    scores_of = {"recurrent": recurrent_reader(story_ids[new_story]), "attention": reader(story_ids[new_story])}
answers = {"last room": last_room()} | {name: best_span(scores, 5) for name, scores in scores_of.items()}
for name, found in answers.items():
    both = (found == spans[new_story]).all(dim=1).float().mean()
    print(f"{name:10} {both:.0%} right:", {kind: f"{share:.0%}" for kind, share in right_spans(found).items()})
for name, scores in scores_of.items():
    each = scores.argmax(dim=-1)
    print(f"{name:10} each end chosen by itself: {(each[:, 1] < each[:, 0]).float().mean():.1%} end before they start")
for name, curve in curves.items():
    print(f"{name:10} 90 % of the questions about things after {next((step for step, share in curve.items() if share >= 0.9), math.inf)} steps")
plots.lines({name: list(curve) for name, curve in curves.items()}, {name: list(curve.values()) for name, curve in curves.items()}, "training steps", "share right", title='Held-out questions such as "where is the letter?"')

# %% [markdown]
# Expect 45 % for the last room, 95 to 97 % for the recurrent network, 97 to 100 % for attention. In the end the two are nearly level: a
# story is short enough to be carried along. The road there differs. "Where is the letter?" takes two steps: who has it, and where did
# that person go? Two blocks are two steps, and attention has 90 % of these questions right after 300 to 500 steps of training. The
# recurrent network needs 900 to 1,100. After 600, where attention stopped, it has little more than half.
#
# Chosen each by itself, about one answer in a hundred, or fewer, would end before it starts. The picture shows the two pointers in one story.

# %% tags=["skip-execution"]
place = next(number for number, story in enumerate(stories) if story["split"] == "held-out" and story["kind"] == "thing")
n = 4 + len(told[place])
_, panel = plt.subplots(figsize=(12, 2.4), layout="constrained")
probabilities = scores_of["attention"][place, :, 4:n].exp()
plots.heatmap(probabilities, ["first", "last"], told[place], stories[place]["question"], panel, values=False, x="word of the story", y="", label="probability")

# %% [markdown]
# ## A text: sum it up
#
# A summary is written, not found: an encoder reads, a decoder writes and looks into what was read, as in lesson 12.
# Greedy decoders like to say the same thing twice. Paulus, Xiong and Socher (2017, *A deep reinforced model for abstractive
# summarization*) forbid it: no run of three words may come twice. That is a rule for writing, and needs no training.

# %% [markdown]
# ### Exercise 5 · `summarize` · 2 points · 20 minutes · hard
#
# Write greedily, as lesson 12's `translate` does, but never a word that would complete a run of `n_gram` words which the row
# has already. `start` does not belong to the row. `end` is always allowed.
#
# <details><summary>Hint</summary>
#
# Before each step, for each row: with its last `n_gram` − 1 words in mind, look where the same words stand earlier; the
# words that followed them there are forbidden. Put minus infinity into a copy of their logits. With `n_gram` 1 every
# word that was written is forbidden.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *A run comes twice:* compare the last `n_gram` − 1 words with all earlier places, not with the one before alone.
# - *A row is cut short by what another wrote:* each row has runs of its own.
# - *With `n_gram` 1 nothing is forbidden:* in Python `row[-0:]` is the whole row.
# </details>

# %% nbgrader={"grade": false, "grade_id": "summarize", "locked": false, "schema_version": 3, "solution": true, "task": false}
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "summarize_runs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def as_memory(source):
    """The memory is the source itself."""
    return source


def round_and_round(ids, memory):
    """Likeliest is 1, 2, 3, 1, 2, 3 and so on; after that 4, 5 and the end, which is 0."""
    turn = torch.tensor([0, 2, 3, 1, 1, 0])[ids]
    logits = torch.tensor([0.1, 0.0, 0.0, 0.0, 0.3, 0.2]).expand(*ids.shape, 6)
    return logits + F.one_hot(turn, 6)


written = check.unchanged(summarize, as_memory, round_and_round, torch.tensor([[7]]), 3, 0, 12)
check.equal(list(written[0]), [1, 2, 3, 1, 2, 4, 1, 2, 5], "no run of three comes twice: the next best is written in its place")
written = summarize(as_memory, round_and_round, torch.tensor([[7]]), 3, 0, 12, n_gram=2)
check.equal(list(written[0]), [1, 2, 3, 1, 4, 1, 5], "no run of `n_gram` ids comes twice")
written = summarize(as_memory, round_and_round, torch.tensor([[7], [7]]), 3, 0, 12, n_gram=1)
check.equal([list(row) for row in written], [[1, 2, 3, 4, 5]] * 2, "with an n_gram of 1 no id comes twice")
written = summarize(as_memory, round_and_round, torch.tensor([[7]]), 3, 0, 8, n_gram=9)
check.equal(list(written[0]), [1, 2, 3, 1, 2, 3, 1, 2], "what is shorter than a run may come again, up to `longest`")
### BEGIN HIDDEN TESTS
rng = check.rng("summarize_runs")
for batch, size, longest, n_gram in [(3, 5, 20, 3), (2, 4, 15, 2), (5, 7, 12, 1), (1, 3, 30, 3), (4, 6, 25, 4), (3, 3, 9, 2)]:
    table = torch.from_numpy(rng.normal(size=(size, size)))
    table[:, 0] -= 2.5  # the end comes late
    source = torch.from_numpy(rng.integers(size, size=(batch, 2)))

    def encode(source, table=table):
        return table[source].sum(dim=1)  # (batch, size)

    def decode(ids, memory, table=table):
        return 2 * table[ids] + memory[:, None]

    expected = []
    for row in source:
        ids, memory = [size - 1], sum(table[one] for one in row)
        while len(ids) <= longest and (len(ids) == 1 or ids[-1] != 0):
            scores, best = 2 * table[ids[-1]] + memory, None
            for number in range(size):
                run = [*ids[1:], number][-n_gram:]
                twice = len(run) == n_gram and any(ids[place : place + n_gram] == run for place in range(1, len(ids) - n_gram + 1))
                if (number == 0 or not twice) and (best is None or scores[number] > scores[best]):
                    best = number
            ids.append(best)
        expected.append([one for one in ids[1:] if one != 0])
    written = check.unchanged(summarize, encode, decode, source, size - 1, 0, longest, n_gram)
    check.equal([list(row) for row in written], expected, "in each row the likeliest id that completes no run for the second time, in any size")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "summarize_asks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
encoded, decoded = [], []


def encode_noted(source):
    """The memory is a pair; what was asked is noted."""
    encoded.append(source.tolist())
    return source, source + 1


def decode_noted(ids, memory):
    """Counts up to the number in the source, then 0; what it was asked is noted."""
    decoded.append(ids.tolist())
    return F.one_hot(torch.where(ids == memory[0], torch.zeros_like(ids), ids + 1), 12).float()


written = summarize(encode_noted, decode_noted, torch.tensor([[3], [2]]), 1, 0, 9)
check.equal([list(row) for row in written], [[2, 3], [2]], "each row is written up to its own end")
check.equal(encoded, [[[3], [2]]], "the source is encoded once, all rows together")
check.equal([ids[0] for ids in decoded], [[1], [1, 2], [1, 2, 3]], "the decoder is given all ids so far, and no more once all have ended")
### BEGIN HIDDEN TESTS
rng = check.rng("summarize_asks")
for batch, longest in [(3, 9), (2, 4), (6, 15), (1, 7)]:
    encoded.clear(), decoded.clear()
    source = torch.from_numpy(rng.integers(2, 11, size=(batch, 1)))
    written = summarize(encode_noted, decode_noted, source, 1, 0, longest)
    check.equal(encoded, [source.tolist()], "the source is encoded once, all rows together")
    check.equal(len(decoded), min(longest, int(source.max())), "the decoder is asked until all rows have ended, or `longest` times")
    check.equal([[len(row) for row in ids] for ids in decoded], [[step] * batch for step in range(1, len(decoded) + 1)], "the decoder is given all ids so far")
    check.equal([row[0] for ids in decoded for row in ids], [1] * batch * len(decoded), "every row begins with `start`")
    check.equal([list(row) for row in written], [list(range(2, number + 1))[:longest] for number in source[:, 0].tolist()], "any end is found, and what follows it is left out")


def low_logits(ids, memory):
    """All logits are far below 0; after id 1 comes 2, after 2 the end, which is 3."""
    return F.one_hot((ids + 1) % 5, 5).double() - 1e9


written = summarize(lambda source: None, low_logits, torch.zeros(2, 3, dtype=torch.int64), 1, 3, 6)
check.equal([list(row) for row in written], [[2], [2]], "the highest logit counts, whatever its size, and any id may be the end")
### END HIDDEN TESTS

# %% [markdown]
# The summary of a story says who has the thing, or where it lies, and which room that is. In news the first sentence is
# often a good summary, and copying it is the baseline that is hard to beat there. Another baseline is lesson 03's: one recurrent
# network reads, and another one writes from what the first remembers at its end.
#
# The encoder need not begin anew. It starts as a copy of the reader's, which knows already who went where, and the story
# again has a question in front, that for the thing: *transfer*, as BERT made it common (Devlin et al., 2018).
#
# **Predict first.** How often will the recurrent network's summaries be right in every word? And what does forbidding runs of
# one, two or three words do?

# %% tags=["skip-execution"]
class Writer(nn.Module):
    """Logits for each next word, from what an encoder made of the source, or, with `one_vector`, from its mean."""

    def __init__(self, encoder, size, one_vector=False, n_heads=4, n_blocks=1, d_model=64):
        super().__init__()
        self.encoder, self.one_vector = encoder, one_vector
        self.words, self.places = nn.Embedding(size, d_model), nn.Embedding(32, d_model)
        for table in (self.words, self.places):
            nn.init.normal_(table.weight, std=0.3)
        self.blocks = nn.ModuleList(DecoderBlock(d_model, n_heads, 2 * d_model) for _ in range(n_blocks))
        self.norm, self.out = LayerNorm(d_model), nn.Linear(d_model, size)

    def encode(self, source):
        """(memory, memory_mask), what the decoder looks into."""
        states, real = self.encoder(source), self.encoder.real(source)
        if not self.one_vector:
            return states, real
        mean = states.masked_fill(~real[..., None], 0).sum(dim=1, keepdim=True) / real.sum(dim=1)[:, None, None]
        return mean, real[:, :1]

    def decode(self, ids, memory):
        """Logits (batch, n, size), and nothing else: what `translate` and `summarize` ask for."""
        return self.out(self.norm(self.look(ids, memory)[0]))

    def look(self, ids, memory):
        """States of what is written so far, and where the last block looks."""
        x = self.words(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x, weights = block(x, *memory)
        return x, weights

    def forward(self, source, written):
        return self.decode(written, self.encode(source))


class RecurrentWriter(nn.Module):
    """A writer without attention: the writing network begins with what the reading one remembers (Sutskever, Vinyals and Le, 2014)."""

    def __init__(self, encoder, size, d_model=64, d_state=128):
        super().__init__()
        self.encoder = encoder  # its vectors alone are used, none of its blocks
        self.read = nn.GRU(d_model, d_state // 2, bidirectional=True, batch_first=True)
        self.words, self.write, self.out = nn.Embedding(size, d_model), nn.GRU(d_model, d_state, batch_first=True), nn.Linear(d_state, size)

    def encode(self, source):
        """The memory, (1, batch, d_state): the last state of each direction, side by side."""
        x, lengths = self.encoder.embed(source)[0], self.encoder.real(source).sum(dim=1)
        last = self.read(nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))[1]
        return torch.cat([last[0], last[1]], dim=1)[None]

    def decode(self, ids, memory):
        return self.out(self.write(self.words(ids), memory)[0])

    def forward(self, source, written):
        return self.decode(written, self.encode(source))


def train_writer(model, source, written, steps, batch, seed, lr=0.004):
    """A writer, trained to name each next word; 0 is padding."""

    def loss_of(chance):
        chosen = torch.randint(len(source), (batch,), generator=chance)
        texts, wanted = source[chosen], written[chosen]
        texts = texts[:, : int(model.encoder.real(texts).sum(dim=1).max())]
        wanted = wanted[:, : int((wanted > 0).sum(dim=1).max())]
        return F.cross_entropy(model(texts, wanted[:, :-1]).flatten(0, 1), wanted[:, 1:].flatten(), ignore_index=0)

    return train_model(model, loss_of, steps, seed, lr)


summaries = [story["summary"].split() for story in stories]
summary_ids = pad([[START, *(story_words.index(word) for word in text), END] for text in summaries])
topics = [text[text.index("the") + 1] for text in summaries]
topic_ids = pad([[story_words.index(word) for word in ("where", "is", topic, "?", *text)] for topic, text in zip(topics, told)])


def train_summarizer(make_writer, seed=0, steps=700):
    torch.manual_seed(seed)
    return train_writer(make_writer(), topic_ids[~new_story], summary_ids[~new_story], steps, 48, seed, lr=0.003)


def in_words(rows, words):
    return [[words[number] for number in row] for row in rows]


# %% tags=["skip-execution"]
references = [text for text, new in zip(summaries, new_story) if new]
summarizer = train_summarizer(lambda: Writer(deepcopy(reader.encoder), len(story_words), n_blocks=2))
recurrent_summarizer = train_summarizer(lambda: RecurrentWriter(deepcopy(recurrent_reader.encoder), len(story_words)), steps=500)
written = {"first sentence": [story["sentences"][0].split() for story in stories if story["split"] == "held-out"]}
for name, model in {"recurrent": recurrent_summarizer, "attention": summarizer}.items():
    written[name] = in_words(summarize(model.encode, model.decode, topic_ids[new_story], START, END, 16), story_words)
for name, texts in written.items():
    exact = sum(text == reference for text, reference in zip(texts, references)) / len(references)
    print(f"{name:15} {exact:.0%} right in every word, BLEU {bleu(texts, references):.2f}")
for n_gram in (1, 2, 3, 99):
    texts = in_words(summarize(summarizer.encode, summarizer.decode, topic_ids[new_story][:200], START, END, 16, n_gram), story_words)
    print(f"no run of {n_gram} twice: BLEU {bleu(texts, references[:200]):.2f}, such as: {' '.join(texts[0])}")

# %% [markdown]
# Expect 97 to 100 % right in every word with attention, 10 to 16 % for the recurrent pair, and 0 % for the first sentence. The pair knows who
# has the thing and guesses the room. Its BLEU is 0.6 to 0.7 all the same: most words of a wrong summary are right. BLEU counts
# words, not truth.
#
# The rule against repetition changes nothing with two words or three: this writer does not repeat itself. With one it does harm,
# since a name has to be said twice. The picture shows the last of the two blocks, the mean of its heads: the room is copied from where it stands.
#
# With one head in place of four some starts stopped at a third or two thirds of the summaries: four are there for safety.

# %% tags=["skip-execution"]
with torch.no_grad():
    memory = summarizer.encode(topic_ids[:1])
    looks = summarizer.look(summary_ids[:1, :-1], memory)[1][0].mean(dim=0)  # (n, n_story)
_, panel = plt.subplots(figsize=(12, 4.2), layout="constrained")
n = len(summaries[0])
plots.heatmap(looks[:n, 4 : 4 + len(told[0])], summaries[0], told[0], "Where the writer looks for each word", panel, values=False, x="word of the story", y="word written")

# %% [markdown]
# ## A translation: the most probable one
#
# A model gives each sentence a probability, the product of those of its words. Greedy decoding takes the best word at each
# step, and may miss the best sentence: a good first word can lead into a bad second one. *Beam search* keeps several
# beginnings, the *beam*, and goes on with all of them. It is older than neural networks (Lowerre, 1976, *The Harpy speech
# recognition system*).
#
# Long sentences multiply more numbers below one, so that short ones have an advantage. Wu et al. (2016, *Google's neural
# machine translation system*) divide the sum of the logarithms by a power of the length:
#
# $$\text{score} = \frac{1}{n^{\alpha}} \sum_{t=1}^{n} \log p(y_t \mid y_{<t}, x)$$

# %% [markdown]
# ### Exercise 6 · `beam_search` · 2 points · 25 minutes · hard
#
# Begin with one beginning, `start`. At each step ask `decode` once for all beginnings of the beam, and make all their
# continuations by one word. The `width` with the highest sums of log-probabilities are kept. Those of them that ended in `end`
# are finished and leave the beam; the next step goes on with the others. Stop when the beam is empty, or after `longest`
# steps; what is not finished then counts as it stands. Return the one with the highest score, $n$ being the number of
# its words, `end` included.
#
# <details><summary>Hint</summary>
#
# Keep the beam as a list of pairs (ids, sum), and the finished ones in another list. Logits become log-probabilities by
# `log_softmax`. `sorted(..., key=..., reverse=True)[:width]` keeps the best.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The sum is off:* logits are not log-probabilities; the sum includes that of `end`.
# - *With a width of 1 it is not greedy:* one continuation is kept in all, not one for each word.
# - *A finished sentence is lost:* keep it when it leaves the beam, though later sums may be higher.
# - *alpha changes the beam:* it decides at the end alone, between the sentences that were found.
# </details>

# %% nbgrader={"grade": false, "grade_id": "beam_search", "locked": false, "schema_version": 3, "solution": true, "task": false}
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    ### BEGIN SOLUTION
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "beam_search_finds", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def two_ways(ids):
    """Id 1 is the better first one, id 2 leads to better sentences; 0 is the end, 3 the start."""
    after = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.1, 0.4, 0.3, 0.2], [0.9, 0.05, 0.03, 0.02], [0.01, 0.55, 0.42, 0.02]])
    return after.log()[ids[:, -1]] + 5.0  # logits: their powers do not add up to one


found, total = check.unchanged(beam_search, two_ways, 3, 0, 2, 4)
check.equal(list(found), [2], "the beam finds a sentence that greedy decoding misses")
check.close(float(total), math.log(0.42 * 0.9), "the total is the sum of log-probabilities, that of the end included", 1e-5)
found, total = beam_search(two_ways, 3, 0, 1, 3)
check.equal(list(found), [1, 1, 1], "with a width of 1 it is greedy, and what is not finished counts as it stands")
check.close(float(total), math.log(0.55 * 0.4 * 0.4), "the total is the sum of log-probabilities", 1e-5)
### BEGIN HIDDEN TESTS
rng = check.rng("beam_search_finds")
outcomes = []
for size, width, longest, late in [(5, 1, 9, 1.0), (4, 2, 6, 0.0), (6, 3, 7, 1.0), (3, 5, 8, 0.5), (7, 4, 5, 2.0), (5, 2, 1, 0.0), (4, 300, 4, 0.0)] * 4:
    first = torch.from_numpy(rng.normal(size=size))
    table = torch.from_numpy(1.5 * rng.normal(size=(size, size, size)))
    start, end = (int(number) for number in rng.choice(size, size=2, replace=False))
    table[..., end] -= late
    first[end] -= late
    sizes_asked = []

    def decode(ids, table=table, first=first, sizes_asked=sizes_asked):
        """Depends on the last two ids; each row is off by a number of its own."""
        sizes_asked.append(tuple(ids.shape))
        if ids.shape[1] == 1:
            return first.expand(len(ids), -1) + 3
        return table[ids[:, -2], ids[:, -1]] + ids.sum(dim=1, keepdim=True)

    def log_shares(numbers):
        powers = [math.exp(number) for number in numbers]
        return [math.log(power / sum(powers)) for power in powers]

    beam, done, steps = [((), 0.0)], [], 0
    while beam and steps < longest:
        steps += 1
        grown = []
        for row, total in beam:
            seen = (start, *row)
            numbers = first.tolist() if not row else table[seen[-2], seen[-1]].tolist()
            grown += [((*row, number), total + share) for number, share in enumerate(log_shares(numbers))]
        grown.sort(key=lambda pair: -pair[1])
        done += [pair for pair in grown[:width] if pair[0][-1] == end]
        beam = [pair for pair in grown[:width] if pair[0][-1] != end]
    best = max(done + beam, key=lambda pair: pair[1])
    found, total = check.unchanged(beam_search, decode, start, end, width, longest)
    outcomes.append((list(found), float(total), [number for number in best[0] if number != end], best[1], sizes_asked, steps, width))
for ids, _, best_ids, *_ in outcomes:
    check.equal(ids, best_ids, "of the sentences that the beam finds the most probable one, for any width")
for _, total, _, best_total, *_ in outcomes:
    check.close(total, best_total, "the total is its sum of log-probabilities, for any width", 1e-6)
for *_, sizes_asked, steps, width in outcomes:
    check.equal(len(sizes_asked) <= steps, True, "it stops when the beam is empty, or after `longest` steps")
    check.equal([n for _, n in sizes_asked], list(range(1, len(sizes_asked) + 1)), "the model is asked once a step, for all beginnings together")
    check.equal(max(k for k, _ in sizes_asked) <= width, True, "the beam has at most `width` beginnings")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "beam_search_length", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
def short_or_long(ids):
    """The end at once, 0.4, or four times id 1, 0.6 · 0.8 · 0.8 · 0.8, and the end after that; 0 is the end, 3 the start."""
    n = ids.shape[1]
    shares = {1: [0.4, 0.6, 0.0, 0.0], 5: [1.0, 0.0, 0.0, 0.0]}.get(n, [0.2, 0.8, 0.0, 0.0])
    return (torch.tensor(shares) + 1e-9).log().expand(len(ids), 4)


check.equal(list(beam_search(short_or_long, 3, 0, 3, 9)[0]), [], "without alpha the most probable sentence is returned, however short")
found, total = beam_search(short_or_long, 3, 0, 3, 9, alpha=1.0)
check.equal(list(found), [1, 1, 1, 1], "with alpha a total is divided by a power of the length, so that long sentences have a chance")
check.close(float(total), math.log(0.6 * 0.8**3), "the total that is returned is not divided", 1e-5)


def one_or_three(ids):
    """Id 1 and the end, 0.4; or three times id 1 and the end, 0.6 · 0.55."""
    shares = [[0.0, 1.0, 0.0, 0.0], [0.4, 0.6, 0.0, 0.0], [0.0, 0.55, 0.45, 0.0], [1.0, 0.0, 0.0, 0.0]]
    return (torch.tensor(shares[ids.shape[1] - 1]) + 1e-9).log().expand(len(ids), 4)


for alpha, expected in ((0.25, [1]), (0.3, [1, 1, 1])):  # ln 0.4 / 2 ** alpha against ln 0.33 / 4 ** alpha
    found, _ = beam_search(one_or_three, 3, 0, 2, 4, alpha)
    check.equal(list(found), expected, "the total is divided by n ** alpha, n being the number of words, the end included and the start not")
### BEGIN HIDDEN TESTS
rng = check.rng("beam_search_length")
for size, width, longest in [(5, 3, 8), (4, 6, 7), (6, 2, 9), (3, 4, 10), (5, 5, 6)]:
    table = torch.from_numpy(rng.normal(size=(longest + 2, size)))
    table[:, 0] += 0.7  # the end is likely
    beam, done = [((), 0.0)], []
    for step in range(longest):
        shares = table[step].log_softmax(dim=0).tolist()
        grown = sorted((((*row, number), total + share) for row, total in beam for number, share in enumerate(shares)), key=lambda pair: -pair[1])
        done += [pair for pair in grown[:width] if pair[0][-1] == 0]
        beam = [pair for pair in grown[:width] if pair[0][-1] != 0]
        if not beam:
            break
    for alpha in (0.0, 0.4, 1.0, 2.0):
        best = max(done + beam, key=lambda pair, alpha=alpha: pair[1] / len(pair[0]) ** alpha)
        found, total = beam_search(lambda ids, table=table: table[ids.shape[1] - 1].expand(len(ids), -1), size - 1, 0, width, longest, alpha)
        check.equal(list(found), [number for number in best[0] if number != 0], "alpha decides between the sentences that were found, by their length with the end")
        check.close(float(total), best[1], "the total that is returned is not divided, whatever alpha is", 1e-6)
### END HIDDEN TESTS

# %% [markdown]
# English to French again, with the encoder of this lesson. Without attention: word for word, each by its most frequent
# translation (the data set says which words belong together), and a recurrent pair. In between stands a writer that sees one
# vector, the mean of the encoder's states: attention reads for it, but it cannot look back itself.
#
# **Predict first.** A beam of 5 finds sentences that are more probable than the greedy ones. In how many of 100 cases?
# And how much better does BLEU become, for the writer with attention and for the one with one vector?

# %%
phrases = data.load("phrases")
english_words, french_words = (
    ["<pad>", "<start>", "<end>", *sorted({word for row in phrases for word in row[language].split()})] for language in ("english", "french")
)
english = pad([[english_words.index(word) for word in row["english"].split()] for row in phrases])
french = pad([[START, *(french_words.index(word) for word in row["french"].split()), END] for row in phrases])
new_phrase = torch.tensor([row["split"] == "held-out" for row in phrases])
wanted_french = [row["french"].split() for row in phrases if row["split"] == "held-out"]


# %% tags=["skip-execution"]
def train_translator(kind=Writer, seed=0, steps=800, **settings):
    torch.manual_seed(seed)
    model = kind(Encoder(len(english_words), full_stop=-1), len(french_words), **settings)
    return train_writer(model, english[~new_phrase], french[~new_phrase], steps, 32, seed)


def word_for_word():
    """Each held-out sentence, every word by the French one that it most often belongs to in training."""
    pairs = Counter()
    for row in phrases:
        if row["split"] == "train":
            source, target = row["english"].replace("'s", " 's").split(), row["french"].split()
            pairs.update((source[int(place)], word) for place, word in zip(row["alignment"].split(), target))
    best = {one: other for (one, other), _ in reversed(pairs.most_common())}
    return [[best.get(word, word) for word in row["english"].replace("'s", " 's").split()] for row in phrases if row["split"] == "held-out"]


translators = {"one vector": train_translator(one_vector=True), "attention": train_translator()}
in_french = {"word for word": word_for_word()}
for name, model in {"recurrent": train_translator(RecurrentWriter), **translators}.items():
    in_french[name] = in_words(translate(model.encode, model.decode, english[new_phrase], START, END, 24), french_words)
for name, texts in in_french.items():
    exact = sum(text == reference for text, reference in zip(texts, wanted_french)) / len(wanted_french)
    print(f"{name:14} {exact:.0%} right in every word, BLEU {bleu(texts, wanted_french):.2f}")


# %% tags=["skip-execution"]
def with_beam(model, width, count=100, alpha=0.0):
    """(sentences in words, their totals) of the first held-out phrases."""
    found = []
    with torch.no_grad():
        for row in english[new_phrase][:count]:
            memory, mask = model.encode(row[row > 0][None])

            def following(ids, memory=memory, mask=mask):
                return model.decode(ids, (memory.expand(len(ids), -1, -1), mask.expand(len(ids), -1)))[:, -1]

            found.append(beam_search(following, START, END, width, 24, alpha))
    return in_words([ids for ids, _ in found], french_words), torch.tensor([total for _, total in found])


for name, model in translators.items():
    (greedy, totals), (wide, higher) = with_beam(model, 1), with_beam(model, 5)
    better = (higher > totals + 1e-6).float().mean()
    print(f"{name:10} a beam of 5 finds a more probable sentence in {better:.0%};", end=" ")
    print(f"BLEU greedy {bleu(greedy, wanted_french[:100]):.3f}, with the beam {bleu(wide, wanted_french[:100]):.3f}")

# %% [markdown]
# Expect 93 to 96 % right in every word and a BLEU of 0.97 or 0.98 with attention; 3 to 5 % and about 0.15 for the recurrent pair; 21 to 23 % and 0.4 with one vector; 6 % and 0.18 word for word.
#
# The beam finds something more probable in 0 to 4 % of cases for the model with attention, whose BLEU moves by less than 0.01,
# up or down. It does in about half of the cases for the one with one vector, and BLEU rises by a few hundredths at most. A model that is
# sure leaves nothing to search for.
#
# More probable is not better. Stahlberg and Byrne (2019, *On NMT search errors and model errors: cat got your tongue?*) searched
# a large model exactly: for more than half of its sentences the most probable translation was the empty one. That is what alpha is for.

# %% [markdown]
# ## A sound: which number was that?
#
# Every key of a telephone sounds two frequencies at once, one for its row and one for its column. The sounds here
# (`datasets/tones.md`) are numbers as people key them in: a star takes back the digit before it.
#
# 8,000 numbers a second are no sequence to look at. So cut the sound into overlapping *frames*, fade each in and out, and
# measure how much of each frequency is in it: the *spectrogram*.
#
# $$S_{t,f} = \Big| \sum_{s=0}^{N-1} w_s \, x_{tH+s} \, e^{-2\pi i f s / N} \Big|^2, \qquad w_s = \tfrac12 - \tfrac12 \cos \frac{2\pi s}{N}$$
#
# $N$ is the size of a frame, $H$, the *hop*, the distance from one frame to the next, $w$ Hann's window.

# %% [markdown]
# ### Exercise 7 · `spectrogram` · 1 point · 15 minutes · medium
#
# Write the formula, for $f = 0, \dots, N/2$ (rounded down). Only whole frames count: nothing is added at the ends.
#
# <details><summary>Hint</summary>
#
# `sound.unfold(-1, size, hop)` has the frames as rows. `torch.fft.rfft` does the sum for all f at once, and
# `.abs().square()` is the power. The window begins with 0 and does not end with 0: it is that of length $N$, not $N - 1$.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *A pure tone fills many frequencies:* the window is missing.
# - *One frame too many or too few:* there are 1 + (n − N) // H.
# - *The last numbers are slightly off:* `torch.hann_window` is right if it gets the dtype of the sound; `numpy.hanning` ends with 0.
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectrogram", "locked": false, "schema_version": 3, "solution": true, "task": false}
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    Dtype and device are those of the sound.
    """
    ### BEGIN SOLUTION
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "spectrogram_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
seconds = torch.arange(64) / 64
tone = torch.sin(2 * math.pi * 8 * seconds)  # 8 periods in 64 numbers: 2 in each frame of 16
found = check.unchanged(spectrogram, tone, 16, 8)
check.shape(found, (7, 9), "there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies")
check.close(found[0, :5], torch.tensor([0.0, 4.0, 16.0, 4.0, 0.0]), "a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window", tolerance=1e-4)
check.close(found[:, 2], torch.full((7,), 16.0), "every frame of a steady tone has the same power", tolerance=1e-3)
late = torch.cat([torch.zeros(32), tone[:32]])
check.close(spectrogram(late, 16, 16)[:, 2], torch.tensor([0.0, 0.0, 16.0, 16.0]), "frames come one after another, `hop` apart", tolerance=1e-3)
check.library("stft", "Spectrogram", used_by=spectrogram)
### BEGIN HIDDEN TESTS
rng = check.rng("spectrogram_values")
for front, n, size, hop, (dtype, tolerance) in [
    ((), 50, 16, 5, (torch.float64, 1e-9)),
    ((3,), 41, 12, 7, (torch.float64, 1e-9)),
    ((2, 3), 29, 9, 4, (torch.float64, 1e-9)),
    ((2,), 16, 16, 3, (torch.float64, 1e-9)),
    ((1, 2), 37, 8, 11, (torch.float32, 1e-3)),
    ((4,), 23, 2, 1, (torch.float64, 1e-9)),
]:
    sound = torch.from_numpy(rng.normal(size=(*front, n))).to(dtype)
    places, frames = np.arange(size), 1 + (n - size) // hop
    waves = np.exp(-2j * math.pi * np.outer(np.arange(size // 2 + 1), places) / size) * (0.5 - 0.5 * np.cos(2 * math.pi * places / size))
    pieces = np.stack([sound.double().numpy()[..., hop * t : hop * t + size] for t in range(frames)], axis=-2)
    expected = np.abs(pieces @ waves.T) ** 2
    found = check.unchanged(spectrogram, sound, size, hop)
    check.shape(found, (*front, frames, size // 2 + 1), "the result has the shape (..., frames, size // 2 + 1), in any size")
    check.close(found, torch.from_numpy(expected).to(dtype), "power of each frequency in each frame, by the formula, in any size", tolerance)
    check.equal(str(found.dtype), str(dtype), "the dtype is kept")
check.same_device(spectrogram, sound, 8, 4)
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Which keys were pressed here? Count the bars first.

# %%
drawn, new = tones.split(tones.draw(3500, seed=0, n_digits=(2, 4)))  # no number stands in both
SIZE, HOP, LOWEST, HIGHEST = 256, 240, 16, 56  # frames of 32 ms, every 30 ms; 500 to 1,750 hertz
shown = next(number for number, pressed in enumerate(new.pressed) if "*" in pressed and len(pressed) > 4)
sound = torch.from_numpy(new.sounds[shown, : new.lengths[shown]])
power = spectrogram(sound, SIZE, 40).log10().T.flip(0)
_, panel = plt.subplots(figsize=(11, 3.4), layout="constrained")
image = panel.imshow(power[-HIGHEST:-LOWEST].numpy(), aspect="auto", extent=(0, len(sound) / tones.RATE, LOWEST * 31.25, HIGHEST * 31.25), vmin=-1)
panel.set(xlabel="seconds", ylabel="hertz", yticks=[697, 770, 852, 941, 1209, 1336, 1477], title="Two frequencies for each key")
plt.colorbar(image, label="power, log10")
print(f"the {len(new.pressed[shown])} keys are named after the next training")

# %% [markdown]
# The writer is the same; only what it reads is new. A frame of the spectrogram takes the place of a word's vector, and
# the first block looks two frames to each side.
#
# Without attention: a network that names a digit or nothing in each frame, of which it sees seven, trained with
# *connectionist temporal classification* (Graves et al., 2006), which adds up all ways to place the digits in time.

# %% tags=["skip-execution"]
def frames_of(sounds):
    """(n, frames, 40): logarithms of the power, with nan in frames that are not all sound."""
    power = (spectrogram(torch.from_numpy(sounds.sounds), SIZE, HOP)[..., LOWEST:HIGHEST] + 1e-2).log()
    inside = torch.arange(power.shape[1]) <= torch.from_numpy(sounds.lengths - SIZE)[:, None] // HOP
    return ((power - 1.0) / 3.0).masked_fill(~inside[..., None], math.nan)


class Listener(nn.Module):
    """States (batch, frames, d_model) of a spectrogram; the first block looks two frames to each side."""

    def __init__(self, d_model=64, n_blocks=2):
        super().__init__()
        self.project, self.places = nn.Linear(HIGHEST - LOWEST, d_model), nn.Parameter(0.3 * torch.randn(100, d_model))
        self.blocks, self.norm = nn.ModuleList(Block(d_model, 4, 2 * d_model) for _ in range(n_blocks)), LayerNorm(d_model)

    def real(self, frames):
        return ~frames[..., 0].isnan()

    def forward(self, frames):
        n = frames.shape[1]
        x, real = self.project(frames.nan_to_num()) + self.places[:n], self.real(frames)[:, None, None]
        near = (torch.arange(n)[:, None] - torch.arange(n)).abs() <= 2
        for number, block in enumerate(self.blocks):
            x, _ = block(x, real & near if number == 0 else real)
        return self.norm(x)


heard, new_heard = frames_of(drawn), frames_of(new)
number_ids = pad([[START, *(int(digit) + 3 for digit in number), END] for number in drawn.numbers])


def train_listener(seed=0, steps=1000):
    torch.manual_seed(seed)
    return train_writer(Writer(Listener(), 13), heard, number_ids, steps, 32, seed)


# %% tags=["skip-execution"]
def train_framewise(seed=0, steps=600):
    """A network that names a digit or nothing in each frame, from seven frames, trained by connectionist temporal classification."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv1d(HIGHEST - LOWEST, 128, 7, padding=3), nn.GELU(), nn.Conv1d(128, 128, 1), nn.GELU(), nn.Conv1d(128, 11, 1))
    lengths, counts = (~heard[..., 0].isnan()).sum(dim=1), torch.tensor([len(number) for number in drawn.numbers])

    def loss_of(chance):
        chosen = torch.randint(len(heard), (32,), generator=chance)
        shares = model(heard[chosen].nan_to_num().mT).log_softmax(dim=1).permute(2, 0, 1)  # 0: nothing
        digits = number_ids[chosen, 1:] - 2
        return F.ctc_loss(shares, digits, lengths[chosen], counts[chosen])

    return train_model(model, loss_of, steps, seed)


def collapsed(model):
    """What a network that names a digit or nothing in each frame has heard: repetitions and nothings are left out."""
    with torch.no_grad():
        best = model(new_heard.nan_to_num().mT).argmax(dim=1).masked_fill(new_heard[..., 0].isnan(), 0).tolist()
    kept = [[one for one, before in zip(row, [0, *row]) if one and one != before] for row in best]
    return ["".join(str(one - 1) for one in row) for row in kept]


listener = train_listener()
rows = translate(listener.encode, listener.decode, new_heard, START, END, 6)
numbers_heard = {
    "frame by frame": collapsed(train_framewise()),
    "attention": ["".join(str(number - 3) for number in row) for row in rows],
}
slips = torch.tensor(["*" in pressed for pressed in new.pressed])
for name, found in numbers_heard.items():
    right = torch.tensor([one == number for one, number in zip(found, new.numbers)]).float()
    print(f"{name:15} {right.mean():.0%} of the numbers right; without a slip {right[~slips].mean():.0%}, with one {right[slips].mean():.0%}")
print(f"the keys above were {new.pressed[shown]}, the number {new.numbers[shown]}, written {numbers_heard['attention'][shown]}")

# %% [markdown]
# Expect 85 to 88 % for attention, and 98 or 99 % for the network that names a digit or nothing in each frame. So here attention loses. Seven frames, 0.2 seconds, are enough to see a digit and the star that follows it,
# and that digits come in the order of their tones is built into the other method; attention has to learn it from 3,000
# numbers. Speech recognizers use both (Watanabe et al., 2017, *Hybrid CTC/attention architecture for end-to-end speech recognition*).
#
# What attention does learn is where to look. Nobody said when a key was pressed.

# %% tags=["skip-execution"]
length = int((~new_heard[shown, :, 0].isnan()).sum())
written_ids = torch.tensor([[START, *(int(digit) + 3 for digit in new.numbers[shown]), END]])
with torch.no_grad():
    looks = listener.look(written_ids[:, :-1], listener.encode(new_heard[shown : shown + 1]))[1][0].mean(dim=0)[:, :length]
_, panels = plt.subplots(2, 1, figsize=(11, 5), layout="constrained", sharex=True)
panels[0].imshow(new_heard[shown, :length].T.flip(0).numpy(), aspect="auto", extent=(-0.5, length - 0.5, 500, 1750))
panels[0].set(ylabel="hertz", title=f"Keys {new.pressed[shown]}: where the writer looks for each digit of {new.numbers[shown]}")
panels[1].imshow(looks.numpy(), aspect="auto", vmin=0)
panels[1].set(xlabel="frame, 30 ms each", ylabel="written", yticks=range(len(looks)), yticklabels=[*new.numbers[shown], "end"])

# %% [markdown]
# ## The five, side by side

# %% tags=["skip-execution"]
accuracy = {name: (found == spans[new_story]).all(dim=1).float().mean().item() for name, found in answers.items()}
exact = lambda texts, wanted: sum(text == one for text, one in zip(texts, wanted)) / len(wanted)  # noqa: E731
jobs = {
    "reviews": {name: evaluate(predict, review_train, review_test)["accuracy"] for name, predict in readers.items()},
    "questions": accuracy,
    "summaries": {name: exact(texts, references) for name, texts in written.items()},
    "translation": {name: exact(texts, wanted_french) for name, texts in in_french.items()},
    "telephone": {name: exact(found, new.numbers) for name, found in numbers_heard.items()},
}
with_attention = ("attention", "one vector")  # the second one's encoder has it
best = {job: max((share, name) for name, share in shares.items() if name not in with_attention) for job, shares in jobs.items()}
bars = {"best without attention": [share for share, _ in best.values()], "attention": [shares["attention"] for shares in jobs.values()]}
for job, (share, name) in best.items():
    print(f"{job:12} {name:14} {share:.0%}   attention {jobs[job]['attention']:.0%}")
plots.bars(None, list(jobs), bars, "Right in every word, on held-out data", "share")

# %% [markdown]
# Attention is far ahead where a text has to be written out of another one: what has to be said next stands somewhere in the source, and a
# state of fixed size lets it go. In questions it is a little ahead, and was there in half the steps. It is behind where neighbours and
# order suffice: in short reviews, and in tones. None of this could be known from its own score alone, and each took a few lines to find out.
#
# ## What you have now
#
# One block, and what has to be put around it: a mean for a label, pointers for a place, a decoder for a text, a spectrogram
# for a sound; a search for the most probable text, and a baseline beside every number.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: padding in an accuracy or a mean; a majority that was taken from the held-out
# part; a model that is tried on what it has seen; the logarithm of a probability that is already 0; a span that ends before it starts, or
# is a word too long; one row's repetitions forbidden to another; sums of logits in place of log-probabilities; a finished
# sentence that is lost; a window that is missing.
#
# **Further:** Devlin et al. (2018, *BERT*) fine-tune one encoder for labels and places, as here; Raffel et al. (2020, *Exploring the limits of
# transfer learning with a unified text-to-text transformer*) write all answers as text; Radford et al. (2023, *Robust speech
# recognition via large-scale weak supervision*, Whisper) put a spectrogram before an encoder and a decoder, and train it on 680,000 hours. In the next lesson we look into such models:
# does a head do what its picture suggests?
