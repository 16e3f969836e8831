# Wrong answers to lesson 13, as students write them. Each names the property whose check catches it.


# %% local_mask | each query sees `window` keys on each side
# The window is taken for the whole width.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    near = before.abs() <= window // 2
    return near & (before >= 0) if causal else near


# %% local_mask | each query sees `window` keys on each side
# The key at exactly the distance is left out.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    near = before.abs() < window
    return near & (before >= 0) if causal else near


# %% local_mask | each query sees `window` keys on each side
# The window wraps around.
def local_mask(n, window, causal=False):
    before = (torch.arange(n)[:, None] - torch.arange(n)) % n
    near = before <= window
    return near if causal else near | (before >= n - window)


# %% local_mask | each query sees `window` keys on each side
# A slice starts below 0 and is empty, or takes from the end.
def local_mask(n, window, causal=False):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        mask[i, i - window : (i if causal else i + window) + 1] = True
    return mask


# %% local_mask | none after it
# Causal keeps the keys after the query.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    near = before.abs() <= window
    return near & (before <= 0) if causal else near


# %% local_mask | causal: itself and `window` keys before it
# Causal hides the query's own key.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    near = before.abs() <= window
    return near & (before > 0) if causal else near


# %% local_mask | causal: itself and `window` keys before it
# Causal sees `window` keys in all, itself included.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (before >= 0) & (before < window) if causal else before.abs() <= window


# %% local_mask | causal: itself and `window` keys before it
# Causal forgets the window.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return before >= 0 if causal else before.abs() <= window


# %% local_mask | causal: itself and `window` keys before it
# `causal` is ignored.
def local_mask(n, window, causal=False):
    return (torch.arange(n)[:, None] - torch.arange(n)).abs() <= window


# %% local_mask | the mask is a boolean tensor
# Ones and zeros as floats.
def local_mask(n, window, causal=False):
    mask = torch.ones(n, n).tril(0 if causal else window)
    return mask.triu(-window)


# %% local_mask | each query sees `window` keys on each side
# True where the key is hidden.
def local_mask(n, window, causal=False):
    before = torch.arange(n)[:, None] - torch.arange(n)
    hidden = before.abs() > window
    return hidden | (before < 0) if causal else hidden


# %% local_mask | each query sees `window` keys on each side
# Blocks: queries see those of their own block.
def local_mask(n, window, causal=False):
    block = torch.arange(n) // (2 * window + 1)
    mask = block[:, None] == block
    return mask.tril() if causal else mask


# %% local_attention | need less memory than one full matrix
# A full matrix, masked.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    apart = (torch.arange(n, device=q.device)[:, None] - torch.arange(n, device=q.device)).abs() > window
    return (q @ k.mT / d**0.5).masked_fill(apart, float("-inf")).softmax(-1) @ v


# %% local_attention | need less memory than one full matrix
# The library's attention with the whole mask.
def local_attention(q, k, v, window):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=local_mask(q.shape[-2], window).to(q.device))


