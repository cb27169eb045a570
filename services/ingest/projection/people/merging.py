"""Contacts and threads of a batch before it is folded (5.11): who is who, which threads are linked."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from services.ingest.projection.people.fold import absorb, contact_id_of
from services.ingest.projection.people.linking import Person
from services.ingest.projection.people.state import ContactState
from services.ingest.projection.working_set import World

PRODUCTION, TESTING = 1, 2
ContactKey = tuple[int, UUID]


class Identities(NamedTuple):
    """The contact of each thread that claimed one, and the contacts that were merged into another."""

    contact_of: dict[str, UUID]
    replaced: dict[ContactKey, UUID]


def settle_people(world: World, people: Iterable[Person]) -> Identities:
    """Makes one contact of each person's former ones, in `world.contacts`.

    A person who is not settled must have its former contacts loaded with every identifier.
    """
    identities = Identities({}, {})
    for person in people:
        contact_id = next(iter(person.former)) if person.settled else _merge(world, person, identities)
        for thread_key in person.threads:
            identities.contact_of[thread_key] = contact_id
    return identities


def _merge(world: World, person: Person, identities: Identities) -> UUID:
    account_id = person.account_id
    former = [world.contacts[account_id, each] for each in sorted(person.former)]
    identifiers = set(person.identifiers).union(*(each.identifiers for each in former))
    contact_id = contact_id_of(person.accountid, identifiers)
    contact = world.contacts.get((account_id, contact_id))
    if contact is None:
        contact = world.contacts[account_id, contact_id] = ContactState(account_id, contact_id)
    contact.identifiers.update(person.identifiers)
    contact.dirty = contact.stale_search = True
    for other in former:
        if other is not contact:
            absorb(contact, other)
            del world.contacts[account_id, other.contact_id]
            identities.replaced[account_id, other.contact_id] = contact_id
    return contact_id
