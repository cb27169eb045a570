import asyncpg
import pytest

from services.chassis.postgres import Connection, Pool, backoff, is_transient, with_retries

TRANSIENT = [
    asyncpg.SerializationError("x"),
    asyncpg.DeadlockDetectedError("x"),
    asyncpg.AdminShutdownError("x"),
    asyncpg.CrashShutdownError("x"),
    asyncpg.CannotConnectNowError("x"),
    asyncpg.TooManyConnectionsError("x"),
    asyncpg.DiskFullError("x"),
    asyncpg.ConnectionDoesNotExistError("x"),
    asyncpg.ConnectionFailureError("x"),
    asyncpg.ReadOnlySQLTransactionError("x"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InterfaceError("cannot call Transaction.commit(): the underlying connection is closed"),
    asyncpg.InterfaceError("cannot call Connection.fetch(): connection has been released back to the pool"),
    asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"),
    ConnectionResetError("x"),
    TimeoutError("x"),
]
LASTING = [
    asyncpg.UniqueViolationError("x"),
    asyncpg.QueryCanceledError("x"),
    asyncpg.UndefinedTableError("x"),
    asyncpg.InvalidPasswordError("x"),
    asyncpg.CharacterNotInRepertoireError("x"),
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    asyncpg.InterfaceError("pool is closing"),
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: f"{type(error).__name__}-{error}")
def test_what_passes_by_itself_is_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: f"{type(error).__name__}-{error}")
def test_what_stays_wrong_is_not_transient(error: Exception) -> None:
    assert not is_transient(error)


def test_a_complaint_made_because_the_connection_was_lost_is_as_transient_as_the_loss() -> None:
    complaint = asyncpg.InterfaceError("cannot perform operation: another operation is in progress")
    complaint.__context__ = asyncpg.ConnectionDoesNotExistError("connection was closed")
    assert is_transient(complaint)
    complaint.__context__ = ValueError("a mistake of ours")
    assert not is_transient(complaint)


class Flaky:
    """Fails with the errors given, one a call, then succeeds; remembers the pauses it was given."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.pauses: list[float] = []

    async def run(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_transient_errors_are_retried() -> None:
    flaky = Flaky(ConnectionResetError(), asyncpg.DeadlockDetectedError("x"))
    assert await with_retries(flaky.run, sleep=flaky.sleep) == "done"
    assert len(flaky.pauses) == 2


async def test_a_lasting_error_is_raised_at_once() -> None:
    flaky = Flaky(asyncpg.UniqueViolationError("x"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await with_retries(flaky.run, sleep=flaky.sleep)
    assert flaky.pauses == []


async def test_retries_end_with_the_last_error() -> None:
    flaky = Flaky(*(ConnectionResetError(str(number)) for number in range(9)))
    seen: list[str] = []
    with pytest.raises(ConnectionResetError, match="2"):
        await with_retries(
            flaky.run, attempts=3, sleep=flaky.sleep, on_retry=lambda error, _pause: seen.append(str(error))
        )
    assert seen == ["0", "1"]


def test_pauses_grow_up_to_the_cap() -> None:
    for attempt in range(1, 100):
        ceiling = min(5.0, 0.1 * 2 ** (attempt - 1))
        assert ceiling / 2 <= backoff(attempt, first=0.1, longest=5.0) <= ceiling


def test_the_connection_types_can_be_combined_at_run_time() -> None:
    assert str(Pool | None).endswith("None")
    assert str(Connection | None).endswith("None")
