"""What renderers may use to make a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.chassis.blobs import BlobStore
from services.chassis.postgres import Pool

OnProgress = Callable[[int], None]
"""Told how many rows or messages are done."""


@dataclass(frozen=True, slots=True)
class Typesetting:
    """What the typesetting child process may use; `known` are the characters that `fonts` can draw."""

    fonts: Sequence[Path]
    known: frozenset[str]
    seconds: float
    memory_mb: int
    messages_per_part: int


@dataclass(frozen=True, slots=True)
class Tools:
    """Database, store of files, typesetter; `public_url` stands before the path of each conversation's page."""

    pool: Pool
    store: BlobStore
    typesetting: Typesetting
    public_url: str = ""
