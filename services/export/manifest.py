"""What an export says about itself, so that it can be checked: stored with the job and shown by the API."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.export.job import CsvSpec, Job, PdfSpec
from services.readmodel.freshness import find_checkpoints

SQL = load_statements(Path(__file__).with_suffix(".sql"))

MANIFEST_VERSION = 1


class Snapshot(Struct, frozen=True):
    """The one moment an export shows: the database's clock and how far ingest was, by topic and partition."""

    as_of: datetime
    checkpoints: tuple[tuple[str, int, int], ...]


async def take_snapshot(conn: Connection) -> Snapshot:
    """Describes the snapshot of the caller's REPEATABLE READ transaction; call it first in there."""
    as_of: datetime = await conn.fetchval(SQL["snapshot_time"])
    places = await find_checkpoints(conn)
    return Snapshot(
        as_of=as_of,
        checkpoints=tuple(
            (topic, partition, place.next_offset) for (topic, partition), place in sorted(places.items())
        ),
    )


def csv_manifest(job: Job, spec: CsvSpec, snapshot: Snapshot, *, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a CSV; `facts` are columns, rows, bytes and sha256."""
    return {
        **_frame(job, snapshot, spec.timezone),
        "filter": to_builtins(spec.filter),
        "profile": spec.profile,
        "delimiter": spec.delimiter,
        "masked": spec.masked,
        **facts,
    }


def pdf_manifest(job: Job, spec: PdfSpec, snapshot: Snapshot, *, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a transcript; `facts` are messages, parts, glyphs, rows, bytes and sha256."""
    return {
        **_frame(job, snapshot, spec.timezone),
        "conversation_id": str(spec.conversation_id),
        "locale": spec.locale,
        **facts,
    }


def _frame(job: Job, snapshot: Snapshot, timezone: str) -> dict[str, Any]:
    return {
        "manifest_version": MANIFEST_VERSION,
        "export_id": str(job.export_id),
        "account": job.account,
        "format": job.format,
        "requested_by": job.requested_by,
        "requested_at": to_builtins(job.created_at),
        "as_of": to_builtins(snapshot.as_of),
        "timezone": timezone,
        "checkpoints": [
            {"topic": topic, "partition": partition, "next_offset": offset}
            for topic, partition, offset in snapshot.checkpoints
        ],
    }
