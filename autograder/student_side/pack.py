"""A value to a tree of plain JSON and the memory of its arrays; `unpack` reads them."""

import math
import sys

import numpy as np

from .plain_data import ARRAY_KINDS, DEPTH, TENSOR_TYPES, Callback, Handle, Malformed, Name


class Writer:
    """Makes the nodes of one message. buffers: the arrays' memory, in the order of the nodes."""

    def __init__(self, handle):
        self.handle, self.buffers = handle, []

    def node(self, value, depth: int):
        """The JSON of a value; raises `Malformed` for what is nested too deep, or is no data where no handle is made."""
        if depth > DEPTH:
            raise Malformed("the data is nested too deep")
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int:
            return value if abs(value) < 2**53 else {"i": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"f": repr(value)}
        if isinstance(value, (Callback, Handle, Name)):
            return _reference(value)
        return self._container(value, depth) or self._array(value) or self._rest(value)

    def _container(self, value, depth):
        def nodes(items):
            return [self.node(item, depth + 1) for item in items]

        for tag, kind in (("t", tuple), ("l", list), ("s", set), ("z", frozenset)):
            if isinstance(value, kind):
                return {tag: nodes(value)}
        if isinstance(value, dict):
            return {"d": [nodes(pair) for pair in value.items()]}
        return None

    def _array(self, value):
        if isinstance(value, np.generic) and value.dtype.kind in ARRAY_KINDS:
            return {"n": self._buffer(value.tobytes()), "dtype": value.dtype.str}
        if isinstance(value, np.ndarray) and value.dtype.kind in ARRAY_KINDS:
            return self._numpy(np.asarray(value).view(np.ndarray))
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor) and value.layout is torch.strided:
            return self._tensor(torch, value)
        return None

    def _numpy(self, array):
        node = {"a": self._buffer(array.tobytes()), "dtype": array.dtype.str, "shape": array.shape}
        if not array.flags.c_contiguous:
            node["strides"] = array.strides
        return node if array.flags.writeable else node | {"fixed": True}

    def _tensor(self, torch, tensor):
        name = str(tensor.dtype).removeprefix("torch.")
        if name not in TENSOR_TYPES:
            return None
        node = {"x": None, "dtype": name, "shape": list(tensor.shape), "grad": bool(tensor.requires_grad)}
        if tensor.device.type == "meta":
            return node | {"meta": True}
        data = tensor.detach().cpu().resolve_conj().resolve_neg()
        if not data.is_contiguous():
            node["strides"] = list(data.stride())
        data = data.clone(memory_format=torch.contiguous_format)  # one item counts as contiguous, whatever its stride
        node["x"] = self._buffer(data.reshape(-1).view(torch.uint8).numpy().tobytes())
        return node

    def _rest(self, value):
        torch = sys.modules.get("torch")
        if isinstance(value, int):  # bool and int themselves are done; this is a subclass, an enumeration
            return self.node(int.__index__(value), 0)
        if isinstance(value, float):
            return self.node(float.__float__(value), 0)
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, complex):
            return {"c": [repr(value.real), repr(value.imag)]}
        if isinstance(value, (bytes, bytearray)):
            return {"b": self._buffer(bytes(value))}
        if isinstance(value, slice):
            return {"slice": [self.node(part, 1) for part in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"dots": 0}
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if isinstance(value, np.dtype) and value.kind in "biufc":
            return {"np": value.str}
        if isinstance(value, type) and issubclass(value, np.generic) and value.__module__ == "numpy":
            return {"np": np.dtype(value).str, "type": True}
        if torch is not None and isinstance(value, torch.dtype):
            return {"torch": str(value).removeprefix("torch.")}
        if torch is not None and isinstance(value, torch.device):
            return {"device": str(value)}
        if self.handle is None:
            raise Malformed(f"a {type(value).__name__} is no data")
        return _reference(self.handle(value))

    def _buffer(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(data)


def _reference(value: Callback | Handle | Name) -> dict:
    if isinstance(value, Callback):
        return {"back": value.number}
    if isinstance(value, Name):
        return {"name": [value.name, value.at]}
    return {"h": [value.number, value.kind, value.callable, value.module]}
