"""Ends jobs nobody runs and removes files nobody may download: expired ones, and those of attempts that came to nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from services.chassis.blobs import FolderStore
from services.export import metrics
from services.export.jobs import Jobs, StoredObject

log = structlog.get_logger(__name__)


def object_key(account_id: int, export_id: UUID, attempt: int, ending: str) -> str:
    """Where the file of an attempt lies; two attempts never share a file."""
    return f"{account_id}/{export_id}/{attempt}.{ending}"


def read_key(key: str) -> StoredObject | None:
    """The account and job of a file, None for a file that is not ours."""
    parts = key.split("/")
    try:
        return StoredObject(int(parts[0]), UUID(parts[1]), key) if len(parts) == 3 else None
    except ValueError:
        return None


async def sweep(jobs: Jobs, store: FolderStore, *, orphan_age: timedelta) -> None:
    """One round. Safe to repeat, and to run in several processes at once."""
    await jobs.settle()
    for settled in await jobs.expire():
        if settled.object_key is not None and await store.delete(settled.object_key):
            metrics.SWEPT.labels("expired").inc()
    before = datetime.now(UTC) - orphan_age
    await store.sweep_unfinished(before)
    old = [blob.key async for blob in store.list() if blob.modified_at < before]
    ours = [found for key in old if (found := read_key(key)) is not None]
    owned = await jobs.find_owned(ours)
    for found in ours:
        if found.object_key not in owned and await store.delete(found.object_key):
            metrics.SWEPT.labels("ownerless").inc()
    metrics.QUEUE_AGE.set(await jobs.queue_age())
