"""Certificates for one test run: an authority, a server's certificate signed by it, and another authority."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from embedded.ports import LOOPBACK
from embedded.transport import ServerCertificate


@dataclass(frozen=True, slots=True)
class Certificates:
    """`server` is for 127.0.0.1 and no other name; `authority` signed it, `stranger` did not. PEM files."""

    server: ServerCertificate
    authority: Path
    stranger: Path


def make_certificates(folder: Path) -> Certificates:
    """Makes all of them, valid from now, in a folder that is there."""
    authority = trustme.CA(organization_name="Bitácora tests")
    server = authority.issue_cert(LOOPBACK)
    key = load_pem_private_key(server.private_key_pem.bytes(), password=None)
    files = Certificates(
        ServerCertificate(key=folder / "server.key", chain=folder / "server.pem"),
        folder / "authority.pem",
        folder / "stranger.pem",
    )
    # PKCS8: the only key that Kafka reads.
    files.server.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files.server.key.chmod(0o600)
    files.server.chain.write_bytes(b"".join(part.bytes() for part in server.cert_chain_pems))
    authority.cert_pem.write_to_path(str(files.authority))
    trustme.CA(organization_name="Somebody else").cert_pem.write_to_path(str(files.stranger))
    return files
