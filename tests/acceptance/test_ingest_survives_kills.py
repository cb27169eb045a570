"""A worker that is killed again and again under load loses nothing and doubles nothing."""

import asyncio
import os
import random
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest

from tests.support import ingest, ingest_oracle
from tests.support.ingest_traffic import Ledger, Traffic
from tests.support.processes import RunService, ServiceProcess

EVENTS = 20_400
KILLS = 22
INGEST = "services.ingest"
SEED = int(os.environ.get("BITACORA_TEST_SEED", "20260302"))


@pytest.fixture
def topic(kafka_bootstrap: str) -> Iterator[str]:
    yield from ingest.fresh_topic(kafka_bootstrap)


@pytest.fixture
def second_database(postgres_server: object, migrated_template: str) -> Iterator[str]:
    from tests.support.stack import _throwaway_database

    yield from _throwaway_database(postgres_server, template=migrated_template)  # type: ignore[arg-type]


@pytest.mark.timeout(240)
async def test_a_worker_killed_twenty_times_under_load_loses_and_doubles_nothing(
    kafka_bootstrap: str,
    database: str,
    second_database: str,
    topic: str,
    tmp_path: Path,
    run_service: RunService,
) -> None:
    chance = random.Random(SEED)
    for dsn in (database, second_database):
        await ingest.add_account(dsn)
    ledger = Ledger()
    traffic = Traffic(kafka_bootstrap, topic, ledger, SEED)
    group = f"kills-{uuid.uuid4().hex[:8]}"
    settings = {
        "BITACORA_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "BITACORA_POSTGRES_DSN": database,
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_INGEST_TOPIC": topic,
        "BITACORA_INGEST_GROUP": group,
        "BITACORA_INGEST_INSTANCE_ID": "the-worker",
        "BITACORA_INGEST_SESSION_TIMEOUT_SECONDS": "6",
        "BITACORA_INGEST_BATCH_RECORDS": "200",
        "BITACORA_INGEST_UPKEEP": "false",
    }
    worker = run_service(INGEST, settings)
    worker.kill()
    conn = await asyncpg.connect(database)
    other = await asyncpg.connect(second_database)
    began = time.monotonic()
    kills_amid_progress = 0
    try:
        for kill in range(KILLS):
            await asyncio.to_thread(traffic.send, EVENTS // KILLS + 1)
            before = sum((await ingest_oracle.positions(conn)).values())
            worker.start()
            kills_amid_progress += await _wait_for_kill_moment(
                conn, chance, before, worker, at_random=kill % 3 == 2
            )
            assert worker.exit_code() is None, worker.log()[-3_000:]
            worker.kill()
        await asyncio.to_thread(traffic.flush)
        killed_for = time.monotonic() - began
        worker.start()
        await asyncio.to_thread(
            worker.wait_ready
        )  # a process that still starts has no way to stop cleanly yet
        ends = await _log_ends(kafka_bootstrap, topic)
        await _caught_up(conn, ends, worker)
        assert worker.terminate() == 0, worker.log()[-3_000:]
        fresh = run_service(
            INGEST,
            {
                **settings,
                "BITACORA_POSTGRES_DSN": second_database,
                "BITACORA_INGEST_GROUP": f"{group}-fresh",
                "BITACORA_INGEST_BATCH_RECORDS": "2000",
            },
        )
        replay_began = time.monotonic()
        await _caught_up(other, ends, fresh)
        replayed_in = time.monotonic() - replay_began
        assert fresh.terminate() == 0, fresh.log()[-3_000:]

        ids = await ingest_oracle.logged_ids(conn)
        refused = await ingest_oracle.refused_places(conn)
        live = await ingest_oracle.fingerprints(conn)
        again = await ingest_oracle.fingerprints(other)
        print(
            f"seed {SEED}: {traffic.sent} records sent, {len(ledger.events)} events acknowledged, {KILLS} kills"
            f" ({kills_amid_progress} amid progress) in {killed_for:.0f} s; logged {len(ids)}, refused {len(refused)};"
            f" lost {len(ledger.events - set(ids))}, doubled {len(ids) - len(set(ids))};"
            f" replayed afresh in {replayed_in:.1f} s; rows {_counts(live)}"
        )
        assert ledger.failures == []
        assert len(ids) == len(set(ids))
        assert set(ids) == ledger.events
        assert sorted(refused) == sorted(ledger.refused)
        assert await ingest_oracle.broken_invariants(conn) == {}
        customers = await conn.fetchval("SELECT count(*) FROM projection.message WHERE direction = 1")
        assert customers == len(traffic.messages)
        for table, fingerprint in live.items():
            assert fingerprint == again[table], (
                table,
                await ingest_oracle.differing_rows(conn, other, table),
            )
        assert kills_amid_progress >= KILLS // 3
    finally:
        traffic.close()
        await conn.close()
        await other.close()


async def _wait_for_kill_moment(
    conn: asyncpg.Connection, chance: random.Random, before: int, worker: ServiceProcess, *, at_random: bool
) -> bool:
    """Until the moment to kill: some time after the start, or a moment after this process's first commit.

    Answers whether the process had committed something by then.
    """
    if at_random:
        await asyncio.sleep(chance.uniform(0.2, 4.0))
    else:
        deadline = time.monotonic() + 30
        while sum((await ingest_oracle.positions(conn)).values()) == before:
            assert worker.exit_code() is None, worker.log()[-3_000:]
            assert time.monotonic() < deadline, "the worker commits nothing"
            await asyncio.sleep(0.005)
        await asyncio.sleep(chance.uniform(0.0, 0.25))
    return sum((await ingest_oracle.positions(conn)).values()) > before


def _counts(fingerprints: Mapping[str, tuple[int, str]]) -> dict[str, int]:
    return {name: rows for name, (rows, _) in fingerprints.items() if rows}


async def _log_ends(bootstrap: str, topic: str) -> dict[int, int]:
    from services.chassis.settings import KafkaSettings
    from services.ingest.source.kafka_facts import KafkaFacts
    from services.ingest.source.protocol import TopicPartition

    facts = KafkaFacts(KafkaSettings(kafka_bootstrap=bootstrap))
    try:
        numbers = (await facts.topic(topic)).partitions
        ranges = await facts.log_ranges([TopicPartition(topic, number) for number in numbers])
        return {place.partition: found.end for place, found in ranges.items()}
    finally:
        await facts.close()


async def _caught_up(conn: asyncpg.Connection, ends: dict[int, int], worker: ServiceProcess) -> None:
    deadline = time.monotonic() + 60
    while await ingest_oracle.positions(conn) != ends:
        assert worker.exit_code() is None, worker.log()[-3_000:]
        assert time.monotonic() < deadline, worker.log()[-3_000:]
        await asyncio.sleep(0.05)
