"""A submitted notebook made to fit its lesson, with a sentence for the student for each repair.

A submission walks through in this order:

    reading.py     bytes to a clean notebook, or a sentence why not
    recognise.py   which lesson it is
    plan.py        what the lesson expects of it
    draft.py       the submitted cells on their way
    locked.py      tests and given cells as released
    answers.py     the cell that holds the answer to each exercise
    order.py       what is missing put back, what was moved moved back
    fitting.py     all of these, and the repaired notebook
    own_code.py    what the student wrote, to be read

Nothing here runs a student's code or trusts what a file says of itself.
"""

from autograder.repair.fitting import fitted, repair
from autograder.repair.own_code import student_code
from autograder.repair.reading import Unreadable, read
from autograder.repair.recognise import recognise, wrong_lesson

__all__ = ["Unreadable", "fitted", "read", "recognise", "repair", "student_code", "wrong_lesson"]
