"""Publish the events of a chatbot to Bitácora."""

from bitacora_producer.async_producer import AsyncProducer
from bitacora_producer.async_publisher import AsyncReceipt
from bitacora_producer.errors import (
    BufferFullError,
    ClosedError,
    DeliveryError,
    DeliveryTimeoutError,
    FlushTimeoutError,
    ForkedError,
    InvalidEventError,
    SpoolFullError,
    SpoolLockedError,
    SpoolWriteError,
)
from bitacora_producer.limits import Limits, SpoolSettings
from bitacora_producer.producer import Producer
from bitacora_producer.publisher import Receipt
from bitacora_producer.record import Delivery, Record
from bitacora_producer.thread import Thread
from bitacora_producer.transport import KafkaTransport, Transport

__all__ = [
    "AsyncProducer",
    "AsyncReceipt",
    "BufferFullError",
    "ClosedError",
    "Delivery",
    "DeliveryError",
    "DeliveryTimeoutError",
    "FlushTimeoutError",
    "ForkedError",
    "InvalidEventError",
    "KafkaTransport",
    "Limits",
    "Producer",
    "Receipt",
    "Record",
    "SpoolFullError",
    "SpoolLockedError",
    "SpoolSettings",
    "SpoolWriteError",
    "Thread",
    "Transport",
]
