# Right answers to lesson 13, in other styles than the solution's.


# %% local_mask | a loop over queries, with slices
def local_mask(n, window, causal=False):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        last = i if causal else i + window
        mask[i, max(0, i - window) : last + 1] = True
    return mask


# %% local_mask | two triangles
def local_mask(n, window, causal=False):
    everything = torch.ones(n, n, dtype=torch.bool)
    return everything.tril(0 if causal else window).triu(-window)


# %% local_mask | lists of truth values
def local_mask(n, window, causal=False):
    low = 0 if causal else -window
    return torch.tensor([[low <= i - j <= window for j in range(n)] for i in range(n)])


# %% local_mask | from NumPy
def local_mask(n, window, causal=False):
    i, j = np.indices((n, n))
    mask = np.logical_and(j >= i - window, j <= (i if causal else i + window))
    return torch.from_numpy(mask)


# %% local_attention | blocks of queries, each with the keys around it
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    size = max(window, 1)
    results = []
    for first in range(0, n, size):
        last = min(first + size, n)
        low, high = max(0, first - window), min(n, last + window)
        i = torch.arange(first, last, device=q.device)[:, None]
        j = torch.arange(low, high, device=q.device)
        scores = q[..., first:last, :] @ k[..., low:high, :].transpose(-2, -1) / d**0.5
        scores = scores.masked_fill((i - j).abs() > window, float("-inf"))
        results.append(scores.softmax(-1) @ v[..., low:high, :])
    return torch.cat(results, dim=-2)


# %% local_attention | all blocks at once, padded to whole ones
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    size = max(min(window, n), 1)
    missing = -n % size
    blocks = F.pad(q, (0, 0, 0, missing)).unflatten(-2, (-1, size))  # (..., blocks, size, d)
    keys, values = (F.pad(x, (0, 0, size, size + missing)).unfold(-2, 3 * size, size) for x in (k, v))
    n_blocks = blocks.shape[-3]
    i = torch.arange(n_blocks * size, device=q.device).view(n_blocks, size, 1)
    j = torch.arange(n_blocks, device=q.device)[:, None, None] * size - size + torch.arange(3 * size, device=q.device)
    seen = ((i - j).abs() <= window) & (j >= 0) & (j < n)
    lowest = torch.finfo(q.dtype).min
    weights = (blocks @ keys / d**0.5).masked_fill(~seen, lowest).softmax(-1).masked_fill(~seen, 0)
    return (weights @ values.transpose(-2, -1)).flatten(-3, -2)[..., :n, :]


# %% local_attention | rows gathered with an index
def local_attention(q, k, v, window):
    n = q.shape[-2]
    window = min(window, n)
    index = torch.arange(n, device=q.device)[:, None] + torch.arange(-window, window + 1, device=q.device)
    valid = (index >= 0) & (index < n)
    index = index.clamp(0, n - 1)
    scores = (q.unsqueeze(-2) * k[..., index, :]).sum(-1) / q.shape[-1] ** 0.5
    weights = torch.softmax(scores.masked_fill(~valid, -torch.inf), dim=-1)
    return (weights.unsqueeze(-1) * v[..., index, :]).sum(-2)


# %% local_attention | a loop over queries
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    rows = []
    for i in range(n):
        around = slice(max(0, i - window), i + window + 1)
        weights = (q[..., i : i + 1, :] @ k[..., around, :].mT / d**0.5).softmax(-1)
        rows.append(weights @ v[..., around, :])
    return torch.cat(rows, dim=-2)


# %% local_attention | shifted copies stacked, one per offset
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]
    window = min(window, n - 1)
    i = torch.arange(n, device=q.device)
    padded_k, padded_v = F.pad(k, (0, 0, window, window)), F.pad(v, (0, 0, window, window))
    scores = []
    for offset in range(-window, window + 1):
        shifted = padded_k[..., window + offset : window + offset + n, :]
        score = (q * shifted).sum(-1) / d**0.5
        scores.append(score.masked_fill((i + offset < 0) | (i + offset >= n), float("-inf")))
    weights = torch.stack(scores, dim=-1).softmax(-1)
    out = torch.zeros_like(v)
    for place in range(2 * window + 1):
        out = out + weights[..., place, None] * padded_v[..., place : place + n, :]
    return out


# %% local_attention | strided windows and matrix products
def local_attention(q, k, v, window):
    n, d = q.shape[-2:]

    def windows(x):
        padded = F.pad(x, (0, 0, window, window)).contiguous()
        size = (*x.shape[:-1], 2 * window + 1, x.shape[-1])
        stride = (*padded.stride()[:-2], padded.stride(-2), padded.stride(-2), padded.stride(-1))
        return padded.as_strided(size, stride)

    inside = F.pad(torch.ones(n, 1, dtype=torch.bool, device=q.device), (0, 0, window, window))
    inside = inside.squeeze(-1).unfold(0, 2 * window + 1, 1)
    scores = (windows(k) @ (q / d**0.5).unsqueeze(-1)).squeeze(-1)
    weights = scores.masked_fill(~inside, float("-inf")).softmax(-1)
    return (weights.unsqueeze(-2) @ windows(v)).squeeze(-2)


# %% local_p_weights | a loop over queries
def local_p_weights(scores, centre, width):
    flat_scores, flat_centre = scores.reshape(-1, scores.shape[-1]), centre.reshape(-1)
    places = torch.arange(scores.shape[-1], device=scores.device)
    rows = []
    for row in range(len(flat_centre)):
        far = (places - flat_centre[row]).abs() > width
        shares = flat_scores[row].masked_fill(far, float("-inf")).softmax(-1).masked_fill(far, 0)
        rows.append(torch.nan_to_num(shares) * torch.exp(-2 * (places - flat_centre[row]) ** 2 / width**2))
    return torch.stack(rows).view(scores.shape)


