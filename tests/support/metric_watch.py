"""Sees which metrics move while a test drives something."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.chassis.metrics import REGISTRY

MOVES: dict[str, frozenset[str]] = {}
"""By test: the metrics that it promises to move, as `name` or `name{label="value"}`."""

_PARTS = ("_bucket", "_count", "_sum")
T = TypeVar("T", bound=Callable[..., object])


def moves(*names: str) -> Callable[[T], T]:
    """Promises that a test moves these; the fixture `watch` holds it to that."""

    def mark(test: T) -> T:
        MOVES[test.__name__] = frozenset(names)
        return test

    return mark


class MetricWatch:
    """Compares with the values at its making. A gauge that goes back must be looked at in between."""

    def __init__(self) -> None:
        self._before = _values()
        self.moved: set[str] = set()

    def look(self) -> None:
        """Notes what differs now."""
        for sample, value in _values().items():
            if value != self._before.get(sample, 0.0):
                self.moved |= {sample, sample.partition("{")[0]}


def _values() -> dict[str, float]:
    found: dict[str, float] = {}
    for family in REGISTRY.collect():
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            name = sample.name
            if family.type == "histogram":
                name = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)
            found[f"{name}{{{labels}}}" if labels else name] = sample.value
    return found
