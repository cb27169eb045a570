"""Every page, and what their handlers need, added to the application."""

from pathlib import Path

from aiohttp import web

from services.query.auth.attempts import Attempts
from services.query.auth.passwords import Passwords
from services.query.auth.policy import Permission
from services.query.middlewares import PAGE_PROBLEM
from services.query.pages.assets import PREFIX, load_assets
from services.query.pages.conversation.routes import ROUTES as CONVERSATION
from services.query.pages.environment import make_environment
from services.query.pages.exports.routes import ROUTES as EXPORTS
from services.query.pages.files.routes import ROUTES as FILES
from services.query.pages.list.choices import CHOICES, ChoiceCache
from services.query.pages.list.routes import ROUTES as LIST
from services.query.pages.live.routes import ROUTES as LIVE
from services.query.pages.page import PAGES, Pages
from services.query.pages.preferences.routes import ROUTES as PREFERENCES
from services.query.pages.problem.handler import show_problem
from services.query.pages.sign_in.handler import ATTEMPTS, PASSWORDS
from services.query.pages.sign_in.routes import ROUTES as SIGN_IN
from services.query.routing import add_routes, get

ROUTES = (*LIST, *CONVERSATION, *FILES, *EXPORTS, *SIGN_IN, *LIVE, *PREFERENCES)


def add_pages(app: web.Application, *, node_modules: Path, passwords: Passwords, attempts: Attempts) -> None:
    """Adds the pages. Raises AssetsMissing when the front-end packages are not installed."""
    assets = load_assets(node_modules)
    app[PAGES] = Pages(assets, make_environment(assets))
    app[CHOICES] = ChoiceCache()
    app[PAGE_PROBLEM] = show_problem
    app[PASSWORDS] = passwords
    app[ATTEMPTS] = attempts
    add_routes(app, ROUTES)
    add_routes(app, [get(f"{PREFIX}/{{name}}", assets.serve, Permission.PUBLIC)])
