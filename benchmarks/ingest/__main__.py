"""`python -m benchmarks.ingest [PART]`: what ingest costs. The figures are kept in docs/benchmarks/ingest.md."""

import argparse
import logging
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from benchmarks.ingest.comparison import BATCH, compare, make_load, report
from benchmarks.ingest.figures import as_json
from benchmarks.ingest.freshness import measure_freshness
from benchmarks.ingest.growth import measure_growth
from benchmarks.ingest.memory import measure_memory
from benchmarks.ingest.page import provenance, write_section
from benchmarks.ingest.pipelines import PIPELINES, named
from benchmarks.ingest.pure import measure_pure
from benchmarks.ingest.repeats import compare_repeats
from benchmarks.ingest.servers import Servers, servers
from benchmarks.ingest.traffic import TrafficSpec
from benchmarks.ingest.workers import compare_workers

REMEMBERED = 70_000
"""More events than the worker remembers the ids of."""


def main(arguments: list[str]) -> int:
    """Runs a part, prints its section, keeps it in the page if asked to; answers the exit code."""
    options = _parser().parse_args(_with_part(arguments))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    load_before = os.getloadavg()[0]
    part: Callable[[Servers, argparse.Namespace], str] = options.run
    with servers() as running:
        text = part(running, options)
    command = shlex.join(["python", "-m", "benchmarks.ingest", *_without_files(arguments)])
    title, _, body = text.partition("\n\n")
    section = f"{title}\n\n{provenance(command, load_before=load_before)} {body}"
    print(f"\n{section}")
    if options.markdown:
        write_section(options.markdown, options.part, section)
    return 0


def _pipelines(running: Servers, options: argparse.Namespace) -> str:
    pipelines = named(options.only)
    load = make_load(options.events, seed=options.seed, warm=2 * options.batch, batch=options.batch)
    figures = compare(running, pipelines, load, rounds=options.rounds)
    if options.json:
        options.json.write_text(as_json(figures), encoding="utf-8")
    return report(pipelines, figures, batch=options.batch)


def _freshness(running: Servers, options: argparse.Namespace) -> str:
    return measure_freshness(running, source=options.source, seconds=options.seconds, rates=options.rates)


def _workers(running: Servers, options: argparse.Namespace) -> str:
    load = make_load(options.events, seed=options.seed)
    return compare_workers(running, load, source=options.source, rounds=options.rounds)


def _repeats(running: Servers, options: argparse.Namespace) -> str:
    load = make_load(options.events, seed=options.seed, warm=REMEMBERED)
    return compare_repeats(running, load, source=options.source, rounds=options.rounds)


def _growth(running: Servers, options: argparse.Namespace) -> str:
    sizes = [size for size in (1_000_000, 3_000_000, 10_000_000) if size < options.to]
    return measure_growth(
        running, [*sizes, options.to], source=options.source, events=options.events, rounds=options.rounds
    )


def _memory(running: Servers, options: argparse.Namespace) -> str:
    spec = TrafficSpec(seed=options.seed)
    return measure_memory(running, source=options.source, events=options.events, spec=spec)


def _pure(running: Servers, options: argparse.Namespace) -> str:
    return measure_pure(events=options.events, rounds=options.rounds, seed=options.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)

    def add(
        name: str, run: Callable[..., str], text: str, *, events: int, rounds: int = 3
    ) -> argparse.ArgumentParser:
        part = parts.add_parser(name, help=text, description=text)
        part.set_defaults(run=run)
        part.add_argument("--events", type=int, default=events)
        part.add_argument("--rounds", type=int, default=rounds)
        part.add_argument("--seed", type=int, default=1)
        if name not in {"pipelines", "pure"}:
            part.add_argument("--source", choices=("faust", "aiokafka"), default="faust")
        part.add_argument("--markdown", type=Path, metavar="FILE", help="keep the section in this page")
        return part

    pipelines = add(
        "pipelines",
        _pipelines,
        "beside peers and bounds; the part that runs when none is named",
        events=60_000,
    )
    pipelines.add_argument(
        "--only", nargs="*", default=[], metavar="NAME", help=", ".join(p.name for p in PIPELINES)
    )
    pipelines.add_argument("--batch", type=int, default=BATCH, help="most events in a transaction, for all")
    pipelines.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    freshness = add(
        "freshness", _freshness, "from the producer's call to the visible commit", events=0, rounds=1
    )
    freshness.add_argument("--seconds", type=float, default=20.0, help="at each rate")
    freshness.add_argument("--rates", type=int, nargs="*", default=[500, 1_000, 5_000])
    add("workers", _workers, "one worker and two", events=100_000)
    add("repeats", _repeats, "0.4 % repeated events and none", events=60_000)
    growth = add("growth", _growth, "as the tables grow from a million events on", events=60_000)
    growth.add_argument("--to", type=int, default=3_000_000, help="events in the log at the last size")
    add("pure", _pure, "before anything is read or written", events=60_000)
    add("memory", _memory, "what a worker holds over a long run", events=600_000, rounds=1)
    return parser


def _with_part(arguments: list[str]) -> list[str]:
    """`pipelines` is meant when no part is named."""
    return (
        arguments
        if arguments and (not arguments[0].startswith("-") or arguments[0] in {"-h", "--help"})
        else ["pipelines", *arguments]
    )


def _without_files(arguments: list[str]) -> list[str]:
    """The arguments without the files that are written: they do not change the figures."""
    kept, skip = [], False
    for argument in arguments:
        if skip or argument in {"--markdown", "--json"}:
            skip = not skip
        elif not argument.startswith(("--markdown=", "--json=")):
            kept.append(argument)
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
