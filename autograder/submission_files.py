"""The notebooks in a folder or a zip archive, read where they lie; nothing is unpacked and no link leads out."""

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from autograder.repair.reading import LARGEST_FILE
from autograder.trouble import Trouble

CANNOT_READ = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
MOST_MEMBERS = 200_000
FIRST_BYTES = 1_000
SKIPPED = {"__MACOSX"}  # and whatever begins with a dot, .ipynb_checkpoints among them


class SubmissionError(Trouble):
    """Why no submissions can be had from a place, in one sentence that says what to do."""


@dataclass(frozen=True)
class NotebookFile:
    """A file called .ipynb. parts: its path below the folder or in the archive; modified: sorts by time.

    member: its number in the archive at `place`; None for a file of its own at `place`. problem: why it is not read, or "".
    """

    place: Path
    parts: tuple[str, ...]
    modified: tuple[int, ...]
    member: int | None = None
    problem: str = ""

    @property
    def path(self) -> Path:
        """Where it lies; for a file in an archive as if the archive were a folder."""
        return self.place if self.member is None else self.place.joinpath(*self.parts)

    @property
    def name(self) -> str:
        """The file's name as it can be printed."""
        return _printable(self.parts[-1])

    def data(self) -> bytes:
        """Its bytes, and not many more than a notebook may have. Raises one of CANNOT_READ."""
        if self.member is None:
            with open(self.place, "rb") as stream:
                return stream.read(LARGEST_FILE + 1)
        archive = _archive(self.place, self.place.stat().st_mtime_ns)
        with archive.open(archive.infolist()[self.member]) as stream:
            return stream.read(LARGEST_FILE + 1)

    def beside(self, name: str) -> bytes | None:
        """The first bytes of the file of that name in the same folder; None where there is none that can be read."""
        try:
            if self.member is None:
                file = self.place.with_name(name)
                if file.is_symlink() or not file.is_file():
                    return None
                with open(file, "rb") as stream:
                    return stream.read(FIRST_BYTES)
            archive = _archive(self.place, self.place.stat().st_mtime_ns)
            mine = archive.infolist()[self.member].filename.replace("\\", "/")
            with archive.open(mine.rpartition("/")[0] + "/" * ("/" in mine) + name) as stream:
                return stream.read(FIRST_BYTES)
        except (*CANNOT_READ, KeyError):
            return None


def notebook_files(place: Path) -> list[NotebookFile]:
    """The .ipynb files below a folder or in a zip archive, by path. Raises SubmissionError."""
    if place.is_dir():
        files = _in_folder(place)
    elif not place.exists():
        raise SubmissionError(f"{place} is not there: name a folder or a zip archive with submissions.")
    elif place.suffix.lower() == ".ipynb":
        raise SubmissionError(f"{place} is a single notebook: grade it with `python -m autograder check {place}`.")
    else:
        files = _in_archive(place)
    return sorted(files, key=lambda file: (file.parts, file.modified))


def _in_folder(folder: Path) -> Iterator[NotebookFile]:
    root = folder.resolve()
    for here, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(name))
        for name in names:
            if name.lower().endswith(".ipynb") and not _is_skipped(name):
                path = Path(here, name)
                yield _on_disk(path, path.relative_to(root).parts, root)


def _on_disk(path: Path, parts: tuple[str, ...], root: Path) -> NotebookFile:
    try:
        target = path.resolve(strict=True)
        found = target.stat()
    except (OSError, RuntimeError):
        return NotebookFile(path, parts, (0,), problem=f"{path.name} is a link that leads nowhere.")
    if not target.is_relative_to(root):
        return NotebookFile(path, parts, (0,), problem=f"{path.name} is a link that leaves the folder and is not followed.")
    if not stat.S_ISREG(found.st_mode):
        return NotebookFile(path, parts, (0,), problem=f"{path.name} is no file.")
    return NotebookFile(path, parts, (found.st_mtime_ns,))


def _in_archive(place: Path) -> Iterator[NotebookFile]:
    try:
        members = _archive(place, place.stat().st_mtime_ns).infolist()
    except CANNOT_READ:
        raise SubmissionError(
            f"{place} is neither a folder nor a zip archive that can be read: unpack it and name the folder."
        ) from None
    if len(members) > MOST_MEMBERS:
        raise SubmissionError(f"{place} holds {len(members)} files, more than the {MOST_MEMBERS} that are read: split it.")
    for number, member in enumerate(members):
        parts = PurePosixPath(_name(member)).parts
        if not parts or not parts[-1].lower().endswith(".ipynb") or any(map(_is_skipped, parts)) or member.is_dir():
            continue
        yield NotebookFile(place, parts, member.date_time, number, _member_problem(member, parts))


def _name(member: zipfile.ZipInfo) -> str:
    """The member's path with `/`; old archives have UTF-8 names that are not marked as such."""
    name = member.filename
    if not member.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return _printable(name.replace("\\", "/"))


def _member_problem(member: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    if stat.S_ISLNK(member.external_attr >> 16):
        return f"{parts[-1]} is a link and is not followed."
    if member.flag_bits & 0x1:
        return f"{parts[-1]} is encrypted; make the archive without a password."
    if member.file_size > LARGEST_FILE:
        return f"{parts[-1]} has {member.file_size / 1e6:.0f} MB, more than the {LARGEST_FILE / 1e6:.0f} MB that are read."
    return ""


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _is_skipped(name: str) -> bool:
    """Hidden files and folders, and "..", which no honest archive holds."""
    return name.startswith((".", "/")) or name in SKIPPED


@lru_cache(maxsize=1)
def _archive(place: Path, modified: int) -> zipfile.ZipFile:
    """The open archive, kept for the next of its files; opened anew when the file has changed."""
    return zipfile.ZipFile(place)
