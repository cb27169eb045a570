"""How soon an event can be read, from the producer's call to the visible commit, at several rates; and what that costs.

The producer is a process of its own. Visible means: another connection has seen the checkpoint behind the event; it looks
every few milliseconds, so the figures are too high by as much, never too low.
"""

import asyncio
import itertools
import multiprocessing
import tempfile
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from kafka import KafkaProducer

from benchmarks.ingest.comparison import BATCH
from benchmarks.ingest.cpu import CpuSeconds, peak_mb
from benchmarks.ingest.figures import markdown_table, percentile
from benchmarks.ingest.measuring import SQL, Load, new_task, wait_ready
from benchmarks.ingest.pipelines import start_worker, stopped_at_last
from benchmarks.ingest.servers import Servers
from benchmarks.ingest.traffic import TrafficSpec, records
from services.chassis.postgres import connect

RATES = (500, 1_000, 5_000)
WARM_SECONDS = 4.0
LOOK_SECONDS = 0.003
LINGER_MS = 5
TICK_SECONDS = 0.005


class Sent(NamedTuple):
    """An event on its way: when the producer was called (monotonic seconds), and where Kafka put it."""

    at: float
    partition: int
    offset: int


class Seen(NamedTuple):
    """A moment at which a partition's checkpoint was seen to have moved, and to which offset."""

    at: float
    next_offset: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """At one rate: seconds from call to visible, and shares of a core."""

    rate: int
    reached: float
    delays: Sequence[float]
    cpu: CpuSeconds
    seconds: float
    peak_mb: float


def delays(sent: Sequence[Sent], seen: Mapping[int, Sequence[Seen]]) -> list[float]:
    """Seconds from the call to the first sight of a checkpoint behind the event. LookupError when none was seen. Pure."""
    offsets = {partition: [moment.next_offset for moment in moments] for partition, moments in seen.items()}
    found = []
    for event in sent:
        place = bisect_right(offsets[event.partition], event.offset)
        found.append(seen[event.partition][place].at - event.at)
    return found


def send_paced(bootstrap: str, topic: str, spec: TrafficSpec, rate: int, seconds: float) -> list[Sent]:
    """Sends at an even rate, a few milliseconds' worth at a time, as the producer library does it; runs in its own process."""
    load = list(itertools.islice(records(spec), round(rate * seconds)))
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", compression_type="lz4", linger_ms=LINGER_MS
    )
    calls = []
    began = time.monotonic()
    for number, record in enumerate(load):
        due = began + number / rate
        if due - time.monotonic() > TICK_SECONDS:
            time.sleep(due - time.monotonic())
        at = time.monotonic()
        calls.append(
            (at, producer.send(topic, key=record.key, value=record.value, headers=list(record.headers)))
        )
    producer.flush(timeout=60)
    sent = []
    for at, call in calls:
        place = call.get(timeout=60)
        sent.append(Sent(at, place.partition, place.offset))
    producer.close()
    return sent


def measure_freshness(servers: Servers, *, source: str, seconds: float, rates: Sequence[int] = RATES) -> str:
    """The section of the page."""
    found = [asyncio.run(_measure(servers, source, rate, seconds)) for rate in rates]
    rows = [
        (
            f"{one.rate:,}",
            f"{one.reached:,.0f}",
            f"{percentile(one.delays, 0.5) * 1e3:.0f}",
            f"{percentile(one.delays, 0.99) * 1e3:.0f}",
            f"{max(one.delays) * 1e3:.0f}",
            f"{one.cpu.worker / one.seconds:.1%}",
            f"{one.cpu.postgres / one.seconds:.1%}",
            f"{one.peak_mb:.0f}",
        )
        for one in found
    ]
    columns = (
        "events/s asked",
        "sent",
        "p50 ms",
        "p99 ms",
        "max ms",
        "worker, of a core",
        "PostgreSQL, of a core",
        "peak MB",
    )
    return (
        f"## Freshness\n\nFrom the producer's call (linger {LINGER_MS} ms) to the visible commit: one worker, source {source}, "
        f"default settings, with everything that runs behind the log; {seconds:.0f} s at each rate after {WARM_SECONDS:.0f} s "
        "to warm up.\n\n" + markdown_table(columns, rows)
    )  # fmt: skip


async def _measure(servers: Servers, source: str, rate: int, seconds: float) -> Freshness:
    dsn = await servers.new_database()
    topic = await asyncio.to_thread(servers.new_topic)
    loop = asyncio.get_running_loop()
    spec = TrafficSpec(seed=rate)
    with (
        tempfile.TemporaryDirectory(dir=servers.folder) as folder,
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        task = new_task(servers, Load((), 0, BATCH), topic=topic, dsn=dsn, folder=folder)
        worker = start_worker(source, task, upkeep=True)
        async with stopped_at_last([worker.child]):
            await wait_ready([worker])
            sending = loop.run_in_executor(
                pool, send_paced, servers.kafka.bootstrap, topic, spec, rate, WARM_SECONDS + seconds
            )
            seen, cpu = await _watch(
                servers, dsn, topic, worker.child.pid, round(rate * (WARM_SECONDS + seconds))
            )
            sent = await sending
            peak = peak_mb(worker.child.pid)
    await asyncio.to_thread(servers.drop_topic, topic)
    await servers.drop_database(dsn)
    began = sent[0].at + WARM_SECONDS
    measured = [event for event in sent if event.at >= began]
    ended = measured[-1].at
    one = Freshness(
        rate=rate,
        reached=len(measured) / (ended - began),
        delays=delays(measured, seen),
        cpu=_at(cpu, ended) - _at(cpu, began),
        seconds=ended - began,
        peak_mb=peak,
    )
    print(
        f"{rate:,}/s  p99 {percentile(one.delays, 0.99) * 1e3:.0f} ms  worker {one.cpu.worker / one.seconds:.1%}",
        flush=True,
    )
    return one


async def _watch(
    servers: Servers, dsn: str, topic: str, pid: int, count: int
) -> tuple[dict[int, list[Seen]], list[tuple[float, CpuSeconds]]]:
    """Looks at the checkpoints, and at times at the CPU, until so many events are visible."""
    watch = await connect(dsn, application_name="benchmark")
    servers.watchers.add(watch.get_server_pid())
    seen: dict[int, list[Seen]] = {}
    cpu: list[tuple[float, CpuSeconds]] = []
    while True:
        rows = await watch.fetch(SQL["read_checkpoints"], topic)
        now = time.monotonic()
        for row in rows:
            moments = seen.setdefault(row["partition"], [])
            if not moments or moments[-1].next_offset != row["next_offset"]:
                moments.append(Seen(now, row["next_offset"]))
        if not cpu or now - cpu[-1][0] > 0.2:
            cpu.append((now, servers.cpu([pid])))
        if sum(row["next_offset"] for row in rows) >= count:
            break
        await asyncio.sleep(LOOK_SECONDS)
    servers.watchers.discard(watch.get_server_pid())
    await watch.close()
    return seen, cpu


def _at(samples: Sequence[tuple[float, CpuSeconds]], moment: float) -> CpuSeconds:
    """The sample nearest to a moment."""
    return min(samples, key=lambda sample: abs(sample[0] - moment))[1]
