"""Where records go while a broker misbehaves: in order, each told once, none lost that was called safe."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.producer.carrying import (
    WAIT,
    Told,
    die,
    in_order,
    open_transport,
    record,
    use,
    working,
)
from tests.integration.producer.unreliable_broker import POISON, Broker

SEEDS = range(5)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("spooled", [True, False])
def test_whatever_the_broker_does_order_holds_and_each_record_is_told_once(
    *, seed: int, spooled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker(seed)
    broker.trouble = 0.01
    use(broker, monkeypatch)
    told = Told()
    carried = open_transport(told, tmp_path / "spool" if spooled else None)
    chance = random.Random(seed)
    poison = set()
    with working(broker, chance):
        for number in range(1, 1_500):
            is_poison = chance.random() < 0.003
            poison |= {number} if is_poison else set()
            carried.send(record(number, number % 3, POISON if is_poison else b"v"), told.note)
            if chance.random() < 0.02:
                time.sleep(0.01)
        broker.trouble = 0.0
    broker.is_away = False
    with working(broker):
        carried.drain(WAIT)
        carried.close(WAIT)
    assert Counter(one.event_id for one in told.said).most_common(1)[0][1] == 1
    assert len(told.said) == 1_499
    refused = {
        one.event_id.int for one in told.said + told.replayed if one.state == "failed" and one.event_id
    }
    assert refused == poison
    for key, numbers in in_order(broker).items():
        assert numbers == [n for n in range(1, 1_500) if f"k{n % 3}".encode() == key and n not in poison]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_called_safe_survives_the_process(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker(seed)
    use(broker, monkeypatch)
    chance = random.Random(seed)
    told = Told()
    number = 0
    for _ in range(4):
        carried = open_transport(told, tmp_path)
        with working(broker, chance):
            for _ in range(400):
                number += 1
                carried.send(record(number, number % 3), told.note)
            time.sleep(chance.random() * 0.1)
        die(carried)
    broker.is_away = False
    carried = open_transport(told, tmp_path)
    with working(broker):
        carried.drain(WAIT)
        carried.close(WAIT)
    found = {number for numbers in in_order(broker).values() for number in numbers}
    assert {*told.ids("acknowledged"), *told.ids("spooled")} <= found
    assert told.ids("failed") == []
    for numbers in in_order(broker).values():
        assert numbers == sorted(numbers)
