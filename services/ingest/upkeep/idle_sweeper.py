"""Ends conversations that have gone idle: by an event on the same topic, so that the log decides, never by writing rows.

The event names the last message it saw; when another came first in the log, ingest ignores it. Its id follows from the
conversation and that message, so a repeat is the same fact.
"""

from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
from bitacora_schemas.codes import Environment
from bitacora_schemas.events.blocks import Actor, Identifier, Thread
from bitacora_schemas.events.compose import compose_event
from bitacora_schemas.events.conversation import ConversationEnded
from bitacora_schemas.events.envelope import source_of
from bitacora_schemas.ids import event_id_v8

from services.chassis.clock import Clock, utc_now
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest import metrics
from services.ingest.upkeep.publisher import OutgoingRecord, Publisher

SQL = load_statements(Path(__file__).with_suffix(".sql"))
BATCH = 1_000
ENDED = "bitacora.conversation.ended.v1"


async def sweep(
    conn: Connection, publisher: Publisher, topic: str, *, idle_seconds: int, clock: Clock = utc_now
) -> int:
    """Publishes the end of every conversation that is idle now; answers how many. `idle_seconds` 0: only connections
    with a time-out of their own.
    """
    now = clock()
    rows = await conn.fetch(SQL["find_idle"], idle_seconds, now, BATCH)
    await publisher.publish([timeout_of(row, topic, now) for row in rows])
    metrics.TIMEOUTS_PUBLISHED.inc(len(rows))
    return len(rows)


def timeout_of(row: asyncpg.Record, topic: str, now: datetime) -> OutgoingRecord:
    """The end of one idle conversation, at the moment when its time had run out."""
    ended_at = row["last_message_appended_at"] + timedelta(seconds=row["idle_seconds"])
    recipe = (
        row["thread_key"],
        row["connection_id"],
        ENDED,
        str(row["conversation_id"]),
        str(row["last_message_event_id"]),
    )
    event = compose_event(
        ConversationEnded(
            thread=Thread(
                channel=row["channel"],
                channel_address=row["channel_address"],
                contact=Identifier(kind=row["contact_kind"], value=row["contact_value"]),
            ),
            reason="timeout",
            by=Actor(kind="system"),
            conversation_id=row["conversation_id"],
            idle_seconds=row["idle_seconds"],
        ),
        id=event_id_v8(recipe, ended_at),
        type=ENDED,
        source=source_of(row["accountid"], row["connection_id"]),
        key=row["thread_key"],
        time=ended_at,
        recordedtime=now,
        accountid=row["accountid"],
        connectionid=row["connection_id"],
        environment=Environment.stored(row["environment"]).word,
        causationid=str(row["last_message_event_id"]),
    )
    return OutgoingRecord(topic, event.key.encode(), event.value, event.headers)
