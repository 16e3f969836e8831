# Right answers to lesson 06 in other styles. Each must get every point.

# %% weighted_sum | einsum
def weighted_sum(weights, values):
    return np.einsum("...qk,...kd->...qd", weights, values)


# %% weighted_sum | products, then a sum
def weighted_sum(weights, values):
    return (weights[..., None] * values[..., None, :, :]).sum(axis=-2)


# %% weighted_sum | one key after the other
def weighted_sum(weights, values):
    context = 0.0
    for key in range(values.shape[-2]):
        context = context + weights[..., :, key, None] * values[..., None, key, :]
    return context


# %% weighted_sum | loops over a broadcast batch
def weighted_sum(weights, values):
    lead = np.broadcast_shapes(weights.shape[:-2], values.shape[:-2])
    weights, values = np.broadcast_to(weights, lead + weights.shape[-2:]), np.broadcast_to(values, lead + values.shape[-2:])
    context = np.empty(lead + (weights.shape[-2], values.shape[-1]))
    for place in np.ndindex(*lead):
        for query, row in enumerate(weights[place]):
            context[place][query] = sum(weight * value for weight, value in zip(row, values[place]))
    return context


# %% weighted_sum | transposed twice
def weighted_sum(weights, values):
    return np.swapaxes(np.matmul(np.swapaxes(values, -1, -2), np.swapaxes(weights, -1, -2)), -1, -2)


# %% attention | einsum, minus infinity and nan_to_num
# The invalid-value warning is printed and costs nothing.
def attention(Q, K, V, mask=None):
    scores = np.einsum("...qd,...kd->...qk", Q, K) / Q.shape[-1] ** 0.5
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = np.nan_to_num(softmax(scores))
    return np.einsum("...qk,...kd->...qd", weights, V), weights


# %% attention | the scale goes to the queries, a list is returned
def attention(Q, K, V, mask=None):
    if mask is None:
        mask = np.ones((1, 1), dtype=bool)
    weights = masked_softmax((Q * K.shape[-1] ** -0.5) @ np.moveaxis(K, -1, -2), mask)
    return [weights @ V, weights]


# %% attention | query by query
def attention(Q, K, V, mask=None):
    d_k = K.shape[-1]
    weights, contexts = [], []
    for i in range(Q.shape[-2]):
        scores = (Q[..., i : i + 1, :] * K).sum(axis=-1) / np.sqrt(d_k)  # (..., n_k)
        if mask is None:
            row = softmax(scores)
        elif mask.ndim < 2 or mask.shape[-2] == 1:
            row = masked_softmax(scores, mask if mask.ndim < 2 else mask[..., 0, :])
        else:
            row = masked_softmax(scores, mask[..., i, :])
        weights.append(row)
        contexts.append((row[..., None] * V).sum(axis=-2))
    return np.stack(contexts, axis=-2), np.stack(weights, axis=-2)


# %% attention | a softmax of its own, without the given ones
def attention(Q, K, V, mask=None):
    scores = Q @ K.swapaxes(-2, -1)
    scores /= np.sqrt(K.shape[-1])
    keep = np.broadcast_to(True if mask is None else mask, scores.shape)
    top = np.max(scores, axis=-1, keepdims=True, where=keep, initial=-np.inf)
    e = np.where(keep, np.exp(np.where(keep, scores - np.where(np.isfinite(top), top, 0.0), 0.0)), 0.0)
    total = e.sum(axis=-1, keepdims=True)
    weights = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    return weighted_sum(weights, V), weights


# %% attention | plain PyTorch operations
def attention(Q, K, V, mask=None):
    import torch

    q, k, v = (torch.tensor(np.ascontiguousarray(x)) for x in (Q, K, V))
    scores = q @ k.transpose(-1, -2) / k.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~torch.tensor(np.ascontiguousarray(mask)), -torch.inf)
    weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
    return (weights @ v).numpy(), weights.numpy()


# %% padding_mask | loops
def padding_mask(lengths, n):
    mask = np.zeros((len(lengths), 1, n), dtype=bool)
    for row, length in enumerate(lengths):
        mask[row, 0, :length] = True
    return mask


# %% padding_mask | a list comprehension
def padding_mask(lengths, n):
    return np.array([[[place < length for place in range(n)]] for length in lengths])


# %% padding_mask | rows of a lower triangle
def padding_mask(lengths, n):
    return np.tri(n + 1, n, -1, dtype=bool)[lengths][:, np.newaxis, :]


# %% padding_mask | np.less.outer
def padding_mask(lengths, n):
    return np.expand_dims(np.greater.outer(lengths, np.arange(n)), 1)


# %% kernel_regression | the minimal distance is taken off
def kernel_regression(x, x_train, y_train, width):
    half = np.subtract.outer(x, x_train) ** 2 / (2 * width**2)
    kernels = np.exp(half.min(axis=1, keepdims=True) - half)
    return kernels @ y_train / (kernels @ np.ones(y_train.shape))


# %% kernel_regression | loops, and a list of predictions
def kernel_regression(x, x_train, y_train, width):
    predictions = []
    for place in x:
        scores = np.array([-0.5 * ((place - point) / width) ** 2 for point in x_train])
        kernels = np.exp(scores - scores.max())
        predictions.append(sum(kernel * value for kernel, value in zip(kernels, y_train)) / kernels.sum())
    return np.array(predictions)


# %% kernel_regression | with weighted_sum, numbers as columns
def kernel_regression(x, x_train, y_train, width):
    weights = softmax(-0.5 * np.square((x.reshape(-1, 1) - x_train.reshape(1, -1)) / width), axis=1)
    if y_train.ndim == 1:
        return weighted_sum(weights, y_train[:, None])[:, 0]
    return weighted_sum(weights, y_train)


# %% kernel_regression | as a dot product with a bias of the key
def kernel_regression(x, x_train, y_train, width):
    scores = (np.outer(x, x_train) - x_train**2 / 2) / width**2
    return np.tensordot(softmax(scores), y_train, axes=1)


# %% kernel_regression | np.average place by place
def kernel_regression(x, x_train, y_train, width):
    def one(place):
        scores = -((x_train - place) ** 2) / 2 / width / width
        return np.average(y_train, axis=0, weights=np.exp(scores - np.max(scores)))

    return np.stack([one(place) for place in x])


# %% attentional_state | W_c in two pieces
def attentional_state(context, state, W_c):
    d_v = context.shape[-1]
    return np.tanh(context @ W_c[:, :d_v].T + state @ W_c[:, d_v:].T)


# %% attentional_state | einsum
def attentional_state(context, state, W_c):
    return np.tanh(np.einsum("oi,...i->...o", W_c, np.concatenate((context, state), -1)))


# %% attentional_state | columns for vectors
def attentional_state(context, state, W_c):
    joined = np.concatenate([context, state], axis=-1)[..., None]
    return np.tanh(W_c @ joined)[..., 0]


# %% attentional_state | loops and math.tanh
import math


def attentional_state(context, state, W_c):
    result = np.empty(context.shape[:-1] + (len(W_c),))
    for place in np.ndindex(context.shape[:-1]):
        joined = list(context[place]) + list(state[place])
        for i, row in enumerate(W_c):
            result[place][i] = math.tanh(sum(w * j for w, j in zip(row, joined)))
    return result


# %% attentional_state | np.r_ for a matrix of all vectors
def attentional_state(context, state, W_c):
    flat = np.hstack([context.reshape(-1, context.shape[-1]), state.reshape(-1, state.shape[-1])])
    return np.tanh(np.inner(flat, W_c)).reshape(*context.shape[:-1], len(W_c))
