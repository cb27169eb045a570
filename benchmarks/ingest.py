"""What an event costs from Kafka to committed rows: `python -m benchmarks.ingest [EVENTS] [faust|aiokafka ...]`.

Each pipeline reads the same topic into an empty database, one worker, one after the other. CPU is that of the worker
process and of all PostgreSQL processes, from the kernel's accounts; the wall clock runs from the first commit to the last.
"""

import asyncio
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

import asyncpg
import psutil
from kafka.admin import KafkaAdminClient

from embedded.kafka import EmbeddedKafka
from embedded.postgres import EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.migrations import migrate
from tests.support import ingest
from tests.support.ingest_traffic import Ledger, Traffic
from tests.support.processes import ServiceProcess

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".bitacora" / "cache"
PARTITIONS = 4


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """User and system time of these processes and of their children that have ended."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


async def measure(
    source: str, kafka: EmbeddedKafka, postgres: EmbeddedPostgres, topic: str, records: int
) -> None:
    """Runs one worker over the whole topic and prints what it cost."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    owner = await asyncpg.connect(postgres.dsn)
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    dsn = postgres.dsn_of(name)
    await migrate(dsn)
    await ingest.add_account(dsn)
    conn = await asyncpg.connect(dsn)
    settings = {
        "BITACORA_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "BITACORA_POSTGRES_DSN": dsn,
        "BITACORA_DATA_DIR": tempfile.mkdtemp(),
        "BITACORA_INGEST_TOPIC": topic,
        "BITACORA_INGEST_GROUP": name,
        "BITACORA_INGEST_SOURCE": source,
        "BITACORA_INGEST_PAUSE_MS": "0",
        "BITACORA_INGEST_UPKEEP": "false",
    }
    postmaster = psutil.Process(postgres.pid)
    database_before = cpu_seconds([postmaster, *postmaster.children()])
    worker = ServiceProcess("services.ingest", settings, Path(settings["BITACORA_DATA_DIR"])).start()
    process = psutil.Process(worker.pid)
    first = 0.0
    worker_before = 0.0
    peak = 0
    while True:
        done = await conn.fetchval("SELECT coalesce(sum(next_offset), 0) FROM log.checkpoint")
        if done and not first:
            first, worker_before = time.monotonic(), cpu_seconds([process])
        peak = max(peak, process.memory_info().rss)
        if done == records:
            break
        await asyncio.sleep(0.02)
    wall = time.monotonic() - first
    worker_cpu = cpu_seconds([process]) - worker_before
    database_cpu = cpu_seconds([postmaster, *postmaster.children()]) - database_before
    print(
        f"bitacora-{source:<9} {records:>7} events  {records / wall:>7.0f} events/s"
        f"  worker {worker_cpu / records * 1e6:>6.1f} us/event  postgres {database_cpu / records * 1e6:>6.1f} us/event"
        f"  peak {peak / 2**20:>4.0f} MB"
    )
    worker.terminate()
    await conn.close()
    await owner.close()


def main(events: int, sources: list[str]) -> None:
    """Starts a broker and a database of its own, fills a topic, measures each source."""
    folder = temporary_folder(server_user())
    with (
        EmbeddedKafka(folder=folder / "kafka", cache=CACHE, ephemeral=True) as kafka,
        EmbeddedPostgres(folder=folder / "postgres", cache=CACHE, ephemeral=True) as postgres,
    ):
        topic = f"bench-{uuid.uuid4().hex[:8]}"
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        admin.create_topics({topic: {"num_partitions": PARTITIONS, "replication_factor": 1}})
        admin.wait_for_topics([topic])
        admin.close()
        traffic = Traffic(kafka.bootstrap, topic, ledger := Ledger(), seed=1, threads=5_000)
        traffic.send(events)
        traffic.flush()
        traffic.close()
        print(f"{ledger.deliveries} records, {PARTITIONS} partitions, {os.cpu_count()} cores")
        for source in sources:
            asyncio.run(measure(source, kafka, postgres, topic, ledger.deliveries))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2:] or ["faust", "aiokafka"])
