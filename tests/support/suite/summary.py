"""What the jobs said, put together: counts, the slowest tests, and which jobs failed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CLOSING = re.compile(r"^=* ?(?P<counts>\d+ [a-z]+(?:, \d+ [a-z]+)*) in \d[^=]*=*$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) ([a-z]+)")
_DURATION = re.compile(r"^(\d+\.\d+)s (?:setup|call|teardown) +(\S.*)$", re.MULTILINE)
_SLOWEST = 10
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, and all that it said."""

    name: str
    code: int
    seconds: float
    said: str

    def told(self) -> str:
        """What it said, whole, under its name."""
        title = (
            f" {self.name}: {'passed' if self.code == 0 else f'FAILED ({self.code})'}, {self.seconds:.0f} s "
        )
        return f"{title:-^{_WIDTH}}\n{self.said.rstrip()}"


@dataclass(frozen=True, slots=True)
class Summary:
    """Tests over all jobs. A job that failed without a test that failed counts as one failure."""

    passed: int
    failed: int
    skipped: int

    @property
    def green(self) -> bool:
        """Whether everything ran and passed."""
        return self.failed == 0

    def line(self) -> str:
        """`N passed, N failed`, and `, N skipped` when some were."""
        return f"{self.passed} passed, {self.failed} failed" + (
            f", {self.skipped} skipped" if self.skipped else ""
        )


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """The counts of all closing lines of pytest; errors in fixtures are failures."""
    passed = failed = skipped = 0
    for outcome in outcomes:
        counts = _counts(outcome.said)
        passed += counts.get("passed", 0)
        skipped += counts.get("skipped", 0)
        broken = sum(counts.get(word, 0) for word in ("failed", "error", "errors"))
        failed += broken or int(outcome.code != 0)
    return Summary(passed, failed, skipped)


def describe(outcomes: Sequence[Outcome], pythons: Sequence[str], seconds: float) -> str:
    """The end of the run, in lines; the last one is plain, for programs to read."""
    slowest = sorted(
        (
            (float(took), test, outcome.name)
            for outcome in outcomes
            for took, test in _DURATION.findall(outcome.said)
        ),
        reverse=True,
    )[:_SLOWEST]
    found = f"also on Python {', '.join(pythons)}" if pythons else "found no other Python to run on"
    return "\n".join([
        f"{' slowest ten ':-^{_WIDTH}}",
        *(f"{took:7.1f} s {test} ({name})" for took, test, name in slowest),
        f"{' jobs ':-^{_WIDTH}}",
        *(f"{each.seconds:7.1f} s {each.name}: {'passed' if each.code == 0 else 'FAILED'}" for each in outcomes),
        f"{seconds:7.1f} s in all; {found}",
        summarise(outcomes).line(),
    ])  # fmt: skip


def _counts(said: str) -> dict[str, int]:
    """What the last closing line of pytest counts; empty when there is none."""
    closings = list(_CLOSING.finditer(said))
    return {word: int(number) for number, word in _COUNT.findall(closings[-1]["counts"])} if closings else {}
