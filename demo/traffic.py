"""When the demo's stories are told: the past weeks in one go, then one after another for ever. Pure."""

import heapq
import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from demo.cast import Customer
from demo.story import tell_story, tell_unanswered_template
from demo.teller import Happening, Pace

LIVE_PACE = Pace(customer=(2.0, 14.0), bot=(0.6, 1.8), human=(4.0, 20.0))
EVENTS_PER_STORY = 30
"""About; it sets how often a live story begins for the rate asked for."""
QUIETEST_HOUR_SHARE = 0.15
REPEATED_SHARE = 0.004
"""How many facts are sent twice, as sources do."""


def past_happenings(
    rng: random.Random, customers: Sequence[Customer], now: datetime, *, weeks: int, conversations: int
) -> list[Happening]:
    """`conversations` stories of the past weeks and some unanswered templates, by time, all before `now`.

    A customer's next story begins after the one before has ended.
    """
    busy_until: dict[str, datetime] = {}
    facts: list[Happening] = []
    starts = sorted(_past_moment(rng, now, weeks) for _ in range(conversations))
    for moment in starts:
        customer = rng.choice(customers)
        thread = customer.thread.contact.value
        start = max(moment, busy_until.get(thread, moment) + timedelta(minutes=rng.uniform(1, 30)))
        if rng.random() < 0.06:
            facts.extend(tell_unanswered_template(rng, customer, start))
            continue
        story = tell_story(rng, customer, start, pace=Pace(), by_hsm=_answers_hsm(rng, customer))
        busy_until[thread] = story[-1].at + timedelta(minutes=1)
        facts.extend(story)
    return sorted((fact for fact in facts if fact.at < now), key=lambda fact: fact.at)


def live_happenings(
    rng: random.Random, customers: Sequence[Customer], now: datetime, *, rate: float
) -> Iterator[Happening]:
    """Facts from `now` on, by time, without end; about `rate` of them a second of their own clock."""
    pending: list[tuple[datetime, int, Happening]] = []
    numbers = itertools.count()
    busy_until: dict[str, datetime] = {}
    next_start = now
    while True:
        while not pending or next_start <= pending[0][0]:
            customer = _free_customer(rng, customers, busy_until, next_start)
            if customer is not None:
                story = tell_story(
                    rng,
                    customer,
                    next_start,
                    pace=LIVE_PACE,
                    by_hsm=_answers_hsm(rng, customer),
                    leave_open=rng.random() < 0.25,
                )
                busy_until[customer.thread.contact.value] = story[-1].at + timedelta(seconds=30)
                for fact in story:
                    heapq.heappush(pending, (fact.at, next(numbers), fact))
            next_start += timedelta(seconds=rng.expovariate(rate / EVENTS_PER_STORY))
        yield heapq.heappop(pending)[2]


def _free_customer(
    rng: random.Random, customers: Sequence[Customer], busy_until: dict[str, datetime], moment: datetime
) -> Customer | None:
    """Somebody who is not talking already; None when nearly everybody is."""
    for _ in range(20):
        customer = rng.choice(customers)
        if busy_until.get(customer.thread.contact.value, moment) <= moment:
            return customer
    return None


def _answers_hsm(rng: random.Random, customer: Customer) -> bool:
    return customer.desk.channel == "whatsapp" and rng.random() < 0.2


def _past_moment(rng: random.Random, now: datetime, weeks: int) -> datetime:
    """People write by day; Sundays are quiet."""
    while True:
        moment = now - timedelta(seconds=rng.uniform(900, max(weeks, 1) * 7 * 86_400))
        by_day = 1.0 if 12 <= moment.hour <= 23 else QUIETEST_HOUR_SHARE
        if rng.random() < by_day * (0.4 if moment.weekday() == 6 else 1.0):
            return moment
