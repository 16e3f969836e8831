# Wrong answers to lesson 16, as students write them. Each names the property whose check catches it.


# %% get_batch | each target is the id one place later
# The targets are the inputs.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, :-1]


# %% get_batch | It raised IndexError
# Shifted twice.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 2, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-2], pieces[:, 2:]


# %% get_batch | inputs begin at each start, `context` ids long
# Shifted the wrong way.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, 1:], pieces[:, :-1]


# %% get_batch | inputs begin at each start, `context` ids long
# One id too few.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, 1:]


# %% get_batch | inputs begin at each start, `context` ids long
# One id too many in the inputs.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces, pieces[:, 1:]


# %% get_batch | inputs begin at each start, `context` ids long
# Always from the beginning.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[0 * starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, 1:]


# %% get_batch | inputs begin at each start, `context` ids long
# Starts count windows, not places.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[(context * starts[:, None] + torch.arange(context + 1, device=ids.device)) % len(ids)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, 1:]


# %% get_batch | inputs begin at each start, `context` ids long
# The batch stands across.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1].T, pieces[:, 1:].T


# %% get_batch | each target is the id one place later
# The target is the last id of each piece alone.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, -1:]


# %% get_batch | targets are integers
# Targets as numbers with a point.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, 1:].float()


# %% get_batch | each target is the id one place later
# The first target at all places.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, 1:2].expand(-1, context)


# %% get_batch | inputs begin at each start, `context` ids long
# One start for the whole batch.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    pieces = ids[starts[:1, None] + 0 * starts[:, None] + torch.arange(context + 1, device=ids.device)]  # (batch, context + 1)
    return pieces[:, :-1], pieces[:, 1:]


# %% language_model_loss | it is the mean of −ln p(target), with p the softmax of the logits
# Cross-entropy of probabilities.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.softmax(dim=-1).flatten(0, 1), targets.flatten())


# %% language_model_loss | equal logits for 5 ids cost ln 5 nats
# The sum.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten(), reduction="sum")


# %% language_model_loss | equal logits for 5 ids cost ln 5 nats
# The log of logits.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.nll_loss(wide.flatten(0, 1), targets.flatten())


# %% language_model_loss | equal logits for 5 ids cost ln 5 nats
# In bits.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten()) / math.log(2)


# %% language_model_loss | it is the mean over all places of all texts, in any size
# Targets shifted once more.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


# %% language_model_loss | it is the mean of −ln p(target), with p the softmax of the logits
# The last place alone.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide[:, -1], targets[:, -1])


# %% language_model_loss | equal logits for 5 ids cost ln 5 nats
# Sum over the places, mean over the batch.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten()) * targets.shape[1]


# %% language_model_loss | half precision gives a loss in float32
# In the dtype of the logits.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten())


# %% language_model_loss | it is the mean of −ln p(target), with p the softmax of the logits
# Smoothed labels.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten(), label_smoothing=0.1)


# %% language_model_loss | equal logits for 5 ids cost ln 5 nats
# Perplexity.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten()).exp()


# %% language_model_loss | equal logits for 5 ids cost ln 5 nats
# The sign is forgotten.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return -F.cross_entropy(wide.flatten(0, 1), targets.flatten())


# %% language_model_loss | it is the mean over all places of all texts, in any size
# float64 is rounded to float32.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.float()
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten())


# %% language_model_loss | it is the mean of −ln p(target), with p the softmax of the logits
# Id 0 is taken for padding.
def language_model_loss(logits, targets):
    """The mean cross-entropy in nats, a tensor without dimensions, in float32 or better.

    logits: (batch, n, size); targets: (batch, n), integers below size, for the same places (they are shifted already).
    """
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return F.cross_entropy(wide.flatten(0, 1), targets.flatten(), ignore_index=0)


# %% learning_rate | the rate grows in even steps to the peak, and the first step learns already
# The first step has a rate of 0.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * step / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | half way down it is half of the peak
# A line, not a cosine, from the first step on.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + (peak - lowest) * (1 - progress) ** 2


# %% learning_rate | it falls along half a cosine from the peak to the lowest
# A line.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + (peak - lowest) * (1 - progress)


# %% learning_rate | half way down it is half of the peak
# The cosine starts at step 0.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, step / total)
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | after `total` it stays at the lowest
# It rises again.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = (step - warm_up) / (total - warm_up)
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | half way down it is the mean of peak and lowest
# The lowest is a bound, not an end.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return max(lowest, peak * (1 + math.cos(math.pi * progress)) / 2)


# %% learning_rate | half way down it is the mean of peak and lowest
# The lowest is forgotten.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return peak * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | half way down it is the mean of peak and lowest
# The lowest is added to the whole.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + peak * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | half way down it is half of the peak
# A quarter of a cosine.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + (peak - lowest) * math.cos(math.pi / 2 * progress)


