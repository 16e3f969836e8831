# Right answers to lesson 15, in other styles than the solution's.


# %% LayerNorm | var with a correction of 0
class LayerNorm(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.e = eps

    def forward(self, x):
        dtype = x.dtype
        y = x.double() if dtype == torch.float64 else x.float()
        y = (y - y.mean(-1, keepdim=True)) * torch.rsqrt(y.var(-1, unbiased=False, keepdim=True) + self.e)
        return (y * self.weight + self.bias).to(dtype)


# %% LayerNorm | mean of squares less square of mean, in double
class LayerNorm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.eps, self.d = eps, width
        self.weight, self.bias = nn.Parameter(torch.full((width,), 1.0)), nn.Parameter(torch.full((width,), 0.0))

    def forward(self, x):
        y = x.to(torch.float64)
        mean = y.sum(dim=-1, keepdim=True) / self.d
        variance = ((y - mean) ** 2).sum(dim=-1, keepdim=True) / self.d
        normed = (y - mean) / torch.sqrt(variance + self.eps)
        return (normed * self.weight.double() + self.bias.double()).type(x.dtype)


# %% LayerNorm | var_mean
class LayerNorm(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.ones(d_model)))
        self.register_parameter("bias", nn.Parameter(torch.zeros(d_model)))
        self.eps = eps

    def forward(self, x):
        wide = x if x.dtype in (torch.float32, torch.float64) else x.to(torch.float32)
        variance, mean = torch.var_mean(wide, dim=-1, correction=0, keepdim=True)
        return torch.addcmul(self.bias.to(wide.dtype), self.weight.to(wide.dtype), (wide - mean) / (variance + self.eps) ** 0.5).to(x.dtype)


# %% RMSNorm | pow and mean
class RMSNorm(nn.Module):
    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        y = x.to(torch.promote_types(x.dtype, torch.float32))
        y = y / torch.sqrt(y.pow(2).mean(-1, keepdim=True) + self.eps)
        return (y * self.weight).to(x.dtype)


# %% RMSNorm | by the norm of the vector
class RMSNorm(nn.Module):
    def __init__(self, d, eps=1e-6):
        super().__init__()
        self.weight, self.d, self.eps = nn.Parameter(torch.ones(d)), d, eps

    def forward(self, x):
        y = x.double()
        length = (y * y).sum(-1, keepdim=True)
        return (self.weight.double() * y * (length / self.d + self.eps) ** -0.5).to(x.dtype)


# %% RMSNorm | einsum
class RMSNorm(nn.Module):
    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x):
        wide = x.float() if x.dtype != torch.float64 else x
        mean = torch.einsum("...d,...d->...", wide, wide)[..., None] / x.shape[-1]
        return torch.mul(wide / (mean + self.eps).sqrt(), self.weight).to(x.dtype)


# %% FeedForward | two branches
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        self.kind = kind
        if kind == "gelu":
            self.up = nn.Linear(d_model, d_hidden)
            self.down = nn.Linear(d_hidden, d_model)
        elif kind == "swiglu":
            self.gate = nn.Linear(d_model, d_hidden, bias=False)
            self.up = nn.Linear(d_model, d_hidden, bias=False)
            self.down = nn.Linear(d_hidden, d_model, bias=False)
        else:
            raise ValueError("unknown kind")

    def forward(self, x):
        if self.kind == "gelu":
            return self.down(nn.GELU()(self.up(x)))
        return self.down(nn.SiLU()(self.gate(x)) * self.up(x))


# %% FeedForward | written out
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        if kind not in {"gelu", "swiglu"}:
            raise ValueError(kind)
        with_bias = kind == "gelu"
        for name, sizes in {"gate": (d_model, d_hidden), "up": (d_model, d_hidden), "down": (d_hidden, d_model)}.items():
            if name != "gate" or kind == "swiglu":
                setattr(self, name, nn.Linear(*sizes, bias=with_bias))

    def forward(self, x):
        up = self.up(x)
        if hasattr(self, "gate"):
            gate = self.gate(x)
            return self.down(gate * torch.sigmoid(gate) * up)
        return self.down(0.5 * up * (1 + torch.erf(up / math.sqrt(2))))


