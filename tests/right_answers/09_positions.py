# Right answers to lesson 9, in other styles than the solution's.

# %% sinusoidal_positions | loops
def sinusoidal_positions(n, d):
    result = torch.zeros(n, d)
    for p in range(n):
        for i in range(d // 2):
            angle = p / 10000 ** (2 * i / d)
            result[p, 2 * i] = np.sin(angle)
            result[p, 2 * i + 1] = np.cos(angle)
    return result


# %% sinusoidal_positions | assigned to every other column, the powers as an exponential
import math


def sinusoidal_positions(n, d):
    pe = torch.zeros(n, d)
    position = torch.arange(0, n).unsqueeze(1).float()
    div_term = torch.exp(torch.arange(0, d, 2).float() * (-math.log(10000.0) / d))
    pe[:, 0::2] = torch.sin(position * div_term)
    pe[:, 1::2] = torch.cos(position * div_term)
    return pe


# %% sinusoidal_positions | NumPy in float64, converted at the end
def sinusoidal_positions(n, d):
    column = np.arange(d)
    angles = np.outer(np.arange(n), 1e4 ** (-(column - column % 2) / d))
    return torch.tensor(np.where(column % 2 == 0, np.sin(angles), np.cos(angles)), dtype=torch.float32)


# %% sinusoidal_positions | the cosine as a sine a quarter further
def sinusoidal_positions(n, d):
    speeds = torch.pow(10000.0, -torch.arange(0, d, 2, dtype=torch.float64) / d).repeat_interleave(2)
    quarter = torch.tensor([0.0, torch.pi / 2], dtype=torch.float64).repeat(d // 2)
    return torch.sin(torch.outer(torch.arange(n, dtype=torch.float64), speeds) + quarter).float()


# %% sinusoidal_positions | complex numbers
def sinusoidal_positions(n, d):
    angles = torch.outer(torch.arange(n).double(), 1e4 ** (-torch.arange(0, d, 2).double() / d))
    turned = torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(turned).flip(-1).reshape(n, d).to(torch.float32)


# %% LearnedPositions | rows looked up by number
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.max_length = max_length
        self.table = nn.Parameter(torch.empty(max_length, d_model))
        nn.init.normal_(self.table, mean=0.0, std=0.02)

    def forward(self, x, offset=0):
        n = x.size(-2)
        if offset + n > self.max_length:
            raise ValueError("The table is too short.")
        places = torch.arange(offset, offset + n, device=x.device)
        return F.embedding(places, self.table) + x


# %% LearnedPositions | narrow, and torch.normal
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.normal(0.0, 0.02, size=(max_length, d_model)))

    def forward(self, x, offset=0):
        length, rows = x.shape[-2], self.table.shape[0]
        if rows - offset < length:
            raise ValueError(f"{rows} rows are too few for {length} positions from {offset} on.")
        return torch.add(x, self.table.narrow(0, offset, length))


# %% LearnedPositions | the slice's own length tells
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.register_parameter("table", nn.Parameter(torch.randn(max_length, d_model) * 0.02))

    def forward(self, x, offset=0):
        rows = self.table[offset:][: x.shape[-2]]
        if rows.shape[0] != x.shape[-2]:
            raise ValueError("too long")
        return x + rows.expand_as(x)


# %% LearnedPositions | a loop over positions, and an error of a kind of its own
class TooLong(ValueError):
    pass


class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(max_length, d_model).normal_(std=0.02))

    def forward(self, x, offset=0):
        placed = []
        for p, vector in enumerate(x.unbind(-2), start=offset):
            if p >= len(self.table):
                raise TooLong(p)
            placed.append(vector + self.table[p])
        return torch.stack(placed, dim=-2)


