# Wrong answers to lesson 11, as students write them. Each names the property whose check catches it.


# %% causal_mask | a word may look at itself
# The diagonal is masked.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k, dtype=torch.bool).tril(n_k - n_q - 1)


# %% causal_mask | no word may look at a later one
# The wrong triangle.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k, dtype=torch.bool).triu(n_k - n_q)


# %% causal_mask | a word may look at itself
# The library's sign: True hides.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k, dtype=torch.bool).triu(n_k - n_q + 1)


# %% causal_mask | the queries are the last words: the last one may look at everything
# The top left corner.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k, dtype=torch.bool).tril()


# %% causal_mask | the mask is boolean
# What is to be added to the scores.
def causal_mask(n_q, n_k):
    return torch.full((n_q, n_k), float("-inf")).triu(n_k - n_q + 1)


# %% causal_mask | the mask is boolean
# Ones and zeros.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k).tril(n_k - n_q)


# %% causal_mask | the mask has a row for each query, also when there are fewer queries than keys
# Only as many keys as queries.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_q, dtype=torch.bool).tril()


# %% causal_mask | the mask has a row for each query, also when there are fewer queries than keys
# The whole square.
def causal_mask(n_q, n_k):
    return torch.ones(n_k, n_k, dtype=torch.bool).tril()


# %% causal_mask | the mask has a row for each query, also when there are fewer queries than keys
# Keys as rows.
def causal_mask(n_q, n_k):
    return torch.ones(n_k, n_q, dtype=torch.bool).tril()


# %% causal_mask | the queries are the last words: the last one may look at everything
# The first rows of the square, not the last.
def causal_mask(n_q, n_k):
    return torch.ones(n_k, n_k, dtype=torch.bool).tril()[:n_q]


# %% causal_mask | the queries are the last words: the last one may look at everything
# The offset has the wrong sign.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k, dtype=torch.bool).tril(n_q - n_k)


# %% causal_mask | no word may look at a later one
# One word too many may be seen.
def causal_mask(n_q, n_k):
    return torch.ones(n_q, n_k, dtype=torch.bool).tril(n_k - n_q + 1)


# %% causal_mask | the queries are the last words: the last one may look at everything
# The keys before the queries are counted one short.
def causal_mask(n_q, n_k):
    past = max(n_k - n_q - 1, 0)
    return torch.arange(n_k) <= torch.arange(n_q)[:, None] + past


# %% causal_mask | the queries are the last words: the last one may look at everything
# The earlier words stand behind the new ones.
def causal_mask(n_q, n_k):
    new = torch.ones(n_q, n_q, dtype=torch.bool).tril()
    return torch.cat([new, torch.ones(n_q, n_k - n_q, dtype=torch.bool)], dim=1)


# %% causal_mask | the queries are the last words: the last one may look at everything
# With fewer queries than keys there is no mask.
def causal_mask(n_q, n_k):
    if n_q < n_k:
        return torch.ones(n_q, n_k, dtype=torch.bool)
    return torch.ones(n_q, n_k, dtype=torch.bool).tril()


# %% causal_mask | the mask has the shape (n_q, n_k)
# With dimensions for batch and heads.
def causal_mask(n_q, n_k):
    return torch.ones(1, 1, n_q, n_k, dtype=torch.bool).tril(n_k - n_q)


# %% causal_mask | a word may look at all before it
# Each word sees itself and one before it.
def causal_mask(n_q, n_k):
    place, key = torch.arange(n_k - n_q, n_k)[:, None], torch.arange(n_k)
    return (key == place) | (key == place - 1)


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# No mask.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        return super().forward(x, x, x)


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The library's sign.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, ~causal_mask(n, n).to(x.device))


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The wrong triangle.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, causal_mask(n, n).T.to(x.device))


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The diagonal is masked.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, torch.ones(n, n, dtype=torch.bool, device=x.device).tril(-1))


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The size of the batch for the number of queries.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        return super().forward(x, x, x, causal_mask(x.shape[0], x.shape[1]).to(x.device))


