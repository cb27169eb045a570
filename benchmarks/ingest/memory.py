"""What a worker holds over a long run at full speed."""

import asyncio
import itertools
import tempfile
from collections.abc import Iterator

from bitacora_producer import Record

from benchmarks.ingest.comparison import BATCH
from benchmarks.ingest.cpu import held_mb, peak_mb
from benchmarks.ingest.figures import markdown_table
from benchmarks.ingest.measuring import LOOK_SECONDS, Load, new_task, wait_ready, watching
from benchmarks.ingest.pipelines import Worker, start_worker, stopped_at_last
from benchmarks.ingest.servers import Servers
from benchmarks.ingest.traffic import TrafficSpec, records

PARTS = 10


def measure_memory(servers: Servers, *, source: str, events: int, spec: TrafficSpec) -> str:
    """The section of the page."""
    parts, peak = asyncio.run(_measure(servers, source, events, spec))
    rows = [(f"{count:,}", f"{most:.0f}") for count, most in parts]
    return (
        f"## Memory over a long run\n\nThe most that one worker held (resident, MB) in each tenth of {events:,} events, sent "
        f"in {PARTS} heaps so that there is always more than it can take; source {source}, default settings, with everything "
        f"that runs behind the log. Peak of all: {peak:.0f} MB.\n\n"
        + markdown_table(("events so far", "MB"), rows)
    )


async def _measure(
    servers: Servers, source: str, events: int, spec: TrafficSpec
) -> tuple[list[tuple[int, float]], float]:
    dsn = await servers.new_database()
    topic = await asyncio.to_thread(servers.new_topic)
    made = records(spec)
    parts: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory(dir=servers.folder) as folder:
        task = new_task(servers, Load((), 0, BATCH), topic=topic, dsn=dsn, folder=folder)
        worker = start_worker(source, task, upkeep=True)
        async with watching(servers, dsn, topic) as settled, stopped_at_last([worker.child]):
            await wait_ready([worker])
            for part in range(1, PARTS + 1):
                await asyncio.to_thread(_send, servers, topic, made, events // PARTS)
                count, most = events // PARTS * part, 0.0
                while await settled() < count:
                    most = max(most, _held(worker))
                    await asyncio.sleep(LOOK_SECONDS)
                parts.append((count, most))
                print(f"{count:>9,} events  {most:.0f} MB", flush=True)
            peak = peak_mb(worker.child.pid)
    await asyncio.to_thread(servers.drop_topic, topic)
    await servers.drop_database(dsn)
    return parts, peak


def _send(servers: Servers, topic: str, made: Iterator[Record], count: int) -> None:
    servers.send(topic, list(itertools.islice(made, count)))


def _held(worker: Worker) -> float:
    if worker.child.exit_code() is not None:
        raise worker.child.failed(f"it ended with code {worker.child.exit_code()}")
    return held_mb(worker.child.pid)
