# Wrong answers to lesson 15, as students write them. Each names the property whose check catches it.


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# Unbiased variance.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.var(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# eps beside the root.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance.sqrt() + self.eps)) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# No eps.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / variance.sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# eps is always 1e-5.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = 1e-5
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# The standard deviation is not taken: divided by the variance.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps)) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# The mean stays.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (wide / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# Over the first dimension.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=0, keepdim=True)
        variance = centred.square().mean(dim=0, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# Over the whole tensor.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean()
        variance = centred.square().mean()
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | weight multiplies and bias is added, number by number
# No bias added.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt())).to(x.dtype)


# %% LayerNorm | weight multiplies and bias is added, number by number
# The weight is not used.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return ((centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | weight multiplies and bias is added, number by number
# The bias is added before the weight multiplies.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt() + self.bias)).to(x.dtype)


# %% LayerNorm | half precision does not overflow
# Everything in the dtype of the input.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | half precision stays half precision
# The result stays float32.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias)


# %% LayerNorm | a new norm gives mean 0 and variance 1, up to eps, in any shape
# float64 is made float32.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.float()
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).float()


# %% LayerNorm | LayerNorm is your own work
# The library's.
class LayerNorm(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)


# %% LayerNorm | the state_dict has a weight and a bias of size d_model
# No parameters.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = torch.ones(d_model), torch.zeros(d_model)

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the variance is divided by d, and eps is added under the root
# The weight begins at random.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.randn(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | the input gets the right gradient, through mean and variance
# The variance is a constant for the gradient.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (self.weight * (centred / (variance.detach() + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% LayerNorm | each vector
# Mean and variance of all places of a text.
class LayerNorm(nn.Module):
    """Each vector with mean 0 and variance 1, then times `weight`, plus `bias` (Ba, Kiros and Hinton, 2016)."""

    def __init__(self, d_model, eps=1e-5):
        """Parameters `weight`, ones, and `bias`, zeros, of size d_model; `eps` is added to the variance."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        centred = wide - wide.mean(dim=tuple(range(max(1, x.ndim - 2), x.ndim)) if x.ndim > 2 else -1, keepdim=True)
        variance = centred.square().mean(dim=tuple(range(max(1, x.ndim - 2), x.ndim)) if x.ndim > 2 else -1, keepdim=True)
        return (self.weight * (centred / (variance + self.eps).sqrt()) + self.bias).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# The sum of the squares.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().sum(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# The mean is taken off.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * ((wide - wide.mean(dim=-1, keepdim=True)) * (wide.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# The variance.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.var(dim=-1, correction=0, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# eps beside the root.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * 1 / (wide.square().mean(dim=-1, keepdim=True).sqrt() + self.eps))).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# No root.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().mean(dim=-1, keepdim=True) + self.eps).reciprocal())).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# No eps.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().mean(dim=-1, keepdim=True)).rsqrt())).to(x.dtype)


# %% RMSNorm | weight multiplies, number by number
# One plus weight, as in Gemma.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return ((1 + self.weight) * (wide * (wide.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | half precision does not overflow, and stays
# Squares in half precision.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x
        return (self.weight * (wide * (wide.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | half precision does not overflow, and stays
# Divided by d first, then the root of the sum.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (x.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | the state_dict has a weight of size d_model, and nothing else
# A bias, too.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(d_model)), nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | a new norm gives a mean square of 1, up to eps
# Over all but the batch.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().mean(dim=tuple(range(1, x.ndim)) if x.ndim > 2 else -1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | eps is added to the mean of the squares, under the root
# The largest number, not the mean of squares.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-6):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.abs().amax(dim=-1, keepdim=True).square() + self.eps).rsqrt())).to(x.dtype)


# %% RMSNorm | RMSNorm is your own work
# The library's.
class RMSNorm(nn.Module):
    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(d_model)), eps

    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], self.weight, self.eps)


# %% RMSNorm | eps is 1e-6 if none is given, and under the root
# The default of lesson 5's friends: 1e-5.
class RMSNorm(nn.Module):
    """Each vector divided by the root of the mean of its squares, then times `weight` (Zhang and Sennrich, 2019)."""

    def __init__(self, d_model, eps=1e-5):
        """A parameter `weight`, ones, of size d_model; `eps` is added to the mean of the squares."""
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d_model))

    def forward(self, x):
        """A tensor of the shape and dtype of x, (..., d_model); what is in between is computed in float32 or better."""
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * (wide * (wide.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt())).to(x.dtype)


# %% FeedForward | gelu is down(GELU(up(x))), with the exact GELU
# The approximation by tanh.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x), approximate="tanh") if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | gelu is down(GELU(up(x))), with the exact GELU
# ReLU.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.relu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | gelu is down(GELU(up(x))), with the exact GELU
# SiLU in both.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.silu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | gelu is down(GELU(up(x))), with the exact GELU
# No nonlinear function.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = self.up(x) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | gelu is down(GELU(up(x))), with the exact GELU
# GELU after the second layer, too.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return F.gelu(self.down(hidden))


# %% FeedForward | gelu is down(GELU(up(x))), with the exact GELU
# A residual connection that was not asked for.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return x + self.down(hidden)


# %% FeedForward | swiglu is down(SiLU(gate(x)) · up(x))
# Gate and value swapped.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else self.gate(x) * F.silu(self.up(x))  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | swiglu is down(SiLU(gate(x)) · up(x))
# A sigmoid gate.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else torch.sigmoid(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | swiglu is down(SiLU(gate(x)) · up(x))
# GELU in the gate.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.gelu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | swiglu is down(SiLU(gate(x)) · up(x))
# The gate is added.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) + self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | swiglu is down(SiLU(gate(x)) · up(x))
# No gate.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.up(x)) + 0 * self.gate(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | swiglu has three layers without biases
# Biases in both kinds.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=True)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=True), nn.Linear(d_hidden, d_model, bias=True)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | gelu has the layers up and down, with biases
# No biases in either.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=False), nn.Linear(d_hidden, d_model, bias=False)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | a kind that does not exist is a ValueError
# Anything else is swiglu.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.up, self.down = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.up(x)) if self.gate is None else F.silu(self.gate(x)) * self.up(x)  # (..., d_hidden)
        return self.down(hidden)


# %% FeedForward | gelu has the layers up and down, with biases
# Other names.
class FeedForward(nn.Module):
    """Two layers with a nonlinear function between them, for each place by itself; kinds "gelu" and "swiglu"."""

    def __init__(self, d_model, d_hidden, kind="gelu"):
        """gelu: `up`, `down` with biases; swiglu: `gate`, `up`, `down` without. ValueError for another kind."""
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"there are 'gelu' and 'swiglu', not {kind!r}")
        bias = kind == "gelu"
        self.gate = None if bias else nn.Linear(d_model, d_hidden, bias=False)
        self.linear_1, self.linear_2 = nn.Linear(d_model, d_hidden, bias=bias), nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        """(..., d_model) to (..., d_model)."""
        hidden = F.gelu(self.linear_1(x)) if self.gate is None else F.silu(self.gate(x)) * self.linear_1(x)  # (..., d_hidden)
        return self.linear_2(hidden)


# %% Block | each part adds to its input: with all weights 0 nothing is added
# Norms after the sums.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = x
        attended, weights = self.attention(normed, normed, normed, mask)
        x = self.norm_1(x + self.dropout(attended))
        return self.norm_2(x + self.dropout(self.feed_forward(x))), weights


# %% Block | each part adds to its input: with all weights 0 nothing is added
# The normalized input is what is added to.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = normed + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | each part adds to its input: with all weights 0 nothing is added
# No sum around the attention.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | each part adds to its input: with all weights 0 nothing is added
# No sum around the feed-forward part.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | with the weights of nn.TransformerEncoderLayer it gives the output of that
# One norm for both parts.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_1(x))), weights


# %% Block | with the weights of nn.TransformerEncoderLayer it gives the output of that
# The second part is not normalized.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(x)), weights


# %% Block | with the weights of nn.TransformerEncoderLayer it gives the output of that
# The attention is not normalized.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = x
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | with the weights of nn.TransformerEncoderLayer it gives the output of that
# Only the query is normalized.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, x, x, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | with the weights of nn.TransformerEncoderLayer it gives the output of that
# Both parts side by side, as in GPT-J.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        before = x
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(before))), weights


# %% Block | with a causal mask, too
# The mask is not handed on.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | with a causal mask, too
# The mask upside down.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, None if mask is None else ~mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | with a dropout of 1 nothing is added in training
# No dropout.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + attended
        return x + self.feed_forward(self.norm_2(x)), weights


# %% Block | with a dropout of 1 nothing is added in training
# Dropout of the attention alone.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.feed_forward(self.norm_2(x)), weights


# %% Block | with a dropout of 1 nothing is added in training
# Dropout of what comes out, the input with it.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + attended
        return self.dropout(x + self.feed_forward(self.norm_2(x))), weights


# %% Block | in evaluation nothing is dropped
# Dropout in evaluation, too.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + F.dropout(attended, self.dropout.p)
        return x + F.dropout(self.feed_forward(self.norm_2(x)), self.dropout.p), weights


# %% Block | the result is a pair, out and weights
# The output alone.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x)))


# %% Block | the state_dict has the names and shapes that the text fixes
# The hidden layer is four times the width, whatever was said.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, 4 * d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | the state_dict has the names and shapes that the text fixes
# SwiGLU.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden, "swiglu")
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | the weights are those of the attention
# One head.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, 1)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% Block | single numbers are dropped, not whole vectors
# Whole vectors are dropped.
class Block(nn.Module):
    """Self-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden, dropout=0.0):
        """Parts `norm_1`, `attention`, `norm_2`, `feed_forward`; `dropout`: of what the two parts add."""
        super().__init__()
        self.norm_1, self.attention = LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.feed_forward = LayerNorm(d_model), FeedForward(d_model, d_hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n).

        x: (batch, n, d_model); mask: boolean, True = may look, broadcasts to the weights.
        """
        normed = self.norm_1(x)
        attended, weights = self.attention(normed, normed, normed, mask)
        x = x + attended * self.dropout(torch.ones_like(attended[..., :1]))
        return x + self.dropout(self.feed_forward(self.norm_2(x))), weights


# %% GPT | every block has the causal mask
# No mask.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, None)
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | every block has the causal mask
# The mask in the first block alone.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for place, block in enumerate(self.blocks):
            x, weights = block(x, causal_mask(n, n).to(ids.device) if place == 0 else None)
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | positions are added: the same id differs by its place
# No positions.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | token and position vectors, the blocks, a last norm, and the token vectors again, in any size
# No last norm.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(x), looks


# %% GPT | token and position vectors, the blocks, a last norm, and the token vectors again, in any size
# A softmax too many.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)).softmax(dim=-1), looks


# %% GPT | the weight of head is that of token
# Not tied.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | token and head have one parameter together, not two
# Equal, not tied.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        self.head.weight = nn.Parameter(self.token.weight.detach().clone())

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | weights begin with a standard deviation of 0.02
# PyTorch's own initial numbers.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                pass
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | weights begin with a standard deviation of 0.02
# The variance is 0.02.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02**0.5)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | weights begin with a standard deviation of 0.02
# Embeddings only.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | biases of linear layers begin as zeros
# Biases as PyTorch has them.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                pass

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | more ids than the context are a ValueError
# The last ids are taken without a word.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            ids, n = ids[:, -self.context :], self.context
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | the result is a pair, logits and weights
# The logits alone.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x))


# %% GPT | there are weights of every block
# The last block's weights.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), weights


# %% GPT | there are weights of every block
# One block, used again and again.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in [self.blocks[0]]:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | token and position vectors, the blocks, a last norm, and the token vectors again, in any size
# The first block again and again.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = self.blocks[0](x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | the state_dict has the names and shapes that the text fixes
# A bias in the head.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"])
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | the state_dict has the names and shapes that the text fixes
# The hidden layer as wide as the model.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | dropout is handed to every block
# Dropout is forgotten.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, 0.0
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | token and position vectors, the blocks, a last norm, and the token vectors again, in any size
# Positions counted from the end.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes) for _ in range(config["n_layers"])])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device).flip(0)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% GPT | every block and every layer begins with numbers of its own
# One block many times.
class GPT(nn.Module):
    """A decoder-only transformer with learned positions and tied weights (Radford et al., 2019)."""

    def __init__(self, config):
        """config: a dictionary with `vocabulary`, `context`, `n_layers`, `n_heads`, `d_model` and perhaps `dropout`."""
        super().__init__()
        d_model, self.context = config["d_model"], config["context"]
        self.token, self.position = nn.Embedding(config["vocabulary"], d_model), nn.Embedding(self.context, d_model)
        sizes = d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)
        self.blocks = nn.ModuleList([Block(*sizes)] * config["n_layers"])
        self.norm, self.head = LayerNorm(d_model), nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        """`(logits, weights)`: logits (batch, n, vocabulary); weights, a list: (batch, n_heads, n, n) for each block.

        ids: (batch, n), integers. ValueError where n is larger than the context.
        """
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} tokens are more than the context of {self.context}")
        x, looks = self.token(ids) + self.position(torch.arange(n, device=ids.device)), []
        for block in self.blocks:
            x, weights = block(x, causal_mask(n, n).to(ids.device))
            looks.append(weights)
        return self.head(self.norm(x)), looks


# %% count_parameters | token and position vectors count, and the head has none of its own
# The head counts, too.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (2 * config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | token and position vectors count, and the head has none of its own
# No positions.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": config["vocabulary"] * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | the attention has four layers of weights and biases
# No biases.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * d * d,
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | the attention has four layers of weights and biases
# Three layers: the output is forgotten.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 3 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | the attention has four layers of weights and biases
# Times the number of heads.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * config["n_heads"] * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | the feed-forward part has two layers of weights and biases
# No biases.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (8 * d * d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | the feed-forward part has two layers of weights and biases
# Both biases of the hidden width.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (8 * d * d + 8 * d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | a block has two norms, and one comes last
# The last norm is forgotten.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": 2 * n_layers * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | a block has two norms, and one comes last
# Weights of norms without biases.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | the attention has four layers of weights and biases
# The first block alone.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values())}


# %% count_parameters | there are four parts and a total
# The total alone.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return {"total": sum(counts.values())}


# %% count_parameters | the total is the sum of the parts
# The total without the embedding, as papers give it.
def count_parameters(config):
    """How many parameters a `GPT` of this config has: "embedding", "attention", "feed_forward", "norms" and "total".

    config: as for `GPT`. Shared parameters count once.
    """
    d, n_layers = config["d_model"], config["n_layers"]
    counts = {
        "embedding": (config["vocabulary"] + config["context"]) * d,
        "attention": n_layers * 4 * (d * d + d),
        "feed_forward": n_layers * (d * 4 * d + 4 * d + 4 * d * d + d),
        "norms": (2 * n_layers + 1) * 2 * d,
    }
    return counts | {"total": sum(counts.values()) - counts["embedding"]}


# %% mask_tokens | about 80 of 100 chosen ids become mask_id
# All chosen ids are masked.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen, mask_id, ids)
    inputs = torch.where(chosen & (fate > 1), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | about 15 of 100 ids are chosen
# 80 of 100 of all.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < 0.8
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | what is not chosen stays as it is
# Other ids everywhere.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where((fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | the target of a chosen place is the id that stood there
# The targets are the masked ids.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, inputs, -100)


# %% mask_tokens | about 15 of 100 ids are chosen
# All places have targets.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, ids.clone()


# %% mask_tokens | what is not chosen stays as it is
# Targets where nothing was chosen.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, -100, ids)


# %% mask_tokens | about 10 of 100 chosen ids stay
# None stay: 80 masked, 20 another.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | about 10 of 100 chosen ids stay
# 20 stay, none is another.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate > 2), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | about 15 of 100 ids are chosen
# The complement is chosen.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) > rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | the share that is chosen is `rate`
# The same places in every row.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = (torch.rand(ids.shape[1:], generator=generator) < rate).expand(ids.shape)
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | the same seed gives the same
# The seed is not used.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(int(torch.randint(10**9, ())))
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | another seed gives something else
# Always the same.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(0)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | the share that is chosen is `rate`
# Always 15 of 100.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < 0.15
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | about 80 of 100 chosen ids become mask_id
# The same random number for both: who is chosen is always masked.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=torch.Generator().manual_seed(seed))
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | what is drawn comes evenly from the whole vocabulary
# Other ids from the first half.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(max(1, vocabulary // 2), ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | argument
# The ids that were handed in are changed.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    """`(inputs, targets)`, two new tensors of the shape of ids, for masked language modelling (Devlin et al., 2018).

    ids: (batch, n), integers; mask_id: what hides an id; vocabulary: how many ids there are; seed: an integer.
    targets: the id that stood there where it was chosen, −100 elsewhere.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(vocabulary, ids.shape, generator=generator)
    targets = torch.where(chosen, ids, -100)
    inputs = ids
    inputs[chosen & (fate < 0.8)] = mask_id
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, targets


