"""Kafka and PostgreSQL of the benchmark's own, started as one would run them, not as tests do."""

import asyncio
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from bitacora_producer import Record
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from benchmarks.ingest.cpu import CpuSeconds, used, used_by_cluster
from benchmarks.ingest.traffic import ACCOUNT
from embedded.kafka import EmbeddedKafka
from embedded.postgres import EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.migrations import migrate
from services.chassis.postgres import connect
from services.ingest.upkeep.partitions import make_partitions
from tests.support.ingest import add_account

CACHE = Path(__file__).parents[2] / ".bitacora" / "cache"
PARTITIONS = 4
TEMPLATE = "bench_template"
POSTGRES_SETTINGS: Mapping[str, str] = {
    # Durable, as in production: a pipeline that commits for each event pays for each flush.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "autovacuum_naptime": "60s",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
}
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=4",)
"""The broker's full compiler, which the embedded one goes without to start sooner."""


@dataclass(slots=True)
class Servers:
    """The running servers. `watchers` are backends that only look on: their CPU is nobody's cost."""

    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    folder: Path
    watchers: set[int] = field(default_factory=set)

    def cpu(self, worker_pids: Sequence[int]) -> CpuSeconds:
        """What the processes have used so far."""
        return CpuSeconds(
            worker=sum(used(pid) for pid in worker_pids),
            postgres=used_by_cluster(self.postgres.pid, without=self.watchers),
            broker=used(self.kafka.pid),
        )

    async def new_database(self) -> str:
        """The address of a migrated database with its partitions and an account, and nothing else."""
        name = f"bench_{uuid.uuid4().hex[:10]}"
        owner = await asyncpg.connect(self.postgres.dsn)
        try:
            await owner.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        finally:
            await owner.close()
        return self.postgres.dsn_of(name)

    async def drop_database(self, dsn: str) -> None:
        """Gives its room back."""
        owner = await asyncpg.connect(self.postgres.superuser_dsn)
        try:
            await owner.execute(f"DROP DATABASE IF EXISTS {dsn.rpartition('/')[2]} WITH (FORCE)")
        finally:
            await owner.close()

    async def settle(self) -> None:
        """Writes what others left behind, so that the next one does not pay for it."""
        owner = await asyncpg.connect(self.postgres.superuser_dsn, command_timeout=300)
        try:
            await owner.execute("CHECKPOINT")
        finally:
            await owner.close()

    def new_topic(self) -> str:
        """A topic of its own for a run."""
        name = f"bench-{uuid.uuid4().hex[:10]}"
        admin = KafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        try:
            admin.create_topics({name: {"num_partitions": PARTITIONS, "replication_factor": 1}})
            admin.wait_for_topics([name])
        finally:
            admin.close()
        return name

    def drop_topic(self, name: str) -> None:
        """Gives its room back."""
        admin = KafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        try:
            admin.delete_topics([name])
        finally:
            admin.close()

    def send(self, topic: str, records: Sequence[Record]) -> None:
        """Sends records as the producer library does (lz4, acks from all), and waits until the broker has them."""
        producer = KafkaProducer(
            bootstrap_servers=self.kafka.bootstrap,
            acks="all",
            compression_type="lz4",
            linger_ms=20,
            batch_size=65_536,
        )
        try:
            for record in records:
                producer.send(topic, key=record.key, value=record.value, headers=list(record.headers))
            producer.flush(timeout=300)
        finally:
            producer.close()


@contextmanager
def servers() -> Iterator[Servers]:
    """Starts both, and ends them with everything they hold."""
    folder = temporary_folder(server_user())
    try:
        with (
            EmbeddedKafka(
                folder=folder / "kafka", cache=CACHE, ephemeral=True, memory="512m", extra_java=JAVA_OPTIONS
            ) as kafka,
            EmbeddedPostgres(
                folder=folder / "postgres", cache=CACHE, ephemeral=True, settings=POSTGRES_SETTINGS
            ) as postgres,
        ):
            asyncio.run(make_template(postgres))
            yield Servers(kafka, postgres, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def make_template(postgres: EmbeddedPostgres) -> None:
    """Makes the database that those of the runs are copied from."""
    owner = await asyncpg.connect(postgres.dsn)
    await owner.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
    await owner.close()
    dsn = postgres.dsn_of(TEMPLATE)
    await migrate(dsn)
    conn = await connect(dsn, application_name="benchmark")
    await make_partitions(conn)
    await conn.close()
    await add_account(dsn, ACCOUNT)
