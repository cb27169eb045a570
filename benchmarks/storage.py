"""What fill factors buy: `python -m benchmarks.storage [EVENTS] [BATCH] [FILLFACTOR|migrated ...]`.

Writes the demo's live traffic at 500 events a second of its own clock, some thousand conversations at a time, through the
real writer into a database of its own, once a fill factor, and prints for each table how many of its updates stayed on their page (HOT: no index entry is written) and how many bytes an event takes.
`migrated` leaves every table as the migrations made it. Small batches are live traffic, large ones a backlog.
"""

import asyncio
import itertools
import logging
import random
import shutil
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from bitacora_producer import Producer

from benchmarks.ingest.cpu import used_by_cluster
from demo.cast import make_customer
from demo.traffic import live_happenings
from embedded.postgres import EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.health import Readiness
from services.chassis.migrations import migrate
from services.chassis.postgres import Connection, Pool, connect, create_pool
from services.ingest.batch.transaction import Projections
from services.ingest.batch.writer import Writer, WriterOptions
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome
from services.ingest.projection.project import project
from services.ingest.projection.rules import Rules
from services.ingest.source.protocol import Offset, TopicPartition
from services.ingest.upkeep.partitions import make_partitions
from services.ingest.upkeep.search_projector import mark_dirty, project_documents
from tests.support import ingest
from tests.support.memory_source import MemoryLog, MemoryRecord, batch_of
from tests.support.memory_transport import MemoryTransport

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
RATE = 500.0
CUSTOMERS = 20_000
HERE = TopicPartition("bench", 0)
DOCUMENTS_EVERY = 200
"""Batches between two rounds of the search projector."""
MIGRATED = "migrated"

LEAVES = """
SELECT c.oid::regclass::text AS leaf FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('log', 'projection', 'search') AND c.relkind = 'r'
"""
FIGURES = """
SELECT coalesce(i.inhparent, s.relid)::regclass::text AS relation, sum(n_tup_ins)::bigint AS inserted,
       sum(n_tup_upd)::bigint AS updated, sum(n_tup_hot_upd)::bigint AS hot,
       sum(pg_table_size(s.relid))::bigint AS heap, sum(pg_indexes_size(s.relid))::bigint AS indexes
FROM pg_stat_user_tables s LEFT JOIN pg_inherits i ON i.inhrelid = s.relid
JOIN pg_class c ON c.oid = s.relid
WHERE schemaname IN ('log', 'projection', 'search') AND c.relkind = 'r'
GROUP BY 1 HAVING sum(n_tup_ins) > 0 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One table after all events."""

    inserted: int
    updated: int
    hot: int
    heap: int
    indexes: int


@dataclass(frozen=True, slots=True)
class Run:
    """One fill factor: each table, and what the whole took of the server."""

    tables: Mapping[str, Figure]
    wal_bytes: int
    cpu_seconds: float


def tell(events: int, now: datetime = NOW, first_customer: int = 0) -> list[MemoryRecord]:
    """The demo's live traffic from `now` on as records, in the order they would have arrived."""
    customers = [make_customer(first_customer + number) for number in range(CUSTOMERS)]
    transport = MemoryTransport()
    producers: dict[tuple[str, str], Producer] = {}
    traffic = live_happenings(random.Random(1), customers, now, rate=RATE)
    for happening in itertools.islice(traffic, events):
        place = happening.customer.desk.connection, happening.environment
        if place not in producers:
            producers[place] = Producer(
                account="acme", connection=place[0], environment=happening.environment, transport=transport
            )
        producers[place].publish(
            happening.data, time=happening.happened_at or happening.at, recordedtime=happening.at
        )
    return [
        MemoryRecord(Offset(offset), record.key, record.value, record.headers)
        for offset, record in enumerate(transport.records)
    ]


