"""One conversation for somebody: every view is audited in the transaction that reads it."""

from typing import Literal
from uuid import UUID

from services.chassis.transactions import transaction
from services.query.auth.audit import record
from services.query.auth.principal import Principal
from services.query.dependencies import Dependencies
from services.readmodel.conversations import find_conversation, find_key
from services.readmodel.files import StoredFile, find_stored_file, list_files
from services.readmodel.history import find_history
from services.readmodel.rows import ConversationDetail, FileRow, HistoryPage


async def view_conversation(
    dependencies: Dependencies, principal: Principal, conversation_id: UUID, *, request_id: str
) -> ConversationDetail | None:
    """The detail, None when the account has no such conversation."""
    async with transaction(dependencies.pool) as conn:
        found = await find_conversation(
            conn, principal.account_id, conversation_id, opaque_ids=not principal.is_admin
        )
        if found is not None:
            await record(
                conn, principal, operation="access", action="conversation.view", object_kind="conversation",
                object_id=str(conversation_id), request_id=request_id,
            )  # fmt: skip
    return found


async def view_history(
    dependencies: Dependencies,
    principal: Principal,
    conversation_id: UUID,
    *,
    request_id: str,
    cursor: str | None = None,
    limit: int = 100,
    direction: Literal["forward", "backward"] = "forward",
) -> HistoryPage | None:
    """A page of the transcript, None when the account has no such conversation. Raises BadFilter(cursor)."""
    async with transaction(dependencies.pool) as conn:
        page = await find_history(
            conn, principal.account_id, conversation_id, cursor=cursor, limit=limit, direction=direction,
            opaque_ids=not principal.is_admin,
        )  # fmt: skip
        if page is not None:
            await record(
                conn, principal, operation="access", action="conversation.history",
                object_kind="conversation", object_id=str(conversation_id), request_id=request_id,
                detail={"entries": len(page.items)},
            )  # fmt: skip
    return page


async def view_files(
    dependencies: Dependencies, principal: Principal, conversation_id: UUID, *, request_id: str
) -> tuple[FileRow, ...] | None:
    """The customer's files, None when the account has no such conversation."""
    async with transaction(dependencies.pool) as conn:
        key = await find_key(conn, principal.account_id, conversation_id)
        if key is None:
            return None
        files = await list_files(
            conn, principal.account_id, conversation_id, key, opaque_ids=not principal.is_admin
        )
        await record(
            conn, principal, operation="access", action="conversation.files", object_kind="conversation",
            object_id=str(conversation_id), request_id=request_id, detail={"files": len(files)},
        )  # fmt: skip
    return files


async def open_file(
    dependencies: Dependencies, principal: Principal, conversation_id: UUID, file_id: str, *, request_id: str
) -> StoredFile | None:
    """A file whose content we hold, None for any other."""
    async with transaction(dependencies.pool) as conn:
        stored = await find_stored_file(conn, principal.account_id, conversation_id, file_id)
        if stored is not None:
            await record(
                conn, principal, operation="access", action="file.view", object_kind="conversation",
                object_id=str(conversation_id), request_id=request_id,
            )  # fmt: skip
    return stored
