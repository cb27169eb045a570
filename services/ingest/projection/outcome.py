"""What a batch did to the projections, for those who act on it: outbox, search projector, metrics."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct


class LifecycleRecord(Struct, frozen=True):
    """A record for the lifecycle topic, to be written to the outbox in the same transaction."""

    record_key: str
    payload: str
    headers: Mapping[str, str]


class TouchedConversation(NamedTuple):
    """A conversation whose words, facets or state changed: search must look at it again."""

    account_id: int
    conv_key: int
    ended: bool


class ProjectionOutcome(Struct, frozen=True):
    """Lifecycle records in the order of their decisions; touched conversations by key; counts by name."""

    lifecycle: tuple[LifecycleRecord, ...] = ()
    touched: tuple[TouchedConversation, ...] = ()
    counts: Mapping[str, int] = MappingProxyType({})