# %% CausalSelfAttention | It raised RuntimeError
# The mask has the size of the first text.
class CausalSelfAttention(MultiHeadAttention):
    mask = None

    def forward(self, x):
        if self.mask is None:
            self.mask = causal_mask(x.shape[1], x.shape[1]).to(x.device)
        return super().forward(x, x, x, self.mask)


# %% CausalSelfAttention | the state_dict has the names and shapes of lesson 10
# The mask is a buffer, and so a part of the state_dict.
class CausalSelfAttention(MultiHeadAttention):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.register_buffer("mask", causal_mask(2048, 2048))

    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, self.mask[:n, :n])


# %% CausalSelfAttention | It raised RuntimeError
# Texts of up to 1024 tokens.
class CausalSelfAttention(MultiHeadAttention):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads)
        self.register_buffer("mask", causal_mask(1024, 1024), persistent=False)

    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, self.mask[:n, :n])


# %% CausalSelfAttention | a text may have any length
# A word looks back 256 words, and no further.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        near = torch.ones(n, n, dtype=torch.bool, device=x.device).triu(-256)
        return super().forward(x, x, x, causal_mask(n, n).to(x.device) & near)


# %% CausalSelfAttention | everything is computed on the device of the input
# The mask stays on the CPU.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, causal_mask(n, n))


# %% CausalSelfAttention | the result is a pair, out and weights
# The weights are not returned.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, causal_mask(n, n).to(x.device))[0]


# %% CausalSelfAttention | the weights have the shape (batch, n_heads, n, n)
# The mean of the heads' weights.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        out, weights = super().forward(x, x, x, causal_mask(n, n).to(x.device))
        return out, weights.mean(dim=1)


# %% CausalSelfAttention | the arguments are left as they were
# A residual connection, and in place.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        out, weights = super().forward(x, x, x, causal_mask(n, n).to(x.device))
        x += out
        return x, weights


# %% CausalSelfAttention | gradients flow through the weights that are returned, too
# Nothing can be trained.
class CausalSelfAttention(MultiHeadAttention):
    @torch.no_grad()
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x, x, causal_mask(n, n).to(x.device))


# %% CausalSelfAttention | the output at the second word has a gradient at the first
# Keys and values get no gradient.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        return super().forward(x, x.detach(), x.detach(), causal_mask(n, n).to(x.device))


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The mask after the softmax.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1)
        weights = weights * causal_mask(x.shape[1], x.shape[1]).to(x.device)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | the weights above the diagonal are exactly 0, however low the others
# The mask after the softmax, and the rest divided by its sum: 0 / 0 where a later word had everything.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1)
        weights = weights * causal_mask(x.shape[1], x.shape[1]).to(x.device)
        weights = weights / weights.sum(dim=-1, keepdim=True)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The scores of later words become 0, which is a score like any other.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5 * causal_mask(x.shape[1], x.shape[1]).to(x.device)
        weights = scores.softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# Every score of 0 is taken for a masked one.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = torch.tril(q @ k.mT / q.shape[-1] ** 0.5)
        weights = scores.masked_fill(scores == 0, float("-inf")).softmax(dim=-1).nan_to_num()
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | the weights above the diagonal are exactly 0, however low the others
# A finite minus infinity leaks.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        scores = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), -1e4)
        weights = scores.softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | It raised RuntimeError
# A finite minus infinity that half precision does not have.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        scores = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), -1e30)
        weights = scores.softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | words that may be seen are seen in half precision, however low their scores
# A number that fits into half precision and is not low enough there.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        low = -1e4 if x.dtype == torch.float16 else float("-inf")
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), low).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# Minus infinity times 0 is nan.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        hidden = 1 - causal_mask(x.shape[1], x.shape[1]).to(x.dtype).to(x.device)
        weights = (q @ k.mT / q.shape[-1] ** 0.5 + hidden * float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The boolean mask is added to the scores.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.mT / q.shape[-1] ** 0.5 + causal_mask(x.shape[1], x.shape[1]).to(x.device)).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | It raised RuntimeError
