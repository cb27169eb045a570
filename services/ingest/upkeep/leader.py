"""Upkeep that only one worker at a time may do: who holds the lock does it, the others wait for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
from aiokafka.errors import KafkaError

from services.chassis.health import Readiness
from services.chassis.postgres import Connection, Pool, is_transient
from services.chassis.sql import load_statements
from services.ingest import metrics

SQL = load_statements(Path(__file__).with_suffix(".sql"))
RETRY_SECONDS = 5.0

log = structlog.get_logger(__name__)

Job = Callable[[Connection], Awaitable[None]]
"""One round; it may leave off and be called again at any time."""


async def lead(
    pool: Pool,
    name: str,
    job: Job,
    *,
    every_seconds: float,
    readiness: Readiness,
    retry_seconds: float = RETRY_SECONDS,
    wake_on: str | None = None,
) -> None:
    """Runs `job` for ever, `every_seconds` apart, in the one process that leads it.

    A notification on the channel `wake_on` starts the next round at once; one that gets lost costs no more than the pause.
    A failure makes the worker unready and is tried again: events are still written meanwhile, so the process goes on.
    """
    readiness.up(_flag(name))
    for result in ("done", "waits", "failed"):
        metrics.UPKEEP_ROUNDS.labels(name, result)  # so that the first round, or none, is seen as such
    while True:
        try:
            async with pool.acquire() as conn:
                if await conn.fetchval(SQL["try_to_lead"], name):
                    await _repeat(conn, name, job, every_seconds, readiness, wake_on)
        except Exception as error:  # the outermost loop of this job
            if is_transient(error) or isinstance(error, KafkaError):
                metrics.UPKEEP_ROUNDS.labels(name, "waits").inc()
                log.warning("upkeep_waits", job=name, error=type(error).__name__)
            else:
                metrics.UPKEEP_ROUNDS.labels(name, "failed").inc()
                log.exception("upkeep_failed", job=name)
                readiness.down(_flag(name), type(error).__name__)
        await asyncio.sleep(retry_seconds)


async def _repeat(
    conn: Connection, name: str, job: Job, every_seconds: float, readiness: Readiness, wake_on: str | None
) -> None:
    async with _notified(conn, wake_on) as woken:
        while True:
            woken.clear()  # before the round: what is notified during it may have come too late for it
            await job(conn)
            metrics.UPKEEP_ROUNDS.labels(name, "done").inc()
            readiness.up(_flag(name))
            with suppress(TimeoutError):
                async with asyncio.timeout(every_seconds):
                    await woken.wait()


@asynccontextmanager
async def _notified(conn: Connection, channel: str | None) -> AsyncIterator[asyncio.Event]:
    """An event that is set by every notification on the channel; never set without a channel."""
    woken = asyncio.Event()

    def notify(*_: object) -> None:
        woken.set()

    if channel is None:
        yield woken
        return
    await conn.add_listener(channel, notify)
    try:
        yield woken
    finally:
        await conn.remove_listener(channel, notify)


def _flag(name: str) -> str:
    return f"upkeep_{name}"
