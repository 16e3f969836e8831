"""A copy of the gradebook, made before a run writes into it: `backups/` in the class's folder holds the newest ones."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

KEPT = 5
DUMP = "pg_dump"
LONGEST = 600  # seconds that a dump may take


def back_up(url: str, folder: Path) -> str:
    """Copy the gradebook into the folder; why there is no copy, in one sentence, or "".

    A SQLite file is copied as it is; a PostgreSQL database is dumped by `pg_dump`, for `pg_restore`.
    """
    address = make_url(url)
    name = f"gradebook-{datetime.now():%Y-%m-%dT%H%M%S.%f}"
    if address.get_backend_name() == "sqlite":
        return _copied(Path(address.database), folder / f"{name}.db")
    if address.get_backend_name() == "postgresql":
        return _dumped(address, folder / f"{name}.dump")
    return "The gradebook was not backed up: there is no way to do it for this kind of server; see that the server does."


def _copied(file: Path, copy: Path) -> str:
    if not file.exists():
        return ""
    fresh = _fresh(copy)
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source, closing(sqlite3.connect(fresh)) as target:
            source.backup(target)
    except sqlite3.Error as problem:
        fresh.unlink(missing_ok=True)
        return f"The gradebook was not backed up ({problem}): look at {file} before you go on."
    return _kept(fresh, copy)


def _dumped(address: URL, copy: Path) -> str:
    program = shutil.which(DUMP)
    if program is None:
        return f"The gradebook was not backed up: there is no {DUMP} here; install PostgreSQL's client programs."
    fresh = _fresh(copy)
    parts = address.username, None, address.host, address.port, address.database, address.query
    where = URL.create("postgresql", *parts).render_as_string()  # the password goes where others cannot see it
    secret = {"PGPASSWORD": address.password} if address.password else {}
    command = [program, "--format=custom", "--no-password", f"--file={fresh}", f"--dbname={where}"]
    try:
        done = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True, timeout=LONGEST)
        said = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    except (OSError, subprocess.TimeoutExpired) as problem:
        said = [str(problem) if isinstance(problem, OSError) else f"it took longer than {LONGEST} s"]
    if said or not fresh.exists():
        fresh.unlink(missing_ok=True)
        return f"The gradebook was not backed up: {DUMP} failed ({' '.join(said)})."
    return _kept(fresh, copy)


def _fresh(copy: Path) -> Path:
    """Where the copy is made: readable by its owner only, and not called a copy before it is whole."""
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = copy.with_name(f".{copy.name}")
    fresh.touch(mode=0o600)
    return fresh


def _kept(fresh: Path, copy: Path) -> str:
    """Give the copy its name, and delete the oldest beyond those that are kept."""
    os.replace(fresh, copy)
    for old in sorted(copy.parent.glob("gradebook-*"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return ""
