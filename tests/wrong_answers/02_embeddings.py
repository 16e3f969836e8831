# Wrong answers to lesson 02, as students write them. Each names the property whose check catches it.

# %% one_hot | counted from 0
# Ids are counted from 1.
def one_hot(ids, size):
    return np.eye(size)[ids - 1]


# %% one_hot | counted from 0
# One place too far, with a place more to make room for it.
def one_hot(ids, size):
    return np.eye(size + 1)[ids + 1][..., :size]


# %% one_hot | counted from 0
# The words are rows and the tokens columns.
def one_hot(ids, size):
    return (np.arange(size)[:, None] == ids).astype(float)


# %% one_hot | counted from 0
# As wide as the largest id needs.
def one_hot(ids, size):
    return np.eye(ids.max() + 1)[ids]


# %% one_hot | counted from 0
# One vector for the whole text: which words are in it.
def one_hot(ids, size):
    vector = np.zeros(size)
    vector[ids] = 1
    return vector


# %% one_hot | counted from 0
# Every token gets a column for each different word of the text.
def one_hot(ids, size):
    return (ids[..., None] == np.unique(ids)).astype(float)


# %% one_hot | It raised TypeError
# A sentence only: one id is no list.
def one_hot(ids, size):
    vectors = np.zeros((len(ids), size))
    for place, number in enumerate(ids):
        vectors[place, number] = 1.0
    return vectors


# %% one_hot | a single id gives a single vector
# All ids in one row, whatever their shape.
def one_hot(ids, size):
    vectors = np.zeros((ids.size, size))
    vectors[np.arange(ids.size), ids.ravel()] = 1
    return vectors


# %% one_hot | one dimension more, at the end
# The new dimension comes first when there is a batch.
def one_hot(ids, size):
    if ids.ndim < 2:
        return np.eye(size)[ids]
    return np.stack([(ids == word).astype(float) for word in range(size)])


# %% one_hot | the vectors are a float64 array
# Truth values.
def one_hot(ids, size):
    return ids[..., None] == np.arange(size)


# %% one_hot | the vectors are a float64 array
# Whole numbers.
def one_hot(ids, size):
    return np.eye(size, dtype=int)[ids]


# %% one_hot | the vectors are a float64 array
# Half the precision.
def one_hot(ids, size):
    return np.eye(size)[ids].astype(np.float32)


# %% one_hot | the vectors are a NumPy array
# A list of lists.
def one_hot(ids, size):
    return np.eye(size)[ids].tolist()


# %% one_hot | one dimension more, at the end
# A text of one word loses its dimension.
def one_hot(ids, size):
    return np.squeeze(np.eye(size)[ids])


# %% one_hot | it does not matter how the ids lie in memory
# Filled through the ids as they lie in memory.
def one_hot(ids, size):
    vectors = np.zeros((ids.size, size))
    vectors[np.arange(ids.size), ids.ravel(order="K")] = 1.0
    return vectors.reshape(*ids.shape, size)


# %% embed | each id gets its own row of the table
# Ids are counted from 1.
def embed(ids, table):
    return table[ids - 1]


# %% embed | each id gets its own row of the table
# The columns of the table.
def embed(ids, table):
    return table[:, ids]


# %% embed | each id gets its own row of the table
# The columns of the table, as rows.
def embed(ids, table):
    return table.T[ids]


# %% embed | each id gets its own row of the table
# The vectors as columns.
def embed(ids, table):
    return table[ids].T


# %% embed | each id gets its own row of the table
# The order of the ids is lost.
def embed(ids, table):
    return table[np.unique(ids)]


# %% embed | each id gets its own row of the table
# The average of the rows in place of the rows.
def embed(ids, table):
    return table[ids].mean(axis=0)


# %% embed | each id gets its own row of the table
# Without an axis np.take counts through the whole table.
def embed(ids, table):
    return np.take(table, ids)


# %% embed | the shape is that of the ids
# The tokens of a batch in one long row.
def embed(ids, table):
    return table[ids.ravel()]