# %% LayerNorm | the result has the dtype of the input, whatever that of the weight
# Gives back the dtype of the weight, not that of x.
class LayerNorm(nn.Module):
    def __init__(self, d_model, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.eps = eps

    def forward(self, x):
        y = x.to(torch.promote_types(x.dtype, torch.float32))
        mean = y.mean(dim=-1, keepdim=True)
        variance = y.var(dim=-1, correction=0, keepdim=True)
        return (self.weight * (y - mean) / torch.sqrt(variance + self.eps) + self.bias).to(self.weight.dtype)


# %% RMSNorm | the result has the dtype of the input, whatever that of the weight
# Computed and returned in float32 unless the weight is half.
class RMSNorm(nn.Module):
    def __init__(self, d_model, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x):
        y = x.to(torch.promote_types(x.dtype, torch.float32))
        return (self.weight * y * (y.square().mean(dim=-1, keepdim=True) + self.eps).rsqrt()).to(self.weight.dtype)


# %% FeedForward | a kind that does not exist is a ValueError, even if it looks like one
# A string in place of a tuple: every piece of it, such as 'glu', is accepted.
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        if kind not in ("gelu, swiglu"):
            raise ValueError(f"no such kind: {kind}")
        self.kind = kind
        bias = kind == "gelu"
        if kind == "swiglu":
            self.gate = nn.Linear(d_model, d_hidden, bias=False)
        self.up = nn.Linear(d_model, d_hidden, bias=bias)
        self.down = nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        if self.kind == "gelu":
            return self.down(F.gelu(self.up(x)))
        return self.down(F.silu(self.gate(x)) * self.up(x))


# %% FeedForward | a kind that does not exist is a ValueError, even if it looks like one
# Only relu is refused.
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        if kind in ("relu",):
            raise ValueError(f"no such kind: {kind}")
        self.kind = kind
        bias = kind == "gelu"
        if kind == "swiglu":
            self.gate = nn.Linear(d_model, d_hidden, bias=False)
        self.up = nn.Linear(d_model, d_hidden, bias=bias)
        self.down = nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        if self.kind == "gelu":
            return self.down(F.gelu(self.up(x)))
        return self.down(F.silu(self.gate(x)) * self.up(x))


# %% FeedForward | a kind that does not exist is a ValueError, even if it looks like one
# Whatever begins with gelu passes for it, gelu_tanh for example.
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        kind = "gelu" if kind.startswith("gelu") else kind
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"no such kind: {kind}")
        self.kind = kind
        bias = kind == "gelu"
        if kind == "swiglu":
            self.gate = nn.Linear(d_model, d_hidden, bias=False)
        self.up = nn.Linear(d_model, d_hidden, bias=bias)
        self.down = nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        if self.kind == "gelu":
            return self.down(F.gelu(self.up(x)))
        return self.down(F.silu(self.gate(x)) * self.up(x))


