# Right answers to lesson 14, in other styles than the solution's.

# %% online_softmax | the first block begins the sums
def online_softmax(read, n_blocks):
    def summed(number):
        scores = read(number)
        if scores.dtype in (torch.float16, torch.bfloat16):
            scores = scores.to(torch.float32)
        top = scores.max(dim=-1).values
        base = torch.where(torch.isinf(top), torch.zeros_like(top), top)
        return top, torch.exp(scores - base.unsqueeze(-1)).sum(-1)

    m, l = summed(0)
    for b in range(1, n_blocks):
        m_b, l_b = summed(b)
        m_new = torch.maximum(m, m_b)
        old, new = (torch.where(x == m_new, torch.ones_like(x), torch.exp(x - m_new)) for x in (m, m_b))
        m, l = m_new, l * old + l_b * new
    return m, l


# %% online_softmax | blocks merged by logsumexp
def online_softmax(read, n_blocks):
    m = lse = torch.tensor(float("-inf"))
    for b in range(n_blocks):
        block = read(b)
        if block.element_size() < 4:
            block = block.float()
        m, lse = m.to(block), lse.to(block)
        m = torch.maximum(m, block.amax(-1))
        lse = torch.logaddexp(lse, torch.logsumexp(block, -1))
    return [m, torch.nan_to_num(torch.exp(lse - m), nan=0.0)]


# %% online_softmax | nan wiped away after the fact
def online_softmax(read, n_blocks):
    maximum, total = None, 0.0
    for b in range(n_blocks):
        scores = read(b)
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        if maximum is None:
            maximum = scores.new_full(scores.shape[:-1], -torch.inf)
        new = torch.maximum(maximum, scores.max(-1)[0])
        total = (total * torch.exp(maximum - new)).nan_to_num(0.0) + torch.exp(scores - new[..., None]).nan_to_num(0.0).sum(-1)
        maximum = new
    return maximum, total


# %% online_softmax | score by score
def online_softmax(read, n_blocks):
    state = None
    for b in range(n_blocks):
        block = read(b)
        block = block.float() if block.dtype in (torch.half, torch.bfloat16) else block
        if state is None:
            state = torch.full(block.shape[:-1], -float("inf"), dtype=block.dtype, device=block.device)
            total = torch.zeros_like(state)
        if block.shape[-1] > 1000:  # wide blocks in one step
            new = torch.maximum(state, block.amax(-1))
            safe = new.clamp(min=torch.finfo(new.dtype).min)
            total = total * (state - safe).exp() + (block - safe[..., None]).exp().sum(-1)
            state = new
            continue
        for score in block.unbind(-1):
            new = torch.maximum(state, score)
            safe = new.clamp(min=torch.finfo(new.dtype).min)
            total, state = total * (state - safe).exp() + (score - safe).exp(), new
    return state, total


# %% online_softmax | statistics of every block, merged at the end
def online_softmax(read, n_blocks):
    maxima, totals = [], []
    for b in range(n_blocks):
        block = read(b)
        wide = block.dtype if block.dtype in (torch.float32, torch.float64) else torch.float32
        block = block.to(wide)
        m = block.amax(dim=-1)
        maxima.append(m)
        m = m.masked_fill(m.isneginf(), 0)
        totals.append((block - m[..., None]).exp().sum(dim=-1))
    maxima, totals = torch.stack(maxima), torch.stack(totals)
    maximum = maxima.amax(dim=0)
    factors = (maxima - maximum.masked_fill(maximum.isneginf(), 0)).exp()
    return maximum, (totals * factors).sum(dim=0)


# %% online_softmax | masked blocks skipped, the block written over
def online_softmax(read, n_blocks):
    maximum = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        if bool((block == float("-inf")).all()):
            continue
        new = torch.maximum(maximum, block.amax(-1))
        empty = new == float("-inf")
        block = block.sub(new.unsqueeze(-1)).exp_()
        block[empty] = 0
        factor = torch.exp(maximum - new)
        factor[empty] = 0
        total *= factor
        total += block.sum(-1)
        maximum = new
    return maximum, total


