"""The threads of a batch before it is folded (§11): the stored ones, the new ones, and which of them are linked."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from bitacora_schemas.codes import Environment

from services.ingest.projection.mentions import Mentions
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import WorkingSet


def join_threads(
    work: WorkingSet,
    stored: Iterable[ThreadState],
    mentions: Mapping[str, Mentions],
    identities: Identities,
) -> None:
    """Takes the stored threads, moved to the contacts they belong to now, and the new ones into the working set."""
    for thread in stored:
        work.threads.load(thread.thread_key, thread)
        thread.contact_id = identities.replaced.get((thread.account_id, thread.contact_id), thread.contact_id)
        work.join(thread)
    for thread_key, named in mentions.items():
        thread_of = work.threads.get(thread_key)
        if thread_of is None:
            thread_of = work.threads[thread_key] = new_thread(
                thread_key, named, identities.contact_of[thread_key]
            )
            work.join(thread_of)
        thread_of.accountid = named.accountid


def new_thread(thread_key: str, named: Mentions, contact_id: UUID) -> ThreadState:
    """A thread as its first event describes it."""
    attributes = named.first.event.attributes
    block = named.first.event.data.thread
    return ThreadState(
        account_id=named.account_id,
        thread_key=thread_key,
        environment=Environment.of(attributes.environment),
        channel=block.channel,
        channel_address=block.channel_address,
        channel_name=block.channel_name,
        contact_kind=block.contact.kind,
        contact_value=block.contact.value,
        contact_id=contact_id,
        connection_id=attributes.connectionid,
    )
