"""What reading one event costs: `python -m benchmarks.decode_events`.

Prints microseconds a record, best of nine, for every example: the whole `decode_event` with all its checks, and for
comparison msgspec into plain dicts and the standard library's parser, neither of which checks anything.
"""

import json
import timeit
from collections.abc import Callable
from pathlib import Path

import msgspec
from bitacora_schemas.events import decode_event

EXAMPLES = Path(__file__).parents[1] / "schemas" / "examples"
ROUNDS = 5000


def microseconds(work: Callable[[], object]) -> float:
    """The best of nine runs, for one call."""
    return min(timeit.repeat(work, number=ROUNDS, repeat=9)) / ROUNDS * 1e6


def main() -> None:
    """Prints one line an example."""
    print(f"{'example':<62}{'bytes':>6}{'decode':>8}{'dicts':>8}{'json':>8}")
    for path in sorted(EXAMPLES.glob("*/*.json")):
        value = json.dumps(json.loads(path.read_text("utf-8")), separators=(",", ":")).encode()
        costs = [
            microseconds(lambda value=value, read=read: read(value))  # type: ignore[misc] # lambda defaults have no types
            for read in (decode_event, msgspec.json.decode, json.loads)
        ]
        name = f"{path.parent.name.removeprefix('bitacora.')}/{path.stem}"
        print(f"{name:<62}{len(value):>6}" + "".join(f"{cost:>8.2f}" for cost in costs))


if __name__ == "__main__":
    main()
