"""How pages look to this browser."""

from http import HTTPStatus

from aiohttp import web

from services.query.dependencies import dependencies_of
from services.query.pages.page import THEME_COOKIE, THEMES, local_path
from services.query.pages.posted import posted

_ONE_YEAR = 31_536_000


async def set_theme(request: web.Request) -> web.StreamResponse:
    """POST /preferences/theme: light, dark, or as the system says; then back to the page."""
    form = await posted(request)
    theme = form.get("theme", "")
    response = web.Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": local_path(form.get("back", "/"))}
    )
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=_ONE_YEAR, path="/", httponly=True, samesite="Lax",
            secure=dependencies_of(request).settings.secure,
        )  # fmt: skip
    return response
