"""A database that is thrown back to an older state, as a restore from a backup does."""

import asyncpg

from embedded.postgres import EmbeddedPostgres

_TABLES = """
    SELECT c.relnamespace::regnamespace::text AS schema, c.relname AS name,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
    FROM pg_class c
    WHERE c.relnamespace::regnamespace::text IN ('log', 'projection', 'search')
      AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1, 2"""
_HOLD_INGEST = "LOCK TABLE log.checkpoint IN EXCLUSIVE MODE"


async def keep_copy(server: EmbeddedPostgres, dsn: str) -> None:
    """Copies a database that nobody uses just now."""
    name = _name_of(dsn)
    await _execute(server.dsn, f"CREATE DATABASE {name}_copy TEMPLATE {name} STRATEGY wal_log")


async def restore_copy(server: EmbeddedPostgres, dsn: str) -> None:
    """Puts the copy in the place of the database, which is gone with all its connections."""
    name = _name_of(dsn)
    await _execute(server.superuser_dsn, f"DROP DATABASE {name} WITH (FORCE)")
    await _execute(server.superuser_dsn, f"ALTER DATABASE {name}_copy RENAME TO {name}")


async def replace_by_template(server: EmbeddedPostgres, dsn: str, template: str) -> None:
    """Puts an empty database in the place of the database."""
    name = _name_of(dsn)
    await _execute(server.superuser_dsn, f"DROP DATABASE {name} WITH (FORCE)")
    await _execute(server.dsn, f"CREATE DATABASE {name} TEMPLATE {template}")


async def take_picture(server: EmbeddedPostgres, dsn: str) -> None:
    """Keeps the rows of every table as one moment between two transactions of ingest has them, under running workers."""
    conn = await asyncpg.connect(_as_superuser(server, dsn))
    try:
        async with conn.transaction():
            await conn.execute(_HOLD_INGEST)
            await conn.execute("CREATE SCHEMA picture")
            for table in await conn.fetch(_TABLES):
                await conn.execute(
                    f"CREATE TABLE picture.{table['schema']}_{table['name']} AS"
                    f" SELECT {table['columns']} FROM {table['schema']}.{table['name']}"
                )
    finally:
        await conn.close()


async def restore_picture(server: EmbeddedPostgres, dsn: str) -> None:
    """Puts those rows back in one transaction, under running workers, whose connections stay."""
    await _throw_back(server, dsn, refill=True)


async def empty(server: EmbeddedPostgres, dsn: str) -> None:
    """Empties every table in one transaction, under running workers."""
    await _throw_back(server, dsn, refill=False)


async def _throw_back(server: EmbeddedPostgres, dsn: str, *, refill: bool) -> None:
    conn = await asyncpg.connect(_as_superuser(server, dsn))
    try:
        async with conn.transaction():
            await conn.execute("SET LOCAL session_replication_role = replica")
            await conn.execute(_HOLD_INGEST)
            tables = await conn.fetch(_TABLES)
            await conn.execute(
                "TRUNCATE " + ", ".join(f"{table['schema']}.{table['name']}" for table in tables)
            )
            for table in tables if refill else ():
                await conn.execute(
                    f"INSERT INTO {table['schema']}.{table['name']} ({table['columns']}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {table['columns']} FROM picture.{table['schema']}_{table['name']}"
                )
    finally:
        await conn.close()


async def _execute(dsn: str, sql: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()


def _name_of(dsn: str) -> str:
    return dsn.rpartition("/")[2].partition("?")[0]


def _as_superuser(server: EmbeddedPostgres, dsn: str) -> str:
    return f"{server.superuser_dsn.rpartition('/')[0]}/{_name_of(dsn)}"
