# Wrong answers to lesson 18, as students write them. Each names the property whose check catches it.


# %% ablate_head | the model that was handed over is left as it was
# Taken out of the model itself.
def ablate_head(model, layer, head):
    weight = model.layers[layer].out_proj.weight
    d_head = weight.shape[1] // model.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# Rows in place of columns.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# Every n_heads-th column.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    with torch.no_grad():
        copy.layers[layer].out_proj.weight[:, head :: copy.layers[layer].n_heads] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# Layers counted from 1.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer - 1].out_proj.weight
    d_head = weight.shape[1] // copy.layers[layer - 1].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# Heads counted from 1.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[:, (head - 1) * d_head : head * d_head] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# The whole layer.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    with torch.no_grad():
        copy.layers[layer].out_proj.weight.zero_()
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# The query's rows: the head then looks evenly.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].q_proj.weight
    d_head = weight.shape[0] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# One column too few.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head - 1] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# A width of 4 for all heads.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    with torch.no_grad():
        copy.layers[layer].out_proj.weight[:, head * 5 : (head + 1) * 5] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# An even share of the others is put in its place.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = weight.mean()
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# The head in every layer.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    with torch.no_grad():
        for part in copy.layers:
            d_head = part.out_proj.weight.shape[1] // part.n_heads
            part.out_proj.weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the head writes nothing, and all others what they wrote
# Written into a copy of the weight that nobody uses.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight.clone()
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the model that was handed over is left as it was
# A shallow copy, which shares its layers.
def ablate_head(model, layer, head):
    import copy as copies

    other = copies.copy(model)
    weight = other.layers[layer].out_proj.weight
    d_head = weight.shape[1] // other.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = 0
    return other


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


# %% ablate_head | the copy shares no parameters with the model
# The other parameters are shared.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    weight = copy.layers[layer].out_proj.weight
    d_head = weight.shape[1] // copy.layers[layer].n_heads
    with torch.no_grad():
        weight[:, head * d_head : (head + 1) * d_head] = 0
    copy.tokens, copy.head = model.tokens, model.head
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


# %% ablate_head | the weights of the layer can still be seen
# The head can no longer be seen either: its queries are gone with it.
def ablate_head(model, layer, head):
    copy = deepcopy(model)
    part = copy.layers[layer]
    d_head = part.out_proj.weight.shape[1] // part.n_heads
    own = slice(head * d_head, (head + 1) * d_head)
    with torch.no_grad():
        part.out_proj.weight[:, own] = 0
        part.q_proj.weight[own] = 0
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


