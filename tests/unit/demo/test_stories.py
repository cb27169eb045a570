import itertools
import random
from datetime import UTC, datetime, timedelta

from bitacora_producer import Producer
from bitacora_producer.record import Delivery, Record
from bitacora_producer.transport import Report
from bitacora_schemas.events.conversation import ConversationEnded
from bitacora_schemas.events.message import MessageSent

from demo.cast import DESKS, make_customer
from demo.story import tell_story
from demo.teller import Pace
from demo.traffic import live_happenings, past_happenings

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CUSTOMERS = [make_customer(number) for number in range(120)]


class Taken:
    """A transport that takes every record."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def send(self, record: Record, report: Report) -> None:
        self.records.append(record)
        report(Delivery(record.event_id, record.topic, 0, len(self.records), None))

    def flush(self, timeout: float) -> None: ...

    def close(self, timeout: float) -> None: ...


def test_every_fact_of_the_demo_is_an_event_that_ingest_accepts() -> None:
    """The producer checks each event as ingest will."""
    taken = Taken()
    past = past_happenings(random.Random(1), CUSTOMERS, NOW, weeks=2, conversations=60)
    for fact in past:
        producer = Producer(
            account="demo",
            connection=fact.customer.desk.connection,
            environment=fact.environment,
            transport=taken,
        )
        producer.publish(fact.data, time=fact.happened_at or fact.at, recordedtime=fact.at)
    assert len(taken.records) == len(past) > 600
    assert len({record.event_id for record in taken.records}) == len(past), "every fact has its own id"


def test_the_same_seed_tells_the_same_past() -> None:
    first = past_happenings(random.Random(7), CUSTOMERS, NOW, weeks=1, conversations=30)
    assert first == past_happenings(random.Random(7), CUSTOMERS, NOW, weeks=1, conversations=30)
    assert first == sorted(first, key=lambda fact: fact.at)
    assert first[-1].at < NOW


def test_every_channel_and_both_languages_are_on_stage() -> None:
    assert {customer.desk.channel for customer in CUSTOMERS} == {desk.channel for desk in DESKS}
    assert any(customer.contact.phone is None for customer in CUSTOMERS)


def test_a_story_by_hsm_begins_with_the_template_and_ends_once() -> None:
    customer = next(c for c in CUSTOMERS if c.desk.channel == "whatsapp")
    story = tell_story(random.Random(3), customer, NOW, pace=Pace(), by_hsm=True)
    assert isinstance(story[0].data, MessageSent)
    assert story[0].data.message.is_template
    assert sum(isinstance(fact.data, ConversationEnded) for fact in story) == 1


def test_live_traffic_keeps_its_order_and_about_its_rate() -> None:
    live = live_happenings(random.Random(5), [make_customer(n) for n in range(600)], NOW, rate=20)
    facts = list(itertools.islice(live, 6_000))
    assert all(a.at <= b.at for a, b in itertools.pairwise(facts))
    seconds = (facts[-1].at - facts[2_000].at) / timedelta(seconds=1)
    assert 10 < 4_000 / seconds < 40
