"""How long partitions with something to do stood still."""

import time

from tests.support.faults.scene import Scene


class Stalls:
    """Looked at a few times a second; a stall begins when records wait and ends when the checkpoint moves."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._since: dict[int, float] = {}
        self._at: dict[int, int] = {}
        self.lengths: list[float] = []
        """Seconds of every stall of a second or more that came to its end."""

    def look(self) -> None:
        """Compares checkpoints and acknowledged records as last known."""
        now = time.monotonic()
        for number, end in self._scene.ledger.ends.items():
            offset = self._scene.observer.positions.get(number, 0)
            if offset >= end or offset != self._at.get(number, 0):
                began = self._since.pop(number, now)
                if now - began >= 1.0:
                    self.lengths.append(now - began)
            if offset < end:
                self._since.setdefault(number, now)
            self._at[number] = offset

    def longest_now(self) -> float:
        """Seconds of the longest stall that has not come to its end."""
        now = time.monotonic()
        return max((now - began for began in self._since.values()), default=0.0)
