"""The thread that Faust runs aiokafka on, with an event loop of its own beside the worker's.

Everything overridden here is listed in `faust_surface.py` and checked when this module is imported.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

import structlog
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode import Service
from mode.utils.futures import maybe_async

from services.ingest import metrics
from services.ingest.source.departure import stopped
from services.ingest.source.faust_surface import check_surface
from services.ingest.source.hand_over import Fetched
from services.ingest.source.standing_positions import LOOK_SECONDS, standing_positions

log = structlog.get_logger(__name__)

THREAD_END_SECONDS = 2.0
START_AGAIN_SECONDS = 2.0

check_surface()


class Epochs(Protocol):
    """What the thread asks of its consumer, which is on the worker's own loop."""

    @property
    def epoch(self) -> int:
        """Another after every rebalance."""

    @property
    def flow_active(self) -> bool:
        """Whether records may be handed out."""


class BatchThread(driver.AIOKafkaConsumerThread):
    """Runs on the loop that owns aiokafka's positions: everything that reads or moves them happens here."""

    leaving = False
    """Set by the worker's own loop: from then on nothing is asked of the thread, which may answer no more."""
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
        batch_consumer = cast("Epochs", self.consumer)
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

    async def on_thread_stop(self) -> None:
        """Leaves the group. A thread that ended as cancelled would never say that it has ended."""
        await stopped(super().on_thread_stop())

    def close(self) -> None:
        """Nothing, since the thread leaves the group when it stops.

        Faust calls this where a rebalance meets a stop. It would mark the client as closed and close it on a loop that is
        not the client's, so that the thread leaves it as it is and nobody tells the group.
        """

    async def call_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Has the thread do something. Raises ConsumerStoppedError when it stops, or has stopped, before that is done.

        A thread that stops cancels what it does, and Faust hands any exception over as it is. Whoever waits here would take
        that for a cancelling of its own: a stop that waits for a commit would break off, and so would a rebalance, which
        is the client's own task and leaves the group.
        """

        async def do_here() -> Any:
            try:
                return await maybe_async(fun(*args, **kwargs))
            except asyncio.CancelledError as error:
                raise ConsumerStoppedError from error

        if self.leaving or self.crashed:
            raise ConsumerStoppedError
        return await super().call_thread(do_here)

    async def seek_here(self, partition: TP, offset: int) -> None:
        """Moves a position, if the partition is still ours."""
        try:
            self._ensure_consumer().seek(driver.ensure_aiokafka_TP(partition), offset)
        except IllegalStateError:
            return

    async def commit_here(self, offsets: Mapping[TP, int]) -> bool:
        """Tells Kafka how far we are: for its lag tools only, so a failure is nobody's loss."""
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
        except (KafkaError, IllegalStateError) as error:
            log.info("commit_hint_failed", error=type(error).__name__)
            return False
        return True
