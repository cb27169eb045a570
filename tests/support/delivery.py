"""Deliver a log of events to empty projection tables, cut into batches as a test likes."""

from collections.abc import Sequence

from services.chassis.postgres import Connection
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from tests.support.tables import Dump, clear, dump

RULES = Rules()


async def deliver(conn: Connection, events: Sequence[LoggedEvent], size: int = 10_000) -> Dump:
    """Projects into empty tables, so many events a transaction; returns the tables."""
    await clear(conn)
    await add(conn, events, size)
    return await dump(conn)


async def add(conn: Connection, events: Sequence[LoggedEvent], size: int = 10_000) -> list[ProjectionOutcome]:
    """Projects on top of what is there."""
    outcomes = []
    for start in range(0, len(events), size):
        async with conn.transaction():
            outcomes.append(await project(conn, events[start : start + size], RULES))
    return outcomes
