# Right answers to lesson 02 in other styles. Each must get full marks, whatever the secret of the class.

# %% one_hot | rows of the identity
def one_hot(ids, size):
    return np.eye(size)[ids]


# %% one_hot | filled place by place
def one_hot(ids, size):
    ids = np.asarray(ids)
    vectors = np.zeros((*ids.shape, size))
    for place in np.ndindex(ids.shape):
        vectors[place + (int(ids[place]),)] = 1
    return vectors


# %% one_hot | put_along_axis
def one_hot(ids, size):
    vectors = np.zeros(np.shape(ids) + (size,))
    np.put_along_axis(vectors, np.expand_dims(np.asarray(ids, dtype=np.intp), -1), 1.0, axis=-1)
    return vectors


# %% one_hot | a flat array with steps
def one_hot(ids, size):
    flat = np.zeros(ids.size * size)
    flat[np.arange(ids.size) * size + ids.reshape(-1).astype(int)] = 1
    return flat.reshape(ids.shape + (size,))


# %% one_hot | recursion over lists
def one_hot(ids, size):
    def vector(part):
        if isinstance(part, list):
            return [vector(item) for item in part]
        return [1.0 if place == part else 0.0 for place in range(size)]

    return np.array(vector(ids.tolist()))


# %% embed | np.take
def embed(ids, table):
    return np.take(table, ids, axis=0)


# %% embed | the product with one-hot vectors
def embed(ids, table):
    return one_hot(ids, len(table)) @ table


# %% embed | an empty array filled in a loop
def embed(ids, table):
    rows = np.empty(ids.shape + table.shape[1:])
    for place, number in np.ndenumerate(ids):
        rows[place] = table[number]
    return rows


# %% embed | lists of rows
def embed(ids, table):
    rows = table.tolist()

    def look_up(part):
        return [look_up(item) for item in part] if isinstance(part, list) else rows[part]

    return look_up(ids.tolist())


# %% linear | einsum
def linear(x, weight, bias=None):
    y = np.einsum("...i,ij->...j", x, weight)
    if bias is not None:
        y += bias
    return y


# %% linear | a bias of zeros by default
def linear(x, weight, bias=None):
    if bias is None:
        bias = np.zeros(weight.shape[-1])
    return np.dot(x, weight) + bias


# %% linear | a sum over what goes in
def linear(x, weight, bias=None):
    y = 0.0 if bias is None else bias
    for i in range(weight.shape[0]):
        y = y + x[..., i, np.newaxis] * weight[i]
    return y


# %% linear | a bias as one more row of the weight
def linear(x, weight, bias=None):
    if bias is None:
        return np.tensordot(x, weight, axes=1)
    ones = np.ones(x.shape[:-1] + (1,))
    return np.concatenate([x, ones], axis=-1) @ np.vstack([weight, bias])


# %% linear | flattened and put back
def linear(x, weight, bias=None):
    rows = np.reshape(x, (-1, x.shape[-1]))
    y = np.array([[sum(row * column) for column in weight.T] for row in rows])
    y = y.reshape(x.shape[:-1] + (weight.shape[1],))
    return y if bias is None else np.add(y, bias)


# %% cosine_similarity | two loops
def cosine_similarity(a, b):
    result = np.zeros((len(a), len(b)))
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            lengths = np.sqrt(x @ x) * np.sqrt(y @ y)
            if lengths > 0:
                result[i, j] = x @ y / lengths
    return result


# %% cosine_similarity | divide with where
def cosine_similarity(a, b):
    dots, lengths = a @ b.T, np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    return np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths != 0)


# %% cosine_similarity | nan replaced after the fact
# The warnings are printed and cost nothing.
def cosine_similarity(a, b):
    return np.nan_to_num((a @ b.T) / (np.linalg.norm(a, axis=-1)[:, None] * np.linalg.norm(b, axis=-1)[None]))


# %% cosine_similarity | einsum of directions
def cosine_similarity(a, b):
    def direction(rows):
        lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
        lengths[lengths == 0] = np.inf
        return rows / lengths[:, None]

    return np.einsum("nd,md->nm", direction(a), direction(b))


# %% cosine_similarity | the smallest of floats against zero
def cosine_similarity(a, b):
    a = a / (np.linalg.norm(a, axis=1, keepdims=True) + 1e-300)
    b = b / (np.linalg.norm(b, axis=1, keepdims=True) + 1e-300)
    return a @ b.T


# %% cooccurrence | loops over places
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size), dtype=int)
    for i in range(len(ids)):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j:
                counts[ids[i], ids[j]] += 1
    return counts


# %% cooccurrence | one side, then its transpose added
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for place, word in enumerate(ids):
        for other in ids[place + 1 : place + 1 + window]:
            counts[word, other] += 1
    return counts + counts.T


# %% cooccurrence | Counter of pairs
from collections import Counter


def cooccurrence(ids, size, window):
    words = ids.tolist()
    pairs = Counter()
    for distance in range(1, window + 1):
        pairs.update(zip(words, words[distance:]))
        pairs.update(zip(words[distance:], words))
    return [[pairs[one, other] for other in range(size)] for one in range(size)]


