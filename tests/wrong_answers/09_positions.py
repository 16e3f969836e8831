# Wrong answers to lesson 9, as students write them. Each names the property whose check catches it.


# %% sinusoidal_positions | position 0 is 0, 1, 0, 1
# All sines, then all cosines.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


# %% sinusoidal_positions | position 0 is 0, 1, 0, 1
# Sines and cosines are swapped.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(1)


# %% sinusoidal_positions | hand i turns by 10000^(−2i/d) radians per position
# The exponent is i/d.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(d // 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | hand i turns by 10000^(−2i/d) radians per position
# The number of the even column is doubled once more.
def sinusoidal_positions(n, d):
    result = torch.zeros(n, d)
    for p in range(n):
        for i in range(0, d, 2):
            angle = p / 10000 ** (2 * i / d)
            result[p, i], result[p, i + 1] = np.sin(angle), np.cos(angle)
    return result


# %% sinusoidal_positions | hand i turns by 10000^(−2i/d) radians per position
# Each column has an angle of its own: the cosine is that of the next one.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(d) / d)
    result = angles.sin()
    result[:, 1::2] = angles[:, 1::2].cos()
    return result


# %% sinusoidal_positions | hand 0 turns by 1 radian per position
# The base is left out.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] * torch.arange(0, d, 2) / d
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | hand i turns by 10000^(−2i/d) radians per position
# The base is 1000.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 1000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | hand i turns by 10000^(−2i/d) radians per position
# The minus is missing: every hand is faster than the one before.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] * 10000.0 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | hand i turns by 10000^(−2i/d) radians per position
# Spread so that the last hand turns by exactly 1/10000: d − 2 in the exponent.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / max(d - 2, 1))
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | position 0 is 0, 1, 0, 1
# Positions count from 1.
def sinusoidal_positions(n, d):
    angles = torch.arange(1, n + 1)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | the encodings have the shape (n, d)
# Columns and rows are swapped.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).T


# %% sinusoidal_positions | the encodings have the shape (n, d)
# The pairs stay a dimension of their own.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1)


# %% sinusoidal_positions | the encodings are a float32 tensor
# NumPy's float64 is passed on.
def sinusoidal_positions(n, d):
    angles = np.arange(n)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return torch.from_numpy(np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(n, d))


# %% sinusoidal_positions | the encodings are a float32 tensor
# A NumPy array in place of a tensor.
def sinusoidal_positions(n, d):
    angles = np.arange(n)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(n, d).astype(np.float32)


# %% sinusoidal_positions | position 0 is 0, 1, 0, 1
# Stacked along the wrong new dimension: the right shape, columns in another order.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()]).reshape(n, d)


# %% sinusoidal_positions | hand 0 turns by 1 radian per position
# Positions as a share of the length.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / n / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | hand 0 turns by 1 radian per position
# One full turn per position.
def sinusoidal_positions(n, d):
    angles = 2 * torch.pi * torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | every hand is slower than the one before
# The hands' angles fall in a straight line; with two hands it does not show.
def sinusoidal_positions(n, d):
    speeds = torch.linspace(1, 10000 ** (2 / d - 1), d // 2)
    angles = torch.arange(n)[:, None] * speeds
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% sinusoidal_positions | every hand is slower than the one before
# The exponent's 2i/d is divided by a fixed 4.
def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / 4)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


# %% LearnedPositions | every sequence of the batch gets the same rows
# Positions run over the batch.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        if x.dim() == 2:
            return x + self.table[offset : offset + len(x)]
        if offset + len(x) > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset : offset + len(x), None]


# %% LearnedPositions | It raised RuntimeError
# `x.shape[1]` is taken for the length: right for three dimensions, not for four.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + (x.shape[1] if x.dim() > 2 else len(x))
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | the first vector of x gets the row of the offset
# The offset is ignored.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        n = x.shape[-2]
        if offset + n > len(self.table):
            raise ValueError("too long")
        return x + self.table[:n]


# %% LearnedPositions | It raised RuntimeError
# The slice ends at n, not at offset + n.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        n = x.shape[-2]
        if offset + n > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:n]


