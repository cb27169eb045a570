"""Contacts and threads of a batch before it is folded (5.11): who is who, which threads are linked."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from services.ingest.reducer.contact_state import ContactState
from services.ingest.reducer.contacts import absorb, contact_id_of
from services.ingest.reducer.linking import Person
from services.ingest.reducer.mentions import Mentions
from services.ingest.reducer.thread_state import ThreadState
from services.ingest.reducer.world import World

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


def gather_threads(
    world: World,
    stored: Iterable[ThreadState],
    mentions: Mapping[str, Mentions],
    identities: Identities,
) -> None:
    """Takes the stored threads, moved to the contacts they belong to now, and the new ones into the world."""
    for thread in stored:
        contact_id = identities.replaced.get((thread.account_id, thread.contact_id))
        if contact_id is not None:
            thread.contact_id = contact_id
            thread.dirty = True
        world.join(thread)
    for thread_key, named in mentions.items():
        thread_of = world.threads.get(thread_key)
        if thread_of is None:
            thread_of = new_thread(thread_key, named, identities.contact_of[thread_key])
            world.join(thread_of)
        thread_of.accountid = named.accountid


def new_thread(thread_key: str, named: Mentions, contact_id: UUID) -> ThreadState:
    """A thread as its first event describes it."""
    attributes = named.first.event.attributes
    block = named.first.event.data.thread
    return ThreadState(
        account_id=named.account_id,
        thread_key=thread_key,
        environment=PRODUCTION if attributes.environment == "production" else TESTING,
        channel=block.channel,
        channel_address=block.channel_address,
        channel_name=block.channel_name,
        contact_kind=block.contact.kind,
        contact_value=block.contact.value,
        contact_id=contact_id,
        connection_id=attributes.connectionid,
    )
