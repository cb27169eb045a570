"""What `make test` runs: each job is a process with servers of its own, so that jobs do not disturb each other."""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.suite.pythons import FoundPython

PYTEST = ("-m", "pytest", "--durations=10", "--durations-min=0.5")
QUICK_TIERS = ("tests/unit", "tests/contract")
"""They need no Kafka and little time, so every Python we name runs them."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command with its name for people. `stop_signal` makes it end in good order."""

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGINT


def jobs_of(pythons: Sequence[FoundPython], executable: str = sys.executable) -> list[Job]:
    """The longest first, so that none of them is left alone at the end."""
    return [
        _tier(executable, "faults", "tests/acceptance/faults"),
        _tier(executable, "integration", "tests/integration"),
        _tier(executable, "acceptance", "tests/acceptance", "--ignore=tests/acceptance/faults"),
        _tier(executable, "browser", "tests/browser"),
        *(
            Job(
                f"unit and contract on Python {python.version}",
                (executable, "-m", "tests.support.suite.on_python", python.version, str(python.path)),
            )
            for python in pythons
        ),
        Job("checks", ("make", "--no-print-directory", "check"), signal.SIGTERM),
        _tier(executable, "unit and contract", *QUICK_TIERS),
    ]


def at_once() -> int:
    """How many jobs run side by side: one more than there are cores, since tests wait about as long as they compute,
    and four at most, since a container may be given fewer cores than it sees.
    """
    return min(4, (os.cpu_count() or 1) + 1)


def _tier(executable: str, name: str, *arguments: str) -> Job:
    return Job(name, (executable, *PYTEST, *arguments))