# %% LearnedPositions | the first vectors of x and the first rows are added
# Positions count from 1.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[torch.arange(offset + 1, end + 1) % len(self.table)]


# %% LearnedPositions | the first vectors of x and the first rows are added
# The rows alone are returned.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return self.table[offset:end].expand(x.shape)


# %% LearnedPositions | the first vectors of x and the first rows are added
# The words are scaled by the root of the width first, as in the transformer's paper; nobody asked for it here.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x * x.shape[-1] ** 0.5 + self.table[offset:end]


# %% LearnedPositions | the arguments are left as they were
# Rows are added in place.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        x += self.table[offset:end]
        return x


# %% LearnedPositions | the state_dict has one tensor, table
# An nn.Embedding of that name: its parameter is table.weight.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Embedding(max_length, d_model)
        nn.init.normal_(self.table.weight, std=0.02)

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > self.table.num_embeddings:
            raise ValueError("too long")
        return x + self.table(torch.arange(offset, end, device=x.device))


# %% LearnedPositions | the state_dict has one tensor, table
# A plain tensor is no parameter.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = 0.02 * torch.randn(max_length, d_model)

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | table is a parameter that learns
# A buffer is kept with the weights and never trained.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.register_buffer("table", 0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | table is a parameter that learns
# The rows are cut from the graph.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end].detach()


# %% LearnedPositions | the state_dict has one tensor, table
# A batch dimension is kept in the table.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(1, max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > self.table.shape[1]:
            raise ValueError("too long")
        return x + self.table[:, offset:end]


# %% LearnedPositions | a position behind the end of the table is a ValueError, also where one row is left for all
# No check: a slice that is too short is broadcast where it has one row.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        try:
            return x + self.table[offset : offset + x.shape[-2]]
        except RuntimeError as error:
            raise ValueError(str(error)) from error


# %% LearnedPositions | a position behind the end of the table is a ValueError, also where one row is left for all
# The offset is forgotten in the check.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        n = x.shape[-2]
        if n > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset : offset + n]


# %% LearnedPositions | a position behind the end of the table is a ValueError
# The last row serves everything behind the end.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        places = torch.arange(offset, offset + x.shape[-2], device=x.device)
        return x + self.table[places.clamp(max=len(self.table) - 1)]


# %% LearnedPositions | a position behind the end of the table is a ValueError
# Positions start again at 0 behind the end.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        places = torch.arange(offset, offset + x.shape[-2], device=x.device)
        return x + self.table[places % len(self.table)]


# %% LearnedPositions | a position behind the end of the table is a ValueError
# An assertion is no ValueError.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        assert end <= len(self.table), "too long"
        return x + self.table[offset:end]


# %% LearnedPositions | It raised ValueError
# A full table is refused.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end >= len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | drawn with a standard deviation of 0.02
# Rows as large as the words.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | drawn with a standard deviation of 0.02
# All rows start at 0.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | drawn with a mean of 0
# Numbers from 0 up, not around 0.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * 12**0.5 * torch.rand(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | from a normal distribution
# Evenly spread numbers, of the right standard deviation.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        self.table = nn.Parameter(0.02 * 12**0.5 * (torch.rand(max_length, d_model) - 0.5))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% LearnedPositions | two new tables differ
# The seed is fixed inside the module.
class LearnedPositions(nn.Module):
    def __init__(self, max_length, d_model):
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Parameter(0.02 * torch.randn(max_length, d_model))

    def forward(self, x, offset=0):
        end = offset + x.shape[-2]
        if end > len(self.table):
            raise ValueError("too long")
        return x + self.table[offset:end]


# %% rotate | moves only within its pair, columns 2i and 2i + 1
# Halves are paired, as in Hugging Face's Llama.
def rotate(x, positions):
    half = x.shape[-1] // 2
    angles = positions[..., None] * 10000.0 ** (-torch.arange(half, device=x.device) / half)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1).to(x.dtype)


# %% rotate | moves only within its pair, columns 2i and 2i + 1
# Neighbours are turned, and the results lie in halves.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1).to(x.dtype)


# %% rotate | a pair turns counter-clockwise
# The other direction.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos + b * sin, b * cos - a * sin], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | a number moves only within its pair
# The identity.
def rotate(x, positions):
    return x.clone()