# %% local_attention | need less memory than one full matrix
# Windows of scores are cut out of the full matrix of scores.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    scores = q @ k.mT / d**0.5
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        rows.append(scores[..., i : i + 1, around].softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | does not reach a query
# The weights of each block are written into rows as long as the sequence: little memory, and n² multiplications.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    out = torch.zeros_like(v)
    for first in range(0, n, 100):
        last = min(first + 100, n)
        low, high = max(0, first - window), min(n, last + window)
        far = (torch.arange(first, last, device=q.device)[:, None] - torch.arange(low, high, device=q.device)).abs() > window
        scores = (q[..., first:last, :] @ k[..., low:high, :].mT / d**0.5).masked_fill(far, float("-inf"))
        weights = q.new_zeros(*q.shape[:-2], last - first, n)
        weights[..., low:high] = scores.softmax(-1)
        out[..., first:last, :] = weights @ v
    return out


# %% local_attention | at the ends the whole is shared among the fewer keys there
# Padding is attended: its scores of 0 take a share.
def local_attention(q, k, v, window):
    d = q.shape[-1]
    k_windows, v_windows = (F.pad(x, (0, 0, window, window)).unfold(-2, 2 * window + 1, 1) for x in (k, v))
    weights = (torch.einsum("...nd,...ndw->...nw", q, k_windows) / d**0.5).softmax(-1)
    return torch.einsum("...nw,...ndw->...nd", weights, v_windows)


# %% local_attention | at the ends the whole is shared among the fewer keys there
# The first and last keys are repeated beyond the ends.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    index = (torch.arange(n)[:, None] + torch.arange(-window, window + 1)).clamp(0, n - 1).to(q.device)
    weights = ((q.unsqueeze(-2) * k[..., index, :]).sum(-1) / d**0.5).softmax(-1)
    return (weights.unsqueeze(-1) * v[..., index, :]).sum(-2)


# %% local_attention | at the ends the whole is shared among the fewer keys there
# Rolled copies: the ends see each other.
def local_attention(q, k, v, window):
    d, offsets = q.shape[-1], range(-window, window + 1)
    scores = torch.stack([(q * k.roll(-offset, dims=-2)).sum(-1) for offset in offsets], dim=-1) / d**0.5
    weights = scores.softmax(-1)
    return sum(weights[..., place, None] * v.roll(-offset, dims=-2) for place, offset in enumerate(offsets))


# %% local_attention | at the ends the whole is shared among the fewer keys there
# An index below 0 counts from the end.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    index = torch.arange(n, device=q.device)[:, None] + torch.arange(-window, window + 1, device=q.device)
    valid = index < n
    index = index.clamp(max=n - 1)
    scores = (q.unsqueeze(-2) * k[..., index, :]).sum(-1) / d**0.5
    weights = scores.masked_fill(~valid, float("-inf")).softmax(-1)
    return (weights.unsqueeze(-1) * v[..., index, :]).sum(-2)


# %% local_attention | at the ends the whole is shared among the fewer keys there
# Padding is hidden after the softmax: the ends do not get the whole.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    seen = torch.arange(n, device=q.device)[:, None] + torch.arange(-window, window + 1, device=q.device)
    k_windows, v_windows = (F.pad(x, (0, 0, window, window)).unfold(-2, 2 * window + 1, 1) for x in (k, v))
    weights = (torch.einsum("...nd,...ndw->...nw", q, k_windows) / d**0.5).softmax(-1) * ((seen >= 0) & (seen < n)).to(q)
    return torch.einsum("...nw,...ndw->...nd", weights, v_windows)


# %% local_attention | by the softmax of its scores by the root of d
# The window is taken for the whole width.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window // 2), i + window // 2 + 1)
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT / d**0.5).softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | by the softmax of its scores by the root of d
# The key after the query's window is left out: the slice ends too early.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), max(i + window, 1))
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT / d**0.5).softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | by the softmax of its scores by the root of d
# Causal: only the keys before the query.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + 1)
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT / d**0.5).softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | by the softmax of its scores by the root of d
# Not scaled.
def local_attention(q, k, v, window):
    n = q.shape[-2]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT).softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | by the softmax of its scores by the root of d
# Scaled by the width of the values.
def local_attention(q, k, v, window):
    n = q.shape[-2]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT / v.shape[-1] ** 0.5).softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | PyTorch's attention with the same mask gives the same numbers
