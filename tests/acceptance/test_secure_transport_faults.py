"""What is wrong on the way to Kafka or PostgreSQL is named; nothing ends over it, hangs, or goes on in plain text."""

from __future__ import annotations

import json
import secrets
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from embedded.ports import LOOPBACK
from embedded.postgres import EmbeddedPostgres
from tests.support import ingest
from tests.support.processes import RunService, ServiceProcess
from tests.support.running_stack import bitacora, wait_until
from tests.support.secure_stack import ANOTHER_NAME, Fault, SecureStack, secret_file, verified
from tests.support.stack import run_blocking

READY_SECONDS = 60.0
FAULT_SECONDS = 90.0


def checks_of(process: ServiceProcess) -> dict[str, Any]:
    """What readiness says check by check; nothing while the process does not listen yet."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{process.health_port}/health/ready", timeout=5) as at:
            body = at.read()
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
    except OSError:
        return {}
    checks: dict[str, Any] = json.loads(body)["checks"]
    return checks


def wait_for_word(process: ServiceProcess, check: str, word: str) -> None:
    """Returns once the check is down and its reason names the word; the process must go on meanwhile."""

    def said() -> bool:
        assert process.exit_code() is None, process.log()[-3_000:]
        reason = checks_of(process).get(check, {}).get("reason") or ""
        return word in reason.replace(":", " ").replace(";", " ").split()

    try:
        wait_until(said, FAULT_SECONDS)
    except AssertionError:
        raise AssertionError((word, checks_of(process), process.log()[-3_000:])) from None


@pytest.fixture
def kafka_faults(secure_stack: SecureStack, tmp_path: Path) -> dict[str, Fault]:
    right = secure_stack.kafka_env(tmp_path)
    plain = secure_stack.kafka_env(tmp_path, mechanism="PLAIN")
    wrong_password = {"BITACORA_KAFKA_SASL_PASSWORD_FILE": secret_file(tmp_path, "not-the-password")}
    return {
        "authority": Fault(
            "certificate_untrusted",
            {**right, "BITACORA_KAFKA_CA_FILE": str(secure_stack.certificates.stranger)},
        ),
        "host": Fault(
            "certificate_for_another_host",
            {**right, "BITACORA_KAFKA_BOOTSTRAP": f"{ANOTHER_NAME}:{secure_stack.kafka.secure_port}"},
        ),
        "scram password": Fault("sign_in_refused", {**right, **wrong_password}),
        "plain password": Fault("sign_in_refused", {**plain, **wrong_password}),
        "mechanism": Fault(
            "sign_in_method_refused", {**right, "BITACORA_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}
        ),
    }


def test_a_worker_says_what_is_wrong_with_its_way_to_kafka_and_waits(
    kafka_faults: dict[str, Fault],
    secure_stack: SecureStack,
    secure_env: Mapping[str, str],
    run_service: RunService,
    tmp_path: Path,
) -> None:
    """Side by side, since each client tries for ten seconds before it gives up."""
    base = {**secure_env, "BITACORA_DATA_DIR": str(tmp_path)}
    workers = {
        name: run_service("services.ingest", {**base, **fault.env}) for name, fault in kafka_faults.items()
    }
    for name, worker in workers.items():
        wait_for_word(worker, "kafka", kafka_faults[name].word)
        assert checks_of(worker)["database"]["ok"]
    for worker in workers.values():
        assert worker.terminate() == 0
        assert "topic_not_there" in worker.log()
        assert "not-the-password" not in worker.log()
        assert secure_stack.password not in worker.log()


def test_a_worker_that_is_to_encrypt_never_speaks_to_a_port_in_plain_text(
    secure_stack: SecureStack, secure_env: Mapping[str, str], run_service: RunService, tmp_path: Path
) -> None:
    env = {
        **secure_env,
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_KAFKA_BOOTSTRAP": secure_stack.kafka.bootstrap,
    }
    worker = run_service("services.ingest", env)

    def unready() -> bool:
        assert worker.exit_code() is None, worker.log()[-3_000:]
        return checks_of(worker).get("kafka", {}).get("reason") not in {None, "starting"}

    wait_until(unready, FAULT_SECONDS)
    reason = checks_of(worker)["kafka"]["reason"]
    assert {"no_tls", "connection_closed", "no_answer", "tls_failed"} & set(reason.replace(":", " ").split())
    assert worker.terminate() == 0


def test_commands_say_what_is_wrong_with_their_way_to_kafka_and_fail(
    kafka_faults: dict[str, Fault], secure_env: Mapping[str, str], tmp_path: Path
) -> None:
    events = tmp_path / "one.ndjson"
    events.write_bytes(ingest.customer_message(1)[1])
    commands = {
        "authority": ["topics", "list"],
        "host": ["lag"],
        "scram password": ["produce", str(events)],
        "plain password": ["topics", "list"],
    }

    def run(name: str) -> subprocess.CompletedProcess[str]:
        return bitacora(*commands[name], extra={**secure_env, **kafka_faults[name].env})

    with ThreadPoolExecutor(len(commands)) as threads:  # each tries for ten seconds
        outcomes = dict(zip(commands, threads.map(run, commands), strict=True))
    for name, outcome in outcomes.items():
        assert outcome.returncode == 1, (name, outcome.stdout, outcome.stderr)
        assert kafka_faults[name].word in outcome.stderr, (name, outcome.stderr)
        assert "not-the-password" not in outcome.stdout + outcome.stderr


def test_the_query_process_goes_on_without_kafka_and_logs_what_is_wrong(
    kafka_faults: dict[str, Fault], secure_env: Mapping[str, str], run_service: RunService, tmp_path: Path
) -> None:
    fault = kafka_faults["scram password"]
    env = {**secure_env, **fault.env, "BITACORA_QUERY_PORT": "0", "BITACORA_DATA_DIR": str(tmp_path)}
    query = run_service("services.query", env).wait_ready(READY_SECONDS)
    wait_until(lambda: fault.word in query.log(), FAULT_SECONDS)
    assert query.terminate() == 0
    assert "not-the-password" not in query.log()


@pytest.fixture
def postgres_faults(
    secure_stack: SecureStack, postgres_server: EmbeddedPostgres, tmp_path: Path
) -> Callable[[str], Fault]:
    dsns = {
        "authority": (
            "certificate_untrusted",
            secure_stack.dsn(authority=secure_stack.certificates.stranger),
        ),
        "host": ("certificate_for_another_host", secure_stack.dsn(host=ANOTHER_NAME)),
        "password": ("sign_in_refused", secure_stack.dsn(password="not-the-password")),
        "plain text": ("no_tls", verified(postgres_server.dsn, secure_stack.certificates.authority)),
    }

    def fault(name: str) -> Fault:
        word, dsn = dsns[name]
        return Fault(word, {"BITACORA_POSTGRES_DSN_FILE": secret_file(tmp_path, dsn)})

    return fault


@pytest.mark.parametrize("name", ["authority", "host", "password", "plain text"])
def test_every_process_says_what_is_wrong_with_its_way_to_postgresql_and_waits(
    name: str,
    postgres_faults: Callable[[str], Fault],
    secure_stack: SecureStack,
    secure_env: Mapping[str, str],
    run_service: RunService,
    tmp_path: Path,
) -> None:
    fault = postgres_faults(name)
    env = {**secure_env, **fault.env, "BITACORA_QUERY_PORT": "0", "BITACORA_DATA_DIR": str(tmp_path)}
    processes = {
        "database": run_service("services.ingest", env),
        "postgres": run_service("services.query", env),
    }
    export = run_service("services.export", env)
    for check, process in processes.items():
        wait_for_word(process, check, fault.word)
    wait_for_word(export, "database", fault.word)
    for process in (*processes.values(), export):
        assert process.terminate() == 0
        assert "not-the-password" not in process.log()
        assert secure_stack.postgres_password not in process.log()
    outcome = bitacora("lag", extra=env)
    assert outcome.returncode == 1
    assert fault.word in outcome.stderr
    assert "not-the-password" not in outcome.stderr


def test_a_process_that_starts_before_the_password_is_right_goes_on_once_it_is(
    secure_stack: SecureStack, secure_env: Mapping[str, str], run_service: RunService, tmp_path: Path
) -> None:
    """A changed password is mended where it is kept; nobody has to restart anything."""
    changed = "changed-" + secrets.token_urlsafe(9)
    dsn = secure_stack.dsn(password=changed).replace("//bitacora:", "//latecomer:")
    env = {**secure_env, "BITACORA_POSTGRES_DSN_FILE": secret_file(tmp_path, dsn)}
    export = run_service("services.export", {**env, "BITACORA_DATA_DIR": str(tmp_path)})
    wait_for_word(export, "database", "sign_in_refused")
    run_blocking(add_role(secure_stack, "latecomer", changed))
    export.wait_ready(READY_SECONDS)


async def add_role(secure_stack: SecureStack, name: str, password: str) -> None:
    conn = await asyncpg.connect(secure_stack.postgres.superuser_dsn)
    try:
        await conn.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE bitacora")
    finally:
        await conn.close()


def test_doctor_examines_an_encrypted_installation_and_names_the_page_for_each_fault(
    kafka_faults: dict[str, Fault], postgres_faults: Callable[[str], Fault], secure_env: Mapping[str, str]
) -> None:
    page = "docs/runbook/sign-in-refused.md"

    def findings(env: Mapping[str, str]) -> dict[str, Any]:
        outcome = bitacora("doctor", "--json", extra=env)
        assert "not-the-password" not in outcome.stdout + outcome.stderr
        return {finding["what"]: finding for finding in json.loads(outcome.stdout)}

    wrong_kafka = kafka_faults["scram password"]
    wrong_postgres = postgres_faults("authority")
    with ThreadPoolExecutor(3) as threads:
        right, without_kafka, without_postgres = threads.map(
            findings, (secure_env, {**secure_env, **wrong_kafka.env}, {**secure_env, **wrong_postgres.env})
        )
    assert right["Kafka"]["ok"]
    assert right["PostgreSQL's connection"]["found"] == "encrypted"
    for fault, found in (
        (wrong_kafka, without_kafka["Kafka"]),
        (wrong_postgres, without_postgres["PostgreSQL"]),
    ):
        assert (found["ok"], found["runbook"]) == (False, page)
        assert fault.word in found["found"]