# %% embed | It raised TypeError
# A sentence or a batch of them, and nothing else.
def embed(ids, table):
    return np.array([table[number] for number in ids])


# %% embed | each id gets its own row of the table
# Rows of length 1.
def embed(ids, table):
    rows = table[ids]
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


# %% embed | the shape is that of the ids
# A text of one word, or a table of one column, loses its dimension.
def embed(ids, table):
    return table[ids].squeeze()


# %% embed | a row arrives as it is, to the last digit
# Half the precision.
def embed(ids, table):
    return table[ids].astype(np.float32)


# %% linear | row i of the weight
# The weight is transposed.
def linear(x, weight, bias=None):
    y = x @ weight.T
    return y if bias is None else y + bias


# %% linear | row i of the weight
# The weight stands in front.
def linear(x, weight, bias=None):
    y = weight @ x
    return y if bias is None else y + bias


# %% linear | row i of the weight
# Element by element.
def linear(x, weight, bias=None):
    y = x * weight
    return y if bias is None else y + bias


# %% linear | row i of the weight
# A layer of a network, with its tanh.
def linear(x, weight, bias=None):
    y = np.tanh(x @ weight)
    return y if bias is None else y + bias


# %% linear | the bias is added to what comes out
# A layer of a network, with its ReLU.
def linear(x, weight, bias=None):
    y = x @ weight
    return np.maximum(y if bias is None else y + bias, 0)


# %% linear | the bias is added to what comes out
# The bias is forgotten.
def linear(x, weight, bias=None):
    return x @ weight


# %% linear | the bias is added to what comes out
# The bias is added to what goes in.
def linear(x, weight, bias=None):
    return (x if bias is None else x + bias) @ weight


# %% linear | the bias is added to what comes out
# The bias is subtracted.
def linear(x, weight, bias=None):
    y = x @ weight
    return y if bias is None else y - bias


# %% linear | It raised ValueError
# Asked whether the bias is true.
def linear(x, weight, bias=None):
    y = x @ weight
    if bias:
        y = y + bias
    return y


# %% linear | It raised TypeError
# There is always a bias.
def linear(x, weight, bias):
    return x @ weight + bias


# %% linear | the bias is added to what comes out
# A bias for each token.
def linear(x, weight, bias=None):
    y = x @ weight
    return y if bias is None else y + bias[:, None]


# %% linear | It raised ValueError
# One vector or a sentence: a batch has a dimension more.
def linear(x, weight, bias=None):
    y = np.einsum("i,ij->j" if x.ndim == 1 else "ni,ij->nj", x, weight)
    return y if bias is None else y + bias


# %% linear | the shapes in front stay
# The batch is flattened and not put back.
def linear(x, weight, bias=None):
    y = x.reshape(-1, x.shape[-1]) @ weight if x.ndim > 2 else x @ weight
    return y if bias is None else y + bias


# %% linear | float64 numbers give float64
# Half the precision.
def linear(x, weight, bias=None):
    y = x @ weight
    y = y if bias is None else y + bias
    return y.astype(np.float32)


# %% linear | the bias is added to what comes out
# One number for the whole bias.
def linear(x, weight, bias=None):
    y = x @ weight
    return y if bias is None else y + bias.sum()


# %% cosine_similarity | by direction alone
# Dot products.
def cosine_similarity(a, b):
    return a @ b.T


# %% cosine_similarity | by direction alone
# One length for the whole matrix.
def cosine_similarity(a, b):
    return a @ b.T / (np.linalg.norm(a) * np.linalg.norm(b))


# %% cosine_similarity | by direction alone
# Lengths of columns.
def cosine_similarity(a, b):
    return (a / np.linalg.norm(a, axis=0)) @ (b / np.linalg.norm(b, axis=0)).T


# %% cosine_similarity | by direction alone
# Lengths without the root.
def cosine_similarity(a, b):
    return a @ b.T / ((a**2).sum(1)[:, None] * (b**2).sum(1))


