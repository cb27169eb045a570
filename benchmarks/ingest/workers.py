"""One worker and two on the same topic: how much faster the second makes it, and what an event costs then."""

import asyncio
import itertools
import tempfile
from collections import defaultdict
from contextlib import ExitStack

from benchmarks.ingest.comparison import describe
from benchmarks.ingest.figures import Run, markdown_table, summarise
from benchmarks.ingest.measuring import Load, measure_running, new_task, wait_ready, watching
from benchmarks.ingest.pipelines import start_worker, stopped_at_last
from benchmarks.ingest.servers import Servers

COUNTS = (1, 2)


def compare_workers(servers: Servers, load: Load, *, source: str, rounds: int) -> str:
    """The section of the page."""
    return asyncio.run(_compare(servers, load, source, rounds))


async def _compare(servers: Servers, load: Load, source: str, rounds: int) -> str:
    runs: dict[int, list[Run]] = defaultdict(list)
    for number, workers in itertools.product(range(1, rounds + 1), COUNTS):
        run = await _measure(servers, load, source, workers)
        runs[workers].append(run)
        print(f"round {number}/{rounds}  {describe(f'{workers} x {source}', run)}", flush=True)
    figures = {workers: summarise(f"{workers}", runs[workers]) for workers in COUNTS}
    rows = [
        (
            str(workers),
            f"{found.events_per_second:,.0f}",
            f"{found.events_per_second / figures[1].events_per_second - 1:+.0%}",
            f"{found.worker:.1f}",
            f"{found.postgres:.1f}",
        )
        for workers, found in figures.items()
    ]
    columns = ("workers", "events/s", "against one", "workers' us/event", "PostgreSQL us/event")
    return (
        f"## A second worker\n\n{figures[1].events:,} events, source {source}, medians of {rounds} rounds in turn.\n\n"
        + markdown_table(columns, rows)
    )


async def _measure(servers: Servers, load: Load, source: str, workers: int) -> Run:
    dsn = await servers.new_database()
    topic = await asyncio.to_thread(servers.new_topic)
    with ExitStack() as stack:
        folders = [
            stack.enter_context(tempfile.TemporaryDirectory(dir=servers.folder)) for _ in range(workers)
        ]
        task = new_task(servers, load, topic=topic, dsn=dsn, folder=folders[0])
        await asyncio.to_thread(servers.send, topic, load.records[: load.warm])
        started = [start_worker(source, task, folder=folder) for folder in folders]
        async with watching(servers, dsn, topic) as settled, stopped_at_last([w.child for w in started]):
            await wait_ready(started)
            run = await measure_running(servers, [w.child for w in started], load, topic, settled)
    await asyncio.to_thread(servers.drop_topic, topic)
    await servers.drop_database(dsn)
    return run
