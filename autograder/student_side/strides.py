"""Arrays and tensors laid out in memory as they were where they came from."""

import math

import numpy as np

SPREAD = 64 << 20  # bytes that an array with gaps may take


def laid_out_array(array: np.ndarray, strides: list[int]) -> np.ndarray:
    """The same array in memory that is laid out with these strides (in bytes), if that is of the array's own order of size."""
    item = array.itemsize
    if any(step % item for step in strides) or not _fits(array.shape, [step // item for step in strides], item):
        return array
    few = array[tuple(slice(1) if step == 0 else slice(None) for step in strides)]  # an axis that repeats is stored once
    reach = [step * (size - 1) for size, step in zip(few.shape, strides, strict=True)]
    first = -sum(step for step in reach if step < 0)
    memory = bytearray(first + sum(step for step in reach if step > 0) + item)
    np.ndarray(few.shape, array.dtype, memory, first, strides)[...] = few
    return np.ndarray(array.shape, array.dtype, memory, first, strides)


def laid_out_tensor(tensor, strides: list[int]):
    """The same tensor in memory that is laid out with these strides (in items), under the same condition."""
    import torch

    if min(strides, default=0) < 0 or not _fits(tensor.shape, strides, tensor.itemsize):
        return tensor
    few = tensor[tuple(slice(1) if step == 0 else slice(None) for step in strides)]
    try:
        return torch.empty_strided(few.shape, strides, dtype=tensor.dtype).copy_(few).expand(tensor.shape)
    except RuntimeError:  # places in memory that several items share
        return tensor


def _fits(shape, strides: list[int], item: int) -> bool:
    span = 1 + sum(abs(step) * max(size - 1, 0) for size, step in zip(shape, strides, strict=False))
    return len(shape) == len(strides) and 0 not in shape and span <= 8 * math.prod(shape) + 4096 and span * item <= SPREAD
