"""What can go wrong for a caller."""

from bitacora_producer.record import Delivery


class InvalidEventError(ValueError):
    """The event would be refused by ingest, so it is not sent; `reason` is ingest's own word."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class DeliveryError(RuntimeError):
    """Kafka did not say that it took these events. Sending them again is safe."""

    def __init__(self, failed: tuple[Delivery, ...]) -> None:
        first = failed[0].error if failed else None
        super().__init__(f"{len(failed)} events were not delivered; the first: {first!r}")
        self.failed = failed


class FlushTimeoutError(TimeoutError):
    """Events are still on their way; they will be sent as long as the process lives."""
