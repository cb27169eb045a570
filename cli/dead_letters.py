"""Refused records: looking at them, sending them again, giving them up."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import msgspec
from bitacora_schemas.events.decode import check_thread_key, decode_event
from bitacora_schemas.events.refusal import DecodeRefusal

from cli.database import open_connection
from services.chassis.sql import load_statements
from services.ingest.log.dead_letters import REDRIVE_HEADER, headers_from_json
from services.ingest.source.protocol import Offset

if TYPE_CHECKING:
    from services.chassis.settings import KafkaSettings

SQL = load_statements(Path(__file__).with_suffix(".sql"))


class DeadLetter(msgspec.Struct, frozen=True):
    """One refused record without its value; `key` is text where it can be.

    `offset` is Kafka's number, for finding the record there; that of an earlier incarnation is its position.
    """

    id: int
    topic: str
    partition: int
    offset: Offset
    reason: str
    detail: str
    key: str | None
    first_seen: datetime
    state: str
    attempts: int


class Preview(msgspec.Struct, frozen=True):
    """What sending records again would do, by today's rules: numbers that decode, and those that still do not."""

    readable: tuple[int, ...]
    still_refused: tuple[tuple[int, str], ...]


async def find(dsn: str, *, reason: str, state: str, limit: int) -> list[DeadLetter]:
    """Newest first; '' for any reason or state."""
    async with open_connection(dsn) as conn:
        rows = await conn.fetch(SQL["find_dead_letters"], reason, state, limit)
    return [_read(row) for row in rows]


async def read(dsn: str, number: int) -> tuple[DeadLetter, str, list[tuple[str, bytes | None]]] | None:
    """One with its value as text (bytes that are no text escaped) and its headers; None when there is none."""
    async with open_connection(dsn) as conn:
        row = await conn.fetchrow(SQL["read_dead_letters"], [number])
    if row is None:
        return None
    value = row["record_value"]
    text = "" if value is None else value.decode("utf-8", "backslashreplace")
    return _read(row), text, headers_from_json(row["headers"])


async def choose_open(dsn: str, *, reason: str, limit: int) -> list[int]:
    """Numbers of open ones, oldest first."""
    async with open_connection(dsn) as conn:
        return [row["dead_letter_id"] for row in await conn.fetch(SQL["open_ids"], reason, limit)]


async def preview(dsn: str, numbers: Sequence[int]) -> Preview:
    """Reads the records again by today's rules; sends nothing."""
    async with open_connection(dsn) as conn:
        rows = await conn.fetch(SQL["read_dead_letters"], list(numbers))
    readable: list[int] = []
    refused: list[tuple[int, str]] = []
    for row in rows:
        try:
            event = decode_event(row["record_value"], headers_from_json(row["headers"]))
            check_thread_key(event, row["record_key"])
            readable.append(row["id"])
        except DecodeRefusal as refusal:
            refused.append((row["id"], refusal.reason.value))
    return Preview(tuple(readable), tuple(refused))


async def redrive(dsn: str, kafka: KafkaSettings, numbers: Sequence[int]) -> list[int]:
    """Sends open records again, same topic, key and value, and marks them; answers which. Repeats are harmless."""
    from aiokafka import AIOKafkaProducer

    from services.chassis.kafka import aiokafka_options

    async with open_connection(dsn) as conn:
        rows = await conn.fetch(SQL["read_dead_letters"], list(numbers))
        producer = AIOKafkaProducer(**aiokafka_options(kafka), acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for row in rows:
                if row["state"] != "open":
                    continue
                headers = [
                    (name, value)
                    for name, value in headers_from_json(row["headers"])
                    if name != REDRIVE_HEADER
                ]
                headers.append((REDRIVE_HEADER, str(row["attempts"] + 1).encode()))
                await producer.send_and_wait(
                    row["topic"], key=row["record_key"], value=row["record_value"], headers=headers
                )
        finally:
            await producer.stop()
        return await _resolve(conn, numbers, "redriven")


async def drop(dsn: str, numbers: Sequence[int]) -> list[int]:
    """Gives open records up; they stay in the table, marked. Answers which."""
    async with open_connection(dsn) as conn:
        return await _resolve(conn, numbers, "dropped")


async def _resolve(conn: asyncpg.Connection, numbers: Sequence[int], state: str) -> list[int]:
    async with conn.transaction():
        rows = await conn.fetch(SQL["resolve"], list(numbers), state)
        done = sorted(row["dead_letter_id"] for row in rows)
        if done:
            detail = json.dumps({"count": len(done), "ids": done[:1_000]})
            await conn.execute(SQL["audit"], actor(), f"dead_letter.{state}", "dead_letter", None, detail)
    return done


def actor() -> str:
    """Who runs the command, for the audit."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"  # a container's user without a name


def _read(row: asyncpg.Record) -> DeadLetter:
    key = row["record_key"]
    return DeadLetter(
        row["id"],
        row["topic"],
        row["partition"],
        row["offset"],
        row["reason"],
        row["detail"],
        None if key is None else key.decode("utf-8", "backslashreplace"),
        row["first_seen"],
        row["state"],
        row["attempts"],
    )
