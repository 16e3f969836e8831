# Right answers to lesson 16, in other styles than the solution's.


# %% get_batch | stacked slices
def get_batch(ids, starts, context):
    inputs = torch.stack([ids[start : start + context] for start in starts.tolist()])
    targets = torch.stack([ids[start + 1 : start + context + 1] for start in starts.tolist()])
    return inputs, targets


# %% get_batch | windows
def get_batch(ids, starts, context):
    windows = ids.unfold(0, context + 1, 1)[starts]
    return windows[..., :context].clone(), windows[..., 1:].clone()


# %% get_batch | two index tables
def get_batch(ids, starts, context):
    places = starts.unsqueeze(1).repeat(1, context) + torch.arange(context).to(starts.device)
    return [ids[places], ids[places + 1]]


# %% language_model_loss | log-softmax and gather
def language_model_loss(logits, targets):
    logs = logits.to(torch.promote_types(logits.dtype, torch.float32)).log_softmax(dim=-1)
    return -logs.gather(-1, targets.unsqueeze(-1)).mean()


# %% language_model_loss | logsumexp
def language_model_loss(logits, targets):
    x = logits if logits.dtype == torch.float64 else logits.float()
    right = torch.gather(x, 2, targets[..., None])[..., 0]
    return (torch.logsumexp(x, 2) - right).mean()


# %% language_model_loss | classes second
def language_model_loss(logits, targets):
    wide = logits.double() if logits.dtype == torch.float64 else logits.float()
    return nn.CrossEntropyLoss()(wide.transpose(1, 2), targets)


# %% learning_rate | tensors of PyTorch
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    if step < warm_up:
        return (step + 1) * peak / warm_up
    if step >= total:
        return lowest
    share = (step - warm_up) / (total - warm_up)
    return lowest + 0.5 * (peak - lowest) * (1.0 + float(torch.cos(torch.tensor(share * math.pi, dtype=torch.float64))))


# %% learning_rate | a mixture
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    if warm_up > step:
        return peak / warm_up * (step + 1)
    step = min(step, total)
    weight = math.cos((step - warm_up) / (total - warm_up) * math.pi / 2) ** 2
    return weight * peak + (1 - weight) * lowest


# %% learning_rate | one expression
def learning_rate(step, peak, warm_up, total, lowest=0.0):
    p = min(max((step - warm_up) / (total - warm_up), 0), 1)
    return peak * (step + 1) / warm_up if step < warm_up else lowest + (peak - lowest) * (0.5 + 0.5 * math.cos(math.pi * p))


# %% parameter_groups | a loop
def parameter_groups(model, weight_decay):
    decayed, free = [], []
    for parameter in model.parameters():
        (decayed if parameter.dim() > 1 else free).append(parameter)
    return [dict(params=decayed, weight_decay=weight_decay), dict(params=free, weight_decay=0.0)]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | by names
def parameter_groups(model, weight_decay):
    named = dict(model.named_parameters())
    flat = {name for name, p in named.items() if len(p.shape) < 2}
    return [
        {"params": [p for name, p in named.items() if name not in flat], "weight_decay": weight_decay},
        {"params": [named[name] for name in sorted(flat)], "weight_decay": 0},
    ]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | filter
