"""attention_course.check: what is right passes, what is wrong is told by its property, and hidden numbers stay hidden."""

import functools
import linecache
import pickle
import subprocess
import sys
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pytest
import torch

from attention_course import check
from attention_course.check.seeds import secret

PROPERTY = "equal scores get equal shares"
NAN, INF = float("nan"), float("inf")


def failure(call, *arguments, **keywords) -> check.CheckFailed:
    with pytest.raises(check.CheckFailed) as caught:
        call(*arguments, **keywords)
    return caught.value


def defined(source: str, name: str):
    """A function or class as if it had been defined in a notebook cell, where its source can be read."""
    file = f"<cell {abs(hash(source))}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    names = {"np": np, "torch": torch, "__name__": "__main__"}
    exec(compile(source, file, "exec"), names)
    return names[name]


# close

SAME = {
    "equal arrays": (np.array([0.25, 0.75]), [0.25, 0.75]),
    "an array and nested lists": (np.eye(2), [[1, 0], [0, 1]]),
    "a list and a tuple": ([0.5, 0.5], (0.5, 0.5)),
    "a number and an array without dimensions": (0.5, np.array(0.5)),
    "a rounding error of float64": (np.array([0.1 + 0.2]), [0.3]),
    "a rounding error of float32": (np.array([0.1], dtype=np.float32), [0.1]),
    "a rounding error of float16": (np.array([0.1], dtype=np.float16), [0.1]),
    "a rounding error of bfloat16": (torch.tensor([0.1], dtype=torch.bfloat16), [0.1]),
    "a large number, relatively": (np.array([1e12 + 1]), [1e12]),
    "nan where nan is expected": (np.array([NAN, 1.0]), [NAN, 1.0]),
    "infinities": (np.array([INF, -INF]), [INF, -INF]),
    "a tensor that needs a gradient": (torch.tensor([0.5], requires_grad=True), [0.5]),
    "a list of such tensors": ([torch.tensor(0.5, requires_grad=True)] * 2, [0.5, 0.5]),
    "lists of such lists": ([[torch.tensor(0.5, requires_grad=True)]], [[0.5]]),
    "a transposed array": (np.arange(6.0).reshape(2, 3).T, [[0, 3], [1, 4], [2, 5]]),
    "every second number": (torch.arange(6.0)[::2], [0, 2, 4]),
    "an expanded tensor": (torch.tensor([1.0]).expand(3), [1, 1, 1]),
    "a conjugated tensor": (torch.tensor([1 + 2j]).conj(), [1 - 2j]),
    "a negated view": (torch.tensor([1 + 2j]).conj().imag, [-2.0]),
    "a sparse tensor": (torch.eye(2).to_sparse(), np.eye(2)),
    "empty arrays": (np.zeros((0, 3)), np.zeros((0, 3))),
    "empty lists": ([], []),
    "truth values": (np.array([True, False]), np.array([True, False])),
    "truth values as numbers": (np.array([True, False]), [1.0, 0.0]),
    "bytes": (np.array([255], dtype=np.uint8), np.array([255], dtype=np.uint8)),
    "complex numbers": (np.array([1 + 1e-12j]), [1.0]),
    "a scalar of NumPy": (np.float64(2.0), 2),
    "a range": (range(3), [0, 1, 2]),
}

DIFFERENT = {
    "another number": ([0.5, 0.4], [0.5, 0.5], "1 of 2 numbers are off, by up to 0.1"),
    "one number": (0.4, 0.5, "The number is off, by up to 0.1."),
    "more than a rounding error of float64": (np.array([0.5 + 1e-9]), [0.5], "1 of 1 numbers are off"),
    "more than a rounding error of float32": (np.float32([0.50001]), [0.5], "by up to 1e-05, in a float32 array of shape (1,)."),
    "another shape": (np.zeros((3, 2)), np.zeros((2, 3)), "The shape is (3, 2), not (2, 3)."),
    "a shape that would broadcast": (np.zeros((1, 3)), np.zeros(3), "The shape is (1, 3), not (3,)."),
    "an empty array": (np.zeros(0), np.zeros(3), "The shape is (0,), not (3,)."),
    "nan": (np.array([NAN, 1.0]), [1.0, 1.0], "1 of 2 numbers are off, in a float64 array of shape (2,); 1 is nan."),
    "a number for nan": ([1.0], [NAN], "1 of 1 numbers are off"),
    "infinity": ([INF], [1.0], "by infinity"),
    "a number for infinity": ([1e300], [INF], "by infinity"),
    "the other infinity": ([-INF], [INF], "by infinity"),
    "truth values": (np.array([True, False]), np.array([False, False]), "1 of 2 numbers are off, in a bool array of shape (2,)."),
    "unsigned integers, which wrap around": (np.array([0], dtype=np.uint8), np.array([255], dtype=np.uint8), "by up to 3e+02"),
    "unsigned integers near each other": (np.array([4], dtype=np.uint8), np.array([5], dtype=np.uint8), "by up to 1"),
    "the smallest integer": (np.array([-(2**63)]), np.array([2**63 - 1]), "by up to 2e+19"),
    "large numbers of half precision": (np.array([6e4], dtype=np.float16), np.array([-6e4], dtype=np.float16), "by up to 1e+05"),
    "an imaginary part": ([1 + 1j], [1.0], "by up to 1"),
    "None": (None, [1.0], "It is None (is a `return` missing?), and numbers are needed."),
    "a string": ("0.5", 0.5, "It is a str, and numbers are needed."),
    "a list of strings": (["a"], [1.0], "It is a list, and numbers are needed."),
    "a dictionary": ({"a": 1}, [1.0], "It is a dict, and numbers are needed."),
    "a function": (len, [1.0], "It is a builtin_function_or_method, and numbers are needed."),
    "a ragged list": ([[1.0], [1.0, 2.0]], [[1.0], [1.0]], "It is a list of items that differ in shape"),
    "a list with None in it": ([1.0, None], [1.0, 2.0], "It is None (is a `return` missing?), and numbers are needed."),
    "an array of objects": (np.array([1.0, None]), [1.0, 2.0], "It is an object array of shape (2,), and numbers are needed."),
    "a tensor without values": (torch.zeros(2, device="meta"), [0.0, 0.0], "on the `meta` device"),
}


