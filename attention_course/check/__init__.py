"""Tests for answers, written so that a failure names the property that does not hold.

A test cell hands data to the student's function and judges the data that comes back. Because it deals in
data alone, the same cell runs beside the student's code in a notebook and outside it in the grader.

    check.close(softmax(np.array([2.0, 2.0])), [0.5, 0.5], "equal scores get equal shares")
"""

from attention_course.check.calls import Gradients, gradient, peak_memory, raises, same_device, seeded, separate, unchanged
from attention_course.check.compare import close, equal, shape
from attention_course.check.failure import CheckFailed
from attention_course.check.own_work import lesson
from attention_course.check.seeds import rng
from attention_course.check.source import library

__all__ = [
    "CheckFailed",
    "Gradients",
    "close",
    "equal",
    "gradient",
    "lesson",
    "library",
    "peak_memory",
    "raises",
    "rng",
    "same_device",
    "seeded",
    "separate",
    "shape",
    "unchanged",
]
