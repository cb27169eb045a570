"""What the ingest benchmark feeds its pipelines, and how it reads what they did; all of it pure."""

import itertools
from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest
from bitacora_schemas.events.decode import decode_event

from benchmarks.ingest.__main__ import _with_part, _without_files
from benchmarks.ingest.freshness import Seen, Sent, delays
from benchmarks.ingest.measuring import Load
from benchmarks.ingest.page import with_section
from benchmarks.ingest.peers.copy_bound import share
from benchmarks.ingest.pipelines import PIPELINES, named
from benchmarks.ingest.repeats import with_repeats
from benchmarks.ingest.traffic import TrafficSpec, records

SPEC = TrafficSpec(seed=3, customers=200, start=datetime(2026, 3, 2, 12, tzinfo=UTC), per_second=50)


@pytest.fixture(scope="module")
def load() -> Load:
    return Load(list(itertools.islice(records(SPEC), 3_000)), warm=1_000, batch=500)


def test_the_same_seed_makes_the_same_records(load: Load) -> None:
    again = list(itertools.islice(records(SPEC), 3_000))
    assert again == load.records
    other = next(records(TrafficSpec(seed=4, customers=200)))
    assert other != load.records[0]


def test_traffic_is_in_order_of_time_and_mixed(load: Load) -> None:
    events = [decode_event(record.value, record.headers) for record in load.records]
    times = [event.attributes.time for event in events]
    assert times == sorted(times)
    kinds = Counter(event.attributes.type.removeprefix("bitacora.") for event in events)
    for kind in (
        "message.received.v1", "message.sent.v1", "message.status_changed.v1", "conversation.ended.v1",
        "conversation.transferred.v1", "evaluation.asked.v1", "evaluation.answered.v1",
    ):  # fmt: skip
        assert kinds[kind] > 0, kind
    ids = [event.attributes.id for event in events]
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {8}


def test_shares_of_customers_never_meet() -> None:
    halves = [TrafficSpec(seed=1, customers=50, first=first, step=2) for first in (0, 1)]
    keys = [{record.key for record in itertools.islice(records(half), 500)} for half in halves]
    assert keys[0]
    assert keys[1]
    assert not keys[0] & keys[1]


def test_a_slow_pipeline_gets_the_first_events_in_whole_batches(load: Load) -> None:
    part = load.of_share(0.5)
    assert (part.warm, len(part.records)) == (500, 1_500)
    assert part.records == load.records[:1_500]
    few = load.of_share(0.05)
    assert (few.warm, len(few.records)) == (50, 150)


def test_repeats_come_after_what_they_repeat_and_within_reach(load: Load) -> None:
    repeated = with_repeats(load, share=0.05, reach=100)
    assert list(repeated.records[:1_000]) == list(load.records[:1_000])
    places: dict[bytes, int] = {}
    distances = []
    for place, record in enumerate(repeated.records):
        assert record.value is not None
        if record.value in places:
            distances.append(place - places[record.value])
        else:
            places[record.value] = place
    assert len(places) == len(load.records)
    assert 60 < len(distances) < 150
    assert max(distances) <= 120  # repeats in between make the way longer


def test_the_parts_of_a_copy_hold_every_row_once() -> None:
    rows = list(range(103))
    parts = [rows[share(len(rows), part, 7)] for part in range(7)]
    assert list(itertools.chain.from_iterable(parts)) == rows
    assert {len(part) for part in parts} == {14, 15}


def test_a_delay_ends_with_the_first_checkpoint_behind_the_event() -> None:
    seen = {0: [Seen(1.0, 0), Seen(2.0, 5), Seen(3.0, 9)], 1: [Seen(2.5, 1)]}
    sent = [Sent(1.5, 0, 4), Sent(1.5, 0, 5), Sent(1.5, 1, 0)]
    assert delays(sent, seen) == [0.5, 1.5, 1.0]
    with pytest.raises(IndexError):
        delays([Sent(1.0, 0, 9)], seen)


def test_a_section_replaces_its_own_and_nothing_else() -> None:
    page = with_section(with_section("# Title\n", "one", "first"), "two", "second")
    assert (
        page
        == "# Title\n\n<!-- one -->\nfirst\n<!-- end of one -->\n\n<!-- two -->\nsecond\n<!-- end of two -->\n"
    )
    assert with_section(page, "one", "anew\n") == page.replace("first", "anew")


def test_the_pipelines_have_the_names_that_others_read() -> None:
    assert [pipeline.name for pipeline in PIPELINES] == [
        "bitacora-faust", "bitacora-aiokafka", "stock-faust", "quixstreams-sink", "row-per-event", "copy-bound",
        "consume-bound",
    ]  # fmt: skip
    assert [pipeline.name for pipeline in named(["copy-bound", "bitacora-aiokafka"])] == [
        "bitacora-aiokafka",
        "copy-bound",
    ]
    with pytest.raises(ValueError, match="no such pipeline: strange"):
        named(["strange"])


def test_the_comparison_is_meant_when_no_part_is_named() -> None:
    assert _with_part([]) == ["pipelines"]
    assert _with_part(["--events", "5"]) == ["pipelines", "--events", "5"]
    assert _with_part(["memory", "--events", "5"]) == ["memory", "--events", "5"]
    assert _without_files(["--json", "a.json", "--events", "5", "--markdown=b.md"]) == ["--events", "5"]


def test_events_are_of_a_believable_size(load: Load) -> None:
    mean = sum(len(record.value or b"") for record in load.records) / len(load.records)
    assert 500 < mean < 1_200
    assert msgspec.json.decode(load.records[0].value or b"")["specversion"] == "1.0"
