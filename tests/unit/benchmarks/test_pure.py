"""The bound that needs no server: every stage is measured, and decoding costs more than the parser that it uses."""

import re

from benchmarks.ingest.pure import CLASSIFYING, DECODING, FOLDING, PARSING, measure_pure


def test_every_stage_has_a_figure_and_decoding_holds_what_the_parser_does() -> None:
    figures = dict(
        re.findall(
            r"^\| ([^|]+?) +\| +([\d.]+) +\|$", measure_pure(events=300, rounds=2, seed=1), re.MULTILINE
        )
    )
    assert list(figures) == [PARSING, DECODING, CLASSIFYING, FOLDING]
    assert float(figures[DECODING]) > float(figures[PARSING]) > 0
