"""Where the file of an attempt lies in the store."""

from typing import Protocol
from uuid import UUID

from msgspec import Struct


class StoredObject(Struct, frozen=True):
    """A file in the store, by the job and attempt in its key."""

    account_id: int
    export_id: UUID
    object_key: str


class _Attempt(Protocol):
    @property
    def account_id(self) -> int: ...
    @property
    def export_id(self) -> UUID: ...
    @property
    def attempt(self) -> int: ...


def object_key(of: _Attempt, ending: str) -> str:
    """Where the file of a job's attempt lies; two attempts never share a file."""
    return f"{of.account_id}/{of.export_id}/{of.attempt}.{ending}"


def read_key(key: str) -> StoredObject | None:
    """The account and job of a file, None for a file that is not ours."""
    parts = key.split("/")
    try:
        return StoredObject(int(parts[0]), UUID(parts[1]), key) if len(parts) == 3 else None
    except ValueError:
        return None
