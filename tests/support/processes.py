"""Our services as real processes: started with an environment, waited for, killed, asked to stop, read."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from embedded.child import Child, ChildSpec, Deadline
from embedded.ports import LOOPBACK, free_port

REPOSITORY = Path(__file__).parents[2]
_LOOK_SECONDS = 0.05


class ServiceProcess:
    """One process of ours, such as `services.ingest`; the log is kept across restarts.

    It gets the given BITACORA_ variables and none of the test run's own; its private health port is a free one.
    """

    def __init__(self, module: str, env: Mapping[str, str], folder: Path) -> None:
        self.module = module
        self.name = module.rpartition(".")[2]
        self.health_port = free_port()
        self.log_file = folder / f"{self.name}-{self.health_port}.log"
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BITACORA_")},
            "PYTHONPATH": os.pathsep.join(str(REPOSITORY / part) for part in (".", "schemas", "producer")),
            f"BITACORA_{self.name.upper()}_HEALTH_PORT": str(self.health_port),
            **env,
        }
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """The process id of the run now under way."""
        return self._running().pid

    def start(self) -> ServiceProcess:
        """Starts it without waiting; also after it ended."""
        self._child = Child(
            ChildSpec(
                name=self.name,
                command=[sys.executable, "-m", self.module],
                log=self.log_file,
                env=self._env,
                cwd=REPOSITORY,
            )
        )
        return self

    def wait_ready(self, seconds: float = 30.0) -> ServiceProcess:
        """Returns when `/health/ready` says so; fails with the end of the log when the process ends or time does."""
        deadline = Deadline.after(seconds)
        while not self.is_ready():
            if self.exit_code() is not None:
                raise self._running().failed(f"it ended with code {self.exit_code()}")
            if deadline.passed:
                raise self._running().failed(f"it was not ready within {seconds} s")
            time.sleep(_LOOK_SECONDS)
        return self

    def is_ready(self) -> bool:
        """What `/health/ready` says now; false while nothing listens."""
        try:
            with urllib.request.urlopen(
                f"http://{LOOPBACK}:{self.health_port}/health/ready", timeout=2
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._running().exit_code()

    def wait_ended(self, seconds: float = 30.0) -> int:
        """The exit code, once it has ended by itself."""
        code = self._running().wait(seconds)
        if code is None:
            raise self._running().failed(f"it still ran after {seconds} s")
        return code

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._running().send(signal.SIGKILL)
        self._running().wait(10)

    def terminate(self, seconds: float = 25.0) -> int:
        """SIGTERM; the exit code, which is -9 when it had to be killed after `seconds`."""
        return self._running().stop(seconds)

    def send(self, signal_number: signal.Signals) -> None:
        """Any signal, SIGSTOP and SIGCONT too."""
        self._running().send(signal_number)

    def log(self) -> str:
        """Everything it has written, over all its runs."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """Makes sure that it is gone."""
        if self._child is not None and self._child.exit_code() is None:
            self.kill()

    def _running(self) -> Child:
        assert self._child is not None, f"{self.module} was not started"
        return self._child


RunService = Callable[[str, Mapping[str, str]], ServiceProcess]


@pytest.fixture
def run_service(tmp_path: Path) -> Iterator[RunService]:
    """`run_service("services.ingest", {"BITACORA_POSTGRES_DSN": ...})` starts a process that ends with the test."""
    started: list[ServiceProcess] = []

    def run(module: str, env: Mapping[str, str]) -> ServiceProcess:
        process = ServiceProcess(module, env, tmp_path)
        started.append(process)
        return process.start()

    yield run
    for process in started:
        process.close()
