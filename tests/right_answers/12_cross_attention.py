# Right answers to lesson 12, in other styles than the solution's.


# %% CrossAttention | written anew, minus infinity
class CrossAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        if d_model % n_heads != 0:
            raise ValueError("d_model must be a multiple of n_heads")
        self.h = n_heads
        for name in "q k v out".split():
            setattr(self, f"{name}_proj", nn.Linear(d_model, d_model))

    def forward(self, x, memory, memory_mask=None):
        q = split_heads(self.q_proj(x), self.h)
        k = split_heads(self.k_proj(memory), self.h)
        v = split_heads(self.v_proj(memory), self.h)
        scores = torch.einsum("bhid,bhjd->bhij", q, k) / math.sqrt(q.size(-1))
        if memory_mask is not None:
            scores = scores.masked_fill(~memory_mask[:, None, None, :], -math.inf)
        weights = F.softmax(scores, dim=-1).nan_to_num(0.0)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CrossAttention | an expanded mask
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        if memory_mask is not None:
            batch, n_memory = memory_mask.shape
            memory_mask = memory_mask.reshape(batch, 1, 1, n_memory).expand(batch, self.n_heads, x.shape[1], n_memory)
        out, weights = MultiHeadAttention.forward(self, x, memory, memory, memory_mask)
        return [out, weights]


# %% CrossAttention | a mask that is always there
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        if memory_mask is None:
            memory_mask = torch.ones(memory.shape[:2], dtype=torch.bool, device=memory.device)
        return super().forward(x, memory, memory, memory_mask.unsqueeze(1).unsqueeze(1))


# %% DecoderBlock | other names inside, one line each
class DecoderBlock(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.self_attention = CausalSelfAttention(width, heads)
        self.cross_attention = CrossAttention(width, heads)
        self.linear_1 = nn.Linear(width, hidden)
        self.linear_2 = nn.Linear(hidden, width)
        self.norm_1 = nn.LayerNorm(width)
        self.norm_2 = nn.LayerNorm(width)
        self.norm_3 = nn.LayerNorm(width)

    def forward(self, x, memory, memory_mask=None):
        a, _ = self.self_attention(self.norm_1(x))
        x = x + a
        b, looks = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + b
        c = self.linear_2(F.relu(self.linear_1(self.norm_3(x))))
        return x + c, looks


# %% DecoderBlock | the mask made here
class DecoderBlock(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden):
        super().__init__()
        self.self_attention, self.cross_attention = MultiHeadAttention(d_model, n_heads), CrossAttention(d_model, n_heads)
        self.linear_1, self.linear_2 = nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)
        for place in (1, 2, 3):
            self.add_module(f"norm_{place}", nn.LayerNorm(d_model))

    def forward(self, x, memory, memory_mask=None):
        normed = self.norm_1(x)
        mask = causal_mask(x.shape[1], x.shape[1]).to(x.device)
        after_self = self.self_attention(normed, normed, normed, mask)[0] + x
        out, weights = self.cross_attention(x=self.norm_2(after_self), memory=memory, memory_mask=memory_mask)
        after_cross = out + after_self
        return after_cross + self.linear_2(self.linear_1(self.norm_3(after_cross)).clamp(min=0)), weights


# %% DecoderBlock | parts as functions
class DecoderBlock(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden):
        super().__init__()
        self.norm_1, self.norm_2, self.norm_3 = (nn.LayerNorm(d_model) for _ in range(3))
        self.self_attention, self.cross_attention = CausalSelfAttention(d_model, n_heads), CrossAttention(d_model, n_heads)
        self.linear_1, self.linear_2 = nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def feed_forward(self, x):
        return self.linear_2(torch.maximum(self.linear_1(x), torch.zeros_like(self.linear_1(x))))

    def forward(self, x, memory, memory_mask=None):
        y = x.clone()
        y = y + self.self_attention(self.norm_1(y))[0]
        looked = self.cross_attention(self.norm_2(y), memory, memory_mask)
        y = y + looked[0]
        return y + self.feed_forward(self.norm_3(y)), looked[1]


# %% translate | lists all the way
def translate(encode, decode, source, start, end, longest):
    memory = encode(source)
    rows = [[start] for _ in range(len(source))]
    for _ in range(longest):
        if all(end in row[1:] for row in rows):
            break
        best = decode(torch.tensor(rows), memory)[:, -1].argmax(-1).tolist()
        rows = [row + [one] for row, one in zip(rows, best)]
    written = []
    for row in rows:
        row = row[1:]
        written.append(row[: row.index(end)] if end in row else row)
    return written


