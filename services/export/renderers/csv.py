"""Writes a filtered list as CSV: one COPY in one snapshot, formatted by the database, hashed on its way to the store."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from isal import isal_zlib
from msgspec.structs import replace

from services.chassis.blobs import BlobStore
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.export.job import CsvSpec, Job
from services.export.manifest import csv_manifest, take_snapshot
from services.export.outcome import Empty, Rendered
from services.export.requester import find_requester
from services.readmodel.filters import Fragment, prepare_filter

SQL = load_statements(Path(__file__).with_suffix(".sql"))

COLUMNS_VERSION = 1
"""Raised when columns or their order change; stands in the manifest."""

COLUMNS: tuple[tuple[str, str], ...] = (
    ("id", "Conversación"), ("url", "Enlace"), ("status", "Estado"), ("environment", "Entorno"), ("channel", "Canal"),
    ("chatbot", "Chatbot"), ("assistants", "Asistentes"), ("customer_name", "Cliente"),
    ("customer_email", "Correo"), ("customer_phone", "Teléfono"), ("company_id", "Id. de empresa"),
    ("started_at", "Inicio ({zone})"), ("ended_at", "Fin ({zone})"),
    ("last_activity_at", "Última actividad ({zone})"), ("duration_seconds", "Duración (s)"),
    ("interactions_total", "Interacciones"), ("interactions_customer", "Del cliente"),
    ("interactions_assistant", "De asistentes"), ("interactions_human", "De personas"),
    ("interactions_template", "HSM"), ("nps", "NPS"), ("csat", "CSAT"), ("comment", "Comentario"),
    ("transferred", "Transferida"), ("started_by_template", "Iniciada por HSM"),
    ("has_files", "Con archivos"), ("end_reason", "Motivo de fin"), ("ended_by", "Finalizada por"),
)  # fmt: skip
"""Name in the `data` profile, title in the `spreadsheet` profile."""

Statement = tuple[str, tuple[object, ...]]
BYTE_ORDER_MARK = "\ufeff"
_QUEUE_CHUNKS = 16
_GZIP_LEVEL = 1
_GZIP_CONTAINER = 31  # window bits that ask for a gzip header


async def render_csv(
    conn: Connection,
    store: BlobStore,
    job: Job,
    spec: CsvSpec,
    object_key: str,
    on_progress: Callable[[int], None],
    *,
    public_url: str = "",
) -> Rendered | Empty:
    """Stores the file under `object_key`. Memory stays flat: a slow store slows the COPY down.

    Must be given a connection without a transaction. `public_url` stands before the path of each conversation's page.
    Raises PermanentFailure(not_permitted) and what database and store raise.
    """
    if job.role != "admin":
        spec = replace(spec, masked=True)  # whatever the specification says
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        snapshot = await take_snapshot(conn)
        await find_requester(conn, job)
        fragment = await prepare_filter(conn, job.account_id, spec.filter)
        copied, chunks = _copy(conn, spec, statement(spec, fragment, public_url), on_progress)
        try:
            blob = await store.put(object_key, chunks)
            rows = await copied
        finally:
            copied.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await copied
    facts = {
        "columns_version": COLUMNS_VERSION,
        "rows": rows,
        "bytes": blob.size_bytes,
        "sha256": blob.sha256,
    }
    manifest = csv_manifest(job, spec, snapshot, facts=facts)
    if rows == 0:
        await store.delete(object_key)
        return Empty(manifest=manifest)
    local = snapshot.as_of.astimezone(ZoneInfo(spec.timezone))
    ending = ".csv.gz" if spec.gzip else ".csv"
    return Rendered(
        object_key=object_key,
        file_name=f"conversaciones-{local:%Y%m%d-%H%M}{ending}",
        media_type="application/gzip" if spec.gzip else "text/csv; charset=utf-8",
        bytes=blob.size_bytes,
        rows=rows,
        sha256=blob.sha256 or "",
        manifest=manifest,
    )


def header_line(spec: CsvSpec) -> str:
    """The first line, with the byte order mark where spreadsheets want one."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=spec.delimiter, lineterminator="\n")
    if spec.profile == "data":
        writer.writerow(name for name, _ in COLUMNS)
        return out.getvalue()
    writer.writerow(title.format(zone=spec.timezone) for _, title in COLUMNS)
    return BYTE_ORDER_MARK + out.getvalue()


def statement(spec: CsvSpec, fragment: Fragment, public_url: str = "") -> Statement:
    """The query of the rows and its arguments."""
    zone = spec.timezone if spec.profile == "spreadsheet" else "UTC"
    names = ("masked", "zone", "site")
    places = {name: f"${place}" for place, name in enumerate(names, fragment.next_place)}
    rows = SQL["rows"].format(where=fragment.sql, **places)
    text = SQL[f"{spec.profile}_rows"].format(rows=rows, **places)
    return text, (*fragment.args, spec.masked, zone, public_url.rstrip("/"))


def _copy(
    conn: Connection, spec: CsvSpec, rows: Statement, on_progress: Callable[[int], None]
) -> tuple[asyncio.Task[int], AsyncIterator[bytes]]:
    """A running COPY that answers the number of rows, and the file's bytes as they come."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE_CHUNKS)
    packer = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_CONTAINER) if spec.gzip else None
    lines = 0

    async def put(chunk: bytes) -> None:
        nonlocal lines
        lines += chunk.count(b"\n")
        on_progress(lines)
        await queue.put(chunk)

    async def copy() -> int:
        query, args = rows
        try:
            await queue.put(header_line(spec).encode())
            tag = await conn.copy_from_query(
                query,
                *args,
                output=put,
                format="csv",
                delimiter=spec.delimiter,
                encoding="utf-8",
                # A quoted cell stays one cell where a spreadsheet expects another delimiter.
                force_quote=True if spec.profile == "spreadsheet" else None,
            )
        finally:
            await queue.put(None)
        return int(tag.split()[-1])

    async def chunks() -> AsyncIterator[bytes]:
        while (chunk := await queue.get()) is not None:
            data = packer.compress(chunk) if packer else chunk
            if data:
                yield data
        if packer:
            yield packer.flush()
        await copied  # a COPY that failed must not end as a finished file

    copied = asyncio.create_task(copy(), name="copy")
    return copied, chunks()
