"""From the first signal to the exit code: how a process starts, is asked to stop, and stops.

Exit codes: 0 stopped cleanly, 1 a bug or a lost dependency ended it, 2 the settings are not usable, 75 it was
asked to stop and did not manage within its grace period.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar

import structlog

from services.chassis.logs import configure_logging
from services.chassis.settings import RuntimeSettings, SettingsError, load

EXIT_CLEAN = 0
EXIT_CRASHED = 1
EXIT_BAD_SETTINGS = 2
EXIT_DEADLINE = 75

LEFT_BEHIND_SECONDS = 2.0

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)
R = TypeVar("R", bound=RuntimeSettings)
T = TypeVar("T")


class Shutdown:
    """Tells the parts of a process that it has been asked to stop."""

    def __init__(self) -> None:
        self.requested = asyncio.Event()

    def request(self) -> None:
        """Asks the process to stop, as a signal would; without a signal there is no deadline."""
        self.requested.set()

    async def wait(self) -> None:
        """Returns once the process has been asked to stop."""
        await self.requested.wait()

    async def sleep(self, seconds: float) -> bool:
        """Waits so many seconds, or less if asked to stop meanwhile. Answers whether to go on."""
        try:
            await asyncio.wait_for(self.requested.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def unless_requested(self, work: Awaitable[T]) -> T | None:
        """What `work` answers; None when the process is asked to stop first, and then `work` is cancelled."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            stopping.cancel()


def run_process(
    settings_class: type[R], main: Callable[[R, Shutdown], Awaitable[None]], *, service: str
) -> int:
    """Loads settings, starts logging, runs `main` until it returns.

    Answers the exit code; faults in settings go to stderr.
    """
    try:
        settings = load(settings_class)
    except SettingsError as error:
        _say(error)
        return EXIT_BAD_SETTINGS
    configure_logging(settings.log_level, settings.log_format, service)
    return run_service(
        lambda shutdown: main(settings, shutdown), grace_seconds=settings.shutdown_grace_seconds
    )


def run_service(main: Callable[[Shutdown], Awaitable[None]], *, grace_seconds: float = 20) -> int:
    """Runs `main` to its end and answers the exit code.

    SIGTERM and SIGINT set the Shutdown that `main` is given. From then on it has `grace_seconds` to return;
    after that, or at a second signal, the process ends at once with 75, even when its event loop no longer
    turns.
    """
    deadline = _Deadline(grace_seconds)
    try:
        _run_to_end(_run(main, deadline))
    except SettingsError as error:
        _say(error)
        return EXIT_BAD_SETTINGS
    except (Exception, asyncio.CancelledError):
        # The outermost loop: whatever ends the process is logged before it does. Nobody cancels `main`, so a cancelling that
        # comes out of it is a bug as well; let through, it would take the caller's own end of the process with it.
        log.critical("process_crashed", exc_info=True)
        return EXIT_CRASHED
    finally:
        deadline.cancel()
    log.info("process_stopped")
    return EXIT_CLEAN


def _run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """As `asyncio.run`, but tasks left behind get a moment to end and no more: a client's that swallows its cancelling
    would hold the process up until its deadline.
    """
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(main)
    finally:
        try:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left, timeout=LEFT_BEHIND_SECONDS))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


async def _run(main: Callable[[Shutdown], Awaitable[None]], deadline: "_Deadline") -> None:
    shutdown = Shutdown()
    loop = asyncio.get_running_loop()

    def request(number: int) -> None:
        log.info("shutdown_requested", signal=signal.Signals(number).name, grace_seconds=deadline.seconds)
        shutdown.request()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        deadline.start()  # here and not on the loop, which may be the very thing that hangs
        loop.call_soon_threadsafe(request, number)

    before = {number: signal.signal(number, on_signal) for number in STOP_SIGNALS}
    try:
        log.info("process_started", pid=os.getpid())
        await main(shutdown)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(error: SettingsError) -> None:
    sys.stderr.write(f"{error}\n")


class _Deadline:
    """Ends the process from a thread of its own, so that a blocked event loop cannot outlive it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        first = self._timer is None
        why = "deadline_passed" if first else "second_signal"
        self._timer = threading.Timer(self.seconds if first else 0, self._end, args=(why,))
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @staticmethod
    def _end(why: str) -> None:
        log.critical("shutdown_forced", reason=why)
        sys.stdout.flush()
        os._exit(EXIT_DEADLINE)
