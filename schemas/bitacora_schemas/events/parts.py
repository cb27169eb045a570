"""The parts a message is made of: a union told apart by `type`, open to types of tomorrow."""

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct

from bitacora_schemas.events.file import File
from bitacora_schemas.events.scalars import Count, Id, Index, Name, Word
from bitacora_schemas.events.template import Template


class PartBase(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="type"):
    """What every part has; `plain_text` is what search, CSV and PDF use."""

    type: ClassVar[str]
    index: Index
    plain_text: str = ""


class TextPart(PartBase, frozen=True, kw_only=True, gc=False, tag="text"):
    """Text; `format` names its marks (plain, whatsapp, markdown, html)."""

    type: ClassVar[str] = "text"
    text: str
    format: Word | None = None


class MediaPart(PartBase, frozen=True, kw_only=True, gc=False, tag="media"):
    """A picture, sound, video, sticker or document."""

    type: ClassVar[str] = "media"
    file: File


class LocationPart(PartBase, frozen=True, kw_only=True, gc=False, tag="location"):
    """A place, in degrees."""

    type: ClassVar[str] = "location"
    latitude: float
    longitude: float
    name: Name | None = None
    address: Name | None = None


class ContactsPart(PartBase, frozen=True, kw_only=True, gc=False, tag="contacts"):
    """Cards of people that the sender shares, as the channel gives them."""

    type: ClassVar[str] = "contacts"
    contacts: tuple[Mapping[str, Any], ...]


class Option(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One thing to tap; kind is reply, url, call, list, card, ..."""

    id: Id
    title: str
    kind: Word
    description: str | None = None
    url: str | None = None


class ChoicesPart(PartBase, frozen=True, kw_only=True, gc=False, tag="choices"):
    """A question with options to tap: buttons, a list, a carousel."""

    type: ClassVar[str] = "choices"
    prompt: str
    options: tuple[Option, ...]
    header: str | None = None
    footer: str | None = None


class ChoicePart(PartBase, frozen=True, kw_only=True, gc=False, tag="choice"):
    """What the customer tapped, and on which message."""

    type: ClassVar[str] = "choice"
    id: Id
    title: str
    of_message_id: Id | None = None


class FormPart(PartBase, frozen=True, kw_only=True, gc=False, tag="form"):
    """A form that the customer filled in."""

    type: ClassVar[str] = "form"
    fields: Mapping[str, Any]
    name: Name | None = None


class OrderItem(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A line of an order; the price is in minor units (cents)."""

    sku: Id
    quantity: Count
    unit_price_minor: int
    currency: Word
    name: Name | None = None


class OrderPart(PartBase, frozen=True, kw_only=True, gc=False, tag="order"):
    """A cart that the customer sent."""

    type: ClassVar[str] = "order"
    items: tuple[OrderItem, ...]


class TemplatePart(PartBase, frozen=True, kw_only=True, gc=False, tag="template"):
    """An HSM. A message with this part is the prelude or part of a conversation."""

    type: ClassVar[str] = "template"
    template: Template


class CallPart(PartBase, frozen=True, kw_only=True, gc=False, tag="call"):
    """A voice call."""

    type: ClassVar[str] = "call"
    duration_s: Count | None = None


class EmailPart(PartBase, frozen=True, kw_only=True, gc=False, tag="email"):
    """An e-mail; its HTML is never shown as HTML."""

    type: ClassVar[str] = "email"
    subject: str
    html: str = ""
    attachments: tuple[File, ...] = ()


class SystemPart(PartBase, frozen=True, kw_only=True, gc=False, tag="system"):
    """A notice by the channel or the desk, not by a person."""

    type: ClassVar[str] = "system"
    code: Word
    text: str = ""


class UnsupportedPart(PartBase, frozen=True, kw_only=True, gc=False, tag="unsupported"):
    """Something the source could not hand over."""

    type: ClassVar[str] = "unsupported"
    source_type: Word
    error: Any = None


class CustomPart(PartBase, frozen=True, kw_only=True, gc=False, tag="custom"):
    """Content with a meaning of the producer's own."""

    type: ClassVar[str] = "custom"
    mime_type: Name
    value: Any


class UnknownPart(PartBase, frozen=True, kw_only=True, gc=False, tag="?"):
    """A part of a type newer than this library: kept with its own name, shown by its `plain_text`."""

    type: ClassVar[str] = "?"
    part_type: str


KnownPart = (
    TextPart
    | MediaPart
    | LocationPart
    | ContactsPart
    | ChoicesPart
    | ChoicePart
    | FormPart
    | OrderPart
    | TemplatePart
    | CallPart
    | EmailPart
    | SystemPart
    | UnsupportedPart
    | CustomPart
)
Part = KnownPart | UnknownPart
KNOWN_PART_TYPES: frozenset[str] = frozenset(part.type for part in KnownPart.__args__)
