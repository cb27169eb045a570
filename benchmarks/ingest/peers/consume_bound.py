"""Bound: aiokafka's getmany and nothing else. What any pipeline on this client pays before its first line of code."""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer

from benchmarks.ingest.peers.task import Progress, Task


async def main(task: Task) -> None:
    """Reads for ever."""
    progress = Progress(task.progress)
    consumer = AIOKafkaConsumer(
        task.topic,
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=80_000,
    )
    await consumer.start()
    while True:
        for records in (await consumer.getmany(timeout_ms=200, max_records=task.batch)).values():
            progress.add(len(records))


if __name__ == "__main__":
    asyncio.run(main(Task.read(sys.argv[1])))
