"""The address that keeps how pages look."""

from services.query.auth.policy import Permission
from services.query.pages.preferences.handler import set_theme
from services.query.routing import post

ROUTES = (post("/preferences/theme", set_theme, Permission.SIGNED_IN),)
