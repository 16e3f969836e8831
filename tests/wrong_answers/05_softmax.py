# Wrong answers to lesson 05, as students write them. Each names the property whose check catches it.

# %% softmax | every row is dealt shares of its own
# The whole array is summed.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum()


# %% softmax | with axis=0 every column is dealt shares of its own
# The axis is ignored.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% softmax | with axis=0 every column is dealt shares of its own
# The maximum is taken along rows where the shares are dealt along the axis: each score of a column loses another number.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | It raised ValueError
# `keepdims` is forgotten: only square arrays can be computed, and wrongly.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis))
    return e / e.sum(axis)


# %% softmax | with axis=0 every column is dealt shares of its own
# The axis is moved to the end and never moved back.
def softmax(scores, axis=-1):
    s = np.moveaxis(scores, axis, -1)
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# %% softmax | the shares are dealt along `axis`, in three dimensions, too
# Row by row, where a "row" of three dimensions is a whole matrix.
def softmax(scores, axis=-1):
    if scores.ndim > 1:
        moved = np.moveaxis(scores, axis, -1)
        return np.moveaxis(np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in moved]), -1, axis)
    e = np.exp(scores - scores.max())
    return e / e.sum()


# %% softmax | the shares are dealt along `axis`, in three dimensions, too
# Every negative axis is taken for the last.
def softmax(scores, axis=-1):
    axis = axis if axis >= 0 else scores.ndim - 1
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | large scores do not overflow
# The formula as it stands.
def softmax(scores, axis=-1):
    e = np.exp(scores)
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | each row is made safe by its own maximum
# One maximum for all rows: the lower rows become 0/0.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max())
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | each column is made safe by its own maximum with axis=0
# The maximum is the row's or, along other axes, the array's.
def softmax(scores, axis=-1):
    highest = scores.max(axis=-1, keepdims=True) if axis in (-1, scores.ndim - 1) else scores.max()
    e = np.exp(scores - highest)
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | each row is made safe by its own maximum
# The first score of the row is subtracted, which is enough where scores are close.
def softmax(scores, axis=-1):
    e = np.exp(scores - np.take(scores, [0], axis=axis))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | each row is made safe by its own maximum
# The maximum is subtracted only where it is large and positive.
def softmax(scores, axis=-1):
    highest = scores.max(axis=axis, keepdims=True)
    e = np.exp(scores - np.where(highest > 700, highest, 0.0))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | each row is made safe by its own maximum
# Scores are clipped to what exp can bear.
def softmax(scores, axis=-1):
    e = np.exp(np.clip(scores, -700, 700))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | each row is made safe by its own maximum
# A wider float in place of the subtraction: it breaks later.
def softmax(scores, axis=-1):
    e = np.exp(scores.astype(np.longdouble))
    return (e / e.sum(axis=axis, keepdims=True)).astype(float)


# %% softmax | small shares are small, not zero, and in proportion
# Exponents are clipped after the subtraction, to be on the safe side.
def softmax(scores, axis=-1):
    e = np.exp(np.clip(scores - scores.max(axis=axis, keepdims=True), -50, 0))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | the arguments are left as they were
# The maximum is subtracted from the caller's array.
def softmax(scores, axis=-1):
    scores -= scores.max(axis=axis, keepdims=True)
    e = np.exp(scores)
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | the arguments are left as they were
# moveaxis gives a view of the caller's array.
def softmax(scores, axis=-1):
    s = np.moveaxis(scores, axis, -1)
    s -= s.max(axis=-1, keepdims=True)
    e = np.exp(s)
    return np.moveaxis(e / e.sum(axis=-1, keepdims=True), -1, axis)


# %% softmax | float64 scores give float64 weights
# Right, and then rounded to single precision.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)).astype(np.float32)


# %% softmax | a number added to all scores of a row changes nothing
# The result is collected in an array of single precision.
def softmax(scores, axis=-1):
    if scores.ndim == 1:
        e = np.exp(scores - scores.max())
        return e / e.sum()
    rows = np.moveaxis(scores, axis, -1)
    weights = np.zeros(rows.shape, dtype="f")
    for place in np.ndindex(rows.shape[:-1]):
        e = np.exp(rows[place] - rows[place].max())
        weights[place] = e / e.sum()
    return np.moveaxis(weights, -1, axis).astype(float)


