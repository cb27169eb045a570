"""What a Kafka source is told, whichever client it uses."""

from dataclasses import dataclass

from services.chassis.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What to read, as whom, and how long to pause after a fetch of fewer than `pause_below` records.

    A fetch gives at most `fetch_records`: unbounded, one answer of Kafka may be tens of thousands of small records.

    A partition that is added is noticed within `metadata_seconds`.
    """

    topic: str
    group: str
    kafka: KafkaSettings
    instance_id: str | None = None
    session_timeout_seconds: float = 15.0
    metadata_seconds: float = 30.0
    fetch_records: int = 2_500
    pause_seconds: float = 0.065
    pause_below: int = 500
