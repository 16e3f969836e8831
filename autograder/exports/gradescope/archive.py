"""The archive that Gradescope takes as a programming assignment's autograder.

setup.sh, run_autograder   what Gradescope runs, once and for each submission
course/                    the grader, the lesson, and the lessons that it takes given code from; no other solution
class/secret.key           what the random inputs of the hidden tests are drawn from: those of this class
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.class_secret import Key
from autograder.lesson_given import LINE
from autograder.lessons import ROOT, SOLUTIONS, Lesson

HERE = Path(__file__).resolve().parent
BESIDE = ("pyproject.toml", "requirements.txt", "README.md", "LICENSE")
FOLDERS = ("attention_course", "autograder", "datasets")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same lesson gives the same bytes
RUN, READ, SECRET = 0o755, 0o644, 0o600


def write(lesson: Lesson, key: Key, destination: Path) -> Path:
    """Write the archive for a lesson, readable by its owner only; the file."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.touch(mode=SECRET)
    destination.chmod(SECRET)
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in _members(lesson, key):
            member = zipfile.ZipInfo(name, LONG_AGO)
            member.external_attr = (0o100000 | mode) << 16
            archive.writestr(member, data, zipfile.ZIP_DEFLATED)
    return destination


def needed_lessons(name: str) -> list[str]:
    """The lesson and those that it takes given code from, near or far."""
    found, waiting = {name}, [name]
    while waiting:
        text = (SOLUTIONS / f"{waiting.pop()}.py").read_text(encoding="utf-8")
        earlier = {line[2] for line in map(LINE.fullmatch, text.splitlines()) if line} - found
        found |= earlier
        waiting += sorted(earlier)
    return sorted(found)


def _members(lesson: Lesson, key: Key) -> Iterator[tuple[str, bytes, int]]:
    yield "setup.sh", (HERE / "setup.sh").read_bytes(), RUN
    yield "run_autograder", (HERE / "run_autograder").read_bytes().replace(b"LESSON", lesson.name.encode()), RUN
    yield "class/secret.key", key.secret.hex().encode() + b"\n", SECRET
    for name in needed_lessons(lesson.name):
        yield f"course/solutions/{name}.py", (SOLUTIONS / f"{name}.py").read_bytes(), SECRET
    for name in BESIDE:
        yield f"course/{name}", (ROOT / name).read_bytes(), READ
    for file in sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.is_file()):
        if "__pycache__" not in file.parts:
            yield f"course/{file.relative_to(ROOT).as_posix()}", file.read_bytes(), READ
