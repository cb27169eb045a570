"""Histories that touch every paragraph of docs/semantics.md, for tests that deliver them in many ways."""

from collections.abc import Callable

from bitacora_schemas.events.blocks import Chatbot, Contact, Identifier

from tests.support.scenarios import HUMAN, Line, picture


def a_plain_talk() -> tuple[Line, ...]:
    line = Line()
    opening = line.customer(
        "m1",
        0,
        contact=Contact(name="Ana", phone="+5511900000000"),
        chatbot=Chatbot(id="orders", name="Pedidos", version="12"),
    )
    line.sent("m2", 1)
    line.status("m2", "sent", 1.1)
    line.status("m2", "delivered", 1.2)
    line.customer("m2", 1.5)
    line.transferred(2)
    line.sent("m3", 3, sender=HUMAN, reply="m1")
    line.sent("n1", 3.5, sender=HUMAN, visibility="internal")
    line.customer("m4", 4, reply="m3")
    line.ended(5, reason="operator", of=opening)
    line.sent("n2", 5.5, sender=HUMAN, visibility="internal")
    line.sent("m5", 6)
    line.customer("m6", 20)
    return (line,)


def facts_before_messages() -> tuple[Line, ...]:
    line = Line()
    line.status("m1", "read", 3)
    line.edited("m1", 4, "mejor así")
    line.reacted("m1", 5, "👍")
    line.stored("m2", 6)
    line.customer("m2", 0, picture=True)
    line.sent("m1", 1, reply="m0")
    line.status("m1", "sent", 2)
    line.reacted("m1", 7, None)
    line.customer("m0", 2)
    line.deleted("m2", 8)
    line.unavailable("m2", 9)
    line.customer("m3", 10, parts=(picture("m3"), picture("m3b", index=1)))
    line.status("m3", "delivered", 11, part=0)
    line.status("m3", "read", 11, part=1)
    line.deleted("m3", 12, scope="self")
    line.edited("m3", 13, "sin foto")
    line.edited("m3", 12.5, "antes")
    return (line,)


def preludes_and_greetings() -> tuple[Line, ...]:
    line = Line()
    line.hsm("w1", 0)
    line.status("w1", "delivered", 1)
    line.hsm("w2", 10, chatbot=Chatbot(id="campaigns"))
    line.sent("g1", 59)
    line.customer("m1", 60, reply="w1")
    line.customer("m2", 61, chatbot=Chatbot(id="orders"))
    line.hsm("w3", 62)
    line.ended(63)
    line.hsm("w4", 64)
    line.hsm("w5", 62.5)
    line.sent("g2", 80)
    line.customer("m3", 90)
    line.hsm("w6", 50)
    line.ended(100)
    line.customer("m4", 200, reply="w9")
    line.hsm("w8", 150)
    line.hsm("w9", 160)
    line.status("w9", "read", 170)
    line.ended(210)
    line.customer("m5", 4000)
    line.hsm("w10", 3000)
    line.hsm("w11", 2000)
    return (line,)


def surveys() -> tuple[Line, ...]:
    line = Line()
    line.customer("m1", 0)
    line.asked("e1", 1)
    line.answered("e1", 2, score=11)
    line.answered("e1", 3, score=8, comment="bien")
    line.ended(4)
    line.answered("e1", 5, score=None)
    line.answered("e2", 6, score=4, metric="csat", message_id="m2")
    line.customer("m2", 6)
    line.asked("e2", 7, metric="csat")
    line.customer("m3", 8, evaluation="e1")
    line.customer("m4", 9, evaluation="e7")
    line.answered("e1", 1500, score=1)
    line.ended(1600)
    line.customer("m5", 1700, evaluation="e1")
    return (line,)


