"""The threads of a batch before it is folded (5.11): the stored ones, the new ones, and which of them are linked."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.ingest.projection.mentions import Mentions
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import World

PRODUCTION, TESTING = 1, 2


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
