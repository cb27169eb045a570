"""Checks of Kafka by `bitacora doctor`: can it be reached, are the topics as they must be, how far is ingest?"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import asyncpg
from bitacora_schemas.topics import EVENTS
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from cli.findings import BROKER_AWAY, CLOCK_SKEW, HALTED, LAG, Finding, page_of, verdict
from cli.lag import Lag, read_lag
from cli.topics import FoundTopic, list_topics
from services.chassis.kafka import kafka_python_options, why_unreachable
from services.ingest.source.broker_facts import FactsUnavailableError

if TYPE_CHECKING:
    from services.chassis.settings import KafkaSettings

MOST_SECONDS_STILL = 60.0
MOST_SKEW_SECONDS = 2.0
FEWEST_REPLICAS = 3


async def examine_kafka(kafka: KafkaSettings, dsn: str) -> list[Finding]:
    """The brokers first; what follows from them only when they answer."""
    fault = await why_unreachable(kafka)
    if fault is not None:
        words = fault.partition(": ")[2]
        advice = "Bring the brokers back, or mend the BITACORA_KAFKA_ settings."
        return [Finding("Kafka", False, fault, advice, page_of(words, BROKER_AWAY))]
    findings = [Finding("Kafka", True, f"answers at {kafka.kafka_bootstrap}")]
    try:
        topics = await asyncio.to_thread(list_topics, kafka_python_options(kafka))
        findings += [_topic(topic) for topic in topics]
        if any(topic.name == EVENTS and topic.exists for topic in topics):
            findings.append(await asyncio.to_thread(_clock, kafka))
            findings += await _ingest(kafka, dsn)
    except (KafkaError, FactsUnavailableError) as error:
        findings.append(
            Finding("Kafka's answers", False, type(error).__name__, "Look at its log.", BROKER_AWAY)
        )
    return findings


def _topic(topic: FoundTopic) -> Finding:
    what = f"topic {topic.name}"
    if not topic.exists:
        return Finding(what, False, "missing", "bitacora topics create", BROKER_AWAY)
    copies = (
        f"{topic.replicas} of 3 copies" if topic.replicas < FEWEST_REPLICAS else f"{topic.replicas} copies"
    )
    found = f"{topic.partitions} partitions, {topic.retention_days} days, {copies}"
    return verdict(
        what,
        f"{found}; {topic.differs}" if topic.differs else found,
        ok=topic.differs is None,
        advice="Set the topic's configuration right; never change how many partitions it has.",
        runbook=BROKER_AWAY,
    )


def _clock(kafka: KafkaSettings) -> Finding:
    """The broker's clock, as far as records show it: one that comes from the future tells that it is ahead."""
    client = KafkaAdminClient(**kafka_python_options(kafka), bootstrap_timeout_ms=10_000)
    try:
        (described,) = client.describe_topics([EVENTS])
        places = [TopicPartition(EVENTS, part["partition_index"]) for part in described["partitions"]]
        newest = client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.MAX_TIMESTAMP))
    finally:
        client.close()
    ahead = max((place.timestamp for place in newest.values()), default=0) / 1_000 - time.time()
    return verdict(
        "Kafka's clock",
        "no record from the future"
        if ahead <= MOST_SKEW_SECONDS
        else f"records from {ahead:.1f} s ahead of now",
        ok=ahead <= MOST_SKEW_SECONDS,
        advice="Let a time service set the clocks of the brokers and of this machine.",
        runbook=CLOCK_SKEW,
    )


async def _ingest(kafka: KafkaSettings, dsn: str) -> list[Finding]:
    try:
        lag = await read_lag(dsn, kafka, EVENTS)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        return []  # said of PostgreSQL already
    return [_lag(lag), _halts(lag)]


def _lag(lag: Lag) -> Finding:
    return verdict(
        "ingest",
        f"{lag.total} records wait, no commit for {lag.seconds:.0f} s" if lag.total else "nothing waits",
        ok=lag.seconds <= MOST_SECONDS_STILL,
        advice="Look whether an ingest worker runs and is ready: bitacora lag",
        runbook=LAG,
    )


def _halts(lag: Lag) -> Finding:
    halted = [place for place in lag.partitions if place.halted]
    commands = [
        f"bitacora {'incarnation' if place.halted == 'incarnation' else 'gap'} accept {place.partition}"
        for place in halted
    ]
    names = ", ".join(f"{place.partition} ({place.halted})" for place in halted)
    return verdict(
        "partitions",
        f"halted: {names}" if halted else "none is halted",
        ok=not halted,
        advice=f"Read the page, then: {'; '.join(commands)}",
        runbook=HALTED,
    )
