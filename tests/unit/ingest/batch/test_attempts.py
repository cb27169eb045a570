"""What helps against an error of a batch's transaction, and when nothing does."""

import asyncpg
import pytest

from services.ingest.batch.attempts import MOST_LOOK_UPS, Attempts, Remedy


def unique_violation(schema: str, table: str) -> asyncpg.UniqueViolationError:
    error = asyncpg.UniqueViolationError("duplicate key")
    error.schema_name, error.table_name = schema, table
    return error


def test_a_repeat_is_looked_up_and_not_for_ever() -> None:
    attempts = Attempts()
    repeat = unique_violation("log", "event_log_2026_03")
    assert [attempts.after(repeat) for _ in range(MOST_LOOK_UPS)] == [Remedy.LOOK_UP] * MOST_LOOK_UPS
    assert attempts.after(repeat) is None


@pytest.mark.parametrize(("schema", "table"), [("projection", "message"), ("log", "dead_letter")])
def test_any_other_key_that_breaks_is_a_bug(schema: str, table: str) -> None:
    assert Attempts().after(unique_violation(schema, table)) is None


@pytest.mark.parametrize(
    "error",
    [asyncpg.CharacterNotInRepertoireError("no"), OverflowError(), "\ud800"],
    ids=["refused by the server", "too large to send", "no text"],
)
def test_a_refused_value_is_looked_for_once(error: BaseException | str) -> None:
    if isinstance(error, str):
        error = UnicodeEncodeError("utf-8", error, 0, 1, "surrogates not allowed")
    attempts = Attempts()
    assert attempts.after(error) is Remedy.ISOLATE
    assert attempts.isolate
    assert attempts.after(error) is None


def test_a_database_that_is_away_is_waited_for_as_long_as_it_takes() -> None:
    attempts = Attempts()
    away = asyncpg.ConnectionDoesNotExistError("connection was closed")
    assert {attempts.after(away) for _ in range(50)} == {Remedy.WAIT}
    assert attempts.waits == 50
    assert not attempts.isolate


def test_a_mistake_in_a_statement_is_a_bug() -> None:
    assert Attempts().after(asyncpg.UndefinedColumnError("no such column")) is None
