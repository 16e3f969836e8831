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
# # 18 · Looking inside
#
# *110 minutes · PyTorch · 10 points · builds on lessons 9, Positions, 11, Causal attention, and 16, Train a transformer*
#
# A map of attention weights is a picture of what a model looks at. It is tempting to read it as a reason: the model said
# "negative" *because* it looked at "dull". Is that so? A picture suggests. To know, one has to change something and see
# whether the output changes with it: an *intervention*. In this lesson every picture gets its intervention, and some pictures
# do not survive it.
#
# You will build `ablate_head`, `induction_score`, `sink_share`, `attention_rollout` and `rank_agreement`, and be able to
#
# - find the heads that do a job, and find out whether they do it;
# - say why models look hard at a token that means nothing;
# - compare what weights say with what words do;
# - show two different maps with the same output.
#
# A written answer is graded by a person.

# %%
from copy import deepcopy

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from attention_course import check, data, plots

# %% [markdown]
# Given: rotary positions, heads, and the norm that stands before each layer.

# %% tags=["given"]
# given: rotate from 09_positions
def rotate(x, positions):
    """`x` with each pair of columns 2i and 2i + 1 turned by the angle position · 10000^(−2i/d) (RoPE; Su et al., 2021).

    x: (..., n, d), d even. positions: integer tensor that broadcasts to (..., n), such as (n,) or (batch, 1, n).
    Angles are computed in float32 or better; the result has shape, dtype and device of `x`.
    """
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)  # (..., n, d/2), float32
    cos, sin = angles.cos(), angles.sin()
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)

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

# %% tags=["given"]
# given: RMSNorm from 15_transformer_block
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)

# %% [markdown]
# ## A model to look into
#
# Large models are hard to look into. This one has two layers of attention with four heads each, and nothing else: no
# feed-forward parts. What it cannot do by looking, it cannot do. Each layer adds to its input, in the manner of lesson 16: rotary
# positions, a norm before each layer, and output matrices that start at zero.
#
# It returns its logits and all weights, (layers, batch, heads, n, n). In each layer, what head $h$ found, the mean $z_h$ of its values under its weights, is
# written by its own columns of $W$, the weight of `out_proj`: it owns those from $h \cdot d_\text{head}$ on. What the layer adds is
#
# $$\sum_h W_h \, z_h, \qquad W_h = W[:, \; h \, d_\text{head} : (h + 1) \, d_\text{head}]$$
#
# and a head can be taken out without touching the others. Your function comes first; the class that it works on, `AttentionOnly`, stands below it.

# %% [markdown]
# ### Exercise 1 · `ablate_head` · 2 points · 12 minutes · medium
#
# Return a copy of the model in which one head writes nothing. Its weights are still there to be seen; nothing comes of them.
# The model that was handed over stays as it was: it will be needed again.
#
# <details><summary>Hint</summary>
#
# `deepcopy(model)` is a model of its own. In the copy, set the head's columns of `layers[layer].out_proj.weight`,
# (d_model, d_model), to 0, under `torch.no_grad()`. `layers[layer].n_heads` says how many heads share these columns.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The model that was handed over changed:* `model` and a second name for it are one object. Copy first.
# - *Something else than this head is missing:* rows of `out_proj.weight` belong to outputs, columns to heads. Heads own neighbouring
#   columns (lesson 10). Layers and heads count from 0.
# - *None has no layers:* return the copy.
# </details>

# %% nbgrader={"grade": false, "grade_id": "ablate_head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ablate_head(model, layer, head):
    """A copy of an `AttentionOnly` in which a head writes nothing into the sum; all else, and `model` itself, is as it was.

    layer, head: counted from 0; a model whose heads were taken out before may be handed in.
    """
    ### BEGIN SOLUTION
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight  # (d_model, n_heads · d_head)
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = 0
    return copy
    ### END SOLUTION


class Layer(nn.Module):
    """Causal attention in heads, added to its input. nothing: among the scores stands a 0 for looking at nothing."""

    def __init__(self, d_model, n_heads, nothing):
        super().__init__()
        self.n_heads, self.nothing, self.sharpness, self.norm = n_heads, nothing, 1.0, RMSNorm(d_model)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        nn.init.zeros_(self.out_proj.weight)

    def forward(self, x, hide=None):
        n, y = x.shape[1], self.norm(x)
        q, k, v = (split_heads(part(y), self.n_heads) for part in (self.q_proj, self.k_proj, self.v_proj))  # (batch, n_heads, n, d_head)
        q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        scores = self.sharpness * q @ k.mT / q.shape[-1] ** 0.5  # (batch, n_heads, n, n)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later if hide is None else later | hide, -torch.inf)
        if self.nothing:
            scores = F.pad(scores, (0, 1))  # one key more, with the score 0 and the value 0
        weights = scores.softmax(dim=-1)[..., :n]
        return x + self.out_proj(merge_heads(weights @ v)), weights


class AttentionOnly(nn.Module):
    """Logits (batch, n, size) and weights (n_layers, batch, n_heads, n, n) from ids (batch, n)."""

    def __init__(self, size, d_model=64, n_heads=4, n_layers=2, nothing=False):
        super().__init__()
        self.tokens, self.norm, self.head = nn.Embedding(size, d_model), RMSNorm(d_model), nn.Linear(d_model, size, bias=False)
        self.layers = nn.ModuleList(Layer(d_model, n_heads, nothing) for _ in range(n_layers))
        nn.init.zeros_(self.head.weight)

    def forward(self, ids, hide=None):
        """hide: {layer: boolean mask that broadcasts to (batch, n_heads, n, n), True where a query may not look}."""
        return self.read(self.tokens(ids), hide or {})

    def read(self, x, hide):
        """The same from vectors (batch, n, d_model)."""
        kept = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, hide.get(number))
            kept.append(weights)
        return self.head(self.norm(x)), torch.stack(kept)


# %% nbgrader={"grade": true, "grade_id": "ablate_head_removes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, AttentionOnly, 9, 12, 3)
chance = torch.Generator().manual_seed(5)
model.load_state_dict({name: torch.randn(part.shape, generator=chance) / 2 for name, part in model.state_dict().items()})
ids = torch.tensor([[1, 5, 8, 0, 2], [7, 7, 3, 4, 6]])


def logits_without(state, ids, n_heads, removed, n_layers=2):
    """The logits that `state` gives for ids, with the heads in `removed`, pairs (layer, head), left out of the sum."""
    x, n = state["tokens.weight"][ids], ids.shape[1]

    def normed(x, name):
        return state[f"{name}.weight"] * x / (x.square().mean(dim=-1, keepdim=True) + 1e-6).sqrt()

    for layer in range(n_layers):
        y, total = normed(x, f"layers.{layer}.norm"), torch.zeros_like(x)
        d_head = x.shape[-1] // n_heads
        angles = torch.arange(n)[:, None] * 10000.0 ** (-torch.arange(0, d_head, 2) / d_head)
        turn = torch.polar(torch.ones_like(angles, dtype=x.dtype), angles.to(x.dtype))
        for head in range(n_heads):
            own = slice(head * d_head, (head + 1) * d_head)
            q, k, v = (y @ state[f"layers.{layer}.{part}.weight"][own].T for part in ("q_proj", "k_proj", "v_proj"))
            q, k = (torch.view_as_complex(z.unflatten(-1, (-1, 2)).contiguous()) * turn for z in (q, k))
            scores = torch.einsum("bic,bjc->bij", q, k.conj()).real / d_head**0.5
            weights = scores.masked_fill(torch.ones(n, n).triu(1) > 0, -torch.inf).softmax(dim=-1)
            if (layer, head) not in removed:
                total = total + weights @ v @ state[f"layers.{layer}.out_proj.weight"][:, own].T
        x = x + total
    return normed(x, "norm") @ state["head.weight"].T