async def fold(conn: Connection, events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    """The real projections under the usual rules."""
    return await project(conn, events, Rules())


async def write_all(pool: Pool, records: Sequence[MemoryRecord], batch: int) -> None:
    """Every record through the writer, `batch` in a transaction."""
    log = MemoryLog(HERE.topic, uuid.UUID(int=7))
    log.ends[HERE] = len(records)
    writer = Writer(
        pool,
        log,
        Readiness(),
        Projections(fold, mark_dirty),
        options=WriterOptions(batch_records=batch, queue_records=batch),
    )
    await writer.next_offsets([HERE])
    writing = asyncio.create_task(writer.run())
    for number, start in enumerate(range(0, len(records), batch)):
        part = records[start : start + batch]
        await writer.put(batch_of(HERE, start, start + len(part), part))
        if number % DOCUMENTS_EVERY == 0:
            async with pool.acquire() as conn:
                while await project_documents(conn):
                    pass
    while writer.committed()[HERE] < len(records):
        if writing.done():
            writing.result()
        await asyncio.sleep(0.01)
    writing.cancel()
    await asyncio.wait([writing])


async def measure(server: EmbeddedPostgres, records: Sequence[MemoryRecord], batch: int, fill: str) -> Run:
    """One database under one fill factor."""
    name = f"storage_{uuid.uuid4().hex[:8]}"
    dsn = server.dsn_of(name)
    owner = await connect(server.dsn, application_name="benchmark")
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    await migrate(dsn)
    await ingest.add_account(dsn)
    pool = await create_pool(dsn, application_name="benchmark", min_size=1, max_size=3)
    try:
        async with pool.acquire() as conn:
            await make_partitions(conn, lambda: NOW)
            if fill != MIGRATED:
                for row in await conn.fetch(LEAVES):
                    await conn.execute(f"ALTER TABLE {row['leaf']} SET (fillfactor = {int(fill)})")
        before = await pool.fetchval("SELECT pg_current_wal_insert_lsn()")
        cpu = used_by_cluster(server.pid, without=())
        await write_all(pool, records, batch)
        cpu = used_by_cluster(server.pid, without=()) - cpu
        wal = await pool.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", before)
        await pool.execute("SELECT pg_stat_force_next_flush()")
        await asyncio.sleep(1.5)  # statistics of other sessions arrive within a second
        rows = await pool.fetch(FIGURES)
    finally:
        await pool.close()
        await owner.close()
    tables = {
        row["relation"].removeprefix("projection."): Figure(
            row["inserted"], row["updated"], row["hot"], row["heap"], row["indexes"]
        )
        for row in rows
    }
    return Run(tables, int(wal), cpu)


def report(runs: Mapping[str, Run], events: int) -> None:
    """Two Markdown tables: the whole, and table by table."""
    print(
        "| fill factor | bytes an event, tables | indexes | WAL | server CPU us an event |\n|---|---|---|---|---|"
    )
    for fill, run in runs.items():
        heap = sum(each.heap for each in run.tables.values()) / events
        indexes = sum(each.indexes for each in run.tables.values()) / events
        cpu = run.cpu_seconds / events * 1e6
        print(f"| {fill} | {heap:.0f} | {indexes:.0f} | {run.wal_bytes / events:.0f} | {cpu:.0f} |")
    print("\nOf each table: share of HOT among its updates, then bytes an event of rows + indexes.\n")
    print("| table | updates an event | " + " | ".join(runs) + " |\n|---|---|" + "---|" * len(runs))
    for table in sorted(set().union(*(run.tables for run in runs.values()))):
        cells = []
        updated = 0
        for run in runs.values():
            each = run.tables[table]
            updated = each.updated
            share = f"{each.hot / each.updated:.0%}, " if each.updated else ""
            cells.append(f"{share}{each.heap / events:.0f} + {each.indexes / events:.0f}")
        print(f"| {table} | {updated / events:.3f} | " + " | ".join(cells) + " |")


async def main(events: int, batch: int, fills: Sequence[str]) -> None:
    """Runs every fill factor over the same records."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    records = tell(events)
    print(f"{len(records):,} events, batches of {batch}\n")
    folder = temporary_folder(server_user())
    cache = Path(__file__).parents[1] / ".bitacora" / "cache"
    runs: dict[str, Run] = {}
    with EmbeddedPostgres(folder=folder / "postgres", cache=cache, ephemeral=True) as server:
        for fill in fills:
            started = time.monotonic()
            runs[fill] = await measure(server, records, batch, fill)
            print(f"{fill}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    report(runs, len(records))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(
        main(
            int(arguments[0]) if arguments else 100_000,
            int(arguments[1]) if len(arguments) > 1 else 50,
            arguments[2:] or ["100", MIGRATED],
        )
    )
