"""Fixtures of the browser tier: a site, a browser, and visits that notice every complaint of the browser."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import browser_environment, unpack_chromium
from tests.browser.site import ROOT, Site

Visit = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Chromium:
    """A running browser, and the loop on which Playwright speaks with it."""

    browser: Browser
    loop: asyncio.AbstractEventLoop


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One headless Chromium for the run.

    Playwright leaves its loop running in this thread, where asyncio then refuses to run another: so the loop is seen
    only while a test of this tier runs, and tests of other tiers may come after.
    """
    path = unpack_chromium(ROOT)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--headless"], env=browser_environment(ROOT)
        )
        chromium = Chromium(started, asyncio.get_running_loop())
        with _running_loop(None):
            yield chromium
        started.close()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """The browser of the run."""
    with _running_loop(chromium.loop):
        yield chromium.browser


@contextlib.contextmanager
def _running_loop(loop: asyncio.AbstractEventLoop | None) -> Iterator[None]:
    """What asyncio takes for the loop that runs in this thread."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


@pytest.fixture(scope="module")
def site(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages over a database with conversations, shared by the tests of a file."""
    running = Site(module_database, tmp_path_factory.mktemp("blobs"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """Opens a page as an operator who is signed in. Fails the test on script errors, console errors, refused content."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str = "/", *, signed_in: bool = True, allow: str = "", enter: str = "Entrar", **options: Any
    ) -> Page:
        settings: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "es", **options}
        context = browser.new_context(base_url=site.url, **settings)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"console: {said.text}")
                if said.type in {"error", "warning"} and not (allow and allow in said.text)
                else None
            ),
        )
        if signed_in:
            page.goto(site.link())
            page.get_by_role("button", name=enter).click()
            page.wait_for_url("**/")
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
