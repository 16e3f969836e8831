# Wrong answers to lesson 14, as students write them. Each names the property whose check catches it.


# %% online_softmax | when the maximum rises the total so far is corrected
# The total is never corrected.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | when the maximum rises the total so far is corrected
# The sign of the correction.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (safe - maximum).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | later blocks are measured against it
# Each block is measured against its own maximum.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        own = block.amax(dim=-1)
        new = torch.maximum(maximum, own)
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - own.masked_fill(own == float("-inf"), 0.0)[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | the maximum is the largest score of the row
# One maximum per block: the last block's is kept.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = block.amax(dim=-1)
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | when the maximum rises the total so far is corrected
# The new block is corrected in place of the old total.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total + (maximum - safe).exp() * (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | when the maximum rises the total so far is corrected
# The maximum is replaced before the correction, which is then always 1.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        maximum = new
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
    return maximum, total


# %% online_softmax | a first block with everything masked adds nothing
# Minus infinity less minus infinity in the first block.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        total = total * (maximum - new).exp() + (block - new[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | a row with everything masked has a total of 0
# The lowest number of the dtype in place of minus infinity: nothing is nan, and an empty row counts every score.
def online_softmax(read, n_blocks):
    maximum, total = None, 0.0
    for b in range(n_blocks):
        block = read(b)
        block = block.float() if block.dtype.itemsize < 4 else block
        block = block.clamp(min=torch.finfo(block.dtype).min)
        if maximum is None:
            maximum = torch.full_like(block[..., 0], torch.finfo(block.dtype).min)
        new = torch.maximum(maximum, block.amax(-1))
        total = total * (maximum - new).exp() + (block - new[..., None]).exp().sum(-1)
        maximum = new
    return maximum, total


# %% online_softmax | there is no size of score at which the maximum is wrong
# The maximum starts at −10⁹.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], -1e9)
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum.masked_fill(total == 0, float("-inf")), total


# %% online_softmax | a row with everything masked has a maximum of minus infinity
# The maximum starts at 0.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.zeros_like(block[..., 0])
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | each block is read once
# Two readings: first for the maximum, then for the total.
def online_softmax(read, n_blocks):
    maximum = read(0).amax(-1)
    for b in range(1, n_blocks):
        maximum = torch.maximum(maximum, read(b).amax(-1))
    finite = maximum.masked_fill(maximum == float("-inf"), 0.0)
    total = sum((read(b).float() - finite[..., None]).exp().sum(-1) for b in range(n_blocks))
    return maximum, total


# %% online_softmax | each block is read once
# The first block is read for its shape, and then again.
def online_softmax(read, n_blocks):
    first = read(0)
    first = first.float() if first.dtype.itemsize < 4 else first
    maximum = torch.full_like(first[..., 0], float("-inf"))
    total = torch.zeros_like(maximum)
    for b in range(n_blocks):
        block = read(b).to(first.dtype)
        new = torch.maximum(maximum, block.amax(-1))
        safe = new.masked_fill(new.isinf(), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(-1)
        maximum = new
    return maximum, total


# %% online_softmax | no block is kept
# All blocks are joined: the whole row in disguise.
def online_softmax(read, n_blocks):
    scores = torch.cat([read(b) for b in range(n_blocks)], dim=-1)
    scores = scores.float() if scores.dtype.itemsize < 4 else scores
    maximum = scores.amax(-1)
    return maximum, (scores - maximum.masked_fill(maximum.isinf(), 0.0)[..., None]).exp().sum(-1)


# %% online_softmax | no block is kept
# The blocks are kept in a list until the maximum is known.
def online_softmax(read, n_blocks):
    blocks = []
    for b in range(n_blocks):
        block = read(b)
        blocks.append(block.float() if block.dtype.itemsize < 4 else block)
    maximum = torch.stack([block.amax(-1) for block in blocks]).amax(0)
    safe = maximum.masked_fill(maximum.isinf(), 0.0)
    return maximum, sum((block - safe[..., None]).exp().sum(-1) for block in blocks)


# %% online_softmax | each block is read once
# The last block is lost.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks - 1):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | there is one total for each row
# One maximum and one total for the whole block.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block.new_zeros(()), float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.max())
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe).exp().sum()
        maximum = new
    return maximum, total


# %% online_softmax | the result is a pair
# The logarithm of the sum is returned, as one number per row.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum + total.log()


# %% online_softmax | half precision is added up in float32
# The sums are made in half precision and converted at the end.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    wide = torch.promote_types(total.dtype, torch.float32)
    return maximum.to(wide), total.to(wide)


# %% online_softmax | maximum and total have the dtype of the scores
# Everything becomes float32.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        block = block.float()
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | everything is computed on the device of the scores
# The first maximum and total stand on the CPU.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        if maximum is None:
            maximum = torch.full(block.shape[:-1], float("-inf"), dtype=block.dtype)
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | a first block with everything masked adds nothing
# A masked score is 0 and adds e to the 0 less the maximum.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        block = block.masked_fill(block == float("-inf"), 0.0)
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total


# %% online_softmax | there is one total for each row
# Only two dimensions are expected: the maximum is taken over dimension 1.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype.itemsize < 4:
            block = block.float()
        block = block[None] if block.dim() == 1 else block
        if maximum is None:
            maximum = torch.full_like(block[:, 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[:, None]).exp().sum(dim=1)
        maximum = new
    return maximum, total


# %% online_softmax | there is no size of score at which the total is wrong
# No maximum at all: the exponentials themselves are summed up, and divided at the end.
def online_softmax(read, n_blocks):
    maximum, total = None, 0.0
    for b in range(n_blocks):
        block = read(b)
        block = block.float() if block.dtype.itemsize < 4 else block
        top = block.amax(-1)
        maximum = top if maximum is None else torch.maximum(maximum, top)
        total = total + block.exp().sum(-1)
    return maximum, total / maximum.masked_fill(maximum.isinf(), 0.0).exp()


# %% tiled_attention | those of the last short block too
# The last short block is lost.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k // block * block, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | those of the last short block too
# The last short block is filled up with zeros, which count.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    k, v = (F.pad(x, (0, 0, 0, -n_k % block)) for x in (k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | those of the last short block too
# The last block starts earlier, to be full, and counts keys twice.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        start = max(0, min(start, n_k - block))
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | when a later block brings a larger score, what came before is corrected
# The output is not corrected when the maximum rises.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | when a later block brings a larger score, what came before is corrected
# The total is not corrected when the maximum rises.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | when a later block brings a larger score, what came before is corrected
# One maximum per block, never put on a common footing.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = s.amax(-1)
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), torch.ones_like(safe)
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | when a later block brings a larger score, what came before is corrected
# The softmax of each block, averaged over the blocks.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        o = o + s.softmax(-1).nan_to_num(0.0) @ values
    return (o / -(-n_k // block)).to(dtype)


# %% tiled_attention | when a later block brings a larger score, what came before is corrected
# The output is divided in every step, and then added to as if it were not.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
        o = o / l.clamp(min=1)[..., None]
    return o.to(dtype)


# %% tiled_attention | with one block a query averages the values
# The weights are not divided by their sum.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return o.to(dtype)


# %% tiled_attention | with one block a query averages the values
# The scores are not divided by the root of d_k.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | with one block a query averages the values
# The scores are divided by d_k.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1]
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | with one block a query averages the values
# The root of the values' width.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / v.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query sees the keys up to its own place, in every block
# The keys' places are counted anew in every block.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query sees the keys up to its own place
# The mask is one too strict: no query sees its own key.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j >= i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query sees the keys up to its own place
# `causal` is not looked at.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if False:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | with more keys than queries the queries are the last ones
# Queries and keys are counted from the same corner.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None]
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | with more keys than queries the queries are the last ones
# The offset has the wrong sign.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_q - n_k
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query that sees nothing gets zeros
# The offset is never negative.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + max(n_k - n_q, 0)
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query sees the keys up to its own place
# Whole blocks are skipped, and the one on the diagonal is not masked.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(start > i + 0 * j, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query that sees nothing gets zeros
# Nothing seen: minus infinity less minus infinity.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | a query that sees nothing gets zeros
# Nothing seen: 0 divided by 0.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l[..., None]).to(dtype)


# %% tiled_attention | a query that sees nothing gets zeros
# −10⁹ for minus infinity: a query that sees nothing averages all values.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, -1e9)
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | later keys stay hidden however low the scores of the others are
# −10⁴ for minus infinity, and empty queries set to zero at the end.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, -1e4)
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    out = o / l.clamp(min=1)[..., None]
    if causal and n_q > n_k:
        out[..., : n_q - n_k, :] = 0
    return out.to(dtype)


# %% tiled_attention | later keys stay hidden however low the scores of the others are, and change nothing
# The mask comes after the exponentials, and the maximum is that of hidden keys.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        if causal:
            p = p.masked_fill(j > i, 0.0)
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1e-30)[..., None]).to(dtype)


# %% tiled_attention | scores of 10 000
# No maximum is subtracted: large scores overflow.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    l, o = 0.0, 0.0
    for start in range(0, n_k, block):
        p = (q @ k[..., start : start + block, :].mT / q.shape[-1] ** 0.5).exp()
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, min(start + block, n_k), device=q.device)
            p = p * (j <= i)
        l, o = l + p.sum(-1, keepdim=True), o + p @ v[..., start : start + block, :]
    return torch.where(l > 0, o / l, torch.zeros_like(o)).to(dtype)