# %% cosine_similarity | by direction alone
# Transposed.
def cosine_similarity(a, b):
    n = np.maximum(np.linalg.norm(a, axis=1), 1e-300)
    m = np.maximum(np.linalg.norm(b, axis=1), 1e-300)
    return (b @ a.T) / (m[:, None] * n)


# %% cosine_similarity | by direction alone
# Row i with row i only.
def cosine_similarity(a, b):
    return (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


# %% cosine_similarity | by direction alone
# Distance, 1 less the cosine.
def cosine_similarity(a, b):
    return 1 - a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))


# %% cosine_similarity | 0, not nan
# No help for rows of zeros.
def cosine_similarity(a, b):
    return a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))


# %% cosine_similarity | a very short vector has a direction, too, and its cosines are as exact
# A small number added to every length.
def cosine_similarity(a, b):
    return a @ b.T / (np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)) + 1e-8)


# %% cosine_similarity | a very short vector has a direction, too, and its cosines are as exact
# PyTorch's way: the product of the lengths is at least 1e-8.
def cosine_similarity(a, b):
    return a @ b.T / np.maximum(np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)), 1e-8)


# %% cosine_similarity | 0, not nan
# Only the rows of a are looked after.
def cosine_similarity(a, b):
    n, m = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    return (a / np.where(n > 0, n, 1)) @ (b / m).T


# %% cosine_similarity | 0, not nan
# Everything that is nan becomes 0, too late: one such row spoils nothing else, but zeros become similar to all.
def cosine_similarity(a, b):
    with np.errstate(all="ignore"):
        return np.nan_to_num(a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)), nan=1.0)


# %% cosine_similarity | there is a column for each row of b, and opposite is −1
# The sign is lost.
def cosine_similarity(a, b):
    n, m = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    return np.abs((a / np.where(n > 0, n, 1)) @ (b / np.where(m > 0, m, 1)).T)


# %% cosine_similarity | there is a column for each row of b, and opposite is −1
# Cut off at 0.
def cosine_similarity(a, b):
    n, m = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    return np.maximum((a / np.where(n > 0, n, 1)) @ (b / np.where(m > 0, m, 1)).T, 0)


# %% cosine_similarity | the arguments are left as they were
# Normalised in place.
def cosine_similarity(a, b):
    for rows in (a, b):
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        rows /= lengths
    return a @ b.T


# %% cosine_similarity | by direction alone
# The correlation: the average of each row is taken off first.
def cosine_similarity(a, b):
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    return a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))


# %% cosine_similarity | a very short vector has a direction
# Each length is at least 1e-8.
def cosine_similarity(a, b):
    n, m = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    return (a / np.maximum(n, 1e-8)) @ (b / np.maximum(m, 1e-8)).T


# %% cosine_similarity | a very short vector has a direction
# A small number added to each length, too small to be seen in vectors of common lengths.
def cosine_similarity(a, b):
    n, m = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    return (a / (n + 1e-15)) @ (b / (m + 1e-15)).T


# %% cooccurrence | neighbours on both sides
# The right side only.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for place, word in enumerate(ids):
        for other in ids[place + 1 : place + window + 1]:
            counts[word, other] += 1
    return counts


# %% cooccurrence | neighbours on both sides
# The left side only.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for place, word in enumerate(ids):
        for other in ids[max(0, place - window) : place]:
            counts[word, other] += 1
    return counts


# %% cooccurrence | a token is not its own neighbour
# A token is its own neighbour.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for place, word in enumerate(ids):
        for other in ids[max(0, place - window) : place + window + 1]:
            counts[word, other] += 1
    return counts


# %% cooccurrence | the same word at another place counts
# The own token is recognised by its word, so that other tokens of the same word are lost.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for place, word in enumerate(ids):
        for other in ids[max(0, place - window) : place + window + 1]:
            if other != word:
                counts[word, other] += 1
    return counts


