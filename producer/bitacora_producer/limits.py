"""How much a producer may hold, and for how long."""

from pathlib import Path
from typing import NamedTuple

MEBIBYTE = 2**20


class Limits(NamedTuple):
    """What waits in memory: events that are neither acknowledged by Kafka nor on disk.

    At `records` or `bytes` the buffer is full. A caller then waits for room, up to `wait` seconds (0: not at
    all), and gets BufferFullError. Without a spool an event fails after `delivery` seconds.
    """

    records: int = 10_000
    bytes: int = 32 * MEBIBYTE
    wait: float = 60.0
    delivery: float = 120.0


class SpoolSettings(NamedTuple):
    """Where events go while Kafka is away: at most `max_bytes` in `folder`, which one producer has to itself.

    Kafka is away when it has acknowledged nothing for `after` seconds though something waits for it.
    """

    folder: Path
    max_bytes: int = 1024 * MEBIBYTE
    after: float = 2.0
    segment_bytes: int = 4 * MEBIBYTE

    @property
    def segment_limit(self) -> int:
        """Bytes after which a new file is begun: a small spool has small files, so that room comes back early."""
        return min(self.segment_bytes, max(self.max_bytes // 8, 4096))
