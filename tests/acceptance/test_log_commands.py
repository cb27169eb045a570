"""`bitacora lag`, `tail`, `dead-letters`, `gap`, `incarnation` against a real broker and database."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from cli.app import build_app
from services.chassis.settings import KafkaSettings
from services.ingest.source.kafka_facts import KafkaFacts
from tests.support import ingest
from tests.support.stack import run_blocking

Command = Callable[..., Result]


@pytest.fixture
def topic(kafka_bootstrap: str) -> Iterator[str]:
    yield from ingest.fresh_topic(kafka_bootstrap, partitions=1)


@pytest.fixture
def bitacora(kafka_bootstrap: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(
            build_app(),
            arguments,
            env={"BITACORA_POSTGRES_DSN": database, "BITACORA_KAFKA_BOOTSTRAP": kafka_bootstrap},
        )

    return run


def printed(result: Result) -> Any:
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def execute(dsn: str, sql: str, *values: object) -> Any:
    async def work() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    return run_blocking(work())


def test_lag_counts_from_the_checkpoint_to_the_end_of_the_log(
    bitacora: Command, database: str, kafka_bootstrap: str, topic: str
) -> None:
    ingest.produce(kafka_bootstrap, topic, [ingest.customer_message(number) for number in range(30)])
    never_read = printed(bitacora("lag", "--topic", topic, "--json"))
    assert (never_read["total"], never_read["partitions"][0]["end_offset"]) == (30, 30)
    began = time.monotonic()
    execute(
        database,
        "INSERT INTO log.checkpoint (topic, partition, next_offset, updated_at) VALUES ($1, 0, 20, now() - interval '1 min')",
        topic,
    )
    lag = printed(bitacora("lag", "--topic", topic, "--json"))
    assert lag["total"] == 10
    assert 60 <= lag["seconds"] <= 61 + time.monotonic() - began
    assert "10 records wait" in bitacora("lag", "--topic", topic).stdout


def test_tail_shows_what_came_without_what_was_said(
    bitacora: Command, kafka_bootstrap: str, topic: str
) -> None:
    ingest.produce(kafka_bootstrap, topic, [ingest.customer_message(1, text="un secreto"), (b"k", b"bad")])
    result = bitacora("tail", "--topic", topic, "--last", "10", "--limit", "2", "--seconds", "10", "--json")
    event, bad = [json.loads(line) for line in result.stdout.splitlines()]
    assert (event["type"], event["account"]) == ("bitacora.message.received.v1", "acme")
    assert bad["refused"] == "not_json"
    assert "secreto" not in result.stdout
    assert "secreto" in bitacora("tail", "--topic", topic, "--last", "10", "--limit", "1", "--payload").stdout


def refuse(dsn: str, topic: str, offset: int, reason: str, key: bytes, value: bytes) -> int:
    stream = execute(
        dsn,
        "INSERT INTO log.checkpoint (topic, partition, next_offset) VALUES ($1, 0, 9)"
        " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = 9 RETURNING stream_id",
        topic,
    )
    number: int = execute(
        dsn,
        "INSERT INTO log.dead_letter (stream_id, position, reason, detail, record_key, record_value)"
        " VALUES ($1, $2, $3, 'why', $4, $5) RETURNING dead_letter_id",
        stream,
        offset,
        reason,
        key,
        value,
    )
    return number


def test_a_redrive_says_first_what_it_would_do_and_then_sends_each_record_once(
    bitacora: Command, database: str, kafka_bootstrap: str, topic: str
) -> None:
    key, value = ingest.customer_message(1)
    good = refuse(database, topic, 1, "unknown_account", key, value)
    bad = refuse(database, topic, 2, "not_json", key, b"{")
    listed = printed(bitacora("dead-letters", "list", "--json"))
    assert [(letter["id"], letter["reason"], letter["topic"]) for letter in listed] == [
        (bad, "not_json", topic),
        (good, "unknown_account", topic),
    ]
    shown = printed(bitacora("dead-letters", "show", str(good), "--json"))
    assert shown["value"].encode() == value
    preview = printed(bitacora("dead-letters", "redrive", "--all", "--json"))
    assert preview == {"readable": [good], "still_refused": [[bad, "not_json"]], "redriven": []}
    done = printed(bitacora("dead-letters", "redrive", "--reason", "unknown_account", "--yes", "--json"))
    assert done["redriven"] == [good]
    again = printed(bitacora("dead-letters", "redrive", str(good), "--yes", "--json"))
    assert again["redriven"] == []
    assert printed(bitacora("lag", "--topic", topic, "--json"))["partitions"][0]["end_offset"] == 1
    assert printed(bitacora("dead-letters", "drop", str(bad), "--yes", "--json")) == {"dropped": [bad]}
    assert printed(bitacora("dead-letters", "list", "--json")) == []
    actions = execute(database, "SELECT array_agg(action ORDER BY audit_id) FROM ops.audit_entry")
    assert actions == ["dead_letter.redriven", "dead_letter.dropped"]


def test_a_gap_is_accepted_only_where_a_partition_is_halted_and_the_loss_is_recorded(
    bitacora: Command, database: str, topic: str
) -> None:
    assert bitacora("gap", "accept", "0", "--topic", topic, "--yes").exit_code == 1
    execute(
        database,
        "INSERT INTO log.checkpoint (topic, partition, next_offset, halted_reason, halted_from, halted_to, halted_at)"
        " VALUES ($1, 0, 20, 'gap', 20, 60, now())",
        topic,
    )
    looked = printed(bitacora("gap", "accept", "0", "--topic", topic, "--json"))
    assert (looked["lost_from"], looked["lost_to"], looked["accepted"]) == (20, 60, False)
    assert bitacora("incarnation", "accept", "0", "--topic", topic, "--yes").exit_code == 1
    done = printed(bitacora("gap", "accept", "0", "--topic", topic, "--yes", "--json"))
    assert done["goes_on_at"] == 60
    assert execute(database, "SELECT next_offset FROM log.checkpoint WHERE halted_at IS NULL") == 60
    detail = json.loads(execute(database, "SELECT detail::text FROM ops.audit_entry"))
    assert (detail["lost_from"], detail["lost_to"]) == (20, 60)


def test_a_new_incarnation_is_read_from_its_start_under_its_own_id(
    bitacora: Command, database: str, kafka_bootstrap: str, topic: str
) -> None:
    execute(
        database,
        "INSERT INTO log.checkpoint (topic, partition, topic_id, next_offset, halted_reason, halted_from, halted_to,"
        " halted_at) VALUES ($1, 0, $2, 500, 'incarnation', 0, 0, now())",
        topic,
        uuid.uuid4(),
    )
    done = printed(bitacora("incarnation", "accept", "0", "--topic", topic, "--yes", "--json"))
    assert done["goes_on_at"] == 0

    async def current_id() -> uuid.UUID:
        facts = KafkaFacts(KafkaSettings(kafka_bootstrap=kafka_bootstrap))
        try:
            return (await facts.topic(topic)).topic_id
        finally:
            await facts.close()

    async def ask() -> None:
        assert execute(database, "SELECT topic_id FROM log.checkpoint") == await current_id()

    run_blocking(ask())
