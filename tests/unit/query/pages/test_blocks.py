"""The content of a message gets a shape on the page."""

from typing import Any, get_args

import pytest

from services.presentation.parts import Block as Content
from services.presentation.parts import BlockKind, content
from services.query.pages.assets import _ICONS
from services.query.pages.conversation.blocks import Block, block
from tests.support.view_rows import READER


def draw(*parts: dict[str, Any], urls: dict[str, str] | None = None) -> tuple[Block, ...]:
    return tuple(block(each, urls or {}) for each in content(READER, parts, "", {}))


def words(drawn: Block) -> str:
    return "".join(node.text for node in (*drawn.title, *drawn.text))


def picture(**more: Any) -> dict[str, Any]:
    file = {"file_id": "f", "kind": "image", "name": "a.png", "size_bytes": 1000, "state": "stored", **more}
    return {"type": "media", "index": 0, "file": file}


def test_a_held_picture_is_shown_and_its_caption_follows() -> None:
    image, caption = draw(picture(caption="mira"), urls={"f": "/here"})
    assert (image.kind, image.url, words(caption)) == ("image", "/here", "mira")


def test_a_picture_we_do_not_hold_says_why_and_has_no_address() -> None:
    (drawn,) = draw(picture(state="pending"))
    assert (drawn.kind, drawn.url) == ("file", "")
    assert "aún no está guardado" in drawn.detail


def test_a_place_links_to_a_map() -> None:
    (drawn,) = draw({"type": "location", "latitude": -23.55, "longitude": -46.63, "name": "Centro"})
    assert (drawn.kind, words(drawn)) == ("file", "Centro")
    assert drawn.url.startswith("https://www.openstreetmap.org/?mlat=-23.55")


@pytest.mark.parametrize("kind", get_args(BlockKind))
def test_every_kind_of_content_has_a_shape_and_an_icon_that_is_served(kind: BlockKind) -> None:
    drawn = block(Content(kind), {})
    assert drawn.kind
    assert not drawn.icon or drawn.icon in _ICONS
