"""One pipeline, once: warmed up, stopped while its topic is filled, let go, and measured until the last event is settled.

So neither start-up nor the sending of events is in the figures, every event is fetched, decoded and written within them,
and no pipeline competes with a producer.
"""

import asyncio
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitacora_producer import Record

from benchmarks.ingest.cpu import peak_mb
from benchmarks.ingest.figures import Run
from benchmarks.ingest.peers.task import Progress, Task
from benchmarks.ingest.pipelines import Pipeline, start_peer, start_worker
from benchmarks.ingest.servers import Servers
from embedded.child import Child
from services.chassis.postgres import OwnConnection, connect
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))
LOOK_SECONDS = 0.01
QUIET_SECONDS = 0.7
PATIENCE_SECONDS = 900.0

Settled = Callable[[], Coroutine[Any, Any, int]]
"""Tells how many events are settled for good."""


@dataclass(frozen=True, slots=True)
class Load:
    """Events in their order: the first `warm` of them warm a pipeline up, the rest is measured."""

    records: Sequence[Record]
    warm: int
    batch: int

    def of_share(self, share: float) -> "Load":
        """The same with fewer measured events, in whole batches, at least one event."""
        wanted = round((len(self.records) - self.warm) * share)
        kept = max(wanted - wanted % self.batch, min(wanted, self.batch), 1)
        return Load(self.records[: self.warm + kept], self.warm, self.batch)


async def measure(
    servers: Servers, pipeline: Pipeline, load: Load, dsn: str, *, peer_python: Path, source_dsn: str = ""
) -> Run:
    """Runs a pipeline into the database at `dsn`."""
    load = load.of_share(pipeline.share)
    with tempfile.TemporaryDirectory(dir=servers.folder) as folder:
        topic = await asyncio.to_thread(servers.new_topic) if pipeline.reads_kafka else ""
        task = new_task(servers, load, topic=topic, dsn=dsn, folder=folder, source_dsn=source_dsn)
        progress = Progress(task.progress)
        watch = await connect(dsn, application_name="benchmark")
        servers.watchers.add(watch.get_server_pid())

        async def told() -> int:
            return progress.value

        async def checkpointed() -> int:
            found: int = await watch.fetchval(SQL["count_settled"], topic)
            return found

        if topic:
            await asyncio.to_thread(servers.send, topic, load.records[: load.warm])
        if pipeline.source is not None:
            child = start_worker(pipeline.source, task)
            settled: Settled = checkpointed
        else:
            child = start_peer(pipeline, task, peer_python=peer_python)
            settled = told
        try:
            return await _measure_running(servers, [child], load, topic, settled)
        finally:
            child.send(signal.SIGCONT)
            await asyncio.to_thread(child.stop, 20)
            await _close(servers, watch)
            progress.close()
            if topic:
                await asyncio.to_thread(servers.drop_topic, topic)


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


async def _measure_running(
    servers: Servers, children: Sequence[Child], load: Load, topic: str, settled: Settled
) -> Run:
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


async def _close(servers: Servers, watch: OwnConnection) -> None:
    servers.watchers.discard(watch.get_server_pid())
    await watch.close()
