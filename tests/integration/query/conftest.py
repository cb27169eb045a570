"""One seeded database for all tests of the read side that change no conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.chassis.postgres import connect
from tests.support.query_site import Site, query_site
from tests.support.seed import Seed, add_account, seed_account
from tests.support.stack import run_blocking

CONVERSATIONS = 600


@dataclass
class World:
    """Two companies with conversations that look alike."""

    dsn: str
    seed: Seed
    acme: int
    other: int


@pytest.fixture(scope="module")
def world(module_database: str) -> World:
    """Account `acme` with 600 conversations, `other` with 60."""
    return run_blocking(_make_world(module_database))


@pytest.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    """The application over that world."""
    async with query_site(world.dsn, tmp_path, "acme", "other") as running:
        yield running


async def _make_world(dsn: str) -> World:
    conn = await connect(dsn, application_name="test-seed")
    try:
        seed = Seed()
        acme, other = await add_account(conn, "acme"), await add_account(conn, "other")
        seed_account(seed, acme, "acme", CONVERSATIONS, number=1)
        seed_account(seed, other, "other", 60, number=1)
        await seed.write(conn)
        # What the text search reads until documents exist.
        await conn.execute(
            "INSERT INTO search.dirty (account_id, conv_key) SELECT account_id, conv_key FROM conversation"
        )
    finally:
        await conn.close()
    return World(dsn, seed, acme, other)
