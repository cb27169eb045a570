"""`python -m services.ingest`: events from Kafka to PostgreSQL.

Exit codes are those of `services/chassis/lifecycle.py`, and 3: so many records were refused that the worker stopped
rather than fill the dead letters; see `BITACORA_INGEST_REFUSALS_IN_A_ROW`.
"""

import os
import sys

import structlog

from services.chassis.lifecycle import Shutdown, run_process
from services.ingest.batch.transaction import BreakerTrippedError
from services.ingest.heap import give_blocks_back
from services.ingest.processing import projections_of, upkeep_of
from services.ingest.settings import IngestSettings
from services.ingest.worker import work

EXIT_REFUSING = 3

log = structlog.get_logger(__name__)


def main() -> int:
    """Runs the worker; answers the exit code."""
    give_blocks_back()
    refusing = False

    async def run(settings: IngestSettings, shutdown: Shutdown) -> None:
        nonlocal refusing
        try:
            await work(settings, shutdown, projections_of(settings), upkeep_of)
        except* BreakerTrippedError as group:
            refusing = True
            for error in _leaves(group):
                log.critical(
                    "too_many_refusals",
                    topic=error.partition.topic,
                    partition=error.partition.partition,
                    reasons=error.reasons,
                )

    code = run_process(IngestSettings, run, service="ingest")
    return EXIT_REFUSING if refusing and code == 0 else code


def _leaves(group: BaseExceptionGroup[BreakerTrippedError]) -> list[BreakerTrippedError]:
    found: list[BreakerTrippedError] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a client's thread that hangs on a dead connection must not keep an ended worker alive.
    os._exit(code)
