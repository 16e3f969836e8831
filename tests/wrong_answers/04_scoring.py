# Wrong answers to lesson 04, as students write them. Each names the property whose check catches it.

# %% dot_scores | row i holds the dot products of query i with each key
# Keys in rows, queries in columns.
def dot_scores(Q, K):
    return K @ np.swapaxes(Q, -1, -2)


# %% dot_scores | row i holds the dot products of query i with each key
# No transpose: right for no square array but symmetric ones, an error for others.
def dot_scores(Q, K):
    return Q @ K


# %% dot_scores | row i holds the dot products of query i with each key
# Query i meets key i only.
def dot_scores(Q, K):
    return (Q * K).sum(axis=-1)


# %% dot_scores | row i holds the dot products of query i with each key
# Already the scaled ones.
def dot_scores(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])


# %% dot_scores | row i holds the dot products of query i with each key
# The cosine.
def dot_scores(Q, K):
    Q = Q / np.linalg.norm(Q, axis=-1, keepdims=True)
    K = K / np.linalg.norm(K, axis=-1, keepdims=True)
    return Q @ np.swapaxes(K, -1, -2)


# %% dot_scores | row i holds the dot products of query i with each key
# Distances, small where the vectors agree.
def dot_scores(Q, K):
    return ((Q[..., :, None, :] - K[..., None, :, :]) ** 2).sum(axis=-1)


# %% dot_scores | a single query has a row of its own, with a score for each key
# A dimension of size 1 is squeezed away.
def dot_scores(Q, K):
    return np.squeeze(Q @ np.swapaxes(K, -1, -2))


# %% dot_scores | queries meet the keys of their own batch
# `.T` turns the batch round as well.
def dot_scores(Q, K):
    return Q @ K.T


# %% dot_scores | queries meet the keys of their own batch
# np.inner, the same with less to write.
def dot_scores(Q, K):
    return np.inner(Q, K)


# %% dot_scores | queries meet the keys of their own batch
# The dimensions are counted from the front.
def dot_scores(Q, K):
    return Q @ np.swapaxes(K, 0, 1)


# %% dot_scores | It raised
# One batch dimension, no more and no less.
def dot_scores(Q, K):
    if Q.ndim == 2:
        return Q @ K.T
    return np.einsum("bqd,bkd->bqk", Q, K)


# %% dot_scores | keys without a batch serve all batches of queries
# A loop over the queries' batches; keys without a batch are taken apart as if they had one.
def dot_scores(Q, K):
    if Q.ndim == 2:
        return Q @ K.T
    return np.stack([dot_scores(q, k) for q, k in zip(Q, K)])


# %% dot_scores | the arguments are left as they were
# The caller's keys are turned in place.
def dot_scores(Q, K):
    if K.shape[-1] == K.shape[-2]:
        K[...] = np.swapaxes(K, -1, -2).copy()
        return Q @ K
    return Q @ np.swapaxes(K, -1, -2)


# %% dot_scores | every score is the sum of products, whatever the numbers of queries and keys
# Through single precision and back.
def dot_scores(Q, K):
    return (Q.astype(np.float32) @ np.swapaxes(K, -1, -2).astype(np.float32)).astype(np.float64)


# %% dot_scores | the scores are a NumPy array
# A list of lists.
def dot_scores(Q, K):
    return (Q @ np.swapaxes(K, -1, -2)).tolist()


# %% dot_scores | every score is the sum of products, whatever the numbers of queries and keys
# Whole numbers, as in the example.
def dot_scores(Q, K):
    scores = np.zeros((*np.broadcast_shapes(Q.shape[:-2], K.shape[:-2]), Q.shape[-2], K.shape[-2]), dtype=int)
    scores[...] = Q @ np.swapaxes(K, -1, -2)
    return scores.astype(float)


