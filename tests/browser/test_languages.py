"""Pages in the language of whoever reads them: the browser's until they choose one, and then theirs everywhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

WORDS = {
    "es": ("Entrar", "Conversaciones"),
    "pt-BR": ("Entrar", "Conversas"),
    "en-US": ("Sign in", "Conversations"),
}
TAGS = {"es": "es", "pt-BR": "pt-BR", "en-US": "en"}


@pytest.mark.parametrize("browser_language", WORDS)
def test_the_way_in_and_the_list_follow_the_browser(visit: Visit, browser_language: str) -> None:
    enter, conversations = WORDS[browser_language]
    page = visit("/sign-in", signed_in=False, locale=browser_language)
    expect(page.locator("html")).to_have_attribute("lang", TAGS[browser_language])
    expect(page.get_by_role("heading", name=enter)).to_be_visible()
    page = visit("/", enter=enter, locale=browser_language)
    expect(page.locator("html")).to_have_attribute("lang", TAGS[browser_language])
    expect(page.locator(".bar-nav a").first).to_have_text(conversations)


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_a_chosen_language_stays_with_the_person_until_they_give_it_back(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/exports", java_script_enabled=script)
    choose(page, "English")
    expect(page).to_have_url(re.compile("/exports$"))
    expect(page.get_by_role("heading", name="Exports", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    choose(page, "Português")
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    choose(page, "Automático")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def choose(page: Page, language: str) -> None:
    page.locator(".bar .menu summary").click()
    page.locator("form[action='/preferences/language']").get_by_role("button", name=language).click()
