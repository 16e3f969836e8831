"""Arrays out of whatever a lesson has at hand, and the errors for what does not fit."""

import numpy as np


def as_array(values) -> np.ndarray:
    """Numbers as an array of floats (booleans stay booleans), from an array, a list, or a tensor on any device.

    ValueError where there are none.
    """
    array = _plain(values)
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind not in "iuf":
        raise ValueError(f"A picture needs numbers, and these are {array.dtype}: pass an array, a list of numbers or a tensor.")
    return array.astype(float)


def as_weights(values) -> np.ndarray:
    """A matrix, from an array of two dimensions or of more whose other sizes are all one."""
    array = as_array(values)
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"A map needs the shape (queries, keys), and this is {array.shape}: pick one head of one example first.")
    return array


def _plain(values) -> np.ndarray:
    if hasattr(values, "detach"):  # a tensor; asking this way does not load PyTorch
        values = values.detach().cpu()
        try:
            return values.numpy()
        except TypeError:  # NumPy has no bfloat16
            return values.float().numpy()
    if isinstance(values, (list, tuple)):
        try:
            return np.array([_plain(value) for value in values]) if len(values) else np.zeros(0)
        except ValueError:
            raise ValueError("A picture needs rows of equal length, and these differ: pad or cut them first.") from None
    return np.asarray(values)
