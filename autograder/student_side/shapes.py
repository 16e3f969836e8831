"""Shapes, types and strides of arrays that may have been forged; arrays laid out in memory as they were where they came from."""

import math

import numpy as np

from .plain_data import ARRAY, ARRAY_KINDS, Malformed

EMPTY = 4  # bytes that NumPy takes for a text without a character


def checked_type(text) -> np.dtype:
    """The NumPy type of that name, of those that are data; raises `Malformed`."""
    if len(text) > 24:
        raise Malformed("an array has an unknown type")
    dtype = np.dtype(str(text))
    if dtype.kind not in ARRAY_KINDS or dtype.shape:
        raise Malformed("an array has an unknown type")
    return dtype


def checked_shape(sizes, item: int) -> tuple[int, ...]:
    """The shape of an array of items of so many bytes; raises `Malformed`. Also one without any item is refused where a sum along
    one of its axes, which has a number for each of the others, would be too large."""
    shape = tuple(int(size) for size in sizes)
    if len(shape) > 32 or any(size < 0 for size in shape):
        raise Malformed("an array has an impossible shape")
    if math.prod(max(size, 1) for size in shape) * item > ARRAY or any(size >= 1 << 40 for size in shape):
        raise Malformed("an array is too large")
    return shape


def spread(shape: tuple[int, ...], strides: list[int], item: int) -> int | None:
    """Bytes that an array takes with these strides (in items of so many bytes); None if that is beyond its own order of size."""
    if len(shape) != len(strides) or 0 in shape:
        return None
    span = 1 + sum(abs(step) * (size - 1) for size, step in zip(shape, strides, strict=True))
    return span * item if span <= 8 * math.prod(shape) + 4096 else None


def laid_out_array(array: np.ndarray, strides: list[int]) -> np.ndarray:
    """The same array in memory that is laid out with these strides (in bytes)."""
    few = array[_once(strides)]
    reach = [step * (size - 1) for size, step in zip(few.shape, strides, strict=True)]
    first = -sum(step for step in reach if step < 0)
    memory = bytearray(first + sum(step for step in reach if step > 0) + array.itemsize)
    np.ndarray(few.shape, array.dtype, memory, first, strides)[...] = few
    return np.ndarray(array.shape, array.dtype, memory, first, strides)


def laid_out_tensor(tensor, strides: list[int]):
    """The same tensor in memory that is laid out with these strides (in items), unless several items would share a place."""
    import torch

    few = tensor[_once(strides)]
    try:
        return torch.empty_strided(few.shape, strides, dtype=tensor.dtype).copy_(few).expand(tensor.shape)
    except RuntimeError:
        return tensor


def _once(strides: list[int]) -> tuple[slice, ...]:
    """The part of an array that is stored: an axis that repeats is stored once."""
    return tuple(slice(1) if step == 0 else slice(None) for step in strides)
