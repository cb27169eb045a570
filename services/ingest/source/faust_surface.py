"""The parts of Faust that the batch hand-over is built on, checked when this module is imported.

All but a few are internal. A new version of Faust that renames one or changes its arguments stops the worker at its
start, with the name, instead of making it lose events later.
"""

import inspect
from typing import Any

import aiokafka
import faust
from aiokafka.consumer.subscription_state import Assignment, TopicPartitionState
from faust.app.base import App, BootStrategy
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver
from mode import Service
from mode.threads import QueueServiceThread, ServiceThread

TESTED_FAUST = "0.15"
TESTED_AIOKAFKA = "0.14"

EXPECTED: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (App, "_new_transport", ("self",)),
    (App, "_consumer_wait_empty", ("self", "consumer", "logger")),
    (BootStrategy, "kafka_producer", ("self",)),
    (driver.Consumer, "_new_consumer_thread", ("self",)),
    (base.Consumer, "_drain_messages", ("self", "fetcher")),
    (base.Consumer, "_wait_next_records", ("self", "timeout")),
    (base.Consumer, "perform_seek", ("self",)),
    (base.Consumer, "on_partitions_revoked", ("self", "revoked")),
    (base.Consumer, "on_partitions_assigned", ("self", "assigned", "generation_id")),
    (base.Consumer, "wait_empty", ("self",)),
    (base.Consumer, "commit", ("self", "topics", "start_new_transaction")),
    (base.Consumer, "_commit_tps", ("self", "tps", "start_new_transaction")),
    (base.Consumer, "_filter_tps_with_pending_acks", ("self", "topics")),
    (base.Consumer, "_filter_committable_offsets", ("self", "tps")),
    (base.Consumer, "_commit_offsets", ("self", "offsets", "start_new_transaction")),
    (base.Consumer, "pause_partitions", ("self", "tps")),
    (base.Consumer, "resume_partitions", ("self", "tps")),
    (base.Consumer, "stop_flow", ("self",)),
    (base.ThreadDelegateConsumer, "_seek", ("self", "partition", "offset")),
    (driver.Consumer, "verify_event_path", ("self", "now", "tp")),
    (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ("self", "transport")),
    (
        driver.AIOKafkaConsumerThread,
        "_fetch_records",
        ("self", "consumer", "active_partitions", "timeout", "max_records"),
    ),
    (driver.AIOKafkaConsumerThread, "_ensure_consumer", ("self",)),
    (driver.AIOKafkaConsumerThread, "on_start", ("self",)),
    (driver.AIOKafkaConsumerThread, "on_thread_stop", ("self",)),
    (driver.AIOKafkaConsumerThread, "assignment", ("self",)),
    (driver.AIOKafkaConsumerThread, "close", ("self",)),
    (ServiceThread, "stop", ("self",)),
    (Service, "stop", ("self",)),
    (QueueServiceThread, "call_thread", ("self", "fun", "args", "kwargs")),
    (TopicPartitionState, "consumed_to", ("self", "position")),
    (Assignment, "all_consumed_offsets", ("self",)),
)


class FaustChangedError(Exception):
    """This version of Faust or aiokafka is not the one that the hand-over was built and drilled on."""


def check_surface() -> None:
    """Raises FaustChangedError naming everything that is missing or takes other arguments."""
    wrong = [
        f"{owner.__name__}.{name}{arguments}"
        for owner, name, arguments in EXPECTED
        if _arguments_of(owner, name) != arguments
    ]
    if not faust.__version__.startswith(TESTED_FAUST):
        wrong.append(f"faust-streaming {faust.__version__}, not {TESTED_FAUST}.x")
    if not aiokafka.__version__.startswith(TESTED_AIOKAFKA):
        wrong.append(f"aiokafka {aiokafka.__version__}, not {TESTED_AIOKAFKA}.x")
    if "_isolation_level" not in inspect.getsource(aiokafka.AIOKafkaConsumer):
        wrong.append("AIOKafkaConsumer._isolation_level")
    if wrong:
        raise FaustChangedError("the batch hand-over does not fit: " + ", ".join(wrong))


def _arguments_of(owner: Any, name: str) -> tuple[str, ...] | None:
    method = getattr(owner, name, None)
    if method is None:
        return None
    return tuple(inspect.signature(method).parameters)


check_surface()
