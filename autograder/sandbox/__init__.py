"""A kernel behind walls, as the grader sees it from outside.

`WarmProcess` starts the process that forks kernels, inside bubblewrap; `SandboxProvisioner` gives jupyter_client a kernel from
it; `SandboxedKernel` runs cells in that kernel and carries the grader's calls to it.

What the sandbox covers, and what it does not, is written in `autograder.student_side.walls`.
"""

from autograder.sandbox.bubblewrap import SandboxUnavailable
from autograder.sandbox.cell_run import CellRun
from autograder.sandbox.kernel import KernelGone, SandboxedKernel, TimeOver
from autograder.sandbox.limits import Limits
from autograder.sandbox.warm import WarmProcess

__all__ = ["CellRun", "KernelGone", "Limits", "SandboxUnavailable", "SandboxedKernel", "TimeOver", "WarmProcess"]
