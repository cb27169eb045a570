"""The scene of a directed fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.faults.directed import Scene, make_scene
from tests.support.processes import RunService


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    kafka_bootstrap: str,
    database: str,
    tmp_path: Path,
    run_service: RunService,
) -> Iterator[Scene]:
    """A topic and a database of the test's own; parametrised indirectly by the name of a source, else Faust's."""
    source = getattr(request, "param", "faust")
    yield from make_scene(kafka_bootstrap, database, str(tmp_path), run_service, source=source)
