"""A consumer group by the classic protocol: members join, the leader assigns, a rebalance makes all join again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count

from aiokafka.errors import IllegalGenerationError, NoError, RebalanceInProgressError, UnknownMemberIdError


class State(Enum):
    """Where the group is between two assignments."""

    EMPTY = "empty"
    PREPARING = "preparing"  # members are to join again
    COMPLETING = "completing"  # the leader is to assign
    STABLE = "stable"


@dataclass(frozen=True, slots=True)
class Joined:
    """The answer to a member that joined."""

    generation: int
    protocol: str
    leader: str
    members: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Member:
    """One consumer."""

    metadata: bytes = b""
    protocol: str = ""
    rebalance_seconds: float = 0.0
    session_seconds: float = 0.0
    expiry: asyncio.TimerHandle | None = None
    joining: asyncio.Future[Joined] | None = None
    syncing: asyncio.Future[bytes | None] | None = None


@dataclass(slots=True)
class Group:
    """One consumer group; every number answered is a Kafka error code."""

    state: State = State.EMPTY
    generation: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    committed: dict[tuple[str, int], int] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _assignments: Mapping[str, bytes] = field(default_factory=dict)

    def rebalance(self) -> None:
        """Begins a rebalance, as Kafka does for a change of its own; members learn of it by their heartbeats."""
        if self.members:
            self._prepare()

    async def join(
        self,
        member_id: str,
        protocol: str,
        metadata: bytes,
        *,
        rebalance_seconds: float,
        session_seconds: float,
    ) -> tuple[int, str, Joined | None]:
        """Error, member id, and what the group became once everybody has joined."""
        if member_id and member_id not in self.members:
            return UnknownMemberIdError.errno, member_id, None
        member_id = member_id or f"member-{next(self._numbers)}"
        member = self.members.setdefault(member_id, Member())
        member.metadata, member.protocol = metadata, protocol
        member.rebalance_seconds, member.session_seconds = rebalance_seconds, session_seconds
        joining = member.joining = asyncio.get_running_loop().create_future()
        self._prepare()
        self._complete_when_all_joined()
        joined = await joining
        self._is_alive(member_id)
        return NoError.errno, member_id, joined

    async def sync(
        self, member_id: str, generation: int, assignments: Mapping[str, bytes]
    ) -> tuple[int, bytes]:
        """Error and the member's own assignment, once the leader has sent it."""
        if error := self._error_of(member_id, generation):
            return error, b""
        if self.state is State.PREPARING:
            return RebalanceInProgressError.errno, b""
        if assignments:
            self._assignments = dict(assignments)
            self.state = State.STABLE
            for name, each in self.members.items():
                if each.syncing is not None and not each.syncing.done():
                    each.syncing.set_result(self._assignments.get(name, b""))
        if self.state is State.STABLE:
            return NoError.errno, self._assignments.get(member_id, b"")
        waiting = self.members[member_id].syncing = asyncio.get_running_loop().create_future()
        assigned = await waiting
        if assigned is None:
            return RebalanceInProgressError.errno, b""
        return NoError.errno, assigned

    def heartbeat(self, member_id: str, generation: int) -> int:
        """Whether the member is still in, and whether it has to join again."""
        if error := self._error_of(member_id, generation):
            return error
        self._is_alive(member_id)
        return int((RebalanceInProgressError if self.state is State.PREPARING else NoError).errno)

    def commit(self, member_id: str, generation: int, offsets: Mapping[tuple[str, int], int]) -> int:
        """Keeps offsets, if the member may still speak."""
        if error := self._error_of(member_id, generation):
            return error
        if self.state is State.COMPLETING:
            return int(RebalanceInProgressError.errno)
        self.committed.update(offsets)
        return int(NoError.errno)

    def leave(self, member_id: str) -> int:
        """The others share what it had."""
        member = self.members.pop(member_id, None)
        if member is None:
            return int(UnknownMemberIdError.errno)
        if member.expiry is not None:
            member.expiry.cancel()
        if self.members:
            self._prepare()
            self._complete_when_all_joined()
        else:
            self.state = State.EMPTY
        return int(NoError.errno)

    def _is_alive(self, member_id: str) -> None:
        """Its session lasts from now; a member that is silent for longer is out."""
        member = self.members.get(member_id)
        if member is None:
            return
        if member.expiry is not None:
            member.expiry.cancel()
        loop = asyncio.get_running_loop()
        member.expiry = loop.call_later(member.session_seconds, self._expire, member_id, self.generation)

    def _expire(self, member_id: str, generation: int) -> None:
        """A member that waits to join is alive however long the others take."""
        if self.generation == generation and self.state is not State.PREPARING:
            self.leave(member_id)

    def _error_of(self, member_id: str, generation: int) -> int:
        if member_id not in self.members:
            return int(UnknownMemberIdError.errno)
        if generation != self.generation:
            return int(IllegalGenerationError.errno)
        return int(NoError.errno)

    def _prepare(self) -> None:
        if self.state is State.PREPARING:
            return
        self.state = State.PREPARING
        for member in self.members.values():
            if member.syncing is not None and not member.syncing.done():
                member.syncing.set_result(None)
        longest = max((member.rebalance_seconds for member in self.members.values()), default=0.0)
        asyncio.get_running_loop().call_later(longest, self._drop_absent, self.generation)

    def _drop_absent(self, generation: int) -> None:
        """Who has not joined again in time is out."""
        if self.state is State.PREPARING and self.generation == generation:
            self.members = {name: each for name, each in self.members.items() if each.joining is not None}
            self._complete_when_all_joined()

    def _complete_when_all_joined(self) -> None:
        if not self.members or any(member.joining is None for member in self.members.values()):
            return
        self.generation += 1
        self.state = State.COMPLETING
        leader = next(iter(self.members))
        everyone = [(name, member.metadata) for name, member in self.members.items()]
        for name, member in self.members.items():
            joining, member.joining = member.joining, None
            if joining is not None and not joining.done():
                shown = everyone if name == leader else []
                joining.set_result(Joined(self.generation, member.protocol, leader, shown))
