"""A worker in pieces: a real source reading the in-process broker, the real writer, a real database."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from services.chassis.health import Readiness
from services.chassis.settings import KafkaSettings
from services.ingest.batch.transaction import ClassifiedBatch, Outcome, Projections, WriteMode
from services.ingest.batch.writer import Writer, WriterOptions
from services.ingest.source.aiokafka_source import AiokafkaSource
from services.ingest.source.faust_source import FaustSource
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Batch, Jump, Offset, Source, TopicPartition
from services.ingest.supervision.supervision import Supervision
from tests.support import ingest
from tests.support.broker.server import Broker
from tests.support.checks.findings import Findings, Stage, only_wrong, until

Client = Literal["faust", "aiokafka"]

STOP_SECONDS = 40.0


class WatchedWriter(Writer):
    """The writer, with what its fence, its source and its rebalances did."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fence: Counter[str] = Counter()
        self.jumps: list[Jump] = []
        self.quiesced = 0
        self.offered: list[Batch] = []
        self.putting: Batch | None = None

    @property
    def is_full(self) -> bool:
        """Whether a batch waits to get in and cannot."""
        return self.putting is not None and self._queue.records > 0

    async def put(self, batch: Batch) -> None:
        self.offered.append(batch)
        self.putting = batch
        await asyncio.sleep(0)
        try:
            await super().put(batch)
        finally:
            self.putting = None

    async def check_jump(self, partition: TopicPartition, expected: Offset, found: Offset) -> Jump:
        jump = await super().check_jump(partition, expected, found)
        self.jumps.append(jump)
        return jump

    async def quiesce(self) -> None:
        self.quiesced += 1
        await super().quiesce()

    async def _transact(self, batches: Sequence[ClassifiedBatch], mode: WriteMode) -> Outcome:
        outcome = await super()._transact(batches, mode)
        self.fence.update(outcome.fence)
        return outcome

    def unrest(self) -> Findings:
        """What a rebalance must not cause: ranges that the fence refused, positions that had to be asked about."""
        return only_wrong({"refused": self.fence["refused"], "jumped": len(self.jumps)})


@dataclass(slots=True)
class BrokerWorker:
    """One running worker."""

    writer: WatchedWriter
    source: Source
    supervision: Supervision
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def raise_what_ended(self) -> None:
        """A part that died is an error of the check."""
        for task in self.tasks:
            if task.done():
                task.result()

    async def placed(self, partitions: Collection[TopicPartition]) -> None:
        """Waits until it reads these."""

        def holds() -> bool:
            self.raise_what_ended()
            return self.writer.committed().keys() >= set(partitions)

        await until(holds)


@asynccontextmanager
async def reading(
    stage: Stage,
    broker: Broker,
    client: Client,
    *,
    group: str = "readers",
    options: WriterOptions | None = None,
    projections: Projections = ingest.LOG_ONLY,
    session_seconds: float = 2.0,
) -> AsyncIterator[BrokerWorker]:
    """A worker that reads the broker's topic until the block ends."""
    readiness = Readiness()
    writer = WatchedWriter(stage.pool, broker, readiness, projections, options=options)
    source = make_source(stage, broker, client, writer, group, session_seconds)
    writer.attach(source)
    supervision = Supervision(stage.pool, broker, source, writer, readiness, stall_seconds=60)
    worker = BrokerWorker(writer, source, supervision)
    worker.tasks = [asyncio.create_task(writer.run()), asyncio.create_task(source.run())]
    try:
        yield worker
    finally:
        await source.stop()
        await asyncio.wait({worker.tasks[1]}, timeout=STOP_SECONDS)
        for task in worker.tasks:
            task.cancel()
        await asyncio.gather(*worker.tasks, return_exceptions=True)


def make_source(
    stage: Stage, broker: Broker, client: Client, writer: Writer, group: str, session_seconds: float
) -> Source:
    """The real source of a client, with short time-outs."""
    options = SourceOptions(
        topic="events",
        group=group,
        kafka=KafkaSettings(kafka_bootstrap=broker.bootstrap),
        session_timeout_seconds=session_seconds,
        pause_seconds=0.005,
    )
    if client == "aiokafka":
        return AiokafkaSource(options, writer)
    folder = stage.folder / uuid.uuid4().hex[:6]
    folder.mkdir()
    return FaustSource(options, writer, data_dir=folder)


def messages(first: int, count: int, *, contact: int = 0) -> list[tuple[bytes | None, bytes | None]]:
    """So many events of one contact; the same number and contact are the same fact."""
    return [ingest.customer_message(number, contact=contact) for number in range(first, first + count)]
