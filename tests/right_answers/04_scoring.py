# Right answers to lesson 04, in styles other than the lesson's own. Every one must get full marks.

# %% dot_scores | einsum
def dot_scores(Q, K):
    return np.einsum("...qd,...kd->...qk", Q, K)


# %% dot_scores | products of all pairs, summed
def dot_scores(Q, K):
    return (Q[..., :, None, :] * K[..., None, :, :]).sum(-1)


# %% dot_scores | loops over batches, queries and keys
def dot_scores(Q, K):
    batch = np.broadcast_shapes(Q.shape[:-2], K.shape[:-2])
    Q = np.broadcast_to(Q, batch + Q.shape[-2:])
    K = np.broadcast_to(K, batch + K.shape[-2:])
    scores = np.zeros(batch + (Q.shape[-2], K.shape[-2]))
    for place in np.ndindex(batch):
        for i, query in enumerate(Q[place]):
            for j, key in enumerate(K[place]):
                total = 0.0
                for a in range(len(query)):
                    total += query[a] * key[a]
                scores[place][i, j] = total
    return scores


# %% dot_scores | transposed twice
def dot_scores(Q, K):
    return np.matmul(K, np.moveaxis(Q, -1, -2)).swapaxes(-2, -1)


# %% dot_scores | np.transpose with a permutation, on a copy
def dot_scores(Q, K):
    order = [*range(K.ndim - 2), K.ndim - 1, K.ndim - 2]
    return np.matmul(np.array(Q), np.transpose(K, order).copy())


# %% dot_scores | PyTorch and back
def dot_scores(Q, K):
    import torch

    return (torch.tensor(Q.copy()) @ torch.tensor(K.copy()).mT).numpy()


# %% scaled_dot_scores | the query is divided first
def scaled_dot_scores(Q, K):
    return dot_scores(Q / np.sqrt(Q.shape[-1]), K)


# %% scaled_dot_scores | both sides by the fourth root
def scaled_dot_scores(Q, K):
    root = K.shape[-1] ** 0.25
    return (Q / root) @ np.swapaxes(K / root, -1, -2)


# %% scaled_dot_scores | times a power, with math
import math


def scaled_dot_scores(Q, K):
    d = Q.shape[-1]
    return np.einsum("...id,...jd->...ij", Q, K) * math.pow(d, -0.5)


# %% scaled_dot_scores | the product changed in place
def scaled_dot_scores(Q, K):
    scores = dot_scores(Q, K)
    scores /= math_root(K.shape[-1])
    return scores


def math_root(d):
    return float(d) ** (1 / 2)


# %% multiplicative_scores | the keys first
def multiplicative_scores(Q, K, W):
    return Q @ np.swapaxes(K @ W.T, -1, -2)


# %% multiplicative_scores | one einsum
def multiplicative_scores(Q, K, W):
    return np.einsum("...ia,ab,...jb->...ij", Q, W, K)


# %% multiplicative_scores | from left to right
def multiplicative_scores(Q, K, W):
    return np.matmul(np.matmul(Q, W), K.swapaxes(-2, -1))


# %% multiplicative_scores | W times columns of keys
def multiplicative_scores(Q, K, W):
    columns = np.moveaxis(K, -1, -2)
    return Q @ (W @ columns)


# %% multiplicative_scores | loops over queries and keys
def multiplicative_scores(Q, K, W):
    rows = [[(Q[..., i, :] @ W * K[..., j, :]).sum(axis=-1) for j in range(K.shape[-2])] for i in range(Q.shape[-2])]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


# %% additive_scores | expand_dims and a sum
def additive_scores(Q, K, W_q, W_k, v):
    queries, keys = np.expand_dims(Q @ W_q, -2), np.expand_dims(K @ W_k, -3)
    return np.sum(np.tanh(queries + keys) * v, axis=-1)


# %% additive_scores | einsum throughout
def additive_scores(Q, K, W_q, W_k, v):
    queries = np.einsum("...ia,ah->...ih", Q, W_q)
    keys = np.einsum("...jb,bh->...jh", K, W_k)
    return np.einsum("...ijh,h->...ij", np.tanh(queries[..., None, :] + keys[..., None, :, :]), v)


