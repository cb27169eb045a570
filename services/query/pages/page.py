"""What every page needs: the templates, the reader of this request, and the frame round the page."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from aiohttp import hdrs, web
from jinja2 import Environment

from services.chassis.sql import load_statements
from services.presentation import words
from services.presentation.languages import choose_language, tag_of
from services.presentation.reader import Reader, make_reader
from services.query.auth.principal import PRINCIPAL, principal_of
from services.query.dependencies import dependencies_of
from services.query.pages.assets import Assets
from services.query.pages.frame import view as framing
from services.query.pages.frame.view import Frame

SQL = load_statements(Path(__file__).with_suffix(".sql"))

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")
Place = Literal["conversations", "exports", ""]


@dataclass(frozen=True, slots=True)
class Pages:
    """Templates and static files, made once at start."""

    assets: Assets
    environment: Environment


PAGES = web.AppKey("pages", Pages)


def reader_of(request: web.Request) -> Reader:
    """How whoever asks reads: the language that they chose or their browser asks for, and their zone; UTC before signing in."""
    principal = request.get(PRINCIPAL)
    language = choose_language(
        None if principal is None else principal.locale, request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
    )
    return make_reader(language, "UTC" if principal is None else principal.timezone)


def today_of(request: web.Request, reader: Reader) -> date:
    """The reader's present day."""
    return reader.local(dependencies_of(request).clock()).date()


async def frame_of(request: web.Request, reader: Reader, place: Place) -> Frame:
    """Header and footer for a person who is signed in."""
    principal = principal_of(request)
    dependencies = dependencies_of(request)
    async with dependencies.pool.acquire() as conn:
        active = await conn.fetchval(SQL["count_active_exports"], principal.account_id, principal.actor)
    return framing.Frame(
        place=place,
        person=principal.name,
        initials=framing.initials(principal.name),
        role=words.role(reader, principal.role),
        account=principal.account,
        csrf_token=principal.csrf_token or "",
        zone=reader.zone_name(dependencies.clock()),
        freshness=framing.fresh(reader, dependencies.freshness.current()),
        exports_active=int(active),
        languages=framing.languages(reader, principal.locale),
        back=str(request.rel_url),
    )


def render(
    request: web.Request,
    template: str,
    *,
    reader: Reader,
    frame: Frame | None,
    status: int = 200,
    **values: Any,
) -> web.Response:
    """A page. `values` are the names that the template prints besides the frame's."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    html = (
        request.app[PAGES]
        .environment.get_template(template)
        .render(
            _=reader.gettext,
            lang=tag_of(reader.locale.language),
            theme=theme if theme in THEMES else "auto",
            frame=frame,
            **values,
        )
    )
    return web.Response(text=html, content_type="text/html", status=status)


def local_path(value: str) -> str:
    """A path of ours to go back to; anything that could lead elsewhere is the list."""
    safe = value.startswith("/") and not value.startswith("//") and "\\" not in value and value.isprintable()
    return value if safe else "/"
