"""The detail page beside the transcript: what the conversation was, how it was rated, who the customer is."""

from dataclasses import dataclass
from datetime import date

from services.presentation import facts, scores, words
from services.presentation.contacts import contact_line, contact_name
from services.presentation.marks import Node, plain_nodes
from services.presentation.reader import Reader
from services.presentation.scores import Score
from services.query.pages import pieces
from services.query.pages.conversation.bubbles import anchor
from services.query.pages.icons import CHANNEL_ICONS, FILE_ICONS, OTHER_CHANNEL, OTHER_FILE, STATUS_TONES
from services.query.pages.list.rows import signs
from services.query.pages.pieces import Face, Moment, Tag
from services.readmodel.rows import ConversationDetail, Evaluation, FileRow


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
    name = plain_nodes(contact_name(reader, row.contact))
    return Detail(
        id=str(row.id),
        name=name,
        title="".join(node.text for node in name),
        face=pieces.face(row.contact),
        contact_line=contact_line(reader, row.contact),
        status=Tag(words.status(reader, row.status), STATUS_TONES[row.status]),
        open=row.status == "open",
        channel=words.channel(reader, row.channel),
        channel_icon=CHANNEL_ICONS.get(row.channel, OTHER_CHANNEL),
        chatbot=plain_nodes(facts.chatbot_name(reader, row)),
        signs=signs(reader, row),
        started=pieces.moment(reader, row.started_at, today),
        facts=_drawn(facts.conversation_facts(reader, row, lambda moment: reader.short(moment, today))),
        nps=scores.nps(reader, row.scores.nps),
        csat=scores.csat(reader, row.scores.csat),
        ratings=tuple(_rating(reader, each, today) for each in row.evaluations),
        customer=_drawn(facts.contact_facts(reader, row.contact)),
        attributes=_drawn(facts.attribute_facts(reader, row.contact)),
        files=tuple(_file(reader, each) for each in row.files),
        no_files=_("Los archivos se borraron con los mensajes.")
        if row.has_files
        else _("El cliente no envió archivos."),
    )


def _drawn(said: tuple[facts.Fact, ...]) -> tuple[Fact, ...]:
    return tuple(Fact(each.name, plain_nodes(each.value), each.title) for each in said)


def _rating(reader: Reader, row: Evaluation, today: date) -> Rating:
    return Rating(
        metric=words.metric(reader, row.metric),
        question=plain_nodes(row.question or reader.gettext("Pregunta no registrada")),
        score=scores.score_of(reader, row),
        answer=scores.answer_text(reader, row),
        comment=plain_nodes(row.comment or ""),
        answered=pieces.moment(reader, row.answered_at, today) if row.answered_at else None,
    )


def _file(reader: Reader, row: FileRow) -> FileView:
    return FileView(
        name=plain_nodes(facts.file_title(reader, row)),
        icon=FILE_ICONS.get(row.kind or "", OTHER_FILE),
        detail=facts.file_facts(reader, row),
        url=row.url or "",
        picture=row.kind in {"image", "sticker"} and bool(row.url),
        anchor="" if row.message_id is None else anchor(row.message_id),
    )
