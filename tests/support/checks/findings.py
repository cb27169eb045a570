"""Where a check happens, and what it has to say."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from services.chassis.postgres import Pool
from services.ingest.source.protocol import TopicPartition

Findings = dict[str, int]
"""What is wrong, each with the number of its cases; empty when all is well."""

Offsets = dict[int, Collection[int]]
"""Partition to the offsets whose events must be in the log."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A database with the account `acme`, a folder, and how many seconds without progress mean that nothing will come."""

    pool: Pool
    folder: Path
    patience: float


Check = Callable[[Stage], Awaitable[Findings]]


def only_wrong(findings: Findings) -> Findings:
    """Without what did not happen."""
    return {name: int(count) for name, count in findings.items() if count}


async def until(condition: Callable[[], bool], *, seconds: float = 40.0) -> None:
    """Waits; fails when the condition does not come true. For what a check needs, not for what it looks into."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  what is waited for has no event to give
            await asyncio.sleep(0.005)


async def settled(stage: Stage, ends: dict[int, int], *, also: Callable[[], None] = lambda: None) -> Findings:
    """Waits until every checkpoint stands at its end, or nothing has moved for the stage's patience.

    Answers `stuck` with the partitions that did not arrive. `also` is called at every look.
    """
    seen: dict[int, int] = {}
    moved_at = time.monotonic()
    while True:
        also()
        rows = await positions(stage.pool)
        missing = {number for number, end in ends.items() if rows.get(number) != end}
        if not missing:
            return {}
        if rows != seen:
            seen, moved_at = rows, time.monotonic()
        elif time.monotonic() - moved_at > stage.patience:
            return {"stuck": len(missing)}
        await asyncio.sleep(0.02)


async def positions(pool: Pool) -> dict[int, int]:
    """Partition to next offset."""
    rows = await pool.fetch("SELECT partition, next_offset FROM log.checkpoint")
    return {row["partition"]: row["next_offset"] for row in rows}


async def compare(stage: Stage, wanted: Offsets) -> Findings:
    """The log against the offsets that must be in it: lost, doubled, and unwanted ones."""
    rows = await stage.pool.fetch(
        "SELECT partition, position FROM log.event_log JOIN log.checkpoint USING (stream_id)"
    )
    found = Counter((row["partition"], row["position"]) for row in rows)
    due = {(number, offset) for number, offsets in wanted.items() for offset in offsets}
    return only_wrong(
        {
            "lost": len(due - found.keys()),
            "doubled": sum(count - 1 for count in found.values()),
            "unwanted": len(found.keys() - due),
        }
    )


def partition(number: int, topic: str = "events") -> TopicPartition:
    """Short for the place that checks use."""
    return TopicPartition(topic, number)
