"""What a round or a whole drill says of itself: a value that is kept as JSON, and tables for people."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tests.support.faults.oracle import Verdict
from tests.support.faults.scene import Scene
from tests.support.faults.schedule import KILLS, Kind
from tests.support.faults.stalls import Stalls
from tests.support.faults.windows import Window, missed


class Round(Struct, frozen=True):
    """One round: counts, hits and everything that was wrong."""

    seed: int
    source: str
    seconds: float
    sent: int
    acknowledged: int
    unsettled: int
    events: int
    logged: int
    refused: int
    lost: int
    doubled: int
    dead_letters_missing: int
    live_is_rebuilt: bool
    struck: Mapping[Kind, int]
    hits: Mapping[Window, int]
    counters: Mapping[str, int]
    longest_stall: float
    longest_exit: float
    complaints: Sequence[str]

    @property
    def kills(self) -> int:
        """How often a process or session was ended or stood still."""
        return sum(count for kind, count in self.struck.items() if kind in KILLS)


_COUNTERS = (
    'fence_total{result="skipped"}',
    'fence_total{result="refused"}',
    'holes_total{result="read_again"}',
    'holes_total{result="accept"}',
    "unreads_total",
    "rebalances_total",
    "batches_total",
)


def round_of(
    seed: int, source: str, scene: Scene, verdict: Verdict, stalls: Stalls, *, seconds: float
) -> Round:
    """What happened in a scene that is over."""
    ledger = scene.ledger
    unasked = [line for slot in scene.slots for line in slot.unasked]
    return Round(
        seed=seed,
        source=source,
        seconds=round(seconds, 1),
        sent=ledger.sent,
        acknowledged=ledger.acknowledged,
        unsettled=sum(ledger.failures.values()),
        events=len(ledger.events),
        logged=verdict.logged,
        refused=verdict.refused,
        lost=len(verdict.log.lost),
        doubled=len(verdict.log.doubled) + len(verdict.refusals.doubled),
        dead_letters_missing=len(verdict.refusals.missing),
        live_is_rebuilt=verdict.live_is_rebuilt,
        struck=dict(scene.struck),
        hits=scene.windows.hits(),
        counters={name: sum(slot.count(name) for slot in scene.slots) for name in _COUNTERS},
        longest_stall=round(max(stalls.lengths, default=0.0), 1),
        longest_exit=round(max(scene.exits, default=0.0), 1),
        complaints=[*verdict.complaints(), *scene.wrong, *unasked],
    )


def judge_rounds(rounds: Sequence[Round], *, least: int) -> list[str]:
    """Everything wrong with a drill: what its rounds complain of, and faults and windows that were missed."""
    struck, hits = _added(rounds)
    return [
        *[f"seed {round_.seed}: {line}" for round_ in rounds for line in round_.complaints],
        *[f"fault that never struck: {kind.value}" for kind in Kind if not struck[kind]],
        *[
            f"window hit {hits[window]} times, {least} are due: {window.value}"
            for window in missed(hits, least=least)
        ],
    ]


def describe(rounds: Sequence[Round], *, least: int) -> str:
    """The tables of a drill."""
    struck, hits = _added(rounds)
    told = ", ".join(f"{round_.seed} ({round_.source})" for round_ in rounds)
    lines = [
        f"{len(rounds)} rounds, seeds {told}, {sum(round_.seconds for round_ in rounds):.0f} s",
        f"records: {_sum(rounds, 'sent')} sent, {_sum(rounds, 'acknowledged')} acknowledged, {_sum(rounds, 'unsettled')} unsettled",
        f"events: {_sum(rounds, 'events')} acknowledged, {_sum(rounds, 'logged')} logged, {_sum(rounds, 'lost')} lost",
        f"dead letters: {_sum(rounds, 'refused')}, {_sum(rounds, 'dead_letters_missing')} missing",
        f"kills: {sum(round_.kills for round_ in rounds)}; doubled: {_sum(rounds, 'doubled')}",
        f"live = rebuilt: {sum(round_.live_is_rebuilt for round_ in rounds)} of {len(rounds)}",
        f"longest stall of a partition: {max(round_.longest_stall for round_ in rounds):.1f} s",
        f"longest exit after SIGTERM: {max(round_.longest_exit for round_ in rounds):.1f} s",
        "",
        *_table("fault", {kind.value: struck[kind] for kind in Kind}),
        "",
        *_table(f"window (least {least})", {window.value: hits[window] for window in Window}),
        "",
        *_table(
            "counter", {name: sum(round_.counters.get(name, 0) for round_ in rounds) for name in _COUNTERS}
        ),
    ]
    complaints = judge_rounds(rounds, least=least)
    return "\n".join([*lines, "", *(complaints or ["nothing to complain of"])])


def _added(rounds: Sequence[Round]) -> tuple[Counter[Kind], Counter[Window]]:
    struck: Counter[Kind] = Counter()
    hits: Counter[Window] = Counter()
    for round_ in rounds:
        struck.update(round_.struck)
        hits.update(round_.hits)
    return struck, hits


def _sum(rounds: Sequence[Round], name: str) -> int:
    return sum(getattr(round_, name) for round_ in rounds)


def _table(title: str, rows: Mapping[str, int]) -> list[str]:
    width = max(map(len, [title, *rows]))
    return [f"{title:{width}}  count", *(f"{name:{width}}  {count:5,}" for name, count in rows.items())]