# %% tiled_attention | a key that is alone gets everything, however low its score
# The maximum starts at 0: very low scores underflow.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.zeros_like(q[..., 0])
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1e-30)[..., None]).to(dtype)


# %% tiled_attention | with one block a query averages the values
# A small number is added to the denominator.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / (l + 1e-3)[..., None]).to(dtype)


# %% tiled_attention | products and sums beyond 65 504 do not overflow in half precision
# Half precision is kept all the way.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | products and sums beyond 65 504 do not overflow in half precision
# The products of queries and keys are made in half precision.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    half, (q, k, v) = (q, k), (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = (half[0] @ half[1][..., start : start + block, :].mT).to(q.dtype) / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | half precision comes in and goes out
# The result stays float32.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None])


# %% tiled_attention | for heads of batches in double precision, too, it is attention to all keys
# Double precision is rounded to float32 on the way.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | everything is computed on the device of the input
# Maximum, total and output stand on the CPU.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = torch.zeros(*q.shape[:-1], v.shape[-1], dtype=q.dtype)
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | the arguments are left as they were
# The queries are scaled where they are.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q /= q.shape[-1] ** 0.5
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | It raised ValueError
# Only two dimensions are expected.
def tiled_attention(q, k, v, block, causal=False):
    (n_q, d), n_k, dtype = q.shape, k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | tiled_attention is your own work
