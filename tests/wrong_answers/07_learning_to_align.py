# Wrong answers to lesson 7, as students write them. Each names the property whose check catches it.


# %% AdditiveAttention | the weights are the softmax, over the keys, of v · tanh(W_q q + W_k h)
# Softmax over the queries.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the weights have the shape (batch, n_q, n_k)
# The alignment is transposed: keys in rows.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights.transpose(1, 2)


# %% AdditiveAttention | It raised RuntimeError
# Queries and keys have each other's dimension.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, None] + k[:, :, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | It raised RuntimeError
# Row is added to row, as if there were as many queries as keys.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q + k)).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the weights have the shape (batch, n_q, n_k)
# Only the first query asks.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :1, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | each line of a batch has queries and keys of its own
# All lines are looked at through the keys of the first.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:1, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | each line of a batch has queries and keys of its own
# The first line's queries ask for all lines.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:1, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the weights are the softmax, over the keys, of v · tanh(W_q q + W_k h)
# The tanh is left out.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(q[:, :, None] + k[:, None]).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | a query that is far off saturates the tanh
# Two hyperbolic tangents, of query and of key.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None]) + torch.tanh(k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | a score is the sum over the hidden numbers, divided by nothing
# Scores are divided by the root of d_hidden.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | a score is the sum over the hidden numbers, divided by nothing
# Scores are divided by the root of d_query.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1) / query.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the state_dict has the names and shapes that the text fixes
# The projections have a bias, as nn.Linear has by default.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden)
        self.k_proj = nn.Linear(d_memory, d_hidden)
        self.v = nn.Linear(d_hidden, 1)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the state_dict has the names and shapes that the text fixes
# v is a parameter, not a layer.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Parameter(torch.randn(d_hidden))

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = torch.tanh(q[:, :, None] + k[:, None]) @ self.v
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the state_dict has the names and shapes that the text fixes
# The layers stand in a list, so that they are not registered.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.layers = [nn.Linear(d_query, d_hidden, bias=False), nn.Linear(d_memory, d_hidden, bias=False)]
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.layers[0](query), self.layers[1](memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | weights sum to one however large the scores are
# The softmax by hand, without the maximum taken off: overflow.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the weights are the softmax, over the keys, of v · tanh(W_q q + W_k h)
# All weight to the highest score.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = F.one_hot(scores.argmax(dim=-1), scores.shape[-1]).to(scores.dtype)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | It raised RuntimeError
# The average is taken over the queries: weights transposed.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights.transpose(1, 2) @ memory, weights


# %% AdditiveAttention | the context has the shape (batch, n_q, d_memory)
# The projected keys are averaged, not the memory.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ k, weights


# %% AdditiveAttention | True means may look
# The mask is forgotten.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        weights = scores.softmax(dim=-1)
        return weights @ memory, weights


# %% AdditiveAttention | True means may look
# The mask has the opposite sign.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | True means may look
# The mask comes after the softmax only: what is left does not sum to one.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            pass
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | True means may look
# Masked scores become 0, which hides nothing, and the weights are not masked.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores * mask
        weights = scores.softmax(dim=-1)
        return weights @ memory, weights


# %% AdditiveAttention | a query that may look at nothing has weights of 0, not nan
# Minus infinity, and nothing after it.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, float('-inf'))
        weights = scores.softmax(dim=-1)
        return weights @ memory, weights


# %% AdditiveAttention | a query that may look at nothing has weights of 0, not nan
# An empty row shares evenly among keys that it may not see.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        return weights @ memory, weights


# %% AdditiveAttention | what is not masked shares the whole however low its scores are
# A fixed -1e9 is not low enough.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | It raised RuntimeError
# The lowest number of float32, in any precision.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(torch.float32).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | what is masked is not in the context
# The context is from before the mask.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            unmasked = scores
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        else:
            unmasked = scores
        context = unmasked.softmax(dim=-1) @ memory
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return context, weights


# %% AdditiveAttention | each line has a mask of its own
# The first line's mask serves all.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            mask = mask[:1]
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | True means may look
# A mask of shape (batch, n_k) is expected.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None], torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask[:, None], 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the arguments are left as they were
# The mask is turned round in place.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(mask.logical_not_(), torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | gradients flow through the weights that are returned, too
# The weights are returned without their gradient.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights.detach()


# %% AdditiveAttention | gradients reach every parameter of a new module
# No gradient through the weights.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).detach()
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | gradients reach every parameter of a new module
# All parameters begin at 0.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | the memory gets the right gradient, as key and as value
# The memory is detached where it is averaged.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory.detach(), weights


# %% AdditiveAttention | everything is computed on the device of the input
# Scores are collected in a tensor on the CPU.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = torch.zeros(len(q), q.shape[1], k.shape[1], dtype=q.dtype)
        for i in range(q.shape[1]):
            scores[:, i] = self.v(torch.tanh(q[:, i : i + 1] + k)).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | large scores are taken as they are
# Scores are cut at 30, so that the exponentials do not overflow.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q, k = self.q_proj(query), self.k_proj(memory)
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1).clamp(-30, 30)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% AdditiveAttention | another query and memory have weights of their own
# The projected keys are kept from the first call on.
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)
        self.keys = None

    def forward(self, query, memory, mask=None):
        if self.keys is None or self.keys.shape[:2] != memory.shape[:2]:
            self.keys = self.k_proj(memory)
        q, k = self.q_proj(query), self.keys
        scores = self.v(torch.tanh(q[:, :, None] + k[:, None])).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% DecoderStep | the state before the step is the query
