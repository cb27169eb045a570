"""The addresses that keep how pages look and read."""

from services.query.auth.policy import Permission
from services.query.pages.preferences.handler import choose_language, set_theme
from services.query.routing import post

ROUTES = (
    post("/preferences/theme", set_theme, Permission.SIGNED_IN),
    post("/preferences/language", choose_language, Permission.SIGNED_IN),
)
