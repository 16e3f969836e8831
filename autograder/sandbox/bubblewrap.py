"""The bubblewrap command that the warm process runs in, and what is wrong where there is none."""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from autograder.sandbox import user_ids
from autograder.trouble import Trouble

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
COURSE = "/course"  # where the course's own code stands inside
SCRATCH = "/scratch"  # the only place to write, with /dev/shm; every submission gets empty ones
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin")
EXCHANGE = "/usr/local/share/nbgrader"  # where nbgrader keeps what students hand in, unless it is told otherwise


class SandboxUnavailable(Trouble):
    """No sandbox can be had on this machine."""

    status = 1


def environment() -> dict[str, str]:
    """The whole environment of the warm process: nothing of the grader's own gets in."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return (
        threads
        | home(SCRATCH)
        | {
            "JUPYTER_PLATFORM_DIRS": "1",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "agg",
            "PATH": "/usr/bin:/bin",
            "PIP_RETRIES": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
        }
    )


def home(folder: str) -> dict[str, str]:
    """The variables that name the place to write."""
    return {"HOME": folder, "IPYTHONDIR": f"{folder}/ipython", "TMPDIR": folder}


def command(walls: str = "bubblewrap") -> list[str]:
    """bubblewrap's command line, to be followed by the program's, empty for other walls; raises `SandboxUnavailable`."""
    missing = reason(walls)
    if missing:
        raise SandboxUnavailable(missing)
    return [_bwrap(), *_namespaces(), *_files()] if walls == "bubblewrap" else []


def python_path(inside: bool) -> str:
    """PYTHONPATH for the warm process: the course's code, and packages that live outside Python's own folders."""
    return os.pathsep.join([COURSE if inside else str(ROOT), *_package_folders()])


@functools.cache
def reason(walls: str = "bubblewrap") -> str:
    """Why submissions cannot run behind these walls here, in one sentence with the mend; "" where they can."""
    if not hasattr(os, "fork"):
        return (
            "Grading forks processes, which Windows cannot: grade in the container that the README describes, "
            'or run check.lesson("NN_name") in the last cell of a notebook of your own.'
        )
    if walls != "bubblewrap":
        return ""
    if sys.platform != "linux":
        return (
            "The sandbox needs Linux; grade in the container that the README describes, "
            "or add --no-sandbox if you trust every submission."
        )
    if _bwrap() is None:
        return "The sandbox needs bubblewrap; install it (Debian, Ubuntu: sudo apt-get install bubblewrap) and try again."
    options = [*_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "--perms", "0755", "--tmpfs", "/tmp"]
    trial = subprocess.run([_bwrap(), *options, "true"], capture_output=True, text=True, timeout=20)
    if trial.returncode == 0:
        return ""
    said = trial.stderr.strip().splitlines()[-1] if trial.stderr.strip() else f"exit status {trial.returncode}"
    if "nknown option" in said:
        return f"This machine's bubblewrap is too old ({said}); version 0.5 or later is needed."
    return f"The sandbox cannot start ({said}); {advice()}"


def by_root() -> bool:
    """Whether the grader runs as root, where no user namespace is made and each submission gets a user id of its own."""
    return os.geteuid() == 0 and user_ids.many()


def can_be_apart() -> bool:
    """Whether, without walls, each submission can have a user id of its own: root may give it, and Python is open to all."""
    if sys.platform != "linux" or not by_root():
        return False
    places = [sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), *_package_folders()]
    return user_ids.open_to_all([*places, str(ROOT / "attention_course"), str(ROOT / "datasets"), str(PACKAGE / "student_side")])


def advice() -> str:
    """What to do where the sandbox cannot start: which setting of this machine is in its way."""
    for setting, wanted in (("kernel/apparmor_restrict_unprivileged_userns", "0"), ("kernel/unprivileged_userns_clone", "1")):
        file = Path("/proc/sys", setting)
        if file.exists() and file.read_text().strip() != wanted:
            name = setting.replace("/", ".")
            return f"user namespaces are switched off here: run `sudo sysctl -w {name}={wanted}` and try again."
    return (
        "user namespaces are not allowed here, as in many containers: allow them, or add --sandbox container "
        "if this whole machine is a throw-away container."
    )


@functools.cache
def _bwrap() -> str | None:
    return shutil.which("bwrap")


@functools.cache
def _can_disable_user_namespaces() -> bool:
    text = subprocess.run([_bwrap(), "--help"], capture_output=True, text=True)
    return "--disable-userns" in text.stdout + text.stderr


def _namespaces() -> list[str]:
    options = ["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "student", "--cap-add", "ALL"]
    if not by_root():
        options += ["--unshare-user", "--uid", "0", "--gid", "0"]
        if _can_disable_user_namespaces():
            options.append("--disable-userns")
    return options


def _files() -> list[str]:
    """Everything the sandbox can read: Python, its packages, system libraries, and of the course only what students have too."""
    shown: list[tuple[str, str]] = []
    for place in SYSTEM:
        if os.path.islink(place):
            shown.append(("--symlink", os.readlink(place), place))
        elif os.path.isdir(place):
            shown.append(("--ro-bind", place, place))
    for place in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"):
        shown.append(("--ro-bind-try", place, place))
    for place in _python_places():
        for parent in reversed(Path(place).parents[:-1]):  # bubblewrap would make them for its own user only
            shown.append(("--perms", "0755", "--dir", str(parent)))
        shown.append(("--ro-bind", place, place))
    shown.append(("--perms", "0755", "--dir", COURSE))
    shown.append(("--ro-bind", str(ROOT / "attention_course"), f"{COURSE}/attention_course"))
    shown.append(("--ro-bind", str(PACKAGE / "student_side"), f"{COURSE}/student_side"))
    shown.append(("--ro-bind-try", str(ROOT / "datasets"), f"{COURSE}/datasets"))
    if not any(place.startswith("/tmp/") for place in _python_places()):
        shown.append(("--symlink", SCRATCH, "/tmp"))
    if os.path.isdir(EXCHANGE):
        shown += [("--tmpfs", EXCHANGE), ("--remount-ro", EXCHANGE)]
    devices = [("--proc", "/proc"), ("--dev", "/dev"), ("--tmpfs", SCRATCH)]
    closed = [("--remount-ro", "/dev"), ("--remount-ro", "/"), ("--chdir", SCRATCH)]
    return [word for option in [*shown, *devices, *closed] for word in option]


def _package_folders() -> list[str]:
    """The folders that packages are imported from."""
    return [place for place in sys.path if os.path.basename(place) in ("site-packages", "dist-packages") and os.path.isdir(place)]


def _python_places() -> list[str]:
    """The folders Python and its packages live in, outside /usr; never one that holds the course itself."""
    places = {
        sys.prefix,
        sys.base_prefix,
        *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
        *_package_folders(),
    }
    folders = sorted({str(Path(place).resolve()) for place in places} | set(places))
    outside = [folder for folder in folders if not folder.startswith("/usr/") and os.path.isdir(folder)]
    if any(ROOT.is_relative_to(place) for place in SYSTEM):
        raise SandboxUnavailable(
            f"The course lies in {ROOT}, where every submission could read it; move it out of the system's own folders."
        )
    for folder in outside:
        if ROOT.is_relative_to(folder):
            raise SandboxUnavailable(
                f"Python lives in {folder}, which also holds the course; use a virtual environment in a folder of its own."
            )
    return [
        folder
        for folder in outside
        if not any(Path(folder) != Path(other) and Path(folder).is_relative_to(other) for other in outside)
    ]
