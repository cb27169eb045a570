"""The moments that a drill must have hit: a fault that strikes elsewhere proves little."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum


class Window(StrEnum):
    """Each is measured at the fault itself, not assumed: see the faults."""

    KILLED_IN_BATCH = "killed amid a transaction"
    KILLED_BEFORE_HINT = "killed between commit and Kafka's commit"
    KILLED_IDLE = "killed while idle"
    KILLED_STARTING = "killed while starting"
    KILLED_IN_BACKLOG = "killed with a backlog on a slowed database"
    STOPPED_IN_BATCH = "asked to stop amid a transaction"
    STOPPED_WITHOUT_DATABASE = "asked to stop while the database was away"
    STOPPED_WITHOUT_BROKER = "asked to stop while the broker was away"
    FROZEN_IN_BATCH = "frozen amid a transaction"
    RESUMED_AFTER_LOSING = "resumed after its partitions were given away"
    ZOMBIE_FENCED = "the fence kept a resumed or cut-off worker out"
    REPLACED_WHILE_CUT_OFF = "lost its partitions alive, cut off from Kafka"
    REBALANCED_IN_BATCH = "rebalanced while a batch was open"
    DATABASE_CRASHED_IN_BATCH = "database crashed during a transaction"
    SESSION_ENDED_IN_BATCH = "session ended during a transaction"
    CONNECTION_RESET_IN_BATCH = "connection reset during a transaction"
    COMMIT_ANSWER_LOST = "answer to a COMMIT lost"
    REDONE = "batch written again after an error that passes"
    REPEATS_FOUND = "batch written again because of a repeat"
    BROKER_KILLED_UNDER_LOAD = "broker killed under load"
    BROKER_FROZEN_UNDER_LOAD = "broker frozen under load"


class Windows:
    """How often each was hit."""

    def __init__(self) -> None:
        self._hits: Counter[Window] = Counter()

    def hit(self, window: Window, *, when: bool = True) -> None:
        """Counts one, if it was one."""
        self._hits[window] += when

    def hits(self) -> Mapping[Window, int]:
        """Every window, also those never hit."""
        return {window: self._hits[window] for window in Window}


def missed(hits: Mapping[Window, int], *, least: int) -> list[Window]:
    """The windows hit too seldom to say anything about them."""
    return [window for window in Window if hits.get(window, 0) < least]


def added(many: Iterable[Mapping[Window, int]]) -> dict[Window, int]:
    """The hits of several rounds."""
    total: Counter[Window] = Counter()
    for hits in many:
        total.update(hits)
    return {window: total[window] for window in Window}
