"""Jobs side by side: all run, in order, none is left behind."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.support.suite.jobs import Job
from tests.support.suite.runner import run

NOTE_AND_WAIT = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / f"{os.getpid()}.started").touch()
try:
    time.sleep(60)
finally:
    (folder / f"{os.getpid()}.ended").touch()
"""


def python(name: str, code: str, *arguments: str) -> Job:
    return Job(name, (sys.executable, "-S", "-c", code, *arguments))


def test_what_each_job_said_and_its_code_are_kept(tmp_path: Path) -> None:
    jobs = [
        python("a job", "print('one'); import sys; print('two', file=sys.stderr)"),
        python("b", "raise SystemExit(3)"),
    ]

    found = {outcome.name: outcome for outcome in run(jobs, tmp_path, at_once=2)}

    assert (found["a job"].code, set(found["a job"].said.split())) == (0, {"one", "two"})
    assert (found["b"].code, found["b"].said) == (3, "")


def test_no_more_than_allowed_run_at_a_time(tmp_path: Path) -> None:
    alone = "import os, sys; os.mkdir(sys.argv[1]); os.rmdir(sys.argv[1])"
    jobs = [python(f"job {number}", alone, str(tmp_path / "taken")) for number in range(4)]

    outcomes = list(run(jobs, tmp_path / "logs", at_once=1))

    assert [(outcome.name, outcome.code) for outcome in outcomes] == [(job.name, 0) for job in jobs]


def test_jobs_that_may_run_at_a_time_do(tmp_path: Path) -> None:
    meet = (
        "import pathlib, sys, time; mine, other = map(pathlib.Path, sys.argv[1:]); mine.touch()\n"
        "while not other.exists(): time.sleep(0.01)"
    )
    a, b = str(tmp_path / "a"), str(tmp_path / "b")

    outcomes = list(run([python("a", meet, a, b), python("b", meet, b, a)], tmp_path / "logs", at_once=2))

    assert [outcome.code for outcome in outcomes] == [0, 0]


def test_a_run_that_is_stopped_ends_its_jobs_in_good_order(tmp_path: Path) -> None:
    jobs = [python(name, NOTE_AND_WAIT, str(tmp_path)) for name in ("a", "b")]
    jobs.append(python("quick", "pass"))
    running = run(jobs, tmp_path / "logs", at_once=3)
    next(running)
    while len(list(tmp_path.glob("*.started"))) < 2:
        time.sleep(0.01)

    running.close()

    started = {path.stem for path in tmp_path.glob("*.started")}
    assert {path.stem for path in tmp_path.glob("*.ended")} == started
    for pid in map(int, started):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, signal.SIG_DFL)