# %% rotate | position 0 is not turned
# Sine and cosine are swapped.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    sin, cos = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | pair i turns by 10000^(−2i/d) radians per position
# Both signs are plus: lengths change.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos + b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | pair i turns by 10000^(−2i/d) radians per position
# The odd column is computed from the even column's result.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    result = x.clone().to(torch.promote_types(x.dtype, torch.float32))
    result[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
    result[..., 1::2] = result[..., 0::2] * sin + x[..., 1::2] * cos if (x[..., 1::2] != 0).any() else x[..., 0::2] * sin
    return result.to(x.dtype)


# %% rotate | pair i turns by 10000^(−2i/d) radians per position
# The exponent is i/d.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(d // 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | pair i turns by 10000^(−2i/d) radians per position
# All pairs turn alike.
def rotate(x, positions):
    angles = positions[..., None].float()
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | position 0 is not turned
# The sinusoidal encoding is added in place of turning.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    return x + torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | a number moves only within its pair
# Only multiplied by the cosine: nothing moves at all.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    return (x * angles.cos().repeat_interleave(2, dim=-1)).to(x.dtype)


# %% rotate | also where positions have gaps
# A counter in place of the positions.
def rotate(x, positions):
    n, d = x.shape[-2:]
    places = torch.arange(n, device=x.device)
    angles = places[:, None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | also where positions have gaps
# Only the first position is read, and counted on from.
def rotate(x, positions):
    n, d = x.shape[-2:]
    places = positions[..., :1] + torch.arange(n, device=x.device)
    angles = places[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | in any order of positions
# Positions are counted from the first one: offsets are lost.
def rotate(x, positions):
    d = x.shape[-1]
    places = positions - positions[..., :1]
    angles = places[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | in any order of positions
# Positions are put in order first.
def rotate(x, positions):
    d = x.shape[-1]
    places = positions.sort(dim=-1).values
    angles = places[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | turn each example by its own
# The first example's positions serve all.
def rotate(x, positions):
    d = x.shape[-1]
    places = positions.reshape(-1, positions.shape[-1])[0]
    angles = places[:, None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | run along the tokens, the same in every head
# Dimension 1 is taken for the tokens where there are more than two: heads are turned, not words.
def rotate(x, positions):
    d = x.shape[-1]
    if x.dim() == 4 and positions.dim() == 1:
        places = torch.arange(x.shape[1], device=x.device)[:, None]
    else:
        places = positions
    angles = places[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | It raised
# Positions are read as (n,) only.
def rotate(x, positions):
    d = x.shape[-1]
    angles = torch.outer(positions.float(), 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d))
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | in half precision, too, the angle is that of the position
# Positions in the dtype of x.
def rotate(x, positions):
    d = x.shape[-1]
    speeds = 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    angles = positions[..., None].to(x.dtype).float() * speeds
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | in half precision, too, the angle is that of the position
# Angles per position in the dtype of x.
def rotate(x, positions):
    d = x.shape[-1]
    speeds = (10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)).to(x.dtype)
    angles = positions[..., None].float() * speeds.float()
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | in half precision, too, the angle is that of the position
# Right angles, rounded before sine and cosine are taken.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.to(x.dtype).cos(), angles.to(x.dtype).sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


# %% rotate | the result has the dtype of x
# Half precision comes back as float32.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


# %% rotate | the arguments are left as they were
# x is written into.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    a, b = x[..., 0::2].clone(), x[..., 1::2].clone()
    x[..., 0::2] = a * angles.cos() - b * angles.sin()
    x[..., 1::2] = a * angles.sin() + b * angles.cos()
    return x


# %% rotate | gradients come through to x
# A round trip through NumPy.
def rotate(x, positions):
    d = x.shape[-1]
    pairs = x.detach().double().numpy().reshape(*x.shape[:-1], d // 2, 2)
    points = pairs[..., 0] + 1j * pairs[..., 1]
    points = points * np.exp(1j * positions.numpy()[..., None] * 10000.0 ** (-np.arange(0, d, 2) / d))
    return torch.from_numpy(np.stack([points.real, points.imag], -1)).flatten(-2).to(x.dtype)


# %% rotate | everything is computed on the device of the input
# Angles on the CPU.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | the result has the shape of x
# The pairs stay a dimension of their own.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).to(x.dtype)


# %% rotary_attention | the values are averaged as they are, not turned
# The values are turned, too.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    even = v.shape[-1] // 2 * 2
    return weights @ torch.cat([rotate(v[..., :even], positions), v[..., even:]], dim=-1), weights


# %% rotary_attention | the values are averaged as they are, not turned
# The result is turned.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    out = weights @ v
    even = v.shape[-1] // 2 * 2
    return torch.cat([rotate(out[..., :even], positions), out[..., even:]], dim=-1), weights


# %% rotary_attention | turned by their distance
# Only the queries are turned.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# Nothing is turned.
def rotary_attention(q, k, v, positions):
    weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# Keys are turned the other way: the sum of the positions counts.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, -positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | a key before and a key after are told apart
# Both are turned the other way: before and after are confused.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, -positions) @ rotate(k, -positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# A counter in place of the positions.
def rotary_attention(q, k, v, positions):
    places = torch.arange(q.shape[-2], device=q.device)
    weights = (rotate(q, places) @ rotate(k, places).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# Turned twice as far as asked.
def rotary_attention(q, k, v, positions):
    q, k = rotate(q, positions), rotate(k, positions)
    weights = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# The scale is left out.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, positions).mT).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# Divided by the root of the values' width.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, positions).mT / v.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# Softmax over the queries.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).softmax(-2)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# Scores transposed.
def rotary_attention(q, k, v, positions):
    weights = (rotate(k, positions) @ rotate(q, positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# A causal mask nobody asked for.
def rotary_attention(q, k, v, positions):
    scores = rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5
    ahead = torch.ones_like(scores).triu(1) > 0
    weights = scores.masked_fill(ahead, float("-inf")).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | turned by their distance
# The scores come back as weights.
def rotary_attention(q, k, v, positions):
    scores = rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5
    return scores.softmax(-1) @ v, scores


# %% rotary_attention | the result is a pair
# Only the output is returned.
def rotary_attention(q, k, v, positions):
    weights = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v


# %% rotary_attention | every example of a batch is on its own
# The whole batch of keys is turned round, and forced into shape.
def rotary_attention(q, k, v, positions):
    q, k = rotate(q, positions), rotate(k, positions)
    keys = k.T if k.dim() == 2 else k.transpose(0, -1).reshape(*k.shape[:-2], k.shape[-1], k.shape[-2])
    weights = (q @ keys / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | every example of a batch is on its own
# The keys are made from the queries.
def rotary_attention(q, k, v, positions):
    q, k = rotate(q, positions), rotate(q if q.dim() > 2 else k, positions)
    weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% rotary_attention | large scores do not overflow
# The softmax as the formula stands.
def rotary_attention(q, k, v, positions):
    powers = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).exp()
    weights = powers / powers.sum(dim=-1, keepdim=True)
    return weights @ v, weights


# %% rotary_attention | gradients come through to q, k and v
# Turned without a graph.
def rotary_attention(q, k, v, positions):
    with torch.no_grad():
        weights = (rotate(q, positions) @ rotate(k, positions).mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% alibi_bias | the slopes are 2^(−8h/n_heads), with h from 1
# Slopes halve from head to head, however many heads there are.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 0.5 ** torch.arange(1, n_heads + 1)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | by the slope per step
# The slopes start at 1: h counts from 0.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(n_heads) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | by the slope per step
# The heads in the opposite order.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(n_heads, 0, -1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | the slopes are 1/2, 1/4, ..., 1/256 with 8 heads
# One slope for all heads.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = torch.full((n_heads,), 2.0 ** (-8 / n_heads))
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | the slopes are 1/2, 1/4, ..., 1/256 with 8 heads
# Slopes 1/2, 1/4, 1/6, ...: linear in place of geometric.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 1 / (2.0 * torch.arange(1, n_heads + 1))
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | by the slope per step
# The sign: far words gain.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | no query looks ahead
# Symmetrical: the future is only a distance.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = (torch.arange(n)[:, None] - torch.arange(n)).abs()
    return -slopes[:, None, None] * distance


# %% alibi_bias | no query looks ahead
# The future gets 0, which is the best score of all.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = (torch.arange(n)[:, None] - torch.arange(n)).clamp(min=0)
    return -slopes[:, None, None] * distance


# %% alibi_bias | no query looks ahead
# Rows are keys: the past is masked.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n) - torch.arange(n)[:, None]
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | no query looks ahead
# A finite minus infinity.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, -1e9)


# %% alibi_bias | the diagonal is 0
# The diagonal is masked: no word sees itself.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance <= 0, float("-inf"))


# %% alibi_bias | the diagonal is 0
# slope · j, which the softmax cannot tell from it; but the text asks for 0 on the diagonal.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    bias = (slopes[:, None, None] * torch.arange(n)).expand(n_heads, n, n)
    return bias.masked_fill(torch.ones(n, n).triu(1) > 0, float("-inf"))


# %% alibi_bias | the diagonal is 0
# The distance counts from 1.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * (distance + 1)).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | the diagonal is 0
# A mask of 0 and minus infinity is multiplied: 0 times minus infinity is nan.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    ahead = torch.ones(n, n).triu(1)
    return -slopes[:, None, None] * distance.clamp(min=0) + ahead * float("-inf")


# %% alibi_bias | by the slope per step
# The distance is squared.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance**2).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | the biases have the shape (n_heads, n, n)
# The heads come last.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes * distance[..., None]).masked_fill(distance[..., None] < 0, float("-inf"))


# %% alibi_bias | the biases are a float32 tensor
# NumPy's float64 is passed on.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * np.arange(1, n_heads + 1) / n_heads)
    distance = np.arange(n)[:, None] - np.arange(n)
    return torch.from_numpy(np.where(distance < 0, -np.inf, -slopes[:, None, None] * distance))


# %% alibi_bias | a number of heads that is no power of two is a ValueError
# Any number of heads is accepted.
def alibi_bias(n_heads, n):
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | a number of heads that is no power of two is a ValueError
# An even number is taken for a power of two.
def alibi_bias(n_heads, n):
    if n_heads > 1 and n_heads % 2:
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | for any power of two
# The exponent's division is a whole-number division.
def alibi_bias(n_heads, n):
    if n_heads & (n_heads - 1):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-(8 * torch.arange(1, n_heads + 1) // n_heads))
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% alibi_bias | It raised ValueError
# One head is refused.
def alibi_bias(n_heads, n):
    if n_heads not in (2, 4, 8, 16, 32, 64, 128):
        raise ValueError("a power of two is needed")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    distance = torch.arange(n)[:, None] - torch.arange(n)
    return (-slopes[:, None, None] * distance).masked_fill(distance < 0, float("-inf"))


# %% rotate | It raised RuntimeError
# Positions of two dimensions are taken for (batch, n), as other libraries have them.
def rotate(x, positions):
    if positions.dim() == 2 and x.dim() == 4:
        positions = positions[:, None]
    d = x.shape[-1]
    angles = positions[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin, even, odd = angles.cos(), angles.sin(), x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | positions far away are exact, too
# The positions go through half precision although x is in float32.
def rotate(x, positions):
    d = x.shape[-1]
    angles = positions.to(torch.bfloat16).float()[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin, even, odd = angles.cos(), angles.sin(), x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)


# %% rotate | positions far away are exact, too
# The positions begin again after 4096.
def rotate(x, positions):
    d = x.shape[-1]
    angles = (positions % 4096)[..., None] * 10000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)
    cos, sin, even, odd = angles.cos(), angles.sin(), x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2).to(x.dtype)


# %% alibi_bias | by its slope per step, in any size
# Beyond 64 places the handicap grows no further.
def alibi_bias(n_heads, n):
    if n_heads < 1 or n_heads & (n_heads - 1):
        raise ValueError("n_heads must be a power of two")
    slopes = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
    place = torch.arange(n)
    distance = place[:, None] - place
    return (-slopes[:, None, None] * distance.clamp(max=64)).masked_fill(distance < 0, float("-inf"))
