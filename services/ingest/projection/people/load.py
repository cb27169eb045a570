"""Contacts in the database: found and locked before a batch is folded."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.chassis.keyed import fetch_keyed
from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.people.linking import Claim, Person, Scoped, join_claims
from services.ingest.projection.people.state import (
    ATTRIBUTE,
    PROFILE,
    ContactState,
    StoredIdentifier,
    Version,
)
from services.ingest.projection.working_set import WorkingSet

SQL = load_statements(Path(__file__).with_name("people.sql"))

LOCK_ROUNDS = 20
"""How often contacts may change under our eyes before we give up; each round waits for whoever changed them."""


class ContactsContendedError(TimeoutError):
    """Other batches kept merging the contacts of this one: a wait that took too long, so the batch is tried again."""


async def load_people(conn: Connection, work: WorkingSet, claims: Sequence[Claim]) -> list[Person]:
    """Locks the contacts of a batch, reserves what identifiers are new, and says who is who.

    Contacts stand in `work.contacts` afterwards, those about to be merged with every identifier.
    """
    wanted = {(claim.account_id, each.identifier) for claim in claims for each in claim.identifiers}
    ours: set[Scoped] = set()
    for _ in range(LOCK_ROUNDS):
        known = await _lock(conn, work, wanted)
        people = join_claims(claims, known)
        missing = [
            (person, text)
            for person in people
            for text in person.unknown
            if (person.account_id, text) not in ours
        ]
        reserved = await _reserve(conn, missing)
        if len(reserved) == len(missing):
            await complete_identifiers(conn, _former_contacts(work, people))
            return people
        ours |= reserved
        wanted -= ours
    raise ContactsContendedError


async def complete_identifiers(conn: Connection, contacts: Iterable[ContactState]) -> None:
    """Loads every identifier of these contacts."""
    lacking = {each.key: each for each in contacts if not each.complete}
    for row in await fetch_keyed(conn, SQL["list_identifiers"], lacking):
        contact = lacking[row["account_id"], row["contact_id"]]
        contact.identifiers[row["identifier"]] = StoredIdentifier(
            row["identifier"], row["kind"], row["value"]
        )
    for contact in lacking.values():
        contact.complete = True


def _former_contacts(work: WorkingSet, people: Iterable[Person]) -> list[ContactState]:
    """The contacts of people about whom something new is said."""
    return [
        work.contacts[person.account_id, contact_id]
        for person in people
        if not person.known_already
        for contact_id in person.former
    ]


async def _lock(conn: Connection, work: WorkingSet, wanted: set[Scoped]) -> dict[Scoped, UUID]:
    known: dict[Scoped, UUID] = {}
    work.contacts.forget()
    for row in await fetch_keyed(conn, SQL["lock_contacts"], sorted(wanted)):
        key = account_id, contact_id = row["account_id"], row["contact_id"]
        known[account_id, row["identifier"]] = contact_id
        if key not in work.contacts:
            work.contacts.load(key, _contact(row))
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
    reserved = await fetch_keyed(conn, SQL["reserve_identifiers"], rows)
    return {(row["account_id"], row["identifier"]) for row in reserved}


def _contact(row: asyncpg.Record) -> ContactState:
    fields: dict[str, Any] = {name: row[name] for name in PROFILE if row[name] is not None}
    fields.update((ATTRIBUTE + key, value) for key, value in row["attributes"].items())
    return ContactState(
        row["account_id"],
        row["contact_id"],
        fields=fields,
        versions=msgspec.convert(row["versions"], dict[str, Version]),
        search=row["search"],
        complete=False,
    )
