"""The record of who saw or did what, written in the transaction of the action."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.query.auth.principal import Principal

SQL = load_statements(Path(__file__).with_suffix(".sql"))

Operation = Literal["access", "create", "modify", "remove", "export", "authentication"]
NO_ACCOUNT = 0
"""The account of attempts that belong to none."""


async def record(
    conn: Connection,
    principal: Principal,
    *,
    operation: Operation,
    action: str,
    object_kind: str,
    object_id: str | None,
    request_id: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes one entry. `action` is `noun.verb`; `detail` holds no personal data."""
    await conn.execute(
        SQL["add_entry"],
        principal.account_id,
        principal.actor,
        principal.role,
        operation,
        action,
        object_kind,
        object_id,
        dict(detail or {}),
        request_id,
    )


async def record_attempt(
    conn: Connection,
    *,
    action: str,
    request_id: str,
    account_id: int = NO_ACCOUNT,
    actor: str = "system",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes an entry about somebody who is not signed in: a failed sign-in, a refused link."""
    await conn.execute(
        SQL["add_entry"],
        account_id,
        actor,
        "none",
        "authentication",
        action,
        "session",
        None,
        dict(detail or {}),
        request_id,
    )
