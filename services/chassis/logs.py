"""Log lines: JSON for machines, colour for a terminal, and never a customer's words, phone or address.

An event is a constant in snake_case, everything else is a field. The processors below are a net under that
habit: fields that could hold personal data are masked by their name, and texts we did not write ourselves
(messages of exceptions and of other libraries) are scrubbed of addresses and numbers.
"""

import json
import logging
import sys
import traceback
import unicodedata
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from services.chassis.masking import LONGEST_TEXT, MASK, is_personal, scrub


def configure_logging(level: str, fmt: str, service: str) -> None:
    """Sends every log line of this process, its libraries' included, to stdout.

    `level` is debug, info, warning or error; `fmt` is json, console or auto (console on a terminal);
    `service` becomes a field of every line.
    """
    console = fmt == "console" or (fmt == "auto" and sys.stdout.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service(service),
        describe_exception,
        mask_personal_fields,
        escape_controls,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty()) if console else render_json
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[name_foreign_event, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("asyncio", "aiokafka", "kafka", "faust", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def add_service(service: str) -> Processor:
    """A processor that says which process wrote the line."""

    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add


def name_foreign_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Turns a line of another library into ours: its text becomes `detail`, scrubbed, under one constant
    event.
    """
    record = event.get("_record")
    event["logger"] = record.name if isinstance(record, logging.LogRecord) else "unknown"
    event["detail"] = scrub(str(event.get("event", "")))
    event["event"] = "library_message"
    return event


def describe_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces `exc_info` by `error` (the type), `error_detail` (its message, scrubbed) and `stack` (places,
    no values).
    """
    given = event.pop("exc_info", None)
    error = _exception_of(given)
    if error is not None:
        event["error"] = type(error).__name__
        event["error_detail"] = scrub(_message_of(error))
        event["stack"] = _places(error)
    return event


def mask_personal_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks every field, at any depth, whose name says that it holds personal data or a secret."""
    return {key: _masked(key, value) for key, value in event.items()}


def escape_controls(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    r"""Writes control and direction characters of text fields as `\xNN`, so that no value can forge a line or
    a colour.
    """
    return {key: _escaped(value) for key, value in event.items()}


def render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """One line of ASCII JSON, time and event first; what JSON does not know is written with `str`."""
    first = {key: event.pop(key) for key in ("timestamp", "level", "event") if key in event}
    return json.dumps({**first, **event}, default=str, separators=(",", ":"))


def _masked(key: str, value: object) -> object:
    if is_personal(key):
        return MASK if value is not None else None
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", item) for item in value]
    return value


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        if value.isprintable():
            return value[:LONGEST_TEXT]
        return "".join(_escape(character) for character in value[:LONGEST_TEXT])
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value


def _escape(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        code = ord(character)
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    return character


def _exception_of(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _message_of(error: BaseException) -> str:
    """The first argument only: PostgreSQL's DETAIL, which quotes the offending row, is an attribute and stays
    out.
    """
    return str(error.args[0]) if error.args else ""


def _places(error: BaseException) -> list[str]:
    places: list[str] = []
    current: BaseException | None = error
    while current is not None and len(places) < 60:
        where: TracebackType | None = current.__traceback__
        frames = traceback.extract_tb(where)[-20:]
        places.append(type(current).__name__)
        places.extend(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        if isinstance(current, BaseExceptionGroup) and current.exceptions:
            current = current.exceptions[0]
        else:
            current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return places