# %% tiled_attention | blocks of queries too
def tiled_attention(q, k, v, block, causal=False):
    dtype = q.dtype
    if dtype in (torch.float16, torch.bfloat16):
        q, k, v = q.float(), k.float(), v.float()
    n_q, n_k, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    rows = []
    for first in range(0, n_q, block):
        q_block = q[..., first : first + block, :]
        size = q_block.shape[-2]
        o = torch.zeros(*q.shape[:-2], size, v.shape[-1], dtype=q.dtype, device=q.device)
        m = torch.full((*q.shape[:-2], size, 1), float("-inf"), dtype=q.dtype, device=q.device)
        l = torch.zeros_like(m)
        for start in range(0, n_k, block):
            if causal and start > first + size - 1 + n_k - n_q:
                break  # no query of this block sees any key from here on
            k_block, v_block = k[..., start : start + block, :], v[..., start : start + block, :]
            s = torch.einsum("...id,...jd->...ij", q_block, k_block) * scale
            if causal:
                i = torch.arange(first, first + size, device=q.device).unsqueeze(1) + (n_k - n_q)
                j = torch.arange(start, start + k_block.shape[-2], device=q.device).unsqueeze(0)
                s = torch.where(j <= i, s, torch.full_like(s, float("-inf")))
            m_new = torch.maximum(m, s.max(dim=-1, keepdim=True).values)
            safe = torch.where(m_new == float("-inf"), torch.zeros_like(m_new), m_new)
            p, c = torch.exp(s - safe), torch.exp(m - safe)
            l = l * c + p.sum(dim=-1, keepdim=True)
            o = o * c + p @ v_block
            m = m_new
        rows.append(torch.where(l > 0, o / l, torch.zeros_like(o)))
    return torch.cat(rows, dim=-2).to(dtype)


# %% tiled_attention | attention of every block, merged by logsumexp
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, out, lse = q.shape[-2], k.shape[-2], None, None
    wide = torch.promote_types(q.dtype, torch.float32)
    keys_by_block, values_by_block = k.split(block, dim=-2), v.split(block, dim=-2)
    start = 0
    for keys, values in zip(keys_by_block, values_by_block):
        scores = q.to(wide) @ keys.to(wide).transpose(-1, -2) / q.size(-1) ** 0.5
        if causal:
            hidden = torch.ones(n_q, keys.shape[-2], dtype=torch.bool, device=q.device).triu(n_k - n_q - start + 1)
            scores = scores.masked_fill(hidden, float("-inf"))
        start += keys.shape[-2]
        here = torch.logsumexp(scores, dim=-1, keepdim=True)
        average = scores.softmax(dim=-1).nan_to_num(0.0) @ values.to(wide)
        if out is None:
            out, lse = average, here
            continue
        both = torch.logaddexp(lse, here)
        out = out * (lse - both).exp().nan_to_num(0.0) + average * (here - both).exp().nan_to_num(0.0)
        lse = both
    return out.to(q.dtype)


