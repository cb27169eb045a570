"""Runs a command that ends when its parent ends, however the parent ends.

Called as `python -I -S leash.py PARENT_PID SIGNAL UID:GID COMMAND...` (`-` keeps the user). It becomes
COMMAND, so the process id stays the one the parent knows. It imports nothing of ours, since it must
start fast, and it gives up root itself, since the other user may not be able to read this interpreter.

Linux: the kernel sends SIGNAL when the parent dies (prctl PR_SET_PDEATHSIG), which survives exec.
Elsewhere: a forked watcher looks twice a second whether the parent and the command still live.
"""

from __future__ import annotations

import ctypes  # imported while we may still read it, see above
import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1
_SECONDS_TO_OBEY = 10
_SECONDS_BETWEEN_LOOKS = 0.5
_ORPHANED = 143


def _ask_kernel(death_signal: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        sys.exit(f"leash: prctl failed with errno {ctypes.get_errno()}")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wait_for_exit(pids: list[int], seconds: float | None) -> None:
    """Sleeps until one of the processes ends; `seconds` None waits without limit, as a watcher must."""
    end = None if seconds is None else time.monotonic() + seconds
    while all(_is_alive(pid) for pid in pids) and (end is None or time.monotonic() < end):
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _leave_watcher(parent: int, death_signal: int) -> None:
    """Forks a watcher; the caller goes on to become the command."""
    command = os.getpid()
    if os.fork() != 0:
        return
    os.setsid()
    _wait_for_exit([parent, command], None)
    if _is_alive(command) and not _is_alive(parent):
        os.kill(command, death_signal)
        _wait_for_exit([command], _SECONDS_TO_OBEY)
        if _is_alive(command):
            os.kill(command, signal.SIGKILL)
    os._exit(0)


def _become(user: str) -> None:
    uid, gid = (int(part) for part in user.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def main(arguments: list[str]) -> None:
    """Ties this process to its parent and becomes the command."""
    parent, death_signal, user, command = int(arguments[0]), int(arguments[1]), arguments[2], arguments[3:]
    if user != "-":
        _become(user)  # before the leash: the kernel takes a death signal away when the user changes
    if os.uname().sysname == "Linux":
        _ask_kernel(death_signal)
    else:
        _leave_watcher(parent, death_signal)
    if os.getppid() != parent:
        sys.exit(_ORPHANED)  # the parent died before the leash was on
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted: the command is a list
    except OSError as error:
        sys.exit(f"leash: cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