@pytest.mark.parametrize("name", SAME)
def test_close_and_equal_shape_pass(name):
    actual, expected = SAME[name]
    check.close(actual, expected, PROPERTY)


@pytest.mark.parametrize("name", DIFFERENT)
def test_close_fails_with_the_property_and_how_far_off_it_is(name):
    actual, expected, difference = DIFFERENT[name]
    failed = failure(check.close, actual, expected, PROPERTY)
    assert str(failed).startswith(f"This does not hold: {PROPERTY}.\n")
    assert difference in failed.difference


def test_close_keeps_to_the_tolerance_it_is_given():
    check.close([1.05], [1.0], PROPERTY, tolerance=0.06)
    check.close([105.0], [100.0], PROPERTY, tolerance=0.06)
    failure(check.close, [1.07], [1.0], PROPERTY, tolerance=0.06)
    failure(check.close, [9.4e-14], [9.3e-14], PROPERTY, tolerance=1e-20)
    check.close(np.float32([0.1]), [0.1], PROPERTY, tolerance=1e-7)


def test_close_takes_the_precision_of_what_is_in_a_list():
    check.close([np.float32(0.1)], [0.1], PROPERTY)
    check.close([[torch.tensor(0.1)]], [[0.1]], PROPERTY)
    failure(check.close, [0.1 + 1e-8], [0.1], PROPERTY)


def test_what_is_compared_is_left_as_it_was():
    tensor = torch.tensor([1.0, 2.0], requires_grad=True)
    array = np.array([3, 4], dtype=np.uint8)
    check.close(tensor, [1, 2], PROPERTY)
    check.close(array, [3, 4], PROPERTY)
    assert tensor.requires_grad and array.dtype == np.uint8


# the message


def test_a_failure_shows_the_first_place_that_differs():
    failed = failure(check.close, [[0.5, 0.5], [0.25, 0.75]], [[0.5, 0.5], [0.5, 0.5]], PROPERTY)
    assert failed.numbers == "Expected at [1, 0]: 0.5\nActual at [1, 0]:   0.25"
    assert str(failed).endswith(failed.numbers)
    assert failure(check.close, 0.25, 0.5, PROPERTY).numbers == "Expected: 0.5\nActual:   0.25"


SECRETS = [
    (check.close, [0.123456], [0.654321]),
    (check.equal, np.array([123456]), np.array([654321])),
    (check.equal, [1, 123456], [1, 654321]),
    (check.equal, "123456", "654321"),
    (check.equal, ["123456"], ["654321"]),
    (check.equal, {"a": 123456}, {"a": 654321}),
    (check.equal, {"123456"}, {"654321"}),
    (check.equal, {"123456": 1}, {"654321": 1}),
    (check.equal, "123456", 654321),
    (check.equal, [[123456], [1, 2]], [[654321], [1, 2]]),
    (check.equal, b"123456", b"654321"),
    (check.equal, [np.array([123456])], [np.array([654321])]),
]


@pytest.mark.parametrize("number", range(len(SECRETS)))
def test_the_message_of_a_hidden_test_shows_no_numbers(number):
    call, actual, expected = SECRETS[number]
    failed = failure(call, actual, expected, PROPERTY)
    assert "654321" in str(failed) and "123456" in str(failed)
    hidden = failed.without_numbers()
    assert "654321" not in hidden and "123456" not in hidden
    assert hidden == f"This does not hold: {PROPERTY}.\n{failed.difference}"


def test_a_failure_is_an_assertion_that_can_travel_between_processes():
    failed = failure(check.close, 0.25, 0.5, PROPERTY)
    assert isinstance(failed, AssertionError)
    copy = pickle.loads(pickle.dumps(failed))
    assert (str(copy), copy.without_numbers()) == (str(failed), failed.without_numbers())


def test_a_notebook_shows_the_message_and_no_traceback():
    assert failure(check.close, 0.25, 0.5, PROPERTY)._render_traceback_()[0] == f"This does not hold: {PROPERTY}."


# equal

