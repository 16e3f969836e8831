# Other right answers to lesson 7, in styles of their own.


# %% AdditiveAttention | a loop over queries
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.v = nn.Linear(d_hidden, 1, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)

    def forward(self, query, memory, mask=None):
        if mask is not None:
            mask = mask.expand(len(query), query.shape[1], memory.shape[1])
        keys, contexts, rows = self.k_proj(memory), [], []
        for i in range(query.shape[1]):
            scores = self.v(torch.tanh(self.q_proj(query[:, i : i + 1]) + keys))[..., 0]  # (batch, n_k)
            if mask is None:
                weights = F.softmax(scores, dim=1)
            else:
                weights = F.softmax(scores.masked_fill(~mask[:, i], torch.finfo(scores.dtype).min), dim=1) * mask[:, i]
            rows.append(weights)
            contexts.append((weights[..., None] * memory).sum(dim=1))
        return torch.stack(contexts, dim=1), torch.stack(rows, dim=1)


# %% AdditiveAttention | einsum, minus infinity and nan_to_num
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)

    def forward(self, query, memory, mask=None):
        q = torch.einsum("bqd,hd->bqh", query, self.q_proj.weight)
        k = torch.einsum("bkd,hd->bkh", memory, self.k_proj.weight)
        scores = torch.einsum("bqkh,h->bqk", (q.unsqueeze(2) + k.unsqueeze(1)).tanh(), self.v.weight[0])
        if mask is not None:
            empty = ~mask.any(dim=-1, keepdim=True)
            scores = torch.where(mask | empty, scores, -torch.inf)
        weights = torch.softmax(scores, -1)
        if mask is not None:
            weights = torch.where(empty, 0.0, weights)
        return torch.einsum("bqk,bkd->bqd", weights, memory), weights


# %% AdditiveAttention | softmax by hand, with the maximum taken off; another initialization; a list returned
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        for name, sizes in {"q_proj": (d_query, d_hidden), "k_proj": (d_memory, d_hidden), "v": (d_hidden, 1)}.items():
            setattr(self, name, nn.Linear(*sizes, bias=False))
            nn.init.xavier_uniform_(getattr(self, name).weight)

    def scores(self, query, memory):
        return self.v(torch.tanh(self.q_proj(query)[:, :, None, :] + self.k_proj(memory)[:, None, :, :]))[..., 0]

    def forward(self, query, memory, mask=None):
        scores = self.scores(query, memory)
        if mask is None:
            mask = torch.ones_like(scores, dtype=torch.bool)
        low = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        powers = torch.exp(low - low.amax(dim=-1, keepdim=True).detach()) * mask
        total = powers.sum(dim=-1, keepdim=True)
        weights = powers / torch.where(total > 0, total, 1.0)
        return [torch.bmm(weights, memory), weights]


# %% AdditiveAttention | queries and keys repeated to pairs, bmm, the lowest number after expand
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super(AdditiveAttention, self).__init__()
        self.q_proj, self.k_proj = nn.Linear(d_query, d_hidden, bias=False), nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(in_features=d_hidden, out_features=1, bias=False)

    def forward(self, query, memory, mask=None):
        batch, n_q, _ = query.size()
        n_k = memory.size(1)
        queries = self.q_proj(query).repeat_interleave(n_k, dim=1)  # (batch, n_q · n_k, d_hidden)
        keys = self.k_proj(memory).repeat(1, n_q, 1)
        scores = self.v((queries + keys).tanh()).view(batch, n_q, n_k)
        if mask is None:
            weights = scores.softmax(2)
        else:
            mask = torch.broadcast_to(mask, scores.shape)
            scores = torch.where(mask, scores, torch.full_like(scores, torch.finfo(scores.dtype).min))
            weights = torch.where(mask, scores.softmax(2), torch.zeros_like(scores))
        return torch.bmm(weights, memory), weights


# %% DecoderStep | unsqueeze and squeeze(1), names of its own inside
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.out = nn.Linear(d_memory + d_state, n_tokens)
        self.cell = nn.GRUCell(input_size=d_embed + d_memory, hidden_size=d_state)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.embedding = nn.Embedding(n_tokens, d_embed)

    def forward(self, token, state, memory, mask=None):
        if mask is not None:
            mask = mask.unsqueeze(1)
        context, weights = self.attention(query=state.unsqueeze(1), memory=memory, mask=mask)
        context = context.squeeze(1)
        x = torch.cat((self.embedding(token), context), 1)
        new_state = self.cell(x, state)
        logits = self.out(torch.cat((new_state, context), 1))
        return [logits, new_state, weights.squeeze(1)]


