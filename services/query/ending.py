"""Ends a conversation: leaves the event that ingest applies in log order to the outbox. Nothing is written to projections."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
from bitacora_schemas.codes import Environment, Status
from bitacora_schemas.events.blocks import Actor, Identifier, Thread
from bitacora_schemas.events.compose import EventRecord, compose_event
from bitacora_schemas.events.conversation import ConversationEnded
from bitacora_schemas.events.envelope import source_of
from bitacora_schemas.ids import event_id_v8
from bitacora_schemas.topics import EVENTS
from msgspec import Struct

from services.chassis.outbox import add_to_outbox
from services.chassis.sql import load_statements
from services.chassis.transactions import transaction
from services.query.auth.audit import record
from services.query.auth.principal import Principal
from services.query.dependencies import Dependencies
from services.query.idempotency import Request, answer_once
from services.query.problems import ApiProblem

SQL = load_statements(Path(__file__).with_suffix(".sql"))

EVENT_TYPE = "bitacora.conversation.ended.v1"


class EndAccepted(Struct, frozen=True, kw_only=True):
    """The end is on its way and cannot get lost; the conversation shows as ended once ingest has applied it."""

    conversation_id: UUID
    event_id: UUID
    status: str = "ending"


async def end_conversation(
    dependencies: Dependencies,
    principal: Principal,
    conversation_id: UUID,
    *,
    request_id: str,
    idempotency_key: str | None = None,
) -> EndAccepted:
    """Keeps the end, its audit entry and the answer for repeats, all or none; the relay publishes the end afterwards.

    The same conversation always gives the same event id, so repeats change nothing. Raises ApiProblem
    (not_found, already_ended, idempotency_key_reused).
    """
    request = Request(
        account_id=principal.account_id,
        actor=principal.actor,
        key=idempotency_key,
        content=f"end\n{conversation_id}".encode(),
    )
    async with transaction(dependencies.pool) as conn, answer_once(conn, request) as once:
        if once.earlier is not None:
            return msgspec.convert(once.earlier, EndAccepted)
        thread = await conn.fetchrow(SQL["find_thread_of"], principal.account_id, conversation_id)
        if thread is None:
            raise ApiProblem("not_found")
        if thread["status"] != Status.OPEN:
            raise ApiProblem("already_ended")
        event = end_event(principal, conversation_id, thread, dependencies.clock())
        accepted = EndAccepted(conversation_id=conversation_id, event_id=event.id)
        await record(
            conn, principal, operation="modify", action="conversation.end", object_kind="conversation",
            object_id=str(conversation_id), request_id=request_id, detail={"event_id": str(event.id)},
        )  # fmt: skip
        await add_to_outbox(conn, EVENTS, event)
        await once.store(202, msgspec.to_builtins(accepted))
    return accepted


def end_event(
    principal: Principal, conversation_id: UUID, thread: asyncpg.Record, now: datetime
) -> EventRecord:
    """The event that ends a conversation in the name of the principal."""
    key = thread["thread_key"]
    return compose_event(
        ConversationEnded(
            thread=Thread(
                channel=thread["channel"],
                channel_address=thread["channel_address"],
                channel_name=thread["channel_name"],
                contact=Identifier(kind=thread["contact_kind"], value=thread["contact_value"]),
            ),
            reason="operator",
            by=Actor(kind="human", id=principal.actor, name=principal.name),
            conversation_id=conversation_id,
        ),
        id=event_id_v8((key, EVENT_TYPE, str(conversation_id), "operator"), thread["started_at"]),
        type=EVENT_TYPE,
        source=source_of(principal.account, thread["connection_id"]),
        key=key,
        time=now,
        recordedtime=now,
        accountid=principal.account,
        connectionid=thread["connection_id"],
        environment=Environment.stored(thread["environment"]).word,
    )
