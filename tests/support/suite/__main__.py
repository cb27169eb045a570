"""`make test`: every check and every tier of tests, side by side.

Exit codes: 0 all passed, 1 something failed, 130 stopped by Ctrl-C.
"""

import os
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.support.suite.jobs import at_once, jobs_of
from tests.support.suite.pythons import find_pythons
from tests.support.suite.runner import run
from tests.support.suite.summary import describe, summarise

ROOT = Path(__file__).parents[3]
LOGS = ROOT / ".bitacora" / "suite"
STOPPED = 130


def main() -> int:
    """Runs all, prints what each said as it ends, then what was slow and how many passed and failed."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # a shell's background jobs would ignore the first, and theirs, too
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    pythons = find_pythons(dict(os.environ), Path.home())
    outcomes = []
    try:
        with closing(run(jobs_of(pythons), LOGS, at_once=at_once())) as ended:
            for outcome in ended:
                outcomes.append(outcome)
                print(outcome.told(), flush=True)
    except KeyboardInterrupt:
        print("\nstopped; nothing is left running", flush=True)
        return STOPPED
    print(describe(outcomes, [python.version for python in pythons], time.monotonic() - started), flush=True)
    return 0 if summarise(outcomes).green else 1


if __name__ == "__main__":
    sys.exit(main())
