"""What waits in the database for somebody else: refused records for a person, decisions for Kafka."""

from pathlib import Path

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest import metrics

SQL = load_statements(Path(__file__).with_suffix(".sql"))
MOST_COUNTED = 100_000


async def show_backlog(conn: Connection) -> None:
    """Reads and shows it; every worker does, so that no worker shows what another has seen change since."""
    row = await conn.fetchrow(SQL["read_backlog"], MOST_COUNTED)
    assert row is not None
    metrics.DEAD_LETTERS_OPEN.set(row["dead_letters"])
    metrics.OUTBOX_SECONDS.set(row["outbox_seconds"])
