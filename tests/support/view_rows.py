"""Rows to make views of, and a reader in São Paulo."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.presentation.reader import make_reader
from services.readmodel.rows import Actor, DeliveryStatus, MessageEntry, StatusChange

READER = make_reader("es", "America/Sao_Paulo")
START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
CUSTOMER = Actor("customer", None, None)
BOT = Actor("bot", "orders", "Asistente de pedidos")
SOMEBODY = UUID(int=7)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def message(
    message_id: str, minutes: float, sender: Actor = CUSTOMER, text: str = "hola", **fields: Any
) -> MessageEntry:
    given: dict[str, Any] = {
        "at": after(minutes),
        "id": message_id,
        "direction": "in" if sender.kind == "customer" else "out",
        "sender": sender,
        "plain_text": text,
        "parts": (),
        "reply_to": None,
        "status": DeliveryStatus(None, ()),
        "edited": None,
        "deleted": None,
        "reactions": (),
        "late": False,
        "template": None,
    }
    return MessageEntry(**(given | fields))


def delivered(*statuses: str, errors: Any = None) -> DeliveryStatus:
    return DeliveryStatus(
        statuses[-1], tuple(StatusChange(each, after(place), errors) for place, each in enumerate(statuses))
    )
