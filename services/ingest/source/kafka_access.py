"""How each Kafka client is told to reach the brokers of the settings."""

import ssl
from typing import Any

from services.chassis.settings import KafkaSettings


def aiokafka_options(settings: KafkaSettings) -> dict[str, Any]:
    """Arguments of aiokafka's consumer and producer."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_security_protocol,
        **_sasl(settings),
    }
    if (context := tls_context(settings)) is not None:
        options["ssl_context"] = context
    return options


def kafka_python_options(settings: KafkaSettings) -> dict[str, Any]:
    """Arguments of kafka-python's clients."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_security_protocol,
        **_sasl(settings),
    }
    if settings.kafka_ca_file is not None:
        options["ssl_cafile"] = str(settings.kafka_ca_file)
    return options


def tls_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """The context that verifies the brokers; None without TLS."""
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    ca_file = settings.kafka_ca_file
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))


def _sasl(settings: KafkaSettings) -> dict[str, Any]:
    if not settings.kafka_security_protocol.startswith("SASL_"):
        return {}
    password = settings.kafka_sasl_password
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": None if password is None else password.get_secret_value(),
    }
