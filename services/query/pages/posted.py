"""Fields of posted forms as text."""

from aiohttp import web


async def posted(request: web.Request) -> dict[str, str]:
    """The text fields of a form, the first of each name; files and longer texts than 4,000 characters are left out."""
    fields: dict[str, str] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, str) and len(value) <= 4_000:
            fields.setdefault(name, value)
    return fields