# The last block, which is not full, is left at zeros.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    size, out = max(window, 1), torch.zeros_like(v)
    for block in range(n // size):
        first, last = block * size, block * size + size
        low, high = max(0, first - window), min(n, last + window)
        i, j = torch.arange(first, last)[:, None], torch.arange(low, high)
        scores = (q[..., first:last, :] @ k[..., low:high, :].mT / d**0.5).masked_fill((i - j).abs() > window, float("-inf"))
        out[..., first:last, :] = scores.softmax(-1) @ v[..., low:high, :]
    return out


# %% local_attention | PyTorch's attention with the same mask gives the same numbers
# Blocks without a mask: each query sees the whole of its block and both neighbours.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    size, results = max(window, 1), []
    for first in range(0, n, size):
        around = slice(max(0, first - window), first + size + window)
        results.append((q[..., first : first + size, :] @ k[..., around, :].mT / d**0.5).softmax(-1) @ v[..., around, :])
    return torch.cat(results, dim=-2)


# %% local_attention | by the softmax of its scores by the root of d
# Blocks see themselves only.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    size, results = 2 * window + 1, []
    for first in range(0, n, size):
        block = slice(first, first + size)
        results.append((q[..., block, :] @ k[..., block, :].mT / d**0.5).softmax(-1) @ v[..., block, :])
    return torch.cat(results, dim=-2)


# %% local_attention | It raised RuntimeError
# Only two dimensions are expected.
def local_attention(q, k, v, window):
    n, d = q.shape[0], q.shape[-1]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        rows.append((k[around] @ q[i] / d**0.5).softmax(-1) @ v[around])
    return torch.stack(rows)


# %% local_attention | ValueError
# Three dimensions are expected.
def local_attention(q, k, v, window):
    batch, n, d = q.shape
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        rows.append((q[:, i : i + 1] @ k[:, around].mT / d**0.5).softmax(-1) @ v[:, around])
    return torch.cat(rows, dim=1)


# %% local_attention | range() arg 3 must not be zero
# Blocks of the window's size: a window of 0 cannot step on.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    results = []
    for first in range(0, n, window):
        last = min(first + window, n)
        low, high = max(0, first - window), min(n, last + window)
        i, j = torch.arange(first, last)[:, None], torch.arange(low, high)
        scores = (q[..., first:last, :] @ k[..., low:high, :].mT / d**0.5).masked_fill((i - j).abs() > window, float("-inf"))
        results.append(scores.softmax(-1) @ v[..., low:high, :])
    return torch.cat(results, dim=-2)


# %% local_attention | a window that reaches everything is full attention
# Every window is expected to fit into the sequence: windows near the ends are moved inwards.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    start = (torch.arange(n) - window).clamp(0, n - 2 * window - 1)
    index = start[:, None] + torch.arange(2 * window + 1)
    far = (index - torch.arange(n)[:, None]).abs() > window
    scores = (q.unsqueeze(-2) * k[..., index, :]).sum(-1) / d**0.5
    weights = scores.masked_fill(far, float("-inf")).softmax(-1)
    return (weights.unsqueeze(-1) * v[..., index, :]).sum(-2)


# %% local_attention | padding stays hidden however low the scores of the others are
# Padding gets a score of -1000, which is not the lowest there can be.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    seen = torch.arange(n, device=q.device)[:, None] + torch.arange(-window, window + 1, device=q.device)
    k_windows, v_windows = (F.pad(x, (0, 0, window, window)).unfold(-2, 2 * window + 1, 1) for x in (k, v))
    scores = (torch.einsum("...nd,...ndw->...nw", q, k_windows) / d**0.5).masked_fill((seen < 0) | (seen >= n), -1000.0)
    return torch.einsum("...nw,...ndw->...nd", scores.softmax(-1), v_windows)


# %% local_attention | padding stays hidden however low
# Exponentials without a maximum taken off.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        powers = (q[..., i : i + 1, :] @ k[..., around, :].mT / d**0.5).exp()
        rows.append(powers / powers.sum(-1, keepdim=True) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | q gets the right gradient
# Computed in NumPy: no gradient comes through.
def local_attention(q, k, v, window):
    rows = []
    for i in range(q.shape[-2]):
        around = slice(max(0, i - window), i + window + 1)
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT / q.shape[-1] ** 0.5).softmax(-1) @ v[..., around, :])
    return torch.from_numpy(torch.cat(rows, dim=-2).detach().numpy())


# %% local_attention | the result has the dtype of the input
# The result is collected in an array of float32.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    out = torch.zeros(v.shape)
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        out[..., i : i + 1, :] = (q[..., i : i + 1, :] @ k[..., around, :].mT / d**0.5).softmax(-1) @ v[..., around, :]
    return out


# %% local_attention | everything is computed on the device of the input
# The mask of the padding is made on the CPU.
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    window = min(window, n - 1)
    seen = torch.arange(n)[:, None] + torch.arange(-window, window + 1)
    k_windows, v_windows = (F.pad(x, (0, 0, window, window)).unfold(-2, 2 * window + 1, 1) for x in (k, v))
    scores = (torch.einsum("...nd,...ndw->...nw", q, k_windows) / d**0.5).masked_fill((seen < 0) | (seen >= n), float("-inf"))
    return torch.einsum("...nw,...ndw->...nd", scores.softmax(-1), v_windows)


