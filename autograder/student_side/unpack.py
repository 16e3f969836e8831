"""A tree of JSON and the memory of its arrays to a value. Nothing in them is trusted: both may have been forged."""

import math

import numpy as np

from .plain_data import ARRAY, ARRAY_KINDS, DEPTH, DIGITS, ENTRIES, RANGE, TENSOR_TYPES, Handle, Malformed, Name
from .strides import laid_out_array, laid_out_tensor


class Reader:
    """Reads the nodes of one message. buffers: the arrays' memory; handle: makes of a reference what it should be here."""

    def __init__(self, buffers: memoryview, handle):
        self.buffers, self.handle, self.position, self.entries = buffers, handle, 0, 0

    def value(self, node, depth: int):
        """The value of a node; raises `Malformed`, or whatever else a forged node leads to."""
        if depth > DEPTH:
            raise Malformed("the data is nested too deep")
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if not isinstance(node, dict) or not node:
            raise Malformed("the data has an unknown form")
        tag = next(iter(node))
        if tag not in _TAGS:
            raise Malformed("the data has an unknown form")
        return getattr(self, f"_{tag}")(node, depth + 1)

    def _values(self, nodes, depth):
        return [self.value(node, depth) for node in nodes]

    def _i(self, node, depth):
        if len(node["i"]) > DIGITS:
            raise Malformed("a number has too many digits")
        return int(node["i"], 16)

    def _f(self, node, depth):
        return float(node["f"])

    def _c(self, node, depth):
        real, imaginary = node["c"]
        return complex(float(real), float(imaginary))

    def _t(self, node, depth):
        return tuple(self._values(node["t"], depth))

    def _l(self, node, depth):
        return self._values(node["l"], depth)

    def _s(self, node, depth):
        return set(self._hashed(self._values(node["s"], depth)))

    def _z(self, node, depth):
        return frozenset(self._hashed(self._values(node["z"], depth)))

    def _d(self, node, depth):
        keys, values = [], []
        for key, item in node["d"]:
            keys.append(self.value(key, depth))
            values.append(self.value(item, depth))
        return dict(zip(self._hashed(keys), values, strict=True))

    def _hashed(self, keys: list) -> list:
        """The keys, counted: numbers that have all the same hash can be chosen, strings cannot."""
        self.entries += sum(not isinstance(key, str) for key in keys)
        if self.entries > ENTRIES:
            raise Malformed("a set or dictionary has too many entries")
        return keys

    def _b(self, node, depth):
        return bytes(self._take(node["b"]))

    def _slice(self, node, depth):
        return slice(*self._values(node["slice"], depth))

    def _dots(self, node, depth):
        return Ellipsis

    def _range(self, node, depth):
        start, stop, step = (int(part) for part in node["range"])
        if step and abs(stop - start) // abs(step) > RANGE:
            raise Malformed("a range is too long")
        return range(start, stop, step)

    def _n(self, node, depth):
        dtype, data = _dtype(node["dtype"]), self._take(node["n"])
        return np.frombuffer(bytes(data), dtype, count=1)[0] if dtype.itemsize else dtype.type()

    def _a(self, node, depth):
        dtype = _dtype(node["dtype"])
        shape = _shape(node["shape"], dtype.itemsize or 4)  # NumPy makes empty strings one character long
        array = np.empty(shape, dtype)
        if dtype.itemsize:
            array = np.frombuffer(bytearray(self._memory(node["a"], shape, dtype.itemsize)), dtype).reshape(shape)
            if "strides" in node:
                array = laid_out_array(array, [int(step) for step in node["strides"]])
        array.flags.writeable = not node.get("fixed")
        return array

    def _x(self, node, depth):
        import torch

        if node["dtype"] not in TENSOR_TYPES:
            raise Malformed("a tensor has an unknown type")
        dtype = getattr(torch, node["dtype"])
        if node.get("meta"):
            return torch.empty(_shape(node["shape"], 0), dtype=dtype, device="meta", requires_grad=bool(node["grad"]))
        shape = _shape(node["shape"], dtype.itemsize)
        data = bytearray(self._memory(node["x"], shape, dtype.itemsize))
        tensor = torch.frombuffer(data, dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)
        if "strides" in node:
            tensor = laid_out_tensor(tensor, [int(step) for step in node["strides"]])
        return tensor.requires_grad_() if node["grad"] else tensor

    def _np(self, node, depth):
        dtype = _dtype(node["np"])
        return dtype.type if node.get("type") else dtype

    def _torch(self, node, depth):
        import torch

        if node["torch"] not in TENSOR_TYPES:
            raise Malformed("a type is unknown")
        return getattr(torch, node["torch"])

    def _device(self, node, depth):
        import torch

        return torch.device(node["device"])

    def _name(self, node, depth):
        name, at = node["name"]
        return self.handle(Name(str(name), str(at)))

    def _h(self, node, depth):
        number, kind, can_call, module = node["h"]
        return self.handle(Handle(int(number), str(kind)[:80], bool(can_call), bool(module)))

    def _take(self, length) -> memoryview:
        if type(length) is not int or not 0 <= length <= len(self.buffers) - self.position:
            raise Malformed("the message ends too early")
        start, self.position = self.position, self.position + length
        return self.buffers[start : self.position]

    def _memory(self, length, shape, item: int) -> memoryview:
        data = self._take(length)
        if len(data) != math.prod(shape) * item:
            raise Malformed("an array has another size than it says")
        return data


_TAGS = {
    "i",
    "f",
    "c",
    "t",
    "l",
    "s",
    "z",
    "d",
    "b",
    "slice",
    "dots",
    "range",
    "n",
    "a",
    "x",
    "np",
    "torch",
    "device",
    "name",
    "h",
}


def _dtype(text) -> np.dtype:
    if len(text) > 24:
        raise Malformed("an array has an unknown type")
    dtype = np.dtype(str(text))
    if dtype.kind not in ARRAY_KINDS or dtype.shape:
        raise Malformed("an array has an unknown type")
    return dtype


def _shape(sizes, item: int) -> tuple[int, ...]:
    """The shape of an array of items of so many bytes. Also one without any item is refused where a sum along one of its axes,
    which has one for each of the others, would be too large."""
    shape = tuple(int(size) for size in sizes)
    if len(shape) > 32 or any(size < 0 for size in shape):
        raise Malformed("an array has an impossible shape")
    if math.prod(max(size, 1) for size in shape) * item > ARRAY or any(size >= 1 << 40 for size in shape):
        raise Malformed("an array is too large")
    return shape
