"""All projection tables as text, to be compared row by row."""

from collections.abc import Mapping

from services.chassis.postgres import Connection

TABLES = (
    "contact",
    "contact_identifier",
    "thread",
    "conversation",
    "conversation_activity",
    "message_place",
    "reply_pending",
    "message",
    "waiting_message",
    "message_status",
    "message_revision",
    "message_reaction",
    "file",
    "transfer",
    "evaluation",
    "annotation",
)

Dump = Mapping[str, list[str]]


async def dump(conn: Connection) -> Dump:
    """Every row of every projection table as JSON text, sorted."""
    return {table: await _rows(conn, table) for table in TABLES}


async def clear(conn: Connection) -> None:
    """Empties the projection."""
    await conn.execute(f"TRUNCATE {', '.join(TABLES)}")


def differences(left: Dump, right: Dump) -> list[str]:
    """What one side has and the other has not, a line each; empty when they are equal."""
    lines = []
    for table in TABLES:
        lines += [f"{table} - {row}" for row in left[table] if row not in right[table]]
        lines += [f"{table} + {row}" for row in right[table] if row not in left[table]]
    return lines


async def _rows(conn: Connection, table: str) -> list[str]:
    rows = await conn.fetch(f"SELECT to_jsonb(t)::text AS line FROM {table} t")
    return sorted(row["line"] for row in rows)
