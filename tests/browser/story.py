"""One rich conversation and many plain ones, written straight into the projection tables for the pages to show."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from bitacora_schemas.ids import conv_key, conversation_id, message_key, uuid5_of

from services.analysis.contact_text import contact_text

NAMES = (
    "Ana Lucía Fernández", "João Pedro da Silva", "María José Ñandú", "Carlos Peña", "Beatriz Conceição",
    "Andrés Quispe", "Juliana Araújo", "Ramón Valdés", "", "Søren Ødegård", "محمد العربي", "山田 太郎",
    "Camila Rojas", "Mateo 🎸 Giménez", "Valentina de los Ángeles Montenegro", "Inés Bidart",
)  # fmt: skip
CHATBOTS = (("orders", "Pedidos"), ("billing", "Cobranzas"), ("support", "Soporte técnico"))
CHANNELS = ("whatsapp", "whatsapp", "whatsapp", "webchat", "instagram", "messenger", "telegram")
TABLES = (
    "contact", "contact_identifier", "thread", "conversation", "conversation_activity", "message",
    "message_status", "message_reaction", "file", "transfer", "evaluation",
)  # fmt: skip
Row = dict[str, Any]


@dataclass
class Rows:
    """Rows by table, to be copied in at once."""

    account_id: int
    tables: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})

    def add(self, table: str, **values: Any) -> None:
        self.tables[table].append({"account_id": self.account_id, **values})

    async def copy(self, conn: asyncpg.Connection[asyncpg.Record]) -> None:
        """Copies every table; rows of one table need not have the same columns."""
        for table, rows in self.tables.items():
            for shape in dict.fromkeys(tuple(row) for row in rows):
                await conn.copy_records_to_table(
                    table,
                    schema_name="projection",
                    columns=shape,
                    records=[tuple(row.values()) for row in rows if tuple(row) == shape],
                )


@dataclass
class Talk:
    """One conversation being told."""

    rows: Rows
    key: int
    thread_key: str
    start: datetime
    offset: int = 0
    last: datetime | None = None

    def at(self, minutes: float) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def say(
        self, minutes: float, kind: str, text: str, *, statuses: tuple[str, ...] = (), **values: Any
    ) -> UUID:
        """A message by a sender of this kind; answers its key."""
        self.offset += 1
        at = self.at(minutes)
        name = values.pop("message_id", f"wamid.{self.offset}")
        key = message_key(self.thread_key, name)
        errors = values.pop("errors", None)
        self.rows.add(
            "message",
            conv_key=self.key, message_key=key, message_id=name, event_id=uuid5_of(self.thread_key, name),
            occurred_at=at, sort_at=at, position=self.offset, kind=values.pop("row_kind", 1),
            direction=values.pop("direction", 1 if kind == "customer" else 2), sender_kind=kind,
            sender_id=values.pop("sender_id", None), sender_name=values.pop("sender_name", None),
            plain_text=text, status=statuses[-1] if statuses else None, **values,
        )  # fmt: skip
        for place, status in enumerate(statuses):
            self.rows.add(
                "message_status",
                message_key=key, status=status, occurred_at=at + timedelta(seconds=3 * place),
                event_id=uuid5_of(self.thread_key, name, status), errors=errors,
            )  # fmt: skip
        self.last = at
        return key


def open_talk(rows: Rows, number: int, start: datetime, *, contact: Row, **values: Any) -> Talk:
    """A contact with a thread and a conversation; `values` are columns of the conversation."""
    contact_id = uuid5_of("contact", str(number))
    thread_key = hashlib.sha256(f"thread {number}".encode()).hexdigest()[:32]
    event_id = uuid5_of("opening", str(number))
    identity = conversation_id(thread_key, event_id)
    key = conv_key(start, identity)
    identifiers = contact.pop("identifiers")
    rows.add(
        "contact",
        contact_id=contact_id, **contact,
        search=contact_text(
            name=contact.get("name"), email=contact.get("email"), phone=contact.get("phone"),
            company_id=contact.get("company_id"), identifiers=identifiers,
        ),
    )  # fmt: skip
    for kind, value in identifiers:
        rows.add(
            "contact_identifier", identifier=f"{kind}:{value}", kind=kind, value=value, contact_id=contact_id
        )
    place = {"environment": values.get("environment", 1), "channel": values.get("channel", "whatsapp")}
    rows.add(
        "thread",
        thread_key=thread_key, **place, channel_address="15550100", contact_kind=identifiers[0][0],
        contact_value=identifiers[0][1], contact_id=contact_id, connection_id="main", last_conv_key=key,
        open_conv_key=key if values.get("status", 1) == 1 else None,
    )  # fmt: skip
    rows.add(
        "conversation",
        conv_key=key, conversation_id=identity, thread_key=thread_key, contact_id=contact_id, **place,
        channel_address="15550100", started_at=start, opened_event_id=event_id, opened_position=number,
        **{"status": 1, **{name: value for name, value in values.items() if name not in place}},
    )  # fmt: skip
    last = values.get("last_activity_at", start)
    rows.add("conversation_activity", conv_key=key, environment=place["environment"], last_activity_at=last)
    return Talk(rows, key, thread_key, start)


def plain_talk(rows: Rows, number: int, now: datetime, chance: random.Random) -> None:
    """A short conversation as most are."""
    start = now - timedelta(minutes=17 * number * (1 + number / 9) + 40)
    name = NAMES[number % len(NAMES)]
    phone = f"+55119000{number:05d}" if number % 5 != 4 else None
    chatbot_id, chatbot_name = chance.choice(CHATBOTS)
    ended = number % 3 != 0
    span = chance.choice([0.6, 4, 21, 90])
    score = (
        {"nps": chance.choice([None, 10, 9, 8, 3]), "csat": chance.choice([None, None, 5, 4, 2])}
        if ended
        else {}
    )
    end = start + timedelta(minutes=span + 12)
    ending = {"status": 2, "ended_at": end, "end_reason": chance.choice(["timeout", "assistant", "operator"]),
              "end_by_kind": "system"} if ended else {}  # fmt: skip
    talk = open_talk(
        rows, number, start,
        contact={"name": name or None, "phone": phone, "identifiers": [
            ("wa_id", phone.lstrip("+")) if phone else ("username", f"persona.{number}")]},
        environment=2 if number % 9 == 8 else 1, channel=chance.choice(CHANNELS) if phone else "instagram",
        chatbot_id=chatbot_id, chatbot_name=chatbot_name, transferred=number % 4 == 1,
        started_by_template=number % 6 == 1, has_files=number % 7 == 2, has_comment=number % 10 == 4,
        customer_count=2, assistant_count=chance.randint(2, 18), template_count=number % 6 == 1,
        first_message_at=start, last_message_at=start + timedelta(minutes=span),
        last_activity_at=start + timedelta(minutes=span), **score, **ending,
    )  # fmt: skip
    talk.say(0, "customer", "Hola, quiero saber cómo va mi pedido")
    talk.say(0.2, "bot", "¡Hola! Dime el número de pedido, por favor.", sender_id="a", sender_name=chatbot_name,
             statuses=("sent", "delivered", "read"))  # fmt: skip
    talk.say(span, "customer", f"Es el {4000 + number}, gracias")


def rich_talk(rows: Rows, now: datetime, *, picture: Row, document: Row) -> UUID:
    """A conversation with everything a transcript can hold; answers its id."""
    start = now - timedelta(minutes=26)
    bot: Row = {"sender_id": "billing", "sender_name": "Asistente de cobros"}
    marta: Row = {"sender_id": "h-7", "sender_name": "Marta Olivera"}
    read = ("sent", "delivered", "read")
    talk = open_talk(
        rows, 9_001, start,
        contact={"name": "Lucía Méndez", "email": "lucia.mendez@example.com", "phone": "+5511900001234",
                 "company_id": "C-20931", "tax_id": "000.000.000-00", "locale": "es-AR",
                 "address": json.dumps({"street": "Rua das Flores", "number": "1200", "district": "Centro",
                             "city": "São Paulo", "state": "SP", "postal_code": "01000-000", "country_code": "BR"}),
                 "attributes": json.dumps({"plan": "Premium", "moroso": False}),
                 "identifiers": [("wa_id", "5511900001234"), ("bsuid", "BR.123")]},
        chatbot_id="billing", chatbot_name="Cobranzas", transferred=True, started_by_template=True,
        has_files=True, has_comment=True, nps=9, customer_count=6, assistant_count=2, human_count=3,
        template_count=1, first_message_at=start, last_message_at=start + timedelta(minutes=24),
        last_activity_at=start + timedelta(minutes=24),
        assistants=json.dumps([{"id": "billing", "name": "Asistente de cobros", "at": start.isoformat()}]),
    )  # fmt: skip
    notice = "Hola Lucía, tu factura *42* de noviembre ya está disponible. Puedes verla en https://example.com/f/42"
    talk.say(-130, "campaign", notice, message_id="wamid.hsm", row_kind=2, statuses=read, sender_id="c-31",
             sender_name="Cobranza de noviembre",
             template=json.dumps({"name": "factura_lista", "language": "es", "text": notice, "rendering": "provided"}))  # fmt: skip
    talk.say(0, "customer", "hola!! no me deja pagar la factura 😕", reply_to='{"message_id": "wamid.hsm"}')
    prompt = "¡Hola, Lucía! ¿Qué quieres hacer?"
    options = [{"id": "1", "title": "Pagar ahora"}, {"id": "2", "title": "Hablar con una persona"}]
    talk.say(0.2, "bot", prompt, statuses=read, **bot,
             parts=json.dumps([{"index": 0, "type": "choices", "prompt": prompt, "plain_text": prompt, "options": options}]))  # fmt: skip
    talk.say(1, "customer", "Hablar con una persona",
             parts=json.dumps([{"index": 0, "type": "choice", "id": "2", "title": "Hablar con una persona"}]))  # fmt: skip
    rows.add("transfer", conv_key=talk.key, event_id=uuid5_of("transfer"), occurred_at=talk.at(1.2), position=50,
             from_kind="bot", from_id="billing", from_name="Asistente de cobros", to_kind="human", to_id="h-7",
             to_name="Marta Olivera", reason="Lo pidió el cliente")  # fmt: skip
    talk.say(2, "human", "Ojo: ya reclamó en octubre. Ver caso 1182.", direction=3, **marta)
    key = talk.say(
        3, "human", "Hola Lucía, soy Marta. ¿Me mandas una captura del error?", statuses=read, **marta
    )
    rows.add("message_reaction", message_key=key, actor_kind="customer", emoji="👍", occurred_at=talk.at(4),
             event_id=uuid5_of("reaction"))  # fmt: skip
    talk.say(3.2, "human", "Mientras tanto reviso tu cuenta.", statuses=("sent", "delivered"), edited_at=talk.at(4),
             **marta)  # fmt: skip
    for minutes, file in ((6, picture), (6.5, document)):
        public = {
            name: file[name] for name in ("file_id", "kind", "mime_type", "name", "size_bytes", "state")
        }
        key = talk.say(minutes, "customer", file["name"],
                       parts=json.dumps([{"index": 0, "type": "media", "plain_text": "", "file": public}]))  # fmt: skip
        rows.add("file", message_key=key, part_index=0, conv_key=talk.key, from_customer=True,
                 occurred_at=talk.at(minutes), version_at=talk.at(minutes), version_event_id=uuid5_of(file["name"]),
                 **public, stored_uri=file["stored_uri"])  # fmt: skip
    talk.say(7, "customer", "", deleted_at=talk.at(8))
    failure = json.dumps(
        [{"code": "131026", "title": "Mensaje no entregable", "detail": "fuera de la ventana"}]
    )
    talk.say(9, "human", "¿Sigues ahí?", statuses=("sent", "failed"), errors=failure, **marta)
    talk.say(23, "customer", "Ya está, *pagado*. _Gracias_ ~mil~ \u202eotxet\u202c\nمرحبا 山田", late=True)
    talk.say(24, "bot", "¡Genial! ¿Del 0 al 10, nos recomendarías?", statuses=("sent",), **bot)
    rows.add("evaluation", thread_key=talk.thread_key, evaluation_id="e-1", conv_key=talk.key, metric="nps",
             question="¿Del 0 al 10, cuánto nos recomendarías?", asked_at=talk.at(24), answered_at=talk.at(25),
             score=9, valid=True, raw_answer="9", comment="Marta fue muy amable, pero el pago falló dos veces.")  # fmt: skip
    found: UUID = rows.tables["conversation"][-1]["conversation_id"]
    return found


async def tell(
    conn: asyncpg.Connection[asyncpg.Record], account_id: int, *, picture: Row, document: Row, plain: int = 64
) -> UUID:
    """Fills an account; answers the id of the rich conversation."""
    now = datetime.now(UTC)
    rows = Rows(account_id)
    chance = random.Random(4)
    for number in range(plain):
        plain_talk(rows, number, now, chance)
    rich = rich_talk(rows, now, picture=picture, document=document)
    await rows.copy(conn)
    return rich