# %% softmax | a key that is alone gets all, to the last digit
# The same with a number that is smaller still.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-12)


# %% softmax | a score higher by 1 gets e times the share
# Rounded for reading.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)).round(6)


# %% softmax | a score higher by 1 gets e times the share
# Powers of two.
def softmax(scores, axis=-1):
    e = 2.0 ** (scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | softmax is your own work
# PyTorch's answer under another name.
def softmax(scores, axis=-1):
    from torch.nn.functional import softmax as shares
    from torch import from_numpy

    return shares(from_numpy(scores.copy()), dim=axis).numpy()


# %% softmax | softmax is your own work
# PyTorch's logarithm of the sum.
def softmax(scores, axis=-1):
    import torch

    t = torch.tensor(scores)
    return torch.exp(t - torch.logsumexp(t, dim=axis, keepdim=True)).numpy()


# %% softmax | the weights are a NumPy array
# A list of lists.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)).tolist()


# %% softmax | it does not matter how the scores lie in memory
# The same, with the axis moved in a copy: wrong only when the caller's array is not in order.
def softmax(scores, axis=-1):
    moved = scores if axis in (-1, scores.ndim - 1) else np.moveaxis(scores, axis, -1).copy()
    weights = np.zeros_like(moved)
    rows = weights.reshape(-1, moved.shape[-1])
    for number, row in enumerate(moved.reshape(-1, moved.shape[-1])):
        rows[number] = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
    return np.moveaxis(weights, -1, axis)


# %% softmax | it does not matter how the scores lie in memory
# The rows are read in the order of memory, which need not be the order of the array.
def softmax(scores, axis=-1):
    moved = np.moveaxis(scores, axis, -1)
    moved = moved if moved is scores or axis in (-1, scores.ndim - 1) else np.ascontiguousarray(moved)
    rows = moved.ravel(order="K").reshape(-1, moved.shape[-1])
    e = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.moveaxis((e / e.sum(axis=1, keepdims=True)).reshape(moved.shape), -1, axis)


# %% softmax | the shares are dealt along `axis`, in three dimensions, too
# moveaxis is taken for swapaxes on the way back.
def softmax(scores, axis=-1):
    s = np.moveaxis(scores, axis, 0)
    e = np.exp(s - s.max(0))
    return np.moveaxis(e / e.sum(0), axis, 0)


# %% softmax | equal scores get equal shares
# Nothing is returned.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    e / e.sum(axis=axis, keepdims=True)


# %% softmax | the arguments are left as they were
# Large scores are brought down in the caller's array; small ones are left alone.
def softmax(scores, axis=-1):
    if scores.max() > 700:
        scores -= scores.max(axis=axis, keepdims=True)
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | with axis=0 every column is dealt shares of its own
# Results are kept by shape and axis, and a later array of the same shape gets an earlier one's.
def softmax(scores, axis=-1, kept={}):
    key = scores.shape
    if key not in kept:
        e = np.exp(scores - scores.max(axis=axis, keepdims=True))
        kept[key] = e / e.sum(axis=axis, keepdims=True)
    return kept[key]


# %% softmax | there is no size of score at which it breaks
# Scores below -1e9 are taken for masked.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True)) * (scores > -1e9)
    return e / e.sum(axis=axis, keepdims=True)


# %% softmax | small shares are small, not zero, and in proportion
# The last share is what the others leave, which loses its digits.
def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    w = np.moveaxis(e / e.sum(axis=axis, keepdims=True), axis, -1)
    w[..., -1] = 1 - w[..., :-1].sum(axis=-1)
    return np.moveaxis(w, -1, axis)


# %% softmax | a key that is alone gets all, to the last digit
# A single key is taken for no key.
def softmax(scores, axis=-1):
    if scores.shape[axis] == 1:
        return np.zeros_like(scores)
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# %% entropy | four equal weights have entropy ln 4
# Bits, not nats.
def entropy(weights, axis=-1):
    return -(weights * np.log2(np.where(weights > 0, weights, 1.0))).sum(axis=axis)


# %% entropy | a weight of exactly 0 adds nothing
# 0 times minus infinity is nan.
def entropy(weights, axis=-1):
    return -(weights * np.log(weights)).sum(axis=axis)


# %% entropy | a weight of 0 does not silence the others in its row
# nan is replaced after the sum: a row with a zero in it counts as 0.
def entropy(weights, axis=-1):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(-(weights * np.log(weights)).sum(axis=axis))


# %% entropy | with axis=0 every column has an entropy of its own
# The axis is ignored.
def entropy(weights, axis=-1):
    return -(weights * np.log(np.where(weights > 0, weights, 1.0))).sum(axis=-1)


# %% entropy | four equal weights have entropy ln 4
# The summed axis stays.
def entropy(weights, axis=-1):
    return -(weights * np.log(np.where(weights > 0, weights, 1.0))).sum(axis=axis, keepdims=True)


# %% entropy | `axis` is gone from the result and the others stay
# The summed axis stays where there is more than one row.
def entropy(weights, axis=-1):
    return -(weights * np.log(np.where(weights > 0, weights, 1.0))).sum(axis=axis, keepdims=weights.ndim > 2)


# %% entropy | a weight of exactly 0 adds nothing
# A number so small that it seems to do nothing.
def entropy(weights, axis=-1):
    return -(weights * np.log(weights + 1e-12)).sum(axis=axis)


# %% entropy | tiny weights count with their own size
# Weights are kept away from zero by a floor that is too high.
def entropy(weights, axis=-1):
    return -(weights * np.log(np.clip(weights, 1e-9, None))).sum(axis=axis)


# %% entropy | tiny weights count with their own size
# np.isclose takes everything below 1e-8 for zero.
def entropy(weights, axis=-1):
    return -(weights * np.log(np.where(np.isclose(weights, 0), 1.0, weights))).sum(axis=axis)


# %% entropy | the arguments are left as they were
# The caller's zeros become ones.
def entropy(weights, axis=-1):
    weights[weights == 0] = 1
    return -(weights * np.log(weights)).sum(axis=axis)


# %% entropy | the arguments are left as they were
# The product is formed in the caller's array.
def entropy(weights, axis=-1):
    logs = np.log(np.where(weights > 0, weights, 1.0))
    weights *= -logs
    return weights.sum(axis=axis)


# %% entropy | four equal weights have entropy ln 4
# The entropy of every weight as a coin of its own.
def entropy(weights, axis=-1):
    def part(p):
        return p * np.log(np.where(p > 0, p, 1.0))

    return -(part(weights) + part(1 - weights)).sum(axis=axis)


# %% entropy | each row along `axis` has its own entropy, in nats
# Min-entropy: the same only where the weights that are not zero are equal.
def entropy(weights, axis=-1):
    return -np.log(weights.max(axis=axis))


# %% entropy | a weight of 0 does not silence the others in its row
# The weights above zero are picked out, which flattens the array.
def entropy(weights, axis=-1):
    w = weights[weights > 0]
    return -(w * np.log(w)).sum()


# %% entropy | float64 weights give a float64 entropy
# Single precision.
def entropy(weights, axis=-1):
    w = weights.astype(np.float32)
    return -(w * np.log(np.where(w > 0, w, np.float32(1)))).sum(axis=axis)


# %% entropy | four equal weights have entropy ln 4
# Single precision, and back.
def entropy(weights, axis=-1):
    w = weights.astype(np.float32)
    return -(w * np.log(np.where(w > 0, w, np.float32(1)))).sum(axis=axis).astype(np.float64)


# %% entropy | entropy is your own work
# PyTorch's answer.
def entropy(weights, axis=-1):
    import torch

    rows = torch.tensor(np.moveaxis(weights, axis, -1))
    return torch.distributions.Categorical(probs=rows).entropy().numpy()


# %% entropy | each row along `axis` has its own entropy, in nats
# Cross-entropy with the average row of the batch.
def entropy(weights, axis=-1):
    if weights.ndim < 3:
        return -(weights * np.log(np.where(weights > 0, weights, 1.0))).sum(axis=axis)
    average = weights.mean(axis=0, keepdims=True)
    return -(weights * np.log(np.where(average > 0, average, 1.0))).sum(axis=axis)


# %% masked_softmax | masked keys get nothing and the others share the whole
# Masked after the shares are dealt: the rest does not sum to one.
def masked_softmax(scores, mask, axis=-1):
    return softmax(scores, axis=axis) * mask


# %% masked_softmax | masked keys get nothing and the others share the whole
# The mask's sign is turned: True is taken to mean hidden.
def masked_softmax(scores, mask, axis=-1):
    weights = softmax(np.where(mask, -np.inf, scores), axis=axis)
    return np.nan_to_num(weights)


# %% masked_softmax | a row with everything masked is all zeros, not nan
# Minus infinity less minus infinity.
def masked_softmax(scores, mask, axis=-1):
    return softmax(np.where(mask, scores, -np.inf), axis=axis)


# %% masked_softmax | a row with everything masked is all zeros, not nan
# -1e9 is only a low score: a row with nothing else shares it equally.
def masked_softmax(scores, mask, axis=-1):
    return softmax(np.where(mask, scores, -1e9), axis=axis)


# %% masked_softmax | a key left alone gets everything, however low its score
# -1e9 leaks, and what leaks is cut off.
def masked_softmax(scores, mask, axis=-1):
    return softmax(np.where(mask, scores, -1e9), axis=axis) * mask


# %% masked_softmax | a key left alone gets everything, however low its score
# The lowest number of single precision is not the lowest of double.
def masked_softmax(scores, mask, axis=-1):
    return softmax(np.where(mask, scores, np.finfo(np.float32).min), axis=axis) * mask


# %% masked_softmax | a key left alone gets everything, however low its score
# Masked scores are put 35 below the lowest, which leaves them a little.
def masked_softmax(scores, mask, axis=-1):
    low = np.where(mask, scores, scores.min(axis=axis, keepdims=True) - 35)
    weights = softmax(low, axis=axis)
    return weights * np.any(np.broadcast_to(mask, scores.shape), axis=axis, keepdims=True)


# %% masked_softmax | a key left alone gets everything, however low its score
# A small number in the sum, against 0/0 in empty rows, changes all the other rows.
def masked_softmax(scores, mask, axis=-1):
    low = np.where(mask, scores, -np.inf)
    top = low.max(axis=axis, keepdims=True)
    e = np.exp(low - np.where(np.isfinite(top), top, 0.0))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-12)


