"""Named SQL statements, read from the `.sql` file beside the module that runs them.

A file is a row of blocks. `-- name: snake_case` opens one, the comment lines after it say why it exists, the
rest is one statement. `-- template` among the comments marks a statement with `{fields}` that Python fills in
from its own constants (never from input); such a statement cannot be prepared as it stands, so its owner
tests it filled in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_NAME_LINE = re.compile(r"--\s*name:\s*(?P<name>.*?)\s*$")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_TEMPLATE_LINE = re.compile(r"--\s*template\s*$")


class SqlFileError(Exception):
    """A `.sql` file is not a row of well-named statements; the message gives file and line."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One block: its name, the comment that explains it, the statement itself."""

    name: str
    comment: str
    text: str
    template: bool


def load_statements(path: Path) -> Mapping[str, str]:
    """Reads a `.sql` file into `{name: statement}`.

    Meant as a module constant: `SQL = load_statements(Path(__file__).with_suffix(".sql"))`. Every statement
    starts with its own `-- name:` line, so that `pg_stat_activity` shows which one runs. Raises SqlFileError.
    """
    statements = parse_statements(path.read_text(encoding="utf-8"), source=str(path))
    return MappingProxyType({statement.name: statement.text for statement in statements})


def parse_statements(text: str, *, source: str) -> list[Statement]:
    """Cuts the text of a `.sql` file into its statements, in the order of the file. Raises SqlFileError."""
    blocks: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = _NAME_LINE.match(line)
        if match is not None:
            name = match["name"]
            if not _NAME.match(name):
                raise SqlFileError(f"{source}:{number}: {name!r} is not a snake_case name")
            blocks.append((number, name, []))
        elif blocks:
            blocks[-1][2].append(line)
        elif line.strip() and not line.lstrip().startswith("--"):
            raise SqlFileError(f"{source}:{number}: a statement stands before the first '-- name:' line")
    if not blocks:
        raise SqlFileError(f"{source}: holds no '-- name:' line")
    statements: dict[str, Statement] = {}
    for number, name, lines in blocks:
        if name in statements:
            raise SqlFileError(f"{source}:{number}: the name {name} is used twice")
        statements[name] = _read_block(name, lines, where=f"{source}:{number}")
    return list(statements.values())


def _read_block(name: str, lines: list[str], *, where: str) -> Statement:
    comments: list[str] = []
    body_at = len(lines)
    for index, line in enumerate(lines):
        stripped = line.strip()
        if stripped and not stripped.startswith("--"):
            body_at = index
            break
        if stripped:
            comments.append(stripped)
    body = "\n".join(lines[body_at:]).strip()
    while body.endswith(";"):
        body = body[:-1].rstrip()
    if not body:
        raise SqlFileError(f"{where}: the name {name} has no statement")
    template = any(_TEMPLATE_LINE.match(comment) for comment in comments)
    prose = [comment.removeprefix("--").strip() for comment in comments if not _TEMPLATE_LINE.match(comment)]
    return Statement(name=name, comment=" ".join(prose), text=f"-- name: {name}\n{body}", template=template)