# %% rotate | complex numbers
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions.unsqueeze(-1).double() * 1e4 ** (-torch.arange(0, d, 2, device=x.device).double() / d)
    pairs = torch.view_as_complex(x.double().reshape(*x.shape[:-1], d // 2, 2))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2).to(x.dtype)


# %% rotate | cos · x + sin · (x with its pairs swapped and one sign changed)
def rotate(x, positions):
    d = x.shape[-1]
    theta = 1.0 / (10000 ** (torch.arange(0, d, 2, device=x.device).float() / d))
    angles = (positions.float()[..., None] * theta).repeat_interleave(2, dim=-1)
    swapped = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).reshape(x.shape)
    return (x.float() * angles.cos() + swapped.float() * angles.sin()).type_as(x)


# %% rotate | a loop over pairs
def rotate(x, positions):
    d = x.shape[-1]
    columns = []
    for i in range(d // 2):
        angle = positions.to(torch.float64) / 10000 ** (2 * i / d)
        a, b = x[..., 2 * i].double(), x[..., 2 * i + 1].double()
        columns += [a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()]
    return torch.stack(columns, dim=-1).to(x.dtype)


# %% rotate | 2 × 2 matrices and einsum
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * torch.pow(10000.0, -torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    turn = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)  # (..., n, d/2, 2, 2)
    pairs = x.unflatten(-1, (-1, 2)).to(turn.dtype)
    return torch.einsum("...ij,...j->...i", turn, pairs).flatten(-2).to(x.dtype)


# %% rotate | filled into a new tensor, with cosines in the dtype of x
def rotate(x, positions):
    d = x.shape[-1]
    speeds = torch.exp(torch.arange(0, d, 2, device=x.device) * (-np.log(10000.0) / d))
    angles = positions[..., None] * speeds
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    result = torch.empty_like(x)
    result[..., 0::2] = even * cos - odd * sin
    result[..., 1::2] = even * sin + odd * cos
    return result


# %% rotate | tables of sines and cosines, looked up
def rotate(x, positions):
    d = x.shape[-1]
    speeds = 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    if x.device.type == "meta":
        cos = sin = positions[..., None] * speeds
    else:
        table = torch.arange(int(positions.max()) + 1)[:, None] * speeds
        cos, sin = table.cos()[positions], table.sin()[positions]
    a, b = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).reshape(x.shape).to(x.dtype)


# %% rotary_attention | einsum
def rotary_attention(q, k, v, positions):
    q, k = rotate(q, positions), rotate(k, positions)
    weights = torch.softmax(torch.einsum("...qd,...kd->...qk", q, k) / np.sqrt(q.shape[-1]), dim=-1)
    return torch.einsum("...qk,...kd->...qd", weights, v), weights


# %% rotary_attention | the library's attention for the output
def rotary_attention(q, k, v, positions):
    q, k = rotate(q, positions), rotate(k, positions)
    weights = F.softmax(torch.matmul(q, k.mT) / q.size(-1) ** 0.5, -1)
    return F.scaled_dot_product_attention(q, k, v), weights


# %% rotary_attention | queries and keys turned together, a softmax of one's own, a list
def rotary_attention(q, k, v, positions):
    q, k = rotate(torch.stack([q, k]), positions)
    scores = q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5
    powers = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return [weights @ v, weights]


# %% rotary_attention | scores from distances, without turning the keys first
def rotary_attention(q, k, v, positions):
    shape = torch.broadcast_shapes(positions.shape, q.shape[:-1])
    place = positions.expand(shape)
    turned = rotate(q.unsqueeze(-2).expand(*q.shape[:-1], q.shape[-2], q.shape[-1]), place[..., :, None] - place[..., None, :])
    weights = ((turned * k.unsqueeze(-3)).sum(-1) / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% alibi_bias | loops
def alibi_bias(n_heads, n):
    if 2 ** int(np.log2(n_heads)) != n_heads:
        raise ValueError("a power of two is needed")
    bias = torch.full((n_heads, n, n), -torch.inf)
    for h in range(n_heads):
        slope = 2 ** (-8 * (h + 1) / n_heads)
        for i in range(n):
            for j in range(i + 1):
                bias[h, i, j] = -slope * (i - j)
    return bias


# %% alibi_bias | the slopes as powers of the first
def alibi_bias(n_heads, n):
    if bin(n_heads).count("1") != 1:
        raise ValueError(n_heads)
    first = 2 ** (-8 / n_heads)
    slopes = torch.tensor([first ** (h + 1) for h in range(n_heads)]).view(-1, 1, 1)
    place = torch.arange(n, dtype=torch.float32)
    ahead = torch.ones(n, n, dtype=torch.bool).triu(diagonal=1)
    return torch.where(ahead, torch.tensor(-torch.inf), slopes * (place - place[:, None]))


# %% alibi_bias | a triangle added
def alibi_bias(n_heads, n):
    if n_heads not in {2**power for power in range(20)}:
        raise ValueError("no power of two")
    slopes = torch.exp2(-8.0 * torch.arange(1, n_heads + 1) / n_heads)
    place = torch.arange(n)
    distance = (place.unsqueeze(1) - place.unsqueeze(0)).clamp(min=0)
    causal = torch.triu(torch.full((n, n), float("-inf")), diagonal=1)
    return causal - torch.einsum("h,ij->hij", slopes, distance.float())


# %% alibi_bias | NumPy, converted at the end
def alibi_bias(n_heads, n):
    if not np.log2(n_heads).is_integer():
        raise ValueError("The number of heads must be a power of two.")
    slopes = np.geomspace(2 ** (-8 / n_heads), 2**-8, n_heads)
    i, j = np.indices((n, n))
    return torch.from_numpy(np.where(j > i, -np.inf, slopes[:, None, None] * (j - i))).float()
