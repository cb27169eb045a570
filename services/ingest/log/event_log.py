"""The event log, and the outbox beside it: what a batch adds to them. No function here opens a transaction."""

from collections.abc import Sequence
from pathlib import Path

from bitacora_schemas import topics
from bitacora_schemas.events.compose import EventRecord

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.log.decoding import Accepted
from services.ingest.log.event_key import EventKey, account_and_id, event_key
from services.ingest.log.rows import COLUMNS, copy_stream

SQL = load_statements(Path(__file__).with_suffix(".sql"))


async def append_events(conn: Connection, events: Sequence[tuple[int, Accepted]]) -> None:
    """Adds events, each with its stream id. Raises UniqueViolationError when one is there already."""
    await conn.copy_to_table(
        "event_log", schema_name="log", columns=COLUMNS, source=copy_stream(events), format="binary"
    )


async def find_logged(conn: Connection, keys: Sequence[EventKey]) -> set[EventKey]:
    """Those of the keys that the log has."""
    rows = await fetch_keyed(conn, SQL["find_logged_ids"], map(account_and_id, keys))
    return {event_key(row["account_id"], row["event_id"]) for row in rows}


async def add_to_outbox(conn: Connection, decided: Sequence[EventRecord]) -> None:
    """Leaves records of the lifecycle topic to the relay."""
    if decided:
        await conn.copy_records_to_table(
            "outbox",
            schema_name="log",
            columns=("topic", "record_key", "headers", "payload"),
            records=[
                (topics.LIFECYCLE, record.key, record.headers, record.value.decode()) for record in decided
            ],
        )
