"""What an event costs before anything is read or written: a bound under every worker in Python that keeps the contract."""

import gc
import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from asyncpg.pgproto import pgproto
from bitacora_schemas.events.catalog import CATALOG, wire_type
from bitacora_schemas.events.decode import DecodedEvent
from bitacora_schemas.events.envelope import RawEnvelope

from benchmarks.ingest.comparison import BATCH
from benchmarks.ingest.figures import markdown_table
from benchmarks.ingest.fill import LoggedRecord
from benchmarks.ingest.traffic import TrafficSpec, records
from services.ingest.log.decoding import Accepted, ClassifiedRecord, appended_at, classify_records, decode
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.log.positions import START
from services.ingest.projection.people.linking import join_claims
from services.ingest.projection.people.merging import merge_people
from services.ingest.projection.reduce import collect, reduce
from services.ingest.projection.rules import Rules
from services.ingest.projection.threads.joining import join_threads
from services.ingest.projection.working_set import WorkingSet
from services.ingest.source.protocol import Offset

PARSING = "msgspec alone: envelope, then data"
DECODING = "decoding with every rule of the contract"
CLASSIFYING = "account, key and payload"
FOLDING = "folding"

_ENVELOPE = msgspec.json.Decoder(RawEnvelope)
_DATA = {wire_type(name, major): msgspec.json.Decoder(struct) for (name, major), struct in CATALOG.items()}


def measure_pure(*, events: int, rounds: int, seed: int) -> str:
    """The section of the page: CPU microseconds an event of each stage."""
    spec = TrafficSpec(seed=seed)
    millis = round(spec.start.timestamp() * 1_000)
    made = [
        LoggedRecord(Offset(place), record.key, record.value, record.headers, millis)
        for place, record in enumerate(itertools.islice(records(spec), events))
    ]
    least: dict[str, float] = {}
    for _ in range(rounds):
        spent: dict[str, float] = {}
        for start in range(0, events, BATCH):
            with _collector_off():
                _work(made[start : start + BATCH], spent)
        least = {stage: min(least.get(stage, seconds), seconds) for stage, seconds in spent.items()}
    rows = [(stage, f"{seconds / events * 1e6:.1f}") for stage, seconds in least.items()]
    return (
        f"## Before anything is read or written\n\nOne thread, {events:,} events, {BATCH:,} at a time; the least of {rounds} "
        f"rounds. Decoding does what msgspec does alone, and more. Each batch is folded into an empty working set, so nothing meets "
        f"what was there before.\n\n" + markdown_table(("stage", "CPU us/event"), rows)
    )


def _work(batch: Sequence[LoggedRecord], spent: dict[str, float]) -> None:
    with _counted(spent, PARSING):
        for record in batch:
            envelope = _ENVELOPE.decode(record.value or b"")
            _DATA[envelope.type].decode(envelope.data)
    with _counted(spent, DECODING):
        decoded = decode(batch)
    with _counted(spent, CLASSIFYING):
        classified = classify_records(batch, decoded, START, lambda _: 1)
    with _counted(spent, FOLDING):
        _fold(classified)


def _fold(classified: Sequence[ClassifiedRecord]) -> None:
    logged = [
        LoggedEvent(each.account_id, each.event, 1, each.position, appended_at(each.record))
        for each in classified
        if isinstance(each, Accepted) and isinstance(each.event, DecodedEvent)
    ]
    work = WorkingSet(pgproto.UUID)
    mentions, claims = collect(logged)
    join_threads(work, (), mentions, merge_people(work, join_claims(claims, {})))
    reduce(work, logged, Rules())
    work.dissolve()


@contextmanager
def _collector_off() -> Iterator[None]:
    """As in the worker: garbage is looked for between batches."""
    gc.collect(0)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _counted(spent: dict[str, float], stage: str) -> Iterator[None]:
    began = time.thread_time()
    yield
    spent[stage] = spent.get(stage, 0.0) + time.thread_time() - began
