"""`python -m benchmarks.decode`: what it costs to read an event, beside what everybody would write first.

CPU microseconds an event, best of several rounds, same events, one process, rounds in turn.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
from bitacora_schemas.events.decode import decode_event

ROUNDS = 7
EVENTS = 2_000
ROOT = Path(__file__).parents[1] / "schemas"


def _cpu_us(read: Callable[[bytes], object], values: list[bytes]) -> float:
    start = time.process_time()
    for value in values:
        read(value)
    return (time.process_time() - start) / len(values) * 1e6


def main() -> None:
    """Prints a Markdown table."""
    name = "bitacora.message.received.v1"
    example = min((ROOT / "examples" / name).glob("*.json")).read_bytes()
    value = json.dumps(json.loads(example), ensure_ascii=False, separators=(",", ":")).encode()
    schema = json.loads((ROOT / "json" / f"{name}.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    readers: dict[str, tuple[Callable[[bytes], object], int]] = {
        "ours: decode and check every rule": (decode_event, EVENTS),
        "json.loads, no check": (json.loads, EVENTS),
        "json.loads and jsonschema": (lambda raw: validator.validate(json.loads(raw)), EVENTS // 20),
    }
    best = dict.fromkeys(readers, float("inf"))
    for _ in range(ROUNDS):
        for label, (read, count) in readers.items():
            best[label] = min(best[label], _cpu_us(read, [value] * count))
    ours = next(iter(best.values()))
    print(f"{name}, {len(value)} bytes\n\n| reader | CPU us an event | x of ours |\n|---|---|---|")
    for label, figure in best.items():
        print(f"| {label} | {figure:.1f} | {figure / ours:.1f} |")


if __name__ == "__main__":
    main()
