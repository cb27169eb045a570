"""Kafka by SASL_SSL and PostgreSQL by verify-full: everything runs on them, and nothing runs beside them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from bitacora_producer import Producer, Thread

from embedded.ports import LOOPBACK, free_port
from tests.support import ingest
from tests.support.processes import RunService
from tests.support.running_stack import REPOSITORY, bitacora, environment, wait_until
from tests.support.secure_stack import USER, SecureStack
from tests.support.stack import run_blocking

READY_SECONDS = 60.0
FAULT_SECONDS = 90.0


def json_of(*arguments: str, env: Mapping[str, str]) -> Any:
    outcome = bitacora(*arguments, "--json", extra=env)
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def call(base: str, token: str, path: str, body: object | None = None, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(  # noqa: S310  an address of our own process
        f"{base}/api/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  the same
        return answer.status, json.loads(answer.read())


@pytest.mark.parametrize(
    ("source", "mechanism", "contact"), [("faust", "SCRAM-SHA-512", 1), ("aiokafka", "PLAIN", 2)]
)
def test_everything_runs_encrypted_and_signed_in(
    source: str,
    mechanism: str,
    contact: int,
    secure_stack: SecureStack,
    secure_env: Mapping[str, str],
    run_service: RunService,
    tmp_path: Path,
) -> None:
    """The commands, the producer library, the three processes: from a message to a file and an operator's end."""
    env = {
        **secure_env,
        **secure_stack.kafka_env(tmp_path, mechanism=mechanism),
        "BITACORA_DATA_DIR": str(tmp_path),
    }
    port = free_port()
    worker = run_service(
        "services.ingest", {**env, "BITACORA_INGEST_SOURCE": source, "BITACORA_INGEST_CHECK_SECONDS": "1"}
    )
    query = run_service("services.query", {**env, "BITACORA_QUERY_PORT": str(port)})
    export = run_service("services.export", env)
    security = {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": USER,
        "sasl_plain_password": secure_stack.password,
        "ssl_cafile": str(secure_stack.certificates.authority),
    }
    phone = f"551190000000{contact}"
    with Producer(
        secure_stack.kafka.secure_bootstrap, account="acme", connection="wa-1", kafka=security
    ) as producer:
        thread = Thread("whatsapp", "1065", "wa_id", phone)
        producer.message_received(thread, text="hola", message_id="one").wait(60)
    events = tmp_path / "more.ndjson"
    events.write_bytes(
        b"\n".join(ingest.customer_message(n, contact=contact * 1_000 + n)[1] for n in range(20))
    )
    assert json_of("produce", str(events), env=env)["sent"] == 20
    for process in (worker, query, export):
        process.wait_ready(READY_SECONDS)
    wait_until(lambda: json_of("lag", env=env)["total"] == 0, 60)
    assert all(topic["exists"] for topic in json_of("topics", "list", env=env))

    token = json_of("token", "create", "--account", "acme", "--role", "admin", env=env)["token"]
    base = f"http://{LOOPBACK}:{port}"
    (found,) = call(base, token, f"/conversations?q=%2B{phone}")[1]["items"]
    status, _ = call(base, token, f"/conversations/{found['id']}/end", {}, **{"Idempotency-Key": phone})
    assert status == 202
    path = f"/conversations/{found['id']}"
    wait_until(lambda: call(base, token, path)[1]["status"] == "ended", 60)
    job = call(base, token, "/exports", {"format": "csv", "filter": {}, "profile": "data"})[1]
    wait_until(lambda: call(base, token, f"/exports/{job['id']}")[1]["state"] == "succeeded", 60)
    wait_until(lambda: relayed(secure_stack) == 0, 30)
    for process in (worker, query, export):
        assert process.terminate() == 0
    told = "".join(process.log() for process in (worker, query, export))
    assert secure_stack.password not in told
    assert secure_stack.postgres_password not in told
    assert token not in told


def relayed(secure_stack: SecureStack) -> int:
    """Outbox rows that Kafka does not have yet."""

    async def count() -> int:
        conn = await asyncpg.connect(secure_stack.postgres.dsn)
        try:
            left: int = await conn.fetchval("SELECT count(*) FROM log.outbox")
            return left
        finally:
            await conn.close()

    return run_blocking(count())


def test_no_session_of_ours_was_ever_in_plain_text(
    secure_stack: SecureStack, secure_env: Mapping[str, str]
) -> None:
    """By the server's own record of everybody that came in as our role, in all tests so far."""
    assert json_of("lag", env=secure_env)["partitions"]
    lines = (secure_stack.postgres.folder / "postgres.log").read_text(encoding="utf-8").splitlines()
    ours = [line for line in lines if "connection authorized: user=bitacora " in line]
    assert ours
    assert [line for line in ours if "SSL enabled" not in line] == []


def test_the_demo_s_traffic_signs_in_too(
    secure_stack: SecureStack, secure_env: Mapping[str, str], tmp_path: Path
) -> None:
    env = {
        **secure_stack.kafka_env(tmp_path),
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_DEMO_ACCOUNT": "acme",
        "BITACORA_DEMO_WEEKS": "0",
        "BITACORA_DEMO_RATE": "200",
    }
    before = json_of("lag", env=secure_env)["total"]
    log = tmp_path / "demo.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "demo"], env=environment(env), cwd=REPOSITORY, stdout=out, stderr=out
        ) as demo,
    ):
        try:
            wait_until(
                lambda: json_of("lag", env=secure_env)["total"] > before or demo.poll() is not None, 60
            )
            assert demo.poll() is None, log.read_text()
            demo.terminate()
            assert demo.wait(30) == 0, log.read_text()
        finally:
            demo.kill()
    assert secure_stack.password not in log.read_text()
