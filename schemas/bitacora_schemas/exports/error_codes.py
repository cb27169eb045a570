"""Why an export failed, or waits to be tried again: codes that stay what they are, since pages and clients know them."""

from collections.abc import Mapping
from typing import Literal, get_args

PermanentCode = Literal[
    "bad_spec", "not_permitted", "not_found", "too_large", "unprintable", "internal", "timeout", "worker_lost"
]
"""Trying again would fail again."""

PassingCode = Literal["timeout", "typesetting_killed", "database_unavailable", "store_unavailable"]
"""The same work may succeed later. `timeout` is in both: an attempt that is too long stays so, typesetting may not."""

ErrorCode = Literal[PermanentCode, PassingCode]

MEANINGS: Mapping[ErrorCode, str] = {
    "bad_spec": "the request cannot be read",
    "not_permitted": "the requester lost the right since asking",
    "not_found": "there is no such conversation",
    "too_large": "the text of the filter is in too many conversations",
    "unprintable": "the typesetter refused the document",
    "internal": "a fault of ours; the log has it",
    "timeout": "an attempt, or typesetting, took longer than allowed",
    "typesetting_killed": "the typesetter ran out of memory or was killed",
    "database_unavailable": "the database was away",
    "store_unavailable": "the store of files was away",
    "worker_lost": "five workers in a row vanished with it",
}

PERMANENT: frozenset[str] = frozenset(get_args(PermanentCode))
PASSING: frozenset[str] = frozenset(get_args(PassingCode))