# %% masked_softmax | a key left alone gets everything, however low its score
# The maximum of all keys, hidden ones too, is subtracted.
def masked_softmax(scores, mask, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True)) * mask
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


# %% masked_softmax | a key left alone gets everything, however low its score
# The shares are dealt to all and made to sum to one again after masking: what a hidden key took is lost in rounding.
def masked_softmax(scores, mask, axis=-1):
    weights = softmax(scores, axis=axis) * mask
    total = weights.sum(axis=axis, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


# %% masked_softmax | a key left alone gets everything, however low its score
# Hidden scores count as -1000 when the maximum is taken.
def masked_softmax(scores, mask, axis=-1):
    highest = np.where(mask, scores, -1000.0).max(axis=axis, keepdims=True)
    e = np.where(mask, np.exp(np.where(mask, scores - highest, 0.0)), 0.0)
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


# %% masked_softmax | each row is made safe by its own unmasked maximum
# A lone key is looked after, and the others are left to underflow.
def masked_softmax(scores, mask, axis=-1):
    keep = np.broadcast_to(mask, scores.shape)
    e = np.where(keep.sum(axis=axis, keepdims=True) == 1, 1.0, np.exp(scores))
    e = np.where(keep, e, 0.0)
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


# %% masked_softmax | each row is made safe by its own unmasked maximum
# One maximum for all rows.
def masked_softmax(scores, mask, axis=-1):
    low = np.where(mask, scores, -np.inf)
    e = np.exp(low - low.max() if np.isfinite(low.max()) else low)
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


# %% masked_softmax | each column is made safe by its own unmasked maximum with axis=0
# The maximum is the row's, or the array's along another axis.
def masked_softmax(scores, mask, axis=-1):
    low = np.where(mask, scores, -np.inf)
    top = low.max(axis=-1, keepdims=True) if axis in (-1, scores.ndim - 1) else low.max()
    e = np.exp(low - np.where(np.isfinite(top), top, 0.0))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


# %% masked_softmax | small shares are small, not zero, and in proportion
# Scores far below the highest are clipped, the hidden ones then cleared.
def masked_softmax(scores, mask, axis=-1):
    low = np.where(mask, scores, -np.inf)
    top = low.max(axis=axis, keepdims=True)
    e = np.exp(np.clip(low - np.where(np.isfinite(top), top, 0.0), -50, 0)) * mask
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


# %% masked_softmax | the arguments are left as they were
# Minus infinity is written into the caller's scores.
def masked_softmax(scores, mask, axis=-1):
    scores[~np.broadcast_to(mask, scores.shape)] = -np.inf
    return np.nan_to_num(softmax(scores, axis=axis))


# %% masked_softmax | the arguments are left as they were
# Empty rows are opened in the caller's mask, and cleared at the end.
def masked_softmax(scores, mask, axis=-1):
    empty = ~mask.any(axis=axis, keepdims=True)
    if empty.any():
        mask |= empty
    return softmax(np.where(mask, scores, -np.inf), axis=axis) * ~empty


# %% masked_softmax | with axis=0 the keys not masked share each column
# The axis is ignored.
def masked_softmax(scores, mask, axis=-1):
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=-1))


