"""Export jobs as the tray shows them."""

from dataclasses import dataclass
from datetime import date

from bitacora_schemas.exports.error_codes import ErrorCode
from bitacora_schemas.exports.formats import FORMATS
from bitacora_schemas.exports.states import UNFINISHED, WITH_FILE, ExportState

from services.presentation.reader import Reader
from services.query.exports import ExportJob
from services.query.pages import pieces
from services.query.pages.pieces import Moment, Tag


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as one line of the tray, or as its own page."""

    id: str
    name: str
    icon: str
    state: Tag
    created: Moment
    facts: tuple[str, ...]
    running: bool
    problem: str
    download_url: str
    back_url: str
    back_label: str


def job(reader: Reader, row: ExportJob, today: date) -> JobView:
    """A job in words."""
    _ = reader.gettext
    transcript = "conversation_id" in row.spec
    known = FORMATS.get(row.format)  # another version may have made one that we do not know
    back_url = f"/conversations/{row.spec['conversation_id']}" if transcript else "/exports"
    return JobView(
        id=str(row.id),
        name=row.file_name
        or (_("Transcripción en {format}") if transcript else _("Conversaciones en {format}")).format(
            format=row.format if known is None else known.label
        ),
        icon="file-type-pdf" if transcript else "table-export",
        state=state(reader, row.state),
        created=pieces.moment(reader, row.created_at, today),
        facts=_facts(reader, row, today),
        running=row.state in UNFINISHED,
        problem=problem(reader, row.error_code) if row.state == "failed" else "",
        download_url=f"/exports/{row.id}/file" if row.state == WITH_FILE else "",
        back_url=back_url,
        back_label=_("Volver a la conversación") if transcript else _("Todas las exportaciones"),
    )


def state(reader: Reader, value: ExportState) -> Tag:
    """A job's state."""
    _ = reader.gettext
    known = {
        "queued": (_("En cola"), "calm"),
        "running": (_("Preparando"), "warn"),
        "succeeded": (_("Lista"), "good"),
        "empty": (_("Sin filas"), "calm"),
        "failed": (_("Falló"), "bad"),
        "cancelled": (_("Cancelada"), "calm"),
        "expired": (_("Caducada"), "calm"),
    }
    label, tone = known[value]
    return Tag(label, tone)


def problem(reader: Reader, code: ErrorCode | None) -> str:
    """Why a job failed, and what to do."""
    _ = reader.gettext
    known: dict[ErrorCode | None, str] = {
        "bad_spec": _("No se entiende qué había que exportar. Vuelve a pedirlo."),
        "not_permitted": _("Quien lo pidió ya no tiene permiso para exportarlo."),
        "not_found": _("La conversación ya no existe."),
        "too_large": _("El resultado es demasiado grande: acota el periodo y vuelve a exportar."),
        "unprintable": _("El documento no se pudo componer. Avisa a quien administra Bitácora."),
        "internal": _("Hubo un error de nuestro lado. Si se repite, avisa a quien administra Bitácora."),
        "timeout": _("Tardó demasiado: acota la búsqueda y vuelve a intentarlo."),
        "typesetting_killed": _("El documento no cupo en la memoria. Vuelve a intentarlo más tarde."),
        "database_unavailable": _("La base de datos no respondía. Vuelve a exportarlo."),
        "store_unavailable": _("El almacén de archivos no respondía. Vuelve a exportarlo."),
        "worker_lost": _("El proceso que lo preparaba se detuvo. Vuelve a exportarlo."),
    }
    # Another version's worker may have a code of its own.
    return known.get(code) or _("No se pudo preparar el archivo ({code}). Vuelve a intentarlo.").format(
        code=code
    )


def _facts(reader: Reader, row: ExportJob, today: date) -> tuple[str, ...]:
    _ = reader.gettext
    found = []
    amount = row.rows if row.rows is not None else row.progress_rows
    if amount is not None and "filter" in row.spec:
        found.append(reader.ngettext("{n} fila", "{n} filas", amount).format(n=reader.number(amount)))
    if row.bytes:
        found.append(reader.bytes(row.bytes))
    if row.expires_at is not None and row.state == WITH_FILE:
        found.append(_("disponible hasta {moment}").format(moment=reader.short(row.expires_at, today)))
    return tuple(found)
