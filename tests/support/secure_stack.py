"""A Kafka and a PostgreSQL that encrypt and ask who signs in, and the settings that reach them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from embedded.kafka import EmbeddedKafka
from embedded.postgres import DATABASE, ROLE, EmbeddedPostgres
from embedded.transport import SaslListener
from tests.support.running_stack import bitacora

if TYPE_CHECKING:
    from tests.support.certificates import Certificates

USER = "bitacora-services"
ANOTHER_NAME = "localhost"
"""Of the same address, and not in the certificate."""


@dataclass(frozen=True, slots=True)
class SecureStack:
    """Both servers, running; `password` is that of `USER` in Kafka."""

    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    certificates: Certificates
    password: str = field(repr=False)

    def kafka_env(self, folder: Path, *, mechanism: str = "SCRAM-SHA-512") -> dict[str, str]:
        """How our processes sign in to Kafka; the password lies in a file below `folder`."""
        return {
            "BITACORA_KAFKA_BOOTSTRAP": self.kafka.secure_bootstrap,
            "BITACORA_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "BITACORA_KAFKA_SASL_MECHANISM": mechanism,
            "BITACORA_KAFKA_SASL_USERNAME": USER,
            "BITACORA_KAFKA_SASL_PASSWORD_FILE": secret_file(folder, self.password),
            "BITACORA_KAFKA_CA_FILE": str(self.certificates.authority),
        }

    def postgres_env(self, folder: Path) -> dict[str, str]:
        """How they reach PostgreSQL, by a file too."""
        return {"BITACORA_POSTGRES_DSN_FILE": secret_file(folder, self.dsn())}

    def dsn(
        self, *, host: str = "127.0.0.1", password: str | None = None, authority: Path | None = None
    ) -> str:
        """The database's address with full verification; what is given replaces what is right."""
        wanted = quote(password or self.postgres_password)
        address = f"postgresql://{ROLE}:{wanted}@{host}:{self.postgres.port}/{DATABASE}"
        return verified(address, authority or self.certificates.authority)

    @property
    def postgres_password(self) -> str:
        """The role's."""
        return (self.postgres.folder / f"{ROLE}.password").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not right, and the word that our processes must say."""

    word: str
    env: dict[str, str] = field(repr=False)


def verified(dsn: str, authority: Path) -> str:
    """The same address, with the certificate verified in full."""
    return f"{dsn}?sslmode=verify-full&sslrootcert={authority}"


def secret_file(folder: Path, secret: str) -> str:
    """A new file that holds a secret."""
    path = folder / f"secret-{secrets.token_hex(4)}"
    path.write_text(f"{secret}\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)


@pytest.fixture(scope="session")
def secure_stack(stack_folder: Path, stack_cache: Path) -> Iterator[SecureStack]:
    """Started once a run, when a test first asks for it."""
    from tests.support.certificates import make_certificates  # only those who ask need its libraries

    folder = stack_folder / "secure"
    folder.mkdir(mode=0o711)
    certificates = make_certificates(folder)
    password = secrets.token_urlsafe(18)
    with (
        EmbeddedKafka(
            folder=folder / "kafka",
            cache=stack_cache,
            ephemeral=True,
            secure=SaslListener(certificate=certificates.server, users={USER: password}),
        ) as kafka,
        EmbeddedPostgres(
            folder=folder / "postgres",
            cache=stack_cache,
            ephemeral=True,
            certificate=certificates.server,
            settings={"log_connections": "on"},
        ) as postgres,
    ):
        yield SecureStack(kafka, postgres, certificates, password)


@pytest.fixture(scope="session")
def secure_env(secure_stack: SecureStack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The settings that are right, on servers where tables, topics and an account have been made with them."""
    folder = tmp_path_factory.mktemp("secrets")
    env = {**secure_stack.kafka_env(folder), **secure_stack.postgres_env(folder)}
    for command in (["migrate"], ["topics", "create"], ["account", "create", "acme"]):
        outcome = bitacora(*command, extra=env)
        assert outcome.returncode == 0, outcome.stderr
    return env
