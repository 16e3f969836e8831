"""A control group for each submission, where this machine lets the grader make one.

With a group, memory and processes are counted for the submission as a whole, and all its processes together get no more of the
processors' time than another submission's. Without one, the limits of `walls` hold for each process, and the warm process looks
now and then at what they use together.
"""

import os
import uuid
from contextlib import suppress
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
NAME = "attention-course"


class Group:
    """A control group of version 2 or 1, made for one submission and removed after it.

    folders: where it is, by controller; in version 2 a single folder has them all.
    """

    def __init__(self, folders: dict[str, Path]):
        self.folders = folders

    @classmethod
    def make(cls, memory: int, processes: int) -> "Group | None":
        """A new group with these limits, or None where none can be made."""
        limits = {
            "memory": {"memory.max": memory, "memory.swap.max": 0, "memory.oom.group": 1},
            "pids": {"pids.max": processes},
        }
        limits_1 = {
            "memory": {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
            "pids": {"pids.max": processes},
            "cpu": {},  # a group has the same share as any other, however many processes are in it
        }
        name = f"{NAME}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
        for wanted, parents in ((limits, {"memory": parent, "pids": parent}) for parent in _version_2()):
            if group := cls({kind: folder / name for kind, folder in parents.items()})._made(wanted):
                return group
        return cls({kind: folder / name for kind, folder in _version_1().items()})._made(limits_1)

    def doors(self) -> list[int]:
        """Descriptors; a process whose id is written into each of them is in the group, with all its children to come."""
        return [os.open(folder / "cgroup.procs", os.O_WRONLY) for folder in sorted(set(self.folders.values()))]

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has killed something in here because the memory was used up."""
        for file in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                for line in (self.folders["memory"] / file).read_text().splitlines():
                    if line.split()[0] == "oom_kill":
                        return int(line.split()[1]) > 0
        return False

    def remove(self) -> None:
        """Remove the group, if its processes have ended."""
        for folder in set(self.folders.values()):
            with suppress(OSError):
                folder.rmdir()

    def _made(self, limits: dict[str, dict[str, int]]) -> "Group | None":
        if "memory" not in self.folders:
            return None
        try:
            for folder in set(self.folders.values()):
                folder.mkdir()
            for kind in self.folders:
                for name, value in limits[kind].items():
                    with suppress(FileNotFoundError, PermissionError):  # not every kernel has every one of them
                        (self.folders[kind] / name).write_text(str(value))
            return self
        except OSError:
            self.remove()
            return None


def remove_left_over() -> None:
    """Remove the groups of graders that were killed."""
    for parent in {*_version_2(), *_version_1().values()}:
        for folder in parent.glob(f"{NAME}-*-*"):
            if not Path("/proc", folder.name.split("-")[2]).exists():
                with suppress(OSError):
                    folder.rmdir()


def _version_2() -> list[Path]:
    """Where groups may be made that limit memory: beside the grader's own, as in a session of systemd, or below it."""
    own = next((line[3:] for line in _own() if line.startswith("0::")), None)
    if own is None:
        return []
    group = CGROUPS / own.lstrip("/")
    return [parent for parent in (group.parent, group) if parent.is_relative_to(CGROUPS) and _gives_memory(parent)]


def _gives_memory(parent: Path) -> bool:
    with suppress(OSError):
        given = (parent / "cgroup.subtree_control").read_text().split()
        return "memory" in given and os.access(parent, os.W_OK) and os.access(parent / "cgroup.procs", os.W_OK)
    return False


def _version_1() -> dict[str, Path]:
    """The grader's own groups for memory, processes and the processors' time, or the topmost where its own cannot be seen."""
    found = {}
    for line in _own():
        _, kinds, path = line.split(":", 2)
        for kind in {"memory", "pids", "cpu"} & set(kinds.split(",")):
            own, top = CGROUPS / kind / path.lstrip("/"), CGROUPS / kind
            parent = own if own.is_dir() else top
            if (parent / "cgroup.procs").exists() and os.access(parent, os.W_OK):
                found[kind] = parent
    return found


def _own() -> list[str]:
    with suppress(OSError):
        return OWN.read_text().splitlines()
    return []
