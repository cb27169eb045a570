"""Writes the generated files, or says which ones are stale.

A generator is a module of this package with `files() -> dict[str, str]`: path below the repository's root ->
whole text. `--release` also keeps the JSON Schemas as those of the last release.
"""

import argparse
import importlib
import sys
from pathlib import Path

from cli.generate import events

ROOT = Path(__file__).parents[2]
GENERATORS = ("database", "settings", "metrics", "events", "openapi", "messages")


def generate(names: tuple[str, ...] = GENERATORS) -> dict[Path, str]:
    """The files of the generators named, by absolute path, as they should be."""
    made: dict[Path, str] = {}
    for name in names:
        files: dict[str, str] = importlib.import_module(f"cli.generate.{name}").files()
        made.update({ROOT / path: text for path, text in files.items()})
    return made


def stale(made: dict[Path, str]) -> list[Path]:
    """Files that are missing or read differently from what the code says."""
    return [path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text]


def main(arguments: list[str] | None = None) -> int:
    """Answers 1 when `--check` finds a stale file, else 0."""
    parser = argparse.ArgumentParser(prog="python -m cli.generate", description="Write files made from code.")
    parser.add_argument(
        "names", nargs="*", choices=[[], *GENERATORS], default=[], help="which (default: all)"
    )
    parser.add_argument("--release", action="store_true", help="also keep the schemas as the last release's")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is stale")
    options = parser.parse_args(arguments)
    made = generate(tuple(options.names) or GENERATORS)
    if options.release:
        made |= {ROOT / path: text for path, text in events.released().items()}
    outdated = stale(made)
    for path in outdated:
        name = path.relative_to(ROOT)
        if options.check:
            print(f"{name} is stale; run `make generate`", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], "utf-8")
            print(f"wrote {name}")
    return 1 if options.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
