"""One conversation of the demo from beginning to end, as a list of timed facts. Pure: randomness comes in."""

import random
from datetime import datetime, timedelta

from bitacora_schemas.events.blocks import Actor, Identifier
from bitacora_schemas.events.contact import ContactIdentityLinked
from bitacora_schemas.events.conversation import (
    ConversationAnnotated,
    ConversationEnded,
    ConversationTransferred,
)
from bitacora_schemas.events.evaluation import EvaluationAnswered, EvaluationAsked, Scale
from bitacora_schemas.events.file import File, FileStored
from bitacora_schemas.events.message import (
    Campaign,
    Message,
    MessageDeleted,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    MessageSent,
    MessageStatusChanged,
    StatusError,
)
from bitacora_schemas.events.parts import (
    ChoicePart,
    ChoicesPart,
    LocationPart,
    MediaPart,
    Option,
    TemplatePart,
)
from bitacora_schemas.events.scalars import Scalar
from bitacora_schemas.events.template import Template, TemplateVariable

from demo.cast import Customer
from demo.dialogues import (
    COMMENTS,
    CSAT_QUESTION,
    DAYS,
    DIALOGUES,
    HSM_TEXT,
    LABELS,
    NOTES,
    NPS_QUESTION,
    Turn,
)
from demo.teller import CUSTOMER, Happening, Pace, Teller, text_part

CLASSIFIER = Actor(kind="system", id="temas", name="Clasificador")


def tell_story(
    rng: random.Random,
    customer: Customer,
    start: datetime,
    *,
    pace: Pace,
    by_hsm: bool = False,
    leave_open: bool = False,
) -> list[Happening]:
    """A conversation of `customer` that begins at `start`, in the order of time.

    With `by_hsm` a template goes out first and the customer answers it; with `leave_open` nobody ends it.
    One story in twelve is test traffic.
    """
    language = customer.desk.language
    teller = Teller(
        rng=rng,
        customer=customer,
        environment="testing" if rng.random() < 1 / 12 else "production",
        pace=pace,
        at=start,
        speaker=customer.desk.assistants[0],
        words={
            "name": customer.first_name,
            "bot": customer.desk.assistants[0].name or "",
            "human": (customer.desk.attendants[0].name or "").split(" ")[0],
            "order": str(rng.randint(100000, 999999)),
            "amount": f"{rng.randint(20, 900)}.{rng.randint(0, 99):02d}",
            "day": rng.choice(DAYS[language]),
        },
    )
    if by_hsm:
        _send_template(teller)
    dialogue = rng.choice([dialogue for dialogue in DIALOGUES if dialogue.language == language])
    for turn in dialogue.turns:
        _TURNS[turn.kind](teller, turn)
    _second_thoughts(teller)
    if not leave_open:
        _survey(teller)
        _end(teller)
        _annotate(teller)
    return sorted(teller.facts, key=lambda fact: fact.at)


def tell_unanswered_template(rng: random.Random, customer: Customer, start: datetime) -> list[Happening]:
    """An HSM that nobody answers; one in six is never delivered."""
    teller = Teller(rng=rng, customer=customer, environment="production", pace=Pace(), at=start)
    teller.words = {"name": customer.first_name, "order": "100000", "amount": "120.00", "day": "viernes"}
    message_id = _send_template(teller, answered=False)
    if rng.random() < 1 / 6:
        teller.facts = teller.facts[:1]
        teller.tell(
            MessageStatusChanged(
                thread=customer.thread,
                message_id=message_id,
                status="failed",
                errors=(StatusError(code=131026, title="Message undeliverable"),),
            ),
            at=start + timedelta(seconds=2),
        )
    return teller.facts


def _say(teller: Teller, turn: Turn) -> None:
    teller.send(text_part(teller.fill(turn.text)), teller.speaker)


def _hear(teller: Teller, turn: Turn) -> None:
    quote = teller.last_said if teller.rng.random() < 0.15 else None
    teller.receive(text_part(teller.fill(turn.text)), reply_to=quote)


def _ask(teller: Teller, turn: Turn) -> None:
    options = tuple(
        Option(id=f"o{n}", title=title, kind="reply") for n, title in enumerate(turn.options, start=1)
    )
    prompt = teller.fill(turn.text)
    plain = prompt + "\n" + "\n".join(f"· {title}" for title in turn.options)
    teller.send(ChoicesPart(index=0, prompt=prompt, options=options, plain_text=plain), teller.speaker)


