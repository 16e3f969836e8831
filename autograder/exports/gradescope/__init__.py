"""Gradescope: an archive that grades one lesson there, and the results in the form that it reads."""

from autograder.exports.gradescope.archive import write
from autograder.exports.gradescope.results import results

__all__ = ["results", "write"]
