"""A `bitacora up` under way, for tests that use the product as people do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 60.0


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The test run's, without its BITACORA_ variables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BITACORA_")}
    paths = os.pathsep.join(str(REPOSITORY / part) for part in (".", "schemas", "producer"))
    return {**inherited, "PYTHONPATH": paths, **(extra or {})}


def bitacora(*arguments: str, extra: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment(extra),
        timeout=60,
        check=False,
    )


class RunningStack:
    """A `bitacora up` under way in a folder of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.output = home.with_suffix(".out")
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up", "--home", str(home), *options],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=REPOSITORY,
                env=environment(),
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_running(self) -> RunningStack:
        wait_until(
            lambda: "Bitácora runs at" in self.said() or self.process.poll() is not None, START_SECONDS
        )
        assert self.process.poll() is None, self.said()
        return self

    def env(self) -> dict[str, Any]:
        outcome = bitacora("env", "--json", "--home", str(self.home))
        assert outcome.returncode == 0, outcome.stderr
        shown: dict[str, Any] = json.loads(outcome.stdout)
        return shown

    def family(self) -> list[psutil.Process]:
        """Every process below this one."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> int:
        """As Ctrl-C does, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"did not come true within {seconds} s"
        time.sleep(0.1)
