"""API tokens: `bita_`, 256 random bits, a checksum. Only their SHA-256 is stored; they are shown once."""

import hashlib
import secrets
import zlib
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from services.chassis.postgres import Connection
from services.chassis.sql import load_statements
from services.query.auth.principal import Principal, Role

SQL = load_statements(Path(__file__).with_suffix(".sql"))

PREFIX = "bita_"
LONGEST_LIFE = timedelta(days=365)
DEFAULT_LIFE = timedelta(days=90)
_SECRET_LENGTH = 43
_CHECKSUM_LENGTH = 8


class CreatedToken(Struct, frozen=True):
    """A new token; `token` cannot be shown again."""

    token: str
    id: int


class NoSuchAccount(Exception):  # noqa: N818 - a refusal, named as one
    """There is no account of this name."""


def new_token() -> str:
    """A fresh token, recognisable to secret scanners by prefix and checksum."""
    secret = secrets.token_urlsafe(32)
    return f"{PREFIX}{secret}{_checksum(secret)}"


def is_well_formed(token: str) -> bool:
    """Whether this can be a token of ours; saves the database from guesses and typing errors."""
    secret = token.removeprefix(PREFIX)[:_SECRET_LENGTH]
    return (
        token.startswith(PREFIX)
        and len(token) == len(PREFIX) + _SECRET_LENGTH + _CHECKSUM_LENGTH
        and token.isascii()
        and token.endswith(_checksum(secret))
    )


def hash_secret(secret: str) -> bytes:
    """What is stored of a random secret (a token, a cookie, a link); no salt is needed at 256 bits."""
    return hashlib.sha256(secret.encode()).digest()


async def create_token(
    conn: Connection, *, account: str, role: Role, name: str, now: datetime, life: timedelta = DEFAULT_LIFE
) -> CreatedToken:
    """Makes a token for an account (its slug), valid for `life`, at most a year. Raises NoSuchAccount."""
    token = new_token()
    identifier = await conn.fetchval(
        SQL["add_token"], account, hash_secret(token), role, name, now + min(life, LONGEST_LIFE)
    )
    if identifier is None:
        raise NoSuchAccount(account)
    return CreatedToken(token=token, id=identifier)


async def revoke_token(conn: Connection, *, account: str, token_id: int, now: datetime) -> bool:
    """Makes a token useless at once; false when the account has no such live token."""
    return await conn.fetchval(SQL["revoke_token"], account, token_id, now) is not None


async def find_by_token(conn: Connection, token: str, now: datetime) -> Principal | None:
    """Who a token stands for; None when it is unknown, expired or revoked. Notes its use once a minute."""
    if not is_well_formed(token):
        return None
    row = await conn.fetchrow(SQL["find_token"], hash_secret(token), now)
    if row is None:
        return None
    if row["last_used_at"] is None or now - row["last_used_at"] > timedelta(minutes=1):
        await conn.execute(SQL["note_use"], row["api_token_id"], now)
    return Principal(
        account_id=row["account_id"],
        account=row["slug"],
        role=row["role"],
        actor=f"token:{row['api_token_id']}",
        name=row["name"],
        timezone=row["timezone"],
    )


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"
