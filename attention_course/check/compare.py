"""Is what came back what was expected: in shape, in kind, in value?"""

import numpy as np

from attention_course.check.failure import CheckFailed
from attention_course.check.values import NUMBERS_AND_TEXT, NoArray, a_kind, as_array, is_array, is_tensor, tolerance_of

__all__ = ["a_kind", "close", "equal", "is_tensor", "shape"]
DIFFERS = "The values differ."
LONG = 200  # characters of a value that are shown


def close(actual, expected, property: str, tolerance: float | None = None) -> None:
    """Numbers agree: same shape, and |actual - expected| <= tolerance · max(1, |expected|) everywhere.

    actual, expected: arrays, tensors, numbers, or lists and tuples of them; True counts as 1.
    tolerance: by default 1e-10 in float64, 1e-6 in float32 and looser below (the coarser of the two sides decides).
    `nan` equals `nan` only, and an infinity only itself.
    """
    got, want = _numbers(actual, property), _numbers(expected, property)
    if tolerance is None:
        tolerance = max(tolerance_of(actual), tolerance_of(expected))
    _same_shape(got, want, property)
    with np.errstate(all="ignore"):
        limit = tolerance * np.maximum(1.0, np.abs(_wide(want)))
        apart = ~((got == want) | (_away(got, want) <= limit) | (_is_nan(got) & _is_nan(want)))
    apart |= np.isinf(_wide(want)) & (got != want)
    if apart.any():
        raise CheckFailed(property, _how_far(actual, got, want, apart), _first_place(got, want, apart))


def equal(actual, expected, property: str) -> None:
    """The very same: equal values and, for arrays and tensors, equal shape; any data will do (lists, strings, dictionaries).

    Kinds that hold the same count as the same: a list and a tuple, a list and an array, 1 and 1.0. True and 1 do not.
    `nan` equals `nan`.
    """
    found = _difference(actual, expected)
    if found:
        raise CheckFailed(property, *found)


def shape(actual, expected: tuple, property: str) -> None:
    """An array or tensor has this shape; one on the `meta` device will do."""
    got = tuple(actual.shape) if is_array(actual) else _numbers(actual, property).shape
    if got != tuple(expected):
        raise CheckFailed(property, f"The shape is {got}, not {tuple(expected)}.")


def _numbers(value, property: str) -> np.ndarray:
    """A value as an array, or a failure that says what it is instead."""
    try:
        return as_array(value)
    except NoArray as reason:
        raise CheckFailed(property, str(reason)) from None


def _same_shape(got: np.ndarray, want: np.ndarray, property: str) -> None:
    if got.shape != want.shape:
        raise CheckFailed(property, f"The shape is {got.shape}, not {want.shape}.")


def _wide(array: np.ndarray) -> np.ndarray:
    """The numbers in a type in which they can be subtracted: unsigned integers wrap around, and truth values cannot be."""
    return array.astype(np.result_type(array.dtype, np.float64), copy=False)


