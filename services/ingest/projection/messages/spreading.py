"""Facts about a message that has not come on their thread (5.7, 5.8): parked, and told to linked threads' messages."""

from services.ingest.projection.messages.fact_effects import adopt
from services.ingest.projection.messages.place import Place
from services.ingest.projection.threads.state import ThreadState
from services.ingest.projection.working_set import Occurrence, World


def spread(world: World, seen: Occurrence, message_id: str, place: Place) -> None:
    """Brings the message up to a fact just put under its key, or parks the fact until the message comes.

    What is parked under one thread also holds for the message of the same id on a linked one.
    """
    key = place.message_key
    world.changed_facts.add(key)
    if not place.known and not place.parked:
        place.parked = True
        world.expect(seen.thread, message_id, place)
    if place.parked:
        share(world, seen.thread, message_id, place)
    adopt(world, key)


def share(world: World, thread: ThreadState, message_id: str, place: Place) -> None:
    """Copies what is parked under this place to the known messages of the same id on linked threads."""
    for other in world.linked_places(thread, message_id):
        if other.known:
            key = other.message_key
            world.facts_of(key).copy_from(world.facts_of(place.message_key), key)
            world.changed_facts.add(key)
            adopt(world, key)


def share_all(world: World, threads: list[ThreadState]) -> None:
    """Tells each other what is parked on threads that have just been linked."""
    by_key = {thread.thread_key: thread for thread in threads}
    for place in list(world.places.values()):
        if place.parked and place.thread_key in by_key and place.message_id is not None:
            share(world, by_key[place.thread_key], place.message_id, place)
