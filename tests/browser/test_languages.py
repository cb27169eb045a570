"""Pages in the language of whoever reads them: the browser's until they choose one, and then theirs everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, expect

from cli.generate.messages import forms, read_catalogue
from tests.browser.conftest import Visit
from tests.browser.site import Site

WORDS = {
    "es": ("Entrar", "Conversaciones"),
    "pt-BR": ("Entrar", "Conversas"),
    "en-US": ("Sign in", "Conversations"),
}
ENTER = {"pt": "Entrar", "en": "Sign in"}
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


SEEN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const ours = (element) => element && !element.closest("bdi, script, style, code, [name=language], [name=chatbot] [value]:not([value='']), [name=assistant] [value]:not([value=''])");
  while (walker.nextNode()) if (ours(walker.currentNode.parentElement)) found.push(walker.currentNode.textContent);
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]"))
    if (ours(element)) for (const name of ["title", "aria-label", "placeholder", "alt"])
      if (element.hasAttribute(name)) found.push(element.getAttribute(name));
  return found;
}"""
"""What our words say on a page, seen or heard; what customers and companies wrote stands in `bdi`."""

FILE_NAME = re.compile(r"\S+\.(csv|pdf|png)")


def vocabulary(texts: Iterable[str]) -> set[str]:
    """Words of four letters and more, in lower case, without places and file names."""
    plain = (re.sub(r"\{\w+\}", " ", FILE_NAME.sub(" ", text)) for text in texts)
    return {word.lower() for text in plain for word in re.findall(r"[^\W\d_]{4,}", text)}


@pytest.mark.parametrize("language", ["pt", "en"])
def test_no_spanish_word_is_left_on_a_page(visit: Visit, site: Site, language: str) -> None:
    catalogue = [message for message in read_catalogue(language) if message.id]
    spanish = vocabulary(text for message in catalogue for text in forms(message.id))
    ours = vocabulary(text for message in catalogue for text in forms(message.string))
    page = visit("/", enter=ENTER[language], locale=language, allow="40")
    pages = {
        "list": "/?period=30d&channel=whatsapp&has=template&has=transfer&status=ended&metric=nps&score_min=1",
        "dates": "/?from=2020-01-01T09:30&to=2020-02-01T00:00",
        "all": "/",
        "conversation": f"/conversations/{site.rich}",
        "end": f"/conversations/{site.rich}/end",
        "problem": "/conversations/nothing",
    }
    left = {}
    for name, path in pages.items():
        page.goto(path)
        left[name] = (vocabulary(page.evaluate(SEEN)) & spanish) - ours
        page.screenshot(path=site.shot(f"{name}-{language}"), full_page=True)
    page.goto("/")
    with page.expect_download():
        page.locator("form.export > .btn").click()
    left["export"] = (vocabulary(page.evaluate(SEEN)) & spanish) - ours
    page.goto(f"/conversations/{site.rich}")
    page.get_by_role("button", name="PDF").click()
    page.goto("/exports")
    left["exports"] = (vocabulary(page.evaluate(SEEN)) & spanish) - ours
    page.screenshot(path=site.shot(f"exports-{language}"), full_page=True)
    assert {name: words for name, words in left.items() if words} == {}
