"""Fixtures: a real PostgreSQL and a real Kafka, started when a test first asks for them."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from embedded.kafka import EmbeddedKafka
from embedded.postgres import DATABASE, ROLE, EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.migrations import migrate

TEMPLATE = "migrated_template"
_SECONDS = 120
_numbers = itertools.count(1)
T = TypeVar("T")


class DatabaseMaker:
    """Makes and drops databases over one connection that is kept, on a thread and a loop of its own.

    Hundreds of tests ask for a database, and signing in costs as much as copying one.
    """

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="databases")
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection | None = None

    def create(self, name: str, *, template: str = "template0") -> str:
        """Copies a database and answers the copy's address. Copying its files is cheaper than logging its pages."""
        self._execute(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {template} STRATEGY FILE_COPY")
        return self._server.dsn_of(name)

    def drop(self, name: str) -> None:
        """FORCE ends connections that a test or a killed process left open."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Ends the connection and the thread."""
        self._thread.submit(self._runner.run, self._close()).result(timeout=_SECONDS)
        self._thread.submit(self._runner.close).result(timeout=_SECONDS)
        self._thread.shutdown()

    def _execute(self, statement: str) -> None:
        self._thread.submit(self._runner.run, self._execute_there(statement)).result(timeout=_SECONDS)

    async def _execute_there(self, statement: str) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._server.superuser_dsn)
        await self._connection.execute(statement)

    async def _close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


@pytest.fixture(scope="session")
def stack_cache(pytestconfig: pytest.Config) -> Path:
    """Where the downloads of the embedded stack are kept, shared with `bitacora up`."""
    return pytestconfig.rootpath / ".bitacora" / "cache"


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """A temporary folder for the data of this run's servers."""
    folder = temporary_folder(server_user())
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(stack_folder: Path, stack_cache: Path) -> Iterator[EmbeddedPostgres]:
    """The PostgreSQL server of this run, quick and forgetful. `.dsn_of(name)` addresses a database."""
    with EmbeddedPostgres(folder=stack_folder / "postgres", cache=stack_cache, ephemeral=True) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_dsn(postgres_server: EmbeddedPostgres) -> str:
    """An empty database of this run, shared by all tests; most tests want `database` instead."""
    return postgres_server.dsn_of(DATABASE)


@pytest.fixture(scope="session")
def database_maker(postgres_server: EmbeddedPostgres) -> Iterator[DatabaseMaker]:
    """Makes and drops databases on this run's server."""
    maker = DatabaseMaker(postgres_server)
    yield maker
    maker.close()


@pytest.fixture(scope="session")
def migrated_template(database_maker: DatabaseMaker) -> str:
    """The name of a database with every migration applied, to be copied and never connected to."""
    run_blocking(migrate(database_maker.create(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def empty_database(database_maker: DatabaseMaker) -> Iterator[str]:
    """The address of a database without any table, for one test."""
    yield from throwaway_database(database_maker, template="template0")


@pytest.fixture
def database(database_maker: DatabaseMaker, migrated_template: str) -> Iterator[str]:
    """The address of a fresh migrated database, for one test."""
    yield from throwaway_database(database_maker, template=migrated_template)


@pytest.fixture(scope="module")
def module_database(database_maker: DatabaseMaker, migrated_template: str) -> Iterator[str]:
    """The address of a fresh migrated database that the tests of one file share."""
    yield from throwaway_database(database_maker, template=migrated_template)


@pytest.fixture(scope="session")
def kafka(stack_folder: Path, stack_cache: Path) -> Iterator[EmbeddedKafka]:
    """The Kafka broker of this run; topics are the test's to create, under names of its own."""
    with EmbeddedKafka(folder=stack_folder / "kafka", cache=stack_cache, ephemeral=True) as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka: EmbeddedKafka) -> str:
    """`host:port` of this run's broker."""
    return kafka.bootstrap


def run_blocking(work: Coroutine[None, None, T]) -> T:
    """Runs a coroutine to its end from code that is not async, also where a loop already runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result(timeout=_SECONDS)


def throwaway_database(maker: DatabaseMaker, template: str) -> Iterator[str]:
    """A copy of `template`, dropped afterwards."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield maker.create(name, template=template)
    maker.drop(name)
