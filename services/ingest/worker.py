"""One ingest worker: source, writer, supervision and upkeep, living and dying together."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.chassis.health import HealthServer, Readiness
from services.chassis.lifecycle import Shutdown
from services.chassis.postgres import Pool
from services.chassis.waiting import wait_for_database
from services.ingest.batch.breaker import Limits
from services.ingest.batch.transaction import Projections
from services.ingest.batch.writer import DATABASE, KAFKA, Writer, WriterOptions
from services.ingest.garbage import GarbageCollector
from services.ingest.settings import IngestSettings
from services.ingest.source.broker_facts import FactsUnavailableError
from services.ingest.source.kafka_facts import KafkaFacts
from services.ingest.source.options import SourceOptions
from services.ingest.source.protocol import Sink, Source
from services.ingest.supervision.supervision import ASSIGNED, PARTITIONS, Supervision

log = structlog.get_logger(__name__)

WAIT_SECONDS = 2.0

Upkeep = Callable[[IngestSettings, Pool, Readiness], list[Awaitable[None]]]
"""Makes the endless jobs that run behind the log."""


class WorkerStoppedError(Exception):
    """A part of the worker returned although nobody asked it to."""


async def work(
    settings: IngestSettings, shutdown: Shutdown, projections: Projections, upkeep: Upkeep
) -> None:
    """Runs until a shutdown is asked for. Any exception is a reason to restart the process."""
    readiness = Readiness(DATABASE, KAFKA, ASSIGNED, PARTITIONS)
    async with HealthServer(settings.ingest_health_port, readiness, host=settings.health_host) as health:
        log.info("health_listening", port=health.port)
        facts = KafkaFacts(settings)
        try:
            pool = await shutdown.unless_requested(
                wait_for_database(
                    settings.postgres_dsn.get_secret_value(),
                    readiness,
                    DATABASE,
                    application_name="bitacora-ingest",
                    max_size=10,
                )
            )
            if pool is None:
                return
            try:
                known = await shutdown.unless_requested(_wait_for_topic(settings, facts, readiness))
                if known is not None:
                    await _work_with(settings, shutdown, projections, upkeep, pool, facts, readiness)
            finally:
                pool.terminate()
        finally:
            await facts.close()


async def _work_with(
    settings: IngestSettings,
    shutdown: Shutdown,
    projections: Projections,
    upkeep: Upkeep,
    pool: Pool,
    facts: KafkaFacts,
    readiness: Readiness,
) -> None:
    garbage = GarbageCollector()
    writer = Writer(
        pool,
        facts,
        readiness,
        projections,
        options=_writer_options(settings),
        after_batch=garbage.batch_done,
    )
    source = make_source(settings, writer)
    writer.attach(source)
    supervision = Supervision(
        pool, facts, source, writer, readiness, stall_seconds=settings.ingest_stall_seconds
    )
    garbage.take_over()
    jobs = upkeep(settings, pool, readiness) if settings.ingest_upkeep else []
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(_never_ending(source.run(), shutdown), name="source")
        others = [
            group.create_task(_never_ending(part, shutdown))
            for part in (writer.run(), supervision.run(settings.ingest_check_seconds), *jobs)
        ]
        await shutdown.wait()
        await source.stop()
        await reading
        for task in others:
            task.cancel()


def make_source(settings: IngestSettings, sink: Sink) -> Source:
    """The source of the settings. Its client is imported here, so that a worker loads only its own."""
    options = SourceOptions(
        topic=settings.ingest_topic,
        group=settings.ingest_group,
        kafka=settings,
        instance_id=settings.ingest_instance_id,
        session_timeout_seconds=settings.ingest_session_timeout_seconds,
        metadata_seconds=settings.ingest_metadata_seconds,
        fetch_records=min(settings.ingest_batch_records, settings.ingest_queue_records) // 2 or 1,
        pause_seconds=settings.ingest_pause_ms / 1_000,
        pause_below=settings.ingest_pause_below,
    )
    if settings.ingest_source == "aiokafka":
        from services.ingest.source.aiokafka_source import AiokafkaSource  # noqa: PLC0415

        return AiokafkaSource(options, sink)
    from services.ingest.source.faust_source import FaustSource  # noqa: PLC0415

    return FaustSource(options, sink, data_dir=settings.data_dir)


def _writer_options(settings: IngestSettings) -> WriterOptions:
    return WriterOptions(
        batch_records=settings.ingest_batch_records,
        queue_records=settings.ingest_queue_records,
        queue_bytes=settings.ingest_queue_bytes,
        limits=Limits(settings.ingest_refusals_in_a_row, settings.ingest_refusals_per_thousand),
    )


async def _never_ending(part: Awaitable[None], shutdown: Shutdown) -> None:
    await part
    if not shutdown.requested.is_set():
        raise WorkerStoppedError("a part of the worker ended by itself")


async def _wait_for_topic(settings: IngestSettings, facts: KafkaFacts, readiness: Readiness) -> bool:
    while True:
        try:
            await facts.topic(settings.ingest_topic)
        except FactsUnavailableError as error:
            log.warning("topic_not_there", topic=settings.ingest_topic, problem=str(error))
            readiness.down(KAFKA, f"{error}; topics are made by `bitacora topics create`")
            await asyncio.sleep(WAIT_SECONDS)
        else:
            readiness.up(KAFKA)
            return True
