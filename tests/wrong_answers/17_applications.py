# Wrong answers to lesson 17, as students write them. Each names the property whose check catches it.


# %% evaluate | padding does not count in the accuracy
# Padding counts.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = torch.ones_like(targets, dtype=torch.bool)
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the accuracy is the share of targets that are predicted, padding apart, in any shape
# Padding is -100, whatever is said.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != -100
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the accuracy is the share of targets that are predicted, padding apart, in any shape
# Padding is everything below 0.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets >= 0
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the accuracy is the share of held-out targets that are predicted
# The model is tried on the training part.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = train
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the baseline says what was most frequent in training, not in the held-out part
# The majority is that of the held-out part.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = targets[asked]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | padding is no answer of the baseline
# Padding may be the majority.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1].flatten()
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the baseline is the most frequent target of training, of equals the smallest, padding apart
# Padding in the training part is taken for -100 always.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != -100]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | padding does not count for the baseline
# The baseline's share counts padding.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets == majority).double().mean().item()}


# %% evaluate | the baseline says what was most frequent in training, not in the held-out part
# The share of the majority in training.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (seen == majority).double().mean().item()}


# %% evaluate | the baseline is the most frequent target of training, of equals the smallest, padding apart
# Of equally frequent targets the largest.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][-1]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the baseline is the most frequent target of training, of equals the smallest, padding apart
# Of equally frequent targets the first one seen.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = Counter(seen.tolist()).most_common(1)[0][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | padding does not count in the accuracy
# The mean of the rows' shares.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    hits = (predict(inputs) == targets) & asked
    right = (hits.flatten(1).sum(dim=1) / asked.flatten(1).sum(dim=1)) if targets.ndim > 1 else hits[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | padding does not count in the accuracy
# A row counts if all of it is right.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets) | ~asked
    right = right.flatten(1).all(dim=1) if targets.ndim > 1 else right
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the model is asked once, about the held-out inputs alone
# The model is asked about one example after the other.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    found = torch.cat([predict(inputs[k : k + 1]) for k in range(len(inputs))])
    right = (found == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the model is asked once, about the held-out inputs alone
# The model is asked about training, too.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    predict(train[0])
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the accuracy is the share of held-out targets that are predicted
# Per cent.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": 100 * right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the accuracy is the share of held-out targets that are predicted
# Errors in place of hits.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) != targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the baseline says what was most frequent in training, not in the held-out part
# The majority itself, not its share.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": float(majority)}


# %% evaluate | padding does not count in the accuracy
# Rounded to two digits.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": round(right.double().mean().item(), 2), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the baseline is the most frequent target of training, of equals the smallest, padding apart
# The median in place of the most frequent.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = seen.median()
    right = (predict(inputs) == targets)[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% evaluate | the model is asked once, about all held-out inputs, and never about training
# The held-out part without its padding is handed to the model.
def evaluate(predict, train, held_out, padding=-100):
    """{"accuracy": share of the held-out targets that are predicted, "majority": share that the majority baseline gets}.

    predict: a function from inputs to integers in the shape of their targets; asked once, with all held-out inputs.
    train, held_out: pairs (inputs, targets); targets: integers (n,) or (n, m), at least one of them not `padding`.
    The baseline is the most frequent target of `train`; of equally frequent ones the smallest. Padding counts nowhere.
    """
    inputs, targets = held_out
    asked = targets != padding
    seen = train[1][train[1] != padding]
    values, counts = seen.unique(return_counts=True)  # sorted by value, so that argmax finds the smallest
    majority = values[counts == counts.max()][0]
    right = predict(inputs[asked]) == targets[asked]
    return {"accuracy": right.double().mean().item(), "majority": (targets[asked] == majority).double().mean().item()}


# %% classify | the mean is that of the real tokens, then come weight and bias
# The mean of all places, padding too.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = states.mean(dim=1)
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# The sum of the real ones by the length of the row.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / states.shape[1]
    return mean @ weight.T + bias


# %% classify | whatever stands in the padding changes nothing
# Padding times 0.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = (states * real[..., None]).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias


# %% classify | a text without any token has a mean of 0
# A text without tokens is divided by 0.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True)
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# A sum in place of a mean.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# The bias is forgotten.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T


# %% classify | a text without any token has a mean of 0
# The bias counts only where there are tokens.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias * real.any(dim=1, keepdim=True)


# %% classify | the mean is that of the real tokens, then come weight and bias
# The state of the first token.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = states[:, 0]
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# The largest in place of the mean.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = states.masked_fill(~real[..., None], -math.inf).amax(dim=1)
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# Probabilities, not logits.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return (mean @ weight.T + bias).softmax(dim=-1)


# %% classify | the mean is that of the real tokens, wherever they stand, in any size
# Real tokens are taken to stand in front.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = torch.stack([row[: int(n)].sum(dim=0) for row, n in zip(states, real.sum(dim=1))])
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# The mask is the wrong way round.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# One count for the whole batch.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1).clamp(min=1).max()
    return mean @ weight.T + bias


# %% classify | the arguments are left as they were
# Written into the argument.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    states[~real] = 0
    total = states.sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias


# %% classify | every real state gets its share of the gradient, padding none
# Without the gradient.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total.detach() / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean @ weight.T + bias


# %% classify | the mean is that of the real tokens, then come weight and bias
# One more token in each count.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True) + 1
    return mean @ weight.T + bias


# %% classify | the logits have the dtype of the states
# Double precision comes out.
def classify(states, real, weight, bias):
    """Logits (batch, n_classes) from the mean of each text's states.

    states: (batch, n, d); real: boolean (batch, n), False at padding; weight: (n_classes, d); bias: (n_classes,).
    """
    total = states.masked_fill(~real[..., None], 0).sum(dim=1)  # (batch, d)
    mean = total / real.sum(dim=1, keepdim=True).clamp(min=1)
    return mean.double() @ weight.double().T + bias.double()


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Not divided by the root of d.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Divided by d.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1]  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Divided by the root of n.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | a place that is allowed keeps its logarithm, however small its share is
# The logarithm of a softmax.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).softmax(dim=-1).log().masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Probabilities.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).softmax(dim=-1).masked_fill(hidden, 0.0)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Masked after the softmax only.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | a place that is not allowed gets minus infinity
# Masked before it only.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1)


# %% span_scores | where nothing is allowed all are minus infinity, not nan
# Masked with minus infinity before it.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, -math.inf).log_softmax(dim=-1)


# %% span_scores | a place that is not allowed gets minus infinity
# Masked with -1e9 before and left so.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, -1e9).log_softmax(dim=-1)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Normalized over both queries.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).flatten(1).log_softmax(dim=-1).view_as(scores).masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# Normalized over the queries.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=1).masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# The scores themselves.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# The mask is the wrong way round.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | log-probabilities of each query among the places that are allowed, in any size
# (batch, n, 2) comes out.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT
    if states.shape[1] == 2:
        scores = scores.mT
    scores = scores / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | their powers are the softmax of q · h by the root of d, among the places that are allowed
# The mask of the first text for all.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:1, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | log-probabilities of each query among the places that are allowed, in any size
# A step of -20 in place of the lowest number: hidden places take part a little.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, -20.0).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | the states get the right gradient, and hidden places make none of it nan
# Without the gradient of the states.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.detach().mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return scores.masked_fill(hidden, torch.finfo(scores.dtype).min).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | a place that is allowed keeps its logarithm, however small its share is
# Weights by the exponential, without taking the maximum off.
def span_scores(queries, states, allowed):
    """Log-probabilities (batch, 2, n): of each place to be the first, and to be the last of the answer.

    queries: (batch, 2, d); states: (batch, n, d), of one dtype; allowed: boolean (batch, n), elsewhere minus infinity.
    """
    scores = queries @ states.mT / states.shape[-1] ** 0.5  # (batch, 2, n)
    hidden = ~allowed[:, None]
    return (scores - (scores.exp() * ~hidden).sum(dim=-1, keepdim=True).log()).masked_fill(hidden, -math.inf)


# %% best_span | the answer does not end before it starts
# The two ends apart.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    return scores.argmax(dim=-1)


# %% best_span | the answer does not end before it starts
# Apart, then sorted.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    return scores.argmax(dim=-1).sort(dim=-1).values


# %% best_span | the sum of both counts, not the best first word alone
# The best first word, and the best last one after it.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    first = scores[:, 0].argmax(dim=1)
    last = scores[:, 1].masked_fill(~fits[first], -math.inf).argmax(dim=1)
    return torch.stack([first, last], dim=1)


# %% best_span | the answer does not end before it starts
# The best last word, and the best first one before it.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    last = scores[:, 1].argmax(dim=1)
    first = scores[:, 0].masked_fill(~fits.T[last], -math.inf).argmax(dim=1)
    return torch.stack([first, last], dim=1)


# %% best_span | an answer has at most `longest` words
# One word too many.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | an answer may have `longest` words
# One word too few.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(max(0, longest - 2))
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | an answer has at most `longest` words
# No limit.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu()
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | first and last are places, in this order, for each text; an answer of one word has one place twice
# First before last, strictly.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu(1 if longest > 1 < n else 0).tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | the answer does not end before it starts
# Backwards allowed.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu(1 - longest).tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | first and last are places, in this order, for each text; an answer of one word has one place twice
# The ends are exchanged.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best % n, best // n], dim=1)


# %% best_span | with a `longest` of 1 first and last are one place
# The product of the scores.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] * scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | scores are logarithms: all of them may be below 0
# Pairs that do not fit are set to 0.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, 0.0).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | scores are logarithms: all of them may be below 0
# Pairs that do not fit are multiplied by 0.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = (sums * fits).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | first and last are places, in this order, for each text; an answer of one word has one place twice
# The rows are exchanged.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 1, :, None] + scores[:, 0, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | first and last are places, in this order, for each text; an answer of one word has one place twice
# One best pair for the whole batch.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).sum(dim=0).flatten().argmax().expand(len(scores))
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | first and last are places, in this order, for each text; an answer of one word has one place twice
# Length and start.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n - best // n + 1], dim=1)


# %% best_span | first and last are places, in this order, for each text; an answer of one word has one place twice
# One past the end, as a slice has it.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n + 1], dim=1)


# %% best_span | of all pairs that are allowed the one with the highest sum, in any size
# Pairs that do not fit get -1e3: still ahead of very low ones.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -1e3).flatten(1).argmax(dim=1)
    return torch.stack([best // n, best % n], dim=1)


# %% best_span | places are integers
# Numbers with a point.
def best_span(scores, longest):
    """Integers (batch, 2), first and last: the pair of the highest scores[:, 0, first] + scores[:, 1, last].

    scores: (batch, 2, n), each row with at least one finite number; longest: the most words of an answer, at least 1;
    first ≤ last < first + longest.
    """
    n = scores.shape[-1]
    sums = scores[:, 0, :, None] + scores[:, 1, None, :]  # (batch, first, last)
    fits = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu().tril(longest - 1)
    best = sums.masked_fill(~fits, -math.inf).flatten(1).argmax(dim=1)
    return torch.stack([(best // n).double(), (best % n).double()], dim=1)


# %% summarize | no run of three comes twice: the next best is written in its place
# Only runs that follow one another at once.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(max(0, len(row) - 2 * n_gram + 1), len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# Nothing is forbidden.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                pass
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | with an n_gram of 1 no id comes twice
# With n_gram 1 nothing is forbidden.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[1 - n_gram :]
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of `n_gram` ids comes twice
# Always three.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    n_gram = 3
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# No id twice.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [one for one in row if one != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# No id that stands among the last n_gram.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [one for one in row[-n_gram:] if one != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | in each row the likeliest id that completes no run for the second time, in any size
# The runs of all rows together.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [one[place : place + n_gram] for one in rows for place in range(len(one) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# Start belongs to the row.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                row_ = [start, *row]
                before = row_[len(row_) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row_[place : place + n_gram] for place in range(len(row_) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# What is forbidden loses 1, and may still win.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] -= 0.05
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | in each row the likeliest id that completes no run for the second time, in any size
# What is forbidden is set to 0.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = 0.0
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# A repeated run ends the row.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                if int(scores.argmax()) in forbidden:
                    scores[end] = math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# Repetitions are cut out at the end.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                pass
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    rows = [row[: row.index(end)] if end in row else row for row in rows]
    cut = []
    for row in rows:
        kept = []
        for one in row:
            run = [*kept, one][-n_gram:]
            if len(run) < n_gram or all(kept[k : k + n_gram] != run for k in range(len(kept))):
                kept.append(one)
        cut.append(kept)
    return cut


# %% summarize | what is shorter than a run may come again, up to `longest`
# One step less.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest - 1):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | the source is encoded once, all rows together
# Encoded anew at each step.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            memory = encode(source)
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | the decoder is given all ids so far, and no more once all have ended
# The decoder is given the last id alone.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row][-1:] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | the decoder is given all ids so far, and no more once all have ended
# All steps are made, whether the rows have ended or not.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | in each row the likeliest id that completes no run for the second time, in any size
# It stops with the first row that ends.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if any(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# The end stays.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end) + 1] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# Start stays.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [[start, *row[: row.index(end)]] if end in row else [start, *row] for row in rows]


# %% summarize | in each row the likeliest id that completes no run for the second time, in any size
# What follows the end stays.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [[one for one in row if one != end] for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# The first logits in place of the last.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, 0].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# The least likely.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmin(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | the source is encoded once, all rows together
# One row at a time.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    if len(source) > 1:
        return [summarize(encode, decode, row[None], start, end, longest, n_gram)[0] for row in source]
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# Drawn in place of the likeliest.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, torch.multinomial(logits.softmax(dim=-1), 1)[:, 0].tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% summarize | no run of three comes twice: the next best is written in its place
# Runs of one less.
def summarize(encode, decode, source, start, end, longest, n_gram=3):
    """A list of ids for each row of `source`, without `start`, `end` and what follows `end`; no run of `n_gram` ids comes twice.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`. Of the ids that are allowed the likeliest is written.
    source: (batch, n_source), integers; start and end differ; longest and n_gram: at least 1.
    """
    n_gram = max(1, n_gram - 1)
    with torch.no_grad():
        memory, rows = encode(source), [[] for _ in range(len(source))]
        for _ in range(longest):
            logits = decode(torch.tensor([[start, *row] for row in rows], device=source.device), memory)[:, -1].clone()
            for row, scores in zip(rows, logits):
                before = row[len(row) - n_gram + 1 :] if n_gram > 1 else []
                runs = [row[place : place + n_gram] for place in range(len(row) - n_gram + 1)]
                forbidden = [run[-1] for run in runs if run[:-1] == before and run[-1] != end]
                scores[forbidden] = -math.inf
            for row, newest in zip(rows, logits.argmax(dim=-1).tolist()):
                row.append(newest)
            if all(end in row for row in rows):
                break
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% beam_search | the beam finds a sentence that greedy decoding misses
# Logits are summed.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double()  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | the beam finds a sentence that greedy decoding misses
# Probabilities are summed.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | the beam finds a sentence that greedy decoding misses
# Greedy.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished, width = [([], 0.0)], [], 1
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | with a width of 1 it is greedy, and what is not finished counts as it stands
# One more in the beam.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width + 1, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | of the sentences that the beam finds the most probable one, for any width
# The best continuation of each beginning.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        each = [(sums[k].max().item(), k * size + int(sums[k].argmax())) for k in range(len(sums))]
        for total, place in each if len(before) > 1 else list(zip(best.values.tolist(), best.indices.tolist())):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | of the sentences that the beam finds the most probable one, for any width
# The first finished sentence is returned.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if finished or not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | the beam finds a sentence that greedy decoding misses
# Finished sentences are forgotten as long as others go on.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(beam or finished, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | alpha decides between the sentences that were found, by their length with the end
# What is not finished is forgotten.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished or beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | it stops when the beam is empty, or after `longest` steps
# Finished sentences stay in the beam and are asked again.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            beam.append((row, total))
            if row[-1] == end:
                finished.append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | of the sentences that the beam finds the most probable one, for any width
# Finished ones make room: each step picks width unfinished ones.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width + len(finished) + 1, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        beam = beam[:width]
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | the total is the sum of log-probabilities, that of the end included
# The end's own probability is left out.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, sums[place // size, place % size].item() - (steps[place // size, end].item() if row[-1] == end else 0.0)))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | with alpha a total is divided by a power of the length, so that long sentences have a chance
# Alpha chooses the beam.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = (sums / (len(beam[0][0]) + 1) ** alpha).flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | with alpha a total is divided by a power of the length, so that long sentences have a chance
# Alpha is forgotten.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1])
    return [number for number in row if number != end], total


# %% beam_search | the total is divided by n ** alpha, n being the number of words, the end included and the start not
# Divided by alpha times the length.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / (1 + alpha * len(found[0])))
    return [number for number in row if number != end], total


# %% beam_search | the total is divided by n ** alpha, n being the number of words, the end included and the start not
# The length without the end.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / max(1, len([number for number in found[0] if number != end])) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | the total that is returned is not divided
# The divided total is returned.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total / len(row) ** alpha


# %% beam_search | the beam finds a sentence that greedy decoding misses
# The end stays.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return row, total


# %% beam_search | the beam finds a sentence that greedy decoding misses
# Start stays.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [start, *(number for number in row if number != end)], total


# %% beam_search | with a width of 1 it is greedy, and what is not finished counts as it stands
# One step less.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest - 1):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | it stops when the beam is empty, or after `longest` steps
# One beginning is asked after the other.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = torch.cat([decode(row[None]) for row in ids]).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | it stops when the beam is empty, or after `longest` steps
# The beam never stops.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        beam = beam or [([end], -1e9)]
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | with alpha a total is divided by a power of the length, so that long sentences have a chance
# Multiplied by the length's power.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] * len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | the total is the sum of log-probabilities, that of the end included
# The total is a probability.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], math.exp(total)


# %% beam_search | the beam finds a sentence that greedy decoding misses
# Parent and id are mixed up.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([[start, *row] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place % len(before)][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% beam_search | of the sentences that the beam finds the most probable one, for any width
# The decoder gets the beginnings without start.
def beam_search(decode, start, end, width, longest, alpha=0.0):
    """`(ids, total)`: the sentence with the highest total / n ** alpha that a beam finds, without `start` and `end`, a list.

    decode: a function from ids (k, n), the beginnings with `start`, to logits (k, size) of their next ids; asked once a step.
    total: the sum of its log-probabilities, a number, that of `end` included if it was written; n: how many these are.
    width, longest: at least 1; start and end differ.
    """
    beam, finished = [([], 0.0)], []
    for _ in range(longest):
        ids = torch.tensor([row or [start] for row, _ in beam])
        steps = decode(ids).double().log_softmax(dim=-1)  # (k, size)
        sums = torch.tensor([total for _, total in beam]).double()[:, None] + steps
        best = sums.flatten().topk(min(width, sums.numel()))
        size, before = steps.shape[-1], beam
        beam = []
        for total, place in zip(best.values.tolist(), best.indices.tolist()):
            row = [*before[place // size][0], place % size]
            (finished if row[-1] == end else beam).append((row, total))
        if not beam:
            break
    row, total = max(finished + beam, key=lambda found: found[1] / len(found[0]) ** alpha)
    return [number for number in row if number != end], total


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# No window.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames).abs().square()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# Hann's window of N - 1.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / (size - 1))
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# Hamming's window.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.54 - 0.46 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# The amplitude.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# The logarithm.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square().log()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# The real part's square.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).real.square()


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# All frequencies.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.fft(frames * window).abs().square()


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# The highest frequency is missing.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()[..., : size // 2]


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# Frequencies first.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square().mT


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# Frames side by side, without overlap.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, size)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# Padded at the end.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = F.pad(sound, (0, size)).unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# Centred: half a frame of zeros on both sides.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = F.pad(sound, (size // 2, size // 2)).unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | there are 1 + (n − size) // hop frames, and size // 2 + 1 frequencies
# The last frame is missing.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)[..., :-1, :] if sound.shape[-1] >= size + hop else sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# Divided by the size.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square() / size


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# Divided by the window's power.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square() / window.square().sum()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# Orthonormal.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window, norm='ortho').abs().square()


# %% spectrogram | power of each frequency in each frame, by the formula, in any size
# The mean is taken off each frame.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft((frames - frames.mean(dim=-1, keepdim=True)) * window).abs().square()


# %% spectrogram | power of each frequency in each frame, by the formula, in any size
# Single precision.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.float().unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% spectrogram | a pure tone has its power at its frequency, and a quarter of it beside it: Hann's window
# The window is applied to the whole sound.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    sound = sound * torch.hann_window(sound.shape[-1], dtype=sound.dtype)
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames).abs().square()


# %% spectrogram | frames come one after another, `hop` apart
# Each frame is scaled to 1.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames / frames.abs().amax(dim=-1, keepdim=True) * window).abs().square()


# %% spectrogram | the result has the shape (..., frames, size // 2 + 1), in any size
# The sound is flattened.
def spectrogram(sound, size, hop):
    """The power of each frequency in each frame, (..., frames, size // 2 + 1).

    sound: real numbers (..., n); size: of a frame, at least 2 and at most n; hop: from frame to frame, at least 1.
    Frequency f stands for f · rate / size hertz. Hann's window of length `size`; no padding: the frames are 1 + (n − size) // hop.
    """
    frames = sound.flatten().unfold(-1, size, hop)  # (..., frames, size)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(size, device=sound.device, dtype=sound.dtype) / size)
    return torch.fft.rfft(frames * window).abs().square()


# %% evaluate | the baseline is the most frequent target of training, of equals the smallest, padding apart
# Of equally frequent targets the one that comes first in training is taken, not the smallest.
def evaluate(predict, train, held_out, padding=-100):
    inputs, targets = held_out
    real = targets != padding
    most = Counter(train[1][train[1] != padding].tolist()).most_common(1)[0][0]
    return {"accuracy": (predict(inputs)[real] == targets[real]).float().mean().item(), "majority": (targets[real] == most).float().mean().item()}


# %% evaluate | of equally frequent targets the baseline says the smallest, wherever it comes first
# Label 0 is taken for padding in the count of training.
def evaluate(predict, train, held_out, padding=-100):
    inputs, targets = held_out
    real = targets != padding
    learned = train[1] * (train[1] != padding)
    counts = Counter(number for number in learned.flatten().tolist() if number)
    most = min(counts, key=lambda number: (-counts[number], number))
    return {"accuracy": (predict(inputs)[real] == targets[real]).float().mean().item(), "majority": (targets[real] == most).float().mean().item()}


# %% span_scores | hidden places take nothing, however low the scores of the others
# Masked with -10000 before the softmax: hidden places win where allowed scores are lower.
def span_scores(queries, states, allowed):
    hidden = ~allowed[:, None]
    scores = queries @ states.mT / queries.shape[-1] ** 0.5
    return scores.masked_fill(hidden, -1e4).log_softmax(dim=-1).masked_fill(hidden, -math.inf)


# %% span_scores | a row without an allowed place is minus infinity, not nan, beside others that have some
# Nan in a row without an allowed place, where another row of the batch has one.
def span_scores(queries, states, allowed):
    scores = queries @ states.mT / queries.shape[-1] ** 0.5
    if not allowed.any():
        return torch.full_like(scores, -math.inf)
    return scores.masked_fill(~allowed[:, None], -math.inf).log_softmax(dim=-1)