EQUAL = {
    "numbers": (3, 3),
    "a whole number and a broken one": (3, 3.0),
    "a number of NumPy": (np.int64(3), 3),
    "a truth value of NumPy": (np.bool_(True), True),
    "a tensor without dimensions": (torch.tensor(3), 3),
    "strings": ("cat", "cat"),
    "a string of NumPy": (np.str_("cat"), "cat"),
    "strings of NumPy in a list": ([np.str_("cat"), "sat"], ["cat", "sat"]),
    "an array of strings": (np.array(["a", "b"]), ["a", "b"]),
    "None": (None, None),
    "a list and a tuple": ([1, 2], (1, 2)),
    "lists and tuples inside each other": ([("a", "b"), ["c"]], (["a", "b"], ("c",))),
    "pairs as values": ({"a": [1, 2]}, {"a": (1, 2)}),
    "a list and an array": ([1, 2], np.array([1, 2])),
    "an array and a list of lists": (np.eye(2), [[1, 0], [0, 1]]),
    "lists of arrays": ([np.array([1, 2]), np.array([3])], [np.array([1, 2]), np.array([3])]),
    "lists of tensors that need gradients": ([torch.ones(2, requires_grad=True)], [torch.ones(2)]),
    "dictionaries in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "a counter": (Counter("aab"), {"a": 2, "b": 1}),
    "a dictionary with a default": (defaultdict(int, a=1), {"a": 1}),
    "an ordered dictionary": (OrderedDict(a=1), {"a": 1}),
    "tuples as keys": ({("a", "b"): 1}, {("a", "b"): 1}),
    "numbers of NumPy as values": ({"a": np.int64(1)}, {"a": 1}),
    "sets": ({1, 2}, {2, 1}),
    "a frozen set": (frozenset({1}), {1}),
    "bytes": (b"ab", b"ab"),
    "nan": (NAN, NAN),
    "nan in a list": ([NAN, 1], [NAN, 1]),
    "nan in an array": (np.array([NAN]), np.array([NAN])),
    "a shape": (torch.zeros(2, 3).shape, (2, 3)),
    "types of NumPy": (np.dtype("float64"), np.float64),
    "types of PyTorch": (torch.float32, torch.float32),
    "devices": (torch.device("cpu"), torch.device("cpu")),
    "slices": (slice(1, 2), slice(1, 2)),
    "empty lists": ([], []),
    "an empty list and an empty array of truth values": ([], np.zeros(0, dtype=bool)),
    "a conjugated tensor": (torch.tensor([1 + 2j]).conj(), [1 - 2j]),
}

