"""`python -m tests.support.suite.on_python VERSION INTERPRETER`: unit and contract tests on another Python.

Its packages are those of the lock file, in a venv that is kept until the file changes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.suite.jobs import PYTEST, QUICK_TIERS

ROOT = Path(__file__).parents[3]
REQUIREMENTS = ROOT / "requirements-dev.txt"
SOURCES = (ROOT, ROOT / "schemas", ROOT / "producer")
"""On the path instead of installed: building them would write into folders that other jobs read."""


def main(version: str, interpreter: str) -> None:
    """Becomes pytest on that Python."""
    python = prepare(ROOT / ".bitacora" / "pythons" / version, interpreter)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, SOURCES))}
    arguments = [str(python), *PYTEST, "-p", "no:cacheprovider", *QUICK_TIERS]
    sys.stdout.flush()
    os.execve(python, arguments, environment)  # noqa: S606 - no shell is wanted


def prepare(folder: Path, interpreter: str) -> Path:
    """A venv at `folder` with what the lock file says; answers its interpreter."""
    python, ready = folder / "bin" / "python", folder / ".ready"
    wanted = f"{interpreter} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"
    if python.exists() and ready.is_file() and ready.read_text("utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([interpreter, "-m", "venv", folder], check=True)
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    subprocess.run([*pip, "--require-hashes", "-r", REQUIREMENTS], check=True)
    ready.write_text(wanted, "utf-8")
    return python


if __name__ == "__main__":
    main(*sys.argv[1:])
