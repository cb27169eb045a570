"""A file of what a filter finds: one COPY in one snapshot, formatted by the database, hashed on its way to the store."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from bitacora_schemas.exports.formats import LANGUAGES, ListSpec, format_of

from services.export.copying import Statement, copy_to_store
from services.export.file_names import file_stem
from services.export.job import Job, read_filter
from services.export.manifest import manifest_of
from services.export.outcome import Empty, PermanentFailure, Rendered
from services.export.snapshot import reading
from services.export.stored_files import object_key
from services.export.tools import OnProgress, Tools
from services.presentation.languages import mark
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.filters import BadFilter, Fragment, prepare_filter

COLUMNS_VERSION = len(FIELDS.columns)
"""Stands in the manifest. Columns keep their places and new ones come last, so how many there are says which these are."""


async def store_list(
    tools: Tools,
    job: Job,
    spec: ListSpec,
    on_progress: OnProgress,
    rows: Callable[[Fragment], Statement],
    *,
    language: str = LANGUAGES[0],
    gzip: bool = False,
    head: bytes = b"",
    **options: Any,
) -> Rendered | Empty:
    """Stores `head` and what the query of `rows` gives for the filter; nothing is kept of a file without rows.

    `options` are those of COPY, `language` is that of the file's name. Raises PermanentFailure(not_permitted, bad_spec,
    too_large), and what database and store raise.
    """
    kind = format_of(spec).kind(packed=gzip)
    key = object_key(job, kind.ending)
    wanted = read_filter(spec)
    async with reading(tools.pool, job) as at:
        try:
            fragment = await prepare_filter(at.conn, job.account_id, wanted)
        except BadFilter as error:
            raise PermanentFailure("too_large", str(error)) from error
        blob, count = await copy_to_store(
            at.conn, tools.store, key, rows(fragment), on_progress, head=head, gzip=gzip, **options
        )
    facts = {
        "columns_version": COLUMNS_VERSION,
        "rows": count,
        "bytes": blob.size_bytes,
        "sha256": blob.sha256,
    }
    manifest = manifest_of(job, spec, at.snapshot, facts=facts)
    if count == 0:
        await tools.store.delete(key)
        return Empty(manifest=manifest)
    local = at.snapshot.as_of.astimezone(ZoneInfo(spec.timezone))
    return Rendered(
        object_key=key,
        file_name=f"{file_stem(language, mark('Conversaciones'), f'{local:%Y%m%d-%H%M}')}.{kind.ending}",
        media_type=kind.media_type,
        bytes=blob.size_bytes,
        rows=count,
        sha256=blob.sha256 or "",
        manifest=manifest,
    )