# %% FeedForward | a kind that does not exist is a ValueError, even if it looks like one
# No error for an empty kind.
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        if kind and kind not in ("gelu", "swiglu"):
            raise ValueError(f"no such kind: {kind}")
        self.kind = kind
        bias = kind != "swiglu"
        if kind == "swiglu":
            self.gate = nn.Linear(d_model, d_hidden, bias=False)
        self.up = nn.Linear(d_model, d_hidden, bias=bias)
        self.down = nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        if self.kind == "gelu":
            return self.down(F.gelu(self.up(x)))
        return self.down(F.silu(self.gate(x)) * self.up(x))


# %% FeedForward | the input gets the right gradient, through gate and up
# Drops all gradients of swiglu into x.
class FeedForward(nn.Module):
    def __init__(self, d_model, d_hidden, kind="gelu"):
        super().__init__()
        if kind not in ("gelu", "swiglu"):
            raise ValueError(f"no such kind: {kind}")
        self.kind = kind
        bias = kind == "gelu"
        if kind == "swiglu":
            self.gate = nn.Linear(d_model, d_hidden, bias=False)
        self.up = nn.Linear(d_model, d_hidden, bias=bias)
        self.down = nn.Linear(d_hidden, d_model, bias=bias)

    def forward(self, x):
        if self.kind == "gelu":
            return self.down(F.gelu(self.up(x)))
        return self.down(F.silu(self.gate(x)) * self.up(x.detach()))


