"""JSON as columns keep it."""

import msgspec

_ENCODER = msgspec.json.Encoder()


def to_json(value: object) -> str:
    """Compact JSON text."""
    return _ENCODER.encode(value).decode()
