"""One fault at a time on real servers: a topic, a database, workers, and what must have come of it in the end."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from kafka import KafkaProducer
from kafka import TopicPartition as ClientPartition
from kafka.admin import KafkaAdminClient

from services.chassis.settings import KafkaSettings
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.rebuilding import verify
from services.ingest.source.broker_facts import LogRange
from services.ingest.source.kafka_facts import KafkaFacts
from services.ingest.source.protocol import TopicPartition
from tests.support import ingest, ingest_oracle
from tests.support.faults.directed_health import said_of
from tests.support.faults.oracle import broken_invariants
from tests.support.processes import RunService, ServiceProcess
from tests.support.stack import run_blocking

INGEST = "services.ingest"
SESSION_SECONDS = 6
CONTACTS = 20
PATIENCE = 60.0
"""Seconds after which a wait has failed: far more than anything here takes, since the machine may be busy."""


_REFUSED = """
    SELECT partition, position - CASE WHEN d.topic_id = c.topic_id THEN first_position ELSE 0 END
    FROM log.dead_letter d JOIN log.checkpoint c USING (stream_id)"""
"""By Kafka's offsets, where the topic was made anew once at most."""


@dataclass(slots=True)
class Books:
    """What Kafka acknowledged and what is to become of it."""

    events: set[UUID] = field(default_factory=set)
    lost: set[UUID] = field(default_factory=set)
    """Events that Kafka deleted unread; their partition must have halted for them."""
    refused: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Partition and offset of records that belong to the dead letters, once for each incarnation of the topic."""


@dataclass(slots=True)
class Scene:
    """A topic of its own, a database of its own, and workers that read the one into the other.

    Contacts of traffic are numbered; a contact always writes to the same partition, as its thread key would make it.
    """

    bootstrap: str
    dsn: str
    topic: str
    settings: Mapping[str, str]
    run_service: RunService
    books: Books = field(default_factory=Books)
    workers: list[ServiceProcess] = field(default_factory=list)
    number: int = 0

    # ---------------------------------------------------------------- workers

    def start(self, **changes: str) -> ServiceProcess:
        """Starts a worker; `changes` are settings without their prefix, in small letters."""
        named = {f"BITACORA_{name.upper()}": value for name, value in changes.items()}
        worker = self.run_service(INGEST, {**self.settings, **named})
        self.workers.append(worker)
        return worker

    async def stop(self, worker: ServiceProcess) -> None:
        """Asks a worker to end, and sees that it does so in good order."""
        assert await asyncio.to_thread(worker.terminate) == 0, worker.log()[-3_000:]

    # ---------------------------------------------------------------- traffic

    def messages(
        self, count: int, *, first_contact: int = 0, partitions: int = 2, only: int | None = None
    ) -> list["Sending"]:
        """The next `count` messages of twenty contacts; `only` those of the contacts that write to that partition."""
        made: list[Sending] = []
        while len(made) < count:
            self.number += 1
            contact = first_contact + self.number % CONTACTS
            if only is None or contact % partitions == only:
                key, value = ingest.customer_message(self.number, contact=contact)
                made.append(Sending(key, value, contact % partitions))
        return made

    def send(self, sendings: Sequence["Sending"]) -> list[tuple[int, int]]:
        """Sends and waits for every acknowledgement; answers partitions and offsets, in the order of the records."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=5)
        try:
            futures = [
                producer.send(self.topic, key=each.key, value=each.value, partition=each.partition)
                for each in sendings
            ]
            producer.flush(timeout=PATIENCE)
            placed = [future.get(timeout=PATIENCE) for future in futures]
        finally:
            producer.close()
        for each, place in zip(sendings, placed, strict=True):
            if each.refused:
                self.books.refused[place.partition, place.offset] += 1
            else:
                self.books.events.add(each.event_id)
        return [(place.partition, place.offset) for place in placed]

    async def write(self, count: int, **which: Any) -> list["Sending"]:
        """Sends the next `count` messages; answers them."""
        sendings = self.messages(count, **which)
        await asyncio.to_thread(self.send, sendings)
        return sendings

    # ---------------------------------------------------------------- Kafka

    def admin(self, work: Callable[[KafkaAdminClient], Any]) -> Any:
        """Does something with an admin client of its own."""
        client = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            return work(client)
        finally:
            client.close()

    async def delete_records(self, partition: int, before: int) -> None:
        """What retention does: everything below `before` is gone."""
        records = {ClientPartition(self.topic, partition): before}
        await asyncio.to_thread(self.admin, lambda client: client.delete_records(records))

    async def recreate_topic(self, partitions: int = 2) -> None:
        """Deletes the topic and makes it anew, under the same name."""

        def work(client: KafkaAdminClient) -> None:
            client.delete_topics([self.topic])
            deadline = time.monotonic() + PATIENCE
            while self.topic in client.list_topics():
                assert time.monotonic() < deadline, "the topic is still there"
                time.sleep(0.02)
            client.create_topics({self.topic: {"num_partitions": partitions, "replication_factor": 1}})
            client.wait_for_topics([self.topic])

        await asyncio.to_thread(self.admin, work)

    async def ranges(self) -> Mapping[int, LogRange]:
        """What Kafka holds, by partition."""
        facts = KafkaFacts(KafkaSettings(kafka_bootstrap=self.bootstrap))
        try:
            numbers = (await facts.topic(self.topic)).partitions
            found = await facts.log_ranges([TopicPartition(self.topic, number) for number in numbers])
        finally:
            await facts.close()
        return {place.partition: found[place] for place in found}

    # ---------------------------------------------------------------- waiting

    async def until(self, holds: Callable[[], Awaitable[bool]], *, what: str) -> None:
        """Waits until it holds; fails with the workers' logs when that takes too long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not await holds():
            assert loop.time() < deadline, (what, [worker.log()[-3_000:] for worker in self.workers])
            await asyncio.sleep(0.05)

    async def caught_up(self, *, but: Sequence[int] = ()) -> None:
        """Every checkpoint stands at the end of its partition, those of `but` left out."""
        ends = {number: log.end for number, log in (await self.ranges()).items() if number not in but}

        async def holds() -> bool:
            found = {number: at for number, at in (await self.positions()).items() if number not in but}
            return found == ends

        await self.until(holds, what=f"checkpoints at {ends}")

    async def halted(self, partition: int) -> asyncpg.Record:
        """Waits until a partition is halted; answers its row."""
        found: list[asyncpg.Record] = []

        async def holds() -> bool:
            rows = await self.fetch(
                "SELECT * FROM log.checkpoint WHERE partition = $1 AND halted_at IS NOT NULL", partition
            )
            found.extend(rows)
            return bool(rows)

        await self.until(holds, what=f"partition {partition} halted")
        return found[0]

    async def ready(self, worker: ServiceProcess) -> None:
        """Waits until a worker says that it is ready."""

        async def holds() -> bool:
            return (await asyncio.to_thread(said_of, worker)).get("status") == "ready"

        await self.until(holds, what="ready")

    async def unready(self, worker: ServiceProcess, check: str, reason: str) -> None:
        """Waits until a worker says that it is not ready, and why."""

        async def holds() -> bool:
            said = await asyncio.to_thread(said_of, worker)
            if said.get("status") != "unready":
                return False
            found = said["checks"][check]
            return not found["ok"] and reason in found["reason"]

        await self.until(holds, what=f"unready by {check}: {reason}")

    # ---------------------------------------------------------------- database

    async def fetch(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """Rows, over a connection of its own."""
        conn = await asyncpg.connect(self.dsn)
        try:
            return list(await conn.fetch(sql, *values))
        finally:
            await conn.close()

    async def positions(self) -> dict[int, int]:
        """Partition to next offset."""
        rows = await self.fetch("SELECT partition, next_offset FROM log.checkpoint")
        return {row["partition"]: row["next_offset"] for row in rows}

    # ---------------------------------------------------------------- the end

    async def settled(self) -> None:
        """Every worker has ended well or been ended by the test; now nothing is lost, doubled or different."""
        for worker in self.workers:
            if worker.exit_code() is None:
                await self.stop(worker)
        conn = await asyncpg.connect(self.dsn)
        try:
            logged = Counter(await ingest_oracle.logged_ids(conn))
            refused = Counter(tuple(row) for row in await conn.fetch(_REFUSED))
            broken = await broken_invariants(conn)
        finally:
            await conn.close()
        doubled = [event_id for event_id, count in logged.items() if count > 1]
        missing = self.books.events - self.books.lost - set(logged)
        assert (missing, doubled, set(logged) - self.books.events) == (set(), [], set())
        assert refused == self.books.refused
        assert broken == {}
        replayed = await verify(self.dsn, Rules())
        assert [table for table in replayed.tables if not table.equal] == []


@dataclass(frozen=True, slots=True)
class Sending:
    """A record to send: a good event, or one that must be refused."""

    @classmethod
    def broken(cls, partition: int) -> "Sending":
        """One that is no event."""
        return cls(b"some key", b"{not json", partition, refused=True)

    key: bytes | None
    value: bytes | None
    partition: int
    refused: bool = False

    @property
    def event_id(self) -> UUID:
        """Of a good event."""
        assert self.value is not None
        return UUID(msgspec.json.decode(self.value)["id"])


def make_scene(
    bootstrap: str,
    dsn: str,
    folder: str,
    run_service: RunService,
    *,
    partitions: int = 2,
    source: str = "faust",
) -> Iterator[Scene]:
    """A scene for one test, with the account of its traffic."""
    run_blocking(ingest.add_account(dsn))
    for topic in ingest.fresh_topic(bootstrap, partitions=partitions):
        settings = {
            "BITACORA_KAFKA_BOOTSTRAP": bootstrap,
            "BITACORA_POSTGRES_DSN": dsn,
            "BITACORA_DATA_DIR": folder,
            "BITACORA_INGEST_SOURCE": source,
            "BITACORA_INGEST_TOPIC": topic,
            "BITACORA_INGEST_GROUP": f"directed-{uuid.uuid4().hex[:8]}",
            "BITACORA_INGEST_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
            "BITACORA_INGEST_CHECK_SECONDS": "0.5",
            "BITACORA_INGEST_METADATA_SECONDS": "2",
            "BITACORA_INGEST_BATCH_RECORDS": "200",
            "BITACORA_INGEST_UPKEEP": "false",
        }
        yield Scene(bootstrap, dsn, topic, settings, run_service)
