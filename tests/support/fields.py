"""A made-up field beside ours, and questions that ask for one field at a time."""

from collections.abc import Iterator

from services.readmodel.fields.conversation import FIELDS
from services.readmodel.fields.field import Closed, Column, Facet, Field, Has, OneOf, Scored, Text, Within
from services.readmodel.fields.questions import Fields, Question
from services.readmodel.filters import Fragment, compile_filter
from services.readmodel.parameters import parse_filter

MADE_UP = Field(
    name="thread",
    kind=Text(),
    sql="c.thread_key",
    label="Hilo",
    unasked="Todos",
    about="Keys of threads.",
    optional=True,
    ask=OneOf("threads"),
    facet=Facet("threads"),
    column=Column(len(FIELDS.columns) + 1, "thread", "Hilo"),
)
WITH_ONE_MORE = Fields((*FIELDS.rows, MADE_UP))


def asked_alone(question: Question) -> Iterator[tuple[dict[str, list[str]], Field]]:
    """Parameters that ask for each field of a question, one after another."""
    for field in question.fields:
        match field.ask:
            case Has(word=word):
                yield {"has": [word]}, field
            case Within(word=word):
                yield {"from": ["2026-03-01"], "period_of": [word]}, field
            case Scored(word=word):
                yield {"metric": [word]}, field
            case _ if isinstance(field.kind, Closed):
                yield from (({field.name: [word]}, field) for word in field.codes.words())
            case _:
                yield {field.name: ["ana"]}, field


def compiled(params: dict[str, list[str]], fields: Fields) -> Fragment:
    """The condition of these parameters in account 7."""
    wanted = parse_filter(params, timezone="UTC", fields=fields)
    return compile_filter(wanted, 7, text_keys=[] if wanted.text is not None else None, fields=fields)
