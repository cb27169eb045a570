"""`python -m benchmarks.start [ROUNDS]`: from `bitacora up` on a machine that has everything to pages that answer."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.running_stack import RunningStack


def main(rounds: int) -> None:
    """Prints the seconds of a first start, which makes its folders, and the median of so many starts after it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        first = _start(home)
        later = statistics.median(_start(home) for _ in range(rounds))
    print(f"first start {first:.1f} s, later ones {later:.1f} s (median of {rounds})")


def _start(home: Path) -> float:
    began = time.monotonic()
    running = RunningStack(home).wait_running()
    took = time.monotonic() - began
    if running.interrupt() != 0:
        raise SystemExit("the stack did not end cleanly")
    return took


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
