"""How records travel: the seam, and the way to Kafka that everybody gets unless they bring another."""

import atexit
import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kafka import KafkaProducer

from bitacora_producer.buffer import Bell, Buffer
from bitacora_producer.carrier import Carrier
from bitacora_producer.errors import ClosedError, FlushTimeoutError, ForkedError
from bitacora_producer.limits import Limits, SpoolSettings
from bitacora_producer.link import FOREVER_MS, Link
from bitacora_producer.record import Delivery, Record, Report
from bitacora_producer.spool import Spool

__all__ = ["KafkaTransport", "Report", "Transport"]

_LIVING: "weakref.WeakSet[KafkaTransport]" = weakref.WeakSet()
_AT_EXIT_SECONDS = 2.0


class Transport(Protocol):
    """Carries records in order of sending per key. All methods may be called from any thread."""

    def send(self, record: Record, report: Report) -> None:
        """Take a record; `report` is called once, from any thread, when its fate is known."""

    def flush(self, timeout: float) -> None:
        """Wait until every record taken so far is reported; FlushTimeoutError after `timeout` seconds."""

    def close(self, timeout: float) -> None:
        """Send what is left, for at most `timeout` seconds, and let go of everything."""


class KafkaTransport:
    """kafka-python's producer (acks from all replicas, idempotent, murmur2, lz4) behind a bounded buffer.

    With a spool, records go to disk while Kafka is away, and to Kafka in the same order when it is back.
    """

    def __init__(
        self,
        bootstrap: str | Sequence[str],
        options: Mapping[str, Any] | None = None,
        *,
        compression: str | None = "lz4",
        limits: Limits | None = None,
        spool: SpoolSettings | None = None,
        on_replayed: Report | None = None,
    ) -> None:
        """Without a spool connect now, KafkaError when that fails; with one, in the background.

        `options` go to KafkaProducer as they are: security, timeouts. `compression` is lz4, zstd, gzip, snappy or
        None. `on_replayed` is told what became of records from disk. SpoolLockedError or OSError for the folder.
        """
        self._limits = limits or Limits()
        self._settings = _kafka_settings(options or {}, compression, is_patient=spool is not None)
        self._bootstrap = bootstrap
        self._bell = Bell()
        self._buffer = Buffer(self._limits, self._bell)
        self._is_forked = False
        self._is_closed = False
        link = self._connect() if spool is None else None
        self._spool = None if spool is None else Spool(spool)
        self._carrier = Carrier(
            self._connect,
            self._buffer,
            self._bell,
            self._limits,
            spool=self._spool,
            away_after=0.0 if spool is None else spool.after,
            on_replayed=on_replayed or _ignore,
        )
        self._carrier.start(link)
        _LIVING.add(self)

    def send(self, record: Record, report: Report) -> None:
        """Take a record; every later failure is reported.

        While the buffer is full it waits as `Limits.wait` says, except in a delivery callback; then BufferFullError,
        SpoolFullError or SpoolWriteError, and the record is not taken. ClosedError after `close`.
        """
        self._check_process()
        wait = 0.0 if threading.current_thread() is self._carrier.thread else self._limits.wait
        self._buffer.put(record, report, wait)

    def try_send(self, record: Record, report: Report) -> None:
        """Take a record as `send` does, but never wait."""
        self._check_process()
        self._buffer.put(record, report, 0.0)

    def flush(self, timeout: float) -> None:
        """Wait until every record taken so far is in Kafka or on disk, or failed."""
        self._check_process()
        if not self._buffer.wait_settled(timeout):
            raise FlushTimeoutError(timeout, self._buffer.waiting_ids(), self.spooled)

    def drain(self, timeout: float) -> None:
        """Wait until nothing is left in memory nor on disk; FlushTimeoutError after `timeout` seconds."""
        self._check_process()
        if not self._buffer.wait_until(self._is_empty, timeout):
            raise FlushTimeoutError(timeout, self._buffer.waiting_ids(), self.spooled)

    def close(self, timeout: float) -> None:
        """Settle everything within `timeout` seconds: what is then not in Kafka goes to disk, or fails as closed."""
        if self._is_forked or self._is_closed:
            return
        self._is_closed = True
        self._buffer.close(ClosedError("the producer is closed"))
        self._carrier.close(timeout)

    @property
    def spooled(self) -> int:
        """How many records are on disk and not acknowledged by Kafka, those of former processes too."""
        return self._carrier.spooled

    @property
    def buffer(self) -> Buffer:
        """What waits in memory."""
        return self._buffer

    def _connect(self, careful: bool = False) -> Link:  # noqa: FBT001, FBT002 - called by the connector's thread
        return Link(self._bootstrap, self._settings, self._bell, careful=careful)

    def _is_empty(self) -> bool:
        return self._buffer.is_empty and self.spooled == 0

    def _check_process(self) -> None:
        if self._is_forked:
            raise ForkedError("this producer was made before the process was forked; make one in the child")

    def _note_fork(self) -> None:
        """Threads, connections and the spool stay with the parent."""
        self._is_forked = True
        if self._spool is not None:
            self._spool.leave_to_parent()


def _kafka_settings(
    options: Mapping[str, Any], compression: str | None, *, is_patient: bool
) -> dict[str, Any]:
    unknown = options.keys() - KafkaProducer.DEFAULT_CONFIG.keys()
    if unknown:
        raise ValueError(f"kafka-python knows no such options: {', '.join(sorted(unknown))}")
    return {
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": 5,
        "batch_size": 64 * 1024,  # kafka-python wakes its thread for every record behind a full batch
        "compression_type": compression,
        # How long is patient is decided here, for all records alike, not by kafka-python for single batches.
        "delivery_timeout_ms": FOREVER_MS,
        "max_block_ms": 3_000,
        "reconnect_backoff_max_ms": 2_000,
        "bootstrap_timeout_ms": 10_000 if is_patient else 30_000,
        "metrics_enabled": False,
        **options,
    }


def _ignore(delivery: Delivery) -> None:
    pass


def _note_fork() -> None:
    for transport in list(_LIVING):
        transport._note_fork()  # noqa: SLF001 - of this module


def _close_all() -> None:
    """At the end of the process, for those that forgot to close."""
    for transport in list(_LIVING):
        transport.close(_AT_EXIT_SECONDS)


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