def _tap(teller: Teller, turn: Turn) -> None:
    part = ChoicePart(index=0, id="o1", title=turn.text, of_message_id=teller.last_said, plain_text=turn.text)
    teller.receive(part, reply_to=teller.last_said)


def _send_file(teller: Teller, kind: str, mime_type: str, name: str | None, caption: str) -> None:
    number = teller.rng.randint(1, 6)
    file = File(
        file_id=f"f-{teller.rng.getrandbits(48):012x}",
        kind=kind,
        mime_type=mime_type,
        state="pending",
        name=name,
        caption=caption or None,
    )
    message_id = teller.receive(MediaPart(index=0, file=file, plain_text=caption or name or ""))
    if kind == "voice":
        return  # nobody fetches it: its state stays pending
    ending = "pdf" if kind == "document" else "png"
    stored = File(
        file_id=file.file_id,
        kind=kind,
        mime_type=mime_type,
        state="stored",
        name=name,
        caption=caption or None,
        stored_uri=f"blob:demo/{kind}-{number}.{ending}",
    )
    teller.tell(
        FileStored(thread=teller.customer.thread, message_id=message_id, part_index=0, file=stored),
        at=teller.at + timedelta(seconds=1.2),
    )


def _picture(teller: Teller, turn: Turn) -> None:
    _send_file(teller, "image", "image/png", None, turn.text)


def _document(teller: Teller, turn: Turn) -> None:
    _send_file(teller, "document", "application/pdf", teller.fill(turn.text), "")


def _voice(teller: Teller, _: Turn) -> None:
    _send_file(teller, "voice", "audio/ogg", None, "")


def _place(teller: Teller, turn: Turn) -> None:
    teller.receive(
        LocationPart(index=0, latitude=-34.6, longitude=-58.38, name=turn.text, plain_text=turn.text)
    )


def _hand_over(teller: Teller, turn: Turn, to: Actor | None = None) -> None:
    successor = to or teller.customer.desk.assistants[-1]
    teller.wait((0.2, 0.6))
    teller.tell(
        ConversationTransferred(
            thread=teller.customer.thread, from_=teller.speaker, to=successor, reason=turn.text
        )
    )
    teller.speaker = successor


def _to_human(teller: Teller, turn: Turn) -> None:
    _hand_over(teller, turn, teller.customer.desk.attendants[0])


_TURNS = {
    "customer": _hear,
    "bot": _say,
    "human": _say,
    "choices": _ask,
    "tap": _tap,
    "picture": _picture,
    "document": _document,
    "voice": _voice,
    "place": _place,
    "hand_over": _hand_over,
    "to_human": _to_human,
}


def _send_template(teller: Teller, *, answered: bool = True) -> str:
    """A campaign's HSM, hours before the answer."""
    name, text = HSM_TEXT[teller.customer.desk.language]
    rendered = teller.fill(text)
    template = Template(
        name=name,
        language=teller.customer.desk.language,
        category="utility",
        text=rendered,
        body=rendered,
        rendering="provided",
        variables=(
            TemplateVariable(position=1, kind="text", value=teller.words["name"]),
            TemplateVariable(position=2, kind="text", value=teller.words["day"]),
        ),
    )
    message = Message(
        id=teller.new_id(),
        sender=Actor(kind="campaign", id="c-31", name="Avisos de marzo"),
        parts=(TemplatePart(index=0, template=template, plain_text=rendered),),
        plain_text=rendered,
        visibility="public",
        provenance="live",
    )
    teller.tell(
        MessageSent(
            thread=teller.customer.thread,
            contact=teller.customer.contact,
            chatbot=teller.customer.desk.chatbot,
            message=message,
            campaign=Campaign(id="c-31", name="Avisos de marzo"),
        )
    )
    teller.deliver(message.id)
    teller.last_said = message.id
    if answered:
        teller.wait((60.0, 240.0))
    return message.id


