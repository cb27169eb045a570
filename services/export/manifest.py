"""What an export says about itself, so that it can be checked: stored with the job and shown by the API."""

from collections.abc import Mapping
from typing import Any

from bitacora_schemas.exports.formats import ListSpec, TranscriptSpec
from bitacora_schemas.exports.stored import spec_to_row
from msgspec import to_builtins

from services.export.job import Job
from services.export.snapshot import Snapshot

MANIFEST_VERSION = 1


def manifest_of(
    job: Job, spec: ListSpec | TranscriptSpec, snapshot: Snapshot, *, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What was made for whom and of what moment, by which specification; `facts` are the renderer's own about the file."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "export_id": str(job.export_id),
        "account": job.account,
        "format": job.format,
        "requested_by": job.requested_by,
        "requested_at": to_builtins(job.created_at),
        "as_of": to_builtins(snapshot.as_of),
        "checkpoints": [
            {"topic": topic, "partition": partition, "next_offset": offset}
            for topic, partition, offset in snapshot.checkpoints
        ],
        **spec_to_row(spec)[1],
        **facts,
    }
