# Wrong answers to lesson 06, as students write them. Each names the property whose check catches it.

# %% weighted_sum | every query collects each value in proportion to its weight on it
# The weights are transposed.
def weighted_sum(weights, values):
    return np.swapaxes(weights, -1, -2) @ values


# %% weighted_sum | every query collects each value in proportion to its weight on it
# The hard choice: the value with the largest weight.
def weighted_sum(weights, values):
    return np.take_along_axis(values, weights.argmax(axis=-1)[..., None], axis=-2)


# %% weighted_sum | every query collects each value in proportion to its weight on it
# The mean of the weighted values, not their sum.
def weighted_sum(weights, values):
    return (weights[..., None] * values[..., None, :, :]).mean(axis=-2)


# %% weighted_sum | every query collects each value in proportion to its weight on it
# Softmax once more: the weights are taken for scores.
def weighted_sum(weights, values):
    return softmax(weights) @ values


# %% weighted_sum | every query collects each value in proportion to its weight on it
# The sum over the queries as well: one context for all.
def weighted_sum(weights, values):
    return np.einsum("...qk,...kd->...d", weights, values)


# %% weighted_sum | the weights are used as they come, whatever they add up to
# The sum is divided by the sum of the weights, which is 0 in an empty row.
def weighted_sum(weights, values):
    return weights @ values / weights.sum(axis=-1, keepdims=True)


# %% weighted_sum | a small weight on a large value counts
# Small weights are left out to save time.
def weighted_sum(weights, values):
    return np.where(np.abs(weights) > 1e-6, weights, 0.0) @ values


# %% weighted_sum | each query collects from the values of its own batch entry, all of them
# np.dot pairs every batch entry with every other.
def weighted_sum(weights, values):
    return np.dot(weights, values)


# %% weighted_sum | each query collects from the values of its own batch entry, all of them
# All values come from the first batch entry.
def weighted_sum(weights, values):
    return weights @ values[(0,) * (values.ndim - 2)]


# %% weighted_sum | ValueError
# One batch dimension is planned for, and no other number of them.
def weighted_sum(weights, values):
    if weights.ndim == 2:
        return weights @ values
    return np.einsum("bqk,bkd->bqd", weights, values)


# %% weighted_sum | a batch dimension that is missing or of length one serves every batch entry
# A loop over the batch, where both must have it.
def weighted_sum(weights, values):
    if weights.ndim == 2:
        return weights @ (values if values.ndim == 2 else values[0])
    return np.array([weighted_sum(w, v) for w, v in zip(weights, values)])


# %% weighted_sum | float64 weights and values give a float64 context
# Single precision.
def weighted_sum(weights, values):
    return (weights @ values).astype(np.float32)


# %% weighted_sum | the context is a NumPy array
# Lists.
def weighted_sum(weights, values):
    return (weights @ values).tolist()


# %% weighted_sum | the arguments are left as they were
# The weights are made to add up to one, in the caller's array.
def weighted_sum(weights, values):
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ values


# %% attention | a query's weights are the softmax of its dot products over the root of d_k
# No scale.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2)
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | a query's weights are the softmax of its dot products over the root of d_k
# Divided by d_k, not by its root.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / Q.shape[-1]
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | a query's weights are the softmax of its dot products over the root of d_k
# The root of the width of the values.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(V.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | in any shape, each query's weights come from the keys of its own batch entry
# The scale of the first example, fixed.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / 2
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | a query's weights are the softmax of its dot products over the root of d_k
# Softmax over the queries.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores, axis=-2) if mask is None else masked_softmax(scores, mask, axis=-2)
    return weighted_sum(weights, V), weights


