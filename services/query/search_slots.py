"""How many searches one person may run at once: a heavy search must not starve everybody else."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class TooManySearches(Exception):  # noqa: N818 - a refusal, named as one
    """The actor already runs as many searches as allowed; `retry_after` is in seconds."""

    retry_after = 1


class SearchSlots:
    """Counts running searches by actor, within this process."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._running: Counter[str] = Counter()

    @contextmanager
    def taken_by(self, actor: str) -> Iterator[None]:
        """Holds a slot for the time of a search. Raises TooManySearches."""
        if self._running[actor] >= self._each:
            raise TooManySearches
        self._running[actor] += 1
        try:
            yield
        finally:
            self._running[actor] -= 1
            if not self._running[actor]:
                del self._running[actor]
