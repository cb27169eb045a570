"""What must hold in the database after a drill, asked in SQL."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

import asyncpg

_ROWS = "SELECT t::text AS row FROM projection.{table} t"


async def logged_ids(conn: asyncpg.Connection) -> list[UUID]:
    """Every event id in the log, repeats included if there were any."""
    return [row["event_id"] for row in await conn.fetch("SELECT event_id FROM log.event_log")]


async def refused_places(conn: asyncpg.Connection) -> list[tuple[int, int]]:
    """Partition and offset of every dead letter."""
    rows = await conn.fetch(
        "SELECT partition, position FROM log.dead_letter JOIN log.checkpoint USING (stream_id)"
    )
    return [(row["partition"], row["position"]) for row in rows]


async def positions(conn: asyncpg.Connection) -> dict[int, int]:
    """Partition to next offset."""
    rows = await conn.fetch("SELECT partition, next_offset FROM log.checkpoint")
    return {row["partition"]: row["next_offset"] for row in rows}


async def fingerprints(conn: asyncpg.Connection) -> Mapping[str, tuple[int, str]]:
    """Rows and a hash over all of them, in a fixed order, of every projection table."""
    found: dict[str, tuple[int, str]] = {}
    for table in await projection_tables(conn):
        rows = await conn.fetch(_ROWS.format(table=table) + " ORDER BY 1")
        digest = hashlib.sha256("\n".join(row["row"] for row in rows).encode()).hexdigest()[:16]
        found[table] = (len(rows), digest)
    return found


async def differing_rows(left: asyncpg.Connection, right: asyncpg.Connection, table: str) -> list[str]:
    """Some rows that only one of two databases has, to look at when fingerprints differ."""
    sql = _ROWS.format(table=table)
    ours = {row["row"] for row in await left.fetch(sql)}
    theirs = {row["row"] for row in await right.fetch(sql)}
    return [f"< {row}" for row in sorted(ours - theirs)[:3]] + [
        f"> {row}" for row in sorted(theirs - ours)[:3]
    ]


async def projection_tables(conn: asyncpg.Connection) -> list[str]:
    """The tables of the projection schema, partitions left out."""
    rows = await conn.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'projection'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    )
    return [row["relname"] for row in rows]


async def broken_invariants(conn: asyncpg.Connection) -> dict[str, int]:
    """Counts of what must never be, by name; empty when all holds."""
    checks = {
        "threads with two open conversations": """
            SELECT count(*) FROM (SELECT 1 FROM projection.conversation WHERE status = 1
            GROUP BY account_id, thread_key HAVING count(*) > 1) AS doubled""",
        "counters that differ from their messages": """
            SELECT count(*) FROM projection.conversation c LEFT JOIN (
                SELECT account_id, conv_key, count(*) FILTER (WHERE direction = 1) AS customers
                FROM projection.message GROUP BY account_id, conv_key) m USING (account_id, conv_key)
            WHERE c.customer_count <> coalesce(m.customers, 0)""",
        "messages of no conversation": """
            SELECT count(*) FROM projection.message m WHERE NOT EXISTS (SELECT 1 FROM projection.conversation c
            WHERE (c.account_id, c.conv_key) = (m.account_id, m.conv_key))""",
        "messages stored twice": """
            SELECT count(*) FROM (SELECT 1 FROM projection.message GROUP BY account_id, message_key
            HAVING count(*) > 1) AS doubled""",
        "negative durations": """
            SELECT count(*) FROM projection.conversation WHERE last_message_at < first_message_at""",
    }
    found = {name: await conn.fetchval(sql) for name, sql in checks.items()}
    return {name: count for name, count in found.items() if count}
