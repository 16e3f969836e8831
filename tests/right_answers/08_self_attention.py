# Right answers to lesson 8 in other styles. Each must get full marks under every class secret.


# %% pool | a loop over sentences
def pool(x, mask):
    flat, seen = x.reshape(-1, *x.shape[-2:]), mask.reshape(-1, mask.shape[-1])
    if x.device.type == "meta":
        return x[..., 0, :]
    means = [rows[there].mean(dim=0) if there.any() else rows.new_zeros(rows.shape[-1]) for rows, there in zip(flat, seen)]
    return torch.stack(means).reshape(*x.shape[:-2], x.shape[-1])


# %% pool | torch.where and a count of at least one
def pool(x, mask):
    kept = torch.where(mask.unsqueeze(-1), x, 0.0)
    count = mask.sum(-1).clamp(min=1).unsqueeze(-1)
    return kept.sum(-2) / count


# %% pool | nan_to_num before a product with the mask
def pool(x, mask):
    there = mask.to(x.dtype)[..., None]
    return (torch.nan_to_num(x) * there).sum(dim=-2) / torch.maximum(there.sum(dim=-2), torch.ones_like(there[..., 0, :]))


# %% pool | a weighted sum, as one matrix product
def pool(x, mask):
    weights = mask.to(x.dtype)
    weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1.0)
    return (weights[..., None, :] @ x.masked_fill(mask.logical_not()[..., None], 0.0))[..., 0, :]


# %% pool | nanmean, with nan where a token is hidden
def pool(x, mask):
    empty = ~mask.any(dim=-1, keepdim=True)
    kept = torch.where((mask | empty)[..., None], torch.where(mask[..., None], x, 0.0), torch.nan)
    return kept.nanmean(dim=-2) if x.device.type != "meta" else kept[..., 0, :]


# %% pool | the zero written into a copy
def pool(x, mask):
    kept = x.clone()
    kept[~mask] = 0
    total, count = torch.sum(kept, dim=-2), torch.count_nonzero(mask, dim=-1)
    return torch.div(total, torch.where(count == 0, 1, count)[..., None])


# %% SelfAttention | einsum, minus infinity and nan_to_num with a mended row
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj, self.k_proj = (nn.Linear(d_model, d_k, bias=False) for _ in range(2))
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        self.scale = d_k**-0.5

    def forward(self, x, mask=None):
        scores = torch.einsum("...id,...jd->...ij", self.q_proj(x), self.k_proj(x)) * self.scale
        if mask is None:
            weights = torch.softmax(scores, -1)
        else:
            empty = ~mask.any(-1, keepdim=True)
            weights = scores.masked_fill(~(mask | empty), -torch.inf).softmax(-1).masked_fill(empty, 0.0)
        return torch.einsum("...ij,...jd->...id", weights, self.v_proj(x)), weights


# %% SelfAttention | a loop over queries
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.q_proj = nn.Linear(d_model, d_k, bias=False)

    def forward(self, x, mask=None):
        n = x.shape[-2]
        keys, values = self.k_proj(x), self.v_proj(x)
        seen = torch.ones(n, n, dtype=torch.bool, device=x.device) if mask is None else mask
        seen = seen.expand(*x.shape[:-1], n)
        rows, sums = [], []
        for i in range(n):
            query = self.q_proj(x[..., i, :])
            scores = (keys * query[..., None, :]).sum(dim=-1) / keys.shape[-1] ** 0.5
            scores = torch.where(seen[..., i, :], scores, torch.finfo(scores.dtype).min)
            rows.append(torch.where(seen[..., i, :], scores.softmax(dim=-1), 0.0))
            sums.append((rows[-1][..., None] * values).sum(dim=-2))
        return torch.stack(sums, dim=-2), torch.stack(rows, dim=-2)


# %% SelfAttention | all three projections in one product, a list returned
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.widths = [d_k, d_k, d_v]
        for name, width in zip("qkv", self.widths):
            setattr(self, f"{name}_proj", nn.Linear(d_model, width, bias=False))

    def forward(self, x, mask=None):
        together = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        q, k, v = F.linear(x, together).split(self.widths, dim=-1)
        scores = torch.matmul(q / self.widths[0] ** 0.5, k.mT)
        if mask is None:
            mask = torch.ones_like(scores, dtype=torch.bool)
        weights = F.softmax(scores.masked_fill(mask.logical_not(), torch.finfo(scores.dtype).min), dim=-1) * mask
        return [torch.matmul(weights, v), weights]


# %% SelfAttention | softmax by hand, with the maximum taken off
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)
        nn.init.xavier_uniform_(self.q_proj.weight)

    def forward(self, x, mask=None):
        q, k = self.q_proj(x), self.k_proj(x)
        scores = q @ k.swapaxes(-1, -2) / torch.tensor(k.shape[-1], dtype=k.dtype, device=k.device).sqrt()
        if mask is not None:
            scores = scores.masked_fill(~mask, -float("inf"))
        highest = scores.amax(-1, keepdim=True).detach()
        powers = torch.exp(scores - torch.where(highest.isinf(), 0.0, highest))
        total = powers.sum(-1, keepdim=True)
        weights = powers / torch.where(total > 0, total, 1.0)
        return weights @ self.v_proj(x), weights


