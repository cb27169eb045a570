"""Settings of the export process."""

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from services.chassis.settings import CommaList, SharedSettings, split_commas


class ExportSettings(SharedSettings):
    """What the export process reads."""

    export_health_port: int = Field(
        default=8082, ge=0, le=65535, description="Private port of the export process's health and metrics."
    )
    export_concurrency: int = Field(
        default=2, ge=1, le=32, description="Jobs that one export process runs at once."
    )
    export_running_per_account: int = Field(
        default=2, ge=1, le=100, description="Jobs of one account that run at once, over all processes."
    )
    export_poll_seconds: float = Field(
        default=5.0, gt=0, le=60, description="Seconds between looks for work when no notification comes."
    )
    export_lease_seconds: float = Field(
        default=60.0,
        ge=1,
        le=600,
        description="Seconds after which a job whose process is silent is taken over.",
    )
    export_heartbeat_seconds: float = Field(
        default=10.0, gt=0, le=60, description="Seconds between signs of life of a running job."
    )
    export_sweep_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Seconds between rounds that remove expired and ownerless files.",
    )
    export_expiry_hours: float = Field(
        default=168.0, gt=0, le=24 * 365, description="Hours a finished file can be downloaded."
    )
    export_orphan_hours: float = Field(
        default=24.0,
        gt=0,
        le=24 * 30,
        description="Hours after which a file that no job points at is removed.",
    )
    export_timeout_seconds: float = Field(
        default=3600.0, gt=0, le=24 * 3600, description="Seconds that one attempt at a job may take."
    )
    export_pdf_seconds: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Seconds to typeset a transcript, plus 5 for every 1,000 messages.",
    )
    export_pdf_memory_mb: int = Field(
        default=4096,
        ge=512,
        le=64 * 1024,
        description="Address space in MB that the typesetting child process may take.",
    )
    export_messages_per_part: int = Field(
        default=5000,
        ge=100,
        le=20_000,
        description="Longer transcripts are cut into PDF parts of so many messages.",
    )
    export_font_dirs: CommaList = Field(
        default=(),
        description="Folders with the fonts of transcripts, comma separated. Unset: those that npm installed.",
    )
    export_public_url: str | None = Field(
        default=None,
        description="Address people use, for links in CSV files, e.g. `https://bitacora.example.com`. Unset: paths only.",
    )

    _split = field_validator("export_font_dirs", mode="before")(split_commas)

    @model_validator(mode="after")
    def _lease_outlives_heartbeats(self) -> Self:
        if self.export_lease_seconds < 2 * self.export_heartbeat_seconds:
            raise ValueError(
                "BITACORA_EXPORT_LEASE_SECONDS must be at least twice BITACORA_EXPORT_HEARTBEAT_SECONDS"
            )
        return self

    @property
    def store_root(self) -> Path:
        """The folder of finished files; the query process serves downloads from it."""
        return self.data_dir / "exports"
