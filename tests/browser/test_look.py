"""Every page at desk and at hand, light and dark: drawn without complaint, wide enough for its screen, and kept to be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.browser.site import ROOT, Site

SHOTS = ROOT / ".bitacora" / "screenshots"
SCREENS = {"desk": (1280, 900), "hand": (390, 844)}


def keep(page_name: str, screen: str, theme: str) -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS / f"{page_name}-{screen}-{theme}.png"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(
    "name", ["list", "filtered", "empty", "conversation", "end", "exports", "sign-in", "problem"]
)
def test_a_page_fits_its_screen(visit: Visit, site: Site, name: str, screen: str, theme: str) -> None:
    width, height = SCREENS[screen]
    path = {
        "list": "/",
        "filtered": "/?period=30d&channel=whatsapp&has=template",
        "empty": "/?period=today&channel=carrier-pigeon",
        "conversation": f"/conversations/{site.rich}",
        "end": f"/conversations/{site.rich}/end",
        "exports": "/exports",
        "sign-in": "/sign-in",
        "problem": "/conversations/nothing",
    }[name]
    page = visit(
        path,
        signed_in=name != "sign-in",
        allow="404" if name == "problem" else "",
        viewport={"width": width, "height": height},
        color_scheme=theme,
    )
    page.screenshot(path=keep(name, screen, theme), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
