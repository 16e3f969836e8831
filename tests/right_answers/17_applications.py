# Right answers to lesson 17, in other styles than the solution's.


# %% evaluate | loops and a Counter
def evaluate(predict, train, held_out, padding=-100):
    found = predict(held_out[0])
    seen = Counter(one for one in train[1].flatten().tolist() if one != padding)
    most = max(seen.values())
    majority = min(one for one, count in seen.items() if count == most)
    right = same = total = 0
    for mine, wanted in zip(found.flatten().tolist(), held_out[1].flatten().tolist()):
        if wanted == padding:
            continue
        total += 1
        right += mine == wanted
        same += wanted == majority
    return {"accuracy": right / total, "majority": same / total}


# %% evaluate | NumPy
def evaluate(predict, train, held_out, padding=-100):
    inputs, targets = held_out
    answers, targets = np.asarray(predict(inputs)), np.asarray(targets)
    values, counts = np.unique(np.asarray(train[1])[np.asarray(train[1]) != padding], return_counts=True)
    keep = targets != padding
    return {
        "majority": float((targets[keep] == values[counts.argmax()]).mean()),
        "accuracy": float((answers[keep] == targets[keep]).mean()),
    }


# %% evaluate | sums by a mask, bincount, and tensors in the dictionary
def evaluate(predict, train, held_out, padding=-100):
    _, seen = train
    inputs, targets = held_out
    mask = (targets != padding).double()
    seen = seen[seen != padding]
    lowest = int(seen.min())
    majority = torch.bincount(seen - lowest).argmax() + lowest
    accuracy = ((predict(inputs) == targets) * mask).sum() / mask.sum()
    return dict(accuracy=accuracy, majority=((targets == majority) * mask).sum() / mask.sum())


# %% evaluate | mode
def evaluate(predict, train, held_out, padding=-100):
    inputs, targets = held_out
    most = torch.mode(train[1][train[1] != padding]).values
    wanted = targets[targets != padding]
    return {
        "accuracy": float((predict(inputs)[targets != padding] == wanted).float().mean()),
        "majority": float((wanted == most).float().mean()),
    }


# %% classify | a loop over the texts
def classify(states, real, weight, bias):
    rows = []
    for state, mask in zip(states, real):
        kept = state[mask]
        rows.append(kept.mean(dim=0) if len(kept) else torch.zeros_like(state[0]))
    return F.linear(torch.stack(rows), weight, bias)


# %% classify | torch.where and einsum
def classify(states, real, weight, bias):
    clean = torch.where(real.unsqueeze(-1), states, torch.zeros((), dtype=states.dtype, device=states.device))
    count = torch.maximum(real.sum(1), torch.ones_like(real.sum(1)))
    return torch.einsum("bnd,cd,b->bc", clean, weight, 1 / count.to(states.dtype)) + bias


# %% classify | attention weights, the same for all real tokens
def classify(states, real, weight, bias):
    shares = real.to(states.dtype) / real.sum(dim=1, keepdim=True).clamp(min=1)
    states = states.masked_fill(real.logical_not().unsqueeze(2), 0.0)
    return (shares.unsqueeze(1) @ states).squeeze(1) @ weight.t() + bias


# %% span_scores | logsumexp
def span_scores(queries, states, allowed):
    scores = torch.einsum("bqd,bnd->bqn", queries, states) / math.sqrt(states.size(-1))
    blocked = ~allowed.unsqueeze(1)
    lowest = torch.finfo(scores.dtype).min
    total = scores.masked_fill(blocked, lowest).logsumexp(dim=-1, keepdim=True)
    return (scores - total).masked_fill(blocked, float("-inf"))


# %% span_scores | a loop over texts that picks what is allowed
def span_scores(queries, states, allowed):
    rows = []
    for q, h, mask in zip(queries, states, allowed):
        row = torch.full((2, len(h)), -math.inf, dtype=h.dtype, device=h.device)
        if mask.device.type == "meta":
            rows.append(row)
            continue
        if mask.any():
            row = row.index_copy(1, mask.nonzero()[:, 0], F.log_softmax(q @ h[mask].T / h.shape[-1] ** 0.5, dim=-1))
        rows.append(row)
    return torch.stack(rows)


# %% span_scores | queries divided first, torch.where
def span_scores(queries, states, allowed):
    scores = (queries / queries.shape[-1] ** 0.5) @ states.transpose(1, 2)
    mask = allowed[:, None, :].expand_as(scores)
    low = torch.full_like(scores, torch.finfo(scores.dtype).min)
    return torch.where(mask, torch.where(mask, scores, low).log_softmax(-1), torch.full_like(scores, -math.inf))


# %% best_span | two loops
def best_span(scores, longest):
    found = []
    for first_scores, last_scores in scores.tolist() if scores.device.type != "meta" else []:
        best, pair = -math.inf, None
        for i, a in enumerate(first_scores):
            for j in range(i, min(len(last_scores), i + longest)):
                if a + last_scores[j] > best:
                    best, pair = a + last_scores[j], (i, j)
        found.append(pair)
    if not found:
        return torch.empty(len(scores), 2, dtype=torch.long, device=scores.device)
    return torch.tensor(found)


# %% best_span | distances and torch.where
def best_span(scores, longest):
    n = scores.shape[-1]
    places = torch.arange(n, device=scores.device)
    gap = places[None, :] - places[:, None]
    sums = scores[:, 0].unsqueeze(2) + scores[:, 1].unsqueeze(1)
    sums = torch.where((gap >= 0) & (gap < longest), sums, torch.full_like(sums, -math.inf))
    over_last = sums.max(dim=2)
    first = over_last.values.argmax(dim=1)
    last = over_last.indices.gather(1, first[:, None])[:, 0]
    return torch.stack((first, last), dim=-1)


# %% best_span | a slice for each length
def best_span(scores, longest):
    n = scores.shape[-1]
    tops, places = [], []
    for length in range(min(longest, n)):
        sums = scores[:, 0, : n - length] + scores[:, 1, length:]
        top, place = sums.max(dim=1)
        tops.append(top)
        places.append(torch.stack([place, place + length], dim=1))
    choice = torch.stack(tops, dim=1).argmax(dim=1)
    return torch.stack(places, dim=1).gather(1, choice[:, None, None].expand(-1, 1, 2))[:, 0]


# %% summarize | sets of tuples
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    memory = encode(source)
    rows = [[] for _ in source]
    done = [False] * len(rows)
    seen = [set() for _ in rows]
    for step in range(longest):
        ids = torch.tensor([[start] + row for row in rows])
        with torch.no_grad():
            logits = decode(ids, memory)[:, -1, :]
        for k, row in enumerate(rows):
            for number in logits[k].argsort(descending=True).tolist():
                run = tuple((row + [number])[-n_gram:])
                if number == end or len(run) < n_gram or run not in seen[k]:
                    break
            row.append(number)
            if len(row) >= n_gram:
                seen[k].add(tuple(row[-n_gram:]))
            done[k] = done[k] or number == end
        if all(done):
            break
    result = []
    for row in rows:
        text = []
        for number in row:
            if number == end:
                break
            text.append(number)
        result.append(text)
    return result


# %% summarize | a tensor of ids that grows
@torch.no_grad()
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    memory = encode(source)
    ids = torch.full((len(source), 1), start, dtype=torch.int64)
    for _ in range(longest):
        logits = decode(ids, memory)[:, -1].double()
        banned = torch.zeros(logits.shape, dtype=torch.bool)
        for k, row in enumerate(ids[:, 1:].tolist()):
            tail = row[len(row) - (n_gram - 1) :]
            if len(tail) < n_gram - 1:
                continue
            for place in range(len(row) - n_gram + 1):
                if row[place : place + n_gram - 1] == tail:
                    banned[k, row[place + n_gram - 1]] = True
        banned[:, end] = False
        ids = torch.cat([ids, logits.masked_fill(banned, float("-inf")).argmax(-1, keepdim=True)], dim=1)
        if (ids[:, 1:] == end).any(dim=1).all():
            break
    texts = []
    for row in ids[:, 1:].tolist():
        texts.append(row[: row.index(end)] if end in row else row)
    return texts


# %% summarize | rows that have ended write end again and again
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    with torch.no_grad():
        memory, written = encode(source), torch.full((source.shape[0], 1), start, device=source.device)
        ended = torch.zeros(source.shape[0], dtype=torch.bool, device=source.device)
        while written.shape[1] <= longest and not bool(ended.all()):
            scores = decode(written, memory)[:, -1].clone()
            for k in range(len(scores)):
                row = written[k, 1:].tolist()
                followers = {}
                for place in range(len(row) - n_gram + 1):
                    followers.setdefault(tuple(row[place : place + n_gram - 1]), []).append(row[place + n_gram - 1])
                key = tuple(row[len(row) - n_gram + 1 :]) if n_gram > 1 else ()
                for number in followers.get(key, []):
                    if number != end:
                        scores[k, number] = -math.inf
            newest = scores.argmax(dim=-1).masked_fill(ended, end)
            written = torch.cat([written, newest[:, None]], dim=1)
            ended |= newest == end
    return [[*row[: row.index(end)]] if end in row else row for row in written[:, 1:].tolist()]


