"""Kafka by Faust: membership, rebalances, commits and worker life are Faust's; records go to the sink in whole lists.

Stock Faust hands out one event at a time and loses those whose handler raises. So its aiokafka consumer is subclassed
where it drains, seeks and commits (see `faust_surface.py`), and no agent ever sees an event.
"""

import asyncio
import logging
import ssl
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import faust
import structlog
from faust.app.base import BootStrategy
from faust.transport.drivers import aiokafka as driver
from faust.types import StreamT
from yarl import URL

from services.chassis.kafka import tls_context
from services.ingest.source.departure import depart
from services.ingest.source.faust_consumer import BatchConsumer
from services.ingest.source.faust_thread import BatchThread
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Sink, TopicPartition

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 3.0
MAX_POLL_SECONDS = 1_000.0
"""A worker that waits for the database must not lose its partitions meanwhile."""
REQUEST_SECONDS = 90.0
"""As Faust has it; more under a longer session, since it refuses to start with less than that."""


class SourceDiedError(Exception):
    """Faust ended although nobody stopped it."""


class NoWebNoProducer(BootStrategy):
    """What starts with the app: the consumer and what it needs. Our outbox relay has a producer of its own."""

    enable_web = False
    enable_kafka_producer = False
    enable_sensors = False


class FaustSource:
    """See Source. The app lives inside our process and event loop; Faust's command line and web server never run."""

    def __init__(self, options: SourceOptions, sink: Sink, *, data_dir: Path) -> None:
        self._options = options
        self._sink = sink
        self._data_dir = data_dir
        self._app: Any = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """See Source."""
        for chatty in ("mode", __name__, BatchConsumer.__module__, BatchThread.__module__):
            # Faust logs each start and stop of its services under the names of the modules that subclass them.
            logging.getLogger(chatty).setLevel(logging.WARNING)
        app = self._app = self._new_app()
        try:
            if await self._start(app):
                await self._until_stopped(app)
        finally:
            await depart("faust", app.stop())

    async def stop(self) -> None:
        """See Source."""
        self._stopping.set()
        await self._sink.quiesce()

    def assignment(self) -> frozenset[TopicPartition]:
        """See Source."""
        try:
            consumer = self._consumer()
            return frozenset() if consumer is None else consumer.mine()
        except faust.exceptions.ConsumerNotStarted:
            return frozenset()

    def joined(self) -> bool:
        """See Source."""
        consumer = self._consumer()
        return consumer is not None and consumer.placing.joined

    def reposition(self, partitions: Collection[TopicPartition]) -> None:
        """See Source."""
        if (consumer := self._consumer()) is not None:
            consumer.placing.unplaced.update(partitions)

    def _consumer(self) -> BatchConsumer | None:
        return None if self._app is None else cast("BatchConsumer | None", self._app._consumer)  # noqa: SLF001

    async def _start(self, app: Any) -> bool:
        """Starts the app, which waits for Kafka as long as it takes; answers False when asked to stop first."""
        starting = asyncio.ensure_future(app.start())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                return False
            starting.result()
            return True
        finally:
            starting.cancel()
            stopping.cancel()

    async def _until_stopped(self, app: Any) -> None:
        stopping = asyncio.ensure_future(self._stopping.wait())
        crashed = asyncio.ensure_future(app._crashed.wait())  # noqa: SLF001  the one way to hear of a crash
        try:
            await asyncio.wait({stopping, crashed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            crashed.cancel()
        if not self._stopping.is_set():
            raise SourceDiedError("faust") from app._crash_reason  # noqa: SLF001

    def _new_app(self) -> Any:
        options = self._options
        session = options.session_timeout_seconds

        class Consumer(BatchConsumer):
            sink = self._sink

        Consumer.options = options

        class Transport(driver.Transport):
            pass

        Transport.Consumer = Consumer

        class App(faust.App):
            def _new_transport(self) -> Any:
                return Transport(self.conf.broker_consumer, self)

        App.BootStrategy = NoWebNoProducer
        app = App(
            options.group,
            broker=[URL(f"kafka://{host.strip()}") for host in options.kafka.kafka_bootstrap.split(",")],
            broker_credentials=_credentials(options, tls_context(options.kafka)),
            broker_client_id="bitacora-ingest",
            consumer_group_instance_id=options.instance_id,
            consumer_auto_offset_reset="earliest",  # a position out of range shows as a jump
            consumer_metadata_max_age_ms=int(options.metadata_seconds * 1_000),
            broker_session_timeout=session,
            broker_heartbeat_interval=session / 5,
            broker_rebalance_timeout=session,
            broker_request_timeout=max(REQUEST_SECONDS, session + 10.0),
            broker_max_poll_records=options.fetch_records,
            broker_max_poll_interval=MAX_POLL_SECONDS,
            broker_commit_interval=COMMIT_SECONDS,
            topic_allow_declare=False,
            topic_disable_leader=True,
            stream_wait_empty=True,
            web_enabled=False,
            autodiscover=False,
            datadir=str(self._data_dir / "faust"),
            store="memory://",
        )
        topic = app.topic(options.topic, key_serializer="raw", value_serializer="raw")

        async def never_called(stream: StreamT[Any]) -> None:
            """Faust subscribes to topics that an agent reads; this one is given nothing."""
            async for _ in stream:
                raise SourceDiedError("faust handed an event to an agent")

        app.agent(topic, name="bitacora-ingest")(never_called)
        app.finalize()
        return app


def _credentials(options: SourceOptions, context: ssl.SSLContext | None) -> Any:
    kafka = options.kafka
    if kafka.kafka_security_protocol.startswith("SASL_"):
        assert kafka.kafka_sasl_password is not None
        return faust.SASLCredentials(
            username=kafka.kafka_sasl_username,
            password=kafka.kafka_sasl_password.get_secret_value(),
            mechanism=kafka.kafka_sasl_mechanism,
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context=context)