# %% local_attention | q gets the right gradient
# The weights are cut out of the graph.
def local_attention(q, k, v, window):
    rows = []
    for i in range(q.shape[-2]):
        around = slice(max(0, i - window), i + window + 1)
        weights = (q[..., i : i + 1, :] @ k[..., around, :].mT / q.shape[-1] ** 0.5).softmax(-1)
        rows.append(weights.detach() @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | the arguments are left as they were
# The queries are scaled in place.
def local_attention(q, k, v, window):
    q *= q.shape[-1] ** -0.5
    rows = []
    for i in range(q.shape[-2]):
        around = slice(max(0, i - window), i + window + 1)
        rows.append((q[..., i : i + 1, :] @ k[..., around, :].mT).softmax(-1) @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_p_weights | the share among the keys in the window
# The softmax runs over all keys.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    weights = scores.softmax(-1) * torch.exp(-2 * distance**2 / width**2)
    return weights.masked_fill(distance.abs() > width, 0.0)


# %% local_p_weights | nothing is normalised again
# Normalised again after the bell.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width
    weights = scores.masked_fill(outside, -1e30).softmax(-1) * torch.exp(-2 * distance**2 / width**2)
    weights = weights.masked_fill(outside, 0.0)
    return weights / weights.sum(-1, keepdim=True).clamp(min=1e-30)


# %% local_p_weights | nothing is normalised again
# The bell is added to the scores, before the softmax.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width
    return (scores - 2 * distance**2 / width**2).masked_fill(outside, -1e30).softmax(-1).masked_fill(outside, 0.0)


# %% local_p_weights | multiplied by the bell curve
# Sigma is D.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-(distance**2) / (2 * width**2))).masked_fill(outside, 0.0)


# %% local_p_weights | multiplied by the bell curve
# The 2 below the fraction is forgotten.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-(distance**2) / (width / 2) ** 2)).masked_fill(outside, 0.0)


# %% local_p_weights | multiplied by the bell curve
# Sigma squared is D / 2 (the same for D = 2).
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-(distance**2) / (2 * width / 2))).masked_fill(outside, 0.0)


# %% local_p_weights | the bell curve takes from the whole
# The bell is left out.
def local_p_weights(scores, centre, width):
    outside = (torch.arange(scores.shape[-1]) - centre[..., None]).abs() > width
    return scores.masked_fill(outside, -1e30).softmax(-1).masked_fill(outside, 0.0)


# %% local_p_weights | the window holds the keys up to the distance D
# No window: the bell alone.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    return scores.softmax(-1) * torch.exp(-2 * distance**2 / width**2)


# %% local_p_weights | the window holds the keys up to the distance D
# D is taken for the whole width of the window.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width / 2
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-2 * distance**2 / width**2)).masked_fill(outside, 0.0)


# %% local_p_weights | the window holds the keys up to the distance D
# The keys at exactly the distance D are left out.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() >= width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-2 * distance**2 / width**2)).masked_fill(outside, 0.0)


# %% local_p_weights | the centre may lie between two keys
# The centre is rounded.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre.round()[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-2 * distance**2 / width**2)).masked_fill(outside, 0.0)


# %% local_p_weights | the centre may lie between two keys
# The window is rounded outwards, to whole positions.
def local_p_weights(scores, centre, width):
    places = torch.arange(scores.shape[-1])
    low, high = (centre - width).floor()[..., None], (centre + width).ceil()[..., None]
    outside = (places < low) | (places > high)
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-2 * (places - centre[..., None]) ** 2 / width**2)).masked_fill(outside, 0.0)


# %% local_p_weights | the window holds the keys up to the distance D
# Positions count from 1.
def local_p_weights(scores, centre, width):
    distance = torch.arange(1, scores.shape[-1] + 1) - centre[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-2 * distance**2 / width**2)).masked_fill(outside, 0.0)


# %% local_p_weights | a window without keys gets zeros, not nan
# An empty window is 0 / 0.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    shares = scores.masked_fill(distance.abs() > width, float("-inf")).softmax(-1)
    return shares * torch.exp(-2 * distance**2 / width**2)


