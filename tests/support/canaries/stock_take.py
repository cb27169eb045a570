"""A build that reads as Faust's own documents show it: an agent, `take()`, and a transaction in its body."""

import contextlib
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any
from unittest.mock import patch

import faust
from yarl import URL

from services.ingest.batch.positioned_batch import PositionedBatch
from services.ingest.batch.transaction import ClassifiedBatch, WriteMode
from services.ingest.batch.writer import Writer
from services.ingest.log.decoding import classify_records, decode
from services.ingest.log.positions import START
from services.ingest.source import faust_source
from services.ingest.source.faust_source import FaustSource, NoWebNoProducer
from services.ingest.source.protocol import TopicPartition
from tests.support.checks import broker_worker
from tests.support.memory_source import MemoryRecord, batch_of

TAKEN = 20


class TakeSource(FaustSource):
    """The app of stock Faust. An agent that raises is started again, and what it had taken counts as done."""

    def assignment(self) -> frozenset[TopicPartition]:
        """See Source."""
        consumer = None if self._app is None else self._app._consumer
        try:
            assigned = () if consumer is None else consumer.assignment()
        except faust.exceptions.ConsumerNotStarted:
            assigned = ()
        return frozenset(TopicPartition(*partition) for partition in assigned)

    def reposition(self, partitions: Collection[TopicPartition]) -> None:
        """Faust cannot be told."""

    def _new_app(self) -> Any:
        options = self._options

        class App(faust.App):
            pass

        App.BootStrategy = NoWebNoProducer
        app = App(
            options.group,
            broker=[URL(f"kafka://{options.kafka.kafka_bootstrap}")],
            broker_session_timeout=options.session_timeout_seconds,
            broker_heartbeat_interval=options.session_timeout_seconds / 5,
            consumer_auto_offset_reset="earliest",
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            autodiscover=False,
            datadir=str(self._data_dir / "faust"),
            store="memory://",
        )
        topic = app.topic(options.topic, key_serializer="raw", value_serializer="raw")

        async def store(stream: Any) -> None:
            async for events in stream.take_events(TAKEN, within=0.05):
                for place, run in groupby(events, key=lambda event: event.message.tp):
                    await _write(self._sink, TopicPartition(*place), [event.message for event in run])

        app.agent(topic, name="store")(store)
        app.finalize()
        return app


async def _write(sink: Any, partition: TopicPartition, taken: list[Any]) -> None:
    """One transaction; what it raises goes to Faust."""
    assert isinstance(sink, Writer)
    if partition not in sink.topic_ids():
        await sink.next_offsets([partition])
    records = [
        MemoryRecord(each.offset, each.key, each.value, (), int(each.timestamp * 1_000)) for each in taken
    ]
    batch = PositionedBatch(batch_of(partition, records[0].offset, records[-1].offset + 1, records))
    await sink._accounts.learn(sink._pool, {"acme"})
    classified = classify_records(records, decode(records), START, sink._accounts.find)
    outcome = await sink._transact([ClassifiedBatch(batch, classified)], WriteMode())
    sink._remember(outcome, [batch])


@contextlib.contextmanager
def take() -> Iterator[None]:
    """Stock Faust's `take()` in place of the hand-over."""
    with (
        patch.object(broker_worker, "FaustSource", TakeSource),
        patch.object(faust_source, "FaustSource", TakeSource),
    ):
        yield