# %% dot_scores | every score is the sum of products, whatever the numbers of queries and keys
# Results are kept by shape, and later arrays of the same shapes get earlier ones'.
def dot_scores(Q, K, kept={}):
    key = Q.shape, K.shape
    if key not in kept:
        kept[key] = Q @ np.swapaxes(K, -1, -2)
    return kept[key]


# %% dot_scores | it does not matter how the vectors lie in memory
# The keys are read in the order of memory.
def dot_scores(Q, K):
    K = K.ravel(order="K").reshape(K.shape) if K.ndim == 2 else K
    return Q @ np.swapaxes(K, -1, -2)


# %% dot_scores | a longer query gives larger scores, of any size
# Clipped, so that nothing can overflow later.
def dot_scores(Q, K):
    return np.clip(Q @ np.swapaxes(K, -1, -2), -50, 50)


# %% dot_scores | row i holds the dot products of query i with each key
# No score below 0.
def dot_scores(Q, K):
    return np.maximum(Q @ np.swapaxes(K, -1, -2), 0)


# %% dot_scores | batch dimensions broadcast and stay in front
# The result is given the batch dimensions of the queries wherever the numbers fit.
def dot_scores(Q, K):
    scores = Q @ np.swapaxes(K, -1, -2)
    size = (*Q.shape[:-1], K.shape[-2])
    return scores.reshape(size) if scores.size == np.prod(size) else scores


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# Divided by d.
def scaled_dot_scores(Q, K):
    return Q @ np.swapaxes(K, -1, -2) / Q.shape[-1]


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# Both sides are divided by the root, so the score by d.
def scaled_dot_scores(Q, K):
    root = np.sqrt(Q.shape[-1])
    return dot_scores(Q / root, K / root)


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# The root of the number of keys.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) / np.sqrt(K.shape[-2])


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# The root of the number of queries.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) / np.sqrt(len(Q))


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# 8, as in the paper, where d is 64.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) / 8


# %% scaled_dot_scores | dot products are divided by the root of the width, whatever the other sizes
# By 8 at most.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) / min(np.sqrt(Q.shape[-1]), 8)


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# Multiplied.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) * np.sqrt(Q.shape[-1])


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# Not divided at all.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K)


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# Divided by the lengths of the vectors: the cosine.
def scaled_dot_scores(Q, K):
    lengths = np.linalg.norm(Q, axis=-1)[..., :, None] * np.linalg.norm(K, axis=-1)[..., None, :]
    return dot_scores(Q, K) / lengths


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# Divided by the spread that was measured on these very scores.
def scaled_dot_scores(Q, K):
    scores = dot_scores(Q, K)
    return scores / (scores.std() or 1.0)


# %% scaled_dot_scores | in a batch, too, the root is that of the width
# The second dimension, which in a batch is n_q.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) / np.sqrt(Q.shape[1])


# %% scaled_dot_scores | dot products are divided by the root of the width, whatever the other sizes
# A whole number for the root.
def scaled_dot_scores(Q, K):
    return dot_scores(Q, K) / int(np.sqrt(Q.shape[-1]))


# %% scaled_dot_scores | the arguments are left as they were
# The division takes place in the caller's array.
def scaled_dot_scores(Q, K):
    Q /= np.sqrt(Q.shape[-1])
    return dot_scores(Q, K)


# %% scaled_dot_scores | the arguments are left as they were
# The keys are scaled where they are.
def scaled_dot_scores(Q, K):
    np.divide(K, K.shape[-1] ** 0.5, out=K)
    return dot_scores(Q, K)


# %% scaled_dot_scores | nine products of 1 and 1 add up to 9 and are divided by 3
# The softmax of the scores, as in the next lesson.
def scaled_dot_scores(Q, K):
    e = np.exp(dot_scores(Q, K) / np.sqrt(Q.shape[-1]))
    return e / e.sum(axis=-1, keepdims=True)


# %% scaled_dot_scores | It raised
# Right for one sentence; `.T` on a batch.
def scaled_dot_scores(Q, K):
    return Q @ K.T / np.sqrt(Q.shape[-1])


