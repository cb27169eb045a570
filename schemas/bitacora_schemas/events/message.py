"""A message, and everything that can happen to it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from bitacora_schemas.events.blocks import Actor, Contact, EventData, Visibility
from bitacora_schemas.events.parts import Part, TemplatePart
from bitacora_schemas.events.scalars import Id, Index, Name, Word

Parts = Annotated[tuple[Part, ...], Meta(min_length=1)]


class ReplyTo(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The message (or one part of it) that this one answers."""

    message_id: Id
    part_index: Index | None = None


class Nlu(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the bot understood; `confidence` is 0 to 1."""

    intent: Name | None = None
    confidence: float | None = None
    entities: tuple[Mapping[str, Any], ...] = ()


class Message(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One message. `id` is the source's, or `gen:<uuid>`; `provenance` is live, echo or history.

    `evaluation_id` says that this message answers that survey.
    """

    id: Id
    sender: Actor
    parts: Parts
    plain_text: str
    visibility: Visibility
    provenance: Word
    external_id: Id | None = None
    reply_to: ReplyTo | None = None
    evaluation_id: Id | None = None
    forwarded: bool | None = None
    nlu: Nlu | None = None

    @property
    def is_template(self) -> bool:
        """Whether this is an HSM."""
        return any(type(part) is TemplatePart for part in self.parts)


class MessageReceived(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The customer wrote."""

    contact: Contact
    message: Message
    referral: Mapping[str, Any] | None = None


class Campaign(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The campaign that an HSM was sent for."""

    id: Id
    name: Name | None = None


class MessageSent(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A bot, a person or a campaign wrote to the customer; an HSM is a message with a template part."""

    message: Message
    campaign: Campaign | None = None


class StatusError(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Why a delivery failed, in the vendor's words."""

    code: str | int | None = None
    title: str | None = None
    detail: str | None = None


class MessageStatusChanged(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A message moved on its way: queued, accepted, sent, delivered, read, played, rejected, failed, ...

    Without `part_index` it applies to every part.
    """

    message_id: Id
    status: Word
    part_index: Index | None = None
    errors: tuple[StatusError, ...] = ()
    billing: Mapping[str, Any] | None = None


class MessageEdited(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A message has new content; the revisions before stay."""

    message_id: Id
    parts: Parts
    plain_text: str
    actor: Actor


class MessageDeleted(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A message was deleted: for everyone (a tombstone stays) or only on the actor's own device."""

    message_id: Id
    actor: Actor
    scope: Literal["everyone", "self"]


class MessageReacted(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody reacted; `emoji` null takes the reaction back. The last one of each actor wins."""

    message_id: Id
    actor: Actor
    emoji: Name | None
