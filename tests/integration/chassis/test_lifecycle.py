"""Each case runs in a process of its own, because exit codes and signals belong to processes."""

import os
import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import asyncio, sys, time
from services.chassis.lifecycle import Shutdown, run_process, run_service
from services.chassis.settings import RuntimeSettings, SettingsError

async def waits(shutdown):
    print("up", flush=True)
    await shutdown.wait()
    print("down", flush=True)

async def hangs(shutdown):
    print("up", flush=True)
    await asyncio.sleep(60)

async def stays(shutdown):
    async def deaf():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                print("deaf", flush=True)
    left = asyncio.create_task(deaf())
    await waits(shutdown)

async def blocks(shutdown):
    print("up", flush=True)
    time.sleep(60)

async def crashes(shutdown):
    raise RuntimeError("boom")

async def cancelled(shutdown):
    part = asyncio.create_task(asyncio.sleep(60))
    part.cancel()
    await part

async def returns(shutdown):
    shutdown.request()
    assert not await shutdown.sleep(60)

async def settings(shutdown):
    raise SettingsError(["BITACORA_X is not a setting"])

if sys.argv[1] == "process":
    async def started(settings, shutdown):
        assert settings.log_level == "warning"
    sys.exit(run_process(RuntimeSettings, started, service="test"))
sys.exit(run_service(globals()[sys.argv[1]], grace_seconds=float(sys.argv[2])))
"""


def start(
    what: str, *, grace: float = 10.0, environment: dict[str, str] | None = None
) -> "subprocess.Popen[str]":
    base = {name: value for name, value in os.environ.items() if not name.startswith("BITACORA_")}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, what, str(grace)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=base | (environment or {}),
    )


def wait_until_up(child: "subprocess.Popen[str]") -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "up":
            return
    pytest.fail("the child ended before it was up")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_process_finish_and_exit_clean(number: signal.Signals) -> None:
    child = start("waits")
    wait_until_up(child)
    child.send_signal(number)
    out, _ = child.communicate(timeout=10)
    assert "down" in out
    assert child.returncode == 0


@pytest.mark.parametrize("what", ["hangs", "blocks"])
def test_the_deadline_ends_even_a_blocked_process(what: str) -> None:
    child = start(what, grace=0.3)
    wait_until_up(child)
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=10)
    assert child.returncode == 75
    assert time.monotonic() - began < 5


def test_a_second_signal_does_not_wait_for_the_deadline() -> None:
    child = start("hangs", grace=30)
    wait_until_up(child)
    child.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=10)
    assert child.returncode == 75


def test_a_task_that_will_not_be_cancelled_does_not_hold_the_process_up() -> None:
    child = start("stays", grace=30)
    wait_until_up(child)
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=25)
    assert "deaf" in out
    assert child.returncode == 0


@pytest.mark.parametrize("what", ["crashes", "cancelled"])
def test_a_bug_is_logged_and_exits_with_1(what: str) -> None:
    child = start(what)
    out, _ = child.communicate(timeout=10)
    assert child.returncode == 1
    assert "process_crashed" in out


def test_a_process_that_returns_by_itself_exits_clean() -> None:
    child = start("returns")
    child.communicate(timeout=10)
    assert child.returncode == 0


def test_bad_settings_found_late_exit_with_2() -> None:
    child = start("settings")
    _, errors = child.communicate(timeout=10)
    assert child.returncode == 2
    assert "BITACORA_X is not a setting" in errors


def test_bad_settings_exit_with_2_and_a_readable_list() -> None:
    child = start("process", environment={"BITACORA_LOG_LEVEL": "loud"})
    _, errors = child.communicate(timeout=10)
    assert child.returncode == 2
    assert "BITACORA_LOG_LEVEL" in errors
    assert "Traceback" not in errors


def test_settings_reach_the_process() -> None:
    child = start("process", environment={"BITACORA_LOG_LEVEL": "warning"})
    out, errors = child.communicate(timeout=10)
    assert child.returncode == 0, out + errors
