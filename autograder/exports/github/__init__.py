"""GitHub Classroom: a workflow that grades what a student pushes, and its results in the form that Classroom's reporter reads."""

from autograder.exports.github.results import results
from autograder.exports.github.workflow import workflow

__all__ = ["results", "workflow"]
