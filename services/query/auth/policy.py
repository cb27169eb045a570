"""Who may do what: permission -> roles. A route says its permission where it is declared (services/query/routing.py)."""

from enum import StrEnum

from services.query.auth.principal import Role


class Permission(StrEnum):
    """What a route lets one do."""

    PUBLIC = "public"
    READ_CONVERSATIONS = "conversations:read"
    END_CONVERSATIONS = "conversations:end"
    EXPORT = "exports:create"
    SIGNED_IN = "session"


_BOTH: frozenset[Role] = frozenset({"operator", "admin"})

ROLES: dict[Permission, frozenset[Role]] = {
    Permission.READ_CONVERSATIONS: _BOTH,
    Permission.END_CONVERSATIONS: _BOTH,
    Permission.EXPORT: _BOTH,
    Permission.SIGNED_IN: _BOTH,
}
"""Roles of each permission; PUBLIC asks for nobody."""


def allows(permission: Permission, role: Role) -> bool:
    """Whether the role may; PUBLIC allows everybody."""
    return permission is Permission.PUBLIC or role in ROLES[permission]
