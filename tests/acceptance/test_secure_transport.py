"""Kafka by SASL_SSL and PostgreSQL by verify-full: everything runs on them, and nothing runs beside them."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from bitacora_producer import Producer, Thread

from embedded.kafka import EmbeddedKafka
from embedded.ports import LOOPBACK, free_port
from embedded.postgres import EmbeddedPostgres
from embedded.transport import SaslListener
from tests.support import ingest
from tests.support.certificates import make_certificates
from tests.support.processes import RunService, ServiceProcess
from tests.support.running_stack import REPOSITORY, bitacora, environment, wait_until
from tests.support.secure_stack import ANOTHER_NAME, USER, Fault, SecureStack, secret_file, verified
from tests.support.stack import run_blocking

READY_SECONDS = 60.0
FAULT_SECONDS = 90.0


@pytest.fixture(scope="module")
def stack(stack_folder: Path, stack_cache: Path) -> Iterator[SecureStack]:
    folder = stack_folder / "secure"
    folder.mkdir(mode=0o711)
    certificates = make_certificates(folder)
    password = secrets.token_urlsafe(18)
    with (
        EmbeddedKafka(
            folder=folder / "kafka",
            cache=stack_cache,
            ephemeral=True,
            secure=SaslListener(certificate=certificates.server, users={USER: password}),
        ) as kafka,
        EmbeddedPostgres(
            folder=folder / "postgres",
            cache=stack_cache,
            ephemeral=True,
            certificate=certificates.server,
            settings={"log_connections": "on"},
        ) as postgres,
    ):
        yield SecureStack(kafka, postgres, certificates, password)


@pytest.fixture(scope="module")
def prepared(stack: SecureStack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The settings that are right, on servers where tables, topics and an account have been made with them."""
    folder = tmp_path_factory.mktemp("secrets")
    env = {**stack.kafka_env(folder), **stack.postgres_env(folder)}
    for command in (["migrate"], ["topics", "create"], ["account", "create", "acme"]):
        outcome = bitacora(*command, extra=env)
        assert outcome.returncode == 0, outcome.stderr
    return env


