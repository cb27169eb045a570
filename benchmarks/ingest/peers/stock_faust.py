"""Peer: Faust as its manual shows it, an agent over `take_events()`, with our decoding, log and projections behind it."""

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import faust

from benchmarks.ingest.peers.our_writing import OurWriting, open_pool
from benchmarks.ingest.peers.task import Progress, Task
from services.ingest.garbage import GarbageCollector
from services.ingest.source.protocol import Offset

WITHIN_SECONDS = 0.2


class Taken(NamedTuple):
    """A record as our code knows it: Faust tells times in seconds."""

    offset: Offset
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp: int


def taken(message: Any) -> Taken:
    """A record of Faust's message."""
    return Taken(
        message.offset, message.key, message.value, message.headers, round(message.timestamp * 1_000)
    )


def make_app(task: Task) -> Any:
    """The app with its one agent. `take_events` is the form of `take` that tells offsets."""
    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap}",
        datadir=task.folder,
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=80,
        broker_heartbeat_interval=16,
        broker_max_poll_interval=1_000,
        stream_buffer_maxsize=2 * task.batch,
        autodiscover=False,
        web_enabled=False,
    )
    progress = Progress(task.progress)
    topic = app.topic(task.topic, key_serializer="raw", value_serializer="raw")

    async def write(stream: Any) -> None:
        writing = OurWriting(await open_pool(task.dsn))
        garbage = GarbageCollector()
        garbage.take_over()
        async for events in stream.take_events(task.batch, within=WITHIN_SECONDS):
            await writing.write([taken(event.message) for event in events])
            progress.add(len(events))
            garbage.batch_done()

    app.agent(topic, name="write")(write)
    return app


if __name__ == "__main__":
    app = make_app(Task.read(sys.argv[1]))
    app.finalize()
    sys.argv[1:] = ["worker", "--without-web", "--loglevel", "warn"]
    app.main()
