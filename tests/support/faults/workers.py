"""The workers of a drill: four slots, some of them filled, each with its own way to the servers and its own counters."""

import asyncio
import re
import signal
import time
from collections import Counter
from pathlib import Path

import aiohttp

from embedded.ports import LOOPBACK
from tests.support.faults.proxy import FaultProxy
from tests.support.processes import ServiceProcess

INGEST = "services.ingest"
BROKEN_INGEST = "tests.support.canaries.ingest"
CANARY = "CANARY"
SESSION_SECONDS = 5
STOP_SECONDS = 25.0
_LAG = "bitacora_ingest_lag_records{"
_GAUGES = ("bitacora_ingest_partitions", "bitacora_ingest_queue_records", _LAG)
_PARTITION = re.compile(r'partition="(\d+)"')
_COUNTERS = (
    "bitacora_ingest_fence_total",
    "bitacora_ingest_redo_total",
    "bitacora_ingest_rebalances_total",
    "bitacora_ingest_unreads_total",
    "bitacora_ingest_holes_total",
    "bitacora_ingest_batches_total",
    "bitacora_ingest_events_total",
)


class Slot:
    """A place for a worker. Counters are kept over its lives; `busy` is held by whoever does something to it."""

    def __init__(
        self, number: int, env: dict[str, str], to_kafka: FaultProxy, to_postgres: FaultProxy, folder: Path
    ) -> None:
        self.number = number
        self.to_kafka = to_kafka
        self.to_postgres = to_postgres
        self.busy = asyncio.Lock()
        self.wanted = False
        self.lives = 0
        self.unasked: list[str] = []
        """How it ended by itself, once a line; must stay empty."""
        self._process = ServiceProcess(BROKEN_INGEST if CANARY in env else INGEST, env, folder)
        self._past: Counter[str] = Counter()
        self._life: dict[str, float] = {}
        self._answered = False

    @property
    def fixed(self) -> bool:
        """Whether the group knows this worker by a name, so that a restart moves no partitions."""
        return self.number < 2

    @property
    def name(self) -> str:
        """For people."""
        return f"worker {self.number}"

    def start(self) -> None:
        """A new life."""
        self._past.update(
            {name: int(value) for name, value in self._life.items() if not name.startswith(_GAUGES)}
        )
        self._life = {}
        self._answered = False
        self.wanted = True
        self.lives += 1
        self._process.start()

    def running(self) -> bool:
        """Whether the process is there."""
        return self.lives > 0 and self._process.exit_code() is None

    def send(self, number: signal.Signals) -> None:
        """A signal."""
        self._process.send(number)

    def kill(self) -> None:
        """SIGKILL; also ends a stopped process."""
        self._process.kill()

    async def terminate(self) -> int:
        """SIGTERM, to a stopped process too; the exit code, or -9 when it had to be killed."""
        self.wanted = False
        self._process.send(signal.SIGTERM)
        self._process.send(signal.SIGCONT)
        deadline = time.monotonic() + STOP_SECONDS
        while (code := self._process.exit_code()) is None:
            if time.monotonic() > deadline:
                self._process.kill()
                return -signal.SIGKILL
            await asyncio.sleep(0.02)
        return code

    async def wait_answering(self, seconds: float = 60.0) -> bool:
        """Waits until its health port answers, that is until it can be asked to stop; False when it ends or time does."""
        deadline = time.monotonic() + seconds
        while not self._answered:
            await self.scrape()
            if time.monotonic() > deadline or not self.running():
                return self._answered
            await asyncio.sleep(0.05)
        return True

    async def scrape(self) -> None:
        """Reads its counters, if it answers within a second."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1.0)) as session,
                session.get(f"http://{LOOPBACK}:{self._process.health_port}/metrics") as answer,
            ):
                text = await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError):
            return
        self._answered = True
        self._life = dict(_read(text))

    def count(self, name: str) -> int:
        """A counter over all lives, its labels summed; name without the prefix and, if need be, with labels."""
        wanted = f"bitacora_ingest_{name}"
        seen = self._past + Counter({key: int(value) for key, value in self._life.items()})
        return sum(value for key, value in seen.items() if key == wanted or key.startswith(f"{wanted}{{"))

    def gauge(self, name: str) -> int:
        """A gauge of this life, as last read."""
        return int(self._life.get(f"bitacora_ingest_{name}", 0))

    def partitions(self) -> set[int]:
        """The partitions it reads, as it last said itself."""
        found = (_PARTITION.search(name) for name in self._life if name.startswith(_LAG))
        return {int(match[1]) for match in found if match}

    def note_end(self) -> None:
        """Keeps how it ended by itself."""
        self.unasked.append(f"{self.name} ended with code {self._process.exit_code()}:\n{self.last_words()}")

    def last_words(self, lines: int = 8) -> str:
        """The end of what it wrote, long lines cut."""
        return "\n".join(line[:1_500] for line in self._process.log().splitlines()[-lines:])

    def close(self) -> None:
        """Makes sure that it is gone."""
        self._process.close()


def _read(text: str) -> list[tuple[str, float]]:
    found = []
    for line in text.splitlines():
        if line.startswith((*_COUNTERS, *_GAUGES)):
            name, value = line.rsplit(" ", 1)
            found.append((name, float(value)))
    return found


def worker_settings(
    *,
    bootstrap: str,
    dsn: str,
    topic: str,
    group: str,
    source: str,
    canary: str | None,
    number: int,
    folder: Path,
) -> dict[str, str]:
    """The environment of the worker in a slot."""
    name = {"BITACORA_INGEST_INSTANCE_ID": f"worker-{number}"} if number < 2 else {}
    broken = {} if canary is None else {CANARY: canary}
    return {
        "BITACORA_KAFKA_BOOTSTRAP": bootstrap,
        "BITACORA_POSTGRES_DSN": dsn,
        "BITACORA_DATA_DIR": str(folder / f"worker-{number}"),
        "BITACORA_INGEST_SOURCE": source,
        "BITACORA_INGEST_TOPIC": topic,
        "BITACORA_INGEST_GROUP": group,
        "BITACORA_INGEST_SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
        "BITACORA_INGEST_BATCH_RECORDS": "500",
        "BITACORA_INGEST_CHECK_SECONDS": "2",
        "BITACORA_INGEST_UPKEEP": "false",
        **name,
        **broken,
    }
