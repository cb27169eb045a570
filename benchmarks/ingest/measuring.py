"""One pipeline, once: warmed up, stopped while its topic is filled, let go, and measured until the last event is settled.

So neither start-up nor the sending of events is in the figures, every event is fetched, decoded and written within them,
and no pipeline competes with a producer.
"""

import asyncio
import signal
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitacora_producer import Record

from benchmarks.ingest.cpu import peak_mb
from benchmarks.ingest.figures import Run
from benchmarks.ingest.peers.task import Progress, Task
from benchmarks.ingest.pipelines import Pipeline, Worker, start_peer, start_worker, stopped_at_last
from benchmarks.ingest.servers import Servers
from embedded.child import Child
from services.chassis.postgres import connect
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))
LOOK_SECONDS = 0.01
QUIET_SECONDS = 0.7
PATIENCE_SECONDS = 900.0
START_SECONDS = 60.0

Settled = Callable[[], Coroutine[Any, Any, int]]
"""Tells how many events are settled for good."""


@dataclass(frozen=True, slots=True)
class Load:
    """Events in their order: the first `warm` of them warm a pipeline up, the rest is measured."""

    records: Sequence[Record]
    warm: int
    batch: int

    def of_share(self, share: float) -> "Load":
        """The same with fewer events, measured ones in whole batches where there are as many."""
        wanted = round((len(self.records) - self.warm) * share)
        kept = max(wanted - wanted % self.batch, min(wanted, self.batch), 1)
        warm = round(self.warm * share)
        return Load(self.records[: warm + kept], warm, self.batch)


async def measure(
    servers: Servers, pipeline: Pipeline, load: Load, dsn: str, *, peer_python: Path, source_dsn: str = ""
) -> Run:
    """Runs a pipeline into the database at `dsn`."""
    load = load.of_share(pipeline.share)
    with tempfile.TemporaryDirectory(dir=servers.folder) as folder:
        topic = await asyncio.to_thread(servers.new_topic) if pipeline.reads_kafka else ""
        task = new_task(servers, load, topic=topic, dsn=dsn, folder=folder, source_dsn=source_dsn)
        if topic:
            await asyncio.to_thread(servers.send, topic, load.records[: load.warm])
        if pipeline.source is not None:
            child = start_worker(pipeline.source, task).child
            settling = watching(servers, dsn, topic)
        else:
            child = start_peer(pipeline, task, peer_python=peer_python)
            settling = told_by(task)
        async with settling as settled, stopped_at_last([child]):
            run = await measure_running(servers, [child], load, topic, settled)
        if topic:
            await asyncio.to_thread(servers.drop_topic, topic)
        return run


@asynccontextmanager
async def watching(servers: Servers, dsn: str, topic: str) -> AsyncIterator[Settled]:
    """Tells by the checkpoints of our worker; the backend that asks for them is left out of the CPU."""
    watch = await connect(dsn, application_name="benchmark")
    backend = watch.get_server_pid()
    servers.watchers.add(backend)

    async def settled() -> int:
        found: int = await watch.fetchval(SQL["count_settled"], topic)
        return found

    try:
        yield settled
    finally:
        servers.watchers.discard(backend)
        await watch.close()


@asynccontextmanager
async def told_by(task: Task) -> AsyncIterator[Settled]:
    """Tells by the count that a peer keeps."""
    progress = Progress(task.progress)

    async def settled() -> int:
        return progress.value

    try:
        yield settled
    finally:
        progress.close()


async def wait_ready(workers: Sequence[Worker]) -> None:
    """Returns when each worker says that it reads partitions."""
    deadline = time.monotonic() + START_SECONDS
    for worker in workers:
        while not await asyncio.to_thread(worker.is_ready):
            if worker.child.exit_code() is not None:
                raise worker.child.failed(f"it ended with code {worker.child.exit_code()}")
            if time.monotonic() > deadline:
                raise worker.child.failed(f"it was not ready within {START_SECONDS:.0f} s")
            await asyncio.sleep(0.1)


def new_task(
    servers: Servers, load: Load, *, topic: str, dsn: str, folder: str, source_dsn: str = ""
) -> Task:
    """What a process is told to do, under a group of its own."""
    return Task(
        bootstrap=servers.kafka.bootstrap,
        topic=topic,
        group=f"bench-{uuid.uuid4().hex[:10]}",
        dsn=dsn,
        progress=str(Path(folder) / "progress"),
        folder=folder,
        warm=load.warm,
        events=len(load.records) - load.warm,
        batch=load.batch,
        source_dsn=source_dsn,
    )


async def measure_running(
    servers: Servers, children: Sequence[Child], load: Load, topic: str, settled: Settled
) -> Run:
    """Measures processes that have been started, from the end of the warm-up to the last event. Leaves them running."""
    await wait_settled(settled, load.warm, children)
    await asyncio.sleep(QUIET_SECONDS)
    for child in children:
        child.send(signal.SIGSTOP)
    if topic:
        await asyncio.to_thread(servers.send, topic, load.records[load.warm :])
    await servers.settle()
    await asyncio.sleep(QUIET_SECONDS)
    pids = [child.pid for child in children]
    before, began = servers.cpu(pids), time.monotonic()
    for child in children:
        child.send(signal.SIGCONT)
    await wait_settled(settled, len(load.records), children)
    wall, cpu = time.monotonic() - began, servers.cpu(pids) - before
    return Run(
        events=len(load.records) - load.warm,
        worker_seconds=cpu.worker,
        postgres_seconds=cpu.postgres,
        broker_seconds=cpu.broker,
        wall_seconds=wall,
        peak_mb=max(peak_mb(pid) for pid in pids),
    )


async def wait_settled(settled: Settled, count: int, children: Sequence[Child]) -> None:
    """Returns once so many events are settled; fails with the end of a child's log when it ends before, or time does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await settled() < count:
        for child in children:
            if child.exit_code() is not None:
                raise child.failed(f"it ended with code {child.exit_code()}")
        if time.monotonic() > deadline:
            raise children[0].failed(f"{count} events were not settled within {PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(LOOK_SECONDS)
