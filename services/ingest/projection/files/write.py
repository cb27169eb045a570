"""Files in the database: written after a batch is folded."""

from services.chassis.postgres import Connection
from services.ingest.projection.files.load import SQL
from services.ingest.projection.files.rows import FILE
from services.ingest.projection.statements import Write
from services.ingest.projection.working_set import WorkingSet

_write = Write(FILE, SQL["write_files"])
_remove = Write(FILE, SQL["remove_files"])


async def write_files(conn: Connection, work: WorkingSet) -> None:
    """Writes files that are new or changed and removes those of deleted messages, in key order."""
    written = [row for row, _ in work.files.written()]
    await _write(conn, sorted(written, key=lambda each: (each.message_key, each.part_index)))
    await _remove(conn, sorted(work.files.removed(), key=lambda each: (each.message_key, each.part_index)))
