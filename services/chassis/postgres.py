"""Connections to PostgreSQL, and which of its errors pass by themselves."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import asyncpg
import msgspec

CONNECT_TIMEOUT_SECONDS = 10.0
IDLE_IN_TRANSACTION_MS = 60_000
"""A transaction that does nothing for so long holds locks for nobody, and is ended by the server."""

TRANSIENT_CLASSES = ("08", "53")
"""Connection exceptions; insufficient resources (disk, memory, connections)."""
TRANSIENT_STATES = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "25006",  # read_only_sql_transaction: we are still talking to a demoted primary
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "57P05",  # idle_session_timeout
        "25P03",  # idle_in_transaction_session_timeout
    }
)
_LOST_CONNECTION = ("connection is closed", "connection was closed", "released back to the pool")
"""asyncpg says so in words only, by the same class that it uses for mistakes of the caller.

A pool takes a connection back by itself when the server ends it, even from under its user.
"""

_FAREWELL_PENDING = "cannot switch to state"
"""What asyncpg says when the server ended the session and its farewell was read between two statements."""

_JSONB_VERSION = b"\x01"

if TYPE_CHECKING:
    OwnConnection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    PooledConnection: TypeAlias = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:  # asyncpg's classes are generic for type checkers only
    OwnConnection, PooledConnection, Pool = asyncpg.Connection, asyncpg.pool.PoolConnectionProxy, asyncpg.Pool

Connection: TypeAlias = OwnConnection | PooledConnection
"""What a function that runs statements asks for: a connection of its caller's, from a pool or not."""

T = TypeVar("T")

DATABASE_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""Everything that using the database can raise; catch these and ask `is_transient`."""


async def create_pool(
    dsn: str,
    *,
    application_name: str,
    min_size: int = 1,
    max_size: int = 10,
    search_path: str = "projection, public",
    statement_timeout_ms: int | None = None,
) -> Pool:
    """Opens a pool whose connections speak UTC and turn `json` and `jsonb` into Python values and back.

    Raises what `connect` raises when the database cannot be reached within ten seconds.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        timeout=CONNECT_TIMEOUT_SECONDS,
        init=register_codecs,
        server_settings=server_settings(
            application_name=application_name,
            search_path=search_path,
            statement_timeout_ms=statement_timeout_ms,
        ),
    )


async def connect(
    dsn: str,
    *,
    application_name: str,
    search_path: str = "projection, public",
    statement_timeout_ms: int | None = None,
) -> OwnConnection:
    """Opens one connection set up like those of `create_pool`, for work that must own its session."""
    connection: OwnConnection = await asyncpg.connect(
        dsn,
        timeout=CONNECT_TIMEOUT_SECONDS,
        server_settings=server_settings(
            application_name=application_name,
            search_path=search_path,
            statement_timeout_ms=statement_timeout_ms,
        ),
    )
    await register_codecs(connection)
    return connection


def server_settings(
    *, application_name: str, search_path: str, statement_timeout_ms: int | None
) -> dict[str, str]:
    """The session parameters of every connection of ours."""
    settings = {
        "application_name": application_name,
        "search_path": search_path,
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
        "jit": "off",  # our statements are short; compiling one takes longer than running it
    }
    if statement_timeout_ms is not None:
        settings["statement_timeout"] = str(statement_timeout_ms)
    return settings


async def register_codecs(connection: Connection) -> None:
    """Makes `json` and `jsonb` columns Python values, in binary so that COPY takes them too."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_jsonb, decoder=_decode_jsonb, format="binary"
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=msgspec.json.encode, decoder=msgspec.json.decode, format="binary"
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same work can succeed later without anybody changing anything.

    True for lost or refused connections, exhausted resources, deadlocks, serialisation failures, a fail-over
    and time-outs of our own waiting; false for `statement_timeout`, bad credentials, broken constraints and
    mistakes in our code.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state in TRANSIENT_STATES or state.startswith(TRANSIENT_CLASSES)
    if isinstance(error, asyncpg.InterfaceError):
        # A pool that takes back a connection lost amid a statement complains of it in words of its own.
        cause = error.__context__
        return any(words in str(error) for words in _LOST_CONNECTION) or (
            cause is not None and is_transient(cause)
        )
    if isinstance(error, asyncpg.InternalClientError):
        return _FAREWELL_PENDING in str(error)
    return isinstance(error, OSError | TimeoutError)


async def with_retries(
    operation: Callable[[], Awaitable[T]],
    *,
    attempts: int = 5,
    first_pause: float = 0.1,
    longest_pause: float = 5.0,
    on_retry: Callable[[BaseException, float], None] | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> T:
    """Runs `operation` until it succeeds, at most `attempts` times, while its errors are transient.

    Only for work that is safe to run again after a lost COMMIT answer: reads, upserts, statements guarded by
    a key. Pauses (seconds) double from `first_pause` up to `longest_pause`, with jitter; `on_retry` is told
    the error and the pause. The last error is raised as it came.
    """
    for attempt in range(1, attempts):
        try:
            return await operation()
        except DATABASE_ERRORS as error:
            if not is_transient(error):
                raise
            pause = backoff(attempt, first=first_pause, longest=longest_pause)
            if on_retry is not None:
                on_retry(error, pause)
            await sleep(pause)
    return await operation()


def backoff(attempt: int, *, first: float, longest: float) -> float:
    """Seconds to wait after the given failed attempt (1, 2, ...): doubled each time, capped, and 50-100 % of
    that.
    """
    ceiling = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret


def _encode_jsonb(value: Any) -> bytes:
    return _JSONB_VERSION + msgspec.json.encode(value)


def _decode_jsonb(data: bytes) -> Any:
    return msgspec.json.decode(memoryview(data)[1:])
