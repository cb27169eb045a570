"""Our decoding, log and projections, for peers that bring a consumer of their own.

No checkpoint, no fence, no dead letters, no look at repeats: a record that is refused or an event that comes twice ends
the peer.
"""

from collections.abc import Sequence
from datetime import timedelta

from bitacora_schemas.events.decode import DecodedEvent

from services.chassis.postgres import Connection, Pool, create_pool
from services.ingest.batch.accounts import Accounts
from services.ingest.log import event_log
from services.ingest.log.decoding import Accepted, appended_at, classify_records, decode
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import START
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.source.protocol import Record
from services.ingest.upkeep.search_projector import mark_dirty

RULES = Rules(prelude_window=timedelta(hours=72))
STREAM = 1
"""The peers keep no checkpoints, so their rows all name one stream."""


class OurWriting:
    """Writes records as the worker does, each call in one transaction."""

    def __init__(self, pool: Pool, *, stream: int = STREAM) -> None:
        self._pool = pool
        self._stream = stream
        self._accounts = Accounts()

    async def write(self, records: Sequence[Record]) -> None:
        """Writes records in one transaction."""
        events = decode(records)
        names = {event.accountid for event in events if not isinstance(event, Exception)}
        await self._accounts.learn(self._pool, names)
        accepted = []
        for record in classify_records(records, events, START, self._accounts.find):
            assert isinstance(record, Accepted), record
            accepted.append(record)
        async with self._pool.acquire() as conn, conn.transaction():
            await _store(conn, accepted, self._stream)


async def open_pool(dsn: str) -> Pool:
    """Connections as the worker has them."""
    return await create_pool(dsn, application_name="benchmark-peer")


async def _store(conn: Connection, accepted: Sequence[Accepted], stream: int) -> None:
    await event_log.append_events(conn, [(stream, event) for event in accepted])
    logged = [
        LoggedEvent(event.account_id, event.event, stream, event.position, appended_at(event.record))
        for event in accepted
        if isinstance(event.event, DecodedEvent)
    ]
    projected = await project(conn, logged, RULES)
    await event_log.add_to_outbox(conn, projected.lifecycle)
    await mark_dirty(conn, projected.touched)
