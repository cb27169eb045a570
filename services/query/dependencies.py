"""What handlers need, put together once at start and passed by the application."""

from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from services.chassis.blobs import BlobStore
from services.chassis.clock import Clock, utc_now
from services.chassis.postgres import Pool
from services.query.search_slots import SearchSlots
from services.query.settings import QuerySettings
from services.readmodel.rows import Freshness


class FreshnessSource(Protocol):
    """Knows how far the projections are."""

    def current(self) -> Freshness:
        """The latest judgement; never waits."""
        ...


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """The outside world of the query process. `search_pool` has the statement time-out of searches."""

    settings: QuerySettings
    pool: Pool
    search_pool: Pool
    exports: BlobStore
    files: BlobStore
    freshness: FreshnessSource
    slots: SearchSlots
    clock: Clock = field(default=utc_now)


DEPENDENCIES = web.AppKey("dependencies", Dependencies)


def dependencies_of(request: web.Request) -> Dependencies:
    """The dependencies of the application that serves this request."""
    return request.app[DEPENDENCIES]