def annotations() -> tuple[Line, ...]:
    line = Line()
    line.annotated("a0", 0, "temprano")
    line.hsm("w1", 1)
    line.customer("m1", 2, reply="w1")
    line.annotated("a1", 3, "reclamo")
    line.annotated("a2", 4, "reclamo", of_message="m1")
    line.annotated("a3", 5, "sigue", "Llamar el viernes", kind="note", of_message="m9")
    line.annotated("a4", 5, "enojo", 0.8, kind="score", of_message="w1")
    line.ended(6)
    line.annotated("a5", 7, "resuelto")
    line.customer("m2", 8)
    line.annotated("a1", 9, "reclamo", None)
    line.annotated("a2", 3.5, "viejo")
    line.annotated("a5", 10, "resuelto", "a medias")
    line.annotated("a6", 11, "reclamo", of_message="m1")
    line.annotated("a0", -1, "antes")
    line.annotated("a7", 12, "ida", None)
    line.annotated("a7", 11, "vuelta")
    line.customer("h1", -5000, provenance="history", source_id="old-1")
    line.annotated("a8", 13, "historia", of_message="h1")
    return (line,)


def late_events_and_history() -> tuple[Line, ...]:
    line = Line()
    line.customer("m1", 0)
    first = line.ended(10)
    line.customer("m2", 9, recorded=14)
    line.customer("m3", 9, recorded=16)
    line.customer("m4", 9.5, recorded=12)
    line.sent("b1", 9, recorded=30, reply="m1")
    line.customer("h1", -5000, provenance="history", source_id="old-1")
    line.sent("h2", -4990, provenance="history", source_id="old-1")
    line.customer("h3", -6000, provenance="history")
    line.customer("h4", -5900, provenance="history", sequence="0001")
    line.customer("m5", 40, recorded=20)
    line.started(50, reason="restart")
    line.customer("m6", 49, recorded=51)
    line.ended(60, reason="timeout", causation=first.event.attributes.id, of=first)
    return (line,)


def linked_threads() -> tuple[Line, ...]:
    dialled = Line("5511900000000", kind="phone")
    known = Line("bsuid-1", kind="bsuid")
    dialled.hsm("w1", 0)
    dialled.status("w1", "sent", 0.5)
    dialled.hsm("w2", 30)
    dialled.sent("a1", 31, reply="m2")
    dialled.status("m1", "read", 33)
    dialled.reacted("m2", 34, "❤️")
    known.customer("m1", 10, contact=Contact(name="Ana"))
    known.status("w1", "read", 11)
    known.status("w2", "delivered", 31)
    known.customer("m2", 20, reply="w1")
    known.sent("b1", 21, chatbot=Chatbot(id="orders"))
    known.linked(22, ("phone", "5511900000000"))
    known.ended(40)
    dialled.customer(
        "m9", 41, contact=Contact(ids=(Identifier(kind="email", value="ana@example.com"),), name="Ana María")
    )
    known.edited("m9", 42, "otra cosa")
    dialled.ended(50)
    known.customer("m3", 60)
    return dialled, known


def people_who_turn_out_one() -> tuple[Line, ...]:
    web = Line("visitor-1", kind="source", channel="webchat", address="site")
    phone = Line("5491155550000", kind="phone")
    web.customer("x1", 0, contact=Contact(name="Bea", attributes={"plan": "gold", "seats": 3}))
    phone.customer("y1", 1, contact=Contact(name="Beatriz", ids=(Identifier(kind="external", value="c-9"),)))
    web.customer(
        "x2", 2, contact=Contact(ids=(Identifier(kind="external", value="c-9"),), email="bea@example.com")
    )
    phone.updated(3, Contact(company_id="12.345-6"), changed=("company_id", "email"))
    web.updated(2.5, Contact(attributes={"plan": None}))
    return web, phone


STORIES: tuple[Callable[[], tuple[Line, ...]], ...] = (
    a_plain_talk,
    facts_before_messages,
    preludes_and_greetings,
    surveys,
    annotations,
    late_events_and_history,
    linked_threads,
    people_who_turn_out_one,
)
