# Wrong answers to lesson 03, as students write them. Each names the property whose check catches it.

# %% rnn_step | W_h[i, j] leads from component i of the old state to component j of the new
# W_h is transposed.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x + h @ W_h.T + b)


# %% rnn_step | W_h[i, j] leads from component i of the old state to component j of the new
# Column vectors, as in many textbooks.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(W_x.T @ x + W_h @ h + b)


# %% rnn_step | without word and memory the new state is the tanh of the bias
# No tanh.
def rnn_step(x, h, W_x, W_h, b):
    return x @ W_x + h @ W_h + b


# %% rnn_step | without word and memory the new state is the tanh of the bias
# The bias is forgotten.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x + h @ W_h)


# %% rnn_step | without word and memory the new state is the tanh of the bias
# The bias is added behind the tanh.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x + h @ W_h) + b


# %% rnn_step | W_h[i, j] leads from component i of the old state to component j of the new
# The memory is not used.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x + b)


# %% rnn_step | W_h[i, j] leads from component i of the old state to component j of the new
# The old state is added, as in a residual network.
def rnn_step(x, h, W_x, W_h, b):
    return h + np.tanh(x @ W_x + h @ W_h + b)


# %% rnn_step | without word and memory the new state is the tanh of the bias
# A sigmoid for the tanh.
def rnn_step(x, h, W_x, W_h, b):
    return 1 / (1 + np.exp(-(x @ W_x + h @ W_h + b)))


# %% rnn_step | W_h[i, j] leads from component i of the old state to component j of the new
# Each part goes through a tanh of its own.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x) + np.tanh(h @ W_h) + np.tanh(b)


# %% rnn_step | it is the sum that goes through the tanh, not its parts
# The parts are bounded before they are added, against large numbers.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(np.clip(x @ W_x, -50, 20) + np.clip(h @ W_h, -30, 50) + b)


# %% rnn_step | W_h[i, j] leads from component i of the old state to component j of the new
# State and word are put side by side in one order, the matrices in the other.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(np.concatenate([h, x], axis=-1) @ np.concatenate([W_x, W_h]) + b)


# %% rnn_step | core dimension
# Column vectors, which fit a single word only.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(W_x.T @ x + W_h.T @ h + b)


# %% rnn_step | large sums give 1 or -1, never nan
# The tanh's formula at its word.
def rnn_step(x, h, W_x, W_h, b):
    z = x @ W_x + h @ W_h + b
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


# %% rnn_step | the new state has the shape of the old one
# The batch is made flat and stays so.
def rnn_step(x, h, W_x, W_h, b):
    if x.ndim > 1:
        x, h = x.reshape(-1, x.shape[-1]), h.reshape(-1, h.shape[-1])
    return np.tanh(x @ W_x + h @ W_h + b)


# %% rnn_step | every row of a batch takes a step of its own
# All words of a batch meet the first state.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x + h.reshape(-1, h.shape[-1])[0] @ W_h + b)


# %% rnn_step | the arguments are left as they were
# The new state is written over the old one.
def rnn_step(x, h, W_x, W_h, b):
    h[...] = np.tanh(x @ W_x + h @ W_h + b)
    return h


# %% rnn_step | the arguments are left as they were
# The sum is collected in the bias.
def rnn_step(x, h, W_x, W_h, b):
    total = b
    if x.ndim > 1:
        return np.tanh(x @ W_x + h @ W_h + b)
    total += x @ W_x
    total += h @ W_h
    return np.tanh(total)


# %% rnn_step | float64 numbers make a float64 state
# Single precision.
def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x @ W_x + h @ W_h + b).astype(np.float32)


# %% rnn | each state is made from the word and the state before it
# The state is not carried on.
def rnn(xs, h0, W_x, W_h, b):
    return np.stack([rnn_step(xs[..., t, :], h0, W_x, W_h, b) for t in range(xs.shape[-2])], axis=-2)


# %% rnn | each state is made from the word and the state before it
# Only the last state is returned.
def rnn(xs, h0, W_x, W_h, b):
    h = h0
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
    return h


# %% rnn | each state is made from the word and the state before it
# h0 is among the states.
def rnn(xs, h0, W_x, W_h, b):
    states = [h0]
    for t in range(xs.shape[-2]):
        states.append(rnn_step(xs[..., t, :], states[-1], W_x, W_h, b))
    return np.stack(states, axis=-2)


# %% rnn | each state is made from the word and the state before it
# The state is noted before the word is read: h0 comes first, and the last state is lost.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for t in range(xs.shape[-2]):
        states.append(h)
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
    return np.stack(states, axis=-2)


