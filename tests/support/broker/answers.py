"""What the broker answers to each request, in aiokafka's own protocol classes."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import NoError, OffsetOutOfRangeError, UnknownTopicOrPartitionError
from aiokafka.protocol.admin import ApiVersionRequest_v0
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest, OffsetResetStrategy

from tests.support.broker.faults import FetchFaults, Hold
from tests.support.broker.group import Group
from tests.support.broker.log import PartitionLog, encode

NODE = 0
MOST_RECORDS = 500
"""Of one partition in one answer."""
NEWEST = [
    request._CLASSES[-1]  # the version that aiokafka picks when a broker offers all
    for request in (
        FetchRequest,
        OffsetRequest,
        MetadataRequest,
        OffsetCommitRequest,
        OffsetFetchRequest,
        FindCoordinatorRequest,
        JoinGroupRequest,
        HeartbeatRequest,
        LeaveGroupRequest,
        SyncGroupRequest,
    )
]
OFFERED = {request.API_KEY: request for request in [*NEWEST, ApiVersionRequest_v0]}
"""One version of each; anything else is never asked for, since it is not offered."""


class Answers:
    """The state of the broker, and what it says of it."""

    def __init__(self, topic: str, partitions: int) -> None:
        self.topic_name = topic
        self.logs = [PartitionLog() for _ in range(partitions)]
        self.groups: defaultdict[str, Group] = defaultdict(Group)
        self.faults = FetchFaults()
        self.held_commits: Hold | None = None
        self.asked: Counter[str] = Counter()
        self.port = 0
        self.host = ""
        self.more = asyncio.Event()
        self._handlers: dict[int, Callable[[Any], Awaitable[Any]]] = {
            request.API_KEY: handler
            for request, handler in (
                (ApiVersionRequest_v0, self._api_versions),
                (MetadataRequest, self._metadata),
                (FindCoordinatorRequest, self._coordinator),
                (JoinGroupRequest, self._join),
                (SyncGroupRequest, self._sync),
                (HeartbeatRequest, self._heartbeat),
                (LeaveGroupRequest, self._leave),
                (OffsetFetchRequest, self._committed),
                (OffsetCommitRequest, self._commit),
                (OffsetRequest, self._offsets),
                (FetchRequest, self._fetch),
            )
        }

    async def answer(self, request: Any) -> Any:
        """The response to a decoded request, of the version it asks for."""
        self.asked[type(request).__name__] += 1
        return await self._handlers[request.API_KEY](request)

    async def _api_versions(self, request: Any) -> Any:
        offered = [(key, each.API_VERSION, each.API_VERSION) for key, each in OFFERED.items()]
        return request.RESPONSE_TYPE(NoError.errno, offered)

    async def _metadata(self, request: Any) -> Any:
        partitions: list[tuple[Any, ...]] = [
            (NoError.errno, number, NODE, [NODE], [NODE], []) for number, _ in enumerate(self.logs)
        ]
        topics: list[tuple[Any, ...]] = [
            (NoError.errno, name, False, partitions)
            if name == self.topic_name
            else (UnknownTopicOrPartitionError.errno, name, False, [])
            for name in ([self.topic_name] if request.topics is None else request.topics)
        ]
        brokers = [(NODE, self.host, self.port, None)]
        return request.RESPONSE_TYPE(0, brokers, "in-process", NODE, topics)

    async def _coordinator(self, request: Any) -> Any:
        return request.RESPONSE_TYPE(0, NoError.errno, None, NODE, self.host, self.port)

    async def _join(self, request: Any) -> Any:
        protocol, metadata = request.group_protocols[0]
        error, member_id, joined = await self.groups[request.group].join(
            request.member_id,
            protocol,
            metadata,
            rebalance_seconds=request.rebalance_timeout / 1_000,
            session_seconds=request.session_timeout / 1_000,
        )
        if joined is None:
            return request.RESPONSE_TYPE(0, error, -1, "", "", member_id, [])
        members = [(name, None, metadata) for name, metadata in joined.members]
        return request.RESPONSE_TYPE(
            0, error, joined.generation, joined.protocol, joined.leader, member_id, members
        )

    async def _sync(self, request: Any) -> Any:
        error, assignment = await self.groups[request.group].sync(
            request.member_id, request.generation_id, dict(request.group_assignment)
        )
        return request.RESPONSE_TYPE(0, error, assignment)

    async def _heartbeat(self, request: Any) -> Any:
        error = self.groups[request.group].heartbeat(request.member_id, request.generation_id)
        return request.RESPONSE_TYPE(0, error)

    async def _leave(self, request: Any) -> Any:
        return request.RESPONSE_TYPE(0, self.groups[request.group].leave(request.member_id))

    async def _committed(self, request: Any) -> Any:
        committed = self.groups[request.consumer_group].committed
        topics = [
            (topic, [(number, committed.get((topic, number), -1), "", NoError.errno) for number in numbers])
            for topic, numbers in request.topics
        ]
        return request.RESPONSE_TYPE(0, topics, NoError.errno)

    async def _commit(self, request: Any) -> Any:
        if self.held_commits is not None:
            await self.held_commits.wait()
        error = self.groups[request.consumer_group].commit(
            request.consumer_id,
            request.consumer_group_generation_id,
            {
                (topic, number): offset
                for topic, partitions in request.topics
                for number, offset, _metadata in partitions
            },
        )
        topics = [
            (topic, [(number, error) for number, _, _ in partitions]) for topic, partitions in request.topics
        ]
        return request.RESPONSE_TYPE(0, topics)

    async def _offsets(self, request: Any) -> Any:
        def offset_of(number: int, timestamp: int) -> int:
            log = self.logs[number]
            return log.start if timestamp == OffsetResetStrategy.EARLIEST else log.end

        topics = [
            (
                topic,
                [
                    (number, NoError.errno, -1, offset_of(number, timestamp))
                    for number, timestamp in partitions
                ],
            )
            for topic, partitions in request.topics
        ]
        return request.RESPONSE_TYPE(0, topics)

    async def _fetch(self, request: Any) -> Any:
        """Waits for records as long as the request allows; a held answer is composed before it is held."""
        give_up = asyncio.get_running_loop().time() + request.max_wait_time / 1_000
        while True:
            answered = [
                (topic, [self._partition(number, offset) for number, _, offset, _, _ in partitions])
                for topic, partitions in request.topics
            ]
            telling = [part for _, parts in answered for part in parts if part[1] or part[-1]]
            if any(part[-1] for part in telling):
                await self.faults.keep_back()
            left = give_up - asyncio.get_running_loop().time()
            if telling or left <= 0:
                return request.RESPONSE_TYPE(0, NoError.errno, 0, answered)
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), left)
            except TimeoutError:
                continue

    def _partition(self, number: int, offset: int) -> tuple[Any, ...]:
        log = self.logs[number]
        if not log.start <= offset <= log.end:
            return (number, OffsetOutOfRangeError.errno, -1, -1, -1, [], -1, b"")
        records = self.faults.thin_out(number, log.read(offset, MOST_RECORDS))
        aborted = log.aborted_within(records)
        return (number, NoError.errno, log.end, log.end, log.start, aborted, -1, encode(records))
