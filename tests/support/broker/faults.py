"""What a test makes go wrong between the log and the reader."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.broker.log import Stored


class Hold:
    """One answer with records, composed and kept back: the log as it was, told when it may no longer be so."""

    def __init__(self) -> None:
        self.caught = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        """Lets the answer go."""
        self._released.set()

    async def wait(self) -> None:
        """Called by the broker with the answer in hand."""
        self.caught.set()
        await self._released.wait()


@dataclass(slots=True)
class Skip:
    """Answers that reach into [first, end) leave these offsets out, so many times or always."""

    partition: int
    first: int
    end: int
    times: int | None = 1
    happened: int = 0

    def apply(self, partition: int, records: Sequence[Stored]) -> list[Stored]:
        """The records without those to skip."""
        kept = [record for record in records if not self.first <= record.offset < self.end]
        if (
            partition != self.partition
            or len(kept) == len(records)
            or not kept
            or self.times == self.happened
        ):
            return list(records)
        self.happened += 1
        return kept


class FetchFaults:
    """The faults now in force."""

    def __init__(self) -> None:
        self._hold: Hold | None = None
        self._skips: list[Skip] = []

    def hold_next(self) -> Hold:
        """The next answer that has records waits for `release`; the ones after it, of other readers, do not."""
        self._hold = Hold()
        return self._hold

    async def keep_back(self) -> None:
        """Waits while the answer in hand is to be held."""
        hold, self._hold = self._hold, None
        if hold is not None:
            await hold.wait()

    def skip(self, partition: int, first: int, end: int, *, times: int | None = 1) -> Skip:
        """From now on answers leave out offsets: so many answers, or (None) all of them."""
        skip = Skip(partition, first, end, times)
        self._skips.append(skip)
        return skip

    def thin_out(self, partition: int, records: list[Stored]) -> list[Stored]:
        """What is left of an answer."""
        for skip in self._skips:
            records = skip.apply(partition, records)
        return records