# %% learning_rate | the rate grows in even steps to the peak, and the first step learns already
# No warm-up.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    progress = max(0.0, min(1.0, (step - warm_up) / (total - warm_up)))
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | It raised ZeroDivisionError
# A division by zero.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    rising = peak * (step + 1) / warm_up
    if step < warm_up:
        return rising
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | in the warm-up it is (step + 1) / warm_up of the peak, whatever the lowest
# The warm-up starts at the lowest.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return lowest + (peak - lowest) * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / (total - warm_up))
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% learning_rate | half way down it is half of the peak
# The total does not include the warm-up.
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    """The rate of a step, counted from 0: a linear warm-up of `warm_up` steps, then half a cosine down to `lowest` at `total`.

    step: a number, from 0; 0 ≤ warm_up < total. After `total` it stays at `lowest`.
    """
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / total)
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * progress)) / 2


# %% parameter_groups | the first group has the matrices: the table and the layer's weight
# Decay on all.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the first group has the matrices: the table and the layer's weight
# Biases decay, matrices do not.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim < 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the first group has the matrices: the table and the layer's weight
# By name: all that is called weight.
def parameter_groups(model, weight_decay):
    named = list(model.named_parameters())
    return [
        {"params": [p for name, p in named if name.endswith("weight")], "weight_decay": weight_decay},
        {"params": [p for name, p in named if not name.endswith("weight")], "weight_decay": 0.0},
    ]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | there are two groups, and the second has no weight decay
