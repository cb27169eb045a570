"""One conversation laid out for people, as a value that no layout engine has touched yet. Pure.

Texts come out ready to be drawn: nothing unprintable in them, long words breakable, links taken apart and allow-listed.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from msgspec import Struct

from services.export.printable import Run, breakable, clean, runs_of
from services.export.wording import CHANNEL_WORDS, KIND_WORDS, REASON_WORDS, STATUS_WORDS
from services.readmodel.rows import (
    Actor,
    ConversationDetail,
    EndedEntry,
    Evaluation,
    EvaluationEntry,
    HistoryEntry,
    MessageEntry,
    StartedEntry,
    TransferEntry,
)


class Line(Struct, frozen=True, kw_only=True):
    """One thing that stands in the transcript: a bubble (`in`, `out`, `note`) or a `mark` across the page."""

    kind: str
    time: str
    sender: str = ""
    label: str = ""  # HSM and its template's name, or what kind of note this is
    quote: str = ""
    runs: tuple[Run, ...] = ()
    footer: str = ""  # delivery, edits, reactions


class Day(Struct, frozen=True):
    """The lines of one local day."""

    label: str
    lines: tuple[Line, ...]


class Fact(Struct, frozen=True):
    """A label with its value."""

    label: str
    value: str


class Survey(Struct, frozen=True):
    """An evaluation: `score` with its scale, or what was answered instead."""

    metric: str
    question: str
    score: str
    comment: str


class Transcript(Struct, frozen=True, kw_only=True):
    """The whole document, in reading order. `notice` stands on the first page when something must be known."""

    title: str
    account: str
    conversation_id: str
    zone: str
    made: str
    notice: str
    facts: tuple[Fact, ...]
    customer: tuple[Fact, ...]
    surveys: tuple[Survey, ...]
    files: tuple[Fact, ...]
    days: tuple[Day, ...]
    part: str = ""


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
    texts = {entry.id: entry for entry in entries if isinstance(entry, MessageEntry)}
    lines = [(local(entry.at), _line(entry, local, texts)) for entry in entries]
    days = tuple(
        Day(format_date(day, "EEEE d 'de' MMMM 'de' y", locale="es"), tuple(line for _, line in each))
        for day, each in groupby(lines, key=lambda item: item[0].date())
    )
    return Transcript(
        title="Transcripción de conversación",
        account=clean(account),
        conversation_id=str(detail.id),
        zone=zone,
        made=f"{_moment(local(as_of))} ({zone}) · por {clean(requester)}",
        notice=""
        if detail.status == "ended"
        else "Esta conversación sigue abierta: puede haber mensajes posteriores a este documento.",
        facts=_facts(detail, local),
        customer=_customer(detail),
        surveys=tuple(_survey(evaluation) for evaluation in detail.evaluations),
        files=tuple(
            Fact(
                _moment(local(file.at)),
                breakable(clean(file.name or KIND_WORDS.get(file.kind or "", "Archivo")))
                + (f" · {_size(file.size_bytes)}" if file.size_bytes else "")
                + ("" if file.state != "unavailable" else " · no disponible"),
            )
            for file in detail.files
        ),
        days=days,
        part=part,
    )


def _clock(zone: str) -> Callable[[datetime], datetime]:
    info = ZoneInfo(zone)
    return lambda moment: moment.astimezone(info)


def _moment(local: datetime) -> str:
    return format_datetime(local, "d MMM y, HH:mm", locale="es")


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


def _line(entry: HistoryEntry, local: Callable[[datetime], datetime], texts: dict[str, MessageEntry]) -> Line:
    time = f"{local(entry.at):%H:%M}"
    match entry:
        case MessageEntry():
            return _bubble(entry, time, texts)
        case TransferEntry():
            source = f"de {_actor(entry.from_)} " if entry.from_ else ""
            why = f" · {entry.reason}" if entry.reason else ""
            return _mark(time, f"Transferida {source}a {_actor(entry.to)}{why}")
        case EvaluationEntry():
            answer = "sin respuesta" if entry.score is None else f"respuesta: {entry.score:g}"
            return _mark(time, f"Encuesta {entry.metric.upper()} · {answer}")
        case StartedEntry():
            return _mark(time, "Comienza la conversación")
        case EndedEntry():
            reason = REASON_WORDS.get(entry.reason or "", entry.reason or "")
            who = f" ({entry.by.name})" if entry.by.name else ""
            return _mark(time, f"Fin: {reason}{who}")


def _mark(time: str, text: str) -> Line:
    return Line(kind="mark", time=time, runs=(Run(breakable(clean(text))),))


def _bubble(entry: MessageEntry, time: str, texts: dict[str, MessageEntry]) -> Line:
    kind = {"in": "in", "out": "out", "internal": "note"}[entry.direction]
    label = ""
    if entry.template:
        label = f"HSM · {entry.template.get('name', '')} · {entry.template.get('language', '')}"
    elif kind == "note":
        label = "Nota interna"
    quote = ""
    if entry.reply_to is not None and (answered := texts.get(entry.reply_to.message_id)) is not None:
        quote = _shortened(clean(answered.plain_text))
    return Line(
        kind=kind,
        time=time,
        sender=breakable(clean(_actor(entry.sender))),
        label=breakable(clean(label)),
        quote=breakable(quote),
        runs=(Run("Mensaje eliminado"),) if entry.deleted else runs_of(clean(_text(entry))),
        footer=breakable(_footer(entry)),
    )


def _text(entry: MessageEntry) -> str:
    """What the message says; files by name. A template nobody rendered shows its values, never a blank."""
    named = [
        f"[{KIND_WORDS.get(file.get('kind', ''), 'Archivo')}{': ' + file['name'] if file.get('name') else ''}]"
        for part in entry.parts
        if isinstance(file := part.get("file"), dict)
    ]
    text = entry.plain_text
    if not text and entry.template:
        values = (str(each.get("value", "")) for each in entry.template.get("variables", ()))
        text = f"Plantilla sin texto. Valores: {', '.join(values)}"
    return "\n".join([*named, text] if text else named) or "(sin texto)"


def _footer(entry: MessageEntry) -> str:
    pieces = []
    if entry.status.current:
        pieces.append(STATUS_WORDS.get(entry.status.current, entry.status.current))
    if entry.edited:
        pieces.append("editado")
    if entry.late:
        pieces.append("llegó tarde")
    reactions = " ".join(reaction.emoji for reaction in entry.reactions)
    return clean(" · ".join([*pieces, reactions] if reactions else pieces))


def _actor(actor: Actor) -> str:
    words = {
        "customer": "Cliente",
        "bot": "Asistente",
        "human": "Persona",
        "campaign": "Campaña",
        "system": "Sistema",
    }
    return actor.name or actor.id or words.get(actor.kind or "", actor.kind or "")


def _name(name: str | None, identifier: str | None) -> str:
    return name or identifier or ""


def _shortened(text: str, most: int = 140) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def duration(seconds: int) -> str:
    """`3661` as `1 h 1 min`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def _size(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(size // 1024, 1)} kB"
