"""A PostgreSQL server for tests: started by an ordinary user in a folder that is thrown away."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
USER, PASSWORD = "teacher", "s3cret-of-the-class"


def programs() -> Path | None:
    """The folder with the server's programs: those on the path, else the newest that Debian has installed beside it."""
    here = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    return Path(here).resolve().parent if here else debian[-1].parent if debian else None


@contextmanager
def server() -> Iterator[str]:
    """A running server; its address, to which the name of a database is to be added."""
    found = programs()
    options = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as place:
        data, word = Path(place, "data"), Path(place, "password")
        word.write_text(PASSWORD)
        if options:
            for path in (place, word):
                os.chown(path, NOBODY, NOBODY)
        options |= {"cwd": place, "env": {"PATH": f"{found}:{os.defpath}", "LANG": "C.UTF-8"}, "stdin": subprocess.DEVNULL}
        make = [found / "initdb", "-D", data, "-U", USER, "--pwfile", word, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, timeout=120, **options)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = f"-F -p {port} -h 127.0.0.1 -k {place}"
        start = [found / "pg_ctl", "-D", data, "-l", Path(place, "log"), "-w", "-t", "60", "-o", settings, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, **options)
        try:
            yield f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}"
        finally:
            stop = [found / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, **options)
