"""Which user PostgreSQL runs as, and which folders that user can reach.

PostgreSQL refuses to run as root. Started by root, its files must lie where another user can go, and a
repository below /root is no such place.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from embedded.child import UserIds
from embedded.errors import UnsupportedPlatformError, existing_parent

_CANDIDATES = ("postgres", "nobody")
_VAR_LIB = Path("/var/lib/bitacora")
_VAR_TMP = Path("/var/tmp")  # noqa: S108 - names are unguessable or their owner is checked


def server_user() -> UserIds | None:
    """Whom to run PostgreSQL as; None when we are an ordinary user and it can run as ourselves.

    It must be a user with an entry in the password database: initdb looks its name up.
    """
    if os.geteuid() != 0:
        _require_a_name(os.geteuid())
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return UserIds(entry.pw_uid, entry.pw_gid)
    raise UnsupportedPlatformError(
        "PostgreSQL does not run as root, and there is neither a user 'postgres' nor 'nobody' to run it as. "
        "Start as an ordinary user, or set BITACORA_POSTGRES_DSN to a server of yours."
    )


def _require_a_name(uid: int) -> None:
    """Refuses early what initdb would refuse late: containers run as ids that nobody named."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise UnsupportedPlatformError(
            f"PostgreSQL wants its user to have a name, and user id {uid} has none in /etc/passwd. "
            "Run as a named user or as root, or set BITACORA_POSTGRES_DSN to a server of yours."
        ) from None


def can_reach(folder: Path, user: UserIds | None) -> bool:
    """Whether `user` can walk into `folder` or its nearest existing parent; asks the kernel as that user."""
    if user is None:
        return True
    answer = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(existing_parent(folder))],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return answer.returncode == 0


def reachable_folder(wanted: Path, user: UserIds | None) -> Path:
    """`wanted`, or a stable folder of the same meaning elsewhere when `user` cannot reach it.

    The folder elsewhere carries a digest of the wanted path, so that every repository keeps its own.
    """
    if can_reach(wanted, user):
        return wanted
    digest = hashlib.sha256(str(wanted.absolute()).encode()).hexdigest()[:12]
    return _first_usable((_VAR_LIB / digest, _VAR_TMP / f"bitacora-{digest}"), user)


def temporary_folder(user: UserIds | None) -> Path:
    """A new empty folder that `user` can reach, for a stack that leaves nothing behind."""
    for parent in (Path(tempfile.gettempdir()), _VAR_TMP):
        if can_reach(parent, user):
            folder = Path(tempfile.mkdtemp(prefix="bitacora-", dir=parent))
            folder.chmod(0o711)
            return folder
    raise UnsupportedPlatformError("No temporary folder that PostgreSQL's user can reach; set TMPDIR to one.")


def _first_usable(candidates: Iterable[Path], user: UserIds | None) -> Path:
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        except OSError:
            continue
        ours = folder.stat().st_uid == os.geteuid() and not folder.is_symlink()
        if ours and can_reach(folder, user):
            return folder
    raise UnsupportedPlatformError(
        "No folder that PostgreSQL's user can reach: /var/lib and /var/tmp are closed. "
        "Start as an ordinary user, or set BITACORA_POSTGRES_DSN to a server of yours."
    )
