"""Which faults a round brings, when and on whom: drawn from its seed alone, so that a seed tells the same story again."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.support.faults.windows import Window


class Kind(StrEnum):
    """What can be done to the system."""

    KILL = "worker killed (SIGKILL)"
    TERMINATE = "worker stopped (SIGTERM)"
    FREEZE = "worker frozen (SIGSTOP)"
    JOIN = "worker joins"
    LEAVE = "worker leaves"
    REBALANCE = "worker joins while every batch is open"
    CUT_OFF = "worker cut off from Kafka"
    DATABASE_CRASH = "database crashed"
    DATABASE_AWAY = "worker stopped while the database is away"
    SESSIONS_ENDED = "sessions terminated"
    COMMIT_LOST = "COMMIT answer lost"
    DATABASE_RESET = "database connections reset"
    DATABASE_LATE = "database late"
    DATABASE_SLOW = "database slow, backlog"
    BROKER_KILL = "broker killed"
    BROKER_AWAY = "worker stopped while the broker is away"
    BROKER_FREEZE = "broker frozen"
    BROKER_RESET = "broker connections reset"
    BROKER_LATE = "broker late"


class Aim(StrEnum):
    """The moment to strike."""

    ANY = "any"
    IN_BATCH = "in batch"
    BEFORE_HINT = "before hint"
    IDLE = "idle"
    STARTING = "starting"


KILLS = frozenset(
    {
        Kind.KILL,
        Kind.TERMINATE,
        Kind.FREEZE,
        Kind.LEAVE,
        Kind.DATABASE_CRASH,
        Kind.DATABASE_AWAY,
        Kind.SESSIONS_ENDED,
        Kind.BROKER_KILL,
        Kind.BROKER_AWAY,
        Kind.BROKER_FREEZE,
    }
)
"""What counts as a kill: a process or a session ended or stood still. Networks gone bad, joins and locks do not."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: after `pause` seconds, aimed, on the slot of this number if it strikes a worker.

    A patient one waits first until the workers get on again, at most a few seconds: without any of them a drill would be
    one long outage, with only them faults would hardly meet.
    """

    kind: Kind
    aim: Aim = Aim.ANY
    pause: float = 0.0
    slot: int = 0
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """Two rows of faults that run beside each other, so that they meet at random."""

    workers: Sequence[Fault]
    servers: Sequence[Fault]

    @property
    def kills(self) -> int:
        """How many of the faults count as kills."""
        return sum(fault.kind in KILLS for fault in (*self.workers, *self.servers))


PATIENT_SHARE = 0.7

# Each at least once a round, so that no window is left to luck.
_WORKERS = (
    (Kind.KILL, Aim.IN_BATCH),
    (Kind.KILL, Aim.BEFORE_HINT),
    (Kind.KILL, Aim.IDLE),
    (Kind.KILL, Aim.STARTING),
    (Kind.TERMINATE, Aim.IN_BATCH),
    (Kind.FREEZE, Aim.IN_BATCH),
    (Kind.LEAVE, Aim.ANY),
    (Kind.JOIN, Aim.ANY),
    (Kind.REBALANCE, Aim.ANY),
    (Kind.CUT_OFF, Aim.ANY),
)
_SERVERS = (
    (Kind.DATABASE_CRASH, Aim.IN_BATCH),
    (Kind.DATABASE_AWAY, Aim.ANY),
    (Kind.SESSIONS_ENDED, Aim.IN_BATCH),
    (Kind.COMMIT_LOST, Aim.ANY),
    (Kind.DATABASE_RESET, Aim.IN_BATCH),
    (Kind.DATABASE_LATE, Aim.ANY),
    (Kind.DATABASE_SLOW, Aim.ANY),
    (Kind.BROKER_KILL, Aim.ANY),
    (Kind.BROKER_AWAY, Aim.ANY),
    (Kind.BROKER_FREEZE, Aim.ANY),
    (Kind.BROKER_RESET, Aim.ANY),
    (Kind.BROKER_LATE, Aim.ANY),
)
# What else a round brings until it has its kills: mostly quick ones.
_MORE_WORKERS = (
    *[(Kind.KILL, Aim.IN_BATCH)] * 4,
    *[(Kind.KILL, Aim.ANY)] * 4,
    (Kind.KILL, Aim.BEFORE_HINT),
    (Kind.KILL, Aim.STARTING),
    *[(Kind.TERMINATE, Aim.IN_BATCH)] * 2,
    *[(Kind.TERMINATE, Aim.ANY)] * 2,
    (Kind.FREEZE, Aim.IN_BATCH),
    (Kind.FREEZE, Aim.ANY),
    (Kind.LEAVE, Aim.ANY),
    (Kind.JOIN, Aim.ANY),
)
_MORE_SERVERS = (
    *[(Kind.DATABASE_CRASH, Aim.IN_BATCH)] * 2,
    *[(Kind.SESSIONS_ENDED, Aim.IN_BATCH)] * 4,
    (Kind.COMMIT_LOST, Aim.ANY),
    (Kind.DATABASE_RESET, Aim.IN_BATCH),
    (Kind.DATABASE_SLOW, Aim.ANY),
    (Kind.BROKER_KILL, Aim.ANY),
    (Kind.BROKER_RESET, Aim.ANY),
)


MAKE_UP: Mapping[Window, Fault] = {
    Window.KILLED_IN_BATCH: Fault(Kind.KILL, Aim.IN_BATCH),
    Window.KILLED_BEFORE_HINT: Fault(Kind.KILL, Aim.BEFORE_HINT),
    Window.KILLED_IDLE: Fault(Kind.KILL, Aim.IDLE),
    Window.KILLED_STARTING: Fault(Kind.KILL, Aim.STARTING),
    Window.KILLED_IN_BACKLOG: Fault(Kind.DATABASE_SLOW),
    Window.STOPPED_IN_BATCH: Fault(Kind.TERMINATE, Aim.IN_BATCH),
    Window.STOPPED_WITHOUT_DATABASE: Fault(Kind.DATABASE_AWAY),
    Window.STOPPED_WITHOUT_BROKER: Fault(Kind.BROKER_AWAY),
    Window.FROZEN_IN_BATCH: Fault(Kind.FREEZE, Aim.IN_BATCH),
    Window.RESUMED_AFTER_LOSING: Fault(Kind.FREEZE, Aim.IN_BATCH),
    Window.ZOMBIE_FENCED: Fault(Kind.FREEZE, Aim.IN_BATCH),
    Window.REPLACED_WHILE_CUT_OFF: Fault(Kind.CUT_OFF),
    Window.REBALANCED_IN_BATCH: Fault(Kind.REBALANCE),
    Window.DATABASE_CRASHED_IN_BATCH: Fault(Kind.DATABASE_CRASH, Aim.IN_BATCH),
    Window.SESSION_ENDED_IN_BATCH: Fault(Kind.SESSIONS_ENDED, Aim.IN_BATCH),
    Window.CONNECTION_RESET_IN_BATCH: Fault(Kind.DATABASE_RESET, Aim.IN_BATCH),
    Window.COMMIT_ANSWER_LOST: Fault(Kind.COMMIT_LOST),
    Window.BROKER_KILLED_UNDER_LOAD: Fault(Kind.BROKER_KILL),
    Window.BROKER_FROZEN_UNDER_LOAD: Fault(Kind.BROKER_FREEZE),
}
"""The fault that hits a window when no other interferes, for windows that the schedule missed."""


def draw(seed: int, *, kills: int, slots: int) -> Schedule:
    """The faults of a round with at least so many kills: every kind once, the rest at random, in random order."""
    chance = random.Random(seed)
    workers, servers = list(_WORKERS), list(_SERVERS)
    while sum(kind in KILLS for kind, _ in (*workers, *servers)) < kills:
        # A fault of a server takes about three times as long as one of a worker.
        if chance.random() < 0.75:
            workers.append(chance.choice(_MORE_WORKERS))
        else:
            servers.append(chance.choice(_MORE_SERVERS))
    return Schedule(
        _row(chance, workers, slots, (0.2, 2.0)),
        _row(chance, servers, slots, (0.5, 3.0)),
    )


def _row(
    chance: random.Random, faults: Sequence[tuple[Kind, Aim]], slots: int, pause: tuple[float, float]
) -> list[Fault]:
    shuffled = list(faults)
    chance.shuffle(shuffled)
    return [
        Fault(kind, aim, chance.uniform(*pause), chance.randrange(slots), chance.random() < PATIENT_SHARE)
        for kind, aim in shuffled
    ]
