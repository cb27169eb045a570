"""Reading records from lines of JSON: canonical events with gaps to fill, or raw records to send as they are."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bitacora_producer.compose import complete, rfc3339
from bitacora_producer.errors import InvalidEventError
from bitacora_producer.record import Header, Record

_NEEDED = ("type", "accountid", "connectionid", "environment")


class Defaults(NamedTuple):
    """What an event says that does not say it itself."""

    account: str | None = None
    connection: str | None = None
    environment: str = "production"


def event_record(line: str | bytes, topic: str, defaults: Defaults, now: datetime) -> Record:
    """Return the record of a canonical event; id, key and times are filled where absent.

    Without `time` it is `recordedtime` (else `now`) and marked as received. InvalidEventError for what ingest
    would refuse.
    """
    event = _object(line)
    data = event.pop("data", None)
    if not isinstance(data, dict):
        raise InvalidEventError("bad_envelope", "data is missing or no object")
    event.setdefault("accountid", defaults.account)
    event.setdefault("connectionid", defaults.connection)
    event.setdefault("environment", defaults.environment)
    for name in _NEEDED:
        if not isinstance(event.get(name), str):
            raise InvalidEventError("bad_envelope", f"{name} is missing or no text")
    event.setdefault("recordedtime", rfc3339(now))
    if "time" not in event:
        data.setdefault("time_quality", "received")
    return complete(topic, event, data)


def raw_record(line: str | bytes, topic: str) -> Record:
    """Return a record exactly as the line says: `{key, value | value_base64, headers}`, each of them optional.

    A `value` that is no text is sent as compact JSON; null or none is a record without value. `key_base64` is
    for keys that are no text. Headers are an object, or a list of pairs. InvalidEventError for any other line.
    """
    parts = _object(line)
    return Record(topic, _bytes_of(parts, "key"), _bytes_of(parts, "value"), _headers(parts), None)


def _object(line: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise InvalidEventError("not_json", "the line is not JSON") from None
    if not isinstance(found, dict):
        raise InvalidEventError("bad_envelope", "the line is no object")
    return found


def _bytes_of(parts: Mapping[str, Any], name: str) -> bytes | None:
    encoded = parts.get(f"{name}_base64")
    if encoded is not None:
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise InvalidEventError("not_json", f"{name}_base64 is not base64") from None
    return _encoded(parts.get(name))


def _encoded(value: Any) -> bytes | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate is sent as the bytes it stands for: sending bad records is what this is for.
    return text.encode("utf-8", "surrogatepass")


def _headers(parts: Mapping[str, Any]) -> tuple[Header, ...]:
    given = parts.get("headers") or {}
    pairs = given.items() if isinstance(given, dict) else given
    try:
        return tuple((str(name), _encoded(value) or b"") for name, value in pairs)
    except (TypeError, ValueError):
        raise InvalidEventError("not_json", "headers are no object and no list of pairs") from None
