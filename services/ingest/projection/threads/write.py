"""Threads in the database: written after a batch is folded."""

from services.chassis.postgres import Connection
from services.ingest.projection.statements import Copy, Write
from services.ingest.projection.threads.load import SQL
from services.ingest.projection.threads.state import THREAD
from services.ingest.projection.working_set import WorkingSet

_copy = Copy(THREAD)
_change = Write(THREAD, SQL["change_threads"])


async def write_threads(conn: Connection, work: WorkingSet) -> None:
    """Writes new and changed threads, in key order."""
    await _copy(conn, sorted(work.threads.new(), key=lambda each: (each.account_id, each.thread_key)))
    await _change(conn, sorted(work.threads.changed(), key=lambda each: (each.account_id, each.thread_key)))
