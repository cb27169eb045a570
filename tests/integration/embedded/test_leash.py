"""A stack whose parent is killed leaves nothing behind, and its folder can be used again at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from embedded.child import Child, ChildSpec, Deadline
from embedded.errors import DataInUseError
from embedded.home import Home
from embedded.reach import server_user, temporary_folder
from embedded.stack import EmbeddedStack

REPOSITORY = Path(__file__).parents[3]
PARENT = """
import sys, time
from pathlib import Path
from embedded.stack import EmbeddedStack
stack = EmbeddedStack(Path(sys.argv[1]), cache=Path(sys.argv[2])).start()
print(stack.kafka.pid, stack.postgres.pid, flush=True)
time.sleep(600)
"""


def start_parent(folder: Path, cache: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A process that runs a stack, and that stack's processes, their own children included."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), str(cache)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert parent.stdout is not None
    servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(servers) == 2
    return parent, [*servers, *(child for server in servers for child in server.children(recursive=True))]


def still_runs(process: psutil.Process) -> bool:
    """A dead process that its new parent has not reaped yet does not run."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_parent_leaves_no_child_and_the_next_start_works(stack_cache: Path) -> None:
    folder = temporary_folder(server_user())
    parent, family = start_parent(folder, stack_cache)
    with parent:
        parent.send_signal(signal.SIGKILL)
    deadline = Deadline.after(15)
    while any(still_runs(process) for process in family):
        assert not deadline.passed
        time.sleep(0.1)
    with EmbeddedStack(folder, cache=stack_cache) as stack:
        assert stack.kafka.exit_code() is None
        assert stack.postgres.exit_code() is None
    stack.postgres.remove()
    stack.kafka.remove()
    folder.rmdir()


def test_a_stubborn_child_is_killed_after_its_time(tmp_path: Path) -> None:
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    child = Child(
        ChildSpec(
            name="deaf", command=[sys.executable, "-c", script], log=tmp_path / "log", env=dict(os.environ)
        )
    )
    while "deaf" not in child.log_tail():
        assert child.exit_code() is None
        time.sleep(0.02)
    assert child.stop(0.3) == -signal.SIGKILL


def test_a_folder_in_use_is_refused_with_its_owner(tmp_path: Path) -> None:
    home = Home.of(tmp_path)
    with home.held(), pytest.raises(DataInUseError, match=f"process {os.getpid()}"), Home.of(tmp_path).held():
        pass


def test_a_folder_is_free_again_once_its_owner_is_gone(tmp_path: Path) -> None:
    home = Home.of(tmp_path)
    with home.held():
        pass
    with home.held():
        assert (tmp_path / "lock").read_text() == str(os.getpid())
