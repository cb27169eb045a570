"""Pages can be used by everybody: axe finds nothing serious, in both themes and at both widths."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit
from tests.browser.site import Site

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "name", ["/", "/?period=30d&channel=whatsapp&has=template", "rich", "end", "/exports", "/sign-in"]
)
def test_axe_finds_nothing_serious(visit: Visit, site: Site, name: str, width: int, theme: str) -> None:
    path = {"rich": f"/conversations/{site.rich}", "end": f"/conversations/{site.rich}/end"}.get(name, name)
    page = visit(
        path, signed_in=name != "/sign-in", viewport={"width": width, "height": 900}, color_scheme=theme
    )
    found = Axe().run(page, options=RULES).response["violations"]
    serious = [
        (each["id"], each["nodes"][0]["target"], each["nodes"][0]["failureSummary"][:300])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []
