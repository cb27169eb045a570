"""`python -m benchmarks.ingest`: see `--help`; the figures are kept in docs/benchmarks/ingest.md."""

import argparse
import logging
import sys
from pathlib import Path

import structlog

from benchmarks.ingest.comparison import compare, make_load, versions
from benchmarks.ingest.figures import as_json, as_ratios, as_table
from benchmarks.ingest.pipelines import OURS, PIPELINES, named
from benchmarks.ingest.servers import servers


def main(arguments: list[str]) -> int:
    """Runs what is asked for; answers the exit code."""
    options = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    load = make_load(options.events, seed=options.seed)
    with servers() as running:
        figures = compare(running, named(options.only), load, rounds=options.rounds)
    print(f"\n{versions()}\n\nCPU microseconds an event, medians of {options.rounds} rounds\n")
    print(as_table(figures))
    print(f"\n{as_ratios(figures, ours=OURS)}")
    if options.json:
        options.json.write_text(as_json(figures), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], metavar="PIPELINE", help=", ".join(p.name for p in PIPELINES))
    parser.add_argument("--json", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
