"""What the producer library sends, function by function, and how it tells failures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from bitacora_producer import (
    BufferFullError,
    Delivery,
    DeliveryError,
    FlushTimeoutError,
    InvalidEventError,
    Producer,
    Receipt,
    Record,
    Thread,
    parts,
)
from bitacora_producer.transport import Report
from bitacora_schemas.events import (
    Actor,
    Campaign,
    Chatbot,
    Contact,
    File,
    Identifier,
    Origin,
    Template,
    check_thread_key,
    decode_event,
)
from bitacora_schemas.events.catalog import CATALOG
from bitacora_schemas.thread_key import thread_key

from tests.support.memory_transport import MemoryTransport

THREAD = Thread("whatsapp", "106540352242922", "wa_id", "5511900000000")
AT = datetime(2026, 3, 2, 14, 5, 31, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 14, 5, 32, 418000, tzinfo=UTC)
BOT = Actor(kind="bot", id="orders")

EVERY_FUNCTION: dict[str, Callable[[Producer], Receipt]] = {
    "conversation.started": lambda p: p.started(THREAD),
    "conversation.ended": lambda p: p.ended(THREAD, reason="assistant", by=BOT),
    "conversation.transferred": lambda p: p.transferred(THREAD, to=Actor(kind="human"), from_=BOT),
    "message.received": lambda p: p.message_received(THREAD, text="Hola"),
    "message.sent": lambda p: p.message_sent(THREAD, text="¿Qué tal?"),
    "message.status_changed": lambda p: p.message_status_changed(THREAD, message_id="m", status="read"),
    "message.edited": lambda p: p.message_edited(THREAD, message_id="m", text="Hola!"),
    "message.deleted": lambda p: p.message_deleted(THREAD, message_id="m", actor=BOT),
    "message.reacted": lambda p: p.message_reacted(THREAD, message_id="m", emoji=None),
    "file.stored": lambda p: p.file_stored(
        THREAD,
        message_id="m",
        file=File(file_id="f", kind="image", mime_type="image/png", state="stored", stored_uri="file:f"),
    ),
    "file.unavailable": lambda p: p.file_unavailable(THREAD, message_id="m", reason="expired"),
    "contact.updated": lambda p: p.contact_updated(THREAD, contact=Contact(name="Ana")),
    "contact.identity_linked": lambda p: p.identity_linked(
        THREAD, link=[Identifier(kind="email", value="ana@example.com")]
    ),
    "contact.erased": lambda p: p.contact_erased(THREAD, hashed_ids=["ab12"], requested_at=AT),
    "conversation.annotated": lambda p: p.annotated(
        THREAD, annotation_id="a", kind="label", key="reclamo", value=True, by=Actor(kind="human", id="h-1")
    ),
    "evaluation.asked": lambda p: p.evaluation_asked(
        THREAD, evaluation_id="e", metric="nps", question="¿Nos recomendarías?"
    ),
    "evaluation.answered": lambda p: p.evaluation_answered(THREAD, evaluation_id="e", metric="nps", score=9),
    "template.defined": lambda p: p.template_defined(
        THREAD, template_id="t", name="order_update", language="es", components=[{"type": "BODY"}]
    ),
    "source.unmapped": lambda p: p.source_unmapped(
        THREAD, source=Origin(kind="zenvia", raw={"type": "?"}), why="unknown type"
    ),
}


@pytest.fixture
def transport() -> MemoryTransport:
    return MemoryTransport()


@pytest.fixture
def producer(transport: MemoryTransport) -> Producer:
    return producer_over(transport)


def producer_over(
    transport: MemoryTransport, on_delivery: Callable[[Delivery], None] | None = None
) -> Producer:
    return Producer(
        account="acme",
        connection="wa-5511",
        chatbot=Chatbot(id="orders", name="Pedidos"),
        transport=transport,
        clock=lambda: NOW,
        on_delivery=on_delivery,
    )


def test_there_is_a_function_for_every_type_of_the_events_topic() -> None:
    assert {f"bitacora.{name}" for name in EVERY_FUNCTION} == {name for name, _ in CATALOG}


@pytest.mark.parametrize("name", EVERY_FUNCTION)
def test_every_function_sends_one_event_that_ingest_accepts(
    name: str, producer: Producer, transport: MemoryTransport
) -> None:
    receipt = EVERY_FUNCTION[name](producer)
    (record,) = transport.records
    event = decode_event(record.value, record.headers)
    check_thread_key(event, record.key)
    assert event.type == f"bitacora.{name}"
    assert event.id == receipt.event_id == record.event_id
    assert (
        event.thread_key
        == receipt.thread_key
        == thread_key("acme", "production", "whatsapp", "106540352242922", "wa_id", "5511900000000")
    )
    assert dict(record.headers) == {
        "content-type": b"application/cloudevents+json; charset=UTF-8",
        "ce_type": f"bitacora.{name}.v1".encode(),
        "ce_id": str(event.id).encode(),
        "ce_accountid": b"acme",
    }


@pytest.mark.parametrize("name", EVERY_FUNCTION)
def test_what_happened_at_a_given_time_has_an_id_of_that_time(name: str, transport: MemoryTransport) -> None:
    receipt = EVERY_FUNCTION[name](producer_over(transport))
    assert receipt.event_id is not None
    assert receipt.event_id.version == 8
    assert receipt.event_id.variant == "specified in RFC 4122"


def test_the_same_message_published_twice_is_one_fact(producer: Producer) -> None:
    first = producer.message_received(THREAD, text="Hola", message_id="wamid.1", time=AT)
    again = producer.message_received(THREAD, text="Hola", message_id="wamid.1", time=AT)
    other = producer.message_received(THREAD, text="Hola", message_id="wamid.2", time=AT)
    assert first.event_id == again.event_id != other.event_id


def test_each_status_of_a_message_is_a_fact_of_its_own(producer: Producer) -> None:
    ids = {
        producer.message_status_changed(
            THREAD, message_id="m", status=status, part_index=part, time=at
        ).event_id
        for status in ("sent", "read")
        for part in (None, 0)
        for at in (AT, AT + timedelta(seconds=1))
    }
    assert len(ids) == 8


def test_two_edits_of_a_message_are_two_facts(producer: Producer) -> None:
    first = producer.message_edited(THREAD, message_id="m", text="a", time=AT)
    second = producer.message_edited(THREAD, message_id="m", text="a", time=AT + timedelta(seconds=1))
    assert first.event_id != second.event_id


def test_without_a_time_an_event_is_marked_as_received_now(
    producer: Producer, transport: MemoryTransport
) -> None:
    producer.message_received(THREAD, text="Hola")
    (event,) = transport.events
    assert event["time"] == event["recordedtime"] == "2026-03-02T14:05:32.418000Z"
    assert event["data"]["time_quality"] == "received"


def test_a_time_in_another_zone_is_sent_in_utc(producer: Producer, transport: MemoryTransport) -> None:
    at = AT.astimezone(timezone(timedelta(hours=-3)))
    producer.message_received(THREAD, text="Hola", time=at)
    assert transport.events[0]["time"] == "2026-03-02T14:05:31Z"
    assert transport.events[0]["data"]["time_quality"] == "source"


def test_a_time_without_a_zone_is_not_sent(producer: Producer, transport: MemoryTransport) -> None:
    with pytest.raises(InvalidEventError, match="zone"):
        producer.message_received(THREAD, text="Hola", time=AT.replace(tzinfo=None))
    assert transport.records == []


def test_a_phone_is_filled_from_a_wa_id(producer: Producer, transport: MemoryTransport) -> None:
    producer.message_received(THREAD, text="Hola", contact=Contact(name="Ana"))
    contact = transport.events[0]["data"]["contact"]
    assert contact["phone"] == "+5511900000000"
    assert contact["ids"] == [{"kind": "wa_id", "value": "5511900000000"}]


def test_a_customer_without_a_phone_gets_none(producer: Producer, transport: MemoryTransport) -> None:
    producer.message_received(Thread("whatsapp", "1065", "bsuid", "BR.123"), text="Hola")
    assert "phone" not in transport.events[0]["data"]["contact"]


def test_a_given_phone_stays(producer: Producer, transport: MemoryTransport) -> None:
    producer.message_received(THREAD, text="Hola", contact=Contact(phone="+5511900000001"))
    assert transport.events[0]["data"]["contact"]["phone"] == "+5511900000001"


def test_parts_are_numbered_and_read_as_plain_text(producer: Producer, transport: MemoryTransport) -> None:
    producer.message_sent(
        THREAD, parts=[parts.text("Tu factura"), parts.media("document", "application/pdf", name="f.pdf")]
    )
    message = transport.events[0]["data"]["message"]
    assert [part["index"] for part in message["parts"]] == [0, 1]
    assert message["plain_text"] == "Tu factura\nf.pdf"


def test_an_hsm_is_sent_by_its_campaign_with_its_text(producer: Producer, transport: MemoryTransport) -> None:
    template = Template(name="order_update", language="es", rendering="provided", text="Hola Ana")
    producer.template_sent(THREAD, template, campaign=Campaign(id="c-31", name="Cobranza"))
    data = transport.events[0]["data"]
    assert data["message"]["plain_text"] == "Hola Ana"
    assert data["message"]["sender"] == {"kind": "campaign", "id": "c-31", "name": "Cobranza"}
    assert data["message"]["parts"][0]["template"]["name"] == "order_update"


def test_an_hsm_without_its_text_still_says_which_it_was(
    producer: Producer, transport: MemoryTransport
) -> None:
    producer.template_sent(THREAD, Template(name="order_update", language="es", rendering="none"))
    assert transport.events[0]["data"]["message"]["plain_text"] == "order_update (es)"


def test_a_message_has_either_text_or_parts(producer: Producer) -> None:
    with pytest.raises(ValueError, match="either"):
        producer.message_sent(THREAD)
    with pytest.raises(ValueError, match="either"):
        producer.message_sent(THREAD, text="a", parts=[parts.text("a")])


def test_what_ingest_would_refuse_is_refused_here(producer: Producer, transport: MemoryTransport) -> None:
    with pytest.raises(InvalidEventError) as caught:
        producer.ended(THREAD, reason="timeout", by=Actor(kind="system"), conversation_id=uuid4())
    assert caught.value.reason == "bad_data"
    with pytest.raises(InvalidEventError) as caught:
        producer.message_received(THREAD, text="a\0b")
    assert caught.value.reason == "unstorable_text"
    assert transport.records == []


def test_a_failed_delivery_is_raised_by_flush_once() -> None:
    producer = producer_over(MemoryTransport(error=OSError("away")))
    receipt = producer.message_received(THREAD, text="Hola")
    with pytest.raises(DeliveryError) as caught:
        producer.flush()
    assert [delivery.event_id for delivery in caught.value.failed] == [receipt.event_id]
    producer.flush()
    with pytest.raises(DeliveryError):
        receipt.wait(1)


def test_a_callback_takes_failures_instead_of_flush() -> None:
    seen: list[Delivery] = []
    producer = producer_over(MemoryTransport(error=OSError("away")), seen.append)
    producer.message_received(THREAD, text="Hola")
    producer.flush()
    assert len(seen) == 1
    assert isinstance(seen[0].error, OSError)


def test_a_callback_that_raises_does_not_hold_flush_up() -> None:
    def explode(delivery: Delivery) -> None:
        raise RuntimeError("the caller's own fault")

    producer = producer_over(MemoryTransport(), explode)
    with pytest.raises(RuntimeError):
        producer.message_received(THREAD, text="Hola")
    producer.flush(0.1)


def test_flush_says_when_events_are_still_on_their_way() -> None:
    transport = MemoryTransport(hold=True)
    producer = producer_over(transport)
    receipt = producer.message_received(THREAD, text="Hola")
    with pytest.raises(FlushTimeoutError) as caught:
        producer.flush(0.05)
    assert (caught.value.waiting, caught.value.spooled) == ((receipt.event_id,), 0)
    with pytest.raises(TimeoutError):
        receipt.wait(0.01)
    transport.release()
    producer.flush()
    assert receipt.wait(1).offset == 1


def test_closing_names_the_events_of_which_nothing_is_known() -> None:
    producer = producer_over(MemoryTransport(hold=True))
    receipt = producer.message_received(THREAD, text="Hola")
    with pytest.raises(DeliveryError) as caught:
        producer.close()
    assert [one.event_id for one in caught.value.failed] == [receipt.event_id]


def test_an_event_that_the_transport_does_not_take_is_not_waited_for() -> None:
    class Full(MemoryTransport):
        def send(self, record: Record, report: Report) -> None:
            raise BufferFullError("full")

    producer = producer_over(Full())
    with pytest.raises(BufferFullError):
        producer.message_received(THREAD, text="Hola")
    producer.flush(0.1)
    producer.close()


@pytest.mark.parametrize(
    ("delivery", "state"),
    [
        (Delivery(None, "t", 0, 7, None), "acknowledged"),
        (Delivery(None, "t", None, None, None, spooled=True), "spooled"),
        (Delivery(None, "t", None, None, OSError()), "failed"),
    ],
)
def test_a_delivery_has_one_of_three_states(delivery: Delivery, state: str) -> None:
    assert delivery.state == state


def test_leaving_the_block_flushes_and_closes() -> None:
    transport = MemoryTransport(error=OSError("away"))
    with pytest.raises(DeliveryError), producer_over(transport) as producer:
        producer.message_received(THREAD, text="Hola")
    assert transport.closed


def test_an_error_in_the_block_is_not_hidden_by_a_failed_delivery() -> None:
    transport = MemoryTransport(error=OSError("away"))

    def fail() -> None:
        with producer_over(transport) as producer:
            producer.message_received(THREAD, text="Hola")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert transport.closed


def test_a_generated_message_id_is_told_in_the_receipt(producer: Producer) -> None:
    message_id = producer.message_sent(THREAD, text="a").message_id
    assert message_id is not None
    assert UUID(message_id.removeprefix("gen:")).version == 4
