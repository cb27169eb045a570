"""What becomes known about a customer, and what must be forgotten."""

from typing import Annotated

from msgspec import Meta

from bitacora_schemas.events.blocks import Contact, EventData, Identifier
from bitacora_schemas.events.scalars import Id, Name, Time, Word


class ContactUpdated(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A profile changed: `changed` names the fields, `action` is created, updated or deleted."""

    contact: Contact
    changed: tuple[Name, ...]
    action: Word | None = None


class ContactIdentityLinked(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """These identifiers, with the thread's own, belong to one person; `replaces` is the one they succeed."""

    link: Annotated[tuple[Identifier, ...], Meta(min_length=1)]
    replaces: Identifier | None = None


class ContactErased(EventData, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A person asked to be forgotten; the identifiers come hashed."""

    hashed_ids: Annotated[tuple[Id, ...], Meta(min_length=1)]
    requested_at: Time
