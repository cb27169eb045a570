import asyncpg

from services.chassis.migrations import migrations_directory
from tests.support.catalogue import describe, differences

SCHEMA = migrations_directory().parent / "schema.sql"


async def build_from_schema_file(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(SCHEMA.read_text("utf-8"))
    finally:
        await connection.close()


async def test_schema_sql_builds_the_same_database_as_the_migrations(
    database: str, empty_database: str
) -> None:
    await build_from_schema_file(empty_database)
    migrated = await describe(database)
    assert "relation projection.conversation" in migrated
    assert differences(migrated, await describe(empty_database)) == []


async def test_the_comparison_sees_a_changed_index_column_and_option(
    database: str, empty_database: str
) -> None:
    await build_from_schema_file(empty_database)
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute(
            "ALTER TABLE ops.account ALTER COLUMN timezone SET DEFAULT 'UTC';"
            "DROP INDEX log.dead_letter_open;"
            "ALTER TABLE projection.thread SET (fillfactor = 60);"
        )
    finally:
        await connection.close()
    changed = [
        line.split(":")[0] for line in differences(await describe(database), await describe(empty_database))
    ]
    assert [name.split()[0] for name in changed] == ["column", "index", "relation"]
