"""Publishes what was decided, from the outbox to Kafka, at least once and in order."""

from pathlib import Path

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest import metrics
from services.ingest.upkeep.publisher import OutgoingRecord, Publisher

SQL = load_statements(Path(__file__).with_suffix(".sql"))
BATCH = 500


async def relay(conn: Connection, publisher: Publisher) -> int:
    """Publishes until the outbox is empty; answers how many records. Only one process may run it at a time."""
    published = 0
    while rows := await conn.fetch(SQL["read_outbox"], BATCH):
        await publisher.publish(
            [
                OutgoingRecord(
                    row["topic"], row["record_key"].encode(), row["payload"].encode(), row["headers"]
                )
                for row in rows
            ]
        )
        await conn.execute(SQL["delete_published"], [row["outbox_id"] for row in rows])
        published += len(rows)
        metrics.OUTBOX_PUBLISHED.inc(len(rows))
    return published