# %% scaled_dot_scores | there is a row for each query and a column for each key, in every batch
# Keys in rows.
def scaled_dot_scores(Q, K):
    if Q.shape[-2] == 1:
        return dot_scores(Q, K) / np.sqrt(Q.shape[-1])
    return dot_scores(K, Q) / np.sqrt(Q.shape[-1])


# %% multiplicative_scores | a 10 in the first row, second column ties the query's first number to the key's second
# W is transposed.
def multiplicative_scores(Q, K, W):
    return Q @ W.T @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | a 10 in the first row, second column ties the query's first number to the key's second
# W meets the keys from the queries' side.
def multiplicative_scores(Q, K, W):
    return Q @ np.swapaxes(K @ W, -1, -2)


# %% multiplicative_scores | a 10 in the first row, second column ties the query's first number to the key's second
# W is left out.
def multiplicative_scores(Q, K, W):
    return Q @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | a 10 in the first row, second column ties the query's first number to the key's second
# W is multiplied number by number with its own diagonal: only like meets like.
def multiplicative_scores(Q, K, W):
    return Q @ np.diag(np.diag(W)) @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | a 10 in the first row, second column ties the query's first number to the key's second
# W before both.
def multiplicative_scores(Q, K, W):
    return (Q @ W) @ np.swapaxes(K @ W, -1, -2)


# %% multiplicative_scores | with the identity between them it is the dot product
# Scaled as well.
def multiplicative_scores(Q, K, W):
    return Q @ W @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])


# %% multiplicative_scores | with the identity between them it is the dot product
# Keys in rows, queries in columns.
def multiplicative_scores(Q, K, W):
    return K @ W.T @ np.swapaxes(Q, -1, -2)


# %% multiplicative_scores | with the identity between them it is the dot product
# A tanh, as in the additive score.
def multiplicative_scores(Q, K, W):
    return np.tanh(Q @ W) @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | with the identity between them it is the dot product
# Query i meets key i only.
def multiplicative_scores(Q, K, W):
    return ((Q @ W) * K).sum(axis=-1)


# %% multiplicative_scores | queries meet the keys of their own batch
# `.T` turns the batch round as well.
def multiplicative_scores(Q, K, W):
    return Q @ W @ K.T


# %% multiplicative_scores | It raised
# One batch dimension at most, and the same for both.
def multiplicative_scores(Q, K, W):
    if Q.ndim == 2 and K.ndim == 2:
        return Q @ W @ K.T
    return np.einsum("nia,ab,njb->nij", Q, W, K)


# %% multiplicative_scores | batch dimensions broadcast and stay in front
# The batches of the keys that are not the queries' are summed over.
def multiplicative_scores(Q, K, W):
    extra = K.ndim - Q.ndim
    if extra > 0:
        K = K.sum(axis=tuple(range(extra)))
    return Q @ W @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | It raised
# Right for square W, on either side.
def multiplicative_scores(Q, K, W):
    return dot_scores(Q, np.einsum("ab,...jb->...ja", W, K)) if W.shape[0] == W.shape[1] else dot_scores(Q @ W.T, K)


# %% multiplicative_scores | the arguments are left as they were
# The queries are replaced in the caller's array where they fit.
def multiplicative_scores(Q, K, W):
    if W.shape[0] == W.shape[1]:
        Q[...] = Q @ W
        return Q @ np.swapaxes(K, -1, -2)
    return Q @ W @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | the rows of W belong to the query and its columns to the key, of any widths
# W is taken in single precision.
def multiplicative_scores(Q, K, W):
    return Q @ W.astype(np.float32).astype(float) @ np.swapaxes(K, -1, -2)


