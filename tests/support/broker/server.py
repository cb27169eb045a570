"""The broker's socket, and what a test does with it."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from io import BytesIO
from uuid import UUID

from aiokafka.protocol.api import RequestHeader_v1, ResponseHeader_v0

from embedded.ports import LOOPBACK
from services.ingest.source.broker_facts import LogRange, TopicFacts
from services.ingest.source.protocol import Offset, TopicPartition
from tests.support.broker.answers import OFFERED, Answers
from tests.support.broker.faults import FetchFaults, Hold
from tests.support.broker.group import Group
from tests.support.broker.log import PartitionLog, RecordBytes

TOPIC_ID = UUID(int=7)


class Broker:
    """One topic on one broker. Also answers what BrokerFacts asks, from the same logs.

    Those questions do not go over the wire: kafka-python asks them in versions that aiokafka's classes cannot write,
    they are no part of the faults injected here, and KafkaFacts is tested on a real broker.
    """

    def __init__(self, topic: str = "events", *, partitions: int = 1) -> None:
        self._answers = Answers(topic, partitions)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.topic_id = TOPIC_ID

    @property
    def bootstrap(self) -> str:
        """Where clients find it."""
        return f"{self._answers.host}:{self._answers.port}"

    @property
    def faults(self) -> FetchFaults:
        """What goes wrong with fetches."""
        return self._answers.faults

    def hold_commits(self) -> Hold:
        """From now on offsets are committed, and answered, once the hold is released."""
        self._answers.held_commits = hold = Hold()
        return hold

    @property
    def asked(self) -> Mapping[str, int]:
        """How often each request came, by the name of its class."""
        return self._answers.asked

    def log(self, partition: int = 0) -> PartitionLog:
        """A partition, to look at or to cut; `append` wakes its readers too."""
        return self._answers.logs[partition]

    def group(self, name: str) -> Group:
        """A consumer group."""
        return self._answers.groups[name]

    def append(self, records: Sequence[RecordBytes], *, partition: int = 0) -> None:
        """Adds records and tells those who wait for some."""
        self.log(partition).append(records)
        self.tell()

    def tell(self) -> None:
        """Wakes fetches that wait."""
        self._answers.more.set()

    async def topic(self, topic: str) -> TopicFacts:
        """See BrokerFacts."""
        return TopicFacts(self.topic_id, tuple(range(len(self._answers.logs))))

    async def log_ranges(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, LogRange]:
        """See BrokerFacts."""
        return {
            place: LogRange(Offset(self.log(place.partition).start), Offset(self.log(place.partition).end))
            for place in partitions
        }

    async def start(self) -> None:
        """Listens on a free port."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self._answers.host, self._answers.port = self._server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        """Drops every connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while True:
                writer.write(await self._answer_one(reader))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # the client went away, or the broker is stopped: asyncio would report either as a crash
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader) -> bytes:
        """The next request of a connection and its answer, framed; a connection is served in order, as by Kafka."""
        (size,) = struct.unpack(">i", await reader.readexactly(4))
        frame = BytesIO(await reader.readexactly(size))
        header = RequestHeader_v1.SCHEMA.decode(frame)
        key, version, correlation_id = header[0], header[1], header[2]
        request_class = OFFERED[key]
        assert version == request_class.API_VERSION, f"request {key} came in version {version}"
        response = await self._answers.answer(request_class.decode(frame))
        body: bytes = ResponseHeader_v0(correlation_id).encode() + response.encode()
        return struct.pack(">i", len(body)) + body


@contextlib.asynccontextmanager
async def running_broker(*, topic: str = "events", partitions: int = 1) -> AsyncIterator[Broker]:
    """A broker for the length of a test."""
    broker = Broker(topic, partitions=partitions)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()