# The library's attention.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k = q.shape[-2], k.shape[-2]
    if not causal:
        return F.scaled_dot_product_attention(q, k, v)
    mask = torch.ones(n_q, n_k, dtype=torch.bool, device=q.device).tril(n_k - n_q)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).nan_to_num(0.0)


# %% tiled_attention | the scores of all keys never exist at once
# Plain attention: the size of the block is not used.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    s = q @ k.mT / q.shape[-1] ** 0.5
    if causal:
        s = s.masked_fill(~torch.ones(n_q, n_k, dtype=torch.bool, device=q.device).tril(n_k - n_q), float("-inf"))
    return (s.softmax(-1).nan_to_num(0.0) @ v).to(dtype)


# %% tiled_attention | the scores of all keys never exist at once
# All scores are made first, and then read in blocks.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    scores = q @ k.mT / q.shape[-1] ** 0.5
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = scores[..., start : start + block]
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | the scores of all keys never exist at once
# The tiles of scores are kept in a list until the maximum is known.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype, tiles = q.shape[-2], k.shape[-2], q.dtype, []
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    for start in range(0, n_k, block):
        s = q @ k[..., start : start + block, :].mT / q.shape[-1] ** 0.5
        if causal:
            j = torch.arange(start, start + s.shape[-1], device=q.device)
            s = s.masked_fill(j > torch.arange(n_k - n_q, n_k, device=q.device)[:, None], float("-inf"))
        tiles.append(s)
    weights = torch.cat(tiles, dim=-1).softmax(-1).nan_to_num(0.0)
    return (weights @ v).to(dtype)


