"""Every part of a message has readable content, unknown and broken ones too."""

from typing import Any

import pytest

from services.presentation.parts import Block, content
from tests.support.view_rows import READER


def read(*parts: dict[str, Any], states: dict[str, str] | None = None) -> tuple[Block, ...]:
    return content(READER, parts, "", states or {})


def words(block: Block) -> str:
    return "".join(node.text for node in (*block.title, *block.text))


def picture(**more: Any) -> dict[str, Any]:
    file = {"file_id": "f", "kind": "image", "name": "a.png", "size_bytes": 1000, "state": "stored", **more}
    return {"type": "media", "index": 0, "file": file}


def test_a_message_without_parts_is_its_text() -> None:
    assert [block.kind for block in content(READER, (), "hola", {})] == ["text"]


def test_a_caption_follows_its_file() -> None:
    image, caption = read(picture(caption="mira"), states={"f": "stored"})
    assert (image.kind, image.detail, words(caption)) == ("file", "Imagen · 1 kB", "mira")


def test_where_a_file_stands_now_counts_and_not_where_it_stood_when_it_was_sent() -> None:
    (block,) = read(picture(state="stored"), states={"f": "pending"})
    assert "aún no está guardado" in block.detail


def test_a_file_that_will_not_come_says_why() -> None:
    (block,) = read(picture(state="unavailable", unavailable_reason="too_large"))
    assert block.detail == "Imagen · 1 kB · demasiado grande"


def test_choices_show_their_options_and_only_web_addresses_become_links() -> None:
    options = [
        {"id": "1", "title": "Sí", "url": "javascript:alert(1)"},
        {"id": "2", "title": "No", "url": "https://e.org"},
    ]
    (block,) = read({"type": "choices", "prompt": "¿Seguro?", "options": options})
    assert words(block) == "¿Seguro?"
    assert [option.href for option in block.options] == ["", "https://e.org"]


def test_a_place_links_to_a_map() -> None:
    (block,) = read({"type": "location", "latitude": -23.55, "longitude": -46.63, "name": "Centro"})
    assert words(block) == "Centro"
    assert block.href.startswith("https://www.openstreetmap.org/?mlat=-23.55")


def test_an_order_shows_prices_in_its_currency() -> None:
    item = {"sku": "1", "name": "Café", "quantity": 2, "unit_price_minor": 1250, "currency": "BRL"}
    (block,) = read({"type": "order", "items": [item]})
    assert "12,50" in block.lines[0].value[0].text


def test_an_e_mail_has_its_subject_its_text_and_its_files() -> None:
    file = {"file_id": "a", "kind": "document", "name": "a.pdf", "state": "stored"}
    found = read({"type": "email", "subject": "Factura", "plain_text": "Adjunta.", "attachments": [file]})
    assert [(block.kind, words(block)) for block in found] == [
        ("subject", "Factura"),
        ("text", "Adjunta."),
        ("file", "a.pdf"),
    ]


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
def test_a_part_of_any_shape_reads_without_error(part: dict[str, Any]) -> None:
    assert all(block.kind for block in read(part))