# %% local_p_weights | a window without keys gets zeros
# An empty window shares equally.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    shares = scores.masked_fill(distance.abs() > width, -1e30).softmax(-1)
    return shares * torch.exp(-2 * distance**2 / width**2)


# %% local_p_weights | large scores do not overflow
# Exponentials without a maximum taken off.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1], device=scores.device) - centre[..., None]
    powers = scores.exp().masked_fill(distance.abs() > width, 0.0)
    return powers / powers.sum(-1, keepdim=True).clamp(min=1e-30) * torch.exp(-2 * distance**2 / width**2)


# %% local_p_weights | low scores in the window do not underflow
# The maximum of all keys is taken off, not that of the window.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1], device=scores.device) - centre[..., None]
    powers = (scores - scores.amax(-1, keepdim=True)).exp().masked_fill(distance.abs() > width, 0.0)
    return powers / powers.sum(-1, keepdim=True).clamp(min=1e-30) * torch.exp(-2 * distance**2 / width**2)


# %% local_p_weights | the bell curve takes from the whole
# The softmax runs over the queries.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1]) - centre[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-2)
    return (shares * torch.exp(-2 * distance**2 / width**2)).masked_fill(outside, 0.0)


# %% local_p_weights | gradients flow to the scores and to the centre
# The centre is cut out of the graph.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1], device=scores.device) - centre.detach()[..., None]
    outside = distance.abs() > width
    shares = scores.masked_fill(outside, -1e30).softmax(-1)
    return (shares * torch.exp(-2 * distance**2 / width**2)).masked_fill(outside, 0.0)


# %% receptive_field | each layer adds one window on each side
# The fields are added, itself counted in each layer.
def receptive_field(n_layers, window):
    return n_layers * (2 * window + 1) if n_layers else 1


# %% receptive_field | each layer adds one window on each side
# The fields are multiplied.
def receptive_field(n_layers, window):
    return (2 * window + 1) ** n_layers


# %% receptive_field | one layer sees its window on both sides
# One side only.
def receptive_field(n_layers, window):
    return n_layers * window + 1


# %% receptive_field | one layer sees its window on both sides
# Itself is forgotten.
def receptive_field(n_layers, window):
    return 2 * n_layers * window


# %% receptive_field | one layer sees its window on both sides
# The window is taken for the whole width.
def receptive_field(n_layers, window):
    return n_layers * (window - 1) + 1


# %% receptive_field | each layer adds one window on each side
# The layers are forgotten.
def receptive_field(n_layers, window):
    return 2 * window + 1


# %% receptive_field | each layer adds one window on each side
# Every layer doubles the window.
def receptive_field(n_layers, window):
    return 2 * window * 2 ** (n_layers - 1) + 1 if n_layers > 1 else 2 * window * n_layers + 1


# %% receptive_field | without a layer a position is alone
# There is at least one layer.
def receptive_field(n_layers, window):
    field = 2 * window + 1
    for _ in range(n_layers - 1):
        field += 2 * window
    return field


# %% dilated_mask | a query in the middle sees `window` keys on each side
# `window` counts positions.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (before % dilation == 0) & (before.abs() <= window)


# %% dilated_mask | an odd query sees odd keys
# The key's own position is divisible, not its distance.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (torch.arange(n) % dilation == 0) & (before.abs() <= window * dilation)


# %% dilated_mask | a query in the middle sees `window` keys on each side
# A wide window without gaps.
def dilated_mask(n, window, dilation):
    return (torch.arange(n)[:, None] - torch.arange(n)).abs() <= window * dilation


# %% dilated_mask | a query in the middle sees `window` keys on each side
# `dilation` keys are left out between two.
def dilated_mask(n, window, dilation):
    before, step = torch.arange(n)[:, None] - torch.arange(n), dilation + 1
    return (before % step == 0) & (before.abs() <= window * step)


# %% dilated_mask | a query in the middle sees `window` keys on each side
# No end to the window.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return before % dilation == 0


# %% dilated_mask | none beyond the end
# Negative indices wrap around.
def dilated_mask(n, window, dilation):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        for m in range(-window, window + 1):
            mask[i, (i + m * dilation) % n] = True
    return mask