# %% tiled_attention | the scores of all keys never exist at once
# Blocks of queries, each with all keys at once: the last size of a tile is missing.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype, rows = q.shape[-2], k.shape[-2], q.dtype, []
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    for start in range(0, n_q, block):
        some = q[..., start : start + block, :]
        s = some @ k.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(start, start + some.shape[-2], device=q.device)[:, None] + n_k - n_q
            s = s.masked_fill(torch.arange(n_k, device=q.device) > i, float("-inf"))
        rows.append(s.softmax(-1).nan_to_num(0.0) @ v)
    return torch.cat(rows, dim=-2).to(dtype)


# %% tiled_attention | there is no array of all pairs, not of scores nor of a mask
# The causal mask is made whole and cut into blocks.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    if causal:
        mask = torch.ones(n_q, n_k, dtype=torch.bool, device=q.device).tril(n_k - n_q)
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            s = s.masked_fill(~mask[:, start : start + block], float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | with more keys than queries the queries are the last ones
# Blocks after the diagonal are left out as if the queries came first.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        if causal and start >= n_q:
            break
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax(-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1)[..., None]).to(dtype)


# %% tiled_attention | every query has a maximum of its own
# One maximum for all queries of a tile: rows that lie far below it are lost.
def tiled_attention(q, k, v, block, causal=False):
    n_q, n_k, dtype = q.shape[-2], k.shape[-2], q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    m = torch.full_like(q[..., 0], float("-inf"))
    l = torch.zeros_like(m)
    o = q.new_zeros(*q.shape[:-1], v.shape[-1])
    for start in range(0, n_k, block):
        keys, values = k[..., start : start + block, :], v[..., start : start + block, :]
        s = q @ keys.mT / q.shape[-1] ** 0.5
        if causal:
            i = torch.arange(n_q, device=q.device)[:, None] + n_k - n_q
            j = torch.arange(start, start + keys.shape[-2], device=q.device)
            s = s.masked_fill(j > i, float("-inf"))
        new = torch.maximum(m, s.amax().expand_as(m))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        p, c = (s - safe[..., None]).exp(), (m - safe).exp()
        l = l * c + p.sum(-1)
        o = o * c[..., None] + p @ values
        m = new
    return (o / l.clamp(min=1e-38)[..., None]).to(dtype)


# %% arithmetic_intensity | tiled: queries, keys and values are read once
# A multiplication and its addition are counted as one.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 2 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | tiled: queries, keys and values are read once
# The output is not counted.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | tiled: queries, keys and values are read once
# Keys are counted, and values are not.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | tiled: queries, keys and values are read once
# Bytes per operation.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return numbers * bytes_per_number / operations


# %% arithmetic_intensity | tiled: queries, keys and values are read once
# Every query reads all keys and values anew.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * group * n_q * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | a number has two bytes unless told otherwise
# Operations per number, not per byte.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / numbers


