"""Metrics, declared once as typed values so that code, `/metrics` and docs/metrics.md cannot differ.

A process declares its metrics as constants of its own `metrics.py`:

    EVENTS_APPLIED = counter("bitacora_ingest_events_total", "Events committed, by result.",
    labels=("result",))

Label values come from small closed sets; a label that could hold personal data is refused at import.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from services.chassis.masking import is_personal

NAME_PREFIX = "bitacora_"
SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SIZE_BUCKETS = (1.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the documentation says of one metric."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


_declared: dict[str, Declaration] = {}


def counter(name: str, meaning: str, *, labels: Sequence[str] = ()) -> Counter:
    """Declares a number that only grows; its name ends in `_total`."""
    if not name.endswith("_total"):
        raise ValueError(f"counter {name} must end in _total")
    _declare(Declaration(name, "counter", meaning, tuple(labels)))
    return Counter(name, meaning, tuple(labels), registry=REGISTRY)


def gauge(name: str, meaning: str, *, labels: Sequence[str] = ()) -> Gauge:
    """Declares a number that goes up and down."""
    _declare(Declaration(name, "gauge", meaning, tuple(labels)))
    return Gauge(name, meaning, tuple(labels), registry=REGISTRY)


def histogram(
    name: str, meaning: str, *, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS_BUCKETS
) -> Histogram:
    """Declares a distribution; `buckets` are upper bounds in the unit that the name ends in (`_seconds`,
    `_bytes`, ...).
    """
    _declare(Declaration(name, "histogram", meaning, tuple(labels), tuple(buckets)))
    return Histogram(name, meaning, tuple(labels), buckets=tuple(buckets), registry=REGISTRY)


def declared() -> list[Declaration]:
    """Every metric declared by the modules imported so far, by name."""
    return sorted(_declared.values(), key=lambda declaration: declaration.name)


def exposition() -> tuple[bytes, str]:
    """The present values in Prometheus text, with its content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST


def _declare(declaration: Declaration) -> None:
    if not declaration.name.startswith(NAME_PREFIX):
        raise ValueError(f"metric {declaration.name} must start with {NAME_PREFIX}")
    if declaration.name in _declared:
        raise ValueError(f"metric {declaration.name} is declared twice")
    personal = [label for label in declaration.labels if is_personal(label)]
    if personal:
        raise ValueError(f"metric {declaration.name}: label {personal[0]} may hold personal data")
    _declared[declaration.name] = declaration


READY = gauge(
    "bitacora_process_ready",
    "1 while a check of /health/ready holds; each process has its own.",
    labels=("check",),
)
