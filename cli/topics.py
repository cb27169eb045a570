"""Which topics Kafka has of ours, and making those it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bitacora_schemas.topics import Topic
    from kafka.admin import KafkaAdminClient

_WAIT_MS = 30_000
_BOOTSTRAP_MS = 10_000
_DAY_MS = 86_400_000


class FoundTopic(NamedTuple):
    """One of our topics: what is wanted, and what Kafka has; `differs` says in words what does not agree."""

    name: str
    exists: bool
    created: bool
    partitions: int
    replicas: int
    retention_days: int
    differs: str | None


def create_topics(
    options: dict[str, Any], *, replicas: int = -1, topics: Sequence[Topic] | None = None
) -> list[FoundTopic]:
    """Make the topics that are missing and return all, in the contract's order; safe to repeat.

    `options` are kafka-python's, with `bootstrap_servers`. `replicas` -1 is the broker's default. An existing topic
    is never changed: adding partitions would move threads. KafkaError when Kafka refuses or is away.
    """
    from bitacora_schemas.topics import TOPICS

    wanted = TOPICS if topics is None else topics
    admin = _admin(options)
    try:
        there = set(admin.list_topics())
        missing = [topic for topic in wanted if topic.name not in there]
        if missing:
            _create(admin, missing, replicas)
        return _described(admin, wanted, {topic.name for topic in missing})
    finally:
        admin.close()


def list_topics(options: dict[str, Any], topics: Sequence[Topic] | None = None) -> list[FoundTopic]:
    """Return all topics of ours and how Kafka has them; KafkaError when Kafka is away."""
    from bitacora_schemas.topics import TOPICS

    admin = _admin(options)
    try:
        return _described(admin, TOPICS if topics is None else topics, set())
    finally:
        admin.close()


def _admin(options: dict[str, Any]) -> KafkaAdminClient:
    from kafka.admin import KafkaAdminClient

    return KafkaAdminClient(**{"bootstrap_timeout_ms": _BOOTSTRAP_MS, **options})


def _create(admin: KafkaAdminClient, missing: Sequence[Topic], replicas: int) -> None:
    from kafka.errors import TopicAlreadyExistsError

    with suppress(TopicAlreadyExistsError):  # somebody else made it meanwhile
        admin.create_topics(
            {
                topic.name: {
                    "num_partitions": topic.partitions,
                    "replication_factor": replicas,
                    "configs": topic.config,
                }
                for topic in missing
            },
            timeout_ms=_WAIT_MS,
            wait_for_metadata=True,
        )


def _described(admin: KafkaAdminClient, topics: Sequence[Topic], created: set[str]) -> list[FoundTopic]:
    there = set(admin.list_topics())
    names = [topic.name for topic in topics if topic.name in there]
    partitions = (
        {found["name"]: found["partitions"] for found in admin.describe_topics(names)} if names else {}
    )
    configs = _configs(admin, names)
    return [
        _found(topic, partitions.get(topic.name), configs.get(topic.name, {}), topic.name in created)
        for topic in topics
    ]


def _found(
    topic: Topic, partitions: list[dict[str, Any]] | None, config: dict[str, str], created: bool
) -> FoundTopic:
    if partitions is None:
        return FoundTopic(topic.name, False, created, topic.partitions, 0, topic.retention_days, None)
    differing = [
        f"{name} is {config.get(name)}, not {value}"
        for name, value in topic.config.items()
        if config.get(name) != value
    ]
    if len(partitions) != topic.partitions:
        differing.insert(0, f"{len(partitions)} partitions, not {topic.partitions}")
    replicas = min((len(partition["replica_nodes"]) for partition in partitions), default=0)
    retention = int(config.get("retention.ms", "0")) // _DAY_MS
    return FoundTopic(
        topic.name, True, created, len(partitions), replicas, retention, "; ".join(differing) or None
    )


def _configs(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    from kafka.admin import ConfigResource, ConfigResourceType

    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, dict[str, Any]]] = admin.describe_configs(resources, config_filter="all")[
        "topic"
    ]
    return {
        name: {key: value["value"] for key, value in settings.items()} for name, settings in found.items()
    }
