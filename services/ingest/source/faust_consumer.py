"""Faust's consumer, made to drain whole record lists into the sink instead of handing out events one by one.

Everything overridden here is listed in `faust_surface.py` and checked when this module is imported.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import structlog
from aiokafka.errors import IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode import Service

from services.ingest import metrics
from services.ingest.source.faust_surface import check_surface
from services.ingest.source.hand_over import Fetched, HandOver
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Sink, TopicPartition
from services.ingest.source.rebalance_clock import RebalanceClock
from services.ingest.source.standing_positions import LOOK_SECONDS, standing_positions

log = structlog.get_logger(__name__)

FETCH_SECONDS = 1.0
THREAD_END_SECONDS = 2.0
START_AGAIN_SECONDS = 2.0

check_surface()


class BatchThread(driver.AIOKafkaConsumerThread):
    """Runs on the loop that owns aiokafka's positions: everything that reads or moves them happens here."""

    leaving = False
    """Set on the worker's own loop: from then on nothing is asked of the thread, which may answer no more."""
    _looked_at = 0.0

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust sets it for its own transactions only, and would hand aborted events out otherwise.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109  Faust's own signature
        max_records: int | None = None,
    ) -> Any:
        """`{partition: Fetched}`: the records with the position behind them, read where nothing can move it."""
        batch_consumer = cast("BatchConsumer", self.consumer)
        epoch = batch_consumer.epoch
        try:
            fetched = await super()._fetch_records(
                consumer, active_partitions, timeout=timeout, max_records=max_records
            )
        except KafkaError as error:
            log.warning("fetch_failed", error=type(error).__name__)
            await asyncio.sleep(1.0)
            return {}
        if fetched and (batch_consumer.epoch != epoch or not batch_consumer.flow_active):
            metrics.UNREADS.inc()
            for partition, records in fetched.items():
                await self.seek_here(partition, records[0].offset)
            return {}
        result: dict[TP, Fetched] = {}
        for partition, records in fetched.items():
            try:
                behind = await consumer.position(partition)
            except IllegalStateError:
                continue  # no longer ours
            result[TP(partition.topic, partition.partition)] = Fetched(records, behind)
        if batch_consumer.epoch == epoch and batch_consumer.flow_active:
            self._add_standing(consumer, active_partitions, result)
        return result

    def _add_standing(self, consumer: Any, active: set[TP], result: dict[TP, Fetched]) -> None:
        """Also tells, now and then, where partitions stand that gave nothing."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        for partition, at in standing_positions(consumer).items():
            if (place := TP(*partition)) in active:
                result.setdefault(place, Fetched((), at))

    async def on_start(self) -> None:
        """Kafka may have gone away since the worker looked for it: then it is tried again, as long as it takes."""
        while not self.should_stop:
            try:
                await super().on_start()
            except KafkaConnectionError as error:
                log.warning("kafka_not_there", error=type(error).__name__)
                await self._ensure_consumer().stop()
                await self.sleep(START_AGAIN_SECONDS)
            else:
                return

    async def stop(self) -> None:
        """Faust would hold up the event loop until the thread has ended, and a thread amid a rebalance waits for that
        loop: neither would ever end.
        """
        self.leaving = True
        if self._started.is_set():
            await Service.stop(self)  # until the thread has left the group
            if self._thread is not None:
                await asyncio.to_thread(self._thread.join, THREAD_END_SECONDS)

    def close(self) -> None:
        """Nothing: the thread leaves the group when it stops.

        Faust calls this where a rebalance meets a stop, and would close the client on a loop that it does not live on;
        the thread would then find it closed, with a membership that nobody gives up.
        """

    async def seek_here(self, partition: TP, offset: int) -> None:
        """Moves a position, if the partition is still ours."""
        try:
            self._ensure_consumer().seek(driver.ensure_aiokafka_TP(partition), offset)
        except IllegalStateError:
            return

    async def commit_here(self, offsets: Mapping[TP, int]) -> bool:
        """Tells Kafka how far we are: for its lag tools only, so a failure is nobody's loss.

        A thread that is stopped cancels what it does. That must end here: whoever waits for the answer, amid a rebalance
        the client itself, would take it for a cancelling of its own and leave without telling the group.
        """
        mine = self.assignment()
        wanted = {
            driver.ensure_aiokafka_TP(partition): OffsetAndMetadata(offset, "")
            for partition, offset in offsets.items()
            if partition in mine
        }
        if not wanted:
            return False
        try:
            await self._ensure_consumer().commit(wanted)
        except (KafkaError, IllegalStateError, asyncio.CancelledError) as error:
            log.info("commit_hint_failed", error=type(error).__name__)
            return False
        return True


class BatchConsumer(driver.Consumer):
    """Drains whole record lists into the sink."""

    sink: Sink
    options: SourceOptions

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.epoch = 0
        self.joined = False
        self.unplaced: set[TopicPartition] = set()
        self.hand_over = HandOver(self.sink)
        self.rebalance = RebalanceClock()
        self._told: dict[TP, int] = {}
        super().__init__(*args, **kwargs)

    _thread: BatchThread

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def perform_seek(self) -> None:
        """Faust asks after every assignment, before it lets records flow. The placing itself may have to wait for the
        database longer than Faust would, so the drain does it before its next fetch.
        """
        self.epoch += 1
        self.unplaced = {TopicPartition(*partition) for partition in self.assignment()}
        metrics.PARTITIONS.set(len(self.unplaced))
        if not self.unplaced:
            self.rebalance.placed()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Whatever is open ends, and what is durable is told to Kafka, before the group goes on."""
        self.stop_flow()
        self.epoch += 1
        self.joined = False
        self.rebalance.lost()
        self.hand_over.forget([TopicPartition(*partition) for partition in revoked])
        await self.sink.quiesce()
        await self.commit()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Also called, with nothing, where the group has more workers than partitions."""
        await super().on_partitions_assigned(assigned, generation_id)
        self.joined = True

    async def wait_empty(self) -> None:
        """Nothing of Faust's own is ever under way; ours ends within the sink's bounds."""
        await self.sink.quiesce()
        await self.commit()

    async def _seek(self, partition: TP, offset: int) -> None:
        if not self._thread.leaving:
            await self._thread.call_thread(self._thread.seek_here, partition, offset)

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                if self.unplaced and self.flow_active:
                    await self._place()
                count = await self._drain_once()
                if 0 < count < self.options.pause_below:
                    await asyncio.sleep(self.options.pause_seconds)
        except asyncio.CancelledError:
            # Amid a rebalance Faust takes a cancelled drain for a crash, even one that it cancelled to stop: the thread
            # would end at once, and what the stop still commits there would be cancelled with it.
            if not self.app.should_stop:
                raise
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except (
            Exception
        ) as error:  # Faust would restart a dead fetcher in silence; the process must end instead
            await self.app.crash(error)
            raise

    async def _place(self) -> None:
        partitions, self.unplaced = self.unplaced & self.mine(), set()
        if not partitions:
            return
        epoch = self.epoch
        positions = await self.hand_over.place(partitions)
        if epoch != self.epoch:
            return  # a rebalance came between; it has its own placing
        halted = [TP(*partition) for partition in partitions if partition not in positions]
        for partition, offset in positions.items():
            await self._seek(TP(*partition), offset)
        self.pause_partitions(halted)
        self.resume_partitions([TP(*partition) for partition in positions])
        self.rebalance.placed()

    async def _drain_once(self) -> int:
        records, _active = await self._wait_next_records(FETCH_SECONDS)
        epoch = self.epoch
        count = 0
        for partition, fetched in cast("Mapping[TP, Fetched]", records or {}).items():
            if epoch != self.epoch:
                break  # every partition is placed anew, which puts these back
            ours = TopicPartition(*partition)
            if ours in self.unplaced:
                continue
            again = await self.hand_over.offer(ours, fetched)
            if again is not None and epoch == self.epoch:
                await self._seek(partition, again)
            count += len(fetched.records)
        return count

    def mine(self) -> frozenset[TopicPartition]:
        return frozenset(TopicPartition(*partition) for partition in self.assignment())

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter([TP(*partition) for partition in self.sink.committed()])

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        committed = self.sink.committed()
        wanted = {partition: committed[TopicPartition(*partition)] for partition in tps}
        return {
            partition: offset for partition, offset in wanted.items() if self._told.get(partition) != offset
        }

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002
        if self._thread.leaving:
            return False
        done: bool = await self._thread.call_thread(self._thread.commit_here, offsets)
        if done:
            self._told.update(offsets)
        return done

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks at streams here, which are idle by design; our own supervision looks at the checkpoints."""