UNEQUAL = {
    "numbers": (3, 4, "The values differ."),
    "nearly the same": (np.array([0.1 + 0.2]), np.array([0.3]), "1 of 1 numbers are off, by up to 6e-17"),
    "a shape that would broadcast": (np.zeros((2, 3)), 0.0, "The shape is (2, 3), not ()."),
    "True for 1": (True, 1, "It is a bool, not an int."),
    "1 for True": (1, True, "It is an int, not a bool."),
    "numbers for a mask": (
        np.array([1.0, 0.0]),
        np.array([True, False]),
        "It is a float64 array of shape (2,), and True and False",
    ),
    "a mask for numbers": (np.array([True, False]), [1, 0], "It is a bool array of shape (2,), and numbers are needed."),
    "a number of NumPy for True": (np.int64(1), True, "and True and False are needed."),
    "None": (None, [1], "It is None (is a `return` missing?), not a list."),
    "a generator": ((x for x in [1]), [1], "It is a generator, not a list."),
    "a string for a list": ("ab", ["a", "b"], "It is a str, not a list."),
    "an array for a dictionary": (np.zeros(2), {"a": 1}, "It is a float64 array of shape (2,), not a dict."),
    "None for an array": (None, np.zeros(2), "It is None (is a `return` missing?), and numbers are needed."),
    "strings for numbers": (np.array(["1"]), np.array([1]), "and numbers are needed."),
    "numbers for strings": (np.array([1]), ["1"], "and strings are needed."),
    "a list too short": ([1], [1, 2], "The length is 1, not 2."),
    "an item": (["a", "b"], ["a", "c"], "The items at place 1 differ."),
    "a pair in a list": ([("a", "b"), ("c", "d")], [("a", "b"), ("d", "c")], "At place 1: The items at place 0 differ."),
    "a pair too long": ([("a",), ("b", "c", "d")], [("a",), ("b", "c")], "At place 1: The length is 3, not 2."),
    "True for 1 in a list": ([True, 2], [1, 2], "At place 0: It is a bool, not an int."),
    "an array in a list": ([np.zeros(2), np.zeros(3)], [np.zeros(2), np.ones(3)], "At place 1: 3 of 3 numbers are off"),
    "bytes for strings": (b"a", "a", "It is a bytes, not a str."),
    "a longer string": ("abc", "ab", "The length is 3, not 2."),
    "a dictionary": (
        {"a": 1, "b": 2, "x": 0},
        {"a": 1, "b": 3, "c": 4},
        "1 keys are missing, 1 are too many, and 1 values differ.",
    ),
    "a counter with zeros": (Counter(a=1, b=0), {"a": 1}, "0 keys are missing, 1 are too many, and 0 values differ."),
    "a set": ({1, 2, 3}, {1, 4}, "1 items are missing, and 2 are too many."),
    "a type": (torch.float64, torch.float32, "It is torch.float64, not torch.float32."),
    "a type of NumPy": (np.dtype("float32"), np.float64, "It is float32, not float64."),
    "nan": (NAN, 1.0, "The values differ."),
    "a tensor without values": (torch.zeros(2, device="meta"), torch.zeros(2), "on the `meta` device"),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_passes(name):
    check.equal(*EQUAL[name], PROPERTY)
    actual, expected = EQUAL[name]
    check.equal(expected, actual, PROPERTY)


@pytest.mark.parametrize("name", UNEQUAL)
def test_equal_fails_with_the_property_and_what_differs(name):
    actual, expected, difference = UNEQUAL[name]
    failed = failure(check.equal, actual, expected, PROPERTY)
    assert failed.property == PROPERTY
    assert difference in failed.difference


def test_equal_shows_short_values_whole_and_of_long_ones_the_part_that_differs():
    assert failure(check.equal, ["a", "b"], ["a", "c"], PROPERTY).numbers == "Expected: ['a', 'c']\nActual:   ['a', 'b']"
    long = [f"token {number}" for number in range(500)]
    failed = failure(check.equal, [*long, "x"], [*long, "y"], PROPERTY)
    assert failed.difference == "The items at place 500 differ."
    assert failed.numbers == "Expected: 'y'\nActual:   'x'"
    assert len(failure(check.equal, long, long[1:], PROPERTY).numbers) < 500


def test_equal_is_quick_on_long_lists():
    tokens = ["token"] * 300_000
    check.equal(list(tokens), tokens, PROPERTY)


# shape


def test_shape_passes_and_fails():
    for value in (
        np.zeros((2, 3)),
        torch.zeros(2, 3),
        torch.zeros(2, 3, device="meta"),
        [[1, 2, 3], [4, 5, 6]],
        np.full((2, 3), "a"),
    ):
        check.shape(value, (2, 3), PROPERTY)
        check.shape(value, torch.Size([2, 3]), PROPERTY)
        assert failure(check.shape, value, (3, 2), PROPERTY).difference == "The shape is (2, 3), not (3, 2)."
    check.shape(np.float64(1.0), (), PROPERTY)
    check.shape(1.0, (), PROPERTY)
    check.shape(np.zeros((0, 4)), (0, 4), PROPERTY)
    assert "None" in failure(check.shape, None, (2,), PROPERTY).difference


# unchanged


def sums(*arguments, **keywords):
    return sum(np.sum(argument) for argument in arguments)


def writes(argument, *others, **keywords):
    """Writes into the innermost array, tensor, list, dictionary or set of what it is given."""
    while isinstance(argument, (list, tuple, dict)):
        inner = list(argument.values())[0] if isinstance(argument, dict) else argument[0]
        if not isinstance(inner, (list, tuple, dict, set, np.ndarray, torch.Tensor)):
            break
        argument = inner
    if isinstance(argument, dict):
        argument["new"] = 1
    elif isinstance(argument, list):
        argument.append(1)
    elif isinstance(argument, set):
        argument.add("new")
    else:
        argument[..., 0] = 7


WRITABLE = {
    "an array": lambda: np.zeros((2, 3)),
    "an array turned round": lambda: np.zeros((3, 2)).T,
    "a mask": lambda: np.zeros(3, dtype=bool),
    "an array with nan": lambda: np.array([NAN, NAN]),
    "a tensor": lambda: torch.zeros(2, 3),
    "a tensor of half precision": lambda: torch.zeros(2, 3, dtype=torch.bfloat16),
    "a list": lambda: [1, 2],
    "a list of lists": lambda: [[1, 2], [3]],
    "a dictionary": lambda: {"a": 1},
    "a dictionary of lists": lambda: {"a": [1]},
    "a set": lambda: {"a"},
    "a tuple of arrays": lambda: (np.zeros(2), np.zeros(2)),
    "a list of tensors": lambda: [torch.zeros(2)],
}


@pytest.mark.parametrize("name", WRITABLE)
def test_unchanged_sees_that_an_argument_was_written_into(name):
    failed = failure(check.unchanged, writes, WRITABLE[name]())
    assert failed.property == "the arguments are left as they were"
    assert failed.difference == "The function wrote into its argument; work on a copy."
    failure(check.unchanged, lambda first, other: writes(other), 1, WRITABLE[name]())
    failure(check.unchanged, lambda first, *, other: writes(other), 1, other=WRITABLE[name]())


@pytest.mark.parametrize("name", WRITABLE)
def test_unchanged_returns_the_result_of_a_function_that_reads(name):
    assert check.unchanged(lambda argument, extra: (extra, 1), WRITABLE[name](), extra=None) == (None, 1)


def test_unchanged_hands_over_the_arguments_themselves():
    array = np.zeros((3, 4)).T
    assert check.unchanged(lambda given: given, array) is array


def test_unchanged_takes_what_cannot_be_copied():
    weight = torch.ones(2, requires_grad=True)
    model = torch.nn.Linear(2, 2)
    check.unchanged(lambda model, x, name, kind: model(x), model, weight * 2, "name", torch.float32)
    check.unchanged(lambda x: x, torch.zeros(3, device="meta"))
    check.unchanged(lambda tokens: None, iter([1]))


def test_unchanged_calls_the_function_once_and_takes_a_property():
    calls = []
    check.unchanged(calls.append, 1)
    assert calls == [1]
    assert failure(check.unchanged, writes, [1], property="the cache is left alone").property == "the cache is left alone"


# raises


def refuse(kind=ValueError):
    raise kind("no")


def test_raises_passes_for_the_kind_and_its_subclasses():
    check.raises(ValueError, refuse, property=PROPERTY)
    check.raises(ValueError, refuse, UnicodeError, property=PROPERTY)
    check.raises(LookupError, refuse, kind=KeyError, property=PROPERTY)
    check.raises((ValueError, IndexError), refuse, IndexError, property=PROPERTY)


def test_raises_fails_where_another_exception_or_none_is_raised():
    failed = failure(check.raises, ValueError, refuse, TypeError, property=PROPERTY)
    assert failed.without_numbers() == f"This does not hold: {PROPERTY}.\nIt raised TypeError, not ValueError."
    assert (
        "not ValueError or KeyError"
        in failure(check.raises, (ValueError, KeyError), refuse, TypeError, property=PROPERTY).difference
    )
    failed = failure(check.raises, ValueError, len, [1, 2], property=PROPERTY)
    assert failed.difference == "It returned an int and raised nothing."


def test_raises_does_not_take_a_blank_answer_for_a_refusal():
    for kind in (RuntimeError, Exception, ValueError):
        with pytest.raises(NotImplementedError):
            check.raises(kind, refuse, NotImplementedError, property=PROPERTY)
    check.raises(NotImplementedError, refuse, NotImplementedError, property=PROPERTY)


def test_raises_lets_the_graders_own_troubles_through():
    class OutOfTime(Exception):
        pass

    OutOfTime.__module__ = "autograder.sandbox.kernel"
    with pytest.raises(OutOfTime):
        check.raises(Exception, refuse, OutOfTime, property=PROPERTY)
    answered = type("StudentError", (ValueError,), {"__module__": "autograder.student", "kind": "UnicodeError"})
    check.raises(ValueError, refuse, answered, property=PROPERTY)
    assert "It raised UnicodeError" in failure(check.raises, KeyError, refuse, answered, property=PROPERTY).difference


# seeded


def test_seeded_gives_the_same_random_numbers_again():
    import random

    def draw(scale=1):
        return scale * random.random(), scale * np.random.random(), scale * torch.rand(1).item()

    assert check.seeded(3, draw, scale=2) == check.seeded(3, draw, 2)
    assert check.seeded(3, draw) != check.seeded(4, draw)


# gradient


def test_gradient_of_a_function():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0], dtype=torch.float64)
    found = check.gradient(lambda x, y, k: x * y * k, x, y, 2)
    check.close(found.output, [6, 16], "the output comes along")
    check.close(found.arguments[0], 2 * y, "with respect to the first argument")
    check.close(found.arguments[1], 2 * x, "with respect to the second")
    assert found.arguments[2] is None and found.parameters == {}
    assert x.grad is None and not x.requires_grad and not found.output.requires_grad


