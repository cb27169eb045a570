"""The servers of a drill: a broker with a listener for each worker behind a proxy of its own, and a database."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from embedded.kafka import EmbeddedKafka
from embedded.ports import LOOPBACK, PortWish, free_port
from embedded.postgres import EmbeddedPostgres
from services.chassis.migrations import migrate
from tests.support.faults.proxy import FaultProxy
from tests.support.ingest import add_account

SLOTS = 4
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Servers:
    """Broker and database, and a proxy to each for every worker."""

    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    to_kafka: tuple[FaultProxy, ...]
    to_postgres: tuple[FaultProxy, ...]

    async def crash_postgres(self) -> None:
        """Ends every process of it at once, as `pg_ctl stop -m immediate` does."""
        await asyncio.to_thread(self.postgres.kill)

    async def revive_postgres(self) -> None:
        """Starts it again and waits until it has recovered."""
        self.postgres.launch()  # in this thread: a child dies with the thread that started it
        await asyncio.to_thread(self.postgres.wait_ready)

    async def crash_kafka(self) -> None:
        """SIGKILL."""
        await asyncio.to_thread(self.kafka.kill)

    async def revive_kafka(self) -> None:
        """Starts it again and waits until it answers."""
        self.kafka.launch()
        await asyncio.to_thread(self.kafka.wait_ready)

    @asynccontextmanager
    async def frozen_kafka(self) -> AsyncIterator[None]:
        """The broker stands still, with its connections open."""
        child = self.kafka.pid
        signal_process(child, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_process(child, signal.SIGCONT)

    async def new_database(self) -> str:
        """The name of a migrated database with the account of the traffic."""
        name = f"drill_{uuid.uuid4().hex[:10]}"
        conn = await asyncpg.connect(self.postgres.dsn)
        try:
            await conn.execute(f"CREATE DATABASE {name}")
        finally:
            await conn.close()
        dsn = self.postgres.dsn_of(name)
        await migrate(dsn)
        await add_account(dsn)
        return name

    async def drop_database(self, name: str) -> None:
        """Makes room for the next round."""
        conn = await asyncpg.connect(self.postgres.superuser_dsn)
        try:
            await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await conn.close()

    async def new_topic(self) -> str:
        """The name of an empty topic."""
        name = f"drill-{uuid.uuid4().hex[:10]}"

        def make() -> None:
            admin = KafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
            try:
                admin.create_topics({name: {"num_partitions": PARTITIONS, "replication_factor": 1}})
                admin.wait_for_topics([name])
            finally:
                admin.close()

        await asyncio.to_thread(make)
        return name

    async def log_ends(self, topic: str) -> dict[int, int]:
        """The next offset of every partition."""

        def ask() -> dict[int, int]:
            admin = KafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
            try:
                places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
                found = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
                return {place.partition: found[place].offset for place in places}
            finally:
                admin.close()

        return await asyncio.to_thread(ask)

    async def hinted(self, topic: str, group: str) -> dict[int, int] | None:
        """What Kafka was told last of how far the group is; None when the broker does not say."""

        def ask() -> dict[int, int] | None:
            try:
                admin = KafkaAdminClient(
                    bootstrap_servers=self.kafka.bootstrap,
                    bootstrap_timeout_ms=2_000,
                    request_timeout_ms=2_000,
                )
            except (KafkaError, OSError):
                return None
            try:
                found = admin.list_group_offsets({group: None})[group]
                return {place.partition: told.offset for place, told in found.items() if place.topic == topic}
            except KafkaError:
                return None
            finally:
                admin.close()

        return await asyncio.to_thread(ask)


@asynccontextmanager
async def running_servers(folder: Path, cache: Path) -> AsyncIterator[Servers]:
    """Starts everything; afterwards nothing is left."""
    broker, controller = free_port(), free_port()
    listeners = [free_port() for _ in range(SLOTS)]
    async with AsyncExitStack() as stack:
        to_kafka = [await stack.enter_async_context(FaultProxy(port)) for port in listeners]
        kafka = EmbeddedKafka(
            folder=folder / "kafka",
            cache=cache,
            ephemeral=True,
            port_wish=PortWish(required=broker),
            settings=_listeners(broker, controller, listeners, [proxy.port for proxy in to_kafka]),
            memory="192m",
        )
        # Commits wait for their WAL: a crash may take only what nobody was told of. Nothing is lost by skipping fsync,
        # since the machine lives on.
        postgres = EmbeddedPostgres(
            folder=folder / "postgres",
            cache=cache,
            ephemeral=True,
            settings={"synchronous_commit": "on"},
        )
        for server in (kafka, postgres):
            await asyncio.to_thread(server.prepare)
            server.launch()
            stack.callback(server.remove)
            stack.callback(server.stop)
        for server in (kafka, postgres):
            await asyncio.to_thread(server.wait_ready)
        to_postgres = [await stack.enter_async_context(FaultProxy(postgres.port)) for _ in range(SLOTS)]
        yield Servers(kafka, postgres, tuple(to_kafka), tuple(to_postgres))


def signal_process(pid: int, number: signal.Signals) -> None:
    """Sends a signal to a process of ours."""
    os.kill(pid, number)


def _listeners(broker: int, controller: int, own: list[int], shown: list[int]) -> dict[str, str]:
    """A listener for the drill itself and one for each worker, which is told the address of its proxy."""
    names = [f"WORKER{number}" for number in range(len(own))]
    to_workers = [f"{name}://{LOOPBACK}:{port}" for name, port in zip(names, own, strict=True)]
    told = [f"{name}://{LOOPBACK}:{port}" for name, port in zip(names, shown, strict=True)]
    direct = f"PLAINTEXT://{LOOPBACK}:{broker}"
    return {
        "listeners": ",".join([direct, f"CONTROLLER://{LOOPBACK}:{controller}", *to_workers]),
        "advertised.listeners": ",".join([direct, *told]),
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in ("PLAINTEXT", "CONTROLLER", *names)
        ),
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "group.min.session.timeout.ms": "1000",
        "num.network.threads": "1",
    }
