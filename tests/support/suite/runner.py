"""Runs jobs side by side: starts them, keeps what they say, ends them in order when it is stopped."""

import os
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.child import Child, ChildSpec
from tests.support.suite.jobs import Job
from tests.support.suite.summary import Outcome

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 60.0
"""A tier that is stopped takes its servers down, which takes Kafka some seconds."""


@dataclass(frozen=True, slots=True)
class _Running:
    job: Job
    child: Child
    since: float


def run(jobs: Sequence[Job], logs: Path, *, at_once: int) -> Generator[Outcome]:
    """Gives each job's outcome as it ends; at most `at_once` run at a time, started in the order given.

    Whatever ends this (Ctrl-C as well), no job runs on. A job dies with us, too: it is on a leash.
    """
    waiting, running = list(jobs), list[_Running]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(_start(waiting.pop(0), logs))
                print(f"{running[-1].job.name}: started", flush=True)
            time.sleep(_LOOK_SECONDS)
            for each in [each for each in running if each.child.exit_code() is not None]:
                running.remove(each)
                yield _outcome(each)
    finally:
        _stop(running)


def _start(job: Job, logs: Path) -> _Running:
    log = logs / f"{job.name.replace(' ', '-')}.log"
    log.unlink(missing_ok=True)
    spec = ChildSpec(
        name=job.name, command=job.command, log=log, env=os.environ, stop_signal=job.stop_signal,
        orphan_signal=job.stop_signal,
    )  # fmt: skip
    return _Running(job, Child(spec), time.monotonic())


def _outcome(ended: _Running) -> Outcome:
    code = ended.child.exit_code()
    assert code is not None
    said = ended.child.spec.log.read_text("utf-8", errors="replace")
    return Outcome(ended.job.name, code, time.monotonic() - ended.since, said)


def _stop(running: Sequence[_Running]) -> None:
    """Asks all before it waits for any, so that they end side by side."""
    for each in running:
        each.child.send(each.job.stop_signal)
    deadline = time.monotonic() + _STOP_SECONDS
    for each in running:
        if each.child.wait(max(0.0, deadline - time.monotonic())) is None:
            each.child.stop(1)
