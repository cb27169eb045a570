"""What readers get: frozen values in the very shape the API answers (absent is null, times are UTC)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct, field

Number = int | float
Json = Any
"""A block kept as JSON by ingest and handed on unread."""


class Chatbot(Struct, frozen=True):
    """The chatbot the customer wrote to."""

    id: str
    name: str | None
    version: str | None


class Assistant(Struct, frozen=True):
    """A bot that spoke in the conversation."""

    id: str | None
    name: str | None


class Identifier(Struct, frozen=True):
    """One identifier of a contact; `kind` is phone, wa_id, bsuid, username, email, external, source, ..."""

    kind: str
    value: str


class Contact(Struct, frozen=True, kw_only=True):
    """The customer as lists show them; masked for operators, see masking.py."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    company_id: str | None
    ids: tuple[Identifier, ...]


class ContactDetail(Contact, frozen=True, kw_only=True):
    """The customer as the detail shows them; `address` is the block of that name."""

    address: Json
    tax_id: str | None
    locale: str | None
    attributes: dict[str, Json]


class Interactions(Struct, frozen=True):
    """Public messages by sender; `template` counts HSMs, `total` is the sum."""

    total: int
    customer: int
    assistant: int
    human: int
    template: int


class Scores(Struct, frozen=True):
    """The winning valid scores, null without one."""

    nps: Number | None
    csat: Number | None


class Actor(Struct, frozen=True):
    """Who did something: customer, bot, human, campaign, system, or a kind we do not know yet."""

    kind: str | None
    id: str | None
    name: str | None


class End(Struct, frozen=True):
    """Why a conversation ended, and by whom."""

    reason: str | None
    by: Actor


class ConversationItem(Struct, frozen=True, kw_only=True):
    """One row of the list. `url` is the path of its page."""

    id: UUID
    url: str
    thread_key: str
    status: Literal["open", "ended"]
    environment: Literal["production", "testing"]
    channel: str
    channel_address: str
    started_at: datetime
    ended_at: datetime | None
    last_activity_at: datetime | None
    duration_seconds: int
    interactions: Interactions
    chatbot: Chatbot | None
    assistants: tuple[Assistant, ...]
    contact: Contact
    scores: Scores
    transferred: bool
    started_by_template: bool
    has_files: bool
    end: End | None


class Evaluation(Struct, frozen=True, kw_only=True):
    """One survey; `score` is null while unanswered or when the answer was no valid number."""

    evaluation_id: str
    metric: str
    question: str | None
    scale: Json
    score: Number | None
    valid: bool | None
    raw_answer: str | None
    comment: str | None
    asked_at: datetime | None
    answered_at: datetime | None


class Transfer(Struct, frozen=True, kw_only=True):
    """A hand-over between assistants, or to a person."""

    at: datetime
    from_: Actor | None = field(name="from")
    to: Actor
    reason: str | None


class Annotation(Struct, frozen=True, kw_only=True):
    """What a person or a classifier says of a conversation: kind label, note, topic, score, ..."""

    annotation_id: str
    kind: str
    key: str
    value: Json
    by: Actor
    at: datetime
    message_id: str | None


class FileRow(Struct, frozen=True, kw_only=True):
    """A file of the customer; `url` is where its content is, null unless we hold it."""

    file_id: str
    kind: str | None
    mime_type: str | None
    name: str | None
    size_bytes: int | None
    state: Literal["pending", "stored", "unavailable"]
    message_id: str | None
    at: datetime
    url: str | None


class ConversationDetail(ConversationItem, frozen=True, kw_only=True):
    """A conversation with its customer in full, its surveys, transfers, annotations and the customer's files."""

    contact: ContactDetail
    evaluations: tuple[Evaluation, ...]
    transfers: tuple[Transfer, ...]
    annotations: tuple[Annotation, ...]
    files: tuple[FileRow, ...]


class Count(Struct, frozen=True):
    """How many conversations match: exact up to 10,000, beyond it `value` 10000 and `exact` false."""

    value: int
    exact: bool


class Freshness(Struct, frozen=True):
    """Everything that happened up to `as_of` can be read; null before the first event."""

    as_of: datetime | None
    lag_seconds: float | None


class ConversationPage(Struct, frozen=True):
    """A page of the list, newest first. `next_cursor` is null on the last page."""

    items: tuple[ConversationItem, ...]
    next_cursor: str | None


class StatusChange(Struct, frozen=True):
    """One delivery status with its time; errors are [{code, title, detail}]."""

    status: str
    at: datetime
    errors: Json


class DeliveryStatus(Struct, frozen=True):
    """Where a message's delivery stands; null `current` when no status came."""

    current: str | None
    history: tuple[StatusChange, ...]


class Reaction(Struct, frozen=True):
    """The last reaction of one actor."""

    actor: Actor
    emoji: str


class ReplyTo(Struct, frozen=True):
    """The message that a message answers."""

    message_id: str
    part_index: int | None


class MessageEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="message"):
    """A message of the transcript. `template` is the HSM's block; `edited` and `deleted` are times or null."""

    at: datetime
    id: str
    direction: Literal["in", "out", "internal"]
    sender: Actor
    plain_text: str
    parts: tuple[dict[str, Json], ...]
    reply_to: ReplyTo | None
    status: DeliveryStatus
    edited: datetime | None
    deleted: datetime | None
    reactions: tuple[Reaction, ...]
    late: bool
    template: Json


class TransferEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="transfer"):
    """The moment of a hand-over."""

    at: datetime
    from_: Actor | None = field(name="from")
    to: Actor
    reason: str | None


class EvaluationEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="evaluation"):
    """A survey, at the moment it was asked (answered, when nobody recorded the asking)."""

    at: datetime
    evaluation_id: str
    metric: str
    question: str | None
    scale: Json
    score: Number | None
    valid: bool | None
    raw_answer: str | None
    comment: str | None
    asked_at: datetime | None
    answered_at: datetime | None


class AnnotationEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="annotation"):
    """The moment of an annotation."""

    at: datetime
    annotation: Annotation


class StartedEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="started"):
    """The conversation began; always first."""

    at: datetime


class ExpiredEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="expired"):
    """The messages stood here, and were deleted when the installation's retention was over."""

    at: datetime


class EndedEntry(Struct, frozen=True, kw_only=True, tag_field="kind", tag="ended"):
    """The conversation ended; last but for annotations made afterwards."""

    at: datetime
    reason: str | None
    by: Actor


HistoryEntry = (
    MessageEntry
    | TransferEntry
    | EvaluationEntry
    | AnnotationEntry
    | StartedEntry
    | ExpiredEntry
    | EndedEntry
)


class HistoryPage(Struct, frozen=True):
    """Part of a transcript, oldest first; a null cursor says that nothing lies in that direction."""

    items: tuple[HistoryEntry, ...]
    next_cursor: str | None
    previous_cursor: str | None


class FacetValue(Struct, frozen=True):
    """One value of a field and how many conversations carry it."""

    value: str | None
    name: str | None
    count: int


Facets = dict[str, tuple[FacetValue, ...]]
"""By facet: its values with counts, most frequent first, at most 50 each; counted over what the filter leaves."""


class Bucket(Struct, frozen=True):
    """Conversations that started in [start, end)."""

    start: datetime
    end: datetime
    count: int


class Histogram(Struct, frozen=True):
    """Counts by unit of local time, oldest first; empty buckets inside the range are there with 0."""

    unit: Literal["hour", "day", "week", "month"]
    timezone: str
    buckets: tuple[Bucket, ...]
