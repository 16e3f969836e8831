"""Where a class's data are kept, and how a record gets there and back.

build/class/  gradebook.db  secret.key  source/ release/ submitted/ autograded/ feedback/ (nbgrader's folders)
              due.toml                      due dates, extensions, late penalties, where there are any
              backups/                      the gradebook as it was before the last runs
              records/LESSON/STUDENT.json   the newest record of each student's work
              journal/KEY.json              every grading result, by what it depends on
"""

import os
from pathlib import Path

from autograder.lessons import ROOT
from autograder.records import Record

FOLDER = ROOT / "build" / "class"


def write_record(folder: Path, record: Record) -> Path:
    """Keep a record as the newest of its student and lesson."""
    return _write(folder / "records" / record.lesson / f"{record.student}.json", record)


def read_record(folder: Path, lesson: str, student: str) -> Record | None:
    """The newest record of a student's work on a lesson, if there is one."""
    return _read(folder / "records" / lesson / f"{student}.json")


def records(folder: Path, lesson: str | None = None):
    """All newest records, of one lesson or of all, one at a time in the order of lessons and students."""
    for file in sorted((folder / "records").glob(f"{lesson or '*'}/*.json")):
        record = _read(file)
        if record is not None:
            yield record


def write_journal(folder: Path, record: Record) -> None:
    """Keep a result for the next time that the same work meets the same tests, unless the grader itself failed."""
    if record.key and not any(result.reason in ("fault", "crash") for result in record.tests):
        _write(folder / "journal" / f"{record.key}.json", record)


def read_journal(folder: Path, key: str) -> Record | None:
    """The result that was found for this key before, if there is one."""
    return _read(folder / "journal" / f"{key}.json")


def _write(file: Path, record: Record) -> Path:
    """Whole or not at all, also when the machine stops in the middle."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with open(fresh, "w", encoding="utf-8") as stream:
        stream.write(record.to_json())
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, file)
    return file


def _read(file: Path) -> Record | None:
    try:
        return Record.from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError):
        return None