def parameter_groups(model, weight_decay):
    is_matrix = lambda p: p.ndim >= 2
    others = [p for p in model.parameters() if not is_matrix(p)]
    return [{"params": list(filter(is_matrix, model.parameters())), "weight_decay": weight_decay}, {"weight_decay": 0.0, "params": others}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% train_step | optimizers clear
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    for optimizer in optimizers:
        optimizer.zero_grad()
    losses = []
    for x, y in batches:
        if half is None:
            loss = language_model_loss(model(x), y)
        else:
            with torch.autocast(device_type=x.device.type, dtype=getattr(torch, half)):
                loss = language_model_loss(model(x), y)
        (loss * (loss_scale / len(batches))).backward()
        losses.append(loss.item())
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    for grad in grads:
        grad.div_(loss_scale)
    norm = torch.sqrt(sum((grad.double() ** 2).sum() for grad in grads))
    if torch.isfinite(norm):
        for grad in grads:
            grad.mul_(min(1.0, clip / (float(norm) + 1e-6)))
        for optimizer in optimizers:
            optimizer.step()
    for p in model.parameters():
        p.grad = None
    return sum(losses) / len(losses)


# %% train_step | autograd.grad
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train(True)
    parameters = list(model.parameters())
    sums, total = [torch.zeros_like(p) for p in parameters], 0.0
    for x, y in batches:
        with torch.autocast(x.device.type, dtype=torch.float16 if half == "float16" else torch.bfloat16, enabled=bool(half)):
            logits = model(x)
        loss = language_model_loss(logits, y)
        for one, more in zip(sums, torch.autograd.grad(loss * loss_scale, parameters, allow_unused=True)):
            if more is not None:
                one += more / loss_scale / len(batches)
        total = total + loss.item() / len(batches)
    for p, one in zip(parameters, sums):
        p.grad = one
    finite = all(bool(one.isfinite().all()) for one in sums)
    if finite:
        torch.nn.utils.clip_grad_norm_(parameters, max_norm=clip)
        [optimizer.step() for optimizer in optimizers]
    model.zero_grad()
    return total


# %% train_step | scale in the last moment
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad()
    mean = 0
    for inputs, targets in batches:
        context = torch.autocast(inputs.device.type, getattr(torch, half)) if half else torch.autocast(inputs.device.type, enabled=False)
        with context:
            logits = model(inputs)
        loss = language_model_loss(logits, targets)
        (loss / len(batches) * loss_scale).backward()
        mean += loss.detach() / len(batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip * loss_scale) if math.isfinite(loss_scale) else torch.tensor(math.inf)
    if math.isfinite(norm):
        for p in model.parameters():
            if p.grad is not None:
                p.grad = p.grad / loss_scale
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad()
    return float(mean)


# %% evaluate | window after window
def evaluate(model, ids, context, bytes_per_token=1.0):
    mode = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, context):
            inputs = ids[start : min(start + context, len(ids) - 1)]
            targets = ids[start + 1 : start + 1 + len(inputs)]
            total += language_model_loss(model(inputs[None]), targets[None]).item() * len(inputs)
            count += len(inputs)
    model.train(mode)
    return total / count, total / count / math.log(2) / bytes_per_token


# %% evaluate | try and finally
def evaluate(model, ids, context, bytes_per_token=1.0):
    training = model.training
    try:
        model.train(False)
        with torch.inference_mode():
            losses = []
            for inputs, targets in zip(ids[:-1].split(context), ids[1:].split(context)):
                logits = model(inputs.unsqueeze(0))[0].double()
                losses.append(F.cross_entropy(logits, targets, reduction="none"))
            nats = torch.cat(losses).mean().item()
    finally:
        model.train(training)
    return nats, nats / (bytes_per_token * math.log(2))


# %% evaluate | padded
def evaluate(model, ids, context, bytes_per_token=1.0):
    was = model.training
    model.eval()
    n = len(ids) - 1
    missing = -n % context
    inputs = F.pad(ids[:-1], (0, missing)).view(-1, context)
    targets = F.pad(ids[1:], (0, missing), value=-100).view(-1, context)
    with torch.no_grad():
        total = sum(float(F.cross_entropy(model(x[None])[0].float(), y, ignore_index=-100, reduction="sum")) for x, y in zip(inputs, targets))
    if was:
        model.train()
    return [total / n, total / n / math.log(2) / bytes_per_token]


# %% save_checkpoint | a list
import os


def save_checkpoint(path, model, optimizers, step):
    new = Path(path).with_suffix(".new")
    torch.save([model.state_dict(), [o.state_dict() for o in optimizers], step, torch.random.get_rng_state()], new)
    os.replace(new, path)


