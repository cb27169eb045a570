"""What is being asked, in words: one removable chip a condition."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from babel.dates import format_datetime

from services.presentation import words
from services.presentation.reader import Reader
from services.query.pages.list.page_query import PageQuery


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition and the address of the list without it."""

    label: str
    value: str
    remove_url: str


def chips(
    reader: Reader, query: PageQuery, *, box: str, text: str, names: Mapping[str, str]
) -> tuple[Chip, ...]:
    """The chips of a state; `box` and `text` are the kept terms, `names` maps ids of bots to names."""
    _ = reader.gettext
    conditions: list[tuple[str, str, PageQuery]] = []

    def add(label: str, value: str, rest: PageQuery) -> None:
        if value:
            conditions.append((label, value, rest))

    add(_("Cliente"), box, replace(query, s=""))
    add(_("Texto"), text, replace(query, t=""))
    add(
        period_of(reader, query.period_of),
        _period(reader, query),
        replace(query, period="", start="", end="", period_of=""),
    )
    add(_("Chatbot"), names.get(query.chatbot, query.chatbot), replace(query, chatbot=""))
    add(_("Canal"), words.channel(reader, query.channel), replace(query, channel=""))
    add(_("Entorno"), words.environment(reader, query.environment), replace(query, environment=""))
    add(_("Estado"), words.status(reader, query.status), replace(query, status=""))
    add(_("Asistente"), names.get(query.assistant, query.assistant), replace(query, assistant=""))
    if query.end_reason:
        value = words.end_reason_choice(reader, query.end_reason)
        add(_("Final"), value, replace(query, end_reason=""))
    add(_("Nota"), _score(reader, query), replace(query, metric="", score_min="", score_max=""))
    for each in query.has:
        rest = replace(query, has=tuple(other for other in query.has if other != each))
        add(_("Con"), has_name(reader, each), rest)
    return tuple(Chip(label, value, rest.url) for label, value, rest in conditions)


def period_of(reader: Reader, value: str) -> str:
    """Which of a conversation's times the period is about."""
    _ = reader.gettext
    return {"activity": _("Última actividad"), "ended": _("Final")}.get(value, _("Inicio"))


def period_name(reader: Reader, value: str) -> str:
    """A ready-made period."""
    _ = reader.gettext
    known = {
        "today": _("Hoy"),
        "yesterday": _("Ayer"),
        "7d": _("Últimos 7 días"),
        "30d": _("Últimos 30 días"),
    }
    return known.get(value, _("Todo el tiempo"))


def has_name(reader: Reader, value: str) -> str:
    """Something a conversation may have."""
    _ = reader.gettext
    known = {
        "comment": _("Comentario"),
        "score": _("Nota"),
        "transfer": _("Transferencia"),
        "template": _("Inicio por HSM"),
        "files": _("Archivos del cliente"),
    }
    return known.get(value, value)


def _period(reader: Reader, query: PageQuery) -> str:
    if query.period:
        return period_name(reader, query.period)
    start, end = _when(reader, query.start), _when(reader, query.end)
    if start and end:
        return reader.gettext("de {start} a {end}").format(start=start, end=end)
    if start:
        return reader.gettext("desde {start}").format(start=start)
    return reader.gettext("hasta {end}").format(end=end) if end else ""


def _when(reader: Reader, local: str) -> str:
    if not local:
        return ""
    moment = datetime.fromisoformat(local)
    return format_datetime(moment, reader.gettext("d MMM y, HH:mm"), locale=reader.locale)


def _score(reader: Reader, query: PageQuery) -> str:
    low, high = query.score_min, query.score_max
    name = query.metric.upper() or "NPS/CSAT"
    if low and high:
        return f"{name} {low}–{high}"
    if low:
        return f"{name} ≥ {low}"
    if high:
        return f"{name} ≤ {high}"
    return name if query.metric else ""
