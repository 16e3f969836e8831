"""What the notebooks of *Attention, step by step* import: `check`, `plots` and `data`.

Each is a submodule of its own and is loaded when a lesson imports it; PyTorch is loaded only by the lessons that use it.
"""

__version__ = "0.1.0"
