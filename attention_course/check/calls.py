"""Checks that call the student's function themselves."""

import copy
import gc
import sys
from dataclasses import dataclass, field

import numpy as np

from attention_course.check.compare import equal
from attention_course.check.failure import CheckFailed
from attention_course.check.source import mentions
from attention_course.check.values import a_kind, is_tensor
from attention_course.measure import give_back, take_alone, watched

# What PyTorch says of tensors on two devices. All else that it says of the meta device is about values that are not there.
DEVICES_MET = ("expected device", "the same device", "type tensor to numpy")


@dataclass
class Gradients:
    """What `gradient` found: the output, and the gradients with respect to arguments and to parameters by name.

    A gradient that did not arrive, or that was not asked for, is None.
    """

    output: object = None
    arguments: list = field(default_factory=list)
    parameters: dict = field(default_factory=dict)


def unchanged(function, /, *arguments, property: str = "the arguments are left as they were", **keywords):
    """Call the function and return its result; fail if it wrote into one of its arguments.

    Call it first, on fresh arguments: an answer may change them the first time only.
    """
    before = [_copy(argument) for argument in (*arguments, *keywords.values())]
    result = function(*arguments, **keywords)
    for was, now in zip(before, (*arguments, *keywords.values()), strict=True):
        try:
            _same(was, now)
        except CheckFailed as failure:
            raise CheckFailed(property, "The function wrote into its argument; work on a copy.", failure.numbers) from None
    return result


def raises(kind: type[Exception] | tuple[type[Exception], ...], function, /, *arguments, property: str, **keywords) -> None:
    """Calling the function raises an exception of this kind, or of one of these kinds.

    A function that has no answer yet, or that the grader could not run, raises its own exception through this.
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    try:
        result = function(*arguments, **keywords)
    except Exception as error:
        blank = isinstance(error, NotImplementedError) and not any(issubclass(each, NotImplementedError) for each in kinds)
        if blank or _is_the_graders(error):
            raise
        if isinstance(error, kinds):
            return
        names = " or ".join(each.__name__ for each in kinds)
        raise CheckFailed(property, f"It raised {_name(error)}, not {names}.") from None
    raise CheckFailed(property, f"It returned {a_kind(result)} and raised nothing.")


def separate(function, first: tuple, second: tuple, /, property: str = "each call returns an array of its own") -> None:
    """A later call leaves an earlier result alone: no memory is kept and used again.

    first, second: the arguments of two calls whose results differ but have one shape. It is looked at where the function lives.
    """
    kept, now = where_it_lives(function, _separate, function, first, second)
    try:
        equal(now, kept, property)
    except CheckFailed:
        raise CheckFailed(property, "The second call changed what the first had returned.") from None


def peak_memory(limit: float, function, /, *arguments, property: str, **keywords):
    """The function's result; fail if the call needs more than so many megabytes (10⁶ bytes) beyond what was in use before.

    Measured, not read from the source: of a function that a proxy stands for, from outside its process. There memory that the
    answer took before the call and uses again in it counts as well, where the grader runs on Linux as root.
    """
    watch = getattr(function, "_watched_", None)
    try:
        result, most = watch(*arguments, **keywords) if watch else watched(function, *arguments, **keywords)
    except Exception as error:
        if not _out_of_memory(error):
            raise
        raise CheckFailed(property, f"The memory did not suffice; {limit:,.0f} MB are enough for a right answer.") from None
    if most > limit:
        raise CheckFailed(property, f"The call needed {most:,.0f} MB, and {limit:,.0f} MB are enough for a right answer.")
    return result


def same_device(function, /, *arguments, property: str = "everything is computed on the device of the input", **keywords) -> None:
    """The function computes where its arguments are: tried on PyTorch's meta device, which every machine has.

    The arguments are moved there, in lists and tuples too; a module is moved by the test (`model.to("meta")`). A tensor on the
    meta device has no values. An answer that asks for one, in an `if` say, cannot be tried there and passes.
    """
    try:
        result = function(*_on_meta(arguments), **_on_meta(keywords))
    except (RuntimeError, TypeError) as error:  # NotImplementedError is one
        told = getattr(error, "text", None) or str(error)
        copied = "Cannot copy out of meta tensor" in told and not mentions(function, ".tolist(")
        if copied or any(words in told for words in DEVICES_MET):
            raise CheckFailed(property, "Tensors on two devices met.") from None
        if "meta" in told.lower():
            return
        raise
    strays = [item for item in _tensors(result) if item.device.type != "meta"]
    if strays:
        raise CheckFailed(property, f"The result, {a_kind(strays[0])}, is on another device: {strays[0].device.type}.")


def seeded(seed: int, function, /, *arguments, **keywords):
    """The function's result with NumPy's, PyTorch's and Python's global random generators seeded where it runs."""
    return where_it_lives(function, _seeded, seed, function, arguments, keywords)


def gradient(function, /, *arguments, output_gradient=None, **keywords) -> Gradients:
    """Gradients, by PyTorch's autograd, of the sum of `function(*arguments) * output_gradient`.

    function: a function or module; of a tuple it returns, the first item counts.
    arguments: gradients are taken for those that are floating-point tensors; for a module also for its parameters.
    output_gradient: tensor of the output's shape; ones where it is not given.
    It is taken where the function lives, since a graph cannot be sent. An output that is no tensor has no gradients.
    """
    return Gradients(*where_it_lives(function, _gradient, function, arguments, keywords, output_gradient))


def _out_of_memory(error: Exception) -> bool:
    ended = isinstance(error, MemoryError) or getattr(error, "reason", "") == "memory"
    return ended or "can't allocate memory" in str(error)  # so says PyTorch in a RuntimeError


def _is_the_graders(error: Exception) -> bool:
    """Whether the grader could not run the answer; the answer's own exceptions come from it with a `kind`."""
    return type(error).__module__.startswith("autograder.") and not hasattr(error, "kind")


