# Wrong answers to lesson 8, as students write them. Each names the property whose check catches it.


# %% pool | a hidden token does not count
# The padding is averaged, too.
def pool(x, mask):
    return x.mean(dim=-2)


# %% pool | a hidden token does not count
# The sum is right, and divided by all places.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-2) / x.shape[-2]


# %% pool | there is one vector for each sentence
# Sum over the columns in place of the tokens.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-1) / mask.sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | It raised
# Dimension 1 is taken for the tokens, whatever stands in front.
def pool(x, mask):
    total = x.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=1)
    return total / mask.sum(dim=1, keepdim=True).clamp(min=1)


# %% pool | there is one vector for each sentence
# One average for the whole batch.
def pool(x, mask):
    return x[mask].mean(dim=0)


# %% pool | each sentence is averaged over its own tokens
# The number of tokens of the first sentence for all.
def pool(x, mask):
    total = x.masked_fill(~mask[..., None], 0.0).sum(dim=-2)
    return total / mask.reshape(-1, mask.shape[-1])[0].sum().clamp(min=1)


# %% pool | a hidden token does not count
# The mask with the opposite sign, as in nn.MultiheadAttention.
def pool(x, mask):
    total = x.masked_fill(mask[..., None], 0.0).sum(dim=-2)
    return total / (~mask).sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | what stands at a hidden token has no influence
# Hidden tokens are multiplied by 0, and 0 times nan is nan.
def pool(x, mask):
    return (x * mask[..., None]).sum(dim=-2) / mask.sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | a sentence without any token gives zeros
# 0 / 0 in an empty sentence.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-2) / mask.sum(dim=-1, keepdim=True)


# %% pool | it is as exact as float64 can be
# A small number against the division by zero.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-2) / (mask.sum(dim=-1, keepdim=True).to(x.dtype) + 1e-9)


# %% pool | a hidden token does not count
# One is added to the count against the division by zero.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-2) / (mask.sum(dim=-1, keepdim=True) + 1)


# %% pool | a hidden token does not count
# Max pooling.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], torch.finfo(x.dtype).min).amax(dim=-2) * mask.any(dim=-1, keepdim=True)


# %% pool | the arguments are left as they were
# The zeros are written into the caller's tensor.
def pool(x, mask):
    x[~mask] = 0.0
    return x.sum(dim=-2) / mask.sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | the result has the dtype of x
# A result of the default dtype is filled in.
def pool(x, mask):
    flat, seen = x.reshape(-1, *x.shape[-2:]), mask.reshape(-1, mask.shape[-1])
    pooled = torch.zeros(len(flat), x.shape[-1])
    for i in range(len(flat)):
        if seen[i].any():
            pooled[i] = flat[i][seen[i]].mean(dim=0)
    return pooled.reshape(*x.shape[:-2], x.shape[-1])


# %% pool | gradients come through
# `detach` cuts the gradient off.
def pool(x, mask):
    total = x.detach().masked_fill(~mask[..., None], 0.0).sum(dim=-2)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | the result is on the device of x
# The zero stands on the CPU.
def pool(x, mask):
    total = torch.where(mask[..., None], x, torch.zeros(x.shape, dtype=x.dtype)).sum(dim=-2)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | what stands at a hidden token has no influence
# nan is cleaned away after a product with the mask: infinity is, too, and so is a mean of it.
def pool(x, mask):
    total = torch.nan_to_num((x * mask[..., None]).sum(dim=-2))
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


# %% pool | beside a sentence without any token
# If one sentence is empty everything is zeros.
def pool(x, mask):
    if not mask.any(dim=-1).all():
        return torch.zeros_like(x[..., 0, :])
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-2) / mask.sum(dim=-1, keepdim=True)


# %% pool | a hidden token does not count
# Padding is guessed from rows of zeros, and the mask is not used.
def pool(x, mask):
    there = (x != 0).any(dim=-1, keepdim=True)
    return (x * there).sum(dim=-2) / there.sum(dim=-2).clamp(min=1)


