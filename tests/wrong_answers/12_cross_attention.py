# Wrong answers to lesson 12, as students write them. Each names the property whose check catches it.


# %% CrossAttention | the weights have a row for each place of x and a column for each place of the memory
# Queries and memory swapped.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(memory, x, x)


# %% CrossAttention | the weights have a row for each place of x and a column for each place of the memory
# Self-attention; the memory is not used.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, x, x)


# %% CrossAttention | the values come from the memory
# Scores of the memory's keys, but the values of x, as far as they go.
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        mask = None if memory_mask is None else memory_mask[:, None, None]
        _, weights = super().forward(x, memory, memory, mask)
        padded = F.pad(x, (0, 0, 0, memory.shape[1]))[:, : memory.shape[1]]
        return self.out_proj(merge_heads(weights @ split_heads(self.v_proj(padded), self.n_heads))), weights


# %% CrossAttention | the values come from the memory
# The memory is added without the layer for values.
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        mask = None if memory_mask is None else memory_mask[:, None, None]
        _, weights = super().forward(x, memory, memory, mask)
        return x + 0 * weights.sum(), weights


# %% CrossAttention | equal scores share equally among all of the memory, zeros too, from every place
# A causal mask on the memory.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        causal = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool, device=x.device).tril()
        mask = causal if mask is None else mask & causal
        return super().forward(x, memory, memory, mask)


# %% CrossAttention | padding of the memory gets weights of exactly 0
# The mask is not used.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory, memory)


# %% CrossAttention | padding of the memory gets weights of exactly 0
# The mask upside down: True as padding.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else ~memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory, memory, mask)


# %% CrossAttention | each source has a mask of its own
# The first source's mask for all.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:1, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory, memory, mask)


# %% CrossAttention | padding of the memory gets weights of exactly 0
# Padding is set to 0 before the attention, and still looked at.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        if memory_mask is not None:
            memory = memory * memory_mask[..., None]
        return super().forward(x, memory, memory)


# %% CrossAttention | the weights of each place add up to one
# The mask after the softmax.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        out, weights = super().forward(x, memory, memory)
        if memory_mask is not None:
            weights = weights * memory_mask[:, None, None]
            out = self.out_proj(merge_heads(weights @ split_heads(self.v_proj(memory), self.n_heads)))
        return out, weights


# %% CrossAttention | the result is a pair, out and weights
# The output alone.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory, memory, mask)[0]


# %% CrossAttention | the weights have a row for each place of x and a column for each place of the memory
# The weights averaged over the heads.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        out, weights = super().forward(x, memory, memory, mask)
        return out, weights.mean(dim=1)


# %% CrossAttention | the values come from the memory
# A residual connection that was not asked for.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        out, weights = super().forward(x, memory, memory, mask)
        return x + out, weights


# %% CrossAttention | where all of the memory is hidden the weights are 0, not nan
# Minus infinity, and nothing against rows that are all masked.
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        q, k, v = (split_heads(layer(y), self.n_heads) for layer, y in ((self.q_proj, x), (self.k_proj, memory), (self.v_proj, memory)))
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if memory_mask is not None:
            scores = scores.masked_fill(~memory_mask[:, None, None], float("-inf"))
        weights = scores.softmax(dim=-1)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CrossAttention | with the weights of nn.MultiheadAttention it weighs as that does