# The groups are swapped.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": others, "weight_decay": 0.0}, {"params": matrices, "weight_decay": weight_decay}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | there are two groups, and the second has no weight decay
# Both decay.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": weight_decay}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the second group has biases and the norm's weight
# The second group is left out of training.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the second group has biases and the norm's weight
# Norms are forgotten.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    others = others[-1:]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the first group has the matrices: the table and the layer's weight
# The embedding is left out.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = [p for module in model.modules() if not isinstance(module, nn.Embedding) for p in module.parameters(recurse=False)]
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | there are two groups, and the second has no weight decay
# One group.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices + others, "weight_decay": weight_decay}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | only the first group decays
# Always 0.1.
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: a dictionary with "params", a list, and "weight_decay" for matrices, and one for all others."""
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    """Logits (batch, n, size) for the next id from the id before it alone."""

    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


def make_optimizer(model, lr, weight_decay):
    """AdamW for a model, with your groups."""
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% train_step | the loss of each step is that of PyTorch's own step: gradients are cleared in between
# Gradients are not cleared.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    return total


# %% train_step | the gradient of the mean loss is clipped, over all parameters together
# Not divided by the number of pieces.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets)
        (loss * loss_scale).backward()
        total += float(loss.detach()) / len(batches)
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# A step for each piece.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# Only the last piece counts.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        model.zero_grad(set_to_none=True)
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# No clipping.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), 1e30).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# Clipping after the step.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if all(p.grad is None or p.grad.isfinite().all() for p in model.parameters()):
        for optimizer in optimizers:
            optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# Numbers are clipped, not the norm.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    nn.utils.clip_grad_value_(model.parameters(), clip)
    if all(p.grad.isfinite().all() for p in model.parameters()):
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# Each parameter is clipped by itself.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if all(nn.utils.clip_grad_norm_([p], clip).isfinite() for p in model.parameters()):
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# Each piece is clipped, and the sum is not.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), 1e30).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | the loss is not scaled, whatever the scale
# The scale is not undone.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                pass
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | the loss that is returned is not scaled
# The scaled loss is returned.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach()) * loss_scale
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | the scale of the loss is undone before clipping
# Clipped before the scale is undone.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a gradient that is not finite changes nothing
# The step is always taken.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    for optimizer in optimizers:
        optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | every optimizer takes its step
# The first optimizer alone.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers[:1]:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | the model is in training mode: dropout is on
# The mode is left as it was.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
# The loss of the last piece is returned.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total = float(loss.detach()) * len(batches)
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | with half the model runs in half precision, under autocast
# No autocast.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=False):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | the loss of each step is that of PyTorch's own step: gradients are cleared in between
# Up, not down.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (-loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | the loss of each step
# The loss after the step is returned.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    with torch.no_grad():
        return sum(float(language_model_loss(model(x), y)) for x, y in batches) / len(batches)


# %% train_step | It raised RuntimeError
# The model is turned to half precision.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    """The mean loss over the micro-batches, a number, after one step of each optimizer; the gradients are cleared.

    batches: a list of pairs (inputs, targets) of one size; clip: the largest norm of the gradient of the mean loss.
    half: None, "bfloat16" or "float16", for autocast; loss_scale: undone before clipping.
    The model is put into training mode. Where a gradient is not finite, nothing is changed.
    """
    model.train()
    if half is not None:
        model.to(getattr(torch, half))
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% evaluate | a short window at the end counts by its ids
# Windows count alike.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.shape[0]
    model.train(was_training)
    nats = total / (len(windows) + 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | it is the mean loss for all ids but the first
# The last window is left out.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / max(1, len(windows) * context)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | without dropout it gives the same each time
# Dropout is on.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | a model in training is in training afterwards
# The model stays in evaluation mode.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | a model in evaluation is in evaluation afterwards
# The model is always in training afterwards.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train()
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | it is the mean loss for all ids but the first
# Targets not shifted.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[:-1].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | bits are nats over ln 2
# Bits are nats times ln 2.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats * math.log(2) / bytes_per_token


# %% evaluate | a token of 2.5 bytes shares its bits among them
# Times the bytes.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) * bytes_per_token


# %% evaluate | a token of 2.5 bytes shares its bits among them
# The bytes are forgotten.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2)


# %% evaluate | it is the mean loss for all ids but the first
# The first window alone.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [(windows + last)[:1]]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / targets.numel()
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | it is the mean loss for all ids but the first
# The sum.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | the results are plain numbers
# Tensors.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return torch.tensor(nats), torch.tensor(nats / math.log(2) / bytes_per_token)


# %% evaluate | it is the mean loss for all ids but the first
# One more in the number.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(zip(ids[:-1].split(context), ids[1:].split(context)))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / len(ids)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | it is the mean loss for all ids but the first
# Overlapping by one: windows of context ids hold context − 1 questions.
def evaluate(model, ids, context, bytes_per_token=1.0):
    """`(nats per token, bits per byte)`, two numbers: the mean loss for all ids but the first, in windows that do not overlap.

    ids: (n,), integers, n at least 2. No gradients are kept; the model is evaluated without dropout and left in the mode it was in.
    """
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        windows = list(((part[:-1], part[1:]) for part in ids.split(context + 1) if len(part) > 1))
        last = [windows.pop()]  # it may be shorter than the others
        for group in [windows[first : first + 32] for first in range(0, len(windows), 32)] + [last]:
            inputs, targets = (torch.stack(parts) for parts in zip(*group))  # (windows, context)
            total += float(language_model_loss(model(inputs), targets)) * targets.numel()
    model.train(was_training)
    nats = total / (len(ids) - 1 - (len(ids) - 1) // (context + 1))
    return nats, nats / math.log(2) / bytes_per_token


# %% save_checkpoint | the run that was loaded goes on exactly as the one that was never stopped
# No optimizer.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        pass
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | the run that was loaded goes on exactly as the one that was never stopped
# No random numbers.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    return state["step"]


# %% save_checkpoint | the weights come back
# No weights.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | the step comes back
# The next step.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"] + 1


# %% save_checkpoint | the step comes back
# The step is not returned.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    pass


# %% save_checkpoint | with two optimizers, too, the run goes on exactly
# The first optimizer alone.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers[:1], state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | the run that was loaded goes on exactly as the one that was never stopped
# The random numbers are seeded anew.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.manual_seed(0)
    return state["step"]


# %% save_checkpoint | the run that was loaded goes on exactly as the one that was never stopped
# The random numbers are taken at loading.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(torch.get_rng_state())
    return state["step"]


# %% save_checkpoint | a second checkpoint takes the place of the first
# An old checkpoint is never written over.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    if Path(path).exists() and step > 20:
        return
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | the run that was loaded goes on exactly as the one that was never stopped
# The rate is saved, the averages are not.
def save_checkpoint(path, model, optimizers, step):
    """Write what the next step depends on to the file `path`: weights, optimizers, step, state of the random numbers."""
    state = {
        "model": model.state_dict(),
        "optimizers": [{"state": {}, "param_groups": optimizer.state_dict()["param_groups"]} for optimizer in optimizers],
        "step": step,
        "random": torch.get_rng_state(),
    }
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    """The step that was saved; model, optimizers and random numbers are set to what they were."""
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% sample_next | ids are drawn by their probabilities
# Always the likeliest.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order[:, 0]


# %% sample_next | ids are drawn by their probabilities
# The place among the sorted, not the id.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return torch.multinomial(probabilities, 1)[:, 0]


# %% sample_next | at a temperature of one half probabilities are squared
# Multiplied by the temperature.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() * temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | at a temperature of one half probabilities are squared
# The temperature is not used.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = logits.float().sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | It raised RuntimeError
# A division by zero.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_k keeps the likeliest, whose shares add up to one again
# top_k is not used.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        pass
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_k keeps the likeliest, whose shares add up to one again
# One too many.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k + 1 :] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_k keeps the likeliest, whose shares add up to one again
# One too few.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, max(1, top_k - 1) :] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_k keeps the likeliest, whose shares add up to one again
# The logits of the others are 0.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = 0.0
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_p keeps the likeliest until p is reached, the one that crosses the line included
# The one that crosses the line goes.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1)
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_p keeps the likeliest until p is reached, the one that crosses the line included
# One too many.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        kept[:, 1:] = kept[:, 1:] | kept[:, :-1]
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_p keeps the likeliest until p is reached, the one that crosses the line included
# All with a probability above 1 − p.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = probabilities > 1 - top_p + 0.25
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | top_p keeps the likeliest until p is reached, the one that crosses the line included
# top_p is not used.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept & (probabilities < 0), 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | each row draws from its own probabilities
# The first row's probabilities for all.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities[:1].expand_as(probabilities), 1))[:, 0]


# %% sample_next | ids are drawn by their probabilities
# One random number for all rows.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, (probabilities.cumsum(-1) > torch.rand(())).int().argmax(-1, keepdim=True))[:, 0]


# %% sample_next | there is one id for each row
# A column.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))


# %% sample_next | after temperature and top_k the likeliest stay until p is reached
# top_p looks at the probabilities without the temperature.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        cold = (values * temperature).softmax(dim=-1)
        before = cold.cumsum(dim=-1) - cold
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% sample_next | other random numbers draw other ids
# A seed of its own.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    """Ids (batch,), one drawn for each row by PyTorch's random numbers; at a temperature of 0 the likeliest.

    logits: (batch, size). temperature: 0 or more. top_k: keep the `top_k` likeliest; top_p: keep the likeliest, in falling order,
    until their probabilities reach `top_p`, the one that crosses the line included. None keeps all.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    if top_k is not None:
        values[:, top_k:] = -torch.inf
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        before = probabilities.cumsum(dim=-1) - probabilities
        kept = before < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    return order.gather(-1, torch.multinomial(probabilities, 1, generator=torch.Generator().manual_seed(0)))[:, 0]