# %% pool | an empty sentence gives exactly 0
# A smallest count that half precision rounds to 0.
def pool(x, mask):
    return x.masked_fill(~mask[..., None], 0.0).sum(dim=-2) / mask.sum(dim=-1, keepdim=True).to(x.dtype).clamp(min=1e-9)


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Scaled by the root of d_model.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / x.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Scaled by the root of d_v.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / v.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Scaled by d_k, not by its root.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1]
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Scaled by the root of the number of tokens.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / x.shape[-2] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Not scaled.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Multiplied by the root in place of divided.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) * q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Softmax over the queries.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-2)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# Keys look at queries: the scores are transposed.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = k @ q.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each word's result is the sum of its sentence's values with these weights
# The output is made with transposed weights.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights.transpose(-2, -1) @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# The weights are returned transposed.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights.transpose(-2, -1)


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# One matrix for queries and keys: the two layers are there, one is used.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.q_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | the result is a pair
# Only the output is returned.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v


# %% SelfAttention | each word's result is the sum of its sentence's values with these weights
# The words are summed, and the values not used.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ x, weights


# %% SelfAttention | each word's result is the sum of its sentence's values with these weights
# The keys are summed in place of the values.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ k, weights


# %% SelfAttention | the state_dict has the names and shapes that the text fixes
# One layer for q, k and v, with three names.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = self.q_proj
        self.v_proj = self.q_proj

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# One layer for queries and keys, with two names: the one is loaded over the other.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = self.q_proj
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# The weights come from the values: their dot products.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = v @ v.transpose(-2, -1) / v.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# The weights come from the words themselves, before the projections.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = x @ x.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | the state_dict has the names and shapes that the text fixes
# The biases are left in.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k)
        self.k_proj = nn.Linear(d_model, d_k)
        self.v_proj = nn.Linear(d_model, d_v)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | the state_dict has the names and shapes that the text fixes
# A fourth layer after the sum.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        self.out_proj = nn.Linear(d_v, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return self.out_proj(weights @ v), weights


# %% SelfAttention | the state_dict has the names and shapes that the text fixes
# One fused layer.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.widths = d_k, d_k, d_v
        self.qkv_proj = nn.Linear(d_model, 2 * d_k + d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.qkv_proj(x).split(self.widths, dim=-1)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# F.dropout is on by default, in evaluation, too.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        weights = F.dropout(weights, 0.1)
        return weights @ v, weights


# %% SelfAttention | each word's result is the sum of its sentence's values with these weights
# A dropout layer on the output, which training switches on.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.dropout = nn.Dropout(0.1)
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return self.dropout(weights @ v), weights


# %% SelfAttention | each word's result is the sum of its sentence's values with these weights
# The word itself is added to the output.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        out = weights @ v
        return out + x[..., : out.shape[-1]], weights


# %% SelfAttention | It raised
# `.T` turns all dimensions of a batch round.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.T / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | It raised IndexError
# Dimensions 1 and 2 are swapped: a sentence alone has none.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# The keys of the first sentence for the whole batch.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.reshape(-1, *k.shape[-2:])[0].T / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | each query's weights are the softmax, over the keys of its sentence, of its scores by the root of d_k
# All sentences of the batch in one long sequence.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        front, n = x.shape[:-1], x.shape[-2]
        x = x.reshape(-1, x.shape[-1])
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return (weights @ v).reshape(*front, -1), weights[:, :n].reshape(*front, n)


# %% SelfAttention | large scores do not overflow
# A softmax of its own, without taking the maximum off.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.exp() / scores.exp().sum(dim=-1, keepdim=True)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | is your own work
# The library does it.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        out = F.scaled_dot_product_attention(q, k, v, mask)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        return out, scores.softmax(dim=-1)


# %% SelfAttention | True means may look
# The mask is ignored.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        weights = scores.softmax(dim=-1)
        return weights @ v, weights


# %% SelfAttention | True means may look
# The mask has the opposite sign.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | True means may look
# The mask comes after the softmax only; the rows sum to less than 1.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | a row that is empty
# An empty row shares equally: the last step is missing.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        return weights @ v, weights


# %% SelfAttention | an empty row makes no gradient nan
# Minus infinity is added, and `nan_to_num` mends the weights: the gradient stays nan.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores + torch.zeros_like(scores).masked_fill(~mask, float("-inf"))
        weights = scores.softmax(dim=-1)
        weights = torch.nan_to_num(weights)
        return weights @ v, weights


# %% SelfAttention | a row that is empty
# −1e9 for minus infinity: scores can be lower.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        weights = scores.softmax(dim=-1)
        return weights @ v, weights


# %% SelfAttention | however low
# −1e9 for minus infinity, and set to 0 afterwards: with lower scores nothing is left.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e9)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | It raised RuntimeError
# A large number is fixed, which half precision does not have.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e30)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | It raised
# A dimension is put before the queries: right for (batch, n) only.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None], torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask[:, None], 0.0)
        return weights @ v, weights


# %% SelfAttention | True means may look
# The mask hides queries: it is transposed.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            mask = mask.expand(scores.shape).transpose(-2, -1)
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | a mask of True everywhere changes nothing
# The first sentence's mask for all.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            mask = mask.expand(scores.shape).reshape(-1, *scores.shape[-2:])[0]
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | follows the masked weights
# The output is made with the weights from before the mask.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        out = scores.softmax(dim=-1) @ v
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return out, weights


# %% SelfAttention | its neighbours are left alone
# One empty row, and everything is zeros.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        if mask is not None and not mask.any(dim=-1).all():
            weights = torch.zeros_like(weights)
        return weights @ v, weights


# %% SelfAttention | It raised
# `if mask` asks a tensor for one truth.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | however low
# The mask comes after the softmax, and the rest is renormalised: nothing may be left.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights * mask
            weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-9)
        return weights @ v, weights


