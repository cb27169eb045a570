"""What the faults of a round act upon: servers, workers, load, and what is known of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.support.faults.ledger import Ledger
from tests.support.faults.observer import Observer
from tests.support.faults.schedule import Kind
from tests.support.faults.servers import PARTITIONS, Servers
from tests.support.faults.traffic import Traffic
from tests.support.faults.windows import Windows
from tests.support.faults.workers import Slot

FEWEST = 2
"""So many workers are kept at least, as far as the faults themselves allow."""


@dataclass(slots=True)
class Scene:
    """One round."""

    servers: Servers
    slots: list[Slot]
    observer: Observer
    traffic: Traffic
    ledger: Ledger
    topic: str
    group: str
    say: Callable[[str], None]
    windows: Windows = field(default_factory=Windows)
    struck: Counter[Kind] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """What went wrong beside the oracle: exit codes, stalls."""
    exits: list[float] = field(default_factory=list)
    """Seconds from SIGTERM to the end."""

    def wanted(self) -> list[Slot]:
        """The slots that should have a worker now."""
        return [slot for slot in self.slots if slot.wanted]

    def lag(self) -> int:
        """Records acknowledged and not yet applied, as last seen."""
        return sum(
            max(end - self.observer.positions.get(number, 0), 0) for number, end in self.ledger.ends.items()
        )

    def fenced(self) -> int:
        """What the fence kept out so far, over all workers."""
        return sum(slot.count("fence_total") for slot in self.slots)

    def owned_by_others(self, slot: Slot) -> bool:
        """Whether the other workers have every partition between them, by what they say themselves."""
        others = [other for other in self.wanted() if other is not slot and other.running()]
        return sum(other.gauge("partitions") for other in others) >= PARTITIONS

    async def scrape(self) -> None:
        """Reads all counters."""
        await asyncio.gather(*(slot.scrape() for slot in self.slots if slot.running()))


async def until(condition: Callable[[], Awaitable[bool]], seconds: float, every: float = 0.02) -> bool:
    """Waits for a condition; False when it does not come in time."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(every)
    return True
