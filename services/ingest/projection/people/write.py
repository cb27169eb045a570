"""Contacts in the database: written, and merged, after a batch is folded."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from services.chassis.keyed import execute_keyed
from services.chassis.postgres import Connection
from services.ingest.projection.people.fold import refresh_search, take_latest
from services.ingest.projection.people.linking import Person
from services.ingest.projection.people.load import SQL, complete_identifiers
from services.ingest.projection.people.state import ATTRIBUTE, PROFILE, ContactKey, ContactState
from services.ingest.projection.table import parameters
from services.ingest.projection.working_set import WorkingSet

_WRITTEN = itemgetter(*parameters(SQL["write_contacts"]))


async def write_people(
    conn: Connection, work: WorkingSet, people: Sequence[Person], replaced: Mapping[ContactKey, UUID]
) -> None:
    """Writes contacts that changed and carries out merges."""
    for contact in work.contacts.values():
        take_latest(contact)
    gained = _with_new_identifiers(work, people)
    known = work.contacts.loaded
    stale = [
        each
        for key, each in work.contacts.items()
        if key in gained or key not in known or known[key].fields != each.fields
    ]
    await complete_identifiers(conn, stale)
    for contact in stale:
        refresh_search(contact)
    changed = sorted(work.contacts.written(), key=lambda each: each.key)
    await execute_keyed(conn, SQL["write_contacts"], (_WRITTEN(_row(each)) for each in changed))
    moved = [
        (contact.account_id, text, contact.contact_id)
        for _, contact in sorted(gained.items())
        for text in sorted(contact.identifiers)
    ]
    await execute_keyed(conn, SQL["move_identifiers"], moved)
    merges = [(*former, now) for former, now in sorted(replaced.items())]
    await execute_keyed(conn, SQL["move_conversations"], merges)
    await execute_keyed(conn, SQL["remove_contacts"], sorted(replaced))


def _with_new_identifiers(work: WorkingSet, people: Iterable[Person]) -> dict[ContactKey, ContactState]:
    """Contacts that got identifiers; found by the threads' own, since merging chose their ids."""
    found: dict[ContactKey, ContactState] = {}
    for person in people:
        if not person.known_already:
            thread = work.threads[min(person.threads)]
            contact = work.contacts[thread.account_id, thread.contact_id]
            found[contact.key] = contact
    return found


def _row(contact: ContactState) -> dict[str, Any]:
    """The columns of `contact` by name."""
    fields = contact.fields
    return {
        "account_id": contact.account_id,
        "contact_id": contact.contact_id,
        **{name: fields.get(name) for name in PROFILE},
        "attributes": {
            name.removeprefix(ATTRIBUTE): value
            for name, value in sorted(fields.items())
            if name.startswith(ATTRIBUTE) and value is not None
        },
        "versions": contact.versions,
        "search": contact.search,
    }