# The new state asks, as in Luong's decoder.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, _ = self.attention(state[:, None], memory, mask)
        new = self.cell(torch.cat([self.embedding(token), context[:, 0]], dim=-1), state)
        context, weights = self.attention(new[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the state before the step is the query
# The weights that are returned are those of the new state.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        weights = self.attention(new[:, None], memory, mask)[1][:, 0]
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | `out` reads the new state, then the context
# The logits are made from the state before: one step late.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([state, context], dim=-1)), new, weights


# %% DecoderStep | the new state is what the cell makes of the old one
# The old state is returned: one step late.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), state, weights


# %% DecoderStep | the cell reads the last token's embedding, then the context
# Context before embedding.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([context, self.embedding(token)], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | `out` reads the new state, then the context
# Context before state.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([context, new], dim=-1)), new, weights


# %% DecoderStep | the state_dict has the names and shapes that the text fixes
# The cell does not read the context.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(self.embedding(token), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the state_dict has the names and shapes that the text fixes
# The output layer does not read the context.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(new), new, weights


# %% DecoderStep | the cell reads the last token's embedding, then the context
# Zeros stand where the cell should read the context.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), torch.zeros_like(context)], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the new state is what the cell makes of the old one
# The cell is given no state and begins at 0 every time.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1))
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the cell reads the last token's embedding, then the context
# The module keeps the state of its last call, whatever it is given.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)
        self.state = None

    def forward(self, token, state, memory, mask=None):
        state = state if self.state is None else self.state
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        self.state = new.detach()
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | `out` reads the new state, then the context
# The logits are already probabilities.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)).softmax(dim=-1), new, weights


# %% DecoderStep | the weights have the shape (batch, n_k)
# The weights keep the dimension of the queries.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context = context[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the weights have the shape (batch, n_k)
# squeeze() takes a batch of one away, too.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights.squeeze()
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | `out` reads the new state, then the context
# The memory's average stands in place of the context.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = memory.mean(dim=1), weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | each line looks where its own mask is True
# The mask is not handed on.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | each line looks where its own mask is True
# The mask gets no dimension for the queries: the first line's serves all.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | each line looks where its own mask is True
# The mask's new dimension comes last.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, :, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | each line looks where its own mask is True
# The mask has the opposite sign.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else ~mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | each line looks where its own mask is True
# Padding is set to 0 in the memory and can still be looked at.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        memory = memory if mask is None else memory * mask[..., None]
        context, weights = self.attention(state[:, None], memory)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | a padded line gets the logits that it would get without padding
# Context of all positions beside weights with padding masked.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = self.attention(state[:, None], memory)[0][:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | each line gets the logits that it would get alone
# All lines get the first line's context.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:1, 0].expand(len(token), -1), weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the arguments are left as they were
# The new state is written into the old one's memory.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        state.data.copy_(new)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | gradients reach state and memory
# The old state is detached.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        state = state.detach()
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the old state gets the right gradient
# The state is detached where it asks.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state.detach()[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | gradients reach state and memory
# The memory is detached.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        memory = memory.detach()
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | all results have the dtype of the input
# The logits in float32.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = None if mask is None else mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)).float(), new, weights


# %% DecoderStep | everything is computed on the device of the input
# A mask of all True is made on the CPU.
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        mask = (torch.ones(memory.shape[:2], dtype=torch.bool) if mask is None else mask)[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% sequence_loss | a model that is sure of the next token has no loss
# Targets are not shifted: each step is judged by what it was fed.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.flatten(0, 1), targets[:, :-1].flatten(), ignore_index=pad_id)


# %% sequence_loss | a model that is sure of the next token has no loss
# Shifted twice: the first logits are dropped as well.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 2:].flatten(), ignore_index=pad_id)


# %% sequence_loss | padding counts neither in the sum
# The last token is left out, as if it were always padding.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:-1].flatten(), ignore_index=pad_id)


# %% sequence_loss | padding counts neither in the sum
# Padding counts like everything else.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten())


# %% sequence_loss | padding is whatever `pad_id` says
# Padding is taken to be 0.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=0)


# %% sequence_loss | padding counts neither in the sum
# The sum is right and is divided by all positions.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / counts.numel()


# %% sequence_loss | padding counts neither in the sum
# The start token is counted, too.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / (targets != pad_id).sum()


# %% sequence_loss | padding counts neither in the sum
# An average of the lines' averages.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return ((losses * counts).sum(dim=1) / counts.sum(dim=1)).mean()


# %% sequence_loss | padding counts neither in the sum
# An average of the steps' averages.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return ((losses * counts).sum(dim=0) / counts.sum(dim=0).clamp(min=1)).mean()


# %% sequence_loss | equal logits for V tokens give ln V
# The sum, not the average.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum()


# %% sequence_loss | equal logits for V tokens give ln V
# The sum, divided by the number of lines.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / len(targets)


# %% sequence_loss | padding counts neither in the sum
# The mask is that of the tokens that are fed.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = targets[:, :-1] != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / counts.sum()


# %% sequence_loss | a model that is sure of the next token has no loss
# Cross-entropy of probabilities: the softmax is taken twice.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.softmax(dim=-1).flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id)


# %% sequence_loss | equal logits for V tokens give ln V
# nll_loss of the logits, without the logarithm of the softmax.
def sequence_loss(logits, targets, pad_id):
    return F.nll_loss(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id)


# %% sequence_loss | a model that says what it was fed has a high loss, and a finite one
# The logarithm of a probability that has become 0.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.softmax(dim=-1).log().gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / counts.sum()


# %% sequence_loss | a model that says what it was fed has a high loss, and a finite one
# The softmax by hand overflows.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -(logits - logits.exp().sum(dim=-1, keepdim=True).log()).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / counts.sum()


# %% sequence_loss | equal logits for V tokens give ln V
# Softmax over the steps.
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=1).gather(-1, said.masked_fill(~counts, 0)[..., None]).squeeze(-1)
    return (losses * counts).sum() / counts.sum()


# %% sequence_loss | a model that is sure of the next token has no loss
# The logits are reshaped where they should be transposed.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.reshape(len(logits), logits.shape[2], -1), targets[:, 1:], ignore_index=pad_id)


# %% sequence_loss | step t is judged by the token after the one it was fed, in any size
# Lines and steps are mixed up: logits step by step, targets line by line.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.transpose(0, 1).flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id)


# %% sequence_loss | equal logits for V tokens give ln V
# The model is kept from saying padding.
def sequence_loss(logits, targets, pad_id):
    logits = logits.clone()
    if pad_id < logits.shape[-1]:
        logits[..., pad_id] = float('-inf')
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id)


# %% sequence_loss | the arguments are left as they were
# Padding is renamed in the caller's targets.
def sequence_loss(logits, targets, pad_id):
    targets[targets == pad_id] = -100
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten())


