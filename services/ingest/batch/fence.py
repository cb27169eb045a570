"""Who may write what: the checkpoint row against what Kafka has and what a batch claims. Decisions only."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.ingest.log.positions import START, Position, offset_of, position_of
from services.ingest.source.broker_facts import LogRange
from services.ingest.source.protocol import Jump, Offset


class HaltReason(StrEnum):
    """Why a partition is read by nobody until an operator decides."""

    GAP = "gap"  # retention deleted events that we have not read
    INCARNATION = "incarnation"  # the topic was deleted and made anew
    TRUNCATED = "truncated"  # the log ends before what we have already applied


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The row that says how far a partition is applied: by `next_offset` to Kafka, by `next_position` to the log.

    `first_position` is where the log counts offset 0 of the incarnation.
    """

    stream_id: int
    topic_id: UUID | None
    next_offset: Offset
    halted: bool
    first_position: Position = START

    @property
    def next_position(self) -> Position:
        """The first position not yet applied."""
        return position_of(self.next_offset, self.first_position)

    def moved_to(self, position: Position) -> "Checkpoint":
        """The row as it will be once everything below this position is applied."""
        return replace(self, next_offset=offset_of(position, self.first_position))


@dataclass(frozen=True, slots=True)
class ReadFrom:
    """Go on here. `create`: there is no row yet. `adopt`: the row does not know its topic's id yet."""

    offset: Offset
    create: bool = False
    adopt: bool = False


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop reading: offsets from `lost_from` up to, not including, `lost_to` cannot be had."""

    reason: HaltReason
    lost_from: Offset
    lost_to: Offset


@dataclass(frozen=True, slots=True)
class StayHalted:
    """An operator has not decided yet."""


def place(row: Checkpoint | None, topic_id: UUID, log: LogRange) -> ReadFrom | Halt | StayHalted:
    """Where to start reading. No row means the start of the log, never what Kafka remembers of the group."""
    if row is None:
        return ReadFrom(log.start, create=True)
    if row.halted:
        return StayHalted()
    if row.topic_id is not None and row.topic_id != topic_id:
        return Halt(HaltReason.INCARNATION, log.start, log.end)
    if log.start > row.next_offset:
        return Halt(HaltReason.GAP, row.next_offset, log.start)
    if log.end < row.next_offset:
        return Halt(HaltReason.TRUNCATED, log.end, row.next_offset)
    return ReadFrom(row.next_offset, adopt=row.topic_id is None)


@dataclass(frozen=True, slots=True)
class Apply:
    """Write the records from this position on; those below were written before."""

    from_position: Position


@dataclass(frozen=True, slots=True)
class Replayed:
    """All of it was written before."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Something before it is missing, or the partition has to be placed anew: read again from the row."""


@dataclass(frozen=True, slots=True)
class PartitionHalted:
    """The partition is halted."""


def check_batch(
    row: Checkpoint | None, start: Position, next_position: Position, topic_id: UUID | None
) -> Apply | Replayed | Refuse | PartitionHalted:
    """Whether a batch that claims [start, next_position) of this incarnation may be written over the locked row."""
    if row is None:
        return Refuse()
    if row.halted:
        return PartitionHalted()
    if row.topic_id != topic_id:
        return Refuse()
    if next_position <= row.next_position:
        return Replayed()
    if start > row.next_position:
        return Refuse()
    return Apply(row.next_position)


def check_jump(
    expected: Offset, found: Offset, *, known_id: UUID | None, topic_id: UUID, log: LogRange
) -> tuple[Jump, Halt | None]:
    """What a fetch means that starts at `found` where `expected` was due, and the halt if it is one.

    Only a hole that lies inside the log is accepted: deleted events, a shorter log and another topic are not ours to skip.
    """
    if known_id is not None and topic_id != known_id:
        return Jump.STOP, Halt(HaltReason.INCARNATION, log.start, log.end)
    if log.start > expected:
        return Jump.STOP, Halt(HaltReason.GAP, expected, log.start)
    if log.end < expected:
        return Jump.STOP, Halt(HaltReason.TRUNCATED, log.end, expected)
    if found > expected:
        return Jump.ACCEPT, None
    return Jump.READ_AGAIN, None
