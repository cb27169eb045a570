"""The outbox: records for Kafka that are written with a change, so that both are kept or neither is.

A relay in ingest publishes them once the transaction has committed, at least once and in their order.
"""

from pathlib import Path

from bitacora_schemas.events.compose import EventRecord

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))

CHANNEL = "outbox"
"""Whoever adds a record notifies this channel, so that the relay need not wait for its next look."""


async def add_to_outbox(conn: Connection, topic: str, record: EventRecord) -> None:
    """Leaves a record to the relay, in the caller's transaction: it is published when that commits, never otherwise."""
    await conn.execute(SQL["add_record"], topic, record.key, dict(record.headers), record.value.decode())