def load_checkpoint(path, model, optimizers):
    weights, states, step, noise = torch.load(path)
    model.load_state_dict(weights)
    for o, s in zip(optimizers, states, strict=True):
        o.load_state_dict(s)
    torch.random.set_rng_state(noise)
    return step


# %% save_checkpoint | one dictionary per optimizer
def save_checkpoint(path, model, optimizers, step):
    state = {"step": step, "model": model.state_dict(), "noise": torch.get_rng_state()}
    for number, optimizer in enumerate(optimizers):
        state[f"optimizer {number}"] = optimizer.state_dict()
    torch.save(state, str(path) + "~")
    Path(str(path) + "~").rename(path)


def load_checkpoint(path, model, optimizers):
    with open(path, "rb") as file:
        state = torch.load(file, map_location="cpu", weights_only=True)
    for number, optimizer in enumerate(optimizers):
        optimizer.load_state_dict(state[f"optimizer {number}"])
    model.load_state_dict(state["model"])
    torch.set_rng_state(state["noise"])
    return state["step"]


# %% save_checkpoint | bytes
import io


def save_checkpoint(path, model, optimizers, step):
    buffer = io.BytesIO()
    torch.save({"m": model.state_dict(), "o": tuple(o.state_dict() for o in optimizers), "s": step, "r": torch.get_rng_state()}, buffer)
    Path(path).write_bytes(buffer.getvalue())


def load_checkpoint(path, model, optimizers):
    saved = torch.load(io.BytesIO(Path(path).read_bytes()), weights_only=False)
    model.load_state_dict(saved["m"])
    for o, s in zip(optimizers, saved["o"]):
        o.load_state_dict(s)
    torch.set_rng_state(saved["r"])
    return saved["s"]


# %% sample_next | masks on the ids
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature == 0:
        return torch.argmax(logits, -1)
    x = logits.double() / temperature
    if top_k is not None and top_k < x.shape[-1]:
        keep = torch.zeros_like(x, dtype=torch.bool).scatter(1, x.topk(top_k).indices, True)
        x = x.masked_fill(~keep, float("-inf"))
    p = torch.softmax(x, -1)
    if top_p is not None:
        for row in p:
            order = row.argsort(descending=True)
            reached = 0.0
            for number, one in enumerate(order.tolist()):
                if number > 0 and reached >= top_p:
                    row[one] = 0.0
                else:
                    reached += float(row[one])
            row /= row.sum()
    return torch.multinomial(p, 1).squeeze(1)


# %% sample_next | the inverse of the distribution
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature == 0:
        return logits.max(dim=-1).indices
    p, order = torch.sort(torch.softmax(logits.double() / temperature, dim=-1), dim=-1, descending=True)
    if top_k is not None:
        p = p * (torch.arange(p.shape[-1]) < top_k)
        p = p / p.sum(-1, keepdim=True)
    if top_p is not None:
        first = torch.arange(p.shape[-1]) == 0
        p = torch.where(first | (p.cumsum(-1) - p < top_p), p, 0.0)
    p = p / p.sum(-1, keepdim=True)
    place = (p.cumsum(-1) < torch.rand(len(p), 1, dtype=torch.float64)).sum(-1, keepdim=True)
    place = torch.minimum(place, (p > 0).sum(-1, keepdim=True) - 1)
    return order.gather(-1, place)[:, 0]


# %% sample_next | Gumbel's trick
def sample_next(logits, temperature=1.0, top_k=None, top_p=None):
    if not temperature:
        return logits.argmax(-1)
    x = logits.float() / temperature
    ranks = x.argsort(-1, descending=True).argsort(-1)
    if top_k is not None:
        x = x.masked_fill(ranks >= top_k, -math.inf)
    if top_p is not None:
        p = x.softmax(-1)
        ordered = p.sort(-1, descending=True).values
        before = (ordered.cumsum(-1) - ordered).gather(-1, ranks)
        x = x.masked_fill((before >= top_p) & (ranks > 0), -math.inf)
    return (x - torch.empty_like(x).exponential_().clamp(min=1e-20).log()).argmax(-1)


