"""Keeps processes running: starts them, waits until they are ready, starts a crashed one again, stops all in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from embedded.child import Child, Deadline
from embedded.errors import StartFailedError
from embedded.state import ProcessState, describe_process

_LOOK_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 20.0
_HEALTHY_AFTER_SECONDS = 60.0
_CRASHES_WHILE_STARTING = 3
_EXIT_BAD_SETTINGS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """One process to keep running. `launch` starts it; a `health_url` is asked whether it is ready."""

    name: str
    launch: Callable[[], Child]
    health_url: str | None = None
    stop_seconds: float = 25.0


@dataclass(slots=True)
class _Running:
    what: Managed
    child: Child
    launched_at: float
    crashes: int = 0
    retry_at: float | None = None


def pause_before_restart(crashes: int) -> float:
    """Seconds to wait after the given number of crashes in a row: 0.5, 1, 2, ... at most 20."""
    return min(_LONGEST_PAUSE_SECONDS, 0.5 * 2.0 ** (crashes - 1))


class Supervisor:
    """Runs in one event loop, whose thread must outlive the children.

    `on_change` is called when a process was started or ended, `say` with words for a person.
    """

    def __init__(self, *, on_change: Callable[[], None], say: Callable[[str], None]) -> None:
        self._running: dict[str, _Running] = {}
        self._on_change = on_change
        self._say = say
        self.stopping = False

    def start(self, what: Managed) -> None:
        """Starts a process and keeps it."""
        self._keep(_Running(what, what.launch(), time.monotonic()))

    def adopt(self, what: Managed, child: Child) -> None:
        """Keeps a process that runs already."""
        self._keep(_Running(what, child, time.monotonic()))

    def processes(self) -> dict[str, ProcessState]:
        """What runs now, by name, in the order of the starts."""
        return {
            name: describe_process(running.child.pid, running.what.health_url)
            for name, running in self._running.items()
        }

    async def watch(self) -> None:
        """Restarts what ends, until cancelled. A process that ran for a minute starts with a clean slate."""
        while True:
            for running in list(self._running.values()):
                self._look_after(running)
            await asyncio.sleep(_LOOK_SECONDS)

    async def wait_ready(self, names: Iterable[str], seconds: float) -> None:
        """Returns when each named process says it is ready; needs `watch` to run beside it.

        Raises StartFailedError when one stays unready, refuses its settings or crashes again and again.
        """
        deadline = Deadline.after(seconds)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            for name in names:
                running = self._running[name]
                answer = ""
                while (answer := await _readiness(session, running.what.health_url)) != "":
                    _raise_if_hopeless(running)
                    if deadline.passed:
                        raise running.child.failed(f"it was not ready within {seconds:.0f} s ({answer})")
                    await asyncio.sleep(_LOOK_SECONDS)

    async def stop(self, names: Iterable[str] | None = None) -> None:
        """Stops the named processes side by side, or all of them; none of these is started again."""
        chosen = [self._running.pop(name) for name in list(names or self._running) if name in self._running]
        await asyncio.gather(
            *(asyncio.to_thread(running.child.stop, running.what.stop_seconds) for running in chosen)
        )
        self._on_change()

    def kill_all(self) -> None:
        """Ends everything at once, for a person who asked twice."""
        for running in self._running.values():
            running.child.stop(0.2)
        self._running.clear()

    def _keep(self, running: _Running) -> None:
        self._running[running.what.name] = running
        self._on_change()

    def _look_after(self, running: _Running) -> None:
        code, now = running.child.exit_code(), time.monotonic()
        if code is None:
            return
        if running.retry_at is None:
            ran_long = now - running.launched_at > _HEALTHY_AFTER_SECONDS
            running.crashes = 1 if ran_long else running.crashes + 1
            pause = pause_before_restart(running.crashes)
            running.retry_at = now + pause
            self._say(
                f"{running.what.name} ended with code {code}; starting it again in {pause:.1f} s "
                f"(its log: {running.child.spec.log})"
            )
            self._on_change()
        elif now >= running.retry_at:
            running.child, running.launched_at, running.retry_at = running.what.launch(), now, None
            self._on_change()


def _raise_if_hopeless(running: _Running) -> None:
    code = running.child.exit_code()
    if code is None:
        return
    if code == _EXIT_BAD_SETTINGS or running.crashes >= _CRASHES_WHILE_STARTING:
        error: StartFailedError = running.child.failed(f"it ended with code {code}")
        raise error


async def _readiness(session: aiohttp.ClientSession, health_url: str | None) -> str:
    """Empty when ready, else why not."""
    if health_url is None:
        return ""
    try:
        async with session.get(health_url) as response:
            if response.status == HTTPStatus.OK:
                return ""
            return (await response.text())[:300]
    except (aiohttp.ClientError, TimeoutError) as error:
        return str(error) or type(error).__name__
