"""Waiting messages in the database: written after a batch is folded."""

from services.chassis.postgres import Connection
from services.ingest.projection.statements import Write
from services.ingest.projection.waiting.load import SQL
from services.ingest.projection.waiting.state import WAITING_MESSAGE
from services.ingest.projection.working_set import WorkingSet

_write = Write(WAITING_MESSAGE, SQL["write_waiting"])


async def write_waiting(conn: Connection, work: WorkingSet) -> None:
    """Writes those that are new or stand elsewhere now, in key order."""
    await _write(conn, sorted(work.waiting.written(), key=lambda each: each.message_key))
