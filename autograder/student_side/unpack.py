"""A tree of JSON and the memory of its arrays to a value. Nothing in them is trusted: both may have been forged."""

import math

import numpy as np

from .plain_data import DEPTH, DIGITS, ENTRIES, RANGE, SPREAD, TENSOR_TYPES, Callback, Handle, Malformed, Name
from .shapes import EMPTY, checked_shape, checked_type, laid_out_array, laid_out_tensor, spread


class Reader:
    """Reads the nodes of one message. buffers: the arrays' memory; handle: makes of a reference what it should be here."""

    def __init__(self, buffers: memoryview, handle):
        self.buffers, self.handle, self.position = buffers, handle, 0
        self.entries, self.room = 0, SPREAD

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
        dtype, data = checked_type(node["dtype"]), self._take(node["n"])
        return np.frombuffer(bytes(data), dtype, count=1)[0] if dtype.itemsize else dtype.type()

    def _a(self, node, depth):
        dtype = checked_type(node["dtype"])
        shape = checked_shape(node["shape"], dtype.itemsize)
        if not dtype.itemsize:
            self._take_room(math.prod(shape) * EMPTY)
            return np.empty(shape, dtype)
        array = np.frombuffer(bytearray(self._memory(node["a"], shape, dtype.itemsize)), dtype).reshape(shape)
        steps = [int(step) for step in node.get("strides", ())]
        if not any(step % dtype.itemsize for step in steps) and self._may_spread(
            shape, [step // dtype.itemsize for step in steps], dtype
        ):
            array = laid_out_array(array, steps)
        array.flags.writeable = not node.get("fixed")
        return array

    def _x(self, node, depth):
        import torch

        if node["dtype"] not in TENSOR_TYPES:
            raise Malformed("a tensor has an unknown type")
        dtype = getattr(torch, node["dtype"])
        if node.get("meta"):
            return torch.empty(checked_shape(node["shape"], 0), dtype=dtype, device="meta", requires_grad=bool(node["grad"]))
        shape = checked_shape(node["shape"], dtype.itemsize)
        data = bytearray(self._memory(node["x"], shape, dtype.itemsize))
        tensor = torch.frombuffer(data, dtype=dtype).reshape(shape) if data else torch.empty(shape, dtype=dtype)
        steps = [int(step) for step in node.get("strides", ())]
        if min(steps, default=0) >= 0 and self._may_spread(shape, steps, dtype):
            tensor = laid_out_tensor(tensor, steps)
        return tensor.requires_grad_() if node["grad"] else tensor

    def _may_spread(self, shape, steps, dtype) -> bool:
        """Whether an array has strides of its own, and the message has not used up its room for gaps between items."""
        needed = spread(shape, steps, dtype.itemsize) if steps else None
        if needed is None or needed > self.room:
            return False
        self._take_room(needed)
        return True

    def _take_room(self, needed: int) -> None:
        if needed > self.room:
            raise Malformed("an array is too large")
        self.room -= needed

    def _np(self, node, depth):
        dtype = checked_type(node["np"])
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

    def _back(self, node, depth):
        return self.handle(Callback(int(node["back"])))

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


_TAGS = frozenset("i f c t l s z d b slice dots range n a x np torch device name h back".split())
