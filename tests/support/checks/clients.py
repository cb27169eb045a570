"""What a client brings along that a log must not believe: aborted transactions, Kafka's own commits, acknowledgements."""

from services.ingest.batch.transaction import Projections
from tests.support import ingest
from tests.support.broker.server import running_broker
from tests.support.checks.broker_worker import Client, messages, reading
from tests.support.checks.findings import Findings, Stage, compare, settled
from tests.support.checks.writing import FailingProjections


async def aborted_transaction(stage: Stage, client: Client) -> Findings:
    """Between good events lie those of a transaction that was given up."""
    async with running_broker() as broker, reading(stage, broker, client) as worker:
        broker.log().append(messages(0, 20))
        broker.log().append_aborted(messages(20, 15), producer_id=9)
        broker.append(messages(35, 20))
        end = broker.log().end
        stuck = await settled(stage, {0: end}, also=worker.raise_what_ended)
        return stuck | await compare(stage, {0: [*range(20), *range(36, end)]})


async def emptied_database(stage: Stage, client: Client) -> Findings:
    """The database is lost and made anew while Kafka remembers how far its reader was: all must be read again."""
    async with running_broker() as broker:
        broker.append(messages(0, 60))
        async with reading(stage, broker, client):
            await settled(stage, {0: 60})
        assert broker.group("readers").committed == {("events", 0): 60}
        await stage.pool.execute("TRUNCATE log.event_log, log.checkpoint RESTART IDENTITY")
        async with reading(stage, broker, client) as anew:
            stuck = await settled(stage, {0: 60}, also=anew.raise_what_ended)
        return stuck | await compare(stage, {0: range(60)})


async def errors_while_reading(stage: Stage, client: Client) -> Findings:
    """The database fails at times while records come from a client that would take them for done."""
    faults = FailingProjections()
    projections = Projections(faults.project, ingest.mark_nothing)
    async with (
        running_broker() as broker,
        reading(stage, broker, client, projections=projections) as worker,
    ):
        broker.append(messages(0, 300))
        stuck = await settled(stage, {0: 300}, also=worker.raise_what_ended)
        return stuck | await compare(stage, {0: range(300)})
