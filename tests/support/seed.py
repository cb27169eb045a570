"""Conversations written straight into the projection tables, with what a reader must find kept beside them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from bitacora_schemas.ids import conv_key, conversation_id, message_key, uuid5_of
from bitacora_schemas.thread_key import thread_key

from services.analysis.contact_text import contact_text

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST_NAMES = ("Ana", "João", "María", "Iñaki", "Lucía", "Bruno", "Conceição")
LAST_NAMES = ("Pérez", "da Silva", "Gómez", "Araújo", "Quispe", "Ñandú")
CHATBOTS = (("orders", "Pedidos"), ("billing", "Cobros"), (None, None))
CHANNELS = ("whatsapp", "webchat", "instagram")
LABELS = ("envío", "reclamo", "vip")
END_REASONS = ("customer", "assistant", "operator", "timeout")
WORDS = ("factura", "pedido", "envío", "reclamo", "gracias", "ligação")


@dataclass(frozen=True)
class Seeded:
    """One conversation as it stands in the tables."""

    account_id: int
    key: int
    id: UUID
    thread_key: str
    contact_id: UUID
    search: str
    name: str | None
    phone: str | None
    email: str | None
    environment: int
    status: int
    channel: str
    chatbot_id: str | None
    chatbot_version: str | None
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    last_activity_at: datetime | None
    assistants: tuple[str, ...]
    nps: int | None
    csat: int | None
    has_comment: bool
    transferred: bool
    started_by_template: bool
    has_files: bool
    labels: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass
class Seed:
    """Rows by table, and the conversations they are."""

    conversations: list[Seeded] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    async def write(self, conn: asyncpg.Connection[asyncpg.Record]) -> None:
        """Copies all rows. The connection must know jsonb, as those of services.chassis.postgres do."""
        for table, rows in self.rows.items():
            await conn.copy_records_to_table(
                table,
                schema_name="projection",
                columns=tuple(rows[0]),
                records=[tuple(row.values()) for row in rows],
            )

    def of(self, account_id: int) -> list[Seeded]:
        """The conversations of one account, newest start first."""
        return sorted(
            (each for each in self.conversations if each.account_id == account_id), key=lambda each: -each.key
        )


async def add_account(conn: asyncpg.Connection[asyncpg.Record], slug: str) -> int:
    """Makes an account in São Paulo's time and answers its number."""
    return int(
        await conn.fetchval("INSERT INTO ops.account (slug, name) VALUES ($1, $1) RETURNING account_id", slug)
    )