# %% dilated_mask | the keys stand `dilation` apart, counted from the query
# A negative index counts from the end.
def dilated_mask(n, window, dilation):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        for m in range(-window, window + 1):
            if -n <= i + m * dilation < n:
                mask[i, i + m * dilation] = True
    return mask


# %% dilated_mask | a query in the middle sees `window` keys on each side
# Only keys before the query.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (before % dilation == 0) & (before >= 0) & (before <= window * dilation)


# %% dilated_mask | a query in the middle sees `window` keys on each side
# The last key of the window is left out.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (before % dilation == 0) & (before.abs() < window * dilation)


# %% dilated_mask | a query in the middle sees `window` keys on each side
# The query's own key is left out.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return (before % dilation == 0) & (before.abs() <= window * dilation) & (before != 0)


# %% dilated_mask | the mask is a boolean tensor
# Ones and zeros.
def dilated_mask(n, window, dilation):
    before = torch.arange(n)[:, None] - torch.arange(n)
    return ((before % dilation == 0) & (before.abs() <= window * dilation)).int()


# %% global_local_mask | a global token sees all
# Seen by all, and does not see.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    for position in global_positions:
        mask[:, position] = True
    return mask


# %% global_local_mask | a global token is seen by all
# Sees all, and is not seen.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    for position in global_positions:
        mask[position] = True
    return mask


# %% global_local_mask | there may be several, in a list or a tuple
# The positions are used as an index: a tuple means a single cell.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    if len(global_positions):
        mask[global_positions] = True
        mask.T[global_positions] = True
    return mask


# %% global_local_mask | the others see their window and the global token
# Where there is a global token, the window is forgotten.
def global_local_mask(n, window, global_positions):
    if not global_positions:
        return local_mask(n, window)
    chosen = torch.tensor([position in global_positions for position in range(n)])
    return chosen[:, None] | chosen


# %% global_local_mask | a global token sees all
# Global tokens see each other only: `and` for `or`.
def global_local_mask(n, window, global_positions):
    chosen = torch.tensor([position in global_positions for position in range(n)])
    return local_mask(n, window) | (chosen[:, None] & chosen)


# %% global_local_mask | there may be several
# Only the first global token counts.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    if global_positions:
        mask[global_positions[0]] = True
        mask[:, global_positions[0]] = True
    return mask


# %% global_local_mask | a global token sees all
# The first `len(global_positions)` tokens are global, wherever the positions are.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    mask[: len(global_positions)] = True
    mask[:, : len(global_positions)] = True
    return mask


# %% global_local_mask | there may be several
# Position 0 is taken for none.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    for position in global_positions:
        if position:
            mask[position] = True
            mask[:, position] = True
    return mask


# %% global_local_mask | the others see their window and the global token, and no more
# Whoever has a global token in its window sees all.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    for position in global_positions:
        mask[max(0, position - window) : position + window + 1] = True
        mask[:, position] = True
    return mask


# %% global_local_mask | IndexError
# An empty list makes an index of floats.
def global_local_mask(n, window, global_positions):
    mask, index = local_mask(n, window), torch.tensor(global_positions)
    mask[index] = True
    mask[:, index] = True
    return mask


# %% global_local_mask | the mask is a boolean tensor
# Local and global added up.
def global_local_mask(n, window, global_positions):
    chosen = torch.tensor([float(position in global_positions) for position in range(n)])
    return (local_mask(n, window) + chosen[:, None] + chosen).clamp(max=1)


# %% global_local_mask | the others see their window and the global token
# The window of the others is causal.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window, causal=True)
    for position in global_positions:
        mask[position] = True
        mask[:, position] = True
    return mask


# %% attended_pairs | 2, 3, 3, 3 and 2 keys
# The ends are counted as full.
def attended_pairs(kind, n, window):
    keys = {"full": n, "local": 2 * window + 1, "causal local": window + 1, "global local": 2 * window + 2}
    if kind not in keys:
        raise ValueError(kind)
    return n * min(keys[kind], n)


# %% attended_pairs | sees all pairs, and no more
# The window is not cut to the sequence.
def attended_pairs(kind, n, window):
    before = n * window - window * (window + 1) // 2
    if kind not in ("full", "local", "causal local", "global local"):
        raise ValueError(kind)
    local = n + 2 * before
    return {"full": n * n, "local": local, "causal local": n + before, "global local": local + 2 * (n - 1 - window)}[kind]


