"""`python -m bitacora_schemas.generate [--check | --release]`.

Writes the generated files; `--check` only says which are stale, `--release` also keeps the JSON Schemas as those
of the last release, which later versions must stay compatible with.
"""

import argparse
import sys
from pathlib import Path

from bitacora_schemas.generate import SCHEMAS, files

ROOT = SCHEMAS.parent


def main(arguments: list[str] | None = None) -> int:
    """Return 1 when `--check` finds a stale file, else 0."""
    parser = argparse.ArgumentParser(prog="python -m bitacora_schemas.generate")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is stale")
    parser.add_argument("--release", action="store_true", help="also keep the schemas as the last release's")
    options = parser.parse_args(arguments)
    made = files()
    stale = [path for path, text in made.items() if _read(ROOT / path) != text]
    stale += _left_over(made)
    if options.check:
        for path in stale:
            sys.stderr.write(f"{path} is stale; run `python -m bitacora_schemas.generate`\n")
        return 1 if stale else 0
    for path in stale:
        _write(ROOT / path, made.get(path))
    if options.release:
        for path, text in made.items():
            if path.startswith("schemas/json/"):
                _write(SCHEMAS / "released" / Path(path).name, text)
    return 0


def _left_over(made: dict[str, str]) -> list[str]:
    found = (path.relative_to(ROOT).as_posix() for path in (SCHEMAS / "json").glob("*.json"))
    return [path for path in found if path not in made]


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sys.stdout.write(f"{'removed' if text is None else 'wrote'} {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
