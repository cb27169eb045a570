"""Which conversations are meant: a value that list, count, CSV, PDF and API share."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

Environment = Literal["production", "testing"]
Status = Literal["open", "ended"]
Metric = Literal["nps", "csat"]
PeriodOf = Literal["started", "activity", "ended"]
Has = Literal["comment", "files", "score", "template", "transfer"]
Sort = Literal["started", "activity"]


class ConversationFilter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to look for; an empty tuple or None leaves that field free. As JSON it is the `filter` of an export.

    Values of one field are alternatives, fields add up. The period includes `from_` and excludes `to`, both
    aware. Score bounds without a metric mean either metric.
    """

    q: str | None = None
    chatbots: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    environment: Environment | None = None
    from_: datetime | None = field(default=None, name="from")
    to: datetime | None = None
    period_of: PeriodOf = "started"
    statuses: tuple[Status, ...] = ()
    assistants: tuple[str, ...] = ()
    score_min: float | None = None
    score_max: float | None = None
    metric: Metric | None = None
    has: tuple[Has, ...] = ()
    text: str | None = None
    end_reasons: tuple[str, ...] = ()
    sort: Sort = "started"
