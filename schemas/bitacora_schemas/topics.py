"""Which topics exist, with their keys, partitions and retention."""

from typing import NamedTuple

EVENTS = "bitacora.events.v1"
LIFECYCLE = "bitacora.lifecycle.v1"
EXPORT_EVENTS = "bitacora.exports.events.v1"

MAX_RECORD_BYTES = 256 * 1024
"""A larger body travels by reference."""

_DAY_MS = 24 * 3600 * 1000


class Topic(NamedTuple):
    """A topic as it must be created; its partitions never change, since growing them moves threads."""

    name: str
    key: str
    partitions: int
    retention_days: int
    description: str

    @property
    def config(self) -> dict[str, str]:
        """Broker settings; retention counts from arrival (LogAppendTime), so back-fills survive."""
        return {
            "cleanup.policy": "delete",
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": str(self.retention_days * _DAY_MS),
            # More than a record may have: ingest refuses what is too large by name, where operators see it.
            "max.message.bytes": str(1024 * 1024),
        }


TOPICS: tuple[Topic, ...] = (
    Topic(EVENTS, "thread key", 12, 30, "All canonical events: chatbot messages and HSM alike"),
    Topic(LIFECYCLE, "conversation id", 12, 30, "What ingest decided: conversations opened and closed"),
    Topic(EXPORT_EVENTS, "account id", 3, 7, "What became of each export"),
)
