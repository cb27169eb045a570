"""Where to start reading a partition: the checkpoint row against what the broker holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog

from services.chassis.postgres import Pool
from services.ingest.batch import checkpoints
from services.ingest.batch.breaker import RefusalWindow
from services.ingest.batch.fence import Checkpoint, Halt, ReadFrom, StayHalted, place
from services.ingest.log.positions import START, Position
from services.ingest.source.broker_facts import BrokerFacts
from services.ingest.source.protocol import Offset, TopicPartition

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Placed:
    """A partition that may be read: from where, of which incarnation, and how its last records fared.

    `first_position` is where the log counts that incarnation's offset 0.
    """

    offset: Offset
    first_position: Position
    topic_id: UUID
    window: RefusalWindow


async def place_partitions(
    pool: Pool, facts: BrokerFacts, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, Placed]:
    """Places partitions, making rows and halting where needed; halted ones are left out.

    A halt is written only over the row it was decided by: a row that moved meanwhile is looked at again next time, and
    left out for now. Raises FactsUnavailableError and database errors.
    """
    placed: dict[TopicPartition, Placed] = {}
    # The id before the range: a topic made anew in between is found by the periodic check and by the row's id.
    ids = {name: (await facts.topic(name)).topic_id for name in {partition.topic for partition in partitions}}
    rows = await read_rows(pool, partitions)
    ranges = await facts.log_ranges(partitions)
    for partition in partitions:
        topic_id = ids[partition.topic]
        row = rows.get(partition)
        async with pool.acquire() as conn:
            match place(row, topic_id, ranges[partition]):
                case ReadFrom(offset, create, adopt):
                    if create:
                        await checkpoints.create(conn, partition, topic_id, offset)
                    if adopt:
                        await checkpoints.adopt(conn, partition, topic_id)
                    refused = await checkpoints.refused_lately(conn, partition, offset)
                    first_position = START if row is None else row.first_position
                    placed[partition] = Placed(offset, first_position, topic_id, RefusalWindow(refused))
                case Halt() as halt:
                    assert row is not None
                    await write_halt(pool, partition, row.next_offset, halt)
                case StayHalted():
                    log.warning(
                        "partition_still_halted", topic=partition.topic, partition=partition.partition
                    )
    return placed


async def write_halt(pool: Pool, partition: TopicPartition, at_offset: Offset, halt: Halt) -> bool:
    """Halts a partition if its row still stands there, and says so loudly."""
    async with pool.acquire() as conn:
        done = await checkpoints.halt(conn, partition, at_offset, halt)
    if done:
        log.error(
            "partition_halted",
            topic=partition.topic,
            partition=partition.partition,
            reason=halt.reason.value,
            lost_from=halt.lost_from,
            lost_to=halt.lost_to,
        )
    return done


async def read_rows(
    pool: Pool, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, Checkpoint]:
    """The checkpoint rows as they are now."""
    async with pool.acquire() as conn:
        return await checkpoints.find(conn, partitions)