# %% attention | a query's weights are the softmax of its dot products over the root of d_k
# Keys take the rows.
def attention(Q, K, V, mask=None):
    scores = K @ np.swapaxes(Q, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | the context is the sum of the values with these weights
# The keys are summed in place of the values.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, K), weights


# %% attention | the context is the sum of the values with these weights
# The weights are transposed for the sum.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(np.swapaxes(weights, -1, -2), V), weights


# %% attention | the context is the sum of the values with these weights
# The hard argmax, with soft weights beside it.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    hard = np.eye(K.shape[-2])[weights.argmax(axis=-1)]
    return hard @ V, weights


# %% attention | it returns a pair, context and weights
# The context without the weights.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    return weighted_sum(softmax(scores) if mask is None else masked_softmax(scores, mask), V)


# %% attention | it returns a pair, context and weights
# The pair is the wrong way round.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weights, weighted_sum(weights, V)


# %% attention | in any shape, each query's weights come from the keys of its own batch entry
# K.T turns all axes of a batch.
def attention(Q, K, V, mask=None):
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | in any shape, the context collects the values of its own batch entry
# The weights are right, and the values are averaged over the batch.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    if V.ndim > 2:
        V = np.broadcast_to(V.mean(axis=0), V.shape)
    return weighted_sum(weights, V), weights


# %% attention | large dot products neither overflow nor underflow
# The textbook's softmax.
def attention(Q, K, V, mask=None):
    e = np.exp(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    if mask is not None:
        e = e * mask
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1.0)
    return weighted_sum(weights, V), weights


# %% attention | masked keys get no weight, and a query's other keys share the whole
# The mask is ignored.
def attention(Q, K, V, mask=None):
    weights = softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    return weighted_sum(weights, V), weights


# %% attention | masked keys get no weight, and a query's other keys share the whole
# True is taken for hidden.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, ~mask)
    return weighted_sum(weights, V), weights


# %% attention | masked keys get no weight, and a query's other keys share the whole
# The mask comes after the softmax: what is hidden is lost.
def attention(Q, K, V, mask=None):
    weights = softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))
    if mask is not None:
        weights = weights * mask
    return weighted_sum(weights, V), weights


# %% attention | masked keys get no weight, and a query's other keys share the whole
# Masked scores become 0, which is a score like any other.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = scores * mask
    weights = softmax(scores)
    return weighted_sum(weights, V), weights


# %% attention | a query that may look nowhere gets weights of 0
# Minus infinity, and nobody looks after the empty row.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return weighted_sum(weights, V), weights


# %% attention | a query that may look nowhere gets weights of 0
# -1e9 for minus infinity: an empty row shares equally.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    weights = softmax(scores)
    return weighted_sum(weights, V), weights


# %% attention | a key left alone gets everything, however low its score
# -1e9 for minus infinity, and the empty row is cleared afterwards.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is None:
        weights = softmax(scores)
    else:
        weights = softmax(np.where(mask, scores, -1e9)) * mask.any(axis=-1, keepdims=True)
    return weighted_sum(weights, V), weights


# %% attention | the context is made with the masked weights
# Masked weights beside a context that was made without the mask.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores)
    context = weighted_sum(weights, V)
    if mask is not None:
        weights = masked_softmax(scores, mask)
    return context, weights


# %% attention | masked keys get no weight, and a query's other keys share the whole
# The context is masked, the weights that are returned are not.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores)
    return weighted_sum(weights if mask is None else masked_softmax(scores, mask), V), weights


# %% attention | a mask holds for the queries and batch entries it broadcasts to, and for no others
# Every batch entry gets the mask of the first.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    while mask is not None and mask.ndim > 2:
        mask = mask[0]
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | a mask holds for the queries and batch entries it broadcasts to, and for no others
# The mask of the first query is used for all of them.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask[..., :1, :] if mask.ndim > 2 else mask)
    return weighted_sum(weights, V), weights


# %% attention | with everything masked all weights are exactly 0
# A mask with nothing True counts as none.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = masked_softmax(scores, mask) if mask is not None and mask.any() else softmax(scores)
    return weighted_sum(weights, V), weights


# %% attention | ambiguous
# `if mask` asks an array of many whether it is true.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = masked_softmax(scores, mask) if mask else softmax(scores)
    return weighted_sum(weights, V), weights


# %% attention | whatever stands at masked keys and values, the context is the same
# The maximum is that of the masked keys, too: what is left underflows to nothing.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    keep = np.ones(scores.shape, dtype=bool) if mask is None else np.broadcast_to(mask, scores.shape)
    e = np.where(keep, np.exp(scores - scores.max(axis=-1, keepdims=True)), 0.0)
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total > 0, total, 1.0)
    return weighted_sum(weights, V), weights


# %% attention | the arguments are left as they were
# The scale is divided into the caller's queries.
def attention(Q, K, V, mask=None):
    Q /= np.sqrt(Q.shape[-1])
    scores = Q @ np.swapaxes(K, -1, -2)
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights


# %% attention | float64 inputs give float64 results
# Single precision.
def attention(Q, K, V, mask=None):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    weights = softmax(scores) if mask is None else masked_softmax(scores, mask)
    return weighted_sum(weights, V), weights.astype(np.float32)


