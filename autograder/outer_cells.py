"""The cells around a released lesson: where it opens and how it gets what it imports, and at its end all tests at once."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.lesson_source import LessonError

GITHUB = re.compile(r"(?:(?:https?|ssh)://)?(?:git@)?(?:www\.)?github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
COLAB = "https://colab.research.google.com"
PACKAGE = "attention-step-by-step"
ABOUT_ALL_TESTS = """## All tests at once

The next cell runs every test of this lesson on your answers as they stand, the hidden ones included, and prints a line for each.
It fetches them from where the course is published; they do not stand in this notebook. In a class your work is graded
elsewhere, and the tests draw other numbers there."""


@dataclass(frozen=True)
class Repository:
    """Where the course is published: the address, its branch, and owner/name where it is on GitHub, else ""."""

    address: str
    branch: str
    github: str


def repository(root: Path, address: str | None = None) -> Repository:
    """The repository that `[tool.attention-course]` in pyproject.toml names, or the one at `address`. Raises LessonError."""
    path = root / "pyproject.toml"
    try:
        setting = (
            tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("attention-course", {}) if path.exists() else {}
        )
    except ValueError as error:
        raise LessonError(f"pyproject.toml is not TOML ({error}); mend that line.") from None
    address = address or setting.get("repository")
    if not isinstance(address, str) or not address.strip():
        raise LessonError(
            'pyproject.toml does not say where the course is published; add [tool.attention-course] repository = "https://...".'
        )
    address = address.strip()
    on_github = GITHUB.fullmatch(address)
    if on_github:
        github = f"{on_github[1]}/{on_github[2]}"
        return Repository(f"https://github.com/{github}", setting.get("branch", "main"), github)
    if not re.fullmatch(r"(https?|ssh|file)://[^\s\"'{}$]+", address):
        raise LessonError(f"The repository's address is {address!r}; write it as https://HOST/OWNER/NAME.")
    return Repository(address.rstrip("/"), setting.get("branch", "main"), "")


def front_cells(lesson: str, source: Repository) -> list[NotebookNode]:
    """The cell with the Colab badge and the set-up cell of a lesson's notebook."""
    where, setup = new_markdown_cell(_where(lesson, source)), new_code_cell(_setup(source))
    where.id, setup.id = "front-where", "front-setup"
    setup.metadata.tags = ["setup"]
    return [where, setup]


def end_cells(lesson: str) -> list[NotebookNode]:
    """The text and the cell that run all tests of a lesson on the answers in its notebook."""
    about, run = new_markdown_cell(ABOUT_ALL_TESTS), new_code_cell(f'check.lesson("{lesson}")')
    about.id, run.id = "end-about", "end-check"
    run.metadata.tags = ["skip-execution"]
    return [about, run]


def _where(lesson: str, source: Repository) -> str:
    if not source.github:
        return (
            f"Download `{lesson}.ipynb` from <{source.address}> and open it in JupyterLab or, by *Upload*, on [Colab]({COLAB})."
        )
    link = f"{COLAB}/github/{source.github}/blob/{source.branch}/notebooks/{lesson}.ipynb"
    return f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({link})"


def _setup(source: Repository) -> str:
    return (
        "# Installs what this lesson imports where it is not there yet, as on Colab.\n"
        "try:\n"
        "    import attention_course\n"
        "except ModuleNotFoundError:\n"
        f'    %pip install -q "{PACKAGE} @ git+{source.address}@{source.branch}"\n'
        "    import importlib.util\n"
        "    importlib.invalidate_caches()\n"
        '    if importlib.util.find_spec("attention_course") is None:\n'
        f'        print("Nothing came from {source.address}:")\n'
        '        print("is there a network, and may you read that address? Then run this cell again.")'
    )
