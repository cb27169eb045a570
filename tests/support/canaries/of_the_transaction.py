"""Builds whose transaction is broken: fence, repeats, errors, what is written when."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch

import asyncpg

from services.chassis.postgres import Connection, Pool
from services.ingest.batch import breaker, checkpoints, fence, recent_ids, transaction, writer
from services.ingest.batch.fence import Apply, Checkpoint, Refuse
from services.ingest.batch.transaction import ClassifiedBatch, Outcome, WriteMode
from services.ingest.log import dead_letters, event_log
from services.ingest.log.positions import Position

_DROP_KEYS = """
DO $$ DECLARE broken record; BEGIN
    FOR broken IN SELECT conname FROM pg_constraint WHERE conrelid = 'log.event_log'::regclass AND contype IN ('p', 'u')
    LOOP EXECUTE format('ALTER TABLE log.event_log DROP CONSTRAINT %I', broken.conname); END LOOP;
END $$
"""


@contextlib.contextmanager
def acknowledge_before_commit() -> Iterator[None]:
    """The checkpoint is made durable first, and the events follow in a transaction of their own."""
    sound = writer.Writer._transact

    async def transact(self: writer.Writer, batches: Sequence[ClassifiedBatch], mode: WriteMode) -> Outcome:
        async with self._pool.acquire() as conn, conn.transaction():
            rows = await checkpoints.lock(conn, {each.batch.partition for each in batches})
            ends: dict[int, Position] = {}
            for each in batches:
                if (row := rows.get(each.batch.partition)) is not None:
                    ends[row.stream_id] = max(row.next_position, each.batch.next)
            await checkpoints.move(conn, ends)

        async def as_they_were(*_: Any) -> Any:
            return rows

        with patch.object(checkpoints, "lock", as_they_were):
            return await sound(self, batches, mode)

    with patch.object(writer.Writer, "_transact", transact):
        yield


@contextlib.contextmanager
def no_fence() -> Iterator[None]:
    """Whatever comes is written, and the checkpoint follows it in either direction."""

    def check_batch(row: Checkpoint | None, start: Position, *_: Any) -> Apply | Refuse:
        return Refuse() if row is None else Apply(start)

    with patch.object(transaction, "check_batch", check_batch):
        yield


@contextlib.contextmanager
def one_sided_fence() -> Iterator[None]:
    """Records below the checkpoint are skipped, but a batch that starts above it is written."""

    def check_batch(row: Checkpoint | None, start: Position, following: Position, topic_id: Any) -> Any:
        low = start if row is None else min(start, row.next_position)
        return fence.check_batch(row, low, following, topic_id)

    with patch.object(transaction, "check_batch", check_batch):
        yield


@contextlib.contextmanager
def no_unique_key() -> Iterator[None]:
    """The log takes an event as often as it comes."""
    sound = event_log.append_events

    async def append(conn: Connection, *events: Any) -> None:
        await conn.execute(_DROP_KEYS)
        await sound(conn, *events)

    with patch.object(event_log, "append_events", append):
        yield


@contextlib.contextmanager
def swallowed_database_error() -> Iterator[None]:
    """A batch whose statements fail is dropped, and the checkpoint moves past it."""
    sound = transaction._store

    async def store(conn: Connection, *rest: Any) -> Any:
        try:
            async with conn.transaction():
                return await sound(conn, *rest)
        except asyncpg.PostgresError:
            return []

    with patch.object(transaction, "_store", store):
        yield


@contextlib.contextmanager
def ids_known_before_commit() -> Iterator[None]:
    """An event id counts as stored as soon as it was seen, so what is rolled back looks like a repeat."""
    sound = recent_ids.RecentIds.__contains__

    def contains(self: recent_ids.RecentIds, key: Any) -> bool:
        known = sound(self, key)
        self.add([key])
        return known

    with patch.object(recent_ids.RecentIds, "__contains__", contains):
        yield


@contextlib.contextmanager
def ids_known_for_ever() -> Iterator[None]:
    """What was once stored counts as stored, though the database may have gone back to an older state."""

    def keep(_self: recent_ids.RecentIds) -> None:
        return None

    with patch.object(recent_ids.RecentIds, "clear", keep):
        yield


@contextlib.contextmanager
def dead_letters_after_commit() -> Iterator[None]:
    """Dead letters are written once the batch is known to be committed, in a transaction of their own."""
    add = dead_letters.add_dead_letters
    remember = writer.Writer._remember
    waiting: list[Any] = []
    under_way: set[asyncio.Task[None]] = set()

    async def keep_for_later(_conn: Connection, refused: Sequence[Any]) -> None:
        waiting[:] = refused

    async def write(pool: Pool, refused: Sequence[Any]) -> None:
        async with pool.acquire() as conn:
            await add(conn, refused)

    def remember_and_write(self: writer.Writer, *args: Any) -> None:
        remember(self, *args)
        task = asyncio.ensure_future(write(self._pool, list(waiting)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        waiting.clear()

    with (
        patch.object(dead_letters, "add_dead_letters", keep_for_later),
        patch.object(writer.Writer, "_remember", remember_and_write),
    ):
        yield


@contextlib.contextmanager
def no_refusal_limits() -> Iterator[None]:
    """However many records are refused, the worker goes on."""
    sound = breaker.RefusalWindow.after

    def after(self: breaker.RefusalWindow, refused: Any, _limits: breaker.Limits) -> Any:
        return sound(self, refused, breaker.Limits(0, 0))

    with patch.object(breaker.RefusalWindow, "after", after):
        yield
