"""How the embedded servers speak with clients that want encryption: for trying what production does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """PEM files. `key` is PKCS8 without a password, `chain` the certificate, followed by those that signed it.

    Clients compare the name they connect to with the certificate's subjectAltName.
    """

    key: Path
    chain: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SaslListener:
    """A second listener of Kafka's, encrypted, for clients that sign in with PLAIN or SCRAM-SHA-512.

    `users` are names and passwords; both mechanisms know all of them. Other brokers and `bootstrap` stay as they are.
    """

    certificate: ServerCertificate
    users: Mapping[str, str] = field(repr=False)


def write_secret(path: Path, secret: str) -> None:
    """Writes a new file that only this user can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
