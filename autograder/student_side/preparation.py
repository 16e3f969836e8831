"""What the warm process does once, so that no kernel has to."""

import importlib
import sys
from contextlib import suppress

IPYTHON_PARTS = (
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "stack_data",
    "pygments.formatters",
    "pygments.formatters.terminal256",
    "pygments.lexers.python",
    "pygments.styles.default",
)


def prepare(modules: list[str]) -> None:
    """Do once what every kernel would do again: load the parts that IPython loads when it needs them, settle threads."""
    sys.modules["debugpy"] = None  # nobody will step through a submission, and the debugger is slow to load
    for part in IPYTHON_PARTS:
        with suppress(ImportError):  # they differ from version to version
            importlib.import_module(part)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
        sys.modules["torch"].manual_seed(0)  # slow the first time
    if "matplotlib.pyplot" in modules:
        _draw(sys.modules["matplotlib.pyplot"])


def _draw(plt) -> None:
    """Draw something once: fonts and the reader of formulas are slow the first time."""
    figure, panel = plt.subplots(layout="constrained")
    panel.loglog([1, 10], [1, 10], label="$x^2$")
    panel.legend()
    figure.canvas.draw()
    plt.close(figure)
