"""A new installation: the first person makes the first admin, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Site


@pytest.fixture
def fresh(database: str, tmp_path: Path) -> Iterator[Site]:
    """A site where nobody exists yet."""
    running = Site(database, tmp_path, peopled=False)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, fresh: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=fresh.url, viewport={"width": 1280, "height": 900}, locale="es")
    yield context.new_page()
    context.close()


def fill(page: Page, password: str) -> None:
    page.get_by_label("Tu nombre").fill("Marta Olivera")
    page.get_by_label("Correo electrónico").fill("marta@example.com")
    page.get_by_label("Contraseña").fill(password)
    page.get_by_role("button", name="Crear y entrar").click()


def test_the_first_admin_is_made_with_the_printed_link_and_only_once(page: Page, fresh: Site) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/setup$"))
    expect(page.get_by_text("imprime en su consola")).to_be_visible()
    link = fresh.setup_link()
    page.goto(link)
    page.screenshot(path=fresh.shot("setup-desk-light"))
    page.get_by_label("Contraseña").evaluate("field => field.removeAttribute('minlength')")
    fill(page, "corta")
    expect(page.get_by_role("alert")).to_contain_text("al menos 12 caracteres")
    expect(page.get_by_label("Tu nombre")).to_have_value("Marta Olivera")
    fill(page, "una frase bien larga")
    expect(page.get_by_text("Todavía no hay conversaciones")).to_be_visible()
    page.screenshot(path=fresh.shot("first-desk-light"))
    page.goto(link)
    expect(page).to_have_url(re.compile("/$"))


def test_a_wrong_link_makes_nobody(page: Page) -> None:
    page.goto("/setup?token=guess")
    expect(page.get_by_role("alert")).to_contain_text("ya se usó o caducó")
    expect(page.get_by_label("Tu nombre")).to_have_count(0)