# %% cooccurrence | the same word at another place counts
# The diagonal is cleared at the end.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for place, word in enumerate(ids):
        for other in ids[max(0, place - window) : place + window + 1]:
            counts[word, other] += 1
    np.fill_diagonal(counts, 0)
    return counts


# %% cooccurrence | all words up to `window` places away count, with weight 1, and none farther off
# The window is one place too short.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for distance in range(1, window):
        np.add.at(counts, (ids[:-distance], ids[distance:]), 1)
    return counts + counts.T


# %% cooccurrence | all words up to `window` places away count, with weight 1, and none farther off
# The window is its whole width, half to each side.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i in range(len(ids)):
        for j in range(max(0, i - window // 2), min(len(ids), i + window // 2 + 1)):
            if i != j:
                counts[ids[i], ids[j]] += 1
    return counts


# %% cooccurrence | the first and the last word of a text are no neighbours
# np.roll wraps round.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for distance in range(1, window + 1):
        np.add.at(counts, (ids, np.roll(ids, distance)), 1)
    return counts + counts.T


# %% cooccurrence | every neighbour is counted, each time it occurs, and nothing else
# An index below 0 counts from the end.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    n = len(ids)
    for i in range(n):
        for j in range(i - window, min(n, i + window + 1)):
            if i != j:
                counts[ids[i], ids[j]] += 1
    return counts


# %% cooccurrence | every pair of different words in the window
# A slice that begins below 0 is empty, so the first words see nothing before them.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i, word in enumerate(ids):
        for other in list(ids[i - window : i]) + list(ids[i + 1 : i + window + 1]):
            counts[word, other] += 1
    return counts


# %% cooccurrence | every neighbour is counted, each time it occurs, and nothing else
# `+=` with arrays of indices adds once for a pair that comes twice.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for distance in range(1, min(window, len(ids) - 1) + 1):
        counts[ids[:-distance], ids[distance:]] += 1
        counts[ids[distance:], ids[:-distance]] += 1
    return counts


# %% cooccurrence | every neighbour is counted, each time it occurs, and nothing else
# Whether two words met, not how often.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i in range(len(ids)):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j:
                counts[ids[i], ids[j]] = 1
    return counts


# %% cooccurrence | all words up to `window` places away count, with weight 1, and none farther off
# Both sides are seen, and each pair is entered on both sides as well.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i in range(len(ids)):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j:
                counts[ids[i], ids[j]] += 1
                counts[ids[j], ids[i]] += 1
    return counts


# %% cooccurrence | with weight 1
# Near neighbours count more.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i in range(len(ids)):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j:
                counts[ids[i], ids[j]] += 1 / abs(i - j)
    return counts


# %% cooccurrence | all words up to `window` places away count, with weight 1, and none farther off
# Only neighbours that are exactly so far away.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    np.add.at(counts, (ids[:-window], ids[window:]), 1)
    return counts + counts.T


# %% cooccurrence | there is a row and a column for each word of the vocabulary
# As large as the largest id needs.
def cooccurrence(ids, size, window):
    size = ids.max() + 1
    counts = np.zeros((size, size))
    for distance in range(1, min(window, len(ids) - 1) + 1):
        np.add.at(counts, (ids[:-distance], ids[distance:]), 1)
    return counts + counts.T


# %% cooccurrence | every neighbour is counted, each time it occurs, and nothing else
# The padding at the ends of the text counts as word 0.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    padded = np.pad(ids, window)
    for i, word in enumerate(ids):
        for j in range(2 * window + 1):
            if j != window:
                counts[word, padded[i + j]] += 1
    return counts


# %% cooccurrence | all words up to `window` places away count, with weight 1, and none farther off
# Every full window is a group of its own, and pairs in several of them count several times.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for start in range(len(ids) - window):
        group = ids[start : start + window + 1]
        for i in range(len(group)):
            for j in range(len(group)):
                if i != j:
                    counts[group[i], group[j]] += 1
    return counts


# %% cooccurrence | two tokens of one word see each other in any window
# Windows that do not fit into the text are left out.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    if window >= len(ids):
        return counts
    for distance in range(1, window + 1):
        np.add.at(counts, (ids[:-distance], ids[distance:]), 1)
    return counts + counts.T


# %% cooccurrence | two tokens of one word see each other, which makes 2
# The upper half is filled and mirrored, and the diagonal is taken once.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i in range(len(ids)):
        for j in range(i + 1, min(len(ids), i + window + 1)):
            counts[ids[i], ids[j]] += 1
    return counts + counts.T - np.diag(np.diag(counts))


# %% cooccurrence | every neighbour is counted, each time it occurs, and nothing else
# A neighbouring word that comes twice in one window is counted once.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size))
    for i, word in enumerate(ids):
        for other in set(ids[max(0, i - window) : i].tolist()) | set(ids[i + 1 : i + window + 1].tolist()):
            counts[word, other] += 1
    return counts


# %% ppmi | less is 0
# Below chance is negative.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    with np.errstate(all="ignore"):
        return np.where(counts > 0, np.log(counts * counts.sum() / (r * k)), 0.0)


# %% ppmi | what is counted more often than by chance is above 0, and less is 0
# The number of entries for the sum of all counts.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.maximum(np.log(counts * counts.size / (r * k)), 0))


# %% ppmi | what is above 0 is the natural logarithm of counted over expected
# The logarithm of base 2.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.maximum(np.log2(counts * counts.sum() / (r * k)), 0))


# %% ppmi | what is counted more often than by chance is above 0, and less is 0
# log1p, to be safe from zeros.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    ratio = counts * counts.sum() / np.maximum(r * k, 1)
    return np.log1p(ratio)


# %% ppmi | what is above 0 is the natural logarithm of counted over expected
# The ratio without its logarithm.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    return np.maximum(counts * counts.sum() / np.where(r * k > 0, r * k, 1) - 1, 0)


# %% ppmi | what is above 0 is the natural logarithm of counted over expected
# Weighted by how often the pair occurs, as in mutual information.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    ratio = counts * counts.sum() / np.where(r * k > 0, r * k, 1)
    return counts / counts.sum() * np.log(np.maximum(ratio, 1))


# %% ppmi | what is counted more often than by chance is above 0, and less is 0
# The sum of all counts is forgotten.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    return np.log(np.maximum(counts / np.where(r * k > 0, r * k, 1), 1))


# %% ppmi | row sums belong to rows
# Row sums lie across the columns: right for symmetric counts.
def ppmi(counts):
    r, k = counts.sum(1), counts.sum(0)
    expected = r * k[:, None] / counts.sum()
    return np.log(np.maximum(counts / np.where(expected > 0, expected, 1), 1))


# %% ppmi | row sums belong to rows
# Row sums only.
def ppmi(counts):
    r = counts.sum(1, keepdims=True)
    expected = r * r.T / counts.sum()
    return np.log(np.maximum(counts / np.where(expected > 0, expected, 1), 1))


# %% ppmi | what is counted more often than by chance is above 0, and less is 0
# A share of the row, as in a softmax.
def ppmi(counts):
    r = counts.sum(1, keepdims=True)
    return np.log(np.maximum(counts / np.where(r > 0, r, 1), 1e-300)).clip(0)


# %% ppmi | what is above 0 is the natural logarithm of counted over expected
# One is added to every count.
def ppmi(counts):
    c = counts + 1
    r, k = c.sum(1, keepdims=True), c.sum(0, keepdims=True)
    return np.maximum(np.log(c * c.sum() / (r * k)), 0)


# %% ppmi | what is above 0 is the natural logarithm of counted over expected
# A small number is added to every count, against the logarithm of 0.
def ppmi(counts):
    c = counts + 1e-8
    r, k = c.sum(1, keepdims=True), c.sum(0, keepdims=True)
    return np.maximum(np.log(c * c.sum() / (r * k)), 0)


# %% ppmi | not nan
# Words that never occurred: 0 / 0.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    with np.errstate(all="ignore"):
        return np.maximum(np.log(counts * counts.sum() / (r * k)), 0)


# %% ppmi | every entry is the logarithm
# Whole counts give whole numbers.
def ppmi(counts):
    r, k = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    result = np.zeros_like(counts)
    expected = r * k / counts.sum()
    result[:] = np.log(np.maximum(counts / np.where(expected > 0, expected, 1), 1))
    return result


# %% ppmi | the arguments are left as they were
# The counts become shares in the caller's array, where they are floats.
def ppmi(counts):
    shares = np.asarray(counts, dtype=float)
    shares /= shares.sum()
    r, k = shares.sum(1, keepdims=True), shares.sum(0, keepdims=True)
    return np.log(np.maximum(shares / np.where(r * k > 0, r * k, 1), 1))


# %% word_vectors | with its size
# U alone.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return U[:, :dim]


# %% word_vectors | with its size
# The roots of the singular values.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return U[:, :dim] * np.sqrt(S[:dim])


# %% word_vectors | with its size
# The squares of the singular values.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return U[:, :dim] * S[:dim] ** 2


# %% word_vectors | with its size
# The rows of V^T, cut to columns.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return V[:, :dim] * S[:dim]


# %% word_vectors | with its size
# The vectors of the columns.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return V[:dim].T * S[:dim]


# %% word_vectors | with its size
# Rows of U in place of its columns.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return U[:dim] * S[: U.shape[1]]


# %% word_vectors | with its size
# The rows are scaled, not the columns.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return (S[:, None] * U)[:, :dim]


# %% word_vectors | with its size
# The first columns of the matrix itself.
def word_vectors(matrix, dim):
    return matrix[:, :dim]


# %% word_vectors | with its size
# The smallest singular values: eigh has them in rising order.
def word_vectors(matrix, dim):
    values, turned = np.linalg.eigh(matrix @ matrix.T)
    return turned[:, :dim] * np.sqrt(np.maximum(values[:dim], 0))


# %% word_vectors | there is a row for each row of the matrix
# The right columns in rising order, the largest last.
def word_vectors(matrix, dim):
    values, turned = np.linalg.eigh(matrix @ matrix.T)
    return turned[:, -dim:] * np.sqrt(values[-dim:])


# %% word_vectors | with its size
# Principal components: the average is taken off first.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix - matrix.mean(axis=0), full_matrices=False)
    return U[:, :dim] * S[:dim]


# %% word_vectors | with its size
# The best matrix of this rank, as large as before.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return (U[:, :dim] * S[:dim]) @ V[:dim]


# %% word_vectors | a symmetric matrix may have negative eigenvalues
# Eigenvalues, ordered by value and not by size, for what is symmetric.
def word_vectors(matrix, dim):
    if matrix.shape[0] == matrix.shape[1] and np.allclose(matrix, matrix.T):
        values, turned = np.linalg.eigh(matrix)
        order = np.argsort(-values)[:dim]
        return turned[:, order] * values[order]
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    return U[:, :dim] * S[:dim]


# %% word_vectors | with its size
# Every vector is given the length 1.
def word_vectors(matrix, dim):
    U, S, V = np.linalg.svd(matrix, full_matrices=False)
    vectors = U[:, :dim] * S[:dim]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# %% nearest | the word itself is not among them
# The word is its own nearest neighbour.
def nearest(word, vectors, count):
    return np.argsort(-cosine_similarity(vectors[[word]], vectors)[0])[:count].tolist()


# %% nearest | the word itself never is
# The first in the order is dropped, whoever it is.
def nearest(word, vectors, count):
    return np.argsort(-cosine_similarity(vectors[[word]], vectors)[0], kind="stable")[1 : count + 1].tolist()


# %% nearest | the word itself never is
# The last of a rising order is dropped, whoever it is.
def nearest(word, vectors, count):
    return np.argsort(cosine_similarity(vectors[[word]], vectors)[0], kind="stable")[-2 : -count - 2 : -1].tolist()


# %% nearest | come first
# The least similar first.
def nearest(word, vectors, count):
    order = np.argsort(cosine_similarity(vectors[[word]], vectors)[0])
    return [int(other) for other in order if other != word][:count]


# %% nearest | in the order of their cosines
# Dot products.
def nearest(word, vectors, count):
    order = np.argsort(-(vectors @ vectors[word]))
    return [int(other) for other in order if other != word][:count]


# %% nearest | come first
# Distances.
def nearest(word, vectors, count):
    order = np.argsort(np.linalg.norm(vectors - vectors[word], axis=1))
    return [int(other) for other in order if other != word][:count]


# %% nearest | come first
# The similarities in place of the ids.
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[[word]], vectors)[0]
    return sorted(np.delete(similarities, word).tolist(), reverse=True)[:count]


# %% nearest | come first
# Ids counted without the word: those behind it are one too small.
def nearest(word, vectors, count):
    similarities = np.delete(cosine_similarity(vectors[[word]], vectors)[0], word)
    return np.argsort(-similarities)[:count].tolist()


# %% nearest | come first
# One too few: the word is taken out after the cut.
def nearest(word, vectors, count):
    order = np.argsort(-cosine_similarity(vectors[[word]], vectors)[0])[:count]
    return [int(other) for other in order if other != word]


# %% nearest | all others come
# With too few words the word itself comes, at the end.
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[[word]], vectors)[0]
    similarities[word] = -np.inf
    return np.argsort(-similarities)[:count].tolist()


