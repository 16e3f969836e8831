# Right answers to lesson 18, in other styles than the solution's.


# %% ablate_head | the head's values are zero
def ablate_head(model, layer, head):
    new = deepcopy(model)
    rows = new.layers[layer].v_proj.weight
    size = rows.shape[0] // new.layers[layer].n_heads
    rows.data[size * head : size * (head + 1)] = 0.0
    return new


class Layer(nn.Module):
    """Causal attention in heads, added to its input. nothing: among the scores stands a 0 for looking at nothing."""

    def __init__(self, d_model, n_heads, nothing):
        super().__init__()
        self.n_heads, self.nothing, self.sharpness, self.norm = n_heads, nothing, 1.0, RMSNorm(d_model)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        nn.init.zeros_(self.out_proj.weight)

    def forward(self, x, hide=None):
        n, y = x.shape[1], self.norm(x)
        q, k, v = (split_heads(part(y), self.n_heads) for part in (self.q_proj, self.k_proj, self.v_proj))  # (batch, n_heads, n, d_head)
        q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        scores = self.sharpness * q @ k.mT / q.shape[-1] ** 0.5  # (batch, n_heads, n, n)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later if hide is None else later | hide, -torch.inf)
        if self.nothing:
            scores = F.pad(scores, (0, 1))  # one key more, with the score 0 and the value 0
        weights = scores.softmax(dim=-1)[..., :n]
        return x + self.out_proj(merge_heads(weights @ v)), weights


class AttentionOnly(nn.Module):
    """Logits (batch, n, size) and weights (n_layers, batch, n_heads, n, n) from ids (batch, n)."""

    def __init__(self, size, d_model=64, n_heads=4, n_layers=2, nothing=False):
        super().__init__()
        self.tokens, self.norm, self.head = nn.Embedding(size, d_model), RMSNorm(d_model), nn.Linear(d_model, size, bias=False)
        self.layers = nn.ModuleList(Layer(d_model, n_heads, nothing) for _ in range(n_layers))
        nn.init.zeros_(self.head.weight)

    def forward(self, ids, hide=None):
        """hide: {layer: boolean mask that broadcasts to (batch, n_heads, n, n), True where a query may not look}."""
        return self.read(self.tokens(ids), hide or {})

    def read(self, x, hide):
        """The same from vectors (batch, n, d_model)."""
        kept = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, hide.get(number))
            kept.append(weights)
        return self.head(self.norm(x)), torch.stack(kept)


# %% ablate_head | a mask over the columns
def ablate_head(model, layer, head):
    clone = deepcopy(model)
    part = clone.layers[layer]
    owner = torch.arange(part.out_proj.in_features) // (part.out_proj.in_features // part.n_heads)
    part.out_proj.weight = nn.Parameter(part.out_proj.weight.detach() * (owner != head))
    return clone


class Layer(nn.Module):
    """Causal attention in heads, added to its input. nothing: among the scores stands a 0 for looking at nothing."""

    def __init__(self, d_model, n_heads, nothing):
        super().__init__()
        self.n_heads, self.nothing, self.sharpness, self.norm = n_heads, nothing, 1.0, RMSNorm(d_model)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        nn.init.zeros_(self.out_proj.weight)

    def forward(self, x, hide=None):
        n, y = x.shape[1], self.norm(x)
        q, k, v = (split_heads(part(y), self.n_heads) for part in (self.q_proj, self.k_proj, self.v_proj))  # (batch, n_heads, n, d_head)
        q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        scores = self.sharpness * q @ k.mT / q.shape[-1] ** 0.5  # (batch, n_heads, n, n)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later if hide is None else later | hide, -torch.inf)
        if self.nothing:
            scores = F.pad(scores, (0, 1))  # one key more, with the score 0 and the value 0
        weights = scores.softmax(dim=-1)[..., :n]
        return x + self.out_proj(merge_heads(weights @ v)), weights


class AttentionOnly(nn.Module):
    """Logits (batch, n, size) and weights (n_layers, batch, n_heads, n, n) from ids (batch, n)."""

    def __init__(self, size, d_model=64, n_heads=4, n_layers=2, nothing=False):
        super().__init__()
        self.tokens, self.norm, self.head = nn.Embedding(size, d_model), RMSNorm(d_model), nn.Linear(d_model, size, bias=False)
        self.layers = nn.ModuleList(Layer(d_model, n_heads, nothing) for _ in range(n_layers))
        nn.init.zeros_(self.head.weight)

    def forward(self, ids, hide=None):
        """hide: {layer: boolean mask that broadcasts to (batch, n_heads, n, n), True where a query may not look}."""
        return self.read(self.tokens(ids), hide or {})

    def read(self, x, hide):
        """The same from vectors (batch, n, d_model)."""
        kept = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, hide.get(number))
            kept.append(weights)
        return self.head(self.norm(x)), torch.stack(kept)