for layer, head in ((0, 1), (1, 2)):
    logits = ablate_head(model, layer, head)(ids)[0]
    check.close(logits, logits_without(model.state_dict(), ids, 3, {(layer, head)}), "the head writes nothing, and all others what they wrote", 1e-4)
### BEGIN HIDDEN TESTS
rng = check.rng("ablate_head_removes")
for size, d_model, n_heads, n_layers in ((7, 8, 2, 3), (5, 30, 5, 1), (11, 12, 1, 2), (6, 24, 3, 2)):
    model = check.seeded(int(rng.integers(1000)), AttentionOnly, size, d_model, n_heads, n_layers)
    state = {name: torch.from_numpy(rng.normal(size=tuple(part.shape))).float() / 2 for name, part in model.state_dict().items()}
    model.load_state_dict(state)
    ids = torch.from_numpy(rng.integers(size, size=(3, 6)))
    for layer in range(n_layers):
        for head in range(n_heads):
            logits = ablate_head(model, layer, head)(ids)[0]
            expected = logits_without(state, ids, n_heads, {(layer, head)}, n_layers)
            check.close(logits, expected, "the head writes nothing, and all others what they wrote, in any layer", 1e-4)
twice = ablate_head(ablate_head(model, 1, 0), 0, 2)
check.close(twice(ids)[0], logits_without(state, ids, 3, {(1, 0), (0, 2)}), "of a copy, another head can be taken out", 1e-4)
both = ablate_head(ablate_head(model, 1, 0), 1, 2)
check.close(both(ids)[0], logits_without(state, ids, 3, {(1, 0), (1, 2)}), "two heads of one layer can be taken out", 1e-4)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ablate_head_copies", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
model = check.seeded(0, AttentionOnly, 9, 12, 3)
chance = torch.Generator().manual_seed(5)
model.load_state_dict({name: torch.randn(part.shape, generator=chance) / 2 for name, part in model.state_dict().items()})
ids = torch.tensor([[1, 5, 8, 0, 2], [7, 7, 3, 4, 6]])
before, weights_before = model(ids)
ablated = ablate_head(model, 0, 1)
check.close(model(ids)[0], before, "the model that was handed over is left as it was", 1e-6)
check.close(ablated(ids)[1][0], weights_before[0], "the weights of the layer can still be seen", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("ablate_head_copies")
model = check.seeded(int(rng.integers(1000)), AttentionOnly, 7, 16, 4)
state = {name: torch.from_numpy(rng.normal(size=tuple(part.shape))).float() / 2 for name, part in model.state_dict().items()}
model.load_state_dict(state)
ids = torch.from_numpy(rng.integers(7, size=(2, 5)))
before = model(ids)[0]
first = ablate_head(model, 1, 3)
kept = first(ids)[0]
second = ablate_head(first, 1, 0)
check.close(model(ids)[0], before, "the model that was handed over is left as it was, however often it is copied", 1e-6)
check.close(first(ids)[0], kept, "a copy that is copied again is left as it was", 1e-6)
check.equal({name: bool((part == state[name]).all()) for name, part in model.state_dict().items()}, dict.fromkeys(state, True), "no parameter of the model that was handed over changed")
model.load_state_dict({name: torch.zeros_like(part) for name, part in state.items()})
check.close(first(ids)[0], kept, "the copy shares no parameters with the model: what is done to one is not done to the other", 1e-6)
model.load_state_dict(state)
first.load_state_dict({name: torch.zeros_like(part) for name, part in first.state_dict().items()})
check.close(model(ids)[0], before, "the model shares no parameters with its copy", 1e-6)
silent = check.seeded(int(rng.integers(1000)), AttentionOnly, 7, 16, 4, 2, True)
silent.load_state_dict(state)
check.close(ablate_head(silent, 1, 1)(ids)[1], silent(ids)[1], "a copy of a model with `nothing` still has it", 1e-5)
sharp = check.seeded(int(rng.integers(1000)), AttentionOnly, 7, 16, 4)
sharp.load_state_dict(state)
sharp.layers[0].sharpness = 7.0
check.close(ablate_head(sharp, 1, 1)(ids)[1][0], sharp(ids)[1][0], "the copy is as sharp as the model", 1e-5)
double = check.seeded(int(rng.integers(1000)), AttentionOnly, 7, 16, 4)
double.to(torch.float64)
kinds = {str(part.dtype) for part in ablate_head(double, 0, 1).state_dict().values()}
check.equal(kinds, {"torch.float64"}, "a model in float64 has a copy in float64")
weights = ablate_head(model, 0, 2)(ids)[1]
check.shape(weights, (2, 2, 4, 5, 5), "the copy returns the weights of all heads, those of the one that was taken out included")
check.close(weights[0], model(ids)[1][0], "the weights of its layer are what they were", 1e-5)
### END HIDDEN TESTS

# %% [markdown]
# ## A habit that appears
#
# The texts are letters in random order, none twice, and then the same over and over: `k w d x k w d x ...`, with a period of 8 to
# 19. In front stands a dot, the *start*. The first time round little can be known, only that no letter comes twice: a blind guess costs
# $\ln 26 = 3.26$ nats, a perfect one not much less. From the second letter of the next round on everything can: find where this letter stood before, and say what came next.
#
# Watch what happens in training. **Predict first:** will the loss on the repeated letters fall slowly from the first step on?

# %%
LETTERS = [*"·abcdefghijklmnopqrstuvwxyz"]


def repeats(batch, chance, start=True):
    """(ids, period): forty letters each, in random order and then over again, behind the start or without it."""
    period = torch.randint(8, 20, (batch,), generator=chance)
    order = torch.rand(batch, 26, generator=chance).argsort(dim=1) + 1
    ids = order.gather(1, torch.arange(40) % period[:, None])
    return (F.pad(ids, (1, 0)) if start else ids), period


def losses(model, ids, period, hide=None):
    """Nats per letter, on those that are new and on those that can be known."""
    with torch.no_grad():
        logits, _ = model(ids, hide)
    loss = F.cross_entropy(logits[:, :-1].mT, ids[:, 1:], reduction="none")
    letter = torch.arange(loss.shape[1]) + (ids[0, 0] > 0)  # the number of the letter that is guessed
    return loss[letter < period[:, None]].mean().item(), loss[letter > period[:, None]].mean().item()


def train(model, loss_of, steps, seed=0, watch=None, rate=3e-3):
    """Muon on the layers' matrices and Adam on the rest, as in lesson 16; loss_of(chance) is the loss of a fresh batch."""
    chance = torch.Generator().manual_seed(seed)
    matrices = [part for part in model.layers.parameters() if part.ndim == 2] if hasattr(torch.optim, "Muon") else []
    others = [part for part in model.parameters() if all(part is not one for one in matrices)]
    optimizers = [torch.optim.Adam(others, lr=rate)]
    if matrices:
        optimizers.append(torch.optim.Muon(matrices, lr=0.02, weight_decay=0.0))
    schedules = [torch.optim.lr_scheduler.LambdaLR(one, lambda step: min(1.0, 2 - 2 * step / steps)) for one in optimizers]
    for step in range(steps):
        if watch and step % 10 == 0:
            watch(step)
        loss = loss_of(chance)
        model.zero_grad()
        loss.backward()
        for one in (*optimizers, *schedules):
            one.step()
    return model.eval()

# %% tags=["skip-execution"]
def make_model(seed=0, start=True, nothing=False, watch=None):
    """An `AttentionOnly` that learned to repeat letters."""
    torch.manual_seed(seed)
    model = AttentionOnly(len(LETTERS), nothing=nothing)

    def loss_of(chance):
        ids, _ = repeats(64, chance, start)
        return F.cross_entropy(model(ids)[0][:, :-1].mT, ids[:, 1:])

    return train(model, loss_of, 240, seed, watch and (lambda step: watch(step, model)))


looked_into, seen = repeats(64, torch.Generator().manual_seed(99)), []
repeater = make_model(seed=0, watch=lambda step, model: seen.append((step, *losses(model, *looked_into), deepcopy(model))))
letters, period = repeats(256, torch.Generator().manual_seed(7))
print("after training: new letters {:.2f} nats, known ones {:.3f}".format(*losses(repeater, letters, period)))
steps = [step for step, *_ in seen]
plots.lines(steps, {"new letters": [new for _, new, *_ in seen], "known letters": [known for *_, known, _ in seen]},
            x="step", y="loss, nats per letter", title="For 60 steps nothing, then within 80 nearly all")

# %% [markdown]
# For dozens of steps nothing seems to happen, and then, between steps 80 and 140, the loss on known letters falls from 3 to
# below 0.4. Such a sudden gain is what Olsson et al. (2022, *In-context learning and induction heads*) saw in language models of
# two layers and more. They gave a reason: heads that look at *what came after the last time* form just then. To look for such heads,
# one needs a number for them.

# %% [markdown]
# ### Exercise 2 · `induction_score` · 2 points · 20 minutes · hard
#
# A query at place $i$ with token $t_i$ looks like an *induction head* if its weight lies on places whose **predecessor** is the same token, all of them together; the first place, 0, has none:
#
# $$\text{score} = \frac{1}{|Q|} \sum_{i \in Q} \; \sum_{1 \le j \le i, \; t_{j-1} = t_i} w_{ij}, \qquad Q = \{i : t_i \text{ stood somewhere before } i\}$$
#
# Queries whose token is new have nothing to find and do not count. Average over all queries in $Q$ of all texts together,
# for each head.
#
# <details><summary>Hint</summary>
#
# `tokens[:, :, None] == tokens[:, None, :-1]` compares each token with the predecessors of places 1, 2, ...; place 0 has none. Of later
# places keep none: `tril()`. A query counts if it has at least one such place.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The place after:* weight on the earlier copy itself is a head that looks for its own token, not for what followed.
# - *Queries without an earlier copy:* they would pull the average down; divide by the number of those in $Q$.
# - *Texts of different kinds:* take the sum over all texts, then divide once.
# </details>

# %% nbgrader={"grade": false, "grade_id": "induction_score", "locked": false, "schema_version": 3, "solution": true, "task": false}
def induction_score(weights, tokens):
    """Of each head, (n_heads,), the mean weight on the places after earlier copies of a query's token, 0 without such queries.

    weights: (batch, n_heads, n, n), a row per query, 0 for later keys. tokens: (batch, n), integers.
    """
    ### BEGIN SOLUTION
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()  # (batch, n, n)
    counts = after.any(dim=-1)  # (batch, n)
    found = (weights * after[:, None]).sum(dim=-1)  # (batch, n_heads, n)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "induction_score_finds", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
tokens = torch.tensor([[4, 7, 2, 4, 7]])
weights = torch.zeros(1, 3, 5, 5)
weights[0, 0, [0, 1, 2, 3, 4], [0, 0, 1, 1, 2]] = 1.0  # from the second 4 to the 7 that followed the first, from the second 7 to the 2
weights[0, 1, [0, 1, 2, 3, 4], [0, 0, 1, 0, 1]] = 1.0  # to the earlier copy itself
weights[0, 2, [0, 1, 2, 3, 4], [0, 1, 2, 2, 2]] = 1.0
scores = check.unchanged(induction_score, weights, tokens)
check.shape(scores, (3,), "there is a score for each head")
check.close(scores[0], 1.0, "a head that looks at the place after the earlier copy has the score 1", 1e-6)
check.close(scores[1], 0.0, "a head that looks at the earlier copy itself has the score 0", 1e-6)
check.close(scores[2], 0.5, "the score is the mean over the queries whose token stood before", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("induction_score_finds")
for batch, n_heads, n, size in ((2, 3, 7, 4), (1, 1, 9, 3), (3, 2, 12, 6), (4, 5, 6, 2), (2, 2, 11, 40)):
    tokens = rng.integers(size, size=(batch, n))
    weights = np.exp(2 * rng.normal(size=(batch, n_heads, n, n))) * np.tri(n)
    weights /= weights.sum(axis=-1, keepdims=True)
    total, queries = np.zeros(n_heads), 0
    for b in range(batch):
        for i in range(n):
            places = [j for j in range(1, i + 1) if tokens[b, j - 1] == tokens[b, i]]
            queries += bool(places)
            total += weights[b, :, i, places].sum(axis=0) if places else 0.0
    expected = torch.from_numpy(total / max(queries, 1))
    scores = check.unchanged(induction_score, torch.from_numpy(weights), torch.from_numpy(tokens))
    check.shape(scores, (n_heads,), "there is a score for each head, of any number of heads and texts")
    check.close(scores, expected, "the score is the mean weight on all places after earlier copies, over the queries that have one", 1e-9)
    check.close(induction_score(torch.from_numpy(weights).float(), torch.from_numpy(tokens)), expected.float(), "float32 weights are taken as well", 1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "induction_score_counts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
weights = torch.full((1, 1, 4, 4), 0.25)
check.close(induction_score(weights, torch.tensor([[3, 1, 0, 2]])), [0.0], "without a repeated token the score is 0, not nan")
uneven = torch.zeros(2, 1, 4, 4)
uneven[0, 0, 3, 1] = uneven[1, 0, 1, 1] = uneven[1, 0, 2, 2] = 1.0
tokens = torch.tensor([[5, 6, 8, 5], [1, 1, 1, 1]])
check.close(induction_score(uneven, tokens), [3 / 4], "all queries count alike, in whichever text they are", 1e-6)
twice = torch.zeros(1, 1, 5, 5)
twice[0, 0, 4, [1, 3]] = torch.tensor([0.5, 0.375])
check.close(induction_score(twice, torch.tensor([[2, 6, 2, 7, 2]])), [0.875 / 2], "all earlier copies count, not the last or the first alone", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("induction_score_counts")
pair = torch.zeros(1, 1, 3, 3)
pair[0, 0, 1, 1] = pair[0, 0, 2, 1] = 1.0
check.close(induction_score(pair, torch.tensor([[9, 9, 4]])), [1.0], "a token right after its copy may look at itself: its predecessor is the same token", 1e-6)
first = torch.zeros(1, 1, 3, 3)
first[0, 0, :, 0] = 1.0
check.close(induction_score(first, torch.tensor([[3, 5, 3]])), [0.0], "the first place has no predecessor, not even the last one", 1e-6)
alone = torch.ones(2, 3, 1, 1)
check.close(induction_score(alone, torch.tensor([[1], [1]])), [0.0] * 3, "texts of one token have nothing to find, and texts do not look at each other")
negative = torch.zeros(1, 2, 4, 4)
negative[0, :, 3, 1] = torch.tensor([0.5, 0.75])
check.close(induction_score(negative, torch.tensor([[-100, 0, 7, -100]])), [0.5, 0.75], "any integers are tokens: 0 and negative ones too", 1e-6)
score = induction_score(torch.ones(1, 1, 3, 3, dtype=torch.float64) / 3, torch.tensor([[2, 2, 0]]))
check.equal(str(score.dtype), "torch.float64", "float64 weights give float64 scores")
for n in (2, 6, 13):
    tokens = torch.from_numpy(rng.permutation(n)[None])
    check.close(induction_score(torch.ones(1, 2, n, n).tril() / n, tokens), [0.0, 0.0], "without a repeated token the score is 0, in texts of any length")
### END HIDDEN TESTS

# %% [markdown]
# Do these heads appear when the loss falls? And what do they look like? The dot stands in front; the text repeats after eight letters.

# %% tags=["skip-execution"]
def scores_of(model, ids):
    """(n_layers, n_heads): the induction score of every head."""
    with torch.no_grad():
        _, weights = model(ids)
    return torch.stack([induction_score(layer, ids) for layer in weights])


by_step = torch.stack([scores_of(then, looked_into[0]) for *_, then in seen])  # (steps, 2, 4)
figure, panels = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
plots.lines(steps, {"known letters": [known for *_, known, _ in seen]}, x="step", y="loss, nats per letter", panel=panels[0], title="The loss")
names = [f"{layer}.{head}" for layer in (1, 2) for head in (1, 2, 3, 4)]  # as people count
plots.lines(steps, {f"layer {layer + 1}, mean": by_step[:, layer].mean(dim=1) for layer in range(2)}, x="step", y="induction score",
            panel=panels[1], title="The heads, each a thin line")
for layer in range(2):
    panels[1].plot(steps, by_step[:, layer], color=panels[1].lines[layer].get_color(), linewidth=1, alpha=0.6)

# %% tags=["skip-execution"]
text = letters[period == 8][:1, :21]
with torch.no_grad():
    _, weights = repeater(text)
shown = [LETTERS[number] for number in text[0]]
_, panels = plt.subplots(2, 4, figsize=(12, 6.4), layout="constrained")
for panel, name, one_map in zip(panels.flat, names, weights[:, 0].flatten(0, 1)):
    plots.heatmap(one_map, shown, shown, f"head {name}", panel, values=False, x="key", y="query", colorbar=False)

# %% [markdown]
# The four heads of the second layer draw a clear diagonal: from each repeated letter to the letter that followed it the first time.
# Their scores rise when the loss falls, and end at 0.6 to 0.99. Those of the first layer stay below 0.1. (Heads are named as people count, 2.1 is the first of
# the second layer; in code both count from 0.)
#
# So the second layer does the job? The picture says so. Take heads out, one at a time. **Predict first:** which of the eight
# costs most?

# %% tags=["skip-execution"]
def known(model, hide=None):
    return losses(model, letters, period, hide)[1]


def without(model, heads):
    for layer, head in heads:
        model = ablate_head(model, layer, head)
    return model


score = scores_of(repeater, letters).flatten()
with torch.no_grad():
    before = repeater(letters)[1].diagonal(-1, -2, -1).mean(dim=(1, 3)).flatten()  # the weight on the place before
pairs = [(layer, head) for layer in range(2) for head in range(4)]
cost = [known(without(repeater, [pair])) - known(repeater) for pair in pairs]
print("head   cost of removing it   induction score   weight on the place before")
for place in sorted(range(8), key=lambda place: -cost[place]):
    print(f"{names[place]}  {cost[place]:17.2f} {score[place]:19.2f} {before[place]:24.2f}")
for layer in range(2):
    of_layer = [pair for pair in pairs if pair[0] == layer]
    left = [known(without(repeater, [pair for pair in of_layer if pair != one])) for one in of_layer]
    print(f"layer {layer + 1}: none left {known(without(repeater, of_layer)):.2f} nats, one left " + " ".join(f"{loss:.2f}" for loss in left))
_, panels = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained")
plots.bars(panels[0], names, score, "What the picture says", "induction score")
plots.bars(panels[1], names, cost, "What removing the head says", "cost, nats per letter")

# %% [markdown]
# The head that costs most is in the *first* layer, and its score is near 0. Most heads of layer 2, with scores of 0.6 to 0.95, can be taken out for less than
# 0.05 nats. Two things are hidden from the picture:
#
# - **Others stand in.** The four heads of layer 2 all do the same. Without one the other three suffice; with only one left the loss is
#   0.3 to 2.7, with none 3.5.
# - **One head works for another.** A key can be recognized as "what came after *k*" only if it carries the letter before it. Some
#   head of layer 1 has to bring it there: those with a fifth to a third of their weight on the place before. Take one of these out, and the sharp diagonals of layer 2
#   have less to find.
#
# If this is the mechanism, hiding *one place* from *one layer* must do the same. Hide the place before from layer 1; the place the
# diagonal points at from layer 2; and, to compare, each from the other.

# %% tags=["skip-execution"]
length = letters.shape[1]
back = torch.arange(length)[:, None] - torch.arange(length)  # how far the key lies behind the query
place_before = (back == 1).expand(1, 1, length, length)
after_copy = torch.zeros(len(letters), 1, length, length, dtype=torch.bool)
for times in range(1, 6):
    after_copy |= back == times * period[:, None, None, None] - 1
print(f"nothing hidden: {known(repeater):.2f} nats")
for name, mask in {"the place before": place_before, "the places after copies": after_copy}.items():
    print(f"{name}: hidden from layer 1 {known(repeater, {0: mask}):.2f}, from layer 2 {known(repeater, {1: mask}):.2f}")

# %% [markdown]
# Layer 1 needs the place before, layer 2 the places after copies, and neither needs the other's. That is what the diagonals suggested
# *and* what they did not show. But 5 and 7 nats are more than a blind guess costs: a model whose look was barred does not fall silent, it looks elsewhere and is
# sure of something wrong. So an intervention can mislead as well: the cost counts what the head did *and* what the model does in a state it has never been in. Elhage et al. (2021, *A mathematical framework for transformer circuits*) found this pair of heads in models
# of just this kind, and called the second one induction head.

# %% [markdown]
# ## The place that means nothing
#
# Look at the first column of the maps of layer 2: in the first nine rows, those of new letters, nearly all weight lies on the dot, the same in every
# text. It tells nothing. Large language models do this as well, with the first token whatever it is: Xiao et al. (2023, *Efficient streaming language
# models with attention sinks*) called it an *attention sink*.
#
# ### Exercise 3 · `sink_share` · 1 point · 8 minutes · easy
#
# Of each map, return the mean weight on the first key over all queries but the first, which under a causal mask cannot look
# anywhere else.
#
# <details><summary>Hint</summary>
#
# The keys are the last axis, the queries the one before it.
# </details>

# %% nbgrader={"grade": false, "grade_id": "sink_share", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sink_share(weights):
    """The mean weight that queries, from the second on, have on the first key; a tensor (...).

    weights: (..., n, n), with any dimensions in front, a row per query; n is at least 2.
    """
    ### BEGIN SOLUTION
    return weights[..., 1:, 0].mean(dim=-1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sink_share_values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
weights = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.75, 0.0, 0.25]])
check.close(check.unchanged(sink_share, weights), 0.625, "it is the mean weight on the first key, without the first query", 1e-6)
check.shape(sink_share(torch.stack([weights] * 2)), (2,), "there is a share for each map")
### BEGIN HIDDEN TESTS
rng = check.rng("sink_share_values")
for front, n in (((), 2), ((3,), 5), ((2, 3), 7), ((2, 1, 4), 3), ((2, 3, 2, 2), 4)):
    weights = rng.random((*front, n, n)) * np.tri(n)
    weights /= weights.sum(axis=-1, keepdims=True)
    expected = weights[..., 0].sum(axis=-1) / (n - 1) - weights[..., 0, 0] / (n - 1)
    share = check.unchanged(sink_share, torch.from_numpy(weights))
    check.shape(share, front, "the share has the shape of the dimensions in front")
    check.close(share, torch.from_numpy(np.asarray(expected)), "it is the mean weight on the first key over all queries but the first, for any dimensions in front", 1e-9)
everywhere = torch.from_numpy(rng.dirichlet(np.ones(6), size=6))
check.close(sink_share(everywhere), float(everywhere[1:, 0].numpy().sum() / 5), "rows need not be causal", 1e-9)
check.close(sink_share(everywhere / 2), sink_share(everywhere) / 2, "rows may sum to less than one, where weight goes to nothing", 1e-9)
check.equal(str(sink_share(everywhere.float()).dtype), "torch.float32", "float32 weights give a float32 share")
### END HIDDEN TESTS

# %% [markdown]
# **Predict first.** Next to nothing can be known of letters that are all new. If the start means nothing, hiding it from layer 2
# should change nothing. Does it?

# %% tags=["skip-execution"]
chance = torch.Generator().manual_seed(3)
fresh = F.pad(torch.rand(256, 26, generator=chance).argsort(dim=1)[:, :19] + 1, (1, 0))  # 19 letters, none twice
with torch.no_grad():
    on_fresh, on_all = sink_share(repeater(fresh)[1]).mean(dim=1), sink_share(repeater(letters)[1]).mean(dim=1)
for layer in range(2):
    print(f"layer {layer + 1}: share of the start where all letters are new", *[f"{share:.2f}" for share in on_fresh[layer]],
          "  with repeated ones", *[f"{share:.2f}" for share in on_all[layer]])


def with_second(find):
    """Print losses and the highest probability for a new letter; find(layer, x): what the heads of layer 2 hand on."""
    with torch.no_grad():
        x, _ = repeater.layers[0](repeater.tokens(letters))
        logits = repeater.head(repeater.norm(x + repeater.layers[1].out_proj(merge_heads(find(repeater.layers[1], x)))))[:, :-1]
    loss, letter = F.cross_entropy(logits.mT, letters[:, 1:], reduction="none"), torch.arange(length - 1)
    new, known = letter < period[:, None], letter > period[:, None]
    highest = logits.softmax(dim=-1).amax(dim=-1)[new].mean()
    return f"new letters {loss[new].mean():.2f} nats, known ones {loss[known].mean():.3f}; highest probability for a new letter {highest:.2f}"


def values_of(layer, x):
    return split_heads(layer.v_proj(layer.norm(x)), layer.n_heads)


start_hidden, not_start = torch.zeros(length, length, dtype=torch.bool), (torch.arange(length) > 0)[:, None]
start_hidden[1:, 0] = True
print("as it is:          ", with_second(lambda layer, x: layer(x)[1] @ values_of(layer, x)))
print("start hidden:      ", with_second(lambda layer, x: layer(x, start_hidden)[1] @ values_of(layer, x)))
print("start's value zero:", with_second(lambda layer, x: layer(x)[1] @ (values_of(layer, x) * not_start)))

# %% [markdown]
# It does. With the start hidden the loss on *new* letters rises from 3.3 to about 6, far above the 3.26 of a guess, and the model is sure of itself: it
# gives some letter 0.75. Weights add up to one, so a head must look somewhere. A head that finds nothing and may not look at the start looks at some
# letter, and says what it always says: "next comes this one". The start is where a head looks that has nothing to tell.
#
# The third line leaves the weights as they are and takes only the start's *value* away: 3.7. So most of the harm, 2 nats or more, is done by looking elsewhere. The
# rest is something that the start does say, "any letter": it makes the guess even. The picture suggested "important". It is, as a way to keep silent.
#
# Then another way of keeping silent should do as well. Miller (2023, *Attention is off by one*) proposed a softmax with an extra
# score of 0, whose value is the zero vector:
#
# $$w_j = \frac{e^{s_j}}{1 + \sum_k e^{s_k}}$$
#
# Three models: with a start; without one; without one, but with the extra zero.

# %% tags=["skip-execution"]
models = {"with a start": (repeater, True), "without": (make_model(seed=0, start=False), False), "with a zero": (make_model(seed=0, start=False, nothing=True), False)}
print("              new   known   share of the first token   share of nothing, layer 2, all letters new")
for name, (one, start) in models.items():
    new, repeated = losses(one, *repeats(256, torch.Generator().manual_seed(7), start))
    with torch.no_grad():
        on_second = one(fresh if start else fresh[:, 1:])[1][1]
    shares = " ".join(f"{share:.2f}" for share in sink_share(on_second).mean(dim=0))
    nothing = " ".join(f"{share:.2f}" for share in (1 - on_second.sum(dim=-1)[..., 1:]).clamp(min=0).mean(dim=(0, 2)))
    print(f"{name:12} {new:.2f}   {repeated:.3f}   {shares:24}   {nothing}")

# %% [markdown]
# Without a start there is no sink: the first letter of a text means something, and a head that looks at it says it. The loss is the largest
# of the three. With the zero, a part of the weight goes to nothing, 0.1 to 0.8 of it from head to head, and the loss is a little lower. With a start, which
# can be silent *and* say "any letter", the loss on known letters is by far the lowest. So a sink is no flaw to be trained away. It is what a softmax needs, and the model takes what it
# is given. OpenAI's gpt-oss (2025) gives each head a learned number in the place of the zero.

# %% [markdown]
# ## Which words decided?
#
# Now a model that reads `reviews` and answers "positive" or "negative" behind a question mark. The data set knows which words
# decided each label: the opinion that counts, and its negation. Do the weights know as well?
#
# In a stack of layers, a token's vector has been mixed already when the second layer looks at it. *Rollout* follows the
# mixing (Abnar and Zuidema, 2020, *Quantifying attention flow in transformers*). Half of what leaves a layer is what came in, they assume, and half what
# the heads found, all heads alike:
#
# $$A_\ell = \tfrac12 I + \tfrac12 \, \tfrac1H \sum_h W_{\ell h}, \qquad R = A_L \cdots A_2 A_1$$

# %% [markdown]
# ### Exercise 4 · `attention_rollout` · 2 points · 15 minutes · medium
#
# Multiply the layers' maps, so that row $i$ of the result tells how much of each *input* token is in output $i$.
#
# <details><summary>Hint</summary>
#
# Average over the heads, halve, add half of `torch.eye(n)`. Start from the first layer and multiply each later one from the **left**.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *The order:* $A_2 A_1$ says that layer 2 looks at what layer 1 made. With two equal layers the order does not show.
# - *Rows that do not sum to one:* both halves are needed.
# </details>

# %% nbgrader={"grade": false, "grade_id": "attention_rollout", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_rollout(weights):
    """How much of each input token is in each output token, (..., n, n), rows that sum to one.

    weights: (n_layers, ..., n_heads, n, n), the first layer first, rows that sum to one; any dimensions in between, such as the batch.
    Dtype and device are those of the weights. Abnar and Zuidema (2020).
    """
    ### BEGIN SOLUTION
    mixed = weights.mean(dim=-3)  # (n_layers, ..., n, n)
    mixed = (mixed + torch.eye(mixed.shape[-1], dtype=mixed.dtype, device=mixed.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attention_rollout_one", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
one_layer = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]]])  # a layer with two heads
rollout = check.unchanged(attention_rollout, one_layer)
check.shape(rollout, (2, 2), "the result has no axis for layers or heads")
check.close(rollout, [[1.0, 0.0], [0.25, 0.75]], "half is the token itself, half the mean of the heads", 1e-6)
check.shape(attention_rollout(torch.stack([torch.eye(3)] * 24).reshape(3, 4, 2, 3, 3)), (4, 3, 3), "there is a map for each text of a batch")
### BEGIN HIDDEN TESTS
rng = check.rng("attention_rollout_one")
for front, n_heads, n in (((), 1, 5), ((), 3, 2), ((4,), 2, 3), ((2, 3), 5, 4)):
    weights = rng.dirichlet(np.ones(n), size=(1, *front, n_heads, n))
    expected = np.zeros((*front, n, n))
    for head in range(n_heads):
        expected += weights[0][..., head, :, :] / (2 * n_heads)
    for place in range(n):
        expected[..., place, place] += 0.5
    rollout = check.unchanged(attention_rollout, torch.from_numpy(weights))
    check.shape(rollout, (*front, n, n), "all dimensions between layers and heads stay")
    check.close(rollout, torch.from_numpy(expected), "of one layer, half is the token itself and half the mean of its heads, for any number of heads", 1e-9)
