"""Publish the events of a chatbot to Bitácora."""

from bitacora_producer.errors import DeliveryError, FlushTimeoutError, InvalidEventError
from bitacora_producer.producer import Producer
from bitacora_producer.publisher import Receipt
from bitacora_producer.record import Delivery, Record
from bitacora_producer.thread import Thread
from bitacora_producer.transport import KafkaTransport, Transport

__all__ = [
    "Delivery",
    "DeliveryError",
    "FlushTimeoutError",
    "InvalidEventError",
    "KafkaTransport",
    "Producer",
    "Receipt",
    "Record",
    "Thread",
    "Transport",
]
