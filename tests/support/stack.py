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
from embedded.postgres import DATABASE, EmbeddedPostgres
from embedded.reach import server_user, temporary_folder
from services.chassis.migrations import migrate

TEMPLATE = "migrated_template"
_numbers = itertools.count(1)
T = TypeVar("T")


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
def migrated_template(postgres_server: EmbeddedPostgres) -> str:
    """The name of a database with every migration applied, to be copied and never connected to."""
    run_blocking(_create_database(postgres_server.dsn, TEMPLATE, template=None))
    run_blocking(migrate(postgres_server.dsn_of(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def empty_database(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database without any table, for one test."""
    yield from _throwaway_database(postgres_server, template=None)


@pytest.fixture
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """The address of a fresh migrated database, for one test."""
    yield from _throwaway_database(postgres_server, template=migrated_template)


@pytest.fixture(scope="module")
def module_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """The address of a fresh migrated database that the tests of one file share."""
    yield from _throwaway_database(postgres_server, template=migrated_template)


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
        return thread.submit(asyncio.run, work).result(timeout=120)


def _throwaway_database(server: EmbeddedPostgres, template: str | None) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    run_blocking(_create_database(server.dsn, name, template))
    yield server.dsn_of(name)
    run_blocking(_drop_database(server.superuser_dsn, name))


async def _create_database(dsn: str, name: str, template: str | None) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
    finally:
        await connection.close()


async def _drop_database(dsn: str, name: str) -> None:
    """FORCE ends connections that a test or a killed process left open."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()
