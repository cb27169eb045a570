"""Annotations in the database: written after a batch is folded, without looking first at what is there."""

from pathlib import Path

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.annotations.state import ANNOTATION
from services.ingest.projection.statements import Write
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_name("annotations.sql"))

_write = Write(ANNOTATION, SQL["write_annotations"])
_write_labels = Write(ANNOTATION, SQL["write_labels"])


async def write_annotations(conn: Connection, work: WorkingSet) -> None:
    """Writes the items of this batch in key order, then the labels of their conversations, which are written before."""
    items = [work.annotations[key] for key in sorted(work.annotations)]
    await _write(conn, items)
    await _write_labels(conn, items)
