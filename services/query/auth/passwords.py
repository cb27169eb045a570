"""Passwords: argon2id in threads of their own, two at a time, so that a flood of sign-ins cannot starve the loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 128
AT_ONCE = 2

_COMMON = frozenset(
    {
        "password1234", "passwordpassword", "123456789012", "1234567890123", "12345678901234", "qwertyuiop12",
        "qwertyuiopas", "administrador", "administrator", "contraseña123", "contrasena123", "bitacora1234",
        "bitacorabitacora", "111111111111", "000000000000", "abcdefghijkl", "abc123abc123", "iloveyou1234",
    }
)  # fmt: skip
_T = TypeVar("_T")

# 19 MiB, two passes, one lane: about 70 ms of one core (OWASP's first choice for argon2id).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_NOBODY = _HASHER.hash("an answer for an unknown user takes as long as one for a known user")


def password_problem(password: str) -> str | None:
    """Why a new password is refused: `too_short`, `too_long` or `too_common`; None when it is fine."""
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    if password.casefold() in _COMMON or len(set(password)) < 4:
        return "too_common"
    return None


class Passwords:
    """Hashes and checks passwords off the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        return await self._off_loop(lambda: _HASHER.hash(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right; takes as long for a person who does not exist or has none."""
        if len(password) > LONGEST:
            return False
        right = await self._off_loop(lambda: _verify(stored or _NOBODY, password))
        return right and stored is not None

    @staticmethod
    def is_outdated(stored: str) -> bool:
        """Whether the hash was made with other parameters and should be made anew at the next sign-in."""
        return _HASHER.check_needs_rehash(stored)

    def close(self) -> None:
        """Lets the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _off_loop(self, work: Callable[[], _T]) -> _T:
        async with self._slots:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
