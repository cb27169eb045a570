"""What the embedded broker is told: one KRaft node that starts soon and stays small."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from embedded.ports import LOOPBACK
from embedded.transport import SaslListener

NODE_ID = 1


def broker_settings(
    *, broker_port: int, controller_port: int, data: Path, changes: Mapping[str, str]
) -> dict[str, str]:
    """The broker's properties. `changes` are written over the usual ones."""
    return {
        "process.roles": "broker,controller",
        "node.id": str(NODE_ID),
        "controller.quorum.voters": f"{NODE_ID}@{LOOPBACK}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{broker_port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{broker_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(data),
        # One node holds the only copy of everything.
        "default.replication.factor": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "min.insync.replicas": "1",
        # Few internal partitions: each costs files and start time, and one consumer group or two use them.
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.num.partitions": "1",
        # A topic that nobody declared is a mistake, not a topic.
        "auto.create.topics.enable": "false",
        # Nobody else will join the group in the next seconds.
        "group.initial.rebalance.delay.ms": "0",
        # A killed broker may register again only when its old session is over; 9 s are usual.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        # The cleaner's usual 128 MiB buffer would be half of the memory.
        "log.cleaner.dedupe.buffer.size": "4194304",
        "log.cleaner.threads": "1",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "background.threads": "2",
        **changes,
    }


def secure_settings(
    settings: Mapping[str, str], secure: SaslListener, port: int, key_store: Path
) -> dict[str, str]:
    """What an encrypted listener adds to these settings: its address, its certificate, and who may sign in."""
    module = "org.apache.kafka.common.security"
    users = " ".join(f'user_{name}="{password}"' for name, password in secure.users.items())
    listener = f"SASL_SSL://{LOOPBACK}:{port}"
    return {
        "listeners": f"{settings['listeners']},{listener}",
        "advertised.listeners": f"{settings['advertised.listeners']},{listener}",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(key_store),
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": f"{module}.plain.PlainLoginModule required {users};",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{module}.scram.ScramLoginModule required;",
    }


def as_properties(settings: Mapping[str, str]) -> str:
    """A Java properties file."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
