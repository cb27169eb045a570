"""From database records to the values of rows.py."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

import asyncpg
import msgspec
from bitacora_schemas.codes import Environment, Status

from services.readmodel.rows import (
    Actor,
    Assistant,
    Chatbot,
    Contact,
    ContactDetail,
    ConversationItem,
    End,
    Evaluation,
    Identifier,
    Interactions,
    Number,
    Scores,
    Transfer,
)


def read_item(row: asyncpg.Record) -> ConversationItem:
    """A list row from columns of `conversation` and `contact_*`."""
    return ConversationItem(**item_fields(row), contact=_contact(row))


def item_fields(row: asyncpg.Record) -> dict[str, Any]:
    """Everything of a list row but its contact, by name."""
    first, last = row["first_message_at"], row["last_message_at"]
    duration = int((last - first).total_seconds()) if first is not None and last is not None else 0
    status = Status.stored(row["status"])
    chatbot_id = row["chatbot_id"]
    return {
        "id": row["conversation_id"],
        "url": page_url(row["conversation_id"]),
        "thread_key": row["thread_key"],
        "status": status.word,
        "environment": Environment.stored(row["environment"]).word,
        "channel": row["channel"],
        "channel_address": row["channel_address"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
        "last_activity_at": row["last_activity_at"],
        "duration_seconds": max(duration, 0),
        "interactions": Interactions(
            total=row["interactions"],
            customer=row["customer_count"],
            assistant=row["assistant_count"],
            human=row["human_count"],
            template=row["template_count"],
        ),
        "chatbot": None
        if chatbot_id is None
        else Chatbot(chatbot_id, row["chatbot_name"], row["chatbot_version"]),
        "assistants": tuple(Assistant(spoke.get("id"), spoke.get("name")) for spoke in row["assistants"]),
        "scores": Scores(nps=read_number(row["nps"]), csat=read_number(row["csat"])),
        "transferred": row["transferred"],
        "started_by_template": row["started_by_template"],
        "has_files": row["has_files"],
        "end": End(row["end_reason"], read_actor(row, "end_by")) if status is Status.ENDED else None,
    }


def read_contact_detail(row: asyncpg.Record) -> ContactDetail:
    """The contact in full."""
    contact = _contact(row)
    return ContactDetail(
        id=contact.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        company_id=contact.company_id,
        ids=contact.ids,
        address=row["contact_address"],
        tax_id=row["contact_tax_id"],
        locale=row["contact_locale"],
        attributes=row["contact_attributes"] or {},
    )


def read_evaluation(row: asyncpg.Record) -> Evaluation:
    """A survey; a score outside its scale is no score."""
    return Evaluation(
        evaluation_id=row["evaluation_id"],
        metric=row["metric"],
        question=row["question"],
        scale=read_json(row["scale"]),
        score=read_number(row["score"]),
        valid=row["valid"],
        raw_answer=row["raw_answer"],
        comment=row["comment"],
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
    )


def read_transfer(row: asyncpg.Record) -> Transfer:
    """A hand-over."""
    return Transfer(
        at=row["occurred_at"],
        from_=read_actor(row, "from") if row["from_kind"] is not None else None,
        to=read_actor(row, "to"),
        reason=row["reason"],
    )


def read_actor(row: asyncpg.Record, prefix: str) -> Actor:
    """The actor in columns `<prefix>_kind`, `_id` and `_name`."""
    return Actor(row[f"{prefix}_kind"], row[f"{prefix}_id"], row[f"{prefix}_name"])


def read_number(value: Decimal | None) -> Number | None:
    """A number as people write it: 9, not 9.0."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def read_json(text: str | None) -> Any:
    """A JSON block kept as text, null when there is none."""
    return None if text is None else msgspec.json.decode(text)


def page_url(conversation_id: UUID) -> str:
    """The path of a conversation's page."""
    return f"/conversations/{conversation_id}"


def file_url(conversation_id: UUID, file_id: str) -> str:
    """The path of a file's content in the API."""
    return f"/api/v1/conversations/{conversation_id}/files/{quote(file_id, safe='')}/content"


def _contact(row: asyncpg.Record) -> Contact:
    return Contact(
        id=row["contact_id"],
        name=row["contact_name"],
        email=row["contact_email"],
        phone=row["contact_phone"],
        company_id=row["contact_company_id"],
        ids=tuple(Identifier(each["kind"], each["value"]) for each in row["contact_ids"] or ()),
    )