# %% sequence_loss | the loss is a tensor, through which gradients can flow
# A Python number, through which no gradient flows.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id).item()


# %% sequence_loss | the loss is one number
# One loss for each token.
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=pad_id, reduction='none')


# %% sequence_loss | padding counts neither in the sum
# Everything behind the shortest line's end is cut off.
def sequence_loss(logits, targets, pad_id):
    n = int((targets[:, 1:] != pad_id).sum(dim=1).min())
    return F.cross_entropy(logits[:, :n].flatten(0, 1), targets[:, 1 : n + 1].flatten(), ignore_index=pad_id)


# %% greedy_decode | each step goes on from the state that the last one returned
# The state is not fed back.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, _, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | each step is fed the token that the last one wrote, the first the start token
# The start token is fed at every step.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(torch.full((len(memory),), start_id), state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after its end token a line writes end tokens only
# The end token is ignored.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | it stops as soon as every line has ended
# All n_max steps are made.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after its end token a line writes end tokens only
# A line goes on after its end.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after its end token a line writes end tokens only
# The end is looked up in the last token alone.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1)
        ids.append(token)
        looks.append(weights)
        ended = token == end_id
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | a line that has not ended goes on when another has
# It stops when one line has ended.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.any():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | it stops as soon as every line has ended
# Whether all have ended is looked up one step late.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        if ended.all():
            break
        ended = ended | (token == end_id)
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | it stops as soon as every line has ended
# It stops before the last end token is kept.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ended = ended | (token == end_id)
        if ended.all():
            break
        ids.append(token)
        looks.append(weights)
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after its end token a line writes end tokens only
# After the end come zeros.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, 0)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id) | (token == 0)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | each step goes on from the state that the last one returned
# The start token stands among the ids.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [token], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after n_max steps it stops, ended or not
# A step more than n_max.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max + 1):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after n_max steps it stops, ended or not
# n_max is not heeded.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(1000):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | the weights have the shape (batch, n, n_k)
# The alignment is transposed.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=2)