# %% attended_pairs | three more in its row and three in its column
# The global token's row and column are added whole.
def attended_pairs(kind, n, window):
    window = min(window, n - 1)
    before = n * window - window * (window + 1) // 2
    if kind not in ("full", "local", "causal local", "global local"):
        raise ValueError(kind)
    return {"full": n * n, "local": n + 2 * before, "causal local": n + before, "global local": 3 * n + 2 * before - 1}[kind]


# %% attended_pairs | three more in its row and three in its column
# The global token is seen and does not see.
def attended_pairs(kind, n, window):
    window = min(window, n - 1)
    before = n * window - window * (window + 1) // 2
    if kind not in ("full", "local", "causal local", "global local"):
        raise ValueError(kind)
    local = n + 2 * before
    return {"full": n * n, "local": local, "causal local": n + before, "global local": local + n - 1 - window}[kind]


# %% attended_pairs | five queries with two keys before them
# Half of the local pairs: half of the diagonal is lost.
def attended_pairs(kind, n, window):
    window = min(window, n - 1)
    local = n + 2 * n * window - window * (window + 1)
    if kind not in ("full", "local", "causal local", "global local"):
        raise ValueError(kind)
    return {"full": n * n, "local": local, "causal local": local // 2, "global local": local + 2 * (n - 1 - window)}[kind]


# %% attended_pairs | used more memory than it may
# The mask is made and counted.
def attended_pairs(kind, n, window):
    if kind == "full":
        return n * n
    if kind not in ("local", "causal local", "global local"):
        raise ValueError(kind)
    if kind == "global local":
        return int(global_local_mask(n, window, [0]).sum())
    if window == 0:
        return n
    return int(local_mask(n, window, causal=kind == "causal local").sum())


# %% attended_pairs | five queries with a neighbour on each side
# The diagonal is counted twice.
def attended_pairs(kind, n, window):
    window = min(window, n - 1)
    side = sum(n - m for m in range(window + 1))
    if kind not in ("full", "local", "causal local", "global local"):
        raise ValueError(kind)
    return {"full": n * n, "local": 2 * side, "causal local": side, "global local": 2 * side + 2 * (n - 1 - window)}[kind]


# %% attended_pairs | a kind that is not known is a ValueError
# An unknown kind is a KeyError.
def attended_pairs(kind, n, window):
    window = min(window, n - 1)
    before = n * window - window * (window + 1) // 2
    local = n + 2 * before
    return {"full": n * n, "local": local, "causal local": n + before, "global local": local + 2 * (n - 1 - window)}[kind]


# %% attended_pairs | even if it looks like one
# Kinds are told by a word that they contain.
def attended_pairs(kind, n, window):
    window = min(window, n - 1)
    before = n * window - window * (window + 1) // 2
    if "causal" in kind:
        return n + before
    if "global" in kind:
        return n + 2 * before + 2 * (n - 1 - window)
    if "local" in kind:
        return n + 2 * before
    if kind == "full":
        return n * n
    raise ValueError(kind)


# %% attended_pairs | whatever the window
# "full" is taken for a mask with a window.
def attended_pairs(kind, n, window):
    w = min(window, n - 1)
    before = n * w - w * (w + 1) // 2
    local = n + 2 * before
    pairs = {"full": n * n if window else n, "local": local, "causal local": n + before, "global local": local + 2 * (n - 1 - w)}
    if kind not in pairs:
        raise ValueError(kind)
    return pairs[kind]


# %% choose | the cheapest that will do is chosen
# The first that will do.
def choose(table, needs):
    for name, row in table.items():
        if all(row[task] >= least for task, least in needs.items()):
            return name


# %% choose | the first of equals
# The last of equals.
def choose(table, needs):
    best = None
    for name, row in table.items():
        if all(row[task] >= least for task, least in needs.items()):
            if best is None or row["pairs"] <= table[best]["pairs"]:
                best = name
    return best


# %% choose | a row that is exactly as good as needed will do
# More than needed is asked for.
def choose(table, needs):
    enough = [name for name, row in table.items() if all(row[task] > least for task, least in needs.items())]
    return min(enough, key=lambda name: table[name]["pairs"], default=None)


# %% choose | all needs are met, not one of them
# One need is enough.
def choose(table, needs):
    enough = [name for name, row in table.items() if not needs or any(row[task] >= least for task, least in needs.items())]
    return min(enough, key=lambda name: table[name]["pairs"], default=None)


# %% choose | where nothing will do the answer is None
# Nothing will do, and the cheapest is returned.
def choose(table, needs):
    enough = [name for name, row in table.items() if all(row[task] >= least for task, least in needs.items())]
    return min(enough or table, key=lambda name: table[name]["pairs"], default=None)


# %% choose | It raised ValueError
# Nothing will do, and `min` fails.
def choose(table, needs):
    enough = [name for name, row in table.items() if all(row[task] >= least for task, least in needs.items())]
    return min(enough, key=lambda name: table[name]["pairs"])


# %% choose | the cheapest that will do is chosen
# The best at the tasks, not the cheapest.
def choose(table, needs):
    enough = [name for name, row in table.items() if all(row[task] >= least for task, least in needs.items())]
    return max(enough, key=lambda name: sum(table[name][task] for task in needs), default=None)


# %% choose | the cheapest that will do is chosen
# The price is returned, not the name.
def choose(table, needs):
    prices = [row["pairs"] for row in table.values() if all(row[task] >= least for task, least in needs.items())]
    return min(prices, default=None)


# %% choose | a row that is exactly as good as needed will do, in any task
# Only the two tasks of the lesson are known.
def choose(table, needs):
    enough = [
        name for name, row in table.items() if row.get("near", 0) >= needs.get("near", 0) and row.get("far", 0) >= needs.get("far", 0)
    ]
    return min(enough, key=lambda name: table[name]["pairs"], default=None)


# %% choose | the arguments are left as they were
# Rows that will not do are deleted from the table.
def choose(table, needs):
    for name in [name for name, row in table.items() if any(row[task] < least for task, least in needs.items())]:
        del table[name]
    return min(table, key=lambda name: table[name]["pairs"], default=None)


# %% local_p_weights | low scores in the window do not underflow beside high ones outside, nor beside those of another query
# One maximum over all queries and batches is subtracted: a query whose scores are far below it gets zeros.
def local_p_weights(scores, centre, width):
    distance = torch.arange(scores.shape[-1], device=scores.device) - centre[..., None]
    inside = distance.abs() <= width
    shares = scores.masked_fill(~inside, float("-inf"))
    shares = (shares - shares.amax()).exp()
    weights = (shares / shares.sum(-1, keepdim=True)).nan_to_num(0.0)
    return weights * torch.exp(-2 * distance**2 / width**2)


# %% receptive_field | the result is an integer
# A float comes back.
def receptive_field(n_layers, window):
    return 1 + n_layers * window / 0.5


# %% global_local_mask | position 0 may be the only global one
# Position 0 is taken for "none" by a test of truth when it stands alone.
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    if any(global_positions):
        for g in global_positions:
            mask[g] = True
            mask[:, g] = True
    return mask


# %% attended_pairs | the results are integers
# Float division: a float comes back, not an exact integer.
def attended_pairs(kind, n, window):
    w = min(window, n - 1)
    before = w * n - w * (w + 1) / 2
    pairs = {"full": float(n) * n, "local": n + 2 * before, "causal local": n + before,
             "global local": n + 2 * before + 2 * (n - 1 - w)}
    if kind not in pairs:
        raise ValueError(kind)
    return pairs[kind]


# %% choose | the cheapest that will do is chosen, the first of equals
# Among equals the one with the shortest name, not the first in the table.
def choose(table, needs):
    good = [(row["pairs"], len(name), name) for name, row in table.items()
            if all(row[t] >= least for t, least in needs.items())]
    return min(good)[2] if good else None


# %% choose | all needs are met, not one of them, however dear that is
# Starts from a limit of 1,000 pairs: dearer stacks are never chosen.
def choose(table, needs):
    best, fewest = None, 1000
    for name, row in table.items():
        if all(row[t] >= least for t, least in needs.items()) and row["pairs"] < fewest:
            best, fewest = name, row["pairs"]
    return best
