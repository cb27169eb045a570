"""The headless Chromium that ships inside an npm package: unpacked once, with our fonts, driven by Playwright."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from embedded.node import find_node

_UNPACK = """
import chromium from "@sparticuz/chromium";
console.log(JSON.stringify(await chromium.executablePath()));
"""
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias><family>system-ui</family><prefer><family>Noto Sans</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>Noto Sans</family><family>Noto Color Emoji</family></prefer></alias>
</fontconfig>
"""


def unpack_chromium(root: Path) -> Path:
    """The path of the browser below `root/.bitacora/chromium`; a second call finds it there."""
    folder = root / ".bitacora" / "chromium"
    folder.mkdir(parents=True, exist_ok=True)
    # The package unpacks into the temporary folder, and brings the libraries of a bare system on Lambda only.
    environment = {**os.environ, "TMPDIR": str(folder), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    done = subprocess.run(
        [str(find_node().node), "--input-type=module", "-e", _UNPACK],
        cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return Path(json.loads(done.stdout))


def browser_environment(root: Path) -> dict[str, str | float | bool]:
    """The environment to start the browser in: fonts from node_modules, libraries of the package behind our own."""
    folder = root / ".bitacora" / "chromium"
    config = folder / "fonts.conf"
    fonts = root / "node_modules" / "@expo-google-fonts"
    config.write_text(_FONTS.format(fonts=fonts, cache=folder / "font-cache"), encoding="utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(config), "LD_LIBRARY_PATH": _libraries(folder)}


def _libraries(folder: Path) -> str:
    known = os.environ.get("LD_LIBRARY_PATH", "")
    # Behind the system's: only what is missing is taken from the package.
    return ":".join(
        each for each in (known, "/usr/lib/x86_64-linux-gnu", str(folder / "al2023" / "lib")) if each
    )
