"""An ordinary user runs the stack with files of their own.

As root, the run steps down to one by `setpriv`, keeping only the right to read: the interpreter may lie in
root's home.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from embedded.home import Home
from embedded.install import install_everything
from embedded.progress import SilentProgress
from embedded.reach import reachable_folder, server_user, temporary_folder

REPOSITORY = Path(__file__).parents[3]
SCRIPT = """
import os, sys
from pathlib import Path
import psutil
from embedded.stack import EmbeddedStack
with EmbeddedStack(Path(sys.argv[1]), cache=Path(sys.argv[2])) as stack:
    owners = {psutil.Process(part.pid).uids().real for part in stack.parts.values()}
    print(os.getuid() != 0, owners == {os.getuid()})
"""


def as_ordinary_user(folder: Path) -> list[str]:
    """What to put before a command; gives `folder` to that user."""
    user = server_user()
    if user is None:
        return []
    os.chown(folder, user.uid, user.gid)
    rights = ["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"]
    return ["setpriv", "--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups", *rights]


def test_an_ordinary_user_runs_the_stack_as_themselves(stack_cache: Path) -> None:
    install_everything(Home.of(stack_cache.parent), SilentProgress())
    folder = temporary_folder(server_user())
    cache = folder / "cache"
    cache.mkdir()
    for installed in (
        *stack_cache.glob("kafka-*"),
        *reachable_folder(stack_cache, server_user()).glob("postgres-*"),
    ):
        (cache / installed.name).symlink_to(installed)
    outcome = subprocess.run(
        [*as_ordinary_user(folder), sys.executable, "-c", SCRIPT, str(folder / "stack"), str(cache)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        timeout=90,
        check=False,
    )
    assert outcome.stdout.split() == ["True", "True"], outcome.stderr
    shutil.rmtree(folder)