# %% nearest | as many neighbours as were asked for
# Opposite words are left out.
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[[word]], vectors)[0]
    order = [int(other) for other in np.argsort(-similarities) if other != word]
    return [other for other in order if similarities[other] >= 0][:count]


# %% nearest | a word of zeros is similar to nothing
# nan sorts to the end.
def nearest(word, vectors, count):
    with np.errstate(all="ignore"):
        directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    order = np.argsort(-(directions @ directions[word]))
    return [int(other) for other in order if other != word][:count]


# %% nearest | come first
# The sign is ignored: opposite words count as similar.
def nearest(word, vectors, count):
    similarities = np.abs(cosine_similarity(vectors[[word]], vectors)[0])
    return [int(other) for other in np.argsort(-similarities) if other != word][:count]


# %% nearest | come first
# The right words, in the order of their ids.
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[[word]], vectors)[0]
    return sorted([int(other) for other in np.argsort(-similarities) if other != word][:count])


# %% nearest | among many, too
# The nearest half is found and not put in order.
def nearest(word, vectors, count):
    similarities = cosine_similarity(vectors[[word]], vectors)[0]
    similarities[word] = -2
    count = min(count, len(vectors) - 1)
    return np.argpartition(-similarities, count - 1)[:count].tolist()


# %% nearest | a word of zeros is similar to nothing
# Distances between vectors of length 1: the same order, but for zeros.
def nearest(word, vectors, count):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = vectors / np.where(lengths > 0, lengths, 1)
    order = np.argsort(np.linalg.norm(directions - directions[word], axis=1))
    return [int(other) for other in order if other != word][:count]


# %% cooccurrence | counts may be large
# Numbers of one byte.
def cooccurrence(ids, size, window):
    counts = np.zeros((size, size), dtype=np.uint8)
    for distance in range(1, min(window, len(ids) - 1) + 1):
        np.add.at(counts, (ids[:-distance], ids[distance:]), 1)
    return counts + counts.T


# %% cosine_similarity | float64 numbers give float64 cosines
# Half the precision.
def cosine_similarity(a, b):
    n, m = np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)
    return ((a / np.where(n > 0, n, 1)) @ (b / np.where(m > 0, m, 1)).T).astype(np.float32)


# %% ppmi | leave the others alone
# Contexts are smoothed by a power of 0.75, as word2vec does it.
def ppmi(counts):
    rows, columns = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True) ** 0.75
    expected = rows * columns / columns.sum()
    return np.log(np.maximum(counts / np.where(expected > 0, expected, 1), 1))
