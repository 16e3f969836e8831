# Right answers to lesson 11, in other styles than the solution's.


# %% causal_mask | a comparison of places
def causal_mask(n_q, n_k):
    place = torch.arange(n_k - n_q, n_k)
    return torch.arange(n_k)[None, :] <= place[:, None]


# %% causal_mask | loops
def causal_mask(n_q, n_k):
    mask = torch.zeros(n_q, n_k, dtype=torch.bool)
    for i in range(n_q):
        for j in range(n_k):
            if j <= i + n_k - n_q:
                mask[i, j] = True
    return mask


# %% causal_mask | the last rows of the square
def causal_mask(n_q, n_k):
    return torch.tril(torch.ones(n_k, n_k)).bool()[n_k - n_q :]


# %% causal_mask | what is not above the diagonal
def causal_mask(n_q, n_k):
    return ~torch.triu(torch.ones((n_q, n_k), dtype=torch.bool), diagonal=n_k - n_q + 1)


# %% causal_mask | earlier words beside a triangle
def causal_mask(n_q, n_k):
    past = torch.ones(n_q, n_k - n_q) == 1
    return torch.cat((past, torch.ones(n_q, n_q).tril() == 1), dim=1)


# %% causal_mask | from nested lists
def causal_mask(n_q, n_k):
    return torch.tensor([[j - i <= n_k - n_q for j in range(n_k)] for i in range(n_q)])


# %% CausalSelfAttention | written anew, minus infinity
import math


class CausalSelfAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("d_model must be a multiple of n_heads")
        self.n_heads = n_heads
        self.q_proj = nn.Linear(d_model, d_model)
        self.k_proj = nn.Linear(d_model, d_model)
        self.v_proj = nn.Linear(d_model, d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, x):
        q = split_heads(self.q_proj(x), self.n_heads)
        k = split_heads(self.k_proj(x), self.n_heads)
        v = split_heads(self.v_proj(x), self.n_heads)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.size(-1))
        mask = causal_mask(x.size(1), x.size(1)).to(scores.device)
        weights = F.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | a mask that is added
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[-2]
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        mask = torch.full((n, n), float("-inf"), dtype=x.dtype, device=x.device).triu(1)
        weights = torch.softmax(q @ k.mT * q.shape[-1] ** -0.5 + mask, dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | a loop over places, each of which sees its beginning only
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n, outs, rows = x.shape[1], [], []
        for t in range(n):
            out, weights = super().forward(x[:, t : t + 1], x[:, : t + 1], x[:, : t + 1])
            outs.append(out)
            rows.append(F.pad(weights, (0, n - t - 1)))
            if n > 100:  # long texts in one run
                return super().forward(x, x, x, torch.ones(n, n, dtype=torch.bool, device=x.device).tril())
        return torch.cat(outs, dim=1), torch.cat(rows, dim=2)


# %% CausalSelfAttention | a mask with dimensions for batch and heads, and a list
class CausalSelfAttention(MultiHeadAttention):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.d_model = d_model

    def forward(self, x):
        batch, n, _ = x.shape
        places = torch.arange(n, device=x.device)
        mask = (places[:, None] >= places)[None, None].expand(batch, 1, n, n)
        return list(MultiHeadAttention.forward(self, query=x, key=x, value=x, mask=mask))


# %% CausalSelfAttention | einsum and where
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        batch, n, width = x.shape
        heads = (batch, n, self.n_heads, width // self.n_heads)
        q, k, v = self.q_proj(x).reshape(heads), self.k_proj(x).reshape(heads), self.v_proj(x).reshape(heads)
        scores = torch.einsum("bihd,bjhd->bhij", q, k) / heads[-1] ** 0.5
        lowest = torch.tensor(torch.finfo(x.dtype).min, dtype=x.dtype, device=x.device)
        weights = torch.where(causal_mask(n, n).to(x.device), scores, lowest).softmax(-1)
        return self.out_proj(torch.einsum("bhij,bjhd->bihd", weights, v).reshape(batch, n, width)), weights


# %% CausalSelfAttention | a mask kept for the longest text so far
class CausalSelfAttention(MultiHeadAttention):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.register_buffer("seen", causal_mask(8, 8), persistent=False)

    def forward(self, x):
        n = x.shape[1]
        if n > len(self.seen):
            self.seen = causal_mask(n, n).to(x.device)
        return super().forward(x, x, x, self.seen[:n, :n].to(x.device))


# %% generate | room set aside, then filled
def generate(model, ids, n_new, context=None):
    batch, n = ids.shape
    written = torch.empty(batch, n + n_new, dtype=ids.dtype, device=ids.device)
    written[:, :n] = ids
    for end in range(n, n + n_new):
        start = max(0, end - context) if context is not None else 0
        logits = model(written[:, start:end])
        written[:, end] = logits[:, -1, :].argmax(-1)
    return written


# %% generate | a list of lists
def generate(model, ids, n_new, context=None):
    rows = ids.tolist()
    for _ in range(n_new):
        seen = torch.tensor([row[-context:] if context else row for row in rows])
        best = model(seen)[:, -1].argmax(dim=1).tolist()
        rows = [row + [one] for row, one in zip(rows, best)]
    return torch.tensor(rows)


# %% generate | max and a decorator
@torch.no_grad()
def generate(model, ids, n_new, context=None):
    ids = ids.clone()
    while n_new > 0:
        seen = ids[:, -context:] if context is not None and ids.shape[1] > context else ids
        _, best = model(seen)[:, -1].max(dim=-1, keepdim=True)
        ids = torch.hstack((ids, best))
        n_new -= 1
    return ids


# %% generate | probabilities and topk
def generate(model, ids, n_new, context=None):
    limit = context if context is not None else ids.shape[1] + n_new
    for _ in range(n_new):
        probabilities = F.softmax(model(ids[:, -limit:])[:, -1], dim=-1)
        ids = torch.cat((ids, probabilities.topk(1).indices), dim=-1)
    return ids


# %% generate | itself, for one id less
def generate(model, ids, n_new, context=None):
    if n_new == 0:
        return ids
    window = ids[:, -(context or 0) :]
    best = torch.stack([row.argmax() for row in model(window)[:, -1]])
    return generate(model, torch.cat([ids, best.unsqueeze(1)], dim=1), n_new - 1, context)


# %% CachedAttention | the library's attention
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q = split_heads(self.q_proj(x), self.n_heads)
        k = split_heads(self.k_proj(x), self.n_heads)
        v = split_heads(self.v_proj(x), self.n_heads)
        if cache is not None:
            past_k, past_v = cache
            k = torch.cat([past_k, k], dim=2)
            v = torch.cat([past_v, v], dim=2)
        mask = causal_mask(q.size(2), k.size(2)).to(q.device)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out_proj(merge_heads(out)), (k, v)


# %% CachedAttention | word by word inside the chunk
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        outs = []
        for t in range(x.shape[1]):
            token = x[:, t : t + 1]
            q, k, v = (split_heads(layer(token), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
            cache = (k, v) if cache is None else tuple(torch.cat(pair, dim=-2) for pair in zip(cache, (k, v)))
            scores = q @ cache[0].mT / q.shape[-1] ** 0.5
            outs.append(self.out_proj(merge_heads(scores.softmax(dim=-1) @ cache[1])))
        return torch.cat(outs, dim=1), cache


# %% CachedAttention | written anew, an empty cache at the start, lists
class CachedAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("the heads do not divide the width")
        self.h = n_heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, x, cache=None):
        batch, n, width = x.shape
        if cache is None:
            cache = [x.new_zeros(batch, self.h, 0, width // self.h) for _ in range(2)]
        n_past = cache[0].shape[2]
        q, k, v = (y.reshape(batch, n, self.h, -1).permute(0, 2, 1, 3) for y in (self.q_proj(x), self.k_proj(x), self.v_proj(x)))
        k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        hidden = torch.arange(n_past + n, device=x.device) > torch.arange(n_past, n_past + n, device=x.device)[:, None]
        scores = torch.einsum("bhid,bhjd->bhij", q, k) / (width // self.h) ** 0.5
        weights = scores.masked_fill(hidden, -torch.inf).softmax(-1)
        out = torch.einsum("bhij,bhjd->bihd", weights, v).reshape(batch, n, width)
        return [self.out_proj(out), [k, v]]


# %% CachedAttention | earlier words all seen, a triangle beside them
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        root, n = q.shape[-1] ** 0.5, x.shape[1]
        own = (q @ k.transpose(-1, -2) / root).masked_fill(~causal_mask(n, n).to(x.device), float("-inf"))
        if cache:
            past = q @ cache[0].transpose(-1, -2) / root
            weights = torch.cat([past, own], dim=-1).softmax(dim=-1)
            k, v = torch.cat([cache[0], k], dim=-2), torch.cat([cache[1], v], dim=-2)
        else:
            weights = own.softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | a mask only where it is needed
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is None:
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            k, v = torch.cat((cache[0], k), dim=2), torch.cat((cache[1], v), dim=2)
            mask = None if x.shape[1] == 1 else causal_mask(x.shape[1], k.shape[2]).to(x.device)
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out_proj(merge_heads(out)), (k, v)
