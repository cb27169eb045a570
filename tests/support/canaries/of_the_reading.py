"""Builds that read wrongly: across rebalances, into holes, from Kafka's commit, another topic, aborted transactions."""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from unittest.mock import patch

from aiokafka import TopicPartition as ClientPartition
from faust.transport.drivers import aiokafka as driver

from services.ingest.batch import checkpoints, fence, holes, placement, transaction, writer
from services.ingest.log.positions import Position
from services.ingest.source import aiokafka_source, faust_thread, hand_over
from services.ingest.source.hand_over import HandOver, Step
from services.ingest.source.placing import Placing
from services.ingest.source.protocol import Jump, Offset, TopicPartition
from services.ingest.supervision import supervision


@contextlib.contextmanager
def no_un_read() -> Iterator[None]:
    """What was fetched before a rebalance is delivered after it as if nothing had come between."""

    def unchanging(_self: Any) -> int:
        return 0

    def ignore(_self: Any, _value: int) -> None:
        return None

    def remember(_self: HandOver, _partitions: Collection[TopicPartition]) -> None:
        return None

    epoch = property(unchanging, ignore)
    with (
        patch.object(HandOver, "forget", remember),
        patch.object(Placing, "epoch", epoch, create=True),
    ):
        yield


@contextlib.contextmanager
def no_hole_rule() -> Iterator[None]:
    """Records that start above what was expected are handed over as if they followed."""

    def next_step(expected: int | None, _found: int, **_: Any) -> Step:
        return Step.IGNORE if expected is None else Step.DELIVER

    with patch.object(hand_over, "next_step", next_step):
        yield


@contextlib.contextmanager
def every_hole_accepted() -> Iterator[None]:
    """A hole that stays is accepted without asking whether its records were deleted."""

    def check_jump(expected: int, found: int, **_: Any) -> tuple[Jump, None]:
        return (Jump.ACCEPT if found > expected else Jump.READ_AGAIN), None

    with patch.object(holes, "check_jump", check_jump):
        yield


@contextlib.contextmanager
def no_topic_id() -> Iterator[None]:
    """A topic is its name: nobody notices that it was deleted and made anew."""
    place, check_batch, check_jump = fence.place, fence.check_batch, fence.check_jump
    to_reposition = supervision.to_reposition

    def place_by_name(row: Any, topic_id: Any, log: Any) -> Any:
        return place(row, topic_id if row is None else row.topic_id, log)

    def check_by_name(row: Any, start: Position, following: Position, topic_id: Any) -> Any:
        return check_batch(row, start, following, topic_id if row is None else row.topic_id)

    def check_jump_by_name(expected: Offset, found: Offset, **known: Any) -> Any:
        return check_jump(expected, found, **{**known, "known_id": None})

    def nobody_is_stale(*args: Any, **_: Any) -> Any:
        return to_reposition(*args, stale=frozenset())

    with (
        patch.object(placement, "place", place_by_name),
        patch.object(holes, "check_jump", check_jump_by_name),
        patch.object(transaction, "check_batch", check_by_name),
        patch.object(supervision, "to_reposition", nobody_is_stale),
    ):
        yield


@contextlib.contextmanager
def read_uncommitted() -> Iterator[None]:
    """Both clients read as they would by default: events of aborted transactions too."""
    new_consumer = aiokafka_source.AiokafkaSource._new_consumer

    def by_default(self: aiokafka_source.AiokafkaSource) -> Any:
        consumer = new_consumer(self)
        consumer._isolation_level = "read_uncommitted"
        return consumer

    stock = driver.AIOKafkaConsumerThread._create_worker_consumer
    with (
        patch.object(aiokafka_source.AiokafkaSource, "_new_consumer", by_default),
        patch.object(faust_thread.BatchThread, "_create_worker_consumer", stock),
    ):
        yield


@contextlib.contextmanager
def kafka_commit_for_no_row() -> Iterator[None]:
    """Without a checkpoint row the reader begins where Kafka remembers its group, as consumers commonly do."""
    sound = writer.Writer.next_offsets

    async def next_offsets(
        self: writer.Writer, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, Offset]:
        before = await placement.read_rows(self._pool, partitions)
        placed = dict(await sound(self, partitions))
        for partition in placed.keys() - before.keys():
            assert isinstance(self._source, aiokafka_source.AiokafkaSource)
            assert self._source._consumer is not None
            committed = await self._source._consumer.committed(ClientPartition(*partition))
            if committed is not None:
                rows = await placement.read_rows(self._pool, [partition])
                async with self._pool.acquire() as conn:
                    await checkpoints.move(conn, {rows[partition].stream_id: Position(committed)})
                placed[partition] = committed
        return placed

    with patch.object(writer.Writer, "next_offsets", next_offsets):
        yield