def _name(error: Exception) -> str:
    of_the_grader = type(error).__module__.startswith("autograder.")
    return str(error.kind) if of_the_grader else type(error).__name__


def where_it_lives(function, work, *arguments):
    """Do a piece of work in the process that holds the function: this one, or the sandbox behind a proxy."""
    elsewhere = getattr(function, "_where_it_lives_", None)
    if elsewhere is not None:
        return elsewhere(work.__name__, *arguments)
    return work(*arguments)


def _seeded(seed, function, arguments, keywords):
    import random

    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    return function(*arguments, **keywords)


def _separate(function, first, second):
    result = function(*first)
    kept = copy.deepcopy(result)
    function(*second)
    return kept, result


def _gradient(function, arguments, keywords, output_gradient):
    import torch

    leaves = [_leaf(argument) for argument in arguments]
    named = dict(function.named_parameters()) if isinstance(function, torch.nn.Module) else {}
    with torch.enable_grad():
        output = function(*leaves, **keywords)
        output = output[0] if isinstance(output, (tuple, list)) and output else output
        if not (is_tensor(output) and output.requires_grad):
            return output, [None] * len(arguments), dict.fromkeys(named)
        total = (output * (torch.ones_like(output) if output_gradient is None else output_gradient)).sum()
    sources = [leaf for leaf in (*leaves, *named.values()) if is_tensor(leaf) and leaf.requires_grad]
    found = iter(torch.autograd.grad(total, sources, allow_unused=True))
    by_argument = [next(found) if is_tensor(leaf) and leaf.requires_grad else None for leaf in leaves]
    by_name = {name: next(found) if parameter.requires_grad else None for name, parameter in named.items()}
    return output.detach(), by_argument, by_name


def _hold_still(exact):
    """Before memory is watched from outside: what was there keeps still, and the garbage collector does not walk through it.

    exact: whether the system keeps the highest number itself; else what is freed must stay long enough to be seen.
    """
    take_alone(exact)
    give_back()
    gc.freeze()


WORK = {work.__name__: work for work in (_seeded, _separate, _gradient, _hold_still, take_alone)}


def _on_meta(value):
    if is_tensor(value):
        return value.to("meta")
    if isinstance(value, (list, tuple)):
        return type(value)(_on_meta(item) for item in value)
    return {key: _on_meta(item) for key, item in value.items()} if isinstance(value, dict) else value


def _tensors(value) -> list:
    if is_tensor(value):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in items for tensor in _tensors(item)]


def _leaf(argument):
    floating = is_tensor(argument) and argument.dtype.is_floating_point
    return argument.detach().clone().requires_grad_() if floating else argument


def _copy(value):
    """A copy of the data in a value; what is no data stays what it is."""
    if is_tensor(value):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in value]
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return set(value) if isinstance(value, set) else value


def _same(was, now) -> None:
    """Equal to the bit; inside containers too."""
    if was is now:
        return
    if isinstance(was, list) and isinstance(now, (list, tuple)) and len(was) == len(now):
        for one, other in zip(was, now, strict=True):
            _same(one, other)
    elif isinstance(was, dict) and isinstance(now, dict) and list(was) == list(now):
        for key in was:
            _same(was[key], now[key])
    elif not (is_tensor(was) and was.device.type == "meta"):
        equal(now, was, "")
