"""Brings a database to the shape this code expects: numbered files, forward only, each applied once and never
edited.

A file is `NNNN_name.sql`, numbered from 0001 without gaps. It runs in one transaction with its ledger row,
unless its first lines say `-- no-transaction`: then it must hold one statement that PostgreSQL refuses inside
a transaction (such as CREATE INDEX CONCURRENTLY) and be safe to repeat.
"""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.chassis.postgres import Connection, connect
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))

ADVISORY_LOCK = 0x6269_7461_636F  # "bitaco": any number, as long as every runner takes the same
LOCK_TIMEOUT_MS = 5_000
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.2

_FILE_NAME = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z0-9_]+)\.sql\Z")
_NO_TRANSACTION = re.compile(r"^--\s*no-transaction\s*$", re.MULTILINE)


class MigrationError(Exception):
    """The database or the files are not in a state that can be migrated; nothing was changed by the file
    named.
    """


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name, its text and the hash of that text (line ends made equal)."""

    version: int
    name: str
    sha256: str
    text: str
    in_transaction: bool

    @property
    def label(self) -> str:
        """The file's name without its ending, as people say it."""
        return f"{self.version:04d}_{self.name}"


@dataclass(frozen=True, slots=True)
class Applied:
    """One row of the ledger."""

    version: int
    name: str
    sha256: str


def migrations_directory() -> Path:
    """Where the files are: in a source tree and in an image at its root, in a wheel inside this package."""
    for candidate in (
        Path(__file__).parents[2] / "schemas" / "postgres" / "migrations",
        Path(__file__).parent / "postgres" / "migrations",
    ):
        if candidate.is_dir():
            return candidate
    raise MigrationError("the migration files are not part of this installation")


def read_migrations(directory: Path | None = None) -> list[Migration]:
    """The files in order. Raises MigrationError for a misnamed file, a gap or a number used twice."""
    found: list[Migration] = []
    for path in sorted((directory or migrations_directory()).glob("*.sql")):
        match = _FILE_NAME.match(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is not named NNNN_name.sql")
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        header = text.split("\n\n", 1)[0]
        found.append(
            Migration(
                version=int(match["version"]),
                name=match["name"],
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                text=text,
                in_transaction=_NO_TRANSACTION.search(header) is None,
            )
        )
    for expected, migration in enumerate(found, start=1):
        if migration.version != expected:
            raise MigrationError(
                f"migration {expected:04d} is missing or {migration.label} is numbered wrongly"
            )
    return found


def plan(migrations: list[Migration], applied: list[Applied]) -> list[Migration]:
    """What is still to be applied.

    Raises MigrationError when the ledger and the files tell different stories.
    """
    files = {migration.version: migration for migration in migrations}
    for expected, row in enumerate(applied, start=1):
        if row.version != expected:
            raise MigrationError(f"the database has migration {row.version:04d} but not {expected:04d}")
        migration = files.get(row.version)
        if migration is None:
            raise MigrationError(
                f"the database has migration {row.version:04d}_{row.name}, which this code does not know:"
                " it was migrated by a newer version"
            )
        if migration.sha256 != row.sha256:
            raise MigrationError(
                f"{migration.label} was edited after it was applied; add a new migration instead"
            )
    return [migration for migration in migrations if migration.version > len(applied)]


async def pending(dsn: str, directory: Path | None = None) -> list[str]:
    """Names of the migrations that the database still lacks, in order.

    Raises MigrationError as `migrate` does.
    """
    connection = await connect(dsn, application_name="bitacora-migrate", search_path="public")
    try:
        return [
            migration.label for migration in plan(read_migrations(directory), await read_applied(connection))
        ]
    finally:
        await connection.close()


async def require_current(connection: Connection, directory: Path | None = None) -> None:
    """Raises MigrationError when the database is older than this code.

    A newer one is accepted: deploys overlap.
    """
    applied = await read_applied(connection)
    newest = read_migrations(directory)[-1]
    if len(applied) < newest.version:
        raise MigrationError(
            f"the database lacks {newest.version - len(applied)} migrations; run `bitacora migrate`"
        )


async def migrate(
    dsn: str, directory: Path | None = None, *, wait_seconds: float = WAIT_SECONDS
) -> list[str]:
    """Applies what is missing and answers the names applied, in order; none when the database is current.

    Waits at most `wait_seconds` for another runner, and as long for a file's locks. Raises MigrationError;
    what was applied before the faulty file stays applied.
    """
    migrations = read_migrations(directory)
    deadline = asyncio.get_running_loop().time() + wait_seconds
    connection = await connect(dsn, application_name="bitacora-migrate", search_path="public")
    try:
        await _take_lock(connection, deadline)
        try:
            await connection.execute(SQL["create_ledger"])
            todo = plan(migrations, await read_applied(connection))
            await connection.fetchval(SQL["set_lock_timeout"], f"{LOCK_TIMEOUT_MS}ms")
            for migration in todo:
                await _apply(connection, migration, deadline)
            return [migration.label for migration in todo]
        finally:
            if not connection.is_closed():
                await connection.fetchval(SQL["unlock"], ADVISORY_LOCK)
    finally:
        await connection.close()


async def read_applied(connection: Connection) -> list[Applied]:
    """The ledger in order; empty for a database that was never migrated."""
    if not await connection.fetchval(SQL["ledger_exists"]):
        return []
    rows = await connection.fetch(SQL["find_applied"])
    return [Applied(version=row["version"], name=row["name"], sha256=row["sha256"]) for row in rows]


async def _take_lock(connection: Connection, deadline: float) -> None:
    while not await connection.fetchval(SQL["try_lock"], ADVISORY_LOCK):
        if asyncio.get_running_loop().time() >= deadline:
            raise MigrationError("another migration is running and did not finish in time")
        await asyncio.sleep(POLL_SECONDS)


async def _apply(connection: Connection, migration: Migration, deadline: float) -> None:
    while not await _apply_once(connection, migration):
        if asyncio.get_running_loop().time() >= deadline:
            raise MigrationError(
                f"{migration.label} did not get its locks in time; nothing of it was applied"
            )


async def _apply_once(connection: Connection, migration: Migration) -> bool:
    """Answers False, with nothing done, when another session held a lock for too long."""
    record = (SQL["record_applied"], migration.version, migration.name, migration.sha256)
    try:
        if migration.in_transaction:
            async with connection.transaction():
                await connection.execute(migration.text)
                await connection.execute(*record)
        else:
            await connection.execute(migration.text)
            await connection.execute(*record)
    except asyncpg.LockNotAvailableError:
        return False
    except asyncpg.PostgresError as error:
        where = f" (character {error.position})" if error.position else ""
        raise MigrationError(f"{migration.label}: {error.message or type(error).__name__}{where}") from error
    return True
