"""The detail page beside the transcript: what the conversation was, how it was rated, who the customer is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.query.pages import pieces, wording
from services.query.pages.conversation import parts, transcript
from services.query.pages.conversation.parts import HeldFile
from services.query.pages.list import rows
from services.query.pages.marks import Node, plain_nodes
from services.query.pages.pieces import Face, Moment, Score, Tag
from services.query.pages.reader import Reader
from services.readmodel.rows import ContactDetail, ConversationDetail, Evaluation, FileRow


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its value; `title` says more."""

    name: str
    value: tuple[Node, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """An evaluation: question, answer, comment."""

    metric: str
    question: tuple[Node, ...]
    score: Score | None
    answer: str
    comment: tuple[Node, ...]
    answered: Moment | None


@dataclass(frozen=True, slots=True)
class FileView:
    """A file the customer sent; without an address it cannot be opened, and `detail` says why."""

    name: tuple[Node, ...]
    icon: str
    detail: str
    url: str
    picture: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything of the page but the transcript."""

    id: str
    name: tuple[Node, ...]
    title: str
    face: Face
    contact_line: str
    status: Tag
    open: bool
    channel: str
    channel_icon: str
    chatbot: tuple[Node, ...]
    signs: tuple[Tag, ...]
    started: Moment
    facts: tuple[Fact, ...]
    nps: Score | None
    csat: Score | None
    ratings: tuple[Rating, ...]
    customer: tuple[Fact, ...]
    attributes: tuple[Fact, ...]
    files: tuple[FileView, ...]
    no_files: str
    """Said where there are none: there never were any, or they went with the messages."""


def detail(reader: Reader, row: ConversationDetail, today: date) -> Detail:
    """The page's values."""
    _ = reader.gettext
    channel, icon = wording.channel(_, row.channel)
    label, tone = wording.status(_, row.status)
    name = pieces.contact_name(reader, row.contact)
    return Detail(
        id=str(row.id),
        name=name,
        title="".join(node.text for node in name),
        face=pieces.face(row.contact),
        contact_line=pieces.contact_line(reader, row.contact),
        status=Tag(label, tone),
        open=row.status == "open",
        channel=channel,
        channel_icon=icon,
        chatbot=plain_nodes((row.chatbot.name or row.chatbot.id) if row.chatbot else _("Sin chatbot")),
        signs=rows.signs(reader, row),
        started=pieces.moment(reader, row.started_at, today),
        facts=_facts(reader, row, today),
        nps=pieces.nps(reader, row.scores.nps),
        csat=pieces.csat(reader, row.scores.csat),
        ratings=tuple(_rating(reader, each, today) for each in row.evaluations),
        customer=_customer(reader, row.contact),
        attributes=tuple(
            Fact(name, plain_nodes(_scalar(value))) for name, value in sorted(row.contact.attributes.items())
        ),
        files=tuple(_file(reader, each) for each in row.files),
        no_files=_("Los archivos se borraron con los mensajes.")
        if row.has_files
        else _("El cliente no envió archivos."),
    )


def held_files(files: tuple[FileRow, ...]) -> dict[str, HeldFile]:
    """By file id, where the customer's files stand: for the transcript's pictures and links."""
    return {each.file_id: HeldFile(each.state, each.url) for each in files}


def _facts(reader: Reader, row: ConversationDetail, today: date) -> tuple[Fact, ...]:
    _ = reader.gettext
    facts = [
        Fact(
            _("Duración"),
            plain_nodes(reader.duration(row.duration_seconds)),
            _("Del primer al último mensaje"),
        ),
        Fact(
            _("Interacciones"),
            plain_nodes(reader.number(row.interactions.total)),
            rows.interactions_title(reader, row),
        ),
        Fact(_("Inicio"), plain_nodes(reader.short(row.started_at, today)), reader.full(row.started_at)),
    ]
    if row.last_activity_at is not None:
        last = row.last_activity_at
        facts.append(Fact(_("Último mensaje"), plain_nodes(reader.short(last, today)), reader.full(last)))
    if row.ended_at is not None:
        reason = wording.end_reason(_, row.end.reason if row.end else None)
        text = f"{reader.short(row.ended_at, today)}, {reason}"
        if row.end and row.end.by.kind == "human" and row.end.by.name:
            text += f" ({row.end.by.name})"
        facts.append(Fact(_("Final"), plain_nodes(text), reader.full(row.ended_at)))
    bots = ", ".join(each.name or each.id or "?" for each in row.assistants)
    if bots:
        facts.append(Fact(_("Asistentes"), plain_nodes(bots)))
    facts.append(Fact(_("Entorno"), plain_nodes(wording.environment(_, row.environment))))
    return tuple(facts)


def _rating(reader: Reader, row: Evaluation, today: date) -> Rating:
    score = None
    if row.valid and row.score is not None:
        score = transcript.score_of(reader, row.metric, row.score)
    return Rating(
        metric=wording.metric(reader.gettext, row.metric),
        question=plain_nodes(row.question or reader.gettext("Pregunta no registrada")),
        score=score,
        answer=transcript.answer_text(reader, row.valid, row.raw_answer),
        comment=plain_nodes(row.comment or ""),
        answered=pieces.moment(reader, row.answered_at, today) if row.answered_at else None,
    )


def _customer(reader: Reader, contact: ContactDetail) -> tuple[Fact, ...]:
    _ = reader.gettext
    known = [
        (_("Nombre"), contact.name),
        (_("Teléfono"), pieces.phone(contact.phone) if contact.phone else None),
        (_("Correo"), contact.email),
        (_("Dirección"), address_text(contact.address)),
        (_("Id. de empresa"), contact.company_id),
        (_("Documento"), contact.tax_id),
        (_("Idioma"), contact.locale),
    ]
    facts = [Fact(name, plain_nodes(value)) for name, value in known if value]
    shown = {contact.phone, contact.email}
    facts += [
        Fact(wording.identifier_kind(_, each.kind), plain_nodes(each.value))
        for each in contact.ids
        if each.value not in shown
    ]
    facts.append(Fact(_("Id. de cliente"), plain_nodes(str(contact.id))))
    return tuple(facts)


def address_text(address: Any) -> str:
    """An address on one line: street and number, district, city and state, postal code, country."""
    if not isinstance(address, Mapping):
        return ""

    def joined(*names: str, sign: str = " ") -> str:
        return sign.join(str(address[name]) for name in names if address.get(name))

    lines = [
        joined("street", "number", "complement", sign=" "),
        joined("district"),
        joined("city", "state", sign=" – "),
        joined("postal_code", "country_code"),
    ]
    return ", ".join(line for line in lines if line)


def _file(reader: Reader, row: FileRow) -> FileView:
    kind_name, icon = wording.file_kind(reader.gettext, row.kind)
    details = [kind_name, reader.bytes(row.size_bytes), parts.file_state(reader, row.state)]
    return FileView(
        name=plain_nodes(row.name or kind_name),
        icon=icon,
        detail=" · ".join(each for each in details if each),
        url=row.url or "",
        picture=row.kind in {"image", "sticker"} and bool(row.url),
        anchor="" if row.message_id is None else transcript.anchor(row.message_id),
    )


def _scalar(value: Any) -> str:
    return (
        {True: "sí", False: "no", None: "—"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )
