"""What happened in a conversation, entry by entry, as lines of a transcript. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from services.export.document import Line
from services.export.printable import Run, breakable, clean, reads_right_to_left, runs_of
from services.export.wording import ACTOR_WORDS, KIND_WORDS, REASON_WORDS, ROLE_WORDS, STATUS_WORDS
from services.readmodel.rows import (
    Actor,
    EndedEntry,
    EvaluationEntry,
    ExpiredEntry,
    HistoryEntry,
    MessageEntry,
    StartedEntry,
    TransferEntry,
)

_FAILED = frozenset({"failed", "rejected"})
_LONGEST_QUOTE = 140


def line_of(
    entry: HistoryEntry,
    local: Callable[[datetime], datetime],
    messages: Mapping[str, MessageEntry],
    customer: str | None,
) -> Line:
    """One entry as a line; `messages` are those that a reply may quote, `customer` is the contact's name."""
    time = f"{local(entry.at):%H:%M:%S}"
    match entry:
        case MessageEntry():
            return _bubble(entry, time, messages, customer)
        case TransferEntry():
            source = f"de {_actor(entry.from_)} " if entry.from_ else ""
            why = f" · {entry.reason}" if entry.reason else ""
            return _mark(time, f"Transferida {source}a {_actor(entry.to)}{why}")
        case EvaluationEntry():
            return _mark(time, f"Encuesta {entry.metric.upper()} · {_answer(entry)}")
        case StartedEntry():
            return _mark(time, "Comienza la conversación")
        case ExpiredEntry():
            return _mark("", "Los mensajes se borraron al cumplirse el plazo de conservación")
        case EndedEntry():
            reason = REASON_WORDS.get(entry.reason or "", entry.reason or "")
            who = f" ({entry.by.name})" if entry.by.name else ""
            return _mark(time, f"Fin: {reason}{who}")


def size_words(size: int) -> str:
    """A file's size: `830 B`, `12 kB`, `3,1 MB`."""
    if size < 1_000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{round(size / 1_000)} kB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")


def file_words(*, kind: str | None, name: str | None, size: int | None, state: str | None) -> str:
    """A file by its kind and name, its size where known, and whether it can no longer be had."""
    known = KIND_WORDS.get(kind or "", "Archivo")
    words = f"{known}: {name}" if name else known
    if size:
        words += f" · {size_words(size)}"
    return breakable(clean(words + (" · no disponible" if state == "unavailable" else "")))


def _mark(time: str, text: str) -> Line:
    return Line(kind="mark", time=time, runs=(Run(breakable(clean(text))),))


def _answer(entry: EvaluationEntry) -> str:
    if entry.score is not None:
        return f"respuesta: {entry.score:g}"
    if entry.answered_at is None:
        return "sin respuesta"
    return f"respuesta no válida: «{_shortened(entry.raw_answer or '')}»"


def _bubble(
    entry: MessageEntry, time: str, messages: Mapping[str, MessageEntry], customer: str | None
) -> Line:
    kind = {"in": "in", "out": "out", "internal": "note"}[entry.direction]
    sender, role = _sender(entry.sender, customer)
    answered = messages.get(entry.reply_to.message_id) if entry.reply_to is not None else None
    line = Line(
        kind=kind,
        time=time,
        sender=breakable(clean(sender)),
        role=role,
        label=breakable(clean(_label(entry, kind))),
        quote="" if answered is None else breakable(_quoted(answered)),
        footer=breakable(_footer(entry)),
        runs=(Run("Mensaje eliminado"),),
    )
    if entry.deleted is not None:
        return line
    files = [file for part in entry.parts if isinstance(file := part.get("file"), dict)]
    text = clean(_text(entry, files))
    return replace(
        line,
        files=tuple(
            file_words(
                kind=file.get("kind"),
                name=file.get("name"),
                size=file.get("size_bytes"),
                state=file.get("state"),
            )
            for file in files
        ),
        runs=runs_of(text),
        right_to_left=reads_right_to_left(text),
    )


def _sender(actor: Actor, customer: str | None) -> tuple[str, str]:
    """Who speaks, and as what: nothing where the name is only the word for it."""
    name = actor.name or (customer if actor.kind == "customer" else None) or actor.id
    if not name:
        return ACTOR_WORDS.get(actor.kind or "", actor.kind or ""), ""
    return name, ROLE_WORDS.get(actor.kind or "", "")


def _label(entry: MessageEntry, kind: str) -> str:
    if entry.template:
        return f"HSM · {entry.template.get('name', '')} · {entry.template.get('language', '')}"
    return "Nota interna" if kind == "note" else ""


def _text(entry: MessageEntry, files: list[dict[str, Any]]) -> str:
    """What the message says beside its files. A template nobody rendered shows its values, never a blank."""
    text = entry.plain_text
    if not text and entry.template:
        values = (str(each.get("value", "")) for each in entry.template.get("variables", ()))
        return f"Plantilla sin texto. Valores: {', '.join(values)}"
    if files:
        return "" if text in {file.get("name") for file in files} else text
    return text or "(sin texto)"


def _quoted(message: MessageEntry) -> str:
    return "Mensaje eliminado" if message.deleted is not None else _shortened(clean(message.plain_text))


def _footer(entry: MessageEntry) -> str:
    pieces = []
    current = entry.status.current
    if current:
        words = STATUS_WORDS.get(current, current)
        pieces.append(f"{words}: {why}" if current in _FAILED and (why := _reason(entry)) else words)
    if entry.edited:
        pieces.append("editado")
    if entry.late:
        pieces.append("llegó tarde")
    reactions = " ".join(reaction.emoji for reaction in entry.reactions)
    return clean(" · ".join([*pieces, reactions] if reactions else pieces))


def _reason(entry: MessageEntry) -> str:
    """Why a message was not delivered, as the channel put it."""
    for change in reversed(entry.status.history):
        for error in change.errors or ():
            if change.status in _FAILED and isinstance(error, dict):
                return _shortened(str(error.get("title") or error.get("detail") or error.get("code") or ""))
    return ""


def _actor(actor: Actor) -> str:
    return actor.name or actor.id or ACTOR_WORDS.get(actor.kind or "", actor.kind or "")


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"
