"""Random histories of a few linked and unlinked threads, small enough to fail readably."""

from typing import Any

from bitacora_schemas.events.blocks import Chatbot, Contact, Identifier
from hypothesis import strategies as st

from tests.support.scenarios import HUMAN, Line

_MOMENTS = st.sampled_from([0, 1, 2, 3, 5, 8, 12, 20, 40, 1400, 1445, 2000, 2900, 3000])
_STATUSES = ("sent", "delivered", "read", "failed")
_KINDS = (
    "customer", "customer", "customer", "bot", "bot", "hsm", "hsm", "note", "started", "restart", "end", "end",
    "status", "edit", "delete", "react", "stored", "transfer", "ask", "answer", "history", "link", "profile",
)  # fmt: skip


def histories() -> st.SearchStrategy[tuple[tuple[Line, ...], list[int]]]:
    """Threads with their events, and an order in which to take turns."""
    return st.lists(_steps(), min_size=1, max_size=40).map(_told)


def _steps() -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(
        st.integers(0, 2),
        st.sampled_from(_KINDS),
        _MOMENTS,
        st.integers(0, 7),
        st.integers(0, 7),
        st.booleans(),
        st.sampled_from([0, 0, 0, 1, 4, 9]),
    )


def _told(steps: list[tuple[Any, ...]]) -> tuple[tuple[Line, ...], list[int]]:
    lines = (
        Line("5511900000000", kind="phone"),
        Line("bsuid-1", kind="bsuid"),
        Line("visitor-1", kind="source", channel="webchat", address="site"),
    )
    for index, *step in steps:
        _tell(lines[index], index, *step)
    return lines, [step[0] for step in steps]


def _tell(line: Line, index: int, kind: str, at: int, one: int, two: int, flag: bool, delay: int) -> None:  # noqa: FBT001
    # Ids of two threads overlap on purpose: a linked thread may know what this one only names.
    own = f"m{index}-{one}"
    other = f"m{two % 2}-{two}"
    when: dict[str, Any] = {"at": at, "recorded": at + delay}
    reply = {"reply": other} if flag else {}
    if kind == "customer":
        contact = Contact(name=f"Ana {two}" if flag else None)
        line.customer(own, contact=contact, **when, **reply, **({"evaluation": "e1"} if two == 3 else {}))
    elif kind == "bot":
        line.sent(own, chatbot=Chatbot(id=f"bot-{two % 3}") if two > 3 else None, **when, **reply)
    elif kind == "hsm":
        line.hsm(own, **when, **(reply if two == 5 else {}))
    elif kind == "note":
        line.sent(own, sender=HUMAN, visibility="internal", **when)
    elif kind in ("started", "restart"):
        line.started(reason="restart" if kind == "restart" else "customer", **when)
    elif kind == "end":
        line.ended(**when)
    elif kind == "status":
        line.status(other, _STATUSES[one % 4], part=0 if flag else None, **when)
    elif kind == "edit":
        line.edited(other, text=f"texto {one}", **when)
    elif kind == "delete":
        line.deleted(other, **when)
    elif kind == "react":
        line.reacted(other, emoji="👍" if flag else None, **when)
    elif kind == "stored":
        line.stored(other, **when)
    elif kind == "transfer":
        line.transferred(**when)
    elif kind == "ask":
        line.asked(f"e{one % 2}", **when)
    elif kind == "answer":
        line.answered(f"e{one % 2}", score=two + 5, message_id=own if flag else None, **when)
    elif kind == "history":
        line.customer(own, provenance="history", picture=flag, **when)
    elif kind == "link":
        line.linked(at, ("bsuid", "bsuid-1"), ("external", f"x{one % 2}"))
    else:
        line.updated(
            at, Contact(ids=(Identifier(kind="external", value=f"x{two % 2}"),), email=f"a{one}@example.com")
        )