def test_gradient_is_weighted_by_the_gradient_of_the_output():
    found = check.gradient(lambda x: x**2, torch.tensor([1.0, 2.0]), output_gradient=torch.tensor([0.0, 10.0]))
    check.close(found.arguments[0], [0, 40], PROPERTY)


def test_gradient_of_a_module_has_its_parameters_by_name():
    module = torch.nn.Linear(3, 2)
    module.unused = torch.nn.Parameter(torch.ones(1))
    module.bias.requires_grad_(False)
    found = check.gradient(module, torch.ones(4, 3))
    check.close(found.parameters["weight"], np.full((2, 3), 4.0), PROPERTY)
    assert found.parameters["bias"] is None and found.parameters["unused"] is None
    assert module.weight.grad is None


@pytest.mark.parametrize("wrap", [lambda x: (x * 3, "weights"), lambda x: [x * 3, 0]])
def test_gradient_is_of_the_first_item_returned(wrap):
    check.close(check.gradient(wrap, torch.ones(2)).arguments[0], [3, 3], PROPERTY)


def test_a_gradient_that_does_not_arrive_is_none():
    assert check.gradient(lambda x, y: x.detach() + y, torch.ones(2), torch.ones(2)).arguments[0] is None
    assert check.gradient(lambda x: x.detach(), torch.ones(2)).arguments == [None]
    assert check.gradient(lambda x: torch.zeros(2), torch.ones(2)).arguments == [None]
    assert check.gradient(lambda x: None, torch.ones(2)).arguments == [None]
    assert check.gradient(lambda x: x.argmax(), torch.ones(2)).arguments == [None]
    assert check.gradient(lambda ids, x: x[ids], torch.tensor([0]), torch.ones(2)).arguments[0] is None


def test_gradient_is_taken_although_the_test_has_switched_it_off():
    with torch.no_grad():
        check.close(check.gradient(lambda x: x * 3, torch.ones(2)).arguments[0], [3, 3], PROPERTY)


def test_gradient_and_seeded_are_done_where_the_function_lives():
    class Elsewhere:
        def _where_it_lives_(self, work, *arguments):
            return (work, [len(arguments)], {})

    assert check.gradient(Elsewhere(), 1).output == "_gradient"
    assert check.seeded(1, Elsewhere(), 1) == ("_seeded", [4], {})


# rng


def test_rng_gives_the_same_numbers_for_the_same_name():
    assert check.rng("softmax_values").normal() == check.rng("softmax_values").normal()
    assert check.rng("softmax_values").normal() != check.rng("softmax_stability").normal()


