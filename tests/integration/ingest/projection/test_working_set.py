"""What a batch reads of a thread depends on what happens now, not on how much has happened there before."""

import pytest

from services.chassis.postgres import OwnConnection, connect
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.load import load_working_set
from services.ingest.projection.people.load import load_people
from services.ingest.projection.people.merging import merge_people
from services.ingest.projection.reduce import collect
from services.ingest.projection.working_set import WorkingSet
from tests.support.delivery import RULES, deliver
from tests.support.scenarios import Line


@pytest.mark.parametrize("ended", [True, False], ids=["between two", "amid one"])
async def test_a_thread_that_was_busy_all_day_costs_a_batch_what_a_quiet_one_does(
    database: str,
    ended: bool,  # noqa: FBT001
) -> None:
    conn = await connect(database, application_name="test")
    try:
        quiet = await _loaded(conn, conversations=2, ended=ended)
        busy = await _loaded(conn, conversations=60, ended=ended)
    finally:
        await conn.close()
    assert busy == quiet
    assert quiet["conversations"] > 0
    assert quiet["waiting"] > 0


async def test_an_event_of_an_hour_ago_reads_what_stood_there_then(database: str) -> None:
    line = _busy_thread(conversations=60, ended=True)
    conn = await connect(database, application_name="test")
    try:
        await deliver(conn, line.events)
        now = await _load(conn, [line.customer("now", 1000.0)])
        late = await _load(conn, [line.hsm("late", 940.0, recorded=1000.0)])
    finally:
        await conn.close()
    assert len(late.conversations) > len(now.conversations)


def _busy_thread(*, conversations: int, ended: bool) -> Line:
    """Every ten minutes an HSM, its answer, and (but perhaps for the last) an end; minute 1000 comes after all of it."""
    line = Line()
    for number in range(conversations):
        start = 1000.0 - 10 * (conversations - number)
        line.hsm(f"w{number}", start)
        line.status(f"w{number}", "delivered", start + 1)
        line.customer(f"m{number}", start + 2)
        if ended or number < conversations - 1:
            line.ended(start + 4)
    line.hsm("last", 995)
    return line


async def _loaded(conn: OwnConnection, *, conversations: int, ended: bool) -> dict[str, int]:
    line = _busy_thread(conversations=conversations, ended=ended)
    await deliver(conn, line.events)
    batch = [line.customer("new", 1000.0), line.hsm("another", 1000.5), line.status("last", "read", 1001.0)]
    work = await _load(conn, batch)
    return {
        "threads": len(work.threads),
        "conversations": len(work.conversations),
        "waiting": len(work.waiting),
        "places": len(work.places),
        "messages": len(work.messages),
        "updates": len(work.statuses) + len(work.revisions) + len(work.reactions) + len(work.files),
    }


async def _load(conn: OwnConnection, batch: list[LoggedEvent]) -> WorkingSet:
    async with conn.transaction():
        work = WorkingSet()
        mentions, claims = collect(batch)
        people = await load_people(conn, work, claims)
        await load_working_set(conn, work, mentions, merge_people(work, people), RULES)
    return work