check.equal(str(attention_rollout(torch.from_numpy(weights)).dtype), "torch.float64", "float64 weights give a float64 result")
check.equal(str(attention_rollout(torch.from_numpy(weights).float()).dtype), "torch.float32", "float32 weights give a float32 result")
check.same_device(attention_rollout, torch.from_numpy(weights).float())
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention_rollout_many", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
first = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
second = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
rollout = attention_rollout(torch.stack([first, second])[:, None])
check.close(rollout[2], [0.25, 0.25, 0.5], "the last token looks at the second, which had looked at the first", 1e-6)
check.close(rollout.sum(dim=-1), [1.0, 1.0, 1.0], "every row sums to one", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("attention_rollout_many")
for n_layers, front, n_heads, n in ((2, (), 3, 4), (3, (2,), 2, 5), (5, (3,), 1, 3), (4, (2, 3), 2, 2), (12, (), 4, 6)):
    weights = rng.dirichlet(0.3 * np.ones(n), size=(n_layers, *front, n_heads, n))
    expected = np.broadcast_to(np.eye(n), (*front, n, n))
    for layer in range(n_layers):
        mean = sum(weights[layer][..., head, :, :] for head in range(n_heads)) / n_heads
        expected = 0.5 * expected + 0.5 * np.einsum("...ij,...jk->...ik", mean, expected)
    rollout = check.unchanged(attention_rollout, torch.from_numpy(weights))
    check.shape(rollout, (*front, n, n), "all dimensions between layers and heads stay, with any number of layers")
    check.close(rollout.sum(dim=-1), torch.ones(*front, n, dtype=torch.float64), "every row sums to one, after any number of layers", 1e-9)
    check.close(rollout, torch.from_numpy(expected.copy()), "each layer looks at what the one before it made", 1e-9)
causal = np.tri(6) * rng.random((4, 3, 6, 6))
causal /= causal.sum(axis=-1, keepdims=True)
check.close(attention_rollout(torch.from_numpy(causal)).triu(1), torch.zeros(6, 6, dtype=torch.float64), "if no layer looks ahead, the rollout does not", 1e-12)
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise 5 · `rank_agreement` · 1 point · 12 minutes · medium
#
# Two ratings of the same words: do they put them in the same order? Take every pair of words that the *reference* tells apart, and count how often the
# scores put the same word higher. Where the scores are equal, it counts as half. So 1 is the same order, 0 the reverse, and 0.5
# is what a coin gets (Harrell et al., 1982, call it *concordance*). The reference may be of any kind: ranks, sizes, or yes and no.
#
# <details><summary>Hint</summary>
#
# `a[:, None] > a[None, :]` compares all pairs at once, whatever the dtype. Without a pair to compare, return 0.5.
# </details>
#
# <details><summary>A test fails</summary>
#
# - *Equal scores count half:* Kendall's tau, which counts them as nothing, is another number.
# - *Subtraction of booleans:* compare, or turn both into floats first.
# - *Pairs that are equal in the reference:* they do not count, neither above nor below the line of the fraction.
# </details>

# %% nbgrader={"grade": false, "grade_id": "rank_agreement", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rank_agreement(scores, reference):
    """The share of pairs that the scores order as the reference does, a number; equal scores count half.

    scores, reference: (n,), numbers of any dtype, or booleans. Pairs that are equal in the reference do not count; without any others
    it is 0.5.
    """
    ### BEGIN SOLUTION
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]  # each pair that differs once
    same_way = torch.sign(scores[:, None] - scores[None, :])[higher]
    return ((1 + same_way) / 2).mean().item() if len(same_way) else 0.5
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rank_agreement_pairs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
scores = torch.tensor([0.5, 0.25, 0.125, 0.125])
check.close(float(check.unchanged(rank_agreement, scores, torch.tensor([40, 30, 20, 10]))), 5.5 / 6, "equal scores count half", 1e-6)
check.close(float(rank_agreement(scores, torch.tensor([False, True, False, False]))), 2 / 3, "pairs that are equal in the reference do not count", 1e-6)
check.close(float(rank_agreement(scores, torch.tensor([1, 1, 1, 1]))), 0.5, "without a pair to compare it is 0.5", 1e-6)
### BEGIN HIDDEN TESTS
rng = check.rng("rank_agreement_pairs")
for n, levels, marks in ((2, 3, 2), (5, 4, 3), (9, 3, 9), (14, 100, 2), (30, 6, 5), (7, 2, 2)):
    scores, reference = rng.integers(levels, size=n) / 8, rng.integers(marks, size=n)
    points = [
        1.0 if scores[i] > scores[j] else 0.5 if scores[i] == scores[j] else 0.0
        for i in range(n) for j in range(n) if reference[i] > reference[j]
    ]
    expected = sum(points) / len(points) if points else 0.5
    agreement = check.unchanged(rank_agreement, torch.from_numpy(scores), torch.from_numpy(reference))
    check.close(float(agreement), expected, "of the pairs that the reference tells apart, it is the share that the scores order the same way", 1e-6)
    check.close(float(rank_agreement(torch.from_numpy(-scores), torch.from_numpy(reference))), 1 - expected, "the reverse order gives one less it", 1e-6)
    flags = torch.from_numpy(reference > 0)
    by_hand = [1.0 if a > b else 0.5 if a == b else 0.0 for a, yes in zip(scores, flags.tolist()) for b, too in zip(scores, flags.tolist()) if yes and not too]
    wanted = sum(by_hand) / len(by_hand) if by_hand else 0.5
    check.close(float(rank_agreement(torch.from_numpy(scores), flags)), wanted, "the reference may be booleans", 1e-6)
