"""Which partitions the periodic look finds astray."""

from collections.abc import Mapping
from uuid import UUID

from services.ingest.batch.fence import Checkpoint
from services.ingest.source.broker_facts import LogRange
from services.ingest.source.protocol import Offset, TopicPartition
from services.ingest.supervision.supervision import to_reposition

HERE = TopicPartition("events", 0)


def look(
    *,
    row: Checkpoint | None,
    committed: Mapping[TopicPartition, Offset] | None = None,
    start: int = 0,
    end: int = 100,
    halted: bool = False,
    stale: bool = False,
) -> set[TopicPartition]:
    return to_reposition(
        frozenset([HERE]),
        {HERE: Offset(50)} if committed is None else committed,
        frozenset([HERE]) if halted else frozenset(),
        {} if row is None else {HERE: row},
        {HERE: LogRange(Offset(start), Offset(end))},
        stale=frozenset([HERE]) if stale else frozenset(),
    )


def row(next_offset: int, *, halted: bool = False) -> Checkpoint:
    return Checkpoint(1, UUID(int=1), Offset(next_offset), halted)


def test_a_partition_that_gets_on_is_left_alone() -> None:
    assert look(row=row(50)) == set()
    assert look(row=row(70)) == set()


def test_a_row_that_went_back_or_away_means_an_older_or_emptied_database() -> None:
    assert look(row=row(40)) == {HERE}
    assert look(row=None) == {HERE}


def test_a_topic_made_anew_and_a_log_that_ends_too_early_are_found_without_any_record() -> None:
    assert look(row=row(50), stale=True) == {HERE}
    assert look(row=row(50), end=30) == {HERE}


def test_a_log_that_was_emptied_beyond_the_row_is_found_without_any_record() -> None:
    assert look(row=row(50), start=50) == set()
    assert look(row=row(50), start=51) == {HERE}


def test_a_halt_by_another_worker_and_an_operator_s_decision_are_noticed() -> None:
    assert look(row=row(50, halted=True)) == {HERE}
    assert look(row=row(50), halted=True) == {HERE}
    assert look(row=row(50, halted=True), halted=True) == set()


def test_a_partition_that_is_still_being_placed_is_left_alone() -> None:
    assert look(row=None, committed={}) == set()
