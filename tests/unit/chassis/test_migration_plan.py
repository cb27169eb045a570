from pathlib import Path

import pytest

from services.chassis.migrations import (
    Applied,
    Migration,
    MigrationError,
    migrations_directory,
    plan,
    read_migrations,
)


def write(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name.removeprefix('m')}.sql").write_bytes(text.encode())
    return directory


def ledger(migrations: list[Migration]) -> list[Applied]:
    return [Applied(version=one.version, name=one.name, sha256=one.sha256) for one in migrations]


def test_files_are_read_in_order(tmp_path: Path) -> None:
    found = read_migrations(write(tmp_path, m0002_more="SELECT 2", m0001_first="SELECT 1"))
    assert [migration.label for migration in found] == ["0001_first", "0002_more"]


def test_the_hash_does_not_depend_on_line_ends(tmp_path: Path) -> None:
    unix, windows = tmp_path / "unix", tmp_path / "windows"
    for folder, text in ((unix, "SELECT\n1;\n"), (windows, "SELECT\r\n1;\r\n")):
        folder.mkdir()
        write(folder, m0001_first=text)
    assert read_migrations(unix)[0].sha256 == read_migrations(windows)[0].sha256


def test_only_the_header_can_ask_for_no_transaction(tmp_path: Path) -> None:
    write(
        tmp_path, m0001_a="-- Why.\n-- no-transaction\nSELECT 1", m0002_b="SELECT 1;\n\n-- no-transaction\n"
    )
    assert [migration.in_transaction for migration in read_migrations(tmp_path)] == [False, True]


@pytest.mark.parametrize("name", ["m0003_late", "m0001_again", "m1_short", "m0002-dash", "m0002_Upper"])
def test_a_gap_a_repeated_number_or_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, m0001_first="SELECT 1", **{name: "SELECT 1"})
    with pytest.raises(MigrationError):
        read_migrations(tmp_path)


def test_what_the_ledger_lacks_is_planned(tmp_path: Path) -> None:
    migrations = read_migrations(write(tmp_path, m0001_a="SELECT 1", m0002_b="SELECT 2"))
    assert plan(migrations, []) == migrations
    assert plan(migrations, ledger(migrations[:1])) == migrations[1:]
    assert plan(migrations, ledger(migrations)) == []


def test_an_edited_migration_is_refused(tmp_path: Path) -> None:
    migrations = read_migrations(write(tmp_path, m0001_a="SELECT 1"))
    write(tmp_path, m0001_a="SELECT 2")
    with pytest.raises(MigrationError, match="0001_a was edited after it was applied"):
        plan(read_migrations(tmp_path), ledger(migrations))


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    migrations = read_migrations(write(tmp_path, m0001_a="SELECT 1", m0002_b="SELECT 2"))
    with pytest.raises(MigrationError, match="newer version"):
        plan(migrations[:1], ledger(migrations))


def test_a_ledger_with_a_hole_is_refused(tmp_path: Path) -> None:
    migrations = read_migrations(write(tmp_path, m0001_a="SELECT 1", m0002_b="SELECT 2"))
    with pytest.raises(MigrationError, match="0002 but not 0001"):
        plan(migrations, ledger(migrations[1:]))


def test_our_own_migrations_are_found() -> None:
    assert read_migrations(migrations_directory())[0].label == "0001_foundation"
