"""How much of a processor a process has used, and the most memory it has held, by the kernel's accounts."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """User and system time so far of the three that share the work."""

    worker: float
    postgres: float
    broker: float

    def __sub__(self, before: "CpuSeconds") -> "CpuSeconds":
        return CpuSeconds(
            self.worker - before.worker, self.postgres - before.postgres, self.broker - before.broker
        )


def used(pid: int) -> float:
    """Seconds of a process, all its threads and the children it has waited for; 0 when it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def used_by_cluster(postmaster: int, *, without: Collection[int]) -> float:
    """Seconds of every process of a PostgreSQL server, ended ones too, but not of the backends that only look on."""
    backends = [child.pid for child in psutil.Process(postmaster).children() if child.pid not in without]
    return used(postmaster) + sum(used(pid) for pid in backends)


def peak_mb(pid: int) -> float:
    """The most memory a process has held at once, in MB; what it holds now where the kernel does not tell."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1_024 / 1e6
    return held_mb(pid)


def held_mb(pid: int) -> float:
    """What a process holds now, in MB."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6