def _second_thoughts(teller: Teller) -> None:
    """Now and then somebody edits, takes back or reacts; a contact turns out to have another identifier."""
    thread, chance = teller.customer.thread, teller.rng.random()
    moment = teller.at + timedelta(seconds=2)
    if chance < 0.08 and teller.last_heard:
        text = (
            "Gracias, quedó todo claro" if teller.customer.desk.language == "es" else "Obrigado, entendi tudo"
        )
        teller.tell(
            MessageEdited(
                thread=thread, message_id=teller.last_heard, parts=(text_part(text),), plain_text=text, actor=CUSTOMER
            ),
            at=moment,
        )  # fmt: skip
    elif chance < 0.13 and teller.last_heard:
        teller.tell(
            MessageDeleted(thread=thread, message_id=teller.last_heard, actor=CUSTOMER, scope="everyone"),
            at=moment,
        )
    elif chance < 0.35 and teller.last_said:
        emoji = teller.rng.choice(("👍", "❤️", "🙏", "😂"))
        teller.tell(
            MessageReacted(thread=thread, message_id=teller.last_said, actor=CUSTOMER, emoji=emoji), at=moment
        )
    bsuid = next((i for i in teller.customer.contact.ids[1:] if i.kind == "bsuid"), None)
    if bsuid is not None and chance > 0.9:
        link = (teller.customer.thread.contact, Identifier(kind="bsuid", value=bsuid.value))
        teller.tell(ContactIdentityLinked(thread=thread, link=link), at=moment)


def _survey(teller: Teller) -> None:
    """Two in three are asked, four in five answer, some with a comment."""
    rng, language, thread = teller.rng, teller.customer.desk.language, teller.customer.thread
    if rng.random() > 2 / 3:
        return
    metric, question, scale = rng.choice(
        (
            ("nps", NPS_QUESTION[language], Scale(min=0, max=10)),
            ("csat", CSAT_QUESTION[language], Scale(min=1, max=5)),
        )
    )
    evaluation_id = f"e-{rng.getrandbits(48):012x}"
    message_id = teller.send(text_part(question), teller.customer.desk.assistants[0], pause=(2.0, 5.0))
    teller.tell(
        EvaluationAsked(
            thread=thread,
            evaluation_id=evaluation_id,
            metric=metric,
            question=question,
            scale=scale,
            message_id=message_id,
        )
    )
    if rng.random() > 0.8:
        return
    happy = rng.random() < 0.72
    low, high = (scale.max - 2, scale.max) if happy else (scale.min, scale.max - 3)
    score = float(rng.randint(int(low), int(high)))
    answer = teller.receive(text_part(f"{score:.0f}"), evaluation_id=evaluation_id)
    comment = rng.choice(COMMENTS[language]) if rng.random() < 0.4 else None
    teller.tell(
        EvaluationAnswered(
            thread=thread,
            evaluation_id=evaluation_id,
            metric=metric,
            score=score,
            raw_answer=f"{score:.0f}",
            comment=comment,
            message_id=answer,
        )
    )


def _end(teller: Teller) -> None:
    """The assistant or the customer ends it; sometimes a last word was still on its way."""
    teller.wait((5.0, 20.0))
    by = teller.speaker if teller.speaker.kind == "human" else teller.customer.desk.assistants[0]
    reason = "customer" if teller.rng.random() < 0.2 else "assistant"
    teller.tell(
        ConversationEnded(
            thread=teller.customer.thread, reason=reason, by=CUSTOMER if reason == "customer" else by
        )
    )
    if teller.rng.random() < 1 / 20:
        _last_word(teller)


def _annotate(teller: Teller) -> None:
    """A classifier labels two in five; an attendant adds a note to some of those, on what the customer said last."""
    rng, desk = teller.rng, teller.customer.desk
    if rng.random() > 2 / 5:
        return
    teller.wait((1.0, 4.0))
    _say_of_it(teller, "label", rng.choice(LABELS[desk.language]), value=True, by=CLASSIFIER)
    if rng.random() < 1 / 3:
        teller.wait((60.0, 600.0))
        _say_of_it(
            teller, "note", *rng.choice(NOTES[desk.language]), by=desk.attendants[0], on=teller.last_heard
        )


def _say_of_it(
    teller: Teller, kind: str, key: str, value: Scalar, *, by: Actor, on: str | None = None
) -> None:
    teller.tell(
        ConversationAnnotated(
            thread=teller.customer.thread,
            annotation_id=f"a-{teller.rng.getrandbits(48):012x}",
            kind=kind,
            key=key,
            value=value,
            by=by,
            message_id=on,
        )
    )


def _last_word(teller: Teller) -> None:
    """The customer wrote just before the end; the message comes in after it."""
    text = "Ah, y gracias por todo" if teller.customer.desk.language == "es" else "Ah, e obrigado por tudo"
    message = Message(
        id=teller.new_id(),
        sender=CUSTOMER,
        parts=(text_part(text),),
        plain_text=text,
        visibility="public",
        provenance="live",
    )
    teller.tell(
        MessageReceived(thread=teller.customer.thread, contact=teller.customer.contact, message=message),
        at=teller.at + timedelta(seconds=20),
        happened_at=teller.at - timedelta(seconds=1),
    )
