"""Data to bytes and back: all that should come through does, and nothing forged does harm."""

import json
import math
import struct
import tracemalloc

import numpy as np
import pytest
import torch
from probes import resident

from autograder.student_side import plain_data
from autograder.student_side.codec import Handle, Malformed, Name, decode, encode

PLAIN = [
    None, True, False, 0, -1, 2**53, -(2**70), 0.0, -0.0, 1e-320, 1.5, "", "text", "\u03c0 \U0001f600 \ud800", b"", b"\0\xff",
    1 + 2j, [], [1, [2, []]], (), (1,), {}, {"a": 1}, {1: "x", (2, "y"): [3], None: 4, b"k": 5, 1.5: 6}, {1, 2}, frozenset({"a"}),
    slice(1, None, 2), ..., range(2, 20, 3), {"nested": [({"deep": {1, 2}},)]},
]  # fmt: skip
ARRAYS = [
    np.arange(6).reshape(2, 3),
    np.array(3.5),
    np.zeros((0, 4)),
    np.zeros((3, 0), dtype=np.float32),
    np.array([np.nan, np.inf, -0.0]),
    np.array([True, False]),
    np.arange(4, dtype=">i4"),
    np.arange(3, dtype=np.float16),
    np.array([1 + 1j], dtype=np.complex64),
    np.array(["one", "three"]),
    np.array([b"x", b"yz"]),
    np.array(["2024-01-01"], dtype="datetime64[D]"),
    np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
    np.arange(24.0).reshape(4, 6)[::-1, ::2],
    np.broadcast_to(np.arange(3.0), (4, 3)),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
]
TENSORS = [
    torch.arange(6).reshape(2, 3),
    torch.tensor(2.5),
    torch.zeros(0, 4),
    torch.tensor([1.5, float("nan"), -0.0], dtype=torch.bfloat16),
    torch.tensor([1.5, float("inf")], dtype=torch.float16),
    torch.tensor([True, False]),
    torch.tensor([1 + 2j]),
    torch.tensor([1 + 2j, 3 - 1j]).conj(),
    torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1),
    torch.arange(24.0).reshape(4, 6)[:, ::2],
    torch.arange(3.0).expand(4, 3),
    torch.arange(10.0).unfold(0, 4, 2),
]


def there_and_back(value):
    return decode(encode(value))


def message(tree, memory: bytes = b"") -> bytes:
    """A message as somebody could forge it."""
    text = json.dumps(tree).encode() if not isinstance(tree, bytes) else tree
    return struct.pack("!I", len(text)) + text + memory


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: ascii(value)[:40])
def test_plain_data_comes_back_equal_and_of_the_same_type(value):
    back = there_and_back(value)
    assert type(back) is type(value) and back == value
    assert repr(back) == repr(value)


