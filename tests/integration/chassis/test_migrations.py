import asyncio
from pathlib import Path

import asyncpg
import pytest

from services.chassis.migrations import (
    ADVISORY_LOCK,
    MigrationError,
    migrate,
    pending,
    read_applied,
    require_current,
)
from services.chassis.postgres import connect


def write(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name.removeprefix('m')}.sql").write_text(text)
    return directory


async def tables(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return [row[0] for row in rows if row[0] != "schema_migration"]
    finally:
        await connection.close()


async def test_our_migrations_bring_an_empty_database_up_to_date(empty_database: str) -> None:
    expected = await pending(empty_database)
    assert expected[0] == "0001_foundation"
    assert await migrate(empty_database) == expected
    assert await pending(empty_database) == []
    assert await migrate(empty_database) == []


async def test_only_what_is_new_is_applied(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, m0001_a="CREATE TABLE a ();")
    assert await migrate(empty_database, tmp_path) == ["0001_a"]
    write(tmp_path, m0002_b="CREATE TABLE b ();\nCREATE TABLE c ();")
    assert await migrate(empty_database, tmp_path) == ["0002_b"]
    assert await tables(empty_database) == ["a", "b", "c"]


async def test_a_faulty_file_changes_nothing_and_keeps_what_came_before(
    empty_database: str, tmp_path: Path
) -> None:
    write(tmp_path, m0001_a="CREATE TABLE a ();", m0002_b="CREATE TABLE b ();\nCREATE TABEL c ();")
    with pytest.raises(MigrationError, match=r'0002_b: syntax error at or near "TABEL" \(character 27\)'):
        await migrate(empty_database, tmp_path)
    assert await tables(empty_database) == ["a"]
    assert await pending(empty_database, tmp_path) == ["0002_b"]


async def test_an_edited_file_stops_everything(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, write(tmp_path, m0001_a="CREATE TABLE a ();"))
    write(tmp_path, m0001_a="CREATE TABLE aa ();", m0002_b="CREATE TABLE b ();")
    with pytest.raises(MigrationError, match="edited"):
        await migrate(empty_database, tmp_path)
    assert await tables(empty_database) == ["a"]


async def test_an_index_can_be_made_without_blocking_writers(empty_database: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        m0001_a="CREATE TABLE a (n integer);",
        m0002_b="-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);",
    )
    assert await migrate(empty_database, tmp_path) == ["0001_a", "0002_b"]


async def test_runners_at_the_same_time_apply_each_file_once(empty_database: str, tmp_path: Path) -> None:
    write(tmp_path, m0001_a="CREATE TABLE a ();\nSELECT pg_sleep(0.2);", m0002_b="CREATE TABLE b ();")
    results = await asyncio.gather(*(migrate(empty_database, tmp_path) for _ in range(4)))
    assert sorted(results) == [[], [], [], ["0001_a", "0002_b"]]


async def test_a_runner_does_not_wait_for_ever_for_another(empty_database: str, tmp_path: Path) -> None:
    other = await asyncpg.connect(empty_database)
    try:
        await other.fetchval("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        with pytest.raises(MigrationError, match="another migration is running"):
            await migrate(empty_database, write(tmp_path, m0001_a="CREATE TABLE a ();"), wait_seconds=0.5)
    finally:
        await other.close()


async def test_a_lock_held_by_a_reader_is_given_way_to(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.migrations.LOCK_TIMEOUT_MS", 100)
    await migrate(empty_database, write(tmp_path, m0001_a="CREATE TABLE a ();"))
    write(tmp_path, m0002_b="ALTER TABLE a ADD COLUMN n integer;")
    reader = await asyncpg.connect(empty_database)
    try:
        transaction = reader.transaction()
        await transaction.start()
        await reader.fetch("SELECT FROM a")
        with pytest.raises(MigrationError, match="did not get its locks in time"):
            await migrate(empty_database, tmp_path, wait_seconds=0.5)
        running = asyncio.create_task(migrate(empty_database, tmp_path, wait_seconds=20))
        await asyncio.sleep(0.3)
        await transaction.rollback()
        assert await running == ["0002_b"]
    finally:
        await reader.close()


async def test_a_service_refuses_an_older_database_and_accepts_a_newer_one(
    empty_database: str, tmp_path: Path
) -> None:
    write(tmp_path, m0001_a="CREATE TABLE a ();", m0002_b="CREATE TABLE b ();")
    connection = await connect(empty_database, application_name="bitacora-test")
    try:
        with pytest.raises(MigrationError, match="lacks 2 migrations"):
            await require_current(connection, tmp_path)
        await migrate(empty_database, tmp_path)
        await require_current(connection, tmp_path)
        (tmp_path / "0002_b.sql").unlink()
        await require_current(connection, tmp_path)
        assert [row.version for row in await read_applied(connection)] == [1, 2]
    finally:
        await connection.close()
