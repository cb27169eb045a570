"""Writes a filtered list as CSV: a table for people and their spreadsheets, or one for programs."""

import csv
import io
from pathlib import Path

from bitacora_schemas.exports.formats import CsvSpec

from services.chassis.sql import load_statements
from services.export.copying import Statement
from services.export.job import Job
from services.export.listing import store_list
from services.export.outcome import Empty, Rendered
from services.export.renderers.cells import list_statement, names
from services.export.tools import OnProgress, Tools
from services.presentation.languages import translations_of
from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.questions import Fields
from services.readmodel.filters import Fragment

SQL = load_statements(Path(__file__).with_suffix(".sql"))

BYTE_ORDER_MARK = "\ufeff"


async def render_csv(tools: Tools, job: Job, spec: CsvSpec, on_progress: OnProgress) -> Rendered | Empty:
    """See Renderer. Raises PermanentFailure(not_permitted, bad_spec, too_large)."""
    return await store_list(
        tools,
        job,
        spec,
        on_progress,
        lambda fragment: statement(spec, fragment, tools.public_url),
        language=spec.locale,
        gzip=spec.gzip,
        head=header_line(spec).encode(),
        format="csv",
        delimiter=spec.delimiter,
        # A quoted cell stays one cell where a spreadsheet expects another delimiter.
        force_quote=True if spec.profile == "spreadsheet" else None,
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
    return list_statement(
        SQL["rows"],
        spec,
        fragment,
        profile=spec.profile,
        say=translations_of(spec.locale).ugettext,
        public_url=public_url,
        fields=fields,
    )
