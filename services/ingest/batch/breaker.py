"""When so many records are refused that the fault is not in the records: stop, rather than empty the topic into the
dead letters.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

WINDOW = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Most refusals in a row, and among the last thousand records; 0 means no limit."""

    in_a_row: int = 100
    per_thousand: int = 200


class RefusalWindow:
    """The last thousand outcomes of one partition; those before the first count as good."""

    def __init__(self, refused: Iterable[bool] = ()) -> None:
        self._outcomes: deque[bool] = deque([False] * WINDOW, maxlen=WINDOW)
        self._outcomes.extend(refused)

    @property
    def remembers_refusals(self) -> bool:
        """Whether one of these outcomes was a refusal."""
        return True in self._outcomes

    def after(self, refused: Iterable[bool], limits: Limits) -> "RefusalWindow | None":
        """The window after these outcomes, in log order; None when a limit is passed on the way."""
        outcomes = self._outcomes.copy()
        total = sum(outcomes)
        streak = _streak(outcomes)
        for outcome in refused:
            total += outcome - outcomes[0]
            outcomes.append(outcome)
            streak = streak + 1 if outcome else 0
            if limits.in_a_row and streak > limits.in_a_row:
                return None
            if limits.per_thousand and outcome and total > limits.per_thousand:
                return None
        window = RefusalWindow()
        window._outcomes = outcomes
        return window


def _streak(outcomes: deque[bool]) -> int:
    length = 0
    for outcome in reversed(outcomes):
        if not outcome:
            break
        length += 1
    return length
