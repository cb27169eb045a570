"""What a fresh installation needs before a person can use it: tables, topics, an account, a way in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cli.accounts import create_account
from cli.database import open_connection
from cli.topics import create_topics
from services.chassis.clock import utc_now
from services.chassis.kafka import kafka_python_options
from services.chassis.migrations import migrate
from services.chassis.settings import KafkaSettings, load
from services.query.auth.links import (
    SETUP_PATH,
    is_setup_token,
    issue_setup_token,
    issue_sign_in_link,
    needs_setup,
)

DEMO_ACCOUNT = "demo"
DEMO_NAME = "Tienda Demo"


@dataclass(frozen=True, slots=True)
class Welcome:
    """How to get in; `link` is None when people exist and sign in as usual."""

    link: str | None
    link_says: str = ""


async def prepare_database(dsn: str, *, demo: bool) -> None:
    """Applies migrations and makes the demo's account."""
    await migrate(dsn)
    if demo:
        await create_account(dsn, DEMO_ACCOUNT, DEMO_NAME, "America/Sao_Paulo")


def create_missing_topics(bootstrap: str) -> None:
    """Makes the topics that Kafka lacks; how to sign in to it is in the environment."""
    settings = load(KafkaSettings).model_copy(update={"kafka_bootstrap": bootstrap})
    create_topics(kafka_python_options(settings))


async def welcome(dsn: str, base_url: str, token_file: Path, *, demo: bool) -> Welcome:
    """A single-use link into the demo, or the set-up page's address while nobody exists."""
    if demo:
        async with open_connection(dsn) as connection:
            path = await issue_sign_in_link(connection, account=DEMO_ACCOUNT)
        return Welcome(f"{base_url}{path}", "Sign in with this link (works once, for 30 minutes)")
    token = await valid_setup_token(dsn, token_file)
    if token is None:
        return Welcome(None)
    return Welcome(f"{base_url}{SETUP_PATH}?token={token}", "Make the first administrator here")


async def valid_setup_token(dsn: str, token_file: Path) -> str | None:
    """The token that makes the first administrator; None once somebody exists.

    The one in the file is kept while it is good, so that asking twice does not spoil the first answer.
    """
    async with open_connection(dsn) as connection:
        if not await needs_setup(connection):
            return None
        known = _read(token_file)
        if known and await is_setup_token(connection, known, utc_now()):
            return known
        token = await issue_setup_token(connection)
    _write(token_file, token or "")
    return token


def _read(token_file: Path) -> str:
    try:
        return token_file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _write(token_file: Path, token: str) -> None:
    with os.fdopen(os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(token)