check.close(float(rank_agreement(torch.tensor([-3.0, -1.0, -2.0]), torch.tensor([1e9, -1e9, 0.0]))), 0.0, "only the order counts, not signs or sizes", 1e-6)
check.close(float(rank_agreement(torch.tensor([1e-9, 2e-9, 3e-9], dtype=torch.float64), torch.tensor([1, 2, 3]))), 1.0, "scores that differ little differ", 1e-6)
close = torch.tensor([1.0, 1 + 1e-12, 1 + 2e-12, 1 + 3e-12], dtype=torch.float64)
check.close(float(rank_agreement(close, torch.tensor([1, 2, 3, 4]))), 1.0, "float64 scores are compared in float64", 1e-6)
tiny = 1e-200 * torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
check.close(float(rank_agreement(tiny, tiny)), 1.0, "scores that differ little differ, in both ratings", 1e-6)
check.close(float(rank_agreement(torch.tensor([True, False, False]), torch.tensor([3, 2, 1]))), 2.5 / 3, "the scores may be booleans", 1e-6)
bytes_ = torch.tensor([3, 200, 90], dtype=torch.uint8)
check.close(float(rank_agreement(torch.tensor([1, 3, 2]), bytes_)), 1.0, "the reference may be unsigned numbers", 1e-6)
check.close(float(rank_agreement(bytes_, torch.tensor([1, 3, 2]))), 1.0, "the scores may be unsigned numbers", 1e-6)
check.close(float(rank_agreement(torch.tensor([2, 1, 3]), torch.tensor([0.25, 0.125, 0.75]))), 1.0, "a reference may have fractions", 1e-6)
check.close(float(rank_agreement(torch.tensor([5.0, 6.0]), torch.tensor([2, 1]))), 0.0, "two words are a pair", 1e-6)
check.close(float(rank_agreement(torch.tensor([4]), torch.tensor([2]))), 0.5, "one word has no order", 1e-6)
check.close(float(rank_agreement(torch.zeros(0), torch.zeros(0))), 0.5, "no words have no order", 1e-6)
### END HIDDEN TESTS

