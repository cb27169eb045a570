"""The page of figures: each part of the benchmark replaces its own section and leaves the others alone."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.ingest.peer_environment import pinned
from embedded.artifacts import KAFKA_VERSION, POSTGRES_VERSION


def with_section(page: str, name: str, text: str) -> str:
    """The page with the section of this name replaced, or added at the end. Pure."""
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{first}\n{text.strip()}\n{last}"
    if first in page and last in page:
        before, _, rest = page.partition(first)
        return before + section + rest.partition(last)[2]
    return f"{page.rstrip()}\n\n{section}\n"


def write_section(file: Path, name: str, text: str) -> None:
    """Keeps a section in the page; makes the page where there is none."""
    page = file.read_text(encoding="utf-8") if file.exists() else "# What ingest costs\n"
    file.write_text(with_section(page, name, text), encoding="utf-8")


def provenance(command: str, *, load_before: float) -> str:
    """Where, when and by which command figures were made. `load_before` is the load average before they were."""
    return (
        f"By `{command}` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({processor()}) for everything, "
        f"load average before the run {load_before:.1f}."
    )


def versions() -> str:
    """What ran, in a sentence."""
    ours = ", ".join(
        f"{package} {version(package)}" for package in ("faust-streaming", "aiokafka", "asyncpg", "msgspec")
    )
    return (
        f"Kafka {KAFKA_VERSION}, PostgreSQL {POSTGRES_VERSION}, Python {platform.python_version()}, {ours}; "
        f"the environment of quixstreams-sink: {', '.join(pinned())}."
    )


def processor() -> str:
    """What the kernel calls the processor; the architecture where it does not say."""
    info = Path("/proc/cpuinfo")
    lines: Sequence[str] = info.read_text(encoding="utf-8").splitlines() if info.exists() else ()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