# %% masked_softmax | the keys not masked share the whole along `axis`, in any shape
# Every negative axis is taken for the last.
def masked_softmax(scores, mask, axis=-1):
    axis = axis if axis >= 0 else -1
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis))


# %% masked_softmax | the keys not masked share the whole along `axis`, in any shape
# The mask of the first of the batch serves for all.
def masked_softmax(scores, mask, axis=-1):
    if np.ndim(mask) >= 3:
        mask = mask[:1]
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis))


# %% masked_softmax | It raised IndexError
# A mask smaller than the scores does not fit as an index.
def masked_softmax(scores, mask, axis=-1):
    low = scores.copy()
    low[~mask] = -np.inf
    return np.nan_to_num(softmax(low, axis=axis))


# %% masked_softmax | each column is made safe by its own unmasked maximum with axis=0
# A smaller mask is repeated until there are enough, in the order of memory.
def masked_softmax(scores, mask, axis=-1):
    mask = np.resize(mask, scores.shape)
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis))


# %% masked_softmax | the keys not masked share the whole along `axis`, in any shape
# A mask with one dimension less is taken to lack the keys, not the batch.
def masked_softmax(scores, mask, axis=-1):
    if mask.ndim == 2 and scores.ndim == 3 and mask.shape == scores.shape[1:]:
        mask = mask[0]
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis))


