"""The virtual environment of the peer whose packages do not go with ours, made when it is first asked for."""

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).parents[2] / ".bitacora" / "bench" / "quixstreams"
REQUIREMENTS = Path(__file__).with_name("quixstreams.txt")


def quixstreams_python(folder: Path = FOLDER) -> Path:
    """The interpreter that has Quix Streams; installs it where the requirements have changed since."""
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    print("Installing Quix Streams into an environment of its own...")
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS],
        check=True,
        stdout=sys.stderr,
    )
    stamp.write_text(wanted, encoding="utf-8")
    return python


def pinned() -> list[str]:
    """The packages asked for, as `name version`."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return [line.replace("==", " ") for line in lines if line and not line.startswith("#")]
