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


# %% language_model_loss | it is the mean of −ln p(target), with p the softmax of the logits
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


# %% language_model_loss | half precision gives a loss in float32, and float64 stays as it is
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


# %% learning_rate | a quarter of the way down it is on half a cosine, not on a line
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


# %% learning_rate | the rate grows in even steps to the peak
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


# %% train_step | two pieces make the step of the whole batch, clipped once, and the mean loss
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


# %% train_step | the scale of the loss is undone before clipping
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


# %% train_step | the layers compute in the kind of half precision that was asked for
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


# %% save_checkpoint | It raised TypeError
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


# %% save_checkpoint | goes on exactly as the one that was never stopped
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


# %% save_checkpoint | It raised TypeError
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


# %% sample_next | after temperature and top_k the likeliest stay until p is reached
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


# %% generate | the ids are kept and new ones come after them
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


# %% get_batch | inputs begin at each start
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


# %% parameter_groups | two dimensions or more decay, whatever the names, in layers within layers, too
# What is called weight decays, unless it is called norm.
def parameter_groups(model, weight_decay):
    named = dict(model.named_parameters())
    decayed = [name for name in named if name.endswith("weight") and "norm" not in name]
    return [
        {"params": [named[name] for name in decayed], "weight_decay": weight_decay},
        {"params": [p for name, p in named.items() if name not in decayed], "weight_decay": 0.0},
    ]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | two dimensions or more decay, whatever the names, in layers within layers, too
# What is called bias or norm does not decay.
def parameter_groups(model, weight_decay):
    decayed, free = [], []
    for name, p in model.named_parameters():
        (free if "bias" in name or "norm" in name else decayed).append(p)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | two dimensions or more decay, whatever the names, in layers within layers, too
