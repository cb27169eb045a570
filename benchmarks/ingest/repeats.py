"""What repeated events cost: none, a few that come again soon, and a few that come again after any time."""

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bitacora_producer import Record

from benchmarks.ingest.comparison import describe
from benchmarks.ingest.figures import Run, markdown_table, summarise
from benchmarks.ingest.measuring import Load, measure
from benchmarks.ingest.pipelines import Pipeline
from benchmarks.ingest.servers import Servers

SHARE = 0.004
SOON = 5_000
"""A source that repeats a call does so within seconds."""


def with_repeats(load: Load, *, share: float, reach: int, seed: int = 1) -> Load:
    """The load with this share of its measured events followed, somewhere, by an earlier one again.

    The repeated event is drawn from the `reach` events before that place, the warm-up's among them. Pure.
    """
    rng = random.Random(seed)
    records: list[Record] = list(load.records[: load.warm])
    for place in range(load.warm, len(load.records)):
        records.append(load.records[place])
        if rng.random() < share:
            records.append(load.records[rng.randrange(max(place - reach, 0), place)])
    return replace(load, records=records)


def compare_repeats(servers: Servers, load: Load, *, source: str, rounds: int) -> str:
    """The section of the page."""
    cases = {
        "none": load,
        f"{SHARE:.1%}, soon": with_repeats(load, share=SHARE, reach=SOON),
        f"{SHARE:.1%}, any time": with_repeats(load, share=SHARE, reach=len(load.records)),
    }
    pipeline = Pipeline(name=f"bitacora-{source}", source=source, lacks="")
    runs: dict[str, list[Run]] = defaultdict(list)
    for number, (name, repeated) in itertools.product(range(1, rounds + 1), cases.items()):
        run = asyncio.run(_measure(servers, pipeline, repeated))
        distinct = len(load.records) - load.warm
        runs[name].append(replace(run, events=distinct))  # what counts is the cost of each event that is kept
        print(f"round {number}/{rounds}  {describe(name, run)}", flush=True)
    return _section(runs, load, source, rounds)


async def _measure(servers: Servers, pipeline: Pipeline, load: Load) -> Run:
    dsn = await servers.new_database()
    run = await measure(servers, pipeline, load, dsn, peer_python=Path())
    await servers.drop_database(dsn)
    return run


def _section(runs: dict[str, list[Run]], load: Load, source: str, rounds: int) -> str:
    figures = [summarise(name, found) for name, found in runs.items()]
    none = figures[0]
    rows: Sequence[Sequence[str]] = [
        (
            found.name,
            f"{found.worker:.1f}",
            f"{found.postgres:.1f}",
            f"{found.total:.1f}",
            f"{found.total / none.total - 1:+.0%}",
            f"{found.events_per_second:,.0f}",
        )
        for found in figures
    ]
    columns = ("repeats", "worker", "PostgreSQL", "total us/event", "against none", "events/s")
    return (
        f"## Repeated events\n\n{none.events:,} distinct events after {load.warm:,} that are there already, source {source}, "
        f"medians of {rounds} rounds in turn. Soon: one of the {SOON:,} events before; any time: any event before, "
        "far more than the worker remembers.\n\n" + markdown_table(columns, rows)
    )