# %% rnn | each state is made from the word and the state before it
# The sentence is read backwards.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for t in reversed(range(xs.shape[-2])):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | each state is made from the word and the state before it
# The sum before the tanh is carried on.
def rnn(xs, h0, W_x, W_h, b):
    states, z = [], h0
    for t in range(xs.shape[-2]):
        z = xs[..., t, :] @ W_x + z @ W_h + b
        states.append(np.tanh(z))
    return np.stack(states, axis=-2)


# %% rnn | each state is made from the word and the state before it
# One array, changed in place and collected n times.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0.copy()
    for t in range(xs.shape[-2]):
        h[...] = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | reading starts at h0
# It starts at zero, whatever h0 is.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], np.zeros_like(h0)
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | the last state stands at the end
# The bias takes part in the first step only.
def rnn(xs, h0, W_x, W_h, b):
    h = rnn_step(xs[..., 0, :], h0, W_x, W_h, b)
    states = [h]
    for t in range(1, xs.shape[-2]):
        h = np.tanh(xs[..., t, :] @ W_x + h @ W_h)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | the last state stands at the end
# W_h is transposed, which one number of memory does not show.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for t in range(xs.shape[-2]):
        h = np.tanh(xs[..., t, :] @ W_x + h @ W_h.T + b)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | could not be broadcast
# Axis 0 is taken for time, although it is the batch.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for x in xs:
        h = rnn_step(x, h, W_x, W_h, b)
        states.append(h)
    return np.array(states)


# %% rnn | every sequence of a batch is read by itself
# Time is put first.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states)


# %% rnn | time is the last dimension but one, behind the batch
# A batch has one dimension at most.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=1 if xs.ndim > 2 else 0)


# %% rnn | every sequence of a batch is read by itself
# One sequence begins where the one before it ended.
def rnn(xs, h0, W_x, W_h, b):
    n, d_in = xs.shape[-2:]
    h = h0.reshape(-1, h0.shape[-1])[0]
    states = []
    for x in xs.reshape(-1, d_in):
        h = rnn_step(x, h, W_x, W_h, b)
        states.append(h)
    return np.array(states).reshape(*xs.shape[:-1], -1)


# %% rnn | every sequence is read from its own h0
# All sequences of a batch start at the first one's h0.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], np.zeros_like(h0) + h0.reshape(-1, h0.shape[-1])[0]
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | every sequence of a batch is read by itself
# As many words are read as there are sequences.
def rnn(xs, h0, W_x, W_h, b):
    states, h = [], h0
    for t in range(len(xs)):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states.append(h)
    return np.stack(states, axis=-2)


# %% rnn | the arguments are left as they were
# h0 is where the state is kept.
def rnn(xs, h0, W_x, W_h, b):
    states = np.empty((*xs.shape[:-1], h0.shape[-1]))
    for t in range(xs.shape[-2]):
        h0[...] = rnn_step(xs[..., t, :], h0, W_x, W_h, b)
        states[..., t, :] = h0
    return states


# %% rnn | float64 numbers make float64 states
# The states are collected in single precision.
def rnn(xs, h0, W_x, W_h, b):
    states, h = np.empty((*xs.shape[:-1], h0.shape[-1]), dtype=np.float32), h0
    for t in range(xs.shape[-2]):
        h = rnn_step(xs[..., t, :], h, W_x, W_h, b)
        states[..., t, :] = h
    return states


# %% influence | each step multiplies by W_h and the slope of its tanh
# The slope of the tanh is left out.
def influence(states, W_h):
    n, d = states.shape
    return np.array([np.linalg.norm(np.linalg.matrix_power(W_h, n - 1 - t), 2) for t in range(n)])


# %% influence | each step multiplies by W_h and the slope of its tanh
# The slope is 1 - h, not 1 - h squared.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1])[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | each step multiplies by W_h and the slope of its tanh
# The slope is that of the old state.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t] ** 2)[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | the norm is that of the product of the Jacobians, the latest on the left
# The Jacobians are multiplied in the wrong order.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = ((1 - states[t + 1] ** 2)[:, None] * W_h.T) @ product
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | row j of a Jacobian is for component j of the new state
# The slopes scale the columns, which belong to the old state.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ (W_h.T * (1 - states[t + 1] ** 2))
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | row j of a Jacobian is for component j of the new state
# W_h is not transposed.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | the norm is that of the product of the Jacobians, the latest on the left
# The Jacobians are transposed and the order of the product is not.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ (W_h * (1 - states[t + 1] ** 2))
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | the norm is that of the product of the Jacobians, the latest on the left
# The product of the norms, which is only a bound on the norm of the product.
def influence(states, W_h):
    norms = [1.0]
    for h in states[:0:-1]:
        norms.insert(0, norms[0] * np.linalg.norm((1 - h**2)[:, None] * W_h.T, 2))
    return np.array(norms)