# %% tags=["skip-execution"]
reviews = data.load("reviews")
words = ["·", "?", *sorted({word for review in reviews for word in review["tokens"]} | {"positive", "negative"})]
number_of = {word: number for number, word in enumerate(words)}
rows = [["·", *review["tokens"], "?", review["label"]] for review in reviews]
read = nn.utils.rnn.pad_sequence([torch.tensor([number_of[word] for word in row]) for row in rows], batch_first=True)
asked = torch.tensor([len(row) - 2 for row in rows])  # the place of the question mark
new_review = torch.tensor([review["split"] == "held-out" for review in reviews])
for_training = (~new_review).nonzero()[:, 0]


def make_reader(seed=0):
    torch.manual_seed(seed)
    reader = AttentionOnly(len(words))

    def loss_of(chance):
        chosen = for_training[torch.randint(len(for_training), (48,), generator=chance)]
        places, batch = asked[chosen], torch.arange(48)
        return F.cross_entropy(reader(read[chosen])[0][batch, places], read[chosen][batch, places + 1])

    return train(reader, loss_of, 600, seed, rate=1e-2)


reader = make_reader(seed=0)
chosen = new_review.nonzero()[:300, 0]
held_out, where, every = read[chosen], asked[chosen], torch.arange(300)
labels = held_out[every, where + 1]
held_out[every, where + 1] = 0  # the answers are taken away
with torch.no_grad():
    replies, maps = reader(held_out)
