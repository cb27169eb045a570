"""Every index says what it is for, so that nobody keeps one that no statement needs."""

import asyncpg
import pytest

UNEXPLAINED = """
SELECT n.nspname || '.' || c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('log', 'projection', 'search', 'ops') AND c.relkind IN ('i', 'I') AND NOT c.relispartition
  AND obj_description(c.oid, 'pg_class') IS NULL
ORDER BY 1
"""
FILL_FACTORS = """
SELECT c.oid::regclass::text AS name, option_value::integer AS fill
FROM pg_class c, pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor' AND c.relkind = 'r'
"""


async def test_every_index_of_our_schemas_says_what_it_is_for(module_database: str) -> None:
    connection = await asyncpg.connect(module_database)
    try:
        assert [row["name"] for row in await connection.fetch(UNEXPLAINED)] == []
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("table", "fill"),
    [
        ("projection.contact", 80),
        ("projection.conversation", 70),
        ("projection.message_default", 90),
        ("projection.thread", 90),
        ("projection.conversation_activity", 100),
        ("projection.evaluation", 70),
        ("projection.file", 90),
        ("search.dirty", 50),
        ("log.checkpoint", 50),
    ],
)
async def test_rows_that_change_have_room_on_their_page(module_database: str, table: str, fill: int) -> None:
    connection = await asyncpg.connect(module_database)
    try:
        found = {row["name"]: row["fill"] for row in await connection.fetch(FILL_FACTORS)}
        assert found[table] == fill
    finally:
        await connection.close()