# %% multiplicative_scores | there is a row for each query and a column for each key
# A single row or column is squeezed away.
def multiplicative_scores(Q, K, W):
    scores = Q @ W @ np.swapaxes(K, -1, -2)
    return scores[..., 0] if K.shape[-2] == 1 else scores


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# tanh left out.
def additive_scores(Q, K, W_q, W_k, v):
    return ((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# tanh around everything.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh(((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) @ v)


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# tanh of each alone, then the sum.
def additive_scores(Q, K, W_q, W_k, v):
    return (np.tanh(Q @ W_q)[..., :, None, :] + np.tanh(K @ W_k)[..., None, :, :]) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# Multiplied where they should be added.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q)[..., :, None, :] * (K @ W_k)[..., None, :, :]) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# The difference of the two.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q)[..., :, None, :] - (K @ W_k)[..., None, :, :]) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# A sigmoid in place of tanh.
def additive_scores(Q, K, W_q, W_k, v):
    sums = (Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]
    return (1 / (1 + np.exp(-np.clip(sums, -500, 500)))) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# Row is added to row: query i meets key i.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh(Q @ W_q + K @ W_k) @ v


# %% additive_scores | row i holds the scores of query i with each key
# Keys in rows, queries in columns.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((K @ W_k)[..., :, None, :] + (Q @ W_q)[..., None, :, :]) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# v left out.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]).sum(axis=-1)


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# v inside tanh.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh(((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) * v).sum(axis=-1)


# %% additive_scores | every query meets every key in a hidden vector of their own, of any widths
# Scaled as well, by the root of the hidden width.
def additive_scores(Q, K, W_q, W_k, v):
    scores = np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) @ v
    return scores / np.sqrt(len(v)) if len(v) > 2 else scores


# %% additive_scores | a 1 in the first row, second column of W_q ties the query's first number to hidden number 2
# The matrices are those of a linear layer, with a row for each output.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q.T)[..., :, None, :] + (K @ W_k.T)[..., None, :, :]) @ v


# %% additive_scores | a 1 in the first row, second column of W_k ties the key's first number to hidden number 2
# The same for the keys only.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k.T)[..., None, :, :]) @ v


# %% additive_scores | a 1 in the first row, second column of W_q ties the query's first number to hidden number 2
# The matrices are exchanged.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_k)[..., :, None, :] + (K @ W_q)[..., None, :, :]) @ v


# %% additive_scores | queries meet the keys of their own batch
# The new dimensions are counted from the front.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q)[:, None] + (K @ W_k)[None, :]) @ v


# %% additive_scores | keys without a batch serve all batches of queries
# One batch dimension, and the same for both.
def additive_scores(Q, K, W_q, W_k, v):
    if Q.ndim == 2 and K.ndim == 2:
        Q, K = Q[None], K[None]
        return np.tanh((Q @ W_q)[:, :, None] + (K @ W_k)[:, None])[0] @ v
    return np.tanh((Q @ W_q)[:, :, None] + (K @ W_k)[:, None]) @ v


# %% additive_scores | It raised
# The same number of batch dimensions is taken for granted, and repeat for broadcasting.
def additive_scores(Q, K, W_q, W_k, v):
    n_q, n_k = Q.shape[-2], K.shape[-2]
    sums = np.repeat((Q @ W_q)[..., :, None, :], n_k, axis=-2) + np.repeat((K @ W_k)[..., None, :, :], n_q, axis=Q.ndim - 2)
    return np.tanh(sums) @ v


# %% additive_scores | every query meets every key in a hidden vector of their own, of any widths
# Repeat and tile the wrong way round: right for as many queries as keys of an example, shuffled otherwise.
def additive_scores(Q, K, W_q, W_k, v):
    if Q.ndim > 2 or K.ndim > 2 or len(Q) == len(K):
        return np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) @ v
    pairs = np.tile(Q @ W_q, (len(K), 1)) + np.repeat(K @ W_k, len(Q), axis=0)
    return (np.tanh(pairs) @ v).reshape(len(Q), len(K))


# %% additive_scores | sums in the thousands saturate, and do not overflow
# The same with one exponential.
def additive_scores(Q, K, W_q, W_k, v):
    e = np.exp(2 * ((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]))
    return ((e - 1) / (e + 1)) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# Single precision, to save memory.