print(f"{(replies[every, where].argmax(dim=-1) == labels).float().mean():.1%} of new reviews are read rightly")

# %% [markdown]
# Four ratings of the words of each review:
#
# - **attention**: the weights of the question mark in the last layer, averaged over the heads;
# - **rollout**: its row of the rollout;
# - **gradient**: the length of the gradient of the answer's lead, $z_\text{right} - z_\text{wrong}$, with respect to a word's vector;
# - **hiding**: the change of the lead when nobody may look at the word. This one is an intervention, with its own flaw: the weight goes elsewhere.
#
# **Predict first.** Which of the first three is closest to the words that decide? Which is closest to hiding?

# %% tags=["skip-execution"]
positive, negative = number_of["positive"], number_of["negative"]
wrong = positive + negative - labels


def lead(found):
    return found[every, where, labels] - found[every, where, wrong]


vectors = reader.tokens(held_out).detach().requires_grad_()
(gradient,) = torch.autograd.grad(lead(reader.read(vectors, {})[0]).sum(), vectors)
width = held_out.shape[1]
change = torch.zeros(300, width)
for place in range(1, width - 2):
    hide = torch.zeros(width, width, dtype=torch.bool)
    hide[:, place] = True
    with torch.no_grad():
        change[:, place] = (lead(replies) - lead(reader(held_out, {0: hide, 1: hide})[0])).abs()
