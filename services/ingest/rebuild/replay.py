"""Replays the event log into the schema of the connection's search_path, batch by batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import structlog
from bitacora_schemas.events.decode import DecodedEvent, decode_event
from bitacora_schemas.events.refusal import DecodeRefusal

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import Position
from services.ingest.projection.connection_windows import with_connections
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules

SQL = load_statements(Path(__file__).with_suffix(".sql"))
BATCH_EVENTS = 2_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is: events read, positions passed, positions that ingest has passed."""

    events: int
    done: int
    target: int


Report = Callable[[Progress], None]


def report_nothing(_progress: Progress) -> None:
    """For callers that do not watch."""


async def replay(
    conn: Connection, rules: Rules, *, batch: int = BATCH_EVENTS, report: Report = report_nothing
) -> int:
    """Replays what the log has beyond the rebuild's position, once over every stream; answers how many events.

    Opens a transaction for each batch, a savepoint inside one of the caller's.
    """
    await conn.execute(SQL["begin_streams"])
    streams = await conn.fetch(SQL["find_positions"])
    events = sum(row["events"] for row in streams)
    reached = {row["stream_id"]: min(row["next_position"], row["target"]) for row in streams}
    target = sum(row["target"] for row in streams)
    read = 0
    for row in streams:
        stream_id, position = row["stream_id"], Position(row["next_position"])
        while True:
            count, position = await _replay_batch(conn, rules, stream_id, position, batch)
            if not count:
                break
            read += count
            reached[stream_id] = position
            done = sum(reached.values())
            report(Progress(events + read, done, max(target, done)))
    return read


async def _replay_batch(
    conn: Connection, rules: Rules, stream_id: int, position: Position, batch: int
) -> tuple[int, Position]:
    """How many events were read from `position` on, and the position behind them."""
    async with conn.transaction():
        await conn.execute(SQL["plan_for_values"])
        rows = await conn.fetch(SQL["read_events"], stream_id, position, batch)
        if not rows:
            return 0, position
        await project(conn, decode_logged(stream_id, rows), await with_connections(conn, rules))
        following = Position(rows[-1]["position"] + 1)
        await conn.execute(SQL["save_progress"], stream_id, following, len(rows))
    return len(rows), following


def decode_logged(stream_id: int, rows: Sequence[asyncpg.Record]) -> list[LoggedEvent]:
    """The events of log rows; types that this code does not know are passed over, as ingest does."""
    events = []
    for row in rows:
        try:
            event = decode_event(row["payload"].encode())
        except DecodeRefusal as refusal:
            log.warning(
                "rebuild_event_refused",
                stream_id=stream_id,
                position=row["position"],
                reason=refusal.reason.value,
            )
            continue
        if isinstance(event, DecodedEvent):
            events.append(
                LoggedEvent(row["account_id"], event, stream_id, row["position"], row["appended_at"])
            )
    return events