# %% attention | attention is your own work
# PyTorch's own.
def attention(Q, K, V, mask=None):
    import torch
    import torch.nn.functional as F

    q, k, v, eye = (torch.tensor(np.ascontiguousarray(x)) for x in (Q, K, V, np.eye(K.shape[-2])))
    m = None if mask is None else torch.tensor(np.ascontiguousarray(mask))
    context = F.scaled_dot_product_attention(q, k, v, attn_mask=m)
    weights = F.scaled_dot_product_attention(q, k, eye.expand(*K.shape[:-1], K.shape[-2]), attn_mask=m)
    return context.nan_to_num().numpy(), weights.nan_to_num().numpy()


# %% padding_mask | a place is True if it is less than the length
# One place too many.
def padding_mask(lengths, n):
    return np.arange(n) <= lengths[:, None, None]


# %% padding_mask | a place is True if it is less than the length
# One place too few: places are counted from 1.
def padding_mask(lengths, n):
    return np.arange(1, n + 1) < lengths[:, None, None]


# %% padding_mask | a place is True if it is less than the length
# True for padding.
def padding_mask(lengths, n):
    return np.arange(n) >= lengths[:, None, None]


# %% padding_mask | a place is True if it is less than the length
# Padding in front.
def padding_mask(lengths, n):
    return np.arange(n) >= n - lengths[:, None, None]


# %% padding_mask | the mask has a dimension of length one for the queries
# Without the dimension for the queries.
def padding_mask(lengths, n):
    return np.arange(n) < lengths[:, None]


# %% padding_mask | the mask has a dimension of length one for the queries
# A row for every place.
def padding_mask(lengths, n):
    return np.repeat((np.arange(n) < lengths[:, None])[:, None], n, axis=1)


# %% padding_mask | a place is True if it is less than the length
# 0 and 1.
def padding_mask(lengths, n):
    return (np.arange(n) < lengths[:, None, None]).astype(int)


# %% padding_mask | the mask has a dimension of length one for the queries
# As many places as the longest sentence has.
def padding_mask(lengths, n):
    return np.arange(lengths.max()) < lengths[:, None, None]


# %% padding_mask | a place is True if it is less than the length
# Everybody gets the first sentence's length.
def padding_mask(lengths, n):
    return np.repeat((np.arange(n) < lengths[0])[None, None], len(lengths), axis=0)


# %% padding_mask | a place is True if it is less than the length
# An empty sentence is taken for one without padding.
def padding_mask(lengths, n):
    return np.arange(n) < np.where(lengths == 0, n, lengths)[:, None, None]


# %% padding_mask | a place is True if it is less than the length
# An empty sentence keeps its first place, against division by zero.
def padding_mask(lengths, n):
    return np.arange(n) < np.maximum(lengths, 1)[:, None, None]


# %% padding_mask | the mask has the shape (batch, 1, n)
# A batch of one loses its dimension.
def padding_mask(lengths, n):
    return (np.arange(n) < lengths[:, None]).squeeze()[..., None, :]


# %% padding_mask | the mask is a NumPy array
# Lists.
def padding_mask(lengths, n):
    return [[[place < length for place in range(n)]] for length in lengths.tolist()]


# %% padding_mask | the arguments are left as they were
# The lengths are clipped in place, to be on the safe side.
def padding_mask(lengths, n):
    lengths += 1
    return np.arange(1, n + 1) < lengths[:, None, None]


# %% kernel_regression | a point at a distance of one width counts e^(−1/2) times one at distance 0
# Divided by the square of the width, without the 2.
def kernel_regression(x, x_train, y_train, width):
    return softmax(-((x[:, None] - x_train) ** 2) / width**2) @ y_train


# %% kernel_regression | a point at a distance of one width counts e^(−1/2) times one at distance 0
# Divided by twice the width.
def kernel_regression(x, x_train, y_train, width):
    return softmax(-((x[:, None] - x_train) ** 2) / (2 * width)) @ y_train


# %% kernel_regression | a point at a distance of one width counts e^(−1/2) times one at distance 0
# `/ 2 * width**2` divides by 2 and multiplies by the square.
def kernel_regression(x, x_train, y_train, width):
    return softmax(-((x[:, None] - x_train) ** 2) / 2 * width**2) @ y_train


# %% kernel_regression | a point at a distance of one width counts e^(−1/2) times one at distance 0
# The distance is not squared: another kernel, with a peak at each point.
def kernel_regression(x, x_train, y_train, width):
    return softmax(-np.abs(x[:, None] - x_train) / width) @ y_train


# %% kernel_regression | a point at a distance of one width counts e^(−1/2) times one at distance 0
# The sign is missing: the farthest point counts most.
def kernel_regression(x, x_train, y_train, width):
    return softmax((x[:, None] - x_train) ** 2 / (2 * width**2)) @ y_train


