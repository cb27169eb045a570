"""The blocks that many types share: who, where, for which chatbot, from which source."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from bitacora_schemas.events.scalars import Id, Milliseconds, Name, Scalar, Time, Word
from bitacora_schemas.thread_key import thread_key

Environment = Literal["production", "testing"]
Visibility = Literal["public", "internal"]


class Identifier(Struct, frozen=True, kw_only=True, gc=False):
    """An identifier of a contact: phone, wa_id, bsuid, parent_bsuid, username, email, external, source"""

    kind: Word
    value: Id


class Thread(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One contact with one chatbot address on one channel; the key is computed from `contact`."""

    channel: Word
    channel_address: Id
    contact: Identifier
    channel_name: Name | None = None

    def key(self, accountid: str, environment: str) -> str:
        """Return the thread key, see `bitacora_schemas.thread_key`."""
        return thread_key(
            accountid,
            environment,
            self.channel,
            self.channel_address,
            self.contact.kind,
            self.contact.value,
        )


class Chatbot(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The chatbot that the customer talks to."""

    id: Id
    name: Name | None = None
    version: Name | None = None


class Address(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A postal address; replaced whole, never merged."""

    street: Name | None = None
    number: Name | None = None
    complement: Name | None = None
    district: Name | None = None
    city: Name | None = None
    state: Name | None = None
    postal_code: Name | None = None
    country_code: Name | None = None


class Contact(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a source says about a customer; a field left out says nothing. A phone is never required."""

    ids: tuple[Identifier, ...] = ()
    name: Name | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    email: Name | None = None
    phone: Name | None = None
    company_id: Id | None = None
    tax_id: Id | None = None
    birth_date: Word | None = None
    locale: Word | None = None
    timezone: Word | None = None
    address: Address | None = None
    attributes: Mapping[str, Scalar] | None = None


class ConversationHint(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the source calls its conversation: an alias, never our key. `boundary` is start or end."""

    source_id: Id | None = None
    boundary: Word | None = None


class Actor(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Who did it: customer, bot, human, campaign or system."""

    kind: Word
    id: Id | None = None
    name: Name | None = None
    team: Name | None = None


class Origin(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where an event came from: canonical, zenvia, ...; `raw` is at most 64 KiB, else `raw_ref`."""

    kind: Word
    event_id: Id | None = None
    raw: Mapping[str, Any] | None = None
    raw_ref: Name | None = None


class EventData(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the data of every event holds; `time_quality` is source, source_seconds, received or clamped."""

    thread: Thread
    chatbot: Chatbot | None = None
    contact: Contact | None = None
    conversation: ConversationHint | None = None
    origin: Origin | None = None
    time_quality: Word | None = None
    skew_ms: Milliseconds | None = None


__all__ = [
    "Actor",
    "Address",
    "Chatbot",
    "Contact",
    "ConversationHint",
    "Environment",
    "EventData",
    "Identifier",
    "Origin",
    "Thread",
    "Time",
    "Visibility",
]
