"""Plans outlive the sizes they were made for: a look-up planned on empty tables must go by key when they are full."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import services.ingest.store
from services.chassis.postgres import OwnConnection, connect
from services.chassis.sql import load_statements

STORE = Path(next(iter(services.ingest.store.__path__)))
STATEMENTS = {
    f"{path.stem}.{name}": text
    for path in sorted(STORE.glob("*.sql"))
    for name, text in load_statements(path).items()
    if "unnest(" in text
}
PREPARE = load_statements(STORE / "people.sql")["prepare_planner"]
LOOKS_UP = {
    name for name in STATEMENTS if name.split(".")[1].startswith(("load_", "find_", "list_", "lock_"))
}
MOSTLY_EMPTY = {"loading.load_pending", "loading.load_revisions", "loading.load_reactions"}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
async def test_a_plan_made_on_empty_tables_finds_rows_by_their_key(database: str, name: str) -> None:
    conn = await connect(database, application_name="test")
    try:
        if name in MOSTLY_EMPTY:
            await conn.execute(
                "ANALYZE"
            )  # else PostgreSQL takes a table that it knows nothing of for ten pages
        plan = await _generic_plan(conn, STATEMENTS[name])
    finally:
        await conn.close()
    scans = [node for node in _nodes(plan) if node["Node Type"].startswith(("Index", "Seq", "Bitmap"))]
    assert scans or name not in LOOKS_UP
    for node in scans:
        condition = node.get("Index Cond", "")
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
