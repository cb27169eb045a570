"""The pages of docs/runbook, and the commands that they tell people to run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "runbook"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(bitacora [^`]+)`")
_STATEMENT = re.compile(r'^psql "\$BITACORA_POSTGRES_DSN" -c "(.+)"$')


@dataclass(frozen=True, slots=True)
class Page:
    """One page by its name without the ending."""

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Every line of its blocks of commands."""
        return [line for block in _BLOCK.findall(self.text) for line in block.splitlines() if line]

    @property
    def commands(self) -> list[str]:
        """Calls of `bitacora`, in blocks and in sentences."""
        return [line for line in self.lines if line.startswith("bitacora ")] + _INLINE.findall(self.text)

    @property
    def statements(self) -> list[str]:
        """What it hands to psql, as the shell would."""
        found = [_STATEMENT.match(line) for line in self.lines if line.startswith("psql ")]
        return [match[1].replace('\\"', '"') for match in found if match is not None]


def pages() -> Iterator[Page]:
    """All pages but the table of contents."""
    for path in sorted(FOLDER.glob("*.md")):
        if path.name != "README.md":
            yield Page(path.stem, path.read_text("utf-8"))
