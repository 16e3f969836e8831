# Right answers to lesson 10, in other styles than the solution's.

# %% split_heads | reshape, then transpose, with the shape taken apart
def split_heads(x, n_heads):
    *front, n, d_model = x.shape
    d_head = d_model // n_heads
    x = x.reshape(*front, n, n_heads, d_head)
    return x.transpose(-2, -3)


# %% split_heads | view, which always can cut a dimension in two
def split_heads(x, n_heads):
    return x.view(*x.shape[:-1], n_heads, x.shape[-1] // n_heads).transpose(-3, -2)


# %% split_heads | a loop over heads
def split_heads(x, n_heads):
    d_head = x.size(-1) // n_heads
    heads = []
    for h in range(n_heads):
        heads.append(x[..., h * d_head : (h + 1) * d_head])
    return torch.stack(heads, dim=-3)


# %% split_heads | chunk and stack
def split_heads(x, n_heads):
    return torch.stack(x.chunk(n_heads, dim=-1), -3)


# %% split_heads | tensor_split
def split_heads(x, n_heads):
    parts = torch.tensor_split(x, n_heads, dim=-1)
    return torch.cat([part.unsqueeze(-3) for part in parts], dim=-3)


# %% split_heads | movedim and contiguous
def split_heads(x, n_heads):
    x = x.contiguous()
    return x.view(x.shape[:-1] + (n_heads, x.shape[-1] // n_heads)).movedim(-2, -3).contiguous()


# %% split_heads | the front flattened, permuted and put back
def split_heads(x, n_heads):
    front, (n, d_model) = x.shape[:-2], x.shape[-2:]
    flat = x.reshape(-1, n, n_heads, d_model // n_heads)
    return flat.permute(0, 2, 1, 3).reshape(front + (n_heads, n, d_model // n_heads))


# %% split_heads | einsum with a selection
def split_heads(x, n_heads):
    d_model = x.shape[-1]
    pick = torch.eye(d_model, dtype=x.dtype, device=x.device).reshape(d_model, n_heads, -1)
    return torch.einsum("...nm,mhd->...hnd", x, pick)


# %% split_heads | filled in, with the dtype and device of the input
def split_heads(x, n_heads):
    *front, n, d_model = x.shape
    d_head = d_model // n_heads
    heads = x.new_empty(*front, n_heads, n, d_head)
    for h in range(n_heads):
        heads[..., h, :, :] = x[..., h * d_head : (h + 1) * d_head]
    return heads


# %% merge_heads | transpose and reshape
def merge_heads(x):
    *front, n_heads, n, d_head = x.shape
    return x.transpose(-3, -2).reshape(*front, n, n_heads * d_head)


# %% merge_heads | a loop over heads
def merge_heads(x):
    merged = x[..., 0, :, :]
    for head in range(1, x.shape[-3]):
        merged = torch.cat((merged, x[..., head, :, :]), dim=-1)
    return merged


# %% merge_heads | unbind and concatenate
def merge_heads(x):
    return torch.cat(x.unbind(-3), dim=-1)


# %% merge_heads | contiguous and view
def merge_heads(x):
    x = x.swapaxes(-2, -3).contiguous()
    return x.view(x.shape[:-2] + (-1,))


# %% merge_heads | movedim
def merge_heads(x):
    return torch.movedim(x, -3, -2).flatten(start_dim=-2)


# %% merge_heads | einsum with a selection
def merge_heads(x):
    n_heads, d_head = x.shape[-3], x.shape[-1]
    place = torch.eye(n_heads * d_head, dtype=x.dtype, device=x.device).reshape(n_heads, d_head, -1)
    return torch.einsum("...hnd,hdm->...nm", x, place)


# %% merge_heads | filled in, with the dtype and device of the input
def merge_heads(x):
    *front, n_heads, n, d_head = x.shape
    merged = x.new_zeros((*front, n, n_heads * d_head))
    for h in range(n_heads):
        merged[..., h * d_head : (h + 1) * d_head] = x[..., h, :, :]
    return merged


# %% MultiHeadAttention | the masked softmax of the lesson's text
import math


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def masked_softmax(self, scores, mask):
        lowest = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(~mask, lowest).softmax(dim=-1)
        return weights.masked_fill(~mask, 0.0)

    def forward(self, query, key, value, mask=None):
        q, k, v = (
            split_heads(layer(x), self.n_heads)
            for layer, x in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        if mask is None:
            mask = torch.ones_like(scores, dtype=torch.bool)
        weights = self.masked_softmax(scores, mask)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% MultiHeadAttention | einsum throughout
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError(f"{d_model} is no multiple of {n_heads}")
        self.h = n_heads
        self.d = d_model // n_heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, query, key, value, mask=None):
        q = self.q_proj(query).reshape(*query.shape[:2], self.h, self.d)
        k = self.k_proj(key).reshape(*key.shape[:2], self.h, self.d)
        v = self.v_proj(value).reshape(*value.shape[:2], self.h, self.d)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) * self.d**-0.5
        if mask is not None:
            scores = torch.where(mask, scores, float("-inf"))
        weights = torch.nan_to_num(F.softmax(scores, dim=-1))
        out = torch.einsum("bhqk,bkhd->bqhd", weights, v)
        return self.out_proj(out.reshape(*query.shape)), weights


# %% MultiHeadAttention | a loop over heads, each a slice of the layers' rows
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads")
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        self.out_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.q_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        averages, all_weights = [], []
        for h in range(self.n_heads):
            rows = slice(h * self.d_head, (h + 1) * self.d_head)
            q = F.linear(query, self.q_proj.weight[rows], self.q_proj.bias[rows])
            k = F.linear(key, self.k_proj.weight[rows], self.k_proj.bias[rows])
            v = F.linear(value, self.v_proj.weight[rows], self.v_proj.bias[rows])
            scores = torch.bmm(q, k.transpose(1, 2)) / self.d_head**0.5
            if mask is None:
                weights = scores.softmax(-1)
            else:
                seen = mask.expand(len(query), self.n_heads, *scores.shape[1:])[:, h]
                weights = scores.masked_fill(~seen, torch.finfo(scores.dtype).min).softmax(-1) * seen
            averages.append(torch.bmm(weights, v))
            all_weights.append(weights)
        return self.out_proj(torch.cat(averages, dim=-1)), torch.stack(all_weights, dim=1)


# %% MultiHeadAttention | a loop over examples and heads
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads")
        self.n_heads, self.d_head = n_heads, d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        shape = (query.shape[0], self.n_heads, query.shape[1], key.shape[1])
        mask = torch.broadcast_to(mask, shape) if mask is not None else torch.ones(shape, dtype=torch.bool, device=query.device)
        outs, maps = [], []
        for b in range(shape[0]):
            rows, heads = [], []
            for h in range(self.n_heads):
                own = slice(h * self.d_head, (h + 1) * self.d_head)
                scores = q[b][:, own] @ k[b][:, own].t() / self.d_head**0.5
                scores = torch.where(mask[b, h], scores, torch.finfo(scores.dtype).min)
                heads.append(torch.where(mask[b, h], torch.softmax(scores, -1), 0.0))
                rows.append(heads[-1] @ v[b][:, own])
            outs.append(torch.hstack(rows))
            maps.append(torch.stack(heads))
        return self.out_proj(torch.stack(outs)), torch.stack(maps)


# %% MultiHeadAttention | heads folded into the batch, baddbmm
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads > 0:
            raise ValueError
        self.heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=True)
        self.k_proj = nn.Linear(d_model, d_model, bias=True)
        self.v_proj = nn.Linear(d_model, d_model, bias=True)
        self.out_proj = nn.Linear(d_model, d_model, bias=True)

    def forward(self, query, key, value, mask=None):
        batch, n_q, d_model = query.shape
        n_k, d_head = key.shape[1], d_model // self.heads

        def fold(x):
            return x.reshape(batch, -1, self.heads, d_head).permute(0, 2, 1, 3).reshape(batch * self.heads, -1, d_head)

        q, k, v = fold(self.q_proj(query)) / d_head**0.5, fold(self.k_proj(key)), fold(self.v_proj(value))
        scores = torch.bmm(q, k.permute(0, 2, 1)).view(batch, self.heads, n_q, n_k)
        if mask is not None:
            scores = scores.masked_fill(mask.logical_not(), -torch.inf)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(mask.logical_not(), 0)
        out = torch.bmm(weights.reshape(-1, n_q, n_k), v).view(batch, self.heads, n_q, d_head)
        return self.out_proj(out.permute(0, 2, 1, 3).reshape(batch, n_q, d_model)), weights


# %% MultiHeadAttention | softmax by hand, with the maximum taken off
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads")
        self.n_heads = n_heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(d_model, d_model))

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.q_proj(query), self.n_heads)
        k = split_heads(self.k_proj(key), self.n_heads)
        v = split_heads(self.v_proj(value), self.n_heads)
        scores = torch.matmul(q, k.transpose(2, 3)) / torch.tensor(q.shape[-1], dtype=q.dtype, device=q.device).sqrt()
        if mask is not None:
            scores = scores.masked_fill(~mask, float("-inf"))
        highest = scores.amax(dim=-1, keepdim=True).detach()
        powers = torch.exp(scores - torch.where(highest.isinf(), 0.0, highest))
        total = powers.sum(dim=-1, keepdim=True)
        weights = powers / torch.where(total > 0, total, 1.0)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% MultiHeadAttention | one product for all projections in self-attention, a buffer for the scale, a list returned
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)
        nn.init.xavier_uniform_(self.q_proj.weight)
        self.register_buffer("scale", torch.tensor((d_model // n_heads) ** -0.5, dtype=torch.float64), persistent=False)

    def forward(self, query, key, value, mask=None):
        if query is key and key is value:
            layers = self.q_proj, self.k_proj, self.v_proj
            together = F.linear(query, torch.cat([l.weight for l in layers]), torch.cat([l.bias for l in layers]))
            q, k, v = together.chunk(3, dim=-1)
        else:
            q, k, v = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        q, k, v = (split_heads(x, self.n_heads) for x in (q, k, v))
        scores = q @ k.transpose(-1, -2) * self.scale.to(q.dtype)
        weights = self.shares(scores, mask)
        out = self.out_proj(merge_heads(torch.matmul(weights, v)))
        return [out, weights]

    def shares(self, scores, mask):
        if mask is None:
            return scores.softmax(-1)
        empty = ~mask.any(-1, keepdim=True)
        return scores.masked_fill(~(mask | empty), -torch.inf).softmax(-1).masked_fill(empty, 0.0)


# %% MultiHeadAttention | 0 / 0 behind torch.where, whose nan gradient masked_fill stops
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads must divide d_model")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.q_proj(query), self.n_heads)
        k = split_heads(self.k_proj(key), self.n_heads)
        v = split_heads(self.v_proj(value), self.n_heads)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        low = scores if mask is None else scores.masked_fill(~mask, torch.finfo(scores.dtype).min)  # keeps nan back
        e = torch.exp(low - low.amax(dim=-1, keepdim=True).detach())
        if mask is not None:
            e = e * mask
        total = e.sum(dim=-1, keepdim=True)
        weights = torch.where(total > 0, e / total, 0.0)
        out = self.out_proj(merge_heads(weights @ v))
        return out, weights


# %% GroupedQueryAttention | groups by broadcasting, the mask expanded
class GroupedQueryAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads):
        super().__init__()
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("n_heads")
        self.n_heads, self.n_kv_heads, self.d_head = n_heads, n_kv_heads, d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.d_head)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.d_head)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        q = split_heads(self.q_proj(query), self.n_heads).unflatten(1, (self.n_kv_heads, -1))  # (batch, n_kv_heads, group, n_q, d_head)
        k = split_heads(self.k_proj(key), self.n_kv_heads).unsqueeze(2)
        v = split_heads(self.v_proj(value), self.n_kv_heads).unsqueeze(2)
        scores = q @ k.mT / self.d_head**0.5
        if mask is not None:
            mask = mask.expand(len(query), self.n_heads, query.shape[1], key.shape[1]).unflatten(1, (self.n_kv_heads, -1))
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0)
        out = (weights @ v).flatten(1, 2)
        return self.out_proj(merge_heads(out)), weights.flatten(1, 2)


# %% GroupedQueryAttention | a loop over heads
class GroupedQueryAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads")
        if n_heads % n_kv_heads:
            raise ValueError("n_kv_heads")
        self.n_heads, self.group, self.d_head = n_heads, n_heads // n_kv_heads, d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.d_head)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.d_head)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        q, k, v = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        outs, maps = [], []
        for h in range(self.n_heads):
            g = h // self.group
            own, shared = slice(h * self.d_head, (h + 1) * self.d_head), slice(g * self.d_head, (g + 1) * self.d_head)
            scores = q[..., own] @ k[..., shared].transpose(1, 2) / self.d_head**0.5
            if mask is not None:
                seen = torch.broadcast_to(mask, (len(q), self.n_heads, *scores.shape[1:]))[:, h]
                scores = scores.masked_fill(~seen, torch.finfo(scores.dtype).min)
                weights = scores.softmax(-1) * seen
            else:
                weights = scores.softmax(-1)
            maps.append(weights)
            outs.append(weights @ v[..., shared])
        return self.out_proj(torch.cat(outs, -1)), torch.stack(maps, 1)


# %% GroupedQueryAttention | einsum over groups
class GroupedQueryAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads):
        super().__init__()
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError
        self.n_heads, self.n_kv_heads, self.d_head = n_heads, n_kv_heads, d_model // n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.d_head)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.d_head)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, query, key, value, mask=None):
        (b, n, d_model), m = query.shape, key.shape[1]
        q = self.q_proj(query).reshape(b, n, self.n_kv_heads, -1, self.d_head)
        k = self.k_proj(key).reshape(b, m, self.n_kv_heads, self.d_head)
        v = self.v_proj(value).reshape(b, m, self.n_kv_heads, self.d_head)
        scores = torch.einsum("bqgrd,bkgd->bgrqk", q, k).reshape(b, self.n_heads, n, m) / self.d_head**0.5
        if mask is not None:
            scores = torch.where(mask, scores, -torch.inf)
        weights = scores.softmax(-1).nan_to_num()
        out = torch.einsum("bgrqk,bkgd->bqgrd", weights.reshape(b, self.n_kv_heads, -1, n, m), v)
        return self.out_proj(out.reshape(b, n, d_model)), weights


