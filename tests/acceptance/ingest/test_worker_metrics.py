"""What real workers show on their private port, as Prometheus reads it: by its client's own parser."""

import asyncio
import urllib.request
from collections.abc import Callable

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from embedded.ports import LOOPBACK
from tests.support import ingest
from tests.support.processes import RunService, ServiceProcess

INGEST = "services.ingest"
PATIENCE = 60.0
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(worker: ServiceProcess) -> Samples:
    address = f"http://{LOOPBACK}:{worker.health_port}/metrics"
    with urllib.request.urlopen(address, timeout=5) as answer:
        text = answer.read().decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(samples: Samples, name: str) -> float:
    return sum(value for (found, _), value in samples.items() if found == name)


def partitions_in(samples: Samples, name: str) -> set[str]:
    return {dict(labels)["partition"] for found, labels in samples if found == name}


async def until(worker: ServiceProcess, holds: Callable[[Samples], bool]) -> Samples:
    async with asyncio.timeout(PATIENCE):
        while True:
            samples = await asyncio.to_thread(scraped, worker)
            if holds(samples):
                return samples
            assert worker.exit_code() is None, worker.log()[-3_000:]
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("source", ["faust", "aiokafka"])
async def test_workers_show_their_own_partitions_their_rebalances_and_what_they_wait_for(
    source: str,
    settings: dict[str, str],
    conn: asyncpg.Connection,
    kafka_bootstrap: str,
    run_service: RunService,
) -> None:
    env = {**settings, "BITACORA_INGEST_SOURCE": source}
    topic = settings["BITACORA_INGEST_TOPIC"]
    first = run_service(INGEST, env)
    await asyncio.to_thread(first.wait_ready)
    ingest.produce(kafka_bootstrap, topic, [ingest.customer_message(n, contact=n) for n in range(200)])
    alone = await until(
        first,
        lambda samples: (
            total(samples, "bitacora_ingest_events_total") == 200
            and partitions_in(samples, "bitacora_ingest_lag_records") == {"0", "1", "2", "3"}
            and total(samples, "bitacora_ingest_lag_records") == 0
        ),
    )
    assert total(alone, "bitacora_ingest_partitions") == 4
    assert total(alone, "bitacora_ingest_freshness_seconds_count") > 0
    assert total(alone, "bitacora_ingest_last_commit_timestamp_seconds") > 1.7e9
    assert total(alone, "bitacora_process_ready") == len(
        [1 for name, _ in alone if name == "bitacora_process_ready"]
    )

    second = run_service(INGEST, env)
    await asyncio.to_thread(second.wait_ready)
    shared = await until(
        first, lambda samples: len(partitions_in(samples, "bitacora_ingest_lag_records")) == 2
    )
    others = await until(
        second, lambda samples: len(partitions_in(samples, "bitacora_ingest_lag_records")) == 2
    )
    name = "bitacora_ingest_lag_records"
    assert partitions_in(shared, name) | partitions_in(others, name) == {"0", "1", "2", "3"}
    assert total(shared, "bitacora_ingest_rebalances_total") > total(
        alone, "bitacora_ingest_rebalances_total"
    )
    assert total(shared, "bitacora_ingest_halted") == 0
    seconds = "bitacora_ingest_rebalance_seconds_count"
    await until(first, lambda samples: total(samples, seconds) > total(alone, seconds))

    async with conn.transaction():  # the writers wait for us, and what comes waits for them
        await conn.execute("SELECT FROM log.checkpoint FOR UPDATE")
        ingest.produce(
            kafka_bootstrap, topic, [ingest.customer_message(n, contact=n) for n in range(200, 400)]
        )
        waiting = await until(
            first,
            lambda samples: (
                total(samples, "bitacora_ingest_lag_records") > 0
                and total(samples, "bitacora_ingest_lag_seconds") > 1
                and total(samples, "bitacora_ingest_stalled_seconds") > 1
            ),
        )
        assert total(waiting, "bitacora_ingest_queue_records") >= 0
    await until(first, lambda samples: total(samples, "bitacora_ingest_lag_seconds") == 0)
    await until(first, lambda samples: total(samples, "bitacora_ingest_stalled_seconds") == 0)