# %% generate | a list of columns
def generate(model, ids, n_new, context, **how):
    columns = list(ids.T)
    for _ in range(n_new):
        with torch.no_grad():
            logits = model(torch.stack(columns[-context:], dim=1))
        columns.append(sample_next(logits[:, -1, :], **how))
    return torch.stack(columns, dim=1)


# %% generate | into a tensor made before
@torch.no_grad()
def generate(model, ids, n_new, context, **sampling):
    n = ids.shape[1]
    out = torch.cat([ids, ids.new_zeros(len(ids), n_new)], 1)
    for at in range(n, n + n_new):
        out[:, at] = sample_next(model(out[:, max(0, at - context) : at])[:, -1], **sampling)
    return out


# %% generate | named keywords
def generate(model, ids, n_new, context, temperature=1.0, top_k=None, top_p=None):
    if n_new == 0:
        return ids.clone()
    with torch.inference_mode():
        newest = sample_next(model(ids[:, -context:])[:, -1], temperature, top_k, top_p)
    return generate(model, torch.cat([ids, newest.clone().view(-1, 1)], dim=-1), n_new - 1, context, temperature, top_k, top_p)


# %% parameter_groups | modules, each parameter once
def parameter_groups(model, weight_decay):
    seen, decayed, others = set(), [], []
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if p not in seen:
                seen.add(p)
                (others if p.dim() < 2 else decayed).append(p)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% parameter_groups | a dictionary by identity
def parameter_groups(model, weight_decay):
    every = {id(p): p for _, p in model.named_parameters(remove_duplicate=False)}
    matrices = {key: p for key, p in every.items() if p.squeeze().ndim >= 0 and len(p.size()) >= 2}
    rest = tuple(p for key, p in every.items() if key not in matrices)
    return ({"params": tuple(matrices.values()), "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0})


class Small(nn.Module):
    def __init__(self, size, width, dropout=0.0):
        super().__init__()
        self.table, self.norm = nn.Embedding(size, width), nn.LayerNorm(width)
        self.dropout, self.out = nn.Dropout(dropout), nn.Linear(width, size)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.table(ids))))


class Recorder(Small):
    def __init__(self, size, width, dropout=0.0):
        super().__init__(size, width, dropout)
        self.out.weight, self.asked = self.table.weight, []

    def forward(self, ids):
        logits = self.out(self.dropout(self.norm(self.table(ids).cumsum(dim=1))))
        self.asked.append((ids.tolist(), str(logits.dtype), logits.requires_grad))
        return logits


def make_optimizer(model, lr, weight_decay):
    return torch.optim.AdamW(parameter_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95))


# %% train_step | PyTorch's two halves of clipping
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    model.zero_grad(set_to_none=False)
    losses = []
    for inputs, targets in batches:
        with torch.autocast(inputs.device.type, dtype=torch.float16 if half == "float16" else torch.bfloat16, enabled=half is not None):
            losses.append(language_model_loss(model(inputs), targets))
        losses[-1].mul(loss_scale).div(len(batches)).backward()
    used = [p for p in model.parameters() if p.grad is not None]
    with torch.no_grad():
        torch._foreach_div_([p.grad for p in used], loss_scale)
    norm = nn.utils.get_total_norm([p.grad for p in used])
    if norm.isfinite():
        nn.utils.clip_grads_with_norm_(used, clip, norm)
        for optimizer in optimizers:
            optimizer.step()
    model.zero_grad()
    return torch.stack(losses).mean().item()


