"""How much of everything one submission may use."""

from dataclasses import asdict, dataclass

MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission: bytes for what is stored, seconds for time, plain numbers for the rest."""

    memory: int = 2048 * MB  # beyond what the warm process has in use
    scratch: int = 64 * MB  # /scratch, and as much again in /dev/shm
    file: int = 64 * MB
    cpu: int = 300
    processes: int = 64  # threads count too
    files: int = 256
    cell: float = 30.0  # wall time of one of the student's cells
    call: float = 10.0  # wall time of one call by a test
    test: float = 60.0  # wall time of one test cell, its calls together
    total: float = 300.0  # wall time of everything
    output: int = 64_000  # characters kept of what one cell prints
    outputs: int = 1_000_000  # and of what all of them print
    result: int = 128 * MB  # bytes of one result

    def inside(self) -> dict:
        """Those that the kernel's process sets for itself, as the warm process wants them."""
        names = ("memory", "scratch", "file", "cpu", "processes", "files")
        return {name: asdict(self)[name] for name in names}
