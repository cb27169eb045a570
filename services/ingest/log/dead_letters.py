"""Refused records, kept whole in `log.dead_letter` until somebody decides. No function here opens a transaction."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.ingest.log.decoding import Refused, appended_at
from services.ingest.source.protocol import Record

SQL = load_statements(Path(__file__).with_suffix(".sql"))

REDRIVE_HEADER = "redrive"


async def add_dead_letters(conn: Connection, refused: Sequence[tuple[int, UUID | None, Refused]]) -> None:
    """Keeps refused records whole, with their reasons; each comes with its stream and its topic's id."""
    if not refused:
        return
    records = [refusal.record for _, _, refusal in refused]
    await conn.execute(
        SQL["add_dead_letters"],
        [stream_id for stream_id, _, _ in refused],
        [topic_id for _, topic_id, _ in refused],
        [refusal.position for _, _, refusal in refused],
        [refusal.reason.value for _, _, refusal in refused],
        [refusal.detail.replace("\0", "")[:1_000] for _, _, refusal in refused],
        [record.key for record in records],
        [record.value for record in records],
        [msgspec.json.encode(headers_as_json(record)).decode() for record in records],
        [appended_at(record) for record in records],
        [attempts_of(record) for record in records],
    )


def headers_as_json(record: Record) -> list[Mapping[str, str | None]]:
    """`[{name, value}]`, or `{name, base64}` for a value that JSON in PostgreSQL cannot hold as text."""
    return [_header(name, value) for name, value in record.headers]


def headers_from_json(headers: Sequence[Mapping[str, str | None]]) -> list[tuple[str, bytes | None]]:
    """The reverse of `headers_as_json`."""
    result: list[tuple[str, bytes | None]] = []
    for header in headers:
        name = header["name"] or ""
        if (encoded := header.get("base64")) is not None:
            result.append((name, base64.b64decode(encoded)))
        else:
            text = header.get("value")
            result.append((name, None if text is None else text.encode()))
    return result


def _header(name: str, value: bytes | None) -> Mapping[str, str | None]:
    name = name.replace("\0", "")
    if value is None:
        return {"name": name, "value": None}
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return {"name": name, "base64": base64.b64encode(value).decode("ascii")}
    return {"name": name, "value": text}


def attempts_of(record: Record) -> int:
    """How often this record was sent again from the dead letters already, as its `redrive` header says."""
    for name, value in record.headers:
        if name == REDRIVE_HEADER and value is not None and value.isdigit() and len(value) < 6:
            return int(value)
    return 0
