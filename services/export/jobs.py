"""The job table as workers use it: every method is one transaction, every write is fenced by the attempt."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from bitacora_schemas.exports.error_codes import ErrorCode
from bitacora_schemas.exports.events import ExportChanged
from bitacora_schemas.exports.formats import FORMATS
from bitacora_schemas.exports.states import ExportState
from bitacora_schemas.topics import EXPORT_EVENTS
from msgspec import Struct

from services.chassis.outbox import add_to_outbox
from services.chassis.postgres import Connection, Pool
from services.chassis.sql import load_statements
from services.chassis.transactions import transaction
from services.export.changes import change_record
from services.export.job import Job
from services.export.outcome import MOST_ATTEMPTS, Empty, Rendered
from services.export.stored_files import StoredObject

SQL = load_statements(Path(__file__).with_suffix(".sql"))

CHANNEL = "export_job"
"""Whoever queues a job or asks for its end notifies this channel."""

Beat = Literal["held", "cancel", "lost"]


class Settled(Struct, frozen=True):
    """A job that ended without a worker; `object_key` names its file where it had one."""

    export_id: UUID
    state: ExportState
    object_key: str | None


class Jobs:
    """What a worker may do to jobs. Raises what asyncpg raises."""

    def __init__(self, pool: Pool, *, lease_seconds: float, running_per_account: int) -> None:
        self._pool = pool
        self._lease_seconds = lease_seconds
        self._running_per_account = running_per_account

    async def claim(self) -> Job | None:
        """The next due job, now ours under a lease; None when there is none that may run."""
        async with transaction(self._pool) as conn:
            await conn.execute(SQL["lock_claims"])
            row = await conn.fetchrow(
                SQL["claim_job"],
                self._lease_seconds,
                self._running_per_account,
                MOST_ATTEMPTS,
                list(FORMATS),
            )
            if row is None:
                return None
            job = Job(**dict(row))
            await _announce(conn, job, "running", job.claimed_at)
            return job

    async def beat(self, job: Job, progress_rows: int | None = None) -> Beat:
        """Prolongs the lease and writes the progress; tells whether to go on."""
        wanted = await self._pool.fetchval(SQL["beat"], *_fence(job), self._lease_seconds, progress_rows)
        if wanted is None:
            return "lost"
        return "cancel" if wanted else "held"

    async def publish(self, job: Job, result: Rendered | Empty, *, keep: timedelta) -> Beat:
        """Makes a result the job's own; `keep` is how long a file can be fetched.

        "held" when it is published (also by an earlier call whose answer was lost), "cancel" when somebody asked
        for the job's end first, "lost" when another worker has it.
        """
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(SQL["publish_job"], *_fence(job), *_published(result), keep)
            if row is not None:
                state: ExportState = "succeeded" if isinstance(result, Rendered) else "empty"
                await _announce(conn, job, state, row["at"], result=result, expires_at=row["expires_at"])
                return "held"
            return await _fate(conn, job, result)

    async def requeue(self, job: Job, *, pause: timedelta, code: ErrorCode | None) -> bool:
        """Gives the job back, due after `pause`; `code` says which failure made it wait."""
        return await self._change("requeue_job", job, "queued", pause, code)

    async def fail(self, job: Job, code: ErrorCode) -> bool:
        """Ends the job with an error code. False when it was no longer ours."""
        return await self._change("fail_job", job, "failed", code, error=code)

    async def cancel(self, job: Job) -> bool:
        """Ends the job as cancelled. False when it was no longer ours."""
        return await self._change("cancel_job", job, "cancelled")

    async def settle(self) -> list[Settled]:
        """Ends jobs that were cancelled while nobody ran them, or that lost their worker too often."""
        async with transaction(self._pool) as conn:
            rows = await conn.fetch(SQL["settle_jobs"], MOST_ATTEMPTS)
            return [await _announce_row(conn, row) for row in rows]

    async def expire(self) -> list[Settled]:
        """Closes files whose time is over; the caller removes them from the store afterwards."""
        async with transaction(self._pool) as conn:
            rows = await conn.fetch(SQL["expire_jobs"])
            return [await _announce_row(conn, row) for row in rows]

    async def find_owned(self, objects: Iterable[StoredObject]) -> set[str]:
        """The keys that a succeeded job points at; whatever else is in the store is rubbish once it is old."""
        found = list(objects)
        rows = await self._pool.fetch(
            SQL["find_owned"],
            [each.account_id for each in found],
            [each.export_id for each in found],
            [each.object_key for each in found],
        )
        return {row["object_key"] for row in rows}

    async def queue_age(self) -> float:
        """Seconds that the longest waiting due job has waited, 0 when none waits."""
        return float(await self._pool.fetchval(SQL["queue_age"]))

    async def _change(
        self, statement: str, job: Job, state: ExportState, *values: object, error: str | None = None
    ) -> bool:
        async with transaction(self._pool) as conn:
            at = await conn.fetchval(SQL[statement], *_fence(job), *values)
            if at is None:
                return False
            await _announce(conn, job, state, at, error=error)
            return True


def _fence(job: Job) -> tuple[int, UUID, int]:
    return job.account_id, job.export_id, job.attempt


def _published(result: Rendered | Empty) -> tuple[Any, ...]:
    """State, key, bytes, rows, sha256, file name, media type, manifest."""
    if isinstance(result, Empty):
        return "empty", None, None, 0, None, None, None, result.manifest
    file = (result.object_key, result.bytes, result.rows, result.sha256, result.file_name, result.media_type)
    return "succeeded", *file, result.manifest


async def _fate(conn: Connection, job: Job, result: Rendered | Empty) -> Beat:
    """Why nothing could be published; a COMMIT whose answer was lost shows as our own result."""
    row = await conn.fetchrow(SQL["find_fate"], job.account_id, job.export_id)
    if row is None or row["attempt"] != job.attempt:
        return "lost"
    if row["state"] == "running":
        return "cancel"
    key = result.object_key if isinstance(result, Rendered) else None
    ours = row["state"] in ("succeeded", "empty") and row["object_key"] == key
    return "held" if ours else "lost"


async def _announce(
    conn: Connection,
    job: Job,
    state: ExportState,
    at: datetime,
    *,
    result: Rendered | Empty | None = None,
    expires_at: datetime | None = None,
    error: str | None = None,
) -> None:
    """Writes the outbox record of a change and notifies open pages, in the caller's transaction."""
    file = result if isinstance(result, Rendered) else None
    change = ExportChanged(
        export_id=job.export_id,
        request_key=job.request_key,
        format=job.format,
        state=state,
        at=at,
        rows=0 if isinstance(result, Empty) else (file.rows if file else None),
        bytes=file.bytes if file else None,
        sha256=file.sha256 if file else None,
        expires_at=expires_at,
        error=error,
    )
    await _tell(conn, job.account_id, job.account, change, job.attempt)


async def _announce_row(conn: Connection, row: asyncpg.Record) -> Settled:
    change = ExportChanged(
        export_id=row["export_id"],
        request_key=row["request_key"],
        format=row["format"],
        state=row["state"],
        at=row["at"],
        error=row["error_code"],
    )
    await _tell(conn, row["account_id"], row["account"], change, row["attempt"])
    return Settled(row["export_id"], row["state"], row["object_key"])


async def _tell(conn: Connection, account_id: int, account: str, change: ExportChanged, attempt: int) -> None:
    await add_to_outbox(conn, EXPORT_EVENTS, change_record(account, change, attempt=attempt))
    note = {"account_id": account_id, "export_id": change.export_id, "state": change.state}
    await conn.execute(SQL["notify_change"], msgspec.json.encode(note).decode())