def test_rng_is_the_same_in_every_process():
    code = "from attention_course import check; print(check.rng('a').integers(2**60))"
    runs = {
        subprocess.check_output([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed})
        for seed in "12"
    }
    assert runs == {f"{check.rng('a').integers(2**60)}\n".encode()}


def test_rng_draws_from_the_secret_within_its_block_only():
    public = check.rng("a").normal()
    with secret(b"one"):
        one = check.rng("a").normal()
        with secret(b"two"):
            two = check.rng("a").normal()
        assert check.rng("a").normal() == one
    assert len({public, one, two}) == 3
    assert check.rng("a").normal() == public
    with pytest.raises(ZeroDivisionError), secret(b"one"):
        _ = 1 / 0
    assert check.rng("a").normal() == public


# library

BORROWED = {
    "a function of a module": "def f(x):\n    return torch.softmax(x, -1)",
    "a function of a module in a module": "def f(x):\n    return torch.nn.functional.softmax(x, -1)",
    "a method": "def f(x):\n    return x.softmax(-1)",
    "a module's class": "def f(x):\n    return torch.nn.Softmax(-1)(x)",
    "an import inside": "def f(x):\n    from torch.nn.functional import softmax as mine\n    return mine(x, -1)",
    "getattr": "def f(x):\n    return getattr(torch, 'softmax')(x, -1)",
    "an alias": "def f(x, softmax=torch.softmax):\n    return softmax(x, -1)",
    "beside magic": "def f(x):\n    %time y = 1\n    !ls\n    return torch.softmax(x, -1)",
    "beside what cannot be read": "def f(x):\n    return torch.softmax(x, -1) ??? 1",
    "a class": "class f:\n    def __init__(self):\n        pass\n    def forward(self, x):\n        return x.softmax(-1)",
}

BORROWED_ELSEWHERE = {
    "by another name": "S = torch.softmax\ndef f(x):\n    return S(x, -1)",
    "by a helper's helper": "def g(x):\n    return h(x)\ndef f(x):\n    return g(x)\nh = lambda x: torch.softmax(x, -1)",
    "in a table": "table = {}\ntable['f'] = torch.softmax\ndef f(x):\n    return table['f'](x, -1)",
    "in a table filled from afar": "t = {}\ndef g(o):\n    o['f'] = torch.softmax\ng(t)\ndef f(x):\n    return t['f'](x, -1)",
    "in a list under two names": "a = []\nb = a\nb.append(torch.softmax)\ndef f(x):\n    return a[0](x, -1)",
    "as an attribute": "def f(x):\n    return f.g(x, -1)\nsame = f\nsame.g = torch.softmax",
    "with another's code": "def f(x):\n    pass\ndef g(x):\n    return torch.softmax(x, -1)\nf.__code__ = g.__code__",
    "in a patched library": "def f(x):\n    return np.exp(x)\nnp.exp = lambda x: torch.softmax(x, -1)",
    "among the built-ins": "builtins.S = torch.softmax\ndef f(x):\n    return S(x, -1)",
    "by a loop": "for S in [torch.softmax]:\n    pass\ndef f(x):\n    return S(x, -1)",
    "by global": "def g():\n    global S\n    S = torch.softmax\ng()\ndef f(x):\n    return S(x, -1)",
    "in passing": "print(S := torch.softmax)\ndef f(x):\n    return S(x, -1)",
    "timed": "%time S = torch.softmax\ndef f(x):\n    return S(x, -1)",
    "by a subclass": "class T(torch.Tensor):\n    def g(self):\n        return self.softmax(-1)\ndef f(x):\n    return T(x).g()",
    "with an underscore": "def f(x):\n    return torch.ops.aten._softmax(x, -1, False)",
    "by a call": "t = []\ndef g(h):\n    t.append(h)\ng(torch.softmax)\ndef f(x):\n    return t[0](x)",
    "by another name within": "t = []\ndef g(h):\n    u = t\n    u.append(h)\ng(torch.softmax)\ndef f(x):\n    return t[0](x)",
    "in a tested attempt": "def f(x):\n    return torch.softmax(x, -1)\n'a test of the lesson'\ndef f(x):\n    return x",
    "in a first attempt that is kept": "def f(x):\n    return x.softmax(-1)\ng = f\ndef f(x):\n    return g(x)",
    "decorated": "t = []\ndef g(h):\n    t.append(h)\n@g\ndef h(x):\n    return x.softmax(-1)\ndef f(x):\n    return t[0](x)",
    "by a pattern": "def f(x):\n    match torch:\n        case object(softmax=S):\n            return S(x, -1)",
}

IN_DISGUISE = {
    "a loss": "def f(x):\n    return F.cross_entropy(x, y)",
    "a distribution": "def f(x):\n    return torch.distributions.Categorical(logits=x).probs",
    "a running logsumexp": "def f(x):\n    return (x - torch.logcumsumexp(x, -1)[..., -1:]).exp()",
    "attention": "def f(x):\n    return F.scaled_dot_product_attention(q, k, v)",
    "a safe one": "def f(x):\n    return torch._safe_softmax(x, -1)",
}

