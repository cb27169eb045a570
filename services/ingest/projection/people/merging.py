"""Contacts and threads of a batch before it is folded (§11): who is who, which threads are linked."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from services.ingest.projection.people.fold import absorb, contact_id_of
from services.ingest.projection.people.linking import Person
from services.ingest.projection.people.state import ContactKey, ContactState
from services.ingest.projection.working_set import WorkingSet


class Identities(NamedTuple):
    """The contact of each thread that claimed one, and the contacts that were merged into another."""

    contact_of: dict[str, UUID]
    replaced: dict[ContactKey, UUID]


def merge_people(work: WorkingSet, people: Iterable[Person]) -> Identities:
    """Makes one contact of each person's former ones, in `work.contacts`.

    A person who is not known already must have its former contacts loaded with every identifier.
    """
    identities = Identities({}, {})
    for person in people:
        contact_id = next(iter(person.former)) if person.known_already else _merge(work, person, identities)
        for thread_key in person.threads:
            identities.contact_of[thread_key] = contact_id
    return identities


def _merge(work: WorkingSet, person: Person, identities: Identities) -> UUID:
    account_id = person.account_id
    former = [work.contacts[account_id, each] for each in sorted(person.former)]
    identifiers = set(person.identifiers).union(*(each.identifiers for each in former))
    contact_id = contact_id_of(person.accountid, identifiers)
    contact = work.contacts.get((account_id, contact_id))
    if contact is None:
        contact = work.contacts[account_id, contact_id] = ContactState(account_id, contact_id)
    contact.identifiers.update(person.identifiers)
    for other in former:
        if other is not contact:
            absorb(contact, other)
            del work.contacts[account_id, other.contact_id]
            identities.replaced[account_id, other.contact_id] = contact_id
    return contact_id
