"""Chips, the histogram, file types: what surrounds the list and the transcript."""

from datetime import UTC, datetime, timedelta

import pytest

from services.query.pages.files.handler import disposition
from services.query.pages.files.sniffing import how_to_show
from services.query.pages.frame.view import fresh
from services.query.pages.list.chips import chips
from services.query.pages.list.histogram import HEIGHT, drawing
from services.query.pages.list.page_query import PageQuery
from services.readmodel.rows import Bucket, Freshness, Histogram
from tests.support.view_rows import READER

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_each_condition_is_a_chip_that_takes_only_itself_away() -> None:
    query = PageQuery(
        s="k", asked={"channel": "whatsapp", "metric": "nps", "score_min": "9"}, has=("files", "comment")
    )
    found = chips(READER, query, box="Ana", text="", names={})
    assert [(chip.label, chip.value) for chip in found] == [
        ("Cliente", "Ana"),
        ("Canal", "WhatsApp"),
        ("Nota", "NPS ≥ 9"),
        ("Con", "Archivos del cliente"),
        ("Con", "Comentario"),
    ]
    assert found[1].remove_url == "/?s=k&metric=nps&score_min=9&has=files&has=comment"


def test_a_period_chip_says_both_ends() -> None:
    query = PageQuery(start="2026-03-01T00:00", end="2026-03-02T18:30")
    (chip,) = chips(READER, query, box="", text="", names={})
    assert chip.value == "de 1 mar 2026, 00:00 a 2 mar 2026, 18:30"


def nowhere(start: datetime, end: datetime) -> str:
    return "/"


def histogram(*counts: int) -> Histogram:
    days = tuple(
        Bucket(NOW + timedelta(days=place), NOW + timedelta(days=place + 1), count)
        for place, count in enumerate(counts)
    )
    return Histogram("day", "America/Sao_Paulo", days)


def test_bars_keep_inside_the_drawing_and_the_smallest_stays_visible() -> None:
    drawn = drawing(READER, histogram(1, 0, 5000), nowhere)
    assert drawn is not None
    heights = [bar.height for bar in drawn.bars]
    assert heights[0] > 2
    assert heights[1] == 0
    assert max(heights) <= HEIGHT
    assert drawn.bars[2].title == "Miércoles 4 de marzo de 2026: 5.000 conversaciones"


def test_there_is_no_drawing_of_nothing_or_of_one_bucket() -> None:
    assert drawing(READER, histogram(0, 0), nowhere) is None
    assert drawing(READER, histogram(9), nowhere) is None


@pytest.mark.parametrize(
    ("lag", "tone", "text"), [(0.8, "good", "Al día, hace 0,8 s"), (240.0, "behind", "Atraso de 4 min")]
)
def test_freshness_is_honest(lag: float, tone: str, text: str) -> None:
    shown = fresh(READER, Freshness(NOW, lag))
    assert (shown.tone, shown.text) == (tone, text)


def test_no_event_yet_is_said_as_such() -> None:
    assert fresh(READER, Freshness(None, None)).tone == "unknown"


@pytest.mark.parametrize(
    ("head", "content_type", "inline"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png", True),
        (b"%PDF-1.7", "application/pdf", True),
        (b"OggS....", "audio/ogg", True),
        (b"<svg xmlns=", "application/octet-stream", False),
        (b"<!doctype html>", "application/octet-stream", False),
        (b"", "application/octet-stream", False),
    ],
)
def test_a_file_is_what_its_bytes_say_and_markup_is_never_shown(
    head: bytes,
    content_type: str,
    inline: bool,  # noqa: FBT001  a column of the table
) -> None:
    shown = how_to_show(head)
    assert (shown.content_type, shown.inline) == (content_type, inline)


def test_a_file_name_cannot_leave_its_header_or_its_folder() -> None:
    assert disposition('../../a"b\r\nX: 1.html', inline=False) == (
        "attachment; filename*=UTF-8''a%22bX%3A%201.html"
    )
