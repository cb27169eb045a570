"""Evaluations in the database: written after a batch is folded."""

from services.chassis.postgres import Connection
from services.ingest.projection.evaluations.load import SQL
from services.ingest.projection.evaluations.state import EVALUATION
from services.ingest.projection.statements import Write
from services.ingest.projection.working_set import WorkingSet

_write = Write(EVALUATION, SQL["write_evaluations"])


async def write_evaluations(conn: Connection, work: WorkingSet) -> None:
    """Writes new and changed evaluations with all their answers, in key order."""
    await _write(
        conn, sorted(work.evaluations.written(), key=lambda each: (each.thread_key, each.evaluation_id))
    )
