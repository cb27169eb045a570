"""Checks of PostgreSQL by `bitacora doctor`: can it be used, is it as it must be, and what waits in it for somebody?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from cli.findings import (
    CLOCK_SKEW,
    DATABASE_AWAY,
    DEAD_LETTERS,
    EXPORTS,
    SIGN_IN,
    UPKEEP,
    Finding,
    page_of,
    verdict,
)
from services.chassis.connection_faults import name_fault
from services.chassis.migrations import MigrationError, pending
from services.chassis.postgres import DATABASE_ERRORS, Connection, connect
from services.chassis.sql import load_statements
from services.ingest.upkeep.partitions import months_around

SQL = load_statements(Path(__file__).with_suffix(".sql"))
OLDEST_VERSION = 15
EXTENSIONS = ("pg_trgm", "btree_gin", "unaccent")
PARTITIONED = ("log.event_log", "projection.message")
MOST_SKEW_SECONDS = 2.0
MOST_OUTBOX_SECONDS = 300.0
MOST_EXPORT_SECONDS = 600.0
LOOKS = 5
"""A worker that has just started makes the partitions within a few seconds."""


async def examine_postgres(dsn: str, *, ours: bool) -> list[Finding]:
    """The connection first; what follows from it only when it is made. `ours`: the embedded server, meant for trying."""
    try:
        conn = await connect(dsn, application_name="bitacora-doctor")
    except DATABASE_ERRORS as error:
        fault = name_fault(error)
        advice = "Bring PostgreSQL back, or mend BITACORA_POSTGRES_DSN."
        return [Finding("PostgreSQL", False, fault, advice, page_of(fault, DATABASE_AWAY))]
    try:
        findings = [*await _server(conn, dsn, ours=ours), await _extensions(conn), await _migrations(dsn)]
        if all(finding.ok for finding in findings[-2:]):
            findings += [await _partitions(conn), await _dead_letters(conn), *await _waiting(conn)]
    except DATABASE_ERRORS as error:
        findings = [Finding("PostgreSQL", False, name_fault(error), "Look at its log.", DATABASE_AWAY)]
    finally:
        await conn.close()
    return findings


async def _server(conn: Connection, dsn: str, *, ours: bool) -> list[Finding]:
    before = datetime.now(UTC)
    row = await conn.fetchrow(SQL["read_server"])
    assert row is not None
    here = before + (datetime.now(UTC) - before) / 2
    skew = (row["now"] - here).total_seconds()
    local = urlsplit(dsn).hostname in {"127.0.0.1", "localhost", "::1", None}
    durable = (row["fsync"], row["full_page_writes"]) == ("on", "on")
    return [
        verdict(
            "PostgreSQL",
            f"{row['version_text']}{', a standby that only reads' if row['standby'] else ''}",
            ok=row["version"] >= OLDEST_VERSION * 10_000 and not row["standby"],
            advice=f"Use a primary of version {OLDEST_VERSION} or newer.",
            runbook=DATABASE_AWAY,
        ),
        verdict(
            "PostgreSQL's connection",
            "encrypted" if row["encrypted"] else "plain text, on this machine" if local else "plain text",
            ok=row["encrypted"] or local,
            advice="Add ?sslmode=verify-full&sslrootcert=FILE to BITACORA_POSTGRES_DSN.",
            runbook=SIGN_IN,
        ),
        verdict(
            "PostgreSQL's durability",
            "as a server for trying" if ours and not durable else "on" if durable else "off",
            ok=durable or ours,
            advice="Set fsync and full_page_writes to on: a crash may lose or break what was committed.",
            runbook=DATABASE_AWAY,
        ),
        verdict(
            "PostgreSQL's clock",
            f"{skew:+.1f} s from ours",
            ok=abs(skew) <= MOST_SKEW_SECONDS,
            advice="Let a time service set the clocks of the server and of this machine.",
            runbook=CLOCK_SKEW,
        ),
    ]


async def _extensions(conn: Connection) -> Finding:
    missing = [row["wanted"] for row in await conn.fetch(SQL["missing_extensions"], list(EXTENSIONS))]
    return verdict(
        "extensions",
        f"missing: {', '.join(missing)}" if missing else ", ".join(EXTENSIONS),
        ok=not missing,
        advice="bitacora migrate; the server needs PostgreSQL's contrib modules.",
        runbook=DATABASE_AWAY,
    )


async def _migrations(dsn: str) -> Finding:
    try:
        names = await pending(dsn)
    except MigrationError as error:
        return Finding("migrations", False, str(error), "Do not edit migrations.", DATABASE_AWAY)
    return verdict(
        "migrations",
        f"{len(names)} pending" if names else "up to date",
        ok=not names,
        advice="bitacora migrate",
        runbook=DATABASE_AWAY,
    )


async def _partitions(conn: Connection) -> Finding:
    """This month's and the next one's must be there; the leading worker makes them ahead."""
    months = months_around(datetime.now(UTC), behind=0, ahead=1)[:2]
    missing: list[str] = []
    for _ in range(LOOKS):
        missing = []
        for parent in PARTITIONED:
            there = {row["relname"] for row in await conn.fetch(SQL["find_partitions"], parent)}
            table = parent.rpartition(".")[2]
            wanted = [f"{table}_{month:%Y_%m}" for month in months]
            missing += [name for name in wanted if name not in there]
        if not missing:
            break
        await asyncio.sleep(1.0)
    return verdict(
        "partitions ahead",
        f"missing: {', '.join(missing)}" if missing else "this month's and the next one's are there",
        ok=not missing,
        advice="Look whether an ingest worker leads the upkeep; rows go to the default partitions meanwhile.",
        runbook=UPKEEP,
    )


async def _dead_letters(conn: Connection) -> Finding:
    rows = await conn.fetch(SQL["read_dead_letters"])
    total = sum(row["count"] for row in rows)
    reasons = ", ".join(f"{row['count']} {row['reason']}" for row in rows[:3])
    return verdict(
        "dead letters",
        f"{total} wait for somebody: {reasons}" if total else "none waits",
        ok=not total,
        advice="bitacora dead-letters list, then redrive or drop them",
        runbook=DEAD_LETTERS,
    )


async def _waiting(conn: Connection) -> list[Finding]:
    row: asyncpg.Record | None = await conn.fetchrow(SQL["read_waiting"])
    assert row is not None
    return [
        verdict(
            "outbox",
            f"the oldest decision waits {row['outbox']:.0f} s" if row["outbox"] else "nothing waits",
            ok=row["outbox"] <= MOST_OUTBOX_SECONDS,
            advice="Look whether an ingest worker leads the upkeep and can publish to Kafka.",
            runbook=UPKEEP,
        ),
        verdict(
            "exports",
            f"the oldest job that is due waits {row['export']:.0f} s" if row["export"] else "nothing waits",
            ok=row["export"] <= MOST_EXPORT_SECONDS,
            advice="Look whether an export worker runs and is ready.",
            runbook=EXPORTS,
        ),
    ]
