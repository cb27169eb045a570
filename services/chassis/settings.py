"""Settings of a process, read once from `BITACORA_` environment variables.

Everything that is wrong is reported at once and by variable name; a secret's value never appears in a
message. Variables whose third word names a process (`BITACORA_INGEST_...`) belong to that process alone, all
others are shared.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UndecodableSettingError

PREFIX = "BITACORA_"
GROUPS = ("ingest", "query", "export", "media", "gateway", "adapt", "demo", "embedded", "test", "bench")
"""A field whose name starts with one of these words and `_` belongs to that process; others ignore its
variable.
"""

SAMPLE_SECRETS = frozenset(
    {"changeme", "change-me", "replace-me", "replaceme", "example", "password", "secret"}
)
"""Values that documentation and sample files carry everywhere; a process refuses to start with one."""

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
VERIFYING_SSL_MODES = SSL_MODES[-2:]

CommaList = Annotated[tuple[str, ...], NoDecode]
"""A list written with commas; give the field `field_validator(..., mode="before")(split_commas)`."""

S = TypeVar("S", bound="BitacoraSettings")


class SettingsError(Exception):
    """Every fault found in the environment, one a line, each naming its variable. Never holds a secret."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("Settings are not usable:\n" + "\n".join(f"  - {problem}" for problem in problems))


def split_commas(value: object) -> object:
    """Turns `"a, b"` into `("a", "b")`; anything but text is passed through."""
    if isinstance(value, str):
        return tuple(part for part in (piece.strip() for piece in value.split(",")) if part)
    return value


