"""`docs/metrics.md`: every metric that a process exposes, from the declarations themselves."""

import importlib
from itertools import groupby
from pathlib import Path

from services.chassis.metrics import NAME_PREFIX, Declaration, declared

ROOT = Path(__file__).parents[2]

INTRODUCTION = """\
# Metrics

Generated from the declarations by `make generate`; a test fails when this page is stale.

Each process serves its own at `/metrics` on its private health port, in Prometheus text. Labels take values
from small closed sets and never hold personal data. Besides these, every process exposes
`process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_open_fds` and
`process_start_time_seconds`.
"""


def files() -> dict[str, str]:
    """The one file of this generator."""
    for path in sorted((ROOT / "services").rglob("metrics.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {"docs/metrics.md": render(declared())}


def render(declarations: list[Declaration]) -> str:
    """One table a process; the process is the second word of a metric's name."""
    sections = [INTRODUCTION]
    for process, group in groupby(declarations, key=_process):
        head = "| metric | kind | labels | meaning |\n|---|---|---|---|"
        sections.append(
            "\n".join([f"## {process}\n", head, *(_row(declaration) for declaration in group), ""])
        )
    return "\n".join(sections)


def _process(declaration: Declaration) -> str:
    return declaration.name.removeprefix(NAME_PREFIX).split("_", 1)[0]


def _row(declaration: Declaration) -> str:
    labels = ", ".join(f"`{label}`" for label in declaration.labels) or "none"
    return f"| `{declaration.name}` | {declaration.kind} | {labels} | {declaration.meaning} |"
