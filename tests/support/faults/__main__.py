"""`make drill`: the long drill, in rounds. Each finished round is a line in the results file, and a second run with the
same numbers goes on behind the last of them.

Exit codes: 0 nothing lost, nothing doubled, every window hit; 1 otherwise.
"""

import argparse
import asyncio
import math
import shutil
import sys
import time
from pathlib import Path

import msgspec

from embedded.reach import server_user, temporary_folder
from tests.support.canaries.flock import BUILDS
from tests.support.faults.drill import Order, run_round
from tests.support.faults.report import Round, describe, judge_rounds
from tests.support.faults.servers import running_servers

KILLS_A_ROUND = 30
BAD_RECORDS_SHARE = 0.01
"""More than are sent, so that the good events alone reach the number asked for."""
REPOSITORY = Path(__file__).parents[3]


def orders_of(seed: int, kills: int, events: int, canary: str | None = None) -> list[Order]:
    """The rounds of a drill: every third one reads Kafka by aiokafka alone, the others by Faust."""
    rounds = max(1, math.ceil(kills / KILLS_A_ROUND))
    return [
        Order(
            seed=seed * 1_000 + number,
            kills=math.ceil(kills / rounds),
            records=math.ceil(events / rounds * (1 + BAD_RECORDS_SHARE)),
            source="aiokafka" if number % 3 == 2 else "faust",
            canary=canary,
        )
        for number in range(rounds)
    ]


async def drill(orders: list[Order], results: Path, folder: Path) -> list[Round]:
    """Plays the rounds that the results file does not have yet; answers all of them."""
    found = read(results)
    done = {(round_.seed, round_.source) for round_ in found}
    left = [order for order in orders if (order.seed, order.source) not in done]
    if found:
        say(f"{len(found)} rounds are in {results} already")
    if not left:
        return found
    async with running_servers(folder / "servers", REPOSITORY / ".bitacora" / "cache") as servers:
        for order in left:
            say(f"round {len(found) + 1} of {len(orders)}: {order}")
            found.append(await run_round(servers, order, folder / str(order.seed), say))
            with results.open("ab") as file:
                file.write(msgspec.json.encode(found[-1]) + b"\n")
            say(describe(found[-1:], least=1))
    return found


def read(results: Path) -> list[Round]:
    """The rounds in a results file."""
    if not results.exists():
        return []
    return [msgspec.json.decode(line, type=Round) for line in results.read_bytes().splitlines()]


def say(line: str) -> None:
    """Progress, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--canary", choices=sorted(BUILDS), help="drill a broken build, which must fail")
    wanted = parser.parse_args()
    name = f"{wanted.canary or 'seed'}-{wanted.seed}-kills-{wanted.kills}-events-{wanted.events}.jsonl"
    results: Path = wanted.results or REPOSITORY / ".bitacora" / "drill" / name
    results.parent.mkdir(parents=True, exist_ok=True)
    orders = orders_of(wanted.seed, wanted.kills, wanted.events, wanted.canary)
    folder = temporary_folder(server_user())
    say(f"the workers' logs are in {folder}")
    found = asyncio.run(drill(orders, results, folder))
    # Every round hits every window, so ten rounds hit each ten times at least.
    say(f"all rounds:\n{describe(found, least=len(orders))}")
    if judge_rounds(found, least=len(orders)):
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
