"""Random histories of a few linked and unlinked threads, small enough to fail readably."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bitacora_schemas.events.blocks import Chatbot, Contact, Identifier
from hypothesis import strategies as st

from tests.support.scenarios import HUMAN, Line

_MOMENTS = st.sampled_from([0, 1, 2, 3, 5, 8, 12, 20, 40, 1400, 1445, 2000, 2900, 3000])
_STATUSES = ("sent", "delivered", "read", "failed")
_KINDS = (
    "customer", "customer", "customer", "bot", "bot", "hsm", "hsm", "note", "started", "restart", "end", "end",
    "status", "edit", "delete", "react", "stored", "transfer", "ask", "answer", "annotate", "annotate", "history", "link", "profile",
)  # fmt: skip


def histories() -> st.SearchStrategy[tuple[tuple[Line, ...], list[int]]]:
    """Threads with their events, and an order in which to take turns."""
    return st.lists(steps(), min_size=1, max_size=40).map(_told)


def steps() -> st.SearchStrategy[tuple[Any, ...]]:
    """What happens next, and on which of the threads: the first of the tuple is its index."""
    return st.tuples(
        st.integers(0, 2),
        st.sampled_from(_KINDS),
        _MOMENTS,
        st.integers(0, 7),
        st.integers(0, 7),
        st.booleans(),
        st.sampled_from([0, 0, 0, 1, 4, 9]),
    )


def threads() -> tuple[Line, ...]:
    """Threads on which nothing has happened yet; two of them may turn out to be one person's."""
    return (
        Line("5511900000000", kind="phone"),
        Line("bsuid-1", kind="bsuid"),
        Line("visitor-1", kind="source", channel="webchat", address="site"),
    )


def tell(lines: tuple[Line, ...], taken: tuple[Any, ...]) -> None:
    """Tells a step on its thread."""
    index, kind, at, one, two, flag, delay = taken
    # Ids of two threads overlap on purpose: a linked thread may know what this one only names.
    step = _Step(f"m{index}-{one}", f"m{two % 2}-{two}", one, two, flag, {"at": at, "recorded": at + delay})
    _TELL[kind](lines[index], step)


def _told(taken: list[tuple[Any, ...]]) -> tuple[tuple[Line, ...], list[int]]:
    lines = threads()
    for step in taken:
        tell(lines, step)
    return lines, [step[0] for step in taken]


class _Step(NamedTuple):
    own: str
    other: str
    one: int
    two: int
    flag: bool
    when: dict[str, Any]

    @property
    def reply(self) -> dict[str, Any]:
        return {"reply": self.other} if self.flag else {}


def _customer(line: Line, step: _Step) -> None:
    contact = Contact(name=f"Ana {step.two}" if step.flag else None)
    answer: dict[str, Any] = {"evaluation": "e1"} if step.two == 3 else {}
    line.customer(step.own, contact=contact, **step.when, **step.reply, **answer)


def _bot(line: Line, step: _Step) -> None:
    chatbot = Chatbot(id=f"bot-{step.two % 3}", version=f"{step.two % 2}") if step.two > 3 else None
    line.sent(step.own, chatbot=chatbot, **step.when, **step.reply)


def _answer(line: Line, step: _Step) -> None:
    message_id = step.own if step.flag else None
    line.answered(f"e{step.one % 2}", score=step.two + 5, message_id=message_id, **step.when)


def _annotate(line: Line, step: _Step) -> None:
    value = None if step.two == 0 else step.flag or f"v{step.two}"
    message_id = step.other if step.two > 3 else None
    kind = "note" if step.one > 5 else "label"
    line.annotated(
        f"a{step.one % 3}", key=f"k{step.two % 2}", value=value, kind=kind, of_message=message_id, **step.when
    )


def _profile(line: Line, step: _Step) -> None:
    ids = (Identifier(kind="external", value=f"x{step.two % 2}"),)
    line.updated(step.when["at"], Contact(ids=ids, email=f"a{step.one}@example.com"))


_TELL: dict[str, Callable[[Line, _Step], object]] = {
    "customer": _customer,
    "bot": _bot,
    "hsm": lambda line, step: line.hsm(step.own, **step.when, **(step.reply if step.two == 5 else {})),
    "note": lambda line, step: line.sent(step.own, sender=HUMAN, visibility="internal", **step.when),
    "started": lambda line, step: line.started(reason="customer", **step.when),
    "restart": lambda line, step: line.started(reason="restart", **step.when),
    "end": lambda line, step: line.ended(**step.when),
    "status": lambda line, step: line.status(
        step.other, _STATUSES[step.one % 4], part=0 if step.flag else None, **step.when
    ),
    "edit": lambda line, step: line.edited(step.other, text=f"texto {step.one}", **step.when),
    "delete": lambda line, step: line.deleted(step.other, **step.when),
    "react": lambda line, step: line.reacted(step.other, emoji="👍" if step.flag else None, **step.when),
    "stored": lambda line, step: line.stored(step.other, **step.when),
    "transfer": lambda line, step: line.transferred(**step.when),
    "ask": lambda line, step: line.asked(f"e{step.one % 2}", **step.when),
    "answer": _answer,
    "annotate": _annotate,
    "history": lambda line, step: line.customer(
        step.own, provenance="history", picture=step.flag, **step.when
    ),
    "link": lambda line, step: line.linked(
        step.when["at"], ("bsuid", "bsuid-1"), ("external", f"x{step.one % 2}")
    ),
    "profile": _profile,
}
