"""Writes a filtered list as CSV: one COPY in one snapshot, formatted by the database, hashed on its way to the store."""

import csv
import io
from pathlib import Path
from zoneinfo import ZoneInfo

from bitacora_schemas.exports.formats import FORMATS, CsvSpec

from services.chassis.sql import load_statements
from services.export.copying import Statement, copy_to_store
from services.export.file_names import file_stem
from services.export.job import Job, read_filter
from services.export.manifest import manifest_of
from services.export.outcome import Empty, PermanentFailure, Rendered
from services.export.renderers.cells import cells, columns, names
from services.export.snapshot import reading
from services.export.stored_files import object_key
from services.export.tools import OnProgress, Tools
from services.presentation.languages import mark, translations_of
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.questions import Fields
from services.readmodel.filters import BadFilter, Fragment, prepare_filter

SQL = load_statements(Path(__file__).with_suffix(".sql"))

COLUMNS_VERSION = 1
"""Raised when columns or their order change; stands in the manifest."""

BYTE_ORDER_MARK = "\ufeff"


async def render_csv(tools: Tools, job: Job, spec: CsvSpec, on_progress: OnProgress) -> Rendered | Empty:
    """See Renderer. Raises PermanentFailure(not_permitted, bad_spec, too_large)."""
    kind = FORMATS["csv"].kind(packed=spec.gzip)
    key = object_key(job, kind.ending)
    wanted = read_filter(spec)
    async with reading(tools.pool, job) as at:
        try:
            fragment = await prepare_filter(at.conn, job.account_id, wanted)
        except BadFilter as error:
            raise PermanentFailure("too_large", str(error)) from error
        blob, rows = await copy_to_store(
            at.conn,
            tools.store,
            key,
            statement(spec, fragment, tools.public_url),
            on_progress,
            head=header_line(spec).encode(),
            gzip=spec.gzip,
            format="csv",
            delimiter=spec.delimiter,
            # A quoted cell stays one cell where a spreadsheet expects another delimiter.
            force_quote=True if spec.profile == "spreadsheet" else None,
        )
    facts = {
        "columns_version": COLUMNS_VERSION,
        "rows": rows,
        "bytes": blob.size_bytes,
        "sha256": blob.sha256,
    }
    manifest = manifest_of(job, spec, at.snapshot, facts=facts)
    if rows == 0:
        await tools.store.delete(key)
        return Empty(manifest=manifest)
    local = at.snapshot.as_of.astimezone(ZoneInfo(spec.timezone))
    return Rendered(
        object_key=key,
        file_name=f"{file_stem(spec.locale, mark('Conversaciones'), f'{local:%Y%m%d-%H%M}')}.{kind.ending}",
        media_type=kind.media_type,
        bytes=blob.size_bytes,
        rows=rows,
        sha256=blob.sha256 or "",
        manifest=manifest,
    )


def header_line(spec: CsvSpec, *, fields: Fields = FIELDS) -> str:
    """The first line, with the byte order mark where spreadsheets want one."""
    out = io.StringIO()
    csv.writer(out, delimiter=spec.delimiter, lineterminator="\n").writerow(
        names(spec.profile, spec.timezone, translations_of(spec.locale).ugettext, fields)
    )
    return (BYTE_ORDER_MARK if spec.profile == "spreadsheet" else "") + out.getvalue()


def statement(
    spec: CsvSpec, fragment: Fragment, public_url: str = "", *, fields: Fields = FIELDS
) -> Statement:
    """The query of the rows and its arguments."""
    zone = spec.timezone if spec.profile == "spreadsheet" else "UTC"
    arguments = ("masked", "zone", "site")
    places = {name: f"${place}" for place, name in enumerate(arguments, fragment.next_place)}
    text = SQL["rows"].format(
        cells=cells(spec.profile, translations_of(spec.locale).ugettext, fields).format(**places),
        columns=columns(fields).format(**places),
        where=fragment.sql,
    )
    return text, (*fragment.args, spec.masked, zone, public_url.rstrip("/"))
