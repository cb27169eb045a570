"""Peer: the consumer of the tutorials. aiokafka, one transaction an event, offsets committed after each."""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.ingest.peers.our_writing import OurWriting, open_pool
from benchmarks.ingest.peers.task import Progress, Task


async def main(task: Task) -> None:
    """Writes events one by one, for ever."""
    progress = Progress(task.progress)
    writing = OurWriting(await open_pool(task.dsn))
    consumer = AIOKafkaConsumer(
        task.topic,
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=80_000,
    )
    await consumer.start()
    async for record in consumer:
        await writing.write([record])
        await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})
        progress.add(1)


if __name__ == "__main__":
    asyncio.run(main(Task.read(sys.argv[1])))
