"""Why a record is refused: a closed set of names, with a detail that holds no personal data."""

from enum import StrEnum

import msgspec


class RefusalReason(StrEnum):
    """Every reason a record can have in the dead letters."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    UNSTORABLE_TEXT = "unstorable_text"
    BAD_ENVELOPE = "bad_envelope"
    UNKNOWN_ACCOUNT = "unknown_account"
    KEY_MISMATCH = "key_mismatch"
    BAD_DATA = "bad_data"
    UNSTORABLE_ROW = "unstorable_row"


REASON_MEANINGS: dict[RefusalReason, str] = {
    RefusalReason.NOT_UTF8: "The value is not UTF-8 text",
    RefusalReason.NOT_JSON: "The value is empty, not JSON, or nested deeper than 400 levels",
    RefusalReason.TOO_LARGE: "The record is over 256 KiB",
    RefusalReason.UNSTORABLE_TEXT: "A text holds U+0000 or a lone surrogate, which PostgreSQL cannot store",
    RefusalReason.BAD_ENVELOPE: "An attribute is missing, given twice, mistyped or outside its closed set",
    RefusalReason.UNKNOWN_ACCOUNT: "The account does not exist here, or may not use this topic",
    RefusalReason.KEY_MISMATCH: "Record key, partitionkey, subject and the thread in the data do not agree",
    RefusalReason.BAD_DATA: "The data does not fit its type: missing, mistyped or outside a closed set",
    RefusalReason.UNSTORABLE_ROW: "The database refused this record when tried alone",
}


class DecodeRefusal(Exception):  # noqa: N818 - a refusal is a decision with a name, not a fault
    """A record that is not an event of ours; `detail` names the place and the rule, never a value."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def safe_detail(error: msgspec.MsgspecError) -> str:
    """Return the decoder's message without the value that it may quote."""
    text = str(error)
    head, quote, rest = text.partition("'")
    if not quote:
        return text
    return f"{head.rstrip()} - at {rest.rpartition(' - at ')[2]}"
