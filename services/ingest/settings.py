"""What the ingest worker can be told by its environment."""

from typing import Literal

from bitacora_schemas import topics
from pydantic import Field

from services.chassis.settings import SharedSettings


class IngestSettings(SharedSettings):
    """Settings of `python -m services.ingest`."""

    ingest_source: Literal["faust", "aiokafka"] = Field(
        default="faust", description="Client that reads Kafka: Faust, or aiokafka alone."
    )
    ingest_topic: str = Field(default=topics.EVENTS, min_length=1, description="Topic of canonical events.")
    ingest_group: str = Field(
        default="bitacora-ingest",
        min_length=1,
        description="Consumer group; workers of one group share the topic.",
    )
    ingest_instance_id: str | None = Field(
        default=None,
        description="Name of this worker within the group. A restart under the same name moves no partitions.",
    )
    ingest_session_timeout_seconds: float = Field(
        default=15.0, ge=1, le=300, description="Silence after which Kafka takes a worker for dead."
    )
    ingest_metadata_seconds: float = Field(
        default=30.0,
        ge=1,
        le=3_600,
        description="How often Kafka is asked what the topic looks like: so long may a new partition go unread.",
    )
    ingest_batch_records: int = Field(
        default=3_000, ge=1, le=50_000, description="Most records in one transaction."
    )
    ingest_queue_records: int = Field(
        default=3_000, ge=1, description="Most records fetched ahead of the transaction."
    )
    ingest_queue_bytes: int = Field(
        default=32 * 1024 * 1024,
        ge=1024,
        description="Most bytes of values fetched ahead of the transaction.",
    )
    ingest_pause_ms: int = Field(
        default=65,
        ge=0,
        le=5_000,
        description="Pause after a small fetch: costs that much freshness, saves most of the CPU at low rates.",
    )
    ingest_pause_below: int = Field(
        default=500, ge=0, description="A fetch of fewer records than this is a small one."
    )
    ingest_refusals_in_a_row: int = Field(
        default=100, ge=0, description="Refusals in a row on one partition that stop the worker; 0: no limit."
    )
    ingest_refusals_per_thousand: int = Field(
        default=200,
        ge=0,
        le=1_000,
        description="Refusals among the last 1,000 records of one partition that stop the worker; 0: no limit.",
    )
    ingest_check_seconds: float = Field(
        default=10.0, gt=0, description="How often topic ids, halted partitions and lag are looked at."
    )
    ingest_stall_seconds: float = Field(
        default=60.0, ge=3, description="Lag without a commit for so long ends the process, to be restarted."
    )
    ingest_health_port: int = Field(
        default=9101, ge=0, le=65_535, description="Private port of health and metrics; 0 takes a free one."
    )
    ingest_upkeep: bool = Field(
        default=True,
        description="Whether this worker also does what runs behind the log: partitions, outbox, idle conversations.",
    )
    ingest_idle_sweep_seconds: float = Field(
        default=30.0, gt=0, description="How often idle conversations are looked for."
    )