# %% arithmetic_intensity | a number has two bytes unless told otherwise
# Four bytes for a number by default.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=4, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | plain: scores and weights are written and read, too
# `tiled` is not looked at.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if False:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | plain: scores and weights are written and read, too
# Scores and weights are written, and never read.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 2 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | tiled: queries, keys and values are read once
# `tiled` the wrong way round.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | plain: scores and weights are written and read, too
# The scores are counted with the width of a head.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k * d
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | plain: scores and weights are written and read, too, of every query head
# Scores and weights of one query head only.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | a group reads its keys and values once
# Every query head reads keys and values of its own.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * group * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * group * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% arithmetic_intensity | a group reads its keys and values once
# The group is not counted in the operations.
def arithmetic_intensity(n_q, n_k, d, group=1, bytes_per_number=2, tiled=True):
    operations = 4 * n_q * n_k * d
    numbers = 2 * group * n_q * d + 2 * n_k * d
    if not tiled:
        numbers += 4 * group * n_q * n_k
    return operations / (numbers * bytes_per_number)


# %% kv_cache_bytes | a token leaves a key and a value
# Keys are counted, and values are not.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    return batch * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number


# %% kv_cache_bytes | a token leaves a key and a value
# Bits, not bytes.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    return 2 * batch * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number * 8


# %% kv_cache_bytes | a token leaves a key and a value
# Two bytes, whatever is asked.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    return 2 * batch * n_layers * n_tokens * n_kv_heads * d_head * 2


# %% kv_cache_bytes | every layer keeps all heads of all tokens
# One layer.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    return 2 * batch * n_tokens * n_kv_heads * d_head * bytes_per_number


# %% kv_cache_bytes | every layer keeps all heads of all tokens
# Every head is as wide as the model.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model
    return 2 * batch * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number


# %% kv_cache_bytes | every layer keeps all heads of all tokens
# Four bytes for a number by default.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=4, batch=1):
    d_head = d_model // n_heads
    return 2 * batch * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number


# %% kv_cache_bytes | with shared keys and values there are fewer heads, of the same width
# A cache for every query head.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    return 2 * batch * n_layers * n_tokens * n_heads * d_head * bytes_per_number


# %% kv_cache_bytes | with shared keys and values there are fewer heads, of the same width
# The width of the model is shared out among the heads of keys and values.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_kv_heads
    return 2 * batch * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number


# %% kv_cache_bytes | every sequence of the batch has a cache of its own
# One sequence.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    return 2 * n_layers * n_tokens * n_kv_heads * d_head * bytes_per_number


# %% kv_cache_bytes | a million tokens are counted to the last byte
# Single precision rounds large numbers.
def kv_cache_bytes(n_tokens, n_layers, n_heads, n_kv_heads, d_model, bytes_per_number=2, batch=1):
    d_head = d_model // n_heads
    sizes = torch.tensor([2.0, batch, n_layers, n_tokens, n_kv_heads, d_head, bytes_per_number])
    return int(sizes.prod())


# %% linear_attention | equal values come out as they are
# No denominator.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v)).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | equal values come out as they are
# Divided by the number of keys.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / k.shape[-2]).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | equal values come out as they are
# The features of all queries stand in the denominator.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ q.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | small weights sum to one as large ones do: nothing is added below
# A small number is added to the denominator.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None] + 1e-6)).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | values are weighed by products of features, not scaled
# elu without the 1.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1e-3, F.elu(k) + 1e-3
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | values are weighed by products of features, not scaled
# relu(x) + 1 in place of elu(x) + 1.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.relu(q) + 1, F.relu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | values are weighed by products of features, not scaled
# The features are exponentials.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = q.exp(), k.exp()
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | values are weighed by products of features, not scaled
# Queries and keys divided by the root of d before the features.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q / q.shape[-1] ** 0.5) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | equal values come out as they are
# The values pass through the features, too.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k, v = (F.elu(x) + 1 for x in (q, k, v))
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | values are weighed by products of features, not scaled
# A softmax over the products.
def linear_attention(q, k, v, causal=False):
    scores = q @ k.mT
    if causal:
        scores = scores.masked_fill(~torch.ones_like(scores, dtype=torch.bool).tril(), float("-inf"))
    return scores.softmax(-1) @ v


