"""What a process costs, from /proc: CPU seconds to the nanosecond, and its own memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_ESTABLISHED = "01"
_TICKS = 100  # of /proc/<pid>/stat, on every Linux that there is


def cpu_seconds(pid: int) -> float:
    """Of all threads of a process; 0 if it is gone.

    schedstat is exact; stat counts in hundredths of a second, and stands in where a kernel has no schedstat.
    """
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        fields = _stat(pid)
        return 0.0 if fields is None else (int(fields[11]) + int(fields[12])) / _TICKS


def tree_cpu_seconds(root: int) -> float:
    """Of a process and its children; what has ended meanwhile is lost."""
    return sum(cpu_seconds(pid) for pid in (root, *children_of(root)))


def children_of(root: int) -> list[int]:
    try:
        return [int(pid) for pid in (_PROC / f"{root}/task/{root}/children").read_text().split()]
    except FileNotFoundError:
        return [
            int(path.name) for path in _PROC.iterdir() if path.name.isdecimal() and parent_of(int(path.name)) == root
        ]


def parent_of(pid: int) -> int | None:
    fields = _stat(pid)
    return None if fields is None else int(fields[1])


def name_of(pid: int) -> str | None:
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None


@dataclass(frozen=True)
class Memory:
    """Bytes. `own` is what would be free if the process ended (USS); `resident` counts shared pages too."""

    own: int
    resident: int


def memory(pid: int) -> Memory:
    sizes: dict[str, int] = {}
    for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]:
        name, size, *_ = line.split()
        sizes[name] = int(size) * 1024
    return Memory(sizes["Private_Clean:"] + sizes["Private_Dirty:"], sizes["Rss:"])


class PeakMemory:
    """By how much a process has grown at most since this was made: the kernel itself keeps the highest mark."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        (_PROC / str(pid) / "clear_refs").write_text("5")
        self._began = self._read("VmRSS:")

    def grown(self) -> int:
        """Bytes."""
        return max(0, self._read("VmHWM:") - self._began)

    def _read(self, name: str) -> int:
        for line in (_PROC / str(self._pid) / "status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        raise LookupError(name)


def unsent(local_port: int, remote_port: int) -> int | None:
    """Bytes that the kernel holds for the other end of a connection on 127.0.0.1; None if it is over."""
    ends = [f"0100007F:{port:04X}" for port in (local_port, remote_port)]
    for line in (_PROC / "net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1:3] == ends and fields[3] == _ESTABLISHED:
            return int(fields[4].partition(":")[0], 16)
    return None


def machine_cpu_seconds() -> float:
    """Of everything on this machine, the hypervisor's other guests included."""
    fields = (_PROC / "stat").read_text().split(maxsplit=9)
    user, nice, system, _idle, _waiting, irq, softirq, stolen = (int(field) for field in fields[1:9])
    return (user + nice + system + irq + softirq + stolen) / _TICKS


class Meter:
    """CPU seconds since it was made, by name; never 0, for much is divided by them: a process that got no turn in so
    short a time has taken a nanosecond.
    """

    def __init__(self, **readings: Callable[[], float]) -> None:
        self._readings = readings
        self._began = {name: read() for name, read in readings.items()}

    def read(self) -> dict[str, float]:
        return {name: max(read() - self._began[name], 1e-9) for name, read in self._readings.items()}


def _stat(pid: int) -> list[str] | None:
    """The fields after the name, which may have spaces in it: state, parent, …"""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