ratings = {
    "attention": maps[1].mean(dim=1)[every, where],
    "rollout": attention_rollout(maps)[every, where],
    "gradient": gradient.norm(dim=-1),
    "hiding": change,
}
deciding = [torch.tensor([place in reviews[number]["deciding"] for place in range(int(asked[number]) - 1)]) for number in chosen]
agreement = {"the words that decide": [], "what hiding changes": []}
for name, rating in ratings.items():
    of_words = [row[1:end] for row, end in zip(rating, where)]
    with_hiding = [rank_agreement(row, by[1:end]) for row, by, end in zip(of_words, change, where)]
    agreement["the words that decide"].append(sum(map(rank_agreement, of_words, deciding)) / 300)
    agreement["what hiding changes"].append(sum(with_hiding) / 300)
    print(f"{name:10} agrees with the words that decide {agreement['the words that decide'][-1]:.2f}, with hiding {agreement['what hiding changes'][-1]:.2f}")
agreement["what hiding changes"][-1] = float("nan")  # hiding with itself
plots.bars(None, list(ratings), agreement, "The dashed line is what a coin gets", "rank agreement")
plt.axhline(0.5, color="black", linestyle="--", linewidth=1)
plt.show()

# %% [markdown]
# All four agree with the *human* judgement, 0.7 to 0.9, and which is ahead depends on the seed: attention with seed 0, rollout with 1 and 2. But with what the
# model does when a word is hidden, attention agrees worst each time, 0.5 to 0.65, little better than a coin; rollout and gradient come to about 0.8. The map looks
# right to us and is not how the model behaves.
#
# Why? Perhaps because the last layer looks at tokens that layer 1 has mixed already: a full stop may carry the opinion before it, and "not" is not looked at any more
# if the word after it knows. Rollout counts this in. Two layers only, one data set: how far it goes in large models is an open question. But the
# order of work is clear: first the picture, then the intervention.

# %% [markdown]
# ## Two maps, one output
#
# Back to the letters. A head of layer 1 looks at the place before, says its map. But values of layer 1 are made of letters alone: rotary positions
# turn queries and keys, not values. Two copies of a letter have the same value. So weight can be moved from a letter to its first copy, far
# back in the text.
#
# **Predict first.** Move all of it, in all heads and for all queries, then let layer 2 read the result. How far will the logits move?

# %% tags=["skip-execution"]
with torch.no_grad():
    vectors = repeater.tokens(text)
    layer_1, layer_2 = repeater.layers
    _, true_map = layer_1(vectors)  # (1, 4, n, n)
    to_first = F.one_hot((text[:, :, None] == text[:, None]).int().argmax(dim=-1), text.shape[1]).float()  # (1, n, n)
    moved_map = true_map @ to_first[:, None]
    values = split_heads(layer_1.v_proj(layer_1.norm(vectors)), 4)
    answers = []
    for each in (true_map, moved_map):
        after_1 = vectors + layer_1.out_proj(merge_heads(each @ values))
        answers.append(repeater.head(repeater.norm(layer_2(after_1)[0])))
print(f"largest change of a logit: {(answers[0] - answers[1]).abs().max():.1e}; logits go from {answers[0].min():.0f} to {answers[0].max():.0f}")
print(f"share of the weight that was moved, after the first period: {(true_map - moved_map).abs().sum(dim=-1)[:, :, 9:].mean() / 2:.0%}")
most = int(before[:4].argmax())
plots.heatmaps([true_map[0, most], moved_map[0, most]], [f"head 1.{most + 1}: what it learned", "another map, the same output"], shown, shown, values=False)

# %% [markdown]
# The logits stay as they are, to the last digits of a float. Half of the weight has moved: the diagonal, "the place before", now
# jumps back to the first time round. Nobody can tell from the output which of the two maps is the true one.
#
# It needs no equal values. A head hands on $d_\text{head}$ numbers, and $n$ weights that sum to one are more than are needed to make them as
# soon as $n > d_\text{head} + 1$ (Brunner et al., 2020, *On identifiability in transformers*). Jain and Wallace (2019, *Attention
# is not explanation*) found other weights with almost the same answers in trained text classifiers; Wiegreffe and Pinter (2019,
# *Attention is not not explanation*) replied that a map can be *a* reason without being the only one. An intervention decides between them for one model.

# %% [markdown]
# ## Too sharp a look
#
# Is a sharp map a good one? Two questions about 21 coins, one of them golden: *which side shows the golden coin?* and *which side do most coins
# show?* One needs a look at a single place, the other an even look at all. One layer learns both.
#
# Then its scores are multiplied by a *sharpness*, one divided by lesson 5's temperature: at 0 all keys are equal, far above 1 each query looks at one
# key. **Predict first:** what does this do to each answer?

# %% tags=["skip-execution"]
def coins(batch, chance):
    """(ids, answers, question): 0 the start, 1 and 2 sides of coins, 3 and 4 of the golden one, 5 asks for most, 6 for the golden one."""
    bias = 0.25 + torch.rand(batch, 1, generator=chance) / 2
    sides = (torch.rand(batch, 21, generator=chance) < bias).long()
    golden = torch.randint(21, (batch, 1), generator=chance)
    question = torch.randint(2, (batch,), generator=chance)
    ids = torch.cat([torch.zeros(batch, 1).long(), (sides + 1).scatter_add(1, golden, torch.full((batch, 1), 2)), question[:, None] + 5], dim=1)
    return ids, torch.where(question == 0, (sides.sum(dim=1) > 10).long(), sides.gather(1, golden)[:, 0]), question