# %% ablate_head | by the state_dict
def ablate_head(model, layer, head):
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    name = f"layers.{layer}.out_proj.weight"
    by_head = state[name].view(state[name].shape[0], model.layers[layer].n_heads, -1)
    by_head[:, head].zero_()
    new = deepcopy(model)
    new.load_state_dict(state)
    return new


class Layer(nn.Module):
    """Causal attention in heads, added to its input. nothing: among the scores stands a 0 for looking at nothing."""

    def __init__(self, d_model, n_heads, nothing):
        super().__init__()
        self.n_heads, self.nothing, self.sharpness, self.norm = n_heads, nothing, 1.0, RMSNorm(d_model)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        nn.init.zeros_(self.out_proj.weight)

    def forward(self, x, hide=None):
        n, y = x.shape[1], self.norm(x)
        q, k, v = (split_heads(part(y), self.n_heads) for part in (self.q_proj, self.k_proj, self.v_proj))  # (batch, n_heads, n, d_head)
        q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        scores = self.sharpness * q @ k.mT / q.shape[-1] ** 0.5  # (batch, n_heads, n, n)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later if hide is None else later | hide, -torch.inf)
        if self.nothing:
            scores = F.pad(scores, (0, 1))  # one key more, with the score 0 and the value 0
        weights = scores.softmax(dim=-1)[..., :n]
        return x + self.out_proj(merge_heads(weights @ v)), weights


class AttentionOnly(nn.Module):
    """Logits (batch, n, size) and weights (n_layers, batch, n_heads, n, n) from ids (batch, n)."""

    def __init__(self, size, d_model=64, n_heads=4, n_layers=2, nothing=False):
        super().__init__()
        self.tokens, self.norm, self.head = nn.Embedding(size, d_model), RMSNorm(d_model), nn.Linear(d_model, size, bias=False)
        self.layers = nn.ModuleList(Layer(d_model, n_heads, nothing) for _ in range(n_layers))
        nn.init.zeros_(self.head.weight)

    def forward(self, ids, hide=None):
        """hide: {layer: boolean mask that broadcasts to (batch, n_heads, n, n), True where a query may not look}."""
        return self.read(self.tokens(ids), hide or {})

    def read(self, x, hide):
        """The same from vectors (batch, n, d_model)."""
        kept = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, hide.get(number))
            kept.append(weights)
        return self.head(self.norm(x)), torch.stack(kept)


# %% ablate_head | a hook that empties the head's columns
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    part = copy.layers[layer]

    def empty(module, inputs):
        (found,) = inputs
        found = found.clone()
        size = found.shape[-1] // part.n_heads
        found[..., head * size : (head + 1) * size] = 0
        return (found,)

    part.out_proj.register_forward_pre_hook(empty)
    return copy


class Layer(nn.Module):
    """Causal attention in heads, added to its input. nothing: among the scores stands a 0 for looking at nothing."""

    def __init__(self, d_model, n_heads, nothing):
        super().__init__()
        self.n_heads, self.nothing, self.sharpness, self.norm = n_heads, nothing, 1.0, RMSNorm(d_model)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        nn.init.zeros_(self.out_proj.weight)

    def forward(self, x, hide=None):
        n, y = x.shape[1], self.norm(x)
        q, k, v = (split_heads(part(y), self.n_heads) for part in (self.q_proj, self.k_proj, self.v_proj))  # (batch, n_heads, n, d_head)
        q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        scores = self.sharpness * q @ k.mT / q.shape[-1] ** 0.5  # (batch, n_heads, n, n)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later if hide is None else later | hide, -torch.inf)
        if self.nothing:
            scores = F.pad(scores, (0, 1))  # one key more, with the score 0 and the value 0
        weights = scores.softmax(dim=-1)[..., :n]
        return x + self.out_proj(merge_heads(weights @ v)), weights