# %% DecoderStep | the context from the weights, the table read by its rows
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        if mask is None:
            mask = torch.ones(memory.shape[:2], dtype=torch.bool, device=memory.device)
        weights = self.attention(state.view(len(state), 1, -1), memory, mask.view(len(mask), 1, -1))[1].flatten(1)
        context = torch.einsum("bk,bkd->bd", weights, memory)
        state = self.cell(torch.hstack([self.embedding.weight[token], context]), state)
        return self.out(torch.hstack([state, context])), state, weights


# %% DecoderStep | the GRU's gates by hand
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)

    def forward(self, token, state, memory, mask=None):
        context, weights = (x[:, 0] for x in self.attention(state[:, None], memory, None if mask is None else mask[:, None]))
        x = torch.cat([self.embedding(token), context], dim=-1)
        from_x = F.linear(x, self.cell.weight_ih, self.cell.bias_ih).chunk(3, dim=-1)
        from_state = F.linear(state, self.cell.weight_hh, self.cell.bias_hh).chunk(3, dim=-1)
        reset, update = (torch.sigmoid(a + b) for a, b in zip(from_x[:2], from_state[:2]))
        candidate = torch.tanh(from_x[2] + reset * from_state[2])
        new = (1 - update) * candidate + update * state
        return self.out(torch.cat([new, context], dim=-1)), new, weights


# %% DecoderStep | the output layer in two halves, which are added
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, d_embed)
        self.attention = AdditiveAttention(d_state, d_memory, d_hidden)
        self.cell = nn.GRUCell(d_embed + d_memory, d_state)
        self.out = nn.Linear(d_state + d_memory, n_tokens)
        self.d_state = d_state

    def look(self, state, memory, mask):
        context, weights = self.attention(state[:, None], memory, mask[:, None] if mask is not None else None)
        return context[:, 0], weights[:, 0]

    def forward(self, token, state, memory, mask=None):
        context, weights = self.look(state, memory, mask)
        new = self.cell(torch.cat([self.embedding(token), context], -1), state)
        of_state, of_context = self.out.weight[:, : self.d_state], self.out.weight[:, self.d_state :]
        return new @ of_state.T + context @ of_context.T + self.out.bias, new, weights


# %% sequence_loss | cross_entropy with the tokens in the second dimension
def sequence_loss(logits, targets, pad_id):
    return F.cross_entropy(logits.transpose(1, 2), targets[:, 1:], ignore_index=pad_id)


# %% sequence_loss | log_softmax and gather, masked and divided by hand
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:]
    counts = said != pad_id
    losses = -logits.log_softmax(dim=-1).gather(-1, said.masked_fill(~counts, 0).unsqueeze(-1)).squeeze(-1)
    return losses.masked_fill(~counts, 0.0).sum() / counts.sum()


# %% sequence_loss | the tokens that count picked out first
def sequence_loss(logits, targets, pad_id):
    counts = targets[:, 1:] != pad_id
    return nn.CrossEntropyLoss()(logits[counts], targets[:, 1:][counts])


# %% sequence_loss | a loop over lines and steps
def sequence_loss(logits, targets, pad_id):
    losses = []
    for rows, line in zip(logits, targets):
        for row, said in zip(rows, line[1:].tolist()):
            if said != pad_id:
                losses.append(torch.logsumexp(row, dim=0) - row[said])
    return torch.stack(losses).mean()


# %% sequence_loss | the sum, divided by the number of tokens
def sequence_loss(logits, targets, pad_id):
    said = targets[:, 1:].reshape(-1)
    total = F.nll_loss(F.log_softmax(logits.reshape(len(said), -1), dim=1), said, ignore_index=pad_id, reduction="sum")
    return total / torch.count_nonzero(said - pad_id)


# %% greedy_decode | a for loop with a break
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    token = torch.tensor([start_id] * memory.shape[0], device=memory.device)
    done = torch.zeros(memory.shape[0], dtype=torch.bool, device=memory.device)
    ids, looks = [], []
    for _ in range(n_max):
        logits, state, weights = step(token, state, memory, mask)
        token = torch.where(done, end_id, logits.argmax(-1))
        ids.append(token)
        looks.append(weights)
        done |= token == end_id
        if bool(done.all()):
            break
    return torch.stack(ids, 1), torch.stack(looks, 1)


# %% greedy_decode | Python lists of ids, line by line
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    lines, looks, token = [[] for _ in memory], [], torch.full((len(memory),), start_id)
    while len(looks) < n_max and not all(end_id in line for line in lines):
        logits, state, weights = step(token, state, memory, mask)
        token = logits.max(dim=-1).indices
        for line, chosen in zip(lines, token.tolist()):
            line.append(end_id if end_id in line else chosen)
        looks.append(weights)
    return torch.tensor(lines), torch.stack(looks).transpose(0, 1)


