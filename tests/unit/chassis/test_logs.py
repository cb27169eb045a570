import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import structlog

from services.chassis.logs import configure_logging
from services.chassis.masking import MASK, is_personal, scrub


class Lines:
    """What a process writes to its log while a test runs."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def raw(self) -> str:
        return self._stream.getvalue()

    @property
    def last(self) -> dict[str, Any]:
        return dict(json.loads(self.raw.splitlines()[-1]))


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """JSON logging into memory, undone afterwards."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stdout", stream)
    configure_logging("info", "json", "test")
    yield Lines(stream)
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def log() -> Any:
    return structlog.get_logger("somewhere")


def test_a_line_is_json_with_event_level_time_and_service(lines: Lines) -> None:
    log().info("record_refused", offset=7, reason="not_json")
    line = lines.last
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "record_refused",
        "level": "info",
        "service": "test",
        "offset": 7,
        "reason": "not_json",
    }


@pytest.mark.parametrize(
    "key",
    ["text", "plain_text", "phone", "email", "name", "value", "customer_phone", "q", "postgres_dsn", "Email"],
)
def test_personal_fields_are_masked_by_name_at_any_depth(lines: Lines, key: str) -> None:
    log().info("something", **{key: "María Souza"}, inner={"deep": [{key: "María Souza"}]})
    assert "Souza" not in lines.raw
    assert lines.last[key] == MASK
    assert lines.last["inner"]["deep"][0][key] == MASK


def test_ids_and_topics_are_not_masked(lines: Lines) -> None:
    fields = {"conversation_id": "c-1", "topic": "t", "account": "acme", "reason": "x", "signal": "SIGTERM"}
    log().info("something", **fields)
    assert {key: lines.last[key] for key in fields} == fields
    assert not any(is_personal(key) for key in fields)


def test_control_characters_cannot_forge_a_line_or_a_colour(lines: Lines) -> None:
    log().info("something", reason='x\n{"event":"forged"}\r\x1b[31m\u2028\u202e\x9b')
    assert len(lines.raw.splitlines()) == 1
    assert lines.last["reason"] == 'x\\x0a{"event":"forged"}\\x0d\\x1b[31m\\u2028\\u202e\\x9b'


def test_a_long_value_is_cut(lines: Lines) -> None:
    log().info("something", reason="x" * 100_000)
    assert len(lines.raw) < 9_000


def fail(error: Exception, cause: Exception | None = None) -> None:
    raise error from cause


def test_an_exception_is_told_by_type_place_and_scrubbed_message(lines: Lines) -> None:
    try:
        fail(ValueError("no user maria@example.com with +55 11 90000-0000"))
    except ValueError:
        log().exception("process_crashed")
    line = lines.last
    assert line["error"] == "ValueError"
    assert line["error_detail"] == f"no user {MASK} with {MASK}"
    assert any("test_logs.py" in place for place in line["stack"])


def test_the_row_that_postgresql_quotes_stays_out(lines: Lines) -> None:
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.detail = "Key (nickname)=(souza) already exists."
    log().error("write_failed", exc_info=error)
    assert "souza" not in lines.raw
    assert lines.last["error_detail"] == "duplicate key value violates unique constraint"


def test_the_cause_of_an_exception_is_told_too(lines: Lines) -> None:
    try:
        fail(RuntimeError("b"), KeyError("a"))
    except RuntimeError:
        log().exception("process_crashed")
    assert {"RuntimeError", "KeyError"} <= set(lines.last["stack"])


def test_lines_of_other_libraries_become_ours(lines: Lines) -> None:
    logging.getLogger("somelib").warning("cannot mail %s\nnext", "maria@example.com")
    line = lines.last
    assert (line["event"], line["logger"], line["level"]) == ("library_message", "somelib", "warning")
    assert line["detail"] == f"cannot mail {MASK}\\x0anext"


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    log().debug("something")
    logging.getLogger("somelib").debug("something")
    assert lines.raw == ""


def test_scrubbing_leaves_dates_offsets_and_short_numbers() -> None:
    text = "offset 1234567 of 192.168.100.200:9092 at 2026-03-01 10:00:00 took 0.123456789 s in v1.2.3"
    assert scrub(text) == text


@pytest.mark.parametrize(
    "phone", ["+5511900000000", "11 90000-0000", "(11) 90000-0000", "11.90000.0000", "5511900000000"]
)
def test_scrubbing_removes_phones_in_any_spelling(phone: str) -> None:
    assert "0000" not in scrub(f"no contact {phone}, sorry")


def test_scrubbing_removes_the_password_of_an_address() -> None:
    assert scrub("cannot reach postgresql://user:pw@db.example.com/x") == (
        f"cannot reach postgresql://{MASK}@db.example.com/x"
    )