# %% GroupedQueryAttention | multi-head attention with other key and value layers and a copy of their heads
class GroupedQueryAttention(MultiHeadAttention):
    def __init__(self, d_model, n_heads, n_kv_heads):
        super().__init__(d_model, n_heads)
        if n_heads % n_kv_heads:
            raise ValueError("n_kv_heads must divide n_heads")
        self.heads, self.n_kv_heads = n_heads, n_kv_heads
        self.k_proj = nn.Linear(d_model, d_model // n_heads * n_kv_heads)
        self.v_proj = nn.Linear(d_model, d_model // n_heads * n_kv_heads)

    def forward(self, query, key, value, mask=None):
        kv_head = torch.arange(self.heads, device=query.device) // (self.heads // self.n_kv_heads)
        q = split_heads(self.q_proj(query), self.heads)
        k = split_heads(self.k_proj(key), self.n_kv_heads)[:, kv_head]
        v = split_heads(self.v_proj(value), self.n_kv_heads)[:, kv_head]
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        mask = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
        weights = torch.softmax(scores.masked_fill(~mask, torch.finfo(scores.dtype).min), dim=-1) * mask
        return self.out_proj(merge_heads(weights @ v)), weights


# %% GroupedQueryAttention | copies by unsqueeze, expand and flatten
class GroupedQueryAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads):
        super().__init__()
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError(f"{d_model}, {n_heads}, {n_kv_heads}")
        self.n_heads, self.n_kv_heads = n_heads, n_kv_heads
        narrow = d_model * n_kv_heads // n_heads
        self.q_proj, self.k_proj = nn.Linear(d_model, d_model), nn.Linear(d_model, narrow)
        self.v_proj, self.out_proj = nn.Linear(d_model, narrow), nn.Linear(d_model, d_model)

    def copies(self, x):
        heads = split_heads(x, self.n_kv_heads).unsqueeze(2)
        return heads.expand(-1, -1, self.n_heads // self.n_kv_heads, -1, -1).flatten(1, 2)

    def forward(self, query, key, value, mask=None):
        q, k, v = split_heads(self.q_proj(query), self.n_heads), self.copies(self.k_proj(key)), self.copies(self.v_proj(value))
        scores = (q * q.size(-1) ** -0.5) @ k.transpose(-2, -1)
        if mask is None:
            weights = scores.softmax(dim=-1)
        else:
            weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1).masked_fill(~mask, 0.0)
        return self.out_proj(merge_heads(weights @ v)), weights
