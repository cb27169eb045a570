"""The histogram above the list, drawn by the server; each bar is a link that picks its period."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime

from services.presentation.languages import mark
from services.presentation.reader import Reader
from services.readmodel.rows import Bucket, Histogram

WIDTH = 1000
HEIGHT = 72
_MOST_LABELS = 7
_WIDEST_BAR = 56

_LABELS = {"hour": "HH:mm", "day": mark("d MMM"), "week": mark("d MMM"), "month": mark("MMM y")}
_TITLES = {
    "hour": mark("EEEE d 'de' MMMM, HH:mm"),
    "day": mark("EEEE d 'de' MMMM 'de' y"),
    "week": mark("'semana del' d 'de' MMMM 'de' y"),
    "month": mark("MMMM 'de' y"),
}
"""Patterns of dates, in the notation of CLDR."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket; x, y, width and height in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    slot_x: float
    slot_width: float
    url: str
    title: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A word under the bars; `x` is its middle, as a share of the width ("12.5%")."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The bars, and the labels under them from left to right."""

    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    highest: str


def drawing(
    reader: Reader, histogram: Histogram, pick: Callable[[datetime, datetime], str]
) -> Drawing | None:
    """The drawing, or None when there is nothing to compare. `pick` gives a bucket's address."""
    buckets = histogram.buckets
    highest = max((bucket.count for bucket in buckets), default=0)
    if len(buckets) < 2 or highest == 0:
        return None
    slot = WIDTH / len(buckets)
    bars = tuple(
        _bar(
            reader,
            bucket,
            unit=histogram.unit,
            x=place * slot,
            slot=slot,
            share=bucket.count / highest,
            url=pick(bucket.start, bucket.end),
        )
        for place, bucket in enumerate(buckets)
    )
    return Drawing(bars, _labels(reader, histogram), reader.number(highest))


def _bar(reader: Reader, bucket: Bucket, *, unit: str, x: float, slot: float, share: float, url: str) -> Bar:
    width = min(slot - min(slot * 0.2, 4), _WIDEST_BAR)
    # A bucket that holds anything stays visible beside a giant.
    height = max(share * (HEIGHT - 4), 2.5) if bucket.count else 0
    when = format_datetime(reader.local(bucket.start), reader.gettext(_TITLES[unit]), locale=reader.locale)
    amount = reader.ngettext("{n} conversación", "{n} conversaciones", bucket.count)
    return Bar(
        x=round(x + (slot - width) / 2, 2),
        y=round(HEIGHT - height, 2),
        width=round(width, 2),
        height=round(height, 2),
        slot_x=round(x, 2),
        slot_width=round(slot, 2),
        url=url,
        title=f"{when[:1].upper()}{when[1:]}: {amount.format(n=reader.number(bucket.count))}",
        empty=bucket.count == 0,
    )


def _labels(reader: Reader, histogram: Histogram) -> tuple[Label, ...]:
    buckets = histogram.buckets
    step = max(1, -(-len(buckets) // _MOST_LABELS))
    pattern = reader.gettext(_LABELS[histogram.unit])
    return tuple(
        Label(
            f"{(place + 0.5) / len(buckets) * 100:.2f}%",
            format_datetime(reader.local(buckets[place].start), pattern, locale=reader.locale),
        )
        for place in range(step // 2, len(buckets), step)
    )