# %% additive_scores | one hidden number after the other, which saves memory
def additive_scores(Q, K, W_q, W_k, v):
    scores = 0.0
    for h in range(len(v)):
        scores = scores + v[h] * np.tanh((Q @ W_q[:, h])[..., :, None] + (K @ W_k[:, h])[..., None, :])
    return scores


# %% additive_scores | concatenated, one matrix over the other
def additive_scores(Q, K, W_q, W_k, v):
    batch = np.broadcast_shapes(Q.shape[:-2], K.shape[:-2])
    n_q, n_k = Q.shape[-2], K.shape[-2]
    left = np.broadcast_to(Q[..., :, None, :], (*batch, n_q, n_k, Q.shape[-1]))
    right = np.broadcast_to(K[..., None, :, :], (*batch, n_q, n_k, K.shape[-1]))
    pairs = np.concatenate([left, right], axis=-1)
    return np.dot(np.tanh(pairs @ np.vstack([W_q, W_k])), v)


# %% additive_scores | loops over queries and keys, tanh from a safe exponential
def additive_scores(Q, K, W_q, W_k, v):
    def bend(x):
        e = np.exp(-2 * np.abs(x))
        return np.sign(x) * -np.expm1(-2 * np.abs(x)) / (1 + e)

    rows = [[bend(Q[..., i, :] @ W_q + K[..., j, :] @ W_k) @ v for j in range(K.shape[-2])] for i in range(Q.shape[-2])]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


# %% additive_scores | twice the logistic function less one
# Overflow warnings are printed and cost nothing: 2 / inf is the 0 that is wanted.
def additive_scores(Q, K, W_q, W_k, v):
    sums = (Q @ W_q)[..., :, None, :] + (K @ W_k)[..., None, :, :]
    return (2 / (1 + np.exp(-2 * sums)) - 1) @ v


# %% score_cost | a dictionary
def score_cost(kind, n_q, n_k, d):
    return {
        "dot": (0, n_q * n_k * d),
        "scaled": (0, n_q * n_k * d),
        "multiplicative": (d**2, min(n_q, n_k) * d**2 + n_q * n_k * d),
        "additive": (2 * d**2 + d, (n_q + n_k) * d**2 + n_q * n_k * d),
    }[kind]


# %% score_cost | matrix products counted one by one, a list for a result
def score_cost(kind, n_q, n_k, d):
    def product(n, a, b):
        return n * a * b

    scores = product(n_q, d, n_k)
    if kind in ("dot", "scaled"):
        return [0, scores]
    if kind == "multiplicative":
        left = product(n_q, d, d) + scores
        right = product(d, d, n_k) + scores
        return [d * d, left if left < right else right]
    return [d * d + d * d + d, product(n_q, d, d) + product(n_k, d, d) + product(n_q * n_k, d, 1)]


# %% score_cost | NumPy integers
def score_cost(kind, n_q, n_k, d):
    n_q, n_k, d = np.int64(n_q), np.int64(n_k), np.int64(d)
    matrices = {"multiplicative": 1, "additive": 2}.get(kind, 0)
    words = {"multiplicative": np.minimum(n_q, n_k), "additive": n_q + n_k}.get(kind, np.int64(0))
    return np.array([matrices * d**2 + (kind == "additive") * d, words * d**2 + n_q * n_k * d])


# %% score_cost | match, with floats that hold whole numbers
def score_cost(kind, n_q, n_k, d):
    match kind:
        case "dot" | "scaled":
            parameters, multiplications = 0, float(n_q * n_k * d)
        case "multiplicative":
            parameters, multiplications = d**2, 1.0 * d * (d * min(n_q, n_k) + n_q * n_k)
        case "additive":
            parameters, multiplications = d * (2 * d + 1), 1.0 * d * (d * (n_q + n_k) + n_q * n_k)
    return parameters, multiplications
