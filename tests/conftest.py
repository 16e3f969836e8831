"""What tests share: one grader with its warm processes per process of the test run."""

import os

import pytest

CANARY = "canary-7c1f0b52d4e9"  # what must not be seen from inside a sandbox; hidden tests, the secret and files hold it too
os.environ["CANARY_OF_THE_GRADER"] = CANARY


@pytest.fixture(scope="session")
def sandboxed():
    """Skips where this machine has no sandbox, and says why."""
    from autograder.sandbox import bubblewrap

    if bubblewrap.reason():
        pytest.skip(bubblewrap.reason())


@pytest.fixture(scope="session")
def grader(sandboxed):
    """A grader whose secret and warm processes last for the whole run."""
    from autograder.class_secret import Key
    from autograder.grading import Grader

    with Grader(key=Key(CANARY.encode())) as grader:
        yield grader


@pytest.fixture(scope="session")
def warm(sandboxed):
    """A warm process with NumPy and PyTorch."""
    from autograder.sandbox import SandboxedKernel, WarmProcess

    with WarmProcess(["numpy", "torch", "attention_course.check"]) as warm:
        with SandboxedKernel(warm):
            pass  # from here on it is ready
        yield warm
