"""Columns by name: what a statement is given follows from the names it uses."""

import pytest
from msgspec import Struct

from services.ingest.projection.conversations.load import SQL as CONVERSATIONS
from services.ingest.projection.conversations.state import CONVERSATION, RUNNING
from services.ingest.projection.table import Table, parameters


class Row(Struct):
    account_id: int
    name: str


TABLE: Table[Row] = Table.of("row", Row)


def test_values_come_in_the_order_that_is_asked_for() -> None:
    assert TABLE.columns == ("account_id", "name")
    assert TABLE.values(("name", "account_id"))(Row(7, "x")) == ("x", 7)


def test_a_column_that_the_table_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError):
        TABLE.values(("name", "nickname"))


def test_a_statement_names_the_arrays_it_wants() -> None:
    statement = (
        "UPDATE x SET a = now.a FROM unnest($1::integer[], $2::text[])\n  AS now (account_id,\n  name)"
    )
    assert parameters(statement) == ("account_id", "name")


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT unnest($1::integer[], $2::text[]) AS now (a)"])
def test_a_statement_with_unnamed_arrays_is_an_error(statement: str) -> None:
    with pytest.raises(ValueError, match="names"):
        parameters(statement)


def test_the_columns_that_every_message_changes_are_those_of_the_quick_statement() -> None:
    assert parameters(CONVERSATIONS["write_running_totals"]) == ("account_id", "conv_key", *RUNNING)


def test_a_known_conversation_is_given_every_column_that_can_change() -> None:
    fixed = {
        "conversation_id",
        "thread_key",
        "environment",
        "channel",
        "channel_address",
        "started_at",
        "opened_event_id",
        "opened_position",
        "imported",
        "previous_ended_at",
        "prelude_window_seconds",
    }
    assert set(parameters(CONVERSATIONS["change_conversations"])) == set(CONVERSATION.columns) - fixed