def make_counter(seed=0):
    torch.manual_seed(seed)
    counter = AttentionOnly(7, n_layers=1)

    def loss_of(chance):
        ids, answers, _ = coins(128, chance)
        return F.cross_entropy(counter(ids)[0][:, -1, :2], answers)

    return train(counter, loss_of, 200, seed)


counter = make_counter(seed=0)
ids_of_coins, sides_asked, question = coins(4000, torch.Generator().manual_seed(77))
sharpness, right = [0.0, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 64], {"most coins": [], "the golden coin": []}
looked_at = {"keys, most": [], "keys, golden": []}
for counter.layers[0].sharpness in sharpness:
    with torch.no_grad():
        logits_of_coins, map_of_coins = counter(ids_of_coins)
    hits = (logits_of_coins[:, -1, :2].argmax(dim=-1) == sides_asked).float()
    keys = 1 / map_of_coins[0][:, :, -1].square().sum(dim=-1).mean(dim=1)  # as many equal weights would be as concentrated
    for number, (name, of_keys) in enumerate(zip(right, looked_at)):
        right[name].append(hits[question == number].mean().item())
        looked_at[of_keys].append(keys[question == number].mean().item())
print("sharpness ", *[f"{number:6g}" for number in sharpness])
for name, row in {**right, **looked_at}.items():
    print(f"{name:15}", *[f"{number:6.2f}" for number in row])
plots.lines(range(len(sharpness)), right, x="sharpness", y="share of right answers", title="A look that is too sharp, and one that is not sharp enough")
plt.gca().set_xticks(range(len(sharpness)), [f"{number:g}" for number in sharpness])
plt.gca().set_ylim(0.45, 1.03)  # 0.5 is a guess
plt.show()

# %% [markdown]
# Quite even, at 0, the golden coin drowns among the others, and most coins suffer a little as well, since the start and the question are counted in. Too sharp, and the majority is judged by a coin or two: *overemphasis*. The
# golden coin then is read as well as before. A sharp map looks more convincing and is not the better one: which look is right depends on the
# question. The trained model, at 1, has found a sharpness where both are answered.

# %% [markdown]
# ## Exercise 6 · What would convince you? · 2 points · 20 minutes
#
# A colleague shows you the map of a head in a language model: at each "she" or "he" it looks at a name, and in all three texts shown it is the right
# one. "This head resolves pronouns", says the colleague. What would convince you that it does? Answer in 100 to 250 words. It is graded by a person:
#
# - **½ point** for an intervention on the head, what you would measure, and on which texts
# - **½ point** for what you would expect if the claim is true, and what if it is false: a result that could prove it wrong
# - **½ point** for a way in which the intervention itself can mislead, seen in this lesson, and what you would do about it
# - **½ point** for a comparison: other heads, other texts or a simpler explanation, such as "it looks at the last name"

# %% [markdown] nbgrader={"grade": true, "grade_id": "conviction", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# Your answer.
#
# ### BEGIN SOLUTION
# Three texts that were chosen are no evidence, so I would write some hundred texts with two names of which the pronoun can mean only one, in both orders,
# so that "the last name" and "the right name" come apart. In these I would measure how much more probable the model finds the continuation that fits
# the right name, and how often the head's weight is on it.
#
# The intervention: take the head out. If the claim is true the lead falls on these texts, and does not on texts of the same length that have no pronoun. If
# it stays, or falls everywhere alike, the claim is wrong. Then the opposite: hide the right name from this head only. The lead should fall as much.
#
# It can mislead. In this lesson one of four induction heads could be taken out and almost nothing happened, because the others did the same. So I would also take out
# groups of heads, and leave this one alone in its layer. And the heads that cost most when they were removed showed nothing of it in their maps: they prepared
# the keys for others. A large cost alone does not say that the head does what its picture suggests. And setting a head to zero is something that
# the model never met in training; I would put in the head's output for another text instead.
#
# To compare: the same for every other head, and for a head that looks at the last name.
# ### END SOLUTION

# %% [markdown]
# ## What was shown
#
# - Induction heads appear all at once, and the loss falls with them. Their maps show half the mechanism: the heads that cost most look at the place before.
# - A dot that means nothing gets most of the weight, because a softmax cannot say "nothing". Take it away from the trained model, and it says nonsense; without it from the first step, another model does well.
# - Weights agree with the words that decide; with what hiding does, they hardly do.
# - Two different maps can have the same output, and the sharper of two maps may be the worse.
#
# **Common mistakes**, all of which the tests look for, the hidden ones included: rows in place of columns; a copy that is none; the place of the
# copy for the place after it; queries that cannot find anything in the average; the first query in the sink's share; rollout from the wrong
# side; pairs that the reference does not order.

# %% [markdown]
# ## Where to go from here
#
# This was the last lesson. You have built, from nothing, what today's models are made of. The papers, in the order in which they first appeared:
#
# | year | | idea | lesson |
# | --- | --- | --- | --- |
# | 1964 | Nadaraya; Watson | a prediction as a weighted mean of what was seen | 6 |
# | 2014 | Bahdanau, Cho and Bengio, *Neural machine translation by jointly learning to align and translate* | attention, learned with the model | 7 |
# | 2015 | Luong, Pham and Manning, *Effective approaches to attention-based neural machine translation* | dot products; local attention | 4, 13 |
# | 2017 | Vaswani et al., *Attention is all you need* | nothing but attention, in heads | 8, 10, 15 |
# | 2018 | Radford et al., *Improving language understanding by generative pre-training* | one decoder, many tasks | 11, 16 |
# | 2018 | Devlin et al., *BERT* | masked words, both sides | 15 |
# | 2019 | Child et al., *Generating long sequences with sparse transformers* | windows and strides | 13 |
# | 2019 | Shazeer, *Fast transformer decoding: one write-head is all you need* | fewer keys and values | 10 |
# | 2020 | Katharopoulos et al., *Transformers are RNNs* | linear attention | 14 |
# | 2020 | Dosovitskiy et al., *An image is worth 16x16 words* | images as sequences | 12 |
# | 2021 | Su et al., *RoFormer* | rotary positions | 9 |
# | 2021 | Elhage et al., *A mathematical framework for transformer circuits* | heads as parts of a program | 18 |
# | 2022 | Dao et al., *FlashAttention* | the same numbers with fewer bytes | 14 |
# | 2022 | Olsson et al., *In-context learning and induction heads* | a habit that appears | 18 |
# | 2023 | Xiao et al., *Efficient streaming language models with attention sinks* | the place that means nothing | 18 |

# %% [markdown]
# **Code to read next,** from small to large. *nanoGPT* and *nanochat* (Karpathy): a language model in a few files, from text to chat. *The Annotated Transformer* (Rush et
# al.): the paper, line by line. *TransformerLens* (Nanda et al.): a hook on every number of a model, for interventions like those above.
# *transformers* (Hugging Face): all published models in one library. *vLLM* (Kwon et al., 2023, *Efficient memory management for large language model serving
# with PagedAttention*): lesson 11's cache, for thousands of readers at once. *Megatron-LM* (Shoeybi et al., 2019): one model on many GPUs.
#
# **What was left out.** Mixtures of experts (Shazeer et al., 2017), in which each token uses a part of the parameters. Making a model helpful after it has
# been trained: instructions, preferences (Ouyang et al., 2022), rewards. Numbers of 8 and 4 bits. Caches that are compressed (DeepSeek-V2, 2024, *multi-head latent attention*).
# State-space models (Gu and Dao, 2023, *Mamba*) and the hybrids of both. Data: where it comes from, what it may be used for, what it does to people.
# And size: what this lesson's model of forty thousand parameters shows is not always what one of three hundred billion does. Now you can read how they are built, and test what is said of them.