# %% influence | row j of a Jacobian is for component j of the new state
# One slope per step, the average over the components.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ W_h.T * (1 - states[t + 1] ** 2).mean()
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | each step multiplies by W_h and the slope of its tanh
# How the first state acts on each of the others.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in range(1, n):
        product = ((1 - states[t] ** 2)[:, None] * W_h.T) @ product
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | each step multiplies by W_h and the slope of its tanh
# The result is backwards.
def influence(states, W_h):
    product = np.eye(states.shape[1])
    norms = [1.0]
    for h in states[:0:-1]:
        product = product @ ((1 - h**2)[:, None] * W_h.T)
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)


# %% influence | each step multiplies by W_h and the slope of its tanh
# One Jacobian too many: the step into h_t is counted as well.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n)):
        product = product @ ((1 - states[t] ** 2)[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | each step multiplies by W_h and the slope of its tanh
# The last state is left out.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n - 1)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | the norm is the largest singular value, not the root of a sum of squares
# The Frobenius norm.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product)
    return norms


# %% influence | not the root of a sum of squares, no eigenvalue
# The largest absolute eigenvalue.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = np.abs(np.linalg.eigvals(product)).max()
    return norms


# %% influence | row j of a Jacobian is for component j of the new state
# The largest entry.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = np.abs(product).max()
    return norms


# %% influence | the norm is exact, even where another singular value is close
# Power iteration, stopped after twenty steps.
def influence(states, W_h):
    n, d = states.shape
    product, norms, v = np.eye(d), np.ones(n), np.ones(d)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        for _ in range(20):
            v = product.T @ (product @ v)
            v = v / np.linalg.norm(v) if v.any() else np.ones(d)
        norms[t] = np.linalg.norm(product @ v / np.linalg.norm(v))
    return norms


# %% influence | an influence that grows is followed as far as it grows
# Exploding influences are clipped.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = min(np.linalg.norm(product, 2), 1e6)
    return norms


# %% influence | small influences are small, not zero, and in proportion
# A small number against zeros.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = max(np.linalg.norm(product, 2), 1e-12)
    return norms


# %% influence | small influences are small, not zero, and in proportion
# It walks back ten steps at most.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.zeros(n)
    norms[-1] = 1
    for t in reversed(range(max(0, n - 11), n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | the arguments are left as they were
# The slopes are put in the states' place.
def influence(states, W_h):
    n, d = states.shape
    slopes = states
    np.subtract(1, states**2, out=slopes)
    product, norms = np.eye(d), np.ones(n)
    for t in reversed(range(n - 1)):
        product = product @ (slopes[t + 1][:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% influence | float64 states give float64 influences
# Single precision.
def influence(states, W_h):
    n, d = states.shape
    product, norms = np.eye(d), np.ones(n, dtype="float32")
    for t in reversed(range(n - 1)):
        product = product @ ((1 - states[t + 1] ** 2)[:, None] * W_h.T)
        norms[t] = np.linalg.norm(product, 2)
    return norms


# %% uniform_context | every sequence of a batch has an average of its own
# Axis 0, which is time only where there is no batch.
def uniform_context(states):
    return states.mean(axis=0)


# %% uniform_context | all states count the same
# The components of each state are averaged.
def uniform_context(states):
    return states.mean(axis=-1)


# %% uniform_context | all states count the same
# The last state only.
def uniform_context(states):
    return states[..., -1, :].copy()


# %% uniform_context | all states count the same
# The sum.
def uniform_context(states):
    return states.sum(axis=-2)


# %% uniform_context | all states count the same
# The middle of the first and the last.
def uniform_context(states):
    return (states[..., 0, :] + states[..., -1, :]) / 2


# %% uniform_context | all states count the same
# The first state is taken for h0 and left out.
def uniform_context(states):
    return states[..., 1:, :].mean(axis=-2)


# %% uniform_context | all states count the same
# The median.
def uniform_context(states):
    return np.median(states, axis=-2)


# %% uniform_context | all states count the same
# A running average, in which later states count more.
def uniform_context(states):
    average = states[..., 0, :]
    for t in range(1, states.shape[-2]):
        average = (average + states[..., t, :]) / 2
    return average


# %% uniform_context | all states count the same
# The time axis is kept.
def uniform_context(states):
    return states.mean(axis=-2, keepdims=True)


# %% uniform_context | every state has the weight 1/n
# Three states, as in the example.
def uniform_context(states):
    return states.sum(axis=-2) / 3


# %% uniform_context | every sequence of a batch has an average of its own
# The sum is divided by the size of the batch.
def uniform_context(states):
    return states.sum(axis=-2) / len(states)


# %% uniform_context | every sequence of a batch has an average of its own
# One average for the whole batch.
def uniform_context(states):
    return states.reshape(-1, states.shape[-1]).mean(axis=0)


# %% uniform_context | every sequence of a batch has an average of its own
# States of zero are taken for padding.
def uniform_context(states):
    real = (states != 0).any(axis=-1, keepdims=True)
    return (states * real).sum(axis=-2) / real.sum(axis=-2)


# %% uniform_context | a state that comes several times counts several times
# Each different state counts once.
def uniform_context(states):
    if states.ndim > 2:
        return np.stack([uniform_context(part) for part in states])
    return np.unique(states, axis=0).mean(axis=0)


# %% uniform_context | time is gone from the context and the other dimensions stay
# A batch has one dimension at most.
def uniform_context(states):
    return states.mean(axis=1 if states.ndim > 2 else 0)


# %% uniform_context | the arguments are left as they were
# The states are divided in place.
def uniform_context(states):
    states /= states.shape[-2]
    return states.sum(axis=-2)


# %% uniform_context | float64 states give a float64 context
# Single precision.
def uniform_context(states):
    return states.mean(axis=-2, dtype=np.float32)


# %% lstm_step | input shut, forget and output gate open
# The forget gate comes first.
def lstm_step(x, h, c, W_x, W_h, b):
    f, i, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | input shut, forget and output gate open
# The candidate comes last.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, o, g = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | each gate does its own work, in blocks of d
# The columns of the four gates take turns.
def lstm_step(x, h, c, W_x, W_h, b):
    a = (x @ W_x + h @ W_h + b).reshape(*h.shape, 4)
    i, f, g, o = (a[..., k] for k in range(4))
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | in a batch every row takes a step of its own
# The blocks are cut along the first axis, which is the batch.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | input shut, forget and output gate open
# The cell is returned first.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return new_c, s(o) * np.tanh(new_c)


# %% lstm_step | the result is a pair, the new state and the new cell
# Only the state is returned.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    return s(o) * np.tanh(s(f) * c + s(i) * np.tanh(g))


# %% lstm_step | what is shown is the new cell, not the old
# The old cell is shown.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    return s(o) * np.tanh(c), s(f) * c + s(i) * np.tanh(g)


# %% lstm_step | the tanh of the cell is shown
# The cell is shown without its tanh.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * new_c, new_c


# %% lstm_step | input open, forget gate shut
# A sigmoid on the candidate, as on the gates.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split((1 + np.tanh((x @ W_x + h @ W_h + b) / 2)) / 2, 4, axis=-1)
    new_c = f * c + i * g
    return o * np.tanh(new_c), new_c


# %% lstm_step | input open, forget gate shut
# The candidate without its tanh.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * g
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | input open, forget gate shut
# The memory of 1997, without a forget gate.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | each gate does its own work, in blocks of d
# What is not written is kept: one gate for both.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = (1 - s(i)) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | a half-open forget gate halves the cell
# One is added to the forget gate's bias, as some libraries do.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f + 1) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | word and old state decide together what the gates do
# The old state is not used.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | the new cell is what the forget gate keeps and the input gate adds
# A straight line for the sigmoid.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: np.clip(0.25 * z + 0.5, 0, 1)
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | input open, forget gate shut
# Infinity by infinity.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: np.exp(z) / (1 + np.exp(z))
    new_c = s(f) * c + s(i) * np.tanh(g)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | a cell may hold more than 1: no tanh bounds it
# The cell is clipped against overflow.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = np.clip(s(f) * c + s(i) * np.tanh(g), -10, 10)
    return s(o) * np.tanh(new_c), new_c


# %% lstm_step | the arguments are left as they were
# The cell is changed in place.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    c *= s(f)
    c += s(i) * np.tanh(g)
    return s(o) * np.tanh(c), c


# %% lstm_step | float64 numbers make a float64 state and cell
# Single precision.
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = np.split(x @ W_x + h @ W_h + b, 4, axis=-1)
    s = lambda z: (1 + np.tanh(z / 2)) / 2
    new_c = s(f) * c + s(i) * np.tanh(g)
    return (s(o) * np.tanh(new_c)).astype(np.float32), new_c.astype(np.float32)
