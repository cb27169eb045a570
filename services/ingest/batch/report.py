"""What a settled batch tells metrics and log: counts and times, never what a record holds."""

import time
from datetime import datetime

import structlog

from services.ingest import metrics
from services.ingest.batch.transaction import Outcome

log = structlog.get_logger(__name__)


def report(outcome: Outcome, *, records: int, now: datetime) -> None:
    """Counts a committed transaction over so many records; `now` is when it was committed."""
    metrics.BATCHES.inc()
    metrics.BATCH_RECORDS.observe(records)
    metrics.LAST_COMMIT.set(time.time())
    for result, count in outcome.results.items():
        metrics.EVENTS.labels(result).inc(count)
    for reason, count in outcome.refusals.items():
        metrics.REFUSALS.labels(reason).inc(count)
    for result, count in outcome.fence.items():
        metrics.FENCE.labels(result).inc(count)
    if outcome.refusals:
        log.warning("records_refused", reasons=dict(outcome.refusals))
    if outcome.newest is not None:
        metrics.FRESHNESS_SECONDS.observe(max((now - outcome.newest).total_seconds(), 0.0))
