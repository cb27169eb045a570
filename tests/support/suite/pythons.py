"""The other Pythons that we say we run on, where this machine has them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NAMED = ("3.11", "3.12", "3.13")
"""Every Python we name: from the README's up to the image's."""
_ASK = "import sys, ensurepip, venv; print('.'.join(map(str, sys.version_info[:2])))"


@dataclass(frozen=True, slots=True)
class FoundPython:
    """An interpreter that can make a venv, of this minor version."""

    version: str
    path: Path


def find_pythons(
    environment: Mapping[str, str], home: Path, named: tuple[str, ...] = NAMED
) -> list[FoundPython]:
    """Each named version but the one that runs now, on PATH or below pyenv; without those that are not here."""
    running = ".".join(map(str, sys.version_info[:2]))
    found: list[FoundPython] = []
    for version in named:
        if version == running:
            continue
        path = next(
            (path for path in _candidates(version, environment, home) if _answers(path) == version), None
        )
        if path is not None:
            found.append(FoundPython(version, path))
    return found


def _candidates(version: str, environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Those of pyenv come first: its commands on PATH answer for a version only where it is switched on."""
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    installed = sorted(pyenv.glob(f"versions/{version}.*"), key=_patch, reverse=True)
    yield from (folder / "bin" / "python" for folder in installed)
    if (on_path := shutil.which(f"python{version}", path=environment.get("PATH", os.defpath))) is not None:
        yield Path(on_path)


def _patch(folder: Path) -> int:
    """The third number of a version; -1 for a development build."""
    last = folder.name.rpartition(".")[2]
    return int(last) if last.isdigit() else -1


def _answers(path: Path) -> str:
    """Its version; empty when it does not run or cannot make a venv."""
    try:
        asked = subprocess.run(
            [path, "-I", "-c", _ASK], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
