"""The supervisor: starts again what crashed, gives up where that cannot help, stops what it was told to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from embedded.child import Child, ChildSpec
from embedded.errors import StartFailedError
from embedded.ports import free_port
from embedded.supervisor import Managed, Supervisor

SERVE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *arguments):
        pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def managed(
    tmp_path: Path, name: str, script: str, *arguments: str, health_url: str | None = None
) -> Managed:
    spec = ChildSpec(
        name=name,
        command=[sys.executable, "-c", script, *arguments],
        log=tmp_path / f"{name}.log",
        env=dict(os.environ),
    )
    return Managed(name=name, launch=partial(Child, spec), health_url=health_url, stop_seconds=5)


def service(tmp_path: Path) -> Managed:
    port = free_port()
    return managed(tmp_path, "service", SERVE, str(port), health_url=f"http://127.0.0.1:{port}/health/ready")


@asynccontextmanager
async def supervised(say: Callable[[str], None] = lambda _: None) -> AsyncIterator[Supervisor]:
    """A supervisor that watches."""
    supervisor = Supervisor(on_change=lambda: None, say=say)
    watching = asyncio.create_task(supervisor.watch())
    try:
        yield supervisor
    finally:
        watching.cancel()
        await supervisor.stop()


async def test_a_killed_process_is_started_again_and_becomes_ready(tmp_path: Path) -> None:
    said: list[str] = []
    async with supervised(said.append) as supervisor:
        supervisor.start(service(tmp_path))
        await supervisor.wait_ready(["service"], 20)
        first = supervisor.processes()["service"].pid
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(20):
            while supervisor.processes()["service"].pid == first:  # noqa: ASYNC110 - a process id sets no event
                await asyncio.sleep(0.05)
        await supervisor.wait_ready(["service"], 20)
    assert "ended with code -9" in said[0]


async def test_a_process_that_refuses_its_settings_is_not_tried_again(tmp_path: Path) -> None:
    async with supervised() as supervisor:
        supervisor.start(
            managed(
                tmp_path,
                "service",
                "import sys; print('BITACORA_X is not a setting'); sys.exit(2)",
                health_url=f"http://127.0.0.1:{free_port()}/",
            )
        )
        with pytest.raises(StartFailedError, match="BITACORA_X is not a setting"):
            await supervisor.wait_ready(["service"], 20)


async def test_a_process_that_crashes_again_and_again_is_given_up_while_starting(tmp_path: Path) -> None:
    async with supervised() as supervisor:
        supervisor.start(managed(tmp_path, "service", "1 / 0", health_url=f"http://127.0.0.1:{free_port()}/"))
        with pytest.raises(StartFailedError, match="ZeroDivisionError"):
            await supervisor.wait_ready(["service"], 20)


async def test_what_was_stopped_stays_stopped_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with supervised() as supervisor:
        supervisor.start(managed(tmp_path, "one", "import time; time.sleep(60)"))
        supervisor.start(managed(tmp_path, "two", "import time; time.sleep(60)"))
        await supervisor.stop(["one"])
        await asyncio.sleep(1)
        assert list(supervisor.processes()) == ["two"]