# %% greedy_decode | everything written, the ends mended afterwards
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    tokens, rows = [memory.new_full((memory.shape[0],), start_id, dtype=torch.long)], []
    ended = torch.zeros_like(tokens[0])
    while True:
        logits, state, weights = step(tokens[-1], state, memory, mask)
        tokens.append(logits.topk(1).indices[:, 0])
        rows.append(weights[:, None])
        ended = ended + (tokens[-1] == end_id)
        if len(rows) == n_max or (ended > 0).all():
            break
    ids = torch.stack(tokens[1:], dim=-1)
    after = (ids == end_id).cumsum(dim=1) > 0
    return torch.where(after, end_id, ids), torch.cat(rows, dim=1)


# %% greedy_decode | recursion
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    def write(token, state, ended, left):
        if left == 0 or ended.all():
            return [], []
        logits, state, weights = step(token, state, memory, mask)
        token = logits.argsort(dim=-1, descending=True)[:, 0]
        token = torch.where(ended, torch.full_like(token, end_id), token)
        ids, rows = write(token, state, ended.logical_or(token == end_id), left - 1)
        return [token, *ids], [weights, *rows]

    batch = memory.shape[0]
    ids, rows = write(torch.full([batch], start_id), state, torch.zeros(batch, dtype=torch.bool), n_max)
    return [torch.stack(ids, dim=1), torch.stack(rows, dim=1)]


# %% AdditiveAttention | no broadcasting by None: unsqueeze, the mask as numbers, softmax as a module
class AdditiveAttention(nn.Module):
    def __init__(self, d_query, d_memory, d_hidden):
        super().__init__()
        self.q_proj = nn.Linear(d_query, d_hidden, bias=False)
        self.k_proj = nn.Linear(d_memory, d_hidden, bias=False)
        self.v = nn.Linear(d_hidden, 1, bias=False)
        self.to_weights = nn.Softmax(dim=-1)

    def forward(self, query, memory, mask=None):
        scores = torch.squeeze(self.v(torch.tanh(torch.add(self.q_proj(query).unsqueeze(2), self.k_proj(memory).unsqueeze(1)))), -1)
        if mask is not None:
            scores = scores.masked_fill(mask.logical_not(), torch.finfo(scores.dtype).min)
        weights = self.to_weights(scores)
        weights = weights if mask is None else weights * mask.to(weights.dtype)
        return torch.matmul(weights, memory), weights


# %% DecoderStep | an index for the query, parts kept in a dictionary of modules
class DecoderStep(nn.Module):
    def __init__(self, n_tokens, d_embed, d_state, d_memory, d_hidden):
        super().__init__()
        parts = {
            "embedding": nn.Embedding(n_tokens, d_embed),
            "attention": AdditiveAttention(d_state, d_memory, d_hidden),
            "cell": nn.GRUCell(d_embed + d_memory, d_state),
            "out": nn.Linear(d_state + d_memory, n_tokens),
        }
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, token, state, memory, mask=None):
        where = () if mask is None else (mask[:, None, :],)
        context, weights = self.attention(state.reshape(state.shape[0], 1, -1), memory, *where)
        token = F.embedding(token, self.embedding.weight)
        new = self.cell(torch.concatenate([token, context.select(1, 0)], dim=1), state)
        return self.out(torch.concatenate([new, context.select(1, 0)], dim=1)), new, weights.select(1, 0)


# %% sequence_loss | one-hot targets and a matrix of logarithms
def sequence_loss(logits, targets, pad_id):
    n_tokens = logits.size(-1)
    said, counts = targets[:, 1:], (targets[:, 1:] != pad_id).to(logits.dtype)
    hot = (said[..., None] == torch.arange(n_tokens)).to(logits.dtype)
    log_p = logits - logits.logsumexp(dim=-1, keepdim=True)
    return -torch.einsum("btv,btv,bt->", log_p, hot, counts) / counts.sum()


# %% greedy_decode | all tokens in one tensor, filled column by column
def greedy_decode(step, state, memory, mask, start_id, end_id, n_max):
    batch, n_k = memory.shape[:2]
    ids = torch.full((batch, n_max + 1), end_id, device=memory.device)
    ids[:, 0] = start_id
    alive, rows = torch.ones(batch, dtype=torch.bool, device=memory.device), []
    for t in range(n_max):
        logits, state, weights = step(ids[:, t], state, memory, mask)
        rows.append(weights)
        ids[alive, t + 1] = torch.argmax(logits, dim=1)[alive]
        alive = alive & (ids[:, t + 1] != end_id)
        if not alive.any():
            break
    return ids[:, 1 : len(rows) + 1], torch.stack(rows, dim=-2)
