"""The decisions of the embedded stack that need no process."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from embedded.artifacts import POSTGRES_PLATFORMS, locked
from embedded.errors import UnsupportedPlatformError, existing_parent
from embedded.kafka import EmbeddedKafka
from embedded.kafka_settings import as_properties, broker_settings
from embedded.ports import PortWish, free_port
from embedded.postgres import EmbeddedPostgres
from embedded.postgres_binaries import postgres_platform
from embedded.state import ProcessState, StackState, describe_process, is_alive, read_state, write_state
from embedded.supervisor import pause_before_restart


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Linux", "x86_64", "linux-amd64"),
        ("Linux", "aarch64", "linux-arm64v8"),
        ("Darwin", "arm64", "darwin-arm64v8"),
        ("Darwin", "x86_64", "darwin-amd64"),
    ],
)
def test_every_supported_machine_has_locked_binaries(system: str, machine: str, expected: str) -> None:
    assert postgres_platform(system, machine) == expected
    assert expected in POSTGRES_PLATFORMS
    assert len(locked(f"postgres-{expected}")) == 1


def test_an_unknown_machine_is_told_what_to_do_instead() -> None:
    with pytest.raises(UnsupportedPlatformError, match="BITACORA_POSTGRES_DSN"):
        postgres_platform("Linux", "riscv64")


def test_the_lock_names_each_jar_once_with_a_whole_hash() -> None:
    jars = locked("kafka")
    assert len({str(jar) for jar in jars}) == len(jars) > 40
    assert all(len(jar.sha256) == 64 for jar in jars)


def test_a_wish_of_the_caller_wins_over_the_usual_broker_settings() -> None:
    settings = broker_settings(
        broker_port=1, controller_port=2, data=Path("/data"), changes={"num.io.threads": "9"}
    )
    assert settings["num.io.threads"] == "9"
    assert settings["auto.create.topics.enable"] == "false"
    assert "num.io.threads=9\n" in as_properties(settings)


def test_the_pause_before_a_restart_doubles_up_to_a_limit() -> None:
    assert [pause_before_restart(crashes) for crashes in (1, 2, 3, 4, 20)] == [0.5, 1.0, 2.0, 4.0, 20.0]


def test_a_preferred_port_is_used_while_it_is_free() -> None:
    port = free_port()
    assert PortWish(preferred=port).choose("a test") == port


def test_a_state_survives_its_file_and_is_for_its_owner_only(tmp_path: Path) -> None:
    state = StackState(
        state="running",
        owner=describe_process(os.getpid()),
        started_at=datetime(2026, 5, 4, 3, 2, tzinfo=UTC),
        base_url="http://127.0.0.1:8080",
        processes={"kafka": ProcessState(4711, 1.0)},
    )
    write_state(tmp_path / "state.json", state)
    assert read_state(tmp_path / "state.json") == state
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_stack_whose_owner_was_killed_reads_as_stopped(tmp_path: Path) -> None:
    gone = ProcessState(os.getpid(), started_at=1.0)
    write_state(
        tmp_path / "state.json",
        StackState(state="running", owner=gone, started_at=datetime(2026, 5, 4, tzinfo=UTC)),
    )
    found = read_state(tmp_path / "state.json")
    assert found is not None
    assert found.state == "stopped"


def test_a_process_is_not_mistaken_for_a_later_one_with_its_id() -> None:
    assert is_alive(describe_process(os.getpid()))
    assert not is_alive(ProcessState(os.getpid(), started_at=12.0))


def test_the_nearest_existing_parent_of_a_path_is_found(tmp_path: Path) -> None:
    assert existing_parent(tmp_path / "a" / "b") == tmp_path


def test_a_server_that_was_never_prepared_deletes_nothing_but_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "precious").write_text("kept")
    monkeypatch.chdir(tmp_path)
    for server in (
        EmbeddedPostgres(folder=tmp_path / "postgres", cache=tmp_path / "cache", ephemeral=True),
        EmbeddedKafka(folder=tmp_path / "kafka", cache=tmp_path / "cache", ephemeral=True),
    ):
        server.stop()
        server.remove()
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_free_port_is_none_that_an_outgoing_connection_may_get() -> None:
    assert all(10_000 <= free_port() < 32_768 for _ in range(50))
