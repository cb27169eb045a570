"""From runs to figures: medians, ratios, tables, and the JSON that others read. Pure."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """One pipeline, once: CPU in seconds over all `events`, wall time in seconds, memory in MB."""

    events: int
    worker_seconds: float
    postgres_seconds: float
    broker_seconds: float
    wall_seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A pipeline over its runs: medians; microseconds of CPU an event."""

    name: str
    events: int
    runs: int
    worker: float
    postgres: float
    broker: float
    events_per_second: float
    peak_mb: float
    lowest_total: float

    @property
    def total(self) -> float:
        """Worker and PostgreSQL together: what an installation pays for. The broker serves others as well."""
        return self.worker + self.postgres


def summarise(name: str, runs: Sequence[Run]) -> Figures:
    """The medians of one pipeline's runs, each figure by itself."""

    def middle(values: Sequence[float]) -> float:
        return float(median(values))

    return Figures(
        name=name,
        events=runs[0].events,
        runs=len(runs),
        worker=middle([run.worker_seconds / run.events * 1e6 for run in runs]),
        postgres=middle([run.postgres_seconds / run.events * 1e6 for run in runs]),
        broker=middle([run.broker_seconds / run.events * 1e6 for run in runs]),
        events_per_second=middle([run.events / run.wall_seconds for run in runs]),
        peak_mb=middle([run.peak_mb for run in runs]),
        lowest_total=min((run.worker_seconds + run.postgres_seconds) / run.events * 1e6 for run in runs),
    )


def as_json(pipelines: Sequence[Figures]) -> str:
    """What `make bench-ingest JSON=FILE` writes."""
    rows = [
        {
            "name": figures.name,
            "events": figures.events,
            "worker_cpu_us_per_event": round(figures.worker, 2),
            "postgres_cpu_us_per_event": round(figures.postgres, 2),
            "broker_cpu_us_per_event": round(figures.broker, 2),
            "events_per_second": round(figures.events_per_second, 1),
            "peak_mb": round(figures.peak_mb, 1),
        }
        for figures in pipelines
    ]
    return json.dumps({"pipelines": rows}, indent=2) + "\n"


def as_table(pipelines: Sequence[Figures]) -> str:
    """The pipelines side by side, as Markdown."""
    return markdown_table(
        ("pipeline", "events", "worker", "PostgreSQL", "broker", "worker + PostgreSQL", "lowest of the runs",
         "events/s", "peak MB"),
        [
            (
                figures.name,
                f"{figures.events:,}",
                f"{figures.worker:,.1f}",
                f"{figures.postgres:,.1f}",
                f"{figures.broker:,.1f}",
                f"{figures.total:,.1f}",
                f"{figures.lowest_total:,.1f}",
                f"{figures.events_per_second:,.0f}",
                f"{figures.peak_mb:,.0f}",
            )
            for figures in pipelines
        ],
    )  # fmt: skip


def as_ratios(pipelines: Sequence[Figures], *, ours: Sequence[str]) -> str:
    """What each of ours costs as a multiple of every other pipeline, as Markdown: total CPU, and the worker's alone."""
    by_name = {figures.name: figures for figures in pipelines}
    mine = [by_name[name] for name in ours if name in by_name]
    return markdown_table(
        ("x of", *(f"{figures.name}, {what}" for figures in mine for what in ("total", "worker"))),
        [
            (
                other.name,
                *(
                    cell
                    for figures in mine
                    for cell in (ratio(figures.total, other.total), ratio(figures.worker, other.worker))
                ),
            )
            for other in pipelines
            if other.name not in ours
        ],
    )


def ratio(value: float, of: float) -> str:
    """`value` as a multiple of `of`, or a dash when there is nothing to compare with."""
    if of <= 0:
        return "-"
    times = value / of
    return f"{times:.3f}" if times < 0.1 else f"{times:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values (0 to 1) does not exceed. ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the columns are padded, so that it reads well on a terminal too."""
    lines = [tuple(columns), *(tuple(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]

    def line_of(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        return (
            "| "
            + " | ".join(
                (first, *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)))
            )
            + " |"
        )

    rule = (
        "|"
        + "|".join(
            "-" * (width + 2) if place == 0 else "-" * (width + 1) + ":" for place, width in enumerate(widths)
        )
        + "|"
    )
    return "\n".join([line_of(lines[0]), rule, *map(line_of, lines[1:])])
