"""Writes a filtered list as NDJSON: a JSON object a line, with the names and values that the CSV for programs has."""

from pathlib import Path

from bitacora_schemas.exports.formats import NdjsonSpec

from services.chassis.sql import load_statements
from services.export.copying import Statement
from services.export.job import Job
from services.export.listing import store_list
from services.export.outcome import Empty, Rendered
from services.export.renderers.cells import list_statement
from services.export.tools import OnProgress, Tools
from services.readmodel.filters import Fragment

SQL = load_statements(Path(__file__).with_suffix(".sql"))

_DELIMITER, _QUOTE = "\x01", "\x02"
"""What COPY would separate and quote by. JSON writes control characters as escapes, so every line stays as it is."""


async def render_ndjson(
    tools: Tools, job: Job, spec: NdjsonSpec, on_progress: OnProgress
) -> Rendered | Empty:
    """See Renderer. Raises PermanentFailure(not_permitted, bad_spec, too_large)."""
    return await store_list(
        tools,
        job,
        spec,
        on_progress,
        lambda fragment: statement(spec, fragment, tools.public_url),
        gzip=spec.gzip,
        format="csv",
        delimiter=_DELIMITER,
        quote=_QUOTE,
    )


def statement(spec: NdjsonSpec, fragment: Fragment, public_url: str = "") -> Statement:
    """The query of the lines and its arguments. Times are UTC, words those of the API, numbers and flags stay what they are."""
    return list_statement(SQL["lines"], spec, fragment, profile="data", say=str, public_url=public_url)
