"""Is this process alive, can it serve, and what does it count: a small HTTP server on a private port.

`/health/live` asks whether to restart the process, `/health/ready` whether to send it work, `/metrics` is for
Prometheus.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aiohttp import web

from services.chassis.clock import Clock, utc_now
from services.chassis.connection_faults import SIGN_IN_REFUSED
from services.chassis.metrics import READY, exposition

LIVE_PATH = "/health/live"
READY_PATH = "/health/ready"
METRICS_PATH = "/metrics"
REFUSED_FOR = timedelta(minutes=5)
"""So long a refused sign-in is waited out before a supervisor is asked for a restart."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One named condition of being ready; `reason` says why not, in words without personal data."""

    ok: bool
    reason: str | None
    since: datetime


class Readiness:
    """The named conditions under which a process can serve.

    It is ready when all of them hold; a new one does not yet.
    """

    def __init__(self, *names: str, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._flags = {name: Flag(ok=False, reason="starting", since=clock()) for name in names}

    def up(self, name: str) -> None:
        """The condition holds. An unknown name adds it."""
        self._set(name, ok=True, reason=None)

    def down(self, name: str, reason: str) -> None:
        """The condition does not hold, for this reason. An unknown name adds it."""
        self._set(name, ok=False, reason=reason)

    @property
    def ready(self) -> bool:
        """Whether every condition holds."""
        return all(flag.ok for flag in self._flags.values())

    def why_start_anew(self) -> str | None:
        """Why a restart would help where waiting does not: a sign-in is refused, and secrets are read at the start only."""
        now = self._clock()
        for name, flag in self._flags.items():
            refused = not flag.ok and SIGN_IN_REFUSED in (flag.reason or "")
            if refused and now - flag.since > REFUSED_FOR:
                return f"{name}: {SIGN_IN_REFUSED}; secrets are read at the start only, they may have changed"
        return None

    def flags(self) -> dict[str, Flag]:
        """The conditions as they are now."""
        return dict(self._flags)

    def _set(self, name: str, *, ok: bool, reason: str | None) -> None:
        before = self._flags.get(name)
        since = before.since if before is not None and before.ok == ok else self._clock()
        self._flags[name] = Flag(ok=ok, reason=reason, since=since)


class HealthServer:
    """Serves liveness, readiness and metrics; use as an async context manager.

    `port` 0 takes a free one, see `.port` after the start. `alive` answers None, or why the process should be
    restarted.
    """

    def __init__(
        self,
        port: int,
        checks: Readiness,
        *,
        host: str = "127.0.0.1",
        alive: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.host = host
        self.port = port
        self._checks = checks
        self._alive = alive
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Starts to listen. Raises OSError when the port is taken."""
        app = web.Application()
        app.router.add_get(LIVE_PATH, self._live)
        app.router.add_get(READY_PATH, self._ready)
        app.router.add_get(METRICS_PATH, self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, shutdown_timeout=1.0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stops listening; harmless when it never started."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _live(self, _request: web.Request) -> web.Response:
        reason = self._alive() or self._checks.why_start_anew()
        if reason is None:
            return web.json_response({"status": "live"})
        return web.json_response({"status": "dead", "reason": reason}, status=503)

    async def _ready(self, _request: web.Request) -> web.Response:
        ready = self._checks.ready
        body = {
            "status": "ready" if ready else "unready",
            "checks": {
                name: {"ok": flag.ok, "reason": flag.reason, "since": flag.since.isoformat()}
                for name, flag in sorted(self._checks.flags().items())
            },
        }
        return web.json_response(body, status=200 if ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        for name, flag in self._checks.flags().items():
            READY.labels(name).set(flag.ok)
        body, content_type = exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})
