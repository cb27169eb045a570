"""Following the events topic: who said something when, without what they said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from bitacora_schemas.events.decode import decode_event
from bitacora_schemas.events.refusal import DecodeRefusal
from kafka import KafkaConsumer, TopicPartition

from services.chassis.kafka import kafka_python_options
from services.ingest.source.protocol import Offset

if TYPE_CHECKING:
    from services.chassis.settings import KafkaSettings

POLL_MS = 500


class SeenEvent(msgspec.Struct, frozen=True):
    """One record. `refused` is the reason for which ingest would refuse it; then most of the rest is unknown."""

    partition: int
    offset: Offset
    appended_at: datetime
    type: str | None
    account: str | None
    thread_key: str | None
    event_id: str | None
    refused: str | None
    payload: str | None = None


def follow(
    kafka: KafkaSettings, topic: str, *, last: int, account: str | None, payload: bool
) -> Iterator[SeenEvent | None]:
    """The `last` records of each partition, then what comes, for ever; None when nothing came for half a second."""
    consumer = KafkaConsumer(
        **kafka_python_options(kafka), group_id=None, enable_auto_commit=False, bootstrap_timeout_ms=10_000
    )
    try:
        places = [
            TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        consumer.assign(places)
        starts = consumer.beginning_offsets(places)
        ends = consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, max(starts[place], ends[place] - last))
        while True:
            fetched = consumer.poll(timeout_ms=POLL_MS)
            for records in fetched.values():
                for record in records:
                    seen = _describe(
                        record.partition, record.offset, record.timestamp, record, payload=payload
                    )
                    if account is None or seen.account == account:
                        yield seen
            if not fetched:
                yield None
    finally:
        consumer.close()


def _describe(partition: int, offset: Offset, timestamp: int, record: object, *, payload: bool) -> SeenEvent:
    value: bytes | None = getattr(record, "value", None)
    text = (value or b"").decode("utf-8", "backslashreplace") if payload else None
    at = datetime.fromtimestamp(timestamp / 1_000, UTC)
    try:
        event = decode_event(value, getattr(record, "headers", None))
    except DecodeRefusal as refusal:
        return SeenEvent(partition, offset, at, None, None, None, None, refusal.reason.value, text)
    return SeenEvent(
        partition,
        offset,
        at,
        event.attributes.type,
        event.accountid,
        event.thread_key,
        str(event.id),
        None,
        text,
    )
