"""Random numbers for tests: the same for everybody in a notebook, secret when a class is graded."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

PUBLIC = b"attention, step by step"
_key: ContextVar[bytes] = ContextVar("key", default=PUBLIC)


def rng(name: str) -> np.random.Generator:
    """A random generator of its own for the test called `name`.

    The seed is HMAC(key, name): in a notebook the key is public; the grader sets a secret one, which only
    it can read, so that no answer can be a table of the numbers that the tests will ask for.
    """
    digest = hmac.new(_key.get(), name.encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


@contextmanager
def secret(key: bytes) -> Iterator[None]:
    """Within this block `rng` draws from `key`. Only the grader has a key to give."""
    token = _key.set(key)
    try:
        yield
    finally:
        _key.reset(token)
