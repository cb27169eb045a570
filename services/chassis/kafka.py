"""How each Kafka client is told to reach the brokers of the settings, and why they cannot be reached."""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError

from services.chassis.connection_faults import name_fault
from services.chassis.settings import KafkaSettings

PROBE_SECONDS = 5.0


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


async def why_unreachable(settings: KafkaSettings) -> str | None:
    """What each broker of the settings says to one connection that signs in; None when one of them takes it.

    Clients try again until their time is over and then know no reason any more. Answers within 5 s.
    """
    options = aiokafka_options(settings)
    hosts = [host.strip() for host in options.pop("bootstrap_servers").split(",")]
    faults = await asyncio.gather(*(_knock(host, options) for host in hosts))
    if None in faults:
        return None
    return "; ".join(f"{host}: {fault}" for host, fault in zip(hosts, faults, strict=True))


async def _knock(host: str, options: dict[str, Any]) -> str | None:
    name, _, port = host.rpartition(":")
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            connection = await create_conn(name.strip("[]"), int(port), client_id="bitacora-probe", **options)
    except (KafkaError, OSError, TimeoutError, ValueError) as error:
        return name_fault(error)
    connection.close()
    return None


def _sasl(settings: KafkaSettings) -> dict[str, Any]:
    if not settings.kafka_security_protocol.startswith("SASL_"):
        return {}
    password = settings.kafka_sasl_password
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": None if password is None else password.get_secret_value(),
    }
