"""One conversation laid out for people, as a value that no layout engine has touched yet. Pure.

Texts come out ready to be drawn: nothing unprintable in them, long words breakable, links taken apart and allow-listed.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from services.export.document import Day, Fact, Survey, Transcript
from services.export.lines import file_words, line_of
from services.export.printable import breakable, clean
from services.export.wording import CHANNEL_WORDS, REASON_WORDS
from services.readmodel.rows import ConversationDetail, Evaluation, HistoryEntry, MessageEntry


def lay_out(
    detail: ConversationDetail,
    entries: Sequence[HistoryEntry],
    *,
    account: str,
    requester: str,
    zone: str,
    as_of: datetime,
    part: str = "",
) -> Transcript:
    """The transcript of `entries` (in order) of a conversation, with the times of `zone`, as `requester` asked."""
    local = _clock(zone)
    messages = {entry.id: entry for entry in entries if isinstance(entry, MessageEntry)}
    lines = [
        (local(entry.at).date(), line_of(entry, local, messages, detail.contact.name)) for entry in entries
    ]
    days = tuple(
        Day(_day(day), tuple(line for _, line in each))
        for day, each in groupby(lines, key=lambda item: item[0])
    )
    clock = f"{zone} ({_offset(local(detail.started_at))})"
    return Transcript(
        title="Transcripción de conversación",
        account=clean(account),
        conversation_id=str(detail.id),
        zone=zone,
        state="Abierta" if detail.status == "open" else "Finalizada",
        is_open=detail.status == "open",
        made=f"{_moment(local(as_of))} ({zone}) · por {clean(requester)}",
        origin=_filled(
            (
                ("Emitido", _moment(local(as_of))),
                ("Solicitado por", requester),
                ("Horas de", clock),
                ("Mensajes", str(len(messages))),
            )
        ),
        notice=""
        if detail.status == "ended"
        else "Esta conversación sigue abierta: puede haber mensajes posteriores a este documento.",
        facts=_facts(detail, local),
        customer=_customer(detail),
        surveys=tuple(_survey(evaluation) for evaluation in detail.evaluations),
        files=tuple(
            Fact(
                _moment(local(file.at)),
                file_words(kind=file.kind, name=file.name, size=file.size_bytes, state=file.state),
            )
            for file in detail.files
        ),
        days=days,
        part=part,
    )


def _clock(zone: str) -> Callable[[datetime], datetime]:
    info = ZoneInfo(zone)
    return lambda moment: moment.astimezone(info)


def _day(day: date) -> str:
    words = format_date(day, "EEEE d 'de' MMMM 'de' y", locale="es")
    return words[:1].upper() + words[1:]


def _offset(local: datetime) -> str:
    """`UTC−3`, `UTC+5:30`."""
    delta = local.utcoffset()
    minutes = 0 if delta is None else int(delta.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _moment(local: datetime) -> str:
    return format_datetime(local, "d MMM y, HH:mm:ss", locale="es")


def _facts(detail: ConversationDetail, local: Callable[[datetime], datetime]) -> tuple[Fact, ...]:
    count = detail.interactions
    kinds = ((count.customer, "del cliente"), (count.assistant, "de asistentes"),
             (count.human, "de personas"), (count.template, "HSM"))  # fmt: skip
    parts = ", ".join(f"{number} {word}" for number, word in kinds if number)
    end = "Abierta"
    if detail.ended_at is not None and detail.end is not None:
        reason = REASON_WORDS.get(detail.end.reason or "", detail.end.reason or "")
        end = f"{_moment(local(detail.ended_at))} · {reason}"
    rows = (
        ("Canal", f"{CHANNEL_WORDS.get(detail.channel, detail.channel)} · {detail.channel_address}"),
        ("Chatbot", (detail.chatbot.name or detail.chatbot.id) if detail.chatbot else ""),
        ("Asistentes", ", ".join(_name(a.name, a.id) for a in detail.assistants)),
        ("Entorno", "" if detail.environment == "production" else "Pruebas"),
        ("Inicio", _moment(local(detail.started_at))),
        ("Fin", end),
        ("Duración", duration(detail.duration_seconds)),
        ("Interacciones", f"{count.total}" + (f" ({parts})" if parts else "")),
        ("NPS", "" if detail.scores.nps is None else f"{detail.scores.nps:g} de 10"),
        ("CSAT", "" if detail.scores.csat is None else f"{detail.scores.csat:g} de 5"),
    )
    return _filled(rows)


def _customer(detail: ConversationDetail) -> tuple[Fact, ...]:
    contact = detail.contact
    address = contact.address or {}
    place = ", ".join(
        str(address[key])
        for key in (
            "street",
            "number",
            "complement",
            "district",
            "city",
            "state",
            "postal_code",
            "country_code",
        )
        if address.get(key)
    )
    rows = (
        ("Nombre", contact.name or "Sin nombre"),
        ("Teléfono", contact.phone or ""),
        ("Correo", contact.email or ""),
        ("Id. de empresa", contact.company_id or ""),
        ("Dirección", place),
        ("Identificadores", ", ".join(f"{one.kind} {one.value}" for one in contact.ids)),
    )
    return _filled(rows)


def _filled(rows: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    return tuple(Fact(label, breakable(clean(value))) for label, value in rows if value)


def _survey(evaluation: Evaluation) -> Survey:
    if evaluation.score is not None:
        highest = {"nps": "10", "csat": "5"}.get(evaluation.metric)
        if isinstance(evaluation.scale, dict) and evaluation.scale.get("max") is not None:
            highest = f"{evaluation.scale['max']:g}"
        score = f"{evaluation.score:g}" + (f" de {highest}" if highest else "")
    elif evaluation.answered_at is None:
        score = "sin respuesta"
    else:
        score = f"«{clean(evaluation.raw_answer or '')}» (no válida)"
    return Survey(
        evaluation.metric.upper(),
        breakable(clean(evaluation.question or "")),
        breakable(score),
        breakable(clean(evaluation.comment or "")),
    )


def _name(name: str | None, identifier: str | None) -> str:
    return name or identifier or ""


def duration(seconds: int) -> str:
    """`3661` as `1 h 1 min`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
