"""Believable traffic for the benchmark: the same records for the same seed, in the order in which they happened. Pure."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bitacora_producer import Producer, Record
from bitacora_producer.thread import Thread
from bitacora_producer.transport import Report
from bitacora_schemas.events.blocks import Actor, Chatbot, Contact
from bitacora_schemas.events.file import File, FileSource
from bitacora_schemas.events.parts import MediaPart
from bitacora_schemas.events.template import Template

ACCOUNT = "acme"
CONNECTION = "wa-1"
ADDRESS = "106540352242922"
SHOP = Chatbot(id="orders", name="Pedidos")
BOTS = (Actor(kind="bot", id="clara", name="Clara"), Actor(kind="bot", id="pagos", name="Pagos"))
HUMAN = Actor(kind="human", id="h-7", name="Rosa")
CAMPAIGN = Actor(kind="campaign", id="c-31", name="Novedades")
EVENTS_PER_CONVERSATION = 11.9
"""About, as measured over many; it sets how often a conversation begins for the rate asked for."""
FIRST_NAMES = ("Ana", "Bruno", "Carla", "Diego", "Elena", "Fabio", "Gabriela", "Hugo", "Inés", "João")
LAST_NAMES = ("Almeida", "Benítez", "Castro", "Duarte", "Espinoza", "Fonseca", "García", "Herrera")
ASKED = (
    "Hola, ¿dónde está mi pedido {number}?",
    "Buenas, me llegó la caja rota",
    "Quiero cambiar la dirección de entrega del pedido {number}",
    "no puedo entrar a la app, dice error 502",
    "Oi! Quero a segunda via do boleto {number}, por favor 🙏",
    "Vocês entregam aos sábados? Preciso receber antes das 14h",
    "gracias",
    "Sí",
    "¿Puede ser por la tarde? A la mañana no hay nadie en casa",
)
ANSWERED = (
    "¡Hola! Soy Clara 👋 Ya lo reviso.",
    "El pedido {number} salió del depósito y llega mañana, entre las 9 y las 13 h.",
    "Actualicé tu dirección. ¿Te ayudo con algo más?",
    "Lo siento mucho. ¿Me mandas una foto de la caja y otra del producto, para abrir el reclamo {number}?",
    "Prueba esto:\n1. Cierra la app\n2. Borra la caché\n3. Vuelve a entrar",
    "Claro! Enviei a segunda via do boleto {number} para o seu e-mail. Posso ajudar em algo mais?",
)
OFFER = "Hola {name}, tu pedido {number} ya está listo para retirar. Responde SÍ para confirmar el horario."

Publish = Callable[..., Any]


@dataclass(order=True, slots=True)
class _Fact:
    """Something to publish at `at`; `number` keeps facts of one moment in the order in which they were told."""

    at: datetime
    number: int
    publish: Publish = field(compare=False)
    arguments: dict[str, Any] = field(compare=False)


class _Capture:
    """A transport that keeps the last record instead of sending it."""

    def __init__(self) -> None:
        self.record: Record | None = None

    def send(self, record: Record, report: Report) -> None:
        self.record = record

    def flush(self, timeout: float) -> None:
        """Nothing is under way."""

    def close(self, timeout: float) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class TrafficSpec:
    """What traffic to make: events a second of its own clock from `start` on, spread over so many customers.

    Of all customers those with the numbers `first`, `first + step`, ... are in it.
    """

    seed: int = 1
    customers: int = 5_000
    start: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)
    per_second: float = 100.0
    first: int = 0
    step: int = 1


def records(spec: TrafficSpec) -> Iterator[Record]:
    """Records in the order of their time, without end, each composed and checked by the producer library."""
    return _Traffic(spec).records()


class _Traffic:
    def __init__(self, spec: TrafficSpec) -> None:
        self._spec = spec
        self._random = random.Random(spec.seed)
        self._capture = _Capture()
        self._producer = Producer(
            account=ACCOUNT, connection=CONNECTION, chatbot=SHOP, transport=self._capture
        )
        self._numbers = itertools.count()
        self._pending: list[_Fact] = []
        self._busy_until: dict[int, datetime] = {}

    def records(self) -> Iterator[Record]:
        next_start = self._spec.start
        between = EVENTS_PER_CONVERSATION / self._spec.per_second
        while True:
            while not self._pending or next_start <= self._pending[0].at:
                self._begin(next_start)
                next_start += timedelta(seconds=self._random.expovariate(1 / between))
            fact = heapq.heappop(self._pending)
            fact.publish(time=fact.at, recordedtime=fact.at + timedelta(milliseconds=40), **fact.arguments)
            assert self._capture.record is not None
            yield self._capture.record

    def _begin(self, at: datetime) -> None:
        customer = self._random.randrange(self._spec.customers)
        for _ in range(20):
            if self._busy_until.get(customer, at) <= at:
                break
            customer = self._random.randrange(self._spec.customers)
        story = _Story(self, self._spec.first + customer * self._spec.step, at)
        story.tell()
        self._busy_until[customer] = story.at + timedelta(seconds=30)

    def add(self, at: datetime, publish: Publish, arguments: dict[str, Any]) -> None:
        heapq.heappush(self._pending, _Fact(at, next(self._numbers), publish, arguments))


class _Story:
    """One conversation of one customer, or an HSM that nobody answers."""

    def __init__(self, traffic: _Traffic, customer: int, at: datetime) -> None:
        self.at = at
        self._traffic = traffic
        self._producer = traffic._producer  # noqa: SLF001  a story is a part of the traffic
        self._random = traffic._random  # noqa: SLF001
        self._thread = Thread("whatsapp", ADDRESS, "wa_id", f"5511{900_000_000 + customer}")
        first = FIRST_NAMES[customer % len(FIRST_NAMES)]
        self._contact = Contact(name=f"{first} {LAST_NAMES[customer // 10 % len(LAST_NAMES)]}")
        self._bot = BOTS[0]
        self._order = self._random.randrange(10_000, 99_999)

    def tell(self) -> None:
        dice = self._random.random
        hsm = None
        if dice() < 0.2:
            hsm = self._template()
            if dice() < 0.25:
                return  # never answered
            self._wait(60, 1_800)
        self._hear(reply_to=hsm)
        for _ in range(self._random.choice((1, 1, 1, 2, 2, 3))):
            self._say(self._bot)
            if dice() < 0.12:
                self._hand_over()
            if dice() < 0.75:
                self._hear()
        self._survey()
        if dice() < 0.8:
            self._wait(1, 120)
            self._add(self._producer.ended, reason="assistant", by=self._bot)

    def _template(self) -> str:
        message_id = self._new_id()
        text = OFFER.format(name=(self._contact.name or "").partition(" ")[0], number=self._order)
        template = Template(name="pedido_listo", language="es", rendering="provided", text=text)
        self._add(self._producer.template_sent, template=template, sender=CAMPAIGN, message_id=message_id)
        self._deliver(message_id)
        return message_id

    def _hear(self, *, reply_to: str | None = None) -> None:
        self._wait(5, 60)
        picture = self._random.random() < 0.04
        message_id = self._new_id()
        self._add(
            self._producer.message_received,
            message_id=message_id,
            contact=self._contact,
            reply_to=reply_to,
            **({"parts": (_picture(message_id),)} if picture else {"text": self._words(ASKED)}),
        )

    def _say(self, sender: Actor) -> None:
        self._wait(1, 4)
        message_id = self._new_id()
        self._add(
            self._producer.message_sent, text=self._words(ANSWERED), sender=sender, message_id=message_id
        )
        self._deliver(message_id)

    def _hand_over(self) -> None:
        self._wait(1, 2)
        to = HUMAN if self._random.random() < 0.5 else BOTS[1]
        self._add(self._producer.transferred, to=to, from_=self._bot, reason="fuera de tema")
        self._bot = to
        self._say(to)

    def _survey(self) -> None:
        if self._random.random() >= 0.35:
            return
        self._wait(1, 20)
        survey = f"ev-{self._random.getrandbits(48):012x}"
        question = "¿Nos recomendarías, de 0 a 10?"
        self._add(self._producer.evaluation_asked, evaluation_id=survey, metric="nps", question=question)
        if self._random.random() < 0.6:
            self._wait(5, 90)
            score = self._random.choice((10, 10, 9, 9, 8, 7, 6, 3, 0))
            self._add(self._producer.evaluation_answered, evaluation_id=survey, metric="nps", score=score)

    def _deliver(self, message_id: str) -> None:
        moment = self.at
        for status, longest, chance in (("sent", 0.5, 1.0), ("delivered", 2.0, 0.97), ("read", 25.0, 0.8)):
            if self._random.random() > chance:
                return
            moment += timedelta(milliseconds=self._random.randrange(50, int(longest * 1_000)))
            self._add(self._producer.message_status_changed, at=moment, message_id=message_id, status=status)

    def _add(self, publish: Publish, *, at: datetime | None = None, **arguments: Any) -> None:
        self._traffic.add(at or self.at, publish, {"thread": self._thread, **arguments})

    def _wait(self, least: int, most: int) -> None:
        self.at += timedelta(milliseconds=self._random.randrange(least * 1_000, most * 1_000))

    def _words(self, texts: tuple[str, ...]) -> str:
        return self._random.choice(texts).format(number=self._order)

    def _new_id(self) -> str:
        return f"wamid.{self._random.getrandbits(160):040X}"


def _picture(message_id: str) -> MediaPart:
    file = File(
        file_id=f"f-{message_id[-12:]}",
        kind="image",
        mime_type="image/jpeg",
        state="pending",
        name="foto.jpg",
        size_bytes=48_213,
        source=FileSource(media_id=message_id[-16:]),
    )
    return MediaPart(index=0, plain_text="", file=file)
