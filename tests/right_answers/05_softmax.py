# Right answers to lesson 05, in styles other than the lesson's own. Every one must get full marks.

# %% softmax | a loop over rows, in plain Python
import math


def softmax(scores, axis=-1):
    rows = np.moveaxis(np.array(scores), axis, -1)
    weights = np.empty(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        highest = max(rows[place])
        parts = [math.exp(score - highest) for score in rows[place]]
        total = sum(parts)
        weights[place] = [part / total for part in parts]
    return np.moveaxis(weights, -1, axis)


# %% softmax | np.logaddexp.reduce
def softmax(scores, axis=-1):
    return np.exp(scores - np.logaddexp.reduce(scores, axis=axis, keepdims=True))


# %% softmax | every pair of scores compared
# Overflow warnings are printed and cost nothing: 1 / inf is the 0 that is wanted.
def softmax(scores, axis=-1):
    scores = np.moveaxis(np.asarray(scores), axis, -1)
    differences = scores[..., None, :] - scores[..., :, None]
    return np.moveaxis(1 / np.exp(differences).sum(axis=-1), -1, axis)


# %% softmax | einsum after moving the axis to the end
def softmax(scores, axis=-1):
    s = np.moveaxis(scores, axis, -1)
    e = np.exp(s - s.max(-1)[..., None])
    w = np.einsum("...i,...->...i", e, 1 / np.einsum("...i->...", e))
    return np.moveaxis(w, -1, axis)


# %% softmax | a copy changed in place
def softmax(scores, axis=-1):
    weights = np.array(scores, dtype=float)
    weights -= np.expand_dims(weights.max(axis), axis)
    np.exp(weights, out=weights)
    weights /= np.expand_dims(weights.sum(axis), axis)
    return weights


# %% softmax | plain PyTorch operations
# The sums are the student's own; only the arithmetic is PyTorch's.
def softmax(scores, axis=-1):
    import torch

    x = torch.tensor(np.ascontiguousarray(scores))
    e = (x - x.amax(dim=axis, keepdim=True)).exp()
    return (e / e.sum(dim=axis, keepdim=True)).numpy()


# %% entropy | np.log with where and out
def entropy(weights, axis=-1):
    logs = np.zeros(weights.shape)
    np.log(weights, where=weights > 0, out=logs)
    return -np.sum(weights * logs, axis=axis)


# %% entropy | nan replaced after the fact
# Warnings are printed and cost nothing.
def entropy(weights, axis=-1):
    return -np.nan_to_num(weights * np.log(weights)).sum(axis)


# %% entropy | list comprehensions, a list for a result
def entropy(weights, axis=-1):
    def of(part):
        if part.ndim > 1:
            return [of(row) for row in part]
        return sum(-float(w) * float(np.log(w)) for w in part if w != 0)

    return of(np.moveaxis(np.asarray(weights), axis, -1))


# %% entropy | a floor so low that it does not count
# Unlike a number that is added, a floor of 1e-12 leaves the larger weights as they are.
def entropy(weights, axis=-1):
    return -(weights * np.log(np.clip(weights, 1e-12, None))).sum(axis=axis)


# %% entropy | a masked array is what it returns
def entropy(weights, axis=-1):
    return -(weights * np.ma.log(weights)).sum(axis=axis)


# %% entropy | the library's x log x, element by element
def entropy(weights, axis=-1):
    import torch

    return torch.special.entr(torch.tensor(np.ascontiguousarray(weights))).sum(dim=axis).numpy()


# %% masked_softmax | where= and initial=
def masked_softmax(scores, mask, axis=-1):
    mask = np.broadcast_to(mask, scores.shape)
    highest = np.max(scores, axis=axis, keepdims=True, where=mask, initial=-np.inf)
    highest = np.where(np.isfinite(highest), highest, 0.0)
    exponentials = np.where(mask, np.exp(np.where(mask, scores - highest, 0.0)), 0.0)
    total = exponentials.sum(axis=axis, keepdims=True)
    return exponentials / np.where(total > 0, total, 1.0)


# %% masked_softmax | a loop over rows
def masked_softmax(scores, mask, axis=-1):
    rows = np.moveaxis(scores, axis, -1)
    keep = np.moveaxis(np.broadcast_to(mask, scores.shape), axis, -1)
    weights = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        row, kept = rows[place], keep[place]
        if kept.any():
            parts = np.exp(row[kept] - row[kept].max())
            weights[place][kept] = parts / parts.sum()
    return np.moveaxis(weights, -1, axis)


# %% masked_softmax | the logarithm of the mask added
# The logarithm of False is minus infinity; the warnings are printed and cost nothing.
def masked_softmax(scores, mask, axis=-1):
    return np.nan_to_num(softmax(scores + np.log(mask.astype(float)), axis=axis))


# %% masked_softmax | the smallest of floats in the sum
# 1e-300 changes no sum but that of an empty row.
def masked_softmax(scores, mask, axis=-1):
    low = np.where(mask, scores, -np.inf)
    highest = low.max(axis=axis, keepdims=True)
    e = np.exp(low - np.where(highest == -np.inf, 0.0, highest))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-300)


