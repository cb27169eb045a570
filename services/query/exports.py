"""Export jobs as people and tokens ask for them; the export process does the work (table ops.export_job)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
from bitacora_schemas.exports.error_codes import MEANINGS, ErrorCode
from bitacora_schemas.exports.formats import FormatName, Spec, TranscriptSpec
from bitacora_schemas.exports.states import WITH_FILE, ExportState
from bitacora_schemas.exports.stored import shows_identifiers, spec_from_row, spec_to_row
from msgspec import Meta, Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.chassis.transactions import transaction
from services.query.auth.audit import record
from services.query.auth.principal import Principal
from services.query.dependencies import Dependencies
from services.query.problems import ApiProblem
from services.readmodel.conversations import find_key

SQL = load_statements(Path(__file__).with_suffix(".sql"))

MOST_LISTED = 100

Failure = Annotated[
    ErrorCode,
    Meta(description="; ".join(f"`{code}`: {meaning}" for code, meaning in MEANINGS.items())),
]


class ExportJob(Struct, frozen=True, kw_only=True):
    """A job as the API shows it. `url` is where its file is, null unless there is one."""

    id: UUID
    format: FormatName
    state: ExportState
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool
    progress_rows: int | None
    rows: int | None
    bytes: int | None
    sha256: str | None
    file_name: str | None
    media_type: str | None
    expires_at: datetime | None
    error_code: Failure | None
    url: str | None
    spec: dict[str, Any]
    manifest: Any


class ReadyFile(Struct, frozen=True, kw_only=True):
    """A finished file; `object_key` names it in the store of exports."""

    object_key: str
    name: str
    media_type: str
    size_bytes: int | None
    sha256: str


async def request_export(
    dependencies: Dependencies,
    principal: Principal,
    spec: Spec,
    *,
    request_id: str,
    idempotency_key: str | None = None,
) -> ExportJob:
    """Inserts the job and its audit entry; the same key gives the same job.

    Raises ApiProblem: not_found for a transcript of no conversation here, not_allowed for an operator who asks
    for unmasked identifiers, idempotency_key_reused.
    """
    kind, stored = spec_to_row(spec)
    if shows_identifiers(kind, stored) and not principal.is_admin:
        raise ApiProblem("not_allowed", "only an admin exports identifiers unmasked")
    key = f"{principal.actor}:{idempotency_key}" if idempotency_key is not None else f"once:{uuid4()}"
    async with transaction(dependencies.pool) as conn:
        if (
            isinstance(spec, TranscriptSpec)
            and await find_key(conn, principal.account_id, spec.conversation_id) is None
        ):
            raise ApiProblem("not_found")
        row = await conn.fetchrow(
            SQL["add_job"], principal.account_id, uuid4(), key, principal.actor, principal.role, kind, stored
        )
        if row is None:
            row = await conn.fetchrow(SQL["find_by_key"], principal.account_id, key)
            if row is None or not _asks_for(row, spec):
                raise ApiProblem("idempotency_key_reused")
            return _job(row)
        job = _job(row)
        detail: dict[str, str] = {"format": kind}
        if isinstance(spec, TranscriptSpec):
            detail["conversation_id"] = str(spec.conversation_id)
        await _record(conn, principal, "export.create", job.id, request_id=request_id, detail=detail)
        await conn.execute(SQL["wake_workers"])
    return job


async def list_exports(
    dependencies: Dependencies, principal: Principal, *, limit: int = 50
) -> list[ExportJob]:
    """The newest jobs first: an operator's own, an admin's whole account."""
    mine = None if principal.is_admin else principal.actor
    async with dependencies.pool.acquire() as conn:
        rows = await conn.fetch(SQL["list_jobs"], principal.account_id, mine, min(limit, MOST_LISTED))
    return [_job(row) for row in rows]


async def find_export(dependencies: Dependencies, principal: Principal, export_id: UUID) -> ExportJob | None:
    """One job, None when there is none that this principal may see."""
    async with dependencies.pool.acquire() as conn:
        row = await _visible(conn, principal, export_id)
    return None if row is None else _job(row)


async def cancel_export(
    dependencies: Dependencies, principal: Principal, export_id: UUID, *, request_id: str
) -> ExportJob:
    """Cancels a job that is not finished; safe to repeat. Raises ApiProblem(not_found, not_cancellable)."""
    async with transaction(dependencies.pool) as conn:
        if await _visible(conn, principal, export_id) is None:
            raise ApiProblem("not_found")
        row = await conn.fetchrow(SQL["cancel_job"], principal.account_id, export_id)
        if row is None:
            row = await _visible(conn, principal, export_id)
            if row is None or row["state"] != "cancelled":
                raise ApiProblem("not_cancellable")
            return _job(row)
        await _record(conn, principal, "export.cancel", export_id, request_id=request_id, detail={})
    return _job(row)


async def open_export(
    dependencies: Dependencies, principal: Principal, export_id: UUID, *, request_id: str
) -> ReadyFile:
    """The file of a job, its download audited. The right is judged anew: roles change after the asking.

    Raises ApiProblem: not_found, not_ready, gone, not_allowed.
    """
    async with transaction(dependencies.pool) as conn:
        row = await _visible(conn, principal, export_id)
        if row is None:
            raise ApiProblem("not_found")
        expired = row["expires_at"] is not None and row["expires_at"] <= dependencies.clock()
        if row["state"] == "expired" or (row["state"] == WITH_FILE and expired):
            raise ApiProblem("gone")
        if row["state"] != WITH_FILE:
            raise ApiProblem("not_ready", f"the export is {row['state']}")
        if shows_identifiers(row["format"], row["spec"]) and not principal.is_admin:
            raise ApiProblem("not_allowed", "only an admin reads identifiers unmasked")
        await _record(
            conn,
            principal,
            "export.download",
            export_id,
            request_id=request_id,
            detail={"sha256": row["sha256"]},
        )
    return ReadyFile(
        object_key=row["object_key"],
        name=row["file_name"] or f"{export_id}.{row['format']}",
        media_type=row["media_type"] or "application/octet-stream",
        size_bytes=row["bytes"],
        sha256=row["sha256"],
    )


def _asks_for(row: asyncpg.Record, spec: Spec) -> bool:
    """Whether a job was asked for by the same specification; one of an older version lacks what it could not say."""
    try:
        return spec_from_row(row["format"], row["spec"]) == spec
    except msgspec.ValidationError:
        return False


async def _visible(conn: Connection, principal: Principal, export_id: UUID) -> asyncpg.Record | None:
    row = await conn.fetchrow(SQL["find_job"], principal.account_id, export_id)
    if row is None or (row["requested_by"] != principal.actor and not principal.is_admin):
        return None
    return row


async def _record(
    conn: Connection,
    principal: Principal,
    action: str,
    export_id: UUID,
    *,
    request_id: str,
    detail: dict[str, str],
) -> None:
    await record(
        conn, principal, operation="export", action=action, object_kind="export",
        object_id=str(export_id), request_id=request_id, detail=detail,
    )  # fmt: skip


def _job(row: asyncpg.Record) -> ExportJob:
    return ExportJob(
        id=row["export_id"],
        format=row["format"],
        state=row["state"],
        requested_by=row["requested_by"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        cancel_requested=row["cancel_requested"],
        progress_rows=row["progress_rows"],
        rows=row["rows"],
        bytes=row["bytes"],
        sha256=row["sha256"],
        file_name=row["file_name"],
        media_type=row["media_type"],
        expires_at=row["expires_at"],
        error_code=row["error_code"],
        url=f"/api/v1/exports/{row['export_id']}/file" if row["state"] == WITH_FILE else None,
        spec=row["spec"],
        manifest=row["manifest"],
    )
