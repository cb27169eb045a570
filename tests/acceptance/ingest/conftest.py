"""What tests of ingest workers share: a topic, a database with an account, settings under which faults show soon."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.support import ingest


@pytest.fixture
def topic(kafka_bootstrap: str) -> Iterator[str]:
    yield from ingest.fresh_topic(kafka_bootstrap)


@pytest.fixture
def settings(kafka_bootstrap: str, database: str, topic: str, tmp_path: Path) -> dict[str, str]:
    return {
        "BITACORA_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "BITACORA_POSTGRES_DSN": database,
        "BITACORA_DATA_DIR": str(tmp_path),
        "BITACORA_INGEST_TOPIC": topic,
        "BITACORA_INGEST_GROUP": f"group-{uuid.uuid4().hex[:8]}",
        "BITACORA_INGEST_SESSION_TIMEOUT_SECONDS": "6",
        "BITACORA_INGEST_CHECK_SECONDS": "0.5",
    }


@pytest.fixture
async def conn(database: str) -> AsyncIterator[asyncpg.Connection]:
    await ingest.add_account(database)
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()