# Kernels of three dimensions do not decay.
def parameter_groups(model, weight_decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | two dimensions or more decay, whatever the names, in layers within layers, too
# Kernels of three dimensions are in neither group.
def parameter_groups(model, weight_decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | what has two dimensions or more decays, and a single number does not
# A single number is in neither group.
def parameter_groups(model, weight_decay):
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | what has two dimensions or more decays, and a single number does not
# The kind of layer decides.
def parameter_groups(model, weight_decay):
    decayed = {m.weight for m in model.modules() if isinstance(m, (nn.Linear, nn.Embedding))}
    matrices = [p for p in model.parameters() if p in decayed]
    others = [p for p in model.parameters() if p not in decayed]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | two dimensions or more decay, whatever the names, in layers within layers, too
# Only the layers that the model itself names.
def parameter_groups(model, weight_decay):
    parameters = list(dict.fromkeys(p for child in model.children() for p in child.parameters(recurse=False)))
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the second group has biases and the norm's weight
# A matrix is in both groups.
def parameter_groups(model, weight_decay):
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": list(model.parameters()), "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | a matrix that is used in two places is in the first group once
# What has two names is there twice.
def parameter_groups(model, weight_decay):
    parameters = [p for _, p in model.named_parameters(remove_duplicate=False)]
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | a matrix that is used in two places is in the first group once
# By the names of the state.
def parameter_groups(model, weight_decay):
    parameters = list(model.state_dict(keep_vars=True).values())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the parameters of a group are a list, and can be looked at twice
# Generators.
def parameter_groups(model, weight_decay):
    matrices = (p for p in model.parameters() if p.ndim >= 2)
    others = (p for p in model.parameters() if p.ndim < 2)
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the second group has biases and the norm's weight
# One generator for both.
def parameter_groups(model, weight_decay):
    parameters = model.parameters()
    matrices = [p for p in parameters if p.ndim >= 2]
    others = [p for p in parameters if p.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the groups hold the model's own parameters, no copies
# Copies.
def parameter_groups(model, weight_decay):
    parameters = [nn.Parameter(p.detach().clone()) for p in model.parameters()]
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | the groups hold parameters, which get gradients
# Numbers without gradients.
def parameter_groups(model, weight_decay):
    parameters = [p.detach() for p in model.parameters()]
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | there are two groups, even if a model has no matrix
# Empty groups are left out.
def parameter_groups(model, weight_decay):
    parameters = list(model.parameters())
    matrices, others = ([p for p in parameters if (p.ndim >= 2) is wanted] for wanted in (True, False))
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% train_step | gradients are cleared in between
# Cleared at the end alone.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | every optimizer takes its step
# Cleared after each optimizer's step.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
            optimizer.zero_grad()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | an infinite number in the last layer alone is enough: the step is left out
# Only the first parameter is looked at.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    finite = next(model.parameters()).grad.isfinite().all()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    if finite:
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | an infinite number in the first layer alone is enough: the step is left out
# Only the last parameter is looked at.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    finite = list(model.parameters())[3].grad.isfinite().all()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    if finite:
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a number that is nan is enough: the step is left out
# Only the first loss is looked at.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad(set_to_none=True)
    total, finite = 0.0, None
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        finite = math.isfinite(float(loss * loss_scale)) if finite is None else finite
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    if finite:
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a number that is nan is enough: the step is left out
# Only the last loss is looked at.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        finite = math.isfinite(float(loss * loss_scale))
        total += float(loss.detach())
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    if finite:
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | an infinite number in the last layer alone is enough: the step is left out
# The losses are looked at, the gradients are not.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    if math.isfinite(total * loss_scale):
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | an infinite number in the last layer alone is enough: the step is left out
# An infinite gradient is let through, since only nan is looked for.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    broken = any(p.grad.isnan().any() for p in model.parameters() if p.grad is not None)
    if not broken:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a number that is nan is enough: the step is left out
# nan is let through, since only infinity is looked for.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, getattr(torch, half or "bfloat16"), enabled=half is not None):
            logits = model(inputs)
        loss = language_model_loss(logits, targets) / len(batches)
        (loss * loss_scale).backward()
        total += float(loss.detach())
    broken = any(p.grad.isinf().any() for p in model.parameters() if p.grad is not None)
    if loss_scale != 1.0:
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if not broken:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a gradient that is not finite changes nothing
# nan becomes 0, and the step is taken.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    for p in model.parameters():
        if p.grad is not None:
            p.grad.nan_to_num_(0.0, 0.0, 0.0)
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | an infinite number in the last layer alone is enough: the step is left out
# A parameter that is not finite is left out by itself.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
        if loss_scale == float('inf'):
            model.zero_grad()
            return total
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    for p in model.parameters():
        if p.grad is not None and not p.grad.isfinite().all():
            p.grad = None
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | in the kind of half precision that was asked for
# Always bfloat16.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half is not None):
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


# %% train_step | in the kind of half precision that was asked for
# The device's own kind.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad(set_to_none=True)
    total = 0.0
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, enabled=half is not None):
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


# %% train_step | It raised TypeError
# A parameter without a gradient is not thought of.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
            parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | parameters that the loss does not use change nothing for the others
# No step where any gradient is missing.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    if all(p.grad is not None for p in model.parameters()) and nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a matrix that is used in two places is scaled and clipped once
# Divided once for each name.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
        for _, parameter in model.named_parameters(remove_duplicate=False):
            if parameter.grad is not None:
                parameter.grad /= loss_scale
    if nn.utils.clip_grad_norm_(model.parameters(), clip).isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% train_step | a matrix that is used in two places is scaled and clipped once
# Its norm counts once for each name.
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
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
    grads = [p.grad for _, p in model.named_parameters(remove_duplicate=False) if p.grad is not None]
    norm = torch.stack([grad.norm() for grad in grads]).norm()
    if norm > clip:
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= clip / norm
    if norm.isfinite():
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad(set_to_none=True)
    return total


# %% evaluate | windows follow one another, and what is before a window is not seen
# All in one piece.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        nats = float(language_model_loss(model(ids[None, :-1]), ids[None, 1:]))
    model.train(was_training)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | windows follow one another, and what is before a window is not seen
# Each id is predicted from the `context` ids before it.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, total = model.training, 0.0
    model.eval()
    with torch.no_grad():
        for place in range(1, len(ids)):
            seen = ids[max(0, place - context) : place]
            total += float(F.cross_entropy(model(seen[None])[0, -1:].float(), ids[place : place + 1]))
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | windows follow one another, and what is before a window is not seen
# The last window reaches back, so that it is full.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, n, losses = model.training, len(ids) - 1, []
    model.eval()
    with torch.no_grad():
        for first in range(0, n, context):
            begin = max(0, min(first, n - context))
            inputs, targets = ids[begin : begin + context][: n - begin], ids[begin + 1 : begin + context + 1]
            each = F.cross_entropy(model(inputs[None])[0].float(), targets, reduction="none")
            losses.append(each[first - begin :])
    model.train(was_training)
    nats = float(torch.cat(losses).mean())
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | windows follow one another, and what is before a window is not seen
# Windows overlap by half, and the second half counts.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, n, losses, stride = model.training, len(ids) - 1, [], max(1, context // 2)
    model.eval()
    done = 0
    with torch.no_grad():
        for begin in range(0, n, stride):
            inputs, targets = ids[begin : min(begin + context, n)], ids[begin + 1 : begin + context + 1]
            each = F.cross_entropy(model(inputs[None])[0].float(), targets, reduction="none")
            losses.append(each[done - begin :])
            done = begin + len(inputs)
            if done == n:
                break
    model.train(was_training)
    nats = float(torch.cat(losses).mean())
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | windows follow one another, and what is before a window is not seen
# The short window at the end is padded in front.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, n = model.training, len(ids) - 1
    model.eval()
    missing = -n % context
    whole = n - n % context
    inputs = torch.cat([ids[:whole], ids.new_zeros(missing if n % context else 0), ids[whole:-1]]).view(-1, context)
    targets = torch.cat([ids[1 : whole + 1], torch.full((missing if n % context else 0,), -100), ids[whole + 1 :]]).view(-1, context)
    with torch.no_grad():
        nats = float(F.cross_entropy(model(inputs).float().flatten(0, 1), targets.flatten(), ignore_index=-100))
    model.train(was_training)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | no gradients are kept while it is measured
# Gradients are kept.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, total = model.training, 0.0
    model.eval()
    for inputs, targets in zip(ids[:-1].split(context), ids[1:].split(context)):
        total += float(language_model_loss(model(inputs[None]), targets[None])) * len(targets)
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | gradients are computed again afterwards
# Gradients are switched off for good.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, total = model.training, 0.0
    model.eval()
    torch.set_grad_enabled(False)
    for inputs, targets in zip(ids[:-1].split(context), ids[1:].split(context)):
        total += float(language_model_loss(model(inputs[None]), targets[None])) * len(targets)
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% evaluate | gradients are computed again afterwards
# The parameters get no gradients any more.
def evaluate(model, ids, context, bytes_per_token=1.0):
    was_training, total = model.training, 0.0
    model.eval()
    model.requires_grad_(False)
    for inputs, targets in zip(ids[:-1].split(context), ids[1:].split(context)):
        total += float(language_model_loss(model(inputs[None]), targets[None])) * len(targets)
    model.train(was_training)
    nats = total / (len(ids) - 1)
    return nats, nats / math.log(2) / bytes_per_token


# %% save_checkpoint | buffers come back with the weights
# Parameters alone.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": {name: p.detach() for name, p in model.named_parameters()}, "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"], strict=False)
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | buffers come back with the weights
# A list of parameters.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": [p.detach() for p in model.parameters()], "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    with torch.no_grad():
        for p, saved in zip(model.parameters(), state["model"]):
            p.copy_(saved)
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | It raised RuntimeError
# Written into the file itself.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    torch.save(state, path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | It raised RuntimeError
# The good file becomes the other one, and the new one is written.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    if Path(path).exists():
        Path(path).replace(f"{path}.old")
    torch.save(state, path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | It raised FileNotFoundError
# The good file is deleted first.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    part = Path(f"{path}.part")
    Path(path).unlink(missing_ok=True)
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | It raised RuntimeError
# The other name is put in place although writing failed.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    part = Path(f"{path}.part")
    try:
        torch.save(state, part)
    finally:
        part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | the step comes back, and the seconds, as a pair
# The step becomes a tensor.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": torch.tensor(step), "random": torch.get_rng_state()}
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"].tolist() if state["step"].ndim == 0 else state["step"][0].item()


# %% save_checkpoint | It raised TypeError
# The step becomes a whole number.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": int(step), "random": torch.get_rng_state()}
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    return state["step"]


# %% save_checkpoint | a run that saves goes on as one that does not
# A seed in place of the state: the step.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": 0}
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)
    torch.manual_seed(0)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.manual_seed(state["random"])
    return state["step"]


# %% save_checkpoint | a run that saves goes on as one that does not
# A seed is drawn, kept and set.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": int(torch.randint(10**9, ()))}
    torch.manual_seed(state["random"])
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.manual_seed(state["random"])
    return state["step"]


# %% save_checkpoint | goes on exactly
# The seed of the beginning.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.initial_seed()}
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.manual_seed(state["random"])
    return state["step"]


# %% save_checkpoint | a run that saves goes on as one that does not
# Saving leaves the model in evaluation, and its gradients on.
def save_checkpoint(path, model, optimizers, step):
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step, "random": torch.get_rng_state()}
    torch.rand(1)
    state["random"] = torch.get_rng_state()
    part = Path(f"{path}.part")
    torch.save(state, part)
    part.replace(path)
    torch.rand(1)


def load_checkpoint(path, model, optimizers):
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(state["random"])
    torch.rand(1)
    return state["step"]


# %% generate | without new ids it is a new tensor, too
# The first round makes the copy.
def generate(model, ids, n_new, context, **how):
    with torch.no_grad():
        for _ in range(n_new):
            newest = sample_next(model(ids[:, -context:])[:, -1], **how)
            ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | without new ids it is a new tensor, too
# A view.
def generate(model, ids, n_new, context, **how):
    ids = ids[:, :]
    for _ in range(n_new):
        ids = torch.cat([ids, sample_next(model(ids[:, -context:])[:, -1], **how)[:, None]], dim=1)
    return ids


# %% generate | of a long beginning, too, the model sees the last `context` ids
# A long beginning is seen from its start.
def generate(model, ids, n_new, context, **how):
    ids, n = ids.clone(), ids.shape[1]
    for step in range(n_new):
        seen = ids[:, :context] if n > context and step == 0 else ids[:, -context:]
        ids = torch.cat([ids, sample_next(model(seen)[:, -1], **how)[:, None]], dim=1)
    return ids


# %% generate | of a long beginning, too, the model sees the last `context` ids
# A long beginning is seen as a whole.
def generate(model, ids, n_new, context, **how):
    ids, n = ids.clone(), ids.shape[1]
    for step in range(n_new):
        ids = torch.cat([ids, sample_next(model(ids[:, -(context if n <= context else n + step) :])[:, -1], **how)[:, None]], dim=1)
    return ids


# %% generate | it sets no seed
# The same seed before each draw.
def generate(model, ids, n_new, context, **how):
    ids = ids.clone()
    for _ in range(n_new):
        torch.manual_seed(0)
        ids = torch.cat([ids, sample_next(model(ids[:, -context:])[:, -1], **how)[:, None]], dim=1)
    return ids


# %% generate | it sets no seed
# A seed at the beginning.
def generate(model, ids, n_new, context, **how):
    torch.manual_seed(1234)
    ids = ids.clone()
    for _ in range(n_new):
        ids = torch.cat([ids, sample_next(model(ids[:, -context:])[:, -1], **how)[:, None]], dim=1)
    return ids


# %% generate | each new id is drawn for itself
# The same random numbers before each draw.
def generate(model, ids, n_new, context, **how):
    ids, state = ids.clone(), torch.get_rng_state()
    for _ in range(n_new):
        torch.set_rng_state(state)
        ids = torch.cat([ids, sample_next(model(ids[:, -context:])[:, -1], **how)[:, None]], dim=1)
    return ids
