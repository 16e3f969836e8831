"""What may pass between the grader and a student's code: the words that `pack` and `unpack` share."""

from dataclasses import dataclass

MB = 1 << 20
DEPTH = 60  # of lists within lists
TREE = 4 * MB  # bytes of a message without its arrays
PART = 50  # bytes of memory that each of them can cost
ARRAY = 128 * MB  # bytes of one array
SPREAD = 64 * MB  # bytes of all arrays that lie in memory with gaps
ENTRIES = 20_000  # of sets, and of dictionaries with keys that are no strings: equal hashes make such tables slow
RANGE = 1_000_000  # items of a range
DIGITS = 4000  # of a whole number, in base 16
TENSOR_TYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()
ARRAY_KINDS = "biufcSUmM"  # of NumPy's types; the others hold objects


class Malformed(Exception):
    """A message that is not what it should be; the text says in what."""


@dataclass(frozen=True)
class Handle:
    """An object that stays where it is: its number there, the name of its type, and what it can do."""

    number: int
    kind: str
    callable: bool = False
    module: bool = False


@dataclass(frozen=True)
class Callback:
    """A function of the test, which runs where the test runs: its number there."""

    number: int


@dataclass(frozen=True)
class Name:
    """A name in the student's notebook, as it was bound at one of the test cells."""

    name: str
    at: str = ""
