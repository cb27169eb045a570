"""Faust's consumer, made to drain whole record lists into the sink instead of handing out events one by one.

Everything overridden here is listed in `faust_surface.py` and checked when this module is imported.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from services.ingest.source.faust_surface import check_surface
from services.ingest.source.faust_thread import BatchThread
from services.ingest.source.hand_over import Fetched
from services.ingest.source.options import SourceOptions
from services.ingest.source.placing import Placing
from services.ingest.source.protocol import Sink, TopicPartition

FETCH_SECONDS = 1.0

check_surface()


class BatchConsumer(driver.Consumer):
    """Drains whole record lists into the sink."""

    sink: Sink
    options: SourceOptions

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.placing = Placing(self.sink)
        self._told: dict[TP, int] = {}
        super().__init__(*args, **kwargs)

    _thread: BatchThread

    @property
    def epoch(self) -> int:
        """Another after every rebalance."""
        return self.placing.epoch

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def perform_seek(self) -> None:
        """Faust asks after every assignment, before it lets records flow. The placing itself may have to wait for the
        database longer than Faust would, so the drain does it before its next fetch.
        """
        self.placing.assigned(self.mine())

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Whatever is open ends, and what is durable is told to Kafka, before the group goes on."""
        self.stop_flow()
        self.placing.revoked([TopicPartition(*partition) for partition in revoked])
        await self.sink.quiesce()
        await self.commit()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Also called, with nothing, where the group has more workers than partitions."""
        await super().on_partitions_assigned(assigned, generation_id)
        self.placing.joined = True

    async def wait_empty(self) -> None:
        """Nothing of Faust's own is ever under way; ours ends within the sink's bounds."""
        await self.sink.quiesce()
        await self.commit()

    async def _seek(self, partition: TP, offset: int) -> None:
        await self._thread.call_thread(self._thread.seek_here, partition, offset)

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                if self.placing.unplaced and self.flow_active:
                    await self._place()
                count = await self._drain_once()
                if 0 < count < self.options.pause_below:
                    await asyncio.sleep(self.options.pause_seconds)
        except (ConsumerStoppedError, asyncio.CancelledError):
            # Amid a rebalance Faust takes a cancelled fetcher for a crash, even where its own stop has cancelled it, and
            # ends everything at once: the thread too, with what the stop still waits for.
            if not self.app.should_stop:
                raise
        except (
            Exception
        ) as error:  # Faust would restart a dead fetcher in silence; the process must end instead
            await self.app.crash(error)
            raise

    async def _place(self) -> None:
        placement = await self.placing.place(self.mine())
        if placement is None:
            return
        for partition, offset in placement.next_offsets.items():
            await self._seek(TP(*partition), offset)
        self.pause_partitions([TP(*partition) for partition in placement.halted])
        self.resume_partitions([TP(*partition) for partition in placement.next_offsets])
        self.placing.placed()

    async def _drain_once(self) -> int:
        records, _active = await self._wait_next_records(FETCH_SECONDS)
        epoch = self.epoch
        count = 0
        for partition, fetched in cast("Mapping[TP, Fetched]", records or {}).items():
            if epoch != self.epoch:
                break  # every partition is placed anew, which puts these back
            ours = TopicPartition(*partition)
            if ours in self.placing.unplaced:
                continue
            again = await self.placing.hand_over.offer(ours, fetched)
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
        try:
            done: bool = await self._thread.call_thread(self._thread.commit_here, offsets)
        except ConsumerStoppedError:
            return False  # as where commit_here fails
        if done:
            self._told.update(offsets)
        return done

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks at streams here, which are idle by design; our own supervision looks at the checkpoints."""