# %% sample_next | nothing behind the line is ever drawn
# top_p before top_k.
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature == 0:
        return logits.argmax(dim=-1)
    values, order = (logits.float() / temperature).sort(dim=-1, descending=True)
    probabilities = values.softmax(dim=-1)
    if top_p is not None:
        kept = probabilities.cumsum(dim=-1) - probabilities < top_p
        kept[:, 0] = True
        probabilities = probabilities.masked_fill(~kept, 0.0)
    if top_k is not None:
        probabilities[:, top_k:] = 0.0
    return order.gather(-1, torch.multinomial(probabilities, 1))[:, 0]


# %% generate | each new id comes after all before it, or the last `context`, in any size
# Greedy never, whatever was asked.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -context:])[:, -1])
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | without keywords ids are drawn by their probabilities
# Always greedy.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = model(ids[:, -context:])[:, -1].argmax(dim=-1)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# All ids.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids)[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# The first ids.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, :context])[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# The new ones alone.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -context:])[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids[:, -n_new:] if n_new else ids[:, :0]


# %% generate | the ids are kept and new ones come after them, one for each question
# The first place is asked.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -context:])[:, 0], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# One too few.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new - 1):
            newest = sample_next(model(ids[:, -context:])[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# In front.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -context:])[:, -1], **how)
            ids = torch.cat([newest[:, None], ids], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# One less than the context.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -max(1, context - 1) :])[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# New ids are not read.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    first = ids.clone()
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(first[:, -context:])[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the ids are kept and new ones come after them, one for each question
# One id for the whole batch.
def generate(model, ids, n_new, context, **how):
    """Ids (batch, n + n_new), a new tensor: `ids` and after them `n_new` more, each drawn by `sample_next(..., **how)`.

    model: a function from ids (batch, n) to logits (batch, n, size); it sees at most the last `context` ids.
    """
    ids = ids.clone()
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -context:])[:, -1], **how)
            ids = torch.cat([ids, newest[:1, None].expand(len(ids), 1)], dim=1)
    return ids


# %% get_batch | inputs begin at each start, in any size
# Casts the ids to uint8: ids of 256 and more are wrong.
def get_batch(ids, starts, context):
    """`(inputs, targets)`, each (batch, context): the ids from each start on, and those one place later.

    ids: (n,), integers; starts: (batch,), integers from 0 to n − context − 1.
    """
    places = starts[:, None] + torch.arange(context + 1, device=starts.device)
    pieces = ids[places].to(torch.uint8).long()
    return pieces[:, :-1], pieces[:, 1:]


# %% get_batch | another text gives other pieces
# Remembers the answer of the first text of a length (cache by ids' size and starts).
_cache = {}
def get_batch(ids, starts, context):
    key = (len(ids), tuple(starts.tolist()), context)
    if key not in _cache:
        pieces = ids[starts[:, None] + torch.arange(context + 1)]
        _cache[key] = pieces[:, :-1], pieces[:, 1:]
    return _cache[key]
