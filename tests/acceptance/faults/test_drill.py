"""The short drill: every kind of fault under load, every window hit, nothing lost, nothing doubled."""

import os
from pathlib import Path

import pytest

from tests.support.faults.__main__ import say
from tests.support.faults.drill import Order, run_round
from tests.support.faults.report import describe, judge_rounds
from tests.support.faults.servers import running_servers

SEED = int(os.environ.get("BITACORA_DRILL_SEED", "20260302"))
KILLS = 20
RECORDS = 45_000


@pytest.mark.timeout(600)
async def test_nothing_is_lost_and_nothing_doubled_whatever_fails(
    tmp_path: Path, stack_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = Order(seed=SEED, kills=KILLS, records=RECORDS)
    async with running_servers(tmp_path / "servers", stack_cache) as servers:
        found = await run_round(servers, order, tmp_path, say)
    with capsys.disabled():  # what was hit is worth reading when all went well, too
        print(f"\n{describe([found], least=1)}")
    assert judge_rounds([found], least=1) == []
    assert found.events > RECORDS * 0.9