# %% translate | finished rows repeat the end
def translate(encode, decode, source, start, end, longest):
    memory = encode(source)
    ids = source.new_full((source.shape[0], 1), start)
    done = source.new_zeros(source.shape[0], dtype=torch.bool)
    for _ in range(longest):
        newest = torch.where(done, end, decode(ids, memory)[:, -1, :].argmax(-1))
        ids = torch.cat((ids, newest.unsqueeze(1)), 1)
        done |= newest == end
        if bool(done.all()):
            break
    return [[one for one in row if one != end] if start != end else row for row in ids[:, 1:].tolist()]


# %% translate | a recursion
def translate(encode, decode, source, start, end, longest):
    memory = encode(source)

    def go_on(ids):
        written = ids[:, 1:]
        if written.shape[1] == longest or bool((written == end).any(1).all()):
            return written
        return go_on(torch.cat([ids, decode(ids, memory)[:, -1].max(-1).indices[:, None]], 1))

    out = []
    for row in go_on(torch.tensor([[start]] * len(source))).tolist():
        kept = []
        for one in row:
            if one == end:
                break
            kept.append(one)
        out.append(tuple(kept))
    return tuple(out)


# %% bleu | loops and lists
def bleu(candidates, references):
    if len(candidates) != len(references):
        raise ValueError("as many references as candidates, please")
    logs = 0.0
    for n in (1, 2, 3, 4):
        right = total = 0
        for candidate, reference in zip(candidates, references):
            left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
            for i in range(len(candidate) - n + 1):
                total += 1
                gram = tuple(candidate[i : i + n])
                if gram in left:
                    left.remove(gram)
                    right += 1
        if right == 0:
            return 0
        logs += math.log(right) - math.log(total)
    c, r = sum(len(one) for one in candidates), sum(len(one) for one in references)
    return math.exp(logs / 4 + min(0, 1 - r / c))


# %% bleu | strings as n-grams
def bleu(candidates, references):
    if len(candidates) != len(references):
        raise ValueError
    def grams(words, n):
        return Counter(" ".join(words[i:][:n]) for i in range(max(0, len(words) - n + 1)))
    product = 1
    for n in range(1, 5):
        hits = sum(min(count, grams(b, n)[gram]) for a, b in zip(candidates, references) for gram, count in grams(a, n).items())
        tries = sum(max(0, len(a) - n + 1) for a in candidates)
        product = product * hits / tries if tries else 0
    if product == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    return product ** (1 / 4) * (1 if c > r else math.exp(1 - r / c))


# %% bleu | tensors
def bleu(candidates, references):
    if not len(candidates) == len(references):
        raise ValueError("lengths")
    counts = torch.zeros(4, 2, dtype=torch.float64)
    for candidate, reference in zip(candidates, references):
        for n in range(4):
            mine = Counter(zip(*(candidate[i:] for i in range(n + 1))))
            theirs = Counter(zip(*(reference[i:] for i in range(n + 1))))
            counts[n, 0] += sum(min(mine[gram], theirs[gram]) for gram in mine)
            counts[n, 1] += sum(mine.values())
    if (counts[:, 0] == 0).any():
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    return float((counts[:, 0] / counts[:, 1]).log().mean().exp() * min(1, math.exp(1 - r / c)))


# %% patches | unfold
def patches(images, size):
    if images.shape[2] % size != 0 or images.shape[3] % size != 0:
        raise ValueError("the size does not divide the image")
    pieces = images.unfold(2, size, size).unfold(3, size, size)
    return pieces.permute(0, 2, 3, 1, 4, 5).reshape(images.shape[0], -1, images.shape[1] * size * size)


# %% patches | loops
def patches(images, size):
    batch, channels, h, w = images.shape
    if h % size or w % size:
        raise ValueError(size)
    found = []
    for top in range(0, h, size):
        for left in range(0, w, size):
            found.append(images[:, :, top : top + size, left : left + size].flatten(1))
    return torch.stack(found, dim=1)


# %% patches | reshape and transpose
def patches(images, size):
    b, c, h, w = images.shape
    if (h // size) * size != h or (w // size) * size != w:
        raise ValueError("not a multiple")
    x = images.reshape(b, c, h // size, size, w // size, size)
    return torch.einsum("bcisjt->bijcst", x).reshape(b, (h // size) * (w // size), c * size**2)