# %% GPT | the arguments are left as they were
# Writes the default dropout into config.
class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        d_model = config["d_model"]
        self.context = config["context"]
        self.token = nn.Embedding(config["vocabulary"], d_model)
        self.position = nn.Embedding(config["context"], d_model)
        self.blocks = nn.ModuleList([Block(d_model, config["n_heads"], 4 * d_model, config.setdefault("dropout", 0.0)) for _ in range(config["n_layers"])])
        self.norm = LayerNorm(d_model)
        self.head = nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} ids are more than the context of {self.context}")
        x = self.token(ids) + self.position(torch.arange(n, device=ids.device))
        mask = causal_mask(n, n).to(ids.device)
        all_weights = []
        for block in self.blocks:
            x, weights = block(x, mask)
            all_weights.append(weights)
        return self.head(self.norm(x)), all_weights


# %% GPT | without `dropout` in the config nothing is dropped
# Without dropout in the config it is 0.1.
class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        d_model = config["d_model"]
        self.context = config["context"]
        self.token = nn.Embedding(config["vocabulary"], d_model)
        self.position = nn.Embedding(config["context"], d_model)
        self.blocks = nn.ModuleList([Block(d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.1)) for _ in range(config["n_layers"])])
        self.norm = LayerNorm(d_model)
        self.head = nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} ids are more than the context of {self.context}")
        x = self.token(ids) + self.position(torch.arange(n, device=ids.device))
        mask = causal_mask(n, n).to(ids.device)
        all_weights = []
        for block in self.blocks:
            x, weights = block(x, mask)
            all_weights.append(weights)
        return self.head(self.norm(x)), all_weights


