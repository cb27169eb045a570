"""What people read when a connection is not made."""

import socket
import ssl

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from services.chassis.connection_faults import name_fault


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (certificate_error(20), "certificate_untrusted"),
        (certificate_error(18), "certificate_untrusted"),
        (certificate_error(62), "certificate_for_another_host"),
        (certificate_error(64), "certificate_for_another_host"),
        (certificate_error(10), "certificate_expired"),
        (certificate_error(79), "certificate_refused"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "no_tls"),
        (ConnectionError('PostgreSQL server at "x" rejected SSL upgrade'), "no_tls"),
        (ConnectionResetError(104, "reset by peer"), "connection_closed"),
        (ConnectionRefusedError(111, "refused"), "connection_refused"),
        (socket.gaierror(-2, "unknown"), "host_unknown"),
        (TimeoutError(), "no_answer"),
        (FileNotFoundError(2, "ca.pem"), "file_missing"),
        (asyncpg.InvalidPasswordError("password"), "sign_in_refused"),
        (asyncpg.InvalidCatalogNameError("database"), "database_missing"),
        (SaslAuthenticationFailed("no"), "sign_in_refused"),
        (UnsupportedSaslMechanismError("no"), "sign_in_method_refused"),
        (KafkaConnectionError("no"), "KafkaConnectionError"),
        (asyncpg.DiskFullError("full"), "DiskFullError"),
    ],
)
def test_every_fault_has_a_word(error: Exception, word: str) -> None:
    assert name_fault(error).partition(":")[0] == word


def test_what_a_server_said_is_not_passed_on() -> None:
    """It may quote what it was given."""
    assert "s3cret" not in name_fault(asyncpg.InvalidPasswordError('password "s3cret" is wrong'))
    assert "s3cret" not in name_fault(SaslAuthenticationFailed("s3cret"))