def seed_account(seed: Seed, account_id: int, slug: str, count: int, *, number: int = 1) -> None:
    """Adds `count` conversations of an account; the same number gives the same ones."""
    rng = random.Random(number)
    people = [_person(rng, account_id, slug, index) for index in range(max(count // 3, 1))]
    for person in people:
        contact, identifiers = person
        seed.add("contact", **contact)
        for kind, value in identifiers:
            seed.add(
                "contact_identifier",
                account_id=account_id,
                identifier=f"{kind}:{value}",
                kind=kind,
                value=value,
                contact_id=contact["contact_id"],
            )
    known: set[str] = set()
    for index in range(count):
        contact, identifiers = rng.choice(people)
        _conversation(seed, rng, account_id, slug, contact, identifiers[0], index, known)


def _person(
    rng: random.Random, account_id: int, slug: str, index: int
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}" if rng.random() < 0.9 else None
    phone = f"+551190000{index:04d}" if rng.random() < 0.7 else None
    email = f"persona{index}@example.com" if rng.random() < 0.6 else None
    company = f"C-{1000 + index}" if rng.random() < 0.3 else None
    identifiers = [("wa_id", phone[1:])] if phone else [("bsuid", f"BR.{slug}{index:05d}")]
    contact = {
        "account_id": account_id,
        "contact_id": uuid5_of(slug, f"{identifiers[0][0]}:{identifiers[0][1]}"),
        "name": name,
        "email": email,
        "phone": phone,
        "company_id": company,
        "tax_id": None,
        "locale": "pt-BR",
        "address": {"city": "Campinas"},
        "attributes": {"plan": "oro"},
        "search": contact_text(
            name=name, email=email, phone=phone, company_id=company, identifiers=identifiers
        ),
    }
    return contact, identifiers


def _conversation(
    seed: Seed,
    rng: random.Random,
    account_id: int,
    slug: str,
    contact: dict[str, Any],
    identifier: tuple[str, str],
    index: int,
    known: set[str],
) -> None:
    environment = 1 if rng.random() < 0.85 else 2
    channel = rng.choice(CHANNELS)
    key_text = thread_key(
        slug, "production" if environment == 1 else "testing", channel, "line-1", *identifier
    )
    if key_text not in known:
        known.add(key_text)
        seed.add(
            "thread", account_id=account_id, thread_key=key_text, environment=environment, channel=channel,
            channel_address="line-1", channel_name=None, contact_kind=identifier[0], contact_value=identifier[1],
            contact_id=contact["contact_id"], connection_id="wa-1",
        )  # fmt: skip
    # Whole minutes collide now and then, so that equal times meet different keys.
    started = NOW - timedelta(minutes=rng.randrange(60 * 24 * 60))
    opened = uuid5_of(slug, str(index))
    identity = conversation_id(key_text, opened)
    key = conv_key(started, identity)
    ended = started + timedelta(minutes=rng.randrange(5, 300)) if rng.random() < 0.7 else None
    messages = rng.randrange(5)
    last = started + timedelta(minutes=messages) if messages else None
    bots = tuple(rng.sample(("bot-a", "bot-b", "bot-c"), rng.randrange(3)))
    chatbot_id, chatbot_name = rng.choice(CHATBOTS)
    texts = tuple(f"{rng.choice(WORDS)} {index}" for _ in range(messages))
    one = Seeded(
        account_id=account_id, key=key, id=identity, thread_key=key_text, contact_id=contact["contact_id"],
        search=contact["search"], name=contact["name"], phone=contact["phone"], email=contact["email"],
        environment=environment, status=1 if ended is None else 2, channel=channel, chatbot_id=chatbot_id,
        chatbot_version=None if chatbot_id is None else f"{key % 3}",
        started_at=started, ended_at=ended, end_reason=rng.choice(END_REASONS) if ended else None,
        last_activity_at=last, assistants=bots,
        nps=rng.randrange(11) if rng.random() < 0.4 else None,
        csat=rng.randrange(1, 6) if rng.random() < 0.4 else None,
        has_comment=rng.random() < 0.2, transferred=rng.random() < 0.2,
        started_by_template=rng.random() < 0.2, has_files=rng.random() < 0.2, labels=LABELS[: index % 7] if index % 7 < 4 else (), texts=texts,
    )  # fmt: skip
    seed.conversations.append(one)
    seed.add("conversation", **_conversation_row(one, opened, chatbot_name, messages))
    if last is not None:
        seed.add(
            "conversation_activity", account_id=account_id, conv_key=key, environment=environment,
            last_activity_at=last,
        )  # fmt: skip
    for number, text in enumerate(texts):
        add_message(seed, one, number, text)
    for number, label in enumerate(one.labels):
        add_annotation(seed, one, number, label)


def _conversation_row(one: Seeded, opened: UUID, chatbot_name: str | None, messages: int) -> dict[str, Any]:
    return {
        "account_id": one.account_id, "conv_key": one.key, "conversation_id": one.id,
        "thread_key": one.thread_key, "contact_id": one.contact_id, "environment": one.environment,
        "status": one.status, "channel": one.channel, "channel_address": "line-1",
        "started_at": one.started_at, "opened_event_id": opened, "opened_position": 0,
        "ended_at": one.ended_at, "end_reason": one.end_reason,
        "end_by_kind": "system" if one.ended_at else None,
        "first_message_at": one.started_at if messages else None, "last_message_at": one.last_activity_at,
        "last_activity_at": one.last_activity_at, "customer_count": messages,
        "chatbot_id": one.chatbot_id, "chatbot_name": chatbot_name, "chatbot_version": one.chatbot_version,
        "assistants": [{"id": bot, "name": bot.title()} for bot in one.assistants],
        "nps": None if one.nps is None else Decimal(one.nps),
        "csat": None if one.csat is None else Decimal(one.csat),
        "has_comment": one.has_comment, "transferred": one.transferred,
        "started_by_template": one.started_by_template, "has_files": one.has_files,
        "labels": [{"id": label} for label in one.labels] or None,
    }  # fmt: skip


def add_annotation(seed: Seed, one: Seeded, number: int, label: str) -> None:
    """Adds a label half a minute after the start, on the first message."""
    seed.add(
        "annotation", account_id=one.account_id, thread_key=one.thread_key, annotation_id=f"{one.id}-{number}",
        conv_key=one.key, kind="label", key=label, value="true", message_id=f"wamid.{one.id}.0", by_kind="human",
        by_id="h-1", by_name="Rosa", occurred_at=one.started_at + timedelta(seconds=30), event_id=uuid5_of(label, str(one.id)),
    )  # fmt: skip


def add_message(seed: Seed, one: Seeded, number: int, text: str, **changes: Any) -> str:
    """Adds a customer's message a minute after the one before and answers the source's id of it."""
    message_id = f"wamid.{one.id}.{number}"
    at = one.started_at + timedelta(minutes=number + 1)
    seed.add(
        "message",
        **{
            "account_id": one.account_id, "conv_key": one.key,
            "message_key": message_key(one.thread_key, message_id), "message_id": message_id,
            "event_id": uuid5_of(message_id), "occurred_at": at, "sort_at": at, "sequence": None,
            "position": number, "kind": 1, "direction": 1, "sender_kind": "customer", "sender_id": None,
            "sender_name": None, "plain_text": text, "parts": None, "reply_to": None, "template": None,
            "status": None, "late": False,
            **changes,
        },
    )  # fmt: skip
    return message_id