# %% FeedForward | a function kept
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        try:
            bias = {"gelu": True, "swiglu": False}[kind]
        except KeyError:
            raise ValueError(f"no kind {kind}") from None
        self.up, self.down = nn.Linear(d_model, d_hidden, bias), nn.Linear(d_hidden, d_model, bias)
        self.gate = nn.Linear(d_model, d_hidden, False) if not bias else None

    def forward(self, x):
        return self.down(F.gelu(self.up(x), approximate="none") if self.gate is None else self.up(x).mul(F.silu(self.gate(x))))


# %% Block | two dropouts
class Block(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward = FeedForward(d_model, d_hidden, "gelu")
        self.norm_1, self.norm_2 = LayerNorm(d_model), LayerNorm(d_model)
        self.drop_1, self.drop_2 = nn.Dropout(p=dropout), nn.Dropout(p=dropout)

    def forward(self, x, mask=None):
        y = self.norm_1(x)
        a, w = self.attention(y, y, y, mask=mask)
        after = x + self.drop_1(a)
        return after + self.drop_2(self.feed_forward(self.norm_2(after))), w


# %% Block | F.dropout
class Block(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        super().__init__()
        self.p = dropout
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)

    def forward(self, x, mask=None):
        attended = self.attention(*[self.norm_1(x)] * 3, mask)
        x = F.dropout(attended[0], self.p, self.training) + x
        x = F.dropout(self.feed_forward(self.norm_2(x)), self.p, training=self.training) + x
        return [x, attended[1]]


# %% Block | the library's norm inside
class Block(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.attention, self.feed_forward = MultiHeadAttention(d_model, n_heads), FeedForward(d_model, d_hidden)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        stream = x
        read = self.norm_1(stream)
        out, weights = self.attention(query=read, key=read, value=read, mask=mask)
        stream = stream + self.drop(out)
        stream = stream + self.drop(self.feed_forward(self.norm_2(stream)))
        return stream, weights


# %% GPT | apply for the initial numbers
class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = dict(config)
        width = config["d_model"]
        self.token = nn.Embedding(config["vocabulary"], width)
        self.position = nn.Embedding(config["context"], width)
        self.blocks = nn.ModuleList()
        for _ in range(config["n_layers"]):
            self.blocks.append(Block(width, config["n_heads"], 4 * width, dropout=config["dropout"] if "dropout" in config else 0.0))
        self.norm = LayerNorm(width)
        self.head = nn.Linear(width, config["vocabulary"], bias=False)
        self.apply(self.begin)
        self.token.weight = self.head.weight

    @staticmethod
    def begin(module):
        if isinstance(module, nn.Linear):
            module.weight.data.normal_(0.0, 0.02)
            if module.bias is not None:
                module.bias.data.zero_()
        elif isinstance(module, nn.Embedding):
            module.weight.data.normal_(0.0, 0.02)

    def forward(self, ids):
        batch, n = ids.shape
        if n > self.config["context"]:
            raise ValueError("too long")
        mask = torch.ones(n, n, dtype=torch.bool, device=ids.device).tril()
        x = self.token(ids) + self.position.weight[:n]
        weights = []
        for block in self.blocks:
            x, w = block(x, mask)
            weights.append(w)
        return self.head(self.norm(x)), weights


# %% GPT | parameters by name
class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, self.limit = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d), nn.Embedding(self.limit, d)
        self.blocks = nn.ModuleList(Block(d, config["n_heads"], 4 * d, config.get("dropout", 0)) for _ in range(config["n_layers"]))
        self.norm = LayerNorm(d)
        self.head = nn.Linear(d, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if parameter.ndim == 2:
                    parameter.copy_(0.02 * torch.randn_like(parameter))
                elif name.endswith("bias"):
                    parameter.zero_()

    def forward(self, ids):
        if ids.size(1) > self.limit:
            raise ValueError(f"at most {self.limit}")
        places = torch.arange(ids.size(1), device=ids.device)
        x = self.token(ids) + self.position(places)[None]
        looks = ()
        for block in self.blocks:
            out = block(x, places[:, None] >= places)
            x, looks = out[0], looks + (out[1],)
        return self.head(self.norm(x)), looks


# %% GPT | F.linear with the token vectors
class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        d = config["d_model"]
        self.token = nn.Embedding(config["vocabulary"], d)
        self.position = nn.Embedding(config["context"], d)
        self.blocks = nn.ModuleList([Block(d, config["n_heads"], d * 4, config.get("dropout", 0.0)) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d), nn.Linear(d, config["vocabulary"], bias=False)
        for part in self.modules():
            if type(part) in (nn.Linear, nn.Embedding):
                torch.nn.init.normal_(part.weight, mean=0.0, std=0.02)
            if type(part) is nn.Linear and part.bias is not None:
                torch.nn.init.constant_(part.bias, 0.0)
        self.head.weight = self.token.weight

    def forward(self, ids):
        n = ids.shape[-1]
        if n > self.position.num_embeddings:
            raise ValueError("context")
        x, weights = self.token(ids) + self.position.weight[None, :n], []
        mask = causal_mask(n, n).to(x.device)
        for block in self.blocks:
            x, one = block(x, mask)
            weights += [one]
        return F.linear(self.norm(x), self.token.weight), weights


# %% count_parameters | a layer at a time
def count_parameters(config):
    d = config["d_model"]

    def linear(a, b):
        return a * b + b

    counts = dict.fromkeys(["embedding", "attention", "feed_forward", "norms"], 0)
    counts["embedding"] += config["vocabulary"] * d + config["context"] * d
    for _ in range(config["n_layers"]):
        counts["attention"] += sum(linear(d, d) for _ in range(4))
        counts["feed_forward"] += linear(d, 4 * d) + linear(4 * d, d)
        counts["norms"] += 2 * (d + d)
    counts["norms"] += d + d
    counts["total"] = sum(counts.values())
    return counts


# %% count_parameters | closed forms
def count_parameters(config):
    d, n = config["d_model"], config["n_layers"]
    parts = (config["vocabulary"] * d + config["context"] * d, n * (4 * d**2 + 4 * d), n * (8 * d**2 + 5 * d), 4 * d * n + 2 * d)
    return {"total": sum(parts), **dict(zip(("embedding", "attention", "feed_forward", "norms"), parts))}


# %% count_parameters | made and counted
def count_parameters(config):
    with torch.device("meta"):
        d, n = config["d_model"], config["n_layers"]
        size = lambda module: sum(p.numel() for p in module.parameters())
        table = size(nn.Embedding(config["vocabulary"], d)) + size(nn.Embedding(config["context"], d))
        attention = n * 4 * size(nn.Linear(d, d))
        feed_forward = n * (size(nn.Linear(d, 4 * d)) + size(nn.Linear(4 * d, d)))
        norms = (2 * n + 1) * size(nn.LayerNorm(d))
    return {"embedding": table, "attention": attention, "feed_forward": feed_forward, "norms": norms, "total": table + attention + feed_forward + norms}


# %% mask_tokens | one number for the fate
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    dice = torch.Generator()
    dice.manual_seed(seed)
    chosen = torch.bernoulli(torch.full(ids.shape, float(rate)), generator=dice).bool()
    targets = ids.clone()
    targets[~chosen] = -100
    inputs = ids.clone()
    fate = torch.randint(10, ids.shape, generator=dice)
    inputs[chosen & (fate < 8)] = mask_id
    drawn = torch.randint(0, vocabulary, ids.shape, generator=dice)
    swap = chosen & (fate == 8)
    inputs[swap] = drawn[swap]
    return inputs, targets


# %% mask_tokens | Python's random numbers
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    chance = random.Random(seed)
    inputs, targets = ids.tolist(), torch.full_like(ids, -100).tolist()
    for i, row in enumerate(ids.tolist()):
        for j, one in enumerate(row):
            if chance.random() < rate:
                targets[i][j] = one
                what = chance.random()
                if what < 0.8:
                    inputs[i][j] = mask_id
                elif what < 0.9:
                    inputs[i][j] = chance.randrange(vocabulary)
    return torch.tensor(inputs), torch.tensor(targets)


# %% mask_tokens | one draw decides all
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    generator = torch.Generator().manual_seed(seed)
    u = torch.rand(ids.shape, generator=generator, dtype=torch.float64)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(u < 0.8 * rate, torch.full_like(ids, mask_id), torch.where(u < 0.9 * rate, other, ids))
    return inputs, torch.where(u < rate, ids, torch.full_like(ids, -100))
