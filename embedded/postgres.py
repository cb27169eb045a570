"""A real PostgreSQL server as a child process."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from embedded.child import Child, ChildSpec, Deadline, UserIds
from embedded.errors import DiskFullError, EmbeddedError, StartFailedError
from embedded.ports import LOOPBACK
from embedded.postgres_binaries import install_postgres
from embedded.reach import reachable_folder, server_user
from embedded.server import EmbeddedServer
from embedded.transport import ServerCertificate, write_secret

ROLE = "bitacora"
DATABASE = "bitacora"
_SUPERUSER = "postgres"
_START_SECONDS = 60

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "password_encryption": "scram-sha-256",
}
_DURABLE = {"fsync": "on"}
_THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum_naptime": "10s",
}


@dataclass(slots=True, kw_only=True)
class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL with its data below `folder` and its programs below `cache`.

    `ephemeral` trades durability for speed. The role of `dsn` is no superuser, so that row-level security holds
    for it as it does in production; it may create databases. With a `certificate` it also speaks TLS.
    """

    name = "PostgreSQL"
    stop_seconds = 20
    crash_signal = signal.SIGQUIT  # every process of it at once, nothing written

    certificate: ServerCertificate | None = None
    _programs: Path = Path()
    _user: UserIds | None = None
    _base: Path | None = None

    @property
    def dsn(self) -> str:
        """The address of our database, for the role that owns it."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """The address of a database of this server, for the ordinary role."""
        return f"postgresql://{ROLE}:{quote(self._password(ROLE))}@{LOOPBACK}:{self.port}/{database}"

    @property
    def superuser_dsn(self) -> str:
        """The address for the superuser, for what only a superuser may do."""
        password = quote(self._password(_SUPERUSER))
        return f"postgresql://{_SUPERUSER}:{password}@{LOOPBACK}:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """The cluster's folder; known once `prepare` has found where its user can reach it."""
        return self._cluster / "data"

    @property
    def _cluster(self) -> Path:
        if self._base is None:
            raise EmbeddedError("PostgreSQL was not prepared")
        return self._base

    def prepare(self) -> None:
        """See EmbeddedServer."""
        self._user = server_user()
        self._programs = install_postgres(
            reachable_folder(self.cache, self._user), self._artifacts(), self.progress
        )
        self._base = reachable_folder(self.folder, self._user)
        self._base.mkdir(parents=True, exist_ok=True)
        if (self.data / "PG_VERSION").exists() and self._password_file(ROLE).exists():
            owner = self.data.stat()
            self._user = UserIds(owner.st_uid, owner.st_gid) if self._user else None
            return
        self.progress.note("Initialising the database cluster")
        self._initialise()

    def launch(self) -> Child:
        """See EmbeddedServer."""
        self.port = self.port or self.port_wish.choose(self.name)
        options = {
            **_SETTINGS,
            **(_THROWAWAY if self.ephemeral else _DURABLE),
            **self._tls_settings(),
            **self.settings,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._child = Child(
            ChildSpec(
                name=self.name,
                command=[
                    str(self._programs / "bin" / "postgres"),
                    "-D",
                    str(self.data),
                    "-p",
                    str(self.port),
                    *arguments,
                ],
                log=self.folder / "postgres.log",
                env=_environment(),
                cwd=Path("/"),
                user=self._user,
                stop_signal=signal.SIGINT,  # "fast": roll back, disconnect, write everything, end
                orphan_signal=signal.SIGINT,
            )
        )
        return self._child

    def wait_ready(self) -> None:
        """Returns when the server answers and our role and database exist. Raises StartFailedError."""
        deadline = Deadline.after(_START_SECONDS)
        while True:
            try:
                _run(_ensure_database(self.superuser_dsn, self._password(ROLE)))
            except (OSError, asyncpg.CannotConnectNowError) as error:
                self._check_alive(deadline, error)
                time.sleep(0.05)
            else:
                return

    def _own_folders(self) -> list[Path]:
        return [self.folder] if self._base is None else [self._base, self.folder]

    def _tls_settings(self) -> dict[str, str]:
        """The server reads its key as its own user, and refuses one that others can read: it gets a copy."""
        if self.certificate is None:
            return {}
        key, chain = self._cluster / "server.key", self._cluster / "server.crt"
        for copy, original in ((key, self.certificate.key), (chain, self.certificate.chain)):
            write_secret(copy, original.read_text(encoding="ascii"))
            if self._user:
                os.chown(copy, self._user.uid, self._user.gid)
        return {"ssl": "on", "ssl_key_file": str(key), "ssl_cert_file": str(chain)}

    def _check_alive(self, deadline: Deadline, error: Exception) -> None:
        child = self._running()
        if child.exit_code() is not None:
            raise self._why_it_ended()
        if deadline.passed:
            raise child.failed(f"no answer within {_START_SECONDS} s ({error})")

    def _password(self, role: str) -> str:
        return self._password_file(role).read_text(encoding="utf-8")

    def _password_file(self, role: str) -> Path:
        return self.folder / f"{role}.password"

    def _initialise(self) -> None:
        """Runs initdb in a fresh folder and renames it, so that a cluster that exists is whole.

        A cluster whose passwords are gone is thrown away: its stack's folder was deleted, and it lay elsewhere.
        """
        shutil.rmtree(self.data, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        for role in (_SUPERUSER, ROLE):
            write_secret(self._password_file(role), secrets.token_urlsafe(24))
        base = self._cluster
        base.chmod(0o755)
        fresh = base / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file = base / "initdb.password"
        write_secret(password_file, self._password(_SUPERUSER))
        if self._user:
            os.chown(fresh, self._user.uid, self._user.gid)
            os.chown(password_file, self._user.uid, self._user.gid)
        try:
            self._run_initdb(fresh, password_file)
        finally:
            password_file.unlink()
        fresh.rename(self.data)

    def _run_initdb(self, target: Path, password_file: Path) -> None:
        outcome = subprocess.run(
            [
                str(self._programs / "bin" / "initdb"),
                *("-D", str(target), "-U", _SUPERUSER, "--encoding=UTF8", "--auth=scram-sha-256"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                *("--no-sync", "--no-instructions", f"--pwfile={password_file}"),
            ],
            env=_environment(),
            cwd="/",
            user=self._user.uid if self._user else None,
            group=self._user.gid if self._user else None,
            extra_groups=[] if self._user else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        if outcome.returncode != 0:
            if "No space left on device" in outcome.stderr:
                raise DiskFullError(target)
            log = self.folder / "postgres.log"
            log.write_text(outcome.stdout + outcome.stderr, encoding="utf-8")
            raise StartFailedError("PostgreSQL", "initdb failed", log, outcome.stderr[-1000:])


def _environment() -> dict[str, str]:
    """PostgreSQL needs nothing of ours; a stray PGDATA or locale of the caller must not reach it."""
    return {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}


async def _ensure_database(superuser_dsn: str, password: str) -> None:
    """Makes the ordinary role and its database where they are missing."""
    connection = await asyncpg.connect(superuser_dsn, timeout=5)
    try:
        if not await connection.fetchval("select true from pg_roles where rolname = $1", ROLE):
            await connection.execute(f"create role {ROLE} login createdb password '{password}'")
        if not await connection.fetchval("select true from pg_database where datname = $1", DATABASE):
            await connection.execute(f"create database {DATABASE} owner {ROLE}")
    finally:
        await connection.close()


def _run(work: Coroutine[None, None, None]) -> None:
    """Runs a coroutine from code that blocks, also where this thread already runs an event loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
