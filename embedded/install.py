"""`python -m embedded.install`: fetches what the embedded stack uses, so that later starts are offline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from embedded.artifacts import ArtifactSource
from embedded.errors import EmbeddedError
from embedded.home import Home
from embedded.kafka import install_kafka
from embedded.node import install_node_modules
from embedded.postgres_binaries import install_postgres
from embedded.progress import LineProgress, Progress, TerminalProgress
from embedded.reach import reachable_folder, server_user

REPOSITORY = Path(__file__).parents[1]


def install_everything(home: Home, progress: Progress) -> None:
    """Kafka, PostgreSQL and the front-end packages, side by side. Raises EmbeddedError."""
    source = ArtifactSource(spare=home.cache / "maven", progress=progress)
    programs = reachable_folder(home.cache, server_user())
    with ThreadPoolExecutor(3) as pool:
        work = (
            pool.submit(install_kafka, home.cache, source, progress),
            pool.submit(install_postgres, programs, source, progress),
            pool.submit(install_node_modules, REPOSITORY, home.cache, progress),
        )
        for part in work:
            part.result()


@contextmanager
def progress_for_people() -> Iterator[Progress]:
    """Bars on a terminal, plain lines elsewhere."""
    console = Console(stderr=True)
    if console.is_terminal:
        with TerminalProgress(console) as bars:
            yield bars
    else:
        yield LineProgress()


def main() -> int:
    """Answers the exit code: 0 installed, 1 with the reason on stderr."""
    try:
        with progress_for_people() as progress:
            install_everything(Home.of(REPOSITORY / ".bitacora"), progress)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
