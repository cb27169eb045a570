"""Plans outlive the sizes they were made for: a look-up planned on empty tables must go by key when they are full."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import services.ingest.projection
from services.chassis.postgres import OwnConnection, connect
from services.chassis.sql import load_statements
from tests.support.delivery import deliver
from tests.support.scenarios import interleaved
from tests.support.stories import STORIES

STORE = Path(next(iter(services.ingest.projection.__path__)))
STATEMENTS = {
    f"{path.stem}.{name}": text
    for path in sorted(STORE.glob("*/*.sql"))
    for name, text in load_statements(path).items()
    if "unnest(" in text
}
PREPARE = load_statements(STORE / "project.sql")["prepare_planner"]
READS = ("load_", "find_", "list_", "lock_")
LOOK_UPS = {name for name, text in STATEMENTS.items() if "OFFSET 0" in text}
"""Those that PostgreSQL cannot plan the other way round: reading the table, and looking for each row in what is wanted."""
SCANS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"}


@pytest.fixture
async def conn(database: str) -> AsyncIterator[OwnConnection]:
    connection = await connect(database, application_name="test")
    yield connection
    await connection.close()


@pytest.mark.parametrize("name", sorted(STATEMENTS))
async def test_a_plan_made_on_tables_that_nobody_has_counted_finds_rows_by_their_key(
    conn: OwnConnection, name: str
) -> None:
    _check(name, await _generic_plan(conn, STATEMENTS[name]))


@pytest.mark.parametrize("name", sorted(LOOK_UPS))
async def test_a_plan_made_on_small_tables_finds_rows_by_their_key(conn: OwnConnection, name: str) -> None:
    await deliver(conn, interleaved(*(line for story in STORIES for line in story())))
    await conn.execute("ANALYZE")
    _check(name, await _generic_plan(conn, STATEMENTS[name]))


def _check(name: str, plan: Mapping[str, Any]) -> None:
    scans = [node for node in _nodes(plan) if node["Node Type"] in SCANS]
    assert scans or not name.split(".")[1].startswith(READS)
    for node in scans:
        condition = node.get("Index Cond", node.get("Recheck Cond", ""))
        columns = condition.count(" = ") + condition.count(" >= ")
        assert columns >= 2, f"reads more than what was asked for: {node}"
        assert "wanted" not in node.get("Filter", ""), f"compares what an index should have found: {node}"


async def _generic_plan(conn: OwnConnection, statement: str) -> Mapping[str, Any]:
    async with conn.transaction():
        await conn.execute(PREPARE)
        await conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        prepared = await conn.prepare(statement)
        nothing = ", ".join("NULL" for _ in prepared.get_parameters())
        await conn.execute(f"PREPARE looked_at AS {statement}")
        found = await conn.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at ({nothing})")
        await conn.execute("DEALLOCATE looked_at")
    plan: Mapping[str, Any] = found[0]["Plan"]
    return plan


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)
