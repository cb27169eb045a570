"""Contacts in the database: found and locked before a batch is folded, written after it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.people.fold import refresh_search, take_told
from services.ingest.projection.people.linking import Claim, Person, Scoped, join_claims
from services.ingest.projection.people.merging import ContactKey
from services.ingest.projection.people.state import (
    ATTRIBUTE,
    COLUMNS,
    ContactState,
    StoredIdentifier,
    Version,
)
from services.ingest.projection.working_set import World

SQL = load_statements(Path(__file__).with_name("people.sql"))

LOCK_ROUNDS = 20
"""How often contacts may change under our eyes before we give up; each round waits for whoever changed them."""


class ContactsContendedError(TimeoutError):
    """Other batches kept merging the contacts of this one: a wait that took too long, so the batch is tried again."""


async def load_people(conn: Connection, world: World, claims: Sequence[Claim]) -> list[Person]:
    """Locks the contacts of a batch, reserves what identifiers are new, and says who is who.

    Contacts stand in `world.contacts` afterwards, those about to be merged with every identifier.
    """
    wanted = {(claim.account_id, each.identifier) for claim in claims for each in claim.identifiers}
    ours: set[Scoped] = set()
    for _ in range(LOCK_ROUNDS):
        known = await _lock(conn, world, wanted)
        people = join_claims(claims, known)
        missing = [
            (person, text)
            for person in people
            for text in person.unknown
            if (person.account_id, text) not in ours
        ]
        reserved = await _reserve(conn, missing) if missing else set()
        if len(reserved) == len(missing):
            await complete_identifiers(conn, _former_contacts(world, people))
            return people
        ours |= reserved
        wanted -= ours
    raise ContactsContendedError


async def complete_identifiers(conn: Connection, contacts: Iterable[ContactState]) -> None:
    """Loads every identifier of these contacts."""
    lacking = {(each.account_id, each.contact_id): each for each in contacts if not each.complete}
    if not lacking:
        return
    accounts, ids = zip(*lacking, strict=True)
    for row in await conn.fetch(SQL["list_identifiers"], accounts, ids):
        contact = lacking[row["account_id"], row["contact_id"]]
        contact.identifiers[row["identifier"]] = StoredIdentifier(
            row["identifier"], row["kind"], row["value"]
        )
    for contact in lacking.values():
        contact.complete = True


async def write_people(
    conn: Connection, world: World, people: Sequence[Person], replaced: Mapping[ContactKey, UUID]
) -> None:
    """Writes contacts that changed and carries out merges."""
    for contact in world.contacts.values():
        take_told(contact)
    changed = [each for each in world.contacts.values() if each.dirty]
    await complete_identifiers(conn, [each for each in changed if each.stale_search])
    for contact in changed:
        if contact.stale_search:
            refresh_search(contact)
    if changed:
        changed.sort(key=lambda each: (each.account_id, each.contact_id))
        await conn.execute(SQL["write_contacts"], *zip(*(_columns(each) for each in changed), strict=True))
    moved = [
        (contact.account_id, text, contact.contact_id)
        for contact in _unsettled_contacts(world, people)
        for text in sorted(contact.identifiers)
    ]
    if moved:
        await conn.execute(SQL["move_identifiers"], *zip(*moved, strict=True))
    if replaced:
        rows = [(account_id, former, now) for (account_id, former), now in sorted(replaced.items())]
        accounts, former_ids, ids = zip(*rows, strict=True)
        await conn.execute(SQL["move_conversations"], accounts, former_ids, ids)
        await conn.execute(SQL["remove_contacts"], accounts, former_ids)


def _former_contacts(world: World, people: Iterable[Person]) -> list[ContactState]:
    """The contacts of people about whom something new is said."""
    return [
        world.contacts[person.account_id, contact_id]
        for person in people
        if not person.settled
        for contact_id in person.former
    ]


def _unsettled_contacts(world: World, people: Iterable[Person]) -> list[ContactState]:
    """Contacts that got identifiers; found by the threads' own, since merging chose their ids."""
    found: dict[ContactKey, ContactState] = {}
    for person in people:
        if not person.settled:
            thread = world.threads[min(person.threads)]
            contact = world.contacts[thread.account_id, thread.contact_id]
            found[contact.account_id, contact.contact_id] = contact
    return [found[key] for key in sorted(found)]


async def _lock(conn: Connection, world: World, wanted: set[Scoped]) -> dict[Scoped, UUID]:
    known: dict[Scoped, UUID] = {}
    world.contacts.clear()
    if not wanted:
        return known
    accounts, texts = zip(*sorted(wanted), strict=True)
    for row in await conn.fetch(SQL["lock_contacts"], accounts, texts):
        account_id, contact_id = row["account_id"], row["contact_id"]
        known[account_id, row["identifier"]] = contact_id
        if (account_id, contact_id) not in world.contacts:
            world.contacts[account_id, contact_id] = _contact(row)
    return known


async def _reserve(conn: Connection, missing: Sequence[tuple[Person, str]]) -> set[Scoped]:
    rows = sorted(
        (
            person.account_id,
            text,
            person.identifiers[text].kind,
            person.identifiers[text].value,
            person.provisional_id,
        )
        for person, text in missing
    )
    reserved = await conn.fetch(SQL["reserve_identifiers"], *zip(*rows, strict=True))
    return {(row["account_id"], row["identifier"]) for row in reserved}


def _contact(row: asyncpg.Record) -> ContactState:
    fields: dict[str, Any] = {name: row[name] for name in COLUMNS if row[name] is not None}
    fields.update((ATTRIBUTE + key, value) for key, value in row["attributes"].items())
    return ContactState(
        row["account_id"],
        row["contact_id"],
        fields=fields,
        versions=msgspec.convert(row["versions"], dict[str, Version]),
        search=row["search"],
        complete=False,
        is_new=False,
        stale_search=False,
    )


def _columns(contact: ContactState) -> tuple[Any, ...]:
    fields = contact.fields
    attributes = {
        name.removeprefix(ATTRIBUTE): value
        for name, value in sorted(fields.items())
        if name.startswith(ATTRIBUTE) and value is not None
    }
    return (
        contact.account_id,
        contact.contact_id,
        *(fields.get(name) for name in COLUMNS),
        attributes,
        contact.versions,
        contact.search,
    )