def json_of(*arguments: str, env: Mapping[str, str]) -> Any:
    outcome = bitacora(*arguments, "--json", extra=env)
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


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
    stack: SecureStack,
    prepared: Mapping[str, str],
    run_service: RunService,
    tmp_path: Path,
) -> None:
    """The commands, the producer library, the three processes: from a message to a file and an operator's end."""
    env = {**prepared, **stack.kafka_env(tmp_path, mechanism=mechanism), "BITACORA_DATA_DIR": str(tmp_path)}
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
        "sasl_plain_password": stack.password,
        "ssl_cafile": str(stack.certificates.authority),
    }
    phone = f"551190000000{contact}"
    with Producer(
        stack.kafka.secure_bootstrap, account="acme", connection="wa-1", kafka=security
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
    assert status == 202, "the query process has published it"
    path = f"/conversations/{found['id']}"
    wait_until(lambda: call(base, token, path)[1]["status"] == "ended", 60)
    job = call(base, token, "/exports", {"format": "csv", "filter": {}, "profile": "data"})[1]
    wait_until(lambda: call(base, token, f"/exports/{job['id']}")[1]["state"] == "succeeded", 60)
    wait_until(lambda: relayed(stack) == 0, 30)
    for process in (worker, query, export):
        assert process.terminate() == 0
    told = "".join(process.log() for process in (worker, query, export))
    assert stack.password not in told
    assert stack.postgres_password not in told
    assert token not in told


def relayed(stack: SecureStack) -> int:
    """Outbox rows that Kafka does not have yet."""

    async def count() -> int:
        conn = await asyncpg.connect(stack.postgres.dsn)
        try:
            left: int = await conn.fetchval("SELECT count(*) FROM log.outbox")
            return left
        finally:
            await conn.close()

    return run_blocking(count())


def test_no_session_of_ours_was_ever_in_plain_text(stack: SecureStack, prepared: Mapping[str, str]) -> None:
    """By the server's own record of everybody that came in as our role, in all tests so far."""
    assert json_of("lag", env=prepared)["partitions"]
    lines = (stack.postgres.folder / "postgres.log").read_text(encoding="utf-8").splitlines()
    ours = [line for line in lines if "connection authorized: user=bitacora " in line]
    assert ours
    assert [line for line in ours if "SSL enabled" not in line] == []


@pytest.fixture
def kafka_faults(stack: SecureStack, tmp_path: Path) -> dict[str, Fault]:
    right = stack.kafka_env(tmp_path)
    plain = stack.kafka_env(tmp_path, mechanism="PLAIN")
    wrong_password = {"BITACORA_KAFKA_SASL_PASSWORD_FILE": secret_file(tmp_path, "not-the-password")}
    return {
        "authority": Fault(
            "certificate_untrusted", {**right, "BITACORA_KAFKA_CA_FILE": str(stack.certificates.stranger)}
        ),
        "host": Fault(
            "certificate_for_another_host",
            {**right, "BITACORA_KAFKA_BOOTSTRAP": f"{ANOTHER_NAME}:{stack.kafka.secure_port}"},
        ),
        "scram password": Fault("sign_in_refused", {**right, **wrong_password}),
        "plain password": Fault("sign_in_refused", {**plain, **wrong_password}),
        "mechanism": Fault(
            "sign_in_method_refused", {**right, "BITACORA_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}
        ),
    }


def test_a_worker_says_what_is_wrong_with_its_way_to_kafka_and_waits(
    kafka_faults: dict[str, Fault],
    stack: SecureStack,
    prepared: Mapping[str, str],
    run_service: RunService,
    tmp_path: Path,
) -> None:
    """Side by side, since each client tries for ten seconds before it gives up."""
    base = {**prepared, "BITACORA_DATA_DIR": str(tmp_path)}
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
        assert stack.password not in worker.log()


def test_a_worker_that_is_to_encrypt_never_speaks_to_a_port_in_plain_text(
    stack: SecureStack, prepared: Mapping[str, str], run_service: RunService, tmp_path: Path
) -> None:
    env = {**prepared, "BITACORA_DATA_DIR": str(tmp_path), "BITACORA_KAFKA_BOOTSTRAP": stack.kafka.bootstrap}
    worker = run_service("services.ingest", env)

    def unready() -> bool:
        assert worker.exit_code() is None, worker.log()[-3_000:]
        return checks_of(worker).get("kafka", {}).get("reason") not in {None, "starting"}

    wait_until(unready, FAULT_SECONDS)
    reason = checks_of(worker)["kafka"]["reason"]
    assert {"no_tls", "connection_closed", "no_answer", "tls_failed"} & set(reason.replace(":", " ").split())
    assert worker.terminate() == 0


def test_commands_say_what_is_wrong_with_their_way_to_kafka_and_fail(
    kafka_faults: dict[str, Fault], prepared: Mapping[str, str], tmp_path: Path
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
        return bitacora(*commands[name], extra={**prepared, **kafka_faults[name].env})

    with ThreadPoolExecutor(len(commands)) as threads:  # each tries for ten seconds
        outcomes = dict(zip(commands, threads.map(run, commands), strict=True))
    for name, outcome in outcomes.items():
        assert outcome.returncode == 1, (name, outcome.stdout, outcome.stderr)
        assert kafka_faults[name].word in outcome.stderr, (name, outcome.stderr)
        assert "not-the-password" not in outcome.stdout + outcome.stderr


def test_the_query_process_goes_on_without_kafka_and_logs_what_is_wrong(
    kafka_faults: dict[str, Fault], prepared: Mapping[str, str], run_service: RunService, tmp_path: Path
) -> None:
    fault = kafka_faults["scram password"]
    env = {**prepared, **fault.env, "BITACORA_QUERY_PORT": "0", "BITACORA_DATA_DIR": str(tmp_path)}
    query = run_service("services.query", env).wait_ready(READY_SECONDS)
    wait_until(lambda: fault.word in query.log(), FAULT_SECONDS)
    assert query.terminate() == 0
    assert "not-the-password" not in query.log()


@pytest.fixture
def postgres_faults(
    stack: SecureStack, postgres_server: EmbeddedPostgres, tmp_path: Path
) -> Callable[[str], Fault]:
    dsns = {
        "authority": ("certificate_untrusted", stack.dsn(authority=stack.certificates.stranger)),
        "host": ("certificate_for_another_host", stack.dsn(host=ANOTHER_NAME)),
        "password": ("sign_in_refused", stack.dsn(password="not-the-password")),
        "plain text": ("no_tls", verified(postgres_server.dsn, stack.certificates.authority)),
    }

    def fault(name: str) -> Fault:
        word, dsn = dsns[name]
        return Fault(word, {"BITACORA_POSTGRES_DSN_FILE": secret_file(tmp_path, dsn)})

    return fault


@pytest.mark.parametrize("name", ["authority", "host", "password", "plain text"])
def test_every_process_says_what_is_wrong_with_its_way_to_postgresql_and_waits(
    name: str,
    postgres_faults: Callable[[str], Fault],
    stack: SecureStack,
    prepared: Mapping[str, str],
    run_service: RunService,
    tmp_path: Path,
) -> None:
    fault = postgres_faults(name)
    env = {**prepared, **fault.env, "BITACORA_QUERY_PORT": "0", "BITACORA_DATA_DIR": str(tmp_path)}
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
        assert stack.postgres_password not in process.log()
    outcome = bitacora("lag", extra=env)
    assert outcome.returncode == 1
    assert fault.word in outcome.stderr
    assert "not-the-password" not in outcome.stderr


def test_a_process_that_starts_before_the_password_is_right_goes_on_once_it_is(
    stack: SecureStack, prepared: Mapping[str, str], run_service: RunService, tmp_path: Path
) -> None:
    """A changed password is mended where it is kept; nobody has to restart anything."""
    changed = "changed-" + secrets.token_urlsafe(9)
    dsn = stack.dsn(password=changed).replace("//bitacora:", "//latecomer:")
    env = {**prepared, "BITACORA_POSTGRES_DSN_FILE": secret_file(tmp_path, dsn)}
    export = run_service("services.export", {**env, "BITACORA_DATA_DIR": str(tmp_path)})
    wait_for_word(export, "database", "sign_in_refused")
    run_blocking(add_role(stack, "latecomer", changed))
    export.wait_ready(READY_SECONDS)


async def add_role(stack: SecureStack, name: str, password: str) -> None:
    conn = await asyncpg.connect(stack.postgres.superuser_dsn)
    try:
        await conn.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE bitacora")
    finally:
        await conn.close()


def test_doctor_examines_an_encrypted_installation_and_names_the_page_for_each_fault(
    kafka_faults: dict[str, Fault], postgres_faults: Callable[[str], Fault], prepared: Mapping[str, str]
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
            findings, (prepared, {**prepared, **wrong_kafka.env}, {**prepared, **wrong_postgres.env})
        )
    assert right["Kafka"]["ok"]
    assert right["PostgreSQL's connection"]["found"] == "encrypted"
    for fault, found in (
        (wrong_kafka, without_kafka["Kafka"]),
        (wrong_postgres, without_postgres["PostgreSQL"]),
    ):
        assert (found["ok"], found["runbook"]) == (False, page)
        assert fault.word in found["found"]


def test_the_demo_s_traffic_signs_in_too(
    stack: SecureStack, prepared: Mapping[str, str], tmp_path: Path
) -> None:
    env = {
        **stack.kafka_env(tmp_path),
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_DEMO_ACCOUNT": "acme",
        "BITACORA_DEMO_WEEKS": "0",
        "BITACORA_DEMO_RATE": "200",
    }
    before = json_of("lag", env=prepared)["total"]
    log = tmp_path / "demo.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "demo"], env=environment(env), cwd=REPOSITORY, stdout=out, stderr=out
        ) as demo,
    ):
        try:
            wait_until(lambda: json_of("lag", env=prepared)["total"] > before or demo.poll() is not None, 60)
            assert demo.poll() is None, log.read_text()
            demo.terminate()
            assert demo.wait(30) == 0, log.read_text()
        finally:
            demo.kill()
    assert stack.password not in log.read_text()
