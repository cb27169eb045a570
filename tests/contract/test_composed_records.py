"""What each part puts into Kafka, to the byte: key, headers and value. Consumers may lean on any of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
from bitacora_producer import Producer, Record, Thread
from bitacora_producer.ndjson import Defaults, event_record
from bitacora_schemas.events import Chatbot
from bitacora_schemas.events.compose import EventRecord
from bitacora_schemas.exports.events import ExportChanged

from services.export.changes import change_record
from services.ingest.projection.conversations.lifecycle import lifecycle_record
from services.ingest.upkeep.idle_sweeper import timeout_of
from services.query.auth.principal import Principal
from services.query.ending import end_event
from tests.support.memory import told
from tests.support.memory_transport import MemoryTransport
from tests.support.scenarios import OPERATOR, Line

KEPT: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))

AT = datetime(2026, 3, 2, 14, 5, 31, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 14, 5, 32, 418000, tzinfo=UTC)
THREAD = Thread("whatsapp", "106540352242922", "wa_id", "5511900000000")
CONVERSATION = UUID("6f0b1c1e-6d3a-5c55-9f0a-0c1f5b7d2a11")
ROW = cast(
    "asyncpg.Record",
    {
        "accountid": "acme",
        "thread_key": "a-thread-key",
        "connection_id": "wa-5511",
        "environment": 2,
        "channel": "whatsapp",
        "channel_address": "1065",
        "channel_name": "Ventas",
        "contact_kind": "wa_id",
        "contact_value": "5511900000000",
        "conversation_id": CONVERSATION,
        "started_at": AT,
        "last_message_event_id": UUID("018f0000-0000-8000-8000-000000000001"),
        "last_message_appended_at": AT,
        "idle_seconds": 3600,
    },
)
Parts = tuple[str, dict[str, str], str]


def sent(tell: Callable[[Producer], object]) -> Parts:
    transport = MemoryTransport()
    tell(
        Producer(
            account="acme",
            connection="wa-5511",
            chatbot=Chatbot(id="orders", name="Pedidos"),
            transport=transport,
            clock=lambda: NOW,
        )
    )
    (record,) = transport.records
    return of_a_producer(record)


def of_a_producer(record: Record) -> Parts:
    headers = {name: value.decode() for name, value in record.headers}
    return (record.key or b"").decode(), headers, (record.value or b"").decode()


def of_a_service(record: EventRecord) -> Parts:
    return record.key, dict(record.headers), record.value.decode()


def a_line(**given: Any) -> Parts:
    data = {
        "thread": {
            "channel": "whatsapp",
            "channel_address": "1065",
            "contact": {"kind": "wa_id", "value": "5511900000000"},
        },
        "message_id": "wamid.1",
        "status": "read",
    }
    line = json.dumps({"type": "bitacora.message.status_changed.v1", **given, "data": data})
    return of_a_producer(event_record(line, "t", Defaults("acme", "wa-5511"), NOW))


def decided(number: int) -> Parts:
    line = Line()
    opening = line.customer("m1", 0)
    line.ended(5, reason="operator", by=OPERATOR, of=opening)
    return of_a_service(lifecycle_record(*told(line).work.decisions[number]))


def an_operators_end() -> Parts:
    principal = Principal(
        account_id=1, account="acme", role="operator", actor="user:7", name="Ana", timezone="UTC"
    )
    return of_a_service(end_event(principal, CONVERSATION, ROW, NOW))


def an_end_by_time() -> Parts:
    record = timeout_of(ROW, "t", NOW)
    return record.key.decode(), dict(record.headers), record.value.decode()


def an_export(**given: Any) -> Parts:
    change = ExportChanged(export_id=CONVERSATION, request_key="k", format="csv", at=NOW, **given)
    return of_a_service(change_record("acme", change, attempt=2))


COMPOSED: dict[str, Callable[[], Parts]] = {
    "producer, with a time": lambda: sent(
        lambda p: p.message_received(THREAD, text="Hola", message_id="m1", time=AT)
    ),
    "producer, without": lambda: sent(
        lambda p: p.message_sent(THREAD, text="¿Qué tal?", message_id="m2", causationid="x")
    ),
    "line, bare": a_line,
    "line, with what it says itself": lambda: a_line(
        id=str(CONVERSATION),
        source="/elsewhere",
        time="2026-03-02T14:05:31Z",
        traceparent="00-a",
        extra="kept",
    ),
    "conversation opened": lambda: decided(0),
    "conversation closed": lambda: decided(1),
    "ended by an operator": an_operators_end,
    "ended by time": an_end_by_time,
    "export done": lambda: an_export(
        state="done", rows=3, bytes=90, sha256="ab", expires_at=NOW + timedelta(days=7)
    ),
    "export failed": lambda: an_export(state="failed", error="internal"),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_a_record_is_what_it_always_was(name: str) -> None:
    key, headers, value = COMPOSED[name]()
    assert {"key": key, "headers": headers, "value": value} == KEPT[name]


def test_every_record_that_is_kept_is_still_made() -> None:
    assert list(KEPT) == list(COMPOSED)
