"""Files in the database: loaded by the keys of their messages."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.files.rows import FILE, FileRow
from services.ingest.projection.statements import reader
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_name("files.sql"))

_read = reader(FileRow, FILE.columns)


async def load_files(conn: Connection, work: WorkingSet, keys: Iterable[tuple[int, UUID]]) -> None:
    """Loads every file under these keys of messages."""
    for file in map(_read, await fetch_keyed(conn, SQL["load_files"], keys)):
        work.files.load(file.message_key, file.part_index, file)
