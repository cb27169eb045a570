"""When Python looks for cycles: between batches, when nearly everything is dead, and not amid one, when nothing is.

Left to itself the collector walks the live objects of a batch again and again, and finds nothing.
"""

import gc

_NEVER_AMID = 2_000_000
"""Containers made and not freed: more than any batch makes."""
_FULL_EVERY = 200


class GarbageCollector:
    """Collects the young after each batch, and everything after every two hundredth."""

    def __init__(self) -> None:
        self._batches = 0

    def take_over(self) -> None:
        """Called once the process is set up: what lives as long as it does need never be looked at again."""
        gc.set_threshold(_NEVER_AMID)
        gc.collect()
        gc.freeze()

    def batch_done(self) -> None:
        """Called when nothing refers to the batch any more."""
        self._batches += 1
        gc.collect(0 if self._batches % _FULL_EVERY else 2)
