"""Fills tables with a long history fast: events go through our decoding, log and projections, without Kafka.

Each filler takes every n-th customer, so that fillers never meet on a row.
"""

import asyncio
import itertools
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from benchmarks.ingest.peers.our_writing import OurWriting, open_pool
from benchmarks.ingest.traffic import TrafficSpec, records
from services.ingest.garbage import GarbageCollector
from services.ingest.source.protocol import Offset

FILLERS = 2
BATCH = 5_000


class LoggedRecord(NamedTuple):
    """A record as if Kafka had handed it over."""

    offset: Offset
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp: int


def fill(dsn: str, spec: TrafficSpec, events: int) -> datetime:
    """Writes so many events of this traffic, by several processes; answers a moment behind the last of them."""
    shares = [
        replace(
            spec,
            seed=spec.seed * 1_000 + number,
            customers=spec.customers // FILLERS,
            per_second=spec.per_second / FILLERS,
            first=number,
            step=FILLERS,
        )
        for number in range(FILLERS)
    ]
    with ProcessPoolExecutor(FILLERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(fill_share, [dsn] * FILLERS, shares, [events // FILLERS] * FILLERS))
    return spec.start + timedelta(seconds=events / spec.per_second, hours=2)


def fill_share(dsn: str, spec: TrafficSpec, events: int) -> None:
    """One filler's part, in its own process."""
    asyncio.run(_fill(dsn, spec, events))


async def _fill(dsn: str, spec: TrafficSpec, events: int) -> None:
    pool = await open_pool(dsn)
    writing = OurWriting(pool, stream=100 + spec.first)
    made = itertools.islice(records(spec), events)
    millis = round(spec.start.timestamp() * 1_000)
    written = 0
    garbage = GarbageCollector()
    garbage.take_over()
    while batch := list(itertools.islice(made, BATCH)):
        await writing.write(
            [
                LoggedRecord(Offset(written + place), record.key, record.value, record.headers, millis)
                for place, record in enumerate(batch)
            ]
        )
        written += len(batch)
        garbage.batch_done()
        if written % 100_000 == 0:
            print(f"filler {spec.first}: {written:,} of {events:,}", flush=True)
    await pool.close()
