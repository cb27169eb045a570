"""Puts the HTTP application together."""

from aiohttp import web

from services.query.api.openapi import build_document
from services.query.api.routes import add_api_routes
from services.query.auth.attempts import Attempts
from services.query.auth.passwords import Passwords
from services.query.dependencies import DEPENDENCIES, Dependencies
from services.query.middlewares import MIDDLEWARES, finish_headers
from services.query.pages.routes import add_pages
from services.query.routing import check_policies

LARGEST_BODY = 64 * 1024


def create_app(dependencies: Dependencies) -> web.Application:
    """The API and the pages. Raises MissingPolicy when a route has no policy, AssetsMissing without npm packages."""
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=LARGEST_BODY)
    app[DEPENDENCIES] = dependencies
    passwords = Passwords()

    async def close_passwords(_app: web.Application) -> None:
        passwords.close()

    app.on_cleanup.append(close_passwords)
    app.on_response_prepare.append(finish_headers)
    add_api_routes(app, build_document())
    add_pages(
        app,
        node_modules=dependencies.settings.query_node_modules,
        passwords=passwords,
        attempts=Attempts(),
    )
    check_policies(app)
    return app
