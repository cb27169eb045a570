"""What a worker does with events, and what runs behind its log: the parts, put together."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta

from services.chassis import outbox
from services.chassis.health import Readiness
from services.chassis.postgres import Connection, Pool
from services.chassis.settings import ConversationSettings
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.connection_windows import CurrentRules
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.settings import IngestSettings
from services.ingest.upkeep import retention
from services.ingest.upkeep.expired_rows import delete_expired
from services.ingest.upkeep.idle_sweeper import sweep
from services.ingest.upkeep.leader import Job, lead
from services.ingest.upkeep.outbox_relay import relay
from services.ingest.upkeep.partitions import MONTHS_BEHIND, make_partitions
from services.ingest.upkeep.publisher import Publisher
from services.ingest.upkeep.search_projector import mark_dirty, project_documents

PARTITION_SECONDS = 3_600.0
RELAY_SECONDS = 0.5
WAKE_ON = {"outbox": outbox.CHANNEL}
"""Channels by job: what others ask of it need not wait for its next round."""
SEARCH_SECONDS = 5.0
EXPIRY_SECONDS = 3_600.0
RETENTION_SECONDS = 3_600.0


def projections_of(settings: IngestSettings) -> Projections:
    """The projections, by the windows of the settings."""
    rules = CurrentRules(rules_of(settings))

    async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
        return await project(conn, events, await rules.get(conn))

    return Projections(fold, mark_dirty)


def rules_of(settings: ConversationSettings) -> Rules:
    """The windows of docs/semantics.md as this installation sets them."""
    return Rules(prelude_window=timedelta(seconds=settings.prelude_window))


def upkeep_of(settings: IngestSettings, pool: Pool, readiness: Readiness) -> list[Awaitable[None]]:
    """The endless jobs behind the log, each done by one worker of an installation at a time."""
    publisher = Publisher(settings)

    keep = settings.retention_months

    async def keep_partitions(conn: Connection) -> None:
        await make_partitions(conn, behind=min(keep or MONTHS_BEHIND, MONTHS_BEHIND))

    async def retain(conn: Connection) -> None:
        await retention.apply(conn, keep)

    async def publish_outbox(conn: Connection) -> None:
        await relay(conn, publisher)

    async def end_idle(conn: Connection) -> None:
        await sweep(conn, publisher, settings.ingest_topic, idle_seconds=settings.idle_timeout)

    async def expire(conn: Connection) -> None:
        await delete_expired(conn)

    async def document(conn: Connection) -> None:
        while await project_documents(conn):
            pass

    jobs: list[tuple[str, Job, float]] = [
        ("partitions", keep_partitions, PARTITION_SECONDS),
        ("outbox", publish_outbox, RELAY_SECONDS),
        ("idle", end_idle, settings.ingest_idle_sweep_seconds),
        ("search", document, SEARCH_SECONDS),
        ("expiry", expire, EXPIRY_SECONDS),
    ]
    if keep:
        jobs.append(("retention", retain, RETENTION_SECONDS))
    return [
        _close_at_last(publisher),
        *(
            lead(pool, name, job, every_seconds=every, readiness=readiness, wake_on=WAKE_ON.get(name))
            for name, job, every in jobs
        ),
    ]


async def _close_at_last(publisher: Publisher) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await publisher.close()
