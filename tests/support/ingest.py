"""What ingest tests share: events as bytes, accounts in the database, a projector that projects nothing, topics."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
from bitacora_schemas.ids import event_id_v8
from bitacora_schemas.thread_key import thread_key
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from services.chassis.postgres import Connection
from services.ingest.batch.transaction import Projections
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.outcome import ProjectionOutcome, TouchedConversation

STARTED = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def customer_message(
    number: int, *, account: str = "acme", contact: int = 0, text: str = "hola"
) -> tuple[bytes, bytes]:
    """Key and value of a `message.received`; the same number is the same fact."""
    phone = f"55119{contact:08d}"
    key = thread_key(account, "production", "whatsapp", "1065", "wa_id", phone)
    at = STARTED + timedelta(seconds=number)
    thread = {"channel": "whatsapp", "channel_address": "1065", "contact": {"kind": "wa_id", "value": phone}}
    message_id = f"wamid.{contact}.{number}"
    value = {
        "specversion": "1.0",
        "id": str(event_id_v8((key, message_id), at)),
        "source": f"/accounts/{account}/connections/wa-1",
        "type": "bitacora.message.received.v1",
        "subject": key,
        "partitionkey": key,
        "time": at.isoformat().replace("+00:00", "Z"),
        "recordedtime": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "accountid": account,
        "connectionid": "wa-1",
        "environment": "production",
        "data": {
            "thread": thread,
            "contact": {"ids": [{"kind": "wa_id", "value": phone}], "name": "Ana"},
            "message": {
                "id": message_id,
                "visibility": "public",
                "sender": {"kind": "customer"},
                "plain_text": text,
                "provenance": "live",
                "parts": [{"index": 0, "type": "text", "plain_text": text, "text": text}],
            },
        },
    }
    return key.encode(), msgspec.json.encode(value)


async def add_account(dsn: str, slug: str = "acme") -> int:
    """An account that events may name; answers its number."""
    connection = await asyncpg.connect(dsn)
    try:
        number: int = await connection.fetchval(
            "INSERT INTO ops.account (slug, name) VALUES ($1, $1) RETURNING account_id", slug
        )
        return number
    finally:
        await connection.close()


async def project_nothing(_conn: Connection, _events: Sequence[LoggedEvent]) -> ProjectionOutcome:
    """Leaves the projections alone."""
    return ProjectionOutcome()


async def mark_nothing(_conn: Connection, _touched: Sequence[TouchedConversation]) -> None:
    """Queues nothing."""


LOG_ONLY = Projections(project_nothing, mark_nothing)


def fresh_topic(bootstrap: str, *, partitions: int = 4) -> Iterator[str]:
    """A topic of its own for a test."""
    name = f"events-{uuid.uuid4().hex[:10]}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        admin.create_topics({name: {"num_partitions": partitions, "replication_factor": 1}})
        admin.wait_for_topics([name])
        yield name
        admin.delete_topics([name])
    finally:
        admin.close()


def produce(bootstrap: str, topic: str, records: Sequence[tuple[bytes | None, bytes | None]]) -> None:
    """Sends records and waits until the broker has them all."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    try:
        for key, value in records:
            producer.send(topic, key=key, value=value)
        producer.flush(timeout=60)
    finally:
        producer.close()
