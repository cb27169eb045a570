"""Tiny stories told as events: who wrote what and when, on which thread, in log order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from bitacora_schemas.events.blocks import (
    Actor,
    Chatbot,
    Contact,
    ConversationHint,
    EventData,
    Identifier,
    Thread,
)
from bitacora_schemas.events.catalog import WIRE_TYPES, split_type
from bitacora_schemas.events.contact import ContactIdentityLinked, ContactUpdated
from bitacora_schemas.events.conversation import (
    ConversationAnnotated,
    ConversationEnded,
    ConversationStarted,
    ConversationTransferred,
)
from bitacora_schemas.events.decode import DecodedEvent
from bitacora_schemas.events.envelope import Envelope, RawEnvelope
from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked, Scale
from bitacora_schemas.events.file import File, FileSource, FileStored, FileUnavailable
from bitacora_schemas.events.message import (
    Message,
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
    ReplyTo,
)
from bitacora_schemas.events.parts import MediaPart, Part, TemplatePart, TextPart
from bitacora_schemas.events.scalars import Scalar
from bitacora_schemas.events.template import Template
from bitacora_schemas.ids import conversation_id, event_id_v8

from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import Position

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""Minute 0 of every story."""

BOT = Actor(kind="bot", id="orders", name="Pedidos")
HUMAN = Actor(kind="human", id="h-1", name="Rosa")
CAMPAIGN = Actor(kind="campaign", id="c-31", name="Marzo")
CUSTOMER = Actor(kind="customer")
OPERATOR = Actor(kind="human", id="user-7", name="Olga")


def minute(number: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=number)


