"""BrokerFacts of a real cluster, asked through kafka-python: the one client here that speaks of topic ids."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

from kafka import KafkaAdminClient
from kafka import TopicPartition as ClientPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from services.chassis.kafka import kafka_python_options, why_unreachable
from services.chassis.settings import KafkaSettings
from services.ingest.source.broker_facts import FactsUnavailableError, LogRange, TopicFacts
from services.ingest.source.protocol import TopicPartition

ANSWER_TIMEOUT_SECONDS = 20.0
CLOSE_SECONDS = 2.0
T = TypeVar("T")


class _ClientError(Exception):
    """What the client raised, by its type's name: after its own time-out it does not say why."""


class KafkaFacts:
    """The client blocks, so it lives on a thread of its own."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._options = kafka_python_options(settings)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="broker-facts")
        self._client: Any = None

    async def topic(self, topic: str) -> TopicFacts:
        """See BrokerFacts."""

        def ask(client: Any) -> TopicFacts:
            (described,) = client.describe_topics([topic])
            if described["error_code"]:
                raise FactsUnavailableError(f"the broker does not know the topic {topic}")
            numbers = sorted(part["partition_index"] for part in described["partitions"])
            return TopicFacts(UUID(str(described["topic_id"])), tuple(numbers))

        return await self._ask(ask)

    async def log_ranges(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, LogRange]:
        """See BrokerFacts."""

        def ask(client: Any) -> Mapping[TopicPartition, LogRange]:
            keys = [ClientPartition(*partition) for partition in partitions]
            starts = client.list_partition_offsets(dict.fromkeys(keys, OffsetSpec.EARLIEST))
            ends = client.list_partition_offsets(
                dict.fromkeys(keys, OffsetSpec.LATEST), isolation_level="read_committed"
            )
            return {
                TopicPartition(key.topic, key.partition): LogRange(starts[key].offset, ends[key].offset)
                for key in keys
            }

        return await self._ask(ask) if partitions else {}

    async def close(self) -> None:
        """Lets the client go; one that waits for a broker that hangs is left behind."""
        dropped = asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        await asyncio.wait({dropped}, timeout=CLOSE_SECONDS)
        self._thread.shutdown(wait=False)

    async def _ask(self, question: Callable[[Any], T]) -> T:
        def work() -> T:
            try:
                if self._client is None:
                    self._client = KafkaAdminClient(
                        **self._options, bootstrap_timeout_ms=10_000, request_timeout_ms=10_000
                    )
                return question(self._client)
            except (KafkaError, OSError, TimeoutError) as error:
                self._drop()
                raise _ClientError(type(error).__name__) from error

        answer = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.wait_for(answer, ANSWER_TIMEOUT_SECONDS)
        except TimeoutError:
            raise FactsUnavailableError("no answer in time") from None
        except _ClientError as error:
            why = await why_unreachable(self._settings)
            raise FactsUnavailableError(why or str(error)) from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                client.close()
            except (KafkaError, OSError):
                return  # a connection that is gone anyway