# %% SelfAttention | a bias added to the scores in place of a mask, and a method of its own
class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.q_proj = nn.Linear(in_features=d_model, out_features=d_k, bias=False)
        self.k_proj = nn.Linear(in_features=d_model, out_features=d_k, bias=False)
        self.v_proj = nn.Linear(in_features=d_model, out_features=d_v, bias=False)
        self.register_buffer("root", torch.tensor(float(d_k), dtype=torch.float64).sqrt(), persistent=False)

    def shares(self, scores, mask):
        if mask is None:
            return scores.softmax(-1)
        nothing = torch.zeros((), dtype=scores.dtype, device=scores.device)
        empty = ~mask.any(-1, keepdim=True)
        bias = torch.where(mask | empty, nothing, nothing - torch.inf)
        return (scores + bias).softmax(-1) * ~empty

    def forward(self, x, mask=None):
        q, k, v = (layer(x) for layer in (self.q_proj, self.k_proj, self.v_proj))
        weights = self.shares(q @ torch.transpose(k, -1, -2) / self.root.to(q.dtype), mask)
        return weights @ v, weights


# %% SelfAttention | the batch folded into one dimension, bmm
import math


class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.d_k = d_k
        self.q_proj = nn.Linear(d_model, d_k, bias=False)
        self.k_proj = nn.Linear(d_model, d_k, bias=False)
        self.v_proj = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        front, n = x.shape[:-2], x.shape[-2]
        flat = x.reshape(-1, n, x.shape[-1])
        scores = torch.bmm(self.q_proj(flat), self.k_proj(flat).permute(0, 2, 1)).div(math.sqrt(self.d_k)).view(*front, n, n)
        if mask is not None:
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = nn.Softmax(dim=-1)(scores)
        if mask is not None:
            weights = torch.where(mask, weights, torch.zeros_like(weights))
        out = torch.bmm(weights.reshape(-1, n, n), self.v_proj(flat))
        return out.reshape(*front, n, -1), weights


# %% attention_flops | a helper for one product
def attention_flops(n, d):
    def product(a, b, c):
        return 2 * a * b * c

    return 3 * product(n, d, d), product(n, d, n) + product(n, n, d)


# %% attention_flops | closed form, a list
def attention_flops(n, d):
    return [6 * n * d**2, 4 * d * n**2]


# %% attention_flops | NumPy integers
def attention_flops(n, d):
    n, d = np.int64(n), np.int64(d)
    return np.array([6 * n * d * d, 4 * n * n * d])


# %% attention_flops | added up, product by product
def attention_flops(n, d):
    projections = sum(2 * n * d * d for _ in ("q", "k", "v"))
    scores, output = n * n * (d + d), n * d * (n + n)
    return projections, scores + output


# %% path_length | a message followed from layer to layer
def path_length(kind, n):
    reach = {
        "recurrent": lambda layer: 1,
        "convolutional": lambda layer: 2 * 3**layer,
        "self-attention": lambda layer: n,
        "local": lambda layer: 4,
    }
    if kind not in reach:
        raise ValueError(f"{kind} is not one of {list(reach)}")
    layers, come = 0, 0
    while come < n - 1:
        come += reach[kind](layers)
        layers += 1
    return layers


# %% path_length | a dictionary of formulas, the logarithm rounded and mended
def path_length(kind, n):
    guess = round(np.log(n) / np.log(3))
    formulas = {
        "recurrent": n - 1,
        "local": int(np.ceil((n - 1) / 4)),
        "self-attention": int(n > 1),
        "convolutional": guess + (3**guess < n),
    }
    try:
        return formulas[kind]
    except KeyError:
        raise ValueError(kind) from None


# %% path_length | match
def path_length(kind, n):
    match kind:
        case "recurrent":
            return n - 1
        case "local":
            return (n + 2) // 4
        case "self-attention":
            return 1 if n > 1 else 0
        case "convolutional":
            return 0 if n == 1 else 1 + path_length("convolutional", -(-n // 3))
    raise ValueError("unknown kind")


# %% path_length | digits to the base of three
def path_length(kind, n):
    if kind not in ("recurrent", "convolutional", "self-attention", "local"):
        raise ValueError(kind)
    distance = n - 1
    if kind == "convolutional":
        digits = 0
        while distance > 0:
            distance //= 3
            digits += 1
        return digits
    if kind == "local":
        full, rest = divmod(distance, 4)
        return full + bool(rest)
    return distance if kind == "recurrent" else np.int64(distance > 0)

# %% pool | sentence by sentence, with boolean indexing
def pool(x, mask):
    if mask.dim() > 1:
        return torch.stack([pool(one, there) for one, there in zip(x, mask)])
    kept = x[mask]
    return kept.mean(dim=0) if kept.shape[0] > 0 else kept.sum(dim=0)
