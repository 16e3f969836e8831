"""The errors that a person can mend: one sentence each, and an exit status."""


class Trouble(Exception):
    """Something is wrong, and the text says in one sentence what and how to mend it.

    status: the command's exit status; 2 for wrong use, 1 where the work itself could not be done.
    """

    status = 2