class Line:
    """A thread that events are told on; each call appends one event to its log and returns it.

    `at` is the source's time in minutes after noon, `recorded` (the same unless said) when the producer saw it.
    """

    def __init__(
        self,
        value: str = "5511900000000",
        *,
        kind: str = "wa_id",
        account_id: int = 1,
        accountid: str = "acme",
        channel: str = "whatsapp",
        address: str = "1065",
        environment: str = "production",
        stream_id: int = 1,
    ) -> None:
        self.account_id, self.accountid, self.environment = account_id, accountid, environment
        self.stream_id = stream_id
        self.thread = Thread(
            channel=channel, channel_address=address, contact=Identifier(kind=kind, value=value)
        )
        self.key = self.thread.key(accountid, environment)
        self.events: list[LoggedEvent] = []
        self._ids = 0

    def tell(
        self,
        data: EventData,
        *,
        at: float,
        recorded: float | None = None,
        appended: float | None = None,
        causation: UUID | str | None = None,
        sequence: str | None = None,
        event_id: UUID | None = None,
    ) -> LoggedEvent:
        """Appends an event with this data."""
        wire_type = WIRE_TYPES[type(data)]
        number = len(self.events)
        attributes = RawEnvelope(
            specversion="1.0",
            id=event_id or event_id_v8((self.key, wire_type, str(number)), minute(at)),
            source=f"/accounts/{self.accountid}/connections/wa-1",
            type=wire_type,
            subject=self.key,
            partitionkey=self.key,
            time=minute(at),
            recordedtime=minute(at if recorded is None else recorded),
            datacontenttype="application/json",
            accountid=self.accountid,
            connectionid="wa-1",
            environment="production" if self.environment == "production" else "testing",
            causationid=None if causation is None else str(causation),
            sequence=sequence,
            data=msgspec.Raw(b"{}"),
        )
        name, major = split_type(wire_type)
        latest = at if recorded is None else recorded
        logged = LoggedEvent(
            account_id=self.account_id,
            event=DecodedEvent(attributes, name, major, data),
            stream_id=self.stream_id,
            position=Position(number),
            appended_at=minute(latest if appended is None else appended),
        )
        self.events.append(logged)
        return logged

    def customer(self, id_: str, at: float, text: str = "hola", **more: Any) -> LoggedEvent:
        """The customer writes. `contact`, `chatbot`, `source_id`, and everything `_message` takes, may be given."""
        message, rest = self._message(id_, CUSTOMER, text, more)
        data = MessageReceived(
            thread=self.thread,
            contact=rest.pop("contact", Contact()),
            chatbot=rest.pop("chatbot", None),
            conversation=_hint(rest),
            message=message,
        )
        return self.tell(data, at=at, **rest)

    def sent(
        self, id_: str, at: float, text: str = "buenas", sender: Actor = BOT, **more: Any
    ) -> LoggedEvent:
        """The bot, or another sender, writes."""
        message, rest = self._message(id_, sender, text, more)
        data = MessageSent(
            thread=self.thread,
            contact=rest.pop("contact", None),
            chatbot=rest.pop("chatbot", None),
            conversation=_hint(rest),
            message=message,
        )
        return self.tell(data, at=at, **rest)

    def hsm(self, id_: str, at: float, text: str = "Tu pedido va en camino", **more: Any) -> LoggedEvent:
        """A campaign sends a template."""
        block = Template(name="order_update", language="es", rendering="provided", text=text)
        part = TemplatePart(index=0, plain_text=text, template=block)
        return self.sent(id_, at, text, CAMPAIGN, parts=(part,), **more)

    def started(self, at: float, reason: str = "customer", **more: Any) -> LoggedEvent:
        initiator = more.pop("initiator", None)
        data = ConversationStarted(
            thread=self.thread,
            contact=more.pop("contact", Contact()),
            chatbot=more.pop("chatbot", Chatbot(id="orders")),
            reason=reason,
            initiator=initiator,
        )
        return self.tell(data, at=at, **more)

    def ended(
        self,
        at: float,
        reason: str = "assistant",
        by: Actor = BOT,
        of: LoggedEvent | None = None,
        **more: Any,
    ) -> LoggedEvent:
        """Ends; `of` is the event that opened the conversation which is named."""
        data = ConversationEnded(
            thread=self.thread,
            reason=reason,
            by=by,
            conversation_id=None if of is None else self.opened_by(of),
        )
        return self.tell(data, at=at, **more)

    def transferred(
        self, at: float, to: Actor = HUMAN, from_: Actor | None = BOT, **more: Any
    ) -> LoggedEvent:
        data = ConversationTransferred(thread=self.thread, to=to, from_=from_, reason="asked for a person")
        return self.tell(data, at=at, **more)

    def status(self, id_: str, status: str, at: float, part: int | None = None, **more: Any) -> LoggedEvent:
        data = MessageStatusChanged(thread=self.thread, message_id=id_, status=status, part_index=part)
        return self.tell(data, at=at, **more)

    def edited(self, id_: str, at: float, text: str, **more: Any) -> LoggedEvent:
        data = MessageEdited(
            thread=self.thread, message_id=id_, parts=(_text(text),), plain_text=text, actor=CUSTOMER
        )
        return self.tell(data, at=at, **more)

    def deleted(self, id_: str, at: float, scope: str = "everyone", **more: Any) -> LoggedEvent:
        data = MessageDeleted(
            thread=self.thread,
            message_id=id_,
            actor=CUSTOMER,
            scope="everyone" if scope == "everyone" else "self",
        )
        return self.tell(data, at=at, **more)

    def reacted(
        self, id_: str, at: float, emoji: str | None, actor: Actor = CUSTOMER, **more: Any
    ) -> LoggedEvent:
        return self.tell(
            MessageReacted(thread=self.thread, message_id=id_, actor=actor, emoji=emoji), at=at, **more
        )

    def stored(self, id_: str, at: float, part: int = 0, **more: Any) -> LoggedEvent:
        file = File(
            file_id=f"f-{id_}",
            kind="image",
            mime_type="image/png",
            state="stored",
            size_bytes=9,
            stored_uri=f"files/{id_}",
        )
        data = FileStored(thread=self.thread, message_id=id_, part_index=part, file=file)
        return self.tell(data, at=at, **more)

    def unavailable(self, id_: str, at: float, reason: str = "expired", **more: Any) -> LoggedEvent:
        data = FileUnavailable(thread=self.thread, message_id=id_, part_index=0, reason=reason)
        return self.tell(data, at=at, **more)

    def asked(
        self, id_: str, at: float, metric: str = "nps", scale: Scale | None = None, **more: Any
    ) -> LoggedEvent:
        data = EvaluationAsked(
            thread=self.thread, evaluation_id=id_, metric=metric, question="¿Nos recomiendas?", scale=scale
        )
        return self.tell(data, at=at, **more)

    def answered(
        self, id_: str, at: float, score: float | None = 9, metric: str = "nps", **more: Any
    ) -> LoggedEvent:
        data = EvaluationAnswered(
            thread=self.thread,
            evaluation_id=id_,
            metric=metric,
            score=None if score is None else float(score),
            raw_answer=str(score),
            comment=more.pop("comment", None),
            message_id=more.pop("message_id", None),
        )
        return self.tell(data, at=at, **more)

    def annotated(
        self,
        id_: str,
        at: float,
        key: str = "reclamo",
        value: Scalar = "true",
        *,
        kind: str = "label",
        of_message: str | None = None,
        **more: Any,
    ) -> LoggedEvent:
        """Somebody says something of the conversation; None takes it back."""
        data = ConversationAnnotated(
            thread=self.thread,
            annotation_id=id_,
            kind=kind,
            key=key,
            value=value,
            by=HUMAN,
            message_id=of_message,
        )
        return self.tell(data, at=at, **more)

    def linked(self, at: float, *links: tuple[str, str], **more: Any) -> LoggedEvent:
        pairs = tuple(Identifier(kind=kind, value=value) for kind, value in links)
        return self.tell(ContactIdentityLinked(thread=self.thread, link=pairs), at=at, **more)

    def updated(self, at: float, contact: Contact, changed: Sequence[str] = (), **more: Any) -> LoggedEvent:
        return self.tell(
            ContactUpdated(thread=self.thread, contact=contact, changed=tuple(changed)), at=at, **more
        )

    def opened_by(self, opening: LoggedEvent) -> UUID:
        """The id of the conversation that this event opened."""
        return conversation_id(self.key, opening.event.attributes.id)

    def _message(
        self, id_: str, sender: Actor, text: str, more: Mapping[str, Any]
    ) -> tuple[Message, dict[str, Any]]:
        rest = dict(more)
        reply = rest.pop("reply", None)
        parts: tuple[Part, ...] = rest.pop("parts", None) or (_text(text),)
        if rest.pop("picture", False):
            parts = (picture(id_, text),)
        message = Message(
            id=id_,
            sender=sender,
            parts=parts,
            plain_text=text,
            visibility=rest.pop("visibility", "public"),
            provenance=rest.pop("provenance", "live"),
            reply_to=None if reply is None else ReplyTo(message_id=reply),
            evaluation_id=rest.pop("evaluation", None),
        )
        return message, rest