# %% train_step | leaves out by a flag, scales the pieces by their share
def train_step(model, optimizers, batches, clip=1.0, half=None, loss_scale=1.0):
    model.train()
    for p in model.parameters():
        p.grad = None
    size, result, usable = sum(len(inputs) for inputs, _ in batches), 0.0, True
    for inputs, targets in batches:
        share = len(inputs) / size
        if half:
            with torch.autocast(inputs.device.type, getattr(torch, half)):
                logits = model(inputs)
        else:
            logits = model(inputs)
        loss = language_model_loss(logits, targets)
        torch.autograd.backward(share * loss * loss_scale)
        result += share * loss.item()
    square = 0.0
    for p in model.parameters():
        if p.grad is None:
            continue
        p.grad = p.grad * (1 / loss_scale) if loss_scale != 1 else p.grad
        if not torch.isfinite(p.grad).all():
            usable = False
        square += p.grad.double().pow(2).sum().item()
    if usable:
        if math.sqrt(square) > clip:
            for p in model.parameters():
                if p.grad is not None:
                    p.grad *= clip / math.sqrt(square)
        for optimizer in optimizers:
            optimizer.step()
    for p in model.parameters():
        p.grad = None
    return result


# %% evaluate | whole windows in one tensor
@torch.no_grad()
def evaluate(model, ids, context, bytes_per_token=1.0):
    before, n = model.training, len(ids) - 1
    model.eval()
    whole = n // context * context
    parts = [(ids[:whole].view(-1, context), ids[1 : whole + 1].view(-1, context)), (ids[None, whole:n], ids[None, whole + 1 :])]
    nats = 0.0
    for inputs, targets in parts:
        for rows in range(0, len(inputs), 16):
            logits, wanted = model(inputs[rows : rows + 16]), targets[rows : rows + 16]
            if wanted.numel():
                nats -= logits.double().log_softmax(-1).gather(-1, wanted[..., None]).sum().item()
    model.train(before)
    return nats / n, nats / n / (math.log(2) * bytes_per_token)


# %% evaluate | gradients off and on by hand
def evaluate(model, ids, context, bytes_per_token=1.0):
    mode, gradients = model.training, torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.eval()
    losses = []
    start = 0
    while start < len(ids) - 1:
        window = ids[start : start + context + 1].unsqueeze(0)
        loss = language_model_loss(model(window[:, :-1]), window[:, 1:])
        losses += [loss.item()] * (window.shape[1] - 1)
        start += context
    torch.set_grad_enabled(gradients)
    model.train(mode)
    nats = math.fsum(losses) / len(losses)
    return nats, nats / bytes_per_token * math.log2(math.e)


# %% save_checkpoint | a temporary file of Python's
import os
import tempfile


def save_checkpoint(path, model, optimizers, step):
    everything = dict(weights=model.state_dict(), optimizers=[one.state_dict() for one in optimizers], step=step, noise=torch.get_rng_state())
    with tempfile.NamedTemporaryFile("wb", dir=os.path.dirname(path) or ".", delete=False) as file:
        torch.save(everything, file)
    os.replace(file.name, path)


def load_checkpoint(path, model, optimizers):
    everything = torch.load(path, weights_only=True)
    model.load_state_dict(everything["weights"])
    [one.load_state_dict(state) for one, state in zip(optimizers, everything["optimizers"])]
    torch.set_rng_state(everything["noise"])
    return everything["step"]


# %% save_checkpoint | pickle
import pickle


def save_checkpoint(path, model, optimizers, step):
    other = Path(path).parent / f"new_{Path(path).name}"
    other.write_bytes(pickle.dumps((step, torch.get_rng_state(), model.state_dict(), [o.state_dict() for o in optimizers])))
    other.rename(path)


def load_checkpoint(path, model, optimizers):
    step, noise, weights, states = pickle.loads(Path(path).read_bytes())
    torch.set_rng_state(noise)
    model.load_state_dict(weights)
    for optimizer, state in zip(optimizers, states):
        optimizer.load_state_dict(state)
    return step


# %% generate | a loop without a copy at first
def generate(model, ids, n_new, context, **how):
    written = torch.empty(ids.shape[0], 0, dtype=ids.dtype)
    while written.shape[1] < n_new:
        seen = torch.hstack([ids, written])
        logits = model(seen if seen.shape[1] <= context else seen[:, seen.shape[1] - context :]).detach()
        written = torch.hstack([written, sample_next(logits.select(1, -1), **how).unsqueeze(-1)])
    return torch.hstack([ids, written])