# %% tiled_attention | the keys from the last block to the first
def tiled_attention(q, k, v, block, causal=False):
    kind, n_q, n_k = q.dtype, q.shape[-2], k.shape[-2]
    if torch.finfo(kind).bits < 32:
        q, k, v = (x.to(torch.float32) for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l, o = torch.zeros_like(m), 0.0
    for start in reversed(range(0, n_k, block)):
        stop = min(start + block, n_k)
        s = (q @ k[..., start:stop, :].mT).div(q.shape[-1] ** 0.5)
        if causal:
            future = torch.arange(start, stop, device=s.device)[None] - torch.arange(n_q, device=s.device)[:, None] > n_k - n_q
            s.masked_fill_(future, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        shift = torch.where(new.isneginf(), 0.0, new)
        s.sub_(shift[..., None]).exp_()
        c = (m - shift).exp()
        l, o, m = l * c + s.sum(-1), o * c[..., None] + s @ v[..., start:stop, :], new
    l = torch.where(l == 0, 1.0, l)
    return (o / l[..., None]).to(kind)


# %% tiled_attention | a column of ones sums the weights
def tiled_attention(q, k, v, block, causal=False):
    half = q.dtype.itemsize == 2
    queries, keys, values = (x.float() if half else x for x in (q, k, v))
    values = torch.cat([values, torch.ones_like(values[..., :1])], dim=-1)
    offset = k.shape[-2] - q.shape[-2]
    m = torch.full(queries.shape[:-1] + (1,), torch.finfo(queries.dtype).min, dtype=queries.dtype, device=q.device)
    o = queries.new_zeros(queries.shape[:-1] + (values.shape[-1],))
    for start in range(0, k.shape[-2], block):
        s = queries @ keys[..., start : start + block, :].mT / queries.shape[-1] ** 0.5
        if causal:
            i, j = torch.arange(s.shape[-2], device=s.device), torch.arange(s.shape[-1], device=s.device) + start
            s = s.masked_fill(j > i[:, None] + offset, float("-inf"))
        new = torch.maximum(m, s.amax(-1, keepdim=True))  # never below the lowest finite number
        o = o * (m - new).exp() + (s - new).exp() @ values[..., start : start + block, :]
        m = new
    return (o[..., :-1] / o[..., -1:].clamp(min=1e-30)).to(q.dtype)


# %% tiled_attention | one example at a time, writing in place
import math


def attend(q, k, v, block, causal):
    n_q, n_k = len(q), len(k)
    out, total = q.new_zeros(n_q, v.shape[1]), q.new_zeros(n_q)
    top = q.new_full((n_q,), -math.inf)
    for start in range(0, n_k, block):
        stop = min(n_k, start + block)
        first = max(0, start - (n_k - n_q)) if causal else 0  # earlier queries see none of these keys
        if first >= n_q:
            break
        rows = slice(first, n_q)
        s = q[rows] @ k[start:stop].T / math.sqrt(q.shape[1])
        if causal:
            j = torch.arange(start, stop, device=q.device)
            i = torch.arange(first, n_q, device=q.device) + n_k - n_q
            s[j[None, :] > i[:, None]] = -math.inf
        new = torch.maximum(top[rows], s.max(1).values)
        p = torch.exp(s - new[:, None])
        c = torch.exp(top[rows] - new)
        total[rows] = total[rows] * c + p.sum(1)
        out[rows] = out[rows] * c[:, None] + p @ v[start:stop]
        top[rows] = new
    seen = total > 0
    return torch.where(seen[:, None], out / torch.where(seen, total, 1.0)[:, None], 0.0)


def tiled_attention(q, k, v, block, causal=False):
    front = q.shape[:-2]
    wide = torch.float64 if q.dtype == torch.float64 else torch.float32
    flat = [x.to(wide).reshape(-1, *x.shape[-2:]) for x in (q, k, v)]
    out = torch.stack([attend(*example, block, causal) for example in zip(*flat)])
    return out.reshape(*front, *out.shape[-2:]).to(q.dtype)


# %% tiled_attention | online_softmax first, then a second reading with the weights
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k = q.shape[-2], k.shape[-2]
    if q.dtype.itemsize < 4:
        return tiled_attention(q.float(), k.float(), v.float(), block, causal).to(q.dtype)

    def scores(b):
        s = q @ k[..., b * block : (b + 1) * block, :].mT / q.shape[-1] ** 0.5
        if causal:
            j = torch.arange(s.shape[-1], device=s.device) + b * block
            s = s.masked_fill(j > torch.arange(n_k - n_q, n_k, device=s.device)[:, None], float("-inf"))
        return s

    n_blocks = -(-n_k // block)
    maximum, total = online_softmax(scores, n_blocks)
    maximum = maximum.clamp(min=torch.finfo(q.dtype).min)
    out = 0
    for b in range(n_blocks):
        out = out + (scores(b) - maximum[..., None]).exp() @ v[..., b * block : (b + 1) * block, :]
    return out / total.clamp(min=1)[..., None]


# %% arithmetic_intensity | part by part
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    flops_scores = 2 * n_q * n_k * d * group
    flops_values = 2 * n_q * n_k * d * group
    read = group * n_q * d + n_k * d + n_k * d
    written = group * n_q * d
    scores = 0 if tiled else group * n_q * n_k * 2
    weights = 0 if tiled else group * n_q * n_k * 2
    return (flops_scores + flops_values) / ((read + written + scores + weights) * bytes_per_number)


# %% arithmetic_intensity | divided by d first
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    per_column = 2 * (group * n_q + n_k) + (0 if tiled else 4 * group * n_q * n_k / d)
    return 4 * group * n_q * n_k / per_column / bytes_per_number


# %% arithmetic_intensity | a NumPy number
import numpy as np


def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    moved = np.array([group * n_q * d, n_k * d, n_k * d, group * n_q * d], dtype=float)
    if not tiled:
        moved = np.append(moved, np.full(4, group * n_q * n_k, dtype=float))
    return np.float64(4.0 * group * n_q * n_k * d) / (moved * bytes_per_number).sum()


# %% kv_cache_bytes | one token, then all
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    width = d_model // n_heads * n_kv_heads
    keys = values = n_layers * width * bytes_per_number
    return (keys + values) * n_tokens * batch


# %% kv_cache_bytes | a float
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    return 2 * n_tokens * n_layers * n_kv_heads * (d_model / n_heads) * bytes_per_number * batch


# %% kv_cache_bytes | counted from the shape of a cache
import math


def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    shape = (2, n_layers, batch, n_kv_heads, n_tokens, d_model // n_heads)
    return math.prod(shape) * bytes_per_number


# %% linear_attention | running sums by cumsum
def linear_attention(q, k, v, causal=False):
    wide = torch.promote_types(q.dtype, torch.float32)
    phi_q, phi_k = (F.elu(x.to(wide)) + 1 for x in (q, k))
    pairs = phi_k.unsqueeze(-1) * v.to(wide).unsqueeze(-2)  # (..., n_k, d_k, d_v)
    if causal:
        state, z = pairs.cumsum(dim=-3), phi_k.cumsum(dim=-2)
        out = torch.einsum("...nd,...ndv->...nv", phi_q, state) / (phi_q * z).sum(dim=-1, keepdim=True)
    else:
        out = phi_q @ pairs.sum(-3) / (phi_q @ phi_k.sum(-2).unsqueeze(-1))
    return out.to(q.dtype)


# %% linear_attention | einsum, and a loop that fills rows in
def linear_attention(q, k, v, causal=False):
    if q.dtype in (torch.float16, torch.bfloat16):
        return linear_attention(q.float(), k.float(), v.float(), causal).to(q.dtype)

    def phi(x):
        return torch.where(x > 0, x + 1, torch.exp(torch.minimum(x, torch.zeros_like(x))))

    a, b = phi(q), phi(k)
    if not causal:
        top = torch.einsum("...id,...de->...ie", a, torch.einsum("...jd,...je->...de", b, v))
        return top / torch.einsum("...id,...d->...i", a, b.sum(dim=-2)).unsqueeze(-1)
    out = q.new_empty(*q.shape[:-1], v.shape[-1])
    S = q.new_zeros(*q.shape[:-2], q.shape[-1], v.shape[-1])
    z = q.new_zeros(*q.shape[:-2], q.shape[-1])
    for i in range(q.shape[-2]):
        S += torch.einsum("...d,...e->...de", b[..., i, :], v[..., i, :])
        z += b[..., i, :]
        out[..., i, :] = torch.einsum("...d,...de->...e", a[..., i, :], S) / (a[..., i, :] * z).sum(-1, keepdim=True)
    return out


# %% linear_attention | a column of ones sums the weights
def linear_attention(q, k, v, causal=False):
    half = q.dtype.itemsize < 4
    a, b, values = (x.float() if half else x for x in (F.elu(q.float() if half else q) + 1, F.elu(k.float() if half else k) + 1, v))
    values = torch.cat([values, torch.ones_like(values[..., :1])], dim=-1)
    if causal:
        state, rows = 0, []
        for x, y, z in zip(a.unbind(-2), b.unbind(-2), values.unbind(-2)):
            state = state + y[..., :, None] * z[..., None, :]
            rows.append((x[..., None, :] @ state)[..., 0, :])
        out = torch.stack(rows, dim=-2)
    else:
        out = a @ (b.transpose(-1, -2) @ values)
    return (out[..., :-1] / out[..., -1:]).to(q.dtype)


# %% linear_attention | causal in chunks
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    wide = dtype if dtype in (torch.float32, torch.float64) else torch.float32
    q, k, v = F.elu(q.to(wide)) + 1, F.elu(k.to(wide)) + 1, v.to(wide)
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2, keepdim=True).mT)).to(dtype)
    out, S, z = [], 0, 0
    for start in range(0, q.shape[-2], 64):
        a, b, c = (x[..., start : start + 64, :] for x in (q, k, v))
        inside = (a @ b.mT).tril()
        top, below = inside @ c, inside.sum(-1, keepdim=True)
        if start:
            top, below = top + a @ S, below + a @ z.mT
        S, z = S + b.mT @ c, z + b.sum(-2, keepdim=True)
        out.append(top / below)
    return torch.cat(out, dim=-2).to(dtype)
