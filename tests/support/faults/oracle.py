"""The judgement after a drill: what Kafka acknowledged against log and dead letters, live tables against a replay."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.sql import load_statements
from services.ingest.projection.rules import Rules
from services.ingest.rebuild.compare import Comparison
from services.ingest.rebuild.rebuilding import verify
from tests.support.faults.ledger import POISON_HEADER, Ledger, Place

SQL = load_statements(Path(__file__).with_suffix(".sql"))
INVARIANTS = load_statements(Path(__file__).with_name("invariants.sql"))
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LogFindings:
    """What is wrong between the ledger and the log."""

    lost: Sequence[UUID]  # acknowledged, not in the log
    doubled: Sequence[UUID]  # in the log more than once
    unknown: Sequence[UUID]  # in the log, never sent
    misplaced: Sequence[
        tuple[UUID, Place, Place]
    ]  # logged elsewhere than at its first place: event, due, found


@dataclass(frozen=True, slots=True)
class RefusalFindings:
    """What is wrong between the ledger and the dead letters."""

    missing: Sequence[Place]
    doubled: Sequence[Place]
    unknown: Sequence[tuple[Place, str]]  # refused although nobody sent a bad record there, with the reason
    wrong: Sequence[tuple[Place, str, str]]  # another reason than due: place, due, found


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a drill has to say of the database."""

    acknowledged: int
    logged: int
    refused: int
    log: LogFindings
    refusals: RefusalFindings
    positions: Mapping[int, tuple[int, int]]  # partition: checkpoint and end of the log, where they differ
    broken: Mapping[str, int]  # invariants with the count of their cases
    tables: Sequence[Comparison]

    @property
    def live_is_rebuilt(self) -> bool:
        """Whether a replay of the log gives the live tables, row by row."""
        return all(table.equal for table in self.tables)

    def complaints(self) -> list[str]:
        """One line for each thing that must not be; empty when all is well."""
        found: list[tuple[str, Sequence[object]]] = [
            ("events lost", self.log.lost),
            ("events doubled", self.log.doubled),
            ("events that nobody sent", self.log.unknown),
            ("events logged at another place than their first", self.log.misplaced),
            ("dead letters missing", self.refusals.missing),
            ("dead letters doubled", self.refusals.doubled),
            ("good records refused", self.refusals.unknown),
            ("dead letters with another reason than due", self.refusals.wrong),
            ("partitions whose checkpoint is not the end of the log", list(self.positions.items())),
            ("broken invariants", list(self.broken.items())),
            ("tables that differ from a replay", [table.table for table in self.tables if not table.equal]),
        ]
        return [
            f"{len(cases)} {what}: {', '.join(map(str, cases[:_SHOWN]))}" for what, cases in found if cases
        ]


async def judge(dsn: str, ledger: Ledger, ends: Mapping[int, int], rules: Rules | None = None) -> Verdict:
    """Judges a database whose workers have stopped at `ends`, the next offset of every partition of the topic."""
    conn = await asyncpg.connect(dsn)
    try:
        logged = [
            (row["event_id"], Place(row["partition"], row["position"]))
            for row in await conn.fetch(SQL["find_logged"])
        ]
        refused = [
            (Place(row["partition"], row["position"]), row["reason"], number_of(row["headers"]))
            for row in await conn.fetch(SQL["find_refused"])
        ]
        rows = {row["partition"]: row["next_offset"] for row in await conn.fetch(SQL["find_positions"])}
        broken = await broken_invariants(conn)
    finally:
        await conn.close()
    rebuilt = await verify(dsn, rules or Rules())
    return Verdict(
        acknowledged=ledger.acknowledged,
        logged=len(logged),
        refused=len(refused),
        log=judge_log(ledger, logged),
        refusals=judge_refusals(ledger, refused),
        positions={
            number: (rows.get(number, -1), end) for number, end in ends.items() if rows.get(number, 0) != end
        },
        broken=broken,
        tables=rebuilt.tables,
    )


def judge_log(ledger: Ledger, logged: Sequence[tuple[UUID, Place]]) -> LogFindings:
    """The ledger against the rows of the log."""
    found = dict(logged)
    counts = Counter(event_id for event_id, _ in logged)
    return LogFindings(
        lost=[event_id for event_id in ledger.events if event_id not in found],
        doubled=[event_id for event_id, count in counts.items() if count > 1],
        unknown=[
            event_id
            for event_id in found
            if event_id not in ledger.events and event_id not in ledger.unsettled
        ],
        misplaced=[
            (event_id, due, found[event_id])
            for event_id, due in ledger.events.items()
            # A sending of which nothing was heard may have come first.
            if event_id in found and found[event_id] != due and event_id not in ledger.unsettled
        ],
    )


def judge_refusals(ledger: Ledger, refused: Sequence[tuple[Place, str, int | None]]) -> RefusalFindings:
    """The ledger against the dead letters: each with its place, its reason and the number of its bad record."""
    reasons = {place: reason for place, reason, _ in refused}
    counts = Counter(place for place, _, _ in refused)
    return RefusalFindings(
        missing=[place for place in ledger.poison_places if place not in reasons],
        doubled=[place for place, count in counts.items() if count > 1],
        unknown=[(place, reason) for place, reason, number in refused if number not in ledger.poison],
        wrong=[
            (place, ledger.poison[number], reason)
            for place, reason, number in refused
            if number in ledger.poison and ledger.poison[number] != reason
        ],
    )


async def broken_invariants(conn: asyncpg.Connection) -> dict[str, int]:
    """Counts of what must never be, by name; empty when all holds."""
    found = {name: await conn.fetchval(sql) for name, sql in INVARIANTS.items()}
    return {name: count for name, count in found.items() if count}


def number_of(headers: str) -> int | None:
    """The number of a bad record of the drill, from the headers that a dead letter keeps (JSON)."""
    for header in json.loads(headers):
        if header["name"] == POISON_HEADER:
            return int(header["value"])
    return None