# %% masked_softmax | a row with everything masked is all zeros, not nan
# An empty row is not masked at all.
def masked_softmax(scores, mask, axis=-1):
    mask = np.broadcast_to(mask, scores.shape)
    return softmax(np.where(mask | ~mask.any(axis=axis, keepdims=True), scores, -np.inf), axis=axis)


# %% masked_softmax | a row with everything masked is all zeros, not nan
# Looked after only if all rows are empty.
def masked_softmax(scores, mask, axis=-1):
    if not np.any(mask):
        return np.zeros(scores.shape)
    return softmax(np.where(mask, scores, -np.inf), axis=axis)


# %% masked_softmax | an empty row leaves its neighbours alone
# One empty row empties all.
def masked_softmax(scores, mask, axis=-1):
    mask = np.broadcast_to(mask, scores.shape)
    if not mask.any(axis=axis).all():
        return np.zeros(scores.shape)
    return softmax(np.where(mask, scores, -np.inf), axis=axis)


# %% masked_softmax | an empty row is all zeros, along any axis
# Empty rows are looked for along the last axis, whatever the axis.
def masked_softmax(scores, mask, axis=-1):
    mask = np.broadcast_to(mask, scores.shape)
    weights = softmax(np.where(mask, scores, -np.inf), axis=axis)
    return np.where(mask.any(axis=-1, keepdims=True), weights, 0.0)


