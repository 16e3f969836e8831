"""Makes nbgrader's own commands and formgrader's buttons grade as `python -m autograder grade` does."""

import os

from autograder.nbgrader_settings import settings

c = get_config()  # noqa: F821 (nbgrader defines it)
c.merge(settings(gradebook=os.environ.get("AUTOGRADER_GRADEBOOK")))