def _away(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    return np.abs(_wide(got) - _wide(want))


def _is_nan(array: np.ndarray) -> np.ndarray:
    return np.isnan(array) if array.dtype.kind in "fc" else np.zeros(array.shape, dtype=bool)


def _how_far(actual, got: np.ndarray, want: np.ndarray, apart: np.ndarray) -> str:
    """How many numbers are off and by how much, to one digit: a help, but no answer."""
    share = f"{int(apart.sum())} of {apart.size} numbers are off" if got.ndim else "The number is off"
    where = f", in {a_kind(actual)}" if got.ndim else ""
    nans = int((_is_nan(got) & ~_is_nan(want)).sum())
    if nans:
        return f"{share}{where}; {nans} {'is' if nans == 1 else 'are'} nan."
    if got.dtype.kind not in "iufc" or want.dtype.kind not in "iufc":
        return f"{share}{where}."
    with np.errstate(all="ignore"):
        away = _away(got[apart], want[apart])
    return f"{share}, by {'infinity' if not np.isfinite(away).all() else f'up to {away.max():.1g}'}{where}."


def _first_place(got: np.ndarray, want: np.ndarray, apart: np.ndarray) -> str:
    place = tuple(int(index) for index in np.argwhere(apart)[0])
    return _both(f"{got[place]}", f"{want[place]}", f" at {list(place)}" if place else "")


def _difference(actual, expected) -> tuple[str, str] | None:
    """What is wrong, without numbers, and the numbers; None where the two are equal."""
    if type(actual) is type(expected) and isinstance(actual, (str, int, bytes)):
        return None if actual == expected else (_unlike(actual, expected), _both(_short(actual), _short(expected)))
    if is_array(actual) or is_array(expected):
        return _array_difference(actual, expected)
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        return _item_difference(actual, expected)
    if isinstance(actual, dict) and isinstance(expected, dict):
        return _entry_difference(actual, expected)
    if not _same_kind(actual, expected):
        return f"It is {_named(actual)}, not {_named(expected)}.", _both(_short(actual), _short(expected))
    if actual == expected or (_is_a_nan(actual) and _is_a_nan(expected)):
        return None
    return _unlike(actual, expected), _both(_short(actual), _short(expected))


def _array_difference(actual, expected) -> tuple[str, str] | None:
    try:
        got = as_array(actual, NUMBERS_AND_TEXT)
    except NoArray as reason:
        return str(reason), ""
    try:
        want = as_array(expected, NUMBERS_AND_TEXT)
    except NoArray:
        return f"It is {a_kind(actual)}, not {a_kind(expected)}.", ""
    if got.shape != want.shape:
        return f"The shape is {got.shape}, not {want.shape}.", ""
    if got.size and _sort(got) != _sort(want):
        return f"It is {a_kind(actual)}, and {_sort(want)} are needed.", ""
    if not got.size:
        return None
    apart = (got != want) & ~(_is_nan(got) & _is_nan(want))
    return (_how_far(actual, got, want, apart), _first_place(got, want, apart)) if apart.any() else None


def _item_difference(actual, expected) -> tuple[str, str] | None:
    if len(actual) != len(expected):
        return f"The length is {len(actual)}, not {len(expected)}.", _both(_short(actual), _short(expected))
    for place, (one, other) in enumerate(zip(actual, expected, strict=True)):
        found = _difference(one, other)
        if found:
            text = f"The items at place {place} differ." if found[0] == DIFFERS else f"At place {place}: {found[0]}"
            return text, _whole_or(found[1], actual, expected)
    return None


def _entry_difference(actual: dict, expected: dict) -> tuple[str, str] | None:
    missing, extra = len(expected.keys() - actual.keys()), len(actual.keys() - expected.keys())
    found = [_difference(actual[key], expected[key]) for key in expected if key in actual]
    differing = [each for each in found if each]
    if not (missing or extra or differing):
        return None
    text = f"{missing} keys are missing, {extra} are too many, and {len(differing)} values differ."
    return text, _whole_or(differing[0][1] if differing else "", actual, expected)


def _same_kind(actual, expected) -> bool:
    """Whether two types may be equal here: whole and broken numbers, a class and its subclass, a type by its two names."""
    numbers = (int, float, complex)
    if isinstance(actual, numbers) and isinstance(expected, numbers):
        return isinstance(actual, bool) == isinstance(expected, bool)
    if isinstance(actual, (set, frozenset)) and isinstance(expected, (set, frozenset)):
        return True
    if isinstance(actual, (np.dtype, type)) and isinstance(expected, (np.dtype, type)):
        return True
    return isinstance(actual, type(expected)) or isinstance(expected, type(actual))


def _unlike(actual, expected) -> str:
    if isinstance(actual, (str, bytes)) and len(actual) != len(expected):
        return f"The length is {len(actual)}, not {len(expected)}."
    if isinstance(actual, (set, frozenset)):
        return f"{len(expected - actual)} items are missing, and {len(actual - expected)} are too many."
    if _is_dtype(actual) and _is_dtype(expected):
        return f"It is {_named(actual)}, not {_named(expected)}."
    return DIFFERS


def _is_dtype(value) -> bool:
    return isinstance(value, (np.dtype, type)) or type(value).__module__ == "torch" and type(value).__name__ == "dtype"


def _named(value) -> str:
    if isinstance(value, type):
        return value.__name__
    return str(value) if _is_dtype(value) else a_kind(value)


def _sort(array: np.ndarray) -> str:
    return {"b": "True and False", "S": "bytes", "U": "strings"}.get(array.dtype.kind, "numbers")


def _is_a_nan(value) -> bool:
    return isinstance(value, (float, complex)) and value != value


def _whole_or(part: str, actual, expected) -> str:
    """Both values where they are short, else the part in which they differ."""
    short = max(len(repr(actual)), len(repr(expected))) <= LONG
    return _both(_short(actual), _short(expected)) if short or not part else part


def _both(actual: str, expected: str, where: str = "") -> str:
    return f"Expected{where}: {expected}\nActual{where}:   {actual}"


def _short(value) -> str:
    text = " ".join(repr(value).split()) if is_array(value) else repr(value)
    return text if len(text) <= LONG else text[: LONG - 3] + "..."