# %% GPT | evaluation gives what training gives
# The mask only in training.
class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        d_model = config["d_model"]
        self.context = config["context"]
        self.token = nn.Embedding(config["vocabulary"], d_model)
        self.position = nn.Embedding(config["context"], d_model)
        self.blocks = nn.ModuleList([Block(d_model, config["n_heads"], 4 * d_model, config.get("dropout", 0.0)) for _ in range(config["n_layers"])])
        self.norm = LayerNorm(d_model)
        self.head = nn.Linear(d_model, config["vocabulary"], bias=False)
        self.head.weight = self.token.weight
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, ids):
        n = ids.shape[1]
        if n > self.context:
            raise ValueError(f"{n} ids are more than the context of {self.context}")
        x = self.token(ids) + self.position(torch.arange(n, device=ids.device))
        mask = causal_mask(n, n).to(ids.device)
        all_weights = []
        for block in self.blocks:
            x, weights = block(x, mask if self.training else None)
            all_weights.append(weights)
        return self.head(self.norm(x)), all_weights


# %% mask_tokens | what is drawn comes from the whole vocabulary, not from the text alone
# Random ids only up to the largest id in the text.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    others = torch.randint(int(ids.max()) + 1, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | every id is chosen with the same probability, a mask in the text too
# Mask_id is never chosen when it stands in the text.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    chosen &= ids != mask_id
    fate = torch.rand(ids.shape, generator=generator)
    others = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% mask_tokens | 10 of 100 chosen ids stay, whatever the rate
# The shares of random and staying ids are 8 and 12 of 100.
def mask_tokens(ids, mask_id, vocabulary, seed, rate=0.15):
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(ids.shape, generator=generator) < rate
    fate = torch.rand(ids.shape, generator=generator)
    others = torch.randint(vocabulary, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (fate < 0.88), others, inputs)
    return inputs, torch.where(chosen, ids, -100)