HIDDEN = {
    "a name put together": "def f(x):\n    return getattr(torch, 'soft' + 'max')(x, -1)",
    "a name from a parameter": "def f(x, name='soft' 'max'[::1]):\n    return getattr(torch, name)(x, -1)",
    "getattr by another name": "get = getattr\ndef f(x):\n    return get(torch, 'softmax')(x, -1)",
    "eval": "def f(x):\n    return eval('torch.soft' + 'max')(x, -1)",
    "exec from afar": "exec('S = torch.soft' + 'max')\ndef f(x):\n    return S(x, -1)",
    "a module's table": "def f(x):\n    return torch.__dict__['softmax'](x, -1)",
    "vars": "def f(x):\n    return vars(torch)['softmax'](x, -1)",
    "globals": "globals().update(S=vars(torch)['softmax'])\ndef f(x):\n    return S(x, -1)",
    "attrgetter": "from operator import attrgetter as a\ndef f(x):\n    return a('softmax')(torch)(x, -1)",
    "a star": "from torch import *\ndef f(x):\n    return softmax(x, -1)",
    "a file of one's own": "from my_notes import normalise\ndef f(x):\n    return normalise(x)",
    "the built-ins": "def f(x):\n    return __builtins__['eval']('torch.softmax')(x, -1)",
    "IPython by another name": "from IPython import get_ipython as g\ndef f(x):\n    return g().ev('torch.soft' + 'max')(x)",
    "code that is changed": "import IPython as I\nI.get_ipython().ast_transformers.append(T())\ndef f(x):\n    return f(x)",
    "pydoc": "def f(x):\n    import pydoc\n    return pydoc.locate('torch.soft' + 'max')(x, -1)",
    "a pickle": "def f(x):\n    import pickle\n    return pickle.loads(b'...')(x, -1)",
    "the insides of PyTorch": "def f(x):\n    return torch.jit.CompilationUnit(text).g(x)",
    "an operator by text": "def f(x):\n    return torch._C._jit_get_operation('aten::soft' + 'max')[0](x, -1)",
    "a formatter": "import string\ndef f(x):\n    return string.Formatter().get_field(name, (torch,), {})[0](x)",
    "a reduction": "import copy\nclass R:\n    def __reduce__(self):\n        return f, ()\ndef f(x):\n    return copy.copy(R())",
    "IPython": "get_ipython().run_cell('S = torch.softmax')\ndef f(x):\n    return S(x, -1)",
}

TRIED_BESIDE = {
    "a comparison": "def f(x):\n    return x\nprint(f(x) - torch.softmax(x, -1))",
    "a check": "def f(x):\n    return x\nassert torch.allclose(f(x), x.softmax(-1))",
    "a variable of another name": "def f(x):\n    return x\ntheirs = torch.softmax(x, -1)\nplt.plot(theirs)",
    "a function that compares": "def f(x):\n    return x\ndef error(x):\n    return f(x) - torch.softmax(x, -1)\nprint(error(x))",
    "another exercise": "def f(x):\n    return x\nclass G:\n    def g(self, k):\n        return getattr(F, k)(f(1)).softmax(-1)",
    "functions side by side": "def f(x):\n    return x\nfor g in (f, torch.softmax):\n    print(g(x))",
    "functions by name": "def f(x):\n    return x\nboth = {'mine': f, 'theirs': torch.softmax}\nprint(both['mine'](x))",
    "a function handed on": "def off(f, g):\n    return f(x) - g(x)\ndef f(x):\n    return x\nprint(off(f, torch.softmax))",
    "the lesson's own imports": "def f(x):\n    return np.exp(x)\nprint(f(np.ones(3)), torch.softmax(torch.ones(3), -1))",
    "a look at the function": "import inspect\ndef f(x):\n    return x\nprint(inspect.getsource(f), f.__code__.co_name)",
    "a look at all names": "def f(x):\n    return x\nprint('f' in globals(), len(globals()), eval('f(1)'))",
    "a setting of IPython": "def f(x):\n    return x\nget_ipython().run_line_magic('precision', '4')",
    "a star without models": "from math import *\nfrom numpy import *\ndef f(x):\n    return exp(x)",
    "an object of one's own": "class G:\n    def softmax(self):\n        return x\ng = G()\ndef f(x):\n    return g.softmax()",
    "a first attempt": "def f(x):\n    return torch.softmax(x, -1)\nprint(f(x))\ndef f(x):\n    return x",
    "a loop of one's own": "def f(x):\n    y = x.copy()\n    y[0] = 1\n    return y\nprint(f(x) - torch.softmax(x, -1))",
    "errors in a list": "def f(x):\n    return x\nerrors = []\nerrors.append(f(x) - torch.softmax(x, -1))",
    "a number in common": "EPS = 1e-9\ndef f(x):\n    return x + EPS\nprint(torch.softmax(x + EPS, -1))",
    "names in a loop": "def f(x):\n    return [getattr(x, name) for name in ('shape', 'dtype')]",
    "an attribute of self": "class f:\n    def g(self, name):\n        return getattr(self, name), vars(self), self.__dict__",
    "a class of one's own": "class f:\n    def __init__(self):\n        self.softmax = 1\n    def g(self):\n        self.softmax",
    "a default": "def f(x):\n    return getattr(x, 'dtype', None)",
    "model.eval()": "def f(x):\n    return x\nmodel.eval()\nmodel = torch.compile(model)\nx = torch.softmax(x, -1)",
}

