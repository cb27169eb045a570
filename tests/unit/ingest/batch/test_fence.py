"""Where a partition is read from, and which batches may be written: decisions over a row and a log."""

from uuid import UUID

import pytest

from services.ingest.batch.fence import (
    Apply,
    Checkpoint,
    Halt,
    HaltReason,
    PartitionHalted,
    ReadFrom,
    Refuse,
    Replayed,
    StayHalted,
    check_batch,
    check_jump,
    place,
)
from services.ingest.log.positions import START, Position
from services.ingest.source.broker_facts import LogRange
from services.ingest.source.protocol import Jump, Offset

OURS = UUID(int=1)
ANOTHER = UUID(int=2)
LOG = LogRange(Offset(10), Offset(100))


def row(
    next_offset: int,
    topic_id: UUID | None = OURS,
    *,
    halted: bool = False,
    first_position: Position = START,
) -> Checkpoint:
    return Checkpoint(1, topic_id, Offset(next_offset), halted, first_position)


def halt(reason: HaltReason, lost_from: int, lost_to: int) -> Halt:
    return Halt(reason, Offset(lost_from), Offset(lost_to))


def check(checkpoint: Checkpoint | None, start: int, following: int, topic_id: UUID = OURS) -> object:
    return check_batch(checkpoint, Position(start), Position(following), topic_id)


def jump_of(expected: int, found: int, topic_id: UUID = OURS) -> tuple[Jump, Halt | None]:
    return check_jump(Offset(expected), Offset(found), known_id=OURS, topic_id=topic_id, log=LOG)


def test_without_a_row_reading_starts_at_the_start_of_the_log() -> None:
    assert place(None, OURS, LOG) == ReadFrom(Offset(10), create=True)


def test_with_a_row_reading_goes_on_where_it_says() -> None:
    assert place(row(40), OURS, LOG) == ReadFrom(Offset(40))
    assert place(row(10), OURS, LOG) == ReadFrom(Offset(10))
    assert place(row(100), OURS, LOG) == ReadFrom(Offset(100))


def test_a_row_that_does_not_know_its_topic_s_id_learns_it() -> None:
    assert place(row(40, None), OURS, LOG) == ReadFrom(Offset(40), adopt=True)


def test_events_deleted_before_they_were_read_halt_the_partition() -> None:
    assert place(row(4), OURS, LOG) == halt(HaltReason.GAP, 4, 10)


def test_a_log_that_ends_before_the_row_halts_the_partition() -> None:
    assert place(row(130), OURS, LOG) == halt(HaltReason.TRUNCATED, 100, 130)


def test_a_topic_made_anew_halts_the_partition_whatever_its_offsets() -> None:
    for next_offset in (4, 40, 130):
        found = place(row(next_offset, ANOTHER), OURS, LOG)
        assert isinstance(found, Halt)
        assert found.reason is HaltReason.INCARNATION


def test_a_halted_partition_stays_halted_until_somebody_decides() -> None:
    assert place(row(4, halted=True), OURS, LOG) == StayHalted()


@pytest.mark.parametrize(
    ("start", "following", "decision"),
    [
        (40, 50, Apply(Position(40))),  # goes on exactly at the row
        (30, 50, Apply(Position(40))),  # overlaps what was applied: the rest is new
        (30, 40, Replayed()),
        (20, 30, Replayed()),
        (41, 50, Refuse()),  # something before it is missing
        (40, 41, Apply(Position(40))),
    ],
)
def test_a_batch_is_checked_against_the_locked_row_on_both_sides(
    start: int, following: int, decision: object
) -> None:
    assert check(row(40), start, following) == decision


def test_a_batch_is_compared_by_position_since_offsets_come_again() -> None:
    anew = row(15, first_position=Position(30))
    assert check(anew, 40, 50) == Apply(Position(45))
    assert check(anew, 15, 20) == Replayed()  # the same offsets, of what was lost from the log's end
    assert place(anew, OURS, LOG) == ReadFrom(Offset(15))


def test_a_row_moves_to_a_position_and_counts_it_as_an_offset() -> None:
    moved = row(15, first_position=Position(30)).moved_to(Position(60))
    assert (moved.next_offset, moved.next_position) == (30, 60)


def test_a_batch_without_a_row_or_of_another_incarnation_is_refused() -> None:
    assert check(None, 0, 5) == Refuse()
    assert check(row(40), 40, 50, ANOTHER) == Refuse()
    assert check(row(40, None), 40, 50) == Refuse()


def test_a_batch_of_a_halted_partition_waits_for_a_decision() -> None:
    assert check(row(40, halted=True), 40, 50) == PartitionHalted()


def test_a_hole_inside_the_log_is_accepted() -> None:
    assert jump_of(40, 45) == (Jump.ACCEPT, None)


def test_a_hole_because_retention_passed_us_is_a_halt_with_its_range() -> None:
    assert jump_of(4, 10) == (
        Jump.STOP,
        halt(HaltReason.GAP, 4, 10),
    )


def test_records_below_the_position_are_a_halt_when_the_log_is_shorter_or_another() -> None:
    jump, found = jump_of(130, 10)
    assert (jump, found and found.reason) == (Jump.STOP, HaltReason.TRUNCATED)
    jump, found = jump_of(40, 10, ANOTHER)
    assert (jump, found and found.reason) == (Jump.STOP, HaltReason.INCARNATION)


def test_records_below_the_position_of_a_sound_log_are_a_misread_and_read_again() -> None:
    assert jump_of(40, 10) == (Jump.READ_AGAIN, None)