# %% induction_score | a head that looks at the place after the earlier copy has the score 1
# The copy in place of what follows it.
def induction_score(weights, tokens):
    same = (tokens[:, :, None] == tokens[:, None, :]).tril(-1)
    counts = same.any(dim=-1)
    found = (weights * same[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | a head that looks at the place after the earlier copy has the score 1
# All queries count.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    return (weights * after[:, None]).sum(dim=-1).mean(dim=(0, 2))


# %% induction_score | there is a score for each head
# The heads are averaged.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    counts = after.any(dim=-1)
    found = (weights * after[:, None]).sum(dim=-1).mean(dim=1)
    return (found * counts).sum() / counts.sum().clamp(min=1)


# %% induction_score | a head that looks at the earlier copy itself has the score 0
# Rolled round.
def induction_score(weights, tokens):
    after = (tokens[:, :, None] == tokens.roll(1, dims=1)[:, None, :]).tril()
    counts = after.any(dim=-1)
    found = (weights * after[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | without a repeated token the score is 0, not nan
# Divides by nothing.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    counts = after.any(dim=-1)
    found = (weights * after[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum()


# %% induction_score | all queries count alike, in whichever text they are
# The mean of the texts' means.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    counts = after.any(dim=-1)
    found = (weights * after[:, None]).sum(dim=-1)
    return ((found * counts[:, None]).sum(dim=2) / counts.sum(dim=1, keepdim=True).clamp(min=1)).mean(dim=0)


# %% induction_score | all earlier copies count, not the last or the first alone
# Only the latest copy.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    latest = after & (after.flip(-1).cumsum(dim=-1).flip(-1) == 1)
    counts = after.any(dim=-1)
    found = (weights * latest[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | the score is the mean weight on all places after earlier copies, over the queries that have one
# Only the first copy.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    first = after & (after.cumsum(dim=-1) == 1)
    counts = after.any(dim=-1)
    found = (weights * first[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | the score is the mean weight on all places after earlier copies, over the queries that have one
# The query itself is left out.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril(-1)
    counts = after.any(dim=-1)
    found = (weights * after[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | a head that looks at the place after the earlier copy has the score 1
# The place before the copy.
def induction_score(weights, tokens):
    before = F.pad(tokens[:, :, None] == tokens[:, None, 1:], (0, 1)).tril()
    counts = before.any(dim=-1)
    found = (weights * before[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | a head that looks at the place after the earlier copy has the score 1
# Each place counts, in place of each query.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    found = (weights * after[:, None]).sum(dim=(0, 2, 3))
    later = after.any(dim=-1).sum() + (tokens[:, -1:] == tokens[:, :-1]).any(dim=-1).sum()
    return found / later.clamp(min=1)


# %% induction_score | the score is the mean weight on all places after earlier copies, over the queries that have one
# Divided by the number of places.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    return (weights * after[:, None]).sum(dim=(0, 2, 3)) / after.sum().clamp(min=1)


# %% induction_score | a head that looks at the place after the earlier copy has the score 1
# The weights are read as columns.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    counts = after.any(dim=-1)
    found = (weights.mT * after[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | all queries count alike, in whichever text they are
# Only the first text.
def induction_score(weights, tokens):
    after = F.pad(tokens[:1, :, None] == tokens[:1, None, :-1], (1, 0)).tril()
    counts = after.any(dim=-1)
    found = (weights[:1] * after[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | any integers are tokens: 0 and negative ones too
# 0 is taken for padding.
def induction_score(weights, tokens):
    after = F.pad((tokens[:, :, None] == tokens[:, None, :-1]) & (tokens[:, :, None] > 0), (1, 0)).tril()
    counts = after.any(dim=-1)
    found = (weights * after[:, None]).sum(dim=-1)
    return (found * counts[:, None]).sum(dim=(0, 2)) / counts.sum().clamp(min=1)


# %% induction_score | the score is the mean over the queries whose token stood before
# The highest weight counts.
def induction_score(weights, tokens):
    after = F.pad(tokens[:, :, None] == tokens[:, None, :-1], (1, 0)).tril()
    return (weights * after[:, None]).amax(dim=(0, 2, 3))


# %% sink_share | it is the mean weight on the first key, without the first query
# The first query is in.
def sink_share(weights):
    return weights[..., 0].mean(dim=-1)


# %% sink_share | it is the mean weight on the first key, without the first query
# The first row.
def sink_share(weights):
    return weights[..., 0, 1:].mean(dim=-1)


# %% sink_share | it is the mean weight on the first key, without the first query
# Divided by n.
def sink_share(weights):
    return weights[..., 1:, 0].sum(dim=-1) / weights.shape[-1]


# %% sink_share | it is the mean weight on the first key, without the first query
# A sum.
def sink_share(weights):
    return weights[..., 1:, 0].sum(dim=-1)


# %% sink_share | it is the mean weight on the first key, without the first query
# The last query alone.
def sink_share(weights):
    return weights[..., -1, 0]


# %% sink_share | it is the mean weight on the first key, without the first query
# The highest one.
def sink_share(weights):
    return weights[..., 1:, 0].amax(dim=-1)


# %% sink_share | there is a share for each map
# All maps together.
def sink_share(weights):
    return weights[..., 1:, 0].mean()


# %% sink_share | the share has the shape of the dimensions in front
# The heads are averaged.
def sink_share(weights):
    share = weights[..., 1:, 0].mean(dim=-1)
    return share.mean(dim=-1) if share.ndim > 1 else share


# %% sink_share | it is the mean weight on the first key, without the first query
# How often the first key is looked at most.
def sink_share(weights):
    return (weights[..., 1:, :].argmax(dim=-1) == 0).double().mean(dim=-1)


# %% attention_rollout | half is the token itself, half the mean of the heads
# Without what came in.
def attention_rollout(weights):
    rollout = weights[0].mean(dim=-3)
    for layer in weights[1:]:
        rollout = layer.mean(dim=-3) @ rollout
    return rollout


# %% attention_rollout | the last token looks at the second, which had looked at the first
# From the wrong side.
def attention_rollout(weights):
    mixed = (weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = rollout @ layer
    return rollout


# %% attention_rollout | half is the token itself, half the mean of the heads
# Not halved.
def attention_rollout(weights):
    mixed = weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | half is the token itself, half the mean of the heads
# The heads add up.
def attention_rollout(weights):
    mixed = (weights.sum(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | half is the token itself, half the mean of the heads
# The highest head in place of the mean.
def attention_rollout(weights):
    mixed = weights.amax(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)
    mixed = mixed / mixed.sum(dim=-1, keepdim=True)
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | the last token looks at the second, which had looked at the first
# The mean over the layers.
def attention_rollout(weights):
    mixed = (weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    return mixed.mean(dim=0)


# %% attention_rollout | the last token looks at the second, which had looked at the first
# Elementwise products.
def attention_rollout(weights):
    mixed = (weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    return mixed.prod(dim=0)


# %% attention_rollout | the last token looks at the second, which had looked at the first
# Only the last layer.
def attention_rollout(weights):
    mixed = (weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    return mixed[-1]


# %% attention_rollout | the last token looks at the second, which had looked at the first
# The first layer is left out.
def attention_rollout(weights):
    mixed = (weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[-1]
    for layer in mixed[1:-1]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | the last token looks at the second, which had looked at the first
# The identity is added once, at the end.
def attention_rollout(weights):
    mixed = weights.mean(dim=-3)
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return (rollout + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2


# %% attention_rollout | the last token looks at the second, which had looked at the first
# Rows and columns exchanged.
def attention_rollout(weights):
    mixed = (weights.mean(dim=-3) + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer.mT @ rollout
    return rollout


# %% attention_rollout | there is a map for each text of a batch
# The batch is averaged with the heads.
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.reshape(len(weights), -1, n, n).mean(dim=1)
    mixed = (mixed + torch.eye(n, dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | there is a map for each text of a batch
# The batch is taken for the heads.
def attention_rollout(weights):
    mixed = weights.mean(dim=1) if weights.ndim > 4 else weights.mean(dim=-3)
    mixed = (mixed + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | of one layer, half is the token itself and half the mean of its heads, for any number of heads
# In single precision.
def attention_rollout(weights):
    mixed = (weights.float().mean(dim=-3) + torch.eye(weights.shape[-1], device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout


# %% attention_rollout | each layer looks at what the one before it made
# Each head is followed by itself.
def attention_rollout(weights):
    mixed = (weights + torch.eye(weights.shape[-1], dtype=weights.dtype, device=weights.device)) / 2
    rollout = mixed[0]
    for layer in mixed[1:]:
        rollout = layer @ rollout
    return rollout.mean(dim=-3)


# %% rank_agreement | equal scores count half
# Equal scores count nothing.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    found = (scores[:, None] > scores[None, :])[higher]
    return found.double().mean().item() if len(found) else 0.5


# %% rank_agreement | equal scores count half
# Equal scores count in full.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    found = (scores[:, None] >= scores[None, :])[higher]
    return found.double().mean().item() if len(found) else 0.5


# %% rank_agreement | equal scores count half
# Pairs with equal scores are left out.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    counted = (reference[:, None] > reference[None, :]) & (scores[:, None] != scores[None, :])
    found = (scores[:, None] > scores[None, :])[counted]
    return found.double().mean().item() if len(found) else 0.5


# %% rank_agreement | pairs that are equal in the reference do not count
# All pairs count.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    n = len(scores)
    same = torch.sign(scores[:, None] - scores) * torch.sign(reference[:, None] - reference)
    return (0.5 + same.sum() / (2 * n * (n - 1))).item() if n > 1 else 0.5


# %% rank_agreement | without a pair to compare it is 0.5
# nan without pairs.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    same_way = torch.sign(scores[:, None] - scores[None, :])[higher]
    return ((1 + same_way) / 2).mean().item()


# %% rank_agreement | without a pair to compare it is 0.5
# 0 without pairs.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    same_way = torch.sign(scores[:, None] - scores[None, :])[higher]
    return ((1 + same_way) / 2).mean().item() if len(same_way) else 0.0


# %% rank_agreement | without a pair to compare it is 0.5
# 1 without pairs.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    same_way = torch.sign(scores[:, None] - scores[None, :])[higher]
    return ((1 + same_way) / 2).mean().item() if len(same_way) else 1.0


# %% rank_agreement | equal scores count half
# Kendall's tau, from -1 to 1.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    same_way = torch.sign(scores[:, None] - scores[None, :])[higher]
    return same_way.mean().item() if len(same_way) else 0.5


# %% rank_agreement | equal scores count half
# Spearman's correlation.
def rank_agreement(scores, reference):
    a, b = (row.double().argsort().argsort().double() for row in (scores, reference))
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / ((a**2).sum() * (b**2).sum()).sqrt()) if len(a) > 1 else 0.5


# %% rank_agreement | equal scores count half
# The scores and the reference are exchanged.
def rank_agreement(scores, reference):
    scores, reference = reference.double(), scores.double()
    higher = reference[:, None] > reference[None, :]
    same_way = torch.sign(scores[:, None] - scores[None, :])[higher]
    return ((1 + same_way) / 2).mean().item() if len(same_way) else 0.5


# %% rank_agreement | scores that differ little differ
# Scores within a millionth are taken as equal.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    higher = reference[:, None] > reference[None, :]
    apart = scores[:, None] - scores[None, :]
    same_way = torch.where(apart.abs() < 1e-6, 0.0, torch.sign(apart))[higher]
    return ((1 + same_way) / 2).mean().item() if len(same_way) else 0.5


# %% rank_agreement | equal scores count half
# The sizes of the differences count.
def rank_agreement(scores, reference):
    scores, reference = scores.double(), reference.double()
    apart = (scores[:, None] - scores[None, :])[reference[:, None] > reference[None, :]]
    return (apart.clamp(min=0).sum() / apart.abs().sum()).item() if len(apart) else 0.5


# %% rank_agreement | the reverse order gives one less it
# Signs do not count.
def rank_agreement(scores, reference):
    scores, reference = scores.double().abs(), reference.double()
    same_way = torch.sign(scores[:, None] - scores[None, :])[reference[:, None] > reference[None, :]]
    return ((1 + same_way) / 2).mean().item() if len(same_way) else 0.5


# %% rank_agreement | equal scores count half
# Only neighbours are compared.
def rank_agreement(scores, reference):
    a, b = torch.sign(scores[1:].double() - scores[:-1].double()), torch.sign(reference[1:].double() - reference[:-1].double())
    counted = b != 0
    return ((1 + a * b) / 2)[counted].mean().item() if counted.any() else 0.5


# %% ablate_head | a copy of a model with `nothing` still has it
# A new model with the old parameters forgets `nothing`.
def ablate_head(model, layer, head):
    size, d_model = model.tokens.weight.shape
    n_heads = model.layers[0].n_heads
    new = AttentionOnly(size, d_model, n_heads, len(model.layers)).to(model.tokens.weight.dtype)
    new.load_state_dict(model.state_dict())
    for part, old in zip(new.layers, model.layers):
        part.sharpness = old.sharpness
    d_head = d_model // n_heads
    with torch.no_grad():
        new.layers[layer].out_proj.weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | the copy is as sharp as the model
# A new model with the old parameters forgets the layers' sharpness.
def ablate_head(model, layer, head):
    size, d_model = model.tokens.weight.shape
    n_heads = model.layers[0].n_heads
    new = AttentionOnly(size, d_model, n_heads, len(model.layers), model.layers[0].nothing).to(model.tokens.weight.dtype)
    new.load_state_dict(model.state_dict())
    d_head = d_model // n_heads
    with torch.no_grad():
        new.layers[layer].out_proj.weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% ablate_head | a model in float64 has a copy in float64
# A new model with the old parameters is in float32 whatever the old one was.
def ablate_head(model, layer, head):
    size, d_model = model.tokens.weight.shape
    old = model.layers[0]
    new = AttentionOnly(size, d_model, old.n_heads, len(model.layers), old.nothing)
    new.load_state_dict(model.state_dict())
    for part, other in zip(new.layers, model.layers):
        part.sharpness = other.sharpness
    d_head = d_model // old.n_heads
    with torch.no_grad():
        new.layers[layer].out_proj.weight[:, head * d_head : (head + 1) * d_head] = 0
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


# %% sink_share | rows may sum to less than one, where weight goes to nothing
# Divided by the sum of each row, which is less than one where weight goes to nothing.
def sink_share(weights):
    share = weights[..., 0] / weights.sum(dim=-1)
    return share[..., 1:].mean(dim=-1)


# %% rank_agreement | float64 scores are compared in float64
# The signs are multiplied without taking signs first: small differences underflow and count as equal.
def rank_agreement(scores, reference):
    a, b = scores.float(), reference.float()
    product = (a[:, None] - a[None, :]) * (b[:, None] - b[None, :])
    pairs = b[:, None] != b[None, :]
    if not pairs.any():
        return 0.5
    return ((product > 0).float() + (product == 0).float() / 2)[pairs].mean().item()


# %% rank_agreement | the reference may be unsigned numbers
# The difference of unsigned numbers is never negative.
def rank_agreement(scores, reference):
    a = scores.int() if scores.dtype == torch.bool else scores
    b = reference.int() if reference.dtype == torch.bool else reference
    a, b = (a[:, None] - a[None, :]) > 0, (b[:, None] - b[None, :]) > 0
    equal = scores[:, None] == scores[None, :]
    if not b.any():
        return 0.5
    return float((a.double().masked_fill(equal, 0.5))[b].mean())


# %% rank_agreement | scores that differ little differ, in both ratings
# A reference with fractions is cut to whole numbers.
def rank_agreement(scores, reference):
    b = reference.int()
    above = b[:, None] > b[None, :]
    if not above.any():
        return 0.5
    credit = (scores[:, None] > scores[None, :]).double() + (scores[:, None] == scores[None, :]).double() / 2
    return float(credit[above].mean())


# %% rank_agreement | float64 scores are compared in float64
# Float64 scores are compared in float32, where they may be equal.
def rank_agreement(scores, reference):
    a, b = scores.float(), reference.float()
    above = b[:, None] > b[None, :]
    if not above.any():
        return 0.5
    credit = (a[:, None] > a[None, :]).float() + (a[:, None] == a[None, :]).float() / 2
    return float(credit[above].mean())


# %% rank_agreement | two words are a pair
# Two words only: taken for a pair that is equal.
def rank_agreement(scores, reference):
    above = reference[:, None] > reference[None, :]
    if above.sum() <= 1:
        return 0.5
    credit = (scores[:, None] > scores[None, :]).double() + (scores[:, None] == scores[None, :]).double() / 2
    return float(credit[above].mean())