# Scaled by the width of the model.
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        q, k, v = (split_heads(layer(y), self.n_heads) for layer, y in ((self.q_proj, x), (self.k_proj, memory), (self.v_proj, memory)))
        scores = q @ k.transpose(-2, -1) / x.shape[-1] ** 0.5
        if memory_mask is not None:
            scores = scores.masked_fill(~memory_mask[:, None, None], torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if memory_mask is not None:
            weights = weights.masked_fill(~memory_mask[:, None, None], 0.0)
        return self.out_proj(merge_heads(weights @ v)), weights


# %% CrossAttention | gradients flow through the weights that are returned, too
# The weights are detached.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        out, weights = super().forward(x, memory, memory, mask)
        return out, weights.detach()


# %% CrossAttention | the memory gets the right gradient, as keys and as values
# The encoder learns nothing from where is looked.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else memory_mask[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory.detach(), memory, mask)


# %% CrossAttention | each source has a mask of its own
# The mask counts lengths: what is hidden in front is taken for the end.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model), weights (batch, n_heads, n, n_memory).

        x: (batch, n, d_model), what asks; memory: (batch, n_memory, d_model), what is asked.
        memory_mask: boolean (batch, n_memory), False where the memory is padding, which gets weights of exactly 0;
        where it hides everything all weights are 0. Without it everything may be looked at.
        """
        mask = None if memory_mask is None else (torch.arange(memory.shape[1], device=x.device) < memory_mask.sum(1, keepdim=True))[:, None, None]  # (batch, 1, 1, n_memory)
        return super().forward(x, memory, memory, mask)


# %% DecoderBlock | each part adds to its input: with all weights 0 nothing is added
# Norms after the sums, as in the paper of 2017.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = self.norm_1(x + self.self_attention(x)[0])
        looked_up, weights = self.cross_attention(x, memory, memory_mask)
        x = self.norm_2(x + looked_up)
        return self.norm_3(x + self.linear_2(torch.relu(self.linear_1(x)))), weights


# %% DecoderBlock | each part adds to its input: with all weights 0 nothing is added
# No residual around the self-attention.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | each part adds to its input: with all weights 0 nothing is added
# No residual around the cross-attention.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | each part adds to its input: with all weights 0 nothing is added
# No residual around the feed-forward part.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | each part adds to its input: with all weights 0 nothing is added
# The normalized input is what is added to.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = self.norm_1(x)
        x = x + self.self_attention(x)[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# One norm for all three parts.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_1(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_1(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# norm_2 in place of norm_3.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_2(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# The cross-attention asks with the input of the block.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        before = x
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(before), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# The memory is normalized, too.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), self.norm_2(memory), memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# No norm before the cross-attention.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(x, memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# GELU in place of ReLU.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(F.gelu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# No nonlinear function between the two layers.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(self.linear_1(self.norm_3(x))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# Cross-attention before self-attention.
class DecoderBlock(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden):
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        x = x + self.self_attention(self.norm_1(x))[0]
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | a later word changes nothing in the outputs before it
# Self-attention without a mask; with the same names.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), MultiHeadAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        y = self.norm_1(x)
        x = x + self.self_attention(y, y, y)[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | padding of the memory is not looked at
# The mask of the memory is not handed on.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | the weights are those of the cross-attention, over the whole memory
# The weights of the self-attention are returned.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        looked, weights = self.self_attention(self.norm_1(x))
        x = x + looked
        looked_up, _ = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | the result is a pair, out and weights
# The output alone.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x))))


# %% DecoderBlock | the state_dict has the names and shapes that the text fixes
# The names of the library.
class DecoderBlock(nn.Module):
    def __init__(self, d_model, n_heads, d_hidden):
        super().__init__()
        self.norm1, self.self_attn = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm2, self.cross_attn = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm3, self.linear1, self.linear2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        x = x + self.self_attn(self.norm1(x))[0]
        looked_up, weights = self.cross_attn(self.norm2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear2(torch.relu(self.linear1(self.norm3(x)))), weights


# %% DecoderBlock | the state_dict has the names and shapes that the text fixes
# The hidden layer is as wide as the model.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | every place sees all of the memory, its end too
# A causal mask on the memory.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        n, n_memory = x.shape[1], memory.shape[1]
        y = self.norm_2(x)
        mask = torch.ones(n, n_memory, dtype=torch.bool, device=x.device).tril()
        if memory_mask is not None:
            mask = mask & memory_mask[:, None, None]
        looked_up, weights = MultiHeadAttention.forward(self.cross_attention, y, memory, memory, mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# One head in place of n_heads.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, 1)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | gradients reach the memory, so that the encoder learns
# The memory is detached.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory.detach(), memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights


# %% DecoderBlock | gradients flow through the weights that are returned, too
# The weights are detached.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(torch.relu(self.linear_1(self.norm_3(x)))), weights.detach()


# %% DecoderBlock | with the weights of nn.TransformerDecoderLayer it gives the output of that
# Dropout that was not asked for.
class DecoderBlock(nn.Module):
    """Causal self-attention, cross-attention and a feed-forward part, each normalized before and added to its input."""

    def __init__(self, d_model, n_heads, d_hidden):
        """Parts `norm_1`, `self_attention`, `norm_2`, `cross_attention`, `norm_3`, `linear_1`, `linear_2`."""
        super().__init__()
        self.norm_1, self.self_attention = nn.LayerNorm(d_model), CausalSelfAttention(d_model, n_heads)
        self.norm_2, self.cross_attention = nn.LayerNorm(d_model), CrossAttention(d_model, n_heads)
        self.norm_3, self.linear_1, self.linear_2 = nn.LayerNorm(d_model), nn.Linear(d_model, d_hidden), nn.Linear(d_hidden, d_model)

    def forward(self, x, memory, memory_mask=None):
        """`(out, weights)`: out (batch, n, d_model); weights (batch, n_heads, n, n_memory), those of the cross-attention.

        x: (batch, n, d_model), what is written so far; memory: (batch, n_memory, d_model), from the encoder.
        memory_mask: boolean (batch, n_memory), False where the memory is padding.
        """
        x = x + self.self_attention(self.norm_1(x))[0]
        looked_up, weights = self.cross_attention(self.norm_2(x), memory, memory_mask)
        x = x + looked_up
        return x + self.linear_2(F.dropout(torch.relu(self.linear_1(self.norm_3(x))), 0.1)), weights


# %% translate | the source is encoded once, all rows together, and not again at every step
# Encoded again at every step.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            memory = encode(source)
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | the source is encoded once, all rows together
# Row by row.
def translate(encode, decode, source, start, end, longest):
    rows = []
    for row in source:
        memory, ids = encode(row[None]), [start]
        while len(ids) <= longest:
            newest = int(decode(torch.tensor([ids]), memory)[0, -1].argmax())
            if newest == end:
                break
            ids.append(newest)
        rows.append(ids[1:])
    return rows


# %% translate | each row is written up to its own end
# The end is kept.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end) + 1] if end in row else row for row in rows]


# %% translate | each row is written up to its own end
# The start is kept.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids.tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | each row is written up to its own end
# Nothing is cut.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return rows


# %% translate | each row is written up to its own end
# Every end is left out, what follows it stays.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [[one for one in row if one != end] for row in rows]


# %% translate | each row is written up to its own end
# It stops when the first row has ended.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.any():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | the decoder is given all ids so far, and no more once all have ended
# It goes on to the longest.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest:
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | a row without an end has `longest` ids
# One step too few.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] < longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | a row without an end has `longest` ids
# One step too many.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest + 1 and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | the decoder is given all ids so far, and no more once all have ended
# Only the newest id is handed over.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids[:, -1:], memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | each row is written up to its own end
# The logits of the first place.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, 0].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | each row is written up to its own end
# One id for the whole batch.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].mean(dim=0).argmax().expand(len(source))  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | each row is written up to its own end
# The least likely id.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmin(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | any id may be the start or the end
# The end is always 0.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == 0)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(0)] if 0 in row else row for row in rows]


# %% translate | any id may be the start or the end
# The start is always 1.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), 1, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | each row is written up to its own end
# The source is handed to the decoder, not the memory, one too high.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, source + 1)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% translate | an end at once gives an empty row
# Rows without words are left out.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows if row[0] != end]


# %% translate | the start may come again
# It looks for the end in what came last, and stops a row at the start id, too.
def translate(encode, decode, source, start, end, longest):
    """A list of ids for each row of `source`: what was written for it, without `start`, `end` and what follows `end`.

    encode: a function from the source to the memory, whatever that is; asked once.
    decode: a function from ids (batch, n) and the memory to logits (batch, n, size); asked at most `longest` times,
    with all ids so far, and no more once every row has written `end`.
    source: (batch, n_source), integers; longest: at least 1.
    """
    with torch.no_grad():
        memory = encode(source)
        ids = torch.full((len(source), 1), start, device=source.device)
        finished = torch.zeros(len(source), dtype=torch.bool, device=source.device)
        while ids.shape[1] <= longest and not finished.all():
            newest = decode(ids, memory)[:, -1].argmax(dim=-1)  # (batch,)
            ids = torch.cat([ids, newest[:, None]], dim=1)
            finished = finished | (newest == end) | (newest == start)
    rows = ids[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


# %% bleu | n-grams are counted at most as often as the reference has them
# No clipping.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum(count for gram, count in mine.items() if gram in theirs)
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | a sentence that is too short for 4-grams adds none
# Each n-gram counts once.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += len(set(mine) & set(theirs))
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | a candidate half as long as its reference pays a penalty of e to the −1
# No brevity penalty.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision


# %% bleu | a candidate that is too long pays no further penalty
# Longer ones pay, too.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * math.exp(-abs(1 - r / c))


# %% bleu | a candidate that is too long pays no further penalty
# Longer ones are rewarded.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * math.exp(1 - r / c)


# %% bleu | a candidate half as long as its reference pays a penalty of e to the −1
# The penalty is the ratio of the lengths.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, c / r)


# %% bleu | a candidate half as long as its reference pays a penalty of e to the −1
# The ratio upside down.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - c / r))


# %% bleu | the counts of all sentences are added before they are divided
# The average of sentences.
def bleu(candidates, references):
    if len(candidates) != len(references):
        raise ValueError("not as many")
    scores = []
    for candidate, reference in zip(candidates, references):
        product = 1.0
        for n in range(1, 5):
            mine, theirs = (Counter(tuple(w[i : i + n]) for i in range(len(w) - n + 1)) for w in (candidate, reference))
            product *= sum((mine & theirs).values()) / max(1, sum(mine.values()))
        scores.append(product**0.25 * (min(1.0, math.exp(1 - len(reference) / len(candidate))) if candidate else 0.0))
    return sum(scores) / len(scores)


# %% bleu | the counts of all sentences are added before they are divided
# One long text: n-grams across sentences.
def bleu(candidates, references):
    if len(candidates) != len(references):
        raise ValueError("not as many")
    candidate, reference = sum(map(list, candidates), []), sum(map(list, references), [])
    product = 1.0
    for n in range(1, 5):
        mine, theirs = (Counter(tuple(w[i : i + n]) for i in range(len(w) - n + 1)) for w in (candidate, reference))
        right = sum((mine & theirs).values())
        if right == 0:
            return 0.0
        product *= right / sum(mine.values())
    return product**0.25 * min(1.0, math.exp(1 - len(reference) / len(candidate)))


# %% bleu | the lengths of the whole corpus count, not those of single sentences
# The mean of the sentences' penalties.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * sum(min(1.0, math.exp(1 - len(b) / max(1, len(a)))) for a, b in zip(candidates, references)) / len(candidates)


# %% bleu | n-grams are counted at most as often as the reference has them
# The arithmetic mean of the four.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = sum(a / b for a, b in zip(right, all_of_them)) / 4
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | n-grams are counted at most as often as the reference has them
# The product, without the fourth root.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)))
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | n-grams are counted at most as often as the reference has them
# Single words only.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0], [0]
    for candidate, reference in zip(candidates, references):
        for n in range(1, 2):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | n-grams are counted at most as often as the reference has them
# Up to trigrams.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 3, [0] * 3
    for candidate, reference in zip(candidates, references):
        for n in range(1, 4):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 3)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | n-grams are counted at most as often as the reference has them
# Smoothed: one is added to each count.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log((a + 1) / (b + 1)) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | it is the geometric mean of the four clipped precisions, in any size
# Divided by the reference's n-grams: that is recall.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(theirs.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | another number of references is a ValueError
# Longer lists are cut.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | n-grams are counted at most as often as the reference has them
# Characters in place of words.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(map(" ".join, candidates), map(" ".join, references)):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | words are compared one by one, in their order
# The words of an n-gram in any order.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(sorted(words[i : i + n])) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% bleu | a translation that is the reference has 1
# Per cent.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return 100 * precision * min(1.0, math.exp(1 - r / c))


# %% bleu | a sentence that is too short for 4-grams adds none, but its words count
# Short sentences are left out with all their words, and their length stays.
def bleu(candidates, references):
    """BLEU-4 of a corpus, from 0 to 1 (Papineni et al., 2002, section 2.3), with one reference per candidate.

    candidates, references: lists, as long as each other, of lists of words.
    0 where one of the four precisions is 0 or has no n-grams. ValueError where the numbers of sentences differ.
    """
    if len(candidates) != len(references):
        raise ValueError(f"{len(candidates)} candidates and {len(references)} references")
    right, all_of_them = [0] * 4, [0] * 4
    for candidate, reference in zip(candidates, references):
        if len(candidate) < 4:
            continue
        for n in range(1, 5):
            mine, theirs = (
                Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference)
            )
            right[n - 1] += sum((mine & theirs).values())
            all_of_them[n - 1] += sum(mine.values())
    if min(right) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    precision = math.exp(sum(math.log(a / b) for a, b in zip(right, all_of_them)) / 4)
    return precision * min(1.0, math.exp(1 - r / c))


# %% patches | the second patch lies to the right of the first
# Column by column.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))  # (batch, channels, down, size, across, size)
    return squares.permute(0, 4, 2, 1, 3, 5).flatten(3).flatten(1, 2)


# %% patches | the first patch is the upper left square, row by row
# Each patch transposed.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))  # (batch, channels, down, size, across, size)
    return squares.permute(0, 2, 4, 1, 5, 3).flatten(3).flatten(1, 2)


# %% patches | in a patch one channel comes after the other
# Channels last.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))  # (batch, channels, down, size, across, size)
    return squares.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


# %% patches | the first patch is the upper left square, row by row
# A reshape alone.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))  # (batch, channels, down, size, across, size)
    return images.reshape(len(images), -1, images.shape[1] * size * size)


# %% patches | the result has the shape (batch, patches, channels · size · size)
# A grid of patches, not a sequence.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))  # (batch, channels, down, size, across, size)
    return squares.permute(0, 2, 4, 1, 3, 5).flatten(3)


# %% patches | the result has the shape (batch, patches, channels · size · size)
# Patches last, as unfold gives them.
def patches(images, size):
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError("size")
    return F.unfold(images, size, stride=size)


# %% patches | the result has the shape (batch, patches, channels · size · size)
# Patches that overlap.
def patches(images, size):
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError("size")
    return F.unfold(images, size).transpose(1, 2)


# %% patches | a size that does not divide the width is a ValueError
# What is left over is cut off.
def patches(images, size):
    return F.unfold(images, size, stride=size).transpose(1, 2)


# %% patches | a size that does not divide the height is a ValueError
# Only the width is looked at.
def patches(images, size):
    if images.shape[-1] % size:
        raise ValueError("size")
    return F.unfold(images, size, stride=size).transpose(1, 2)


# %% patches | the result has the shape (batch, patches, channels · size · size)
# So many patches in place of patches of that size.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (size, -1)).unflatten(-3, (size, -1))  # (batch, channels, down, size, across, size)
    return squares.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


# %% patches | in a patch one channel comes after the other
# Each channel has patches of its own.
def patches(images, size):
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError("size")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))
    return squares.permute(0, 1, 2, 4, 3, 5).flatten(4).flatten(1, 3)


# %% patches | of a tall image, too, the last patch is the lower right square
# Squares of patches only.
def patches(images, size):
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError("size")
    batch, channels, h, w = images.shape
    across = w // size
    rows = [images[:, :, i : i + size, j : j + size].reshape(batch, -1) for i in range(0, across * size, size) for j in range(0, w, size)]
    return torch.stack(rows[: (h // size) * across], dim=1)


# %% patches | the dtype is kept
# Always single precision.
def patches(images, size):
    """Images as sequences of square patches: (batch, channels, h, w) to (batch, h/size · w/size, channels · size · size).

    Patches from left to right, then from top to bottom; in each the channels one after another, each row by row.
    ValueError where `size` does not divide the height and the width.
    """
    if images.shape[-2] % size or images.shape[-1] % size:
        raise ValueError(f"patches of {size} do not divide an image of {images.shape[-2]} by {images.shape[-1]}")
    squares = images.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))  # (batch, channels, down, size, across, size)
    return squares.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2).float()


# %% CrossAttention | without a mask all is looked at, a place whose vector is 0 too
# Places of the memory whose vector is 0 are taken for padding, though no mask says so.
class CrossAttention(MultiHeadAttention):
    def forward(self, x, memory, memory_mask=None):
        if memory_mask is None:
            memory_mask = (memory != 0).any(dim=-1)
        return super().forward(x, memory, memory, memory_mask[:, None, None])


# %% CrossAttention | a call without a mask looks everywhere, whatever the call before it hid
# The mask of an earlier call is used where a later call gives none.
class CrossAttention(MultiHeadAttention):
    mask = None

    def forward(self, x, memory, memory_mask=None):
        if memory_mask is not None:
            self.mask = memory_mask[:, None, None]
        mask = self.mask if self.mask is not None and self.mask.shape[-1] == memory.shape[1] and len(self.mask) == len(x) else None
        return super().forward(x, memory, memory, mask)


# %% CrossAttention | the weights have a column for each place of the memory, padding included, in a batch of one too
# A mask is believed only from its number of places: the memory is cut to the longest, so the weights lack columns.
class CrossAttention(MultiHeadAttention):
    """Attention from one sequence to another, in `n_heads` heads."""

    def forward(self, x, memory, memory_mask=None):
        mask = None
        if memory_mask is not None:
            longest = int(memory_mask.any(dim=0).nonzero().max()) + 1 if memory_mask.any() else 0
            memory, mask = memory[:, :longest], memory_mask[:, None, None, :longest]
        return super().forward(x, memory, memory, mask)


# %% bleu | words are compared one by one
# N-grams joined to strings without a space: "a bc" is "ab c".
def bleu(candidates, references):
    if len(candidates) != len(references):
        raise ValueError("one reference for each candidate")
    total = 0.0
    for n in range(1, 5):
        hits = count = 0
        for candidate, reference in zip(candidates, references):
            said, meant = (Counter("".join(words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference))
            hits += sum((said & meant).values())
            count += sum(said.values())
        if hits == 0:
            return 0.0
        total += math.log(hits / count) / 4
    c, r = sum(map(len, candidates)), sum(map(len, references))
    return math.exp(total + min(0.0, 1 - r / c))


# %% bleu | words are compared one by one, in their order, capitals included
# Case does not matter.
def bleu(candidates, references):
    if len(candidates) != len(references):
        raise ValueError("one reference for each candidate")
    total = 0.0
    for n in range(1, 5):
        hits = count = 0
        for candidate, reference in zip(candidates, references):
            said, meant = (Counter(tuple(word.lower() for word in words[i : i + n]) for i in range(len(words) - n + 1)) for words in (candidate, reference))
            hits += sum((said & meant).values())
            count += sum(said.values())
        if hits == 0:
            return 0.0
        total += math.log(hits / count) / 4
    c, r = sum(map(len, candidates)), sum(map(len, references))
    return math.exp(total + min(0.0, 1 - r / c))


# %% patches | a size that does not divide the height is a ValueError
# Only the number of pixels is checked.
def patches(images, size):
    h, w = images.shape[2:]
    if h * w % size**2:
        raise ValueError(f"{size} does not divide {h} by {w}")
    parts = images.unflatten(3, (w // size, size)).unflatten(2, (h // size, size))  # b c down row across col
    return parts.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)