# %% beam_search | sorted lists
def beam_search(decode, start, end, width, longest, alpha=0.0):
    beam, done = [(0.0, [])], []
    for _ in range(longest):
        logits = decode(torch.tensor([[start] + ids for _, ids in beam]))
        grown = []
        for (total, ids), row in zip(beam, logits.double().log_softmax(-1).tolist()):
            for number, score in enumerate(row):
                grown.append((total + score, ids + [number]))
        grown.sort(key=lambda pair: pair[0], reverse=True)
        beam = []
        for total, ids in grown[:width]:
            if ids[-1] == end:
                done.append((total, ids))
            else:
                beam.append((total, ids))
        if not beam:
            break
    total, ids = max(done + beam, key=lambda pair: pair[0] / len(pair[1]) ** alpha)
    if ids[-1] == end:
        ids = ids[:-1]
    return ids, total


# %% beam_search | tensors
def beam_search(decode, start, end, width, longest, alpha=0.0):
    ids, totals = torch.tensor([[start]]), torch.zeros(1, dtype=torch.float64)
    best, best_score = None, -math.inf

    def offer(row, total):
        nonlocal best, best_score
        score = total / (len(row) - 1) ** alpha
        if score > best_score:
            best, best_score = (row, total), score

    for _ in range(longest):
        shares = F.log_softmax(decode(ids).to(torch.float64), dim=1)
        sums = totals[:, None] + shares
        values, places = sums.view(-1).topk(min(width, sums.numel()))
        parents = torch.div(places, shares.shape[1], rounding_mode="floor")
        new = torch.cat([ids[parents], (places % shares.shape[1])[:, None]], dim=1)
        ended = new[:, -1] == end
        for row, total in zip(new[ended].tolist(), values[ended].tolist()):
            offer(row, total)
        ids, totals = new[~ended], values[~ended]
        if not len(ids):
            break
    for row, total in zip(ids.tolist(), totals.tolist()):
        offer(row, total)
    row, total = best
    return [one for one in row[1:] if one != end], torch.tensor(total)


# %% beam_search | a class for a beginning, heapq
def beam_search(decode, start, end, width, longest, alpha=0.0):
    import heapq
    from collections import namedtuple

    Beginning = namedtuple("Beginning", ["total", "ids"])
    alive, ended, steps = [Beginning(0.0, (start,))], [], 0
    while alive and steps < longest:
        logits = decode(torch.tensor([list(one.ids) for one in alive]))
        logs = logits - logits.logsumexp(dim=-1, keepdim=True)
        everything = [
            Beginning(one.total + float(logs[k, number]), (*one.ids, number))
            for k, one in enumerate(alive)
            for number in range(logs.shape[1])
        ]
        kept = heapq.nlargest(width, everything, key=lambda one: one.total)
        ended += [one for one in kept if one.ids[-1] == end]
        alive = [one for one in kept if one.ids[-1] != end]
        steps += 1
    best = max(ended + alive, key=lambda one: one.total * (len(one.ids) - 1) ** -alpha)
    return [one for one in best.ids[1:] if one != end], best.total


# %% spectrogram | a loop over the frames
def spectrogram(sound, size, hop):
    window = torch.hann_window(size, dtype=sound.dtype, device=sound.device)
    n = sound.shape[-1]
    frames = [sound[..., begin : begin + size] * window for begin in range(0, n - size + 1, hop)]
    return torch.stack([torch.fft.rfft(frame).abs() ** 2 for frame in frames], dim=-2)


# %% spectrogram | the sum as a matrix product
def spectrogram(sound, size, hop):
    places = torch.arange(size, dtype=torch.float64, device=sound.device)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * places / size)
    angles = 2 * math.pi * torch.outer(places, torch.arange(size // 2 + 1, dtype=torch.float64, device=sound.device)) / size
    frames = sound.unfold(-1, size, hop).double() * window
    power = (frames @ torch.cos(angles)) ** 2 + (frames @ torch.sin(angles)) ** 2
    return power.to(sound.dtype)


# %% spectrogram | indices of the frames, and the transform's two parts
def spectrogram(sound, size, hop):
    count = 1 + (sound.shape[-1] - size) // hop
    index = hop * torch.arange(count, device=sound.device)[:, None] + torch.arange(size, device=sound.device)
    transformed = torch.fft.rfft(sound[..., index] * torch.hann_window(size, device=sound.device).to(sound.dtype), dim=-1)
    if sound.dtype == torch.float64:
        transformed = torch.fft.rfft(
            sound[..., index] * torch.hann_window(size, device=sound.device, dtype=torch.float64), dim=-1
        )
    return transformed.real.square() + transformed.imag.square()
