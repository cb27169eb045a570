"""Records that break decoders, clocks and indexes: each is refused by name, its neighbours are applied, the worker lives."""

import asyncio

from tests.support.faults.directed import Scene, Sending
from tests.support.faults.directed_records import APPLIED, REFUSED

EACH = 3
NEIGHBOURS = 25
"""Good events beside each bad one: the breaker stops a worker that refuses too much."""


async def test_records_that_nothing_can_store_are_refused_by_name_among_good_neighbours(scene: Scene) -> None:
    worker = scene.start()
    sendings: list[Sending] = []
    reasons: list[str | None] = []
    for number, (reason, make) in enumerate(list(REFUSED.values()) * EACH):
        key, value = make(1_000_000 + number)
        sendings += [*scene.messages(NEIGHBOURS), Sending(key, value, number % 2, refused=True)]
        reasons += [*[None] * NEIGHBOURS, reason.value]
    for number, make in enumerate(APPLIED.values()):
        sendings.append(Sending(*make(2_000_000 + number), number % 2))
        reasons.append(None)
    places = await asyncio.to_thread(scene.send, sendings)
    await scene.caught_up()
    expected = {place: reason for place, reason in zip(places, reasons, strict=True) if reason is not None}
    letters = await scene.fetch(
        "SELECT partition, position, reason, record_key, record_value"
        " FROM log.dead_letter JOIN log.checkpoint USING (stream_id)"
    )
    found = {(row["partition"], row["position"]): row for row in letters}
    assert {place: row["reason"] for place, row in found.items()} == expected
    for place, sending in zip(places, sendings, strict=True):
        if place in found:
            row = found[place]
            assert (row["record_key"], row["record_value"]) == (sending.key, sending.value), "kept as it came"
    assert worker.exit_code() is None
    assert worker.log().count("process_started") == 1
    await scene.ready(worker)
    await scene.settled()