# %% linear_attention | there is no array of all pairs: the sum over the keys is made first
# The brackets are on the other side: all weights are made.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return ((q @ k.mT / (q @ k.mT).sum(-1, keepdim=True)) @ v).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | with causal, too, there is no array of all pairs
# Causal by a masked map of all weights.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    weights = (q @ k.mT).tril()
    return (weights @ v / weights.sum(-1, keepdim=True)).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | the first query sees its own key
# The query looks before its own key is added.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S, z = torch.zeros_like(k[..., 0, :, None] * v[..., 0, None, :]), torch.zeros_like(k[..., 0, :])
    rows = []
    for i in range(k.shape[-2]):
        rows.append((q[..., i, None, :] @ S / (q[..., i, None, :] @ z[..., None])).squeeze(-2))
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | the first query sees its own key
# `causal` is not looked at.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if True:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | the first query sees its own key
# The denominator has all keys, later ones included.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S, z = 0.0, k.sum(-2)
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | a query sees the keys of its sequence up to its own place, and its weights sum to one
# The state holds the last token only.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = k[..., i, :, None] * v[..., i, None, :]
        z = k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | a query sees the keys of its sequence up to its own place, and its weights sum to one
# The running sum runs over the batch.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S, z = (k[..., None] * v[..., None, :]).cumsum(0), k.cumsum(0)
    return ((q[..., None, :] @ S)[..., 0, :] / (q * z).sum(-1, keepdim=True)).to(dtype)


# %% linear_attention | half precision is computed in float32: no sum overflows
# Half precision is kept all the way.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | half precision is computed in float32: no sum overflows, no feature is lost
# The features are made in half precision.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k = F.elu(q) + 1, F.elu(k) + 1
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | with causal, too, half precision is computed in float32
# The running sum is kept in half precision.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    q, k, v = q.to(dtype), k.to(dtype), v.to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | the result has the dtype of the input
# The result stays float32.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None]))
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2)


# %% linear_attention | It raised RuntimeError
# Only batches of three dimensions are expected.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(1)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | everything is computed on the device of the input
# The state stands on the CPU.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q) + 1, F.elu(k) + 1
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S, z = torch.zeros(k.shape[-1], v.shape[-1], dtype=k.dtype), torch.zeros(k.shape[-1], dtype=k.dtype)
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% linear_attention | the arguments are left as they were
# The features are written over the queries and keys.
def linear_attention(q, k, v, causal=False):
    dtype = q.dtype
    q, k, v = (x.float() if x.dtype.itemsize < 4 else x for x in (q, k, v))
    q, k = F.elu(q, inplace=True).add_(1), F.elu(k, inplace=True).add_(1)
    if not causal:
        return (q @ (k.mT @ v) / (q @ k.sum(-2)[..., None])).to(dtype)
    S = z = 0.0
    rows = []
    for i in range(k.shape[-2]):
        S = S + k[..., i, :, None] * v[..., i, None, :]
        z = z + k[..., i, :]
        asked = q[..., i, None, :]
        rows.append((asked @ S / (asked @ z[..., None])).squeeze(-2))
    return torch.stack(rows, dim=-2).to(dtype)


# %% online_softmax | after a block with everything masked the next ones count
# Stops at the first fully masked block after a finite maximum, as if nothing came after it.
def online_softmax(read, n_blocks):
    maximum = total = None
    for b in range(n_blocks):
        block = read(b)
        if block.dtype in (torch.float16, torch.bfloat16):
            block = block.float()
        if maximum is not None and (block == float("-inf")).all() and (maximum > float("-inf")).all():
            break
        if maximum is None:
            maximum = torch.full_like(block[..., 0], float("-inf"))
            total = torch.zeros_like(maximum)
        new = torch.maximum(maximum, block.amax(dim=-1))
        safe = new.masked_fill(new == float("-inf"), 0.0)
        total = total * (maximum - safe).exp() + (block - safe[..., None]).exp().sum(dim=-1)
        maximum = new
    return maximum, total
