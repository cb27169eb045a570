"""Whether the rebuilt tables equal the live ones: a count and a checksum each, in one snapshot at equal positions."""

from pathlib import Path

from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.replay import replay
from services.ingest.rebuild.shadow import find_tables
from services.ingest.rebuild.swap import hold_ingest

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class Comparison(Struct, frozen=True):
    """One table: how many rows it has live and rebuilt, and whether all of them are the same."""

    table: str
    live_rows: int
    rebuilt_rows: int
    equal: bool


async def compare(
    conn: Connection, holder: Connection, reader: Connection, rules: Rules, *, batch: int
) -> list[Comparison]:
    """Every table by name. `conn` replays; `holder` keeps ingest waiting for the rest of it; `reader` compares.

    Opens transactions on all three; ingest goes on as soon as the snapshot is taken.
    """
    async with reader.transaction(isolation="repeatable_read", readonly=True):
        async with holder.transaction():
            await hold_ingest(holder)
            await replay(conn, rules, batch=batch)
            await reader.fetchval(SQL["take_snapshot"])
        return [await _compare_table(reader, table) for table in await find_tables(reader)]


async def _compare_table(reader: Connection, table: str) -> Comparison:
    live = await reader.fetchrow(SQL["checksum"].format(schema="projection", table=table))
    rebuilt = await reader.fetchrow(SQL["checksum"].format(schema="rebuild", table=table))
    assert live is not None
    assert rebuilt is not None
    return Comparison(table, live["rows"], rebuilt["rows"], live == rebuilt)