# %% masked_softmax | masked arrays
def masked_softmax(scores, mask, axis=-1):
    hidden = ~np.broadcast_to(mask, scores.shape)
    s = np.ma.masked_array(scores, mask=hidden)
    e = np.ma.exp(s - s.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)).filled(0.0)


# %% masked_softmax | the lowest float in place of minus infinity, empty rows cleared afterwards
# The lowest float there is cannot leak: no score is lower.
def masked_softmax(scores, mask, axis=-1):
    mask = np.broadcast_to(mask, scores.shape)
    weights = softmax(np.where(mask, scores, np.finfo(np.float64).min), axis=axis)
    return weights * mask.any(axis=axis, keepdims=True)


# %% softmax_backward | the whole Jacobian
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = np.moveaxis(weights, axis, -1), np.moveaxis(weights_gradient, axis, -1)
    jacobian = w[..., :, None] * (np.eye(w.shape[-1]) - w[..., None, :])
    return np.moveaxis(np.einsum("...i,...ij->...j", g, jacobian), -1, axis)


# %% softmax_backward | loops over everything
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = np.moveaxis(weights, axis, 0), np.moveaxis(weights_gradient, axis, 0)
    n = len(w)
    result = np.zeros_like(w)
    for j in range(n):
        for i in range(n):
            result[j] += g[i] * w[i] * ((i == j) - w[j])
    return np.moveaxis(result, 0, axis)


# %% softmax_backward | multiplied out
def softmax_backward(weights, weights_gradient, axis=-1):
    flow = weights * weights_gradient
    return flow - weights * np.expand_dims(np.sum(flow, axis=axis), axis)


# %% softmax_backward | np.average with weights
def softmax_backward(weights, weights_gradient, axis=-1):
    average = np.average(weights_gradient, axis=axis, weights=weights, keepdims=True)
    return weights * (weights_gradient - average)


# %% softmax_backward | a copy changed in place
def softmax_backward(weights, weights_gradient, axis=-1):
    result = np.array(weights_gradient, dtype=float)
    result -= np.add.reduce(np.multiply(weights, result), axis=axis, keepdims=True)
    result *= weights
    return result


# %% softmax_backward | every row as a list
def softmax_backward(weights, weights_gradient, axis=-1):
    w, g = np.moveaxis(np.asarray(weights), axis, -1), np.moveaxis(np.asarray(weights_gradient), axis, -1)
    n = w.shape[-1]
    rows = []
    for ws, gs in zip(w.reshape(-1, n), g.reshape(-1, n)):
        dot = sum(a * b for a, b in zip(ws, gs))
        rows.append([a * (b - dot) for a, b in zip(ws, gs)])
    return np.moveaxis(np.reshape(rows, w.shape), -1, axis)
