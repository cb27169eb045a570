"""The embedded PostgreSQL: keeps its data, survives a crash, says what is wrong."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from embedded.child import UserIds
from embedded.errors import PortTakenError, StartFailedError
from embedded.ports import PortWish
from embedded.postgres import EmbeddedPostgres
from embedded.reach import can_reach, reachable_folder, server_user, temporary_folder
from tests.support.stack import run_blocking


@pytest.fixture
def server(stack_cache: Path) -> Iterator[EmbeddedPostgres]:
    """A server that keeps its data until the test is over."""
    folder = temporary_folder(server_user())
    server = EmbeddedPostgres(folder=folder / "postgres", cache=stack_cache)
    yield server
    server.stop()
    server.remove()
    folder.rmdir()


async def execute(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def test_a_second_start_makes_no_cluster_anew_and_finds_the_data(server: EmbeddedPostgres) -> None:
    server.start()
    run_blocking(execute(server.dsn, "CREATE TABLE kept AS SELECT 42 AS answer"))
    made = (server.data / "PG_VERSION").stat()
    server.stop()
    server.start()
    kept = (server.data / "PG_VERSION").stat()
    assert (kept.st_ino, kept.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert run_blocking(execute(server.dsn, "SELECT answer FROM kept")) == 42


def test_what_was_committed_survives_a_crash_of_the_server(server: EmbeddedPostgres) -> None:
    server.start()
    run_blocking(execute(server.dsn, "CREATE TABLE kept AS SELECT 7 AS answer"))
    server.kill()
    server.start()
    assert run_blocking(execute(server.dsn, "SELECT answer FROM kept")) == 7


def test_a_taken_port_is_refused_by_number(server: EmbeddedPostgres) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server.port_wish = PortWish(required=port)
        with pytest.raises(PortTakenError, match=f"Port {port}"):
            server.start()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(server: EmbeddedPostgres) -> None:
    server.settings = {"shared_buffers": "a lot"}
    with pytest.raises(StartFailedError, match="shared_buffers"):
        server.start()


def test_a_folder_closed_to_the_servers_user_is_replaced_by_a_stable_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = temporary_folder(server_user())
    monkeypatch.setattr("embedded.reach._VAR_LIB", elsewhere)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    user = server_user()
    chosen = reachable_folder(closed / "postgres", user)
    if user is None:
        assert chosen == closed / "postgres"
    else:
        assert chosen.parent == elsewhere
        assert chosen == reachable_folder(closed / "postgres", user)
        assert chosen != reachable_folder(closed / "other", user)
        assert can_reach(chosen, UserIds(user.uid, user.gid))
    for folder in elsewhere.iterdir():
        folder.rmdir()
    elsewhere.rmdir()
