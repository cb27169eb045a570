"""Every page at desk and at hand, light and dark: drawn without complaint, wide enough for its screen, and kept to be looked at."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.site import Site

SCREENS = {"desk": (1280, 900), "hand": (390, 844)}


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
    page.screenshot(path=site.shot(f"{name}-{screen}-{theme}"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_tray_shows_what_waits_and_what_is_done(
    visit: Visit, site: Site, screen: str, theme: str
) -> None:
    width, height = SCREENS[screen]
    page = visit("/?status=ended", viewport={"width": width, "height": height}, color_scheme=theme)
    with page.expect_download():
        page.get_by_role("button", name="Exportar CSV").click()
    # After the download: while the page still moves on by itself, a picture may fall between two documents.
    page.screenshot(path=site.shot(f"export-{screen}-{theme}"))
    page.goto(f"/conversations/{site.rich}")
    page.get_by_role("button", name="PDF").click()
    page.goto("/exports")
    page.screenshot(path=site.shot(f"tray-{screen}-{theme}"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".job").first.get_by_role("link", name="Descargar").wait_for()


def test_menus_and_help_open_over_the_page(visit: Visit, site: Site) -> None:
    page = visit("/")
    page.locator(".bar .menu summary").click()
    page.screenshot(path=site.shot("menu-desk-light"))
    page.keyboard.press("Escape")
    page.locator(".menu-split summary").click()
    page.screenshot(path=site.shot("csv-menu-desk-light"))
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.screenshot(path=site.shot("help-desk-light"))
    page.goto(f"/conversations/{site.rich}")
    page.locator(".talk-do .menu summary").click()
    page.screenshot(path=site.shot("options-desk-light"))
    assert page.get_by_role("link", name="Finalizar").is_visible()