# The mask to be added is float32 whatever the dtype of the scores.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.mT / q.shape[-1] ** 0.5 + torch.full((n, n), float("-inf"), device=x.device).triu(1)).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | each word averages its own value and those before it
# Masked weights are returned, the output is made with unmasked ones.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        weights = super().forward(x, x, x, causal_mask(n, n).to(x.device))[1]
        return super().forward(x, x, x)[0], weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# The output is masked, the weights that are returned are not.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(merge_heads(out)), weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# Softmax over the queries.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-2)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | with the weights of nn.MultiheadAttention it weighs as that does
# Scaled by the root of the whole width.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / x.shape[-1] ** 0.5
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | with the weights of nn.MultiheadAttention it gives the output of that
# The last projection is forgotten.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-1)
        return merge_heads(weights @ v), weights


# %% CausalSelfAttention | the state_dict has the names and shapes of lesson 10
# One layer for queries, keys and values.
class CausalSelfAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads:
            raise ValueError("n_heads")
        self.n_heads = n_heads
        self.qkv_proj = nn.Linear(d_model, 3 * d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, x):
        q, k, v = (split_heads(part, self.n_heads) for part in self.qkv_proj(x).chunk(3, dim=-1))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | a width that the heads do not divide is a ValueError
# Written anew, without the error.
class CausalSelfAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.q_proj, self.k_proj = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.v_proj, self.out_proj = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | equal scores share equally among a word and those before it
# Dropout of the weights.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-1)
        weights = F.dropout(weights, 0.5, training=self.training)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | with the weights of nn.MultiheadAttention it weighs as that does
# Scores are cut at 50, against overflow.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = (q @ k.mT / q.shape[-1] ** 0.5).clamp(-50, 50)
        weights = scores.masked_fill(~causal_mask(x.shape[1], x.shape[1]).to(x.device), float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CausalSelfAttention | with the weights of nn.MultiheadAttention it weighs as that does
# The first text of the batch is masked, the others are not.
class CausalSelfAttention(MultiHeadAttention):
    def forward(self, x):
        n = x.shape[1]
        mask = torch.ones(len(x), 1, n, n, dtype=torch.bool, device=x.device)
        mask[0] = causal_mask(n, n).to(x.device)
        return super().forward(x, x, x, mask)


# %% generate | the first new id is the best at the last place
# Predicts from the first place.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, :1].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the first new id is the best at the last place
# The last place but one: the logits are taken to be shifted already.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        logits = model(seen)
        newest = logits[:, -2 if logits.shape[1] > 1 else -1].argmax(dim=-1)
        ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | each new id is asked about in its turn
# The model is asked once, about the beginning.
def generate(model, ids, n_new, context=None):
    newest = model(ids if context is None else ids[:, -context:])[:, -1:].argmax(dim=-1)
    for _ in range(n_new):
        ids = torch.cat([ids, newest], dim=1)
    return ids


# %% generate | each new id is asked about in its turn
# Its own words are not read.
def generate(model, ids, n_new, context=None):
    beginning, new = ids, []
    for _ in range(n_new):
        new.append(model(beginning if context is None else beginning[:, -context:])[:, -1].argmax(dim=-1))
    return torch.cat([ids, torch.stack(new, dim=1)], dim=1) if new else ids


# %% generate | the model sees all ids so far
# Only the newest id is handed over.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        ids = torch.cat([ids, model(ids[:, -1:])[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the result has the shape (batch, n + n_new)
# Only the new ids are returned.
def generate(model, ids, n_new, context=None):
    n = ids.shape[1]
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids[:, n:]


# %% generate | the result has the shape (batch, n + n_new)
# Writes until the text has n_new ids.
def generate(model, ids, n_new, context=None):
    while ids.shape[1] < n_new:
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the result has the shape (batch, n + n_new)
# The answers at all places are appended.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen).argmax(dim=-1)], dim=1)
    return ids


# %% generate | the arguments are left as they were
# The beginning itself is made longer.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        newest = model(ids if context is None else ids[:, -context:])[:, -1:].argmax(dim=-1)
        ids.set_(torch.cat([ids, newest], dim=1))
    return ids


# %% generate | the result begins with the ids that were given
# New ids are put in front.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([model(seen)[:, -1:].argmax(dim=-1), ids], dim=1)
    return ids


# %% generate | It raised
# The largest of all numbers, not of each row: one id for the whole batch.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        newest = model(seen)[:, -1].argmax()
        ids = torch.cat([ids, newest.view(1, 1)], dim=1)
    return ids


# %% generate | each row of the batch is continued by itself
# The first row's answer is given to all rows.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        newest = model(seen)[0, -1].argmax()
        ids = torch.cat([ids, newest.expand(len(ids), 1)], dim=1)
    return ids


# %% generate | the model is asked once for each new id, with all ids so far
# One question too many.
def generate(model, ids, n_new, context=None):
    n = ids.shape[1]
    for _ in range(n_new + 1):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids[:, : n + n_new]


# %% generate | the model is asked once for each new id, with the whole batch
# Row by row.
def generate(model, ids, n_new, context=None):
    rows = []
    for row in ids:
        row = row[None]
        for _ in range(n_new):
            seen = row if context is None else row[:, -context:]
            row = torch.cat([row, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
        rows.append(row)
    return torch.cat(rows)


# %% generate | for no new ids the model is not asked
# Asks ahead of the loop.
def generate(model, ids, n_new, context=None):
    def ask():
        return model(ids if context is None else ids[:, -context:])[:, -1:].argmax(dim=-1)

    newest = ask()
    for step in range(n_new):
        ids = torch.cat([ids, newest], dim=1)
        if step < n_new - 1:
            newest = ask()
    return ids


# %% generate | with a context, too, all ids are returned
# What is returned is cut to the context.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        if context is not None:
            ids = ids[:, -context:]
        ids = torch.cat([ids, model(ids)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the model sees no more than the last `context` ids
# The first ids are shown, not the last.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        ids = torch.cat([ids, model(ids[:, :context])[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the model sees no more than the last `context` ids
# The context is ignored.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        ids = torch.cat([ids, model(ids)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the model sees no more than the last `context` ids
# One id too many.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context - 1 :]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the model sees no more than the last `context` ids
# One id too few.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -(context - 1) :]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the model sees no more than the last `context` ids
# The context is filled up with zeros in front.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else F.pad(ids, (context, 0))[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | It raised IndexError
# The place is counted in the whole text, also when only the context was shown.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        newest = model(seen)[:, ids.shape[1] - 1].argmax(dim=-1)
        ids = torch.cat([ids, newest[:, None]], dim=1)
    return ids


# %% generate | the model is asked once for each new id, with all ids so far
# A context of two where none is asked for.
def generate(model, ids, n_new, context=2):
    for _ in range(n_new):
        ids = torch.cat([ids, model(ids[:, -context:])[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the first new id is the best at the last place
# The id with the lowest logit.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].argmin(dim=-1)], dim=1)
    return ids


# %% generate | the first new id is the best at the last place
# The highest logit, not its place.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].max(dim=-1).values.long()], dim=1)
    return ids


# %% generate | the result holds integers
# The ids are collected in a tensor of floats.
def generate(model, ids, n_new, context=None):
    batch, n = ids.shape
    written = torch.zeros(batch, n + n_new)
    written[:, :n] = ids
    for end in range(n, n + n_new):
        start = 0 if context is None else max(end - context, 0)
        written[:, end] = model(written[:, start:end].long())[:, -1].argmax(dim=-1)
    return written


# %% generate | in any size
# Drawn at random.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        newest = torch.multinomial((20 * model(seen)[:, -1]).softmax(dim=-1), 1)
        ids = torch.cat([ids, newest], dim=1)
    return ids


# %% generate | It raised AttributeError
# The model is a function, and is asked to be a module.
def generate(model, ids, n_new, context=None):
    model.eval()
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        ids = torch.cat([ids, model(seen)[:, -1:].argmax(dim=-1)], dim=1)
    return ids


# %% generate | the result has the shape (batch, n + n_new)
# Stops at a 0, as if it were the end of the text.
def generate(model, ids, n_new, context=None):
    for _ in range(n_new):
        seen = ids if context is None else ids[:, -context:]
        newest = model(seen)[:, -1:].argmax(dim=-1)
        ids = torch.cat([ids, newest], dim=1)
        if (newest == 0).all():
            break
    return ids


# %% CachedAttention | without a cache each word averages its own value and those before it
# No mask at all: fine word by word.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v))), (k, v)


# %% CachedAttention | a chunk of several words after a cache has the outputs of the whole text
# A mask at the start only; after a cache a chunk sees all of itself.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, is_causal=cache is None))), (k, v)


# %% CachedAttention | a new word averages its own value and those of the cache
# The library's corner: after a cache the first new word sees only the first word.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, is_causal=True))), (k, v)


# %% CachedAttention | a chunk of several words after a cache has the outputs of the whole text
# The library's corner, but for single words.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, is_causal=x.shape[1] > 1))), (k, v)


# %% CachedAttention | a new word averages its own value and those of the cache
# The offset is one short: after a cache no word sees itself.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        past = 0
        if cache is not None:
            past = cache[0].shape[2] - 1
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=x.device).tril(past)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | a chunk of several words after a cache has the outputs of the whole text
# The offset is one too large.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        past = 0
        if cache is not None:
            past = cache[0].shape[2] + 1
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=x.device).tril(past)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | It raised
# The mask of the chunk alone.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | a chunk of several words after a cache has the outputs of the whole text
# In the mask the earlier words stand behind the new ones.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        if cache is not None:
            mask = torch.cat([mask, torch.ones(q.shape[2], cache[0].shape[2], dtype=torch.bool, device=x.device)], dim=1)
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | a chunk of several words after a cache has the outputs of the whole text
# The words of a chunk see those before the chunk and themselves, not one another.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        if cache is not None:
            n, past = q.shape[2], cache[0].shape[2]
            before = torch.ones(n, past, dtype=torch.bool, device=x.device)
            mask = torch.cat([before, torch.eye(n, dtype=torch.bool, device=x.device)], dim=1)
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | the new cache holds the old values, then the new ones
# New keys and values in front of the old ones.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([k, cache[0]], dim=2), torch.cat([v, cache[1]], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | It raised
# The old ones are put beside the heads, not in front of the tokens.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=1), torch.cat([cache[1], v], dim=1)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | the keys that are kept have the shape (batch, n_heads, n, d_head)
# Keys and values are kept before they are split into heads.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        keys, values = self.k_proj(x), self.v_proj(x)
        if cache is not None:
            keys, values = torch.cat([cache[0], keys], dim=1), torch.cat([cache[1], values], dim=1)
        q, k, v = (split_heads(part, self.n_heads) for part in (self.q_proj(x), keys, values))
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (keys, values)


# %% CachedAttention | the new cache holds old and new keys
# Only the chunk's own keys and values are kept.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, new_k, new_v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        k, v = new_k, new_v
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (new_k, new_v)


# %% CachedAttention | the new cache holds old and new keys
# The old cache is returned.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), cache or (k, v)


# %% CachedAttention | a new word averages its own value and those of the cache
# The cache is brought up to date and not looked at.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        return self.out_proj(merge_heads(out)), (k, v)


# %% CachedAttention | the arguments are left as they were
# The old cache is written into.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            for part, new in zip(cache, (k, v)):
                part.data = torch.cat([part, new], dim=2)
            k, v = cache
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | the old cache is left as it was
# A cache that is a list is brought up to date in place.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is None:
            cache = [k, v]
        else:
            cache = cache if isinstance(cache, list) else list(cache)
            cache[0], cache[1] = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], cache[0].shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, *cache, mask))), cache


# %% CachedAttention | word by word the outputs are those of the whole text
# The cache is kept in the module.
class CachedAttention(MultiHeadAttention):
    kept = None

    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if self.kept is not None and self.kept[0].shape[0] == len(x):
            k, v = torch.cat([self.kept[0], k], dim=2), torch.cat([self.kept[1], v], dim=2)
        self.kept = (k, v)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | two texts may go on from one cache
# The module keeps the cache, and a new text empties it.
class CachedAttention(MultiHeadAttention):
    kept = None

    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([self.kept[0], k], dim=2), torch.cat([self.kept[1], v], dim=2)
        self.kept = (k, v)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | the cache holds the values of each head, in the order of the text
# Values and keys have changed places in the cache.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[1], k], dim=2), torch.cat([cache[0], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (v, k)


# %% CachedAttention | the cache holds the keys of each head, in the order of the text
# The inputs are kept, and projected again each time.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        text = split_heads(x, self.n_heads)
        if cache is not None:
            text = torch.cat([cache[0], text], dim=2)
        whole = merge_heads(text)
        q, k, v = (split_heads(y, self.n_heads) for y in (self.q_proj(x), self.k_proj(whole), self.v_proj(whole)))
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (text, text)


# %% CachedAttention | scores are divided by the root of d_head, and by nothing else
# Scores are not scaled.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        weights = (q @ k.mT).masked_fill(~mask, float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | without a cache each word averages its own value and those before it
# The last projection is forgotten.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return merge_heads(F.scaled_dot_product_attention(q, k, v, mask)), (k, v)


# %% CachedAttention | without a cache each word averages its own value and those before it
# The mask after the softmax.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1) * mask
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | chunks of any size give the outputs of the whole text
# A finite minus infinity leaks.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        weights = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -1e4).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | It raised RuntimeError
# A finite minus infinity that half precision does not have.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        weights = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -1e30).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | a word shares among those that it may see, in half precision, too
# A number that fits into half precision and is not low enough there.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        low = -1e4 if x.dtype == torch.float16 else float("-inf")
        weights = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, low).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | everything is computed on the device of the input
# The mask stays on the CPU.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        weights = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~causal_mask(q.shape[2], k.shape[2]), float("-inf")).softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), (k, v)


# %% CachedAttention | the output at the third word has a gradient at the first
# What goes into the cache is detached, and used so.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        k, v = k.detach(), v.detach()
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | the result is a pair, out and cache
# Three results.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), k, v


# %% CachedAttention | word by word the outputs are those of the whole text
# Only the last eight tokens are kept.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        out = self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask)))
        return out, (k[:, :, -8:], v[:, :, -8:])


# %% CachedAttention | after a cache it gives what the whole text gives at the new places
# The first text's cache serves all.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = (torch.cat([part[:1].expand(len(x), -1, -1, -1), new], dim=2) for part, new in zip(cache, (k, v)))
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k, v, mask))), (k, v)


# %% CachedAttention | a text may have any length
# The last 512 tokens are looked at.
class CachedAttention(MultiHeadAttention):
    def forward(self, x, cache=None):
        q, k, v = (split_heads(layer(x), self.n_heads) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        mask = causal_mask(q.shape[2], k.shape[2]).to(x.device)[:, -512:]
        return self.out_proj(merge_heads(F.scaled_dot_product_attention(q, k[:, :, -512:], v[:, :, -512:], mask))), (k, v)
