"""What a value is: its kind in words, its numbers as an array, how precise they are."""

import sys

import numpy as np

NUMBERS = "biufc"  # kinds of NumPy types
NUMBERS_AND_TEXT = NUMBERS + "SU"
PLAIN = (np.ndarray, np.generic, bool, int, float, complex, str, bytes, range)
TOLERANCE = {"float64": 1e-10, "complex128": 1e-10, "float32": 1e-6, "complex64": 1e-6, "float16": 2e-3, "bfloat16": 2e-2}


class NoArray(Exception):
    """Why a value is no array, in a sentence."""


def a_kind(value) -> str:
    """What a value is, in words: "a list", "a float32 tensor of shape (2, 3)"."""
    if is_tensor(value):
        return f"{_a(str(value.dtype).removeprefix('torch.'))} tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"{_a(str(value.dtype))} array of shape {value.shape}"
    if value is None:
        return "None (is a `return` missing?)"
    return _a(getattr(value, "_kind_", None) or type(value).__name__)


def is_tensor(value) -> bool:
    """Whether a value is a PyTorch tensor, without loading PyTorch to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value) -> bool:
    """Whether a value is an array, a tensor or one of NumPy's scalars."""
    return isinstance(value, (np.ndarray, np.generic)) or is_tensor(value)


def as_array(value, kinds: str = NUMBERS) -> np.ndarray:
    """A value as an array, from an array, a tensor, a number, or lists and tuples of them; else `NoArray`."""
    try:
        array = np.asarray(_without_tensors(value))
    except ValueError:
        raise NoArray(
            f"It is {a_kind(value)} of items that differ in shape, and numbers in rows of equal length are needed."
        ) from None
    if array.dtype.kind not in kinds:
        raise NoArray(f"It is {a_kind(value)}, and numbers are needed.")
    return array


def tolerance_of(value) -> float:
    """How far apart two right answers of this precision may lie."""
    if isinstance(value, (list, tuple)):
        return max((tolerance_of(item) for item in value), default=0.0)
    if is_tensor(value):
        return TOLERANCE.get(str(value.dtype).removeprefix("torch."), 1e-10)
    return TOLERANCE.get(str(value.dtype), 1e-10) if isinstance(value, (np.ndarray, np.generic)) else 1e-10


def _without_tensors(value):
    """The value with arrays in place of tensors; what NumPy would have to guess at is refused."""
    if is_tensor(value):
        return _values_of(value)
    if isinstance(value, (list, tuple)):
        return [_without_tensors(item) for item in value]
    if not isinstance(value, PLAIN):
        raise NoArray(f"It is {a_kind(value)}, and numbers are needed.")
    return value


def _values_of(tensor) -> np.ndarray:
    import torch

    if tensor.device.type == "meta":
        raise NoArray("The tensor has no values: it is on the `meta` device.")
    tensor = tensor.detach().cpu()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.dtype.is_floating_point and tensor.dtype.itemsize < 4:  # NumPy has no bfloat16
        tensor = tensor.float()
    if tensor.dtype is torch.complex32:
        tensor = tensor.to(torch.complex64)
    return tensor.resolve_conj().resolve_neg().numpy()


def _a(name: str) -> str:
    return f"{'an' if name[:1] in 'aeioAEIOU' else 'a'} {name}"
