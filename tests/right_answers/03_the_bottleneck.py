# Right answers to lesson 03 in other styles. Each must get full marks.

# %% rnn_step | einsum
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(np.einsum("...i,ij->...j", x, W_x) + np.einsum("...i,ij->...j", h, W_h) + b)


# %% rnn_step | word and state side by side
def rnn_step(x, h, W_x, W_h, b):
    both = np.concatenate([x, h], axis=-1)
    return np.tanh(both @ np.vstack([W_x, W_h]) + b)


# %% rnn_step | loops and math.tanh
import math


def rnn_step(x, h, W_x, W_h, b):
    new = np.zeros(h.shape)
    for place in np.ndindex(h.shape):
        *row, j = place
        total = float(b[j])
        for i in range(len(W_x)):
            total += x[(*row, i)] * W_x[i, j]
        for i in range(len(W_h)):
            total += h[(*row, i)] * W_h[i, j]
        new[place] = math.tanh(total)
    return new


# %% rnn_step | columns, transposed back and forth, and tanh from exp
# Overflow warnings are printed and cost nothing: 2 / inf is 0.
def rnn_step(x, h, W_x, W_h, b):
    z = (np.matmul(W_x.T, x[..., None]) + np.matmul(W_h.T, h[..., None]))[..., 0] + b
    return 1 - 2 / (np.exp(2 * z) + 1)


# %% rnn_step | plain PyTorch operations
def rnn_step(x, h, W_x, W_h, b):
    import torch

    x, h, W_x, W_h, b = (torch.tensor(np.ascontiguousarray(a)) for a in (x, h, W_x, W_h, b))
    return torch.tanh(x @ W_x + h @ W_h + b).numpy()


# %% rnn | an array filled step by step
def rnn(xs, h0, W_x, W_h, b):
    states = np.zeros(xs.shape[:-1] + h0.shape[-1:])
    h = h0.copy()
    for t in range(xs.shape[-2]):
        h = np.tanh(xs[..., t, :] @ W_x + h @ W_h + b)
        states[..., t, :] = h
    return states


# %% rnn | time first, itertools.accumulate
from itertools import accumulate


def rnn(xs, h0, W_x, W_h, b):
    steps = accumulate(np.moveaxis(xs, -2, 0), lambda h, x: rnn_step(x, h, W_x, W_h, b), initial=h0)
    return np.moveaxis(np.array(list(steps)[1:]), 0, -2)


# %% rnn | recursion over the batch, then over time
def rnn(xs, h0, W_x, W_h, b):
    if xs.ndim > 2:
        return np.array([rnn(some, h, W_x, W_h, b) for some, h in zip(xs, h0)])
    h = rnn_step(xs[0], h0, W_x, W_h, b)
    return h[None] if len(xs) == 1 else np.concatenate([h[None], rnn(xs[1:], h, W_x, W_h, b)])


# %% rnn | all words multiplied at once, then the loop
def rnn(xs, h0, W_x, W_h, b):
    states = xs @ W_x + b
    for t in range(states.shape[-2]):
        before = h0 if t == 0 else states[..., t - 1, :]
        states[..., t, :] = np.tanh(states[..., t, :] + before @ W_h)
    return states


# %% rnn | a flat batch
def rnn(xs, h0, W_x, W_h, b):
    flat, h = xs.reshape(-1, *xs.shape[-2:]), h0.reshape(-1, h0.shape[-1])
    states = []
    for x in flat.swapaxes(0, 1):
        h = rnn_step(x, h, W_x, W_h, b)
        states.append(h)
    return np.array(states).swapaxes(0, 1).reshape(*xs.shape[:-1], h0.shape[-1])


# %% influence | rows in place of columns: everything transposed, the order reversed
def influence(states, W_h):
    product, norms = np.eye(len(W_h)), [1.0]
    for h in states[:0:-1]:
        product = (W_h * (1 - h * h)) @ product
        norms.append(np.linalg.norm(product, ord=2))
    return np.array(norms[::-1])


# %% influence | each product from the start, singular values
def influence(states, W_h):
    n, d = states.shape
    norms = np.zeros(n)
    for t in range(n):
        product = np.eye(d)
        for s in range(t + 1, n):
            product = np.diag(1 - states[s] ** 2) @ W_h.T @ product
        norms[t] = np.linalg.svd(product)[1][0]
    return norms


