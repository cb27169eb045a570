"""How fetched records become batches: the rule for holes, and what a source is told to read again."""

from collections.abc import Collection, Mapping

from services.ingest.source.hand_over import Fetched, HandOver, Step, next_step
from services.ingest.source.protocol import Batch, Jump, Offset, TopicPartition
from tests.support.memory_source import MemoryRecord, batch_of

HERE = TopicPartition("events", 3)


class Sink:
    def __init__(self, jump: Jump = Jump.ACCEPT) -> None:
        self.jump = jump
        self.asked: list[tuple[int, int]] = []
        self.batches: list[tuple[int, int]] = []

    async def next_offsets(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, Offset]:
        return dict.fromkeys(partitions, Offset(100))

    async def put(self, batch: Batch) -> None:
        self.batches.append((batch.start, batch.next))

    async def check_jump(self, partition: TopicPartition, expected: Offset, found: Offset) -> Jump:
        self.asked.append((expected, found))
        return self.jump

    async def quiesce(self) -> None: ...

    def committed(self) -> Mapping[TopicPartition, Offset]:
        return {}


def fetched(first: int, following: int) -> Fetched:
    return Fetched([MemoryRecord(Offset(first), None, None)], Offset(following))


def standing(at: int) -> Fetched:
    return Fetched((), Offset(at))


def step(expected: int | None, found: int, *, suspected: bool) -> Step:
    return next_step(None if expected is None else Offset(expected), Offset(found), suspected=suspected)


def test_records_of_a_partition_that_was_not_placed_are_ignored() -> None:
    assert step(None, 5, suspected=False) is Step.IGNORE


def test_records_that_go_on_are_delivered() -> None:
    assert step(5, 5, suspected=False) is Step.DELIVER


def test_a_hole_is_read_again_once_and_then_asked_about() -> None:
    assert step(5, 8, suspected=False) is Step.READ_AGAIN
    assert step(5, 8, suspected=True) is Step.ASK


def test_a_step_back_is_asked_about_at_once() -> None:
    assert step(5, 2, suspected=False) is Step.ASK


async def test_a_lost_read_gives_the_missing_records_at_the_second_reading() -> None:
    sink = Sink()
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    assert await hand_over.offer(HERE, fetched(100, 101)) is None
    assert await hand_over.offer(HERE, fetched(107, 110)) == 101
    assert await hand_over.offer(HERE, fetched(101, 110)) is None
    assert sink.batches == [(100, 101), (101, 110)]
    assert sink.asked == []


async def test_an_accepted_hole_is_claimed_by_the_batch_behind_it() -> None:
    sink = Sink()
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    assert await hand_over.offer(HERE, fetched(107, 110)) == 100
    assert await hand_over.offer(HERE, fetched(107, 110)) is None
    assert sink.asked == [(100, 107)]
    assert sink.batches == [(100, 110)]


async def test_every_new_hole_is_suspected_anew() -> None:
    sink = Sink()
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    await hand_over.offer(HERE, fetched(107, 110))
    await hand_over.offer(HERE, fetched(107, 110))
    assert await hand_over.offer(HERE, fetched(120, 121)) == 110


async def test_a_halted_partition_gives_nothing_more() -> None:
    sink = Sink(Jump.STOP)
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    await hand_over.offer(HERE, fetched(107, 110))
    assert await hand_over.offer(HERE, fetched(107, 110)) is None
    assert await hand_over.offer(HERE, fetched(110, 111)) is None
    assert sink.batches == []


async def test_the_position_behind_a_fetch_is_the_client_s_so_markers_are_no_holes() -> None:
    sink = Sink()
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    await hand_over.offer(HERE, fetched(100, 103))  # two transaction markers follow the record
    assert await hand_over.offer(HERE, fetched(103, 104)) is None
    assert sink.batches == [(100, 103), (103, 104)]


async def test_a_client_that_passed_offsets_without_a_record_is_asked_to_read_again_and_then_believed() -> (
    None
):
    sink = Sink()
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    assert await hand_over.offer(HERE, standing(105)) == 100
    assert await hand_over.offer(HERE, standing(100)) is None  # the second reading is still under way
    assert await hand_over.offer(HERE, standing(105)) is None
    assert sink.asked == [(100, 105)]
    assert sink.batches == [(100, 105)]
    assert await hand_over.offer(HERE, fetched(105, 106)) is None
    assert sink.batches == [(100, 105), (105, 106)]


async def test_a_client_that_lost_a_read_at_the_end_of_the_log_finds_it_at_the_second_reading() -> None:
    sink = Sink()
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    assert await hand_over.offer(HERE, standing(103)) == 100
    assert await hand_over.offer(HERE, fetched(100, 103)) is None
    assert sink.asked == []
    assert sink.batches == [(100, 103)]


async def test_a_client_that_was_thrown_behind_deleted_events_is_stopped_without_any_record() -> None:
    sink = Sink(Jump.STOP)
    hand_over = HandOver(sink)
    await hand_over.place([HERE])
    assert await hand_over.offer(HERE, standing(180)) == 100
    assert await hand_over.offer(HERE, standing(180)) is None
    assert await hand_over.offer(HERE, fetched(180, 181)) is None
    assert sink.batches == []


def test_a_long_batch_is_cut_without_a_hole_between_the_pieces() -> None:
    records = [MemoryRecord(Offset(offset), None, None) for offset in (10, 11, 14, 15)]
    head, rest = batch_of(HERE, 8, 20, records).split(2)
    assert rest is not None
    assert (head.start, head.next, len(head.records)) == (8, 14, 2)
    assert (rest.start, rest.next, len(rest.records)) == (14, 20, 2)
    assert rest.split(2) == (rest, None)
