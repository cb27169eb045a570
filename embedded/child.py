"""One child process: started on a leash, with its output in a log file, stopped within a limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.errors import StartFailedError

_LEASH = Path(__file__).with_name("leash.py")
_TAIL_BYTES = 4096
_LOG_KEPT_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class UserIds:
    """Whom a child runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """How to run one child.

    `env` is the whole environment of the child. `stop_signal` asks it to end in good order,
    `orphan_signal` is what it gets when its parent dies: SIGKILL unless the program ends surely and soon
    by a milder one.
    """

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path | None = None
    user: UserIds | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL


class Child:
    """A running process of the stack.

    Start it from a thread that lives as long as the stack, the main one as a rule: on Linux the leash is
    tied to the thread that started the child, not to the whole process.
    """

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        _keep_log_small(spec.log)
        user = f"{spec.user.uid}:{spec.user.gid}" if spec.user else "-"
        leash = [
            sys.executable,
            "-I",
            "-S",
            str(_LEASH),
            str(os.getpid()),
            str(int(spec.orphan_signal)),
            user,
        ]
        with spec.log.open("ab") as log:
            self.log_start = log.tell()
            self._process = subprocess.Popen(
                [*leash, *spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(spec.env),
                cwd=spec.cwd,
                start_new_session=True,  # Ctrl-C reaches the parent only, which stops the children in order
            )

    @property
    def pid(self) -> int:
        """The process id; the leash becomes the command, so it never changes."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def send(self, signal_number: signal.Signals) -> None:
        """Sends a signal; nothing happens when the process is gone."""
        if self._process.poll() is None:
            self._process.send_signal(signal_number)

    def stop(self, seconds: float) -> int:
        """Asks it to end, waits up to `seconds`, then kills it; returns its exit code."""
        self.send(self.spec.stop_signal)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(10)

    def wait(self, seconds: float) -> int | None:
        """Waits up to `seconds` for it to end; None when it still runs."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def log_tail(self) -> str:
        """The last lines that this run wrote to its log."""
        with self.spec.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self.log_start, size - _TAIL_BYTES))
            return log.read().decode(errors="replace").strip()

    def failed(self, reason: str) -> StartFailedError:
        """The error that says why this child is not usable, with the end of its log."""
        return StartFailedError(
            self.spec.name, reason, self.spec.log, "\n".join(self.log_tail().splitlines()[-12:])
        )


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock after which a wait gives up."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def passed(self) -> bool:
        return time.monotonic() > self.at


def _keep_log_small(log: Path) -> None:
    """Moves a log that has grown large aside, so that years of restarts keep two files at most."""
    if log.exists() and log.stat().st_size > _LOG_KEPT_BYTES:
        log.replace(log.with_suffix(".old.log"))