# %% SelfAttention | queries look through the keys of their own sentence
# The words are made float32.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = (layer(x).float() for layer in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | gradients flow through the weights
# The weights are returned detached.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights.detach()


# %% SelfAttention | gradients reach all three matrices
# The queries are detached.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x).detach(), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | the words get the right gradient
# Keys and values of detached words, as if they came from elsewhere.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x.detach()), self.v_proj(x.detach())
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | have matrices of their own
# All layers start with zeros.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        for layer in (self.q_proj, self.k_proj, self.v_proj):
            nn.init.zeros_(layer.weight)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | two new modules begin
# Layers kept in the class: two modules share them.
class SelfAttention(nn.Module):
    kept = {}

    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        if (d_model, d_k, d_v) in SelfAttention.kept:
            self.q_proj, self.k_proj, self.v_proj = SelfAttention.kept[d_model, d_k, d_v]
            return
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        SelfAttention.kept[d_model, d_k, d_v] = self.q_proj, self.k_proj, self.v_proj

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | two new modules begin
# Every module is seeded alike.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        torch.manual_seed(0)
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | on the device of the input
# A mask of ones on the CPU where none is given.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is None:
            mask = torch.ones(scores.shape[-2:], dtype=torch.bool)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% SelfAttention | the arguments are left as they were
# The caller's words are centred in place.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        x -= x.mean(dim=-1, keepdim=True)
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if mask is not None:
            weights = weights.masked_fill(~mask, 0.0)
        return weights @ v, weights


# %% attention_flops | three products of 3 × 5 by 5 × 5
# A multiplication and its addition are counted as one.
def attention_flops(n, d):
    return 3 * n * d * d, 2 * n * n * d


# %% attention_flops | three products of 3 × 5 by 5 × 5
# One projection.
def attention_flops(n, d):
    return 2 * n * d * d, 4 * n * n * d


# %% attention_flops | three products of 3 × 5 by 5 × 5
# Two projections: the values are forgotten.
def attention_flops(n, d):
    return 4 * n * d * d, 4 * n * n * d


# %% attention_flops | three products of 3 × 5 by 5 × 5
# A fourth projection after the sum.
def attention_flops(n, d):
    return 8 * n * d * d, 4 * n * n * d


# %% attention_flops | products of 3 × 5 by 5 × 3
# The scores only.
def attention_flops(n, d):
    return 6 * n * d * d, 2 * n * n * d


# %% attention_flops | three products of 3 × 5 by 5 × 5
# The pairs come first.
def attention_flops(n, d):
    return 4 * n * n * d, 6 * n * d * d


# %% attention_flops | products of 3 × 5 by 5 × 3
# The scale is counted, too.
def attention_flops(n, d):
    return 6 * n * d * d, 4 * n * n * d + n * n


# %% attention_flops | three products of 3 × 5 by 5 × 5
# n and d are swapped.
def attention_flops(n, d):
    return 6 * d * n * n, 4 * d * d * n


# %% attention_flops | three products of 3 × 5 by 5 × 5
# Exactly d − 1 additions for d products.
def attention_flops(n, d):
    return 3 * n * d * (2 * d - 1), n * n * (2 * d - 1) + n * d * (2 * n - 1)


