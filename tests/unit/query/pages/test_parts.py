"""Every part of a message has a shape on the page, unknown and broken ones too."""

from typing import Any

import pytest

from services.query.pages.conversation.parts import Block, HeldFile, blocks
from tests.support.view_rows import READER


def draw(*parts: dict[str, Any], files: dict[str, HeldFile] | None = None) -> tuple[Block, ...]:
    return blocks(READER, parts, "", files or {})


def words(block: Block) -> str:
    return "".join(node.text for node in (*block.title, *block.text))


def picture(**more: Any) -> dict[str, Any]:
    file = {"file_id": "f", "kind": "image", "name": "a.png", "size_bytes": 1000, "state": "stored", **more}
    return {"type": "media", "index": 0, "file": file}


def test_a_message_without_parts_is_its_text() -> None:
    assert [block.kind for block in blocks(READER, (), "hola", {})] == ["text"]


def test_a_held_picture_is_shown_and_its_caption_follows() -> None:
    image, caption = draw(picture(caption="mira"), files={"f": HeldFile("stored", "/here")})
    assert (image.kind, image.url, words(caption)) == ("image", "/here", "mira")


def test_a_picture_we_do_not_hold_says_why_and_has_no_address() -> None:
    (block,) = draw(picture(state="pending"))
    assert (block.kind, block.url) == ("file", "")
    assert "aún no está guardado" in block.detail


def test_choices_show_their_options_and_only_web_addresses_become_links() -> None:
    options = [
        {"id": "1", "title": "Sí", "url": "javascript:alert(1)"},
        {"id": "2", "title": "No", "url": "https://e.org"},
    ]
    (block,) = draw({"type": "choices", "prompt": "¿Seguro?", "options": options})
    assert words(block) == "¿Seguro?"
    assert [option.href for option in block.options] == ["", "https://e.org"]


def test_a_place_links_to_a_map() -> None:
    (block,) = draw({"type": "location", "latitude": -23.55, "longitude": -46.63, "name": "Centro"})
    assert words(block) == "Centro"
    assert block.url.startswith("https://www.openstreetmap.org/?mlat=-23.55")


def test_an_order_shows_prices_in_its_currency() -> None:
    item = {"sku": "1", "name": "Café", "quantity": 2, "unit_price_minor": 1250, "currency": "BRL"}
    (block,) = draw({"type": "order", "items": [item]})
    assert "12,50" in block.lines[0].value[0].text


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"type": "hologram", "plain_text": "x"},
        {"type": "media"},
        {"type": "media", "file": None},
        {"type": "choices", "options": "no list"},
        {"type": "choices", "options": [None, 3]},
        {"type": "contacts", "contacts": [{"name": {}}]},
        {"type": "contacts", "contacts": 5},
        {"type": "order", "items": [None, {"unit_price_minor": "x"}]},
        {"type": "form", "fields": []},
        {"type": "location", "latitude": "north"},
        {"type": "call", "duration_s": None},
        {"type": "email"},
        {"type": "system"},
        {"type": 7},
    ],
)
def test_a_part_of_any_shape_draws_without_error(part: dict[str, Any]) -> None:
    assert all(block.kind for block in draw(part))
