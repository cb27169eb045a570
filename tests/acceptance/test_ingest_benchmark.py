"""The ingest benchmark still runs: every pipeline that needs no packages of its own, on few events."""

from pathlib import Path

import pytest

from benchmarks.ingest import measuring
from benchmarks.ingest.comparison import compare, make_load
from benchmarks.ingest.pipelines import PIPELINES
from benchmarks.ingest.servers import Servers, make_template
from embedded.kafka import EmbeddedKafka
from embedded.postgres import EmbeddedPostgres
from tests.support.stack import run_blocking


def test_every_pipeline_settles_all_its_events_and_is_measured(
    kafka: EmbeddedKafka,
    postgres_server: EmbeddedPostgres,
    stack_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "QUIET_SECONDS", 0.05)
    run_blocking(make_template(postgres_server))
    running = Servers(kafka, postgres_server, stack_folder)
    pipelines = [pipeline for pipeline in PIPELINES if not pipeline.own_python]
    figures = {
        found.name: found
        for found in compare(running, pipelines, make_load(600, warm=200, batch=100), rounds=1)
    }
    assert {name: found.events for name, found in figures.items()} == {
        "bitacora-faust": 600,
        "bitacora-aiokafka": 600,
        "stock-faust": 300,
        "row-per-event": 30,
        "copy-bound": 600,
        "consume-bound": 600,
    }
    for found in figures.values():
        assert found.events_per_second > 0
        assert found.peak_mb > 10
    for name in ("bitacora-faust", "bitacora-aiokafka", "stock-faust", "row-per-event"):
        assert figures[name].worker > 0, name
        assert figures[name].postgres > 0, name
    assert running.watchers == set()
