"""Bound: COPY of the rows that a finished run of ours left, in as many transactions, and no Kafka.

It holds all rows before it begins, encoded as far as asyncpg lets them be, so its peak memory says nothing.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.ingest.peers.task import Progress, Task
from services.chassis.postgres import OwnConnection
from services.chassis.sql import load_statements

SQL = load_statements(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's rows, in the order in which they are copied."""

    schema_name: str
    table_name: str
    columns: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


def share(rows: int, part: int, parts: int) -> slice:
    """The rows of the part with this number (from 0) when all are cut into as equal parts as can be."""
    return slice(rows * part // parts, rows * (part + 1) // parts)


async def main(task: Task) -> None:
    """Copies the warm-up's share, stops itself until it is told to go on, copies the rest, waits to be ended."""
    progress = Progress(task.progress)
    source = await _connect(task.source_dsn)
    tables = await _read(source)
    await source.close()
    target = await _connect(task.dsn)
    gc.freeze()
    total = task.warm + task.events
    parts = -(-total // task.batch)
    for part in range(parts):
        if progress.value == task.warm:
            os.kill(os.getpid(), signal.SIGSTOP)
        async with target.transaction():
            for table in tables:
                await target.copy_records_to_table(
                    table.table_name,
                    schema_name=table.schema_name,
                    columns=table.columns,
                    records=table.rows[share(len(table.rows), part, parts)],
                )
        progress.add(min(task.batch, total - progress.value))
    await asyncio.sleep(3_600)


async def _connect(dsn: str) -> OwnConnection:
    connection: OwnConnection = await asyncpg.connect(dsn)
    for name in ("json", "jsonb"):  # the bytes as they are: decoding and encoding are no part of the bound
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
        )
    return connection


async def _read(connection: OwnConnection) -> list[Rows]:
    tables = []
    for found in await connection.fetch(SQL["find_tables"]):
        columns = found["columns"]
        statement = SQL["read_table"].format(
            columns=", ".join(f'"{column}"' for column in columns),
            schema_name=found["schema_name"],
            table_name=found["table_name"],
        )
        rows = [tuple(row) for row in await connection.fetch(statement)]
        if rows:
            tables.append(Rows(found["schema_name"], found["table_name"], columns, rows))
    return tables


if __name__ == "__main__":
    asyncio.run(main(Task.read(sys.argv[1])))
