"""Fills a database with the demo's past conversations, through the contract and the fold, without Kafka."""

import random
from datetime import UTC, datetime, timedelta

from bitacora_producer import Producer
from bitacora_schemas.events.decode import DecodedEvent, decode_event

from demo.cast import make_customer
from demo.traffic import past_happenings
from services.chassis.postgres import Connection
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import Position
from services.ingest.upkeep.search_projector import mark_dirty
from tests.support.delivery import add
from tests.support.memory_transport import MemoryTransport

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


async def tell_past(
    conn: Connection, *, conversations: int = 40, seed: int = 11, account: str = "acme"
) -> int:
    """Creates the account and projects its past four weeks before `NOW`; answers its number."""
    account_id: int = await conn.fetchval(
        "INSERT INTO ops.account (slug, name) VALUES ($1, $2) RETURNING account_id", account, account.title()
    )
    events = past_events(account, account_id, conversations=conversations, seed=seed)
    for outcome in await add(conn, events, size=2_000):
        await mark_dirty(conn, outcome.touched)
    return account_id


def past_events(account: str, account_id: int, *, conversations: int, seed: int) -> list[LoggedEvent]:
    """The events as ingest would hand them to the fold."""
    transport = MemoryTransport()
    customers = [make_customer(number) for number in range(60)]
    past = past_happenings(random.Random(seed), customers, NOW, weeks=4, conversations=conversations)
    for fact in past:
        producer = Producer(
            account=account,
            connection=fact.customer.desk.connection,
            environment=fact.environment,
            transport=transport,
        )
        producer.publish(fact.data, time=fact.happened_at or fact.at, recordedtime=fact.at)
    events = []
    for number, record in enumerate(transport.records):
        event = decode_event(record.value or b"")
        assert isinstance(event, DecodedEvent)
        appended = NOW + timedelta(milliseconds=number)
        events.append(LoggedEvent(account_id, event, 1, Position(number), appended))
    return events