OWN = {
    "one's own function": "def softmax(x):\n    return x\ndef f(x):\n    return softmax(x)",
    "one's own method": "class f:\n    def softmax(self, x):\n        pass\n    def g(self, x):\n        self.softmax(x)",
    "the name in a text": "def f(x):\n    'The softmax of x, not torch.softmax.'\n    return x.exp()  # like torch.softmax",
    "longer names": "def f(x):\n    return x.softmax_of_mine",
}


class Remote:
    """A student's function as the grader sees it: its source is known, and it may be unreadable to Python."""

    def __init__(self, source):
        self._source_, self.__name__ = source, "f"


@pytest.mark.parametrize("name", BORROWED)
def test_library_sees_what_is_borrowed(name):
    answers = [Remote(BORROWED[name])]
    if name not in ("beside magic", "beside what cannot be read"):
        answers.append(defined(BORROWED[name], "f"))
    for answer in answers:
        failed = failure(check.library, "softmax", "Softmax", used_by=answer)
        assert failed.property == "f is your own work"
        assert "oftmax`; write it with simpler operations." in failed.difference


@pytest.mark.parametrize("name", OWN)
def test_library_leaves_ones_own_work_alone(name):
    for answer in (Remote(OWN[name]), defined(OWN[name], "f")):
        check.library("softmax", "Softmax", used_by=answer)


@pytest.mark.parametrize("name", BORROWED_ELSEWHERE)
def test_library_sees_what_the_answer_rests_on(name):
    failed = failure(check.library, "softmax", "Softmax", used_by=Remote(BORROWED_ELSEWHERE[name]))
    assert "the library's `softmax`" in failed.difference


@pytest.mark.parametrize("name", IN_DISGUISE)
def test_library_sees_a_softmax_in_disguise(name):
    failure(check.library, "softmax", used_by=Remote(IN_DISGUISE[name]))


@pytest.mark.parametrize("name", HIDDEN)
def test_library_refuses_what_hides_a_name(name):
    failed = failure(check.library, "softmax", "Softmax", used_by=Remote(HIDDEN[name]))
    assert failed.property == "f is your own work" and (
        "hides what it calls" in failed.difference or "softmax" in failed.difference
    )


@pytest.mark.parametrize("name", TRIED_BESIDE)
def test_library_leaves_alone_what_is_tried_beside_the_answer(name):
    check.library("softmax", "Softmax", used_by=Remote(TRIED_BESIDE[name]))


def test_library_refuses_the_librarys_function_under_another_name():
    for answer in (torch.softmax, torch.nn.functional.softmax, torch.nn.Softmax, np.linalg.norm):
        assert "under another name" in failure(check.library, "softmax", used_by=answer).difference


def test_library_refuses_what_it_cannot_read():
    for answer in (functools.partial(print), eval("lambda x: x")):
        assert "cannot be read" in failure(check.library, "softmax", used_by=answer).difference


def test_library_reads_classes_that_have_no_file():
    """As in a notebook, where `inspect` does not find the source of a class."""
    answer = defined(BORROWED["a class"], "f")
    answer.__module__ = "__main__"
    failure(check.library, "softmax", used_by=answer)


def test_separate_sees_memory_that_is_used_again():
    memory = np.empty(2)

    def again(x):
        memory[:] = 2 * x
        return memory

    check.separate(lambda x: 2 * x, (np.ones(2),), (np.zeros(2),))
    failed = failure(check.separate, again, (np.ones(2),), (np.zeros(2),))
    assert failed.property == "each call returns an array of its own"


def strays_on_the_cpu(x):
    return x + torch.ones(3)


def made_on_the_cpu(x):
    return torch.zeros(3), x


def filled_in_on_the_cpu(x):
    result = torch.zeros(3)
    result[:] = x
    return result


def follows(x, mask=None):
    return [x * 2, torch.ones(3, device=x.device)]


def asks_for_a_value(x):
    return x[x > 0] if bool((x > 0).any()) else x


def not_answered(x):
    raise NotImplementedError("there is no answer here yet")


def test_computing_on_the_device_of_the_input_passes():
    check.same_device(follows, torch.ones(3), mask=torch.ones(3, dtype=torch.bool))
    check.same_device(torch.nn.Linear(3, 3).to("meta"), torch.ones(2, 3))


STRAYS = [strays_on_the_cpu, made_on_the_cpu, filled_in_on_the_cpu, torch.nn.Linear(3, 3)]


@pytest.mark.parametrize("function", STRAYS, ids=["add", "make", "fill", "module"])
def test_another_device_fails(function):
    assert "device of the input" in str(failure(check.same_device, function, torch.ones(3)))


def test_what_cannot_be_tried_without_values_passes():
    check.same_device(asks_for_a_value, torch.ones(3))
    check.same_device(lambda x: x[x > 0], torch.ones(3))
    check.same_device(lambda x: x[: int(max(x.tolist()))], torch.ones(3))
    check.same_device(lambda x: x.nonzero(), torch.ones(3))
    check.same_device(lambda x: x.masked_select(x > 0).sum().item(), torch.ones(3))


def test_an_answer_that_is_not_there_is_no_matter_of_devices():
    with pytest.raises(NotImplementedError):
        check.same_device(not_answered, torch.ones(3))
    with pytest.raises(TypeError):
        check.same_device(follows)
