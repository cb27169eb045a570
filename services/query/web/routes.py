"""Every address of the pages, and what their handlers need, added to the application."""

from pathlib import Path

from aiohttp import web

from services.query.auth.attempts import Attempts
from services.query.auth.passwords import Passwords
from services.query.middlewares import PAGE_PROBLEM
from services.query.web.assets import PREFIX, load_assets
from services.query.web.choices import CHOICES, ChoiceCache
from services.query.web.environment import make_environment
from services.query.web.handlers import (
    conversation,
    exports,
    files,
    listing,
    live,
    preferences,
    problems,
    sign_in,
)
from services.query.web.pages import PAGES, Pages


def add_pages(app: web.Application, *, node_modules: Path, passwords: Passwords, attempts: Attempts) -> None:
    """Adds the pages. Raises AssetsMissing when the front-end packages are not installed."""
    assets = load_assets(node_modules)
    app[PAGES] = Pages(assets, make_environment(assets))
    app[CHOICES] = ChoiceCache()
    app[PAGE_PROBLEM] = problems.show_problem
    app[sign_in.PASSWORDS] = passwords
    app[sign_in.ATTEMPTS] = attempts
    app.add_routes(
        [
            web.get("/", listing.show_list),
            web.post("/search", listing.ask),
            web.get("/live", live.show_live),
            web.get("/conversations/{conversation_id}", conversation.show_conversation),
            web.get("/conversations/{conversation_id}/end", conversation.ask_end),
            web.post("/conversations/{conversation_id}/end", conversation.do_end),
            web.get("/conversations/{conversation_id}/files/{file_id}", files.show_file),
            web.get("/exports", exports.show_exports),
            web.post("/exports", exports.do_export),
            web.get("/exports/{export_id}", exports.show_export),
            web.post("/exports/{export_id}/cancel", exports.do_cancel),
            web.get("/exports/{export_id}/file", exports.download),
            web.get("/sign-in", sign_in.show_sign_in, name="sign_in"),
            web.post("/sign-in", sign_in.do_sign_in),
            web.get("/sign-in/link", sign_in.show_link),
            web.post("/sign-in/link", sign_in.do_link),
            web.get("/setup", sign_in.show_setup),
            web.post("/setup", sign_in.do_setup),
            web.post("/sign-out", sign_in.do_sign_out),
            web.post("/preferences/theme", preferences.set_theme),
            web.get(f"{PREFIX}/{{name}}", assets.serve),
        ]
    )
