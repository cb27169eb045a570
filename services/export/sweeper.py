"""Ends jobs nobody runs and removes files nobody may download: expired ones, and those of attempts that came to nothing."""

from datetime import UTC, datetime, timedelta

import structlog

from services.chassis.blobs import FolderStore
from services.export import metrics
from services.export.jobs import Jobs
from services.export.stored_files import read_key

log = structlog.get_logger(__name__)


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