# %% local_p_weights | exponentials and their sum
def local_p_weights(scores, centre, width):
    s = torch.arange(scores.size(-1), dtype=scores.dtype, device=scores.device)
    away = s - centre.unsqueeze(-1)
    inside = (away >= -width) & (away <= width)
    highest = scores.masked_fill(~inside, float("-inf")).amax(-1, keepdim=True)
    highest = torch.where(highest.isfinite(), highest, torch.zeros_like(highest))
    powers = torch.where(inside, (scores - highest).clamp(max=0).exp(), torch.zeros_like(scores))
    total = powers.sum(-1, keepdim=True)
    sigma = width / 2
    return powers / torch.where(total > 0, total, torch.ones_like(total)) * torch.exp(-0.5 * (away / sigma) ** 2)


# %% local_p_weights | logarithms added, then taken back
def local_p_weights(scores, centre, width):
    distance = (torch.arange(scores.shape[-1], device=scores.device) - centre[..., None]).to(scores.dtype)
    inside = distance.abs() <= width
    low = scores.masked_fill(~inside, -1e30)
    log_shares = low - low.logsumexp(-1, keepdim=True)
    return torch.where(inside, torch.exp(log_shares - 2 * distance.square() / width**2), torch.zeros_like(scores))


# %% receptive_field | a sum over layers
def receptive_field(n_layers, window):
    positions = 1
    for _ in range(n_layers):
        positions += 2 * window
    return positions


# %% receptive_field | first and last position seen
def receptive_field(n_layers, window):
    first, last = -n_layers * window, n_layers * window
    return len(range(first, last + 1))


# %% receptive_field | recursion
def receptive_field(n_layers, window):
    return 1 if n_layers == 0 else receptive_field(n_layers - 1, window) + 2 * window


# %% dilated_mask | a loop over steps
def dilated_mask(n, window, dilation):
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        for m in range(-window, window + 1):
            if 0 <= i + m * dilation < n:
                mask[i, i + m * dilation] = True
    return mask


# %% dilated_mask | diagonals
def dilated_mask(n, window, dilation):
    mask = torch.eye(n, dtype=torch.bool)
    for m in range(1, window + 1):
        if m * dilation < n:
            side = torch.ones(n - m * dilation, dtype=torch.bool)
            mask = mask | torch.diag(side, m * dilation) | torch.diag(side, -m * dilation)
    return mask


# %% dilated_mask | the local mask, and the remainders alike
def dilated_mask(n, window, dilation):
    phase = torch.arange(n) % dilation
    return local_mask(n, window * dilation) & (phase[:, None] == phase[None, :])


# %% global_local_mask | is either of the two global?
def global_local_mask(n, window, global_positions):
    chosen = torch.zeros(n, dtype=torch.bool)
    for position in global_positions:
        chosen[position] = True
    return local_mask(n, window) | chosen[:, None] | chosen


# %% global_local_mask | an index made of a list
def global_local_mask(n, window, global_positions):
    mask = local_mask(n, window)
    index = torch.tensor(list(global_positions), dtype=torch.long)
    mask[index] = True
    mask[:, index] = True
    return mask


# %% global_local_mask | pair by pair
def global_local_mask(n, window, global_positions):
    some = set(global_positions)
    return torch.tensor([[abs(i - j) <= window or bool(some & {i, j}) for j in range(n)] for i in range(n)])


# %% attended_pairs | a sum over queries
def attended_pairs(kind, n, window):
    if kind == "full":
        return n**2
    if kind not in ("local", "causal local", "global local"):
        raise ValueError(kind)
    total = 0
    for i in range(n):
        after = 0 if kind == "causal local" else min(window, n - 1 - i)
        total += min(window, i) + 1 + after
    if kind == "global local":
        total += 2 * max(0, n - 1 - window)
    return total


# %% attended_pairs | a sum over diagonals
def attended_pairs(kind, n, window):
    side = sum(n - m for m in range(1, min(window, n - 1) + 1))
    match kind:
        case "full":
            return n * n
        case "causal local":
            return n + side
        case "local":
            return n + 2 * side
        case "global local":
            return n + 2 * side + 2 * len(range(window + 1, n))
    raise ValueError("unknown kind")


# %% attended_pairs | all pairs less those that are hidden
def attended_pairs(kind, n, window):
    beyond = max(n - 1 - window, 0)
    corner = beyond * (beyond + 1) // 2  # hidden pairs on one side
    hidden = {"full": 0, "local": 2 * corner, "causal local": corner + n * (n - 1) // 2, "global local": 2 * (corner - beyond)}
    try:
        return np.int64(n * n - hidden[kind])
    except KeyError:
        raise ValueError(f"{kind} is not known") from None


# %% choose | a loop that keeps the best so far
def choose(table, needs):
    best = None
    for name in table:
        if any(table[name][task] < needs[task] for task in needs):
            continue
        if best is None or table[name]["pairs"] < table[best]["pairs"]:
            best = name
    return best


# %% choose | sorted by price
def choose(table, needs):
    for name in sorted(table, key=lambda name: table[name]["pairs"]):
        if all(table[name][task] >= least for task, least in needs.items()):
            return name


# %% choose | the least of pairs and places
def choose(table, needs):
    fit = [
        (row["pairs"], place, name)
        for place, (name, row) in enumerate(table.items())
        if not [task for task in needs if row[task] < needs[task]]
    ]
    return min(fit)[2] if fit else None
