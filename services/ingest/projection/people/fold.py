"""Who writes (§11): one contact for any set of linked identifiers, each profile field the latest by time and id."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec
from bitacora_schemas.events.blocks import Contact, EventData, Identifier, Thread
from bitacora_schemas.events.contact import ContactIdentityLinked, ContactUpdated
from bitacora_schemas.ids import ContactIdentifier, uuid5_of

from services.analysis.contact_text import contact_text
from services.ingest.projection.people.state import (
    ATTRIBUTE,
    PROFILE,
    ContactState,
    StoredIdentifier,
    Version,
)
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import Occurrence, WorkingSet

_PLAIN = ("email", "phone", "company_id", "tax_id", "birth_date", "locale", "timezone", "address")


def scoped(identifier: Identifier, thread: Thread) -> StoredIdentifier:
    """The identifier as it is unique in its account: a `source` per address, a `username` per channel."""
    kind, value = identifier.kind, identifier.value
    if kind in ("source", "username"):
        text = ContactIdentifier(kind, value, thread.channel, thread.channel_address).scoped
        return StoredIdentifier(text, kind, value)
    return StoredIdentifier(f"{kind}:{value}", kind, value)


def identifiers_of(data: EventData) -> Iterator[StoredIdentifier]:
    """Every identifier an event gives to one person, the thread's own first."""
    thread = data.thread
    yield scoped(thread.contact, thread)
    if data.contact is not None:
        for identifier in data.contact.ids:
            yield scoped(identifier, thread)
    if type(data) is ContactIdentityLinked:
        for identifier in data.link:
            yield scoped(identifier, thread)
        if data.replaces is not None:
            yield scoped(data.replaces, thread)


def contact_id_of(accountid: str, identifiers: Iterable[str]) -> UUID:
    """The id of the contact with these scoped identifiers: the smallest decides."""
    return uuid5_of(accountid, min(identifiers))


def note_profile(work: WorkingSet, seen: Occurrence, contact: Contact | None) -> None:
    """Takes over what an event says of the customer; a field left out says nothing."""
    if contact is None:
        return
    thread = seen.thread
    state = work.contacts[thread.account_id, thread.contact_id]
    version = (seen.at, seen.event_id)
    if state.latest_version is not None:
        if state.latest == contact:
            state.latest_version = max(state.latest_version, version)
            return
        take_latest(state)
    state.latest, state.latest_version = contact, version


def take_latest(state: ContactState) -> None:
    """Puts the latest block into the fields of the contact."""
    if state.latest is not None and state.latest_version is not None:
        for field, value in _said(state.latest):
            _set(state, field, value, state.latest_version)
    state.latest = state.latest_version = None


def note_profile_only(work: WorkingSet, seen: Occurrence, data: EventData, rules: Rules) -> None:
    """Events that say nothing but, perhaps, who the customer is."""
    note_profile(work, seen, data.contact)


def on_updated(work: WorkingSet, seen: Occurrence, data: ContactUpdated, rules: Rules) -> None:
    """A profile changed at its source; a field named as changed and left out was emptied there."""
    note_profile(work, seen, data.contact)
    state = work.contacts[seen.thread.account_id, seen.thread.contact_id]
    take_latest(state)
    said = {field for field, _ in _said(data.contact)}
    for field in data.changed:
        if field in PROFILE and field not in said:
            _set(state, field, None, (seen.at, seen.event_id))


def absorb(into: ContactState, other: ContactState) -> None:
    """Merges a contact into another: their identifiers together, each field the latest of both."""
    into.identifiers.update(other.identifiers)
    for field, version in other.versions.items():
        known = into.versions.get(field)
        if known is None or version > known:
            into.versions[field] = version
            into.fields[field] = other.fields.get(field)


def refresh_search(state: ContactState) -> None:
    """Makes the text of the contact box anew."""
    fields = state.fields
    state.search = contact_text(
        name=fields.get("name"),
        email=fields.get("email"),
        phone=fields.get("phone"),
        company_id=fields.get("company_id"),
        identifiers=((each.kind, each.value) for _, each in sorted(state.identifiers.items())),
    )


def _said(contact: Contact) -> Iterator[tuple[str, Any]]:
    name = contact.name or " ".join(filter(None, (contact.first_name, contact.last_name)))
    if name:
        yield "name", name
    for field in _PLAIN:
        value = getattr(contact, field)
        if value is not None:
            yield field, msgspec.to_builtins(value) if field == "address" else value
    if contact.attributes:
        for key, value in contact.attributes.items():
            yield ATTRIBUTE + key, value


def _set(state: ContactState, field: str, value: Any, version: Version) -> None:
    known = state.versions.get(field)
    if known is not None and version <= known:
        return
    state.versions[field] = version
    state.fields[field] = value
