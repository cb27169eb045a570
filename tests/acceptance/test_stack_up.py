"""`bitacora up` as a person meets it: it starts, tells where it is, mends itself, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.running_stack import (
    RunningStack,
    bitacora,
    wait_until,
)

MEND_SECONDS = 30.0
PROCESSES = {"kafka", "postgres", "ingest", "query", "export"}


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of the stack's own
        return int(answer.status)


def still_runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """One ephemeral stack for the tests that only look, or that leave it whole."""
    running = RunningStack(tmp_path_factory.mktemp("stack") / "home", "--ephemeral")
    try:
        yield running.wait_running()
    finally:
        if running.process.poll() is None:
            running.interrupt()


def test_env_tells_how_to_reach_every_part(stack: RunningStack) -> None:
    shown = stack.env()
    assert set(shown) == {"state", "base_url", "kafka_bootstrap", "postgres_dsn", "setup_token", "processes"}
    assert shown["state"] == "running"
    assert set(shown["processes"]) == PROCESSES
    assert all(psutil.pid_exists(process["pid"]) for process in shown["processes"].values())
    for name in ("ingest", "query", "export"):
        assert status_of(shown["processes"][name]["health_url"]) == 200
    assert status_of(shown["base_url"]) == 200


def test_the_first_administrator_gets_in_by_the_token_that_env_and_up_show(stack: RunningStack) -> None:
    token = stack.env()["setup_token"]
    assert token
    assert token in stack.said()
    assert stack.env()["setup_token"] == token


def test_status_and_doctor_find_nothing_wrong(stack: RunningStack) -> None:
    for command in ("status", "doctor"):
        outcome = bitacora(command, "--home", str(stack.home))
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_env_can_be_read_by_a_shell(stack: RunningStack) -> None:
    lines = bitacora("env", "--home", str(stack.home)).stdout.splitlines()
    assert f"export BITACORA_KAFKA_BOOTSTRAP={stack.env()['kafka_bootstrap']}" in lines


@pytest.mark.parametrize("name", ["query", "ingest", "kafka", "postgres"])
def test_a_killed_process_is_back_within_half_a_minute(stack: RunningStack, name: str) -> None:
    before = stack.env()["processes"][name]["pid"]
    os.kill(before, signal.SIGKILL)

    def mended() -> bool:
        shown = json.loads(bitacora("status", "--json", "--home", str(stack.home)).stdout)
        return bool(shown["healthy"]) and shown["processes"][name]["pid"] != before

    wait_until(mended, MEND_SECONDS)


def test_a_second_stack_in_the_same_folder_is_refused(stack: RunningStack) -> None:
    outcome = bitacora("up", "--home", str(stack.home))
    assert outcome.returncode == 1
    assert f"in use by another running stack (process {stack.process.pid})" in outcome.stderr


def test_a_taken_port_is_refused_by_number(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = bitacora("up", "--home", str(tmp_path / "home"), "--port", str(port))
    assert outcome.returncode == 1
    assert f"Port {port}, wanted for the pages, is taken" in outcome.stderr


def test_without_a_stack_the_commands_say_so_and_end_with_three(tmp_path: Path) -> None:
    for command in ("status", "env"):
        outcome = bitacora(command, "--home", str(tmp_path))
        assert outcome.returncode == 3
        assert "No stack runs in" in outcome.stderr


def test_ctrl_c_stops_everything_in_order_and_a_second_start_keeps_addresses_and_data(tmp_path: Path) -> None:
    first = RunningStack(tmp_path / "home", "--demo").wait_running()
    link = re.search(r"http://\S+/sign-in/link\?token=\S+", first.said())
    assert link is not None
    before, family = first.env(), first.family()
    assert "demo" in before["processes"]
    assert first.interrupt() == 0
    wait_until(lambda: not any(still_runs(process) for process in family), 5)

    second = RunningStack(tmp_path / "home").wait_running()
    after = second.env()
    assert second.interrupt() == 0
    assert {key: after[key] for key in ("base_url", "kafka_bootstrap", "postgres_dsn")} == {
        key: before[key] for key in ("base_url", "kafka_bootstrap", "postgres_dsn")
    }


def test_a_killed_up_leaves_no_process_behind(tmp_path: Path) -> None:
    running = RunningStack(tmp_path / "home").wait_running()
    family = running.family()
    assert len(family) > len(PROCESSES)
    running.process.kill()
    running.process.wait(10)
    wait_until(lambda: not any(still_runs(process) for process in family), 15)
    assert bitacora("status", "--home", str(tmp_path / "home")).returncode == 3
