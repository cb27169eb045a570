"""What can go wrong for a caller."""

from uuid import UUID

from bitacora_producer.record import Delivery


class InvalidEventError(ValueError):
    """The event would be refused by ingest, so it is not sent; `reason` is ingest's own word."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class BufferFullError(RuntimeError):
    """The event was not taken: as many as allowed wait already. Try again later; nothing was sent of it."""


class SpoolFullError(BufferFullError):
    """The event was not taken: Kafka is away, and the folder for such times holds as much as it may."""


class SpoolWriteError(BufferFullError):
    """The event was not taken: Kafka is away, and the disk does not take it; the cause says why."""


class SpoolLockedError(RuntimeError):
    """Another producer uses this spool folder; each needs one of its own."""


class ClosedError(RuntimeError):
    """The producer is closed. As a delivery's error: it was closed before Kafka had the event."""


class ForkedError(RuntimeError):
    """The producer was made before this process was forked; make one in the child instead."""


class DeliveryTimeoutError(TimeoutError):
    """Kafka did not acknowledge the event in time. It may be there all the same; sending it again is safe."""


class DeliveryError(RuntimeError):
    """These events are neither in Kafka nor on disk, as far as known. Sending them again is safe."""

    def __init__(self, failed: tuple[Delivery, ...]) -> None:
        first = failed[0].error if failed else None
        super().__init__(f"{len(failed)} events were not delivered; the first: {first!r}")
        self.failed = failed


class FlushTimeoutError(TimeoutError):
    """Events are still on their way: `waiting` are the ids of those that are nowhere safe, None for records without.

    They are sent as long as the process lives. `spooled` more are on disk, from where they go to Kafka in any case.
    """

    def __init__(self, timeout: float, waiting: tuple[UUID | None, ...], spooled: int = 0) -> None:
        super().__init__(f"after {timeout} s {len(waiting)} events are still on their way, {spooled} on disk")
        self.waiting = waiting
        self.spooled = spooled