def additive_scores(Q, K, W_q, W_k, v):
    sums = ((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]).astype(np.float32)
    return np.tanh(sums) @ v


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# v is made a column, and a dimension of 1 is left over.
def additive_scores(Q, K, W_q, W_k, v):
    scores = np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) @ v[:, None]
    return scores.squeeze()


# %% additive_scores | query and key are added, then comes tanh, then v: 10 tanh(1 + 1)
# The same, not squeezed.
def additive_scores(Q, K, W_q, W_k, v):
    return np.tanh((Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]) @ v[:, None]


# %% score_cost | the first of the pair are the parameters, and the dot product has none
# Multiplications first.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return min(n_q, n_k) * d * d + pairs, d * d
    if kind == "additive":
        return (n_q + n_k) * d * d + pairs, 2 * d * d + d
    return pairs, 0


# %% score_cost | the result is a pair of numbers
# One number, the multiplications.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return (n_q + n_k) * d * d + pairs
    return pairs


# %% score_cost | multiplicative scores cost two matrix products, in the cheaper order
# Queries first, always.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, n_q * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores cost two matrix products, in the cheaper order
# Keys first, always.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, n_k * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores cost two matrix products, in the cheaper order
# W anew for every pair.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, n_q * n_k * (d * d + d)
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores cost two matrix products, in the cheaper order
# W meets both sides.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, (n_q + n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores cost two matrix products, in the cheaper order
# The product with the keys is forgotten.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores cost two matrix products, in the cheaper order
# The smallest of all three sizes, which may be d.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k, d) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | additive scores cost each query and each key a matrix, and each pair d multiplications more
# Both matrices anew for every pair.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, n_q * n_k * (2 * d * d + d)
    return 0, pairs


# %% score_cost | additive scores cost each query and each key a matrix, and each pair d multiplications more
# The product with v is forgotten.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d
    return 0, pairs


# %% score_cost | additive scores cost each query and each key a matrix, and each pair d multiplications more
# tanh is counted as a multiplication.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + 2 * pairs
    return 0, pairs


# %% score_cost | additive scores cost each query and each key a matrix, and each pair d multiplications more
# v meets the words, not the pairs.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + (n_q + n_k) * d
    return 0, pairs


# %% score_cost | additive scores cost each query and each key a matrix, and each pair d multiplications more
# As many keys as queries.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, 2 * n_q * d * d + pairs
    return 0, pairs


# %% score_cost | additive scores learn two matrices and a vector, for any number of words
# v is forgotten.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores learn one matrix, for any number of words
# A vector in place of the matrix.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | the division by the root of d has nothing to learn
# The scale is counted as a parameter.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return int(kind == "scaled"), pairs


# %% score_cost | the division by the root of d is not counted
# The division is counted, once for each pair.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs + n_q * n_k * (kind == "scaled")


# %% score_cost | 2 queries, 3 keys and a width of 5 take 30 multiplications in a dot product
# Additions are counted as well.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * (2 * d - 1)
    if kind == "multiplicative":
        return d * d, min(n_q, n_k) * d * d + pairs
    if kind == "additive":
        return 2 * d * d + d, (n_q + n_k) * d * d + pairs
    return 0, pairs


# %% score_cost | multiplicative scores learn one matrix, for any number of words
# Every kind costs what the dot product does.
def score_cost(kind, n_q, n_k, d):
    return 0, n_q * n_k * d


# %% score_cost | It raised
# Only three kinds are known.
def score_cost(kind, n_q, n_k, d):
    pairs = n_q * n_k * d
    table = {
        "dot": (0, pairs),
        "multiplicative": (d * d, min(n_q, n_k) * d * d + pairs),
        "additive": (2 * d * d + d, (n_q + n_k) * d * d + pairs),
    }
    return table[kind]
