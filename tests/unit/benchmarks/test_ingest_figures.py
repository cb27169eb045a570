"""The figures of the ingest benchmark: from runs to medians, ratios, JSON and tables."""

import json

import pytest

from benchmarks.ingest.figures import (
    Figures,
    Run,
    as_json,
    as_ratios,
    as_table,
    markdown_table,
    percentile,
    ratio,
    summarise,
)


def run(*, worker: float, postgres: float = 1.0, wall: float = 2.0, events: int = 1_000) -> Run:
    return Run(events, worker, postgres, 0.5, wall, peak_mb=90.0)


def figures(name: str, worker: float, postgres: float) -> Figures:
    return summarise(name, [run(worker=worker, postgres=postgres)])


def test_a_pipeline_is_told_by_its_medians_in_microseconds_an_event() -> None:
    found = summarise("ours", [run(worker=0.03), run(worker=0.01, wall=4.0), run(worker=0.02)])
    assert (found.worker, found.postgres, found.broker) == (20.0, 1_000.0, 500.0)
    assert found.events_per_second == 500.0
    assert (found.events, found.runs, found.peak_mb) == (1_000, 3, 90.0)


def test_the_total_is_worker_and_postgres_and_the_lowest_is_that_of_one_run() -> None:
    found = summarise("ours", [run(worker=0.03, postgres=0.01), run(worker=0.01, postgres=0.05)])
    assert found.total == pytest.approx(50.0)
    assert found.lowest_total == pytest.approx(40.0)


def test_the_json_has_exactly_the_agreed_fields() -> None:
    told = json.loads(as_json([figures("ours", 0.0123456, 0.02)]))
    assert told == {
        "pipelines": [
            {
                "name": "ours",
                "events": 1_000,
                "worker_cpu_us_per_event": 12.35,
                "postgres_cpu_us_per_event": 20.0,
                "broker_cpu_us_per_event": 500.0,
                "events_per_second": 500.0,
                "peak_mb": 90.0,
            }
        ]
    }


def test_ratios_compare_each_of_ours_with_every_other_but_not_with_ours() -> None:
    text = as_ratios(
        [figures("ours", 0.01, 0.01), figures("also", 0.02, 0.02), figures("peer", 0.04, 0.0)],
        ours=("ours", "also"),
    )
    cells = [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")]
    assert len(text.splitlines()) == 3
    assert cells == ["peer", "0.50", "0.25", "1.00", "0.50"]


@pytest.mark.parametrize(
    ("value", "of", "text"), [(1.0, 2.0, "0.50"), (1.0, 40.0, "0.025"), (3.0, 2.0, "1.50"), (1.0, 0.0, "-")]
)
def test_a_ratio_keeps_two_digits_that_say_something(value: float, of: float, text: str) -> None:
    assert ratio(value, of) == text


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_tables_are_aligned_for_the_terminal_too() -> None:
    assert markdown_table(("name", "n"), [("a", "1"), ("long one", "22")]).splitlines() == [
        "| name     |  n |",
        "|----------|---:|",
        "| a        |  1 |",
        "| long one | 22 |",
    ]


def test_the_table_shows_every_pipeline() -> None:
    text = as_table([figures("ours", 0.01, 0.01), figures("peer", 0.02, 0.01)])
    assert [line.split("|")[1].strip() for line in text.splitlines()[2:]] == ["ours", "peer"]
