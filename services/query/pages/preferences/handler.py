"""How pages look to this browser, and in which language a person reads."""

from http import HTTPStatus

from aiohttp import web

from services.presentation.languages import LANGUAGES
from services.query.auth.people import set_language
from services.query.auth.principal import principal_of
from services.query.dependencies import dependencies_of
from services.query.pages.page import THEME_COOKIE, THEMES, local_path
from services.query.pages.posted import posted

_ONE_YEAR = 31_536_000


async def set_theme(request: web.Request) -> web.StreamResponse:
    """POST /preferences/theme: light, dark, or as the system says; then back to the page."""
    form = await posted(request)
    theme = form.get("theme", "")
    response = _back(form)
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=_ONE_YEAR, path="/", httponly=True, samesite="Lax",
            secure=dependencies_of(request).settings.secure,
        )  # fmt: skip
    return response


async def choose_language(request: web.Request) -> web.StreamResponse:
    """POST /preferences/language: one of ours, or as the browser asks; kept with the person, then back to the page."""
    form = await posted(request)
    language, user_id = form.get("language", ""), principal_of(request).user_id
    if user_id is not None and language in {"", *LANGUAGES}:
        async with dependencies_of(request).pool.acquire() as conn:
            await set_language(conn, user_id, language or None)
    return _back(form)


def _back(form: dict[str, str]) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": local_path(form.get("back", "/"))})
