"""Lessons are run once: what a run made is kept under the lesson's text and the course's own code."""

import hashlib
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.lessons import ROOT

# In the kernel, before the lesson: figures of a size for pages, and each carries what it shows as a text.
PRELUDE = """
import matplotlib
import matplotlib_inline.backend_inline as _inline
%matplotlib inline
matplotlib.rcParams["figure.dpi"] = 110

def _alternative(figure):
    titles = [figure.get_suptitle(), *(panel.get_title() for panel in figure.axes)]
    pairs = [(panel.get_ylabel(), panel.get_xlabel()) for panel in figure.axes]
    axes = [" over ".join(pair) for pair in pairs if all(pair)]
    return "Figure: " + (". ".join(dict.fromkeys(filter(None, [*titles, *axes]))) or "a chart").replace("\\n", " ")

def _with_alternative(figure, _before=_inline._fetch_figure_metadata):
    return (_before(figure) or {}) | {"alt": _alternative(figure)}

_inline._fetch_figure_metadata = _with_alternative
"""


def run(notebook: NotebookNode, kept: Path, seconds: int = 1800) -> NotebookNode:
    """The notebook with its outputs, from `kept` if the same one was run before. Raises nbclient's errors."""
    path = kept / f"{_digest(notebook)}.ipynb"
    if path.exists():
        return nbformat.read(path, as_version=4)
    done = nbformat.from_dict(notebook)
    done.cells.insert(0, new_code_cell(PRELUDE))
    where = {"metadata": {"path": str(ROOT)}}
    quiet = ["--IPKernelApp.log_level=ERROR"]
    NotebookClient(
        done, timeout=seconds, kernel_name="python3", skip_cells_with_tag="", resources=where, extra_arguments=quiet
    ).execute(env={"OMP_NUM_THREADS": "1"} | os.environ)  # beside other programs, threads that wait for each other crawl
    del done.cells[0]
    kept.mkdir(parents=True, exist_ok=True)
    nbformat.write(done, path)
    return done


def _digest(notebook: NotebookNode) -> str:
    """Of what decides the outputs: the cells, the course's package, its data, and this file."""
    digest = hashlib.sha256("\0".join(cell.source for cell in notebook.cells).encode())
    for path in sorted([*(ROOT / "attention_course").rglob("*.py"), *(ROOT / "datasets").glob("*.*"), Path(__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]