def record_of(logged: LoggedEvent) -> tuple[bytes, bytes]:
    """Key and value of the record that says this."""
    attributes = logged.event.attributes
    envelope = Envelope(**{**msgspec.structs.asdict(attributes), "data": logged.event.data})
    return attributes.subject.encode(), msgspec.json.encode(envelope)


def picture(id_: str, text: str = "", index: int = 0) -> MediaPart:
    """A picture that its source still holds."""
    file = File(
        file_id=f"f-{id_}",
        kind="image",
        mime_type="image/png",
        state="pending",
        name="foto.png",
        caption=text,
        source=FileSource(media_id="M1"),
    )
    return MediaPart(index=index, plain_text=text, file=file)


def interleaved(*lines: Line, order: Sequence[int] | None = None) -> list[LoggedEvent]:
    """The events of several threads in one log: one thread after another, or as `order` picks lines by index."""
    if order is None:
        return [event for line in lines for event in line.events]
    queues = [list(line.events) for line in lines]
    log = [queues[pick].pop(0) for pick in order if queues[pick]]
    return [*log, *(event for queue in queues for event in queue)]


def _text(text: str) -> TextPart:
    return TextPart(index=0, plain_text=text, text=text)


def _hint(rest: dict[str, Any]) -> ConversationHint | None:
    source_id = rest.pop("source_id", None)
    return None if source_id is None else ConversationHint(source_id=source_id)
