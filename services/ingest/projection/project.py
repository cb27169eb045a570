"""Projects a batch of logged events: loads what it touches, folds it, writes what changed."""

from collections.abc import Sequence
from pathlib import Path

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.logged_event import LoggedEvent
from services.ingest.projection.conversations.lifecycle import lifecycle_record
from services.ingest.projection.conversations.sort_keys import free_sort_keys
from services.ingest.projection.conversations.state import ENDED
from services.ingest.projection.load import load_world
from services.ingest.projection.mentions import collect
from services.ingest.projection.outcome import ProjectionOutcome, TouchedConversation
from services.ingest.projection.people.load import load_people, write_people
from services.ingest.projection.people.merging import settle_people
from services.ingest.projection.reduce import reduce
from services.ingest.projection.rules import Rules
from services.ingest.projection.working_set import World
from services.ingest.projection.write import write_world

SQL = load_statements(Path(__file__).parent / "people" / "people.sql")


async def project(conn: Connection, events: Sequence[LoggedEvent], rules: Rules) -> ProjectionOutcome:
    """Folds new events into the projection tables of the connection's search_path; inside the caller's transaction.

    `events` are in log order per thread, each event id once and none that was projected before. The result does
    not depend on how a log is cut into batches, nor on how its threads are interleaved. Locks the contacts touched
    until the transaction ends; two batches that merge the same contacts may meet in a deadlock, which is transient.
    """
    if not events:
        return ProjectionOutcome()
    await conn.execute(SQL["prepare_planner"])
    mentions, claims = collect(events)
    world = World()
    people = await load_people(conn, world, claims)
    identities = settle_people(world, people)
    await load_world(conn, world, mentions, identities, rules)
    reduce(world, events, rules)
    await free_sort_keys(conn, world)
    await write_people(conn, world, people, identities.replaced)
    await write_world(conn, world)
    outcome = ProjectionOutcome(
        lifecycle=tuple(lifecycle_record(*decision) for decision in world.decisions),
        touched=tuple(
            TouchedConversation(*key, world.changed_conversations[key].status == ENDED)
            for key in sorted(world.changed_conversations)
        ),
        counts=world.counts,
    )
    world.dissolve()
    return outcome