class AttentionOnly(nn.Module):
    """Logits (batch, n, size) and weights (n_layers, batch, n_heads, n, n) from ids (batch, n)."""

    def __init__(self, size, d_model=64, n_heads=4, n_layers=2, nothing=False):
        super().__init__()
        self.tokens, self.norm, self.head = nn.Embedding(size, d_model), RMSNorm(d_model), nn.Linear(d_model, size, bias=False)
        self.layers = nn.ModuleList(Layer(d_model, n_heads, nothing) for _ in range(n_layers))
        nn.init.zeros_(self.head.weight)

    def forward(self, ids, hide=None):
        """hide: {layer: boolean mask that broadcasts to (batch, n_heads, n, n), True where a query may not look}."""
        return self.read(self.tokens(ids), hide or {})

    def read(self, x, hide):
        """The same from vectors (batch, n, d_model)."""
        kept = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, hide.get(number))
            kept.append(weights)
        return self.head(self.norm(x)), torch.stack(kept)


# %% ablate_head | index_fill
def ablate_head(model, layer, head):
    model = deepcopy(model)
    d_model = model.tokens.weight.shape[1]
    size = d_model // model.layers[layer].n_heads
    with torch.no_grad():
        model.layers[layer].out_proj.weight.index_fill_(1, torch.arange(size) + head * size, 0.0)
    return model


class Layer(nn.Module):
    """Causal attention in heads, added to its input. nothing: among the scores stands a 0 for looking at nothing."""

    def __init__(self, d_model, n_heads, nothing):
        super().__init__()
        self.n_heads, self.nothing, self.sharpness, self.norm = n_heads, nothing, 1.0, RMSNorm(d_model)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(d_model, d_model, bias=False) for _ in range(4))
        nn.init.zeros_(self.out_proj.weight)

    def forward(self, x, hide=None):
        n, y = x.shape[1], self.norm(x)
        q, k, v = (split_heads(part(y), self.n_heads) for part in (self.q_proj, self.k_proj, self.v_proj))  # (batch, n_heads, n, d_head)
        q, k = rotate(q, torch.arange(n)), rotate(k, torch.arange(n))
        scores = self.sharpness * q @ k.mT / q.shape[-1] ** 0.5  # (batch, n_heads, n, n)
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later if hide is None else later | hide, -torch.inf)
        if self.nothing:
            scores = F.pad(scores, (0, 1))  # one key more, with the score 0 and the value 0
        weights = scores.softmax(dim=-1)[..., :n]
        return x + self.out_proj(merge_heads(weights @ v)), weights


class AttentionOnly(nn.Module):
    """Logits (batch, n, size) and weights (n_layers, batch, n_heads, n, n) from ids (batch, n)."""

    def __init__(self, size, d_model=64, n_heads=4, n_layers=2, nothing=False):
        super().__init__()
        self.tokens, self.norm, self.head = nn.Embedding(size, d_model), RMSNorm(d_model), nn.Linear(d_model, size, bias=False)
        self.layers = nn.ModuleList(Layer(d_model, n_heads, nothing) for _ in range(n_layers))
        nn.init.zeros_(self.head.weight)

    def forward(self, ids, hide=None):
        """hide: {layer: boolean mask that broadcasts to (batch, n_heads, n, n), True where a query may not look}."""
        return self.read(self.tokens(ids), hide or {})

    def read(self, x, hide):
        """The same from vectors (batch, n, d_model)."""
        kept = []
        for number, layer in enumerate(self.layers):
            x, weights = layer(x, hide.get(number))
            kept.append(weights)
        return self.head(self.norm(x)), torch.stack(kept)


# %% induction_score | loops
def induction_score(weights, tokens):
    batch, n_heads, n, _ = weights.shape
    total, queries = torch.zeros(n_heads, dtype=weights.dtype), 0
    for b in range(batch):
        seen = tokens[b].tolist()
        for i in range(n):
            places = [j for j in range(1, i + 1) if seen[j - 1] == seen[i]]
            if places:
                queries += 1
                total = total + weights[b, :, i, places].sum(dim=-1)
    return total / queries if queries else total


# %% induction_score | roll and einsum
def induction_score(weights, tokens):
    before = tokens.roll(1, dims=1)
    same = (tokens.unsqueeze(2) == before.unsqueeze(1)).to(weights.dtype)
    same[:, :, 0] = 0
    same = torch.tril(same)
    found = torch.einsum("bhij,bij->h", weights, same)
    count = (same.sum(-1) > 0).sum()
    return found / count if count > 0 else torch.zeros_like(found)


