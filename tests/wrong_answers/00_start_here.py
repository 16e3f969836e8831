# Wrong answers to lesson 00, as students write them. Each names the property whose check catches it.

# %% average_rows | each column has an average of its own, over all rows
# The last axis, as in most of NumPy.
def average_rows(x):
    return x.mean(-1)


# %% average_rows | each column has an average of its own, over all rows
# One average for the whole array.
def average_rows(x):
    return x.mean()


# %% average_rows | each column has an average of its own, over all rows
# Divided by the number of columns.
def average_rows(x):
    return x.sum(axis=0) / x.shape[1]


# %% average_rows | each column has an average of its own, over all rows
# Divided by n - 1.
def average_rows(x):
    return x.sum(axis=0) / (len(x) - 1)


# %% average_rows | each column has an average of its own, over all rows
# The median.
def average_rows(x):
    return np.median(x, axis=0)


# %% average_rows | each column has an average of its own, over all rows
# `return` inside the loop.
def average_rows(x):
    total = np.zeros(x.shape[1])
    for row in x:
        total = total + row
        return total / len(x)


# %% average_rows | each column has an average of its own, over all rows
# The dimension of the rows is kept.
def average_rows(x):
    return x.mean(axis=0, keepdims=True)


# %% average_rows | each column has an average of its own, over all rows
# The result is printed, not returned.
def average_rows(x):
    print(x.mean(axis=0))


# %% average_rows | the average is a NumPy array
# A list.
def average_rows(x):
    return [sum(column) / len(column) for column in zip(*x.tolist())]


# %% average_rows | every row counts the same, however many there are
# Divided by the number of rows in the first visible test.
def average_rows(x):
    return x.sum(axis=0) / 3


# %% average_rows | the arguments are left as they were
# The caller's array is divided in place.
def average_rows(x):
    if x.dtype.kind == "f":
        x /= len(x)
        return x.sum(axis=0)
    return x.mean(axis=0)


# %% average_rows | the average is a float64 array
# Single precision.
def average_rows(x):
    return x.astype(np.float32).mean(axis=0)


# %% average_rows | the average has one dimension, with a number for each column
# `squeeze` takes away a dimension of size one, too.
def average_rows(x):
    return np.squeeze(x.mean(axis=0))


# %% average_rows | every row counts the same, however many there are
# Sizes, without their signs.
def average_rows(x):
    return np.abs(x).mean(axis=0)


# %% average_rows | a zero counts like any other number
# Zeros are taken for missing numbers.
def average_rows(x):
    return x.sum(axis=0) / (x != 0).sum(axis=0)


# %% average_rows | a row that comes twice counts twice
# Each different row counts once.
def average_rows(x):
    return np.unique(x, axis=0).mean(axis=0)


# %% average_rows | whole numbers have averages with a fraction
# Whole division, where the numbers are whole.
def average_rows(x):
    total = x.sum(axis=0)
    return total // len(x) if total.dtype.kind == "i" else total / len(x)


# %% average_rows | it does not matter how the rows lie in memory
# The numbers are taken as they lie in memory.
def average_rows(x):
    return np.ravel(x, order="K").reshape(x.shape).mean(axis=0)
