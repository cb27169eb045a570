"""One batch, one transaction: fence, dead letters, repeats, event log, projections, outbox, checkpoints."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bitacora_schemas.events.decode import DecodedEvent
from bitacora_schemas.events.refusal import RefusalReason

from services.chassis.postgres import Connection
from services.ingest.batch import checkpoints
from services.ingest.batch.breaker import Limits, RefusalWindow
from services.ingest.batch.fence import Apply, Checkpoint, PartitionHalted, Refuse, Replayed, check_batch
from services.ingest.batch.isolation import store_all_but_refused
from services.ingest.batch.positioned_batch import PositionedBatch
from services.ingest.batch.recent_ids import RecentIds
from services.ingest.log import dead_letters, event_log
from services.ingest.log.decoding import Accepted, ClassifiedRecord, Refused, appended_at
from services.ingest.log.event_key import EventKey
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import START, Position
from services.ingest.projection.outcome import ProjectionOutcome, TouchedConversation
from services.ingest.source.protocol import TopicPartition

Projector = Callable[[Connection, Sequence[LoggedEvent]], Awaitable[ProjectionOutcome]]
"""Folds events, in log order, into the projections. Never commits."""
Marker = Callable[[Connection, Sequence[TouchedConversation]], Awaitable[None]]
"""Queues touched conversations for those who work behind the log. Never commits."""


@dataclass(frozen=True, slots=True)
class Projections:
    """What is kept up to date in the transaction of the log."""

    project: Projector
    mark: Marker


class BreakerTrippedError(Exception):
    """Too many refusals on a partition: the fault is likely not in the records. Nothing of the batch is kept."""

    def __init__(self, partition: TopicPartition, reasons: Mapping[str, int]) -> None:
        super().__init__(f"too many refusals on {partition.topic} {partition.partition}")
        self.partition = partition
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class ClassifiedBatch:
    """A batch with each of its records accepted or refused, in its order."""

    batch: PositionedBatch
    records: Sequence[ClassifiedRecord]


@dataclass(frozen=True, slots=True)
class WriteMode:
    """How to write: `look_up` asks for repeats first, `isolate` uses savepoints to find records that are refused."""

    look_up: bool = False
    isolate: bool = False


@dataclass(frozen=True, slots=True)
class WriterState:
    """What the writer knows beside the batch itself."""

    topic_ids: Mapping[TopicPartition, UUID]
    windows: Mapping[TopicPartition, RefusalWindow]
    limits: Limits
    recent: RecentIds
    committed: Mapping[TopicPartition, Position]


@dataclass(slots=True)
class Outcome:
    """What a transaction did, to be believed once it is committed."""

    positions: dict[TopicPartition, Position] = field(default_factory=dict)
    windows: dict[TopicPartition, RefusalWindow] = field(default_factory=dict)
    written: list[EventKey] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    fence: Counter[str] = field(default_factory=Counter)
    reposition: set[TopicPartition] = field(default_factory=set)
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Unapplied:
    """Records of one partition that were not applied before, and the position behind them."""

    row: Checkpoint
    records: list[ClassifiedRecord]
    next: Position


async def write(
    conn: Connection,
    batches: Sequence[ClassifiedBatch],
    state: WriterState,
    projections: Projections,
    mode: WriteMode,
) -> Outcome:
    """Writes batches, in order, over the locked checkpoint rows. Must run inside a transaction, which it never commits.

    Raises BreakerTrippedError, and whatever the database raises: the whole transaction is then to be rolled back.
    """
    outcome = Outcome()
    rows = await checkpoints.lock(conn, {classified.batch.partition for classified in batches})
    if any(row.next_position < state.committed.get(partition, START) for partition, row in rows.items()):
        state.recent.clear()  # the database is older than we remember: what we committed may be gone
    unapplied = _pass_fence(rows, batches, state, outcome)
    refused: list[tuple[Checkpoint, Refused]] = []
    accepted: list[tuple[Checkpoint, Accepted]] = []
    for piece in unapplied.values():
        for record in piece.records:
            if isinstance(record, Accepted):
                accepted.append((piece.row, record))
            else:
                refused.append((piece.row, record))
    new = await _drop_repeats(conn, accepted, state.recent, mode, outcome)
    refused += await _store(conn, new, projections, mode, outcome)
    _count_refusals(unapplied, refused, state, outcome)
    await dead_letters.add_dead_letters(
        conn, [(row.stream_id, row.topic_id, refusal) for row, refusal in refused]
    )
    await checkpoints.move(conn, {piece.row.stream_id: piece.next for piece in unapplied.values()})
    outcome.positions = {partition: row.next_position for partition, row in rows.items()} | {
        partition: piece.next for partition, piece in unapplied.items()
    }
    outcome.newest = _newest(unapplied)
    return outcome


def _pass_fence(
    rows: Mapping[TopicPartition, Checkpoint],
    batches: Sequence[ClassifiedBatch],
    state: WriterState,
    outcome: Outcome,
) -> dict[TopicPartition, _Unapplied]:
    unapplied: dict[TopicPartition, _Unapplied] = {}
    for classified in batches:
        batch = classified.batch
        partition = batch.partition
        row = rows.get(partition)
        before = unapplied.get(partition)
        if row is not None and before is not None:
            row = row.moved_to(before.next)
        match check_batch(row, batch.start, batch.next, state.topic_ids.get(partition)):
            case Apply(from_position):
                assert row is not None
                records = [record for record in classified.records if record.position >= from_position]
                outcome.fence["skipped"] += len(classified.records) - len(records)
                unapplied[partition] = _Unapplied(
                    row, records if before is None else before.records + records, batch.next
                )
            case Replayed():
                outcome.fence["skipped"] += len(classified.records)
            case Refuse():
                outcome.fence["refused"] += 1
                outcome.reposition.add(partition)
            case PartitionHalted():
                outcome.fence["halted"] += 1
                outcome.reposition.add(partition)
    return unapplied


async def _drop_repeats(
    conn: Connection,
    accepted: Sequence[tuple[Checkpoint, Accepted]],
    recent: RecentIds,
    mode: WriteMode,
    outcome: Outcome,
) -> list[tuple[Checkpoint, Accepted]]:
    new: dict[EventKey, tuple[Checkpoint, Accepted]] = {}
    for placed in accepted:
        key = placed[1].key
        if key not in new and key not in recent:
            new[key] = placed
    if mode.look_up and new:
        for key in await event_log.find_logged(conn, list(new)):
            new.pop(key)
    outcome.results["repeated"] += len(accepted) - len(new)
    return list(new.values())


async def _store(
    conn: Connection,
    events: Sequence[tuple[Checkpoint, Accepted]],
    projections: Projections,
    mode: WriteMode,
    outcome: Outcome,
) -> list[tuple[Checkpoint, Refused]]:
    async def store(part: Sequence[tuple[Checkpoint, Accepted]]) -> ProjectionOutcome:
        await event_log.append_events(conn, [(row.stream_id, event) for row, event in part])
        logged = [
            LoggedEvent(
                event.account_id,
                event.event,
                row.stream_id,
                event.position,
                appended_at(event.record),
            )
            for row, event in part
            if isinstance(event.event, DecodedEvent)
        ]
        projected = await projections.project(conn, logged) if logged else ProjectionOutcome()
        await event_log.add_to_outbox(conn, projected.lifecycle)
        await projections.mark(conn, projected.touched)
        return projected

    if not events:
        return []
    unstorable: list[tuple[tuple[Checkpoint, Accepted], str]] = []
    if mode.isolate:
        _, unstorable = await store_all_but_refused(conn, events, store)
    else:
        await store(events)
    refused_keys = {event.key for (_, event), _ in unstorable}
    written = [event for _, event in events if event.key not in refused_keys]
    applied = sum(isinstance(event.event, DecodedEvent) for event in written)
    outcome.written += [event.key for event in written]
    outcome.results["applied"] += applied
    outcome.results["unknown_type"] += len(written) - applied
    return [
        (row, Refused(event.record, event.position, RefusalReason.UNSTORABLE_ROW, why))
        for (row, event), why in unstorable
    ]


def _count_refusals(
    unapplied: Mapping[TopicPartition, _Unapplied],
    refused: Sequence[tuple[Checkpoint, Refused]],
    state: WriterState,
    outcome: Outcome,
) -> None:
    """Feeds the breaker in log order. Raises BreakerTrippedError."""
    outcome.results["refused"] += len(refused)
    outcome.refusals.update(refusal.reason.value for _, refusal in refused)
    if not refused and all(not window.remembers_refusals for window in state.windows.values()):
        return  # the usual case costs nothing: a window without refusals stays one
    refused_at = {(row.stream_id, refusal.position) for row, refusal in refused}
    for partition, piece in unapplied.items():
        window = state.windows.get(partition, RefusalWindow()).after(
            ((piece.row.stream_id, record.position) in refused_at for record in piece.records),
            state.limits,
        )
        if window is None:
            raise BreakerTrippedError(partition, outcome.refusals)
        outcome.windows[partition] = window


def _newest(unapplied: Mapping[TopicPartition, _Unapplied]) -> datetime | None:
    return max(
        (appended_at(piece.records[-1].record) for piece in unapplied.values() if piece.records), default=None
    )
