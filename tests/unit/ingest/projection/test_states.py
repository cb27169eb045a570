"""What a batch changed is found by comparing with what was loaded."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.ingest.projection.states import RowsByMessage, States

KEY = UUID(int=1)


class State(Struct):
    number: int


class Row(Struct, frozen=True):
    text: str


def test_a_state_that_was_not_loaded_is_new_and_one_that_differs_has_changed() -> None:
    states: States[str, State] = States(replace)
    for name in ("same", "other"):
        states.load(name, State(1))
    states["other"].number = 2
    states["new"] = State(3)
    assert states.is_new("new")
    assert not states.is_new("same")
    assert states.new() == [State(3)]
    assert states.changed() == [State(2)]
    assert states.written() == [State(3), State(2)]


def test_a_state_that_was_changed_back_is_not_written() -> None:
    states: States[str, State] = States(replace)
    states.load("one", State(1))
    states["one"].number = 2
    states["one"].number = 1
    assert states.written() == []


def test_what_is_forgotten_was_never_loaded() -> None:
    states: States[str, State] = States(replace)
    states.load("one", State(1))
    states.forget()
    states["one"] = State(1)
    assert states.new() == [State(1)]


def test_rows_of_a_message_tell_what_was_added_changed_and_removed() -> None:
    rows: RowsByMessage[int, Row] = RowsByMessage()
    for index, text in enumerate(("same", "old", "gone")):
        rows.load(KEY, index, Row(text))
    of = rows.of(KEY)
    of[1] = Row("new")
    of[3] = Row("added")
    del of[2]
    assert list(rows.written()) == [(Row("new"), Row("old")), (Row("added"), None)]
    assert list(rows.removed()) == [Row("gone")]
