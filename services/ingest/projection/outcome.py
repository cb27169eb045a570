"""What a batch did to the projections, for those who act on it: outbox, search projector, metrics."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from bitacora_schemas.events.compose import EventRecord
from msgspec import Struct


class TouchedConversation(NamedTuple):
    """A conversation whose words, facets or state changed: search must look at it again."""

    account_id: int
    conv_key: int
    ended: bool


class ProjectionOutcome(Struct, frozen=True):
    """Records for the lifecycle topic, in the order of their decisions; touched conversations by key; counts by name."""

    lifecycle: tuple[EventRecord, ...] = ()
    touched: tuple[TouchedConversation, ...] = ()
    counts: Mapping[str, int] = MappingProxyType({})