# %% greedy_decode | the weights have the shape (batch, n, n_k)
# Steps come before lines in the weights.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks)


# %% greedy_decode | the weights have the shape (batch, n, n_k)
# The weights of the last step only.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), weights[:, None]


# %% greedy_decode | each step goes on from the state
# The place of the highest logit in the whole batch.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax().expand(len(memory)).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | the highest logit decides
# The logit that is farthest from 0 decides.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.abs().argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | each step goes on from the state that the last one returned
# A token is drawn at random, by its probability.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = torch.multinomial(logits.softmax(dim=-1), 1)[:, 0].masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | each step is fed the token that the last one wrote, the first the start token
# The token of two steps ago is fed.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token if not ids else fed, state, memory, mask)
        before = token
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        fed = before
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | It raised TypeError
# The mask is not handed on.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, None)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | memory and mask go to every step as they are
# The memory is masked before it is handed on.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    memory = memory * mask[..., None]
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | memory and mask go to every step as they are
# What was looked at is taken out of the mask.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        mask = mask & (weights < weights.amax(dim=-1, keepdim=True))
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | each step is fed the token that the last one wrote
# Start and end token are taken to be 1 and 2.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    start_id, end_id = 1, 2
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | a line may end with its first token, and the start token ends nothing
# A start token that is also the end token ends the line before it begins.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ended = token == end_id
    if ended.all():
        return token[:, None][:, :0], memory.new_zeros(len(memory), 0, memory.shape[1])
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | the arguments are left as they were
# The state is updated in the caller's memory.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, new, weights = step(token, state, memory, mask)
        state[:] = new
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | It raised RuntimeError
# Tokens are floats.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), float(start_id))
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | after n_max steps it stops, ended or not
# A line that did not end is ended by force.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id)
    ended = torch.zeros(len(memory), dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    ids[-1] = torch.full_like(ids[-1], end_id)
    return torch.stack(ids, dim=1), torch.stack(looks, dim=1)


# %% greedy_decode | It raised
# Tokens have a dimension for steps: (batch, 1).
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory), 1), start_id)
    ended = torch.zeros(len(memory), 1, dtype=torch.bool)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1, keepdim=True).masked_fill(ended, end_id)
        ids.append(token)
        looks.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.cat(ids, dim=1), torch.stack(looks, dim=1)


# %% AdditiveAttention | without a mask every place is looked at, one whose vector is 0 too
# Without a mask, vectors of zeros in the memory are taken for padding.
class AdditiveAttention(nn.Module):
    """Attention with the score v · tanh(W_q q + W_k h) (Bahdanau, Cho and Bengio, 2014)."""

    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        if mask is None:
            mask = (memory != 0).any(dim=-1)[:, None]
        hidden = torch.tanh(self.q_proj(query)[:, :, None] + self.k_proj(memory)[:, None])
        scores = self.v(hidden).squeeze(-1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ memory, weights


# %% DecoderStep | the vector of every token learns, that of id 0 too
# The embedding has padding_idx=0: the vector of id 0 is 0 and never learns.
class DecoderStep(nn.Module):
    """One step of a decoder with attention: the last token and the state in, logits for the next token out."""

    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed, padding_idx=0)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        if mask is not None:
            mask = mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new_state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        logits = self.out(torch.cat([new_state, context], dim=-1))
        return logits, new_state, weights


# %% DecoderStep | gradients flow through the new state, too
# The new state is returned detached.
class DecoderStep(nn.Module):
    """One step of a decoder with attention: the last token and the state in, logits for the next token out."""

    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        if mask is not None:
            mask = mask[:, None]
        context, weights = self.attention(state[:, None], memory, mask)
        context, weights = context[:, 0], weights[:, 0]
        new_state = self.cell(torch.cat([self.embedding(token), context], dim=-1), state)
        logits = self.out(torch.cat([new_state, context], dim=-1))
        return logits, new_state.detach(), weights


# %% greedy_decode | the mask goes to every step as it is, that of a line that has ended too
# The mask of a line that has ended is set to False before `step` gets it.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id, device=memory.device)
    ended = torch.zeros_like(token, dtype=torch.bool)
    ids, looked = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask & ~ended[:, None])
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looked.append(weights)
        ended = ended | (token == end_id)
        if ended.all():
            break
    return torch.stack(ids, dim=1), torch.stack(looked, dim=1)


# %% greedy_decode | it stops as soon as every line has ended
# Stops when the last line has ended, whatever the others do.
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.full((len(memory),), start_id, device=memory.device)
    ended = torch.zeros_like(token, dtype=torch.bool)
    ids, looked = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argmax(dim=-1).masked_fill(ended, end_id)
        ids.append(token)
        looked.append(weights)
        ended = ended | (token == end_id)
        if ended[-1]:
            break
    return torch.stack(ids, dim=1), torch.stack(looked, dim=1)
