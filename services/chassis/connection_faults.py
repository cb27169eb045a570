"""Why a connection to Kafka or PostgreSQL was not made, in a word and a sentence that hold no secret."""

import socket
import ssl

import asyncpg
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

# OpenSSL's numbers, x509_vfy.h
_EXPIRED = frozenset({9, 10})
_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 24, 27})
_ANOTHER_HOST = frozenset({62, 64})
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF")

SIGN_IN_REFUSED = "sign_in_refused"
SIGN_IN_ERRORS = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
"""What PostgreSQL answers at its door to a wrong password, role or database: only somebody's hand mends it."""


def name_fault(error: BaseException) -> str:
    """`word: sentence` for what a driver or client raised, `word` alone where it says all."""
    if isinstance(error, ssl.SSLError):
        return _tls_fault(error)
    match error:
        case SaslAuthenticationFailed() | asyncpg.InvalidAuthorizationSpecificationError():
            return f"{SIGN_IN_REFUSED}: the server knows no such user, or the password is another"
        case UnsupportedSaslMechanismError():
            return "sign_in_method_refused: the server does not offer this SASL mechanism"
        case asyncpg.InvalidCatalogNameError():
            return "database_missing: the server has no database of this name"
        case socket.gaierror():
            return "host_unknown: its name cannot be resolved"
        case TimeoutError():
            return "no_answer: nothing came back in time"
        case ConnectionRefusedError():
            return "connection_refused: nothing listens there"
        case FileNotFoundError():
            return "file_missing: a file of certificates is not there"
        case ConnectionError() if "rejected SSL" in str(error):
            return "no_tls: the server does not speak TLS"
        case ConnectionError():
            return "connection_closed: the server hung up; is this port meant for TLS, or for plain text?"
        case KafkaError():
            return type(error).__name__
    return type(error).__name__


def _tls_fault(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code in _ANOTHER_HOST:
            return "certificate_for_another_host: the name we connect to is not in the server's certificate"
        if code in _EXPIRED:
            return "certificate_expired: the server's certificate is not valid at this time"
        if code in _UNTRUSTED:
            return "certificate_untrusted: the authority we trust did not sign the server's certificate"
        return f"certificate_refused: OpenSSL's verification says {code}"
    if any(word in str(error) for word in _NOT_TLS):
        return "no_tls: the server does not speak TLS"
    return f"tls_failed: {error.reason or type(error).__name__}"