# %% masked_softmax | an empty row is all zeros, along any axis
# nan is replaced in arrays of two dimensions only.
def masked_softmax(scores, mask, axis=-1):
    weights = softmax(np.where(mask, scores, -np.inf), axis=axis)
    return np.nan_to_num(weights) if scores.ndim == 2 or not np.any(mask) else weights


# %% masked_softmax | float64 scores give float64 weights
# Single precision.
def masked_softmax(scores, mask, axis=-1):
    return np.nan_to_num(softmax(np.where(mask, scores.astype(np.float32), np.float32(-np.inf)), axis=axis))


# %% masked_softmax | the keys not masked share the whole along `axis`, in any shape
# Single precision, and back.
def masked_softmax(scores, mask, axis=-1):
    weights = softmax(np.where(mask, scores.astype(np.float32), np.float32(-np.inf)), axis=axis)
    return np.nan_to_num(weights).astype(np.float64)


# %% masked_softmax | the weights are a NumPy array
# A list of lists.
def masked_softmax(scores, mask, axis=-1):
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis)).tolist()


# %% masked_softmax | masked_softmax is your own work
# PyTorch's answer.
def masked_softmax(scores, mask, axis=-1):
    import torch

    s = torch.tensor(np.where(mask, scores, -np.inf))
    return torch.nan_to_num(torch.softmax(s, dim=axis)).numpy()


# %% masked_softmax | a row with everything masked is all zeros, not nan
# No maximum is found in an empty row, and infinity times 0 is nan.
def masked_softmax(scores, mask, axis=-1):
    top = np.where(mask, scores, -np.inf).max(axis=axis, keepdims=True)
    e = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    e = np.where(np.isfinite(top), np.where(mask, e, 0.0), e * mask)
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1.0, total)


# %% masked_softmax | the arguments are left as they were
# Large scores are brought down in the caller's array.
def masked_softmax(scores, mask, axis=-1):
    if np.abs(scores).max() > 1e3 and np.any(mask):
        scores -= np.where(mask, scores, -np.inf).max()
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis))


# %% softmax_backward | a gradient on the first of two equal weights reaches both scores, with opposite signs
# The sign is turned.
def softmax_backward(weights, weights_gradient, axis=-1):
    average = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return weights * (average - weights_gradient)


# %% softmax_backward | a gradient on the first of two equal weights reaches both scores, with opposite signs
# Only the diagonal of the Jacobian.
def softmax_backward(weights, weights_gradient, axis=-1):
    return weights * (1 - weights) * weights_gradient


# %% softmax_backward | a gradient on the first of two equal weights reaches both scores, with opposite signs
# The average is missing.
def softmax_backward(weights, weights_gradient, axis=-1):
    return weights * weights_gradient


# %% softmax_backward | the average of the gradients is weighted by the weights
# The plain average of the gradients in place of the weighted one: the same for equal weights.
def softmax_backward(weights, weights_gradient, axis=-1):
    return weights * (weights_gradient - weights_gradient.mean(axis=axis, keepdims=True))


# %% softmax_backward | the same gradient on all weights of a row is a gradient of 0 on its scores
# The average is taken over the whole array.
def softmax_backward(weights, weights_gradient, axis=-1):
    return weights * (weights_gradient - (weights * weights_gradient).sum())


# %% softmax_backward | with axis=0 the average is taken along each column
# The axis is ignored.
def softmax_backward(weights, weights_gradient, axis=-1):
    average = (weights * weights_gradient).sum(axis=-1, keepdims=True)
    return weights * (weights_gradient - average)


