"""The list page: rows, count and paging as a template prints them."""

from dataclasses import dataclass
from datetime import date

from services.presentation import scores, words
from services.presentation.contacts import contact_line, contact_name
from services.presentation.facts import chatbot_name, interactions_text
from services.presentation.marks import Node, plain_nodes
from services.presentation.reader import Reader
from services.presentation.scores import Score
from services.query.pages import pieces
from services.query.pages.icons import CHANNEL_ICONS, OTHER_CHANNEL, STATUS_TONES
from services.query.pages.pieces import Face, Moment, Tag
from services.readmodel.rows import ConversationItem, Count


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation of the list."""

    url: str
    name: tuple[Node, ...]
    contact_line: str
    face: Face
    chatbot: tuple[Node, ...]
    channel: str
    channel_icon: str
    started: Moment
    duration: str
    interactions: str
    interactions_title: str
    nps: Score | None
    csat: Score | None
    signs: tuple[Tag, ...]
    status: Tag


def row(reader: Reader, item: ConversationItem, today: date, back: str) -> Row:
    """A row whose link remembers the list it came from (`back`, a query string)."""
    ended = words.end_reason(reader, item.end.reason) if item.end else ""
    return Row(
        url=item.url + (f"?back={back}" if back else ""),
        name=plain_nodes(contact_name(reader, item.contact)),
        contact_line=contact_line(reader, item.contact),
        face=pieces.face(item.contact),
        chatbot=plain_nodes(chatbot_name(reader, item)),
        channel=words.channel(reader, item.channel),
        channel_icon=CHANNEL_ICONS.get(item.channel, OTHER_CHANNEL),
        started=pieces.moment(reader, item.started_at, today),
        duration=reader.duration(item.duration_seconds),
        interactions=reader.number(item.interactions.total),
        interactions_title=interactions_text(reader, item),
        nps=scores.nps(reader, item.scores.nps),
        csat=scores.csat(reader, item.scores.csat),
        signs=signs(reader, item),
        status=Tag(words.status(reader, item.status), STATUS_TONES[item.status], title=ended),
    )


def signs(reader: Reader, item: ConversationItem) -> tuple[Tag, ...]:
    """What a person scans for: testing traffic, a start by HSM, a transfer, files."""
    _ = reader.gettext
    found = []
    if item.environment == "testing":
        found.append(Tag(_("Pruebas"), "warn", "flask", _("Tráfico de pruebas")))
    if item.started_by_template:
        found.append(Tag("HSM", "hsm", "speakerphone", _("Empezó por una plantilla (HSM)")))
    if item.transferred:
        found.append(
            Tag(_("Transferida"), "calm", "arrows-exchange", _("Pasó a otro asistente o a una persona"))
        )
    if item.has_files:
        found.append(Tag(_("Archivos"), "calm", "paperclip", _("El cliente envió archivos")))
    return tuple(found)


def count_text(reader: Reader, count: Count | None) -> str:
    """How many conversations match: 1.234, or 10.000+ when nobody counted further."""
    if count is None:
        return ""
    amount = reader.number(count.value) + ("" if count.exact else "+")
    return reader.ngettext("{n} conversación", "{n} conversaciones", count.value).format(n=amount)