def test_infinities_and_nan_come_back():
    assert there_and_back([math.inf, -math.inf]) == [math.inf, -math.inf]
    assert math.isnan(there_and_back(math.nan))
    assert math.isnan(there_and_back(complex(math.nan, 1)).real)


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.shape}-{array.strides}")
def test_arrays_keep_values_type_shape_and_layout(array):
    back = there_and_back(array)
    np.testing.assert_array_equal(back, array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.flags.writeable == array.flags.writeable
    if array.size:
        assert back.strides == array.strides


@pytest.mark.parametrize("tensor", TENSORS, ids=lambda tensor: f"{tensor.dtype}-{tuple(tensor.shape)}-{tensor.stride()}")
def test_tensors_keep_values_type_and_shape(tensor):
    back = there_and_back(tensor)
    assert (back.dtype, back.shape) == (tensor.dtype, tensor.shape)
    assert torch.equal(
        back.nan_to_num(7) if back.is_floating_point() else back, tensor.nan_to_num(7) if back.is_floating_point() else tensor
    )


@pytest.mark.parametrize("tensor", TENSORS[8:11], ids=["transposed", "sliced", "expanded"])
def test_tensors_keep_their_layout(tensor):
    assert there_and_back(tensor).stride() == tensor.stride()


def test_tensors_keep_whether_they_want_a_gradient():
    assert there_and_back(torch.zeros(2, requires_grad=True)).requires_grad
    assert not there_and_back(torch.zeros(2)).requires_grad


def test_tensors_on_the_meta_device_keep_their_shape():
    back = there_and_back(torch.empty(3, 10**6, 10**6, device="meta", dtype=torch.bfloat16))
    assert (back.device.type, tuple(back.shape), back.dtype) == ("meta", (3, 10**6, 10**6), torch.bfloat16)


@pytest.mark.parametrize(
    "scalar",
    [np.float32(1.5), np.int8(-3), np.bool_(True), np.complex128(1j), np.str_(""), np.str_("x"), np.float64("nan")],
    ids=repr,
)
def test_numpy_scalars_stay_numpy_scalars(scalar):
    back = there_and_back(scalar)
    assert type(back) is type(scalar) and repr(back) == repr(scalar)


@pytest.mark.parametrize("value", [np.dtype("float32"), np.float16, torch.bfloat16, torch.device("cpu")], ids=str)
def test_types_and_devices_come_back(value):
    assert there_and_back(value) == value


def test_subclasses_of_data_come_back_as_what_they_are_made_of():
    from collections import Counter, OrderedDict, namedtuple
    from enum import IntEnum

    pair = namedtuple("pair", "x y")(1, 2)
    assert there_and_back([pair, OrderedDict(a=1), Counter("aab")]) == [(1, 2), {"a": 1}, {"a": 2, "b": 1}]
    assert there_and_back(IntEnum("Colour", "RED")(1)) == 1
    assert type(there_and_back(type("Text", (str,), {})("x"))) is str
    assert there_and_back(np.ma.array([1, 2], mask=[0, 1])).tolist() == [1, 2]
    assert there_and_back(torch.nn.Parameter(torch.ones(2))).tolist() == [1, 1]


def test_what_is_no_data_travels_as_a_handle():
    handle = Handle(3, "generator", False, False)
    assert decode(encode([(x for x in "ab")], lambda thing: handle)) == [handle]
    assert decode(encode({"a": Name("softmax", "cell")})) == {"a": Name("softmax", "cell")}
    for value in (object(), np.array([object()]), torch.zeros(2).to_sparse(), lambda: 0):
        assert decode(encode(value, lambda thing: handle)) == handle
        with pytest.raises(Malformed):
            encode(value)


def test_what_is_nested_too_deep_is_refused_on_both_sides():
    deep = []
    for _ in range(plain_data.DEPTH + 5):
        deep = [deep]
    with pytest.raises(Malformed, match="deep"):
        encode(deep)
    with pytest.raises(Malformed):
        decode(message(b'{"l":[' * 500 + b"]}" * 500))
    with pytest.raises(Malformed):
        decode(message(b"[" * 200_000))
    circle = []
    circle.append(circle)
    with pytest.raises(Malformed, match="deep"):
        encode(circle)


def test_what_has_too_many_parts_is_refused_on_both_sides():
    with pytest.raises(Malformed, match="parts"):
        encode(list(range(2_000_000)))
    with pytest.raises(Malformed, match="parts"):
        decode(message(b"[" + b"1," * plain_data.TREE + b"1]"))


FORGED = {
    "nothing": b"",
    "a length beyond the end": struct.pack("!I", 1000) + b"{}",
    "no JSON": message(b"\xff\xfe"),
    "a bare list": message([1, 2]),
    "an unknown tag": message({"eval": "1"}),
    "a private name as a tag": message({"_take": 1}),
    "a method as a tag": message({"values": []}),
    "an empty node": message({}),
    "a node for a number": message({"l": 5}),
    "digits without end": message({"i": "1" * 5000}),
    "digits without end in JSON": message(b"1" * 10_000),
    "no digits": message({"i": "zz"}),
    "a list as a key": message({"d": [[{"l": []}, 1]]}),
    "a pair of three": message({"d": [[1, 2, 3]]}),
    "a set of lists": message({"s": [{"l": []}]}),
    "negative memory": message({"b": -5}),
    "memory that is not there": message({"b": 5}, b"1234"),
    "memory of a broken number": message({"b": 1.5}, b"1234"),
    "memory of truth": message({"b": True}, b"1234"),
    "an array of objects": message({"a": 8, "dtype": "O", "shape": [1]}, bytes(8)),
    "an array of records": message({"a": 8, "dtype": "i4,i4", "shape": [1]}, bytes(8)),
    "an array of arrays": message({"a": 8, "dtype": "(2,)i4", "shape": [1]}, bytes(8)),
    "an array of a long type": message({"a": 8, "dtype": "i4," * 100_000, "shape": [1]}, bytes(8)),
    "a shape that does not fit": message({"a": 8, "dtype": "<f8", "shape": [2]}, bytes(8)),
    "a negative shape": message({"a": 8, "dtype": "<f8", "shape": [-1]}, bytes(8)),
    "a shape of many axes": message({"a": 8, "dtype": "<f8", "shape": [1] * 40}, bytes(8)),
    "an endless shape": message({"a": 0, "dtype": "<f8", "shape": [2**62, 0]}),
    "a shape whose sums are too large": message({"a": 0, "dtype": "<f8", "shape": [2**30, 0]}),
    "many arrays of empty strings": message({"l": [{"a": 0, "dtype": "<U0", "shape": [9999]}] * 5000}),
    "many empty strings": message({"a": 0, "dtype": "<U0", "shape": [2**33]}),
    "a huge string type": message({"a": 0, "dtype": "<U1000000000", "shape": [0]}),
    "an unknown tensor": message({"x": 1, "dtype": "qint8", "shape": [1], "grad": False}, b"1"),
    "a tensor of a function": message({"x": 1, "dtype": "load", "shape": [1], "grad": False}, b"1"),
    "a tensor that does not fit": message({"x": 4, "dtype": "float32", "shape": [2], "grad": False}, bytes(4)),
    "a tensor of whole numbers with a gradient": message({"x": 8, "dtype": "int64", "shape": [1], "grad": True}, bytes(8)),
    "a function of PyTorch": message({"torch": "load"}),
    "a device of which there is none": message({"device": "nonsense"}),
    "a range without end": message({"range": [0, 10**18, 1]}),
    "a range without a step": message({"range": [0, 1, 0]}),
    "a handle of two": message({"h": [1, 2]}),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_forged_messages_are_malformed_and_nothing_else(forged):
    with pytest.raises(Malformed):
        decode(forged)


def test_strides_that_do_not_belong_to_the_array_are_not_followed():
    memory = np.arange(4.0).tobytes()
    for strides in ([8, 10**12], [2**62, 8], [16, -(10**9)], [3, 8], [8], [8, 8, 8]):
        back = decode(message({"a": 32, "dtype": "<f8", "shape": [2, 2], "strides": strides}, memory))
        assert back.tolist() == [[0, 1], [2, 3]]
        back = decode(message({"x": 32, "dtype": "float64", "shape": [2, 2], "strides": strides, "grad": False}, memory))
        assert back.tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    "tree",
    [
        b'{"l":[' + b'{"t":[]},' * 50_000 + b"1]}",
        b"[" + b"{}," * 160_000 + b"1]",
        b"[" + b"[]," * 160_000 + b"1]",
        b'{"s":[' + b'{"f":"1.5"},' * 19_000 + b"1]}",
        b'{"l":[' + b'{"a":0,"dtype":"|u1","shape":[0]},' * 12_000 + b"1]}",
    ],
    ids=["tuples", "objects", "lists", "set", "arrays"],
)
def test_a_bomb_of_tiny_parts_costs_bounded_memory(tree):
    tracemalloc.start()
    try:
        decode(message(tree))
    except Malformed:
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * len(tree) and 100 * plain_data.TREE <= 400 << 20


def test_a_tensor_of_one_item_may_have_any_stride():
    for tensor in (torch.arange(5)[None][:, 2], torch.ones(1, 7).T[3], torch.zeros(3, 0)[:, :0]):
        back = decode(encode(tensor))
        assert back.shape == tensor.shape and back.tolist() == tensor.tolist()


GAPS = {
    "arrays": b'{"a":32,"dtype":"<c16","shape":[2],"strides":[65536]},',
    "tensors": b'{"x":32,"dtype":"complex128","shape":[2],"strides":[4096],"grad":false},',
}


@pytest.mark.parametrize("node", GAPS.values(), ids=GAPS)
def test_many_arrays_with_gaps_cost_bounded_memory(node):
    before = resident()
    found = decode(message(b'{"l":[' + node * 20_000 + b"1]}", bytes(32 * 20_000)))
    assert len(found) == 20_001 and resident() - before < 200 << 20
    assert found[0].tolist() == found[-2].tolist() == [0, 0]


def test_numbers_with_the_same_hash_do_not_keep_the_grader_busy():
    same = [{"i": hex(number * (2**61 - 1))} for number in range(1, 30_000)]
    with pytest.raises(Malformed, match="entries"):
        decode(message({"s": same}))
    with pytest.raises(Malformed, match="entries"):
        decode(message({"d": [[key, 1] for key in same]}))
    many_small = {"l": [{"s": same[:2000]} for _ in range(15)]}
    with pytest.raises(Malformed, match="entries"):
        decode(message(many_small))


def test_large_dictionaries_of_strings_come_through():
    vocabulary = {f"token {number}": number for number in range(60_000)}
    assert there_and_back(vocabulary) == vocabulary