# %% induction_score | NumPy and back
def induction_score(weights, tokens):
    w, t = weights.detach().numpy(), tokens.numpy()
    n = t.shape[1]
    mask = np.zeros((len(t), n, n), dtype=bool)
    mask[:, :, 1:] = t[:, :, None] == t[:, None, :-1]
    mask &= np.tri(n, dtype=bool)
    queries = mask.any(-1)
    sums = np.where(mask[:, None], w, 0.0).sum(-1)
    return torch.from_numpy(sums.transpose(1, 0, 2)[:, queries].sum(-1) / max(queries.sum(), 1)).to(weights.dtype)


# %% induction_score | all queries that count, picked out
def induction_score(weights, tokens):
    n = tokens.shape[-1]
    i, j = torch.arange(n)[:, None], torch.arange(n)[None, :]
    after = (j >= 1) & (j <= i) & (tokens[:, (j - 1).clamp(min=0)] == tokens[:, i])
    wanted = after.any(dim=2)
    if not wanted.any():
        return weights.new_zeros(weights.shape[1])
    rows = weights.movedim(1, -1)[wanted]  # (queries, n, n_heads)
    return (rows * after[wanted].unsqueeze(-1)).sum(dim=1).mean(dim=0)


# %% sink_share | a slice and sum
def sink_share(weights):
    first = weights.select(-1, 0)
    return first[..., 1:].sum(-1) / (weights.shape[-2] - 1)


# %% sink_share | all queries less the first
def sink_share(weights):
    n = weights.shape[-1]
    column = weights[..., :, 0]
    return (column.sum(dim=-1) - column[..., 0]) / (n - 1)


# %% sink_share | NumPy
def sink_share(weights):
    return torch.as_tensor(np.asarray(weights)[..., 1:, 0].mean(-1))


# %% sink_share | narrow and flatten
def sink_share(weights):
    return weights.narrow(-2, 1, weights.size(-2) - 1).narrow(-1, 0, 1).squeeze(-1).mean(-1)


# %% attention_rollout | a loop over layers, from the identity
def attention_rollout(weights):
    n = weights.shape[-1]
    eye = torch.eye(n).to(weights)
    result = eye.expand(*weights.shape[1:-3], n, n)
    for layer in weights:
        result = torch.matmul(0.5 * layer.mean(-3) + 0.5 * eye, result)
    return result


# %% attention_rollout | from the last layer, from the right
def attention_rollout(weights):
    eye = torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    layers = [(layer.sum(dim=-3) / layer.shape[-3] + eye) / 2 for layer in weights]
    result = layers[-1]
    for layer in reversed(layers[:-1]):
        result = result @ layer
    return result


# %% attention_rollout | einsum, and half of what is there
def attention_rollout(weights):
    mean = torch.einsum("l...hij->l...ij", weights) / weights.shape[-3]
    result = None
    for step in mean:
        if result is None:
            result = torch.eye(step.shape[-1], dtype=step.dtype, device=step.device).expand_as(step)
        result = (result + torch.einsum("...ij,...jk->...ik", step, result)) / 2
    return result


# %% attention_rollout | rows divided by their sum
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(dim=-3) + torch.eye(n, dtype=weights.dtype, device=weights.device)
    mixed = mixed / mixed.sum(dim=-1, keepdim=True)
    result = mixed[0]
    for number in range(1, mixed.shape[0]):
        result = mixed[number] @ result
    return result


# %% rank_agreement | two loops
def rank_agreement(scores, reference):
    a, b = scores.tolist(), [float(number) for number in reference.tolist()]
    good = pairs = 0
    for i in range(len(a)):
        for j in range(i):
            if b[i] == b[j]:
                continue
            pairs += 1
            if a[i] == a[j]:
                good += 0.5
            elif (a[i] > a[j]) == (b[i] > b[j]):
                good += 1
    return good / pairs if pairs else 0.5


# %% rank_agreement | every pair twice
def rank_agreement(scores, reference):
    d = torch.sign(scores[:, None].double() - scores[None].double())
    e = torch.sign(reference[:, None].double() - reference[None].double())
    counted = e != 0
    if not counted.any():
        return torch.tensor(0.5)
    return 0.5 + 0.5 * (d * e)[counted].mean()


# %% rank_agreement | NumPy and combinations
def rank_agreement(scores, reference):
    i, j = np.triu_indices(len(scores), 1)
    a, b = np.asarray(scores, dtype=float), np.asarray(reference, dtype=float)
    first, second = np.sign(a[i] - a[j]), np.sign(b[i] - b[j])
    told_apart = second != 0
    return float(((first * second)[told_apart] + 1).mean() / 2) if told_apart.any() else 0.5
