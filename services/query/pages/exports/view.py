"""Export jobs as the tray shows them."""

from dataclasses import dataclass
from datetime import date

from services.query.exports import ExportJob
from services.query.pages import pieces
from services.query.pages.pieces import Moment, Tag
from services.query.pages.reader import Reader


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
    transcript = row.format == "pdf"
    back_url = f"/conversations/{row.spec['conversation_id']}" if transcript else "/exports"
    return JobView(
        id=str(row.id),
        name=row.file_name or (_("Transcripción en PDF") if transcript else _("Conversaciones en CSV")),
        icon="file-type-pdf" if row.format == "pdf" else "table-export",
        state=state(reader, row.state),
        created=pieces.moment(reader, row.created_at, today),
        facts=_facts(reader, row, today),
        running=row.state in {"queued", "running"},
        problem=problem(reader, row.error_code) if row.state == "failed" else "",
        download_url=f"/exports/{row.id}/file" if row.state == "succeeded" else "",
        back_url=back_url,
        back_label=_("Volver a la conversación") if transcript else _("Todas las exportaciones"),
    )


def state(reader: Reader, value: str) -> Tag:
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
    label, tone = known.get(value, (value, "calm"))
    return Tag(label, tone)


def problem(reader: Reader, code: str | None) -> str:
    """Why a job failed, and what to do."""
    _ = reader.gettext
    known = {
        "worker_lost": _("El proceso que lo preparaba se detuvo. Vuelve a exportarlo."),
        "too_large": _("El resultado es demasiado grande: acota el periodo y vuelve a exportar."),
        "not_found": _("La conversación ya no existe."),
        "timeout": _("Tardó demasiado: acota la búsqueda y vuelve a intentarlo."),
    }
    return known.get(
        code or "", _("No se pudo preparar el archivo ({code}). Vuelve a intentarlo.").format(code=code)
    )


def _facts(reader: Reader, row: ExportJob, today: date) -> tuple[str, ...]:
    _ = reader.gettext
    found = []
    amount = row.rows if row.rows is not None else row.progress_rows
    if amount is not None and row.format == "csv":
        found.append(reader.ngettext("{n} fila", "{n} filas", amount).format(n=reader.number(amount)))
    if row.bytes:
        found.append(reader.bytes(row.bytes))
    if row.expires_at is not None and row.state == "succeeded":
        found.append(_("disponible hasta {moment}").format(moment=reader.short(row.expires_at, today)))
    return tuple(found)
