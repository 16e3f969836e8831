"""Data for the lessons: a real text that every Python carries, the course's data sets, and downloads that can be trusted."""

import csv
import hashlib
import http.client
import json
import os
import tempfile
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).resolve().parent
TIMEOUT = 30  # seconds without an answer from a server
TINY_SHAKESPEARE = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)


class DataError(Exception):
    """Data that is not to be had, in one sentence that says what to do instead."""


@cache
def reference_text() -> str:
    """The Python language reference, about half a million characters, from the running interpreter.

    The topics of `pydoc_data`, sorted by name, an empty line between them. Each version of Python words it a little otherwise.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise DataError(
            "This Python came without `pydoc_data`, the text of its reference: use one from python.org or conda."
        ) from None
    return "\n\n".join(topics[name].strip() for name in sorted(topics))


def tiny_shakespeare() -> str:
    """A million characters of Shakespeare's plays (of Karpathy's char-rnn, 2015), downloaded once and checked.

    DataError where they cannot be had.
    """
    return download(*TINY_SHAKESPEARE, "tinyshakespeare.txt").read_text(encoding="utf-8")


def load(name: str):
    """The course's data set of this name, read anew each time.

    A list of dictionaries from .jsonl, .csv and .tsv, a string from .txt, a dictionary of arrays from .npz; what a .json holds.
    DataError, with the names there are, where there is no such data set.
    """
    there = _files()
    if name not in there:
        raise DataError(f"There is no data set {name!r}: there {'are' if there else 'is'} {', '.join(sorted(there)) or 'none'}.")
    return READERS[there[name].suffix](there[name])


def download(url: str, sha256: str, filename: str) -> Path:
    """The path of a file that was downloaded once and has this checksum; it stays in the cache folder.

    The folder is $ATTENTION_COURSE_CACHE or ~/.cache/attention_course. A file that is cut short or changed never gets there.
    DataError where the file cannot be had.
    """
    path = cache_folder() / Path(filename).name
    try:
        if not (path.is_file() and _checksum(path) == sha256.lower()):
            _fetch(url, sha256.lower(), path)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DataError(f"{filename} could not be downloaded from {url} ({error}): go on with data.reference_text().") from None
    return path


def cache_folder() -> Path:
    """Where downloads are kept; it need not exist yet."""
    chosen = os.environ.get("ATTENTION_COURSE_CACHE")
    return Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attention_course"


def _files() -> dict[str, Path]:
    """The data sets by name: those installed with the package, or those of the checkout that it lies in."""
    folders = [PACKAGE / "datasets"]
    if (PACKAGE.parent / "pyproject.toml").is_file():  # else it is site-packages, where `datasets` is another package
        folders.append(PACKAGE.parent / "datasets")
    return {
        path.stem: path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.suffix in READERS
    }


def _fetch(url: str, sha256: str, path: Path) -> None:
    """Write the file under another name, and give it its own only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            while block := answer.read(1 << 16):
                file.write(block)
        found = _checksum(part)
        if found != sha256:
            raise ValueError(f"its checksum is {found[:12]}…, not {sha256[:12]}…")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _read_table(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect="excel-tab" if path.suffix == ".tsv" else "excel"))


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


READERS: dict[str, Callable[[Path], object]] = {
    ".csv": _read_table,
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")),
    ".jsonl": _read_lines,
    ".npz": _read_arrays,
    ".tsv": _read_table,
    ".txt": lambda path: path.read_text(encoding="utf-8"),
}