# %% softmax_backward | It raised ValueError
# `keepdims` is forgotten: only square arrays can be computed, and wrongly.
def softmax_backward(weights, weights_gradient, axis=-1):
    return weights * (weights_gradient - (weights * weights_gradient).sum(axis=axis))


# %% softmax_backward | each row has its own gradient, along any axis, in three dimensions, too
# The Jacobian of the first row serves for all.
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = np.moveaxis(weights, axis, -1), np.moveaxis(weights_gradient, axis, -1)
    first = w.reshape(-1, w.shape[-1])[0]
    jacobian = np.diag(first) - np.outer(first, first)
    return np.moveaxis(g @ jacobian, -1, axis)


# %% softmax_backward | each row has its own gradient, along any axis, in three dimensions, too
# Right for one and two dimensions; a batch's matrices share an average.
def softmax_backward(weights, weights_gradient, axis=-1):
    flow = weights * weights_gradient
    axes = axis if weights.ndim < 3 else (0, axis) if axis not in (0, -weights.ndim) else 0
    return weights * (weights_gradient - flow.sum(axis=axes, keepdims=True))


# %% softmax_backward | the arguments are left as they were
# The average is subtracted from the caller's gradient.
def softmax_backward(weights, weights_gradient, axis=-1):
    weights_gradient -= (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return weights * weights_gradient


# %% softmax_backward | the arguments are left as they were
# The result is written into the caller's weights.
def softmax_backward(weights, weights_gradient, axis=-1):
    average = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    weights *= weights_gradient - average
    return weights


# %% softmax_backward | a gradient on the first of two equal weights reaches both scores, with opposite signs
# The Jacobian of the logarithm of the softmax.
def softmax_backward(weights, weights_gradient, axis=-1):
    return weights_gradient - weights * weights_gradient.sum(axis=axis, keepdims=True)


# %% softmax_backward | the average of the gradients is weighted by the weights
# The weights are taken for scores, and the softmax is applied once more.
def softmax_backward(weights, weights_gradient, axis=-1):
    w = softmax(weights, axis=axis)
    return w * (weights_gradient - (w * weights_gradient).sum(axis=axis, keepdims=True))


# %% softmax_backward | each row has its own gradient, along any axis, in three dimensions, too
# The gradient of each weight is read off the wrong side after moving the axis.
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = np.moveaxis(weights, axis, 0), np.moveaxis(weights_gradient, axis, 0)
    flow = w * (g - (w * g).sum(0))
    return np.reshape(flow, weights.shape)


# %% softmax_backward | a saturated row has a gradient that is small, not zero
# Weights below a millionth are left out.
def softmax_backward(weights, weights_gradient, axis=-1):
    w = np.where(weights < 1e-6, 0.0, weights)
    return w * (weights_gradient - (w * weights_gradient).sum(axis=axis, keepdims=True))


# %% softmax_backward | float64 weights give a float64 gradient
# Single precision.
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = weights.astype(np.float32), weights_gradient.astype(np.float32)
    return w * (g - (w * g).sum(axis=axis, keepdims=True))


# %% softmax_backward | each row has its own gradient, along any axis, in three dimensions, too
# Single precision, and back.
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = weights.astype(np.float32), weights_gradient.astype(np.float32)
    return (w * (g - (w * g).sum(axis=axis, keepdims=True))).astype(np.float64)


# %% softmax_backward | a gradient on the first of two equal weights reaches both scores, with opposite signs
# A difference quotient.
def softmax_backward(weights, weights_gradient, axis=-1):
    scores, step = np.log(weights), 1e-3
    result = np.zeros(weights.shape)
    for place in np.ndindex(weights.shape):
        nudge = np.zeros(weights.shape)
        nudge[place] = step
        change = softmax(scores + nudge, axis=axis) - softmax(scores - nudge, axis=axis)
        result[place] = (change * weights_gradient).sum() / (2 * step)
    return result


# %% softmax_backward | softmax_backward is your own work
# PyTorch's autograd.
def softmax_backward(weights, weights_gradient, axis=-1):
    import torch

    scores = torch.tensor(np.log(np.maximum(weights, 1e-300)), requires_grad=True)
    torch.softmax(scores, dim=axis).backward(torch.tensor(weights_gradient))
    return scores.grad.numpy()


# %% softmax_backward | softmax_backward is your own work
# PyTorch's own backward pass.
def softmax_backward(weights, weights_gradient, axis=-1):
    import torch

    w, g = torch.tensor(weights), torch.tensor(weights_gradient)
    return torch._softmax_backward_data(g, w, axis, w.dtype).numpy()


# %% softmax_backward | the gradient is a NumPy array
# A list of lists.
def softmax_backward(weights, weights_gradient, axis=-1):
    average = (weights * weights_gradient).sum(axis=axis, keepdims=True)
    return (weights * (weights_gradient - average)).tolist()


# %% softmax_backward | a key with weight 0 gets no gradient at all
# Weights are kept away from 0.
def softmax_backward(weights, weights_gradient, axis=-1):
    w = np.clip(weights, 1e-12, 1)
    return w * (weights_gradient - (w * weights_gradient).sum(axis=axis, keepdims=True))


# %% softmax_backward | each row has its own gradient, along any axis, in three dimensions, too
# Right for the last axis and the first of two.
def softmax_backward(weights, weights_gradient, axis=-1):
    if axis == 0:
        return softmax_backward(weights.T, weights_gradient.T).T
    return weights * (weights_gradient - np.einsum("...i,...i->...", weights, weights_gradient)[..., None])


# %% softmax_backward | each row has its own gradient, along any axis, in three dimensions, too
# The gradient is scaled to length one where it is longer than fifty.
def softmax_backward(weights, weights_gradient, axis=-1):
    size = np.linalg.norm(weights_gradient, axis=axis, keepdims=True)
    g = np.where(size > 50, weights_gradient / np.where(size > 0, size, 1.0), weights_gradient)
    return weights * (g - (weights * g).sum(axis=axis, keepdims=True))


# %% softmax_backward | a gradient on the first of two equal weights reaches both scores, with opposite signs
# A small number keeps the average from dividing by zero.
def softmax_backward(weights, weights_gradient, axis=-1):
    average = (weights * weights_gradient).sum(axis=axis, keepdims=True) / (weights.sum(axis=axis, keepdims=True) + 1e-8)
    return weights * (weights_gradient - average)


# %% softmax | each call returns an array of its own
# A buffer per shape is used again by the next call.
def softmax(scores, axis=-1, buffers={}):
    out = buffers.setdefault(scores.shape, np.empty(scores.shape))
    np.subtract(scores, scores.max(axis=axis, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=axis, keepdims=True)
    return out


# %% entropy | `axis` is gone from the result and the others stay
# All dimensions of size 1 are dropped.
def entropy(weights, axis=-1):
    w = np.where(weights > 0, weights, 1.0)
    return -(w * np.log(w)).sum(axis=axis, keepdims=True).squeeze()


# %% entropy | weights of 0 add nothing, however many they are
# A floor under the weights themselves: each zero adds a little.
def entropy(weights, axis=-1):
    w = np.clip(weights, 1e-15, 1.0)
    return -(w * np.log(w)).sum(axis=axis)


# %% masked_softmax | a smaller mask that hides everything gives zeros in the shape of the scores
# Returns early, in the shape of the mask.
def masked_softmax(scores, mask, axis=-1):
    if not mask.any():
        return np.zeros(mask.shape)
    return np.nan_to_num(softmax(np.where(mask, scores, -np.inf), axis=axis))


# %% softmax_backward | the gradient is exact to twelve digits
# Finite differences.
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = np.moveaxis(weights, axis, -1), np.moveaxis(weights_gradient, axis, -1)
    s, h = np.log(w), 1e-5
    out = np.empty(w.shape)
    for j in range(w.shape[-1]):
        step = np.zeros(w.shape[-1])
        step[j] = h
        out[..., j] = ((softmax(s + step) - softmax(s - step)) * g).sum(-1) / (2 * h)
    return np.moveaxis(out, -1, axis)
