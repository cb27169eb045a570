"""How long a worker reads nothing because its group shares the partitions out anew."""

import time

from services.ingest import metrics


class RebalanceClock:
    """One of a source; runs from the loss of partitions until those given instead are placed."""

    def __init__(self) -> None:
        self._since: float | None = None

    def lost(self) -> None:
        """The group takes partitions back, or asks to: the worker's first join begins so too."""
        metrics.REBALANCES.inc()
        if self._since is None:
            self._since = time.monotonic()

    def placed(self) -> None:
        """What was given can be read from now on; also when nothing was."""
        if self._since is not None:
            metrics.REBALANCE_SECONDS.observe(time.monotonic() - self._since)
            self._since = None
