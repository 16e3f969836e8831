"""Data to bytes and back, without pickles: what a call carries into the sandbox and what comes out of it.

A message is a tree in JSON and, behind it, the raw memory of its arrays. Every value that is no plain data (a student's
object, a generator, a module) travels as a `Handle`: a number, and what kind of thing it is. Decoding trusts nothing:
types, depth, shapes and sizes are checked before anything is built.
"""

import json
import struct

from .pack import Writer
from .plain_data import PART, TREE, Callback, Handle, Malformed, Name
from .unpack import Reader

__all__ = ["Callback", "Handle", "Malformed", "Name", "cost", "decode", "encode"]
_LENGTH = struct.Struct("!I")


def encode(value, handle=None) -> bytes:
    """The bytes of a value. `handle(object)` gives a reference for everything that is no data; without it that is an error."""
    writer = Writer(handle)
    tree = json.dumps(writer.node(value, 0)).encode("ascii")
    if len(tree) > TREE:
        raise Malformed("the data has too many parts")
    return b"".join([_LENGTH.pack(len(tree)), tree, *writer.buffers])


def decode(message: bytes | bytearray, handle=lambda found: found):
    """The value of a message; raises `Malformed`. `handle(reference)` gives what a reference should be here."""
    try:
        (length,) = _LENGTH.unpack_from(message)
        if length > len(message) - _LENGTH.size:
            raise Malformed("the message ends too early")
        if length > TREE:
            raise Malformed("the data has too many parts")
        tree = json.loads(bytes(message[_LENGTH.size : _LENGTH.size + length]))
        return Reader(memoryview(message)[_LENGTH.size + length :], handle).value(tree, 0)
    except (Malformed, NameError):  # a name that a reference asks for may be missing
        raise
    except RecursionError:
        raise Malformed("the data is nested too deep") from None
    except Exception as error:  # whatever else a forged message can cause
        raise Malformed(f"the data cannot be read ({type(error).__name__})") from None


def cost(message: bytes | bytearray) -> int:
    """Bytes of memory that a message may come to when it is decoded."""
    tree = min(_LENGTH.unpack_from(message)[0], len(message)) if len(message) >= _LENGTH.size else 0
    return len(message) + PART * tree