# %% cooccurrence | bincount of pair numbers
def cooccurrence(ids, size, window):
    ids = np.asarray(ids, dtype=np.int64)
    flat = np.zeros(size * size)
    for distance in range(1, window + 1):
        a, b = ids[:-distance], ids[distance:]
        flat += np.bincount(np.concatenate([a * size + b, b * size + a]), minlength=size * size)
    return flat.reshape(size, size)


# %% cooccurrence | a product of one-hot vectors and a band
def cooccurrence(ids, size, window):
    vectors = np.eye(size)[ids]
    place = np.arange(len(ids))
    apart = np.abs(place[:, None] - place)
    return vectors.T @ ((apart > 0) & (apart <= window)) @ vectors


# %% ppmi | shares and np.where
def ppmi(counts):
    p = counts / counts.sum()
    r, k = p.sum(axis=1), p.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pmi = np.log(p / np.outer(r, k))
    return np.where((p > 0) & (pmi > 0), pmi, 0.0)


# %% ppmi | two loops
import math


def ppmi(counts):
    total = counts.sum()
    result = np.zeros(counts.shape)
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            if count > 0:
                result[i, j] = max(0.0, math.log(count * total / (row.sum() * counts[:, j].sum())))
    return result


# %% ppmi | logarithms subtracted
# The logarithm of 0 is minus infinity; the warnings are printed and cost nothing.
def ppmi(counts):
    log = np.log
    pmi = log(counts) + log(counts.sum()) - log(counts.sum(1, keepdims=True)) - log(counts.sum(0, keepdims=True))
    return np.nan_to_num(np.maximum(pmi, 0.0))


# %% ppmi | only where something was counted
def ppmi(counts):
    i, j = np.nonzero(counts)
    rows, columns = counts.sum(1), counts.sum(0)
    result = np.zeros(counts.shape, dtype=float)
    result[i, j] = np.clip(np.log(counts[i, j] * (counts.sum() / rows[i] / columns[j])), 0, None)
    return result


# %% ppmi | a nested list
def ppmi(counts):
    total, rows, columns = float(counts.sum()), counts.sum(1).tolist(), counts.sum(0).tolist()
    return [
        [float(np.log(max(1.0, c * total / (r * k)))) if c else 0.0 for c, k in zip(row, columns)]
        for row, r in zip(counts.tolist(), rows)
    ]


# %% word_vectors | the matrix times V
def word_vectors(matrix, dim):
    _, _, Vt = np.linalg.svd(matrix, full_matrices=False)
    return matrix @ Vt[:dim].T


# %% word_vectors | a diagonal matrix
def word_vectors(matrix, dim):
    U, S, Vt = np.linalg.svd(matrix)
    return U[:, :dim] @ np.diag(S[:dim])


# %% word_vectors | eigenvectors of the products of rows
def word_vectors(matrix, dim):
    values, vectors = np.linalg.eigh(matrix @ matrix.T)
    order = np.argsort(values)[::-1][:dim]
    return vectors[:, order] * np.sqrt(np.maximum(values[order], 0.0))


# %% word_vectors | with the signs turned, column by column
def word_vectors(matrix, dim):
    U, S, Vt = np.linalg.svd(matrix, full_matrices=False)
    columns = []
    for k in range(dim):
        sign = -1.0 if Vt[k].sum() > 0 else 1.0
        columns.append(sign * S[k] * U[:, k])
    return np.stack(columns, axis=1)


# %% word_vectors | eigenvectors of the products of columns
def word_vectors(matrix, dim):
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    return np.ascontiguousarray((matrix @ vectors)[:, ::-1][:, :dim])


# %% nearest | sorted with a key
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[word : word + 1], vectors)[0]
    others = [other for other in range(len(vectors)) if other != word]
    return sorted(others, key=lambda other: similarities[other], reverse=True)[:count]


# %% nearest | the word pushed to the end and cut off
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[[word]], vectors).ravel().copy()
    similarities[word] = -np.inf
    return np.argsort(-similarities)[: min(count, len(vectors) - 1)]


# %% nearest | np.delete of the word's id
def nearest(word, vectors, count):
    others = np.delete(np.arange(len(vectors)), word)
    similarities = cosine_similarity(vectors[others], vectors[[word]])[:, 0]
    return others[np.argsort(similarities)[::-1]][:count].tolist()


# %% nearest | the best of the rest, one after the other
def nearest(word, vectors, count):
    rest = {i: float(cosine_similarity(vectors[[word]], row[None])[0, 0]) for i, row in enumerate(vectors) if i != word}
    found = []
    while rest and len(found) < count:
        found.append(max(rest, key=rest.get))
        del rest[found[-1]]
    return tuple(found)


# %% nearest | a heap, with its own cosines
import heapq


def nearest(word, vectors, count):
    lengths = np.linalg.norm(vectors, axis=1)
    lengths = np.where(lengths == 0, 1.0, lengths)
    scores = vectors @ vectors[word] / lengths
    pairs = [(score, other) for other, score in enumerate(scores) if other != word]
    return [other for _, other in heapq.nlargest(count, pairs)]
