"""Two workers project linked threads at the same time; what comes out is what one worker makes (docs/semantics.md §4, §11)."""

import asyncio
from collections.abc import Sequence

import asyncpg

from services.chassis.postgres import connect, is_transient
from services.ingest.log.logged_event import LoggedEvent
from services.ingest.projection.people.load import ContactsContendedError
from services.ingest.projection.project import project
from tests.support.delivery import RULES, deliver
from tests.support.scenarios import Line, interleaved
from tests.support.tables import clear, differences, dump

THREADS = 12


def _lines() -> tuple[list[Line], list[Line]]:
    """Customers known under a dialled number on one partition and under another identifier on the other."""
    dialled, known = [], []
    for number in range(THREADS):
        one = Line(f"55119000000{number:02d}", kind="phone")
        two = Line(f"bsuid-{number}", kind="bsuid", stream_id=2)
        for turn in range(4):
            at = turn * 100
            one.hsm(f"w{number}-{turn}", at)
            one.status(f"w{number}-{turn}", "sent", at + 1)
            two.status(f"w{number}-{turn}", "read", at + 5)
            two.customer(f"m{number}-{turn}", at + 10, reply=f"w{number}-{turn}" if turn % 2 else None)
            if turn == 1:
                two.linked(at + 11, ("phone", f"55119000000{number:02d}"))
            two.ended(at + 20)
        dialled.append(one)
        known.append(two)
    return dialled, known


async def _work(dsn: str, events: Sequence[LoggedEvent], size: int) -> None:
    """What a worker does: a batch a transaction, again after an error that passes."""
    conn = await connect(dsn, application_name="test")
    try:
        start = 0
        while start < len(events):
            try:
                async with conn.transaction():
                    await project(conn, events[start : start + size], RULES)
                start += size
            except (asyncpg.PostgresError, ContactsContendedError) as error:
                if not is_transient(error):
                    raise
    finally:
        await conn.close()


async def test_two_workers_make_what_one_makes(database: str) -> None:
    dialled, known = _lines()
    conn = await connect(database, application_name="test")
    try:
        whole = await deliver(conn, interleaved(*dialled, *known))
        for size in (7, 31):
            await clear(conn)
            turns = [index for _ in range(12) for index in range(THREADS)]
            async with asyncio.timeout(90), asyncio.TaskGroup() as group:
                group.create_task(_work(database, interleaved(*dialled, order=turns), size))
                group.create_task(_work(database, interleaved(*known, order=turns), size))
            found = differences(whole, await dump(conn))
            assert not found, "\n".join(found)
    finally:
        await conn.close()


async def test_two_workers_that_merge_the_same_contacts_over_and_over_make_what_one_makes(
    database: str,
) -> None:
    """Every thread of either worker links identifiers that the other's threads link too, each in an order of its own."""
    sides: list[list[Line]] = []
    for side in (1, 2):
        lines = [Line(f"{side}-{number}", kind="bsuid", stream_id=side) for number in range(16)]
        for number, line in enumerate(lines):
            line.customer(f"m{side}-{number}", number)
            line.linked(number + 20, ("external", f"x{number // 2}"), ("external", f"y{number % 5}"))
            line.linked(number + 40, ("external", f"x{(number + side) % 8}"))
            line.customer(f"n{side}-{number}", number + 60)
        sides.append(lines if side == 1 else lines[::-1])
    conn = await connect(database, application_name="test")
    try:
        whole = await deliver(conn, interleaved(*sides[0], *sides[1]))
        assert len(whole["contact"]) == 1
        for size in (1, 5):
            await clear(conn)
            async with asyncio.timeout(90), asyncio.TaskGroup() as group:
                for lines in sides:
                    group.create_task(_work(database, interleaved(*lines), size))
            found = differences(whole, await dump(conn))
            assert not found, "\n".join(found)
    finally:
        await conn.close()


async def test_conversations_of_one_millisecond_get_keys_of_their_own(database: str) -> None:
    line = Line()
    opening = line.customer("m1", 0, picture=True)
    line.sent("m2", 1)
    line.transferred(2)
    conn = await connect(database, application_name="test")
    try:
        await deliver(conn, [opening])
        taken = await conn.fetchval("SELECT conv_key FROM conversation")
        await clear(conn)
        await deliver(conn, Line("5511900000001").events or [Line("5511900000001").customer("x", 0)])
        await conn.execute("UPDATE conversation SET conv_key = $1", taken)
        async with conn.transaction():
            await project(conn, line.events, RULES)
        keys = await conn.fetch("SELECT conv_key FROM conversation ORDER BY 1")
        assert [row["conv_key"] for row in keys] == [taken, taken + 1]
        for table in ("message", "file", "transfer"):
            assert (
                await conn.fetchval(f"SELECT min(conv_key) FROM {table} WHERE conv_key > $1", taken)
                == taken + 1
            )
        assert (
            await conn.fetchval("SELECT open_conv_key FROM thread WHERE thread_key = $1", line.key)
            == taken + 1
        )
    finally:
        await conn.close()
