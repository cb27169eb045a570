"""Loads the working set of a batch: everything its events may look at, in a few statements whatever its size.

Each statement looks rows up one by one, in a subquery that OFFSET keeps from being turned round: a plan made while a table
was small would read all of it, for as long as the plan is kept.
"""

from collections.abc import Mapping

from services.chassis.postgres import Connection
from services.ingest.projection.conversations.load import load_named_conversations
from services.ingest.projection.evaluations.load import load_evaluations
from services.ingest.projection.mentions import Mentions
from services.ingest.projection.messages.load import load_mentioned_places, load_messages
from services.ingest.projection.messages.load_updates import load_updates
from services.ingest.projection.people.merging import Identities
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.load import load_threads
from services.ingest.projection.waiting.load import load_waiting
from services.ingest.projection.working_set import WorkingSet


async def load_working_set(
    conn: Connection,
    work: WorkingSet,
    mentions: Mapping[str, Mentions],
    identities: Identities,
    rules: Rules,
) -> None:
    """Completes a working set that holds its contacts; afterwards the fold needs nothing else.

    In this order, since each looks at what is loaded so far.
    """
    await load_threads(conn, work, mentions, identities)
    await load_mentioned_places(conn, work, mentions, identities)
    await load_evaluations(conn, work, mentions)
    await load_named_conversations(conn, work, mentions)
    await load_waiting(conn, work, mentions, rules)
    await load_messages(conn, work, mentions)
    await load_updates(conn, work, mentions)