# %% influence | the root of the largest eigenvalue
def influence(states, W_h):
    jacobians = np.einsum("sj,ij->sji", 1 - np.square(states), W_h)
    products = [np.identity(states.shape[1])]
    for jacobian in jacobians[:0:-1]:
        products.insert(0, products[0].dot(jacobian))
    largest = [np.linalg.eigvalsh(product.T @ product).max() for product in products]
    return np.sqrt(np.maximum(largest, 0.0))


# %% influence | recursion, loops for the Jacobian
def influence(states, W_h):
    n, d = states.shape

    def through(t):
        if t == n - 1:
            return np.eye(d)
        jacobian = np.array([[(1 - states[t + 1, j] ** 2) * W_h[i, j] for i in range(d)] for j in range(d)])
        return through(t + 1) @ jacobian

    return np.array([np.linalg.norm(through(t), 2) for t in range(n)])


# %% influence | all norms at once
def influence(states, W_h):
    product, products = np.eye(states.shape[1]), []
    for t in range(len(states) - 1, -1, -1):
        products.append(product)
        product = product * (1 - states[t] ** 2) @ W_h.T
    return np.linalg.svd(np.array(products)[::-1], compute_uv=False).max(axis=-1)


# %% uniform_context | a sum and a division
def uniform_context(states):
    return np.sum(states, axis=-2) / states.shape[-2]


# %% uniform_context | weights of 1/n times the states
def uniform_context(states):
    n = states.shape[-2]
    return np.full(n, 1 / n) @ states


# %% uniform_context | einsum
def uniform_context(states):
    return np.einsum("...nd->...d", states) / np.shape(states)[-2]


# %% uniform_context | a loop over time
def uniform_context(states):
    total = np.zeros_like(states[..., 0, :])
    for t in range(states.shape[-2]):
        total += states[..., t, :]
    return total / states.shape[-2]


# %% uniform_context | recursion over the batch
def uniform_context(states):
    if states.ndim == 2:
        return np.array([sum(column) / len(column) for column in states.T.tolist()])
    return np.stack([uniform_context(part) for part in states])


# %% lstm_step | slices and the sigmoid's own formula
# Overflow warnings are printed and cost nothing: 1 / inf is 0.
def lstm_step(x, h, c, W_x, W_h, b):
    d = h.shape[-1]
    a = x @ W_x + h @ W_h + b
    i = 1 / (1 + np.exp(-a[..., :d]))
    f = 1 / (1 + np.exp(-a[..., d : 2 * d]))
    g = np.tanh(a[..., 2 * d : 3 * d])
    o = 1 / (1 + np.exp(-a[..., 3 * d :]))
    c_new = f * c + i * g
    h_new = o * np.tanh(c_new)
    return h_new, c_new


# %% lstm_step | four products, a list for a result
def lstm_step(x, h, c, W_x, W_h, b):
    def part(k):
        block = slice(k * h.shape[-1], (k + 1) * h.shape[-1])
        return x @ W_x[:, block] + h @ W_h[:, block] + b[block]

    def sigmoid(z):
        return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))

    cell = sigmoid(part(1)) * c + sigmoid(part(0)) * np.tanh(part(2))
    return [sigmoid(part(3)) * np.tanh(cell), cell]


# %% lstm_step | a dimension for the gates, and both results in one array
def lstm_step(x, h, c, W_x, W_h, b):
    a = np.concatenate([x, h], axis=-1) @ np.concatenate([W_x, W_h]) + b
    a = np.moveaxis(a.reshape(*h.shape[:-1], 4, h.shape[-1]), -2, 0)
    gates = np.exp(-np.logaddexp(0, -a))
    new_c = gates[1] * c + gates[0] * np.tanh(a[2])
    return np.stack([gates[3] * np.tanh(new_c), new_c])


# %% lstm_step | loops and the math module
import math


def lstm_step(x, h, c, W_x, W_h, b):
    d = h.shape[-1]
    new_h, new_c = np.empty(h.shape), np.empty(h.shape)
    for row in np.ndindex(h.shape[:-1]):
        a = x[row].dot(W_x) + h[row].dot(W_h) + b
        for j in range(d):
            i, f, o = ((1 + math.tanh(a[j + k * d] / 2)) / 2 for k in (0, 1, 3))
            new_c[(*row, j)] = f * c[(*row, j)] + i * math.tanh(a[j + 2 * d])
            new_h[(*row, j)] = o * math.tanh(new_c[(*row, j)])
    return new_h, new_c
