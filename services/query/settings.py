"""Settings of the query process."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from services.chassis.settings import SharedSettings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class QuerySettings(SharedSettings):
    """What the query process reads."""

    query_host: str = Field(
        default="127.0.0.1",
        description="Address the API and the pages listen on; anything but loopback wants HTTPS.",
    )
    query_port: int = Field(
        default=8080, ge=0, le=65535, description="Port of the API and the pages; 0: a free one."
    )
    query_health_port: int = Field(
        default=8081, ge=0, le=65535, description="Private port of the query process's health and metrics."
    )
    query_public_url: str | None = Field(
        default=None,
        description="Address people use, for example `https://bitacora.example.com`. With https, cookies are Secure. "
        "Unset: the address of each request.",
    )
    query_pool_size: int = Field(
        default=10, ge=1, le=200, description="Connections to PostgreSQL for everything but searches."
    )
    query_search_pool_size: int = Field(
        default=10, ge=1, le=200, description="Connections to PostgreSQL for searches."
    )
    query_search_timeout_ms: int = Field(
        default=3000,
        ge=100,
        le=60_000,
        description="Milliseconds a search may take in PostgreSQL before it is refused.",
    )
    query_searches_per_user: int = Field(
        default=2,
        ge=1,
        le=50,
        description="Searches one person or token may run at once; more are told to wait.",
    )
    query_node_modules: Path = Field(
        default=Path("node_modules"),
        description="Folder of the installed npm packages that the pages are made with.",
    )
    query_setup_token_file: Path | None = Field(
        default=None,
        description="Where the first start also writes the set-up token (mode 0600); unset: printed only.",
    )

    @property
    def secure(self) -> bool:
        """Whether people reach us by HTTPS."""
        return (self.query_public_url or "").startswith("https://")

    @model_validator(mode="after")
    def _public_url_is_an_origin(self) -> Self:
        if self.query_public_url is not None:
            parts = urlsplit(self.query_public_url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
                raise ValueError(
                    "BITACORA_QUERY_PUBLIC_URL must be an address such as https://bitacora.example.com"
                )
        return self
