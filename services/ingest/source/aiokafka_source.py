"""Kafka by aiokafka alone: membership, fetching and commits on the one event loop of the worker."""

import asyncio
import time
from collections.abc import Collection, Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as ClientPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from services.chassis.kafka import aiokafka_options
from services.ingest import metrics
from services.ingest.source.departure import depart, stopped
from services.ingest.source.hand_over import Fetched
from services.ingest.source.options import SourceOptions
from services.ingest.source.placing import Placing
from services.ingest.source.protocol import Offset, Sink, TopicPartition
from services.ingest.source.standing_positions import LOOK_SECONDS, standing_positions

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 3.0
FETCH_SECONDS = 1.0
START_AGAIN_SECONDS = 2.0
MAX_POLL_MS = 1_000_000
"""A worker that waits for the database must not lose its partitions meanwhile."""


class AiokafkaSource:
    """See Source."""

    def __init__(self, options: SourceOptions, sink: Sink) -> None:
        self._options = options
        self._sink = sink
        self._placing = Placing(sink)
        self._consumer: AIOKafkaConsumer | None = None
        self._stopping = asyncio.Event()
        self._committed: dict[TopicPartition, Offset] = {}
        self._looked_at = 0.0

    async def run(self) -> None:
        """See Source. Raises aiokafka's errors when the group cannot be joined."""
        consumer = await self._started()
        if consumer is None:
            return
        reading = asyncio.ensure_future(self._read_for_ever(consumer))
        committing = asyncio.ensure_future(self._commit_for_ever())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
        finally:
            for task in (reading, committing, stopping):
                task.cancel()
            await depart("aiokafka", self._leave(consumer))

    async def _read_for_ever(self, consumer: AIOKafkaConsumer) -> None:
        """Placing may have to wait for Kafka or the database as long as they are away, so only a cancelling ends it."""
        while True:
            if self._placing.unplaced:
                await self._place(consumer)
            count = await self._read_once(consumer)
            if 0 < count < self._options.pause_below:
                await asyncio.sleep(self._options.pause_seconds)

    async def _started(self) -> AIOKafkaConsumer | None:
        """A consumer that has reached Kafka, however often it takes; None when asked to stop first."""
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            while not stopping.done():
                consumer = self._consumer = self._new_consumer()
                consumer.subscribe([self._options.topic], listener=_Listener(self))
                starting = asyncio.ensure_future(consumer.start())
                await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                try:
                    if starting.done():
                        starting.result()
                        return consumer
                    starting.cancel()
                except KafkaConnectionError as error:
                    log.warning("kafka_not_there", error=type(error).__name__)
                await depart("aiokafka", self._leave(consumer))
                await asyncio.wait({stopping}, timeout=START_AGAIN_SECONDS)
            return None
        finally:
            stopping.cancel()

    async def stop(self) -> None:
        """See Source."""
        self._stopping.set()
        await self._sink.quiesce()

    def assignment(self) -> frozenset[TopicPartition]:
        """See Source."""
        if self._consumer is None:
            return frozenset()
        return frozenset(TopicPartition(tp.topic, tp.partition) for tp in self._consumer.assignment())

    def joined(self) -> bool:
        """See Source."""
        return self._placing.joined

    def reposition(self, partitions: Collection[TopicPartition]) -> None:
        """See Source."""
        self._placing.unplaced.update(partitions)

    async def revoked(self, partitions: Collection[TopicPartition]) -> None:
        """The group takes partitions back: whatever is open ends, and what is durable is told to Kafka."""
        self._placing.revoked(partitions)
        await self._sink.quiesce()
        await self._commit()

    def assigned(self, partitions: Collection[TopicPartition]) -> None:
        """The group gives partitions: they are placed before the next fetch."""
        self._placing.assigned(partitions)
        self._placing.joined = True

    async def _place(self, consumer: AIOKafkaConsumer) -> None:
        placement = await self._placing.place(self.assignment())
        if placement is None:
            return
        for partition, offset in placement.next_offsets.items():
            consumer.seek(ClientPartition(*partition), offset)
            consumer.resume(ClientPartition(*partition))
        for partition in placement.halted:
            consumer.pause(ClientPartition(*partition))
        self._placing.placed()

    async def _read_once(self, consumer: AIOKafkaConsumer) -> int:
        epoch = self._placing.epoch
        try:
            fetched = await consumer.getmany(
                timeout_ms=int(FETCH_SECONDS * 1_000), max_records=self._options.fetch_records
            )
        except KafkaError as error:
            log.warning("fetch_failed", error=type(error).__name__)
            await asyncio.sleep(1.0)
            return 0
        if fetched and epoch != self._placing.epoch:
            metrics.UNREADS.inc()  # the rebalance places every partition anew, which puts this fetch back
            return 0
        offers: dict[TopicPartition, Fetched] = {}
        for client_partition, records in fetched.items():
            try:
                behind = await consumer.position(client_partition)
            except IllegalStateError:
                continue  # no longer ours
            offers[TopicPartition(client_partition.topic, client_partition.partition)] = Fetched(
                records, behind
            )
        self._add_standing(consumer, offers)
        count = 0
        for partition, offer in offers.items():
            if partition in self._placing.unplaced:
                continue
            again = await self._placing.hand_over.offer(partition, offer)
            if again is not None and epoch == self._placing.epoch:
                _seek(consumer, partition, again)
            count += len(offer.records)
        return count

    def _add_standing(self, consumer: AIOKafkaConsumer, offers: dict[TopicPartition, Fetched]) -> None:
        """Also tells, now and then, where partitions stand that gave nothing."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        for partition, at in standing_positions(consumer).items():
            offers.setdefault(partition, Fetched((), at))

    async def _commit_for_ever(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            await self._commit()

    async def _commit(self) -> None:
        """Tells Kafka how far we are: for its lag tools only, so a failure is nobody's loss."""
        consumer = self._consumer
        if consumer is None:
            return
        mine = self.assignment()
        ahead = {
            partition: offset
            for partition, offset in self._sink.committed().items()
            if partition in mine and self._committed.get(partition) != offset
        }
        if not ahead:
            return
        try:
            await consumer.commit(
                {
                    ClientPartition(*partition): OffsetAndMetadata(offset, "")
                    for partition, offset in ahead.items()
                }
            )
        except (KafkaError, IllegalStateError) as error:
            log.info("commit_hint_failed", error=type(error).__name__)
            return
        self._committed.update(ahead)

    async def _leave(self, consumer: AIOKafkaConsumer) -> None:
        """Ends what is open, tells Kafka, leaves the group."""
        await self._sink.quiesce()
        try:
            await self._commit()
        finally:
            await stopped(consumer.stop())

    def _new_consumer(self) -> AIOKafkaConsumer:
        options = self._options
        return AIOKafkaConsumer(
            **aiokafka_options(options.kafka),
            client_id="bitacora-ingest",
            group_id=options.group,
            group_instance_id=options.instance_id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # a position out of range shows as a jump, which the hand-over asks about
            isolation_level="read_committed",
            session_timeout_ms=int(options.session_timeout_seconds * 1_000),
            heartbeat_interval_ms=int(options.session_timeout_seconds * 1_000 / 5),
            rebalance_timeout_ms=int(options.session_timeout_seconds * 1_000),
            max_poll_interval_ms=MAX_POLL_MS,
            metadata_max_age_ms=int(options.metadata_seconds * 1_000),
        )


def _seek(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: Offset) -> None:
    """Moves a position, if the partition is still ours."""
    try:
        consumer.seek(ClientPartition(*partition), offset)
    except IllegalStateError:
        return


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    def __init__(self, source: AiokafkaSource) -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        await self._source.revoked({TopicPartition(tp.topic, tp.partition) for tp in revoked})

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._source.assigned({TopicPartition(tp.topic, tp.partition) for tp in assigned})
