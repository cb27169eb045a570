"""The address that open pages ask."""

from services.query.auth.policy import Permission
from services.query.pages.live.handler import show_live
from services.query.routing import get

ROUTES = (get("/live", show_live, Permission.READ_CONVERSATIONS),)