# %% kernel_regression | points at equal distance count alike
# The density's normalisation stays, the sum of the kernels is not divided by.
def kernel_regression(x, x_train, y_train, width):
    kernels = np.exp(-((x[:, None] - x_train) ** 2) / (2 * width**2)) / (width * np.sqrt(2 * np.pi))
    return kernels @ y_train


# %% kernel_regression | points at equal distance count alike
# The mean in place of the weighted average.
def kernel_regression(x, x_train, y_train, width):
    return np.exp(-((x[:, None] - x_train) ** 2) / (2 * width**2)) @ y_train / len(x_train)


# %% kernel_regression | points at equal distance count alike
# The shares are dealt over the places asked for, not over the points.
def kernel_regression(x, x_train, y_train, width):
    return softmax(-((x[:, None] - x_train) ** 2) / (2 * width**2), axis=0) @ y_train


# %% kernel_regression | values may be vectors
# Values are numbers, and nothing else is thought of.
def kernel_regression(x, x_train, y_train, width):
    weights = softmax(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    return (weights * y_train).sum(axis=1)


# %% kernel_regression | points at equal distance count alike
# squeeze takes more away than it should.
def kernel_regression(x, x_train, y_train, width):
    weights = softmax(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    return (weights @ y_train.reshape(len(x_train), -1)).squeeze()


# %% kernel_regression | far away the prediction is the value of the nearest point, not nan
# The formula as it stands: 0 / 0 far away.
def kernel_regression(x, x_train, y_train, width):
    kernels = np.exp(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    return kernels / kernels.sum(axis=1, keepdims=True) @ y_train


# %% kernel_regression | far away the prediction is the value of the nearest point, not nan
# The same, and nan becomes 0.
def kernel_regression(x, x_train, y_train, width):
    kernels = np.exp(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    return np.nan_to_num(kernels / kernels.sum(axis=1, keepdims=True)) @ y_train


# %% kernel_regression | far away the prediction is the value of the nearest point, not nan
# Far away: the average of all points.
def kernel_regression(x, x_train, y_train, width):
    kernels = np.exp(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    kernels[kernels.sum(axis=1) == 0] = 1.0
    return kernels / kernels.sum(axis=1, keepdims=True) @ y_train


# %% kernel_regression | far away the prediction is the value of the nearest point, not nan
# Far away the last point is taken for the nearest.
def kernel_regression(x, x_train, y_train, width):
    kernels = np.exp(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    kernels[kernels.sum(axis=1) == 0, -1] = 1.0
    return kernels / kernels.sum(axis=1, keepdims=True) @ y_train


# %% kernel_regression | with a narrow kernel each place takes the value of its own nearest point
# One maximum for all places.
def kernel_regression(x, x_train, y_train, width):
    scores = -((x[:, None] - x_train) ** 2) / (2 * width**2)
    kernels = np.exp(scores - scores.max())
    total = kernels.sum(axis=1, keepdims=True)
    outside = (x < x_train.min()) | (x > x_train.max())
    kernels[outside] = x_train == np.clip(x[outside, None], x_train.min(), x_train.max())
    return kernels / np.where(outside[:, None], kernels.sum(axis=1, keepdims=True), total) @ y_train


# %% kernel_regression | points that are equally near share equally, however far away
# Where all kernels vanish, the first of the nearest points.
def kernel_regression(x, x_train, y_train, width):
    distance = x[:, None] - x_train
    kernels = np.exp(-(distance**2) / (2 * width**2))
    lost = kernels.sum(axis=1) == 0
    kernels[lost] = np.eye(len(x_train))[np.abs(distance).argmin(axis=1)[lost]]
    return kernels / kernels.sum(axis=1, keepdims=True) @ y_train


# %% kernel_regression | at a distance of eight widths the weights keep their ratio
# Points more than five widths away are left out, or the nearest is taken.
def kernel_regression(x, x_train, y_train, width):
    distance = np.abs(x[:, None] - x_train)
    kernels = np.where(distance < 5 * width, np.exp(-(distance**2) / (2 * width**2)), 0.0)
    lost = kernels.sum(axis=1) == 0
    nearest = (distance == distance.min(axis=1, keepdims=True)).astype(float)
    kernels[lost] = nearest[lost]
    return kernels / kernels.sum(axis=1, keepdims=True) @ y_train


# %% kernel_regression | a small weight is small, not zero, and in proportion
# Small weights are set to zero.
def kernel_regression(x, x_train, y_train, width):
    weights = softmax(-((x[:, None] - x_train) ** 2) / (2 * width**2))
    return np.where(weights < 1e-12, 0.0, weights) @ y_train


# %% kernel_regression | a point that comes twice counts twice
# Each place counts once.
def kernel_regression(x, x_train, y_train, width):
    x_train, first = np.unique(x_train, return_index=True)
    return softmax(-((x[:, None] - x_train) ** 2) / (2 * width**2)) @ y_train[first]


# %% kernel_regression | each place has its own weighted average of all points
# The points are sorted, their values are not.
def kernel_regression(x, x_train, y_train, width):
    return softmax(-((x[:, None] - np.sort(x_train)) ** 2) / (2 * width**2)) @ y_train


# %% kernel_regression | float64 points give float64 predictions
# Single precision.
def kernel_regression(x, x_train, y_train, width):
    return (softmax(-((x[:, None] - x_train) ** 2) / (2 * width**2)) @ y_train).astype("f")


# %% kernel_regression | the arguments are left as they were
# The places are measured in widths, in the caller's array.
def kernel_regression(x, x_train, y_train, width):
    x /= width
    return softmax(-((x[:, None] - x_train / width) ** 2) / 2) @ y_train


# %% attentional_state | the context comes first and the state second
# The state comes first.
def attentional_state(context, state, W_c):
    return np.tanh(np.concatenate([state, context], axis=-1) @ W_c.T)


# %% attentional_state | it is tanh of a weighted sum of context and state
# The tanh is missing.
def attentional_state(context, state, W_c):
    return np.concatenate([context, state], axis=-1) @ W_c.T


# %% attentional_state | row i of W_c makes number i of the result
# W_c is not transposed.
def attentional_state(context, state, W_c):
    return np.tanh(np.concatenate([context, state], axis=-1) @ W_c)


# %% attentional_state | it is tanh of a weighted sum of context and state
# A sigmoid.
def attentional_state(context, state, W_c):
    return 1 / (1 + np.exp(-np.concatenate([context, state], axis=-1) @ W_c.T))


# %% attentional_state | it is tanh of a weighted sum of context and state
# The context without the state.
def attentional_state(context, state, W_c):
    return np.tanh(context @ W_c[:, : context.shape[-1]].T)


# %% attentional_state | it is tanh of a weighted sum of context and state
# tanh of each part, then the sum.
def attentional_state(context, state, W_c):
    d_v = context.shape[-1]
    return np.tanh(context @ W_c[:, :d_v].T) + np.tanh(state @ W_c[:, d_v:].T)


# %% attentional_state | it is tanh of a weighted sum of context and state
# A softmax, as if words were to be chosen already.
def attentional_state(context, state, W_c):
    return softmax(np.concatenate([context, state], axis=-1) @ W_c.T)


# %% attentional_state | it is tanh of a weighted sum of context and state
# Added to the state, as a residual.
def attentional_state(context, state, W_c):
    return state + np.tanh(np.concatenate([context, state], axis=-1) @ W_c.T)


# %% attentional_state | ValueError
# axis=0: right for one vector, and in a batch the vectors stand below each other.
def attentional_state(context, state, W_c):
    return np.tanh(np.concatenate([context, state]) @ W_c.T)


# %% attentional_state | each vector of a batch is made from its own context and state
# W_c on the left: right for one vector only.
def attentional_state(context, state, W_c):
    return np.tanh(W_c @ np.concatenate([context, state], axis=-1))


# %% attentional_state | each vector of a batch is made from its own context and state
# Right for a column per vector, and the columns stay.
def attentional_state(context, state, W_c):
    return np.tanh(W_c @ np.swapaxes(np.concatenate([context, state], axis=-1), -1, -2)) if context.ndim > 1 else np.tanh(
        W_c @ np.concatenate([context, state])
    )


# %% attentional_state | each vector of a batch is made from its own context and state
# Every state meets the first context of its batch.
def attentional_state(context, state, W_c):
    if context.ndim > 1:
        context = np.broadcast_to(context[..., :1, :], context.shape)
    return np.tanh(np.concatenate([context, state], axis=-1) @ W_c.T)


# %% attentional_state | float64 inputs give a float64 result
# Single precision.
def attentional_state(context, state, W_c):
    return np.tanh(np.concatenate([context, state], axis=-1) @ W_c.T).astype(np.float32)


# %% attentional_state | the attentional state is a NumPy array
# Lists.
def attentional_state(context, state, W_c):
    return np.tanh(np.concatenate([context, state], axis=-1) @ W_c.T).tolist()


# %% attentional_state | the arguments are left as they were
# The decoder's state is moved on, in the caller's array.
def attentional_state(context, state, W_c):
    result = np.tanh(np.concatenate([context, state], axis=-1) @ W_c.T)
    if result.shape == state.shape:
        state[...] = result
    return result