# %% attention_flops | three products of 3 × 5 by 5 × 5
# The biases are counted.
def attention_flops(n, d):
    return 6 * n * d * d + 3 * n * d, 4 * n * n * d


# %% attention_flops | products of 3 × 5 by 5 × 3
# The pairs for one query only.
def attention_flops(n, d):
    return 6 * n * d * d, 4 * n * d


# %% attention_flops | the result is a pair
# One sum of both.
def attention_flops(n, d):
    return 6 * n * d**2 + 4 * n**2 * d


# %% attention_flops | the result is a pair
# Three parts, of which the last two are not added up.
def attention_flops(n, d):
    return 6 * n * d * d, 2 * n * n * d, 2 * n * n * d


# %% attention_flops | large counts are exact
# float32 numbers.
def attention_flops(n, d):
    n, d = np.float32(n), np.float32(d)
    return float(6 * n * d * d), float(4 * n * n * d)


# %% path_length | a recurrence takes one step
# One step too many for the recurrence.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | local attention comes four tokens further
# The number of tokens, not the distance, by the window.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil(n / 4)
    raise ValueError(kind)


# %% path_length | local attention comes four tokens further
# Rounded down.
def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return (n - 1) // 4
    raise ValueError(kind)


# %% path_length | local attention comes four tokens further
# Rounded down, plus one.
def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return (n - 1) // 4 + 1
    raise ValueError(kind)


# %% path_length | local attention comes four tokens further
# The nine tokens of the window for the reach.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 9)
    raise ValueError(kind)


# %% path_length | local attention comes four tokens further
# Rounded to the nearest.
def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return round((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | dilated convolutions see three times
# Without dilation: two tokens further with each layer.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        return math.ceil((n - 1) / 2)
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | dilated convolutions see three times
# Kernels that look to both sides: the reach is 1, 4, 13.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers, reach = 0, 0
        while reach < n - 1:
            reach += 3**layers
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | dilated convolutions see three times
# The spacing is doubled, as with a kernel of two.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 2**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | dilated convolutions see three times
# The logarithm is rounded down.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        return int(math.log(n, 3))
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | powers of three are exact
# The logarithm of the distance, rounded down, plus one: floats betray it at 244.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        return int(math.log(max(n - 1, 0.5), 3)) + 1 if n > 1 else 0
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | dilated convolutions see three times
# The distance, not the number of tokens, against the power.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n - 1:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | dilated convolutions see three times
# One layer too many at powers of three.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers <= n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | powers of three are exact
# A quotient of logarithms, rounded up: floats betray it at 243.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        return math.ceil(math.log2(n) / math.log2(3))
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | a single token has no way to go
# Self-attention takes a layer for a single token, too.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | self-attention takes one layer
# The number of pairs for self-attention.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return n * n
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | a kind that is not known is a ValueError
# An unknown kind is None.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    return None


# %% path_length | a kind that is not known is a ValueError
# An unknown kind is a KeyError.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise KeyError(kind)


# %% path_length | a kind that is not known is a ValueError
# Whatever is left is local.
import math


def path_length(kind, n):
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    return math.ceil((n - 1) / 4)


# %% path_length | a kind that is not known
# Only the first letter is looked at.
import math


def path_length(kind, n):
    if kind[0] == "r":
        return n - 1
    if kind[0] == "c":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind[0] == "s":
        return 0 if n == 1 else 1
    if kind[0] == "l":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)


# %% path_length | a kind that is not known is a ValueError, for a single token
# A single token is 0 before the kind is looked at.
import math


def path_length(kind, n):
    if n == 1:
        return 0
    if kind == "recurrent":
        return n - 1
    if kind == "convolutional":
        layers = 0
        while 3**layers < n:
            layers += 1
        return layers
    if kind == "self-attention":
        return 0 if n == 1 else 1
    if kind == "local":
        return math.ceil((n - 1) / 4)
    raise ValueError(kind)

# %% SelfAttention | with a mask, too, gradients flow through the weights
# The weights are cut off from the gradient where there is a mask.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        if mask is None:
            weights = scores.softmax(-1)
            return weights @ v, weights
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(-1).masked_fill(~mask, 0)
        return weights @ v, weights.detach()

# %% SelfAttention | in evaluation, too, the mask hides what it hides in training
# The mask is taken for something like dropout.
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        if mask is not None and self.training:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if mask is not None and self.training:
            weights = weights.masked_fill(~mask, 0)
        return weights @ v, weights