class BitacoraSettings(BaseSettings):
    """Base of all settings: frozen, `BITACORA_` prefix, an empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )


class KafkaSettings(BitacoraSettings):
    """How to reach Kafka."""

    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092",
        min_length=1,
        description="Kafka brokers to ask first, as `host:port`, comma separated.",
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="How the connection to Kafka is protected. Production wants `SASL_SSL`.",
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512",
        description="How this process signs in to Kafka; used with a `SASL_` protocol only.",
    )
    kafka_sasl_username: str | None = Field(
        default=None, description="Kafka user; needed with a `SASL_` protocol."
    )
    kafka_sasl_password: SecretStr | None = Field(
        default=None, description="Password of the Kafka user; needed with a `SASL_` protocol."
    )
    kafka_ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authority that signed the brokers' certificates; unset: the system's.",
    )

    @model_validator(mode="after")
    def _authority_is_used(self) -> Self:
        if self.kafka_ca_file is None:
            return self
        if not self.kafka_security_protocol.endswith("SSL"):
            raise ValueError(
                f"{variable_of('kafka_ca_file')} is set, but {PREFIX}KAFKA_SECURITY_PROTOCOL "
                f"{self.kafka_security_protocol} does not encrypt; nothing would be verified"
            )
        if not self.kafka_ca_file.is_file():
            raise ValueError(f"{variable_of('kafka_ca_file')}: there is no file {self.kafka_ca_file}")
        return self

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL_"):
            missing = [
                name for name in ("kafka_sasl_username", "kafka_sasl_password") if getattr(self, name) is None
            ]
            if missing:
                names = " and ".join(variable_of(name) for name in missing)
                raise ValueError(
                    f"{names} must be set: {PREFIX}KAFKA_SECURITY_PROTOCOL is {self.kafka_security_protocol}"
                )
        return self


class PostgresSettings(BitacoraSettings):
    """How to reach PostgreSQL."""

    postgres_dsn: SecretStr = Field(
        description="PostgreSQL address, `postgresql://user:password@host:port/database`. "
        "Production adds `?sslmode=verify-full&sslrootcert=FILE` (PEM; it must name the server as the certificate "
        "does)."
    )

    @field_validator("postgres_dsn")
    @classmethod
    def _is_a_postgres_address(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        if parts.scheme not in ("postgresql", "postgres"):
            raise ValueError("must start with postgresql://")
        if (parts.password or "").lower() in SAMPLE_SECRETS:
            raise ValueError("holds a sample password; choose one of your own")
        _check_tls({name: values[-1] for name, values in parse_qs(parts.query).items()})
        return value


def _check_tls(options: Mapping[str, str]) -> None:
    """A driver that is given an authority and no order to verify would go on without, in silence."""
    authority, mode = options.get("sslrootcert"), options.get("sslmode")
    if mode is not None and mode not in SSL_MODES:
        raise ValueError(f"has an sslmode that does not exist; one of {', '.join(SSL_MODES)}")
    if authority is None:
        return
    if mode not in VERIFYING_SSL_MODES:
        raise ValueError("names an sslrootcert, but without sslmode=verify-full nothing would be verified")
    if not Path(authority).is_file():
        raise ValueError(f"there is no file {authority} for sslrootcert")


class RuntimeSettings(BitacoraSettings):
    """How a process behaves on its machine."""

    data_dir: Path = Field(
        default=Path(".bitacora/data"), description="Folder for the files a process makes (exports, spools)."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe line that is logged."
    )
    log_format: Literal["json", "console", "auto"] = Field(
        default="auto", description="Shape of log lines; `auto` is `console` on a terminal, `json` elsewhere."
    )
    health_host: str = Field(
        default="127.0.0.1",
        description="Address the private health and metrics port listens on; containers set `0.0.0.0`.",
    )
    shutdown_grace_seconds: float = Field(
        default=20.0,
        gt=0,
        le=300,
        description="Seconds a process has to finish its work after SIGTERM; then it exits with 75.",
    )


class ConversationSettings(BitacoraSettings):
    """Time limits of conversations that hold wherever a connection sets none of its own."""

    idle_timeout: int = Field(
        default=86_400,
        ge=0,
        description="Seconds without a message after which a conversation ends by itself; 0: never.",
    )
    prelude_window: int = Field(
        default=86_400,
        ge=0,
        description="Seconds a template message waits for the customer's answer to become its prelude.",
    )
    retention_months: int = Field(
        default=0,
        ge=0,
        description="Whole months, beside the present one, that messages and the event log are kept; 0: for ever. "
        "Else at least 2, since an event that Kafka still holds must be known when it comes again.",
    )

    @field_validator("retention_months")
    @classmethod
    def _is_longer_than_kafka_s(cls, value: int) -> int:
        if value == 1:
            raise ValueError("must be 0 or at least 2")
        return value


class SharedSettings(KafkaSettings, PostgresSettings, RuntimeSettings, ConversationSettings):
    """What every process reads.

    A process subclasses it in its own `settings.py`, prefixing its fields with its name.
    """


def variable_of(field: str) -> str:
    """The environment variable that sets a field: `log_level` -> `BITACORA_LOG_LEVEL`."""
    return PREFIX + field.upper()


def secret_fields(settings: type[BitacoraSettings]) -> frozenset[str]:
    """Names of the fields that hold a secret, and so may also be given as a file by `<VARIABLE>_FILE`."""
    return frozenset(
        name
        for name, field in settings.model_fields.items()
        if field.annotation is SecretStr or SecretStr in get_args(field.annotation)
    )


def load(cls: type[S]) -> S:
    """Reads settings of class `cls` from the environment. Raises SettingsError with every fault found."""
    secrets, problems = _read_secret_files(cls, os.environ)
    problems += _unknown_variables(cls, os.environ)
    settings: S | None = None
    try:
        settings = cls(**secrets)
    except ValidationError as error:
        problems += _explain(cls, error, os.environ)
    except UndecodableSettingError as error:
        problems.append(str(error))
    if problems or settings is None:
        raise SettingsError(sorted(problems))
    return settings


def _read_secret_files(
    cls: type[BitacoraSettings], environ: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name in secret_fields(cls):
        variable = variable_of(name)
        path = environ.get(f"{variable}_FILE", "")
        if not path:
            continue
        if environ.get(variable):
            problems.append(f"{variable} and {variable}_FILE are both set; keep one")
        try:
            values[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            problems.append(f"{variable}_FILE: cannot read {path}: {error.strerror}")
        except UnicodeDecodeError:
            problems.append(f"{variable}_FILE: {path} is not UTF-8 text")
    return values, problems


def _unknown_variables(cls: type[BitacoraSettings], environ: Mapping[str, str]) -> list[str]:
    fields = set(cls.model_fields) | set(SharedSettings.model_fields)
    secrets = secret_fields(cls) | secret_fields(SharedSettings)
    known = {variable_of(name) for name in fields} | {f"{variable_of(name)}_FILE" for name in secrets}
    own = {group for group in GROUPS if any(name.startswith(f"{group}_") for name in cls.model_fields)}
    foreign = tuple(variable_of(f"{group}_") for group in GROUPS if group not in own)
    return [
        f"{variable} is not a setting{_suggestion(variable, known)}"
        for variable in environ
        if variable.startswith(PREFIX) and variable not in known and not variable.startswith(foreign)
    ]


def _suggestion(variable: str, known: set[str]) -> str:
    nearest = difflib.get_close_matches(variable, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def _explain(
    cls: type[BitacoraSettings], error: ValidationError, environ: Mapping[str, str]
) -> Iterator[str]:
    secrets = secret_fields(cls)
    missing_files = {name for name in secrets if environ.get(f"{variable_of(name)}_FILE")}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        message = fault["msg"].removeprefix("Value error, ")
        if not fault["loc"]:
            yield message
            continue
        name = str(fault["loc"][0])
        variable = variable_of(name)
        if fault["type"] == "missing":
            if name not in missing_files:
                yield f"{variable} is not set{' (nor ' + variable + '_FILE)' if name in secrets else ''}"
        elif name in secrets:
            yield f"{variable}: {message}"
        else:
            yield f"{variable}: {message} (it is {environ.get(variable, '')!r})"
